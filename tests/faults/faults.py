"""Every fault by its name, and those that CI runs."""

from __future__ import annotations

from tests.faults.fault import Fault
from tests.faults.nemesis import ON_TOPICS
from tests.faults.record_nemesis import ON_RECORD

FAULTS: dict[str, Fault] = {fault.__name__.replace("_", "-"): fault for fault in (*ON_TOPICS, *ON_RECORD)}

LONG = {"record-leader-paused", "record-leader-killed", "record-hidden", "record-deleted-before", "hand-fix-during"}
"""What CI leaves to `make faults`."""

SHORT = [name for name in FAULTS if name not in LONG]
