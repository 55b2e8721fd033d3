"""Each mutation with every error code that Kafka or its client can give for one topic, through the real client."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from provisioner.reconcile.outcome import State
from provisioner.stores.kafka import codes, operations
from provisioner.stores.kafka.codes import Verdict
from tests.fake import FakeCluster
from tests.fake.faults import ErrorFor
from tests.fake.script import real
from tests.stores.kafka.tool import CODES, MUTATIONS, ONE_TRY, Tool, states

MIDDLE = "b.v1"
"""The one that meets the error; the others of its batch must not suffer."""


REFUSED = (State.FAILED, "the cluster refuses: ")
IN_DOUBT = (State.DOUBT, "may still happen")
EXPECTED: Mapping[Verdict, tuple[State, str]] = {
    Verdict.RETRY: IN_DOUBT,
    Verdict.WAIT: (State.FAILED, "the cluster took no request in time"),
    Verdict.CONFLICT: IN_DOUBT,
    Verdict.NOT_FOUND: (State.FAILED, "deleted meanwhile"),
    Verdict.INVALID: REFUSED,
    Verdict.DENIED: (State.FAILED, "not allowed: needs"),
}
SPECIAL: Mapping[tuple[str, Verdict], tuple[State, str]] = {
    # Not yet there on this broker, or not there any more: only a later look can tell.
    ("create", Verdict.NOT_FOUND): IN_DOUBT,
    ("delete", Verdict.NOT_FOUND): IN_DOUBT,
}


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("name", MUTATIONS)
def test_an_error_of_one_topic_is_told_as_it_is(fake: FakeCluster, name: str, code: int) -> None:
    """Never done what is not, in doubt what is unknown, failed what was refused; the others of the batch are done."""
    mutation, tool = MUTATIONS[name], Tool(fake)
    tool.hurry(ONE_TRY)
    changes = tool.planned(mutation.ready(fake))
    fake.script.on(mutation.api, ErrorFor(MIDDLE, code, "because"), times=None, when=real)
    outcomes = tool.applied(changes)
    verdict = codes.verdict(code)
    state, words = SPECIAL.get((name, verdict), EXPECTED[verdict])
    assert states(outcomes) == {"a.v1": State.DONE, MIDDLE: state, "c.v1": State.DONE}
    assert words in outcomes[MIDDLE].comment
    if verdict is Verdict.DENIED:
        assert mutation.operation.right in outcomes[MIDDLE].comment
    assert tool.asked_for(mutation.api, MIDDLE) == 1


def test_a_deletion_is_never_sent_as_a_dry_run(fake: FakeCluster) -> None:
    """Kafka has none: it would be the deed."""
    fake.state.add(MIDDLE)
    tool = Tool(fake)
    with pytest.raises(ValueError, match="no dry run"):
        operations.DeleteTopics(tool.store.connection).request(tool.planned({MIDDLE: None}), validate_only=True)
    assert set(fake.state.topics) == {MIDDLE}
