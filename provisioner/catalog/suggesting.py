"""Near words for typing errors. Each costs a comparison with every known word, so words and runs are bounded."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Collection, Iterable

LONGEST = 64
"""Characters; what is longer is no slip of the finger."""

MOST_KNOWN = 500
"""So many words are looked at; of more, those that begin or end as the word does."""

MOST_A_KIND = 20
"""So many problems of one kind get a suggestion; who has more has another trouble."""

_CUTOFF = 0.6
_FINALISTS = 3


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`did you mean 'partitions'?`, or nothing where no known word is near."""
    if len(word) > LONGEST:
        return ""
    scored = ((_most_alike(word, name), name) for name in _candidates(word, list(known)))
    finalists = sorted((pair for pair in scored if pair[0] >= _CUTOFF), reverse=True)[:_FINALISTS]
    near = difflib.get_close_matches(word, [name for _, name in finalists], n=1, cutoff=_CUTOFF)
    return f"did you mean {near[0]!r}?" if near else ""


def _candidates(word: str, known: list[str]) -> list[str]:
    if len(known) > MOST_KNOWN:
        head, tail = word[:3], word[-3:]
        known = [name for name in known if name.startswith(head) or name.endswith(tail)]
    return [name for name in known if len(name) <= LONGEST][:MOST_KNOWN]


def _most_alike(word: str, name: str) -> float:
    """At least the ratio that difflib would find, from the letters alone: linear, where difflib is cubic."""
    shared = sum((Counter(word) & Counter(name)).values())
    return 2 * shared / (len(word) + len(name)) if word or name else 0.0


class Suggestions:
    """The suggestions of one run: the first of each kind are searched for, the others are not."""

    def __init__(self) -> None:
        self._asked: Counter[str] = Counter()

    def near(self, kind: str, word: str, known: Collection[str]) -> str:
        """As `did_you_mean`; nothing for a kind (the name of a check) that was asked for too often."""
        self._asked[kind] += 1
        return did_you_mean(word, known) if self._asked[kind] <= MOST_A_KIND else ""
