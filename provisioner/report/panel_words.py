"""Dashboards in words: the panels that come, go and change, by title; and their JSON line by line, for a diff."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from provisioner.kinds.dashboard import PANEL, Dashboard


def changed(before: Dashboard, after: Dashboard) -> list[str]:
    """`panels: Lag as time, What this is`, then those that come and go, then what is no panel."""
    old, new, differ = before.parts(), after.parts(), _differing(before, after)
    rows = {
        "panels": [name for name in differ if name in old and name in new and name.startswith(PANEL)],
        "new panels": [name for name in differ if name not in old and name.startswith(PANEL)],
        "without": [name for name in differ if name not in new and name.startswith(PANEL)],
        "besides": [name for name in differ if not name.startswith(PANEL)],
    }
    return [f"{word}: {', '.join(map(_title, names))}" for word, names in rows.items() if names]


def _differing(before: Dashboard, after: Dashboard) -> list[str]:
    old, new = before.parts(), after.parts()
    return [
        name for name in dict.fromkeys([*new, *old]) if name not in old or name not in new or old[name] != new[name]
    ]


def _title(name: str) -> str:
    return name.removeprefix(PANEL)


def texts(before: Dashboard, after: Dashboard) -> Iterator[tuple[str, list[str], list[str]]]:
    """Each field that differs, as `path: value` lines before and after; texts of several lines one by one."""
    old, new = before.parts(), after.parts()
    for name in _differing(before, after):
        yield name, _lines(old, name), _lines(new, name)


def _lines(parts: Any, name: str) -> list[str]:
    return list(_leaves(parts[name], "")) if name in parts else []


def _leaves(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, (dict, list)) and value:
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in pairs:
            yield from _leaves(inner, f"{path}.{key}" if path else str(key))
    else:
        text = value if isinstance(value, str) else json.dumps(value)
        yield from (f"{path}: {line}" if path else line for line in text.split("\n"))


def is_worth_a_diff(_before: Dashboard, _after: Dashboard, _field: str, _texts: tuple[list[str], list[str]]) -> bool:
    """Always: the words name panels and say no more."""
    return True
