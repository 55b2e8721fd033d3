"""One question and its answer, tried again where that is safe, within bounds of time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_random_exponential

from provisioner.stores.gitlab import exchange, status
from provisioner.stores.gitlab.exchange import Answer, Line, Question, SilentError, TooLargeError
from provisioner.stores.gitlab.fault import Kind
from provisioner.stores.gitlab.status import AgainError


@dataclass(frozen=True, slots=True)
class Patience:
    """In seconds: one question with all its tries, one wait in between, all questions together; and how many tries.

    `sleep`: how the waits are spent.
    """

    question: float = 60.0
    wait: float = 30.0
    run: float = 600.0
    tries: int = 5
    sleep: Callable[[float], None] = time.sleep


def answered(question: Question, line: Line, patience: Patience, end: float, *, redirects: bool = False) -> Answer:
    """A good answer before `end` on the monotonic clock; with `redirects` one is good, too. Raises GitLabFault."""
    until = min(time.monotonic() + patience.question, end)
    again = Retrying(
        retry=retry_if_exception_type(AgainError),
        stop=lambda state: _is_over(state, patience, until),
        wait=lambda state: _wait(state, patience),
        sleep=patience.sleep,
        reraise=True,
    )
    try:
        return again(_once, question, line, until, redirects)
    except AgainError as error:
        raise error.fault from None


def _is_over(state: RetryCallState, patience: Patience, until: float) -> bool:
    return state.attempt_number >= patience.tries or time.monotonic() + state.upcoming_sleep >= until


def _wait(state: RetryCallState, patience: Patience) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.after if isinstance(error, AgainError) else None
    mine = wait_random_exponential(0.5, max=5)(state)
    return min(patience.wait, mine if asked is None else asked)


def _once(question: Question, line: Line, until: float, redirects: bool) -> Answer:
    left = until - time.monotonic()
    if left <= 0:
        raise status.fault_of(question, Kind.UNREACHABLE, "the time for all questions is over")
    try:
        answer = exchange.asked(question, line, left)
    except SilentError as error:
        raise status.unanswered(question, str(error)) from None
    except TooLargeError as error:
        raise status.fault_of(question, Kind.NOT_UNDERSTOOD, f"the answer is too large: {error}") from None
    status.judge(question, answer, redirects)
    return answer
