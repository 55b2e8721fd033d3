"""A file with the wishes of its topics: read again, it says what it said and the wishes, or it is not written."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from provisioner.adopting.text_edits import edited
from provisioner.adopting.trees import Change
from provisioner.catalog.documents import MAX_BYTES, parse
from provisioner.catalog.places import Loc

UNSAFE = "its entry is written in a way that could not be kept; write it by hand"


def rewritten(raw: bytes, changes: Mapping[str, Change]) -> tuple[bytes, list[str]]:
    """The file after the changes, by topic; and the topics whose changes could not be made.

    All at once where that goes well, else one after the other.
    """
    together = {loc: value for each in changes.values() for loc, value in each.items()}
    if (after := _after(raw, together)) is not None:
        return after, []
    failed = []
    for name, each in changes.items():
        after = _after(raw, each)
        failed += [name] if after is None else []
        raw = raw if after is None else after
    return raw, failed


def _after(raw: bytes, changes: Change) -> bytes | None:
    mark = codecs.BOM_UTF8 if raw.startswith(codecs.BOM_UTF8) else b""
    after = mark + edited(raw.decode("utf-8-sig"), changes).encode()
    if len(after) > MAX_BYTES:
        return None
    (before, wrong), (now, still) = parse("", raw), parse("", after)
    is_sound = {problem.message for problem in still} <= {problem.message for problem in wrong}
    return after if is_sound and _spelled(now.data) == _spelled(_wanted(before.data, changes)) else None


def _wanted(data: Any, changes: Change) -> Any:
    """What the file is to say."""
    data = deepcopy(data)
    for loc, value in changes.items():
        if value is None:
            _taken_out(data, loc)
        else:
            _set(data, loc, parse("", f"a: {value}".encode())[0].data["a"])
    return data


def _set(data: Any, loc: Loc, value: Any) -> None:
    step: Any
    for step in loc[:-1]:
        below = data[step] if isinstance(data, list) else data.setdefault(step, {})
        if not isinstance(below, (dict, list)):
            below = data[step] = {"name": below}
        data = below
    data[loc[-1]] = value


def _taken_out(data: Any, loc: Loc) -> None:
    """With the maps that nothing is left in."""
    step: Any = loc[0]
    if len(loc) == 1:
        data.pop(step, None)
        return
    below = data[step] if isinstance(data, list) else data.get(step)
    if below is not None:
        _taken_out(below, loc[1:])
    if below == {}:
        del data[step]


def _spelled(data: Any) -> Any:
    """Without what quotes make of a value: they are kept as they are."""
    if isinstance(data, dict):
        return {key: _spelled(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_spelled(value) for value in data]
    return str(data).lower() if isinstance(data, bool) else str(data)
