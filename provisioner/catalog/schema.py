"""A document's data against a declaration's model: pydantic's errors as problems at the place of the value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from provisioner.catalog.advice import advice, model_at
from provisioner.catalog.documents import Document, Loc
from provisioner.catalog.findings import Findings
from provisioner.catalog.quoting import quoted
from provisioner.catalog.suggesting import did_you_mean
from provisioner.problem import Problem, Span

__all__ = ["checked", "did_you_mean", "readable", "unknown_field", "validated"]

M = TypeVar("M", bound=BaseModel)

MOST_SHOWN = 60
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}")
_PRIVATE = "client"
"""Below this key stand the settings of a connection: a wrong one may be a password."""

_WORDING: Mapping[str, tuple[str, str]] = {
    "string_type": ("must be text, is {input}", "write text behind the colon"),
    "int_type": ("must be a whole number, is {input}", "write a whole number, without quotes"),
    "bool_type": ("must be true or false, is {input}", "write true or false without quotes"),
    "list_type": ("must be a list, is {input}", "write [a, b], or one `- item` a line"),
    "dict_type": ("must be a map, is {input}", "write `key: value` lines below it, indented"),
    "model_type": ("must be a map, is {input}", "write `key: value` lines below it, indented"),
    "greater_than_equal": ("must be at least {ge}, is {input}", "write a number in that range"),
    "less_than_equal": ("must be at most {le}, is {input}", "write a number in that range"),
    "string_too_short": ("must not be empty", "give a value"),
    "string_too_long": ("has more than {max_length} characters", "shorten it"),
    "too_short": ("must not be empty", "name one, or leave the line away"),
    "too_long": ("has more than {max_length} entries", "write fewer"),
    "literal_error": ("must be {expected}, is {input}", "use one of these words"),
}


def validated(model: type[M], document: Document, loc: Loc, data: Any) -> tuple[M | None, list[Problem]]:
    """The data at `loc` as the model, or None and what is wrong with it."""
    findings = Findings()
    value = checked(model, document, loc, data, findings)
    return value, findings.problems()


def checked(model: type[M], document: Document, loc: Loc, data: Any, findings: Findings) -> M | None:
    """As `validated`; what is wrong goes to the findings of the file."""
    try:
        return model.model_validate(data)
    except ValidationError as errors:
        complained: set[tuple[Span, Loc]] = set()
        for error in errors.errors(include_url=False):
            _explain(model, document, loc, error, findings, complained)
    return None


def readable(model: type[M], data: Any) -> M | None:
    """The data without its wrong values, for checks that look at the others; None where too little is left."""
    data = deepcopy(data)
    try:
        return model.model_validate(data)
    except ValidationError as errors:
        for error in errors.errors(include_url=False, include_context=False):
            _drop(data, error["loc"])
    try:
        return model.model_validate(data)
    except ValidationError:
        return None


def _drop(data: Any, loc: Loc) -> None:
    """Take away the innermost key of a map on the way to `loc`."""
    holder: Any = None
    key: Any = None
    for step in loc:
        if isinstance(data, dict) and step in data:
            holder, key, data = data, step, data[step]
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            break
    if holder is not None and key in holder:
        del holder[key]


def _explain(
    model: type[BaseModel],
    document: Document,
    loc: Loc,
    error: ErrorDetails,
    findings: Findings,
    complained: set[tuple[Span, Loc]],
) -> None:
    """One problem for each place (and each field that is missing there), none where the text itself was wrong."""
    at = (*loc, *error["loc"])
    if any(at[:depth] in document.damaged for depth in range(len(at) + 1)):
        return
    unknown = error["type"] == "extra_forbidden"
    span = document.key_span(at) if unknown else document.span(at)
    complaint = (span, at if unknown or error["type"] == "missing" else ())
    if complaint in complained:
        return
    complained.add(complaint)
    if findings.full:
        findings.count(span)
    else:
        findings.add(_unknown_field(model, span, error, findings) if unknown else _problem(span, error))


def _problem(span: Span, error: ErrorDetails) -> Problem:
    name = _named(error["loc"])
    if error["type"] == "missing":
        return Problem("schema/missing", f"{name} is missing", span, f"add `{error['loc'][-1]}:`")
    context = error.get("ctx", {})
    message, hint = _WORDING.get(error["type"], (error["msg"], context.get("hint", "see docs/format.md")))
    shown = "of another kind" if _PRIVATE in error["loc"] else _shown(error["input"])
    said = f"{name} {_filled(message, {**context, 'input': shown})}"
    return Problem("schema/value", said, span, _remedy(error) or hint)


def _remedy(error: ErrorDetails) -> str:
    """The value itself as it is to be written, where that can be seen."""
    value, kind = error["input"], error["type"]
    if _PRIVATE in error["loc"] or isinstance(value, (dict, bool)):
        return ""
    if kind == "string_type" and isinstance(value, (int, float)):
        return f'write "{value}"'
    if kind == "int_type" and re.fullmatch(r"[0-9]{1,9}(\.0+)?", str(value)):
        return f"write {str(value).partition('.')[0]}"
    word = value if isinstance(value, str) and _WORD.fullmatch(value) else ""
    if kind == "list_type" and word:
        return f"write [{word}]"
    is_entry = kind == "model_type" and not error["loc"]
    return f"write `name: {word}`, and other fields below it" if is_entry and word else ""


def _named(loc: tuple[str | int, ...]) -> str:
    """A field in quotes; of a list `entry 2 of 'clusters'`."""
    if not loc:
        return "this entry"
    if isinstance(loc[-1], int):
        return f"entry {loc[-1] + 1} of {_named(loc[:-1])}"
    return quoted(loc[-1], MOST_SHOWN)


def _filled(message: str, words: Mapping[str, Any]) -> str:
    for word, value in words.items():
        message = message.replace("{" + word + "}", str(value))
    return message


def _unknown_field(model: type[BaseModel], span: Span, error: ErrorDetails, findings: Findings) -> Problem:
    place = model_at(model, error["loc"][:-1])
    return unknown_field(place, str(error["loc"][-1]), error["input"], span, findings)


def unknown_field(place: type[BaseModel] | None, name: str, value: Any, span: Span, findings: Findings) -> Problem:
    """A field that may not stand in `place`, with what to write in its stead."""
    check, known = "schema/unknown-field", tuple(place.model_fields) if place else ()
    hint = advice(place, name, value) or findings.suggestions.near(check, name, known)
    return Problem(check, f"unknown field {quoted(name)}", span, hint or f"known here: {', '.join(known)}")


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, list):
        return "a list"
    return str(value).lower() if isinstance(value, bool) else quoted(value, MOST_SHOWN)
