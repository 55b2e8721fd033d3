"""Our own rules for boards, which no schema and no linter has; and Grafana's words, by its own SDK."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import warnings
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tests.kinds.boards import BOARDS, PROFILES, board_of, filled_in, targets, written_back

NAMED = pytest.mark.parametrize("name", BOARDS)
COLOURED = ("stat", "gauge", "bargauge", "table")
DURATIONS = re.compile(r"/ 60\)?$")
ROWS_OF_A_LEGEND = 3
"""What a list below a graph of nine units can hold."""

Panel = dict[str, Any]


def drawn(name: str, profile: str) -> list[Panel]:
    made = board_of(name, metrics={"profile": profile, "matchers": {"cluster": "prod"}})
    return [panel for panel in made["panels"] if panel["type"] != "row"]


def uncoloured(panels: list[Panel]) -> set[str]:
    """Without thresholds or a colour of their own Grafana paints everything red from 80 on."""
    asked = ((panel["title"], panel["fieldConfig"]["defaults"]) for panel in panels if panel["type"] in COLOURED)
    return {title for title, said in asked if "thresholds" not in said and said.get("color", {}).get("mode") != "fixed"}


def red(panels: list[Panel]) -> set[tuple[str, Any]]:
    """Where a number turns red, by panel."""
    return {
        (panel["title"], step["value"])
        for panel in panels
        for said in thresholds(panel)
        for step in said["steps"]
        if step["color"] not in ("text", "green")
    }


def thresholds(panel: Panel) -> Iterator[Panel]:
    config = panel["fieldConfig"]
    yield config["defaults"].get("thresholds", {"steps": []})
    for override in config["overrides"]:
        yield from (each["value"] for each in override["properties"] if each["id"] == "thresholds")


def lost(before: Any, after: Any, path: str = "") -> list[str]:
    """Paths of what is not there, or otherwise, after."""
    if isinstance(before, dict) and isinstance(after, dict):
        return [one for key, value in before.items() for one in lost(value, after.get(key), f"{path}.{key}")]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = enumerate(zip(before, after, strict=True))
        return [one for at, (old, new) in pairs for one in lost(old, new, f"{path}[{at}]")]
    return [] if before == after else [path]


def through_the_sdk(made: Any) -> Any:
    # It warns that a newer form is preferred; every Grafana reads this one.
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        from grafana_foundation_sdk.cog import encoder, plugins
        from grafana_foundation_sdk.models import dashboard as sdk

        plugins.register_default_plugins()
        return json.loads(json.dumps(sdk.Dashboard.from_json(deepcopy(made)), cls=encoder.JSONEncoder))


@NAMED
@PROFILES
def test_each_panel_says_what_it_is(name: str, profile: str) -> None:
    """A title, what is behind the (i), a unit, the chosen source, and what it says where there is nothing."""
    for panel in drawn(name, profile):
        assert panel["title"]
        assert panel["description"].endswith(".")
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        if panel["type"] != "text":
            assert {"unit", "noValue"} <= panel["fieldConfig"]["defaults"].keys(), panel["title"]


@NAMED
@PROFILES
def test_no_colour_is_grafanas_own(name: str, profile: str) -> None:
    """Everything above eighty would be red."""
    assert uncoloured(drawn(name, profile)) == set()


@NAMED
@PROFILES
def test_nothing_is_red_without_a_declared_limit(name: str, profile: str) -> None:
    """Red from one on is what counts breaches of declarations; a group's lag is red from its whole limit on."""
    assert red(drawn(name, profile)) <= {
        ("Alerts firing", 1),
        ("Own alerts firing", 1),
        ("Partitions late", 1),
        ("Groups late", 1),
        ("Own groups late", 1),
        ("Topics", 1),
        ("Under-replicated", 1),
        ("In the last hour", 1),
        ("Consumer groups", 1),
    }


@NAMED
@PROFILES
def test_every_graph_of_a_duration_has_minutes(name: str, profile: str) -> None:
    """Seconds make ticks at 8.33 and 16.7 minutes."""
    for panel in drawn(name, profile):
        if panel["type"] == "timeseries":
            lasts = any(DURATIONS.search(target["expr"]) for target in panel["targets"])
            assert (panel["fieldConfig"]["defaults"]["unit"] == "m") == lasts, panel["title"]


@NAMED
@PROFILES
def test_no_legend_is_a_table(name: str, profile: str) -> None:
    """A row a series, of which three of twelve are seen; by partition there is a heat map, and a table of its own."""
    for panel in drawn(name, profile):
        assert panel.get("options", {}).get("legend", {}).get("displayMode", "list") == "list"
        by_partition = any("{{partition" in target.get("legendFormat", "") for target in panel.get("targets", ()))
        assert not by_partition or panel["type"] == "heatmap"


@NAMED
@PROFILES
def test_no_table_is_wider_than_a_small_screen(name: str, profile: str) -> None:
    """1280 pixels are 24 units: what has no width shares the rest, and a floor above its share pushes others out."""
    for panel in drawn(name, profile):
        if panel["type"] != "table":
            continue
        room = 1280 / 24 * panel["gridPos"]["w"] - 40
        shown = set(renamed(panel).values()) | {"of its limit"}
        widths = {
            override["matcher"]["options"]: {each["id"]: each["value"] for each in override["properties"]}
            for override in panel["fieldConfig"]["overrides"]
        }
        least = panel["fieldConfig"]["defaults"]["custom"]["minWidth"]
        taken = [
            widths.get(column, {}).get("custom.width", widths.get(column, {}).get("custom.minWidth", least))
            for column in shown
        ]
        assert sum(taken) <= room, (panel["title"], sum(taken), room)


def renamed(panel: Panel) -> dict[str, str]:
    (organized,) = [each["options"] for each in panel["transformations"] if each["id"] == "organize"]
    names: dict[str, str] = organized["renameByName"]
    return names


@NAMED
@PROFILES
def test_grafana_knows_every_word(name: str, profile: str) -> None:
    """Through its SDK's types and back there is nothing missing; it does not see a wrong kind of value."""
    made = board_of(name, metrics={"profile": profile})
    assert lost(made, through_the_sdk(made)) == []


@pytest.mark.parametrize("path", ["options.colourMode", "fieldConfig.defaults.units", "gridpos"])
def test_the_sdk_would_find_a_wrong_word(path: str) -> None:
    """Or the test above would prove nothing."""
    made = board_of("orders.v1")
    *inner, word = path.split(".")
    place = made["panels"][0]
    for step in inner:
        place = place[step]
    place[word] = {}
    assert lost(made, through_the_sdk(made)) == [f".panels[0].{path}"]


@pytest.mark.promtool
@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed (Debian: prometheus)")
@PROFILES
def test_prometheus_takes_every_question(profile: str, tmp_path: Path) -> None:
    """promtool has no word for one expression: each is a rule, with Grafana's variables filled in."""
    metrics = {"profile": profile, "matchers": {"cluster": "prod"}}
    asked = [target["expr"] for name in BOARDS for target in targets(written_back(board_of(name, metrics=metrics)))]
    assert len(asked) > 80
    assert checked(asked, tmp_path) == (0, f"SUCCESS: {len(asked)} rules found")


@pytest.mark.promtool
@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed (Debian: prometheus)")
def test_promtool_would_find_a_wrong_question(tmp_path: Path) -> None:
    """Or the test above would prove nothing."""
    assert checked(["sum(x", "vector(1)"], tmp_path)[0] == 1


def checked(asked: list[str], place: Path) -> tuple[int, str]:
    rules = [{"record": f"board:{at}", "expr": filled_in(expression)} for at, expression in enumerate(asked)]
    (place / "rules.yml").write_text(json.dumps({"groups": [{"name": "boards", "rules": rules}]}))
    command = ["promtool", "check", "rules", str(place / "rules.yml")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout.strip().split("\n")[-1].strip()
