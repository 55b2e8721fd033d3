"""Prometheus' reload, over real HTTP."""

from __future__ import annotations

import socketserver
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from provisioner.stores import prometheus, rule_listing
from provisioner.stores.prometheus import Reloaded


class Server(socketserver.ThreadingMixIn, HTTPServer):
    daemon_threads = True
    answer: tuple[int, str] = (200, "")
    location: str = ""
    endless: bool = False
    drips: threading.Event | None = None
    paths: list[str]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        self.server.paths.append(self.path)
        if self.server.drips:
            self._drip(self.server.drips)
            return
        status, text = self.server.answer
        self.send_response(status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(text.encode())
            while self.server.endless:
                self.wfile.write(b"x" * 65536)

    def _drip(self, end: threading.Event) -> None:
        """A byte of a header at a time, so that no time-out between bytes ever comes."""
        with suppress(OSError):
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
            while not end.wait(0.05):
                self.wfile.write(b"x")
                self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server(("127.0.0.1", 0), Handler)
    made.paths = []
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()


def address(server: Server) -> str:
    return f"http://127.0.0.1:{server.server_port}"


def test_a_reload_posts_to_every_server(server: Server) -> None:
    """And has nothing to say where all is well."""
    assert prometheus.reload([address(server), address(server) + "/"]) == Reloaded(
        (address(server), address(server) + "/")
    )
    assert server.paths == ["/-/reload", "/-/reload"]


def test_what_prometheus_says_against_the_rules_is_told(server: Server) -> None:
    """Its own words."""
    server.answer = (500, "rules.yaml: line 3: bad expression")
    (why,) = prometheus.reload([address(server)]).refused
    assert "bad expression" in why


def test_a_server_that_does_not_answer_is_named() -> None:
    """After a few tries."""
    (why,) = prometheus.reload(["http://127.0.0.1:1"]).silent
    assert "http://127.0.0.1:1 cannot be reached" in why


def test_a_server_that_drips_has_not_confirmed(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """One time for all servers and for the whole answer; those that did answer are not waited for twice."""
    monkeypatch.setattr(prometheus, "RELOAD_SECONDS", 1.0)
    server.drips = threading.Event()
    why = prometheus.reload([address(server), address(server) + "/x"]).silent[0]
    server.drips.set()
    assert why == f"{address(server)} did not confirm within 1 s that it took the rules"


def test_an_answer_without_end_is_read_no_further_than_needed(server: Server) -> None:
    server.answer, server.endless = (500, "no rule "), True
    tracemalloc.start()
    (why,) = prometheus.reload([address(server)]).refused
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    server.endless = False
    assert "no rule" in why
    assert len(why) < 700
    assert most < 20_000_000


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(server: Server, status: int) -> None:
    server.answer, server.location = (status, ""), f"{address(server)}/elsewhere"
    assert "redirect" in prometheus.reload([address(server)]).refused[0]
    assert server.paths == ["/-/reload"]


def test_no_proxy_is_used_but_the_one_named(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy's own 200 would pass for a reload."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"):
        monkeypatch.setenv(name, address(server))
    monkeypatch.delenv("no_proxy", raising=False)
    assert "cannot be reached" in prometheus.reload(["http://127.0.0.1:1"]).silent[0]
    assert server.paths == []
    assert prometheus.reload(["http://prometheus.invalid:9090"], proxy=address(server)).taken
    assert server.paths == ["http://prometheus.invalid:9090/-/reload"]


def test_of_many_complaints_a_few_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong template makes one of each topic."""
    (tmp_path / "promtool").write_text("#!/bin/sh\nprintf ' FAILED:\\na\\nb\\nc\\nd\\ne\\n' >&2\nexit 1\n")
    (tmp_path / "promtool").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    assert prometheus.complaints({"a.yml": "groups: []"}) == {"a.yml": "a; b; c; and 2 more"}


def test_promtool_that_does_not_answer_is_an_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "promtool").write_text("#!/bin/sh\nexec sleep 60\n")
    (tmp_path / "promtool").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    monkeypatch.setattr(prometheus, "CHECK_SECONDS", 0.2)
    assert "no answer" in prometheus.complaints({"a.yml": "groups: []"})["a.yml"]


LISTED = (
    """{"data": {"groups": [{"file": "/other/kafka-prod+x.yml", "rules": [1]}, {"file": "/r/a.yml", "rules": []}]}}"""
)


@pytest.mark.parametrize(
    ("answer", "wanted", "why"),
    [
        ((200, LISTED), {"kafka-prod+x.yml": 1}, None),
        ((200, LISTED), {"kafka-prod+x.yml": 2}, "does not have the rules of kafka-prod+x.yml: does its rule_files:"),
        ((200, LISTED), {"kafka-prod+y.yml": 1}, "does not have the rules of kafka-prod+y.yml: does its rule_files:"),
        ((404, "no"), {"kafka-prod+x.yml": 1}, "does not say which rules it has (/api/v1/rules: HTTPError)"),
        ((302, "no"), {"kafka-prod+x.yml": 1}, "does not say which rules it has"),
        ((200, "[1, 2]"), {"kafka-prod+x.yml": 1}, "does not say which rules it has (/api/v1/rules: TypeError)"),
        ((200, '{"data": null}'), {"kafka-prod+x.yml": 1}, "does not say which rules it has"),
    ],
)
def test_rules_are_in_force_where_the_server_lists_them(
    server: Server, monkeypatch: pytest.MonkeyPatch, answer: tuple[int, str], wanted: dict[str, int], why: str | None
) -> None:
    """By the name of their file, wherever it sees the folder, and by their number."""
    monkeypatch.setattr(rule_listing, "LISTING_SECONDS", 0.0)
    server.answer = answer
    said = rule_listing.lacking([address(server)], wanted)
    assert said is None if why is None else why in (said or "")


def test_a_listing_that_drips_is_not_waited_for(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule_listing, "LISTING_SECONDS", 0.5)
    monkeypatch.setattr(rule_listing, "ANSWER_SECONDS", 0.5)
    server.drips = threading.Event()
    said = rule_listing.lacking([address(server)], {"kafka-prod+x.yml": 1})
    server.drips.set()
    assert said == f"{address(server)} was reloaded, and did not list its rules in time"
