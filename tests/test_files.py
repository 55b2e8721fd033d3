"""Files of people: what stands in a file's place cannot lead elsewhere, hang, or fill the memory."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from provisioner import child
from provisioner.files import FileFault, Root, followed, located

LIMIT = 1000


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Root:
    """The working folder, with a folder beside it that no merge request may reach."""
    (tmp_path / "here").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret").write_text("hunter2")
    monkeypatch.chdir(tmp_path / "here")
    return Root(Path("here").absolute().parent)


def fault(root: Root, name: str, limit: int = LIMIT) -> str:
    with pytest.raises(FileFault) as caught:
        root.read(name, limit)
    return caught.value.kind


def test_a_file_is_read(root: Root) -> None:
    (root.path / "a").mkdir()
    (root.path / "a/b.yaml").write_bytes(b"x: 1")
    assert root.read("a/b.yaml", LIMIT) == b"x: 1"


def test_a_link_is_not_followed_at_the_end_nor_on_the_way(root: Root) -> None:
    (root.path / "end").symlink_to("../outside/secret")
    (root.path / "way").symlink_to("../outside")
    (root.path / "inside").mkdir()
    (root.path / "inner").symlink_to("inside")
    (root.path / "inside/f").write_text("x")
    assert [fault(root, name) for name in ("end", "way/secret", "inner/f")] == ["link"] * 3


def test_a_name_cannot_climb_out(root: Root) -> None:
    assert [fault(root, name) for name in ("../outside/secret", "/etc/passwd", "a/../../x")] == ["link"] * 3


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir], ids=["pipe", "folder"])
def test_what_is_no_regular_file_is_not_waited_for(root: Root, make: object) -> None:
    make(root.path / "odd")  # type: ignore[operator]
    assert fault(root, "odd") == "kind"


def test_a_device_and_what_lies_in_proc_are_bounded() -> None:
    with pytest.raises(FileFault, match="no regular file"):
        followed(Path("/dev/zero"), LIMIT)
    with pytest.raises(FileFault, match="more than"):
        followed(Path("/proc/self/smaps"), 100)


def test_a_large_file_is_refused_by_its_size(root: Root) -> None:
    (root.path / "large").write_bytes(b"x" * 1001)
    assert fault(root, "large") == "too-large"
    assert fault(root, "nothing") == "missing"


def test_a_secret_may_be_a_link_to_a_link(root: Root) -> None:
    """Kubernetes mounts secrets so."""
    (root.path / "..data").symlink_to("../outside")
    (root.path / "password").symlink_to("..data/secret")
    assert followed(root.path / "password", LIMIT) == b"hunter2"


def test_a_root_may_be_a_link_but_not_out_of_the_working_folder(root: Root) -> None:
    (root.path / "real").mkdir()
    (root.path / "real/f").write_text("x")
    (root.path / "linked").symlink_to("real")
    (root.path / "out").symlink_to("../outside")
    assert Root(Path("linked")).read("f", LIMIT) == b"x"
    assert fault(Root(Path("out")), "secret") == "link"
    assert Root(root.path.parent / "outside").read("secret", LIMIT) == b"hunter2"


def test_a_write_is_whole_and_leaves_nothing_beside_it(root: Root) -> None:
    root.write("a/b/c.json", b"1")
    root.write("a/b/c.json", b"2")
    assert [path.name for path in (root.path / "a/b").iterdir()] == ["c.json"]
    assert root.read("a/b/c.json", LIMIT) == b"2"


def test_a_write_does_not_go_through_a_link(root: Root) -> None:
    (root.path / "way").symlink_to("../outside")
    (root.path / "end").symlink_to("../outside/secret")
    with pytest.raises(FileFault, match="link"):
        root.write("way/new", b"x")
    with pytest.raises(FileFault, match="link"):
        root.append("end", b"x")
    with pytest.raises(FileFault, match="link"):
        root.put("end", b"x")
    root.write("end", b"x")
    assert (root.path.parent / "outside/secret").read_text() == "hunter2"
    assert not (root.path.parent / "outside/new").exists()


def test_lines_are_added(root: Root) -> None:
    root.append("audit/prod.jsonl", b"1\n")
    root.append("audit/prod.jsonl", b"2\n", synced=True)
    assert root.read("audit/prod.jsonl", LIMIT) == b"1\n2\n"


def test_a_pipe_is_not_appended_to(root: Root) -> None:
    os.mkfifo(root.path / "pipe")
    with pytest.raises(FileFault, match="no regular file"):
        root.append("pipe", b"x")


def test_a_lock_is_held_by_one(root: Root) -> None:
    with root.locked("lock", 0), pytest.raises(FileFault, match="another run"), root.locked("lock", 0):
        pass
    with root.locked("lock", 0):
        pass


def test_removing_a_link_leaves_its_target(root: Root) -> None:
    (root.path / "end").symlink_to("../outside/secret")
    root.remove("end")
    root.remove("end")
    assert not (root.path / "end").is_symlink()
    assert (root.path.parent / "outside/secret").exists()


def test_a_file_of_the_command_line_below_the_working_folder_is_reached_without_links(root: Root) -> None:
    assert located(Path("a/plan.json")) == (Root(Path.cwd()), "a/plan.json")
    assert located(Path.cwd() / "plan.json") == (Root(Path.cwd()), "plan.json")
    there, name = located(root.path.parent / "outside/secret")
    assert there.read(name, LIMIT) == b"hunter2"


def test_a_child_gets_no_credentials_and_imports_nothing_from_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_PASSWORD", "hunter2")
    monkeypatch.setenv("PYTHONPATH", f":relative:{os.sep}absolute")
    assert "KAFKA_PASSWORD" not in child.python_environment()
    assert child.python_environment()["PYTHONPATH"] == f"{os.sep}absolute"
    assert "PYTHONPATH" not in child.environment()
