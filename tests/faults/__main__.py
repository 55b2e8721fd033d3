"""`make faults`: every fault RUNS times on real brokers; prints runs, violations and seconds per fault.

python -m tests.faults [FAULT ...]     RUNS=20  SEED=1
"""

from __future__ import annotations

import logging
import os
import statistics
import sys
import time

from tests.faults.faults import FAULTS, Worlds


def main(names: list[str]) -> int:
    logging.disable(logging.CRITICAL)
    runs, seed, bad = int(os.environ.get("RUNS", "20")), int(os.environ.get("SEED", "1")), 0
    with Worlds() as worlds:
        for number, name in enumerate(names or list(FAULTS)):
            took, violations = list[float](), list[str]()
            for run in range(runs):
                began = time.monotonic()
                found = worlds.run(name, number * runs + run, seed * 1_000_000 + number * 1000 + run)
                took.append(time.monotonic() - began)
                violations += found
                for violation in found:
                    print(f"    {name} run {run}: {violation}", flush=True)
            bad += len(violations)
            seconds = f"{sum(took):.0f} s, median {statistics.median(took):.0f} s"
            print(f"{name:<22} {runs} runs, {len(violations)} violations, {seconds}", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
