"""Writing topics while the cluster misbehaves: the rows of the table of errors, met the way they come in life.

What one code of one topic means is in test_operations.py; here whole requests are lost, late, doubled or denied.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from provisioner.errors import UnreachableError
from provisioner.kinds.topic_spec import TopicSpec
from provisioner.problem import Span
from provisioner.reconcile import engine
from provisioner.reconcile.lanes import Lane
from provisioner.reconcile.model import Wanted
from provisioner.reconcile.outcome import Outcome, State
from tests.contracts.contract import Quiet
from tests.fake import FakeCluster
from tests.fake.faults import ErrorForAll, Fault, Ghost, Hang, LostAnswer, LostRequest, Throttled
from tests.fake.script import real
from tests.fake.wrong_answers import DoneButSays, Malformed, duplicated, missing, renamed
from tests.plain_kind import PlainKind
from tests.stores.kafka.tool import (
    CREATE,
    DONE,
    DOUBT,
    HASTY,
    MUTATIONS,
    NAMES,
    ONE_TRY,
    SHORT_READS,
    SHORT_REQUESTS,
    Mutation,
    Tool,
    states,
)


@pytest.fixture
def tool(fake: FakeCluster) -> Tool:
    return Tool(fake)


@pytest.fixture(params=MUTATIONS)
def mutation(request: pytest.FixtureRequest) -> Mutation:
    return MUTATIONS[request.param]


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
def test_what_was_done_is_found_done_whatever_was_answered(tool: Tool, mutation: Mutation, fault: Fault) -> None:
    """It is read back, and not sent again."""
    changes = tool.planned(mutation.ready(tool.fake))
    tool.fake.script.on(mutation.api, fault, when=real)
    assert states(tool.applied(changes)) == DONE
    assert [sent.subjects for sent in tool.fake.sent(mutation.api)] == [NAMES]
    assert tool.fake.script.left == []


NOT_APPLIED: Mapping[str, Fault] = {
    "lost request": LostRequest(),
    "timed out": ErrorForAll(7),
    "server error": ErrorForAll(-1),
    "controller moved": ErrorForAll(41),
    "quota": ErrorForAll(89),
}


@pytest.mark.parametrize("fault", NOT_APPLIED.values(), ids=NOT_APPLIED)
def test_what_got_lost_is_sent_again(tool: Tool, mutation: Mutation, fault: Fault) -> None:
    """As often as it takes, and not once more."""
    changes = tool.planned(mutation.ready(tool.fake))
    tool.fake.script.on(mutation.api, fault, fault, when=real)
    assert states(tool.applied(changes)) == DONE
    assert len(tool.fake.sent(mutation.api)) == 3


def test_only_what_is_missing_is_sent_again(tool: Tool) -> None:
    """What the first request achieved is not asked for twice."""
    changes = tool.planned(CREATE.ready(tool.fake))
    tool.fake.script.on("CreateTopics", ErrorForAll(41), when=real)
    tool.fake.state.add("a.v1", 2, retention_ms="1000000")
    assert states(tool.applied(changes)) == DONE
    assert [sent.subjects for sent in tool.fake.sent("CreateTopics")] == [NAMES, ("b.v1", "c.v1")]


def test_an_error_for_good_ends_in_doubt(tool: Tool, mutation: Mutation) -> None:
    """Time is limited, nothing is called done or failed, and the code is told."""
    changes = tool.planned(mutation.ready(tool.fake))
    before = tool.fake.state.topics
    tool.fake.script.on(mutation.api, ErrorForAll(41), times=None, when=real)
    tool.hurry(ONE_TRY)
    outcomes = tool.applied(changes)
    assert states(outcomes) == DOUBT
    assert all("(41)" in outcome.comment for outcome in outcomes.values())
    assert tool.fake.state.topics == before


def test_silence_for_good_ends_in_doubt(tool: Tool, mutation: Mutation) -> None:
    """Time is limited here too."""
    changes = tool.planned(mutation.ready(tool.fake))
    tool.fake.script.on(mutation.api, Hang(), times=None, when=real)
    tool.hurry(ONE_TRY, SHORT_REQUESTS)
    assert states(tool.applied(changes)) == DOUBT


def test_after_silence_no_other_part_of_an_update_is_sent(tool: Tool) -> None:
    """More partitions got no answer: the configs would wait for their whole time as well, for nothing."""
    for name in NAMES:
        tool.fake.state.add(name)
    changes = tool.planned(dict.fromkeys(NAMES, TopicSpec(2, 3, {"retention.ms": "1000000"})))
    tool.fake.script.on("CreatePartitions", Hang(), times=None, when=real)
    tool.hurry(ONE_TRY, SHORT_REQUESTS)
    assert states(tool.applied(changes)) == DOUBT
    assert [sent for sent in tool.fake.sent("IncrementalAlterConfigs") if real(sent)] == []


@pytest.mark.parametrize("applied", [True, False], ids=["done", "not done"])
def test_after_silence_a_fresh_connection_is_used(tool: Tool, mutation: Mutation, applied: bool) -> None:
    """The old one is blocked behind the unanswered request, and the same broker is meant again."""
    tool.fake.controller = 1
    changes = tool.planned(mutation.ready(tool.fake))
    tool.fake.script.on(mutation.api, Hang(applied), when=real)
    tool.hurry(SHORT_REQUESTS)
    assert states(tool.applied(changes)) == DONE
    assert (len(tool.fake.sent(mutation.api)) == 1) is applied
    assert {sent.broker for sent in tool.fake.sent(mutation.api)} == {1}


def test_a_topic_without_an_answer_is_looked_up(tool: Tool) -> None:
    """Its future never completes; that is no reason to wait for ever, nor to send it again."""
    changes = tool.planned(CREATE.ready(tool.fake))
    tool.fake.script.on("CreateTopics", missing("c.v1"), when=real)
    tool.hurry(SHORT_REQUESTS)
    assert states(tool.applied(changes)) == DONE
    assert tool.asked_for("CreateTopics", "c.v1") == 1


def test_our_own_success_may_come_back_as_somebody_elses(tool: Tool, mutation: Mutation) -> None:
    """A broker that forwards our request repeats it during a fail-over: 36, 37 or 3, and all is as wanted."""
    changes = tool.planned(mutation.ready(tool.fake))
    tool.fake.script.on(mutation.api, DoneButSays(mutation.again), when=real)
    assert states(tool.applied(changes)) == DONE
    assert len(tool.fake.sent(mutation.api)) == 1


def test_late_brokers_are_waited_for(tool: Tool, mutation: Mutation) -> None:
    """After a write a broker's first answers are usually old: that is no failure, and nothing is sent again."""
    changes = tool.planned(mutation.ready(tool.fake))
    tool.fake.views.lag(5)
    assert states(tool.applied(changes)) == DONE
    assert len(tool.fake.sent(mutation.api)) == 1


def test_a_lost_answer_and_late_brokers_together(tool: Tool, mutation: Mutation) -> None:
    """What looks missing is sent again, is told that it is done already, and ends well."""
    changes = tool.planned(mutation.ready(tool.fake))
    tool.fake.views.lag(9)
    tool.fake.script.on(mutation.api, LostAnswer(), when=real)
    assert states(tool.applied(changes)) == DONE


def test_brokers_that_stay_late_leave_it_in_doubt(tool: Tool, mutation: Mutation) -> None:
    """It was accepted, and was not seen."""
    changes = tool.planned(mutation.ready(tool.fake))
    tool.fake.views.freeze()
    tool.hurry(ONE_TRY)
    outcomes = tool.applied(changes)
    assert states(outcomes) == DOUBT
    assert all(outcome.comment.startswith("accepted") for outcome in outcomes.values())


def test_one_broker_is_not_enough(tool: Tool, mutation: Mutation) -> None:
    """Two brokers of three are late for good: however often the third one is asked, it stays alone."""
    changes = tool.planned(mutation.ready(tool.fake))
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


def test_the_connected_broker_dies_before_the_write(tool: Tool, mutation: Mutation) -> None:
    """The client would send to the dead one for minutes; a probe makes it ask who lives, and nothing is lost."""
    tool.fake.controller = 2
    tool.applied(tool.planned({"first.v1": CREATE.wanted}))
    changes = tool.planned(mutation.ready(tool.fake))
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


def test_one_broker_down_is_no_hindrance(tool: Tool, mutation: Mutation) -> None:
    """From before the plan until after the apply."""
    tool.fake.stop(3)
    assert states(tool.applied(tool.planned(mutation.ready(tool.fake)))) == DONE


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
    mutation = MUTATIONS[name]
    changes = tool.planned(mutation.ready(tool.fake))
    tool.fake.script.on(mutation.api, Throttled(0.7, code), when=real)
    assert states(tool.applied(changes)) == DONE
    first, second, *_ = tool.fake.sent(mutation.api)
    assert second.at - first.at >= 0.7
    assert any("mutation quota" in line for line in tool.said)


def waited_for(tool: Tool, **waits: float) -> list[Outcome]:
    """What becomes of two new topics whose create gets no answer, when the engine has waited for them."""
    tool.hurry(ONE_TRY, SHORT_REQUESTS, {"doubt_pause": 0.1, **waits})
    wanted = {name: Wanted(TopicSpec(1, 3), Span("topics/pay/x.yaml")) for name in NAMES[:2]}
    lanes = [Lane(PlainKind("topic"), wanted, tool.store)]
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
