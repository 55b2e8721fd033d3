"""What a run looks at that is about changes of the files alone: those, their dependants, and what they depend on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from provisioner.reconcile.lanes import Lane
from provisioner.reconcile.model import Key


def narrowed(lanes: Sequence[Lane[Any]]) -> list[Lane[Any]]:
    """The lanes, each knowing what it need not look at; as they are, where the run is about more."""
    if not all(lane.scope.only_changed for lane in lanes):
        return list(lanes)
    anew = [changed(lane) for lane in lanes]
    keys = {lane.key(name) for lane, names in zip(lanes, anew, strict=True) for name in names}
    looked = [names | _dependants(lane, keys) for lane, names in zip(lanes, anew, strict=True)]
    needed = {key for lane, names in zip(lanes, looked, strict=True) for key in _members(lane, names)}
    return [_without_rest(lane, names, needed) for lane, names in zip(lanes, looked, strict=True)]


def changed(lane: Lane[Any]) -> set[str]:
    """The names for which the files ask otherwise than at the base."""
    return {name for name in lane.wanted if name not in lane.alike and _is_changed(lane, name)}


def is_untouched(lane: Lane[Any]) -> bool:
    """True where the files ask for the very same as at the base, and nothing left them."""
    return lane.base is not None and not changed(lane) and not any(map(lane.is_gone, lane.base))


def _is_changed(lane: Lane[Any], name: str) -> bool:
    before = None if lane.base is None else lane.base.get(name)
    return before is None or not lane.wanted[name].is_same(before)


def _dependants(lane: Lane[Any], keys: set[Key]) -> set[str]:
    """What is alike is made for nothing that is not."""
    others = (name for name in lane.wanted if name not in lane.alike)
    return {name for name in others if not keys.isdisjoint(lane.wanted[name].members.values())}


def _members(lane: Lane[Any], names: set[str]) -> set[Key]:
    return {key for name in names for key in lane.wanted[name].members.values()}


def _without_rest(lane: Lane[Any], names: set[str], needed: set[Key]) -> Lane[Any]:
    beside = frozenset(name for name in lane.wanted if name not in names and lane.key(name) not in needed)
    return replace(lane, beside=beside)
