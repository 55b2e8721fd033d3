"""server.properties of one node of the sandbox: a broker and controller in one, small and quick."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

USERS: Mapping[str, str] = {"admin": "admin-secret", "reader": "reader-secret", "writer": "writer-secret"}
"""Users of a secure sandbox; admin may do everything, the others what ACLs say (rights.py)."""
SCRAM = ("SCRAM-SHA-256", "SCRAM-SHA-512")
MECHANISMS = ("PLAIN", *SCRAM)


@dataclass(frozen=True, slots=True)
class Ports:
    """One node's ports; `secure` only in a secure sandbox."""

    client: int
    controller: int
    secure: int | None = None


_ALIKE = {
    "process.roles": "broker,controller",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:SASL_PLAINTEXT",
    "inter.broker.listener.name": "PLAINTEXT",
    "controller.listener.names": "CONTROLLER",
    "auto.create.topics.enable": "false",
    "num.partitions": "1",
    "offsets.topic.num.partitions": "3",
    "transaction.state.log.num.partitions": "3",
    "share.coordinator.state.topic.num.partitions": "3",
    "group.initial.rebalance.delay.ms": "0",
    # 128 MiB of heap by default.
    "log.cleaner.dedupe.buffer.size": "4194304",
    "log.cleaner.threads": "1",
    "num.io.threads": "4",
    "num.network.threads": "2",
    "num.replica.fetchers": "1",
    "background.threads": "4",
    # Half a second costs 0.4 of a core, and a busy machine then fences its own brokers.
    "broker.heartbeat.interval.ms": "1000",
    "broker.session.timeout.ms": "9000",
    "controlled.shutdown.enable": "false",
    "controller.quota.window.size.seconds": "1",
}
"""What every node of every sandbox has."""


def server(node: int, ports: Sequence[Ports], data: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """All properties of node number `node` (from 1)."""
    own = {"node.id": str(node), "log.dirs": str(data), "broker.rack": f"r{(node - 1) % 3 + 1}"}
    secure = _secure() if ports[node - 1].secure else {}
    return {**_ALIKE, **own, **_addresses(ports[node - 1], ports), **_copies(len(ports)), **secure, **settings}


def _addresses(mine: Ports, ports: Sequence[Ports]) -> dict[str, str]:
    voters = ",".join(f"{number}@127.0.0.1:{each.controller}" for number, each in enumerate(ports, 1))
    listeners = [f"PLAINTEXT://127.0.0.1:{mine.client}"]
    if mine.secure:
        listeners.append(f"SASL://127.0.0.1:{mine.secure}")
    return {
        "controller.quorum.voters": voters,
        "listeners": ",".join([*listeners, f"CONTROLLER://127.0.0.1:{mine.controller}"]),
        "advertised.listeners": ",".join(listeners),
    }


def _copies(nodes: int) -> dict[str, str]:
    """Three replicas of everything, two of them in sync, as far as there are nodes."""
    copies, least = str(min(3, nodes)), str(min(2, nodes))
    return {
        "default.replication.factor": copies,
        "min.insync.replicas": least,
        "offsets.topic.replication.factor": copies,
        "transaction.state.log.replication.factor": copies,
        "transaction.state.log.min.isr": least,
        "share.coordinator.state.topic.replication.factor": copies,
        "share.coordinator.state.topic.min.isr": least,
    }


def _secure() -> dict[str, str]:
    plain = "org.apache.kafka.common.security.plain.PlainLoginModule"
    scram = "org.apache.kafka.common.security.scram.ScramLoginModule"
    users = " ".join(f'user_{name}="{password}"' for name, password in USERS.items())
    return {
        "sasl.enabled.mechanisms": ",".join(MECHANISMS),
        "listener.name.sasl.plain.sasl.jaas.config": f"{plain} required {users};",
        **{f"listener.name.sasl.{each.lower()}.sasl.jaas.config": f"{scram} required;" for each in SCRAM},
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        # Whoever comes through the plain listener is root: tests need one.
        "super.users": "User:ANONYMOUS;User:admin",
        "allow.everyone.if.no.acl.found": "false",
    }


def text(properties: Mapping[str, str]) -> str:
    """The file's text."""
    return "".join(f"{key}={value}\n" for key, value in properties.items())
