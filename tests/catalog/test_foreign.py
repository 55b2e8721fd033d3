"""Topics of other programs, by the names that those give them."""

from __future__ import annotations

import pytest

from provisioner.catalog.foreign import kept_by

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
    assert kept_by(name, ["audit.*"]) is not None


@pytest.mark.parametrize("name", ["orders.v1", "connect", "changelog", "user-status", "offsets", "disconnected", "a.b"])
def test_what_only_sounds_like_them_is_ours(name: str) -> None:
    """A name that no glob names."""
    assert kept_by(name, ["audit.*"]) is None
