"""A rendered folder is read as a stranger's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from provisioner.errors import ProvisionerError
from provisioner.stores import rendered_folder

ENDINGS = (".yml", ".json")


def read(folder: Path) -> dict[str, bytes]:
    return dict(rendered_folder.files(folder, ENDINGS))


def test_every_file_is_read_whatever_folder_it_lies_in(tmp_path: Path) -> None:
    """But for hidden ones: manifests, locks."""
    (tmp_path / "prod/rules").mkdir(parents=True)
    (tmp_path / "prod/rules/a.yml").write_text("a")
    (tmp_path / "b.json").write_text("b")
    (tmp_path / "prod/.provisioner-prod.json").write_text("c")
    assert read(tmp_path) == {"b.json": b"b", "prod/rules/a.yml": b"a"}


def linked(folder: Path) -> None:
    (folder / "a.yml").symlink_to("/etc/passwd")


def linked_folder(folder: Path) -> None:
    (folder / "prod").symlink_to("/etc")


def pipe(folder: Path) -> None:
    os.mkfifo(folder / "a.yml")


def another(folder: Path) -> None:
    (folder / "README").write_text("a")


def deep(folder: Path) -> None:
    (folder / "/".join("abcdefghij")).mkdir(parents=True)


def large(folder: Path) -> None:
    with (folder / "a.yml").open("wb") as file:
        file.truncate(rendered_folder.MOST_BYTES + 1)


@pytest.mark.parametrize("place", [linked, linked_folder, pipe, another, deep, large])
def test_what_render_never_writes_ends_the_run(place: object, tmp_path: Path) -> None:
    """Nothing is followed, waited for or left out in silence."""
    place(tmp_path)  # type: ignore[operator]
    with pytest.raises(ProvisionerError, match="cannot be compared") as fault:
        read(tmp_path)
    assert fault.value.exit_code == 1


def test_there_are_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of files, and of bytes in all."""
    for name in "abc":
        (tmp_path / f"{name}.yml").write_text("12345")
    for bound, least in (("MOST_FILES", 3), ("MOST_IN_ALL", 15)):
        with monkeypatch.context() as here:
            here.setattr(rendered_folder, bound, least)
            assert len(read(tmp_path)) == 3
            here.setattr(rendered_folder, bound, least - 1)
            with pytest.raises(ProvisionerError, match="more than"):
                read(tmp_path)


def test_a_folder_that_is_not_there_is_not_an_empty_one(tmp_path: Path) -> None:
    """Nothing is said to be gone."""
    with pytest.raises(ProvisionerError, match="gone cannot be compared"):
        read(tmp_path / "gone")
