"""What is rendered of the same inputs is the same, for as long as FORM says so."""

from __future__ import annotations

import hashlib
from pathlib import Path

from provisioner.kinds import ALERTS, DASHBOARDS, rule_files
from provisioner.kinds.kind import Context
from provisioner.kinds.rendering import FORM
from provisioner.templates import Templates, load
from tests import declared

ALERT = """name: mine
scope: consumer
summary: x
needs: [log_end, committed]
parameters: {lag: {type: duration, default: 10m}}
rule:
  alert: Mine
  expr: "<< metric.committed >> < << metric.log_end | ago(lag) >>"
  for: 2m
  annotations: {summary: "<< consumer.group >> of << topic.name >>"}
"""
BOARD = """{"__template": {"name": "topic", "summary": "x", "needs": ["log_end"]}, "uid": "<< uid >>",
"panels": [{"title": "<< topic.name >>", "targets": [{"expr": "<< metric.log_end | per_second('5m') >>"}]}]}
"""
RENDERED = {1: "46265d655110128e e17f896ea32ca401"}
"""FORM -> the digests of one rule file and of one board, both of templates whose texts never change."""


def own(folder: Path) -> Templates:
    for name, text in {"mine.yaml": ALERT, "topic.json": BOARD}.items():
        (folder / name).write_text(text, "utf-8")
    found = load(folder, folder)
    return Templates({"mine": found.alerts["mine"]}, {"topic": found.dashboards["topic"]})


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def test_another_rendering_of_the_same_is_another_form(tmp_path: Path) -> None:
    """Else files that stand as they were are what somebody changed by hand: raise FORM, and note its digests here."""
    catalog = declared.catalog(consumers={**declared.BILLING, "lag": "5m"})
    context = Context(own(tmp_path))
    (rules,) = rule_files.pack("prod", [each.resource for each in ALERTS.wanted(catalog, context).values()]).values()
    board = DASHBOARDS.wanted(catalog, context)["orders.v1"].resource
    assert board
    assert f"{digest(rules)} {digest(board.text)}" == RENDERED[FORM]
