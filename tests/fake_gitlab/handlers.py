"""HTTP: questions read, answers written, or spoiled."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.fake_gitlab import answers, faults, reads
from tests.fake_gitlab.asked import Asked
from tests.fake_gitlab.call import Reply
from tests.fake_gitlab.faults import Fault

if TYPE_CHECKING:
    from tests.fake_gitlab.server import FakeGitLab

API = answers.API


class Listening(ThreadingHTTPServer):
    """One address of it."""

    daemon_threads = True

    def __init__(self, gitlab: FakeGitLab, handler: type[BaseHTTPRequestHandler], port: int) -> None:
        super().__init__(("127.0.0.1", port), handler)
        self.gitlab = gitlab


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Listening

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def _question(self) -> Asked:
        parts = urlsplit(self.path)
        return Asked(self.command, parts.path, self.headers.get("PRIVATE-TOKEN", ""), dict(parse_qsl(parts.query)))

    def _send(self, reply: Reply) -> None:
        body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        with suppress(OSError):
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)


class Storage(Handler):
    def do_GET(self) -> None:
        gitlab, question = self.server.gitlab, self._question()
        gitlab.fetched.append(question)
        job, _, path = question.path.lstrip("/").partition("/")
        found = reads.file_of(gitlab.project, int(job), unquote(path))
        self._send(Reply(found) if found is not None else Reply(b"<Error/>", 404))


class Api(Handler):
    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def _answer(self) -> None:
        gitlab, question = self.server.gitlab, self._question()
        document = self._document()
        if question.path.startswith("/_fake/"):
            self._send(self._told(question, document))
            return
        gitlab.asked.append(question)
        fault = gitlab.met(question.method, question.path)
        if fault and not fault.do.startswith("done-then-"):
            self._fail(fault)
            return
        with gitlab.project.lock:
            reply = answers.routed(gitlab, question, document)
            gitlab.project.keep()
        if fault:
            self._fail(replace(fault, do=fault.do.removeprefix("done-then-")))
            return
        self._send(reply)

    def _document(self) -> dict[str, Any]:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return json.loads(raw) if raw else {}

    def _told(self, question: Asked, document: Any) -> Reply:
        """By whoever runs it as a process: `/_fake/state` and `/_fake/faults` are read, and PUT anew."""
        gitlab, word = self.server.gitlab, question.path.removeprefix("/_fake/")
        with gitlab.project.lock:
            if question.method == "PUT" and word == "state":
                gitlab.project.told |= document
                gitlab.project.keep()
            if question.method == "PUT" and word == "faults":
                gitlab.faults[:] = [Fault(**each) for each in document.get("faults", [])]
            return Reply(
                gitlab.project.told if word == "state" else {"faults": [asdict(each) for each in gitlab.faults]}
            )

    def _fail(self, fault: Fault) -> None:
        if fault.do == faults.DROPS:
            self.close_connection = True
        elif fault.do == faults.TRICKLES:
            self._trickle()
        else:
            self._send(answers.wrong(fault))

    def _trickle(self) -> None:
        """A byte of a header at a time, so that no time-out between two bytes ever comes."""
        self.close_connection = True
        with suppress(OSError):
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
            while not self.server.gitlab.over.wait(0.02):
                self.wfile.write(b"x")
                self.wfile.flush()
