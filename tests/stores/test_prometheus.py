"""Prometheus' reload, over real HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from provisioner.stores import prometheus


class Server(HTTPServer):
    answer: tuple[int, str] = (200, "")
    paths: list[str]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        self.server.paths.append(self.path)
        status, text = self.server.answer
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

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
    assert prometheus.reload([address(server), address(server) + "/"]) is None
    assert server.paths == ["/-/reload", "/-/reload"]


def test_what_prometheus_says_against_the_rules_is_told(server: Server) -> None:
    """Its own words."""
    server.answer = (500, "rules.yaml: line 3: bad expression")
    assert "bad expression" in (prometheus.reload([address(server)]) or "")


def test_a_server_that_does_not_answer_is_named() -> None:
    """After a few tries."""
    assert "http://127.0.0.1:1 cannot be reached" in (prometheus.reload(["http://127.0.0.1:1"]) or "")
