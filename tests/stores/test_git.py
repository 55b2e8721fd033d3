"""Files at another commit, and the ref of the last apply; real repositories."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from provisioner.errors import UsageError
from provisioner.stores import git

WHO = ["-c", "user.name=x", "-c", "user.email=x@example.com"]


def run(where: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(where), *WHO, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def topics(tmp_path: Path) -> Path:
    """A repository with topics/ at two commits: the first tagged `one`."""
    repository = tmp_path / "repository"
    folder = repository / "deep" / "topics"
    (folder / "pay").mkdir(parents=True)
    run(tmp_path, "init", "-q", str(repository))
    (folder / "clusters.yaml").write_text("clusters: {}\n")
    (folder / "pay" / "größe ä.yaml").write_bytes(b"topics: []\n\x00\xff")
    (folder / "pay" / "link.yaml").symlink_to("/etc/passwd")
    (repository / "other.txt").write_text("not ours\n")
    run(repository, "add", ".")
    run(repository, "commit", "-q", "-m", "one")
    run(repository, "tag", "one")
    (folder / "clusters.yaml").write_text("clusters: {new: {}}\n")
    run(repository, "commit", "-q", "-a", "-m", "two")
    return folder


def test_a_folder_is_read_as_it_was_and_the_working_tree_stays(topics: Path) -> None:
    """To the byte, whatever the file's name; a link leads nowhere."""
    (topics / "clusters.yaml").write_text("changed, not committed")
    with git.checked_out(git.commit(topics, "one"), [topics]) as (copy,):
        assert (copy / "clusters.yaml").read_text() == "clusters: {}\n"
        assert (copy / "pay" / "größe ä.yaml").read_bytes() == b"topics: []\n\x00\xff"
        assert sorted(path.name for path in copy.rglob("*.*")) == ["clusters.yaml", "größe ä.yaml", "link.yaml"]
        assert (copy / "pay" / "link.yaml").is_symlink()
        assert not (copy / "pay" / "link.yaml").exists()
    assert (topics / "clusters.yaml").read_text() == "changed, not committed"
    assert run(topics, "status", "--porcelain") == "M deep/topics/clusters.yaml"


def test_a_folder_that_is_gone_since_is_read_too(topics: Path) -> None:
    """And one that never was is empty."""
    (topics / "pay" / "link.yaml").unlink()
    (topics / "pay" / "größe ä.yaml").unlink()
    (topics / "pay").rmdir()
    with git.checked_out(git.commit(topics, "one"), [topics / "pay", topics / "never"]) as (pay, never):
        assert sorted(path.name for path in pay.iterdir()) == ["größe ä.yaml", "link.yaml"]
        assert list(never.iterdir()) == []


@pytest.mark.parametrize("ref", ["nowhere", "--help", "-x", "", "one^{tree}", "one; touch x"])
def test_an_unknown_ref_is_said_and_never_an_option(topics: Path, ref: str) -> None:
    """Exit 64."""
    with pytest.raises(UsageError, match="no such commit"):
        git.commit(topics, ref)


def test_outside_a_repository_the_folder_is_named(tmp_path: Path) -> None:
    """Not git's own words."""
    with pytest.raises(UsageError, match="lies in no git repository"):
        git.commit(tmp_path, "HEAD")


def test_a_shallow_clone_says_that_it_is_one(topics: Path, tmp_path: Path) -> None:
    """With what to do in GitLab."""
    shallow = tmp_path / "shallow"
    run(tmp_path, "clone", "-q", "--depth", "1", f"file://{topics.parents[1]}", str(shallow))
    first = run(topics, "rev-parse", "one")
    with pytest.raises(UsageError, match="not in this shallow clone") as told:
        git.commit(shallow / "deep" / "topics", first)
    assert "GIT_DEPTH" in told.value.hint


def test_which_commit_came_first_is_known(topics: Path) -> None:
    """A commit lies behind itself, too; of what git does not know nothing is claimed."""
    first, last = git.commit(topics, "one"), git.commit(topics, "HEAD")
    assert git.is_ancestor(topics, first, last) is True
    assert git.is_ancestor(topics, last, last) is True
    assert git.is_ancestor(topics, last, first) is False
    assert git.is_ancestor(topics, "0" * 40, last) is None
    assert git.is_ancestor(topics, "--help", last) is None


def test_a_history_that_is_cut_off_claims_nothing(topics: Path, tmp_path: Path) -> None:
    """The way from one commit to the other may be what was cut off."""
    shallow = tmp_path / "shallow"
    run(tmp_path, "clone", "-q", "--depth", "1", f"file://{topics.parents[1]}", str(shallow))
    inside = shallow / "deep" / "topics"
    assert git.is_ancestor(inside, git.commit(topics, "one"), git.commit(inside, "HEAD")) is None


def test_the_commit_that_several_share_is_found(topics: Path) -> None:
    """The older one of two on a line."""
    first, last = git.commit(topics, "one"), git.commit(topics, "HEAD")
    assert git.shared(topics, [last, first]) == first
    assert git.shared(topics, ["--help", first]) is None


def test_uncommitted_files_are_noticed(topics: Path) -> None:
    """A new one as well as a changed one; what lies outside the folder does not matter."""
    assert git.is_committed(topics)
    (topics.parents[1] / "other.txt").write_text("changed")
    assert git.is_committed(topics)
    (topics / "new.yaml").write_text("")
    assert not git.is_committed(topics)


def test_without_git_there_is_no_past(topics: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An apply goes on; a base that was asked for cannot be had."""
    monkeypatch.setenv("PATH", "/nowhere")
    assert git.head(topics) is None
    with pytest.raises(UsageError, match="git is not installed"):
        git.commit(topics, "one")
