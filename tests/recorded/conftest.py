"""The recording, made once a run (also where several workers run it), and a Prometheus that holds it."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.recorded import prometheus, rendered


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with every case rendered, and the database `tsdb`."""
    own = tmp_path_factory.getbasetemp()
    place = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "recording"
    place.mkdir(exist_ok=True)
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "whole").exists():
            prometheus.required()
            for case in rendered.EVERY:
                rendered.render(case, place)
            rendered.record(place)
            (place / "whole").touch()
    return place


@pytest.fixture(scope="session")
def server(recording: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[prometheus.Server]:
    """A Prometheus that holds the recording; each worker has its own, with a copy of the database."""
    place = tmp_path_factory.mktemp("prometheus") / "tsdb"
    shutil.copytree(recording / "tsdb", place)
    with prometheus.served(place) as one:
        yield one
