"""Every fault by its name, and those that CI runs."""

from __future__ import annotations

from tests.faults.fault import Fault
from tests.faults.nemesis import ON_TOPICS, controller_paused, no_quorum, one_down
from tests.faults.record_nemesis import ON_RECORD, killed_before_entry

IN_SHORT = {killed_before_entry}
"""Of the record's: each fault takes a quarter of a minute, and the older ones look at the record, too."""
IN_LONG = {controller_paused, no_quorum, one_down}
"""They wait for a client's own time-outs, up to two minutes; what is killed in the short form shows much the same."""
FAULTS: dict[str, Fault] = {fault.__name__.replace("_", "-"): fault for fault in (*ON_TOPICS, *ON_RECORD)}

SHORT = [
    name for name, fault in FAULTS.items() if (fault not in ON_RECORD or fault in IN_SHORT) and fault not in IN_LONG
]
"""What CI runs; the others are for `make faults`."""
