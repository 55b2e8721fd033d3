"""What of a query may stand in a variable, and that looking for it takes no more than the query is long."""

from __future__ import annotations

import time
from typing import Any

import pytest

from provisioner.kinds.hidden_parts import hidden
from provisioner.kinds.query_parts import candidates, selectors
from provisioner.profiles import named

STUBBORN = {
    "one word": "a",
    "one name": "A",
    "words": "a ",
    "words and numbers": "9a",
    "calls by": "a by (",
    "escaped quotes": '\\"',
    "quotes": '"',
    "strings that are open": 'x{a="',
    "selectors that are open": "a{",
    "strings in a selector": 'a{"{"',
    "strings that are none from the other side": 'b{\\"\\"',
}


def board(*queries: str) -> dict[str, Any]:
    return {"panels": [{"targets": [{"expr": query} for query in queries]}], "templating": {"list": []}}


def seconds(query: str) -> float:
    """CPU time, the least of three."""
    found = []
    for _ in range(3):
        begun = time.process_time()
        hidden(board(query), named("kafka_exporter"))
        found.append(time.process_time() - begun)
    return min(found)


@pytest.mark.parametrize("again", STUBBORN.values(), ids=STUBBORN)
def test_a_query_eight_times_as_long_takes_no_longer_than_that(again: str) -> None:
    """Of a square it would be 64 times as long; the tenth of a second is what a machine may be late by."""
    short, long = (seconds(f'"{again * (length // len(again))}') for length in (2_000, 16_000))
    bare, longer = (seconds(again * (length // len(again))) for length in (2_000, 16_000))
    assert long < 24 * short + 0.1
    assert longer < 24 * bare + 0.1


def test_parts_are_selectors_and_what_is_in_brackets() -> None:
    """Whole calls, with what they are grouped by; of a selector with a variable what stands before that."""
    one, other = f'up{{job="{"x" * 30}"}}', f'up{{job="{"y" * 30}",topic="$topic"}}'
    assert list(candidates(f"9 * max by (job) (rate({one}[5m])) - ({other})")) == [
        one,
        other[: other.index("topic")],
        f"rate({one}[5m])",
        f"max by (job) (rate({one}[5m]))",
    ]


@pytest.mark.parametrize("string", ['"(up{a=1}"', '"\\"(up{a=1}"', '"up{a=1}', '"(', '"\\'])
def test_nothing_in_a_string_is_a_part(string: str) -> None:
    assert list(selectors(string)) == []
    assert list(candidates(f"{'(' * 30}{string}")) == []
