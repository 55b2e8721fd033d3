"""Whose a difference is: a test for each row of the table in docs/decisions/0009."""

from __future__ import annotations

from dataclasses import replace

from provisioner.kinds import TOPICS
from provisioner.kinds.topic_spec import TopicPolicy, TopicSpec
from provisioner.problem import Span
from provisioner.reconcile import engine, record, verdict
from provisioner.reconcile.entry import Applied, Stamp
from provisioner.reconcile.kind import Pruning
from provisioner.reconcile.lanes import Lane, Scope
from provisioner.reconcile.model import Consent, Key, Observed, Wanted
from provisioner.reconcile.plan import Plan
from provisioner.reconcile.record import Record
from provisioner.reconcile.record_log import Log
from provisioner.reconcile.verdict import Case, Texts, Verdict, Whose, of_field, of_missing, of_rendered, of_unwanted
from tests.memory import MemoryStore
from tests.plain_kind import PlainKind

RETENTION = "config.retention.ms"
KNOWN = Applied({RETENTION: "7"}, identity="id-1")
STANDS = Whose.STANDING


def field(asked: str | None, live: str | None, case: Case) -> Verdict:
    return of_field(RETENTION, asked, live, case)


def test_row_asked_as_recorded_stands() -> None:
    """The files ask what they asked before: somebody changed it by hand."""
    assert field("7", "14", Case(KNOWN)) == Verdict(STANDS, verdict.BY_HAND)


def test_row_asked_anew_is_ours() -> None:
    """The files changed, the cluster has what was applied."""
    assert field("3", "7", Case(KNOWN)) == verdict.OURS


def test_row_asked_anew_over_a_hand_is_ours_and_says_so() -> None:
    """By hand since it was applied, and the files ask for something else again."""
    assert field("3", "14", Case(KNOWN)) == Verdict(Whose.OURS, is_by_hand=True)


def test_row_asked_for_the_first_time_is_ours() -> None:
    """Nobody asked for it before, and it is inherited."""
    assert field("3", None, Case(Applied({"partitions": "3"}))) == verdict.OURS


def test_row_dropped_from_the_files_is_ours() -> None:
    """What was applied and is in no file any more goes, whatever `undeclared_overrides` says."""
    assert field(None, "7", Case(KNOWN)) == verdict.OURS


def test_row_dropped_over_a_hand_is_ours_and_says_so() -> None:
    """Somebody changed it before the files dropped it."""
    assert field(None, "9", Case(KNOWN)) == Verdict(Whose.OURS, is_by_hand=True)


def test_row_asked_for_the_first_time_over_a_hand_says_so() -> None:
    """An override that nobody had asked for until now."""
    assert field("3", "9", Case(Applied({"partitions": "3"}))) == Verdict(Whose.OURS, is_by_hand=True)


def test_row_asked_and_recorded_by_nobody_stands() -> None:
    """An override that no file ever named, after the first contact."""
    assert field(None, "9", Case(Applied({"partitions": "3"}))) == Verdict(STANDS, verdict.BY_HAND)


def test_row_open_and_live_as_sent_is_ours() -> None:
    """A request in doubt came through after all, and the files were reverted: that is no hand's work."""
    sent = Applied({RETENTION: "7"}, open={RETENTION: "3"})
    assert field("7", "3", Case(sent)) == verdict.OURS


def test_row_open_and_live_otherwise_goes_by_what_is_recorded() -> None:
    """It is not what was sent."""
    sent = Applied({RETENTION: "7"}, open={RETENTION: "3"})
    assert field("7", "14", Case(sent)) == Verdict(STANDS, verdict.BY_HAND)


def test_row_made_again_and_asked_as_recorded_stands() -> None:
    """Another topic of that name: what the files ask as before is not put upon it."""
    assert field("7", "14", Case(KNOWN, is_same=False)) == Verdict(STANDS, verdict.MADE_AGAIN)


def test_row_made_again_and_asked_anew_is_unrecorded() -> None:
    """Of that topic nothing is recorded: a danger needs a second key."""
    assert field("3", "14", Case(KNOWN, is_same=False)) == Verdict(Whose.OURS, recorded=False)


def test_row_former_and_asked_as_then_stands() -> None:
    """What was applied to the topic before it still tells what the files asked."""
    noted = Applied({"partitions": "3"}, former={RETENTION: "7"}, identity="id-2")
    assert field("7", "14", Case(noted)) == Verdict(STANDS, verdict.MADE_AGAIN)


def test_row_former_and_asked_anew_is_unrecorded() -> None:
    """Of this one nothing was applied."""
    noted = Applied({"partitions": "3"}, former={RETENTION: "7"}, identity="id-2")
    assert field("3", "14", Case(noted)) == Verdict(Whose.OURS, recorded=False)


def test_row_unrecorded_and_asked_at_the_base_stands() -> None:
    """With a base: the files ask what they asked then, and nobody knows whose the difference is."""
    assert field("7", "14", Case(None, is_new=False)) == Verdict(STANDS, verdict.NOT_KNOWN, recorded=False)


def test_row_nothing_recorded_is_unrecorded() -> None:
    """Without a base, or changed since: ours, and a danger needs a second key."""
    assert field("7", "14", Case(None)) == Verdict(Whose.OURS, recorded=False)


def test_row_unclaimed_is_unrecorded() -> None:
    """The topic has an entry, and this field was otherwise when it was first met."""
    met = Applied({"partitions": "3"}, unclaimed=frozenset({RETENTION}))
    assert field("7", "14", Case(met, is_new=False)) == Verdict(STANDS, verdict.NOT_KNOWN, recorded=False)
    assert field("7", "14", Case(met)) == Verdict(Whose.OURS, recorded=False)


def test_row_missing_and_recorded_stands() -> None:
    """A topic that was applied and is not there comes back by name only."""
    assert of_missing(Case(KNOWN), is_only_ours=False) == Verdict(STANDS, verdict.GONE)


def test_row_missing_and_nothing_recorded_is_ours() -> None:
    """Whatever the base asked."""
    assert of_missing(Case(None, is_new=False), is_only_ours=False) == verdict.OURS


def test_row_missing_and_only_ours_is_made_again() -> None:
    """Nobody deletes an alert as a fix."""
    assert of_missing(Case(Applied(inputs="i")), is_only_ours=True) == verdict.OURS


def test_row_unwanted_and_recorded_is_ours() -> None:
    """The files want it gone, and it is the very one that was applied."""
    assert of_unwanted(Case(KNOWN)) == verdict.OURS


def test_row_unwanted_and_nothing_recorded_is_unrecorded() -> None:
    """Somebody made it again after it was deleted, or the entry is of its namesake."""
    assert of_unwanted(Case(KNOWN, is_same=False)) == Verdict(Whose.OURS, recorded=False)
    assert of_unwanted(Case(None, is_new=False)) == Verdict(STANDS, verdict.NOT_KNOWN, recorded=False)


def rendered(applied: Applied | None, *, untouched: bool = False, is_new: bool = True) -> Verdict:
    return of_rendered(Texts("inputs", "there", "wanted"), Case(applied, is_new=is_new), untouched=untouched)


def test_row_untouched_is_ours() -> None:
    """Its destination vouches that nobody wrote to it but us, record or not."""
    assert rendered(None, untouched=True) == verdict.OURS


def test_row_rendered_as_written_is_ours() -> None:
    """It is what was written last, by its digest: a newer form may follow."""
    assert rendered(Applied(inputs="inputs", written="there")) == verdict.OURS


def test_row_edited_by_hand_stands() -> None:
    """While its inputs are as recorded."""
    assert rendered(Applied(inputs="inputs", written="wanted")) == Verdict(STANDS, verdict.BY_HAND)


def test_row_edited_by_hand_and_a_newer_form_waits() -> None:
    """Also where a new version of this program would render it otherwise."""
    assert rendered(Applied(inputs="inputs", written="older")) == Verdict(STANDS, verdict.NEWER_FORM)


def test_row_edited_by_hand_and_asked_anew_is_ours_and_says_so() -> None:
    """And says that it goes over somebody's work."""
    assert rendered(Applied(inputs="others", written="older")) == Verdict(Whose.OURS, is_by_hand=True)


def test_row_rendered_and_nothing_recorded_is_unrecorded() -> None:
    """As any other resource of which nothing is recorded."""
    assert rendered(None, is_new=False) == Verdict(STANDS, verdict.NOT_KNOWN, recorded=False)
    assert rendered(None) == Verdict(Whose.OURS, recorded=False)


SEVEN, NINE, THREE = (TopicSpec(3, 3, {"retention.ms": value}) for value in ("7000", "9000", "3000"))
COMMIT = "c0ffee"


def recorded(applied: Applied | None, repository: str = "topics", raw: bytes | None = None) -> Record:
    """A record with at most the entry of topic a."""
    text = raw or (applied.text() if applied else None)
    values = {record.encoded(repository, Key("topic", "a")): text} if text else {}
    return record.read("_record", Log(values), "topics")


def planned(
    asked: TopicSpec, live: TopicSpec | None, known: Record, base: TopicSpec | None = None, **scope: bool
) -> Plan:
    """The plan of one topic, a."""
    store = MemoryStore({"a": Observed(live, "id-1")} if live else {})
    consents = (Consent("shorter-retention", "3s"), Consent("shorter-retention", "7s"))
    wants = [{"a": Wanted(spec, Span("x.yaml", 1), "pay", consents)} for spec in (asked, base) if spec]
    lane = Lane(TOPICS, wants[0], store, record=known, base=wants[1] if base else None, scope=Scope(**scope))
    return engine.plan("prod", [lane])


def whose(plan: Plan) -> str:
    """In a word."""
    parts = {"ours": plan.changes, "standing": plan.standing, "waiting": plan.waiting, "ahead": plan.ahead}
    (word,) = [word for word, changes in parts.items() if changes]
    return "refused" if plan.changes and plan.changes[0].refusals else word


APPLIED = Applied({**SEVEN.fields()}, identity="id-1", stamp=Stamp(commit=COMMIT))


def test_row_unrecorded_and_new_is_ours_with_a_second_key() -> None:
    """A consent in the file is not enough; the name is."""
    plan = planned(THREE, SEVEN, recorded(None))
    assert plan.changes[0].second_key == verdict.UNRECORDED
    assert engine.without_plan(plan).changes[0].refusals[0].by == "unreviewed"
    assert engine.without_plan(plan, ["a"]).changes[0].refusals == ()


def test_row_entry_not_understood_is_unsure() -> None:
    """There or not: never "nothing recorded"."""
    for live in (SEVEN, None):
        plan = planned(NINE, live, recorded(None, raw=b'{"version":9}'))
        assert plan.changes[0].refusals[0].by == "record"


def test_row_record_unreadable_is_unsure() -> None:
    """It may hold anything."""
    plan = planned(NINE, SEVEN, record.unreadable("_record", "no right"))
    assert "the record cannot be read" in plan.changes[0].refusals[0].reason


def test_row_record_unreadable_and_missing_is_ours() -> None:
    """Nothing can be undone by making it."""
    plan = planned(NINE, None, record.unreadable("_record", "no right"))
    assert (whose(plan), plan.changes[0].refusals) == ("ours", ())


def test_row_record_unreadable_and_untouched_is_ours() -> None:
    """Its destination vouches for it."""
    store = MemoryStore({"a": Observed(SEVEN, untouched=True)})
    wanted = {"a": Wanted(NINE, Span("x.yaml", 1))}
    lane = Lane(PlainKind(pruning=Pruning.MARKED), wanted, store, record=record.unreadable("_record", "no right"))
    assert whose(engine.plan("prod", [lane])) == "ours"


def test_row_kept_by_another_repository_is_refused() -> None:
    """With its name."""
    plan = planned(NINE, SEVEN, recorded(APPLIED, repository="platform-topics"))
    assert plan.changes[0].refusals[0].reason == "kept by repository platform-topics"


def test_row_standing_is_ours_with_scope_all() -> None:
    """And needs its name where it is dangerous."""
    plan = planned(SEVEN, NINE, recorded(APPLIED), everything=True)
    assert (whose(plan), plan.changes[0].second_key) == ("ours", "it was changed by hand")
    assert whose(engine.without_plan(plan)) == "refused"


def test_row_ours_and_unchanged_since_the_base_waits() -> None:
    """An earlier merge asked for it, and the base has the commit that was applied last."""
    lane_scope = Scope(since_base=True, is_in_base=lambda commit: commit == COMMIT)
    assert whose(_since(lane_scope)) == "waiting"


def test_row_applied_from_a_newer_commit_is_ahead() -> None:
    """The branch does not have what was applied: it would undo that."""
    plan = _since(Scope(since_base=True))
    assert whose(plan) == "ahead"
    assert "ahead of this branch (a; commit c0ffee" in plan.remarks[0]


def test_a_danger_that_the_files_alone_show_waits_for_its_own_merge() -> None:
    """Another message was declared by an earlier merge: no other one has to answer for it."""
    told = {**SEVEN.fields(), "message": "v1"}
    known = recorded(replace(APPLIED, asked=told))
    wants = {"a": Wanted(SEVEN, Span("x.yaml", 1), "pay", policy=TopicPolicy(message="v2"))}
    lane = Lane(TOPICS, wants, MemoryStore({"a": Observed(SEVEN, "id-1")}), record=known, base=wants)
    assert engine.plan("prod", [lane]).changes[0].hazards[0].slug == "other-message"
    scope = Scope(since_base=True, is_in_base=lambda _: True)
    assert whose(engine.plan("prod", [replace(lane, scope=scope)])) == "waiting"


def test_row_standing_does_not_wait() -> None:
    """A hand fix is nobody's merge."""
    plan = planned(SEVEN, NINE, recorded(APPLIED), SEVEN, since_base=True)
    assert whose(plan) == "standing"


def _since(scope: Scope) -> Plan:
    wanted = {"a": Wanted(NINE, Span("x.yaml", 1), "pay")}
    lane = Lane(TOPICS, wanted, MemoryStore({"a": Observed(SEVEN, "id-1")}), record=recorded(APPLIED), base=wanted)
    return engine.plan("prod", [replace(lane, scope=scope)])
