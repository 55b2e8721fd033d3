"""What a wanted topic takes over from the live one, and what is dangerous about the rest."""

from __future__ import annotations

import pytest

from provisioner.kinds import TOPICS
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
        hazard for hazard in TOPICS.hazards(live, Topic(3, 3).meeting(live)) if hazard.field == f"config.{VENDORS}"
    ]
    assert (said.asks, said.possible) == (False, True)
    assert "left as it is" in said.reason


def test_an_extra_config_goes_only_where_a_file_asks_for_that() -> None:
    """By a consent to inherit it, or by a line that the base had; and then it asks."""
    live = Topic(3, 3, {VENDORS: "true", "other.key": "1"})
    dropped = frozenset({VENDORS, "other.key"})
    after = Topic(3, 3, dropped=dropped, extra=frozenset({VENDORS})).meeting(live)
    assert after.config == {"other.key": "1"}
    asking = [(hazard.slug, hazard.value) for hazard in TOPICS.hazards(live, after) if hazard.asks]
    assert asking == [("extra-config", f"{VENDORS}=inherited")]
    assert Topic(3, 3, extra=frozenset({VENDORS})).meeting(live) == live


def test_an_extra_config_asks_for_its_very_value() -> None:
    """As text: whatever it is, nothing here knows which way is dangerous."""
    live = Topic(3, 3, {VENDORS: "true"})
    after = Topic(3, 3, {VENDORS: "false"}, extra=frozenset({VENDORS})).meeting(live)
    assert [hazard.value for hazard in TOPICS.hazards(live, after)] == [f"{VENDORS}=false"]
    assert list(TOPICS.hazards(None, after)) == []
