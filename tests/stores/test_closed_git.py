"""Git is asked about the work tree alone: nothing that a merge request commits is a repository, a hook or an object."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from provisioner.errors import UnreachableError, UsageError
from provisioner.stores import closed_git, git
from tests.stores.test_git import run

CONFIG = """[core]
\trepositoryformatversion = 1
\tbare = true
\tfsmonitor = "env > {trap}; false"
\thooksPath = .
[extensions]
\tpartialClone = o
[remote "o"]
\turl = {url}
\tpromisor = true
\tuploadpack = "env > {trap}; false"
"""


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with topics/ and dashboards/ in it, as a fresh clone, where the run stands."""
    origin = tmp_path / "origin"
    (origin / "topics").mkdir(parents=True)
    (origin / "topics/clusters.yaml").write_text("clusters: {}\n")
    run(tmp_path, "init", "-q", "-b", "main", str(origin))
    run(origin, "add", ".")
    run(origin, "commit", "-q", "-m", "one")
    run(tmp_path, "clone", "-q", str(origin), str(tmp_path / "clone"))
    monkeypatch.chdir(tmp_path / "clone")
    monkeypatch.setenv("KAFKA_PASSWORD", "hunter2")
    return tmp_path / "clone"


def planted(folder: Path, trap: Path, url: str) -> None:
    """A bare repository of plain files, as a merge request can bring one along."""
    for name in ("objects/info", "refs/heads"):
        (folder / name).mkdir(parents=True)
        (folder / name / "keep").touch()
    (folder / "HEAD").write_text("ref: refs/heads/x\n")
    (folder / "config").write_text(CONFIG.format(trap=trap, url=url))


@pytest.mark.parametrize("name", ["topics", "dashboards", "."])
def test_a_repository_among_the_files_is_never_asked(clone: Path, tmp_path: Path, name: str) -> None:
    """Its config would run a command beside the credentials."""
    trap = tmp_path / "trap"
    (clone / "dashboards").mkdir()
    planted(clone / name, trap, str(tmp_path / "origin"))
    base = git.commit(Path("topics"), "HEAD")
    with git.checked_out(base, [Path("topics"), Path("dashboards")]) as (topics, dashboards):
        assert (topics / "clusters.yaml").read_text() == "clusters: {}\n"
        assert list(dashboards.iterdir()) == []
    assert not git.is_committed(Path("topics")) or name != "topics"
    assert base == run(tmp_path / "origin", "rev-parse", "HEAD")
    assert not trap.exists()


def test_what_the_work_trees_own_config_would_run_is_switched_off(clone: Path, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    run(clone, "config", "core.fsmonitor", f"touch {trap}; false")
    (clone / ".git/hooks/reference-transaction").write_text(f"#!/bin/sh\ntouch {trap}\n")
    (clone / ".git/hooks/reference-transaction").chmod(0o755)
    assert git.is_committed(Path("topics"))
    head = git.commit(Path("topics"), "HEAD")
    assert git.is_ancestor(Path("topics"), head, head)
    assert not trap.exists()


def test_an_object_that_stands_for_another_is_not_taken(clone: Path) -> None:
    """`refs/replace/` would give the base any content under its own id."""
    base = run(clone, "rev-parse", "HEAD")
    (clone / "topics/clusters.yaml").write_text("clusters: {forged: {}}\n")
    run(clone, "commit", "-q", "-a", "-m", "forged")
    run(clone, "replace", base, "HEAD")
    with git.checked_out(base, [Path("topics")]) as (topics,):
        assert (topics / "clusters.yaml").read_text() == "clusters: {}\n"


def test_a_clone_without_the_objects_says_so_and_fetches_nothing(clone: Path, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    blob = run(clone, "rev-parse", "HEAD:topics/clusters.yaml")
    run(clone, "config", "extensions.partialClone", "origin")
    run(clone, "config", "remote.origin.promisor", "true")
    run(clone, "config", "remote.origin.uploadpack", f"touch {trap}; false")
    (clone / ".git/objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(UsageError, match="is not in this clone"), git.checked_out("HEAD", [Path("topics")]):
        pass
    assert not trap.exists()


def tree(clone: Path, entries: bytes) -> str:
    done = subprocess.run(
        ["git", "-C", str(clone), "hash-object", "-w", "--literally", "-t", "tree", "--stdin"],
        input=entries,
        capture_output=True,
        check=True,
    )
    return done.stdout.decode().strip()


def test_a_tree_made_by_hand_does_not_climb_out(clone: Path, tmp_path: Path) -> None:
    """Its names may be `..`."""
    blob = bytes.fromhex(run(clone, "rev-parse", "HEAD:topics/clusters.yaml"))
    inner = b"100644 pwn.yaml\0" + blob
    for _ in range(4):
        inner = b"40000 ..\0" + bytes.fromhex(tree(clone, inner))
    root = tree(clone, b"40000 topics\0" + bytes.fromhex(tree(clone, inner)))
    forged = run(clone, "commit-tree", root, "-m", "x")
    with git.checked_out(forged, [Path("topics")]) as (topics,):
        assert list(topics.rglob("*")) == []
    assert not (tmp_path / "pwn.yaml").exists()


def test_only_declarations_and_templates_of_a_size_are_copied(clone: Path) -> None:
    """In the place of one that is too large stands as large a hole: readers refuse both alike."""
    (clone / "topics/large.yaml").write_bytes(b"#" * (1024 * 1024 + 1))
    (clone / "topics/program.py").write_text("")
    run(clone, "add", ".")
    run(clone, "commit", "-q", "-m", "two")
    with git.checked_out("HEAD", [Path("topics")]) as (topics,):
        assert sorted(path.name for path in topics.iterdir()) == ["clusters.yaml", "large.yaml"]
        assert (topics / "large.yaml").stat().st_size == 1024 * 1024 + 1
        assert not any((topics / "large.yaml").read_bytes())


def test_git_that_does_not_answer_ends_the_run_in_words(
    clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = tmp_path / "bin"
    slow.mkdir()
    (slow / "git").write_text("#!/bin/sh\nexec sleep 60\n")
    (slow / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{slow}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(closed_git, "SECONDS", 0.2)
    with pytest.raises(UnreachableError, match="gave no answer"):
        git.head(Path("topics"))


def test_git_gets_none_of_our_credentials(clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = tmp_path / "bin"
    shown.mkdir()
    (shown / "git").write_text("#!/bin/sh\nenv\n")
    (shown / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{shown}{os.pathsep}{os.environ['PATH']}")
    said = git.head(Path("topics")) or ""
    assert "GIT_NO_REPLACE_OBJECTS=1" in said
    assert "hunter2" not in said


def test_a_long_ref_is_not_echoed_whole(clone: Path) -> None:
    with pytest.raises(UsageError) as caught:
        git.commit(Path("topics"), "x" * 5000)
    assert len(caught.value.message) < 300
