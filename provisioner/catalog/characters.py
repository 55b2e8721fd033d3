r"""Characters that have no business in a declaration: a terminal obeys them, a review does not show them.

C0 and C1 controls and DEL (escape sequences), line breaks that only some programs see, the marks that turn the
direction of writing, lone surrogates, which no UTF-8 can hold, and the private use area, which means what each program
likes: ours marks places in its own texts by them.
"""

from __future__ import annotations

import re

_REFUSED = "\x00-{}\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\uf8ff"
_IN_A_LINE = re.compile(f"[{_REFUSED.format(chr(0x0A))}]")
_IN_LINES = re.compile(f"[{_REFUSED.format(chr(0x09))}]")


def refused(text: str, breaks: bool) -> str:
    r"""The first character that may not stand here, empty where all may. `breaks`: a line break (`\n`) may."""
    if text.isprintable():
        return ""
    match = (_IN_LINES if breaks else _IN_A_LINE).search(text)
    return match[0] if match else ""
