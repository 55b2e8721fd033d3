"""`python -m tests.recorded PLACE COMMAND...`: the example fleet rendered and recorded below PLACE, beside a command.

The command finds in its environment PROMETHEUS (an address that answers from the recording), DASHBOARDS (those of
prod, as declared), NOW (the end of the recording) and SCRAPE (seconds). Its exit code is this one's.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.recorded import prometheus, rendered
from tests.recorded.clock import END, SCRAPE


def main(place: Path, command: Sequence[str]) -> int:
    """What is below PLACE is made anew."""
    prometheus.required()
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for case in rendered.EVERY:
        rendered.render(case, place)
    with prometheus.served(rendered.record(place)) as server:
        return subprocess.run(command, env={**os.environ, **_told(place, server)}, check=False).returncode


def _told(place: Path, server: prometheus.Server) -> dict[str, str]:
    case = rendered.CASES[0]
    return {
        "PROMETHEUS": server.address,
        "DASHBOARDS": str((place / case.name / case.cluster / "dashboards").resolve()),
        "NOW": datetime.fromtimestamp(END, UTC).isoformat(),
        "SCRAPE": str(SCRAPE),
    }


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
