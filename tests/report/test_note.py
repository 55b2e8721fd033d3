"""The note of a merge request: what it opens with, whom it calls, and what it leaves out."""

from __future__ import annotations

import re

import pytest

from provisioner.problem import Problem, Span
from provisioner.report import note
from provisioner.report.note_fit import Limits
from provisioner.report.note_input import Plans
from tests.report.plans import ALL_KINDS, alerts, change, hazard, noted, people, plan, refusal

MENTIONS = {"finance": ["@finance/oncall"], "payments": ["@payments"], "ads": ["@ads"]}
READ = people(MENTIONS, orders=[("billing", "finance"), ("own", "payments")])


def verdict(text: str) -> str:
    return text.split("\n")[2]


def section(text: str, heading: str) -> list[str]:
    """The lines below a heading."""
    _, _, rest = text.partition(f"### {heading}\n\n")
    return rest.partition("\n\n###")[0].splitlines()


def test_no_changes_is_one_line() -> None:
    """On however many clusters; what only is counted stands behind it."""
    standing = [{"kind": "topic", "name": "a", "destination": "", "fields": [], "why": ""}]
    text = noted(plan(), plan(cluster="staging", standing=standing))
    assert text == (
        f"{note.MARKER}\n\n**Plan: no changes on prod, staging.** "
        "1 difference stands, changed by hand (`provisioner drift`).\n"
    )


def test_the_verdict_is_one_line_over_all_clusters() -> None:
    """Changes first, then what is unknown, then what needs nothing."""
    prod = plan(
        change("a", "create"),
        change("b"),
        change("c", hazards=[hazard()], refusals=[refusal()]),
        alerts("b", ["billing (finance, page): lag 5m -> 1h"], {"finance": [0]}),
    )
    untouched = [plan(cluster=f"u{number}", untouched=True, declared={}) for number in range(12)]
    text = noted(plan(cluster="staging"), prod, *untouched, unplanned={"eu": "its job left no plan"})
    assert verdict(text) == (
        "**Plan: 1 to create, 1 to update, 0 to delete, 1 refused (+ 1 alert set) on prod; "
        "eu: not planned: its job left no plan; no changes on staging; 12 clusters untouched.**"
    )


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"declared": {}}, "not planned: nothing was looked at"),
        ({"declared": {}, "remarks": ["it is new since the base"]}, "not planned: it is new since the base"),
        ({"declared": {}, "stopped": {"topic": "no answer"}}, "not planned: no answer"),
        ({"stopped": {"topic": "no answer"}}, "nothing planned of topic"),
        ({"record": {"name": "_r", "state": "unreadable"}}, "its record cannot be read"),
    ],
)
def test_what_is_not_known_is_never_no_changes(more: dict[str, object], words: str) -> None:
    """A job that reached nobody has not found that all is well."""
    line = verdict(noted(plan(**more)))
    assert words in line
    assert "no changes" not in line


def test_what_could_not_be_read_is_not_refused() -> None:
    """It is named with its reason."""
    text = noted(plan(change("a", refusals=[refusal("unsure", "hidden: it may exist")])))
    assert verdict(text) == "**Plan: 1 not known on prod.**"
    assert section(text, "Not known")[1] == "  - hidden: it may exist"


def test_a_reader_of_another_team_is_asked_for_approval() -> None:
    """Not the team's own, and not for what no consent permits."""
    asked = "**Asks for approval by:** finance @finance/oncall"
    assert asked in noted(plan(change("orders", hazards=[hazard()])), people=READ).splitlines()
    assert asked in noted(plan(change("orders", hazards=[hazard()], refusals=[refusal()])), people=READ).splitlines()
    for harmless in (change("orders"), change("orders", hazards=[hazard(possible=False)]), change("other")):
        assert "Asks for approval" not in noted(plan(harmless), people=READ)


def test_a_team_sees_its_topics_what_it_reads_and_what_its_alerts_say() -> None:
    """With its groups, and how late these are."""
    late = [{"group": "billing", "words": "reads it: 2400 messages unread, 4h behind"}]
    read = change("orders", hazards=[hazard()], readers=late)
    words = ["billing (finance, page): lag 5m -> 1h", "- fraud (ads, page): lag 10m"]
    text = noted(plan(read, alerts("orders", words, {"finance": [0], "ads": [1]})), people=READ)
    hit = "reads `orders` on prod: retention.ms 7d → 3d (**shorter-retention**)"
    assert section(text, "Whom it hits") == [
        "- **finance** @finance/oncall",
        f"  - `billing` {hit}; 2400 messages unread, 4h behind",
        "  - alerts of `orders` on prod: billing (finance, page): lag 5m → 1h",
        "- **ads** @ads",
        "  - alerts of `orders` on prod: no more: fraud (ads, page): lag 10m",
        "- **payments** @payments",
        "  - 1 topic to update on prod: `orders`",
        f"  - `own` {hit}; how late it is, is not known",
        "  - 1 alert set to update on prod: `orders`",
    ]


def test_an_alert_that_goes_while_its_topic_stays_is_a_danger() -> None:
    """And none where the topic goes, too."""
    gone = alerts("orders", ["- fraud (ads, page): lag 10m"], {"ads": [0]})
    assert "  - **goes, while its topic stays**: fraud (ads, page): lag 10m" in section(
        noted(plan(gone)), "Refused and dangerous"
    )
    both = plan(change("orders", "delete"), {**gone, "action": "delete"})
    assert "goes, while" not in noted(both)


def test_at_most_twenty_teams_are_mentioned_those_first_who_are_asked() -> None:
    """The others are named, and called by nobody."""
    teams = [f"team-{number:02}" for number in range(40)]
    owned = [change(f"t{number}", owner=team, alike="") for number, team in enumerate(teams)]
    read = people({**{team: [f"@{team}"] for team in teams}, "zoo": ["@zoo"]}, t0=[("g", "zoo")])
    text = noted(plan(*owned, change("t0", hazards=[hazard()])), people=read)
    assert set(re.findall(r"@[a-z0-9-]+", text)) == {"@zoo", *(f"@{team}" for team in teams[:19])}
    assert "- **team-39**" in text.splitlines()


def test_equal_changes_are_one_entry_with_counts_by_team() -> None:
    """But for what stands on a name of its own: an id to consent to, and work done by hand."""
    owners = ["payments"] * 400 + ["ads"] * 200
    many = [change(f"fleet-{n}", "create", owner=owner) for n, owner in enumerate(owners)]
    text = noted(plan(*many))
    assert "+ 600 topics alike (payments 400, ads 200): fleet-0, fleet-1, fleet-2, ... fleet-599" in text
    gone = [
        change(f"fleet-{n}", "delete", hazards=[hazard("delete-topic")], allow=f'allow: {{delete-topic: "id{n}"}}')
        for n in range(9)
    ]
    assert len(re.findall("(?m)^- .*delete topic", noted(plan(*gone)))) == 9
    edited = [change(f"fleet-{n}", by_hand={"config.retention.ms": "1"}) for n in range(9)]
    assert len(re.findall("(?m)^- .*update topic", noted(plan(*edited)))) == 9


def test_changes_that_only_look_alike_are_not_one_entry() -> None:
    """What a plan file shows may be cut; it says itself what is equal."""
    many = [alerts(f"t{n}", ["A (ads): expression"], {"ads": [0]}, alike=f"expression {n % 2}") for n in range(12)]
    text = noted(plan(*many))
    assert len(re.findall("(?m)^- update 6 alert sets alike", text)) == 2


def test_every_list_is_cut_at_whole_entries_and_says_so() -> None:
    """Whatever the limit, nothing stays open, and what is left out is counted."""
    many = [change(f"topic-{n}", hazards=[hazard()], alike="") for n in range(5000)]
    some = [change(f"new-{n}", "create", words=["w"] * 3, alike="") for n in range(5000)]
    whole = plan(*many, *some)
    for characters in (3_000, 20_000, 100_000, 900_000):
        text = noted(whole, limits=Limits(characters=characters))
        assert len(text) <= characters
        assert text.count("\n") <= note.LIMITS.lines
        assert text.count("<details>") == text.count("</details>")
        assert len(re.findall("(?m)^```", text)) % 2 == 0
    text = noted(whole)
    assert "4900 changes are left out here: the log of the job that planned the cluster has them." in text
    assert re.search(r"(?m)^# \d+ more: the log of the job", text)
    assert text.count("@") == 0


def test_what_is_left_out_and_what_is_told_are_all_changes() -> None:
    """No change is lost between the entries that stand there and the count of the others."""
    many = [change(f"topic-{n}", hazards=[hazard()], alike="") for n in range(300)]
    for characters in range(2_000, 60_000, 7_001):
        text = noted(plan(*many), limits=Limits(characters=characters))
        shown = len(re.findall(r"(?m)^- \*\*Danger", text))
        left = re.search(r"(\d+) changes? (?:is|are) left out", text)
        assert shown + (int(left[1]) if left else 0) == 300


def test_programs_find_what_they_hid() -> None:
    """In comments right below the marker, which nothing in them can end."""
    text = note.text(Plans({"prod": plan()}, ALL_KINDS), ["prod sha256:1234", "x --> <b> <!-- y --!>"])
    assert text.splitlines()[:3] == [note.MARKER, "<!-- prod sha256:1234 -->", "<!-- x  b ! y ! -->"]


def test_what_an_error_holds_back_is_named_with_its_place() -> None:
    """One entry an error."""
    back = {"kind": "topic", "name": "orders", "destination": "", "owner": "payments", "check": "schema/value"}
    back |= {"place": {"file": "topics/payments/x.yaml", "line": 3, "column": 1}, "reason": "must be a whole number"}
    errors = [
        Problem("schema/value", "must be a whole number", Span("topics/payments/x.yaml", 3)),
        Problem("consumers/unknown-topic", "nobody declares 'y'", Span("topics/ads/y.yaml", 7), "write `x`"),
    ]
    text = noted(plan(held_back=[back, {**back, "kind": "alerts"}]), errors=errors)
    assert "1 held back on prod" in verdict(text)
    assert section(text, "Not planned, or held back") == [
        "- 2 errors in the files: what they govern is held back (`provisioner validate` shows more)",
        "- `topics/ads/y.yaml:7:1`: nobody declares 'y'; write `x` (consumers/unknown-topic)",
        "- **held back** on prod: `orders`",
        "  - topics/payments/x.yaml:3: must be a whole number (schema/value)",
    ]


def test_many_clusters_are_no_wall() -> None:
    """Three hundred, each with something else: the verdict names some, and so do the diffs."""
    many = [
        plan(*(change(f"t{n}", alike="") for n in range(number)), cluster=f"cluster-{number:03}")
        for number in range(1, 301)
    ]
    text = noted(*many)
    assert "; and 280 more, which the jobs' logs have.**" in verdict(text)
    assert len(verdict(text)) < 2_000
    assert text.count("<details>") <= note.LIMITS.details
    assert text.count("\n") <= note.LIMITS.lines
    assert len(text) <= note.LIMITS.characters
