"""What lies in a folder of declarations or templates and is none: other files, and git repositories.

Git takes a folder with HEAD, objects and refs in it for a repository, with a configuration that can run commands:
whoever may add files could bring one along. Folders are listed here; no file is opened and no link is followed.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path

from provisioner import printable
from provisioner.catalog.quoting import quoted
from provisioner.problem import Problem, Severity, Span

MOST_NAMED = 5
_BARE = ("HEAD", "objects", "refs")


def repositories(folder: Path) -> Iterator[Problem]:
    """Each folder below this one that git would take for a repository; the folder itself may have a `.git`."""
    for base, folders, files in os.walk(folder):
        here, names = Path(base), {*folders, *files}
        at_the_top = here == folder
        if names.issuperset(_BARE) or (".git" in names and not at_the_top):
            yield _repository(here)
            folders.clear()
        folders[:] = sorted(name for name in folders if not name.startswith("."))


def _repository(folder: Path) -> Problem:
    message = f"{quoted(folder.name)} looks like a git repository: git would take its configuration for ours"
    return Problem("files/repository", message, Span(printable.line(str(folder)), 0, 0), "remove the folder")


def unread(folder: Path, suffixes: Collection[str]) -> Iterator[Problem]:
    """One warning that names the files without one of these endings: nothing is to lie here unseen, and nothing hides.

    Hidden files and folders are left out: no declaration can be in them.
    """
    others = sorted(_others(folder, suffixes))
    if others:
        more = ["..."] if len(others) > MOST_NAMED else []
        few = ", ".join([*map(printable.line, others[:MOST_NAMED]), *more])
        noun = "file here is" if len(others) == 1 else "files here are"
        message = f"{len(others):,} {noun} not read: {few}"
        hint = "move them out of this folder"
        yield Problem("files/other", message, Span(printable.line(str(folder)), 0, 0), hint, Severity.WARNING)


def _others(folder: Path, suffixes: Collection[str]) -> Iterator[str]:
    for base, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if not name.startswith(".") and Path(name).suffix not in suffixes:
                yield str((Path(base) / name).relative_to(folder))[:200]
