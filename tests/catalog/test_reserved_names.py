"""Topics of other programs, by the names that those give them."""

from __future__ import annotations

import pytest

from provisioner.catalog.reserved_names import RESERVED_NAMES, reserved_name, reserved_names

STREAMS = ["app-store-changelog", "app-KSTREAM-AGGREGATE-STATE-STORE-0000000003-repartition"]
CONNECT = [
    "connect-configs",
    "connect-cluster-offsets",
    "eu-connect-status",
    "my_connect_statuses",
    "a.connect.configs",
]
OTHERS = ["_schemas", "mm2-offset-syncs.eu.internal", "eu.checkpoints.internal", "heartbeats", "audit.log"]


@pytest.mark.parametrize("name", [*STREAMS, *CONNECT, *OTHERS])
def test_what_others_make_is_theirs(name: str) -> None:
    """Kafka Streams, Connect as its distributions call it, MirrorMaker, a schema registry, and protected names."""
    assert reserved_name(name, reserved_names(["audit.*"])) is not None


@pytest.mark.parametrize("name", ["orders.v1", "connect", "changelog", "user-status", "offsets", "disconnected", "a.b"])
def test_what_only_sounds_like_them_is_ours(name: str) -> None:
    """A name that no glob names."""
    assert reserved_name(name, reserved_names(["audit.*"])) is None


def test_a_convention_binds_nobody() -> None:
    """Whoever declares a changelog of Streams by hand means it; Kafka's own topics nobody may keep."""
    binding = [row for row in reserved_names(["audit.*"]) if row.binding]
    assert [reserved_name(name, binding) for name in ("x-changelog", "heartbeats")] == [None, None]
    assert all(reserved_name(name, binding) for name in ("__consumer_offsets", "_schemas", "audit.log"))


def test_no_glob_stands_there_twice() -> None:
    """Each with its one reason."""
    assert len({row.pattern for row in RESERVED_NAMES}) == len(RESERVED_NAMES)
