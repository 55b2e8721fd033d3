"""What a raise costs, and in which words."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from provisioner.moves import rounded, words
from provisioner.moves.cluster import Broker, Cluster
from provisioner.moves.estimate import Estimate, estimate
from provisioner.moves.move import Move, Reason, Refused
from provisioner.moves.placement import Placement, place
from provisioner.moves.waves import Bounds, Wave, waves
from tests.moves.clusters import cluster, partition

GIB = 1024**3
MB = 10**6


def raised(sizes: Sequence[int | None], racks: str = "abc", free: int | None = 100 * GIB) -> Estimate:
    """Topics of one partition on broker 1 get two replicas more, all in one wave, at 60 MB/s."""
    there = cluster(racks, [partition(f"t{at}", 0, 1, size=size) for at, size in enumerate(sizes)], free)
    moves = place(there, {f"t{at}": 3 for at in range(len(sizes))}).moves
    return estimate([Wave(moves)], there, 60 * MB)


def test_the_line_of_the_plan() -> None:
    """Replicas, brokers, bytes, time."""
    there = [partition("orders", at, 1 + at % 3, size=2 * GIB) for at in range(12)]
    before = cluster("abc", there)
    placement = place(before, {"orders": 3})
    assert words.cost(estimate([Wave(placement.moves)], before, 60 * MB)) == (
        "adds 24 replicas on 3 brokers, moves none, keeps every leader, about 48 GiB to copy, about 5 min at 60 MB/s"
    )


def test_the_fullest_way_in_or_out_sets_the_time() -> None:
    """Broker 1 has to send both copies: 120 MB at 60 MB/s, while each target takes in 60."""
    assert raised([60 * MB]).seconds == 2


def test_a_target_may_be_the_narrow_place_too() -> None:
    """Two leaders, one target."""
    there = [partition("t", 0, 1, size=60 * MB), partition("t", 1, 2, size=60 * MB)]
    moves = [Move("t", 0, (1,), (3,), 1, 60 * MB), Move("t", 1, (2,), (3,), 2, 60 * MB)]
    assert estimate([Wave(tuple(moves))], cluster("---", there), 60 * MB).seconds == 2


def test_waves_take_their_time_one_after_the_other() -> None:
    """In one wave the two would run at once."""
    there = cluster("----", [partition("t", 0, 1, size=60 * MB), partition("u", 0, 2, size=60 * MB)])
    moves = (Move("t", 0, (1,), (3,), 1, 60 * MB), Move("u", 0, (2,), (4,), 2, 60 * MB))
    assert estimate([Wave(moves)], there, 60 * MB).seconds == 1
    assert estimate(waves(moves, Bounds(60 * MB, 9)), there, 60 * MB).seconds == 2


def test_racks_are_told_before_and_after() -> None:
    """By partition."""
    assert words.racks(raised([1, 2])) == "2 partitions on 1 rack -> 2 on 3 racks"


def test_without_racks_nothing_is_said_of_them() -> None:
    """Nobody knows."""
    assert words.racks(raised([1], racks="---")) == ""


def test_the_tightest_disk_is_named() -> None:
    """Of those that get something."""
    assert words.room(raised([90 * GIB])) == "free disk left: 10 GiB on broker 2 (the least of 2 brokers)"


def test_a_disk_that_was_not_read_is_not_called_empty_or_full() -> None:
    """It is named."""
    assert words.room(raised([1], free=None)) == "free disk left: not known on brokers 2, 3"


def test_what_is_left_is_not_known_where_something_of_unknown_size_goes() -> None:
    """On both targets here."""
    assert raised([None]).free_left == {2: None, 3: None}


@pytest.mark.parametrize(
    ("sizes", "end"),
    [
        ([0], "nothing to copy"),
        ([None, None], "the bytes of 2 partitions not known"),
        ([6000 * MB, None], "about 11 GiB to copy, the bytes of 1 partition not known, at least 4 min at 60 MB/s"),
    ],
)
def test_what_is_not_known_is_never_counted_as_nothing(sizes: list[int | None], end: str) -> None:
    """Empty is something else than not read."""
    assert words.cost(raised(sizes)).endswith(f"keeps every leader, {end}")


def test_nothing_to_add_is_said_so() -> None:
    """In four words at most."""
    assert words.cost(estimate([], cluster("---", []), 1)) == "adds no replica"


def test_nothing_flows_at_no_rate() -> None:
    """It would take for ever."""
    with pytest.raises(ValueError, match="less than a byte"):
        estimate([], cluster("---", []), 0)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "1 s"),
        (89, "89 s"),
        (90, "2 min"),
        (833.3, "14 min"),
        (12000, "3 h 20 min"),
        (7199, "2 h"),
        (190000, "2 d 5 h"),
    ],
)
def test_times_are_rounded_up(seconds: float, text: str) -> None:
    """To what people say."""
    assert rounded.time(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (999, "999 B"), (48 * GIB, "48 GiB"), (3 * GIB // 2, "1.5 GiB"), (2**41, "2 TiB")]
)
def test_sizes_are_rounded(count: int, text: str) -> None:
    """To two or three figures."""
    assert rounded.size(count) == text


@pytest.mark.parametrize(
    ("count", "text"), [(60 * MB, "60 MB/s"), (60 * 2**20, "60 MiB/s"), (GIB, "1 GiB/s"), (123457, "121 KiB/s")]
)
def test_a_rate_is_told_as_it_was_written(count: int, text: str) -> None:
    """In thousands or in 1024s."""
    assert rounded.rate(count) == text


@pytest.mark.parametrize("reason", Reason)
def test_every_refusal_says_where_what_and_what_to_do(reason: Reason) -> None:
    """With nothing left to fill in."""
    text = words.refusal(Refused("orders", 3, reason, 3, 2))
    assert re.fullmatch(r"orders, partition 3: [^;{}]+; [^;{}]+", text)


def test_a_disk_that_is_too_small_is_told_with_what_is_missing() -> None:
    """In both."""
    text = words.refusal(Refused("orders", 3, Reason.NO_ROOM, 3 * GIB, 2 * GIB))
    assert "3 GiB are needed, 1 GiB are missing" in text


def test_what_the_choice_did_not_know_is_told() -> None:
    """Or nothing."""
    brokers = (Broker(1), Broker(2), Broker(3, used=5))
    by_count = place(Cluster(brokers, (partition("t", 0, 1),)), {"t": 2})
    assert words.unknown(by_count) == ("placed by replicas, not by bytes: the bytes on brokers 1, 2 are not known")
    unsized = place(cluster("--", [partition("t", 0, 1, size=None)]), {"t": 2})
    assert words.unknown(unsized) == "1 partition placed by replicas: their bytes are not known"
    assert words.unknown(Placement()) == ""
