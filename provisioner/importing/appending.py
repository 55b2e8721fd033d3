"""A file with entries at its end: every byte that was there stays."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from provisioner.catalog.documents import MAX_BYTES, Document, parse
from provisioner.importing import yaml_text
from provisioner.importing.entry import TopicEntry


def appended(raw: bytes, entries: Sequence[TopicEntry]) -> bytes | None:
    """The file with these entries behind its own; None where it does not end in a plain list of topics."""
    before, problems = parse("", raw)
    indent = None if problems else _indent(before, raw)
    if indent is None:
        return None
    text = yaml_text.items(entries, indent)
    newline = b"" if raw.endswith(b"\n") else b"\n"
    longer = raw + _as_in(raw, newline + text.encode())
    return longer if len(longer) <= MAX_BYTES and _only_more(before.data, longer, len(entries)) else None


def _indent(document: Document, raw: bytes) -> str | None:
    """What stands before each dash of the list that the file ends in."""
    data = document.data
    if not isinstance(data, dict) or list(data)[-1:] != ["topics"] or not data["topics"]:
        return None
    place = document.places(("topics", 0))
    line = raw.decode("utf-8-sig").splitlines()[place[0] - 1] if place else ""
    dash = re.match(r"( *)- ", line)
    return dash[1] if dash else None


def _as_in(raw: bytes, more: bytes) -> bytes:
    return more.replace(b"\n", b"\r\n") if b"\r\n" in raw else more


def _only_more(before: Any, longer: bytes, count: int) -> bool:
    """Read again, the file says what it said, and as many topics more."""
    after, problems = parse("", longer)
    if problems or not isinstance(after.data, dict):
        return False
    rest = {name: value for name, value in after.data.items() if name != "topics"}
    old: list[Any] = before["topics"]
    grown: Any = after.data.get("topics")
    same = isinstance(grown, list) and grown[: len(old)] == old and len(grown) == len(old) + count
    return same and rest == {name: value for name, value in before.items() if name != "topics"}
