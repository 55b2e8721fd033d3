"""Entries into a team's folder: new files, or the end of a file that ends in its topics; what is there stays."""

from __future__ import annotations

from collections.abc import Sequence

from provisioner.catalog.adopted import Adopted
from provisioner.catalog.adoption import Draft
from provisioner.catalog.folder import MAX_FILES, TEAM_FILE
from provisioner.catalog.model import State
from provisioner.catalog.writing import appending, layout, yaml_text
from provisioner.errors import UsageError
from provisioner.stores.declaration_folder import Addition, DeclarationFolder


def written(
    folder: DeclarationFolder, drafted: Adopted, grouping: str, protected: Sequence[str], new_team: bool
) -> dict[str, bool]:
    """All entries in files. Returns each path and whether the file is new."""
    if not drafted.drafts:
        return {}
    files = {TEAM_FILE: Addition(yaml_text.team(drafted.shared).encode())} if new_team else {}
    taken = {*folder.names(), TEAM_FILE}
    for stem, drafts in layout.filed(drafted.drafts.values(), grouping):
        name, addition = _placed(folder, stem, drafts, taken, grouping, protected)
        files[name] = addition
        taken.add(name.casefold())
    if len(files) > MAX_FILES // 2:
        raise UsageError(f"that would be {len(files)} files", "use --group-by prefix")
    folder.add(files)
    return {str(folder.path / name): addition.before is None for name, addition in files.items()}


def _placed(
    folder: DeclarationFolder,
    stem: str,
    drafts: Sequence[Draft],
    taken: set[str],
    grouping: str,
    protected: Sequence[str],
) -> tuple[str, Addition]:
    """The first name that is free, or whose file can take these entries at its end."""
    outside = drafts[0].state is State.EXTERNAL
    for name in (f"{each}.yaml" for each in layout.stems(stem)):
        if name.casefold() not in taken:
            text = yaml_text.external(drafts, protected) if outside else yaml_text.topics(drafts)
            return name, Addition(text.encode())
        raw = folder.content(name) if outside or grouping != "topic" else None
        if raw is not None and (made := appending.appended(raw, drafts)) is not None:
            return name, Addition(made, raw)
    raise AssertionError("numbers do not end")
