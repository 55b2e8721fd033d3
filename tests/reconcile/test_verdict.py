"""Whose a difference is: a test for each row of the table in docs/decisions/0009."""

from __future__ import annotations

from provisioner.reconcile import verdict
from provisioner.reconcile.entry import Applied
from provisioner.reconcile.verdict import Case, Texts, Verdict, Whose, of_field, of_missing, of_rendered, of_unwanted

RETENTION = "config.retention.ms"
KNOWN = Applied({RETENTION: "7"}, identity="id-1")
STANDS = Whose.STANDING


def field(asked: str | None, live: str | None, case: Case) -> Verdict:
    return of_field(RETENTION, asked, live, case)


def test_row_asked_as_recorded_stands() -> None:
    """The files ask what they asked before: somebody changed it by hand."""
    assert field("7", "14", Case(KNOWN)) == Verdict(STANDS, verdict.BY_HAND)


def test_row_asked_otherwise_is_ours() -> None:
    """The files changed, the cluster has what was applied."""
    assert field("3", "7", Case(KNOWN)) == verdict.OURS


def test_row_both_moved_is_ours_and_says_so() -> None:
    """By hand since it was applied, and the files ask for something else again."""
    assert field("3", "14", Case(KNOWN)) == Verdict(Whose.OURS, is_by_hand=True)


def test_row_newly_asked_is_ours() -> None:
    """Nobody asked for it before, and it is inherited."""
    assert field("3", None, Case(Applied({"partitions": "3"}))) == verdict.OURS


def test_row_dropped_by_the_files_is_ours() -> None:
    """What was applied and is in no file any more goes, whatever `undeclared_overrides` says."""
    assert field(None, "7", Case(KNOWN)) == verdict.OURS


def test_row_never_asked_for_stands() -> None:
    """An override that no file ever named, after the first contact."""
    assert field(None, "9", Case(Applied({"partitions": "3"}))) == Verdict(STANDS, verdict.BY_HAND)


def test_row_open_and_live_is_ours() -> None:
    """A request in doubt came through after all, and the files were reverted: that is no hand's work."""
    sent = Applied({RETENTION: "7"}, open={RETENTION: "3"})
    assert field("7", "3", Case(sent)) == verdict.OURS
    assert field("7", "14", Case(sent)) == Verdict(STANDS, verdict.BY_HAND)


def test_row_made_again_stands() -> None:
    """Another topic of that name: what the files ask as before is not put upon it."""
    assert field("7", "14", Case(KNOWN, is_same=False)) == Verdict(STANDS, verdict.MADE_AGAIN)


def test_row_made_again_and_asked_otherwise_has_no_record() -> None:
    """Of that topic nothing is recorded: a danger needs a second key."""
    assert field("3", "14", Case(KNOWN, is_same=False)) == Verdict(Whose.OURS, recorded=False)


def test_row_of_a_namesake_before_stands() -> None:
    """What was applied to the topic before it still tells what the files asked."""
    noted = Applied({"partitions": "3"}, former={RETENTION: "7"}, identity="id-2")
    assert field("7", "14", Case(noted)) == Verdict(STANDS, verdict.MADE_AGAIN)
    assert field("3", "14", Case(noted)) == Verdict(Whose.OURS, recorded=False)


def test_row_nothing_recorded_and_unchanged_stands() -> None:
    """With a base: the files ask what they asked then, and nobody knows whose the difference is."""
    assert field("7", "14", Case(None, is_new=False)) == Verdict(STANDS, verdict.NOT_KNOWN, recorded=False)


def test_row_nothing_recorded_and_changed_is_ours() -> None:
    """Without a base, or changed since: ours, and a danger needs a second key."""
    assert field("7", "14", Case(None)) == Verdict(Whose.OURS, recorded=False)


def test_row_unclaimed_is_as_if_nothing_were_recorded() -> None:
    """The topic has an entry, and this field was otherwise when it was first met."""
    met = Applied({"partitions": "3"}, unclaimed=frozenset({RETENTION}))
    assert field("7", "14", Case(met, is_new=False)) == Verdict(STANDS, verdict.NOT_KNOWN, recorded=False)
    assert field("7", "14", Case(met)) == Verdict(Whose.OURS, recorded=False)


def test_row_gone_stands() -> None:
    """A topic that was applied and is not there comes back by name only."""
    assert of_missing(Case(KNOWN), is_only_ours=False) == Verdict(STANDS, verdict.GONE)


def test_row_not_there_and_not_recorded_is_made() -> None:
    """Whatever the base asked."""
    assert of_missing(Case(None, is_new=False), is_only_ours=False) == verdict.OURS


def test_row_a_missing_alert_is_made() -> None:
    """Nobody deletes an alert as a fix."""
    assert of_missing(Case(Applied(inputs="i")), is_only_ours=True) == verdict.OURS


def test_row_absent_and_recorded_is_ours() -> None:
    """The files want it gone, and it is the very one that was applied."""
    assert of_unwanted(Case(KNOWN)) == verdict.OURS


def test_row_absent_and_made_again_has_no_record() -> None:
    """Somebody made it again after it was deleted, or the entry is of its namesake."""
    assert of_unwanted(Case(KNOWN, is_same=False)) == Verdict(Whose.OURS, recorded=False)
    assert of_unwanted(Case(None, is_new=False)) == Verdict(STANDS, verdict.NOT_KNOWN, recorded=False)


def rendered(applied: Applied | None, *, untouched: bool = False, is_new: bool = True) -> Verdict:
    return of_rendered(Texts("inputs", "there", "wanted"), Case(applied, is_new=is_new), untouched=untouched)


def test_row_untouched_is_ours() -> None:
    """Its destination vouches that nobody wrote to it but us, record or not."""
    assert rendered(None, untouched=True) == verdict.OURS


def test_row_as_written_is_ours() -> None:
    """It is what was written last, by its digest: a newer form may follow."""
    assert rendered(Applied(inputs="inputs", written="there")) == verdict.OURS


def test_row_edited_by_hand_stands() -> None:
    """While its inputs are as recorded."""
    assert rendered(Applied(inputs="inputs", written="wanted")) == Verdict(STANDS, verdict.BY_HAND)


def test_row_edited_by_hand_stands_before_a_newer_form() -> None:
    """Also where a new version of this program would render it otherwise."""
    assert rendered(Applied(inputs="inputs", written="older")) == Verdict(STANDS, verdict.NEWER_FORM)


def test_row_edited_by_hand_and_asked_otherwise_is_ours() -> None:
    """And says that it goes over somebody's work."""
    assert rendered(Applied(inputs="others", written="older")) == Verdict(Whose.OURS, is_by_hand=True)


def test_row_rendered_and_not_recorded() -> None:
    """As any other resource of which nothing is recorded."""
    assert rendered(None, is_new=False) == Verdict(STANDS, verdict.NOT_KNOWN, recorded=False)
    assert rendered(None) == Verdict(Whose.OURS, recorded=False)
