"""Git with a closed configuration, asked from the top of the work tree.

Never from a folder of files: git takes a folder with HEAD, objects/ and refs/ for a repository, whose config names
programs to run, and all of these can be committed as plain files.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from provisioner import child, trace
from provisioner.errors import UnreachableError

SECONDS = 60
_CLOSED = (
    "safe.bareRepository=explicit",
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "protocol.allow=never",
)
_ENVIRONMENT = {
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
}
_OF_THE_USER = ("XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM")
"""Where the user's own configuration lies: it names the work trees of other users that may be read."""


def lexical(path: Path) -> Path:
    """The path from the top; links on it are not looked at, since a merge request could turn them."""
    return Path(os.path.normpath(path.absolute()))


def top(folder: Path) -> Path | None:
    """The work tree's top: the nearest folder with a `.git`, which git lets nobody commit.

    Searched from the working folder where `folder` lies below it: a repository inside `folder` is none of ours.
    """
    path, here = lexical(folder), Path.cwd()
    start = here if path.is_relative_to(here) else path
    return next((above for above in (start, *start.parents) if (above / ".git").exists()), None)


def answer(folder: Path, *arguments: str) -> str | None:
    """What git says; None where it refuses, is not installed, or there is no work tree."""
    done = run(folder, *arguments)
    return None if done is None or done.returncode else done.stdout.decode(errors="replace").strip()


def run(folder: Path, *arguments: str, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes] | None:
    """One call of git about the work tree of `folder`; None where git is not installed or there is no work tree.

    Raises UnreachableError where git gives no answer in time.
    """
    where = top(folder)
    if where is None:
        return None
    settings = [word for setting in _CLOSED for word in ("-c", setting)]
    environment = {**child.environment(*_OF_THE_USER), **_ENVIRONMENT, "GIT_CEILING_DIRECTORIES": str(where.parent)}
    try:
        with trace.asked("git", " ".join(arguments)):
            return subprocess.run(  # noqa: S603 -- a fixed command; refs stand behind --end-of-options
                ["git", "--no-pager", "--literal-pathspecs", *settings, *arguments],  # noqa: S607 -- the user's own git
                cwd=where,
                env=environment,
                input=stdin,
                capture_output=True,
                timeout=SECONDS,
                check=False,
            )
    except FileNotFoundError:
        return None
    except subprocess.TimeoutExpired:
        why = f"git {arguments[0]} gave no answer in {SECONDS} s"
        raise UnreachableError(why, "look at the disk and at the repository, then run it again") from None
