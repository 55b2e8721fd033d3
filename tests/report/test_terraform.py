"""GitLab's terraform report: three numbers, or it shows an error in the place of them."""

from __future__ import annotations

import json
from dataclasses import replace

from provisioner.kinds import ALERTS, TOPICS
from provisioner.kinds.alert_set import AlertSet
from provisioner.kinds.topic_spec import TopicSpec
from provisioner.problem import Span
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.model import Key, Refusal
from provisioner.reconcile.plan import Plan
from provisioner.report import terraform
from provisioner.report.formats import FORMATS
from provisioner.report.results import Plans, Problems


def topic(name: str, action: Action, *refusals: Refusal) -> Change[TopicSpec]:
    return Change(Key("topic", name), action, None, None, (), Span("x.yaml"), refusals=refusals)


def alerts(name: str, action: Action) -> Change[AlertSet]:
    key = Key("topic", name)
    return Change(Key("alerts", name), action, None, None, (), Span("x.yaml"), members={name: key})


def plan(*changes: Change[TopicSpec] | Change[AlertSet]) -> Plan:
    return Plan("prod", None, changes, {"topic": 1}, kinds=(TOPICS, ALERTS))


def counts(*plans: Plan) -> dict[str, int]:
    found: dict[str, int] = json.loads(terraform.text(plans))
    return found


def test_all_three_numbers_are_always_there() -> None:
    """GitLab calls a report without one of them wrong; other keys it would not show."""
    assert counts(plan()) == {"create": 0, "update": 0, "delete": 0}


def test_new_topics_are_added_tombstoned_ones_deleted_and_all_else_is_changed() -> None:
    """What is made or removed along with a topic is part of it; alerts that only go are no deletion."""
    whole = plan(
        topic("new", Action.CREATE),
        alerts("new", Action.CREATE),
        topic("old", Action.DELETE),
        alerts("old", Action.DELETE),
        topic("a", Action.UPDATE),
        alerts("b", Action.CREATE),
        alerts("c", Action.UPDATE),
        alerts("d", Action.DELETE),
    )
    assert counts(whole) == {"create": 1, "update": 4, "delete": 1}
    assert counts(whole, whole) == {"create": 2, "update": 8, "delete": 2}


def test_what_is_refused_is_not_counted() -> None:
    """It will not be done."""
    assert counts(plan(topic("a", Action.DELETE, Refusal("consent", "")))) == {"create": 0, "update": 0, "delete": 0}


def test_a_number_that_gitlab_would_cut_is_cut() -> None:
    """Above 999,999 it takes none, or shows that one."""
    change = topic("a", Action.UPDATE)
    many = [replace(plan(change), changes=(change,) * 1000)] * 1001
    assert counts(*many)["update"] == 999_999


def test_where_nothing_is_planned_there_is_no_report() -> None:
    """Three noughts would say that there is nothing to do."""
    write = FORMATS["gitlab-terraform"]
    assert write(Plans([], 3)) is None
    assert write(Problems([], {}, 1)) is None
    assert json.loads(write(Plans([plan()], 0)) or "") == {"create": 0, "update": 0, "delete": 0}
