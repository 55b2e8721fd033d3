"""The brokers' processes: started so that they outlive us, told from others, signalled."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from provisioner import child
from provisioner.errors import SandboxError

GONE_SECONDS = 20.0
_MAIN = b"kafka.Kafka"


def launched(command: Sequence[str], home: Path) -> int:
    """Start a process in a session of its own, its words in `home/out.log`; its pid."""
    with (home / "out.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - our own Java
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=home,
            env=child.environment(),
        )
    # It is meant to outlive this object, which would warn of that.
    process.returncode = 0
    return process.pid


def is_node(pid: int | None, config: Path) -> bool:
    """True if that process runs a broker with exactly this config: a pid may have been given to another one since."""
    for _ in range(20):
        line = _line(pid)
        if line != b"":
            return line is not None and _runs(line) == os.fsencode(config)
        # Between exec and its end a command line is empty.
        time.sleep(0.01)
    return False


def of(folder: Path) -> Iterator[tuple[int, Path]]:
    """Pid and config of every broker whose config lies in that folder, known to a state file or not."""
    for entry in Path("/proc").iterdir():
        config = _runs(_line(int(entry.name)) or b"") if entry.name.isdigit() else None
        if config and Path(os.fsdecode(config)).parent.parent == folder:
            yield int(entry.name), Path(os.fsdecode(config))


def send(pid: int | None, config: Path, number: signal.Signals) -> None:
    """Signal a broker; any other process under that pid is left alone."""
    if pid is not None and is_node(pid, config):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return


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


def _line(pid: int | None) -> bytes | None:
    """Its command line; None where there is no such process any more."""
    try:
        line = Path(f"/proc/{pid}/cmdline").read_bytes()
        return None if not line and "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text("utf-8") else line
    except OSError:
        return None


def _runs(line: bytes) -> bytes | None:
    """The config in a broker's command line."""
    *front, config = line.rstrip(b"\0").split(b"\0")
    return config if front and front[-1] == _MAIN else None


def _reap(pid: int | None) -> None:
    """An ended child of ours stays as a zombie otherwise."""
    try:
        os.waitpid(pid or 0, os.WNOHANG)
    except ChildProcessError:
        return
