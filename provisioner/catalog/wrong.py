"""What is said of a value that a file must not hold: what is wrong with it, and what to write instead."""

from __future__ import annotations

from typing import Any

from pydantic_core import PydanticCustomError

from provisioner.catalog.quoting import quoted


def wrong(message: str, hint: str) -> PydanticCustomError:
    """An error for pydantic; `hint` in its context is what to write."""
    return PydanticCustomError("wording", "{message}", {"message": message, "hint": hint})


def shown(value: Any) -> str:
    """A value as a file would have it."""
    return str(value).lower() if isinstance(value, bool) else quoted(value)
