"""Every result of a command can be read, by people and, where there is something to say, by programs."""

from __future__ import annotations

import json
from typing import get_args

from provisioner.reconcile.plan import Plan
from provisioner.report import formats
from provisioner.report.results import Applied, Plans, Rendered, RenderedCluster, Result, SandboxState


def test_every_result_has_a_form_for_people() -> None:
    """A command whose result nobody can show would be found out by its first user."""
    assert set(formats._LINES) == set(get_args(Result))
    assert set(formats._DOCUMENTS) <= set(get_args(Result))


def test_a_format_may_have_nothing_to_say() -> None:
    """Of rendered files there is no document."""
    result = Rendered([RenderedCluster("prod", "rules in x", ())], 0)
    assert formats.FORMATS["text"](result) == "prod: rules in x"
    assert formats.FORMATS["json"](result) is None


def test_what_was_opened_and_the_rest_are_the_whole_of_an_apply() -> None:
    """People see the plan before anything is done; a file has it, too."""
    result = Applied(Plan("prod", None, ()), (), 1.0, 0)
    whole = [line.plain for line in formats.lines(result)]
    assert [line.plain for line in (*formats.opening(result), *formats.closing(result))] == whole
    assert [line.split(":")[0] for line in whole] == ["cluster prod", "Plan", "Applied to prod"]


def test_several_plans_stand_apart() -> None:
    """And are one document."""
    result = Plans([Plan("a", None, ()), Plan("b", None, ())], 0)
    assert [line.plain.partition(":")[0] for line in formats.lines(result)] == [
        "cluster a",
        "Plan",
        "",
        "cluster b",
        "Plan",
    ]
    assert [plan["cluster"] for plan in json.loads(formats.FORMATS["json"](result) or "")["plans"]] == ["a", "b"]


def test_a_sandbox_is_shown_line_by_line() -> None:
    """Its addresses are pasted."""
    result = SandboxState(["sandbox x is up", "  plain    host:1"], {"name": "x"}, 0)
    assert formats.FORMATS["text"](result) == "sandbox x is up\n  plain    host:1"
    assert json.loads(formats.FORMATS["json"](result) or "") == {"name": "x"}
