"""`python -m tests.live_alerts [short|long]`: the alerts beside the truth, as a table. Exit 1 where one is wrong."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.live_alerts import pace, table
from tests.live_alerts.lab import run


@contextlib.contextmanager
def kept(folder: str | None) -> Iterator[Path]:
    """That folder, which stays, with Prometheus' data; or one that does not."""
    if folder:
        Path(folder).mkdir(parents=True)
        yield Path(folder)
        return
    with tempfile.TemporaryDirectory(prefix="live-alerts-") as place:
        yield Path(place)


def main(name: str = "long") -> int:
    """Print the table."""
    chosen = {"short": pace.SHORT, "long": pace.LONG}[name]
    with kept(os.environ.get("KEEP")) as place:
        result = run(chosen, place, lambda line: print(line, file=sys.stderr, flush=True))
    print("\n".join(table.lines(result)))
    return 0 if result.is_right else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
