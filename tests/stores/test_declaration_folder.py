"""New files beside people's own: all or none, and nothing that is there is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner.catalog.addition import Addition
from provisioner.errors import RefusedError, UnreachableError
from provisioner.stores.declaration_folder import DeclarationFolder


@pytest.fixture
def folder(tmp_path: Path) -> DeclarationFolder:
    (tmp_path / "pay").mkdir()
    (tmp_path / "pay/orders.yaml").write_bytes(b"topics:\n  - name: a\n")
    return DeclarationFolder(tmp_path / "pay")


def test_new_files_and_longer_ones_are_written_together(folder: DeclarationFolder) -> None:
    """A file keeps its rights."""
    (folder.path / "orders.yaml").chmod(0o640)
    before = b"topics:\n  - name: a\n"
    folder.add({"new.yaml": Addition(b"x"), "orders.yaml": Addition(before + b"  - name: b\n", before)})
    assert sorted(folder.names()) == ["new.yaml", "orders.yaml"]
    assert folder.content("orders.yaml") == before + b"  - name: b\n"
    assert (folder.path / "orders.yaml").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("addition", [Addition(b"x", b"what it was before"), Addition(b"x")])
def test_a_file_that_changed_meanwhile_is_left_alone(folder: DeclarationFolder, addition: Addition) -> None:
    """And so are all others of that run."""
    with pytest.raises(RefusedError, match=r"orders.yaml changed"):
        folder.add({"new.yaml": Addition(b"x"), "orders.yaml": addition})
    assert folder.names() == {"orders.yaml"}


def test_names_that_differ_in_case_only_are_one(folder: DeclarationFolder) -> None:
    """They are on some file systems."""
    with pytest.raises(RefusedError):
        folder.add({"ORDERS.yaml": Addition(b"x")})


def test_what_cannot_be_written_leaves_nothing_behind(folder: DeclarationFolder) -> None:
    """A name that no disk takes stands for a full one."""
    with pytest.raises(UnreachableError):
        folder.add({"new.yaml": Addition(b"x"), "x" * 300 + ".yaml": Addition(b"x")})
    assert folder.names() == {"orders.yaml"}


def test_a_link_is_no_file_of_ours(folder: DeclarationFolder, tmp_path: Path) -> None:
    """What it leads to is not appended to."""
    (folder.path / "link.yaml").symlink_to(folder.path / "orders.yaml")
    assert folder.content("link.yaml") is None
    assert "link.yaml" in folder.names()
