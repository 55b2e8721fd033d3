"""One alert or dashboard of a rendering, packed: a fleet of ten thousand topics has 300 MB of them as text."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from provisioner.kinds.board_file import Dashboard

Noun = Literal["alert", "dashboard"]
ALERT: Noun = "alert"
DASHBOARD: Noun = "dashboard"

Parts = Mapping[str, Any]
"""Field -> its value: texts of an alert (`expr`, `labels.severity`), whatever JSON has of a dashboard (`panel.Lag`)."""


@dataclass(frozen=True, slots=True)
class Piece:
    """`identity`: what it is found by on the other side; `title`: what people call it.

    `teams`: whom an alert calls; the tags of a dashboard, one of which is its team.
    """

    noun: Noun
    template: str
    cluster: str
    identity: tuple[str, ...]
    title: str
    teams: tuple[str, ...]
    digest: bytes
    packed: bytes = field(repr=False)

    @property
    def parts(self) -> Parts:
        """All that may differ."""
        text = zlib.decompress(self.packed).decode(errors="surrogatepass")
        if self.noun == DASHBOARD:
            return Dashboard(text).parts()
        parts: dict[str, str] = json.loads(text)
        return parts


def packed(text: str) -> tuple[bytes, bytes]:
    """The digest and the packed form of a text."""
    raw = text.encode(errors="surrogatepass")
    return hashlib.sha256(raw).digest(), zlib.compress(raw, 1)
