"""What is posted to GitLab beside a command's result: it may fail, and then a line says so; the command goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from provisioner import printable
from provisioner.commands.console import Console

if TYPE_CHECKING:
    from provisioner.stores.gitlab.client import Client
    from provisioner.stores.gitlab.notes import Posted

Task = Callable[["Client"], "Posted"]


def post(console: Console, iid: int, marker: str, body: str) -> None:
    """One note on the merge request says the body from here on. Never raises: what fails is a line on stderr.

    The note is the token's own that begins with the marker; it is written anew in place.
    """
    from provisioner.stores.gitlab import notes

    posted(console, f"note on merge request {iid}", lambda client: notes.upsert(client, iid, marker, body))


def posted(console: Console, what: str, task: Task) -> None:
    """Do it with a client of what the environment names, and say in one line what became of it."""
    from provisioner.stores.gitlab import api
    from provisioner.stores.gitlab.client import Client
    from provisioner.stores.gitlab.fault import GitLabFault

    try:
        found = api.from_environment(console.environment)
        if found.warning:
            console.say(f"warning: {found.warning}")
        done = task(Client(found))
    except GitLabFault as fault:
        console.say(f"hint: {what} not posted ({fault.kind}): {printable.line(str(fault))}; {fault.hint}")
        return
    console.say(f"{what} {done.became}{f': {printable.line(done.link)}' if done.link else ''}")
