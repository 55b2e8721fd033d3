"""One board of each sort, as the shipped templates draw it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from provisioner.catalog.model import Catalog
from provisioner.kinds import DASHBOARDS
from provisioner.kinds.kind import Context
from provisioner.profiles import NAMES, named
from tests.declared import BILLING, ORDERS, URL, catalog, shipped

NEEDS = shipped().dashboards["topic"].needs
PROFILES = pytest.mark.parametrize("profile", [name for name in NAMES if not named(name).lacks(NEEDS)])
"""Those that can give a board."""
RULES = {"type": "files", "folder": "/rules"}
BOARDS = ("orders.v1", "orders.v1.dlq", "eu.orders.v1", "quiet.v1", "all topics", "team payments", "team finance")
"""A topic with three limits, its dead letters, somebody else's topic, and one without a lag alert; that of all topics,
of a team that owns topics, and of one that runs groups."""


def drawn_from(declared: Catalog, topic: str) -> dict[str, Any]:
    """The board of a topic."""
    resource = DASHBOARDS.wanted(declared, Context(shipped()))[topic].resource
    assert resource
    made: dict[str, Any] = json.loads(resource.text)
    return made


def board_of(name: str, **cluster: Any) -> dict[str, Any]:
    """One of BOARDS; `cluster`: what its cluster declares."""
    topics = [
        {**ORDERS, "dead_letter": "orders.v1.dlq", "message": "payments.v1.Order", "description": "Orders"},
        {"name": "eu.orders.v1", "state": "external"},
        {"name": "quiet.v1", "lag": "none"},
    ]
    layout = "shared" if name == "all topics" else "topic"
    boards = {"type": "files", "folder": "/dashboards", "url": URL, "layout": layout, "teams": True}
    settings = {"alerts": RULES, "metrics": {"matchers": {"cluster": "prod"}}, "dashboards": boards, **cluster}
    consumers = [{**BILLING, "lag": "5m"}, {**BILLING, "group": "shipping-planner", "lag": "15m"}]
    return drawn_from(catalog(topics, consumers, **settings), name)


def targets(made: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every question of a board."""
    return (target for panel in made["panels"] for target in panel.get("targets", ()))


def many_limits(groups: int = 10, profile: str = "kafka_exporter", name: str = "orders.v1") -> dict[str, Any]:
    """The board of a topic with so many groups, none of which has the limit of another."""
    topic = {**ORDERS, "name": name, "message": "payments.v1.Order", "description": "Orders"}
    consumers = [{"topic": name, "group": f"shipping-planner-{at:02}", "lag": f"{5 + at}m"} for at in range(groups)]
    boards = {"type": "files", "folder": "/dashboards", "url": URL}
    metrics = {"profile": profile, "matchers": {"cluster": "prod"}}
    return drawn_from(catalog(topic, consumers, alerts=RULES, metrics=metrics, dashboards=boards), name)


def written_back(made: Mapping[str, Any]) -> dict[str, Any]:
    """The board with what its hidden variables hold in its questions, as Grafana writes them."""
    held = {one["name"]: one["query"] for one in made["templating"]["list"] if one["type"] == "constant"}

    def whole(target: dict[str, Any]) -> dict[str, Any]:
        return {**target, "expr": re.sub(r"\$\{(\w+):raw\}", lambda use: held[use[1]], target["expr"])}

    panels = [
        {**panel, **({"targets": list(map(whole, panel["targets"]))} if "targets" in panel else {})}
        for panel in made["panels"]
    ]
    shown = [one for one in made["templating"]["list"] if one["type"] != "constant"]
    return {**made, "templating": {**made["templating"], "list": shown}, "panels": panels}


def filled_in(expression: str) -> str:
    """As Grafana asks it where every group is chosen."""
    return expression.replace("$__rate_interval", "1m").replace("$group", ".*").replace("$topic", "orders.v1")
