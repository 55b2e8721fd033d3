"""What lies among the declarations and is none: named, so that nothing hides there; a repository is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner.catalog import folder
from provisioner.catalog.strangers import repositories, unread
from provisioner.problem import Severity


def files(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def places(root: Path) -> list[str]:
    return [str(Path(problem.span.path).relative_to(root)) for problem in repositories(root)]


BARE = ("HEAD", "config", "objects/info/k", "refs/heads/k")


@pytest.mark.parametrize("at", ["", "pay/", "pay/deep/er/"])
def test_a_folder_that_git_takes_for_a_repository_is_an_error(at: str, tmp_path: Path) -> None:
    """Its configuration could run commands beside the credentials of a job."""
    files(tmp_path, *(f"{at}{name}" for name in BARE))
    assert places(tmp_path) == [at.rstrip("/") or "."]
    assert "files/repository" in [problem.check for problem in folder.read(tmp_path).problems]


@pytest.mark.parametrize("name", [".git", ".git/HEAD"])
def test_a_work_tree_below_is_an_error_and_the_folder_itself_may_be_one(name: str, tmp_path: Path) -> None:
    """A `.git` is a folder, or a file that names one."""
    files(tmp_path, ".git/HEAD", ".git/objects/k", ".git/refs/k")
    assert places(tmp_path) == []
    files(tmp_path, f"pay/{name}")
    assert places(tmp_path) == ["pay"]


def test_parts_of_a_repository_are_none(tmp_path: Path) -> None:
    """A team may have a folder called objects."""
    files(tmp_path, "HEAD", "objects/k", "pay/refs/k")
    assert places(tmp_path) == []


def test_links_are_not_followed(tmp_path: Path) -> None:
    """They could lead in a circle."""
    (tmp_path / "pay").mkdir()
    (tmp_path / "pay/again").symlink_to(tmp_path)
    assert places(tmp_path) == []
    assert [problem.message for problem in unread(tmp_path, (".yaml",))] == []


def test_other_files_are_counted_and_the_first_are_named(tmp_path: Path) -> None:
    """In one warning; hidden ones are nobody's."""
    files(tmp_path, "pay/a.yaml", "pay/z.txt", "HEAD", "pay/b\x1b.py", "e", "f", "g", ".x/y", "pay/.keep", "a.yml")
    (warning,) = unread(tmp_path, (".yaml", ".yml"))
    assert warning.severity is Severity.WARNING
    assert warning.message == "6 files here are not read: HEAD, e, f, g, pay/b\\x1b.py, ..."


def test_a_folder_of_declarations_alone_is_said_nothing_of(tmp_path: Path) -> None:
    """Nor one file more than there is."""
    assert list(unread(files(tmp_path, "clusters.yaml", "pay/team.yaml"), (".yaml",))) == []
    (warning,) = unread(files(tmp_path, "README.md"), (".yaml",))
    assert warning.message == "1 file here is not read: README.md"
