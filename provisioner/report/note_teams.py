"""Whom the plans hit, team by team: what becomes of their topics, of what they read, and of what their alerts say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from provisioner.report import markdown, note_words
from provisioner.report.note_changes import Told, Weight
from provisioner.report.note_fit import Entry, Limits, Section
from provisioner.report.note_input import People

MOST_ITEMS = 8


class Hit(NamedTuple):
    """One thing that a team is hit by, the same of several resources once: their names stand behind `before`.

    `nouns`: of what is counted, where the team owns it.
    """

    cluster: str
    before: str
    after: str
    nouns: tuple[str, str] | None = None

    def worded(self, names: Sequence[str]) -> str:
        """`2 topics to create on prod: ...`, `billing reads ... on prod: retention.ms 7d → 3d`."""
        known = list(dict.fromkeys(names))
        where = f"on {markdown.name(self.cluster)}"
        if self.nouns is None:
            return f"{self.before} {markdown.names(known)} {where}: {self.after}"
        return f"{len(names)} {self.nouns[len(names) != 1]} {self.after} {where}: {markdown.names(known)}"


Hits = Mapping[str, Mapping[Hit, Sequence[str]]]
"""By team: each hit with the names of the resources."""


def approvers(changes: Sequence[Told], people: People) -> list[str]:
    """Teams whose declared consumers read what another team changes dangerously."""
    found = set()
    for each in changes:
        if not each.kind.derived and any(hazard.possible for hazard in each.hazards):
            found |= {reader.team for reader in people.reading(each.cluster, each.subject)} - {each.change.owner}
    return sorted(found)


def mentioned(teams: Sequence[str], people: People, most: int) -> dict[str, str]:
    """The first teams that have somebody to be called, and how."""
    known = [team for team in teams if people.mentions.get(team)]
    return {team: " ".join(map(markdown.mention, people.mentions[team])) for team in known[:most]}


def called(team: str, calls: Mapping[str, str]) -> str:
    """The team, and whom that calls."""
    return " ".join([markdown.name(team), *filter(None, [calls.get(team)])])


def in_order(found: Hits, first: Collection[str]) -> list[str]:
    """Those who are asked for something, then by name."""
    return sorted({*found, *first}, key=lambda team: (team not in first, team))


def section(found: Hits, teams: Sequence[str], calls: Mapping[str, str], limits: Limits) -> Section:
    """A line for each team, and what hits it below."""
    entries = [Entry("\n".join(_lines(team, found[team], calls))) for team in teams if team in found]
    return Section("### Whom it hits\n", entries, ("team is", "teams are"), limits.teams)


def _lines(team: str, items: Mapping[Hit, Sequence[str]], calls: Mapping[str, str]) -> Iterator[str]:
    yield f"- **{markdown.name(team)}** {calls.get(team, '')}".rstrip()
    for hit, names in list(items.items())[:MOST_ITEMS]:
        yield f"  - {hit.worded(names)}"
    if len(items) > MOST_ITEMS:
        yield f"  - and {len(items) - MOST_ITEMS} more"


def hits(changes: Sequence[Told], people: People) -> Hits:
    """Of all teams; what is refused and what is dangerous first."""
    found: dict[str, dict[Hit, list[str]]] = defaultdict(lambda: defaultdict(list))
    for each in sorted(changes, key=lambda each: each.weight):
        for team, hit in _of(each, people):
            found[team][hit].append(each.subject.name)
    return found


def _of(each: Told, people: People) -> Iterator[tuple[str, Hit]]:
    if each.change.owner:
        yield each.change.owner, Hit(each.cluster, "", _done(each), each.kind.nouns)
    if not each.kind.derived:
        yield from _read(each, people)
    yield from _told_by_alerts(each)


def _done(each: Told) -> str:
    return {Weight.REFUSED: "refused", Weight.UNKNOWN: "not known"}.get(each.weight, f"to {each.change.action}")


def _read(each: Told, people: People) -> Iterator[tuple[str, Hit]]:
    late = note_words.late(each)
    for consumer in people.reading(each.cluster, each.subject):
        how = late.get(consumer.group, "how late it is, is not known" if each.hazards else "")
        behind = f"; {markdown.prose(how)}" if how else ""
        yield consumer.team, Hit(each.cluster, f"{markdown.code(consumer.group)} reads", _effect(each) + behind)


def _effect(each: Told) -> str:
    if each.weight is Weight.UNKNOWN:
        return "what becomes of it is not known"
    what = ", ".join(note_words.effect(each)[:3]) or {"create": "it is made", "delete": "it is deleted"}.get(
        each.change.action, "it changes"
    )
    dangers = ", ".join(f"**{markdown.prose(hazard.slug)}**" for hazard in each.hazards[:3])
    refused = "refused as it stands: " if each.weight is Weight.REFUSED else ""
    return f"{refused}{what}{f' ({dangers})' if dangers else ''}"


def _told_by_alerts(each: Told) -> Iterator[tuple[str, Hit]]:
    """The owner of something new need not be told of each alert of it."""
    for change in (each.change, *each.along):
        for team, numbers in change.called.items():
            if change is each.change or team != each.change.owner:
                words = [change.words[number] for number in numbers if 0 <= number < len(change.words)]
                yield from ((team, Hit(each.cluster, "alerts of", note_words.sentence(word))) for word in words)
