"""Alerts in words: which rules of a topic come, go and change, who is told, and after how long."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from provisioner.kinds import text_diff
from provisioner.kinds.alert_set import LAG, SHORT, THRESHOLDS, AlertSet, Rule
from provisioner.kinds.compact_names import BESIDES, JOINS, SERVES
from provisioner.line import Line, Style, signed
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.model import fields_changed

MOST_RULES = 6
"""Rules of a new topic that are spelled out; `--verbose` lists them all."""

_DURATION = re.compile(r"\b(?:\d+(?:ms|[smhdwy]))+\b")
# Possessive: a long row of digits with a letter behind it would be tried from each of its ends.
_NUMBER = re.compile(r"\b\d++(?:\.\d++)?(?:ms|[smhdwy])?+(?:\d++(?:ms|[smhdwy]))*+\b")
_NAMES = {
    "expr": "expression",
    "for": "for",
    "keep_firing_for": "keeps firing",
    BESIDES: "declared groups",
    SERVES: "dead letters of",
}
_OWN = frozenset({*THRESHOLDS, "for", "keep_firing_for", "team", "severity", "consumer_group", "topic"})
_LONG = frozenset({"expression", "summary", "description", "diagnosis"})
_FOLLOWS_LAYOUT = _LONG | {"expr", BESIDES, SERVES}


def words(change: Change[AlertSet], whole: bool) -> Iterator[Line]:
    """Who will be told of what, the declared lags first; of what changes, in which rule."""
    before, after = change.before, change.after
    if change.action is Action.CREATE:
        yield from _listed(coming(before, after), whole)
    elif before and after:
        yield from map(Line, changed(before, after))
        yield from (signed("+", Style.ADDED, f"alert {rule}") for rule in coming(before, after))
        yield from text_diff.lines(diff(change, False)) if whole else ()


def _listed(rules: list[str], whole: bool) -> Iterator[Line]:
    named = rules if whole or len(rules) <= MOST_RULES else rules[: MOST_RULES - 1]
    more = [f"and {len(rules) - len(named)} more"] if len(named) < len(rules) else []
    if rules:
        yield Line(f"alerts {'; '.join([*named, *more])}")


def losses(change: Change[AlertSet]) -> str:
    """The rules that nobody should miss unawares: some of a topic's, or all of them."""
    rules = "; ".join(going(change.before, change.after))
    if change.action is Action.DELETE:
        rules = "all its alerts" + (f": {rules}" if rules else "")
    return f"goes, while its topic stays: {rules}" if rules and change.action is not Action.CREATE else ""


def sentences(change: Change[AlertSet]) -> list[str]:
    """What differs in the rules that stay, those that are new (`+ `), those that are no more (`- `)."""
    return [sentence.text for sentence in _sentences(change)]


def called(change: Change[AlertSet]) -> list[frozenset[str]]:
    """Of each of the sentences: the teams that its rules call."""
    return [sentence.teams for sentence in _sentences(change)]


class _Sentence(NamedTuple):
    """What there is to say, and the teams that it is about."""

    text: str
    teams: frozenset[str]


def _sentences(change: Change[AlertSet]) -> Iterator[_Sentence]:
    before, after = change.before, change.after
    if before and after:
        yield from _changed(before, after)
    yield from (_Sentence(f"+ {rule.text}", rule.teams) for rule in _only(after, before))
    yield from (_Sentence(f"- {rule.text}", rule.teams) for rule in _only(before, after))


def diff(change: Change[AlertSet], whole: bool) -> Iterator[tuple[str, list[str]]]:
    """Part by part; unless `whole`, only those that the sentences leave to be seen."""
    before, after = change.before, change.after
    if before and after:
        for field, old, new in texts(before, after):
            if whole or is_worth_a_diff(before, after, field, (old, new)):
                yield field, list(text_diff.rows(old, new))


def coming(before: AlertSet | None, after: AlertSet | None) -> list[str]:
    """The rules that are new, such as `billing (finance, page): lag 5m`."""
    return [rule.text for rule in _only(after, before)]


def going(before: AlertSet | None, after: AlertSet | None) -> list[str]:
    """The rules that are no more, in the same words."""
    return [rule.text for rule in _only(before, after)]


def changed(before: AlertSet, after: AlertSet) -> list[str]:
    """What differs in the rules that stay: `billing (finance, page): lag 5m -> 1h`; equal differences in one line."""
    return [sentence.text for sentence in _changed(before, after)]


def _changed(before: AlertSet, after: AlertSet) -> list[_Sentence]:
    subjects = _subjects(after)
    old, new = before.titled(), after.titled()
    lines: dict[tuple[str, str], list[str]] = {}
    behind = _with_another_lag(old, new)
    for title in sorted(new.keys() & old.keys(), key=lambda title: _importance(title, new[title])):
        if words := ", ".join(_differences(old[title], new[title], _group(new[title]) in behind)):
            lines.setdefault((_recipient(new[title]), words), []).append(title)
    found = [
        _Sentence(
            f"{', '.join(subjects[title] for title in titles)} {recipient}: {words}",
            frozenset().union(*(_teams(rules[title]) for title in titles for rules in (old, new))),
        )
        for (recipient, words), titles in lines.items()
    ]
    return [*_of_the_set(before, after), *found]


def _with_another_lag(old: Mapping[str, Rule], new: Mapping[str, Rule]) -> set[str]:
    """Groups whose lag moves: their other rules wait for it, too, and that is told once."""
    both = ((old[title], new[title]) for title in old.keys() & new.keys())
    moved = {_group(rule) for was, rule in both if _annotations(was).get(LAG) != _annotations(rule).get(LAG)}
    return moved - {""}


def texts(before: AlertSet, after: AlertSet) -> Iterator[tuple[str, list[str], list[str]]]:
    """Each part that differs, in lines before and after."""
    for field in fields_changed(before.exact(), after.exact()):
        yield field.field, (field.before or "").splitlines(), (field.after or "").splitlines()


def is_worth_a_diff(before: AlertSet, after: AlertSet, field: str, lines: text_diff.Texts) -> bool:
    """Whether `changed` leaves something to be seen: of whole rules their expression, else what is long."""
    if field.endswith(".expr"):
        return True
    whole = before.titled().keys() ^ after.titled().keys()
    if field.rpartition(".")[0] in whole:
        return False
    return field.rpartition(".")[2] in _LONG or any(_is_long("\n".join(text)) for text in lines)


def _of_the_set(before: AlertSet, after: AlertSet) -> Iterator[_Sentence]:
    if before.team != after.team:
        words = f"the rules move from team {before.team} to team {after.team}"
        yield _Sentence(words, frozenset((before.team, after.team)))
    if after.loaded and not before.loaded:
        yield _Sentence("Prometheus has not confirmed that it loaded them", frozenset())


def _only(here: AlertSet | None, there: AlertSet | None) -> list[_Sentence]:
    if here is None:
        return []
    known = there.titled() if there else {}
    subjects = _subjects(here)
    fresh = {title: rule for title, rule in here.titled().items() if title not in known}
    found: dict[tuple[str, str], list[str]] = {}
    teams: dict[tuple[str, str], frozenset[str]] = {}
    for title, rule in sorted(fresh.items(), key=lambda item: _importance(*item)):
        name, of_whom = _named(title, rule, subjects[title])
        key = of_whom or name, f"{of_whom} {_recipient(rule)}{_threshold(rule)}"
        found.setdefault(key, []).append(name)
        teams[key] = _teams(rule)
    return [_Sentence(", ".join(names) + key[1], teams[key]) for key, names in found.items()]


def _named(title: str, rule: Rule, subject: str) -> tuple[str, str]:
    """What a rule is called, and ` GROUP` where others of that group can stand in the same line."""
    group = _group(rule)
    if group and subject == title == f"{rule['alert']} {group}" and not _threshold(rule):
        return str(rule["alert"]), f" {group}"
    return subject, ""


def _teams(rule: Rule) -> frozenset[str]:
    team = rule.get("labels", {}).get("team")
    return frozenset((str(team),)) if team else frozenset()


def _importance(title: str, rule: Rule) -> tuple[bool, bool, str]:
    """Declared groups first, and of each its lag."""
    return LAG not in _annotations(rule), not _group(rule), title


def _subjects(alerts: AlertSet) -> dict[str, str]:
    """Title -> what people call the rule: the lag alert of a group is the group."""
    titled = alerts.titled()
    groups = Counter(_group(rule) for rule in titled.values() if LAG in _annotations(rule))
    return {
        title: group if (group := _group(rule)) and LAG in _annotations(rule) and groups[group] == 1 else title
        for title, rule in titled.items()
    }


def _group(rule: Rule) -> str:
    return str(rule.get("labels", {}).get("consumer_group", ""))


def _annotations(rule: Rule) -> Mapping[str, str]:
    found: Mapping[str, str] = rule.get("annotations", {})
    return found


def _recipient(rule: Rule) -> str:
    labels = rule.get("labels", {})
    return f"({', '.join(filter(None, (labels.get('team'), labels.get('severity'))))})"


def _threshold(rule: Rule) -> str:
    known = _annotations(rule)
    return "".join(f": {name} {known[name]}" for name in THRESHOLDS if name in known)


def _differences(before: Rule, after: Rule, follows_lag: bool = False) -> Iterator[str]:
    """Part by part; texts that differ only by durations, or by numbers, follow from another threshold."""
    old, new = _parts(before), _parts(after)
    if turned := _turned(before, after):
        yield turned
        old, new = ({part: text for part, text in each.items() if part not in _FOLLOWS_LAYOUT} for each in (old, new))
    moved = [name for name in THRESHOLDS if old.get(name) != new.get(name)] or ([LAG] if follows_lag else [])
    mask = _DURATION if moved == [LAG] else _NUMBER
    for part in sorted(old.keys() | new.keys(), key=lambda part: (part != LAG, part != "severity", part)):
        one, other = old.get(part), new.get(part)
        follows = moved and part not in _OWN
        if one != other and not (follows and _masked(one, mask) == _masked(other, mask)):
            # A rule without this annotation was written by a version that did not know it.
            yield (
                f"lag (not known) -> {other}"
                if part == LAG and one is None
                else _words(_NAMES.get(part, part), one, other)
            )


def _turned(before: Rule, after: Rule) -> str:
    """That a rule is of the other layout; Prometheus takes it for a new one, which begins to wait anew."""
    one, other = ("compact" if JOINS in rule else "readable" for rule in (before, after))
    return f"layout {one} -> {other}, its `for` begins anew" if one != other else ""


def _parts(rule: Rule) -> dict[str, str]:
    texts = {part: str(rule[part]) for part in _NAMES if part in rule}
    labels = {f"label {name}" if name in texts else name: text for name, text in rule.get("labels", {}).items()}
    taken = texts | labels
    named = {f"annotation {name}" if name in taken else name: text for name, text in _annotations(rule).items()}
    return {**taken, **named}


def _masked(text: str | None, mask: re.Pattern[str]) -> str | None:
    return None if text is None else mask.sub("*", text)


def _words(name: str, before: str | None, after: str | None) -> str:
    """`severity page -> ticket`; only the name of what is too long to be compared by eye."""
    if name in _LONG or _is_long(before) or _is_long(after):
        return name
    return f"{name} {_value(before)} -> {_value(after)}"


def _is_long(text: str | None) -> bool:
    return text is not None and (len(text) > SHORT or "\n" in text)


def _value(text: str | None) -> str:
    return "(none)" if text is None else text
