"""What a template's expressions may do with values: a short list, each bounded, none that could grow text at will."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import filters as jinja

from provisioner.catalog import units
from provisioner.catalog.units import Duration
from provisioner.profiles import limits as of_limits
from provisioner.profiles import promql, time_lag
from provisioner.profiles.groups import Groups
from provisioner.profiles.limits import Limit
from provisioner.profiles.metric import Metric
from provisioner.profiles.promql import Fragment
from provisioner.templates import escapes
from provisioner.templates.values import MAX_TEXT, RefusedValueError, defined, items, text_of

MAX_PRECISION = 15
_VARIABLES = ("$__interval", "$__rate_interval", "$__range")


def _metric(value: Any) -> Metric:
    if isinstance(value, Metric):
        text_of(value)
        return value
    why = "this profile has no such metric, say so under `needs`" if value is None else "this is no metric"
    raise RefusedValueError(f"{why} (metric.log_end, metric.committed ...)")


def _time(value: Any) -> str:
    text = f"{value.seconds}s" if isinstance(value, Duration) and value.seconds == 0 else str(value)
    if isinstance(value, (Duration, str)) and (text in _VARIABLES or 0 <= _lasting(text) <= promql.MAX_SECONDS):
        return text
    raise RefusedValueError(f"{value!r} is no duration such as 5m")


def _lasting(text: str) -> float:
    """Seconds; below 0 for what is no duration with a unit."""
    found = promql.seconds(text) if text != "0" else None
    return -1 if found is None else found


def ago(metric: Any, offset: Any) -> Metric:
    """`metric.log_end | ago(lag)`: the metric as it was so long ago."""
    return _metric(metric).ago(_time(offset))


def within(metric: Any, window: Any) -> Metric:
    """`metric.log_end | within("5m")`: its last sample of that window."""
    return _metric(metric).within(_time(window))


def now(metric: Any) -> Metric:
    """`metric.log_end | now`: without a window."""
    return _metric(metric).now()


def per_second(metric: Any, window: Any = "$__rate_interval") -> Metric:
    """`metric.log_end | per_second("5m")`: its growth, never below 0; a dashboard needs no window."""
    return _metric(metric).per_second(_time(window))


def of(metric: Any, groups: Any, ignored: Any = "") -> Metric:
    """`metric.committed | of(consumer.group)`: of that group only; `of(limit.groups, ignored)`: of all of a limit's."""
    if isinstance(groups, Groups):
        return groups.narrow(_metric(metric), text_of(ignored))
    return _metric(metric).of(text_of(groups))


def besides(metric: Any, groups: Any, pattern: Any = "") -> Metric:
    """`metric.committed | besides(topic.groups, ignored)`: of other groups; `pattern`: a regular expression."""
    return _metric(metric).besides(promql.any_of(_texts(groups), text_of(pattern)))


def on_topic(metric: Any, topic: Any) -> Metric:
    """`metric.log_end | on_topic(topic.dead_letter)`: of another topic."""
    return _metric(metric).on_topic(text_of(topic))


def selector(metric: Any) -> Fragment:
    """`metric.lag | selector`: the bare `name{...}`, of every group."""
    return _metric(metric).selector()


def unread_age(log_end: Any, committed: Any, rungs: Any, log_start: Any = None) -> Fragment:
    """`metric.log_end | unread_age(metric.committed, [60, lag], metric.log_start)`: seconds, by group."""
    steps = [rung.seconds if isinstance(rung, Duration) else int(rung) for rung in items(rungs) if rung is not None]
    start = None if log_start is None else _metric(log_start)
    return time_lag.unread_age(_metric(log_end), _metric(committed), steps, start)


def unread_age_now(log_end: Any, committed: Any, longest: Any, log_start: Any) -> Fragment:
    """`metric.log_end | unread_age_now(metric.committed, longest, metric.log_start)`: seconds, for instant queries."""
    found = (_metric(log_end), _metric(committed), max(1, duration(longest).seconds), _metric(log_start))
    return time_lag.unread_age_now(*found)


def late(log_end: Any, committed: Any, limits: Any, log_start: Any, ignored: Any = "") -> Fragment:
    """`metric.log_end | late(metric.committed, limits, metric.log_start)`: unread too long, by group and partition."""
    found = (_metric(log_end), _metric(committed), _limits(limits), _metric(log_start), text_of(ignored))
    return of_limits.late(*found)


def limits_of(lag: Any, limits: Any, ignored: Any = "", marked: bool = False) -> Fragment:
    """`metric.lag | limits_of(limits, ignored)`: seconds, by group; `..., true)`: each limit once, in a label too."""
    return of_limits.limits_of(_metric(lag), _limits(limits), text_of(ignored), bool(marked))


def limited(metric: Any, limits: Any, ignored: Any = "") -> Fragment:
    """`metric.lag | limited(limits, ignored)`: of every group that has a limit."""
    return of_limits.limited(_metric(metric), _limits(limits), text_of(ignored))


def _limits(value: Any) -> list[Limit]:
    found = items(value)
    if not found or not all(isinstance(each, Limit) for each in found):
        raise RefusedValueError("these are no limits, or there are none (`limits`)")
    return found


def duration(seconds: Any) -> Duration:
    """`300 | duration` is 5m."""
    if isinstance(seconds, Duration):
        return seconds
    if int(seconds) < 0:
        raise RefusedValueError(f"{seconds!r} is below 0, and so no duration")
    if int(seconds) > promql.MAX_SECONDS:
        raise RefusedValueError(f"{seconds!r} seconds are more than {promql.LONGEST}")
    return Duration(int(seconds))


def regex(text: Any) -> str:
    """A regular expression that matches exactly this text."""
    return promql.regex(text_of(text))


def literal(text: Any) -> str:
    """`call.words | literal`: as `label_replace` takes it in place of a label's value, where `$` begins a reference."""
    return text_of(text_of(text).replace("$", "$$"))


def verbatim(text: Any) -> Fragment:
    """Text that is PromQL or a Prometheus template already: it is not escaped. Never for what people declare."""
    return Fragment(text_of(text))


def link(url: Any, words: Any) -> Fragment:
    """`team.runbook | link("runbook")`: a link of markdown for an http or https address, else the text alone."""
    text = text_of(url) if defined(url) else ""
    target = escapes.web_address(text)
    return Fragment(f"[{escapes.markdown(text_of(words))}]({target})" if target else escapes.markdown(text))


def web_address(url: Any) -> str:
    """`team.runbook | web_address`: an http or https address as it is; nothing for any other text, and for none."""
    text = text_of(url) if defined(url) else ""
    return text if escapes.web_address(text) else ""


def join(values: Any, separator: str = "") -> str:
    """The values in one text."""
    return text_of(separator).join(_texts(values, len(separator)))


def _texts(values: Any, between: int = 0) -> list[str]:
    parts = [text_of(value) for value in items(values)]
    if sum(map(len, parts)) + between * len(parts) > MAX_TEXT:
        raise RefusedValueError(f"it gives more than {MAX_TEXT:,} characters")
    return parts


def lower(text: Any) -> str:
    """`topic.name | lower`: in small letters."""
    return text_of(text).lower()


def upper(text: Any) -> str:
    """`topic.name | upper`: in capitals."""
    return text_of(text).upper()


def rounded(value: Any, precision: int = 0, method: str = "common") -> float:
    """`2.5 | round(0, "ceil")` is 3.0; the methods are common, ceil and floor."""
    if not -MAX_PRECISION <= precision <= MAX_PRECISION:
        raise RefusedValueError(f"a precision of more than {MAX_PRECISION} digits")
    return jinja.do_round(value, precision, method)  # type: ignore[arg-type]


def milliseconds(value: Any) -> str:
    """`604800000 | milliseconds` is 7d; -1 is without limit."""
    return "no limit" if int(value) < 0 else units.written(int(value))


def size(value: Any) -> str:
    """`536870912 | size` is 512MiB; -1 is without limit."""
    return "no limit" if int(value) < 0 else units.written_size(int(value))


FILTERS: Mapping[str, Callable[..., Any]] = {
    **{f.__name__: f for f in (ago, within, now, per_second, of, on_topic, besides, selector)},
    **{
        f.__name__: f
        for f in (
            unread_age,
            unread_age_now,
            late,
            limits_of,
            limited,
            duration,
            regex,
            literal,
            verbatim,
            link,
            web_address,
            join,
            lower,
            upper,
        )
    },
    **{f.__name__: f for f in (milliseconds, size)},
    "default": jinja.do_default,
    "first": jinja.sync_do_first,
    "last": jinja.do_last,
    "length": len,
    "max": jinja.do_max,
    "min": jinja.do_min,
    "map": jinja.sync_do_map,
    "select": jinja.sync_do_select,
    "selectattr": jinja.sync_do_selectattr,
    "reject": jinja.sync_do_reject,
    "rejectattr": jinja.sync_do_rejectattr,
    "round": rounded,
    "int": jinja.do_int,
    "sort": jinja.do_sort,
    "unique": jinja.sync_do_unique,
}
"""The only filters there are."""
