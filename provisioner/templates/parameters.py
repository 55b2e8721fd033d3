"""The parameters of a template: defaults, what may be set in their place, and which are a field of a declaration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from provisioner.catalog.units import Duration, duration
from provisioner.profiles.promql import LONGEST, MAX_SECONDS
from provisioner.templates.patterns import is_pattern
from provisioner.templates.values import MAX_NUMBER

Parameter = Duration | float | str

RETENTION = "retention"
"""How long records are kept: no field of its own, but what the topic's config says."""

OF_TOPIC = ("lag", RETENTION, "expect_traffic_within", "throughput.drop", "throughput.rise", "skew")
OF_CONSUMER = ("lag", RETENTION, "expect_progress_within")
"""Fields of a topic, and of a consumer on it, that a parameter may be: where they say nothing there is no alert."""

LAG = "lag"
"""A parameter of this name is the field of this name, whether its header says so or not."""

_TYPES: Mapping[str, str] = {
    "duration": f"a duration such as 10m, at most {LONGEST}",
    "number": "a number such as 3",
    "text": "a text",
    "pattern": "a regular expression of Prometheus (RE2) such as tmp-.*",
}


@dataclass(frozen=True, slots=True)
class Taken:
    """What may stand in place of a parameter's default; `least`, `most`: of a number."""

    type: Literal["duration", "number", "text", "pattern"]
    least: float | None = None
    most: float | None = None

    def fitting(self, written: Any) -> Parameter | None:
        """What was written, as a value of the type; None where it is none."""
        if self.type == "duration":
            found = duration(written) if isinstance(written, str) else None
            return found if found is not None and found.seconds <= MAX_SECONDS else None
        if self.type == "number":
            return written if _is_number(written) and self._has(written) else None
        text = None if isinstance(written, bool) else str(written)
        return text if text is not None and (self.type == "text" or is_pattern(text)) else None

    def __str__(self) -> str:
        """In words."""
        bounds = {"at least": self.least, "at most": self.most}
        return ", ".join([_TYPES[self.type], *(f"{word} {n:g}" for word, n in bounds.items() if n is not None)])

    def _has(self, number: float) -> bool:
        return (self.least is None or number >= self.least) and (self.most is None or number <= self.most)


def _is_number(written: Any) -> bool:
    return isinstance(written, (int, float)) and not isinstance(written, bool) and abs(written) < MAX_NUMBER
