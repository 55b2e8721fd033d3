"""What of a query may stand in a variable, and that looking for it takes no more than the query is long."""

from __future__ import annotations

import time
from typing import Any

import pytest

from provisioner.kinds import hidden_parts, query_parts
from provisioner.kinds.hidden_parts import hidden
from provisioner.kinds.query_parts import MOST_READ, candidates, selectors
from provisioner.kinds.readers import MOST_LIMITS, MOST_SIGNS
from provisioner.profiles import named
from tests.declared import catalog
from tests.kinds.boards import PROFILES, RULES, drawn_from

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
    assert list(candidates([f"9 * max by (job) (rate({one}[5m])) - ({other})"])) == [
        one,
        other[: other.index("topic")],
        f"rate({one}[5m])",
        f"max by (job) (rate({one}[5m]))",
    ]


@pytest.mark.parametrize("string", ['"(up{a=1}"', '"\\"(up{a=1}"', '"up{a=1}', '"(', '"\\'])
def test_nothing_in_a_string_is_a_part(string: str) -> None:
    assert list(selectors(string)) == []
    assert list(candidates([f"{'(' * 30}{string}"])) == []


@pytest.mark.parametrize("inner", ["x", "$x", '"x"'])
@pytest.mark.parametrize("call", ["(", "max(", "max by (job) ("])
def test_however_deep_the_brackets_are_little_is_held(call: str, inner: str) -> None:
    """Every pair is in all those around it: of 200,000 signs these would be ten thousand million."""
    deep = call * (100_000 // len(call)) + inner + ")" * 100_000
    assert sum(map(len, candidates([deep, deep]))) <= MOST_READ
    assert not any("$" in part for part in candidates([deep]))


def test_brackets_as_deep_as_a_dashboard_needs_are_all_looked_at() -> None:
    """Those of the shipped boards are seven deep; of a query that is too deep the selectors are."""
    one = f'up{{job="{"x" * 30}"}}'
    queries = [f"{'(' * 20}{one}{')' * 20}"] * 100
    assert len(list(candidates(queries))) == 100 * (1 + 20)
    deep = "(" * 10_000 + "x" + ")" * 10_000
    assert one in candidates([deep, *queries])


@PROFILES
def test_of_the_longest_queries_of_shipped_boards_nothing_is_left_out(
    profile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those with names of groups as long as they may be."""
    made = with_names("$" * 240, profile)
    monkeypatch.setattr(query_parts, "MOST_READ", 10**9)
    monkeypatch.setattr(hidden_parts, "MOST_LOOKED_AT", 10**9)
    assert made == with_names("$" * 240, profile)


def with_names(name: str, profile: str) -> dict[str, Any]:
    topic, groups = "o" * 249, [f"{at:02}{name}" for at in range(MOST_SIGNS // (len(name) + 2))]
    limits = [f"{5 + at % (MOST_LIMITS - 1)}m" for at in range(len(groups))]
    consumers = [{"topic": topic, "group": one, "lag": lag} for one, lag in zip(groups, limits, strict=True)]
    metrics = {"profile": profile, "matchers": {"cluster": "prod"}}
    return drawn_from(catalog({"name": topic}, consumers, metrics=metrics, alerts=RULES), topic)
