"""The parameters of a template: defaults, what may be set in their place, and which are a field of a declaration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.catalog.units import Duration, duration
from provisioner.profiles.promql import LONGEST, MAX_SECONDS
from provisioner.templates.values import MAX_NUMBER

Parameter = Duration | float | str

RETENTION = "retention"
"""How long records are kept: no field of its own, but what the topic's config says."""

OF_TOPIC = ("lag", RETENTION, "expect_traffic_within", "throughput.drop", "throughput.rise", "skew")
OF_CONSUMER = ("lag", RETENTION, "expect_progress_within")
"""Fields of a topic, and of a consumer on it, that a parameter may be: where they say nothing there is no alert."""

LAG = "lag"
"""A parameter of this name is the field of this name, whether its header says so or not."""

EXAMPLES: Mapping[type, str] = {Duration: "a duration such as 10m", int: "a number such as 3", str: "a text"}
"""What a parameter of a type takes."""


def fitting(default: Parameter, written: Any) -> Parameter | None:
    """What was written in place of a default, as a value of the default's type; None where it is none."""
    if isinstance(default, Duration):
        found = duration(written) if isinstance(written, str) else None
        return found if found is not None and found.seconds <= MAX_SECONDS else None
    if isinstance(default, str):
        return str(written) if not isinstance(written, bool) else None
    is_number = isinstance(written, (int, float)) and not isinstance(written, bool)
    return written if is_number and abs(written) < MAX_NUMBER else None


def wanted(default: Parameter) -> str:
    """In words: what may stand in place of the default."""
    kind = Duration if isinstance(default, Duration) else str if isinstance(default, str) else int
    return EXAMPLES[kind] + (f" of at most {LONGEST}" if kind is Duration else "")
