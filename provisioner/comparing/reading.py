"""The alerts and dashboards in a file of a rendering, whatever version wrote it and however it lays out its files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from sys import intern
from typing import Any

from provisioner.comparing.origins import Origins
from provisioner.comparing.piece import ALERT, DASHBOARD, Piece, packed
from provisioner.kinds import dashboard, rule_files

RULES = (".yml", ".yaml")
SUFFIXES = (*RULES, ".json")
"""Of the files that a rendering has."""
CLUSTER = "kafka_cluster"
IDENTITY = ("topic", "consumer_group")
"""The labels that tell an alert from its namesakes on a cluster; they are spelled alike for every profile."""


class NotRenderedError(ValueError):
    """A file that no version of this program renders; the text says why."""


def pieces(name: str, raw: bytes, origins: Origins) -> Iterator[Piece]:
    """Of one file. `name`: its path below the rendering; the first folder is the cluster's. Raises NotRenderedError."""
    cluster = intern(name.partition("/")[0] if "/" in name else "")
    try:
        text = raw.decode("utf-8")
        yield from (_rules(text, cluster, origins) if name.endswith(RULES) else [_dashboard(text, name, cluster)])
    except UnicodeDecodeError:
        raise NotRenderedError("it is not UTF-8") from None
    except rule_files.ForeignFileError as error:
        raise NotRenderedError(str(error)) from None


def _rules(text: str, cluster: str, origins: Origins) -> Iterator[Piece]:
    groups = rule_files.groups(text)
    try:
        for group in groups:
            common = {f"group.{key}": value for key, value in group.items() if key not in ("name", "rules")}
            yield from (_rule(rule, common, cluster, origins) for rule in group["rules"] or ())
    except (TypeError, KeyError, AttributeError):
        raise NotRenderedError("it is not as rules of Prometheus are: groups with a name and rules") from None


def _rule(rule: Mapping[str, Any], common: Mapping[str, Any], cluster: str, origins: Origins) -> Piece:
    """`common`: what its group says of all its rules."""
    name, labels = str(rule.get("alert") or rule["record"]), rule.get("labels") or {}
    parts = dict(_flat({**common, **rule}))
    cluster = str(labels.get(CLUSTER, cluster))
    topic, group = (str(labels.get(label, "")) for label in IDENTITY)
    title = " ".join(filter(None, (name, topic, group)))
    digest, text = packed(json.dumps(parts, sort_keys=True))
    template = origins.get((name, bool(group)), name)
    teams = (intern(str(labels["team"])),) if "team" in labels else ()
    identity = (ALERT, cluster, name, topic, group)
    return Piece(ALERT, intern(template), intern(cluster), identity, title, teams, digest, text)


def _flat(rule: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in rule.items():
        if isinstance(value, Mapping):
            yield from ((f"{key}.{name}", _text(text)) for name, text in value.items())
        else:
            yield key, _text(value)


def _text(value: Any) -> str:
    return value.rstrip() if isinstance(value, str) else json.dumps(value, sort_keys=True)


def _dashboard(text: str, name: str, cluster: str) -> Piece:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotRenderedError(f"it is not JSON: {error}") from None
    if not isinstance(data, dict) or not isinstance(data.get("uid"), str):
        raise NotRenderedError("it is no dashboard of Grafana: it has no uid")
    title = data["title"] if isinstance(data.get("title"), str) else name
    digest, compressed = packed(text)
    tags = data["tags"] if isinstance(data.get("tags"), list) else []
    teams = tuple(intern(tag) for tag in tags if isinstance(tag, str))
    return Piece(DASHBOARD, dashboard.TOPIC, cluster, (DASHBOARD, data["uid"]), title, teams, digest, compressed)
