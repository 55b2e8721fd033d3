"""Dashboards in words: the panels that come, go and change, by title; and their JSON line by line, for a diff."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from provisioner.kinds.dashboard import PANEL, Dashboard


def changed(before: Dashboard, after: Dashboard) -> list[str]:
    """`panels: Lag as time, What this is`, then those that come and go, then what is no panel."""
    old, new = before.exact(), after.exact()
    differ = [name for name in dict.fromkeys([*new, *old]) if old.get(name) != new.get(name)]
    rows = {
        "panels": [name for name in differ if name in old and name in new and name.startswith(PANEL)],
        "new panels": [name for name in differ if name not in old and name.startswith(PANEL)],
        "without": [name for name in differ if name not in new and name.startswith(PANEL)],
        "besides": [name for name in differ if not name.startswith(PANEL)],
    }
    return [f"{word}: {', '.join(map(_title, names))}" for word, names in rows.items() if names]


def _title(name: str) -> str:
    return name.removeprefix(PANEL)


def lines(value: str) -> list[str]:
    """A panel's JSON as `path: value` lines, texts of several lines one by one; any other text as it is."""
    try:
        return list(_leaves(json.loads(value), ""))
    except ValueError:
        return value.split("\n")


def _leaves(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, (dict, list)) and value:
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in pairs:
            yield from _leaves(inner, f"{path}.{key}" if path else str(key))
    else:
        text = value if isinstance(value, str) else json.dumps(value)
        yield from (f"{path}: {line}" for line in text.split("\n"))
