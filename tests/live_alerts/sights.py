"""What Prometheus had of each alert: when its expression held, when it fired, what the pager was told."""

from __future__ import annotations

import json
import urllib.request
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tests.live_alerts.servers import Call
from tests.live_alerts.truths import Span
from tests.live_alerts.verdict import Name, Sight
from tests.recorded.prometheus import Server

STEP = 1
"""Seconds between two looks at what there was."""


def sights(server: Server, cluster: str, calls: Sequence[Call], began: float, end: float) -> dict[Name, Sight]:
    """Of one cluster's alerts; times count from `began`."""
    raw = defaultdict(list)
    for rule in _rules(server, cluster):
        for labels, span in _of_query(server, rule["query"], began, end):
            raw[_name({"alertname": rule["name"], **labels, **_fixed(rule["labels"])})].append(span)
    fired = defaultdict(list)
    query = f'ALERTS{{alertstate="firing",kafka_cluster="{cluster}"}}'
    for labels, span in _of_query(server, query, began, end):
        fired[_name(labels)].append(span)
    told = defaultdict(list)
    for call in calls:
        if call.labels.get("kafka_cluster") == cluster:
            told[_name(call.labels), call.status].append(call.when - began)
    names = {*raw, *fired, *(name for name, _ in told)}
    return {
        name: Sight(_merged(raw[name]), _merged(fired[name]), told[name, "firing"], told[name, "resolved"])
        for name in names
    }


def _rules(server: Server, cluster: str) -> Iterator[Mapping[str, Any]]:
    with urllib.request.urlopen(f"{server.address}/api/v1/rules?type=alert", timeout=30) as answer:
        groups = json.load(answer)["data"]["groups"]
    for group in groups:
        if f"/{cluster}/" in group["file"]:
            yield from group["rules"]


def _fixed(labels: Mapping[str, str]) -> dict[str, str]:
    """What is no template of the series' own labels."""
    return {label: value for label, value in labels.items() if "{{" not in value}


def _name(labels: Mapping[str, str]) -> Name:
    return labels["alertname"], labels.get("topic", ""), labels.get("consumer_group", "")


def _of_query(server: Server, query: str, began: float, end: float) -> Iterator[tuple[Mapping[str, str], Span]]:
    for answer in server.range(query, began, end, STEP):
        for span in _spans([when - began for when, _ in answer.points]):
            yield answer.labels, span


def _spans(times: Iterable[float]) -> Iterator[Span]:
    begin = last = None
    for when in times:
        if begin is None or last is None:
            begin = when
        elif when - last > STEP + 0.5:
            yield begin, last
            begin = when
        last = when
    if begin is not None and last is not None:
        yield begin, last


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Of several series of one alert (another severity): one after the other."""
    found: list[Span] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1] + STEP + 0.5:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found
