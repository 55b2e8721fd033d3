"""What the users of a secure sandbox may do: what docs/rights.md and docs/record-topic.md say, granted at start."""

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
RECORD = {"reader": ("READ",), "writer": ("READ", "WRITE", "CREATE")}
"""User -> operations on the topics of records, all of which begin with RECORD_PREFIX."""
RECORD_PREFIX = "_provisioner_"
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

    for restype, name, pattern, user, operation in _rights():
        where = (ResourceType[restype], name, ResourcePatternType[pattern], f"User:{user}", "*")
        yield AclBinding(*where, AclOperation[operation], AclPermissionType.ALLOW)


def _rights() -> Iterator[tuple[str, str, str, str, str]]:
    for user, kinds in RIGHTS.items():
        for kind, operations in kinds.items():
            name = _CLUSTER if kind == "BROKER" else "*"
            yield from ((kind, name, "LITERAL", user, operation) for operation in operations)
    for user, operations in RECORD.items():
        yield from (("TOPIC", RECORD_PREFIX, "PREFIXED", user, operation) for operation in operations)
