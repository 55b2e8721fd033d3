"""What the users of a secure sandbox may do: the rights of docs/rights.md, granted once the brokers run."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from provisioner.errors import SandboxError
from provisioner.sandbox import wire
from provisioner.sandbox.state import Sandbox

if TYPE_CHECKING:
    from confluent_kafka.admin import AclBinding

SECONDS = 30.0
_READS = {
    "TOPIC": ("DESCRIBE", "DESCRIBE_CONFIGS", "READ"),
    "GROUP": ("DESCRIBE", "READ"),
    "BROKER": ("DESCRIBE",),
}
RIGHTS = {
    "reader": _READS,
    "writer": {**_READS, "TOPIC": (*_READS["TOPIC"], "CREATE", "ALTER", "ALTER_CONFIGS", "DELETE")},
}
"""User -> kind -> operations, on every topic and group; BROKER is the library's word for the cluster."""
_CLUSTER = "kafka-cluster"


def granted(sandbox: Sandbox) -> None:
    """Give reader and writer their rights."""
    create(sandbox, list(_bindings()))


def create(sandbox: Sandbox, bindings: Sequence[AclBinding]) -> None:
    """Create ACLs, and wait until each broker has them: one may be late by two seconds (measured)."""
    from confluent_kafka import KafkaException

    try:
        _sent(sandbox.bootstrap, bindings)
    except KafkaException as error:
        raise SandboxError(f"ACLs cannot be created: {error}", "run it again") from None
    wanted, deadline = {_acl(binding) for binding in bindings}, time.monotonic() + SECONDS
    for node in sandbox.nodes:
        while not wanted <= wire.acls(node.ports.client):
            if time.monotonic() > deadline:
                raise SandboxError(f"broker {node.number} has no ACLs after {SECONDS:.0f} s", "run it again")
            time.sleep(0.05)


def _acl(binding: Any) -> wire.Acl:
    """A binding as a broker writes it; the library's own type says that each part may be a word or a number, too."""
    where = (binding.restype.value, binding.name, binding.resource_pattern_type.value)
    return (*where, binding.principal, binding.host, binding.operation.value, binding.permission_type.value)


def _sent(bootstrap: str, bindings: Sequence[AclBinding]) -> None:
    from confluent_kafka.admin import AdminClient

    # It has to live until the answers are there.
    client = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    for future in client.create_acls(list(bindings)).values():
        future.result(SECONDS)


def _bindings() -> Iterator[AclBinding]:
    from confluent_kafka.admin import AclBinding, AclOperation, AclPermissionType, ResourcePatternType, ResourceType

    for user, kinds in RIGHTS.items():
        for kind, operations in kinds.items():
            name = _CLUSTER if kind == "BROKER" else "*"
            where = (ResourceType[kind], name, ResourcePatternType.LITERAL, f"User:{user}", "*")
            for operation in operations:
                yield AclBinding(*where, AclOperation[operation], AclPermissionType.ALLOW)
