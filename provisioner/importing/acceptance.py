"""Entries -> entries that pass the checks: what the checks refuse is accepted in the entry, or the topic left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from provisioner.catalog.durations import OFF
from provisioner.catalog.model import Topic
from provisioner.checks import lag
from provisioner.importing.candidate import candidate, errors
from provisioner.importing.context import ImportContext
from provisioner.importing.entry import TopicEntry
from provisioner.importing.undeclarable import EXTERNAL
from provisioner.problem import Problem

Entries = dict[str, TopicEntry]
Answer = Callable[[TopicEntry, Topic, ImportContext], TopicEntry]


def accepted(entries: Iterable[TopicEntry], context: ImportContext) -> tuple[Entries, dict[str, str]]:
    """The entries that can be written, by name, and why the topics of the others are left out.

    All of them are checked at once, again after each answer: a consent can uncover the next problem.
    """
    by_name, left_out = {entry.name: entry for entry in entries}, dict[str, str]()
    candidates = {name: candidate(entry, context) for name, entry in by_name.items()}
    while refused := errors(candidates.values(), context):
        answers = {name: _answered(by_name[name], candidates[name], wrong, context) for name, wrong in refused.items()}
        hopeless = {name: why for name, wrong in refused.items() if (why := _hopeless(wrong, answers[name], by_name))}
        for name, why in hopeless.items():
            left_out[name] = f"{why}: {EXTERNAL}"
            del by_name[name], candidates[name]
        # Another topic that collided with one of these, say, is answered when they are out of the way.
        for name, answer in answers.items() if not hopeless else ():
            by_name[name], candidates[name] = answer, candidate(answer, context)
    return by_name, left_out


def _hopeless(wrong: Sequence[Problem], answer: TopicEntry, before: Entries) -> str | None:
    """The problem for which there is no answer, or for which the answer did not help."""
    without = [problem for problem in wrong if problem.check not in _ANSWERS and problem.consent is None]
    without += wrong if answer == before[answer.name] else []
    return without[0].message if without else None


def _answered(entry: TopicEntry, topic: Topic, wrong: Sequence[Problem], context: ImportContext) -> TopicEntry:
    """The entry with an answer to each problem that has one."""
    consents = dict(problem.consent for problem in wrong if problem.consent)
    answered = replace(entry, allow=dict(sorted({**entry.allow, **consents}.items())))
    for answer in dict.fromkeys(_ANSWERS[problem.check] for problem in wrong if problem.check in _ANSWERS):
        answered = answer(answered, topic, context)
    return answered


def _fitting_lag(entry: TopicEntry, topic: Topic, context: ImportContext) -> TopicEntry:
    """The threshold nearest to the default that can be measured and is of use, or none with the reason."""
    shortest, longest = lag.shortest(context.cluster), lag.longest(topic)
    if longest is not None and longest < shortest:
        scrapes = f"{lag.SCRAPES} scrapes take {shortest.seconds}s"
        why = f"no lag alert: its retention is too short to measure a lag ({scrapes})"
        return replace(entry, lag=OFF, comments=(*entry.comments, why))
    nearest = max(context.defaults.lag or shortest, shortest)
    return replace(entry, lag=nearest if longest is None else min(nearest, longest))


_ANSWERS: Mapping[str, Answer] = {"lag/too-short": _fitting_lag, "lag/too-long": _fitting_lag}
"""Check -> how an entry meets it, where that is no consent."""
