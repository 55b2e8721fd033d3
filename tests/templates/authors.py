"""Templates as people write them, in a folder of their own; and what is said of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from provisioner.problem import Problem
from provisioner.templates import Template
from provisioner.templates.loading import HEADER, alert, dashboard
from provisioner.templates.source import Source

HEAD = "name: mine\nscope: topic\nsummary: Mine.\n"
RULE = "rule:\n  alert: KafkaMine\n  expr: vector(1)\n"


def alert_problems(text: str, name: str = "mine.yaml") -> tuple[Problem, ...]:
    """All that is wrong with an alert template."""
    return tuple(alert(Source(name, text))[1])


def dashboard_problems(text: str, name: str = "mine.json") -> tuple[Problem, ...]:
    """All that is wrong with a dashboard template."""
    return tuple(dashboard(Source(name, text))[1])


def board(body: Mapping[str, Any], **header: Any) -> Template:
    """A dashboard template of this body; its texts are escaped for Grafana."""
    text = json.dumps({HEADER: {"name": "mine", "summary": "Mine.", **header}, **body})
    made, problems = dashboard(Source("mine.json", text))
    assert (made is not None, problems) == (True, [])
    assert made
    return made


def rule(body: str, head: str = HEAD) -> Template:
    """An alert template with this rule, indented by two."""
    made, problems = alert(Source("mine.yaml", f"{head}rule:\n{body}"))
    assert (made is not None, problems) == (True, [])
    assert made
    return made


def value(expression: str, **names: Any) -> Any:
    """What one expression gives, by itself."""
    return board({"x": f"<<{expression}>>"}).render(names)["x"]


def folder(place: Path, **files: str) -> Path:
    """Alert templates by their stems."""
    for name, text in files.items():
        (place / f"{name}.yaml").write_text(text)
    return place
