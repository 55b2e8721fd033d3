"""The work tree around the declarations: a stranger's CODEOWNERS is read within bounds and never written through."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from provisioner.catalog.codeowners import MAX_BYTES
from provisioner.errors import RefusedError
from provisioner.stores import work_tree


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    here = tmp_path / "clone"
    (here / ".git").mkdir(parents=True)
    (here / "kafka/topics").mkdir(parents=True)
    monkeypatch.chdir(here)
    return here


def test_outside_of_a_repository_there_is_nothing_to_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert work_tree.repository(Path("topics")) is None


def test_files_come_in_the_order_in_which_gitlab_looks(clone: Path) -> None:
    for place in (".gitlab/CODEOWNERS", "docs/CODEOWNERS", "CODEOWNERS"):
        (clone / place).parent.mkdir(exist_ok=True)
        (clone / place).write_text(place)
    found = work_tree.repository(Path("topics"))
    assert found is not None
    assert [(file.name, file.text) for file in found.files] == [
        (place, place) for place in ("CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
    ]


def test_the_way_is_told_from_the_top_also_from_a_folder_below(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (clone / "CODEOWNERS").write_text("* @all")
    (clone / "kafka/alert_templates").mkdir()
    monkeypatch.chdir(clone / "kafka")
    found = work_tree.repository(Path("topics"), [Path("alert_templates"), Path("dashboards"), Path("/usr")])
    assert found is not None
    assert (found.folder, found.templates) == ("kafka/topics", ("kafka/alert_templates",))
    assert [file.name for file in found.files] == ["../CODEOWNERS"]


@pytest.mark.parametrize("kind", ["link", "folder link", "pipe", "folder", "large", "binary"])
def test_what_is_no_plain_file_is_not_read_and_not_written_over(clone: Path, kind: str) -> None:
    victim = clone.parent / "victim"
    victim.mkdir()
    (victim / "CODEOWNERS").write_text("* @victim")
    place = "docs/CODEOWNERS" if kind == "folder link" else "CODEOWNERS"
    made = {
        "link": lambda: (clone / place).symlink_to(victim / "CODEOWNERS"),
        "folder link": lambda: (clone / "docs").symlink_to(victim),
        "pipe": lambda: os.mkfifo(clone / place),
        "folder": lambda: (clone / place).mkdir(),
        "large": lambda: (clone / place).write_bytes(b"#" * (MAX_BYTES + 1)),
        "binary": lambda: (clone / place).write_bytes(b"* @all \xff"),
    }
    made[kind]()
    found = work_tree.repository(Path("topics"))
    assert found is not None
    (file,) = found.files
    assert file.fault
    assert not file.text
    if kind not in ("large", "binary"):
        with pytest.raises(RefusedError, match="cannot be written"):
            work_tree.write(Path("topics"), place, "ours")
    assert (victim / "CODEOWNERS").read_text() == "* @victim"


def test_it_is_written_whole_and_leaves_nothing_beside_it(clone: Path) -> None:
    work_tree.write(Path("topics"), "CODEOWNERS", "* @all\n")
    assert (clone / "CODEOWNERS").read_text() == "* @all\n"
    assert sorted(path.name for path in clone.iterdir()) == [".git", "CODEOWNERS", "kafka"]
