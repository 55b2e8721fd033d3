"""Where new replicas go, case by case."""

from __future__ import annotations

from dataclasses import replace

from provisioner.moves.cluster import Broker, Cluster, Partition
from provisioner.moves.move import Reason
from provisioner.moves.placement import Placement, place
from tests.moves.clusters import cluster, partition


def added(placement: Placement) -> dict[int, set[int]]:
    """Partition -> the brokers that it gets."""
    return {move.number: set(move.added) for move in placement.moves}


def reasons(placement: Placement) -> dict[int, Reason]:
    return {each.number: each.reason for each in placement.refused}


def changed(before: Cluster, broker: int, **fields: object) -> Cluster:
    """The cluster, with one broker otherwise."""
    return replace(before, brokers=tuple(replace(b, **fields) if b.id == broker else b for b in before.brokers))  # type: ignore[arg-type]


def test_a_new_replica_goes_to_the_racks_that_the_partition_has_not_got() -> None:
    """Broker 2 is in its rack."""
    placement = place(cluster("aabc", [partition("t", 0, 1)]), {"t": 3})
    assert added(placement) == {0: {3, 4}}


def test_where_every_rack_is_taken_the_least_used_one_is_next() -> None:
    """Two in rack a, one in b: the fourth replica goes to b."""
    placement = place(cluster("aaabb", [partition("t", 0, 1, 2, 4)]), {"t": 4})
    assert added(placement) == {0: {5}}


def test_brokers_without_a_rack_count_as_one_rack() -> None:
    """Nothing says that they stand apart."""
    assert added(place(cluster("--a", [partition("t", 0, 1)]), {"t": 2})) == {0: {3}}


def test_a_replica_on_a_dead_broker_still_fills_its_rack() -> None:
    """It comes back."""
    dead = changed(cluster("abac", [partition("t", 0, 2, 1)]), 1, is_live=False)
    assert added(place(dead, {"t": 3})) == {0: {4}}


def test_the_order_stays_and_new_replicas_come_last() -> None:
    """So the preferred leader stays."""
    (move,) = place(cluster("----", [partition("t", 0, 3, 1)]), {"t": 3}).moves
    assert move.before == (3, 1)
    assert move.after[:2] == (3, 1)


def test_a_dead_broker_gets_nothing() -> None:
    """It would take the replica and never have it."""
    dead = changed(cluster("----", [partition("t", 0, 1)]), 4, is_live=False)
    assert added(place(dead, {"t": 3})) == {0: {2, 3}}


def test_the_broker_with_the_fewest_bytes_gets_it() -> None:
    """Although it has more replicas."""
    there = [partition("u", 0, 2, size=5000), *(partition("v", at, 3, size=1000) for at in range(3))]
    assert added(place(cluster("---", [partition("t", 0, 1, size=1000), *there]), {"t": 2})) == {0: {3}}


def test_where_bytes_are_equal_the_broker_with_fewer_replicas_gets_it() -> None:
    """Two of 500 weigh as much as one of 1000."""
    there = [partition("u", 0, 2, size=1000), partition("v", 0, 3, size=500), partition("v", 1, 3, size=500)]
    assert added(place(cluster("---", [partition("t", 0, 1, size=900), *there]), {"t": 2})) == {0: {2}}


def test_empty_partitions_do_not_all_go_to_the_emptiest_broker() -> None:
    """Nor do tiny ones: by bytes broker 4 would get one of each."""
    there = [
        *(partition("t", at, 1, size=at % 2) for at in range(30)),
        *(partition("u", 0, at, size=900) for at in (1, 2, 3)),
    ]
    placement = place(cluster("----", there), {"t": 2})
    counts = [(broker < 4) + sum(broker in move.added for move in placement.moves) for broker in (2, 3, 4)]
    assert max(counts) - min(counts) <= 1


def test_new_replicas_change_places_where_one_after_the_other_was_not_good_enough() -> None:
    """The last partition may not go where it is already, so an earlier one has to make room for it elsewhere."""
    there = [partition("t0", at, 3, size=1000) for at in range(3)] + [partition("t1", 0, 2, size=1000)]
    brokers = tuple(Broker(at, None, True, None, used) for at, used in ((1, 0), (2, 1000), (3, 3000), (4, 1)))
    placement = place(Cluster(brokers, tuple(there)), {"t0": 2, "t1": 3})
    gets = [sum(each.id in move.added for move in placement.moves) for each in brokers]
    assert gets == [2, 1, 0, 2]


def test_factors_that_differ_within_a_topic_are_repaired() -> None:
    """One has three already, one has two, one has one."""
    there = [partition("t", 0, 1, 2, 3), partition("t", 1, 2, 3), partition("t", 2, 3)]
    placement = place(cluster("---", there), {"t": 3})
    assert added(placement) == {1: {1}, 2: {1, 2}}


def test_a_topic_without_a_target_and_one_above_it_are_left_alone() -> None:
    """Lowering is another matter."""
    assert place(cluster("---", [partition("t", 0, 1), partition("u", 0, 1, 2, 3)]), {"u": 2}) == Placement()


def test_what_is_on_its_way_to_the_factor_lacks_nothing() -> None:
    """The list names the new ones from the first second."""
    moving = replace(partition("t", 0, 1, 2, 3), isr=frozenset({1}), adding=frozenset({2, 3}))
    assert moving.standing == (1,)
    assert place(cluster("---", [moving]), {"t": 3}) == Placement()


def test_what_another_reassignment_leaves_below_the_factor_is_refused() -> None:
    """Another target would replace the one that runs: three are listed, two of them stay."""
    moving = replace(partition("t", 0, 1, 2, 3), adding=frozenset({3}), removing=frozenset({1}))
    assert moving.coming == (2, 3)
    assert reasons(place(cluster("---", [moving]), {"t": 3})) == {0: Reason.MOVING}


def test_bytes_on_their_way_count_where_they_go() -> None:
    """Broker 2 is about to get 5000."""
    moving = replace(partition("u", 0, 4, 2, size=5000), adding=frozenset({2}))
    before = changed(cluster("----", [partition("t", 0, 1, size=1000), moving]), 2, used=0)
    assert added(place(changed(before, 3, used=2000), {"t": 2})) == {0: {3}}


def test_fewer_live_brokers_than_the_factor_are_refused() -> None:
    """With both numbers."""
    dead = changed(cluster("---", [partition("t", 0, 1)]), 3, is_live=False)
    (refused,) = place(dead, {"t": 3}).refused
    assert (refused.reason, refused.needed, refused.there) == (Reason.FEW_BROKERS, 3, 2)


def test_a_partition_that_nobody_leads_is_refused() -> None:
    """There is nothing to copy from; nor is there where its leader is said to be a dead broker."""
    there = [
        Partition("t", 0, (4,), frozenset(), None, 100),
        partition("t", 1, 4),
        Partition("t", 2, (9,), frozenset(), 9, 100),
        partition("t", 3, 1),
    ]
    placement = place(changed(cluster("----", there), 4, is_live=False), {"t": 2})
    assert reasons(placement) == dict.fromkeys((0, 1, 2), Reason.NO_LEADER)
    assert added(placement).keys() == {3}


def test_a_disk_without_room_gets_nothing() -> None:
    """Though it is the emptiest."""
    small = changed(cluster("---", [partition("t", 0, 1), partition("u", 0, 2, size=700)]), 3, free=99)
    assert added(place(small, {"t": 2})) == {0: {2}}


def test_the_room_that_the_plan_itself_takes_is_gone() -> None:
    """Each of the two disks has room for one."""
    tight = cluster("---", [partition("t", at, 1) for at in range(3)], free=150)
    placement = place(tight, {"t": 2})
    assert sorted(map(tuple, added(placement).values())) == [(2,), (3,)]
    assert list(reasons(placement).values()) == [Reason.NO_ROOM]


def test_where_no_disk_has_room_it_says_how_much_is_missing() -> None:
    """Two disks are needed; the second best has 60 of 100."""
    before = changed(cluster("----", [partition("t", 0, 1)], free=10), 2, free=80)
    (refused,) = place(changed(before, 3, free=60), {"t": 3}).refused
    assert (refused.reason, refused.needed, refused.there, refused.missing) == (Reason.NO_ROOM, 100, 60, 40)


def test_what_is_to_stay_free_is_no_room() -> None:
    """120 are free, 30 of them for the broker itself."""
    placement = place(cluster("--", [partition("t", 0, 1)], free=120), {"t": 2}, reserve=30)
    assert [each.missing for each in placement.refused] == [10]


def test_one_partition_that_cannot_be_done_holds_back_no_other() -> None:
    """Nor another one of its topic."""
    there = [partition("t", 0, 1, size=900), partition("t", 1, 1)]
    placement = place(cluster("--", there, free=500), {"t": 2})
    assert added(placement) == {1: {2}}


def test_where_the_bytes_of_a_broker_are_not_known_replicas_count_and_it_is_said() -> None:
    """By bytes it would be broker 3, which nothing is known of."""
    there = [partition("t", 0, 1), partition("u", 0, 3, size=1), partition("u", 1, 3, size=1), partition("v", 0, 2)]
    placement = place(changed(cluster("---", there), 3, used=None), {"t": 2})
    assert added(placement) == {0: {2}}
    assert placement.is_by_count
    assert placement.unread == (3,)


def test_a_partition_of_unknown_size_is_placed_by_replicas_and_named() -> None:
    """The others go by bytes."""
    placement = place(cluster("---", [partition("t", 0, 1, size=None), partition("t", 1, 1)]), {"t": 2})
    assert placement.unsized == (("t", 0),)
    assert not placement.is_by_count
    assert {*map(tuple, added(placement).values())} == {(2,), (3,)}


def test_equal_brokers_do_not_stand_second_everywhere() -> None:
    """Who is second in a list leads next when the first one dies: the lot falls differently for each partition."""
    placement = place(cluster("---", [partition("t", at, 1) for at in range(40)]), {"t": 3})
    assert 10 <= sum(move.added[0] == 2 for move in placement.moves) <= 30
