"""Files that two versions of a folder have alike are parsed and merged once, and nothing comes out otherwise."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import assume, event, given, settings

from provisioner.catalog import beside, catalog, folder
from provisioner.catalog.entries import Declarations
from provisioner.catalog.known import Known
from provisioner.catalog.touched import touched
from provisioner.problem import Severity
from tests.fleets import Fleet, pairs, write


def test_a_file_with_the_same_bytes_is_parsed_once_and_its_places_are_its_own(tmp_path: Path) -> None:
    """The very values are shared; a message about the base says COMMIT:PATH."""
    fleet: Fleet = {"clusters.yaml": {"clusters": {}}, "pay/team.yaml": {"chat": "#us"}, "pay/a.yaml": _topics("a")}
    now = folder.read(write(tmp_path / "now", fleet), lenient=True)
    then = _then(write(tmp_path / "then", fleet), now)
    assert then.topics[0].value is now.topics[0].value
    assert str(then.topics[0].span("name")) == "45d0c32:topics/pay/a.yaml:1:22"
    assert then.teams["pay"].value is now.teams["pay"].value
    assert then.sources.keys() == {f"45d0c32:topics/{path}" for path in fleet}


def test_another_byte_is_another_file(tmp_path: Path) -> None:
    """So is the same content in another team's folder."""
    now = folder.read(write(tmp_path / "now", {"pay/a.yaml": _topics("a"), "pay/b.yaml": _topics("b")}), lenient=True)
    then = _then(write(tmp_path / "then", {"pay/a.yaml": _topics("c"), "ads/b.yaml": _topics("b")}), now)
    assert [(topic.value.name, topic.team) for topic in then.topics] == [("b", "ads"), ("c", "pay")]
    assert not {id(topic.value) for topic in then.topics} & {id(topic.value) for topic in now.topics}


def test_a_file_that_is_wrong_is_read_again(tmp_path: Path) -> None:
    """Today its readable half counts, at the base it does not."""
    fleet: Fleet = {"pay/a.yaml": {"topics": [{"name": "a", "partitions": "many"}]}}
    now = folder.read(write(tmp_path / "now", fleet), lenient=True)
    then = _then(write(tmp_path / "then", fleet), now)
    assert (len(now.topics), len(then.topics)) == (1, 0)
    assert [problem.check for problem in then.problems][:1] == ["schema/value"]


def _topics(name: str) -> Any:
    return {"topics": [{"name": name}]}


def _then(path: Path, now: Declarations | None = None) -> Declarations:
    return folder.read(path, called="45d0c32:topics", known=Known(now) if now else None)


@settings(max_examples=150, deadline=None)
@given(pairs())
def test_what_is_shared_is_what_would_have_been_read_and_merged(both: tuple[Fleet, Fleet]) -> None:
    """To the last place; and what counts as alike is alike."""
    with tempfile.TemporaryDirectory() as scratch:
        now = folder.read(write(Path(scratch) / "now", both[1]), lenient=True)
        path = write(Path(scratch) / "then", both[0])
        shared, alone = _then(path, now), _then(path)
    today, unfit = catalog.catalogs(now)
    assume(not any(problem.severity is Severity.ERROR for problem in (*now.problems, *unfit)))
    assert (shared.sources, shared.names, shared.problems) == (alone.sources, alone.names, alone.problems)
    expected, wrong = catalog.catalogs(alone)
    found, left = beside.catalogs(shared, now, today)
    event(f"shared: {any(each.alike for each in found.values())}")
    assert {name: dict(each.topics) for name, each in found.items()} == {
        name: dict(each.topics) for name, each in expected.items()
    }
    assert [each.cluster for each in found.values()] == [each.cluster for each in expected.values()]
    assert {str(problem) for problem in left} == {str(problem) for problem in wrong}


def test_a_changed_team_file_touches_the_teams_topics_and_what_it_reads(tmp_path: Path) -> None:
    """And dead letters with their topics; nothing of the other teams."""
    fleet: Fleet = {
        "clusters.yaml": {"clusters": {"prod": {"bootstrap": "kafka:9092"}}},
        "pay/team.yaml": {"chat": "#pay"},
        "pay/a.yaml": {"topics": [{"name": "a", "dead_letter": "a.dlq"}], "consumers": [{"topic": "b", "group": "g"}]},
        "ads/team.yaml": {"chat": "#ads"},
        "ads/a.yaml": {"topics": [{"name": "b"}, {"name": "c"}]},
    }
    then = folder.read(write(tmp_path / "then", fleet))
    now = folder.read(write(tmp_path / "now", {**fleet, "pay/team.yaml": {"chat": "#us"}}), lenient=True)
    assert touched(now, then) == {"a", "a.dlq", "b"}


def test_a_changed_default_of_a_cluster_touches_everything(tmp_path: Path) -> None:
    """Its layout does not."""
    fleet: Fleet = {"clusters.yaml": {"clusters": {"prod": {"bootstrap": "kafka:9092"}}}}
    then = folder.read(write(tmp_path / "then", fleet))
    path = write(tmp_path / "now", fleet)
    (path / "clusters.yaml").write_text("# the only one\nclusters:\n  prod:\n    bootstrap: kafka:9092\n", "utf-8")
    assert touched(folder.read(path), then) == frozenset()
    (path / "clusters.yaml").write_text("clusters: {prod: {bootstrap: kafka:9092, defaults: {partitions: 6}}}", "utf-8")
    assert touched(folder.read(path), then) is None
