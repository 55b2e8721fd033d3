"""Most faults once; the long form is `make faults`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults import world
from tests.faults.faults import FAULTS, SHORT
from tests.faults.world import World

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def here() -> Iterator[World]:
    with world.made() as made:
        yield made


@pytest.mark.parametrize(("number", "name"), list(enumerate(SHORT)), ids=SHORT)
def test_nothing_is_lost_and_nothing_is_claimed(here: World, number: int, name: str) -> None:
    """All invariants hold after the fault, and the same command goes on to the wanted state."""
    assert here.run(FAULTS[name], number, seed=number) == []
