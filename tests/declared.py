"""Declarations as people write them, read into the catalog of one cluster: where tests of alerts begin."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from provisioner.catalog import catalog as catalogs
from provisioner.catalog import folder
from provisioner.catalog.model import Catalog
from provisioner.kinds import ALERTS
from provisioner.kinds.alert_set import AlertSet, Rule
from provisioner.kinds.kind import Context
from provisioner.templates import Templates, load

URL = "https://grafana.example.com"
CLUSTER: Mapping[str, Any] = {
    "bootstrap": "kafka:9092",
    "dashboards": {"type": "files", "folder": "/dashboards", "url": URL},
}
TEAMS: Mapping[str, Mapping[str, Any]] = {
    "payments": {"chat": "#payments", "severity": "page", "runbook": "https://wiki.example.com/payments"},
    "finance": {"chat": "#finance", "severity": "ticket"},
}
ORDERS: Mapping[str, Any] = {"name": "orders.v1"}
BILLING: Mapping[str, Any] = {"topic": "orders.v1", "group": "billing"}


def catalog(
    topics: Mapping[str, Any] | list[Mapping[str, Any]] = ORDERS,
    consumers: Mapping[str, Any] | list[Mapping[str, Any]] = (),  # type: ignore[assignment]
    teams: Mapping[str, Mapping[str, Any]] = TEAMS,
    **cluster: Any,
) -> Catalog:
    """Topics of team payments and consumers of team finance on the cluster `prod`; JSON is YAML, quoted throughout."""
    told = {name: value for name, value in {**CLUSTER, **cluster}.items() if value is not None}
    files = {
        "clusters.yaml": {"clusters": {"prod": told}},
        **{f"{name}/team.yaml": team for name, team in teams.items()},
        "payments/topics.yaml": {"topics": _listed(topics)},
        "finance/consumers.yaml": {"consumers": _listed(consumers)},
    }
    with tempfile.TemporaryDirectory() as place:
        for name, data in files.items():
            (Path(place) / name).parent.mkdir(exist_ok=True)
            (Path(place) / name).write_text(json.dumps(data, ensure_ascii=False), "utf-8")
        declarations = folder.read(Path(place))
    made, problems = catalogs.catalogs(declarations)
    assert [*declarations.problems, *problems] == []
    return made["prod"]


@cache
def shipped() -> Templates:
    """The templates that everybody has."""
    return load()


def with_texts(declared: Catalog, *, group: str | None = None, **team: str) -> Catalog:
    """The catalog with texts that no file could bring in: templates must bear what another door lets through."""
    topics = {}
    for name, topic in declared.topics.items():
        consumers = [replace(one, group=group or one.group) for one in topic.consumers]
        topics[name] = replace(topic, consumers=tuple(consumers), team=replace(topic.team, **team))
    return replace(declared, topics=topics)


def _listed(entries: Any) -> list[Any]:
    return [entries] if isinstance(entries, dict) else list(entries)


def sets(declared: Catalog, templates: Templates | None = None) -> dict[str, AlertSet]:
    """The alerts of each topic by the shipped templates."""
    found = ALERTS.wanted(declared, Context(templates or shipped()))
    return {name: wanted.resource for name, wanted in found.items() if wanted.resource}


def rules(declared: Catalog, topic: str = "orders.v1") -> tuple[Rule, ...]:
    """The rules of one topic by the shipped templates."""
    made = sets(declared)
    return made[topic].rules if topic in made else ()
