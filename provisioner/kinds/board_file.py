"""A dashboard as a value: the text of its file, compared panel by panel."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from provisioner.kinds.fields import unique

PANEL = "panel."
"""What the fields of panels begin with."""

SHORT = 60


class Dashboard:
    """The text of a dashboard's file, one line a panel. It is held packed: ten thousand of them are 240 MB as text."""

    __slots__ = ("_packed", "digest")

    def __init__(self, text: str) -> None:
        raw = text.encode(errors="surrogatepass")
        self._packed, self.digest = zlib.compress(raw, 1), hashlib.sha256(raw).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dashboard) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        return f"Dashboard({self.text!r})"

    @property
    def text(self) -> str:
        """The file's text."""
        return zlib.decompress(self._packed).decode(errors="surrogatepass")

    def fields(self) -> Mapping[str, str]:
        """`panel.<title>` for each panel and `<key>` for the rest of the dashboard, long ones as digests."""
        return {name: _shown(name, value) for name, value in self.parts().items()}

    def exact(self) -> Mapping[str, str]:
        """The file's text, by its SHA-256: as good as whole."""
        return {"text": self.digest}

    def parts(self) -> Mapping[str, Any]:
        """Each field's value as JSON has it; the text alone where that is no dashboard."""
        return _parts(self.text)

    def restricted_to(self, fields: frozenset[str], observed: Dashboard) -> Dashboard:
        """There are no parts."""
        return self

    def without(self, members: frozenset[str]) -> Dashboard | None:
        """It is one topic's, and nothing without it."""
        return None if members else self


# One change asks for the parts of its two dashboards several times over.
@lru_cache(maxsize=4)
def _parts(text: str) -> Mapping[str, Any]:
    try:
        return _fields(json.loads(text))
    except (ValueError, AttributeError, TypeError):
        return {"text": text}


def _fields(data: Mapping[str, Any]) -> dict[str, Any]:
    found = {key: value for key, value in data.items() if key != "panels"}
    for index, panel in enumerate(data.get("panels", ())):
        found[unique(f"{PANEL}{panel.get('title') or index}", found)] = panel
    return found


def _shown(name: str, part: Any) -> str:
    value = part if isinstance(part, str) else json.dumps(part, sort_keys=True)
    if len(value) <= SHORT and not name.startswith(PANEL) and name != "text":
        return value
    return hashlib.sha256(value.encode(errors="surrogatepass")).hexdigest()[:16]
