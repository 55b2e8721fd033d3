"""One run of a move: two topics with data and too few replicas, which the files then ask three of, with traffic."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from provisioner import sandbox
from provisioner.sandbox import Sandbox
from tests.faults import tool
from tests.faults.moves_witness import Key, Witness
from tests.faults.tool import Result

MESSAGE = 100_000
RATE = 1_000_000
"""The least. A broker may send ten seconds' worth of it at once: Kafka takes the mean of that time."""
EACH, LEASE = 80, 20
"""Messages in a partition, seconds of a claim: of the program's own minute each run of a fault would wait most."""

CLUSTERS = """clusters:
  prod:
    bootstrap: {bootstrap}
    cluster_id: {cluster_id}
    record: {{topic: {record}}}
    limits: {{moves: {{rate: {rate}, wave_partitions: 3}}}}
"""
BEFORE = (
    "  - {{name: {name}, partitions: {partitions}, replication_factor: {factor}, config: {{min.insync.replicas: 1}}, "
    "allow: {{low-replication: {factor}, min-insync-replicas: 1}}}}\n"
)
AFTER = "  - {{name: {name}, partitions: {partitions}, replication_factor: 3, config: {{min.insync.replicas: 2}}}}\n"
DRIVER = "tests.faults.moves_driven"


@dataclass
class MovesCase:
    """A folder and topics of its own on the shared brokers. `each`: messages in a partition; `lease` of a claim."""

    brokers: Sandbox
    folder: Path
    number: int
    each: int = EACH
    lease: int = LEASE
    before: dict[Key, tuple[int, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.witness = Witness(self.brokers, [self.one, self.two])

    @property
    def prefix(self) -> str:
        return f"move{self.number:03}"

    @property
    def record(self) -> str:
        """The topic of its record."""
        return f"_provisioner_applied.{self.prefix}"

    @property
    def one(self) -> str:
        """One replica each, on brokers 1, 2 and 3."""
        return f"{self.prefix}.one"

    @property
    def two(self) -> str:
        """Two replicas each; less to copy, so it comes first."""
        return f"{self.prefix}.two"

    @property
    def layout(self) -> Mapping[str, list[list[int]]]:
        return {self.one: [[1], [2], [3]], self.two: [[1, 2], [2, 3]]}

    def prepared(self) -> None:
        """The topics, filled and on record as they are; then the files ask for more."""
        client = AdminClient({"bootstrap.servers": self.brokers.bootstrap, "log_level": 0})
        topics = [
            NewTopic(name, len(rows), replica_assignment=rows, config={"min.insync.replicas": "1"})
            for name, rows in self.layout.items()
        ]
        for future in client.create_topics(topics).values():
            future.result(60)
        self.before = {(name, at): tuple(row) for name, rows in self.layout.items() for at, row in enumerate(rows)}
        self._filled()
        (self.folder / "topics/pay").mkdir(parents=True)
        (self.folder / "topics/pay/team.yaml").write_text('chat: "#pay"\n')
        self.reached()
        self._asked(BEFORE)
        done = self.run("apply", "--yes")
        if done.code != 0:
            raise RuntimeError(f"the fleet could not be made: {done.code}\n{done.text}")
        self._asked(AFTER)

    @property
    def to_copy(self) -> int:
        """Bytes, of what was there when the files changed."""
        return sum((3 - len(row)) * self.messages[key] * MESSAGE for key, row in self.before.items())

    @property
    def messages(self) -> dict[Key, int]:
        """In each partition: where less is to be copied twice as many, or its copy is over before anybody looks."""
        return {key: self.each * len(row) for key, row in self.before.items()}

    def _filled(self) -> None:
        producer = Producer({"bootstrap.servers": self.brokers.bootstrap, "acks": "all", "log_level": 0})
        time.sleep(1)
        for (name, at), count in self.messages.items():
            for number in range(count):
                producer.produce(name, os.urandom(MESSAGE), f"old {name} {at} {number}", partition=at)
                producer.poll(0)
        if producer.flush(120):
            raise RuntimeError("the topics could not be filled")

    def reached(self) -> None:
        """At which addresses."""
        text = CLUSTERS.format(
            bootstrap=self.brokers.bootstrap, cluster_id=self.brokers.cluster_id, record=self.record, rate=RATE
        )
        (self.folder / "topics/clusters.yaml").write_text(text)

    def _asked(self, form: str) -> None:
        rows = [form.format(name=name, partitions=len(rows), factor=len(rows[0])) for name, rows in self.layout.items()]
        (self.folder / "topics/pay/topics.yaml").write_text("topics:\n" + "".join(rows))

    def restarted(self, broker: int) -> None:
        """A broker runs (again)."""
        self.brokers = self.witness.brokers = sandbox.start(self.brokers, broker)

    def start(
        self, command: str, *more: str, kill: str = "", stop: str = "", **environment: str
    ) -> subprocess.Popen[str]:
        """`apply`, or `replicas continue`."""
        arguments = [*command.split(), "topics", "--cluster", "prod", "--output", "json", *more]
        variables = {"FAULT_LEASE": str(self.lease), **environment}
        return tool.started(self.folder, *arguments, kill=kill, stop=stop, driver=DRIVER, more=variables)

    def run(self, command: str, *more: str, kill: str = "", **environment: str) -> Result:
        """From beginning to end."""
        began = time.monotonic()
        return tool.ended(self.start(command, *more, kill=kill, **environment), began)
