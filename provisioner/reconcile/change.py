"""A change: create, update or delete of one resource, with everything that a reviewer has to know."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Generic, Self

from provisioner.problem import Span
from provisioner.reconcile.model import UNSURE, Consent, FieldChange, Hazard, Key, Prepared, R, Refusal, fields_changed
from provisioner.reconcile.on_demand import Deferred


class Action(StrEnum):
    """What is done to a resource."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Change(Generic[R]):
    """Create, update or delete of one resource, with everything a reviewer has to know.

    `by_hand`: the fields that were changed by hand since they were applied, each with the value that was applied; ""
    is the whole of a rendered resource. `reserved`: fields (or "", the whole) of which a danger needs more than a
    consent in the file, each with the reason.
    """

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
    by_hand: Mapping[str, str | None] = field(default_factory=dict)
    reserved: Mapping[str, str] = field(default_factory=dict)

    @property
    def fields(self) -> tuple[FieldChange, ...]:
        """What changes, by name; worked out anew where it is deferred: few look at all parts of what is new."""
        return self.listed.make() if isinstance(self.listed, Deferred) else self.listed

    @property
    def requires(self) -> frozenset[Key]:
        """What must be in place first."""
        return frozenset(self.members.values())

    @property
    def second_key(self) -> str:
        """Why a reviewed plan or its name is needed besides any consent; "" where it is not."""
        dangerous = {hazard.field for hazard in self.hazards if hazard.asks}
        removed = {one.field for one in self.fields if one.after is None} if self.action is Action.UPDATE else set()
        whole = [self.reserved[""]] if "" in self.reserved and dangerous else []
        return min([*whole, *(why for name, why in self.reserved.items() if name in dangerous | removed)], default="")

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

    def only(self, fields: Collection[str]) -> Self:
        """The same update, of which these fields alone are shown, with their dangers."""
        listed = tuple(change for change in self.fields if change.field in fields)
        hazards = tuple(hazard for hazard in self.hazards if hazard.field is None or hazard.field in fields)
        reserved = {name: why for name, why in self.reserved.items() if not name or name in fields}
        return replace(self, listed=listed, hazards=hazards, reserved=reserved)

    @property
    def fingerprint(self) -> str:
        """Equal for two changes that would do the same to the same thing: 64 digits, over values that are whole."""
        fields = [[change.field, change.before, change.after] for change in self.exact]
        return sha256([*self.key, self.identity, self.action, fields])

    @property
    def exact(self) -> tuple[FieldChange, ...]:
        """`fields` with their values whole, as far as the resources are known."""
        if self.before is None and self.after is None:
            return self.fields
        before = self.before.exact() if self.before else {}
        after = self.after.exact() if self.after else {}
        return fields_changed(before, after)


def sha256(value: object) -> str:
    """Sixty-four hexadecimal digits over a JSON-able value."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
