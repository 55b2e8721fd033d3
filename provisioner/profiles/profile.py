"""A profile: what the metrics of one exporter are called, and how to ask for those of one topic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from provisioner.profiles.metric import GROUP, SHAPES, TOPIC, Difference, Form, Matcher, Metric, Selection, Series
from provisioner.profiles.promql import Quote, quoted


@dataclass(frozen=True, slots=True)
class Profile:
    """Labels (`topic`, `partition`, `group`) and metrics (see SHAPES) by meaning, in the exporter's words.

    `is_run`: the alerts were seen on the exporter's own metrics; else its names are from documents alone.
    """

    name: str
    summary: str
    labels: Mapping[str, str]
    metrics: Mapping[str, Series | Difference]
    is_run: bool = field(default=True, repr=False)

    def lacks(self, needs: Iterable[str]) -> tuple[str, ...]:
        """Which of these metrics the exporter does not give."""
        return tuple(name for name in needs if name not in self.metrics)

    def selection(self, topic: str, matchers: Mapping[str, str], quote: Quote = quoted) -> Selection:
        """The series of one topic, by the cluster's own matchers."""
        extra = tuple(Matcher(label, "=", value) for label, value in matchers.items())
        return Selection({TOPIC: (Matcher(self.labels[TOPIC], "=", topic),), "": extra}, quote)

    def everything(self, matchers: Mapping[str, str], quote: Quote = quoted) -> Selection:
        """The series of all topics, by the cluster's own matchers."""
        return Selection({"": tuple(Matcher(label, "=", value) for label, value in matchers.items())}, quote)

    def group(self, group: str) -> Matcher:
        """The matcher for one group."""
        return Matcher(self.labels[GROUP], "=", group)

    def groups(self, pattern: str) -> Matcher:
        """The matcher for the groups that a regular expression, or a variable of Grafana, names."""
        return Matcher(self.labels[GROUP], "=~", pattern)


class Metrics:
    """The metrics of one selection, by meaning; None where the profile lacks one."""

    __slots__ = ("_form", "_profile", "_selection")

    def __init__(self, profile: Profile, selection: Selection, form: Form) -> None:
        self._profile, self._selection, self._form = profile, selection, form

    def __getattr__(self, name: str) -> Metric | None:
        if name not in SHAPES:
            raise AttributeError(name)
        source = self._profile.metrics.get(name)
        return self._selection.metric(source, self._form) if source else None

    def __dir__(self) -> list[str]:
        return list(SHAPES)
