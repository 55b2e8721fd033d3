"""The words of reconciling: resources, changes, plans and outcomes. Values only; nothing here acts."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, Self, TypeVar

from provisioner.problem import Span
from provisioner.reconcile.on_demand import Deferred

if TYPE_CHECKING:
    from provisioner.reconcile.kind import Kind


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


class Action(StrEnum):
    """What is done to a resource."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class State(StrEnum):
    """What became of a change."""

    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    SKIPPED = "skipped"
    DOUBT = "in doubt"
    STARTED = "started"
    STOPPED = "stopped"


SATISFIED = frozenset({State.DONE, State.STARTED})
"""What lets dependants go on: a change that has begun and needs time changes nothing for its alerts and dashboard."""


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
    equal ones need not be made to be known as equal. `policy`: how the kind meets what is there with it.
    """

    given: R | Deferred[R | None] | None
    span: Span
    owner: str = ""
    consents: tuple[Consent, ...] = ()
    members: Mapping[str, Key] = field(default_factory=dict)
    hazards: tuple[Hazard, ...] = ()
    places: Mapping[str, Span] = field(default_factory=dict)
    inputs: str = ""
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

    def is_as(self, observed: Observed[R] | None) -> bool:
        """True where what is there was made of the very same, and nobody touched it since."""
        return observed is not None and observed.untouched and bool(self.inputs) and self.inputs == observed.inputs


@dataclass(frozen=True, slots=True)
class Prepared:
    """A store's own word on a change: refusals; notes (shown, in no digest).

    `identity`: of what the change is about to touch, where reading did not tell; `conditions`: the state of the
    destination, for whoever changes anything there; `hazards`: dangers that only the destination shows; `unknown`: the
    fields that it does not know, each with the reason.
    """

    refusals: tuple[Refusal, ...] = ()
    notes: tuple[str, ...] = ()
    identity: str | None = None
    conditions: tuple[str, ...] = ()
    hazards: tuple[Hazard, ...] = ()
    unknown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change(Generic[R]):
    """Create, update or delete of one resource, with everything a reviewer has to know."""

    key: Key
    action: Action
    before: R | None
    after: R | None
    listed: tuple[FieldChange, ...] | Deferred[tuple[FieldChange, ...]]
    span: Span
    owner: str = ""
    identity: str | None = None
    hazards: tuple[Hazard, ...] = ()
    consents: tuple[Consent, ...] = ()
    members: Mapping[str, Key] = field(default_factory=dict)
    prepared: Prepared = Prepared()
    refusals: tuple[Refusal, ...] = ()
    inputs: str = ""
    facts: Any = field(default=None, compare=False, repr=False)

    @property
    def fields(self) -> tuple[FieldChange, ...]:
        """What changes, by name; worked out anew where it is deferred: few look at all parts of what is new."""
        return self.listed.make() if isinstance(self.listed, Deferred) else self.listed

    @property
    def requires(self) -> frozenset[Key]:
        """What must be in place first."""
        return frozenset(self.members.values())

    @property
    def is_unsure(self) -> bool:
        """True where the store cannot vouch for the resource: nothing is known of it."""
        return any(why.by == UNSURE for why in self.refusals)

    @property
    def leaves_nothing(self) -> bool:
        """True if the resource is not known to be there where this change is not done."""
        return self.action is not Action.UPDATE or self.is_unsure

    def without(self, fields: Collection[str]) -> Self:
        """The same update with these fields left as they are."""
        left = tuple(change for change in self.fields if change.field not in fields)
        kept = (
            self.after
            and self.before
            and self.after.restricted_to(frozenset(change.field for change in left), self.before)
        )
        hazards = tuple(hazard for hazard in self.hazards if hazard.field not in fields)
        return replace(self, after=kept, listed=left, hazards=hazards)

    @property
    def fingerprint(self) -> str:
        """Equal for two changes that would do the same to the same thing: 64 digits, over values that are whole."""
        fields = [[change.field, change.before, change.after] for change in self.exact]
        return _hash([*self.key, self.identity, self.action, fields])

    @property
    def exact(self) -> tuple[FieldChange, ...]:
        """`fields` with their values whole, as far as the resources are known."""
        if self.before is None and self.after is None:
            return self.fields
        before = self.before.exact() if self.before else {}
        after = self.after.exact() if self.after else {}
        return fields_changed(before, after)


@dataclass(frozen=True, slots=True)
class Held:
    """A default that the destination does not know, and why.

    `without`: the names that go without it, their other changes go on; `refused`: new ones, that would not be as asked.
    """

    kind: str
    field: str
    span: Span
    why: str
    without: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that would be done to one cluster, and what was only counted.

    `standing`: differences that the files did not make since the base; `remarks`: worth knowing, about no one change;
    `base`: the commit that the files are compared with, if any; `already_applied`: how many reviewed changes are as
    wanted already.
    `unknown`: what was not read, and why: neither unchanged nor absent. `held`: defaults that are not known there.
    `kinds`: those that were planned, in the order of applying; for reports, and in no digest.
    """

    cluster: str
    cluster_id: str | None
    changes: tuple[Change[Any], ...]
    declared: Mapping[str, int] = field(default_factory=dict)
    unchanged: Mapping[str, int] = field(default_factory=dict)
    unmanaged: int = 0
    stopped: Mapping[str, str] = field(default_factory=dict)
    standing: tuple[Change[Any], ...] = ()
    remarks: tuple[str, ...] = ()
    base: str | None = None
    already_applied: int = 0
    unknown: Mapping[Key, str] = field(default_factory=dict)
    held: tuple[Held, ...] = ()
    kinds: tuple[Kind[Any], ...] = ()

    def kind(self, name: str) -> Kind[Any]:
        """The kind of that name: every change of the plan has one of `kinds`."""
        return next(kind for kind in self.kinds if kind.name == name)

    @property
    def gone(self) -> tuple[Change[Any], ...]:
        """What is declared and was there at the base, and is gone from the destination."""
        return tuple(change for change in self.standing if change.action is Action.CREATE)

    @property
    def counts(self) -> Counter[tuple[str, str]]:
        """(kind, action or "refused") -> how many; each change is counted once."""
        return Counter((change.key.kind, "refused" if change.refusals else change.action) for change in self.changes)

    @property
    def digest(self) -> str:
        """One word for what this plan would do: equal plans have equal digests, refused changes do not count."""
        doable = sorted(change.fingerprint for change in self.changes if not change.refusals)
        return digest([self.cluster, self.cluster_id, doable])


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one change; `changes` holds only what was read back."""

    key: Key
    state: State
    comment: str = ""
    seen: tuple[FieldChange, ...] | Deferred[tuple[FieldChange, ...]] = ()

    @property
    def changes(self) -> tuple[FieldChange, ...]:
        """The fields that were read back."""
        return self.seen.make() if isinstance(self.seen, Deferred) else self.seen


def digest(value: object) -> str:
    """Sixteen hexadecimal digits over a JSON-able value: for the eye."""
    return _hash(value)[:16]


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
