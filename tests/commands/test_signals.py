"""The first signal stops in order; the second ends the run at once, and what was sent is said to be in doubt."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from provisioner import cli, opening
from provisioner.kinds.topic_spec import TopicSpec
from provisioner.reconcile.change import Change
from provisioner.reconcile.outcome import Outcome
from tests.scenarios.test_scenarios import Live


class Interrupted(Live):
    """A cluster that two signals reach while a batch is on its way; the first of it is done by then."""

    signals: tuple[signal.Signals, ...]

    def write(self, batch: Sequence[Change[TopicSpec]]) -> Iterator[Outcome]:
        first, *_ = super().write(batch[:1])
        yield first
        for number in self.signals:
            os.kill(os.getpid(), number)
        yield from super().write(batch[1:])


FLEET = """
clusters:
  prod: {default: true, bootstrap: "h:1", cluster_id: any, defaults: {config: {min.insync.replicas: 2}}}
"""


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Interrupted:
    """Five new topics, two a batch."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "topics/pay").mkdir(parents=True)
    (tmp_path / "topics/clusters.yaml").write_text(FLEET)
    (tmp_path / "topics/pay/team.yaml").write_text('chat: "#pay"\nseverity: page\n')
    (tmp_path / "topics/pay/t.yaml").write_text("topics: [" + ", ".join(f"{{name: {n}.v1}}" for n in "abcde") + "]\n")
    made = Interrupted()
    monkeypatch.setattr(opening, "kafka_topics", lambda *_: made)
    monkeypatch.setattr(opening, "record_log", lambda *_: None)
    return made


def ran(capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code: Any = cli.main(["apply", "--yes", "--cluster", "prod"])
    return code, "".join(capsys.readouterr())


def test_one_signal_lets_the_batch_end(store: Interrupted, capsys: pytest.CaptureFixture[str]) -> None:
    store.signals = (signal.SIGTERM,)
    code, text = ran(capsys)
    assert code == 1
    assert sorted(store.state) == ["a.v1", "b.v1"]
    assert "2 topics created, 3 stopped" in text


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_the_run_and_says_what_is_in_doubt(
    store: Interrupted, capsys: pytest.CaptureFixture[str], second: signal.Signals
) -> None:
    store.signals = (signal.SIGTERM, second)
    code, text = ran(capsys)
    assert code == 1
    assert f"IN DOUBT  topic b.v1: ended by {second.name} while it was sent" in text
    assert "1 topic created" in text
    assert "3 stopped" in text
    assert '"event": "in doubt"' in Path("build/audit/prod.jsonl").read_text()
