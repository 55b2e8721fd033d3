"""A sandbox for people and for programs: addresses, users, and which of its brokers live."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from provisioner.sandbox.properties import MECHANISMS, USERS
from provisioner.sandbox.state import Node, Sandbox

MAY = {"admin": "everything", "reader": "plan, drift, import", "writer": "apply, too"}


def document(sandbox: Sandbox) -> dict[str, Any]:
    """For programs: the addresses, the cluster's id, each node, and the users of a secure sandbox."""
    secure = sandbox.secure_bootstrap
    return {
        "name": sandbox.name,
        "kafka": sandbox.kafka,
        "cluster_id": sandbox.cluster_id,
        "heap": sandbox.heap,
        "bootstrap": sandbox.bootstrap,
        "secure_bootstrap": secure,
        "sasl": {"mechanisms": list(MECHANISMS), "users": dict(USERS)} if secure else None,
        "nodes": [_node(sandbox, node) for node in sandbox.nodes],
    }


def _node(sandbox: Sandbox, node: Node) -> dict[str, Any]:
    condition = sandbox.condition(node.number)
    ports = {"port": node.ports.client, "secure_port": node.ports.secure}
    return {"node": node.number, "pid": node.pid, **ports, "alive": condition != "dead", "condition": condition}


def lines(sandbox: Sandbox) -> Iterator[str]:
    """For people, below a first line of the command's own."""
    yield f"  Kafka {sandbox.kafka}, cluster {sandbox.cluster_id}, {sandbox.heap} of heap a broker"
    yield f"  plain    {sandbox.bootstrap}"
    if sandbox.secure_bootstrap:
        yield f"  secure   {sandbox.secure_bootstrap}"
        yield f"           SASL_PLAINTEXT: {', '.join(MECHANISMS)}; user, password, what it may do:"
        yield from (f"           {user:<8} {password:<15} {MAY[user]}" for user, password in USERS.items())
    for node in sandbox.nodes:
        yield f"  broker {node.number} {_life(sandbox, node)}"


def _life(sandbox: Sandbox, node: Node) -> str:
    condition = sandbox.condition(node.number)
    if condition == "dead":
        last = sandbox.log(node.number, 1).strip()[:200]
        return f"dead     its log ends: {last}"
    return f"{condition:<8} process {node.pid}"
