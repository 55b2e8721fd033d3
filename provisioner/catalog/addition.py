"""What is to be added to a folder of declarations."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Addition:
    """A file to be written: its content, and what must be there until then (None: nothing)."""

    content: bytes
    before: bytes | None = None
