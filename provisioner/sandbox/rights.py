"""What the users of a secure sandbox may do: the rights of docs/rights.md, granted once the brokers run."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from provisioner.errors import SandboxError
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

    deadline = time.monotonic() + SECONDS
    try:
        _sent(sandbox.bootstrap, bindings)
        for address in sandbox.bootstrap.split(","):
            while not set(bindings) <= _known(address):
                if time.monotonic() > deadline:
                    raise SandboxError(f"{address} does not know the ACLs after {SECONDS:.0f} s", "run it again")
                time.sleep(0.1)
    except KafkaException as error:
        raise SandboxError(f"ACLs cannot be created: {error}", "run it again") from None


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


def _known(address: str) -> set[AclBinding]:
    """The ACLs that a broker has; a new client asks the one broker that it was given."""
    from confluent_kafka.admin import (
        AclBindingFilter,
        AclOperation,
        AclPermissionType,
        AdminClient,
        ResourcePatternType,
        ResourceType,
    )

    # The library's stub wants text where None stands for any.
    every = AclBindingFilter(
        ResourceType.ANY,
        None,  # type: ignore[arg-type]
        ResourcePatternType.ANY,
        None,  # type: ignore[arg-type]
        None,  # type: ignore[arg-type]
        AclOperation.ANY,
        AclPermissionType.ANY,
    )
    client = AdminClient({"bootstrap.servers": address, "log_level": 0})
    return set(client.describe_acls(every).result(SECONDS))
