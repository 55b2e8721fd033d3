"""What the errors of the files hold back: only what they govern."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from provisioner.catalog import raw
from provisioner.catalog.entries import Declarations
from provisioner.catalog.findings import MORE
from provisioner.catalog.governed import Governed, Places, What
from provisioner.catalog.held import NOTHING, Held
from provisioner.catalog.quoting import quoted
from provisioner.problem import Problem, Severity, Span

WHOLE_RUN = ("topics/too-many",)
"""Checks after which there is no catalog."""
UNKNOWN_TOPIC = "consumers/unknown-topic"
MOST_NAMED = 3
KEPT = "what is in no file any more stays meanwhile"


def held(problems: Iterable[Problem], declarations: Declarations) -> Held:
    """What the errors among the problems hold back; warnings hold back nothing."""
    draft = _Draft(declarations, Places(declarations))
    for problem in problems:
        if problem.severity is Severity.ERROR:
            draft.take(problem)
    return draft.finished() if draft.words else NOTHING


@dataclass(slots=True)
class _Draft:
    declarations: Declarations
    places: Places
    found: dict[What, dict[Governed, Problem]] = field(default_factory=lambda: {what: {} for what in What})
    teams: dict[str, Problem] = field(default_factory=dict)
    topics: dict[str, Problem] = field(default_factory=dict)
    watched: dict[str, Problem] = field(default_factory=dict)
    hidden: Problem | None = None
    parts: Problem | None = None
    unread: dict[str, Problem] = field(default_factory=dict)
    may_have_any: bool = False
    words: dict[Problem, str] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)

    def take(self, problem: Problem) -> None:
        """What one problem governs, at each of its places."""
        words = list(dict.fromkeys(self._one(problem, each) for each in dict.fromkeys(self._all(problem))))
        more = [f"{len(words) - MOST_NAMED} more"] if len(words) > MOST_NAMED else []
        self.words[problem] = " and ".join([*words[:MOST_NAMED], *more])

    def _all(self, problem: Problem) -> Iterator[Governed]:
        if problem.check in WHOLE_RUN:
            yield Governed(What.RUN)
        elif problem.check == MORE and not problem.governs:
            yield self.places.governed(Span(problem.span.path, 0, 0))
        else:
            yield from map(self.places.governed, problem.about)

    def _one(self, problem: Problem, each: Governed) -> str:
        self.found[each.what].setdefault(each, problem)
        if each.what is What.TEAM:
            return self._team(problem, each.name)
        if each.what is What.FILE:
            return self._file(problem, each.name)
        if each.what is What.ENTRY:
            self.touched.add(each.name)
            return self._entry(problem, each)
        return f"cluster {quoted(each.name)}" if each.what is What.CLUSTER else "everything"

    def _team(self, problem: Problem, team: str) -> str:
        self.teams.setdefault(team, problem)
        files = [file.document.data for file in self.declarations.files.values() if file.parts[0] == team]
        names = self._names(problem, (name for data in files for name in raw.names(data)))
        self._watch(problem, (one.value.topic for one in self.declarations.consumers if one.team == team))
        return f"team {quoted(team)}{_some(names)}"

    def _file(self, problem: Problem, path: str) -> str:
        self._hide(problem, path)
        file = self.declarations.files.get(path)
        names = self._names(problem, raw.names(file.document.data)) if file else []
        self._watch(problem, raw.read_topics(file.document.data) if file else ())
        return f"everything in {path}{_some(names)}; {KEPT}"

    def _hide(self, problem: Problem, path: str) -> None:
        """A file may have names that nobody could read."""
        text = self.declarations.sources.get(path)
        for word in raw.words(text or ""):
            self.unread.setdefault(word, problem)
        if (text is None or raw.is_disguised(text)) and not self.may_have_any:
            # Any name may stand there: it is the likeliest for one that no other text has.
            self.hidden, self.may_have_any = problem, True
        self.hidden = self.hidden or problem

    def _entry(self, problem: Problem, each: Governed) -> str:
        word, item = each.loc[0], raw.item(self.declarations.files[each.name].document, each.loc)
        if word == "topics":
            names = raw.topic(item)
            self._names(problem, (*names.own, *names.possible))
            if names.is_unclear:
                self._hide(problem, each.name)
            return _topics(names.own) if names.own else f"an entry without a name; {KEPT}"
        if word == "consumers":
            return self._consumer(problem, item)
        self._hide(problem, each.name)
        return f"entry {int(each.loc[1]) + 1} of {quoted(word)}; {KEPT}"

    def _consumer(self, problem: Problem, item: Any) -> str:
        topic = raw.read_topic(item)
        self._watch(problem, [topic] if topic else ())
        if topic is None or problem.check == UNKNOWN_TOPIC:
            self.parts = self.parts or problem
            return "this consumer; no topic loses an alert meanwhile"
        return f"the alerts and the dashboard of topic {quoted(topic)}"

    def _names(self, problem: Problem, names: Iterable[str]) -> list[str]:
        known = list(dict.fromkeys(names))
        for name in known:
            self.topics.setdefault(name, problem)
        return known

    def _watch(self, problem: Problem, names: Iterable[str]) -> None:
        for name in names:
            self.watched.setdefault(name, problem)

    def finished(self) -> Held:
        """With dead letter topics that have an entry of their own: of these, only what is derived is held back."""
        own = self._own_entries()
        for name in self.topics.keys() & own.keys():
            if own[name] is None:
                self.watched.setdefault(name, self.topics.pop(name))
        return Held(
            next(iter(self.found[What.RUN].values()), None),
            {each.name: problem for each, problem in self.found[What.CLUSTER].items()},
            self.teams,
            self.topics,
            self.watched,
            self._at,
            self.hidden,
            self.parts or self.hidden,
            self.unread,
            self.may_have_any,
            self.words,
        )

    def _own_entries(self) -> dict[str, Problem | None]:
        """By name, the problem that governs the topic's own entry; of several entries the first that has one."""
        found: dict[str, Problem | None] = {}
        for entry in self.declarations.topics:
            name = entry.value.name
            if name in self.topics:
                problem = self.teams.get(entry.team) or self._at(entry.span())
                found[name] = found.get(name) or problem
        return found

    def _at(self, span: Span) -> Problem | None:
        whole = self.found[What.FILE].get(Governed(What.FILE, span.path))
        if whole or span.path not in self.touched:
            return whole
        return self.found[What.ENTRY].get(self.places.governed(span))


def _some(names: list[str]) -> str:
    if not names:
        return ""
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f" ({_topics(names[:MOST_NAMED])}{more})"


def _topics(names: Sequence[str]) -> str:
    return ("topic " if len(names) == 1 else "topics ") + ", ".join(map(quoted, names))
