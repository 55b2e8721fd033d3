"""Which dashboards there are: one for each topic or one for all, and one for each team."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from provisioner.catalog.model import Catalog
from provisioner.kinds import DASHBOARDS, dashboard_links
from provisioner.kinds.board_file import Dashboard
from provisioner.kinds.kind import Context
from provisioner.kinds.team_board import MOST_LINKED, MOST_NAMED
from provisioner.reconcile.model import Wanted
from tests.declared import BILLING, CLUSTER, ORDERS, catalog, shipped
from tests.kinds.boards import PROFILES

QUIET = {"name": "quiet.v1", "lag": "none"}


def declared(topics: list[Mapping[str, Any]], consumers: Any = BILLING, **boards: Any) -> Catalog:
    """On a cluster whose dashboards are declared so."""
    return catalog(
        topics, consumers, dashboards={**CLUSTER["dashboards"], **boards}, alerts={"type": "files", "folder": "/r"}
    )


def wanted(*topics: Mapping[str, Any], **boards: Any) -> Mapping[str, Wanted[Dashboard]]:
    return DASHBOARDS.wanted(declared(list(topics), **boards), Context(shipped()))


def text(found: Mapping[str, Wanted[Dashboard]], name: str) -> str:
    resource = found[name].resource
    assert resource
    return resource.text


@pytest.mark.parametrize(
    ("boards", "names"),
    [
        ({}, ["orders.v1", "quiet.v1"]),
        ({"layout": "topic", "teams": True}, ["team finance", "team payments", "orders.v1", "quiet.v1"]),
        ({"layout": "shared"}, ["all topics"]),
        ({"layout": "shared", "teams": True}, ["all topics", "team finance", "team payments"]),
    ],
)
def test_a_cluster_says_which_dashboards_it_has(boards: dict[str, Any], names: list[str]) -> None:
    assert list(wanted(ORDERS, QUIET, **boards)) == names


@pytest.mark.parametrize(
    "more", [{"name": "more.v1"}, {"name": "more.v1", "lag": "none"}, {"name": "m", "partitions": 9}]
)
def test_a_topic_more_leaves_the_dashboard_of_all_as_it_is(more: Mapping[str, Any]) -> None:
    """Its digests too: it is not even drawn anew."""
    before, after = wanted(ORDERS, layout="shared")["all topics"], wanted(ORDERS, more, layout="shared")["all topics"]
    assert (before.inputs, before.declared) == (after.inputs, after.declared)
    assert before.resource == after.resource


def test_a_limit_that_nobody_had_changes_the_dashboard_of_all() -> None:
    """Its lag is exact where an alert fires."""
    more = {"name": "more.v1", "lag": "47m"}
    before, after = (text(wanted(*some, layout="shared"), "all topics") for some in ([ORDERS], [ORDERS, more]))
    assert "2820" in after
    assert "2820" not in before


@PROFILES
def test_the_dashboard_of_all_is_no_larger_for_a_thousand_topics(profile: str) -> None:
    few, many = (
        catalog(
            [{"name": f"topic{at:04}", "lag": f"{1 + at % limits}m"} for at in range(count)],
            metrics={"profile": profile},
            dashboards={**CLUSTER["dashboards"], "layout": "shared"},
        )
        for count, limits in ((1, 1), (1000, 200))
    )
    sizes = [len(text(DASHBOARDS.wanted(one, Context(shipped())), "all topics")) for one in (few, many)]
    assert sizes[1] < 48 * 1024
    assert sizes[1] - sizes[0] < 4000


def test_a_topic_without_a_lag_alert_is_no_less_in_the_dashboard_of_its_team() -> None:
    assert "quiet" in text(wanted(ORDERS, QUIET, teams=True), "team payments")


@pytest.mark.parametrize("layout", ["topic", "shared"])
def test_a_topic_more_changes_the_dashboards_of_its_teams_alone(layout: str) -> None:
    before, after = wanted(ORDERS, layout=layout, teams=True), wanted(ORDERS, {"name": "x"}, layout=layout, teams=True)
    assert [name for name in before if before[name].inputs != after[name].inputs] == ["team payments"]


def test_a_team_with_too_many_topics_sees_what_fires_alone() -> None:
    """Their names would make the questions too long."""
    topics = [{"name": f"topic{at:04}"} for at in range(MOST_NAMED + 1)]
    made = json.loads(text(catalog_boards(topics), "team payments"))
    titles = [panel["title"] for panel in made["panels"]]
    assert titles == ["Own alerts firing", "Since", "Own groups late", "Own alerts", "Topics that are not listed"]


@pytest.mark.parametrize(("count", "found"), [(MOST_LINKED, False), (MOST_LINKED + 1, True)])
def test_a_team_with_many_topics_finds_their_dashboards_by_search(count: int, found: bool) -> None:
    topics = [{"name": f"topic{at:04}"} for at in range(count)]
    made = text(catalog_boards(topics), "team payments")
    assert ("/dashboards?tag=kafka" in made) is found
    assert (dashboard_links.uid("prod", "topic0000") in made) is not found


def catalog_boards(topics: list[Mapping[str, Any]]) -> Mapping[str, Wanted[Dashboard]]:
    return DASHBOARDS.wanted(declared(topics, consumers=[], teams=True), Context(shipped()))
