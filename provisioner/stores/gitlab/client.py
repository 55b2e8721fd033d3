"""GitLab's API asked with a token, page by page, in bounded time; JSON or bytes come back."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from provisioner.stores.gitlab import tries
from provisioner.stores.gitlab.api import Api, shown_host
from provisioner.stores.gitlab.exchange import Answer, Line, Question
from provisioner.stores.gitlab.fault import Kind
from provisioner.stores.gitlab.status import fault_of
from provisioner.stores.gitlab.tries import Patience

PATIENT = Patience()
MOST_JSON, MOST_ARTIFACT, MOST_PAGES = 16 << 20, 64 << 20, 100
PER_PAGE = "100"


class Client:
    """The API of one project. Every method raises GitLabFault.

    A path begins behind `/projects/ID/`, or at the top where it has a slash before it.
    """

    def __init__(self, api: Api, patience: Patience = PATIENT) -> None:
        self.api = api
        self._patience = patience
        self._end = time.monotonic() + patience.run

    def get(self, path: str, parameters: Mapping[str, str] | None = None) -> Any:
        """One JSON document."""
        question = self._question("GET", path, parameters)
        return _read(question, self._answer(question))

    def pages(self, path: str, parameters: Mapping[str, str] | None = None) -> Iterator[Mapping[str, Any]]:
        """The objects of a list, over all its pages."""
        page: int | None = 1
        for _ in range(MOST_PAGES):
            question = self._question("GET", path, {**(parameters or {}), "per_page": PER_PAGE, "page": str(page)})
            answer = self._answer(question)
            yield from _listed(question, answer)
            page = _following(question, answer, page or 1)
            if page is None:
                return
        raise fault_of(question, Kind.NOT_UNDERSTOOD, f"it has more than {MOST_PAGES} pages of {PER_PAGE}")

    def put(self, path: str, document: Mapping[str, Any]) -> Any:
        """Change what is there; doing so twice is as once."""
        question = self._question("PUT", path, document=document)
        return _read(question, self._answer(question))

    def post(self, path: str, document: Mapping[str, Any]) -> Any:
        """Make something. Raises DoubtfulFault where it may have been made: look before posting again."""
        question = self._question("POST", path, document=document)
        return _read(question, self._answer(question))

    def download(self, path: str) -> bytes:
        """A file's bytes, from where GitLab sends us if it does; the token stays with GitLab."""
        question = self._question("GET", path, limit=MOST_ARTIFACT)
        answer = self._answer(question, redirects=True)
        if 300 <= answer.status < 400:
            answer = self._answer(_elsewhere(question, answer))
        return answer.body

    def _question(
        self,
        method: str,
        path: str,
        parameters: Mapping[str, str] | None = None,
        document: Mapping[str, Any] | None = None,
        limit: int = MOST_JSON,
    ) -> Question:
        place = path if path.startswith("/") else f"/projects/{quote(self.api.project, safe='')}/{path}".rstrip("/")
        url, token = f"{self.api.url}{place}", self.api.token
        return Question(method, url, self.api.host, place, limit, parameters or {}, document, token)

    def _answer(self, question: Question, *, redirects: bool = False) -> Answer:
        # A file that vouches for GitLab's own server vouches for no object storage.
        line = Line(self.api.proxy, self.api.ca if question.token else None)
        return tries.answered(question, line, self._patience, self._end, redirects=redirects)


def _read(question: Question, answer: Answer) -> Any:
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        raise fault_of(question, Kind.NOT_UNDERSTOOD, "the answer is no JSON") from None


def _listed(question: Question, answer: Answer) -> list[Mapping[str, Any]]:
    found = _read(question, answer)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise fault_of(question, Kind.NOT_UNDERSTOOD, "the answer is no list of objects")
    return found


def _following(question: Question, answer: Answer, page: int) -> int | None:
    """The next page's number; None behind the last."""
    text = answer.headers.get("x-next-page", "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 7) or int(text) <= page:
        raise fault_of(question, Kind.NOT_UNDERSTOOD, "its x-next-page leads nowhere")
    return int(text)


def _elsewhere(question: Question, answer: Answer) -> Question:
    """The same file where it lies: over https, or on GitLab's own host as GitLab itself is reached."""
    place = _joined(question.url, answer.headers.get("location", ""))
    if not place:
        why = "it leads to an address that is neither https nor on GitLab's own host"
        raise fault_of(question, Kind.NOT_UNDERSTOOD, why)
    return Question("GET", place, shown_host(place), f"the file of {question.what}", question.limit)


def _joined(url: str, location: str) -> str:
    """Where a redirect leads; empty where nobody goes."""
    try:
        place = urljoin(url, location)
        here, there = urlsplit(url), urlsplit(place)
        is_known = there.scheme == "https" or (there.scheme, there.hostname) == (here.scheme, here.hostname)
    except ValueError:
        return ""
    return place if is_known else ""
