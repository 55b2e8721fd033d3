"""What people write that is no YAML, in their words and not in the parser's."""

from __future__ import annotations

import re
from typing import Any

_KEY = re.compile(r"\s*(?:- )?[\"']?[A-Za-z_][A-Za-z0-9_.-]*[\"']?:[ \t]+")

Slip = tuple[str, str]
"""Message and hint. Neither repeats what stands there: it may be a secret, which the excerpt masks."""


def known(text: str, mark: Any, what: str) -> Slip | None:
    """The slip at the parser's mark; None where only the parser knows. `what`: its own words."""
    written = next(iter(text.split("\n")[mark.line : mark.line + 1]), "")
    sign = written[mark.column : mark.column + 1]
    if "\t" in written[: mark.column + 1] and not written[: mark.column].strip(" \t-"):
        return "a tab in the indentation: YAML takes spaces only", "write spaces in its place"
    if sign and sign in "@`%" and "start any token" in what:
        return f"text that begins with {sign} needs quotes", f'write "{sign}payments" with quotes around it'
    if "mapping values" in what and _KEY.match(written):
        return "text with ': ' in it needs quotes", 'write description: "keyed by customer: id"'
    return None
