"""A metric as PromQL: one expression per partition (and group), duplicates and scrape gaps taken care of.

Templates know a metric by what it means (`log_end`, `committed`); how a profile spells it, or computes it from two
others, is decided here. Every form is deduplicated by `max by (...)`: two exporters would else darken a rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Literal, Self

from provisioner.profiles.promql import Fragment, Quote, quoted

GROUP, TOPIC, PARTITION = "group", "topic", "partition"

SHAPES: Mapping[str, tuple[str, ...]] = {
    "log_end": (TOPIC, PARTITION),
    "log_start": (TOPIC, PARTITION),
    "committed": (GROUP, TOPIC, PARTITION),
    "lag": (GROUP, TOPIC, PARTITION),
    "members": (GROUP,),
    "under_replicated": (TOPIC, PARTITION),
    "in_sync": (TOPIC, PARTITION),
    "replicas": (TOPIC, PARTITION),
    "leader": (TOPIC, PARTITION),
}
"""What each metric means is told by its name; the labels say which series it has. Offsets count messages."""


DUST = "0.001"
"""Messages a second that a rate computed from two others cannot tell from nothing."""


@dataclass(frozen=True, slots=True)
class Series:
    """One metric of an exporter: its name, and the shape's labels in the exporter's spelling."""

    name: str
    shape: tuple[str, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A metric that the exporter lacks: per partition `of` a topic, less a series of its groups."""

    of: Series
    less: Series


@dataclass(frozen=True, slots=True)
class Matcher:
    """A condition on a label in the exporter's spelling; `value` is not quoted yet."""

    label: str
    operator: Literal["=", "=~", "!~"]
    value: str


@dataclass(frozen=True, slots=True)
class Selection:
    """Which series: matchers by the meaning of their label; those under "" go into every selector.

    `quote` spells every value, also of matchers that come later: in a dashboard Grafana reads PromQL first.
    `without_topic`: the results have no label of the topic, as there is but one.
    """

    matchers: Mapping[str, tuple[Matcher, ...]] = field(default_factory=dict)
    quote: Quote = quoted
    without_topic: bool = False
    _texts: dict[tuple[str, ...], str] = field(default_factory=dict, init=False, repr=False, compare=False)
    _narrowed: dict[tuple[Any, ...], Selection] = field(default_factory=dict, init=False, repr=False, compare=False)
    _metrics: dict[tuple[int, Form], Metric] = field(default_factory=dict, init=False, repr=False, compare=False)

    def text(self, shape: tuple[str, ...]) -> str:
        """The matchers for series of this shape. Raises ValueError for a group without a name."""
        if (text := self._texts.get(shape)) is None:
            text = self._texts[shape] = self._text(shape)
        return text

    def _text(self, shape: tuple[str, ...]) -> str:
        labels = [label for label in (TOPIC, GROUP, "") if label in shape or not label]
        found = [one for label in labels for one in self.matchers.get(label, ())]
        # Prometheus reads `group=""` as "every series without this label".
        if GROUP in shape and not all(one.value for one in self.matchers.get(GROUP, ())):
            raise ValueError("a consumer group has a name, this one is empty")
        return ",".join([f"{one.label}{one.operator}{self.quote(one.value)}" for one in found])

    def narrowed(self, label: str, *matchers: Matcher) -> Selection:
        """The same with more matchers on a label; asked again, the same object, with what it has worked out."""
        if (known := self._narrowed.get((label, *matchers))) is None:
            more = (*self.matchers.get(label, ()), *matchers)
            known = Selection({**self.matchers, label: more}, self.quote, self.without_topic)
            self._narrowed[(label, *matchers)] = known
        return known

    def metric(self, source: Series | Difference, form: Form) -> Metric:
        """The metric of this selection: made once, as a board asks for few forms of it many times."""
        if (known := self._metrics.get((id(source), form))) is None:
            known = self._metrics[id(source), form] = Metric(source, self, form)
        return known

    def without(self, label: str) -> Selection:
        """The same, but every value of the label."""
        return Selection({**self.matchers, label: ()}, self.quote, self.without_topic)

    def kept(self, series: Series) -> str:
        """The labels that results of a series have."""
        words = zip(series.shape, series.labels, strict=True)
        return ", ".join(label for word, label in words if word != TOPIC or not self.without_topic)


@dataclass(frozen=True, slots=True)
class Form:
    """How a series is looked at: at an instant (no window), over a window by a function, and how long ago.

    `fixed`: at the end of the query's range, also where a subquery looks at other times.
    """

    function: str = ""
    window: str = ""
    offset: str = ""
    fixed: bool = False

    def selector(self, series: Series, selection: Selection) -> str:
        """`last_over_time(name{...}[5m] offset 10m)`."""
        window = f"[{self.window}]" if self.window else ""
        offset = (" @ end()" if self.fixed else "") + (f" offset {self.offset}" if self.offset else "")
        text = f"{series.name}{{{selection.text(series.shape)}}}{window}{offset}"
        return f"{self.function}({text})" if self.function else text


INSTANT = Form()


def over(window: str) -> Form:
    """The last sample of a window: bridges the holes of scrapes."""
    return Form("last_over_time", window)


class Metric(Fragment):
    """A selected metric: a piece of PromQL that can be asked for other forms and other groups of itself."""

    __slots__ = ("form", "selection", "source")
    source: Series | Difference
    selection: Selection
    form: Form

    def __new__(cls, source: Series | Difference, selection: Selection, form: Form) -> Self:
        """The text is made once, here: a Metric is that text."""
        self = super().__new__(cls, _text(source, selection, form))
        self.source, self.selection, self.form = source, selection, form
        return self

    @property
    def series(self) -> Series:
        """The series with the most labels that this metric reads."""
        return self.source.less if isinstance(self.source, Difference) else self.source

    @property
    def each(self) -> str:
        """The bare text where it reads one series: for a `max by` around several of them."""
        return self.form.selector(self.source, self.selection) if isinstance(self.source, Series) else str(self)

    def within(self, window: str) -> Metric:
        """The last sample of another window."""
        return self._formed(function="last_over_time", window=window)

    def now(self) -> Metric:
        """At the instant, without a window: nothing where the last scrape has nothing."""
        return self.selection.metric(self.source, INSTANT)

    def ago(self, offset: str) -> Metric:
        """The same as it was so long ago."""
        return self._formed(offset=offset)

    def fixed(self) -> Metric:
        """The same as it is at the end of the query's range, wherever in a subquery it stands."""
        return self._formed(fixed=True)

    @property
    def labels(self) -> str:
        """Those that its partitions are matched by, as they stand in `on (...)`."""
        series = self.source.of if isinstance(self.source, Difference) else self.source
        return self.selection.kept(series)

    def per_second(self, window: str) -> Metric:
        """Its slope. `deriv`, not `rate`: an offset set back is no counter reset."""
        return self._formed(function="deriv", window=window)

    def of(self, group: str) -> Metric:
        """Of one group."""
        return self._matching("=", group)

    def among(self, pattern: str) -> Metric:
        """Of the groups that a regular expression matches."""
        return self._matching("=~", pattern)

    def besides(self, pattern: str) -> Metric:
        """Of the groups that a regular expression does not match."""
        return self._matching("!~", pattern) if pattern else self

    def on_topic(self, topic: str) -> Metric:
        """Of another topic."""
        label = self.series.labels[self.series.shape.index(TOPIC)]
        selection = self.selection.without(TOPIC).narrowed(TOPIC, Matcher(label, "=", topic))
        return selection.metric(self.source, self.form)

    def selector(self) -> Fragment:
        """The bare selector of every group: `name{...}`."""
        return Fragment(INSTANT.selector(self.series, self.selection.without(GROUP)))

    def _formed(self, **changed: Any) -> Metric:
        return self.selection.metric(self.source, _changed(self.form, *changed.items()))

    def _matching(self, operator: Literal["=", "=~", "!~"], value: str) -> Metric:
        label = self.series.labels[self.series.shape.index(GROUP)]
        return self.selection.narrowed(GROUP, Matcher(label, operator, value)).metric(self.source, self.form)


@lru_cache(maxsize=1024)
def _changed(form: Form, *changed: tuple[str, Any]) -> Form:
    """Templates ask for few forms, and for those on every board."""
    return replace(form, **dict(changed))


def _text(source: Series | Difference, selection: Selection, form: Form) -> str:
    def by(series: Series) -> str:
        text = form.selector(series, selection)
        clamped = f"clamp_min({text}, 0)" if of_one and form.function == "deriv" else text
        return f"max by ({selection.kept(series)}) ({clamped})"

    of_one = isinstance(source, Series)
    if isinstance(source, Series):
        return by(source)
    text = f"({by(source.of)} - on ({selection.kept(source.of)}) group_right () {by(source.less)})"
    # Two slopes that should be equal differ in their last bits: a group that stands still would commit 16f a second.
    return f"round(clamp_min({text}, 0), {DUST})" if form.function == "deriv" else text
