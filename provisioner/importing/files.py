"""Entries into a team's folder: new files, or the end of a file that ends in its topics; what is there stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from provisioner.catalog.addition import Addition
from provisioner.catalog.folder import MAX_FILES, TEAM_FILE
from provisioner.catalog.model import Presence
from provisioner.errors import UsageError
from provisioner.importing import appending, layout, yaml_text
from provisioner.importing.entry import TopicEntry
from provisioner.importing.plan import ImportPlan


class TeamFolder(Protocol):
    """A team's folder as it is."""

    def names(self) -> frozenset[str]:
        """Every name in it, in lower case."""
        ...

    def content(self, name: str) -> bytes | None:
        """A file's bytes, None where there is no such file."""
        ...


def additions(plan: ImportPlan, folder: TeamFolder, grouping: str, protected: Sequence[str]) -> dict[str, Addition]:
    """What is to be written, by the file's name: all entries, and a team.yaml where the plan has a new team.

    `grouping`: a word of layout.GROUPINGS. Raises UsageError where there would be too many files.
    """
    if not plan.entries:
        return {}
    files = {TEAM_FILE: Addition(yaml_text.team(plan.team).encode())} if plan.team is not None else {}
    place = _Place(folder, {*folder.names(), TEAM_FILE}, grouping, protected)
    for stem, entries in layout.filed(plan.entries.values(), grouping):
        name, files[name] = place.of(stem, entries)
    if len(files) > MAX_FILES // 2:
        raise UsageError(f"that would be {len(files)} files", "use --group-by prefix")
    return files


@dataclass(frozen=True, slots=True)
class _Place:
    """Where entries go; `taken`: names that the folder has, or will have."""

    folder: TeamFolder
    taken: set[str]
    grouping: str
    protected: Sequence[str]

    def of(self, stem: str, entries: Sequence[TopicEntry]) -> tuple[str, Addition]:
        """The first name that is free, or whose file can take these entries at its end."""
        outside = entries[0].state is Presence.EXTERNAL
        for name in (f"{each}.yaml" for each in layout.stems(stem)):
            if name.casefold() not in self.taken:
                self.taken.add(name.casefold())
                text = yaml_text.external(entries, self.protected) if outside else yaml_text.topics(entries)
                return name, Addition(text.encode())
            raw = self.folder.content(name) if outside or self.grouping != "topic" else None
            if raw is not None and (longer := appending.appended(raw, entries)) is not None:
                return name, Addition(longer, raw)
        raise AssertionError("numbers do not end")
