"""What goes wrong, by switch: which questions it meets, how often, and what they get for an answer."""

from __future__ import annotations

import re
from dataclasses import dataclass

TOO_MANY, FAILS, DROPS = "too-many", "fails", "drops"
FORBIDDEN, TRICKLES, NO_JSON, REDIRECTS, HUGE = "forbidden", "trickles", "no-json", "redirects", "huge"
DONE_THEN_FAILS, DONE_THEN_DROPS = "done-then-fails", "done-then-drops"
WORDS = (
    *(TOO_MANY, FAILS, DROPS, FORBIDDEN, TRICKLES, NO_JSON, REDIRECTS, HUGE),
    *(DONE_THEN_FAILS, DONE_THEN_DROPS),
)


@dataclass
class Fault:
    """`do`: one of WORDS. `times`: how many questions it still meets; None: all of them.

    `status`: of `fails` (500, 502, ...); `after`: the Retry-After of `too-many`, in seconds; `location`: where
    `redirects` leads.
    """

    do: str
    times: int | None = None
    method: str = ""
    path: str = ""
    status: int = 502
    after: str = "1"
    location: str = "http://127.0.0.1:9/"

    def __post_init__(self) -> None:
        if self.do not in WORDS:
            raise ValueError(f"{self.do!r} is none of {', '.join(WORDS)}")

    def meets(self, method: str, path: str) -> bool:
        """True for a question of that kind, as long as it lasts."""
        is_left = self.times is None or self.times > 0
        return is_left and self.method in ("", method) and re.search(self.path, path) is not None

    def spend(self) -> None:
        """It has met one more."""
        self.times = None if self.times is None else self.times - 1
