"""What a template says about itself: name, scope, needs, parameters and one example, checked like all input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from provisioner.catalog.declarations import Lag, Strict
from provisioner.catalog.documents import Document, Loc
from provisioner.catalog.schema import did_you_mean
from provisioner.catalog.units import Duration, duration
from provisioner.problem import Problem
from provisioner.profiles.metric import SHAPES

Parameter = Duration | float | str


class Scope(StrEnum):
    """What a template is rendered for: each topic, each declared consumer, each dead letter topic; or a dashboard."""

    TOPIC = "topic"
    CONSUMER = "consumer"
    DEAD_LETTER = "dead_letter"
    DASHBOARD = "dashboard"


class ExampleTopic(Strict):
    """The topic of an example."""

    name: str = "orders.v1"
    lag: Lag = Duration(600)
    dead_letter: str | None = None
    dead_letter_of: str | None = None


class ExampleConsumer(Strict):
    """The consumer of an example."""

    group: str
    lag: Lag = Duration(600)
    transactional: bool = False


class Example(Strict):
    """One topic, with a consumer where the template is for consumers."""

    topic: ExampleTopic = ExampleTopic()
    consumer: ExampleConsumer | None = None


class ParameterFile(Strict):
    """`{type: duration, default: 10m}`."""

    type: Literal["duration", "number", "text"]
    default: str | int | float


class DashboardHeader(Strict):
    """The value of a dashboard's `__template`."""

    name: str = Field(min_length=1)
    summary: str = Field(min_length=1)
    needs: list[str] = Field(default_factory=list)
    parameters: dict[str, ParameterFile] = Field(default_factory=dict)
    example: Example = Example()


class AlertFile(DashboardHeader):
    """A whole alert template. `queries`: PromQL by name, for `{{ with query << query.name >> }}` in annotations."""

    scope: Literal["topic", "consumer", "dead_letter"]
    rule: dict[str, Any]
    queries: dict[str, str] = Field(default_factory=dict)


RULE_TEXTS = ("alert", "expr", "for", "keep_firing_for")
RULE_MAPS = ("labels", "annotations")
_RULE = ("<<when>>", *RULE_TEXTS, *RULE_MAPS)


def faults(header: DashboardHeader, document: Document, loc: Loc, stem: str) -> Iterator[Problem]:
    """What a schema cannot say: the file's name, metrics that nobody knows, defaults of another type."""
    if header.name != stem:
        hint = f"name: {stem}, so that a template is found by its name"
        yield Problem("template", f"{header.name!r} is not the file's name", document.span((*loc, "name")), hint)
    for index, metric in enumerate(header.needs):
        if metric not in SHAPES:
            hint = did_you_mean(metric, SHAPES) or f"known: {', '.join(SHAPES)}"
            yield Problem("template", f"there is no metric {metric!r}", document.span((*loc, "needs", index)), hint)
    for name, written in header.parameters.items():
        if _default(written) is None:
            place = document.span((*loc, "parameters", name, "default"))
            yield Problem("template", f"{written.default!r} is no {written.type}", place, "such as 10m, 3, or text")


def rule_faults(file: AlertFile, document: Document) -> Iterator[Problem]:
    """A rule has an alert and an expr, known keys, and texts in the right places."""
    for key in ("alert", "expr"):
        if key not in file.rule:
            yield Problem("template", f"the rule has no {key!r}", document.key_span(("rule",)), f"add `{key}:`")
    for key, value in file.rule.items():
        place = document.key_span(("rule", key))
        if key not in _RULE:
            hint = did_you_mean(key, _RULE) or f"known: {', '.join(_RULE)}"
            yield Problem("template", f"a rule has no {key!r}", place, hint)
        elif isinstance(value, dict) != (key in RULE_MAPS) or isinstance(value, list):
            shape = "a map" if key in RULE_MAPS else "a text"
            yield Problem("template", f"{key!r} must be {shape}", place, "see the shipped templates")
    for key in RULE_MAPS:
        yield from _nested(file.rule.get(key), document, ("rule", key))


def _nested(values: Any, document: Document, loc: Loc) -> Iterator[Problem]:
    for name, value in values.items() if isinstance(values, dict) else ():
        if isinstance(value, (dict, list)):
            place = document.key_span((*loc, name))
            yield Problem("template", f"{name!r} must be a text", place, "see the shipped templates")


def parameters(header: DashboardHeader) -> Mapping[str, Parameter]:
    """The defaults by name; a duration as a Duration."""
    found = {name: _default(written) for name, written in header.parameters.items()}
    return {name: value for name, value in found.items() if value is not None}


def _default(written: ParameterFile) -> Parameter | None:
    if written.type == "duration":
        return duration(written.default) if isinstance(written.default, str) else None
    if written.type == "number":
        return None if isinstance(written.default, str) else written.default
    return str(written.default)
