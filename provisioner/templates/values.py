"""What an expression may give: plain data of bounded size. Everything else (methods, generators, bombs) is refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import islice
from types import GeneratorType
from typing import Any

from jinja2 import Undefined

from provisioner.catalog.units import Duration
from provisioner.profiles.promql import Fragment

MAX_TEXT = 400_000
"""250 groups of 255 signs, each escaped for a regular expression, then for PromQL and for Grafana, are 382,500."""
MAX_ITEMS = 1_000
MAX_DEPTH = 8
MAX_NUMBER = 2**63

Escape = Callable[[str], str]


class RefusedValueError(ValueError):
    """A value that may not stand in a document; the text says why."""


def plain(value: Any, escape: Escape, depth: int = 0) -> Any:
    """The value as JSON and YAML know it, its texts escaped. Raises RefusedValueError."""
    if isinstance(value, str):
        return _bounded(value if isinstance(value, Fragment) else escape(value))
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return _number(value)
    if isinstance(value, Duration):
        return str(value)
    return _nested(value, escape, depth)


def _nested(value: Any, escape: Escape, depth: int) -> Any:
    if depth >= MAX_DEPTH:
        raise RefusedValueError(f"it nests more than {MAX_DEPTH} levels deep")
    if isinstance(value, dict):
        pairs = items(tuple(value.items()))
        return {_key(key): plain(inner, escape, depth + 1) for key, inner in pairs}
    return [plain(inner, escape, depth + 1) for inner in items(value)]


def _key(key: Any) -> str:
    if isinstance(key, str):
        return _bounded(key)
    raise RefusedValueError(f"a map with the key {key!r}, which is no text")


def items(value: Any) -> list[Any]:
    """What a list, a tuple or a filter's result holds. Raises RefusedValueError for all else and for too many."""
    defined(value)
    if not isinstance(value, (list, tuple, GeneratorType)):
        raise RefusedValueError(f"it gives {_kind(value)}, which is no plain value")
    found = list(islice(value, MAX_ITEMS + 1))
    if len(found) > MAX_ITEMS:
        raise RefusedValueError(f"it gives more than {MAX_ITEMS} items")
    return found


def spelled(value: Any, escape: Escape) -> str:
    """The value as a part of a longer text. Raises RefusedValueError for nothing at all, and for lists and maps."""
    if isinstance(value, str):
        return value if isinstance(value, Fragment) else escape(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(_number(value))
    if isinstance(value, Duration):
        return str(value)
    defined(value)
    hint = ' (give it a `| default("...", true)`)' if value is None else ""
    raise RefusedValueError(f"it gives {_kind(value)} inside a text{hint}")


def text_of(value: Any) -> str:
    """The value as a text to work with. Raises RefusedValueError as `spelled` does, and for what is too long."""
    return _bounded(spelled(value, str))


def weight(value: Any) -> int:
    """How much text plain data is."""
    if isinstance(value, dict):
        return sum(len(key) + weight(inner) for key, inner in value.items())
    return sum(map(weight, value)) if isinstance(value, list) else len(value) if isinstance(value, str) else 1


def defined(value: Any) -> Any:
    """The value, unless it is an undefined name or an unsafe attribute: Jinja gives those in silence."""
    if isinstance(value, Undefined):
        value._fail_with_undefined_error()
    return value


def _number(value: float) -> float:
    if not math.isfinite(value) or abs(value) >= MAX_NUMBER:
        raise RefusedValueError("it gives a number too large for a document")
    return value


def _bounded(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise RefusedValueError(f"it gives a text of {len(text):,} characters, more than {MAX_TEXT:,}")
    return str(text)


def _kind(value: Any) -> str:
    names = {"NoneType": "nothing", "list": "a list", "dict": "a map", "tuple": "a list"}
    name = type(value).__name__
    return names.get(name, "a method" if "method" in name else f"an object ({name})")
