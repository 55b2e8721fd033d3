"""What is wrong with the input, as values: a check yields problems, a report prints them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """An error holds back what it governs, a warning is shown, what the files accept is counted."""

    ERROR = "error"
    WARNING = "warning"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in a file. Lines and columns count from 1, in characters; `width` is what a caret underlines.

    Line 0: the file or folder as a whole, or what is not there.
    """

    path: str
    line: int = 1
    column: int = 1
    width: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}" if self.line else self.path


@dataclass(frozen=True, slots=True)
class Problem:
    """Where (span), what and why (message), what to do (hint); `check`: its name in output and docs.

    `consent`: the word and the value under `allow:` by which a topic's file accepts it; None: it cannot be accepted.
    `governs`: the places that it is about, where that is not its own alone: a topic whose default is wrong for it, or
    two declarations that are wrong only together.
    """

    check: str
    message: str
    span: Span
    hint: str = ""
    severity: Severity = Severity.ERROR
    consent: tuple[str, str] | None = None
    governs: tuple[Span, ...] = ()

    @property
    def about(self) -> tuple[Span, ...]:
        """The places that it is about."""
        return self.governs or (self.span,)
