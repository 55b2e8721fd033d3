"""Three real brokers a run, and a second set with SASL and ACLs; a client that shares no code with ours as witness.

KAFKA=3.9.1 runs them on that release; what a test expects of one follows the table of configs (`known_in(KAFKA)`).
"""

from __future__ import annotations

import contextlib
import logging
import os
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import admin
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient

from provisioner import cli, sandbox
from provisioner.sandbox import Sandbox, releases

logging.getLogger("kafka").setLevel(logging.CRITICAL)

KAFKA = os.environ.get("KAFKA") or releases.NEWEST
"""The release that the brokers run."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/live" in str(item.path):
            item.add_marker(pytest.mark.live)
    # Those last, so that at most two sets of brokers run at once: a test's own set is gone before this one starts.
    items.sort(key=lambda item: "secure_brokers" in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def brokers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    yield from running(tmp_path_factory.mktemp("brokers") / "plain")


@pytest.fixture(scope="session")
def secure_brokers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    yield from running(tmp_path_factory.mktemp("brokers") / "secure", secure=True)


@pytest.fixture
def mortal_brokers(tmp_path: Path) -> Iterator[Sandbox]:
    """A set of one test's own, to be hurt."""
    yield from running(tmp_path / "mortal")


def running(folder: Path, **options: Any) -> Iterator[Sandbox]:
    try:
        yield sandbox.up(folder.name, folder, kafka=KAFKA, progress=print, **options)
    finally:
        sandbox.down(folder.name, folder)


class Witness:
    """What the cluster holds, asked through kafka-python."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self.admin = KafkaAdminClient(bootstrap_servers=bootstrap.split(","))

    def names(self) -> set[str]:
        return set(self.admin.list_topics())

    def partitions(self, name: str) -> list[list[int]]:
        deadline = time.monotonic() + 30
        # A broker that has not heard of a new topic yet gives it without partitions.
        while not (topic := self.admin.describe_topics([name])[0])["partitions"] and time.monotonic() < deadline:
            time.sleep(0.2)
        # They come in an order of the broker's own.
        return [each["replica_nodes"] for each in sorted(topic["partitions"], key=lambda each: each["partition_index"])]

    def topic_id(self, name: str) -> str:
        (topic,) = self.admin.describe_topics([name])
        return str(topic["topic_id"])

    def overrides(self, name: str) -> dict[str, str]:
        answer = self.admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
        entries = answer["topic"][name]
        return {key: e["value"] for key, e in entries.items() if e["config_source"] == "DYNAMIC_TOPIC_CONFIG"}


def everywhere(brokers: Sandbox, holds: Callable[[Witness], bool], seconds: float = 60) -> None:
    """Wait until that holds by each broker's own word: one may be late by two seconds."""
    deadline = time.monotonic() + seconds
    for node in brokers.nodes:
        told = Witness(brokers.bootstrap)
        # A client asks any broker that it knows, whichever address it was given.
        told.admin._manager.send = partial(told.admin._manager.send, node_id=node.number)
        with contextlib.closing(told.admin):
            while not holds(told):
                assert time.monotonic() < deadline, f"broker {node.number} still says otherwise after {seconds} s"
                time.sleep(0.2)


def set_by_hand(brokers: Sandbox, name: str, **config: str) -> None:
    entries = [
        admin.ConfigEntry(key.replace("_", "."), value, incremental_operation=admin.AlterConfigOpType.SET)
        for key, value in config.items()
    ]
    resource = admin.ConfigResource(admin.ResourceType.TOPIC, name, incremental_configs=entries)
    client = admin.AdminClient({"bootstrap.servers": brokers.bootstrap, "log_level": 0})
    for future in client.incremental_alter_configs([resource]).values():
        future.result(30)


@pytest.fixture
def witness(brokers: Sandbox) -> Iterator[Witness]:
    made = Witness(brokers.bootstrap)
    with contextlib.closing(made.admin):
        yield made


class Fleet:
    """A folder of declarations for one test; `run` is the command line."""

    def __init__(self, root: Path, bootstrap: str, capfd: pytest.CaptureFixture[str], extra: str = "") -> None:
        self.root, self.capfd = root, capfd
        (root / "pay").mkdir(parents=True)
        (root / "pay/team.yaml").write_text("chat: '#pay'\n")
        self.cluster(bootstrap, extra)

    def cluster(self, bootstrap: str, extra: str = "", cluster_id: str = "any") -> None:
        # A record of its own: another test's topics are no lost declarations of this one.
        record = "" if "record:" in extra else f"{{topic: _provisioner_{self.root.parent.name[:80]}}}"
        written = {"bootstrap": bootstrap, "cluster_id": cluster_id, "defaults": "{partitions: 3}"}
        written |= {"record": record} if record else {}
        lines = "".join(f"    {field}: {value}\n" for field, value in written.items())
        declared = f"clusters:\n  prod:\n{lines}{extra}"
        (self.root / "clusters.yaml").write_text(declared)

    def topics(self, text: str) -> None:
        (self.root / "pay/topics.yaml").write_text("topics:\n" + text)

    def run(self, *arguments: str) -> tuple[int, str]:
        code = cli.main([arguments[0], str(self.root), "--cluster", "prod", *arguments[1:]])
        out, err = self.capfd.readouterr()
        return code, out + err

    def apply(self) -> tuple[int, str]:
        return self.run("apply", "--yes")

    def reviewed(self) -> tuple[int, str]:
        """As after a merge request: what the plan showed is done, and nothing else."""
        plan = str(self.root.parent / "plan.json")
        self.run("plan", "--out", plan)
        return self.run("apply", "--yes", "--plan", plan)


@pytest.fixture
def fleet(tmp_path: Path, brokers: Sandbox, capfd: pytest.CaptureFixture[str]) -> Fleet:
    return Fleet(tmp_path / "topics", brokers.bootstrap, capfd)


@pytest.fixture
def fleet_of(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Callable[..., Fleet]:
    return lambda bootstrap, extra="": Fleet(tmp_path / "topics", bootstrap, capfd, extra)
