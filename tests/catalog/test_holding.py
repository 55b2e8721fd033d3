"""What errors of the files hold back: what they govern, and the next larger thing where that is not clear."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner.catalog import holding
from provisioner.catalog.held import Held
from provisioner.commands import fleet
from provisioner.kinds import holding as kinds_holding
from provisioner.kinds.topic import TOPICS

PROD = "clusters:\n  prod: {bootstrap: 'k:9092', default: true}\n"
FINE = "topics:\n  - name: a\n    dead_letter: a.dlq\n  - name: b\nconsumers:\n  - {topic: other, group: g}\n"
OTHER = "topics:\n  - name: other\n"


def held(
    folder: Path, orders: str | bytes = FINE, team: str = "chat: '#x'\n", clusters: str = PROD, **more: str
) -> Held:
    """Team pay as told, team else with the topic `other`; `more`: files of team pay by name, `__` for a dot."""
    raw = orders if isinstance(orders, bytes) else orders.encode()
    files = {"clusters.yaml": clusters, "pay/team.yaml": team, "else/team.yaml": "{}\n", "else/t.yaml": OTHER}
    files |= {f"pay/{name.replace('__', '.')}": text for name, text in more.items()}
    for name, text in {**{name: text.encode() for name, text in files.items()}, "pay/orders.yaml": raw}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text)
    found = fleet.read(folder)
    return holding.held(found.problems, found.declarations)


def test_nothing_is_held_back_where_nothing_is_wrong(tmp_path: Path) -> None:
    assert held(tmp_path) == Held()


def test_a_warning_holds_back_nothing(tmp_path: Path) -> None:
    """A chat without # is one."""
    assert held(tmp_path, team="chat: pay\n") == Held()


@pytest.mark.parametrize(
    ("orders", "topics", "hidden"),
    [
        (FINE.replace("dead_letter: a.dlq", "dead_letter: a.dlq\n    partitions: x"), {"a", "a.dlq"}, False),
        (FINE.replace("dead_letter: a.dlq", "dead_leter: a.dlq"), {"a", "a.dlq"}, False),
        (FINE.replace("dead_letter: a.dlq", "dead_letter: {nme: a.dlq}"), {"a"}, True),
        (FINE.replace("dead_letter: a.dlq", "dead_letter: other\n    partitions: x"), {"a"}, False),
        (FINE.replace("- name: b", "- name: b\n    lag: soon"), {"b"}, False),
        (FINE.replace("- name: b", "- nmae: b"), {"b"}, True),
        (FINE.replace("- name: b", "- name: b\n    name: c"), set(), True),
        (FINE.replace("- name: b", "- b"), {"b"}, False),
        (FINE.replace("- name: b", "- name: b\n    clusters: [pord]"), {"b"}, False),
        (FINE.replace("- name: b", "- name: a"), {"a", "a.dlq"}, False),
        (FINE.replace("- name: b", "- name: other"), {"other"}, False),
        (FINE + "topcis:\n  - name: c\n", {"a", "a.dlq", "b"}, True),
        (FINE + "topics: []\n", {"a", "a.dlq", "b"}, True),
        (FINE + "  - [\n", set(), True),
        (FINE.encode() + b"# \xff\n", set(), True),
        ("topics: {a: 1}\n", set(), True),
        ("", set(), True),
    ],
)
def test_an_error_of_a_topic_holds_back_its_names(
    tmp_path: Path, orders: str | bytes, topics: set[str], hidden: bool
) -> None:
    """Those of its entry, or of its file; and any name that no file has where one may not have been read."""
    found = held(tmp_path, orders)
    assert set(found.topics) == topics
    assert (found.hidden is not None) is hidden
    assert (found.teams, found.clusters, found.run) == ({}, {}, None)


@pytest.mark.parametrize(
    ("consumer", "watched", "parts"),
    [
        ("{topic: other, group: g, lag: 5}", {"other"}, False),
        ("{topic: other, group: g, clusters: [pord]}", {"other"}, False),
        ("{topic: oter, group: g}", {"oter"}, True),
        ("{topc: other, group: g}", set(), True),
        ("other", set(), True),
    ],
)
def test_an_error_of_a_consumer_holds_back_what_is_derived(
    tmp_path: Path, consumer: str, watched: set[str], parts: bool
) -> None:
    """The topic goes on; where it is not known which topic that is, none loses an alert."""
    found = held(tmp_path, FINE.replace("{topic: other, group: g}", consumer))
    assert (set(found.watched), set(found.topics)) == (watched, set())
    assert (found.parts is not None, found.hidden) == (parts, None)


def test_a_dead_letter_topic_with_an_entry_of_its_own_goes_on(tmp_path: Path) -> None:
    """Its source's error holds back its alerts."""
    found = held(tmp_path, FINE.replace("dead_letter: a.dlq", "dead_letter: other\n    partitions: x"))
    assert (set(found.topics), set(found.watched)) == ({"a"}, {"other"})


@pytest.mark.parametrize("team", ["caht: x\n", "chat: [\n", "- x\n"])
def test_an_error_of_a_team_holds_back_its_topics_and_what_it_reads(tmp_path: Path, team: str) -> None:
    """Whatever the error is."""
    found = held(tmp_path, team=team)
    assert (set(found.teams), set(found.topics), set(found.watched)) == ({"pay"}, {"a", "a.dlq", "b"}, {"other"})
    assert found.hidden is None


def test_a_team_without_its_file_is_held_back(tmp_path: Path) -> None:
    """Nobody knows whom its alerts call."""
    held(tmp_path)
    (tmp_path / "pay/team.yaml").unlink()
    found = fleet.read(tmp_path)
    assert set(holding.held(found.problems, found.declarations).teams) == {"pay"}


@pytest.mark.parametrize(
    ("clusters", "names"),
    [
        (PROD + "  other: {bootstrap: 'l:9092', kafka: x}\n", {"other"}),
        (PROD + "  other: {bootstrap: l}\n", {"other"}),
        (PROD + "  other:\n", {"other"}),
        (PROD + "  o/o: {bootstrap: 'l:9092'}\n", {"o/o"}),
        (PROD + "  other: {bootstrap: 'l:9092', default: true}\n", {"prod", "other"}),
        (PROD.replace("}", ", cluster_id: x}") + "  other: {bootstrap: 'l:9092', cluster_id: x}\n", {"prod", "other"}),
    ],
)
def test_an_error_of_a_cluster_holds_back_that_cluster(tmp_path: Path, clusters: str, names: set[str]) -> None:
    """And two that are wrong together."""
    found = held(tmp_path, clusters=clusters)
    assert (set(found.clusters), found.run, set(found.topics)) == (names, None, set())


@pytest.mark.parametrize(
    "clusters",
    [
        PROD + "severites: [page]\n",
        PROD + "repository: [x]\n",
        PROD + "  prod: {bootstrap: 'l:9092'}\n",
        PROD + "  other: [\n",
        "clusters: []\n",
        "clusters:\n  <<: {a: b}\n  prod: {bootstrap: 'k:9092'}\n",
    ],
)
def test_an_error_above_the_clusters_holds_back_everything(tmp_path: Path, clusters: str) -> None:
    """Nobody knows which clusters there are, or who we are."""
    assert held(tmp_path, clusters=clusters).run is not None


def test_a_file_that_is_not_read_may_have_any_name(tmp_path: Path) -> None:
    """Its text is not at hand."""
    found = held(tmp_path, more__yml="topics: []\n")
    assert found.hidden is not None
    assert found.mentions("anything")
    assert found.topics == {}


def test_the_text_of_an_unreadable_file_tells_which_names_it_may_have(tmp_path: Path) -> None:
    """Unless names may be written otherwise in it."""
    found = held(tmp_path, FINE + "  - [\n")
    assert (found.mentions("a.dlq"), found.mentions("c")) == (True, False)
    assert held(tmp_path, FINE + '  - ["\\x63"\n').mentions("c")


def test_more_errors_than_are_told_hold_back_the_whole_file(tmp_path: Path) -> None:
    """Those that nobody lists have places, too."""
    entries = "".join(f"  - {{name: t{n}, partitions: x}}\n" for n in range(300))
    found = held(tmp_path, "topics:\n" + entries)
    assert set(found.topics) == {f"t{n}" for n in range(300)}


def test_each_error_says_what_it_holds_back(tmp_path: Path) -> None:
    """Both declarations of a collision."""
    found = held(tmp_path, FINE.replace("- name: b", "- name: a_dlq"))
    assert list(found.words.values()) == ["topics 'a', 'a.dlq' and topic 'a_dlq'"]


def test_no_consumer_is_blamed_for_a_topic_of_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """Its team has done nothing wrong."""
    files = {"more__yaml": "consumers:\n  - {topic: b, group: g}\n"}
    found = held(tmp_path, FINE + "  - [\n", **files)
    assert {problem.check for problem in found.words} == {"yaml/syntax"}


def test_no_consumer_is_blamed_beside_a_file_of_its_team_that_nobody_could_read(tmp_path: Path) -> None:
    """Another team's is told that the topic may stand there."""
    (tmp_path / "pay").mkdir()
    (tmp_path / "pay" / "unread.yaml").symlink_to("orders.yaml")
    files = {"more__yaml": "consumers:\n  - {topic: unknown, group: g}\n"}
    found = held(tmp_path, FINE, **files)
    assert {problem.check for problem in found.words} == {"files/link"}
    (tmp_path / "else" / "readers.yaml").write_text("consumers:\n  - {topic: unknown, group: g}\n")
    (blamed,) = (each for each in held(tmp_path, FINE).words if each.check == "consumers/unknown-topic")
    assert blamed.message == "there is no topic 'unknown' in these files, as far as they can be read"
    assert "it stands in" in blamed.hint
    assert "pay/unread.yaml, which cannot be read: mend that first" in blamed.hint


def test_a_name_is_laid_to_the_file_whose_text_has_it(tmp_path: Path) -> None:
    """One that no text has, to a file of which there is none: not to the first that is broken."""
    (tmp_path / "pay").mkdir()
    (tmp_path / "pay" / "unread.yaml").symlink_to("orders.yaml")
    found = held(tmp_path, "topics: [\n  - name: a\n", more__yaml="topics: [\n  - name: c\n")
    unread = kinds_holding.unread(TOPICS, found)
    told = {name: problem.span.path for name in ("a", "c", "z") if (problem := unread.of(name))}
    assert {name: Path(path).name for name, path in told.items()} == {
        "a": "orders.yaml",
        "c": "more.yaml",
        "z": "unread.yaml",
    }


@pytest.mark.parametrize(
    ("defaults", "own"),
    [
        ("lag: 30m", "config: {retention.ms: 10m}"),
        ("config: {min.compaction.lag.ms: 2h}", "config: {max.compaction.lag.ms: 1h}"),
        ("config: {min.insync.replicas: 2}", "replication_factor: 2\n    allow: {low-replication: 2}"),
    ],
)
def test_a_default_that_is_wrong_for_one_topic_holds_back_that_topic(tmp_path: Path, defaults: str, own: str) -> None:
    """What all teams share is not wrong for the value of one."""
    clusters = "clusters:\n  prod:\n    bootstrap: k:9092\n    defaults: {" + defaults + "}\n"
    found = held(tmp_path, FINE.replace("- name: b", f"- name: b\n    {own}"), clusters=clusters)
    assert (set(found.topics), found.clusters, found.run) == ({"b"}, {}, None)


def test_a_default_that_is_wrong_for_all_holds_back_all_of_them(tmp_path: Path) -> None:
    """However many: what stands behind the first 200 of a file is held back, too."""
    clusters = PROD.replace("default: true", "defaults: {replication_factor: 1}")
    entries = "".join(f"  - {{name: t{n}}}\n" for n in range(300)) + "  - {name: fine, replication_factor: 3}\n"
    found = held(tmp_path, "topics:\n" + entries, clusters=clusters)
    assert set(found.topics) == {f"t{n}" for n in range(300)} | {"other"}
    assert found.run is None
    assert any(words.endswith(" more") for words in found.words.values())
