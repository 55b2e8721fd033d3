"""Dashboards in words: the panels that come, go and change, by title; and their JSON line by line, for a diff."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from provisioner.kinds import dashboard_links, text_diff
from provisioner.kinds.board_file import PANEL, Dashboard
from provisioner.line import Line
from provisioner.reconcile.change import Action, Change

MOST_NAMED = 5
"""Another lag is in most panels of a board: a sentence names some, `--verbose` shows what changes in each."""


def words(change: Change[Dashboard], whole: bool) -> Iterator[Line]:
    """Which panels change; what changes in them where `whole`."""
    yield from map(Line, sentences(change))
    yield from text_diff.lines(diff(change)) if whole else ()


def losses(change: Change[Dashboard]) -> str:
    """A dashboard goes as a whole; its panels are named by `words`."""
    if change.action is not Action.DELETE:
        return ""
    return (
        "goes: the board of several topics"
        if dashboard_links.is_of_many(change.key.name)
        else "goes, while its topic stays: its dashboard"
    )


def sentences(change: Change[Dashboard]) -> list[str]:
    """The panels of an update by title."""
    return changed(change.before, change.after) if change.before and change.after else []


def diff(change: Change[Dashboard]) -> Iterator[tuple[str, list[str]]]:
    """Panel by panel of an update: the sentences name them and say no more."""
    if change.before and change.after:
        for name, old, new in texts(change.before, change.after):
            yield name, list(text_diff.rows(old, new))


def changed(before: Dashboard, after: Dashboard) -> list[str]:
    """`panels: Lag as time, What this is`, then those that come and go, then what is no panel."""
    old, new, differ = before.parts(), after.parts(), _differing(before, after)
    rows = {
        "panels": [name for name in differ if name in old and name in new and name.startswith(PANEL)],
        "new panels": [name for name in differ if name not in old and name.startswith(PANEL)],
        "without": [name for name in differ if name not in new and name.startswith(PANEL)],
        "besides": [name for name in differ if not name.startswith(PANEL)],
    }
    return [f"{word}: {_named(names)}" for word, names in rows.items() if names]


def _named(names: list[str]) -> str:
    titles = [name.removeprefix(PANEL) for name in names]
    rest = f" and {len(titles) - MOST_NAMED} more" if len(titles) > MOST_NAMED + 1 else ""
    return ", ".join(titles[:MOST_NAMED] if rest else titles) + rest


def _differing(before: Dashboard, after: Dashboard) -> list[str]:
    old, new = before.parts(), after.parts()
    return [
        name for name in dict.fromkeys([*new, *old]) if name not in old or name not in new or old[name] != new[name]
    ]


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
