"""`make faults`: every fault RUNS times on three real brokers; prints runs and violations per fault.

python -m tests.faults [FAULT ...]     RUNS=20  SEED=1
"""

from __future__ import annotations

import logging
import os
import sys
import time

from tests.faults import world
from tests.faults.faults import FAULTS


def main(names: list[str]) -> int:
    logging.disable(logging.CRITICAL)
    runs, seed, bad = int(os.environ.get("RUNS", "20")), int(os.environ.get("SEED", "1")), 0
    with world.made() as here:
        for number, name in enumerate(names or list(FAULTS)):
            began, violations = time.monotonic(), list[str]()
            for run in range(runs):
                found = here.run(FAULTS[name], number * runs + run, seed * 1_000_000 + number * 1000 + run)
                violations += found
                for violation in found:
                    print(f"    {name} run {run}: {violation}", flush=True)
            bad += len(violations)
            print(f"{name:<20} {runs} runs, {len(violations)} violations, {time.monotonic() - began:.0f} s", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
