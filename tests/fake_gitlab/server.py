"""The server: its state, its faults by switch, what it was asked; and an object storage that must see no token."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.fake_gitlab.asked import Asked
from tests.fake_gitlab.faults import Fault
from tests.fake_gitlab.handlers import API, Api, Listening, Storage
from tests.fake_gitlab.project import Project


class FakeGitLab:
    """Starts on a free port; `folder`: where what was posted is kept. `elsewhere`: artifacts come by a redirect."""

    def __init__(self, folder: Path | None = None, port: int = 0) -> None:
        self.project = Project(folder)
        self.faults: list[Fault] = []
        self.asked: list[Asked] = []
        self.fetched: list[Asked] = []
        self.elsewhere = False
        self.over = threading.Event()
        self._servers = [Listening(self, Api, port), Listening(self, Storage, 0)]

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self._servers[0].server_port}"

    @property
    def url(self) -> str:
        """What a job has as CI_API_V4_URL."""
        return self.root + API

    @property
    def storage(self) -> str:
        return f"http://127.0.0.1:{self._servers[1].server_port}"

    def __enter__(self) -> Self:
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.over.set()
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def fault(self, do: str, times: int | None = None, **parts: Any) -> None:
        """Something goes wrong from here on."""
        self.faults.append(Fault(do, times, **parts))

    def met(self, method: str, path: str) -> Fault | None:
        """The fault that a question meets; it is spent by that."""
        with self.project.lock:
            found = next((each for each in self.faults if each.meets(method, path)), None)
            if found is None:
                return None
            met = replace(found)
            found.spend()
            return met
