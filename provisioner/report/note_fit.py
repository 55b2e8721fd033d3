"""A note within its limits: what does not fit is left out by whole entries, and counted where it would have stood."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

WHERE = "the log of the job that planned the cluster has them"


@dataclass(frozen=True, slots=True)
class Limits:
    """GitLab takes 1,000,000 characters; browsers and people take fewer lines."""

    characters: int = 900_000
    lines: int = 6_000
    mentions: int = 20
    teams: int = 100
    dangers: int = 100
    details: int = 60


class Entry(NamedTuple):
    """Some lines that are shown as a whole or not at all. `weight`: how many things they tell of."""

    text: str
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it. `nouns`: one and many of what is counted; `most`: entries, at the most.

    `where`: who has what is left out.
    """

    heading: str
    entries: Sequence[Entry]
    nouns: tuple[str, str]
    most: int = 1_000_000
    where: str = WHERE

    def fitted(self, room: _Size) -> Iterator[str]:
        """The heading, the entries that have room, and how many are left out."""
        left = room.without(self.least)
        kept = 0
        for entry in self.entries[: self.most]:
            left = left.without(_size(entry.text))
            if left.is_overdrawn:
                break
            kept += 1
        yield self.heading
        yield from (entry.text for entry in self.entries[:kept])
        yield from self._left_out(self.entries[kept:])

    @property
    def least(self) -> _Size:
        """Of the heading, and of the line that counts all entries."""
        return _size("\n".join([self.heading, *self._left_out(self.entries), "", ""]))

    def _left_out(self, entries: Sequence[Entry]) -> Iterator[str]:
        if count := sum(entry.weight for entry in entries):
            yield f"\n{count} {self.nouns[count != 1]} left out here: {self.where}."


class _Size(NamedTuple):
    characters: int
    lines: int

    def without(self, other: _Size) -> _Size:
        return _Size(self.characters - other.characters, self.lines - other.lines)

    @property
    def is_overdrawn(self) -> bool:
        return self.characters < 0 or self.lines < 0


def _size(text: str) -> _Size:
    """With the end of its line."""
    return _Size(len(text) + 1, text.count("\n") + 1)


def fitted(opening: str, sections: Sequence[Section], limits: Limits) -> str:
    """The opening is always whole; each section has what those below it leave, if they told as little as they can."""
    left = _Size(limits.characters, limits.lines).without(_size(opening))
    parts = [opening]
    for number, section in enumerate(sections):
        room = left
        for later in sections[number + 1 :]:
            room = room.without(later.least)
        if room.without(section.least).is_overdrawn:
            continue
        text = "\n".join(section.fitted(room))
        left = left.without(_size(f"{text}\n"))
        parts.append(text)
    return "\n\n".join(parts) + "\n"
