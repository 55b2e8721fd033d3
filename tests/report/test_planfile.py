"""The plan file: one documented document, equal for equal input, and read no more kindly than any other input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from provisioner.errors import InputError, ProvisionerError, RefusedError
from provisioner.kinds import ALERTS, TOPICS
from provisioner.kinds.alert_set import AlertSet
from provisioner.kinds.topic_spec import TopicSpec
from provisioner.problem import Span
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.model import Consent, Hazard, Key, Observed, Prepared, Refusal
from provisioner.reconcile.plan import Plan
from provisioner.report import machine, planfile
from tests.reconcile.test_engine import FLEET, House

ROOT = Path(__file__).parents[2]


def document() -> dict[str, Any]:
    house = House()
    house.run(FLEET)
    house.topics.state["c"] = Observed(TopicSpec(9, 3), "id-c")
    wish = {**FLEET, "a": None, "b": TopicSpec(6, 3, {"retention.ms": "500"}), "new": TopicSpec(1, 3)}
    return machine.plan_document(house.plan(wish, Consent("more-partitions", "6")))


def test_a_plan_document_is_as_its_schema_says() -> None:
    """Creates, updates, deletes, refusals and hazards."""
    schema = json.loads((ROOT / "docs/plan.schema.json").read_text("utf-8"))
    made = document()
    assert {change["action"] for change in made["changes"]} == {"create", "update", "delete"}
    jsonschema.validate(json.loads(json.dumps(made)), schema)


def test_equal_input_gives_an_equal_document() -> None:
    """No clock, no order of a set."""
    assert json.dumps(document()) == json.dumps(document())


def test_what_was_written_is_read_back() -> None:
    """Every change with its fingerprint."""
    made = document()
    found = planfile.reviewed(planfile.parsed(json.dumps(made).encode(), "plan.json", "prod"))
    assert {(key.kind, key.name, one.fingerprint) for key, one in found.items()} == {
        (change["kind"], change["name"], change["fingerprint"]) for change in made["changes"]
    }


def test_what_lives_at_a_destination_is_found_again() -> None:
    """Of two folders each has its own alerts of a topic."""
    places = ["files:/srv/a", "files:/srv/b"]
    alerts = AlertSet("a", "t", ())
    changes = [Change(Key("alerts", "a", at), Action.CREATE, None, alerts, (), Span("x.yaml")) for at in places]
    made = machine.plan_document(Plan("prod", None, tuple(changes), kinds=(ALERTS,)))
    found = planfile.reviewed(planfile.parsed(json.dumps(made).encode(), "plan.json", "prod"))
    assert {key: one.fingerprint for key, one in found.items()} == {each.key: each.fingerprint for each in changes}


def broken(**changed: Any) -> str:
    return json.dumps({**document(), **changed})


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", InputError),
        ("[]", InputError),
        ("{", InputError),
        ("[" * 200_000, InputError),
        ("\udcff", InputError),
        (broken(format_version=1), InputError),
        (broken(surprise=1), InputError),
        (broken(changes=[{"kind": "topic"}]), InputError),
        (broken(cluster="staging"), RefusedError),
    ],
)
def test_any_other_file_is_refused_with_a_reason(text: str, error: type[ProvisionerError]) -> None:
    """And never half read."""
    with pytest.raises(error):
        planfile.parsed(text.encode(errors="surrogateescape"), "plan.json", "prod")


def noted(*notes: str) -> Plan:
    """A change that lacks a consent, with what the cluster said of it."""
    hazard = Hazard("shorter-retention", "records go", "3d", "config.retention.ms", hint="mind the readers")
    change = Change(
        Key("topic", "a"),
        Action.UPDATE,
        TopicSpec(1, 1),
        TopicSpec(1, 1, {"retention.ms": "1"}),
        (),
        Span("x.yaml"),
        hazards=(hazard,),
        prepared=Prepared(notes=notes),
        refusals=(Refusal("consent", "shorter-retention: records go", "mind the readers"),),
    )
    return Plan("prod", None, (change,), remarks=notes, kinds=(TOPICS,))


def test_a_program_can_write_the_comment_of_a_merge_request() -> None:
    """Notes, refusals, hints and the consent to paste."""
    made = machine.plan_document(noted("group billing reads it"))
    (change,) = made["changes"]
    assert change["allow"] == "allow: {shorter-retention: 3d}"
    assert change["notes"] == made["remarks"] == ["group billing reads it"]
    assert [hazard["hint"] for hazard in change["hazards"]] == ["mind the readers"]
    assert [refusal["hint"] for refusal in change["refusals"]] == ["mind the readers"]
    planfile.parsed(json.dumps(made).encode(), "plan.json", "prod")


def test_live_figures_are_in_no_digest() -> None:
    """Who reads a topic changes by the minute, what a plan does not."""
    one, other = (machine.plan_document(noted(note)) for note in ("1 unread", "2 unread"))
    assert one != other
    assert one["digest"] == other["digest"]
    assert one["changes"][0]["fingerprint"] == other["changes"][0]["fingerprint"]


def test_alerts_stand_in_a_plan_file_in_words_and_with_both_texts() -> None:
    """A bot can quote them; a very long diff is cut, and says so."""
    rows = "\n".join(f"  + {number}" for number in range(50))
    before, after = (
        AlertSet("a", "t", ({"alert": "A", "expr": expr, "labels": {"severity": "page"}},)) for expr in ("x", rows)
    )
    change = Change(Key("alerts", "a"), Action.UPDATE, before, after, (), Span("x.yaml"))
    (made,) = machine.plan_document(Plan("prod", None, (change,), kinds=(ALERTS,)))["changes"]
    assert made["words"] == ["A (page): expression"]
    assert made["diff"][:2] == ["A.expr", "  - x"]
    assert made["diff"][-1] == "... and 12 more lines"


def test_whom_alerts_call_stands_beside_their_words() -> None:
    """By team, and by number: of a rule that changes hands both teams."""
    rules = [{"alert": "A", "expr": "1", "labels": {"team": team}} for team in ("ads", "finance")]
    more = {"alert": "B", "expr": "1", "labels": {"team": "finance"}}
    before, after = AlertSet("a", "t", (rules[0],)), AlertSet("a", "t", (rules[1], more))
    change = Change(Key("alerts", "a"), Action.UPDATE, before, after, (), Span("x.yaml"))
    (made,) = machine.plan_document(Plan("prod", None, (change,), kinds=(ALERTS,)))["changes"]
    assert made["words"] == ["A (finance): team ads -> finance", "+ B (finance)"]
    assert made["called"] == {"ads": [0], "finance": [0, 1]}


def test_a_plan_of_a_cluster_that_nobody_asked_says_so() -> None:
    """What was not looked at is counted, and a file without these words is read as before."""
    text = broken(untouched=True, not_looked_at={"topic": 12})
    made = planfile.of_any_cluster(text.encode(), "plan.json")
    assert (made.untouched, made.not_looked_at) == (True, {"topic": 12})
    assert not planfile.of_any_cluster(broken().encode(), "plan.json").untouched
