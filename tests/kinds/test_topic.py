"""What a wanted topic takes over from the live one, and what is dangerous about the rest."""

from __future__ import annotations

import pytest

from provisioner.kinds import topic
from provisioner.kinds.topic import Topic

VENDORS = "confluent.value.schema.validation"


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("dropped", [frozenset[str](), frozenset({VENDORS})])
def test_an_override_that_we_do_not_know_is_never_removed(keep: bool, dropped: frozenset[str]) -> None:
    """Whatever the cluster says of undeclared overrides, and also where a file named it at the base."""
    live = Topic(3, 3, {VENDORS: "true"})
    after = Topic(3, 3, keep_undeclared=keep, dropped=dropped).meeting(live)
    assert after == live


def test_an_override_that_we_do_not_know_is_said_beside_a_change() -> None:
    """As a note: nobody has to consent to what is left alone."""
    live = Topic(3, 3, {VENDORS: "true", "segment.jitter.ms": "5"})
    (said,) = [
        hazard for hazard in topic.hazards(live, Topic(3, 3).meeting(live)) if hazard.field == f"config.{VENDORS}"
    ]
    assert (said.asks, said.possible) == (False, True)
    assert "left as it is" in said.reason
