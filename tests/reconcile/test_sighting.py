"""What an apply may note of a resource that is rendered."""

from __future__ import annotations

import pytest

from provisioner.kinds.topic_spec import TopicSpec
from provisioner.problem import Span
from provisioner.reconcile import engine, record, scope
from provisioner.reconcile.entry import Applied
from provisioner.reconcile.kind import Pruning
from provisioner.reconcile.lanes import Lane, Scope
from provisioner.reconcile.model import Key, Observed, Wanted
from provisioner.reconcile.record import Record
from tests.memory import MemoryStore
from tests.plain_kind import PlainKind

KIND, THERE, KEY = PlainKind("rules", Pruning.MARKED), TopicSpec(3, 3), Key("rules", "a")


def noted(newest: Applied | None) -> Applied | None:
    """The entry after a run of an apply that has nothing to write."""
    want = Wanted(THERE, Span("x.yaml"), inputs="now")
    texts = {} if newest is None else {KEY: newest.text()}
    known = Record(record.Standing.KEPT, "r", texts)
    lane = Lane(KIND, {"a": want}, MemoryStore({"a": Observed(THERE)}), record=known, scope=Scope(notes=True))
    plan = engine.plan("prod", [lane])
    assert plan.changes == ()
    return plan.sightings[KEY].entry(newest) if KEY in plan.sightings else newest


@pytest.mark.parametrize("newest", [None, Applied(inputs="before", written="older")])
def test_other_inputs_that_give_the_same_are_noted_with_what_is_there(newest: Applied | None) -> None:
    """Else a newer form of ours would be taken for somebody's work, once there is one."""
    assert noted(newest) == Applied(inputs="now", written=scope.written(KIND, THERE))


def test_what_is_on_record_already_is_not_looked_at() -> None:
    """Ten thousand of them are unchanged in most runs."""
    newest = Applied(inputs="now", written="as it was written")
    assert noted(newest) == newest
