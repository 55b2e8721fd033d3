"""The alerts of the recording, as the rendered rules give them, against the truth of what happened."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.recorded import alerting, fleet
from tests.recorded.alerting import EVERY
from tests.recorded.clock import END, SCRAPE, ago
from tests.recorded.history import State
from tests.recorded.incidents import FIRED, HOLD, Firing
from tests.recorded.prometheus import Server

pytestmark = [pytest.mark.promtool]


def _fired(server: Server) -> Iterator[Firing]:
    for one in server.range('ALERTS{alertstate="firing"}', ago(180), END, EVERY):
        since, until = (round((END - one.points[at][0]) / 60, 1) for at in (0, -1))
        labels = one.labels
        yield Firing(
            labels["kafka_cluster"],
            labels["alertname"],
            labels["topic"],
            labels.get("consumer_group", ""),
            since,
            until,
        )


def test_exactly_the_incidents_fire(server: Server) -> None:
    found = {firing[:4]: firing for firing in _fired(server)}
    assert sorted(found) == [firing[:4] for firing in FIRED]
    for known in FIRED:
        assert found[known[:4]].since == pytest.approx(known.since, abs=1), known
        assert found[known[:4]].until == pytest.approx(known.until, abs=11 if known.until else 0), known


@pytest.mark.parametrize("known", [one for one in FIRED if one.group], ids=lambda one: f"{one.cluster}-{one.group}")
def test_a_lag_alert_fires_two_minutes_after_its_group_is_late(server: Server, known: Firing) -> None:
    """Within a scrape and an evaluation, by the truth and not by the rule."""
    history, topic = fleet.histories(known.cluster)[known.topic], fleet.declared()[known.cluster].topics[known.topic]
    lag = next((one.lag for one in topic.consumers if one.group == known.group), topic.lag)
    assert lag
    late = next(at for at in range(ago(180), END, SCRAPE) if history.late(known.group, lag.seconds, at))
    fired = next(one for one in _fired(server) if one[:4] == known[:4])
    assert fired.since == pytest.approx((END - late) / 60 - HOLD[known.name], abs=(SCRAPE + EVERY) / 60)


@pytest.mark.parametrize(
    ("topic", "group", "minutes", "state"),
    [
        ("orders.v1", "shipping-planner", 10, State.TOO_SLOW),
        ("orders.v1", "shipping-planner", 30, State.IN_TIME),
        ("orders.v1", "billing", 102, State.IN_TIME),
        ("orders.v1", "adhoc-margin-report", 2, State.IN_TIME),
        ("ledger-entries.v1", "general-ledger", 110, State.STOPPED),
        ("ledger-entries.v1", "general-ledger", 78, State.CATCHING_UP),
        ("ledger-entries.v1", "general-ledger", 30, State.IN_TIME),
        ("shipments.v1", "label-printer", 25, State.STUCK),
        ("shipments.v1", "eta-service", 25, State.IN_TIME),
        ("balances.v1", "balance-cache", 68, State.IN_TIME),
    ],
)
def test_each_incident_is_told_by_a_state(topic: str, group: str, minutes: int, state: State) -> None:
    declared = fleet.declared()["prod"].topics[topic]
    lag = next((one.lag for one in declared.consumers if one.group == group), declared.lag)
    assert lag
    assert fleet.histories("prod")[topic].state(group, lag.seconds, ago(minutes), 15 * 60) == state


@pytest.mark.parametrize(
    ("holds", "since", "firing"),
    [
        ({0, 1, 2, 3}, [0, 0, 0, 0], [False, False, True, True]),
        ({0, 1, 2, 4}, [0, 0, 0, 0, 0], [False, False, True, True, True]),
        ({0, 2}, [0, None, 2], [False, None, False]),
        ({0, 1, 2}, [0, 0, 0, 0, 0, None], [False, False, True, True, True, None]),
    ],
    ids=["held long enough", "kept firing over a hole", "not held long enough", "kept firing no longer than said"],
)
def test_an_alert_is_held_and_kept(holds: set[int], since: list[int | None], firing: list[bool | None]) -> None:
    times = {alerting.BEGIN + at * EVERY for at in holds}
    found = alerting.active(times, 2 * EVERY, 3 * EVERY)
    seen = [found.get(alerting.BEGIN + at * EVERY) for at in range(len(since))]
    assert [one and (one.since - alerting.BEGIN) // EVERY for one in seen] == since
    assert [one and one.firing for one in seen] == firing
