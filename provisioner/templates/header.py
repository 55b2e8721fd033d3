"""What a template says about itself: name, scope, needs, parameters and one example, checked like all input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from provisioner.catalog.declared_values import Expected, Lag, Skew, Slack, Strict
from provisioner.catalog.documents import Document, Loc
from provisioner.catalog.model import DEFAULT_LAG
from provisioner.catalog.schema import did_you_mean
from provisioner.catalog.topic_declarations import Throughput
from provisioner.problem import Problem
from provisioner.profiles.metric import SHAPES
from provisioner.templates.parameters import LAG, OF_CONSUMER, OF_TOPIC, Parameter, Taken


class Scope(StrEnum):
    """What a template is for: the cluster, each topic, declared consumer or dead letter topic; or a dashboard."""

    CLUSTER = "cluster"
    TOPIC = "topic"
    CONSUMER = "consumer"
    DEAD_LETTER = "dead_letter"
    DASHBOARD = "dashboard"


class ExampleTopic(Strict):
    """The topic of an example."""

    name: str = "orders.v1"
    lag: Lag = DEFAULT_LAG
    dead_letter: str | None = None
    dead_letter_of: str | None = None
    expect_traffic_within: Expected | None = None
    throughput: Throughput | None = None
    skew: Skew | None = None


class ExampleConsumer(Strict):
    """The consumer of an example."""

    group: str
    lag: Lag = DEFAULT_LAG
    transactional: Slack = 0
    expect_progress_within: Expected | None = None


class Example(Strict):
    """One topic, with a consumer where the template is for consumers."""

    topic: ExampleTopic = ExampleTopic()
    consumer: ExampleConsumer | None = None


class ParameterFile(Strict):
    """`{type: duration, default: 10m}`. `field`: the declaration's field that it is, such as `skew`."""

    type: Literal["duration", "number", "text", "pattern"]
    default: str | int | float
    least: float | None = None
    most: float | None = None
    field: str | None = None


class DashboardHeader(Strict):
    """The value of a dashboard's `__template`."""

    name: str = Field(min_length=1)
    summary: str = Field(min_length=1)
    needs: list[str] = Field(default_factory=list)
    parameters: dict[str, ParameterFile] = Field(default_factory=dict)
    example: Example = Example()


class CompactFile(Strict):
    """What is another one in the compact layout: an expression over all topics, and every annotation.

    `besides: declared`: it is about the groups that no file declares.
    """

    expr: str
    annotations: dict[str, str] = Field(default_factory=dict)
    queries: dict[str, str] = Field(default_factory=dict)
    besides: Literal["declared"] | None = None


class AlertFile(DashboardHeader):
    """A whole alert template. `queries`: PromQL by name, for `{{ with query << query.name >> }}` in annotations."""

    scope: Literal["cluster", "topic", "consumer", "dead_letter"]
    rule: dict[str, Any]
    queries: dict[str, str] = Field(default_factory=dict)
    compact: CompactFile | None = None


def faults(header: DashboardHeader, document: Document, loc: Loc, stem: str) -> Iterator[Problem]:
    """What a schema cannot say: the file's name, metrics that nobody knows, defaults of another type."""
    if header.name != stem:
        hint = f"name: {stem}, so that a template is found by its name"
        yield Problem("template", f"{header.name!r} is not the file's name", document.span((*loc, "name")), hint)
    for index, metric in enumerate(header.needs):
        if metric not in SHAPES:
            hint = did_you_mean(metric, SHAPES) or f"known: {', '.join(SHAPES)}"
            yield Problem("template", f"there is no metric {metric!r}", document.span((*loc, "needs", index)), hint)
    for name, taken in takes(header).items():
        default = header.parameters[name].default
        if taken.fitting(default) is None:
            place = document.span((*loc, "parameters", name, "default"))
            yield Problem("template", f"{default!r} is not {taken}", place, "write such a one as default")


def field_faults(header: AlertFile, document: Document) -> Iterator[Problem]:
    """A parameter that is a field is one that the topic, or the consumer, has."""
    known = {"topic": OF_TOPIC, "dead_letter": OF_TOPIC, "consumer": OF_CONSUMER}.get(header.scope, ())
    for name, written in header.parameters.items():
        if written.field is not None and written.field not in known:
            hint = did_you_mean(written.field, known) or f"known in scope {header.scope}: {', '.join(known) or 'none'}"
            place = document.span(("parameters", name, "field"))
            yield Problem("template", f"there is no field {written.field!r}", place, hint)


def fields(header: AlertFile) -> Mapping[str, str]:
    """Parameter -> the field of the declaration that it is."""
    named = {name: written.field for name, written in header.parameters.items() if written.field is not None}
    return {**({LAG: LAG} if LAG in header.parameters else {}), **named}


def parameters(header: DashboardHeader) -> Mapping[str, Parameter]:
    """The defaults by name; a duration as a Duration."""
    found = {name: taken.fitting(header.parameters[name].default) for name, taken in takes(header).items()}
    return {name: value for name, value in found.items() if value is not None}


def takes(header: DashboardHeader) -> Mapping[str, Taken]:
    """What may be set in place of each default."""
    return {name: Taken(each.type, each.least, each.most) for name, each in header.parameters.items()}
