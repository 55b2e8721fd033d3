"""How long templates may take: one document, and all documents of a run."""

from __future__ import annotations

import math
from itertools import count
from typing import Any

import pytest

from provisioner.errors import InputError
from provisioner.kinds import ALERTS
from provisioner.kinds.kind import Context
from provisioner.templates import Template, Templates
from provisioner.templates.budget import MAX_SECONDS, MAX_SECONDS_OF_RUN, Clock
from provisioner.templates.expressions import compiled
from provisioner.templates.loading import alert, dashboard
from provisioner.templates.source import Source
from provisioner.templates.values import RefusedValueError
from tests import declared
from tests.templates.authors import HEAD, board, rule


def ticking(seconds: float) -> Clock:
    """A clock that is so much later each time it is looked at."""
    looks = count()
    return Clock(lambda: next(looks) * seconds, pause=0)


def nested(depth: int) -> dict[str, Any]:
    inner: dict[str, Any] = {"t": "<< 'x' | upper | lower >>"}
    for name in "abcdefgh"[:depth]:
        inner = {"list": [{**inner, "<<each>>": f"{name} in many"}]}
    return inner


def said(made: Template, clock: Clock, **names: Any) -> str:
    with pytest.raises(InputError) as error:
        made.render(names, clock)
    (problem,) = error.value.problems
    assert problem.span.path == made.source.path
    return problem.message


def test_a_document_that_takes_too_long_is_refused() -> None:
    """Whatever it is made of; the limit is named."""
    clock = ticking(0.1)
    assert said(board(nested(3)), clock, many=[1] * 20) == f"rendering took more than {MAX_SECONDS} s"


def test_a_long_chain_inside_one_expression_is_stopped() -> None:
    """Filters and operators look at the clock, not only documents."""
    for chain in ("x" + " | upper" * 40, "1" + " + 1" * 40, "many | map('upper') | map('lower') | join"):
        assert "rendering took more than" in said(board({"x": f"<< {chain} >>"}), ticking(0.2), x="a", many=["a"] * 30)


def test_the_documents_of_a_run_share_its_time() -> None:
    """Each takes less than a document may; all together are too much."""
    clock, made = ticking(0.5), board({"x": "<< 1 >>"})
    with pytest.raises(InputError) as error:
        _ = [made.render({}, clock) for _ in range(200)]
    assert error.value.problems[0].message == "rendering all templates took more than 60 s and 10 ms a document"
    assert 30 < clock.documents < 100


def test_each_document_adds_to_the_time_of_its_run() -> None:
    """Ten thousand topics take longer than one."""
    clock = Clock(lambda: 0.0, documents=1000)
    assert clock.left() == MAX_SECONDS_OF_RUN + 10


def test_once_the_time_of_a_run_is_over_nothing_more_is_rendered() -> None:
    """No other template begins anew."""
    clock = Clock(lambda: 0.0, spent=1e9)
    assert "rendering all templates took" in said(rule("  alert: A\n  expr: << 1 >>\n"), clock)


def test_looking_for_what_failed_takes_no_more_time_than_there_is() -> None:
    """Ten thousand failing expressions are not all looked at."""
    clock = ticking(0.01)
    body = {f"x{at}": f"<< nope{at} >>" for at in range(1000)}
    with pytest.raises(InputError) as error:
        board(body).render({}, clock)
    assert 1 < len(error.value.problems) <= 201
    assert clock.spent < MAX_SECONDS + 1


@pytest.mark.parametrize(
    ("read", "source"),
    [
        (dashboard, Source("mine.json", '{"__template": {"name": "mine", "summary": "x"}, "x": ["<<1>>", "<<2>>"]}')),
        (alert, Source("mine.yaml", HEAD + "rule: {alert: A, expr: << 1 >> + << 2 >>}\n")),
    ],
)
def test_a_template_whose_compilation_takes_too_long_is_refused(read: Any, source: Source) -> None:
    """A hundred thousand expressions fit into a file."""
    template, problems = read(source, ticking(2))
    assert template is None
    assert problems[-1].message == f"reading took more than {MAX_SECONDS} s"
    assert problems[-1].hint


def test_all_alerts_of_a_cluster_share_one_clock() -> None:
    """That of the templates they are rendered with."""
    templates = Templates({"mine": rule("  alert: A\n  expr: << 1 >>\n")}, {}, clock=Clock(lambda: 0.0, spent=1e9))
    with pytest.raises(InputError) as error:
        _ = [want.resource for want in ALERTS.wanted(declared.catalog(), Context(templates)).values()]
    assert "rendering all templates took more than" in error.value.problems[0].message


def test_texts_and_lists_cannot_be_doubled_by_adding_them() -> None:
    """`x + x` in brackets upon brackets would fill the memory."""
    doubled = "x"
    for _ in range(8):
        doubled = f"({doubled} + {doubled})"
    for x in ("a" * 50_000, ["a"] * 500):
        with pytest.raises(RefusedValueError, match="joined to more than"):
            compiled(doubled)({"x": x})


def test_what_is_constant_is_charged_as_often_as_it_is_repeated() -> None:
    """It is one list in memory, and nine hundred in the file."""
    made = board({"x": [{"<<each>>": "a in many", "y": list(range(10_000))}]})
    assert "more than 8,000,000 characters" in said(made, Clock(), many=[1] * 900)


def test_the_clock_itself_takes_no_time() -> None:
    """It is looked at a few times a document, not once an expression."""
    looks = count()
    board({"x": ["<< 1 + 1 >>"] * 2000}).render({}, Clock(lambda: 0.0 * next(looks), pause=math.inf))
    assert next(looks) < 5
