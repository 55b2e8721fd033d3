"""Most faults once; the long form is `make faults`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.faults import SHORT, SMALL, Worlds

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def worlds() -> Iterator[Worlds]:
    with Worlds(SMALL) as opened:
        yield opened


@pytest.mark.parametrize(("number", "name"), list(enumerate(SHORT)), ids=SHORT)
def test_nothing_is_lost_and_nothing_is_claimed(worlds: Worlds, number: int, name: str) -> None:
    """All invariants hold after the fault, and the same command goes on to the wanted state."""
    assert worlds.run(name, number, seed=number) == []
