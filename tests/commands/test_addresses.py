"""With a base, credentials go only to the addresses that the base names, in every command that connects."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from provisioner import cli, opening
from tests.scenarios.test_scenarios import HERE, _committed, live

STORY = HERE / "plan-base-addresses"


@pytest.fixture
def reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """Each address that a command would connect to, and whether a base vouches for it."""
    shutil.copytree(STORY, tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    _committed()
    addresses: list[tuple[str, bool]] = []

    def opened(catalog: Any, bench: Any, *_: Any) -> Any:
        addresses.append((catalog.cluster.bootstrap, bench.vouched))
        return live(STORY / "live.yaml")

    monkeypatch.setattr(opening, "kafka_topics", opened)
    monkeypatch.setattr(opening, "record_log", lambda *_: None)
    return addresses


COMMANDS = (
    "plan --cluster prod",
    "drift --cluster prod",
    "apply --yes --cluster prod",
    "import --cluster prod --team x",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_address_of_the_base_is_used(reached: list[tuple[str, bool]], command: str) -> None:
    cli.main([*command.split(), "--base", "base"])
    assert reached == [("kafka:9092", True)]


@pytest.mark.parametrize("command", COMMANDS)
def test_without_a_base_the_files_are_believed_and_nobody_vouches(
    reached: list[tuple[str, bool]], command: str
) -> None:
    cli.main(command.split())
    assert reached == [("evil:9092", False)]


@pytest.mark.parametrize("command", ["plan", "drift", "apply --yes", "import --team x"])
def test_a_cluster_that_is_new_since_the_base_is_not_connected_to(
    reached: list[tuple[str, bool]], command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    cli.main([*command.split(), "--cluster", "other", "--base", "base"])
    assert reached == []
    assert "nothing is sent there" in "".join(capsys.readouterr())
