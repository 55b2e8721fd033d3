"""What every store promises; each store's own test file hands it resources and a fresh store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.problem import Span
from provisioner.reconcile import engine
from provisioner.reconcile.change import Action
from provisioner.reconcile.kind import Pruning
from provisioner.reconcile.lanes import Lane, Store
from provisioner.reconcile.model import Key, Wanted
from provisioner.reconcile.outcome import Outcome, State
from provisioner.reconcile.plan import Plan
from tests.plain_kind import PlainKind

Resources = Mapping[str, Any]


class Quiet:
    def before(self, batch: Any) -> str | None:
        return None

    def after(self, outcome: Outcome) -> None:
        pass


class StoreContract:
    """Subclass it, and give `kind`, `store()` (a new door to the same things), `one()` and `other()` (by name).

    `one` and `other` have the same names and differ in every resource.
    """

    kind = "thing"
    removes_orphans = True

    def store(self) -> Store[Any]:
        raise NotImplementedError

    def one(self) -> Resources:
        raise NotImplementedError

    def other(self) -> Resources:
        raise NotImplementedError

    def lane(self, wanted: Resources) -> Lane[Any]:
        found = {name: Wanted(resource, Span("topics/pay/x.yaml"), "pay") for name, resource in wanted.items()}
        pruning = Pruning.MARKED if self.removes_orphans else Pruning.NEVER
        return Lane(PlainKind(self.kind, pruning), found, self.store())

    def plan(self, wanted: Resources) -> Plan:
        return engine.plan("prod", [self.lane(wanted)])

    def apply(self, wanted: Resources) -> list[Outcome]:
        lane = self.lane(wanted)
        return list(engine.apply(engine.plan("prod", [lane]), [lane], Quiet()))

    def test_nothing_is_there_at_first(self) -> None:
        """Every wanted thing is a creation."""
        assert {change.action for change in self.plan(self.one()).changes} == {Action.CREATE}

    def test_what_was_written_is_read_back_equal(self) -> None:
        """Through another door to the same place: a second plan is empty."""
        outcomes = self.apply(self.one())
        assert {(outcome.key, outcome.state) for outcome in outcomes} == {
            (Key(self.kind, name), State.DONE) for name in self.one()
        }
        assert self.plan(self.one()).changes == ()

    def test_what_differs_is_updated_field_by_field(self) -> None:
        """And only what differs."""
        self.apply(self.one())
        name = sorted(self.one())[0]
        mixed = {**self.one(), name: self.other()[name]}
        plan = self.plan(mixed)
        assert [(change.key.name, change.action) for change in plan.changes] == [(name, Action.UPDATE)]
        assert plan.changes[0].fields
        self.apply(mixed)
        assert self.plan(mixed).changes == ()

    def test_a_thing_declared_absent_goes(self) -> None:
        """The others stay."""
        self.apply(self.one())
        name = sorted(self.one())[0]
        self.apply({**self.one(), name: None})
        assert self.plan({**self.one(), name: None}).changes == ()
        assert [change.key.name for change in self.plan(self.one()).changes] == [name]

    def test_what_nothing_asks_for_any_more_is_an_orphan(self) -> None:
        """Where the store can tell its own."""
        self.apply(self.one())
        name = sorted(self.one())[0]
        rest = {key: resource for key, resource in self.one().items() if key != name}
        expected = [(name, Action.DELETE)] if self.removes_orphans else []
        assert [(change.key.name, change.action) for change in self.plan(rest).changes] == expected

    def test_what_is_beside_is_neither_found_nor_an_orphan(self) -> None:
        """It is declared, and nobody looks at it."""
        self.apply(self.one())
        name, *rest = sorted(self.one())
        reading = self.store().read(rest, {name})
        assert name not in {*reading.found, *reading.orphans, *reading.unsure}
        assert reading.unmanaged == self.store().read([name, *rest]).unmanaged

    def test_reading_changes_nothing(self) -> None:
        """Two plans in a row are one."""
        first = self.plan(self.one())
        assert self.plan(self.one()).digest == first.digest
