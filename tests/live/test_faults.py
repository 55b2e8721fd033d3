"""A broker dies while topics are being made (a short form; the long one has a make target of its own)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from provisioner import sandbox
from provisioner.catalog.model import RECORD_TOPIC
from provisioner.sandbox import Sandbox
from tests.faults import record_truth
from tests.live.conftest import Fleet, Witness


@pytest.mark.parametrize("delay", [0.3, 1.0])
def test_a_broker_killed_during_apply_costs_nothing(
    mortal_brokers: Sandbox, fleet_of: Callable[..., Fleet], delay: float
) -> None:
    """What the report calls done is there; the next apply ends with everything done, noted, and nothing doubled.

    Where it is not all done at once, the broker is back by then: no topic is begun with fewer replicas than it wants.
    """
    fleet = fleet_of(mortal_brokers.bootstrap, f"    record: {{topic: {RECORD_TOPIC}}}\n")
    names = {f"mortal.{index:03}" for index in range(450)}
    fleet.topics("".join(f"  - {{name: {name}, partitions: 1}}\n" for name in sorted(names)))
    killer = threading.Thread(target=lambda: (time.sleep(delay), sandbox.kill(mortal_brokers, 2)))
    killer.start()
    first, text = fleet.apply()
    killer.join()
    if first:
        sandbox.ready(sandbox.start(mortal_brokers, 2))
    if first == 3:
        # Its death may keep the new record from being written for longer than is waited: nothing is begun then.
        assert "it is not known whether the record" in text, text
        assert "nothing is done" in text, text
        assert not Witness(mortal_brokers.bootstrap).names() & names
    else:
        assert first in (0, 1), text
    code, text = fleet.apply()
    if first == 3 and "another run applied something meanwhile" in text:
        # What got no acknowledgement in time was written after all.
        code, text = fleet.apply()
    assert code == 0, text
    assert fleet.run("plan", "--detailed-exitcode")[0] == 0
    witness = Witness(mortal_brokers.bootstrap)
    # Whoever looks for a group's coordinator, as each consumer does, lets the brokers make __consumer_offsets.
    assert witness.names() - {"__consumer_offsets"} == {*names, RECORD_TOPIC}
    witness.admin.close()
    entries = record_truth.entries(mortal_brokers.bootstrap, RECORD_TOPIC)
    noted = {name: entry.asked["partitions"] for (kind, name), entry in entries.items() if kind == "topic"}
    assert noted == dict.fromkeys(names, "1")
