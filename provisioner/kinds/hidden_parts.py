"""What the queries of a large board say again and again, once each: in hidden variables, which Grafana writes back.

It asks Prometheus the same to the letter, so nothing of PromQL has to be understood here but brackets and quotes. A
smaller board keeps its queries as they are, to be read and pasted.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from provisioner.kinds.query_parts import candidates, selectors
from provisioner.profiles import Profile
from provisioner.profiles.metric import Series

LARGE = 48 * 1024
"""Bytes. Ten thousand boards lie in a folder, and travel."""

MOST_LOOKED_AT = 3_000_000
"""Characters of all queries of a board: a longer one stays as it is. The largest shipped ones have 1,700,000."""

_WORTH, _MOST = 100, 12
"""Bytes that a variable saves, at least; variables of a board."""
_MARKS = [chr(0xE000 + at) for at in range(_MOST)]
"""They stand for parts while more are looked for; of no use to anybody else."""


def hidden(board: Mapping[str, Any], profile: Profile) -> dict[str, Any]:
    """The board with the parts that its queries repeat in variables of their own."""
    parts = list(_parts([query["expr"] for query in _queries(board)]))
    wholes = [_whole(part, parts) for part in parts]
    names = list(_names(wholes, board, profile))
    uses = str.maketrans(dict(zip(_MARKS, map(_use, names), strict=False)))

    def short(query: dict[str, Any]) -> dict[str, Any]:
        text: str = query["expr"]
        for mark, part in zip(_MARKS, parts, strict=False):
            text = text.replace(part, mark)
        return {**query, "expr": text.translate(uses)}

    templating = {**_map(board.get("templating")), "list": [*_variables(board), *map(_variable, names, wholes)]}
    return {**board, "templating": templating, "panels": _changed(board.get("panels"), short)} if parts else {**board}


def _parts(texts: list[str]) -> Iterator[str]:
    """The part that saves most, then what saves most of what is left: the marks of those before may be in it."""
    before: list[str] = []
    for mark in _MARKS if sum(map(len, texts)) <= MOST_LOOKED_AT else ():
        found = Counter(candidates(texts))
        saved = {part: _saved(part, times, before) for part, times in found.items() if times > 1}
        best = max(saved, key=lambda part: (saved[part], part), default="")
        if not best or saved[best] < _WORTH:
            return
        yield best
        before.append(best)
        texts = [text.replace(best, mark) for text in texts]


def _whole(part: str, parts: list[str]) -> str:
    """Without marks: Grafana looks for no variable in what another one holds."""
    for mark, one in reversed([*zip(_MARKS, parts, strict=False)]):
        part = part.replace(mark, one)
    return part


def _saved(part: str, times: int, before: list[str]) -> int:
    use = len(_use("log_start"))
    length = _size(part) - 2 + sum(map(part.count, _MARKS[: len(before)])) * (use - 1)
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


def _queries(board: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for panel in _maps(board.get("panels")):
        yield from (query for query in _maps(panel.get("targets")) if isinstance(query.get("expr"), str))
        yield from _queries(panel)


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
