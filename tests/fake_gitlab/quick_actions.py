"""Lines that GitLab would carry out in place of showing them, such as `/close`; seen through no fence but its own."""

from __future__ import annotations

import re

_FENCED = re.compile(r"^```.+?\n```$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^/[a-z_]+.*$", re.MULTILINE)


def commands(text: str) -> list[str]:
    """What would be carried out. Only a fence of three backticks hides a command; a longer one does not."""
    return _COMMAND.findall(_FENCED.sub("", text.replace("\r\n", "\n")))
