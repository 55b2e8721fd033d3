"""What somebody does to throttles by hand, through confluent-kafka."""

from __future__ import annotations

from collections.abc import Mapping

from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from provisioner.sandbox import Sandbox
from tests.faults import moves_witness
from tests.faults.moves_witness import Setting

KINDS = {"broker": ResourceType.BROKER, "topic": ResourceType.TOPIC}


def throttled(brokers: Sandbox, wanted: Mapping[Setting, str | None]) -> None:
    """These values set, and (None) removed."""
    client = AdminClient({"bootstrap.servers": brokers.bootstrap, "log_level": 0})
    for kind, name in {setting[:2] for setting in wanted}:
        entries = [_entry(key, value) for (*place, key), value in wanted.items() if place == [kind, name]]
        resource = ConfigResource(KINDS[kind], name, incremental_configs=entries)
        for future in client.incremental_alter_configs([resource], request_timeout=20).values():
            future.result(30)


def unthrottled(brokers: Sandbox, names: list[str]) -> None:
    """All that is set on brokers that live and on these topics removed."""
    throttled(brokers, dict.fromkeys(moves_witness.throttles(brokers, names)))


def _entry(key: str, value: str | None) -> ConfigEntry:
    kind = AlterConfigOpType.DELETE if value is None else AlterConfigOpType.SET
    return ConfigEntry(key, value, incremental_operation=kind)
