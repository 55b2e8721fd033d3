"""A document's data against a declaration's model: pydantic's errors as problems at the place of the value."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from provisioner.catalog.documents import Document, Loc
from provisioner.problem import Problem

M = TypeVar("M", bound=BaseModel)

_WORDING: Mapping[str, tuple[str, str]] = {
    "string_type": ("must be text, is {input}", "put it in quotes"),
    "int_type": ("must be a whole number, is {input}", "write a number without quotes"),
    "bool_type": ("must be true or false, is {input}", "write true or false without quotes"),
    "list_type": ("must be a list, is {input}", "write [a, b], or one `- item` a line"),
    "dict_type": ("must be a map, is {input}", "write `key: value` lines below it, indented"),
    "model_type": ("must be a map, is {input}", "write `key: value` lines below it, indented"),
    "greater_than_equal": ("must be at least {ge}, is {input}", "write a number in that range"),
    "less_than_equal": ("must be at most {le}, is {input}", "write a number in that range"),
    "string_too_short": ("must not be empty", "give a value"),
    "literal_error": ("must be {expected}, is {input}", "use one of these words"),
}


def validated(model: type[M], document: Document, loc: Loc, data: Any) -> tuple[M | None, list[Problem]]:
    """The data at `loc` as the model, or None and what is wrong with it."""
    try:
        return model.model_validate(data), []
    except ValidationError as errors:
        found = (_problem(model, document, loc, error) for error in errors.errors(include_url=False))
        return None, list(_once(problem for problem in found if problem))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`did you mean 'partitions'?`, or nothing where no known word is near."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else ""


def _problem(model: type[BaseModel], document: Document, loc: Loc, error: ErrorDetails) -> Problem | None:
    at = (*loc, *error["loc"])
    if any(at[:depth] in document.damaged for depth in range(len(at) + 1)):
        return None
    name = str(error["loc"][-1]) if error["loc"] else "this"
    if error["type"] == "extra_forbidden":
        return _unknown_field(model, document, at, error["loc"])
    if error["type"] == "missing":
        return Problem("schema/missing", f"{name!r} is missing", document.span(at), f"add `{name}:`")
    message, hint = _WORDING.get(error["type"], (error["msg"], "see docs/format.md"))
    words = {**error.get("ctx", {}), "input": _shown(error["input"])}
    return Problem("schema/value", f"{name!r} {_filled(message, words)}", document.span(at), hint)


def _filled(message: str, words: Mapping[str, Any]) -> str:
    for word, value in words.items():
        message = message.replace("{" + word + "}", str(value))
    return message


def _unknown_field(model: type[BaseModel], document: Document, at: Loc, loc: tuple[str | int, ...]) -> Problem:
    known = fields_at(model, loc[:-1])
    hint = did_you_mean(str(loc[-1]), known) or f"known here: {', '.join(known)}"
    return Problem("schema/unknown-field", f"unknown field {str(loc[-1])!r}", document.key_span(at), hint)


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, list):
        return "a list"
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _once(problems: Iterable[Problem]) -> Iterator[Problem]:
    seen = set()
    for problem in problems:
        if (problem.span, problem.check) not in seen:
            seen.add((problem.span, problem.check))
            yield problem


def fields_at(model: type[BaseModel], loc: tuple[str | int, ...]) -> tuple[str, ...]:
    """The fields that may stand at `loc` below a model's data."""
    current: type[BaseModel] | None = model
    for step in loc:
        if current and step in current.model_fields:
            current = _model_in(current, str(step))
    return tuple(current.model_fields) if current else ()


@cache
def _model_in(model: type[BaseModel], field: str) -> type[BaseModel] | None:
    return next(_models(model.model_fields[field].annotation), None)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)
