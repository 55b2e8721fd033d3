"""The tool as its user runs it: a process, its exit code, its report, what it cost."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provisioner.sandbox import USERS

SECRET = "s3cr3t-that-nobody-may-see"
DRIVER = "tests.faults.driven"
NOTHING: Mapping[str, str] = {}
SECONDS = 600
"""What still runs then hangs; that a run ends in time is judged by the invariants."""


@dataclass(frozen=True)
class Result:
    """`report`: the JSON document of stdout. `mib`: the most memory it used. {} and 0 where the process was killed."""

    code: int
    report: dict[str, Any]
    text: str
    seconds: float
    mib: int = 0


def started(
    cwd: Path,
    *arguments: str,
    step: int = 0,
    kill: str = "",
    stop: str = "",
    driver: str = DRIVER,
    more: Mapping[str, str] = NOTHING,
) -> subprocess.Popen[str]:
    """The tool, running, as the driver describes. `more`: variables of its environment."""
    environment = {
        **os.environ,
        "FAULT_SECRET": SECRET,
        "FAULT_PASSWORD": USERS["writer"],
        "FAULT_STEP": str(step),
        "FAULT_KILL": kill,
        "FAULT_STOP": stop,
        "PYTHONPATH": str(Path.cwd()),
        **more,
    }
    return subprocess.Popen(
        [sys.executable, "-m", driver, *arguments],
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str], began: float) -> Result:
    """Wait for its end; one that hangs is killed, and that is its result (-9 after SECONDS)."""
    try:
        out, err = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
    try:
        report = json.loads(out)
    except ValueError:
        report = {}
    peak = re.search(r"^peak (\d+) MiB$", err, re.MULTILINE)
    return Result(process.returncode, report, out + err, time.monotonic() - began, int(peak[1]) if peak else 0)


def ran(cwd: Path, *arguments: str) -> Result:
    """The tool from beginning to end."""
    began = time.monotonic()
    return ended(started(cwd, *arguments), began)
