"""The tool in a process of its own, as the faults need it: small batches, and dead at a chosen step if so asked.

driven.py ARGUMENTS...   FAULT_BATCH: topics a batch. FAULT_STEP: the step at which the process kills itself.
A step is the moment before and after each thing that others can see: a request, a file written and renamed, the audit
of a batch, the git ref.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from provisioner import cli
from provisioner.files import Root
from provisioner.stores import audit, folder
from provisioner.stores.kafka import store
from provisioner.stores.kafka.operations import Operation
from provisioner.stores.kafka.record_writing import RecordWriter

STEPS = itertools.count(1)


def step(deadly: int) -> None:
    if next(STEPS) == deadly:
        os.kill(os.getpid(), signal.SIGKILL)


def around(owner: Any, name: str, deadly: int) -> None:
    """Steps before and after each call of a function."""
    original: Callable[..., Any] = getattr(owner, name)

    def stepped(*arguments: Any, **named: Any) -> Any:
        step(deadly)
        result = original(*arguments, **named)
        step(deadly)
        return result

    setattr(owner, name, stepped)


def main() -> int:
    most = int(os.environ.get("FAULT_BATCH", "15"))
    store.KafkaTopics = partial(store.KafkaTopics, batch_topics=most)  # type: ignore[misc,assignment]
    deadly = int(os.environ.get("FAULT_STEP", "0"))
    for owner, name in (
        (Operation, "request"),
        (audit.AuditFile, "before"),
        (folder.Folder, "_staged"),
        (folder.Folder, "_note"),
        (Root, "commit"),
        (RecordWriter, "put"),
        (RecordWriter, "flush"),
    ):
        around(owner, name, deadly)
    return cli.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
