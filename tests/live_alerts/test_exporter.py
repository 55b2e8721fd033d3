"""What the exporter says in each one's words, and its faults."""

from __future__ import annotations

from provisioner.profiles import named
from tests.live_alerts.exporter import NAMES, Exporter, spoken
from tests.live_alerts.offsets import Log, Offsets

LOGS = {("orders.v1", 0): Log(2, 10, 1, 3, 3), ("orders.v1", 1): Log(0, 5, 2, 2, 3)}
OFFSETS = Offsets(
    LOGS, {"billing": {("orders.v1", 0): 8}, "zoning": {("orders.v1", 1): 5}}, {"billing": 2, "zoning": None}
)


class Told:
    """A reader that has been told what to read."""

    def __init__(self, *answers: Offsets) -> None:
        self.answers = list(answers)

    def read(self) -> Offsets:
        return self.answers.pop(0)


def exporter(*answers: Offsets) -> Exporter:
    return Exporter("kafka_exporter", Told(*answers))  # type: ignore[arg-type]


def test_each_exporter_has_the_names_of_its_profile() -> None:
    """Or no rule would find anything."""
    for name in NAMES:
        metrics = {line.partition("{")[0] for line in spoken(name, OFFSETS).splitlines()}
        known = {getattr(metric, "name", None) for metric in named(name).metrics.values()} - {None}
        assert metrics == known


def test_of_a_partition_that_a_group_never_committed_one_says_minus_one_and_the_other_nothing() -> None:
    lines = spoken("kafka_exporter", OFFSETS).splitlines()
    assert 'kafka_consumergroup_current_offset{consumergroup="billing",partition="1",topic="orders.v1"} -1' in lines
    of_billing = [
        line for line in spoken("kminion", OFFSETS).splitlines() if "partition_lag" in line and "billing" in line
    ]
    assert len(of_billing) == 1


def test_a_partial_answer_lacks_a_brokers_partitions_and_some_groups() -> None:
    hurt = exporter(OFFSETS)
    hurt.hurt("partial", 60)
    text = hurt.text()
    assert 'partition="0"' in text
    assert 'partition="1"' not in text
    assert 'current_offset{consumergroup="billing"' not in text


def test_late_ends_are_those_of_an_earlier_scrape() -> None:
    later = Offsets({place: Log(0, 99, 1, 3, 3) for place in LOGS}, OFFSETS.committed, OFFSETS.members)
    hurt = exporter(OFFSETS, later)
    hurt.text()
    hurt.hurt("late ends", 60)
    assert 'kafka_topic_partition_current_offset{partition="0",topic="orders.v1"} 10' in hurt.text()


def test_a_hidden_topic_is_left_out() -> None:
    hiding = exporter(OFFSETS)
    hiding.hidden = frozenset({"orders.v1"})
    assert "orders.v1" not in hiding.text()
