"""Names that Kafka's metrics cannot tell apart: one may stand as it is, each other accepts one of the rest."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from provisioner.checks import Context
from provisioner.checks.names import metric_collision
from tests.declared import catalog


def told(*topics: dict[str, Any]) -> list[tuple[str, str]]:
    found = metric_collision(Context((catalog(list(topics)),)))
    return sorted((problem.message.split("'")[1], str(problem.severity)) for problem in found)


def accepting(name: str, other: str) -> dict[str, Any]:
    return {"name": name, "allow": {"metric-collision": other}}


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_order_of_files_does_not_matter(order: tuple[int, ...]) -> None:
    """Whoever comes first in a folder need not be the one without a consent."""
    topics = [{"name": "a.b.c"}, accepting("a_b.c", "a.b.c"), accepting("a.b_c", "a.b.c")]
    assert told(*(topics[index] for index in order)) == [("a.b_c", "accepted"), ("a_b.c", "accepted")]


def test_without_consent_all_but_one_are_errors() -> None:
    """A consent for a name that does not collide is none."""
    assert told({"name": "a.b"}, accepting("a_b", "a.c")) == [("a_b", "error")]


def test_an_external_topic_hides_no_collision_of_others() -> None:
    """Somebody else's name is not ours to change; ours are."""
    topics = [{"name": "a.b.c", "state": "external"}, {"name": "a_b.c"}, {"name": "a.b_c"}]
    assert told(*topics) == [("a.b_c", "error")]
