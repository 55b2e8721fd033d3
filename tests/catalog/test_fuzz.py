"""Whatever stands in the files: no crash, no hang, and every problem has a place that an editor can open.

`FUZZ=10000 make fuzz` is the long form; FUZZ_SEED gives others. A failure shows the mutant's number and bytes.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from provisioner.catalog import holding
from provisioner.catalog.entries import CLUSTERS_FILE, TEAM_FILE
from provisioner.catalog.held import Held
from provisioner.commands import fleet
from provisioner.kinds import TOPICS
from provisioner.kinds.kind import Context
from provisioner.kinds.topic_spec import TopicSpec
from provisioner.problem import Problem, Severity
from provisioner.report import problems
from tests.catalog.mutants import fleets, mutant

COUNT = int(os.environ.get("FUZZ", "1500"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
LONGEST = 30.0
"""Seconds of CPU time, of any machine; a mutant takes a few milliseconds."""


@pytest.fixture
def folders(tmp_path: Path) -> Iterator[list[Path]]:
    """The sound fleets as folders."""
    made = []
    for number, files in enumerate(fleets()):
        made.append(tmp_path / f"fleet{number}")
        for name, raw in files.items():
            (made[-1] / name).parent.mkdir(parents=True, exist_ok=True)
            (made[-1] / name).write_bytes(raw)
        assert [problem for problem in fleet.read(made[-1]).problems if problem.severity is Severity.ERROR] == []
    yield made
    shutil.rmtree(tmp_path)


def test_mutants_neither_crash_nor_hang_and_have_places(folders: list[Path], capfd: pytest.CaptureFixture[str]) -> None:
    """Read, merged, checked and reported, as `validate` does it."""
    valid, slowest = 0, (0.0, -1)
    for number in range(COUNT):
        dice = Random(f"{SEED}:{number}")
        which = dice.randrange(len(folders))
        sound = fleets()[which]
        name, raw = mutant(sound, dice)
        begun = time.process_time()
        with_mutant(folders[which], name, raw, number)
        took = time.process_time() - begun
        slowest = max(slowest, (took, number))
        valid += is_valid(folders[which])
        (folders[which] / name).write_bytes(sound[name])
        assert took < LONGEST, f"mutant {number} took {took:.1f} s: {raw!r}"
    with capfd.disabled():
        print(f"\n{COUNT} mutants, {valid} of them valid; the slowest was {slowest[1]} with {slowest[0] * 1000:.0f} ms")


def with_mutant(folder: Path, name: str, raw: bytes, number: int) -> None:
    (folder / name).write_bytes(raw)
    try:
        found = fleet.read(folder)
        for catalog in found.catalogs.values():
            TOPICS.wanted(catalog, Context())
        problems.lines(found.problems, found.sources)
        problems.document(found.problems)
    except Exception as error:
        raise AssertionError(f"mutant {number} of {name}: {error!r}: {raw!r}") from error
    wrong = [problem for problem in found.problems if not has_place(problem, folder)]
    assert wrong == [], f"mutant {number} of {name}: {raw!r}"


def test_an_error_in_a_file_changes_no_topic_of_another_file(folders: list[Path]) -> None:
    """Each is asked for as ever, or held back; and a file of which nothing is known hides names."""
    asked = [_asked(fleet.read(folder)) for folder in folders]
    broken = 0
    for number in range(COUNT):
        dice = Random(f"{SEED}:held:{number}")
        which = dice.randrange(len(folders))
        name, raw = mutant(fleets()[which], dice)
        if Path(name).name in (CLUSTERS_FILE, TEAM_FILE):
            continue
        (folders[which] / name).write_bytes(raw)
        found = fleet.read(folders[which])
        held = holding.held(found.problems, found.declarations)
        broken += bool(found.errors)
        now, path = _asked(found), str(folders[which] / name)
        for key, (spec, place) in asked[which].items():
            if place != path and not _is_held(held, *key) and not held.run:
                assert now.get(key, (None, ""))[0] == spec, f"mutant {number} of {name}, {key}: {raw!r}"
        for error in found.errors:
            assert held.words[error], f"mutant {number}: {error}"
        (folders[which] / name).write_bytes(fleets()[which][name])
    assert broken > COUNT // 10


def _asked(found: fleet.Fleet) -> dict[tuple[str, str], tuple[TopicSpec | None, str]]:
    """By cluster and name: what is asked for, and in which file."""
    return {
        (cluster, name): (want.resource, want.span.path)
        for cluster, catalog in found.catalogs.items()
        for name, want in TOPICS.wanted(catalog, Context()).items()
    }


def _is_held(held: Held, cluster: str, name: str) -> bool:
    return cluster in held.clusters or name in held.topics


def is_valid(folder: Path) -> bool:
    return not any(problem.severity is Severity.ERROR for problem in fleet.read(folder).problems)


def has_place(problem: Problem, folder: Path) -> bool:
    """A file of the folder, or one that should be there; a line and a column that it has, as an editor counts."""
    path = Path(problem.span.path)
    if not path.is_relative_to(folder):
        return False
    text = path.read_bytes().decode("utf-8-sig", "replace") if path.is_file() else ""
    lines = [*text.split("\n"), ""]
    line, column = problem.span.line, problem.span.column
    return 1 <= line <= len(lines) and 1 <= column <= len(lines[line - 1]) + 1 and problem.span.width >= 1
