"""The record of one cluster, read: what was applied last, resource by resource, and by which repository."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from provisioner.reconcile import entry
from provisioner.reconcile.entry import Applied, EntryError
from provisioner.reconcile.model import Key
from provisioner.reconcile.record_log import Log

RUN = Key("run", "")
"""The run's own entry: the newest commit that an apply of this repository ran on."""

WHOLE = "whole"
"""Of the run's own entry: the newest commit that a run about everything ran on; empty where there was none."""

MOVES = "moves"
"""The kind of what is noted of replicas on their way: their store writes and reads it, nobody else understands it."""

APPROVED = "approved "
"""Begins the kind of an approval's key: what was agreed to of a resource and is not done yet."""


class Standing(StrEnum):
    """What there is of a record."""

    NONE = "none"
    NEW = "new"
    KEPT = "kept"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Record:
    """What was applied last. The default is that of a cluster without a record: nothing is recorded of anything.

    `texts`: of this repository, by key; each is parsed when it is looked at, as a plan without changes looks at few.
    `unclear`: those that are known not to be understood, with the reason. `others`: what another repository applied,
    with its name. `run`: the entry of the newest run. `why`: it cannot be read, in words. `strays`: keys that are none
    of ours. `approved`: what was agreed to and is not done yet, by the resource's key. `moves`: what
    is noted of replicas on their way.
    """

    standing: Standing = Standing.NONE
    name: str = ""
    texts: Mapping[Key, bytes] = field(default_factory=dict)
    unclear: Mapping[Key, str] = field(default_factory=dict)
    others: Mapping[Key, str] = field(default_factory=dict)
    run: Applied | None = None
    why: str = ""
    strays: int = 0
    cluster_id: str | None = None
    approved: Mapping[Key, bytes] = field(default_factory=dict)
    moves: frozenset[Key] = frozenset()

    @property
    def has_moves(self) -> bool:
        """Something is noted of replicas on their way, and may have come to its end."""
        return bool(self.moves)

    @property
    def is_readable(self) -> bool:
        """False where there is a record that may hold anything."""
        return self.standing is not Standing.UNREADABLE

    @property
    def covered(self) -> str | None:
        """The newest commit that a run about everything ran on; a run about some resources alone covers none."""
        if self.run is None:
            return None
        return self.run.stamp.run.get(WHOLE, self.run.stamp.commit) or None

    @property
    def is_kept(self) -> bool:
        """True where an apply writes into it."""
        return self.standing in (Standing.NEW, Standing.KEPT)

    def applied(self, key: Key) -> Applied | None:
        """What was applied of a resource; None: nothing. Raises EntryError for an entry that is not understood."""
        if key in self.unclear:
            raise EntryError(self.unclear[key])
        text = self.texts.get(key)
        return None if text is None else _understood(text, self.cluster_id)

    def names(self, kind: str, destination: str) -> Collection[str]:
        """The names that this repository applied there."""
        return {key.name for key in self.texts if (key.kind, key.destination) == (kind, destination)}


def encoded(repository: str, key: Key) -> bytes:
    """A resource's key in the record."""
    words = [repository, key.kind, key.destination, key.name]
    return json.dumps(words, separators=(",", ":"), ensure_ascii=False).encode()


def of_approval(key: Key) -> Key:
    """What the approval of a resource is kept under."""
    return key._replace(kind=f"{APPROVED}{key.kind}")


def decoded(raw: bytes) -> tuple[str, Key] | None:
    """Repository and key; None for what is no key of ours."""
    words = _words(raw)
    if words is None:
        return None
    repository, kind, destination, name = words
    return repository, Key(kind, name, destination)


def _words(raw: bytes) -> list[str] | None:
    plain = raw[2:-2].split(b'","') if raw[:2] == b'["' and raw[-2:] == b'"]' and b"\\" not in raw else []
    try:
        # Ten thousand keys a run, and JSON takes five times as long.
        words = [word.decode() for word in plain] if len(plain) == 4 and raw.count(b'"') == 8 else json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return words if isinstance(words, list) and len(words) == 4 and all(isinstance(w, str) for w in words) else None


def unreadable(name: str, why: str) -> Record:
    """A record that may hold anything."""
    return Record(Standing.UNREADABLE, name, why=why)


def read(name: str, log: Log, repository: str) -> Record:
    """The record that a log holds, as one repository sees it."""
    standing = Standing.KEPT if log.exists else Standing.NEW
    return updated(Record(standing, name, cluster_id=log.cluster_id), log.values, repository)


def updated(record: Record, values: Mapping[bytes, bytes | None], repository: str) -> Record:
    """The record after what was written since. A run's entry that is not understood makes all of it unreadable:
    whoever wrote it may mean something else by the others, too.
    """
    draft = _Draft(
        dict(record.texts),
        dict(record.unclear),
        dict(record.others),
        record.strays,
        record.cluster_id,
        dict(record.approved),
        set(record.moves),
    )
    for raw, value in values.items():
        draft.take(raw, value, repository)
    if why := draft.unclear.get(RUN):
        return unreadable(record.name, f"the entry of its newest run is not understood: {why}")
    run = draft.texts.pop(RUN, None)
    return replace(
        record,
        texts=draft.texts,
        unclear=draft.unclear,
        others=draft.others,
        run=_understood(run, record.cluster_id) if run is not None else record.run,
        strays=draft.strays,
        approved=draft.approved,
        moves=frozenset(draft.moves),
    )


@dataclass
class _Draft:
    texts: dict[Key, bytes]
    unclear: dict[Key, str]
    others: dict[Key, str]
    strays: int
    cluster_id: str | None
    approved: dict[Key, bytes]
    moves: set[Key]

    def take(self, raw: bytes, value: bytes | None, repository: str) -> None:
        """One key's last value."""
        words = decoded(raw)
        if words is None:
            self.strays += value is not None
        elif words[0] == repository:
            self._of_ours(words[1])(words[1], value)
        elif value is None:
            self.others.pop(words[1], None)
        elif words[1] != RUN and words[1].kind != MOVES and not words[1].kind.startswith(APPROVED):
            self.others[words[1]] = words[0]

    def _of_ours(self, key: Key) -> Callable[[Key, bytes | None], None]:
        if key.kind == MOVES:
            return self._move
        return self._approval if key.kind.startswith(APPROVED) else self._mine

    def _move(self, key: Key, value: bytes | None) -> None:
        self.moves.discard(key)
        if value is not None and self._looks_right(value):
            self.moves.add(key)

    def _approval(self, key: Key, value: bytes | None) -> None:
        of = key._replace(kind=key.kind.removeprefix(APPROVED))
        self.approved.pop(of, None)
        # That of another cluster came along with a mirrored topic, and permits nothing here.
        if value is not None and self._looks_right(value):
            self.approved[of] = value

    def _mine(self, key: Key, value: bytes | None) -> None:
        self.texts.pop(key, None)
        self.unclear.pop(key, None)
        if value is None:
            return
        if key == RUN or not self._looks_right(value):
            try:
                _understood(value, self.cluster_id)
            except EntryError as error:
                self.unclear[key] = str(error)
                return
        self.texts[key] = value

    def _looks_right(self, value: bytes) -> bool:
        """At a glance: what is amiss beyond it is noticed when the entry is looked at."""
        return value.startswith(entry.BEGINNING) and value.endswith(b"}") and self._cluster in value

    @property
    def _cluster(self) -> bytes:
        return f'"cluster_id":"{self.cluster_id}"'.encode() if self.cluster_id else b""


def overtaken(record: Record, head: str | None, is_ancestor: Callable[[str, str], bool | None]) -> str | None:
    """The newest commit that was applied, where `head` is older than it: then nothing may be done.

    `is_ancestor` says whether one commit lies behind another; None where that is not known.
    """
    newest = record.run.stamp.commit if record.run else None
    if head is None or newest is None or newest == head or not is_ancestor(head, newest):
        return None
    return newest


def _understood(text: bytes, cluster_id: str | None) -> Applied:
    """Raises EntryError; for an entry that came from another cluster too: topics are mirrored, this one as well."""
    applied = entry.parsed(text)
    of = applied.stamp.cluster_id
    if of and cluster_id and of != cluster_id:
        raise EntryError(f"it was written on cluster {of[:40]}")
    return applied
