"""The dashboard of a team whose topics and groups have long names: it is drawn without tables, and never refused."""

from __future__ import annotations

from itertools import cycle, islice

import pytest

from provisioner.kinds.team_board import MOST_LINKED, MOST_NAMED, MOST_SIGNS
from provisioner.profiles.promql import any_of, quoted_in_grafana
from tests.declared import catalog
from tests.kinds.boards import PROFILES, RULES, URL, drawn_from

BOARDS = {"type": "files", "folder": "/dashboards", "url": URL, "teams": True}
TABLES = {"Topics", "Consumer groups"}


def titles(team: str, topics: list[str], groups: list[str], profile: str) -> set[str]:
    """Of the panels of a team that owns the topics (payments), or that runs the groups, each of which reads some."""
    pairs = islice(zip(cycle(topics), cycle(groups), strict=True), max(len(topics), len(groups)) if groups else 0)
    consumers = [{"topic": topic, "group": group} for topic, group in pairs]
    metrics = {"profile": profile, "matchers": {"cluster": "prod"}}
    made = catalog([{"name": name} for name in topics], consumers, metrics=metrics, alerts=RULES, dashboards=BOARDS)
    return {panel["title"] for panel in drawn_from(made, f"team {team}")["panels"]}


def some(count: int, name: str) -> list[str]:
    return [f"{at:03}{name}" for at in range(count)]


@PROFILES
@pytest.mark.parametrize("name", ["$", "[", "\\", '"', "g"])
def test_groups_whose_names_are_too_long_for_a_question_are_not_listed(name: str, profile: str) -> None:
    """A sign may be six where it is quoted, and a text of a template has 400,000."""
    found = titles("finance", some(3, "t"), some(MOST_NAMED - 1, name * 250), profile)
    assert found & TABLES == set()
    assert "Consumer groups that are not listed" in found


@PROFILES
@pytest.mark.parametrize("name", [".", "t.", "t"])
def test_topics_whose_names_are_too_long_for_a_question_are_not_listed(name: str, profile: str) -> None:
    topics = some(MOST_NAMED, name * (240 // len(name)))
    assert "Topics that are not listed" in titles("payments", topics, [], profile)
    assert "Consumer groups that are not listed" in titles("finance", topics, some(MOST_NAMED, "g"), profile)


@PROFILES
@pytest.mark.parametrize(("sign", "length"), [(".", 105), ("t", 246)])
def test_names_that_just_fit_are_asked_for(sign: str, length: int, profile: str) -> None:
    """Beside the links to as many boards as there may be, which stand in the same questions."""
    topics = some(MOST_LINKED, sign * length)
    left = MOST_SIGNS - len(quoted_in_grafana(any_of(topics))) - len('""')
    groups = some(left // 84, "g" * 80)
    assert TABLES & titles("payments", topics, groups, profile) == {"Topics"}
    assert TABLES & titles("finance", topics, groups, profile) == {"Consumer groups"}
    assert TABLES & titles("finance", topics, [*groups, "g" * 84], profile) == set()
