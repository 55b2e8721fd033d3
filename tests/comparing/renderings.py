"""Renderings in a few words: files of rules and dashboards as some version of this program may write them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any

import yaml

from provisioner import comparing
from provisioner.comparing import Difference, Piece

ORIGINS = {("KafkaConsumerLagHigh", True): "consumer_lag", ("KafkaConsumerLagHigh", False): "other_consumers_lag"}

Files = Mapping[str, str]


def rule(topic: str, group: str | None = "billing", team: str = "payments", **parts: Any) -> dict[str, Any]:
    """The lag alert of a topic on prod; `parts` win."""
    labels = {"kafka_cluster": "prod", "topic": topic, "team": team} | ({"consumer_group": group} if group else {})
    labels |= parts.pop("labels", {})
    return {
        "alert": "KafkaConsumerLagHigh",
        "expr": f'lag{{topic="{topic}"}} > 0',
        "for": "2m",
        "labels": labels,
        **deepcopy(parts),
    }


def rules(*several: Mapping[str, Any], **group: Any) -> str:
    """A file of one group."""
    return yaml.safe_dump({"groups": [{"name": "kafka prod/payments", "rules": list(several), **group}]}, width=60)


def board(uid: str, panels: Mapping[str, Any], **rest: Any) -> str:
    """A dashboard: title of a panel -> its unit, one below the other."""
    shown = [
        {"id": at, "title": title, "unit": unit, "gridPos": {"y": 8 * at}}
        for at, (title, unit) in enumerate(panels.items())
    ]
    return json.dumps({"uid": uid, "title": f"Kafka {uid}", "tags": ["kafka", "payments"], "panels": shown, **rest})


def pieces(files: Files) -> list[Piece]:
    """All of a rendering."""
    return [each for name, text in files.items() for each in comparing.pieces(name, text.encode(), ORIGINS)]


def difference(before: Files, after: Files) -> Difference:
    """Of two renderings."""
    return comparing.difference(pieces(before), pieces(after))


def said(before: Files, after: Files) -> list[str]:
    """A line a template."""
    found = difference(before, after)
    return [comparing.sentence(tally, found) for tally in found.tallies]


def many(names: Iterable[str], **parts: Any) -> str:
    """The lag alerts of these topics, each of a team of its own."""
    return rules(*(rule(name, team=f"team-{name}", **parts) for name in names))
