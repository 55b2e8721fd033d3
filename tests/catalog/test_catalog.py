"""Merging: who wins, and what a dead letter topic or a consumer inherits."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner.catalog import catalog, folder
from provisioner.catalog.model import Catalog, Origin, Presence, Topic
from provisioner.catalog.units import Duration

CLUSTERS = """
clusters:
  prod:
    default: true
    bootstrap: kafka:9092
    defaults: {partitions: 6, config: {retention.ms: 7d, segment.ms: 1d}}
  staging: {bootstrap: "kafka:9093"}
"""
TEAM = "chat: '#pay'\nseverity: page\ndefaults: {config: {retention.ms: 3d}}\n"


def made(tmp_path: Path, entries: str, team: str = TEAM) -> dict[str, Catalog]:
    (tmp_path / "pay").mkdir()
    (tmp_path / "clusters.yaml").write_text(CLUSTERS)
    (tmp_path / "pay/team.yaml").write_text(team)
    (tmp_path / "pay/orders.yaml").write_text(entries)
    declarations = folder.read(tmp_path)
    assert declarations.problems == []
    catalogs, problems = catalog.catalogs(declarations)
    assert problems == []
    return catalogs


def prod(tmp_path: Path, entries: str) -> dict[str, Topic]:
    return dict(made(tmp_path, entries)["prod"].topics)


def test_the_nearest_level_wins_key_by_key(tmp_path: Path) -> None:
    """built-in < cluster < team < topic < overrides; configs merge by key."""
    entries = "topics:\n  - name: a\n    config: {segment.ms: 2d}\n    overrides: {prod: {partitions: 9}}\n"
    topic = prod(tmp_path, entries)["a"]
    assert (topic.partitions.value, topic.partitions.origin) == (9, Origin.OVERRIDE)
    assert (topic.replication_factor.value, topic.replication_factor.origin) == (3, Origin.BUILT_IN)
    config = {key: (setting.value, setting.origin) for key, setting in topic.config.items()}
    assert config == {"retention.ms": ("259200000", Origin.TEAM), "segment.ms": ("172800000", Origin.TOPIC)}


def test_every_value_knows_its_place(tmp_path: Path) -> None:
    """File, line and column, also of a default."""
    topic = prod(tmp_path, "topics:\n  - name: a\n    config: {segment.ms: 2d}\n")["a"]
    assert str(topic.config["segment.ms"].span).endswith("orders.yaml:3:14")
    assert str(topic.config["retention.ms"].span).endswith("team.yaml:3:21")


def test_topics_without_clusters_live_on_the_default_one(tmp_path: Path) -> None:
    """And others where they say."""
    catalogs = made(tmp_path, "topics:\n  - name: a\n  - {name: b, clusters: [staging]}\n")
    assert [list(each.topics) for each in catalogs.values()] == [["a"], ["b"]]


def test_a_dead_letter_topic_takes_the_defaults_not_its_source(tmp_path: Path) -> None:
    """It is a topic of its own, marked with what it serves."""
    entries = "topics:\n  - name: a\n    partitions: 30\n    config: {segment.ms: 2d}\n    dead_letter: a.dlq\n"
    topics = prod(tmp_path, entries)
    assert topics["a"].dead_letter == "a.dlq"
    assert topics["a.dlq"].dead_letter_of == "a"
    assert topics["a.dlq"].partitions.value == 6
    assert topics["a.dlq"].config["segment.ms"].value == "86400000"


def test_a_dead_letter_topic_that_is_declared_itself_stays_as_declared(tmp_path: Path) -> None:
    """Naming it elsewhere does not declare it twice."""
    topics = prod(tmp_path, "topics:\n  - {name: a, dead_letter: b}\n  - {name: b, partitions: 2}\n")
    assert (topics["b"].partitions.value, topics["b"].dead_letter_of) == (2, "a")


def test_a_consumer_hangs_on_its_topic_with_the_topics_lag_and_its_teams_severity(tmp_path: Path) -> None:
    """Unless it says otherwise."""
    entries = (
        "topics:\n  - {name: a, lag: 20m}\n"
        "consumers:\n  - {topic: a, group: one}\n  - {topic: a, group: two, lag: 5m, severity: ticket}\n"
        "  - {topic: a, group: three, lag: none}\n"
    )
    one, two, three = prod(tmp_path, entries)["a"].consumers
    assert (one.lag, one.severity, one.team.name) == (Duration(1200), "page", "pay")
    assert (two.lag, two.severity) == (Duration(300), "ticket")
    assert three.lag is None


@pytest.mark.parametrize(("written", "slack"), [("true", 1), ("false", 0), ("1", 1), ("5", 5), ("1000000", 1_000_000)])
def test_a_transactional_consumer_has_a_slack_of_one_offset_or_as_many_as_it_names(
    written: str, slack: int, tmp_path: Path
) -> None:
    """Left out there is none."""
    readers = f"  - {{topic: a, group: g, transactional: {written}}}\n  - {{topic: a, group: h}}\n"
    own, other = prod(tmp_path, f"topics:\n  - {{name: a}}\nconsumers:\n{readers}")["a"].consumers
    assert (own.slack, other.slack) == (slack, 0)


def test_consents_are_kept_with_their_values(tmp_path: Path) -> None:
    """As text, whatever YAML made of them."""
    topic = prod(tmp_path, "topics:\n  - name: a\n    state: absent\n    allow: {more-partitions: 12}\n")["a"]
    assert topic.state is Presence.ABSENT
    assert [(consent.slug, consent.value) for consent in topic.consents] == [("more-partitions", "12")]
