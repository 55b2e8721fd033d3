"""Options: what is written once is what argparse knows, and what a command gets."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

from provisioner import cli, command_line, options
from provisioner.kinds import KINDS


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_is_there_and_can_be_asked_for_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    command = cli.COMMANDS[name]
    assert callable(import_module(f"provisioner.commands.{command.module}").run)
    with pytest.raises(SystemExit) as stop:
        cli.main([name, "--help"])
    assert stop.value.code == 0
    assert command.summary in capsys.readouterr().out


def test_a_command_gets_what_was_written_and_the_defaults() -> None:
    words = ["plan", "fleet", "--cluster", "prod", "--report", "json=a", "--report", "text=b", "--lane", "alerts"]
    chosen = command_line.chosen(options.Plan, cli._parser().parse_args(words))
    assert chosen == options.Plan(
        folder=Path("fleet"), cluster="prod", report=["json=a", "text=b"], lane="alerts", output="text", name="default"
    )


@pytest.mark.parametrize("lane", KINDS)
def test_every_kind_has_its_lane(lane: str) -> None:
    """Whatever kinds there are."""
    assert cli._parser().parse_args(["plan", "--lane", lane]).lane == lane


@pytest.mark.parametrize("words", [["--help"], ["--version"]])
def test_help_does_not_wait_for_what_commands_need(words: list[str]) -> None:
    """It is asked for in haste."""
    code = f"""
import sys
from provisioner import cli
try:
    cli.main({words!r})
except SystemExit:
    pass
heavy = {{"provisioner.kinds", "provisioner.catalog", "pydantic", "jinja2", "yaml", "requests", "confluent_kafka"}}
print(sorted(heavy & sys.modules.keys()), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"


HOOKS = yaml.safe_load((Path(__file__).parents[1] / ".pre-commit-hooks.yaml").read_text("utf-8"))


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_calls_a_command_as_it_is(hook: dict[str, Any]) -> None:
    """And is called where files were only deleted, which pre-commit passes over otherwise."""
    program, *words = [*hook["entry"].split(), *hook["args"]]
    arguments = cli._parser().parse_args(words)
    assert (program, f"provisioner-{arguments.command}", arguments.folder) == (
        "provisioner",
        hook["id"],
        Path("topics"),
    )
    assert (hook["always_run"], hook["pass_filenames"]) == (True, False)
