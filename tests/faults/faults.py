"""Every fault by its name, and those that CI runs."""

from __future__ import annotations

from tests.faults.fault import Fault
from tests.faults.nemesis import ON_TOPICS, no_quorum
from tests.faults.record_nemesis import ON_RECORD, killed_before_entry

IN_SHORT = {killed_before_entry}
"""Of the record's: each fault takes a quarter of a minute, and the older ones look at the record, too."""
IN_LONG = {no_quorum}
"""Two minutes of waiting for a client's own time-outs."""
FAULTS: dict[str, Fault] = {fault.__name__.replace("_", "-"): fault for fault in (*ON_TOPICS, *ON_RECORD)}

SHORT = [
    name for name, fault in FAULTS.items() if (fault not in ON_RECORD or fault in IN_SHORT) and fault not in IN_LONG
]
"""What CI runs; the others are for `make faults`."""
