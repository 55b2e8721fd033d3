"""Who approves changes in a folder: users and groups of GitLab, or people by the address of their mail."""

from __future__ import annotations

import re
from typing import Any

from provisioner.catalog.people import is_mention
from provisioner.catalog.quoting import quoted
from provisioner.catalog.wording import once_each
from provisioner.catalog.wrong import wrong

MOST = 20
"""Of one folder; whoever has more names a group."""

_LETTER = "[A-Za-z0-9_%+-]"
MAIL = re.compile(rf"{_LETTER}(?:[A-Za-z0-9._%+-]{{0,62}}{_LETTER})?@(?:[A-Za-z0-9-]{{1,63}}\.){{1,8}}[A-Za-z]{{2,63}}")
_HINT = 'write approvers: "@payments/leads"'


def approvers(value: Any) -> Any:
    """As a list, or with blanks between them; nothing in a name can begin another rule of CODEOWNERS."""
    names = value.split(" ") if isinstance(value, str) else value
    if not isinstance(names, list) or not names:
        raise wrong(f"must be a user or a group of GitLab, is {quoted(value)}", _HINT)
    for name in names:
        if not _is_approver(name):
            what = "an @, then letters, digits, '_', '.', '-' and '/'; or an address of mail"
            raise wrong(f"must be a user or a group of GitLab ({what}), is {quoted(name)}", _HINT)
    if len(names) > MOST:
        raise wrong(f"names {len(names)} users or groups, and at most {MOST} can approve", "name a group of them")
    return once_each(names)


def _is_approver(name: Any) -> bool:
    return isinstance(name, str) and (is_mention(name) or bool(MAIL.fullmatch(name)))
