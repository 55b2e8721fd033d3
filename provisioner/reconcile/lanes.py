"""What the engine is handed: a lane binds one kind to one store; a watch looks on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, runtime_checkable

from provisioner.reconcile.change import Change
from provisioner.reconcile.held_back import Hold, Unread
from provisioner.reconcile.kind import Kind, Pruning
from provisioner.reconcile.model import Key, Prepared, R, Reading, Wanted
from provisioner.reconcile.outcome import Outcome
from provisioner.reconcile.record import Record


class Store(Protocol[R]):
    """The only door to the outside for one kind."""

    def read(self, names: Sequence[str], beside: Collection[str] = ()) -> Reading[R]:
        """What is there of these names. Raises UnreachableError or RefusedError for the whole store.

        `beside`: names that files have as well, and that are not looked at: neither found nor anybody else's.
        """
        ...

    def prepare(self, changes: Sequence[Change[R]]) -> Mapping[Key, Prepared]:
        """The store's word on each change, nothing done; a change may be left out."""
        ...

    def identify(self, names: Sequence[str]) -> Mapping[str, str]:
        """What tells each of these from a namesake made later, where reading does not; names may be left out."""
        ...

    def belongings(self, names: Sequence[str]) -> Mapping[str, str]:
        """Of what stays though no file asks for it: in words, who uses it; a name may be left out."""
        ...

    def batches(self, changes: Sequence[Change[R]]) -> Iterable[Sequence[Change[R]]]:
        """The changes in the portions that `write` takes: a portion is the unit of crash and of stopping."""
        ...

    def write(self, batch: Sequence[Change[R]]) -> Iterator[Outcome]:
        """Do it. One outcome per change; an exception leaves the unanswered ones in doubt."""
        ...

    def remember(self, inputs: Mapping[str, str]) -> None:
        """Note what these resources are made of, name -> digest: they are as wanted, which the store did not know."""
        ...

    def await_pending(self, doubtful: Sequence[Change[R]]) -> Iterator[Outcome]:
        """Wait once for changes in doubt, and tell what became of each: done, failed, or still in doubt."""
        ...


@runtime_checkable
class LongRunning(Protocol):
    """What a store has whose changes may outlive the run: they go on by themselves, and any later run can look."""

    def advance(self, started: Sequence[Change[Any]]) -> Iterator[Outcome]:
        """Look once at changes that were started, and do what their next step is: done, failed, or started still.

        Raises UnreachableError where nothing can be said.
        """
        ...

    def tidy(self) -> Sequence[str]:
        """Remove what is no longer needed of what any run started; what is still there, in words.

        Raises UnreachableError.
        """
        ...


class Watch(Protocol):
    """Audit and signals, seen from the engine: called between batches only."""

    def before(self, batch: Sequence[Change[Any]], /) -> str | None:
        """A reason to stop before this batch, or None."""
        ...

    def after(self, outcome: Outcome, /) -> None:
        """Told of every outcome as it happens."""
        ...


class Keeper(Protocol):
    """Whoever remembers what was done, seen from the engine."""

    def overtaken(self, batch: Sequence[Change[Any]], /) -> Mapping[Key, str]:
        """Those of a batch that somebody else changed since the plan, with the reason: they are not sent."""
        ...

    def keep(self, batch: Sequence[Change[Any]], outcomes: Sequence[Outcome], /) -> None:
        """What became of a batch."""
        ...


class Nobody:
    """Nothing is remembered."""

    def overtaken(self, _batch: Sequence[Change[Any]], /) -> Mapping[Key, str]:
        """None of them."""
        return {}

    def keep(self, _batch: Sequence[Change[Any]], _outcomes: Sequence[Outcome], /) -> None:
        """Nothing."""


def _every(_name: str) -> bool:
    return True


def _nowhere(_commit: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Scope:
    """Which differences a run is about. The default is whatever the files ask anew.

    `everything`: also what stands. `since_base`: only what the files changed since the base, the rest waits;
    `is_in_base`: whether the base has a commit. `named`: resources that a person named, which is a second key;
    `is_whole` False: of some resources alone. `notes`: what is seen is to be remembered. `approved`: of these nothing
    waits, whenever the files began to ask for it; their fields were agreed to. `only_changed`: what the files did not
    change since the base is not even looked at.
    """

    everything: bool = False
    since_base: bool = False
    is_in_base: Callable[[str], bool] = _nowhere
    named: frozenset[str] = frozenset()
    is_whole: bool = True
    notes: bool = False
    approved: Mapping[Key, frozenset[str]] = field(default_factory=dict)
    only_changed: bool = False


@dataclass(frozen=True, slots=True)
class Lane(Generic[R]):
    """One kind bound to one store.

    `max_deletions`: how many may be deleted in one run; None: any number. `base`: what the files asked for at the base;
    None: there is none, and every difference is ours. `remarks`: what the files themselves give to know.
    `assume_base_if_absent`: where the place cannot be seen from here (a merge request's job), what the base asked for
    counts as there; `refuse_if_absent`: it is refused then, as nobody would find what is written. `record`: what was
    applied last; `selects`: which of the names that no file has are looked at; `max_forgotten`: how many names of the
    record may be in no file any more, None: a third. `held`: what is declared, and held back for an error in the files;
    `unread`: what else may be declared there. `alike`: names of which is known that the files ask for them, and for
    what they are made for, as they did at the base; `beside`: those that are not looked at.
    """

    kind: Kind[R]
    wanted: Mapping[str, Wanted[R]]
    store: Store[R]
    destination: str = ""
    max_deletions: int | None = None
    base: Mapping[str, Wanted[R]] | None = None
    remarks: tuple[str, ...] = ()
    assume_base_if_absent: bool = False
    refuse_if_absent: bool = False
    record: Record = field(default_factory=Record)
    scope: Scope = field(default_factory=Scope)
    max_forgotten: int | None = None
    selects: Callable[[str], bool] = _every
    held: Mapping[str, Hold] = field(default_factory=dict)
    unread: Unread = field(default_factory=Unread)
    alike: Collection[str] = frozenset()
    beside: frozenset[str] = frozenset()

    def key(self, name: str) -> Key:
        """What the resource of that name is called in this lane."""
        return Key(self.kind.name, name, self.destination)

    def is_gone(self, name: str) -> bool:
        """True for a name that is in no file, as far as is known: what cannot be read may have it."""
        return name not in self.wanted and name not in self.held and self.unread.of(name) is None

    @property
    def looked_at(self) -> Iterator[tuple[str, Wanted[R]]]:
        """What is wanted, without what is not looked at."""
        return ((name, self.wanted[name]) for name in self.wanted if name not in self.beside)

    def has(self, key: Key) -> bool:
        """True for a resource of this lane."""
        return (key.kind, key.destination) == (self.kind.name, self.destination)

    @property
    def is_marked(self) -> bool:
        """True where the store can tell what is ours, and what nothing asks for any more goes."""
        return self.kind.pruning is Pruning.MARKED
