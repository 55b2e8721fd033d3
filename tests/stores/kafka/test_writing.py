"""Writing topics while the cluster misbehaves: the rows of the table of errors, met the way they come in life.

What one code of one topic means is in test_operations.py; here whole requests are lost, late, doubled or denied.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from provisioner.errors import UnreachableError
from provisioner.kinds.topic import Topic
from provisioner.problem import Span
from provisioner.reconcile import engine
from provisioner.reconcile.lanes import Lane
from provisioner.reconcile.model import Outcome, State, Wanted
from tests.contracts.contract import Quiet
from tests.fake import FakeCluster
from tests.fake.faults import ErrorForAll, Fault, Ghost, Hang, LostAnswer, LostRequest, Pass, Throttled
from tests.fake.script import real
from tests.fake.wrong_answers import DoneButSays, Malformed, duplicated, missing, renamed
from tests.stores.kafka.tool import HASTY, ONE_TRY, SHORT_READS, SHORT_REQUESTS, Tool, states

NAMES = ("a.v1", "b.v1", "c.v1")
LAST = "c.v1"
DONE = dict.fromkeys(NAMES, State.DONE)
DOUBT = dict.fromkeys(NAMES, State.DOUBT)


@dataclass(frozen=True)
class Operation:
    """A mutation: its request, whether the topics exist before, what is wanted, what a repetition is told."""

    api: str
    before: bool
    wanted: Topic | None
    again: int

    def ready(self, fake: FakeCluster) -> dict[str, Topic | None]:
        if self.before:
            for name in NAMES:
                fake.state.add(name)
        return dict.fromkeys(NAMES, self.wanted)


CREATE = Operation("CreateTopics", False, Topic(2, 3, {"retention.ms": "1000000"}), 36)
OPERATIONS: Mapping[str, Operation] = {
    "create": CREATE,
    "create-partitions": Operation("CreatePartitions", True, Topic(2, 3), 37),
    "alter-configs": Operation("IncrementalAlterConfigs", True, Topic(1, 3, {"retention.ms": "1000000"}), 0),
    "delete": Operation("DeleteTopics", True, None, 3),
}


@pytest.fixture
def tool(fake: FakeCluster) -> Tool:
    return Tool(fake)


@pytest.fixture(params=OPERATIONS)
def operation(request: pytest.FixtureRequest) -> Operation:
    return OPERATIONS[request.param]


APPLIED: Mapping[str, Fault] = {
    "lost answer": LostAnswer(),
    "malformed answer": Malformed(),
    "empty answer": Malformed(b""),
    "doubled result": duplicated("b.v1"),
    "result of another topic": renamed("b.v1", "x.v1"),
    "timed out, yet done": DoneButSays(7),
    "server error, yet done": DoneButSays(-1),
    "controller moved, yet done": DoneButSays(41),
}


@pytest.mark.parametrize("fault", APPLIED.values(), ids=APPLIED)
def test_what_was_done_is_found_done_whatever_was_answered(tool: Tool, operation: Operation, fault: Fault) -> None:
    """It is read back, and not sent again."""
    changes = tool.planned(operation.ready(tool.fake))
    tool.fake.script.on(operation.api, fault, when=real)
    assert states(tool.applied(changes)) == DONE
    assert [sent.subjects for sent in tool.fake.sent(operation.api)] == [NAMES]
    assert tool.fake.script.left == []


NOT_APPLIED: Mapping[str, Fault] = {
    "lost request": LostRequest(),
    "timed out": ErrorForAll(7),
    "server error": ErrorForAll(-1),
    "controller moved": ErrorForAll(41),
    "quota": ErrorForAll(89),
}


@pytest.mark.parametrize("fault", NOT_APPLIED.values(), ids=NOT_APPLIED)
def test_what_got_lost_is_sent_again(tool: Tool, operation: Operation, fault: Fault) -> None:
    """As often as it takes, and not once more."""
    changes = tool.planned(operation.ready(tool.fake))
    tool.fake.script.on(operation.api, fault, fault, when=real)
    assert states(tool.applied(changes)) == DONE
    assert len(tool.fake.sent(operation.api)) == 3


def test_only_what_is_missing_is_sent_again(tool: Tool) -> None:
    """What the first request achieved is not asked for twice."""
    changes = tool.planned(CREATE.ready(tool.fake))
    tool.fake.script.on("CreateTopics", ErrorForAll(41), when=real)
    tool.fake.state.add("a.v1", 2, retention_ms="1000000")
    assert states(tool.applied(changes)) == DONE
    assert [sent.subjects for sent in tool.fake.sent("CreateTopics")] == [NAMES, ("b.v1", "c.v1")]


def test_an_error_for_good_ends_in_doubt(tool: Tool, operation: Operation) -> None:
    """Time is limited, nothing is called done or failed, and the code is told."""
    changes = tool.planned(operation.ready(tool.fake))
    before = tool.fake.state.topics
    tool.fake.script.on(operation.api, ErrorForAll(41), times=None, when=real)
    tool.hurry(ONE_TRY)
    outcomes = tool.applied(changes)
    assert states(outcomes) == DOUBT
    assert all("(41)" in outcome.comment for outcome in outcomes.values())
    assert tool.fake.state.topics == before


def test_silence_for_good_ends_in_doubt(tool: Tool, operation: Operation) -> None:
    """Time is limited here too."""
    changes = tool.planned(operation.ready(tool.fake))
    tool.fake.script.on(operation.api, Hang(), times=None, when=real)
    tool.hurry(ONE_TRY, SHORT_REQUESTS)
    assert states(tool.applied(changes)) == DOUBT


def test_after_silence_no_other_part_of_an_update_is_sent(tool: Tool) -> None:
    """More partitions got no answer: the configs would wait for their whole time as well, for nothing."""
    for name in NAMES:
        tool.fake.state.add(name)
    changes = tool.planned(dict.fromkeys(NAMES, Topic(2, 3, {"retention.ms": "1000000"})))
    tool.fake.script.on("CreatePartitions", Hang(), times=None, when=real)
    tool.hurry(ONE_TRY, SHORT_REQUESTS)
    assert states(tool.applied(changes)) == DOUBT
    assert [sent for sent in tool.fake.sent("IncrementalAlterConfigs") if real(sent)] == []


@pytest.mark.parametrize("applied", [True, False], ids=["done", "not done"])
def test_after_silence_a_fresh_connection_is_used(tool: Tool, operation: Operation, applied: bool) -> None:
    """The old one is blocked behind the unanswered request, and the same broker is meant again."""
    tool.fake.controller = 1
    changes = tool.planned(operation.ready(tool.fake))
    tool.fake.script.on(operation.api, Hang(applied), when=real)
    tool.hurry(SHORT_REQUESTS)
    assert states(tool.applied(changes)) == DONE
    assert (len(tool.fake.sent(operation.api)) == 1) is applied
    assert {sent.broker for sent in tool.fake.sent(operation.api)} == {1}


def test_a_topic_without_an_answer_is_looked_up(tool: Tool) -> None:
    """Its future never completes; that is no reason to wait for ever, nor to send it again."""
    changes = tool.planned(CREATE.ready(tool.fake))
    tool.fake.script.on("CreateTopics", missing(LAST), when=real)
    tool.hurry(SHORT_REQUESTS)
    assert states(tool.applied(changes)) == DONE
    assert tool.asked_for("CreateTopics", LAST) == 1


def test_our_own_success_may_come_back_as_somebody_elses(tool: Tool, operation: Operation) -> None:
    """A broker that forwards our request repeats it during a fail-over: 36, 37 or 3, and all is as wanted."""
    changes = tool.planned(operation.ready(tool.fake))
    tool.fake.script.on(operation.api, DoneButSays(operation.again), when=real)
    assert states(tool.applied(changes)) == DONE
    assert len(tool.fake.sent(operation.api)) == 1


@pytest.mark.parametrize(
    ("partitions", "configs", "said"),
    [
        (2, {"retention_ms": "1000000"}, None),
        (1, {"retention_ms": "1000000"}, "partitions is 1, wanted 2"),
        (2, {"retention_ms": "5"}, "config.retention.ms is 5, wanted 1000000"),
        (2, {}, "config.retention.ms is not set, wanted 1000000"),
        (2, {"retention_ms": "1000000", "flush_ms": "9"}, "config.flush.ms is 9, wanted not set"),
    ],
)
def test_a_topic_that_somebody_made_first_is_compared(
    tool: Tool, partitions: int, configs: dict[str, str], said: str | None
) -> None:
    """It is done if it is what we want, and failed, with what differs, if not."""
    changes = tool.planned(CREATE.ready(tool.fake))
    tool.fake.state.add("b.v1", partitions, 3, **configs)
    tool.hurry(ONE_TRY)
    outcomes = tool.applied(changes)
    assert states(outcomes) == {**DONE, "b.v1": State.FAILED if said else State.DONE}
    assert (said or "") in outcomes["b.v1"].comment
    assert tool.asked_for("CreateTopics", "b.v1") == 1


def test_a_topic_that_was_made_again_meanwhile_fails(tool: Tool) -> None:
    """Its id tells, whatever it looks like."""
    changes = tool.planned(OPERATIONS["create-partitions"].ready(tool.fake))
    tool.fake.state.add("b.v1", 4)
    tool.hurry(ONE_TRY)
    outcomes = tool.applied(changes)
    assert states(outcomes) == {**DONE, "b.v1": State.FAILED}
    assert "it is another topic than the one that was planned" in outcomes["b.v1"].comment


def test_late_brokers_are_waited_for(tool: Tool, operation: Operation) -> None:
    """After a write a broker's first answers are usually old: that is no failure, and nothing is sent again."""
    changes = tool.planned(operation.ready(tool.fake))
    tool.fake.views.lag(5)
    assert states(tool.applied(changes)) == DONE
    assert len(tool.fake.sent(operation.api)) == 1


def test_a_lost_answer_and_late_brokers_together(tool: Tool, operation: Operation) -> None:
    """What looks missing is sent again, is told that it is done already, and ends well."""
    changes = tool.planned(operation.ready(tool.fake))
    tool.fake.views.lag(9)
    tool.fake.script.on(operation.api, LostAnswer(), when=real)
    assert states(tool.applied(changes)) == DONE


def test_brokers_that_stay_late_leave_it_in_doubt(tool: Tool, operation: Operation) -> None:
    """It was accepted, and was not seen."""
    changes = tool.planned(operation.ready(tool.fake))
    tool.fake.views.freeze()
    tool.hurry(ONE_TRY)
    outcomes = tool.applied(changes)
    assert states(outcomes) == DOUBT
    assert all(outcome.comment.startswith("accepted") for outcome in outcomes.values())


def test_one_broker_is_not_enough(tool: Tool, operation: Operation) -> None:
    """Two brokers of three are late for good: however often the third one is asked, it stays alone."""
    changes = tool.planned(operation.ready(tool.fake))
    tool.fake.views.freeze(1, 2)
    tool.hurry({"visible": 1})
    assert states(tool.applied(changes)) == DOUBT


def test_a_late_write_is_in_doubt_and_the_next_run_finds_it(tool: Tool) -> None:
    """A create that timed out is carried out a minute later."""
    ghost = Ghost()
    changes = tool.planned(CREATE.ready(tool.fake))
    tool.fake.script.on("CreateTopics", ghost, when=real)
    tool.hurry(SHORT_REQUESTS, ONE_TRY)
    assert states(tool.applied(changes)) == DOUBT
    ghost.appear()
    assert Tool(tool.fake).planned(dict.fromkeys(NAMES, CREATE.wanted)) == []


def test_a_late_write_during_the_second_try_is_no_error(tool: Tool) -> None:
    """The second create is told 36 for what the first one did."""
    ghost = Ghost(seconds=0)
    changes = tool.planned(CREATE.ready(tool.fake))
    tool.fake.views.lag(6)
    tool.fake.script.on("CreateTopics", ghost, when=real)
    tool.hurry(SHORT_REQUESTS)
    assert states(tool.applied(changes)) == DONE


def test_the_connected_broker_dies_before_the_write(tool: Tool, operation: Operation) -> None:
    """The client would send to the dead one for minutes; a probe makes it ask who lives, and nothing is lost."""
    tool.fake.controller = 2
    tool.applied(tool.planned({"first.v1": CREATE.wanted}))
    changes = tool.planned(operation.ready(tool.fake))
    tool.fake.stop(2)
    tool.fake.controller = None
    assert states(tool.applied(changes)) == DONE
    assert not any("no clear answer" in line for line in tool.said)


def test_a_dead_controller_that_is_still_named_gets_nothing(tool: Tool) -> None:
    """Without a quorum nobody notices that it is dead: nothing was sent, and that is what is said."""
    changes = tool.planned(CREATE.ready(tool.fake))
    tool.fake.stop(2, named=True)
    tool.fake.controller = 2
    tool.hurry(SHORT_REQUESTS, SHORT_READS, ONE_TRY)
    outcomes = tool.applied(changes)
    assert states(outcomes) == dict.fromkeys(DOUBT, State.FAILED)
    assert all("the cluster took no request in time" in outcome.comment for outcome in outcomes.values())
    assert tool.fake.mutations == []


def test_one_broker_down_is_no_hindrance(tool: Tool, operation: Operation) -> None:
    """From before the plan until after the apply."""
    tool.fake.stop(3)
    assert states(tool.applied(tool.planned(operation.ready(tool.fake)))) == DONE


def test_all_brokers_gone_is_told_as_such(tool: Tool) -> None:
    """The engine then puts what has no answer in doubt."""
    changes = tool.planned(CREATE.ready(tool.fake))
    for node in tool.fake.brokers:
        tool.fake.stop(node)
    tool.hurry(SHORT_REQUESTS, SHORT_READS, ONE_TRY)
    with pytest.raises(UnreachableError, match="nothing answers"):
        tool.applied(changes)


@pytest.mark.parametrize("code", [0, 89], ids=["done at once", "not done"])
@pytest.mark.parametrize("name", ["create", "create-partitions"])
def test_a_used_up_quota_is_waited_out(tool: Tool, name: str, code: int) -> None:
    """No further change is sent for as long as the cluster said; then it goes on."""
    tool.store.batch_topics = 2
    operation = OPERATIONS[name]
    changes = tool.planned(operation.ready(tool.fake))
    tool.fake.script.on(operation.api, Throttled(0.7, code), when=real)
    assert states(tool.applied(changes)) == DONE
    first, second, *_ = tool.fake.sent(operation.api)
    assert second.at - first.at >= 0.7
    assert any("mutation quota" in line for line in tool.said)


def test_what_was_half_done_is_told_half(tool: Tool) -> None:
    """More partitions, but not the config: what was read back is in the outcome."""
    tool.fake.state.add("a.v1")
    changes = tool.planned({"a.v1": Topic(2, 3, {"retention.ms": "1000000"})})
    tool.fake.script.on("IncrementalAlterConfigs", ErrorForAll(44, "not here"), when=real)
    outcome = tool.applied(changes)["a.v1"]
    assert (outcome.state, [change.field for change in outcome.changes]) == (State.FAILED, ["partitions"])
    assert "not here (44)" in outcome.comment


def test_a_topic_that_was_made_anew_is_not_deleted(tool: Tool) -> None:
    """It has another id than the one that was planned."""
    changes = tool.planned(OPERATIONS["delete"].ready(tool.fake))
    tool.fake.state.add("b.v1")
    outcomes = tool.applied(changes)
    assert states(outcomes) == {**DONE, "b.v1": State.FAILED}
    assert "another topic" in outcomes["b.v1"].comment
    assert tool.asked_for("DeleteTopics", "b.v1") == 0


def test_a_topic_whose_id_cannot_be_read_is_not_deleted(tool: Tool) -> None:
    """And is not said to be another one."""
    changes = tool.planned(OPERATIONS["delete"].ready(tool.fake))
    tool.fake.state.hidden.add("b.v1")
    outcomes = tool.applied(changes)
    assert states(outcomes) == {**DONE, "b.v1": State.FAILED}
    assert "another topic" not in outcomes["b.v1"].comment
    assert tool.asked_for("DeleteTopics", "b.v1") == 0


def test_a_deleted_topic_is_not_asked_for_again(tool: Tool) -> None:
    """Each probe names a topic that exists: for any other the client would search on in the background."""
    changes = tool.planned(OPERATIONS["delete"].ready(tool.fake))
    tool.applied(changes)
    probes = [sent for sent in tool.fake.sent("Metadata") if len(sent.subjects) == 1]
    assert [sent for sent in probes if sent.at > tool.fake.sent("DeleteTopics")[0].at] == []


def test_many_batches_survive_a_fault_in_one(tool: Tool) -> None:
    """The batches behind it are done as well, each topic created once."""
    tool.store.batch_topics = 10
    names = [f"t{number:02}" for number in range(30)]
    changes = tool.planned(dict.fromkeys(names, CREATE.wanted))
    tool.fake.script.on("CreateTopics", Pass(), LostAnswer(), when=real)
    assert set(states(tool.applied(changes)).values()) == {State.DONE}
    assert [len(sent.subjects) for sent in tool.fake.sent("CreateTopics")] == [10, 10, 10]


def waited_for(tool: Tool, **waits: float) -> list[Outcome]:
    """What becomes of two new topics whose create gets no answer, when the engine has waited for them."""
    tool.hurry(ONE_TRY, SHORT_REQUESTS, {"doubt_pause": 0.1, **waits})
    wanted = {name: Wanted(Topic(1, 3), Span("topics/pay/x.yaml")) for name in NAMES[:2]}
    lanes = [Lane("topic", wanted, lambda *_: (), tool.store)]
    outcomes = list(engine.apply(engine.plan("prod", lanes), lanes, Quiet()))
    assert sorted(outcome.key.name for outcome in outcomes) == sorted(wanted)
    return outcomes


def test_a_late_write_is_waited_for_and_then_done(tool: Tool) -> None:
    """The answer never came; the topics did."""
    tool.fake.script.on("CreateTopics", Ghost(HASTY + 2), times=1, when=real)
    tool.fake.script.on("CreateTopics", LostRequest(), times=None, when=real)
    outcomes = waited_for(tool)
    assert {outcome.state for outcome in outcomes} == {State.DONE}
    assert all("in doubt at first" in outcome.comment for outcome in outcomes)


def test_what_never_came_has_failed_when_the_time_of_doubt_is_over(tool: Tool) -> None:
    """The controller itself says that it does not exist."""
    tool.fake.script.on("CreateTopics", LostRequest(), times=None, when=real)
    outcomes = waited_for(tool, doubt=1)
    assert {outcome.state for outcome in outcomes} == {State.FAILED}
    assert all("apply again" in outcome.comment for outcome in outcomes)
