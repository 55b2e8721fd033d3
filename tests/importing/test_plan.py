"""What is imported: whatever the checks say of the entries decides, and no check is known by heart."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from provisioner import checks
from provisioner.catalog import catalog as catalogs
from provisioner.catalog import folder
from provisioner.catalog.model import Catalog, Presence, Span, Topic
from provisioner.catalog.units import Duration
from provisioner.checks.context import each_cluster
from provisioner.importing import yaml_text
from provisioner.importing.candidate import candidate
from provisioner.importing.context import ImportContext
from provisioner.importing.entry import TopicEntry
from provisioner.importing.existing_topic import ExistingTopic
from provisioner.importing.plan import ImportPlan, plan
from provisioner.problem import Problem

CLUSTERS = """
clusters:
  prod:
    bootstrap: kafka:9092
    defaults: {partitions: 6, config: {min.insync.replicas: 2, retention.ms: 7d}, allow: {low-replication: 2}}
"""


def read(entries: str, clusters: str = CLUSTERS) -> tuple[Catalog, ImportContext]:
    """The catalog of a folder with these entries of team pay, and the context of one without them."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        (root / "clusters.yaml").write_text(clusters)
        (root / "pay").mkdir()
        (root / "pay/team.yaml").write_text('defaults: {config: {retention.ms: 3d}, lag: 5m}\nchat: "#pay"\n')
        (root / "pay/topics.yaml").write_text(entries)
        declarations = folder.read(root)
    by_cluster, problems = catalogs.catalogs(declarations)
    assert [*declarations.problems, *problems] == []
    return by_cluster["prod"], ImportContext(by_cluster["prod"].cluster, catalogs.bare(declarations, "prod", "pay"))


def planned(*topics: ExistingTopic, clusters: str = CLUSTERS, **declared: Topic) -> ImportPlan:
    _, context = read("topics: []\n", clusters)
    return plan(topics, replace(context, declared=declared), new_team=False)


def live(name: str, copies: int = 3, **config: str) -> ExistingTopic:
    values = {"retention.ms": "259200000", "min.insync.replicas": "2"}
    return ExistingTopic(name, 6, copies, copies, {**values, **{key.replace("_", "."): config[key] for key in config}})


ENTRIES = [
    TopicEntry("a"),
    TopicEntry("b", Presence.EXTERNAL),
    TopicEntry("c", partitions=7, replication_factor=2, config={"retention.ms": "1000"}, lag="none"),
    TopicEntry("d", config={"segment.bytes": "1048576"}, lag=Duration(60), allow={"metric-collision": "a"}),
]


def placeless(topic: Topic) -> Any:
    """The topic without where its values stand."""
    nowhere = Span("")
    numbers = {name: replace(getattr(topic, name), span=nowhere) for name in ("partitions", "replication_factor")}
    config = {key: replace(setting, span=nowhere) for key, setting in topic.config.items()}
    consents = tuple(replace(consent, span=nowhere) for consent in topic.consents)
    return replace(topic, span=nowhere, lag_span=nowhere, config=config, consents=consents, **numbers)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_a_candidate_is_what_the_catalog_makes_of_the_entry(entry: TopicEntry) -> None:
    """Else the checks would look at another topic than the one that is written."""
    catalog, context = read(yaml_text.topics([entry]))
    assert placeless(candidate(entry, context)) == placeless(catalog.topics[entry.name])


def refusing(name: str, consent: tuple[str, str] | None) -> checks.Check:
    @each_cluster
    def check(catalog: Catalog) -> Iterator[Problem]:
        for topic in catalog.topics.values():
            if topic.name == name and not any((given.slug, given.value) == consent for given in topic.consents):
                yield Problem("odd/name", f"topic {name} is odd", topic.span, consent=consent)

    return check


def test_a_topic_that_a_check_refuses_is_left_out_with_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any check, also one that is new: nothing is written that validate would refuse."""
    monkeypatch.setattr(checks, "CHECKS", (*checks.CHECKS, refusing("odd", None)))
    done = planned(live("odd"), live("sound"))
    assert list(done.entries) == ["sound"]
    assert done.left_out["odd"].startswith("topic odd is odd: declare it by hand with state: external")


def test_what_a_consent_accepts_is_accepted_in_the_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The problem itself says by which consent, in the order of words."""
    monkeypatch.setattr(checks, "CHECKS", (*checks.CHECKS, refusing("odd", ("too-many-partitions", "7"))))
    done = planned(live("odd", copies=1))
    assert list(done.entries["odd"].allow.items()) == [
        ("low-replication", "1"),
        ("min-insync-replicas", "2"),
        ("too-many-partitions", "7"),
    ]


def test_what_a_default_accepts_needs_no_word_of_the_entry() -> None:
    """The cluster's defaults accept two replicas."""
    done = planned(live("two", copies=2, min_insync_replicas="1"))
    assert dict(done.entries["two"].allow) == {}


def test_a_problem_in_the_defaults_is_answered_in_each_entry() -> None:
    """A default stands in one place; each topic that has its value is answered in its own entry."""
    clusters = CLUSTERS.replace("partitions: 6", "partitions: 6, replication_factor: 1")
    done = planned(live("a", copies=1), live("b", copies=1), clusters=clusters)
    assert [entry.allow["low-replication"] for entry in done.entries.values()] == ["1", "1"]


def test_names_collide_with_what_is_declared_and_with_each_other() -> None:
    """The one that is declared needs no consent, each new one names it."""
    catalog, _ = read("topics: [{name: a.b.c}]\n")
    done = planned(live("a_b.c"), live("a.b_c"), **catalog.topics)
    assert [entry.allow for entry in done.entries.values()] == [{"metric-collision": "a.b.c"}] * 2


def test_a_topic_that_is_left_out_collides_with_nobody() -> None:
    """A consent to a topic that no file names would accept nothing."""
    clusters = CLUSTERS.replace("retention.ms: 7d", "retention.ms: 7d, max.compaction.lag.ms: 1000")
    done = planned(live("a.b", min_compaction_lag_ms="2000"), live("a_b"), clusters=clusters)
    assert (list(done.entries), list(done.left_out)) == (["a_b"], ["a.b"])
    assert done.entries["a_b"].allow == {}


def test_a_threshold_is_the_nearest_that_the_checks_take() -> None:
    """Half of a short retention; none where that cannot be measured; the default wherever it fits."""
    done = planned(live("hour"), live("minutes", retention_ms="240000"), live("seconds", retention_ms="10000"))
    assert {name: entry.lag for name, entry in done.entries.items()} == {
        "hour": None,
        "minutes": Duration(120),
        "seconds": "none",
    }
    assert "too short to measure a lag" in done.entries["seconds"].comments[0]


def test_a_default_threshold_that_is_too_short_and_too_long_gets_one_answer() -> None:
    """Below four scrapes, and above half of the retention."""
    _, context = read("topics: []\n")
    brief = replace(context, defaults=replace(context.defaults, lag=Duration(60)))
    entry = plan([live("seconds", retention_ms="10000"), live("x")], brief, new_team=False).entries["seconds"]
    assert (entry.lag, len(entry.comments)) == ("none", 1)


def test_retention_of_the_defaults_says_nothing_of_a_topic_that_others_keep() -> None:
    """It is watched with the default threshold: what its records live by is not in our files."""
    _, context = read("topics: []\n")
    short = replace(context.defaults.config["retention.ms"], value="240000")
    brief = replace(context, defaults=replace(context.defaults, config={"retention.ms": short}))
    done = plan([live("x-changelog")], brief, new_team=False)
    assert done.entries["x-changelog"] == TopicEntry("x-changelog", Presence.EXTERNAL)
