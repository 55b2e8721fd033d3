r"""Regular expressions as Prometheus takes them (RE2), judged without it: a refused one costs a whole file of rules.

Where Python and RE2 differ the answer is no: lookarounds, backreferences, possessive quantifiers, `\Z`, long counts.
<https://github.com/google/re2/wiki/Syntax>
"""

from __future__ import annotations

import math
import re
import warnings

LONGEST = 1000
"""Characters of one."""
MOST_COUNTED = 1000
"""RE2's bound of what a repeat unrolls to, nested ones multiplied; here of all in one expression."""

_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]{2}|[dDwWsSbBAnrtfv]|[^\w\s])", re.ASCII)
_CLASS = re.compile(r"\[\^?\]?[^\]\[]*\]")
_STRANGE = re.compile(r"\\|\[|\(\?(?!:|P<|[ims]+\))|[*+?}]\+|\{\d*,\d*\}\{")
_COUNT = re.compile(r"\{(?:\d*,)?(\d+),?\}")


def is_pattern(text: str) -> bool:
    """True for what both of them read."""
    if len(text) > LONGEST:
        return False
    # An escaped sign is a letter to all that follows, and so is a class of signs.
    bare = _CLASS.sub("a", _ESCAPE.sub("a", text))
    if _STRANGE.search(bare) or math.prod(int(count) or 1 for count in _COUNT.findall(bare)) > MOST_COUNTED:
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(text)
    except (re.error, FutureWarning, DeprecationWarning, OverflowError, RecursionError):
        return False
    return True
