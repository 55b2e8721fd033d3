"""The tool in a process of its own, as the faults need it: small batches, and dead at a chosen step if so asked.

driven.py ARGUMENTS...   FAULT_BATCH: topics a batch. FAULT_STEP: the step at which the process kills itself.
FAULT_KILL, FAULT_STOP: the call before which it kills itself, or stands still until it is told to go on.
At its end it says to stderr how much memory it used at most.
A step is the moment before and after each thing that others can see: a request, a file written and renamed, the audit
of a batch, a record put into the record (handed over; `flush` waits for it). A call is a name and a number: `put:1` is
the run's own entry, `put:2` that of the first topic of the first batch; `flush:2` waits for the entries of that batch.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from provisioner import cli
from provisioner.files import Root
from provisioner.stores import audit, folder
from provisioner.stores.kafka import store
from provisioner.stores.kafka.operations import Operation
from provisioner.stores.kafka.record_reading import RecordReader
from provisioner.stores.kafka.record_writing import RecordWriter

HANDED_OVER = {"put"}
STEPS = itertools.count(1)
CALLS = Counter[str]()
DEADLY = int(os.environ.get("FAULT_STEP", "0"))
SIGNALS = {
    os.environ.get("FAULT_KILL", ""): signal.SIGKILL,
    os.environ.get("FAULT_STOP", ""): signal.SIGSTOP,
}


def step() -> None:
    if next(STEPS) == DEADLY:
        os.kill(os.getpid(), signal.SIGKILL)


def call(name: str) -> None:
    CALLS[name] += 1
    if number := SIGNALS.get(f"{name}:{CALLS[name]}"):
        os.kill(os.getpid(), number)


def around(owner: Any, name: str) -> None:
    """Steps before and after each call of a function; what waits for nothing has only one."""
    original: Callable[..., Any] = getattr(owner, name)

    def stepped(*arguments: Any, **named: Any) -> Any:
        step()
        call(name)
        result = original(*arguments, **named)
        if name not in HANDED_OVER:
            step()
        return result

    setattr(owner, name, stepped)


def main() -> int:
    most = int(os.environ.get("FAULT_BATCH", "15"))
    store.KafkaTopics = partial(store.KafkaTopics, batch_topics=most)  # type: ignore[misc,assignment]
    for owner, name in (
        (Operation, "request"),
        (audit.AuditFile, "before"),
        (folder.Folder, "_staged"),
        (folder.Folder, "_note"),
        (Root, "commit"),
        (RecordReader, "read"),
        (RecordWriter, "put"),
        (RecordWriter, "flush"),
    ):
        around(owner, name)
    try:
        return cli.main(sys.argv[1:])
    finally:
        print(f"peak {peak_mib()} MiB", file=sys.stderr)


def peak_mib() -> int:
    """Its own. What the kernel counts of a child (ru_maxrss) begins with what its parent had when it was forked."""
    words = Path("/proc/self/status").read_text().split()
    return int(words[words.index("VmHWM:") + 1]) // 1024


if __name__ == "__main__":
    sys.exit(main())
