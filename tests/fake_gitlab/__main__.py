"""`python -m tests.fake_gitlab --state DIR --port 0`: prints its API's address, and keeps what is posted in DIR."""

from __future__ import annotations

import argparse
import signal
import threading
from pathlib import Path

from tests.fake_gitlab.server import FakeGitLab


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fake_gitlab", description=__doc__)
    parser.add_argument("--state", type=Path, required=True, help="the folder of state.json and artifacts/JOB/")
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    given = parser.parse_args()
    end = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: end.set())
    with FakeGitLab(given.state, given.port) as gitlab:
        gitlab.project.keep()
        print(gitlab.url, flush=True)
        end.wait()


if __name__ == "__main__":
    main()
