"""Which clusters, topics and groups `lag` asks about, whom it tells of, and what it does where one does not answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import pytest

from provisioner import cli, opening
from provisioner.errors import RefusedError, UnreachableError
from provisioner.lag.reading import Committed, Group, Log, Reading
from tests.fleets import Fleet, write

FILES: Fleet = {
    "clusters.yaml": {
        "clusters": {
            "prod": {"bootstrap": "a:1", "default": True},
            "far": {"bootstrap": "b:1"},
            "old": {"bootstrap": "c:1", "state": "retired"},
        }
    },
    "pay/team.yaml": {"chat": "#pay"},
    "pay/t.yaml": {"topics": [{"name": "a.v1", "clusters": ["prod", "far", "old"]}, {"name": "b.v1"}]},
    "pay/gone.yaml": {"topics": [{"name": "gone.v1", "state": "absent", "allow": {"delete-topic": "id"}}]},
    "pay/external.yaml": {"topics": [{"name": "eu.v1", "state": "external"}]},
    "fin/team.yaml": {"chat": "#fin"},
    "fin/t.yaml": {"consumers": [{"topic": "a.v1", "group": "billing"}, {"topic": "eu.v1", "group": "au[*"}]},
    "ads/team.yaml": {"chat": "#ads"},
}
STRANGER = Group(5000, {"a.v1": {0: Committed(1, 2000)}}, {"a.v1": {0: Log(0, 2)}})


class Clusters:
    """What each was asked; `down`: those that do not answer."""

    def __init__(self) -> None:
        self.asked: dict[str, tuple[list[str], set[str], list[str]]] = {}
        self.down: dict[str, Exception] = {}

    def store(self, catalog: Any, _context: Any, seconds: float) -> Any:
        clusters, name = self, catalog.cluster.name
        assert seconds == 60

        class Store:
            def read(self, topics: Sequence[str], declared: Collection[str], selects: Callable[[str], bool]) -> Reading:
                if name in clusters.down:
                    raise clusters.down[name]
                everybody = [group for group in (*sorted(declared), "stranger") if selects(group)]
                clusters.asked[name] = (list(topics), set(declared), everybody)
                known = {group: STRANGER if group == "stranger" else Group(5000) for group in everybody}
                return Reading("id", dict.fromkeys(topics, 1), known)

        return Store()


@pytest.fixture
def clusters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clusters:
    monkeypatch.chdir(tmp_path)
    write(Path("topics"), FILES)
    made = Clusters()
    monkeypatch.setattr(opening, "unread_messages", made.store)
    return made


def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, list[tuple[str, str, str]]]]:
    """The exit code, and by cluster each row's group, topic and team."""
    code = cli.main(["lag", "--output", "json", *words])
    out = json.loads(capsys.readouterr().out)
    return code, {
        each["cluster"]: [(row["group"], row["topic"], row["team"]) for row in each["groups"]]
        for each in out["clusters"]
    }


def test_every_cluster_that_is_kept_is_asked_for_every_topic_that_is(
    clusters: Clusters, capsys: pytest.CaptureFixture[str]
) -> None:
    """External ones, too; neither one that goes nor a cluster that retires. A stranger calls the topic's team."""
    code, rows = told(capsys)
    assert {name: (sorted(topics), declared) for name, (topics, declared, _) in clusters.asked.items()} == {
        "prod": (["a.v1", "b.v1", "eu.v1"], {"billing", "au[*"}),
        "far": (["a.v1"], {"billing"}),
    }
    assert code == 0
    assert rows["far"] == [("billing", "a.v1", "fin"), ("stranger", "a.v1", "pay")]


@pytest.mark.parametrize(
    ("words", "topics", "everybody"),
    [
        (["a.v1"], ["a.v1"], ["billing", "stranger"]),
        (["*.v1", "--group", "au[*"], ["a.v1", "b.v1", "eu.v1"], ["au[*"]),
        (["--group", "s*"], ["a.v1", "b.v1", "eu.v1"], ["stranger"]),
        (["--team", "fin"], ["a.v1", "eu.v1"], ["au[*", "billing", "stranger"]),
    ],
)
def test_only_what_was_asked_for_is_read(
    clusters: Clusters, capsys: pytest.CaptureFixture[str], words: list[str], topics: list[str], everybody: list[str]
) -> None:
    """A group may be called like a glob."""
    told(capsys, "--cluster", "prod", *words)
    assert (sorted(clusters.asked["prod"][0]), clusters.asked["prod"][2]) == (topics, everybody)


@pytest.mark.parametrize(("team", "groups"), [("fin", {"billing", "au[*"}), ("pay", {"stranger"}), ("ads", set())])
def test_a_team_is_told_of_what_calls_it(
    clusters: Clusters, capsys: pytest.CaptureFixture[str], team: str, groups: set[str]
) -> None:
    """Of its consumers, and of strangers on its own topics."""
    _, rows = told(capsys, "--cluster", "prod", "--team", team)
    assert {group for group, _, _ in rows["prod"]} == groups


@pytest.mark.parametrize(
    ("error", "code"),
    [(UnreachableError("no answer", "check it"), 4), (RefusedError("another cluster", "correct it"), 3)],
)
def test_a_cluster_that_does_not_answer_keeps_nobody_from_the_others(
    clusters: Clusters, capsys: pytest.CaptureFixture[str], error: Exception, code: int
) -> None:
    """It is named with the reason."""
    clusters.down["prod"] = error
    assert cli.main(["lag"]) == code
    out = capsys.readouterr().out
    assert f"! cluster prod: {error}. " in out
    assert "stranger" in out


def test_a_slip_is_no_answer_that_nobody_is_late(clusters: Clusters, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["a.v2"], ["b*", "--cluster", "far"], ["--team", "fi"], ["--timeout", "4"]):
        assert cli.main(["lag", *words]) == 64, words
    capsys.readouterr()
    assert clusters.asked == {}
