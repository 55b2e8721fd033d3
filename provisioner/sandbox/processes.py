"""The brokers' processes: started so that they outlive us, told from others, signalled."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

from provisioner import child
from provisioner.errors import SandboxError

GONE_SECONDS = 20.0
_MAIN = "kafka.Kafka"


def launched(command: Sequence[str], output: Path) -> int:
    """Start a process in a session of its own, in the folder of that file, which takes what it prints; its pid."""
    with output.open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - our own Java
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=output.parent,
            env=child.environment(),
        )
    # It is meant to outlive this object, which would warn of that.
    process.returncode = 0
    return process.pid


def is_node(pid: int | None, config: Path) -> bool:
    """True if that process runs a broker with exactly this config: a pid may have been given to another one since."""
    return _node(pid, config) is not None


def is_paused(pid: int | None, config: Path) -> bool:
    """True if that broker is there and stopped by a signal."""
    process = _node(pid, config)
    return process is not None and bool(process.status() == _psutil().STATUS_STOPPED)


def of(folder: Path) -> Iterator[tuple[int, Path]]:
    """Pid and config of every broker whose config lies in that folder, known to a state file or not."""
    # Of a process that may not be looked at the command line is None.
    for process in _psutil().process_iter(["cmdline"]):
        config = _runs(process.info["cmdline"] or [])
        if config and Path(config).parent.parent == folder:
            yield process.pid, Path(config)


def send(pid: int | None, config: Path, number: signal.Signals) -> None:
    """Signal a broker; any other process under that pid is left alone, one that takes it over right now included."""
    process = _node(pid, config)
    if process is not None:
        with suppress(_psutil().NoSuchProcess):
            process.send_signal(number)


def wait_gone(pid: int | None, config: Path, seconds: float = GONE_SECONDS) -> bool:
    """Wait until that broker has ended; False if it has not."""
    deadline = time.monotonic() + seconds
    while is_node(pid, config):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    _reap(pid)
    return True


def ended(pid: int | None, config: Path) -> None:
    """Kill a broker and wait for its end. Raises SandboxError if the system does not let go of it."""
    send(pid, config, signal.SIGKILL)
    if not wait_gone(pid, config):
        raise SandboxError(f"broker process {pid} does not end, {GONE_SECONDS:.0f} s after SIGKILL", "end it by hand")


def _psutil() -> ModuleType:
    """Only here, and late: without the extra a sandbox that is asked for is an error in words."""
    try:
        import psutil
    except ImportError:
        raise SandboxError("psutil is not installed", "pip install 'kafka-topic-provisioner[sandbox]'") from None
    module: ModuleType = psutil
    return module


def _node(pid: int | None, config: Path) -> Any:
    """The process, of psutil's type: it knows its start time, so it never signals another one under its pid."""
    for _ in range(20 if pid else 0):
        try:
            process = _psutil().Process(pid)
            line = process.cmdline()
        except _psutil().Error:
            return None
        if line:
            return process if _runs(line) == str(config) else None
        # Between exec and its end a command line is empty.
        time.sleep(0.01)
    return None


def _runs(line: Sequence[str]) -> str | None:
    """The config in a broker's command line."""
    return line[-1] if len(line) > 1 and line[-2] == _MAIN else None


def _reap(pid: int | None) -> None:
    """An ended child of ours stays as a zombie otherwise."""
    if pid is not None:
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
