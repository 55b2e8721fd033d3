"""Figures of this machine, each beside the bare client doing the same reads and writes, measured in one run.

"Bare" is confluent-kafka's AdminClient alone, in this very process: for a plan list_topics() and describe_configs() of
all topics in batches of 500, every value looked at; for a create create_topics() in batches of 200, every future waited
for. No file, no diff, no check, no read-back.

    bench.py [TOPICS ...]        default: 1000 5000
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, ResourceType

from provisioner import cli, sandbox
from provisioner.reconcile import record
from provisioner.reconcile.entry import Applied, Stamp
from provisioner.reconcile.model import Key
from provisioner.stores.kafka import writing
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.record_topic import RecordTopic

REPEATS = 5
Figures = tuple[float, float]


def declared(folder: Path, count: int, bootstrap: str, per_file: int = 100) -> None:
    """A fleet of `count` topics in files of a hundred, with destinations for neither alerts nor dashboards."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "clusters.yaml").write_text(
        f"clusters:\n  prod:\n    bootstrap: {bootstrap}\n    cluster_id: any\n"
        "    defaults: {partitions: 1, replication_factor: 3, config: {min.insync.replicas: 2}}\n"
    )
    for at in range(0, count, per_file):
        team = folder / f"team{at // per_file % 20:02}"
        team.mkdir(exist_ok=True)
        (team / "team.yaml").write_text('chat: "#team"\n')
        entries = (
            f"  - name: bench.{index:05}.v1\n    description: One message per order, keyed by customer\n"
            f"    message: bench.v1.Order{index}\n    config: {{retention.ms: 3d, cleanup.policy: delete}}\n"
            "    lag: 10m\n"
            for index in range(at, min(count, at + per_file))
        )
        (team / f"topics{at:05}.yaml").write_text("topics:\n" + "".join(entries))


def names(count: int) -> list[str]:
    return [f"bench.{index:05}.v1" for index in range(count)]


def measured(action: Callable[[], object]) -> Figures:
    wall, cpu = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - wall, time.process_time() - cpu


def bare_read(bootstrap: str) -> int:
    client = AdminClient({"bootstrap.servers": bootstrap})
    listed = list(client.list_topics(timeout=30).topics)
    seen = 0
    for at in range(0, len(listed), 500):
        resources = [ConfigResource(ResourceType.TOPIC, name) for name in listed[at : at + 500]]
        for future in client.describe_configs(resources).values():
            seen += sum(entry.source == 1 for entry in future.result(30).values())
    return seen


def bare_create(bootstrap: str, wanted: list[str]) -> None:
    client = AdminClient({"bootstrap.servers": bootstrap})
    config = {"min.insync.replicas": "2", "retention.ms": "259200000", "cleanup.policy": "delete"}
    for at in range(0, len(wanted), 200):
        made = client.create_topics([NewTopic(name, 1, 3, config=config) for name in wanted[at : at + 200]])
        for future in made.values():
            future.result(60)


def run(*arguments: str) -> None:
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(out):
        code = cli.main(arguments)
    if code:
        raise SystemExit(f"{' '.join(arguments)} ended with {code}:\n{out.getvalue()}")


@contextlib.contextmanager
def brokers() -> Iterator[sandbox.Sandbox]:
    with tempfile.TemporaryDirectory() as folder:
        try:
            yield sandbox.up(
                "bench", Path(folder) / "bench", heap="1g", progress=lambda text: print(text, file=sys.stderr)
            )
        finally:
            sandbox.down("bench", Path(folder) / "bench")


def pairs(ours: Callable[[], object], bare: Callable[[], object], repeats: int) -> tuple[list[Figures], list[Figures]]:
    """Taken in turns, so that what else the machine does falls on both."""
    mine, theirs = [], []
    for _ in range(repeats):
        theirs.append(measured(bare))
        mine.append(measured(ours))
    return mine, theirs


def row(what: str, mine: list[Figures], theirs: list[Figures], aim: str) -> None:
    (wall, cpu), (bare_wall, bare_cpu) = (
        [statistics.median(column) for column in zip(*rows, strict=True)] for rows in (mine, theirs)
    )
    print(
        f"{what:<34} {wall:7.2f} s {cpu:6.2f} cpu   bare {bare_wall:7.2f} s {bare_cpu:6.2f} cpu   "
        f"ratio {wall / bare_wall:5.2f} wall {cpu / bare_cpu:5.2f} cpu   {aim}",
        flush=True,
    )


def delete_all(bootstrap: str, wanted: list[str]) -> None:
    client = AdminClient({"bootstrap.servers": bootstrap})
    for at in range(0, len(wanted), 500):
        for future in client.delete_topics(wanted[at : at + 500], operation_timeout=60).values():
            future.result(90)
    while any(name in client.list_topics(timeout=30).topics for name in wanted):
        time.sleep(0.5)


class Sending:
    """Measures the time that our writes spend in sending alone: probes, requests and waiting for their answers."""

    def __init__(self) -> None:
        self.wall = self.cpu = 0.0
        self._send = writing.Writer._send

    def __enter__(self) -> Self:
        def timed(writer: writing.Writer, *arguments: object) -> writing.Changes:
            unclear: list[writing.Changes] = []
            wall, cpu = measured(lambda: unclear.append(self._send(writer, *arguments)))  # type: ignore[arg-type]
            self.wall, self.cpu = self.wall + wall, self.cpu + cpu
            return unclear[0]

        writing.Writer._send = timed  # type: ignore[method-assign,assignment]
        return self

    def __exit__(self, *_: object) -> None:
        writing.Writer._send = self._send  # type: ignore[method-assign]


def creating(bootstrap: str, folder: Path, count: int) -> None:
    declared(folder, count, bootstrap)
    others = [f"bare.{index:05}.v1" for index in range(count)]
    whole, sent, theirs = [], [], []
    for _ in range(3):
        theirs.append(measured(lambda: bare_create(bootstrap, others)))
        delete_all(bootstrap, others)
        with Sending() as sending:
            whole.append(measured(lambda: run("apply", str(folder), "--cluster", "prod", "--yes")))
        sent.append((sending.wall, sending.cpu))
        delete_all(bootstrap, names(count))
    row(f"create {count} topics, sending alone", sent, theirs, "aim 1.2")
    row(f"create {count} topics, whole apply", whole, theirs, "(files, plan, sending, read-back)")


def planning(bootstrap: str, folder: Path, count: int) -> None:
    declared(folder, count, bootstrap)
    run("apply", str(folder), "--cluster", "prod", "--yes")
    command = ("plan", str(folder), "--cluster", "prod", "--detailed-exitcode")
    time.sleep(5)
    run(*command), bare_read(bootstrap)
    mine, theirs = pairs(lambda: run(*command), lambda: bare_read(bootstrap), REPEATS)
    row(f"plan without changes, {count} topics", mine, theirs, "aim 1.3")


def recording(bootstrap: str, entries: int = 10_000, repeats: int = 15) -> None:
    """A record as every plan reads it, by a new door each time; and with every entry of it looked at."""
    door = RecordTopic(Connection(bootstrap, {}, {}, print), "bench.record")
    door.create()
    cluster_id = door.read().cluster_id
    keys = [Key("topic", f"bench.{index:05}.v1") for index in range(entries)]
    for key in keys:
        door.put(record.encoded("topics", key), applied(key, cluster_id).text())
    wall, _ = measured(door.flush)

    def known() -> record.Record:
        return record.read(door.name, RecordTopic(door.connection, door.name).read(), "topics")

    def looked_at() -> None:
        found = known()
        assert all(found.applied(key) for key in keys)

    for what, act in (("read a record", known), ("and look at all", looked_at)):
        spent = [measured(act) for _ in range(repeats)]
        (best, _), (median, cpu) = min(spent), (statistics.median(column) for column in zip(*spent, strict=True))
        print(
            f"{f'{what} of {entries} entries':<34} {best * 1000:7.0f} ms best {median * 1000:5.0f} ms median "
            f"{cpu * 1000:5.0f} ms cpu   aim 200 ms",
            flush=True,
        )
    print(f"{'write its entries':<34} {wall * 1000:7.0f} ms", flush=True)
    delete_all(bootstrap, [door.name])


def applied(key: Key, cluster_id: str | None) -> Applied:
    """An entry of half a thousand bytes, as a pipeline of GitLab writes it."""
    asked = {"partitions": "1", "replication_factor": "3", "config.retention.ms": "259200000"}
    asked |= {"config.cleanup.policy": "delete", "config.min.insync.replicas": "2", "message": f"bench.v1.{key.name}"}
    run = {
        "pipeline": "https://gitlab.example.com/kafka/topics/-/pipelines/12345",
        "user": "ann",
        "merge_request": "77",
    }
    stamp = Stamp(cluster_id, "0" * 40, "2026-01-01T00:00:00.000+00:00", run, "0" * 16)
    return Applied(asked, frozenset({"partitions"}), identity="0" * 22, stamp=stamp)


def validating(folder: Path) -> None:
    declared(folder, 10_000, "kafka:9092")
    spent = []
    for _ in range(REPEATS):
        before = os.times()
        code = os.spawnv(os.P_WAIT, sys.executable, [sys.executable, "-m", "provisioner", "validate", str(folder)])
        after = os.times()
        assert code == 0
        spent.append(after.children_user + after.children_system - before.children_user - before.children_system)
    print(f"{'validate 10000 declarations':<34} {statistics.median(spent):7.2f} s cpu, a whole process   aim 1.5 s")


def main(counts: list[int]) -> None:
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as scratch, brokers() as running:
        folder = Path(scratch) / "topics"
        validating(folder)
        recording(running.bootstrap)
        creating(running.bootstrap, folder, 1000)
        for count in counts:
            planning(running.bootstrap, folder, count)


if __name__ == "__main__":
    main([int(each) for each in sys.argv[1:]] or [1000, 5000])
