"""Make what is not there yet, though a post may be lost on its way there or back: look again before posting twice."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from provisioner.stores.gitlab.fault import DoubtfulFault

T = TypeVar("T")

TRIES = 3
SECONDS = 1.0


def made(post: Callable[[], T], look: Callable[[], T | None], sleep: Callable[[float], None] = time.sleep) -> T:
    """What was posted, or what is found of a post without an answer. Raises GitLabFault."""
    for number in range(1, TRIES + 1):
        try:
            return post()
        except DoubtfulFault:
            sleep(SECONDS)
            if (found := look()) is not None:
                return found
            if number == TRIES:
                raise
    raise AssertionError("unreachable")
