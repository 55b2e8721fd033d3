"""What an answer's status says: go on, ask again, or why not."""

from __future__ import annotations

import json

from provisioner import printable
from provisioner.stores.gitlab.exchange import Answer, Question
from provisioner.stores.gitlab.fault import DoubtfulFault, GitLabFault, Kind

_REFUSALS = {
    401: (Kind.NO_RIGHTS, "the token is not known, or expired"),
    403: (Kind.NO_RIGHTS, "the token has not the right"),
    404: (Kind.NOT_THERE, "there is no such thing"),
}


class AgainError(Exception):
    """What may be asked again. `after`: when, in seconds, where the server says so."""

    def __init__(self, fault: GitLabFault, after: float | None = None) -> None:
        super().__init__(str(fault))
        self.fault, self.after = fault, after


def judge(question: Question, answer: Answer, redirects: bool) -> None:
    """Nothing for a good one. Raises AgainError, or GitLabFault for what asking again does not mend."""
    status = answer.status
    if 200 <= status < 300 or (redirects and 300 <= status < 400):
        return
    if status == 429:
        fault = fault_of(question, Kind.UNREACHABLE, "it asks to come back later (429)")
        raise AgainError(fault, _seconds(answer.headers.get("retry-after", "")))
    if status >= 500:
        raise unanswered(question, f"the server failed ({status})")
    if 300 <= status < 400:
        raise fault_of(question, Kind.NOT_UNDERSTOOD, f"it is a redirect ({status}), which is not followed")
    kind, why = _REFUSALS.get(status, (Kind.NOT_TAKEN, "refused"))
    raise fault_of(question, kind, f"{why} ({status}){_words(question, answer)}")


def unanswered(question: Question, why: str) -> Exception:
    """To be asked again; but a post may have been carried out, and is not sent twice."""
    if question.method == "POST":
        return DoubtfulFault(Kind.UNREACHABLE, question.host, f"POST {question.what}", why)
    return AgainError(fault_of(question, Kind.UNREACHABLE, why))


def fault_of(question: Question, kind: Kind, why: str) -> GitLabFault:
    """The fault of one question."""
    return GitLabFault(kind, question.host, f"{question.method} {question.what}", why)


def _words(question: Question, answer: Answer) -> str:
    """What the server says against it, if it is JSON, in one line; never what was sent to let us in."""
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        return ""
    said = said if isinstance(said, dict) else {}
    text = str(said.get("message") or said.get("error_description") or said.get("error") or "")
    text = text.replace(question.token, "***") if question.token else text
    return f": {printable.cut(printable.line(text))}" if text else ""


def _seconds(text: str) -> float | None:
    """Of a Retry-After; GitLab writes seconds."""
    return float(text) if text.isascii() and text.isdigit() and len(text) < 7 else None
