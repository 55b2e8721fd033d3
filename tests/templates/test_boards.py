"""What Grafana could not draw is told at its place in the template, whatever topics there are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from provisioner.errors import InputError
from provisioner.templates.loading import shipped_folder
from tests.templates.authors import board, dashboard_problems

HEAD = '{"__template": {"name": "mine", "summary": "Mine."},\n'
WRONG = {
    '"__inputs": []}': ("this was exported to be shared", (2, 1)),
    '"Panels": []}': ("Grafana knows no 'Panels'", (2, 1)),
    '"panels": [1]}': ("a panel must be an object, is 1", (2, 12)),
    '"panels": [{"id": 1},\n{"id": 1}]}': ("the id 1 is given twice", (3, 2)),
    '"panels": [{"gridpos": {}}]}': ("Grafana knows no 'gridpos'", (2, 13)),
    '"panels": [{"type": 7}]}': ("'type' must be a text, is 7", (2, 13)),
    '"panels": [{"targets": {}}]}': ("'targets' must be a list", (2, 13)),
    '"panels": [{"targets": ["x"]}]}': ("a query must be an object", (2, 25)),
    '"panels": [{"targets": [{"expr": 1}]}]}': ("a query must be a text", (2, 26)),
    '"panels": [{"targets": [{"legendformat": "x"}]}]}': ("Grafana knows no 'legendformat'", (2, 26)),
    '"panels": [{"targets": [{"refId": "A"},\n{"refId": "A"}]}]}': ("the refId 'A' is given twice", (3, 2)),
    '"panels": [{"gridPos": 1}]}': ("'gridPos' must be a map, is 1", (2, 13)),
    '"panels": [{"gridPos": {"w": "wide"}}]}': ("'w' must be a whole number, is 'wide'", (2, 25)),
    '"panels": [{"gridPos": {"x": true}}]}': ("'x' must be a whole number, is True", (2, 25)),
    '"panels": [{"gridPos": {"x": 13,\n"w": 12}}]}': ("it ends at column 25, beyond 24", (3, 1)),
    '"panels": [{"type": "row",\n"panels": [{"gridpos": {}}]}]}': ("Grafana knows no 'gridpos'", (3, 13)),
}
"""The rest of a template -> what is said of it, and where."""


@pytest.mark.parametrize(("body", "said"), WRONG.items())
def test_a_mistake_is_reported_at_its_place(body: str, said: tuple[str, tuple[int, int]]) -> None:
    """Line and column of the word, with something to do about it."""
    (problem,) = dashboard_problems(HEAD + body)
    assert said[0] in problem.message
    assert (problem.span.line, problem.span.column) == said[1]
    assert problem.hint


def test_every_mistake_is_reported_at_once() -> None:
    """With those of expressions."""
    problems = dashboard_problems(HEAD + '"panels": [{"gridpos": {}, "type": 7, "title": "<< x | nope >>"}]}')
    assert len(problems) == 3


@pytest.mark.parametrize(
    "panel",
    [
        {"id": "<< index >>", "gridPos": {"x": "<< 3 >>", "w": "<< 30 >>"}, "targets": [{"refId": "<< index >>"}] * 2},
        {"libraryPanel": {"uid": "x"}, "pluginVersion": "13.2", "whatever": [1]},
        {"type": "row", "panels": []},
        {},
    ],
)
def test_what_grafana_may_write_is_no_mistake(panel: dict[str, Any]) -> None:
    """Words of plugins, what is not known before it is rendered, and what is left out."""
    assert dashboard_problems(json.dumps({"__template": {"name": "mine", "summary": "x"}, "panels": [panel]})) == ()


def test_two_panels_that_come_out_with_one_id_are_named() -> None:
    """Grafana would show one of them twice."""
    panels = [{"id": 2, "title": "a"}, {"<<each>>": "group in groups", "id": "<< index + 1 >>", "title": "<< group >>"}]
    with pytest.raises(InputError) as error:
        board({"panels": panels}).render({"groups": ["b", "c"]})
    (problem,) = error.value.problems
    assert problem.message == "the panels 'a' and 'c' have one id, 2: each needs its own"
    assert board({"panels": panels}).render({"groups": ["b"]})["panels"]


@pytest.mark.parametrize("name", ["topic", "dead_letter"])
def test_a_shipped_board_is_json_that_grafana_can_read(name: str) -> None:
    """Every query is one text, and what is not ours alone stands where Grafana has it."""
    data = json.loads((shipped_folder("dashboards") / f"{name}.json").read_text("utf-8"))
    assert {type(target["expr"]) for panel in data["panels"] for target in panel.get("targets", ())} == {str}
