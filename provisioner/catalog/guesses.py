"""What a plain scalar is: a number, a switch, text, or something that YAML readers take for different things."""

from __future__ import annotations

import math
import re
from functools import lru_cache

from provisioner.printable import line

LONGEST = 128
"""Characters; a longer plain scalar is text. Looked at before any pattern is tried."""

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(0|[1-9][0-9]*)\.[0-9]+([eE][-+]?[0-9]+)?")
_TRAPS = (
    (r"(?i:y|yes|n|no|on|off)|True|TRUE|False|FALSE", "YAML may read it as true or false"),
    (r"[-+]?0[0-9_]+|0[xXbBoO][0-9a-fA-F_]+", "YAML may read it as an octal or hexadecimal number"),
    (r"[-+]?[0-9]+(?::[0-5]?[0-9])+(?:\.[0-9]*)?", "YAML may read it as a number in base 60"),
    (r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt ].*)?", "YAML may read it as a date"),
    (r"[-+]?[0-9]+_[0-9_]*", "YAML may read it as a number without the underscores"),
    (
        r"[-+]?(?:\.[0-9]+|[0-9]+\.|[0-9.]+[eE][-+]?[0-9]+|\.(?i:inf|nan))|\.(?i:nan)",
        "YAML may read it as a number",
    ),
)
_TRAP = re.compile("|".join(f"({pattern})" for pattern, _ in _TRAPS))
_MAYBE = frozenset("0123456789+-.yYnNoOtTfF")
_ODD = _MAYBE | {"", "~"}
_MOST_DIGITS = 30


def plain(text: str) -> str | int | float | bool:
    """The value of a scalar without quotes that is no trap."""
    if text in ("true", "false"):
        return text == "true"
    if text[:1] not in _MAYBE or len(text) > LONGEST:
        return text
    if _INTEGER.fullmatch(text):
        return int(text) if len(text) < _MOST_DIGITS else text
    number = float(text) if _FLOAT.fullmatch(text) else math.inf
    return number if math.isfinite(number) else text


_NUMBERS = frozenset({"partitions", "replication_factor"})
_OFF = frozenset({"off", "no", "n", "false"})


def remedy(text: str, key: str, is_switch: bool) -> str:
    """What to write for a trap, by the key that it stands at."""
    if key == "lag":
        return "write none to switch it off" if text.lower() in _OFF else "write a duration such as 10m"
    if key in _NUMBERS:
        digits = text.replace("_", "").lstrip("+0")
        return f"write {digits}" if digits.isdecimal() else "write a number such as 3"
    return f'write "{line(text)}" if it is text' + (", true or false if it is a switch" * is_switch)


def trap(text: str) -> str:
    """Why a scalar must be quoted or written otherwise; empty where everybody reads the same."""
    if text[:1] not in _MAYBE or len(text) > LONGEST:
        return ""
    match = _TRAP.fullmatch(text)
    return _TRAPS[match.lastindex - 1][1] if match and match.lastindex else ""


def is_word(text: str) -> bool:
    """True for a scalar that its first character or its length makes text, and neither empty nor a trap."""
    return text[:1] not in _ODD or len(text) > LONGEST


@lru_cache(1024)
def guessed(text: str) -> tuple[str | int | float | bool, str]:
    """What a scalar is that is no plain word, and why it is a trap, if it is one."""
    value = plain(text)
    return value, trap(text) if value is text else ""
