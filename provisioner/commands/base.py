"""The declarations at another commit: what `--base` names, or the commit before a push."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from provisioner import templates, wiring
from provisioner.catalog import beside, catalog, folder
from provisioner.catalog.entries import Declarations
from provisioner.catalog.known import Known
from provisioner.catalog.model import Catalog
from provisioner.commands import fleet, inherited
from provisioner.commands.console import Console
from provisioner.commands.inherited import Past
from provisioner.problem import Problem
from provisioner.settings import Settings
from provisioner.stores import git
from provisioner.templates import Templates


@dataclass(frozen=True, slots=True)
class Base:
    """Every cluster's catalog at a commit, and the templates of that time. `past`: its problems, if asked for.

    `read`: the templates as they were; where one was wrong, today's are in their place.
    """

    commit: str
    catalogs: Mapping[str, Catalog]
    templates: Templates
    past: Past | None = None
    read: Templates | None = None


def at(
    ref: str,
    path: Path,
    settings: Settings,
    console: Console,
    checked: bool = False,
    today: fleet.Fleet | None = None,
) -> Base:
    """The declarations of the folder at a commit. What cannot be read there counts as not there: then it is new.

    Its places are as `git show` takes them, COMMIT:PATH. `checked`: with its problems. `today`: the folder as it is
    now; files that are equal are read once. Raises UsageError for a commit that git does not know.
    """
    commit = git.commit(path, ref)
    with git.checked_out(commit, [path, *settings.templates]) as (files, *folders):
        with fleet.collector_paused():
            declarations, catalogs, unfit = _merged(files, f"{commit[:12]}:{path}", today)
        if wrong := len(declarations.problems) + len(unfit):
            console.say(f"the base {commit[:12]} has {wrong} problems; what cannot be read there counts as new")
        read = templates.read(*folders)
        past = inherited.past(files, path, lambda: read) if checked else None
        return Base(commit, catalogs, _templates(read, settings, console), past, read)


def _merged(
    files: Path, called: str, today: fleet.Fleet | None
) -> tuple[Declarations, Mapping[str, Catalog], Sequence[Problem]]:
    known = Known(today.declarations) if today else None
    declarations = folder.read(files, called=called, sections=wiring.sections(), known=known)
    if today is None or today.errors:
        return declarations, *catalog.catalogs(declarations)
    return declarations, *beside.catalogs(declarations, today.declarations, today.catalogs)


def past(ref: str, path: Path, known: Callable[[], Templates] | None = None) -> Past:
    """The errors of the folder at a commit, and its texts. `known`: today's templates, as `fleet.read` asks for them.

    Raises UsageError for a commit that git does not know.
    """
    commit = git.commit(path, ref)
    with git.checked_out(commit, [path]) as (files,):
        return inherited.past(files, path, known)


def _templates(found: Templates, settings: Settings, console: Console) -> Templates:
    if not found.wrong:
        return found
    console.say("the templates of the base are broken; today's are taken in their place")
    return templates.read(*settings.templates)


def named(
    ref: str | None,
    path: Path,
    settings: Settings,
    console: Console,
    checked: bool = False,
    today: fleet.Fleet | None = None,
) -> Base | None:
    """The base named, if any; `checked` and `today` as in `at`."""
    return None if ref is None else at(ref, path, settings, console, checked, today)


def before_push(path: Path, environment: Mapping[str, str]) -> str | None:
    """In a push pipeline of GitLab the commit before the push; None elsewhere, or where git does not know it."""
    commit = environment.get("CI_COMMIT_BEFORE_SHA", "")
    if environment.get("CI_PIPELINE_SOURCE") != "push" or not commit.strip("0"):
        return None
    head = git.head(path)
    return commit if head and git.is_ancestor(path, commit, head) else None


def oldest(refs: Sequence[str], path: Path) -> str | None:
    """Of several bases the one that all others have; else the last commit that they share. None: there is none."""
    commits = [git.commit(path, ref) for ref in refs]
    return git.shared(path, commits) if commits else None
