"""What the faults are judged by can find something."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.faults import tool
from tests.faults.invariants import Reader, affordable


def test_a_file_that_is_not_whole_is_noticed_whenever_it_is_another_one(tmp_path: Path) -> None:
    """Written in place it passes through a state that a reader would choke on; the same state is read once."""
    path = tmp_path / "out/rules/team.yml"
    path.parent.mkdir(parents=True)
    reader = Reader(tmp_path)
    for text in ("groups: [{}]\n", "groups: [{", "groups: [{}, {}]\n"):
        path.write_text(text)
        reader.look()
        reader.look()
    assert reader.violations == ["I6 team.yml was read while it was not whole"]


def test_the_memory_of_a_run_is_its_own(tmp_path: Path) -> None:
    """A child counts as large as who forked it, as far as the kernel's figure for children goes."""
    large = b"x" * (300 * 1024**2)
    result = tool.ran(tmp_path, "validate", "--output", "json")
    assert 10 < result.mib < 200 < len(large) // 1024**2
    assert list(affordable(result)) == []
    assert list(affordable(replace(result, mib=500))) == ["I7 it took 500 MiB"]
    assert list(affordable(replace(result, mib=0))) == ["I7 nobody knows what memory it took"]
