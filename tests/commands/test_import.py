"""Whatever lives on a cluster: after an import the files are sound, and a plan finds nothing to do."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from provisioner import cli, opening
from provisioner.catalog.topic_config import CONFIG_KEYS, THROTTLES
from provisioner.commands import fleet
from provisioner.importing import acceptance
from provisioner.kinds import TOPICS
from provisioner.kinds.kind import Context
from provisioner.kinds.topic_spec import TopicSpec
from provisioner.problem import Severity
from provisioner.reconcile import engine
from provisioner.reconcile.lanes import Lane
from provisioner.reconcile.model import Observed
from tests.memory import MemoryStore
from tests.topics import live

NAMES = st.one_of(
    st.sampled_from(["a.b", "a_b", "A.b", "team", "TEAM", "0042", "1.5", "null", "true", "yes", "-", "...", "con.x"]),
    st.sampled_from(["_schemas", "x-changelog", "connect-configs", "mm2-status.internal", "heartbeats", "audit.log"]),
    st.from_regex(r"[A-Za-z0-9._-]{1,12}", fullmatch=True).filter(lambda name: name not in (".", "..")),
)
VENDORS = "confluent.value.schema.validation"
VALUES: Mapping[str, list[str]] = {
    "retention.ms": ["-1", "0", "1000", "59999", "600000", "604800000", "9223372036854775807"],
    "retention.bytes": ["-1", "0", "1", "1024", "1000000", "536870912"],
    "cleanup.policy": ["delete", "compact", "compact,delete"],
    "min.insync.replicas": ["1", "2", "3", "4"],
    "min.cleanable.dirty.ratio": ["0.5", "0.01", "1e-05", "1.0"],
    "compression.type": ["producer", "zstd"],
    "compression.gzip.level": ["-1", "9"],
    "preallocate": ["true", "false"],
    "segment.bytes": ["1048576", "1073741824", "14"],
    "min.compaction.lag.ms": ["0", "5000"],
    "max.compaction.lag.ms": ["1", "3600000"],
    "message.timestamp.type": ["CreateTime", "LogAppendTime"],
    VENDORS: ["true"],
}
ODD = {VENDORS, "segment.bytes", "min.compaction.lag.ms"}
SOUND = {key: values for key, values in VALUES.items() if key not in ODD}


def values_of(table: Mapping[str, list[str]]) -> st.SearchStrategy[dict[str, str]]:
    return st.fixed_dictionaries({}, optional={key: st.sampled_from(values) for key, values in table.items()})


@dataclass
class Cluster(MemoryStore[TopicSpec]):
    """Topics that can be listed."""

    def listed(self) -> dict[str, int]:
        return {name: seen.resource.replication_factor for name, seen in self.state.items()}


@st.composite
def clusters(draw: st.DrawFn) -> dict[str, Observed[TopicSpec]]:
    brokers = draw(values_of(SOUND))
    topics = {}
    for name in draw(st.lists(NAMES, unique=True, max_size=8)):
        config = draw(values_of(VALUES))
        inherited = {**brokers, **draw(st.just({}) | values_of(SOUND))}
        own = {key: value for key, value in inherited.items() if key not in config}
        counts = draw(st.sampled_from([1, 3, 6, 2000])), draw(st.integers(1, 4))
        topics[name] = live(*counts, config, f"id-{name}", inherited=own)
    return topics


def run(folder: Path, store: Cluster, *more: str) -> tuple[int, dict[str, Any]]:
    out = io.StringIO()
    with (
        mock.patch.object(opening, "kafka_topics", return_value=store),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        code = cli.main(["import", str(folder), "--cluster", "prod", "--team", "pay", "--output", "json", *more])
    return code, json.loads(out.getvalue())


@contextlib.contextmanager
def declared(defaults: Mapping[str, str], **more: Any) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as place:
        cluster = {"bootstrap": "kafka:9092", "protected": ["audit.*"], "defaults": {"config": defaults}, **more}
        (Path(place) / "clusters.yaml").write_text(json.dumps({"clusters": {"prod": cluster}}))
        yield Path(place)


def changed(folder: Path, store: Cluster) -> set[str]:
    """The topics that a plan would change; the files must be sound."""
    found = fleet.read(folder)
    assert [problem for problem in found.problems if problem.severity is Severity.ERROR] == []
    lane: Lane[Any] = Lane(TOPICS, TOPICS.wanted(found.catalogs["prod"], Context()), store)
    return {change.key.name for change in engine.plan("prod", [lane]).changes}


GROUPINGS = st.sampled_from(["topic", "prefix", "one"])


@settings(max_examples=150, deadline=None)
@given(clusters(), GROUPINGS)
@example({"a.b": live(1, 1, {"retention.ms": "1000"}), "a_b": live(1, 2), "A.b": live(3, 3)}, "one")
def test_after_an_import_a_plan_is_empty(topics: dict[str, Observed[TopicSpec]], grouping: str) -> None:
    """Odd configs, any replication factor, names that collide; only what cannot be declared is left out, by name."""
    store = Cluster(dict(topics))
    with declared({}) as folder:
        code, told = run(folder, store, "--group-by", grouping)
        assert changed(folder, store) == set() == set(told["pending"])
        assert code == (3 if told["left_out"] else 0)
        known = {entry["name"] for entry in told["imported"]} | set(told["left_out"])
        assert known == {name for name in topics if not name.startswith("__")}
        assert {name for name in told["left_out"] if not ODD & topics[name].resource.config.keys()} == set()
        before = {path: path.read_bytes() for path in folder.rglob("*.yaml")}
        again = run(folder, store, "--group-by", grouping)[1]
        assert (again["imported"], again["files"]) == ([], [])
        assert before == {path: path.read_bytes() for path in folder.rglob("*.yaml")}


@settings(max_examples=60, deadline=None)
@given(clusters(), GROUPINGS, st.sampled_from([[], [VENDORS]]))
def test_a_cluster_that_keeps_what_no_file_names_is_imported_whole(
    topics: dict[str, Observed[TopicSpec]], grouping: str, extra: list[str]
) -> None:
    """Whatever is set on its topics; a plan touches none of it."""
    store = Cluster(dict(topics))
    with declared({}, undeclared_overrides="keep", extra_configs=extra) as folder:
        code, told = run(folder, store, "--group-by", grouping)
        assert (code, told["left_out"], changed(folder, store)) == (0, {}, set())


@settings(max_examples=100, deadline=None)
@given(clusters(), values_of({key: SOUND[key] for key in SOUND if key != "max.compaction.lag.ms"}), GROUPINGS)
def test_what_the_defaults_would_still_change_is_said(
    topics: dict[str, Observed[TopicSpec]], defaults: dict[str, str], grouping: str
) -> None:
    """A default cannot be unset by an entry: those topics are named, and no other would change."""
    if int(defaults.get("retention.ms", -1)) in range(1_200_000):
        del defaults["retention.ms"]  # a default that no lag alert fits is wrong by itself
    store = Cluster(dict(topics))
    with declared(defaults) as folder:
        told = run(folder, store, "--group-by", grouping)[1]
        assert changed(folder, store) == set(told["pending"])


@settings(max_examples=50, deadline=None)
@given(clusters(), clusters(), GROUPINGS)
def test_what_is_there_is_never_rewritten(
    first: dict[str, Observed[TopicSpec]], later: dict[str, Observed[TopicSpec]], grouping: str
) -> None:
    """Files keep every byte; later topics stand behind them or in files of their own."""
    store = Cluster(dict(first))
    with declared({}) as folder:
        run(folder, store, "--group-by", grouping)
        before = {path: path.read_bytes() for path in folder.rglob("*.yaml")}
        store.state = {**later, **first}
        told = run(folder, store, "--group-by", grouping)[1]
        assert changed(folder, store) == set(told["pending"])
        assert {path: path.read_bytes()[: len(raw)] for path, raw in before.items()} == before


def test_what_does_not_pass_the_checks_is_said_loudly(capsys: pytest.CaptureFixture[str]) -> None:
    """Should what is written ever differ from what was checked: exit 1, the problem in full, and the files stay."""
    store = Cluster({"thin": live(3, 1, topic_id="id")})
    arguments = ["--cluster", "prod", "--team", "pay"]
    with (
        declared({}) as folder,
        mock.patch.object(opening, "kafka_topics", return_value=store),
        mock.patch.object(acceptance, "errors", return_value={}),
    ):
        code = cli.main(["import", str(folder), *arguments])
        assert (folder / "pay/thin.yaml").exists()
    out, err = capsys.readouterr()
    assert (code, "changes none of them" in out) == (1, False)
    assert "thin.yaml:3:25: error: topic 'thin' has replication factor 1" in err
    assert "does not pass the checks" in err


def test_an_import_of_nothing_makes_no_folder() -> None:
    """Nor a team.yaml."""
    with declared({}) as folder:
        assert run(folder, Cluster({}))[1]["files"] == []
        assert [path.name for path in folder.iterdir()] == ["clusters.yaml"]


def test_one_topic_shares_nothing() -> None:
    """What a single topic has stands in its entry, not in its team's defaults."""
    store = Cluster({"a": live(7, 3, {"retention.ms": "86400000"}, topic_id="id")})
    with declared({}) as folder:
        run(folder, store)
        assert "defaults" not in (folder / "pay/team.yaml").read_text("utf-8")
        assert "config: {retention.ms: 1d}" in (folder / "pay/a.yaml").read_text("utf-8")


def test_the_table_of_this_test_is_about_real_configs() -> None:
    """But for one that no Kafka has."""
    assert set(VALUES) - {VENDORS} <= set(CONFIG_KEYS) - THROTTLES
