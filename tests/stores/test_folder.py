"""A folder of files that are ours: whole or old, and nobody else's touched."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from provisioner.errors import UnreachableError
from provisioner.stores import folder as module
from provisioner.stores.folder import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder(tmp_path / "rules", "prod-alerts")
    made.load()
    return made


def again(folder: Folder) -> Folder:
    made = Folder(folder.path, folder.owner)
    made.load()
    return made


def files(folder: Folder) -> set[str]:
    return {str(path.relative_to(folder.path)) for path in folder.path.rglob("*") if path.is_file()}


def test_what_was_written_is_known_again(folder: Folder) -> None:
    """The manifest tells the hash and the memo."""
    folder.replace({"a.yaml": "one"}, {"a.yaml": {"x": 1}})
    assert again(folder).owned["a.yaml"].memo == {"x": 1}
    assert folder.text("a.yaml") == "one"


def test_an_unchanged_file_is_not_touched(folder: Folder) -> None:
    """Grafana and Prometheus would read it again for nothing."""
    folder.replace({"a.yaml": "one"}, {})
    os.utime(folder.path / "a.yaml", (1, 1))
    assert folder.replace({"a.yaml": "one"}, {}) == {}
    assert (folder.path / "a.yaml").stat().st_mtime == 1


def test_the_old_text_is_given_back(folder: Folder) -> None:
    """So that it can be put back."""
    folder.replace({"a.yaml": "one"}, {})
    assert folder.replace({"a.yaml": "two", "b.yaml": "new"}, {}) == {"a.yaml": "one", "b.yaml": None}


def test_a_removed_file_is_gone_and_forgotten(folder: Folder) -> None:
    """From the folder and from the manifest."""
    folder.replace({"a.yaml": "one"}, {})
    folder.replace({"a.yaml": None}, {})
    assert files(folder) == {".provisioner-prod-alerts.json"}
    assert again(folder).owned == {}


def test_two_owners_share_a_folder(folder: Folder) -> None:
    """Neither knows the other's files."""
    other = Folder(folder.path, "staging-alerts")
    other.load()
    folder.replace({"a.yaml": "one"}, {})
    other.replace({"b.yaml": "two"}, {})
    assert set(again(folder).owned) == {"a.yaml"}
    assert set(again(other).owned) == {"b.yaml"}


def test_a_full_disk_changes_nothing(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """All files are prepared before the first one is renamed; nothing is left lying about."""
    folder.replace({"a.yaml": "one", "b.yaml": "one"}, {})
    before = files(folder)
    written = module._written

    def full(target: Path, text: str) -> Path:
        if target.name == "b.yaml":
            raise OSError(28, "No space left on device", str(target))
        return written(target, text)

    monkeypatch.setattr(module, "_written", full)
    with pytest.raises(UnreachableError, match="No space left"):
        folder.replace({"a.yaml": "two", "b.yaml": "two"}, {})
    assert (folder.text("a.yaml"), files(folder)) == ("one", before)


def test_a_reader_never_sees_half_a_file(folder: Folder) -> None:
    """What is being written has a name that no glob for rules matches."""
    folder.replace({"a.yaml": "x" * 100_000}, {})
    temporary = module._written(folder.path / "b.yaml", "half")
    assert not temporary.name.endswith((".yaml", ".json"))
    assert temporary.name.startswith(".")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format_version": 99}', '{"format_version": 1, "files": {"a": 1}}'])
def test_a_broken_manifest_means_that_nothing_is_ours(folder: Folder, text: str) -> None:
    """It costs the clean-up, never a file."""
    folder.replace({"a.yaml": "one"}, {})
    folder.manifest.write_text(text)
    assert again(folder).owned == {}
    assert folder.text("a.yaml") == "one"


def test_a_folder_that_cannot_be_written_is_unreachable(tmp_path: Path) -> None:
    """In words, not as a traceback."""
    (tmp_path / "file").write_text("")
    blocked = Folder(tmp_path / "file" / "rules", "x")
    with pytest.raises(UnreachableError):
        blocked.replace({"a": "b"}, {})
