"""A fourth kind is one module and two lines: no engine, guard, report or command knows of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioner import cli, opening, wiring
from provisioner.kinds import KINDS
from tests import toys
from tests.memory import MemoryLog
from tests.toys import SHELVES, TOYS, Shelf, on_shelf

CLUSTERS = "clusters:\n  nursery:\n    bootstrap: k:9092\n    cluster_id: any\n  attic: {bootstrap: 'l:9092'}\n"
BEAR = "toys:\n  - {name: bear, clusters: [nursery]}\n"


@pytest.fixture(autouse=True)
def _added(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """The two lines."""
    monkeypatch.setitem(KINDS, TOYS.lane, TOYS)  # type: ignore[arg-type]
    monkeypatch.setitem(wiring.OPEN, Shelf, on_shelf)
    log = MemoryLog(exists=False)
    monkeypatch.setattr(opening, "record_log", lambda *_: log.door())
    monkeypatch.chdir(tmp_path)
    SHELVES.clear()
    write(BEAR)
    yield
    SHELVES.clear()


def write(text: str) -> None:
    for name, content in {
        "clusters.yaml": CLUSTERS,
        "kids/team.yaml": 'chat: "#kids"\n',
        "kids/toys.yaml": text,
    }.items():
        path = Path("topics", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """One command on the toys alone; topics would need brokers."""
    command, *more = arguments
    code = cli.main([command, "--cluster", "nursery", "--lane", "toys", *more])
    return code, capsys.readouterr().out


def test_a_mistake_in_its_words_is_named_at_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    """With a file, a line, a column and what is known there."""
    write("toys:\n  - {name: bear, colur: red}\n")
    assert cli.main(["validate"]) == 1
    printed = capsys.readouterr().out
    assert "topics/kids/toys.yaml:2:18" in printed
    assert "colour" in printed


def test_it_is_planned_applied_and_unchanged_afterwards(capsys: pytest.CaptureFixture[str]) -> None:
    """In both of its destinations, told apart by their keys."""
    code, planned = run(capsys, "plan")
    assert code == 0
    assert "+ toy bear" in planned
    assert "painted brown" in planned
    assert "Plan: 2 to create" in planned
    code, applied = run(capsys, "apply", "--yes")
    assert (code, "2 toys created" in applied) == (0, True)
    assert {name: list(shelf) for name, shelf in SHELVES.items()} == {
        "nursery/upper": ["bear"],
        "nursery/lower": ["bear"],
    }
    assert "2 unchanged" in run(capsys, "plan")[1]


def test_its_hazard_asks_for_consent_with_the_line_to_paste(capsys: pytest.CaptureFixture[str]) -> None:
    """And what was consented to is done."""
    run(capsys, "apply", "--yes")
    write("toys:\n  - {name: bear, colour: red, clusters: [nursery]}\n")
    code, planned = run(capsys, "plan", "--detailed-exitcode")
    assert code == 3
    assert "! other-colour: children know it by its colour" in planned
    assert "allow: {other-colour: red}" in planned
    write("toys:\n  - {name: bear, colour: red, clusters: [nursery], allow: {other-colour: red}}\n")
    assert run(capsys, "apply", "--yes")[0] == 0
    assert SHELVES["nursery/upper"]["bear"].resource == toys.Toy("red")


def test_what_is_marked_and_in_no_file_goes(capsys: pytest.CaptureFixture[str]) -> None:
    """As of every kind that is pruned by its mark."""
    run(capsys, "apply", "--yes")
    write("toys: []\n")
    assert "- toy bear" in run(capsys, "plan")[1]
    assert run(capsys, "apply", "--yes")[0] == 0
    assert SHELVES == {"nursery/upper": {}, "nursery/lower": {}}


def test_drift_and_json_name_it(capsys: pytest.CaptureFixture[str]) -> None:
    """With its destination, so that two of a name are two."""
    run(capsys, "apply", "--yes")
    SHELVES["nursery/lower"]["bear"] = toys.Observed(toys.Toy("blue"))
    code, drift = run(capsys, "drift")
    assert (code, "bear" in drift, "blue" in drift) == (2, True, True)
    document = json.loads(run(capsys, "plan", "--output", "json")[1])
    assert [one["destination"] for one in document["standing"]] == ["shelf:nursery/lower"]
    document = json.loads(run(capsys, "plan", "--scope", "all", "--output", "json")[1])
    (change,) = document["changes"]
    assert (change["kind"], change["name"], change["destination"]) == ("toy", "bear", "shelf:nursery/lower")


def test_a_reviewed_plan_of_it_is_applied(capsys: pytest.CaptureFixture[str]) -> None:
    """Exactly as reviewed, and refused once the files ask for something else."""
    run(capsys, "plan", "--out", "plan.json")
    assert run(capsys, "apply", "--yes", "--plan", "plan.json")[0] == 0
    write("toys:\n  - {name: bear, clusters: [nursery]}\n  - {name: fox, clusters: [nursery]}\n")
    code, applied = run(capsys, "apply", "--yes", "--plan", "plan.json")
    assert (code, "not in the reviewed plan" in applied) == (3, True)
    assert "fox" not in SHELVES["nursery/upper"]


def test_an_error_of_one_holds_back_that_one(capsys: pytest.CaptureFixture[str]) -> None:
    """And none of what no file has goes meanwhile: another name may have been meant."""
    write("toys:\n  - {name: bear, clusters: [nursery]}\n  - {name: fox, clusters: [nursery]}\n")
    run(capsys, "apply", "--yes")
    write("toys:\n  - {name: bear, colour: 7, clusters: [nursery]}\n  - {name: owl, clusters: [nursery]}\n")
    code, shown = run(capsys, "apply", "--yes")
    assert (code, "2 toys created" in shown, "2 held back" in shown) == (1, True, True)
    assert "= held back: entry 1 of 'toys'" in shown
    assert sorted(SHELVES["nursery/upper"]) == ["bear", "fox", "owl"]


def test_a_report_holds_it(capsys: pytest.CaptureFixture[str]) -> None:
    """As everything else."""
    run(capsys, "plan", "--report", "text=plan.txt")
    assert "+ toy bear" in Path("plan.txt").read_text()


def test_its_lane_is_a_word_of_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    """And another one is not."""
    with pytest.raises(SystemExit) as ended:
        cli.main(["plan", "--lane", "dolls"])
    assert ended.value.code == 64
    assert "toys" in capsys.readouterr().err
