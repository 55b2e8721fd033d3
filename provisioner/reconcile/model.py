"""The words of reconciling: what a resource is, wanted and observed. Values only; nothing here acts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, Protocol, Self, TypeVar

from provisioner.problem import Span
from provisioner.reconcile.on_demand import Deferred


class Key(NamedTuple):
    """What a resource is called: its kind, its name, and where it lives ("": on the Kafka cluster itself)."""

    kind: str
    name: str
    destination: str = ""


class Resource(Protocol):
    """A thing to be kept in a state. Wanted and observed are of one type, so a diff is a comparison of fields."""

    def fields(self) -> Mapping[str, str]:
        """Field name -> value, flat, in the destination's normal form; a long value may be a digest."""
        ...

    def exact(self) -> Mapping[str, str]:
        """As `fields`, with every value whole."""
        ...

    def restricted_to(self, fields: frozenset[str], observed: Self) -> Self:
        """This wanted resource where `fields` are concerned; everything else as it is there."""
        ...

    def without(self, members: frozenset[str]) -> Self | None:
        """This wanted resource where these of its members are missing; None: nothing is left of it."""
        ...


R = TypeVar("R", bound=Resource)


UNSURE = "unsure"
"""By whom a change is refused of whose resource nothing is known."""

RECORD = "record"
"""By whom a change is refused where the record does not say whose it is."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field's value before and after; None: not there."""

    field: str
    before: str | None
    after: str | None


def fields_changed(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[FieldChange, ...]:
    """Every field that differs, by name."""
    names = sorted(before.keys() | after.keys())
    return tuple(
        FieldChange(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)
    )


@dataclass(frozen=True, slots=True)
class Consent:
    """A hazard accepted in the files for one value. `by`: the resource's own entry, defaults, or a check that asks."""

    slug: str
    value: str
    by: str = "entry"


@dataclass(frozen=True, slots=True)
class Hazard:
    """A reason why a change can lose data, order or availability.

    `value` is what a consent must name; `possible` False: no consent permits it, `hint` says the way out.
    `asks` False: it is said, and needs no consent.
    """

    slug: str
    reason: str
    value: str = ""
    field: str | None = None
    possible: bool = True
    hint: str = ""
    asks: bool = True


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a change will not be done. `by`: consent, impossible, unsure, stale, limit, preflight, requires, store."""

    by: str
    reason: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Observed(Generic[R]):
    """A resource as its store reports it; identity: what tells it from a namesake made later (a topic's id).

    `untouched`: it is exactly as we wrote it last, so that a difference is ours and nobody's hand fix. `inputs`: the
    digest of what it was made of then, where the store remembers it. `facts`: what only the store knows of it, and its
    kind judges by (inherited values, say); never compared.
    """

    given: R | Deferred[R]
    identity: str | None = None
    untouched: bool = False
    inputs: str = ""
    facts: Any = None

    @property
    def resource(self) -> R:
        """The resource, read anew where it is deferred."""
        return self.given.make() if isinstance(self.given, Deferred) else self.given


@dataclass(frozen=True, slots=True)
class Reading(Generic[R]):
    """What a store answered. A name in neither `found` nor `unsure` is absent, on the store's word.

    `orphans` are ours by mark and no longer asked for; `unmanaged` counts what nobody declared;
    `notes` are shown beside the change of that name; `source` is the id of what answered, where it has one;
    `absent`: why the place cannot be seen from here; None: it can. `remarks`: worth knowing, about no one resource.
    """

    found: Mapping[str, Observed[R]]
    unsure: Mapping[str, str] = field(default_factory=dict)
    orphans: Mapping[str, Observed[R]] = field(default_factory=dict)
    unmanaged: int = 0
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    source: str | None = None
    absent: str | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted(Generic[R]):
    """What the files ask for. `given` None: declared absent.

    `members`: what it is made for, by the resource's own names for them: what must be in place first, and what is left
    out of it otherwise. `hazards`: dangers that the files alone show, if the resource is there. `places`: where fields
    stand that the resource's own entry does not mention. `inputs`: a digest of everything that the resource is made of;
    equal ones need not be made to be known as equal; `declared`: of what people wrote of that, without what this
    program adds. `policy`: how the kind meets what is there with it.
    """

    given: R | Deferred[R | None] | None
    span: Span
    owner: str = ""
    consents: tuple[Consent, ...] = ()
    members: Mapping[str, Key] = field(default_factory=dict)
    hazards: tuple[Hazard, ...] = ()
    places: Mapping[str, Span] = field(default_factory=dict)
    inputs: str = ""
    declared: str = ""
    policy: Any = None

    @property
    def resource(self) -> R | None:
        """The resource, made anew where it is deferred. Raises InputError where it cannot be made."""
        return self.given.make() if isinstance(self.given, Deferred) else self.given

    @property
    def at_hand(self) -> R | None:
        """The resource, if it need not be made first."""
        return None if isinstance(self.given, Deferred) else self.given

    @property
    def is_absent(self) -> bool:
        """True for what is declared absent."""
        return self.given is None

    def asks_as(self, other: Wanted[R]) -> bool:
        """True where both ask for the same, as far as can be told without making a resource."""
        if self.inputs or other.inputs:
            return self.inputs == other.inputs
        return (self.given, self.policy) == (other.given, other.policy)

    def is_same(self, other: Wanted[R]) -> bool:
        """True where nothing of it is another wish than in the other one, consents included; places are none."""
        mine, theirs = ((one.owner, one.consents, one.hazards, one.members) for one in (self, other))
        return mine == theirs and self.asks_as(other)

    def is_as(self, observed: Observed[R] | None) -> bool:
        """True where what is there was made of the very same, and nobody touched it since."""
        return observed is not None and observed.untouched and bool(self.inputs) and self.inputs == observed.inputs


@dataclass(frozen=True, slots=True)
class Reader:
    """Who uses a resource right now, and how far it is: `is 4h behind on orders.v1; ...`, a sentence without its name.

    Live: in no digest.
    """

    group: str
    words: str


@dataclass(frozen=True, slots=True)
class Work:
    """What a change sets going that takes long: `copies` to make on so many `places`, `size` in bytes as far as it is
    known, `unsized` of which it is not, `seconds` at the least. `words`: all of that for people. Live: in no digest.
    """

    copies: int = 0
    places: int = 0
    size: int = 0
    unsized: int = 0
    seconds: float = 0
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A store's own word on a change: refusals; notes (shown, in no digest).

    `conditions`: the state of the destination, for whoever changes anything there; `hazards`: dangers that only the
    destination shows; `unknown`: the fields that it does not know, each with the reason. `readers`: of whom the notes
    tell, each by its name. `work`: what it sets going that takes long.
    """

    refusals: tuple[Refusal, ...] = ()
    notes: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    hazards: tuple[Hazard, ...] = ()
    unknown: Mapping[str, str] = field(default_factory=dict)
    readers: tuple[Reader, ...] = ()
    work: Work | None = None
