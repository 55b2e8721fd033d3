"""Web addresses that people write: runbooks, dashboards, servers to tell. They end up in messages and in requests."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

LONGEST = 2000
_NEVER = re.compile(r"[\s<>\"'`\\^{|}]")


def fault(url: str) -> str:
    """What is wrong with a web address, in words that do not repeat it; empty where nothing is."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # http://[ and other hosts that only look like IPv6, ports that are none
        return "is no http or https address"
    if "@" in parts.netloc:
        return "holds a user or a password; credentials never stand in a URL"
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        return "is no http or https address"
    return "holds a blank or another character that no address has" if _NEVER.search(url) else ""
