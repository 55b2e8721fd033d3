"""One run: a fleet that is applied whole, then a change of it, during which something is hurt."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from provisioner.sandbox import Sandbox
from tests.faults import tool, truth
from tests.faults.tool import Result
from tests.faults.truth import Live

OLD, NEW = 12, 45
SEGMENT, RETENTION = "86400000", "604800000"
CLUSTERS = """clusters:
  prod:
    bootstrap: {bootstrap}
    cluster_id: {cluster_id}
    client: {client}
    record: {{topic: {record}}}
    defaults: {{partitions: 2, replication_factor: 3, config: {{min.insync.replicas: 2, retention.ms: 7d}}}}
    alerts: {{type: files, folder: {folder}/out/rules, create: true}}
    dashboards: {{type: files, folder: {folder}/out/dashboards, create: true, url: "https://grafana.example.com"}}
"""


PLAIN = "{ssl.key.password: {env: FAULT_SECRET}}"
SASL = (
    "{security.protocol: SASL_PLAINTEXT, sasl.mechanism: PLAIN, sasl.username: writer, "
    "sasl.password: {env: FAULT_PASSWORD}, ssl.key.password: {env: FAULT_SECRET}}"
)


@dataclass
class Case:
    """A folder of its own, and topics of its own on the shared brokers."""

    brokers: Sandbox
    folder: Path
    number: int
    before: dict[str, Live] = field(default_factory=dict)
    extra: str = ""

    @property
    def prefix(self) -> str:
        return f"run{self.number:03}"

    @property
    def record(self) -> str:
        """The topic of its record."""
        return f"_provisioner_applied.{self.prefix}"

    def old(self, index: int) -> str:
        return f"{self.prefix}.old{index:02}"

    def prepared(self) -> None:
        """The fleet before the change, applied whole; then the files of the change."""
        (self.folder / "topics/pay").mkdir(parents=True)
        self.reached(self.brokers.bootstrap, PLAIN)
        self._write("pay/team.yaml", 'chat: "#pay"\n')
        self._write(
            "pay/old.yaml", "topics:\n" + "".join(f"  - {{name: {self.old(n)}{_OLD.get(n, '')}}}\n" for n in range(OLD))
        )
        done = self.apply()
        if done.code != 0:
            raise RuntimeError(f"the fleet could not be made: {done.code}\n{done.text}")
        self.before = truth.topics(self.brokers.bootstrap)
        self.changed()

    def reached(self, bootstrap: str | None, client: str) -> None:
        """Through which listener, and as whom."""
        text = CLUSTERS.format(
            bootstrap=bootstrap,
            client=client,
            cluster_id=self.brokers.cluster_id,
            folder=self.folder,
            record=self.record,
        )
        self._write("clusters.yaml", text)

    def changed(self) -> None:
        """Configs altered and removed, partitions added, one topic to go, many to come."""
        gone = self.before[self.old(6)].topic_id
        written = {
            **dict.fromkeys(range(4), ", config: {segment.ms: 1d}"),
            **dict.fromkeys((4, 5), ", partitions: 4, allow: {more-partitions: 4}"),
            6: f', state: absent, allow: {{delete-topic: "{gone}", in-use: "{gone}"}}',
        }
        rows = [f"  - {{name: {self.old(n)}{written.get(n, '')}}}\n" for n in range(OLD)]
        rows += [f"  - {{name: {name}, config: {{segment.ms: 1d}}}}\n" for name in self.new]
        self._write("pay/old.yaml", "topics:\n" + "".join(rows) + self.extra)

    @property
    def new(self) -> list[str]:
        return [f"{self.prefix}.new{index:02}" for index in range(NEW)]

    def _write(self, name: str, text: str) -> None:
        (self.folder / "topics" / name).write_text(text)

    def wanted(self) -> dict[str, tuple[int, dict[str, str]]]:
        """Name -> partitions and overrides at the end."""
        same = {"min.insync.replicas": "2", "retention.ms": RETENTION}
        found = {self.old(n): (4 if n in (4, 5) else 2, dict(same)) for n in range(OLD) if n != 6}
        found.update({name: (2, dict(same)) for name in self.new})
        for name in [*(self.old(n) for n in range(4)), *self.new]:
            found[name][1]["segment.ms"] = SEGMENT
        # The broker's own min.insync.replicas is 2: on a new topic every merged value is set all the same.
        return found

    def asked(self) -> dict[str, dict[str, str]]:
        """Name -> what the files ask at the end, as the record spells it."""
        return {name: _fields(partitions, overrides) for name, (partitions, overrides) in self.wanted().items()}

    def asked_before(self) -> dict[str, dict[str, str]]:
        """Name -> what the files asked before the change."""
        same = {"min.insync.replicas": "2", "retention.ms": RETENTION}
        fields = {self.old(n): _fields(2, same) for n in range(OLD)}
        fields[self.old(7)]["config.flush.ms"] = "12345"
        return fields

    def start(self, *more: str, step: int = 0, kill: str = "", stop: str = "") -> subprocess.Popen[str]:
        arguments = self.arguments("apply", "--yes", *more)
        return tool.started(self.folder, *arguments, step=step, kill=kill, stop=stop)

    def apply(self, *more: str, step: int = 0, kill: str = "") -> Result:
        began = time.monotonic()
        return tool.ended(self.start(*more, step=step, kill=kill), began)

    def plan(self, *more: str) -> Result:
        return tool.ran(self.folder, *self.arguments("plan", "--detailed-exitcode", *more))

    def arguments(self, command: str, *more: str) -> list[str]:
        return [command, "topics", "--cluster", "prod", "--output", "json", *more]


def _fields(partitions: int, overrides: Mapping[str, str]) -> dict[str, str]:
    counts = {"partitions": str(partitions), "replication_factor": "3"}
    return {**counts, **{f"config.{key}": value for key, value in overrides.items()}}


_OLD = {7: ", config: {flush.ms: 12345}"}
