"""The folder of declarations as an attacker or an accident leaves it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from provisioner.catalog import folder


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    root = tmp_path / "topics"
    (root / "pay").mkdir(parents=True)
    (root / "clusters.yaml").write_text("clusters: {prod: {bootstrap: 'kafka:9092'}}\n")
    (root / "pay/team.yaml").write_text("chat: '#pay'\n")
    return root


def told(root: Path) -> list[str]:
    return [problem.check for problem in folder.read(root).problems]


def test_a_pipe_is_not_opened(fleet: Path) -> None:
    """Reading it would wait for ever."""
    os.mkfifo(fleet / "pay/pipe.yaml")
    assert told(fleet) == ["files/kind"]


def test_a_huge_file_is_not_read(fleet: Path) -> None:
    """40 MB of nothing."""
    with (fleet / "pay/huge.yaml").open("wb") as file:
        file.truncate(40_000_000)
    assert told(fleet) == ["files/too-large"]


def test_a_link_out_of_the_folder_is_not_followed(fleet: Path, tmp_path: Path) -> None:
    """It could show a secret of the job in an error message."""
    (tmp_path / "secret.yaml").write_text("topics: []\n")
    (fleet / "pay/link.yaml").symlink_to(tmp_path / "secret.yaml")
    assert told(fleet) == ["files/link"]


def test_a_link_inside_the_folder_is_not_followed(fleet: Path) -> None:
    """It would be declared twice, or in the name of another team."""
    (fleet / "pay/link.yaml").symlink_to("team.yaml")
    assert told(fleet) == ["files/link"]


def test_a_folder_may_be_a_link_but_not_out_of_where_we_stand(
    fleet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    fleet.rename(tmp_path / "here/real")
    (tmp_path / "here/topics").symlink_to("real")
    monkeypatch.chdir(tmp_path / "here")
    assert told(Path("topics")) == []
    (tmp_path / "here/real").rename(tmp_path / "outside")
    (tmp_path / "here/topics").unlink()
    (tmp_path / "here/topics").symlink_to("../outside")
    assert told(Path("topics")) == ["files/link"]


def test_what_is_no_file_is_not_waited_for(fleet: Path) -> None:
    os.mkfifo(fleet / "pay/pipe.yaml")
    (fleet / "pay/folder.yaml").mkdir()
    assert told(fleet) == ["files/kind"]


def test_a_link_to_a_folder_is_not_followed(fleet: Path, tmp_path: Path) -> None:
    """It could be a circle."""
    (fleet / "again").symlink_to(fleet)
    assert told(fleet) == ["files/link"]


def test_a_broken_link_is_a_problem(fleet: Path) -> None:
    """Not a crash."""
    (fleet / "pay/gone.yaml").symlink_to(fleet / "pay/nothing.yaml")
    assert told(fleet) == ["files/link"]


def test_a_folder_with_a_file_s_name_is_left_alone(fleet: Path) -> None:
    """Only what lies in it is out of place."""
    (fleet / "pay/dir.yaml").mkdir()
    assert told(fleet) == []


def test_a_secret_that_is_written_out_is_not_repeated(fleet: Path) -> None:
    """Reports show lines of the files."""
    (fleet / "clusters.yaml").write_text(
        "clusters: {prod: {bootstrap: 'k:1', client: {sasl.password: hunter2, x: y}}}\n"
    )
    assert "hunter2" not in "".join(folder.read(fleet).sources.values())
