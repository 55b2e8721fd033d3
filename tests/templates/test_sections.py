"""A part of a text that is repeated: in a query joined by `or`, elsewhere one after the other."""

from __future__ import annotations

import json
from typing import Any

import promql_parser
import pytest

from provisioner.errors import InputError
from provisioner.templates.budget import Clock
from provisioner.templates.loading import dashboard
from provisioner.templates.sections import NO_SERIES
from provisioner.templates.source import Source
from tests.templates.authors import board, dashboard_problems, rule
from tests.templates.test_budget import said, ticking

ASKED = 'count(<< or_each x in many >>a{b="<< x >>"} > << n >><< end >>) + 1'


def rendered(text: str, key: str = "expr", **names: Any) -> Any:
    return board({"a": [{key: text}]}).render(names)["a"][0][key]


@pytest.mark.parametrize(
    ("many", "expected"),
    [
        (["p", 'q"'], 'count(((a{b="p"} > 3) or (a{b="q\\""} > 3))) + 1'),
        (["p"], 'count((a{b="p"} > 3)) + 1'),
        ([], f"count({NO_SERIES}) + 1"),
    ],
)
def test_in_a_query_it_is_one_operand_whatever_the_list_holds(many: list[str], expected: str) -> None:
    """In brackets, escaped as its text is; PromQL also where there is nothing."""
    text = rendered(ASKED, many=many, n=3)
    assert text == expected
    promql_parser.parse(text)


def test_in_a_text_it_is_one_after_the_other() -> None:
    """Escaped for where it stands; the name and `index` are known inside alone."""
    text = "<< each x in many >><< ', ' if index else '' >>*<< x >>*<< end >> of << x >>"
    assert rendered(text, "content", many=["a_b", "c"], x="y") == "*a\\_b*, *c* of y"


def test_an_alert_has_them_too() -> None:
    """YAML's texts are no other."""
    made = rule("  alert: A\n  expr: << or_each x in many >>a > << x >><< end >>\n").render({"many": [1, 2]})
    assert made["expr"] == "((a > 1) or (a > 2))"


def test_a_text_of_nothing_else_is_a_text() -> None:
    """And no list."""
    assert rendered("<< each x in many >><< x >><< end >>", many=[1, 2]) == "12"
    assert rendered(" << each x in many >>a<< end >>", many=[]) == " "


@pytest.mark.parametrize(
    ("text", "told", "column"),
    [
        ("a << each x in many >> b", "no `<< end >>` closes it", 9),
        ("a << end >> b", "it closes nothing", 9),
        ("<< each x >>a<< end >>", "must read `each name in expression`", 7),
        ("<< each x in many >><< or_each y in x >><< end >><< end >>", "it stands inside of another one", 27),
        ("<< each x in many | nope >>a<< end >>", "there is no filter 'nope'", 7),
        ("<< each x in many >><< x | nope >><< end >>", "there is no filter 'nope'", 27),
    ],
)
def test_a_wrong_one_is_told_at_its_place(text: str, told: str, column: int) -> None:
    """Before anything is rendered, with what to do."""
    (problem,) = dashboard_problems('{"__template": {"name": "mine", "summary": "x"},\n"x": ' + json.dumps(text) + "}")
    assert told in problem.message
    assert (problem.span.line, problem.span.column) == (2, column)
    assert problem.hint


@pytest.mark.parametrize(
    ("text", "told", "column"),
    [
        ("a << each x in nope >><< x >><< end >>", "there is no 'nope' here", 9),
        ("a << each x in 7 >><< x >><< end >>", "it gives an object (int), which is no plain value", 9),
        ("<< each x in many >><< x.y >><< end >>", "has no 'y'", 27),
    ],
)
def test_one_that_fails_is_told_at_its_place(text: str, told: str, column: int) -> None:
    """What it is repeated for, or what stands inside."""
    body = '{"__template": {"name": "mine", "summary": "x"},\n"x": ' + json.dumps(text) + "}"
    made, _ = dashboard(Source("mine.json", body))
    assert made
    with pytest.raises(InputError) as error:
        made.render({"many": [1, 2]})
    (problem,) = error.value.problems
    assert told in problem.message
    assert (problem.span.line, problem.span.column) == (2, column)


def test_its_list_is_bounded() -> None:
    """As that of what is repeated in a list."""
    assert "more than 1000 items" in said(board({"x": "<< each x in many >>a<< end >>"}), Clock(), many=[1] * 1001)


def test_what_it_makes_is_charged_to_the_document() -> None:
    """A thousand times ten thousand signs are too many."""
    made = board({"x": "<< each x in many >>" + "a" * 10_000 + "<< end >>"})
    assert "more than 8,000,000 characters" in said(made, Clock(), many=[1] * 900)


def test_it_looks_at_the_clock() -> None:
    """Many sections of many items end when the time does."""
    body = {f"x{at}": "<< each x in many >><< x >><< end >>" for at in range(9)}
    assert "rendering took more than" in said(board(body), ticking(0.1), many=[1] * 900)


def test_a_name_that_begins_like_it_is_an_expression() -> None:
    """`each_one` is no section."""
    assert rendered("<< each_one >>", "title", each_one="x") == "x"
