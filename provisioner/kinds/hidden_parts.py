"""What the queries of a large board say again and again, once each: in hidden variables, which Grafana writes back.

It asks Prometheus the same to the letter, so nothing of PromQL has to be understood here but brackets and quotes. A
smaller board keeps its queries as they are, to be read and pasted.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any

from provisioner.kinds.query_parts import candidates, marked, selectors
from provisioner.profiles import Profile
from provisioner.profiles.metric import Series
from provisioner.templates.budget import tick

LARGE = 48 * 1024
"""Bytes. Ten thousand boards lie in a folder, and travel."""

MOST_LOOKED_AT = 3_000_000
"""Characters of all queries of a board: a longer one stays as it is. The largest shipped ones have 1,700,000."""

_WORTH, _MOST = 100, 12
"""Bytes that a variable saves, at least; variables of a board."""
_PRIVATE = (range(0xE000, 0xF900), range(0xF0000, 0xFFFFE), range(0x100000, 0x10FFFE))
"""Characters without a meaning, of which those that a board has not stand for parts while more are looked for."""


def hidden(board: Mapping[str, Any], profile: Profile) -> dict[str, Any]:
    """The board with the parts that its queries repeat in variables of their own.

    Raises RefusedValueError when the time of the document that is worked on is over.
    """
    parts = _parts([query["expr"] for query in _queries(board.get("panels"))])
    wholes = [_whole(part, parts) for part in parts.values()]
    names = list(_names(wholes, board, profile))
    uses = str.maketrans(dict(zip(parts, map(_use, names), strict=True)))

    def short(query: dict[str, Any]) -> dict[str, Any]:
        text: str = query["expr"]
        for mark, part in parts.items():
            text = marked(text, part, mark)
        return {**query, "expr": text.translate(uses)}

    templating = {**_map(board.get("templating")), "list": [*_variables(board), *map(_variable, names, wholes)]}
    return {**board, "templating": templating, "panels": _changed(board.get("panels"), short)} if parts else {**board}


def _parts(texts: list[str]) -> dict[str, str]:
    """By mark: the part that saves most, then what saves most of what is left; the marks before it may be in it."""
    parts: dict[str, str] = {}
    for mark in _marks(texts) if sum(map(len, texts)) <= MOST_LOOKED_AT else ():
        tick()
        found = Counter(candidates(texts))
        saved = {part: _saved(part, times, parts) for part, times in found.items() if times > 1}
        best = max(saved, key=lambda part: (saved[part], part), default="")
        if not best or saved[best] < _WORTH:
            break
        parts[mark] = best
        texts = [marked(text, best, mark) for text in texts]
    return parts


def _marks(texts: Iterable[str]) -> list[str]:
    """As many as variables of a board; fewer where the texts have nearly all that there are."""
    used = set().union(*texts)
    return list(islice((mark for mark in map(chr, chain(*_PRIVATE)) if mark not in used), _MOST))


def _whole(part: str, parts: Mapping[str, str]) -> str:
    """Without marks: Grafana looks for no variable in what another one holds."""
    for mark, one in reversed([*parts.items()]):
        part = part.replace(mark, one)
    return part


def _saved(part: str, times: int, before: Mapping[str, str]) -> int:
    use = len(_use("log_start"))
    length = _size(part) - 2 + sum(map(part.count, before)) * (use - 1)
    return times * (length - use) - _size(_variable("log_start", _whole(part, before)))


def _size(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False))


def _use(name: str) -> str:
    return f"${{{name}:raw}}"


def _variable(name: str, part: str) -> dict[str, Any]:
    return {"name": name, "type": "constant", "hide": 2, "skipUrlSync": True, "query": part}


def _names(parts: Iterable[str], board: Mapping[str, Any], profile: Profile) -> Iterator[str]:
    """After the metric that stands first in a part; no other variable has it."""
    meanings = {series.name: meaning for meaning, series in profile.metrics.items() if isinstance(series, Series)}
    taken = {str(one.get("name")) for one in _variables(board)}
    for part in parts:
        word = meanings.get(next(selectors(part), "").split("{")[0], "part")
        name = next(one for at in range(len(taken) + 1) if (one := f"{word}{at or ''}") not in taken)
        taken.add(name)
        yield name


def _queries(value: Any) -> Iterator[Mapping[str, Any]]:
    """What `_changed` shortens, and nothing else: a mark is in none of these."""
    if isinstance(value, list):
        for one in value:
            yield from _queries(one)
    elif isinstance(value, dict):
        yield from [value] if isinstance(value.get("expr"), str) else []
        for key in ("targets", "panels"):
            yield from _queries(value.get(key))


def _changed(value: Any, short: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    """A panel, a query, or a list of them."""
    if isinstance(value, list):
        return [_changed(one, short) for one in value]
    if not isinstance(value, dict):
        return value
    made = short(value) if isinstance(value.get("expr"), str) else value
    return {**made, **{key: _changed(made[key], short) for key in ("targets", "panels") if key in made}}


def _variables(board: Mapping[str, Any]) -> list[dict[str, Any]]:
    return _maps(_map(board.get("templating")).get("list"))


def _map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _maps(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
