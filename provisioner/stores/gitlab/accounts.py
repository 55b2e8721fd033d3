"""Who somebody is: the token's own user, and whether an author is a machine of this project."""

from __future__ import annotations

import re
from dataclasses import dataclass

from provisioner.stores.gitlab import shapes
from provisioner.stores.gitlab.client import Client
from provisioner.stores.gitlab.fault import GitLabFault, Kind
from provisioner.stores.gitlab.shapes import Part


@dataclass(frozen=True, slots=True)
class Author:
    """Somebody who wrote something. The number is his for ever; the name can be changed."""

    id: int
    username: str


def author(part: Part) -> Author:
    """The author of a note, an issue or a merge request."""
    who = shapes.inner(part, "author")
    return Author(shapes.number(who, "id"), shapes.text(who, "username"))


def own(client: Client) -> Author:
    """The user of the token itself. Raises GitLabFault."""
    who = shapes.whole(client.get("/user"), "user")
    return Author(shapes.number(who, "id"), shapes.text(who, "username"))


def is_bot(client: Client, who: Author) -> bool:
    """True for the user of a project access token of this project. Raises GitLabFault where nothing can be learned.

    GitLab says of a user whether it is a machine, and names that of a token `project_ID_bot...`. A person may take such
    a name, and the machine of somebody else's project may write here: so where it says, both must hold.
    """
    try:
        found = shapes.whole(client.get(f"/users/{who.id}"), "user")
    except GitLabFault as fault:
        if fault.kind is Kind.NOT_THERE:
            return False
        raise
    name = shapes.text(found, "username")
    is_named = re.fullmatch(rf"project_{re.escape(client.api.project)}_bot\w*", name) is not None
    return is_named and found.get("bot", True) is True
