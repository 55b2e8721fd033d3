"""A rule of Prometheus, as a template writes it and as it is rendered: what Prometheus would refuse is a problem."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.catalog.documents import Document, Loc
from provisioner.catalog.schema import did_you_mean
from provisioner.problem import Problem
from provisioner.profiles.promql import LONGEST, MAX_SECONDS, seconds
from provisioner.templates.delimiters import OPEN
from provisioner.templates.expressions import Fault
from provisioner.templates.problems import CHECK
from provisioner.templates.tree import WHEN, Found

RULE_TEXTS = ("alert", "expr", "for", "keep_firing_for")
RULE_MAPS = ("labels", "annotations")
OF_TARGETS = ("alert_", "annotation_")
"""So begin labels of the series that compact rules are joined with."""
DURATIONS = ("for", "keep_firing_for")
_RULE = (WHEN, *RULE_TEXTS, *RULE_MAPS)
_NAME = re.compile("(?!__)[a-zA-Z_][a-zA-Z0-9_]{0,127}")
_SEE = "see the shipped templates"
_DURATION = "write 90s, 5m, 1h30m or 7d: the larger unit first"


def rule_faults(rule: Mapping[str, Any], document: Document) -> Iterator[Problem]:
    """A rule has an alert and an expr, known keys, texts in the right places, and names that Prometheus takes."""
    for key in ("alert", "expr"):
        if key not in rule:
            yield Problem(CHECK, f"the rule has no {key!r}", document.key_span(("rule",)), f"add `{key}:`")
    for key, value in rule.items():
        place = document.key_span(("rule", key))
        if key not in _RULE:
            hint = did_you_mean(key, _RULE) or f"known: {', '.join(_RULE)}"
            yield Problem(CHECK, f"a rule has no {key!r}", place, hint)
        elif isinstance(value, dict) != (key in RULE_MAPS) or isinstance(value, list):
            yield Problem(CHECK, f"{key!r} must be {'a map' if key in RULE_MAPS else 'a text'}", place, _SEE)
        elif key in DURATIONS and OPEN not in str(value) and (why := _no_duration(value)):
            yield Problem(CHECK, f"{key!r} {why}", document.span(("rule", key)), _DURATION)
    for key in RULE_MAPS:
        yield from _in_map(rule.get(key), document, ("rule", key))


def _in_map(values: Any, document: Document, loc: Loc) -> Iterator[Problem]:
    for name, value in values.items() if isinstance(values, dict) else ():
        place = document.key_span((*loc, name))
        if isinstance(value, (dict, list)):
            yield Problem(CHECK, f"{name!r} must be a text", place, _SEE)
        if OPEN not in name and not _NAME.fullmatch(name):
            hint = "use at most 128 letters, digits and _, no digit first, and no __ at the beginning"
            yield Problem(CHECK, f"{name!r} is no name that Prometheus takes", place, hint)


def compact_faults(rule: Mapping[str, Any], document: Document) -> Iterator[Problem]:
    """What the compact layout cannot spell: the series of its targets have a label for each alert."""
    name = str(rule.get("alert", ""))
    if OPEN not in name and not _NAME.fullmatch(name):
        hint = "write letters, digits and _, as KafkaLate, or leave `compact:` out"
        yield Problem(
            CHECK, f"{name!r} is no name of an alert in the compact layout", document.span(("rule", "alert")), hint
        )
    labels = rule.get("labels")
    for label in labels if isinstance(labels, dict) else ():
        if label.startswith(OF_TARGETS):
            message = f"{label!r} is the name of a label of the compact layout's own"
            yield Problem(CHECK, message, document.key_span(("rule", "labels", label)), "call it something else")


def rendered_faults(rule: Mapping[str, Any]) -> Iterator[Found]:
    """What is wrong with a rule once its values are known, by the place in the template that they came from."""
    for key in RULE_TEXTS:
        value = rule.get(key, "0s")
        if isinstance(value, (dict, list)) or value in (None, ""):
            yield ("rule", key), "", Fault(f"{key!r} must be a text, it gives {_kind(value)}", _SEE)
        elif key in DURATIONS and (why := _no_duration(value)):
            yield ("rule", key), "", Fault(f"{key!r} {why}", _DURATION)
    for key in RULE_MAPS:
        for name, value in rule.get(key, {}).items():
            if isinstance(value, (dict, list)):
                yield ("rule", key, name), "", Fault(f"{name!r} must be a text, it gives {_kind(value)}", _SEE)


def _kind(value: Any) -> str:
    return "a map" if isinstance(value, dict) else "a list" if isinstance(value, list) else "nothing"


def _no_duration(value: Any) -> str | None:
    """Why a value is no duration for Prometheus."""
    lasts = seconds(str(value).rstrip())
    if lasts is None:
        return f"must be a duration of Prometheus, is {value!r}"
    return f"must be at most {LONGEST}, is {value!r}" if lasts > MAX_SECONDS else None
