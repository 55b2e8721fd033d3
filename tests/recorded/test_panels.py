"""Every panel of the example fleet's dashboards, asked of a real Prometheus, against the truth of what was recorded."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from provisioner.catalog.model import Catalog
from provisioner.profiles import named
from provisioner.profiles.metric import GROUP, TOPIC
from tests.recorded import clock, fleet, truths
from tests.recorded.grafana import Board, Shown
from tests.recorded.history import History
from tests.recorded.incidents import FIRED, Firing
from tests.recorded.prometheus import Server
from tests.recorded.quantities import Point
from tests.recorded.rendered import CASES, EVERY, SHARED, Case
from tests.recorded.truths import TRUTHS

pytestmark = [pytest.mark.promtool]

MOMENTS = {
    "the producer of orders stands still": 147,
    "a broker is away": 129,
    "general-ledger is stopped": 110,
    "a burst of orders": 102,
    "no scrape is answered": 89.25,
    "general-ledger catches up": 80,
    "balances were made again": 69,
    "label-printer is stuck, shipping-planner still in time": 25,
    "shipping-planner is late": 10,
}
"""Minutes ago: what is shown at an instant is asked then, too."""


@dataclass(frozen=True)
class Excuse:
    """Why a panel of some topics may be empty, though its queries are right; `!TOPIC`: of all others."""

    title: str
    topic: str
    why: str
    reference: str = "*"

    def covers(self, topic: str, shown: Shown, group: str) -> bool:
        """Whether it excuses this query, if it is empty; `group`: the profile's label of groups."""
        panel = shown.title == self.title or (self.title == GROUPS and group in shown.target["expr"])
        panel = panel and fnmatchcase(shown.target["refId"], self.reference)
        return panel and (topic == self.topic or (self.topic.startswith("!") and topic != self.topic[1:]))


GROUPS = "what is asked of consumer groups"
FIRING = {one.topic for one in FIRED if not one.until}
CALM = sorted(set(fleet.histories("prod")) - FIRING)
EXCUSES = (
    *(Excuse(GROUPS, topic, "nobody reads it") for topic, one in fleet.histories("prod").items() if not one.groups),
    *(Excuse("Since", topic, "nothing fires") for topic in CALM),
    *(Excuse("Consumer groups", topic, "nobody is late, so nobody is called", "called") for topic in CALM),
    *(
        Excuse(title, team, "nothing fires")
        for title in ("Since", "Own alerts")
        for team in ("team finance", "team platform")
    ),
    Excuse("Partitions now", "refunds.v1.dlq", "there is no average of nothing", "times"),
    Excuse("Caught up in", "!ledger-entries.v1", "no group was behind its limit and caught up"),
)
"""Panels that may be empty."""


@dataclass(frozen=True)
class Asked:
    """One query of one dashboard, with its answer."""

    topic: str
    board: Board
    shown: Shown

    def __str__(self) -> str:
        return f"{self.topic}: {self.shown.title} {self.shown.target['refId']}"


def boards(case: Case, place: Path) -> Iterator[tuple[str, Board]]:
    """Topic (or `team NAME`) and dashboard; one of all topics once for each, with the variable `topic` chosen."""
    topics = fleet.histories(case.cluster)
    for path in case.dashboards(place):
        board = Board.read(path)
        if path.stem in topics:
            yield path.stem, board
        elif any(one["name"] == "topic" for one in board.data["templating"]["list"]):
            yield from ((topic, replace(board, chosen={"topic": topic})) for topic in topics)
        else:
            yield path.stem.replace("+", " "), board


Answers = Mapping[Case, Sequence[Asked]]


@pytest.fixture(scope="module")
def answers(recording: Path, server: Server) -> Answers:
    """What every query of every panel brings."""
    return {case: _asked(list(boards(case, recording)), server) for case in EVERY}


def _asked(opened: Sequence[tuple[str, Board]], server: Server) -> list[Asked]:
    with ThreadPoolExecutor(2) as pool:
        found = pool.map(lambda one: [Asked(one[0], one[1], shown) for shown in one[1].shown(server)], opened)
        return [asked for each in found for asked in each]


def _complaints(case: Case, asked: Sequence[Asked]) -> Iterator[str]:
    for one in asked:
        history: History | None = fleet.histories(case.cluster).get(one.topic)
        for complaint in truths.wrong(one.shown, _point(case, history, one.board)) if history else ():
            yield f"{one}: {complaint}"


def _point(case: Case, history: History, board: Board) -> truths.Place:
    before = fleet.week_before(case.cluster)[history.topic]
    topic = fleet.declared()[case.cluster].topics[history.topic]
    return lambda labels, at: Point(history, before, topic, case.profile, labels, at, board.rate_interval)


def _excuses(case: Case, one: Asked) -> list[Excuse]:
    group = named(case.profile).labels[GROUP]
    return [excuse for excuse in EXCUSES if excuse.covers(one.topic, one.shown, group)]


@pytest.mark.parametrize("case", EVERY, ids=lambda case: case.name)
def test_prometheus_takes_every_query_of_every_panel(answers: Answers, case: Case) -> None:
    assert [f"{one}: {one.shown.error}" for one in answers[case] if one.shown.error] == []


@pytest.mark.parametrize("case", EVERY, ids=lambda case: case.name)
def test_no_panel_is_empty_without_a_reason(answers: Answers, case: Case) -> None:
    assert [str(one) for one in answers[case] if not one.shown.values and not _excuses(case, one)] == []


def test_every_reason_for_an_empty_panel_is_needed(answers: Answers) -> None:
    empty = [(case, one) for case in EVERY for one in answers[case] if not one.shown.values]
    needed = {excuse for case, one in empty for excuse in _excuses(case, one)}
    assert [excuse for excuse in EXCUSES if excuse not in needed] == []


@pytest.mark.parametrize("case", EVERY, ids=lambda case: case.name)
def test_what_is_shown_is_true(answers: Answers, case: Case) -> None:
    """Over the last three hours, and at their end."""
    assert list(_complaints(case, answers[case])) == []


@pytest.mark.parametrize("case", EVERY, ids=lambda case: case.name)
@pytest.mark.parametrize("moment", MOMENTS)
def test_what_is_shown_at_an_instant_is_true_during_each_incident(
    recording: Path, server: Server, case: Case, moment: str
) -> None:
    until = clock.ago(MOMENTS[moment])
    opened = [(topic, replace(board, until=until).instants()) for topic, board in boards(case, recording)]
    assert list(_complaints(case, _asked(opened, server))) == []


def test_every_row_of_the_table_has_its_panel(answers: Answers) -> None:
    shown = {one.shown.title for case in EVERY for one in answers[case]}
    assert [title for title in TRUTHS if title not in shown] == []


def test_one_group_alone_is_shown_where_it_is_chosen(recording: Path, server: Server) -> None:
    """Its dots are no wildcards, and no other group's values are added to its own."""
    case = CASES[0]
    board = next(board for topic, board in boards(case, recording) if topic == "orders.v1")
    chosen = replace(board, chosen={"group": "shipping-planner"})
    unread = next(chosen.shown(server, ["Unread messages by group"]))
    assert {one.labels[named(case.profile).labels[GROUP]] for one in unread.series} == {"shipping-planner"}
    assert next(chosen.shown(server, ["Partitions late"])).values == [12]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_table_of_groups_says_whom_to_call(answers: Answers, case: Case) -> None:
    """The team that runs a declared group; of any other, that it is not declared, and whose the topic is."""
    label = named(case.profile).labels[GROUP]
    tables = [one for one in answers[case] if one.shown.target["refId"] == "call" and one.shown.series]
    assert len(tables) > 2
    for one in tables:
        topic = fleet.declared()[case.cluster].topics[one.topic]
        groups = fleet.histories(case.cluster)[one.topic].groups
        calls = dict.fromkeys(groups, f"undeclared: {topic.team.name}")
        calls |= {each.group: f"{each.team.name} {each.team.chat}" for each in topic.consumers}
        assert {series.labels[label]: series.labels["call"] for series in one.shown.series} == calls, str(one)


@pytest.mark.parametrize("case", SHARED, ids=lambda case: case.name)
def test_the_dashboard_of_all_topics_says_whom_a_late_group_calls(answers: Answers, case: Case) -> None:
    """The team of its alert."""
    label = named(case.profile).labels[GROUP]
    called = [one for one in answers[case] if one.shown.target["refId"] == "called"]
    found = {(one.topic, each.labels[label], each.labels["call"]) for one in called for each in one.shown.series}
    assert found == {
        ("orders.v1", "shipping-planner", "logistics"),
        ("shipments.v1", "label-printer", "logistics"),
    }


@pytest.mark.parametrize("case", [*CASES, *SHARED], ids=lambda case: case.name)
def test_a_team_sees_what_is_true_of_its_topics_and_groups(answers: Answers, case: Case) -> None:
    """Which alerts call it; of each topic and group what is unread, exactly, and which are late."""
    catalog, labels = fleet.declared()[case.cluster], named(case.profile).labels
    histories = fleet.histories(case.cluster)
    firing = [one for one in FIRED if one.cluster == case.cluster and not one.until]
    late = {(one.topic, one.group) for one in firing if one.group}
    for name in catalog.teams:
        shown = {
            (one.shown.title, one.shown.target["refId"]): one for one in answers[case] if one.topic == f"team {name}"
        }
        owned = {topic.name for topic in catalog.topics.values() if topic.team.name == name} & set(histories)
        run = {
            (topic.name, one.group)
            for topic in catalog.topics.values()
            for one in topic.consumers
            if one.team.name == name
        }
        calls = [one for one in firing if name == _called(catalog, one)]
        assert shown["Own alerts firing", "A"].shown.values == [len(calls)], name
        assert shown["Own groups late", "A"].shown.values == [sum(bool(one.group) for one in calls)], name
        if owned:
            unread = _by(shown["Topics", "unread"], labels[TOPIC])
            assert unread == {
                (topic,): max(histories[topic].unread(group, clock.END) for group in histories[topic].groups)
                for topic in owned
                if histories[topic].groups
            }
            assert _by(shown["Topics", "late"], labels[TOPIC]) == {
                (topic,): sum(each == topic for each, _ in late) for topic in owned
            }
        if run:
            both = labels[TOPIC], labels[GROUP]
            assert _by(shown["Consumer groups", "unread"], *both) == {
                (topic, group): histories[topic].unread(group, clock.END) for topic, group in run
            }
            assert _by(shown["Consumer groups", "state"], *both) == {one: 2 * (one in late) for one in run}


def _called(catalog: Catalog, one: Firing) -> str:
    """The team of the group, where one declares it; else that of the topic."""
    topic = catalog.topics[one.topic]
    return next((each.team.name for each in topic.consumers if each.group == one.group), topic.team.name)


def _by(asked: Asked, *labels: str) -> Mapping[tuple[str, ...], float]:
    return {tuple(one.labels[label] for label in labels): one.points[-1][1] for one in asked.shown.series}


@pytest.mark.parametrize("case", EVERY, ids=lambda case: case.name)
def test_each_row_of_a_team_leads_to_a_dashboard_that_is_there(recording: Path, answers: Answers, case: Case) -> None:
    uids = {json.loads(path.read_text())["uid"] for path in case.dashboards(recording)}
    rows = [
        each.labels
        for one in answers[case]
        if one.topic.startswith("team ")
        for each in one.shown.series
        if named(case.profile).labels[TOPIC] in each.labels
    ]
    assert len(rows) > 20
    if case.is_shared:
        assert not any("board" in labels for labels in rows)
        links = set(re.findall(r"/d/(kafka-[0-9a-f]+)\?var-topic=", (case.dashboards(recording)[-1]).read_text()))
        assert len(links) == 1
        assert links <= uids
    else:
        assert {labels["board"] for labels in rows} <= uids


@pytest.mark.parametrize(
    ("topic", "group", "minutes", "word"),
    [
        ("orders.v1", "shipping-planner", 10, "too slow"),
        ("orders.v1", "shipping-planner", 30, "in time"),
        ("orders.v1", "adhoc-margin-report", 10, "in time"),
        ("ledger-entries.v1", "general-ledger", 110, "stopped"),
        ("ledger-entries.v1", "general-ledger", 80, "catching up"),
        ("ledger-entries.v1", "general-ledger", 30, "in time"),
        ("shipments.v1", "label-printer", 25, "partitions stuck"),
        ("shipments.v1", "eta-service", 25, "in time"),
    ],
)
@pytest.mark.parametrize("case", [*CASES[:2], *SHARED], ids=lambda case: case.name)
def test_each_incident_has_its_word(
    recording: Path, server: Server, case: Case, topic: str, group: str, minutes: int, word: str
) -> None:
    board = next(board for found, board in boards(case, recording) if found == topic)
    table = replace(board, until=clock.ago(minutes)).shown(server, ["Consumer groups"])
    shown = next(one for one in table if one.target["refId"] in ("state", "alert"))
    label = named(case.profile).labels[GROUP]
    value = next(series.points[0][1] for series in shown.series if series.labels[label] == group)
    assert word in truths.word(shown, value)


@pytest.mark.parametrize(
    ("title", "right", "wrong"),
    [
        ("Alerts firing", "count(", "1 + count("),
        ("Since", "floor(", "9 + floor("),
        ("Partitions late", "offset 15m", "offset 40m"),
        ("Groups late", "count(count", "1 + count(count"),
        ("Consumed / produced", "min(", "max("),
        ("Produced / last week", "or -1 *", "* 1.3 or -1 *"),
        ("Consumer groups", "deriv", "2 * deriv"),
        ("Consumer groups", "vector(900)", "vector(800)"),
        ("Consumer groups", "count_over_time", "-2 + count_over_time"),
        ("Consumer groups", "label_replace(4 *", "label_replace(1 + 4 *"),
        ("Lag in minutes", "floor(", "2 + floor("),
        ("Produced and consumed a second", "sum(", "1.12 * sum("),
        ("Produced and consumed a second", "sum by", "0.88 * sum by"),
        ("Late messages by partition", "offset 15m", "offset 14m"),
        ("Partitions now", "sum by", "1.2 * sum by"),
        ("Members by group", "max by", "1 + max by"),
        ("Unread messages by group", "consumergroup=~", "consumergroup!~"),
        ("Partitions led by broker", "count_values", "2 * count_values"),
        ("Room before unread messages are deleted", "min by", "0.5 * min by"),
    ],
)
def test_a_panel_that_is_wrong_is_noticed(recording: Path, server: Server, title: str, right: str, wrong: str) -> None:
    case = SHARED[0] if title == "Groups late" else CASES[0]
    topic, board = next(one for one in boards(case, recording) if one[0] == "orders.v1")
    bad = board.altered(title, right, wrong)
    asked = [Asked(topic, bad, shown) for shown in bad.shown(server, [title])]
    assert [one.shown.error for one in asked if one.shown.error] == []
    assert list(_complaints(case, asked)) or not all(one.shown.values for one in asked)
