"""A process that asks for us may die, hang or talk nonsense: that is a sentence, and the run goes on."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from provisioner.catalog.model import Secret
from provisioner.stores.kafka import probes
from provisioner.stores.kafka.connection import Connection


def script(tmp_path: Path, text: str) -> ModuleType:
    path = tmp_path / "asked.py"
    path.write_text(text)
    module = ModuleType("asked")
    module.__file__ = str(path)
    return module


CONNECTION = Connection("127.0.0.1:1", {"sasl.password": Secret(env="SECRET")}, {"SECRET": "hunter2"}, lambda _: None)


def test_it_gets_the_connections_settings_beside_the_question(tmp_path: Path) -> None:
    echo = script(tmp_path, "import sys; sys.stdout.write(sys.stdin.read())")
    told = probes.answer(CONNECTION, echo, {"groups": ["a"]}, 20, "what")
    assert (told["groups"], told["settings"]["bootstrap.servers"]) == (["a"], "127.0.0.1:1")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGABRT)", "the process that asked was ended by signal 6"),
        ("raise ValueError('no good ' + 'x' * 1000)", "the process that asked failed: ValueError: no good xxx"),
        ("import sys; raise SystemExit(3)", "the process that asked ended with 3"),
        ("print('{')", "the process that asked gave no answer"),
        ("import sys; raise ValueError(sys.stdin.read()[-400:])", "***"),
    ],
)
def test_how_it_ended_is_said_in_short_and_without_secrets(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(probes.NoAnswerError) as error:
        probes.answer(CONNECTION, script(tmp_path, text), {}, 20, "what")
    assert why in str(error.value)
    assert "hunter2" not in str(error.value)
    assert len(str(error.value)) < 300


def test_it_is_not_waited_for_longer_than_allowed(tmp_path: Path) -> None:
    with pytest.raises(probes.NoAnswerError, match="no answer within 1 s"):
        probes.answer(CONNECTION, script(tmp_path, "import time; time.sleep(60)"), {}, 1, "what")
