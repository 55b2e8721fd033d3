"""Whom alerts and merge requests call, as people write them: chat rooms, users and groups of GitLab."""

from __future__ import annotations

import re
from typing import Any

from provisioner.catalog.wording import once_each
from provisioner.catalog.wrong import shown, wrong

MOST_MENTIONS = 5
"""Of one team: whoever is named here is written to by each merge request that hits it."""

MENTION = re.compile(r"@[A-Za-z0-9_](?:[A-Za-z0-9_./-]{0,253}[A-Za-z0-9_])?")
_EVERYBODY = re.compile(r"@(here|channel|everyone|all)(?![\w.-])", re.IGNORECASE)


def chat_room(name: str) -> str:
    """A room, and nothing that a chat program takes for a command: it stands in the messages of alerts."""
    if "<" in name or ">" in name:
        raise wrong("must not hold < or >: chat programs take them for commands", 'write "#room"')
    if _EVERYBODY.search(name):
        raise wrong("calls everybody in every alert", 'write "#room"')
    return name


def mentions(value: Any) -> Any:
    """Users and groups of GitLab, as a list or with blanks between them: a bot writes them into merge requests."""
    hint = 'write mention: "@finance/oncall"'
    names = value.split(" ") if isinstance(value, str) else value
    if not isinstance(names, list) or not names:
        raise wrong(f"must be a user or a group of GitLab, is {shown(value)}", hint)
    for name in names:
        _mention(name, hint)
    if len(names) > MOST_MENTIONS:
        raise wrong(
            f"names {len(names)} users or groups, and at most {MOST_MENTIONS} are called", "name a group of them"
        )
    return once_each(names)


def is_mention(name: str) -> bool:
    """True for an @ and a path that GitLab could have: nothing in it that Markdown or a command is made of."""
    return bool(MENTION.fullmatch(name)) and "//" not in name and ".." not in name


def _mention(name: Any, hint: str) -> None:
    if not isinstance(name, str) or not is_mention(name):
        what = "an @, then letters, digits, '_', '.', '-' and '/'"
        raise wrong(f"must be a user or a group of GitLab ({what}), is {shown(name)}", hint)
    if _EVERYBODY.fullmatch(name):
        raise wrong("calls everybody in the project", hint)
