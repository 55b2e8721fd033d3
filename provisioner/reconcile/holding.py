"""Defaults that a destination does not know: each is one mistake in one place, and holds up no other change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from provisioner.problem import Span
from provisioner.reconcile import guard
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.lanes import Lane
from provisioner.reconcile.model import Key, Prepared, R, Refusal
from provisioner.reconcile.plan import Held

BY = "cluster"
HINT = "correct the declaration"
HINT_DEFAULT = "remove the default; what would be new is not made without it"


@dataclass
class _Names:
    """Who is held up by one default."""

    why: str
    without: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def parted(
    lane: Lane[R], changes: Sequence[Change[R]], ready: Mapping[Key, Prepared]
) -> tuple[list[Change[R]], list[Held]]:
    """The changes without the defaults that are not known there, or refused for them; and those defaults."""
    held: dict[tuple[str, Span], _Names] = {}
    left = [_parted(lane, change, ready.get(change.key, Prepared()).unknown, held) for change in changes]
    found = [Held(lane.kind.name, *at, each.why, tuple(each.without), tuple(each.refused)) for at, each in held.items()]
    return [change for change in left if change], found


def _parted(
    lane: Lane[R], change: Change[R], unknown: Mapping[str, str], held: dict[tuple[str, Span], _Names]
) -> Change[R] | None:
    want = lane.wanted.get(change.key.name)
    places = {name: want.places[name] for name in unknown if want and name in want.places}
    for name, span in places.items():
        names = held.setdefault((name, span), _Names(unknown[name]))
        (names.without if change.action is Action.UPDATE else names.refused).append(change.key.name)
    own = [Refusal(BY, unknown[name], HINT) for name in unknown if name not in places]
    if change.action is not Action.UPDATE:
        return guard.refused(change, *own, *_of_defaults(places, unknown))
    if not places:
        return guard.refused(change, *own)
    left = change.without(places)
    return guard.refused(left, *own) if left.fields or any(hazard.asks for hazard in left.hazards) else None


def _of_defaults(places: Mapping[str, Span], unknown: Mapping[str, str]) -> Iterable[Refusal]:
    return (Refusal(BY, f"{unknown[name]}; it is a default at {span}", HINT_DEFAULT) for name, span in places.items())
