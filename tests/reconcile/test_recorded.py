"""Stories of hand fixes, merges and retried jobs; each rule that was wrong once has a companion without it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from provisioner.errors import RefusedError
from provisioner.reconcile import record, recording, review
from provisioner.reconcile.entry import Applied
from provisioner.reconcile.model import Key
from provisioner.reconcile.outcome import State
from provisioner.reconcile.sighting import Sighting
from tests.memory import MemoryLog
from tests.reconcile.world import DAY, RETENTION, SEGMENT, Commit, KilledError, World


def world(*days: int, consents: Mapping[str, int] | None = None) -> World:
    """One topic, and for each commit the days of retention that it asks for."""
    return World([Commit({"a": {RETENTION: each}}, consents or {}) for each in days])


def entry(there: World, name: str = "a") -> Applied | None:
    return record.read("r", there.log.read(), "topics").applied(Key("topic", name))


def test_a_hand_fix_survives_the_merge_of_somebody_else() -> None:
    """The files ask what they asked: it stands, and the plan counts it."""
    there = world(7, 7)
    there.apply(0)
    there.fixed("a", RETENTION, 14)
    plan = there.apply(1, base=0)
    assert plan is not None
    assert (there.live("a", RETENTION), [one.key.name for one in plan.standing]) == (14, ["a"])


def test_a_hand_fix_goes_when_it_is_undone_by_name() -> None:
    """The files' consents count there."""
    there = world(7, consents={"a": 7})
    there.apply(0)
    there.fixed("a", RETENTION, 14)
    there.apply(0, named="a")
    assert there.live("a", RETENTION) == 7


def adopted() -> World:
    """A hand fix that a later merge asks for, then another one, then a merge of somebody else."""
    there = world(7, 14, 14)
    there.apply(0)
    there.fixed("a", RETENTION, 14)
    there.apply(1, base=0)
    there.fixed("a", RETENTION, 10)
    there.apply(2, base=1)
    return there


def test_a_hand_fix_that_a_merge_asks_for_becomes_ours() -> None:
    """So that the next hand fix is one."""
    assert adopted().live("a", RETENTION) == 10


def test_without_noting_what_was_found_as_asked_the_next_fix_is_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The record would still say seven days."""
    monkeypatch.setattr(recording.Recorder, "end", lambda self: None)
    assert adopted().live("a", RETENTION) == 14


def remade() -> World:
    """Somebody makes the topic again; the files ask as before."""
    there = world(7, 7)
    there.apply(0)
    there.made_again("a", 3)
    there.apply(1, base=None)
    return there


def test_a_topic_made_again_by_hand_stands() -> None:
    """It is no deed of the files."""
    assert remade().live("a", RETENTION) == 3


def test_without_what_was_applied_to_its_namesake_it_is_altered(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if nothing were recorded."""
    monkeypatch.setattr(record.Record, "applied", lambda self, key: None)
    assert remade().live("a", RETENTION) == 7


def lost() -> World:
    """The record is lost, and a consent of old stands in the file."""
    there = world(7, 3, 3, consents={"a": 3})
    there.apply(0)
    there.apply(1, base=0)
    there.fixed("a", RETENTION, 14)
    there.log = MemoryLog(exists=False)
    there.apply(2, base=None)
    return there


def test_where_nothing_is_recorded_a_consent_is_not_enough() -> None:
    """It was written for another transition."""
    assert lost().live("a", RETENTION) == 14


def test_without_the_second_key_a_lost_record_undoes_a_hand_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    """With data loss."""
    monkeypatch.setattr(review.guard, "without_second_key", lambda changes, names=(): list(changes))
    assert lost().live("a", RETENTION) == 3


def retried() -> World:
    """A change fails, is reverted, and its old job is run again."""
    there = world(7, 9, 7)
    there.apply(0)
    there.store.fails = {"a"}
    there.apply(1, base=0)
    there.store.fails = set()
    there.apply(2, base=1)
    there.apply(1, base=0)
    return there


def test_an_older_checkout_changes_nothing() -> None:
    """Whatever its own entry says of the resource."""
    assert retried().live("a", RETENTION) == 7


def test_without_the_runs_own_entry_a_retried_job_brings_back_what_was_reverted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The entry of the resource names the first commit, which is older than both."""
    monkeypatch.setattr(record, "overtaken", lambda *_: None)
    assert retried().live("a", RETENTION) == 9


def test_a_consent_serves_one_transition() -> None:
    """A hand fix after it is none of its business; a new merge to that value is."""
    there = world(7, 3, 3, consents={"a": 3})
    there.apply(0)
    there.apply(1, base=0)
    assert there.live("a", RETENTION) == 3
    there.fixed("a", RETENTION, 14)
    there.apply(2, base=1)
    assert there.live("a", RETENTION) == 14


def test_everything_needs_a_name_where_it_is_dangerous() -> None:
    """`--scope all` alone does what is harmless, and refuses to lose data."""
    there = world(7, consents={"a": 7})
    there.apply(0)
    there.fixed("a", RETENTION, 14)
    there.fixed("a", SEGMENT, 2)
    plan = there.apply(0, everything=True)
    assert plan is not None
    assert [why.by for change in plan.changes for why in change.refusals] == ["unreviewed"]
    assert there.live("a", RETENTION) == 14


def test_a_tool_killed_before_its_entry_goes_on_where_it_was() -> None:
    """What is as asked is noted by the next run, and nothing is sent again."""
    there = world(7, 9)
    there.apply(0)
    with pytest.raises(KilledError):
        there.apply(1, base=0, dies=True)
    writes = there.store.writes
    plan = there.apply(1, base=0)
    assert plan is not None
    assert (plan.changes, there.store.writes) == ((), writes)
    assert (noted := entry(there)) is not None
    assert noted.asked[RETENTION] == str(9 * DAY)


def test_a_request_in_doubt_is_open_until_it_is_seen() -> None:
    """With what was sent, beside what was seen before."""
    there = world(7, 9)
    there.apply(0)
    there.store.doubts = {"a"}
    there.apply(1, base=0)
    noted = entry(there)
    assert noted is not None
    assert (noted.asked[RETENTION], noted.open[RETENTION]) == (str(7 * DAY), str(9 * DAY))
    there.store.doubts = set()
    there.apply(1, base=0)
    assert (noted := entry(there)) is not None
    assert noted.open == {}


def test_a_partly_done_update_goes_on_where_it_stopped() -> None:
    """What was read back of it is on record, the rest is as it was."""
    there = World([Commit({"a": {RETENTION: 7, SEGMENT: 1}}, {}), Commit({"a": {RETENTION: 9, SEGMENT: 2}}, {})])
    there.apply(0)
    there.store.halves = {"a"}
    there.apply(1, base=0)
    noted = entry(there)
    assert noted is not None
    assert (noted.asked[RETENTION], noted.asked[SEGMENT]) == (str(9 * DAY), str(1 * DAY))
    there.store.halves = set()
    there.fixed("a", RETENTION, 14)
    plan = there.apply(1, base=0)
    assert plan is not None
    assert [field.field for change in plan.changes for field in change.fields] == [SEGMENT]
    assert (there.live("a", RETENTION), there.live("a", SEGMENT)) == (14, 2)


def test_a_second_run_writes_nothing() -> None:
    """Neither topics nor the record."""
    there = world(7)
    there.apply(0)
    before = list(there.log.log)
    there.apply(0)
    assert there.log.log == before


def test_an_entry_goes_with_its_declaration() -> None:
    """The topic stays, and whoever declares it again meets it anew."""
    there = World([Commit({"a": {RETENTION: 7}, "b": {RETENTION: 7}}, {}), Commit({"b": {RETENTION: 7}}, {})])
    there.apply(0)
    there.apply(1, base=0)
    assert (entry(there, "a"), entry(there, "b") is None, "a" in there.store.state) == (None, False, True)


def forgetful(names: int, left: int) -> World:
    """A repository that lost most of its declarations."""
    before = {f"t{number}": {RETENTION: 7} for number in range(names)}
    after = {name: before[name] for name in list(before)[:left]}
    there = World([Commit(before, {}), Commit(after, {})])
    there.apply(0)
    return there


def test_a_folder_that_lost_most_of_what_was_applied_is_refused() -> None:
    """Without any base: the record knows the names. A run of some topics says nothing of the others."""
    with pytest.raises(RefusedError, match="16 of the 20 topic names that were applied are in no file any more"):
        forgetful(20, 4).apply(1)
    assert forgetful(20, 4).apply(1, named="t0") is not None
    assert forgetful(19, 4).apply(1) is not None


def test_a_run_of_some_topics_touches_only_their_entries() -> None:
    """What it does not look at is neither noted nor forgotten."""
    there = World([Commit({"a": {RETENTION: 7}, "b": {RETENTION: 7}}, {}), Commit({"b": {RETENTION: 9}}, {})])
    there.apply(0)
    there.apply(1, named="b")
    assert entry(there, "a") is not None


def test_what_another_run_applied_meanwhile_is_not_sent() -> None:
    """Its entry came between the plan and the batch."""
    there = world(7, 9)
    there.apply(0)
    key, note = record.encoded("topics", Key("topic", "a")), Applied({RETENTION: "1"}).text()
    outcomes = there.outcomes(1, before_sending=lambda: there.log.log.append((key, note)))
    assert [(one.state, one.comment) for one in outcomes] == [(State.FAILED, recording.OVERTAKEN)]
    assert there.live("a", RETENTION) == 7


def test_nothing_is_sent_where_the_record_cannot_be_written() -> None:
    """That is found before the first change."""
    there = world(7)
    there.log.unwritable = "no right"
    with pytest.raises(Exception, match="no right"):
        there.apply(0)
    assert there.store.state == {}


def test_a_replication_factor_counts_when_the_replicas_are_in_sync() -> None:
    """What was recorded before stays until then."""
    asked = {"replication_factor": "3"}
    seen = Sighting(asked, agreed=frozenset())
    before = Applied({"replication_factor": "1"})
    assert seen.entry(before) == before
    assert Sighting(asked, agreed=frozenset(asked)).entry(before) == Applied(asked)
