"""Two renderings compared: by what alerts and dashboards are, never by the file that they stand in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from provisioner.comparing.piece import ALERT, DASHBOARD, Noun, Piece
from provisioner.comparing.tally import Tally


@dataclass(frozen=True, slots=True)
class Difference:
    """`tallies`: by template, those of alerts first; `compared`: how many the new side has of each noun.

    `clusters`: all that either side has.
    """

    tallies: tuple[Tally, ...]
    compared: Mapping[Noun, int]
    clusters: frozenset[str] = field(default_factory=frozenset)


def difference(before: Iterable[Piece], after: Iterable[Piece]) -> Difference:
    """Namesakes (alerts that share all that identifies them) are paired with their equals first, then in order."""
    there = _by_identity(before)
    clusters = {piece.cluster for by_digest in there.values() for several in by_digest.values() for piece in several}
    left: list[Piece] = []
    compared = {ALERT: 0, DASHBOARD: 0}
    callable_teams = {team for piece in _all(there) if piece.noun == ALERT for team in piece.teams}
    for piece in after:
        compared[piece.noun] += 1
        clusters.add(piece.cluster)
        callable_teams.update(piece.teams if piece.noun == ALERT else ())
        if not _taken(there, piece):
            left.append(piece)
    tallies = _tallies(there, left)
    for tally in tallies:
        # A dashboard has tags: those that some alert calls are teams.
        tally.teams &= callable_teams
    return Difference(tuple(tallies), compared, frozenset(clusters))


_There = dict[tuple[str, ...], dict[bytes, list[Piece]]]
"""Identity -> digest -> the pieces, in order."""


def _by_identity(pieces: Iterable[Piece]) -> _There:
    there: _There = {}
    for piece in pieces:
        there.setdefault(piece.identity, {}).setdefault(piece.digest, []).append(piece)
    return there


def _all(there: _There) -> Iterable[Piece]:
    return (piece for by_digest in there.values() for several in by_digest.values() for piece in several)


def _taken(there: _There, piece: Piece) -> Piece | None:
    """An equal of it, which is taken away from there."""
    several = there.get(piece.identity, {}).get(piece.digest)
    return several.pop() if several else None


def _tallies(there: _There, left: Iterable[Piece]) -> list[Tally]:
    """Of what has no equal on the other side."""
    found: dict[tuple[Noun, str], Tally] = {}

    def tally(piece: Piece) -> Tally:
        return found.setdefault((piece.noun, piece.template), Tally(piece.template, piece.noun))

    old = {identity: iter([*_all({identity: by_digest})]) for identity, by_digest in there.items()}
    for piece in left:
        before = next(old.get(piece.identity, iter(())), None)
        if before is None:
            tally(piece).new(piece)
        else:
            tally(piece).changed(before, piece)
    for pieces in old.values():
        for piece in pieces:
            tally(piece).gone(piece)
    return sorted(
        (each for each in found.values() if each.clusters), key=lambda each: (each.noun != ALERT, each.template)
    )
