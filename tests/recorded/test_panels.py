"""Every panel of the example fleet's dashboards, asked of a real Prometheus, against the truth of what was recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from provisioner.profiles import named
from provisioner.profiles.metric import GROUP
from tests.recorded import clock, fleet, truths
from tests.recorded.grafana import Board, Shown
from tests.recorded.history import History
from tests.recorded.prometheus import Server
from tests.recorded.rendered import CASES, Case
from tests.recorded.truths import TRUTHS, Point

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
    """Why a panel of a topic may be empty, though its queries are right; `title` may have a `*`."""

    title: str
    topic: str
    why: str

    def covers(self, topic: str, shown: Shown, group: str) -> bool:
        """Whether it excuses this query, if it is empty; `group`: the profile's label of groups."""
        return fnmatchcase(topic, self.topic) and (
            fnmatchcase(shown.title, self.title) or (self.title == GROUPS and group in shown.target["expr"])
        )


GROUPS = "what is asked of consumer groups"
EXCUSES = (
    Excuse(GROUPS, "audit.log", "nobody reads it"),
    Excuse(GROUPS, "orders.v1.dlq", "nobody reads it"),
    Excuse(GROUPS, "refunds.v1.dlq", "nobody reads it"),
    Excuse("Partition skew by *", "month-end-reports.v1", "it has one partition"),
    Excuse("Partition skew by production", "refunds.v1.dlq", "nothing was ever written"),
)


@dataclass(frozen=True)
class Asked:
    """One query of one dashboard, with its answer."""

    topic: str
    board: Board
    shown: Shown

    def __str__(self) -> str:
        return f"{self.topic}: {self.shown.title} {self.shown.target['refId']}"


def boards(case: Case, place: Path) -> Iterator[tuple[str, Board]]:
    """Topic and dashboard; a dashboard of several topics once for each, with the variable `topic` chosen."""
    topics = fleet.histories(case.cluster)
    for path in case.dashboards(place):
        board = Board.read(path)
        if path.stem in topics:
            yield path.stem, board
        elif any(one["name"] == "topic" for one in board.data["templating"]["list"]):
            yield from ((topic, replace(board, chosen={"topic": topic})) for topic in topics)
        else:
            yield "", board


Answers = Mapping[Case, Sequence[Asked]]


@pytest.fixture(scope="module")
def answers(recording: Path, server: Server) -> Answers:
    """What every query of every panel brings."""
    return {case: _asked(list(boards(case, recording)), server) for case in CASES}


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


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_prometheus_takes_every_query_of_every_panel(answers: Answers, case: Case) -> None:
    assert [f"{one}: {one.shown.error}" for one in answers[case] if one.shown.error] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_panel_is_empty_without_a_reason(answers: Answers, case: Case) -> None:
    assert [str(one) for one in answers[case] if not one.shown.values and not _excuses(case, one)] == []


def test_every_reason_for_an_empty_panel_is_needed(answers: Answers) -> None:
    empty = [(case, one) for case in CASES for one in answers[case] if not one.shown.values]
    needed = {excuse for case, one in empty for excuse in _excuses(case, one)}
    assert [excuse for excuse in EXCUSES if excuse not in needed] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_shown_is_true(answers: Answers, case: Case) -> None:
    """Over the last three hours, and at their end."""
    assert list(_complaints(case, answers[case])) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("moment", MOMENTS)
def test_what_is_shown_at_an_instant_is_true_during_each_incident(
    recording: Path, server: Server, case: Case, moment: str
) -> None:
    until = clock.ago(MOMENTS[moment])
    opened = [(topic, replace(board, until=until).instants()) for topic, board in boards(case, recording)]
    assert list(_complaints(case, _asked(opened, server))) == []


def test_every_row_of_the_table_has_its_panel(answers: Answers) -> None:
    shown = {one.shown.title for case in CASES for one in answers[case]}
    assert [title for title in TRUTHS if title not in shown] == []


def test_one_group_alone_is_shown_where_it_is_chosen(recording: Path, server: Server) -> None:
    """Its dots are no wildcards, and no other group's values are added to its own."""
    case = CASES[0]
    board = next(board for topic, board in boards(case, recording) if topic == "orders.v1")
    label = named(case.profile).labels[GROUP]
    shown = [one for one in replace(board, chosen={"group": "shipping-planner"}).shown(server) if not one.error]
    chosen = [one for one in shown if "Consumption rate" in one.title or one.title == "Lag in messages by group"]
    assert [{series.labels.get(label) for series in one.series} for one in chosen] == [{"shipping-planner"}] * 2


@pytest.mark.parametrize(
    ("title", "right", "wrong"),
    [
        ("Production rate", "sum(", "1.12 * sum("),
        ("Production rate by partition", "max by", "0.88 * max by"),
        ("Production rate", "offset 1w", "offset 1h"),
        ("Consumption rate by group", "deriv", "2 * deriv"),
        ("Lag in messages by group", "sum by", "1 + sum by"),
        ("Lag in messages by partition", "sum by", "max by"),
        ("Lag as time by group", "max by (consumergroup) (", "45 + max by (consumergroup) ("),
        ("Lag as time", "max by (consumergroup) (", "0.5 * max by (consumergroup) ("),
        ("Lag in messages by group", "last_over_time", "max_over_time"),
        ("Partition skew by production", "- 1)", "- 1.7)"),
        ("Unread and older than the threshold", "offset 10m", "offset 9m"),
        ("Leaders by broker", "count_values", "2 * count_values"),
        ("Lag in messages by group", "consumergroup=~", "consumergroup!~"),
    ],
)
def test_a_panel_that_is_wrong_is_noticed(recording: Path, server: Server, title: str, right: str, wrong: str) -> None:
    case = CASES[0]
    topic, board = next(one for one in boards(case, recording) if one[0] == "orders.v1")
    bad = board.altered(title, right, wrong)
    asked = [Asked(topic, bad, shown) for shown in bad.shown(server, [title])]
    assert [one.shown.error for one in asked if one.shown.error] == []
    assert list(_complaints(case, asked)) or not all(one.shown.values for one in asked)
