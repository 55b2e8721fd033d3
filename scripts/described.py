"""Configs and hazards in words, as the tables of docs/ and the schemas both have them."""

from __future__ import annotations

from provisioner.catalog.topic_config import INT, LONG, ConfigKey, Unit
from provisioner.kinds import directions
from provisioner.kinds.hazard_table import Row


def what(key: ConfigKey) -> str:
    if key.words:
        words = ", ".join(f"`{word}`" for word in key.words)
        return f'any of {words}; `""` for none of them' if key.unit is Unit.LIST else f"one of {words}"
    bounds = [f"at least {key.low}"] if key.unit in (Unit.MS, Unit.BYTES, Unit.NUMBER) else []
    bounds += [f"at most {key.high}"] if key.high not in (LONG, INT, 1) else []
    return ", ".join([str(key.unit), *bounds])


WHEN = {
    directions.less: "falls",
    directions.more: "rises",
    directions.some_gain: "rises",
    directions.some_lose: "falls",
    directions.less_kept: "falls (-1 is without limit)",
    directions.more_kept: "rises (-1 is without limit)",
    directions.different: "changes",
    directions.turned_on: "becomes true",
    directions.turned_off: "becomes false",
}


FIXED = {
    "delete-topic": "`state: absent`, and the topic exists",
    "in-use": "besides, a reader is connected, or a record younger than 24h",
    "extra-config": "a key of the cluster's `extra_configs` changes",
    "other-message": "`message` is not what was applied",
}
"""When those hazards are there that no row has."""


def when(row: Row) -> str:
    return f"`{row.field.removeprefix('config.')}` {WHEN.get(row.when, 'rises to the replication factor, or beyond')}"
