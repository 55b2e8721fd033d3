"""A folder of files that are ours: whole or old, and nobody else's touched."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from provisioner.errors import UnreachableError
from provisioner.files import Root
from provisioner.stores.folder import Folder


def is_ours(name: str) -> bool:
    return name.endswith(".yaml") and "/" not in name


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder(tmp_path / "rules", "prod-alerts", is_ours)
    made.load()
    return made


def again(folder: Folder) -> Folder:
    made = Folder(folder.path, folder.owner, is_ours)
    made.load()
    return made


def files(folder: Folder) -> set[str]:
    return {str(path.relative_to(folder.path)) for path in folder.path.rglob("*") if path.is_file()}


def test_what_was_written_is_known_again(folder: Folder) -> None:
    """The manifest tells the hash."""
    folder.replace({"a.yaml": "one"})
    assert again(folder).wrote("a.yaml", "one")
    assert not again(folder).wrote("a.yaml", "two")
    assert folder.text("a.yaml") == "one"


def test_an_unchanged_file_is_not_touched(folder: Folder) -> None:
    """Grafana and Prometheus would read it again for nothing."""
    folder.replace({"a.yaml": "one"})
    os.utime(folder.path / "a.yaml", (1, 1))
    assert folder.replace({"a.yaml": "one"}) == {}
    assert (folder.path / "a.yaml").stat().st_mtime == 1


def test_the_old_text_is_given_back(folder: Folder) -> None:
    """So that it can be put back."""
    folder.replace({"a.yaml": "one"})
    assert folder.replace({"a.yaml": "two", "b.yaml": "new"}) == {"a.yaml": "one", "b.yaml": None}


def test_a_removed_file_is_gone_and_forgotten(folder: Folder) -> None:
    """From the folder and from the manifest."""
    folder.replace({"a.yaml": "one"})
    folder.replace({"a.yaml": None})
    assert files(folder) == {".provisioner-prod-alerts.json"}
    assert again(folder).owned == {}


def test_two_owners_share_a_folder(folder: Folder) -> None:
    """Neither knows the other's files."""
    other = Folder(folder.path, "staging-alerts", is_ours)
    other.load()
    folder.replace({"a.yaml": "one"})
    other.replace({"b.yaml": "two"})
    assert set(again(folder).owned) == {"a.yaml"}
    assert set(again(other).owned) == {"b.yaml"}


def test_a_full_disk_changes_nothing(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """All files are prepared before the first one is renamed; nothing is left lying about."""
    folder.replace({"a.yaml": "one", "b.yaml": "one"})
    before = files(folder)
    write = os.fsync
    calls = iter(range(10))

    def full(handle: int) -> None:
        if next(calls) == 1:
            raise OSError(28, "No space left on device")
        write(handle)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UnreachableError, match="No space left"):
        folder.replace({"a.yaml": "two", "b.yaml": "two"})
    assert (folder.text("a.yaml"), files(folder)) == ("one", before)


def test_a_reader_never_sees_half_a_file(folder: Folder) -> None:
    """What is being written has a name that no glob for rules matches."""
    folder.path.mkdir()
    staged = Root(folder.path).stage("b.yaml", b"half")
    assert not staged.temporary.endswith((".yaml", ".json"))
    assert staged.temporary.startswith(".")


FORGED = [
    {"files": {"../../victim": "0" * 64}},
    {"files": {"/home/me/config.yaml": "0" * 64}},
    {"files": {"a.yaml\0": "0" * 64}},
    {"files": {"a.yaml": "0"}},
    {"files": {"a.yaml": {"sha256": "0" * 64, "memo": [1]}}},
    {"files": {"a.yaml": None}},
    {"files": [["a.yaml", "0" * 64]]},
    {"unconfirmed": ["../x"]},
    {"unconfirmed": {"a.yaml": 1}},
    {"owner": "staging-alerts"},
    {"format_version": 1},
    {"more": 1},
]


@pytest.mark.parametrize("forged", FORGED, ids=str)
def test_a_manifest_that_we_would_not_have_written_is_not_believed_at_all(
    folder: Folder, forged: dict[str, object]
) -> None:
    """Whoever can write to the folder can write it; what it names must not be removed for that."""
    folder.replace({"a.yaml": "one"})
    noted = json.loads((folder.path / folder.manifest).read_text())
    assert set(again(folder).owned) == {"a.yaml"}
    (folder.path / folder.manifest).write_text(json.dumps({**noted, **forged}))
    assert again(folder).owned == {}


def test_a_file_that_somebody_edited_is_not_removed(folder: Folder) -> None:
    folder.replace({"a.yaml": "one"})
    (folder.path / "a.yaml").write_text("edited")
    folder.replace({"a.yaml": None})
    assert folder.text("a.yaml") == "edited"


def test_links_in_the_folder_lead_nowhere(folder: Folder, tmp_path: Path) -> None:
    """Neither a file's place, nor the manifest's, nor a folder's on the way."""
    (tmp_path / "victim").write_text("victim")
    folder.path.mkdir()
    for name in ("a.yaml", folder.manifest):
        (folder.path / name).symlink_to(tmp_path / "victim")
    (folder.path / "sub").symlink_to(tmp_path)
    folder.load()
    folder.replace({"a.yaml": "one"})
    assert folder.text("a.yaml") == "one"
    with pytest.raises(UnreachableError, match="link"):
        folder.replace({"sub/new.yaml": "x"})
    assert (tmp_path / "victim").read_text() == "victim"
    assert not (tmp_path / "new.yaml").exists()


def test_a_folder_below_the_working_folder_is_reached_without_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "here/rules").symlink_to("../elsewhere")
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(UnreachableError, match="link"):
        Folder(Path("rules"), "x", is_ours).replace({"a.yaml": "x"})
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_pipe_in_a_files_place_is_replaced(folder: Folder) -> None:
    folder.path.mkdir()
    os.mkfifo(folder.path / "a.yaml")
    folder.replace({"a.yaml": "one"})
    assert folder.text("a.yaml") == "one"


def test_what_was_not_confirmed_is_remembered(folder: Folder) -> None:
    """Also by a run that was killed right after the new file took its place."""
    folder.replace({"a.yaml": "one"}, awaiting=True)
    assert again(folder).noted.unconfirmed == {"a.yaml"}
    folder.confirm()
    assert again(folder).noted.unconfirmed == frozenset()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "[" * 100_000, '{"format_version": 99}', '{"format_version": 1, "files": {"a": 1}}']
)
def test_a_broken_manifest_means_that_nothing_is_ours(folder: Folder, text: str) -> None:
    """It costs the clean-up, never a file."""
    folder.replace({"a.yaml": "one"})
    (folder.path / folder.manifest).write_text(text)
    assert again(folder).owned == {}
    assert folder.text("a.yaml") == "one"


def test_a_folder_that_cannot_be_written_is_unreachable(tmp_path: Path) -> None:
    """In words, not as a traceback."""
    (tmp_path / "file").write_text("")
    blocked = Folder(tmp_path / "file" / "rules", "x", is_ours)
    with pytest.raises(UnreachableError):
        blocked.replace({"a": "b"})
