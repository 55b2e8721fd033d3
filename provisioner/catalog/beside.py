"""The catalogs of a folder beside those of another version of it: what both have alike is merged once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from provisioner.catalog import catalog, watching
from provisioner.catalog.entries import Declarations
from provisioner.catalog.model import Catalog, Topic
from provisioner.catalog.touched import touched
from provisioner.problem import Problem, Span


def catalogs(
    then: Declarations, now: Declarations, today: Mapping[str, Catalog]
) -> tuple[dict[str, Catalog], list[Problem]]:
    """As `catalog.catalogs` of `then`, knowing the catalogs of `now`, in which nothing is wrong.

    A topic of which no differing file speaks is today's, with its places in the files of `then`.
    """
    names = touched(now, then)
    if names is None or today.keys() != then.clusters.keys():
        return catalog.catalogs(then)
    merged, problems = catalog.catalogs(_only(then, names))
    paths = _paths(now, then)
    return {name: _completed(each, today[name], names, paths) for name, each in merged.items()}, problems


def _only(declarations: Declarations, names: frozenset[str]) -> Declarations:
    topics = [entry for entry in declarations.topics if entry.value.name in names]
    consumers = [entry for entry in declarations.consumers if entry.value.topic in names]
    return replace(declarations, topics=topics, consumers=consumers)


def _paths(now: Declarations, then: Declarations) -> dict[str, str]:
    """Where a file of today lies there."""
    places = {file.parts: path for path, file in then.files.items()}
    return {path: places[file.parts] for path, file in now.files.items() if file.parts in places}


def _completed(merged: Catalog, today: Catalog, names: frozenset[str], paths: Mapping[str, str]) -> Catalog:
    alike = frozenset(name for name in today.topics if name not in names)
    teams = merged.teams | watching.called(today.topics[name] for name in alike)
    topics = _Topics(merged.topics, today.topics, alike, paths)
    return replace(merged, topics=topics, teams=teams, alike=alike)


class _Topics(Mapping[str, Topic]):
    """Topics of which most are made when they are looked at: `alike` are those of `today` at other places."""

    def __init__(
        self, own: Mapping[str, Topic], today: Mapping[str, Topic], alike: frozenset[str], paths: Mapping[str, str]
    ) -> None:
        self._own, self._today, self._alike, self._paths = own, today, alike, paths

    def __getitem__(self, name: str) -> Topic:
        if name in self._alike:
            moved: Topic = _moved(self._today[name], self._paths)
            return moved
        return self._own[name]

    def __iter__(self) -> Iterator[str]:
        yield from (name for name in self._today if name in self._alike)
        yield from self._own

    def __len__(self) -> int:
        return len(self._alike) + len(self._own)


def _moved(value: Any, paths: Mapping[str, str]) -> Any:
    """The value with every place in it at another path."""
    if isinstance(value, Span):
        return replace(value, path=paths.get(value.path, value.path))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{each.name: _moved(getattr(value, each.name), paths) for each in fields(value)})
    if isinstance(value, tuple):
        return tuple(_moved(each, paths) for each in value)
    if isinstance(value, Mapping):
        return {key: _moved(each, paths) for key, each in value.items()}
    return value
