"""`provisioner owners`: whom CODEOWNERS has to name for each team's folder, and whether it does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from provisioner import wiring
from provisioner.catalog import codeowners, folder, owners
from provisioner.catalog.codeowners import PLACES, MarksError, OwnersFile, Repository, Rule
from provisioner.commands import exits
from provisioner.commands.console import Console
from provisioner.errors import InputError, RefusedError, UsageError
from provisioner.options import Owners
from provisioner.report.results import Printed
from provisioner.settings import Settings
from provisioner.stores import work_tree

MOST_NAMED = 20
"""Teams that a line on stderr lists."""


def run(options: Owners, settings: Settings, console: Console) -> Printed:
    """The block as it should be; 2 where the file has another one and nothing is to be written."""
    repository = _repository(options.folder, settings)
    rules = _rules(options.folder, repository, console)
    file = _file(options.folder, repository)
    try:
        code = _kept(options, file, rules, console)
    except MarksError as error:
        raise RefusedError(f"{file.name}:{error.line + 1}: {error}", "leave one of each, or none") from None
    return Printed("\n".join(codeowners.written(rules)), code)


def _kept(options: Owners, file: OwnersFile, rules: Sequence[Rule], console: Console) -> int:
    """The exit code, once the file is in step if that is wanted. Raises MarksError."""
    if codeowners.is_in_step(file, rules):
        console.say(f"{file.name} is in step")
        return exits.DONE
    whole = codeowners.spliced(file, codeowners.written(rules))
    if not options.write:
        console.say(f"{file.name} is not in step\n  = run it again with --write, and commit the file")
        return exits.PENDING
    work_tree.write(options.folder, file.place, whole)
    console.say(f"wrote {file.name}; commit it")
    return exits.DONE


def _repository(path: Path, settings: Settings) -> Repository:
    """Raises UsageError where CODEOWNERS would mean nothing, or could not say it."""
    found = work_tree.repository(path, settings.templates)
    if found is None:
        raise UsageError(f"{path} lies in no git repository", "run it in a clone: CODEOWNERS belongs to one")
    for way in (found.folder, *found.templates):
        if not way.isprintable():
            raise UsageError(f"the folder {way!r} has a name that CODEOWNERS cannot hold", "rename it")
    return found


def _rules(path: Path, repository: Repository, console: Console) -> Sequence[Rule]:
    """Raises InputError where the files that say it have errors."""
    declarations = folder.read(path, sections=wiring.sections())
    if wrong := owners.faults(declarations):
        raise InputError(wrong, declarations.sources)
    rules = owners.rules(declarations, repository)
    if nobody := owners.unowned(declarations):
        is_covered = any(rule.path == f"{repository.folder}/" for rule in rules)
        console.say(f"hint: without approvers: or mention: in team.yaml, {_WHO[is_covered]}: {_listed(nobody)}")
    return rules


_WHO = {True: "the platform's team approves there", False: "nobody is asked there"}


def _listed(teams: Sequence[str]) -> str:
    return ", ".join(teams[:MOST_NAMED]) + (", ..." if len(teams) > MOST_NAMED else "")


def _file(path: Path, repository: Repository) -> OwnersFile:
    """The one that GitLab reads; where there is none, the one that is to be made. Raises RefusedError."""
    if not repository.files:
        return OwnersFile(PLACES[0], work_tree.named(path, PLACES[0]))
    file = repository.files[0]
    if file.fault:
        raise RefusedError(f"{file.name} is not read: {file.fault}", "put a plain file of at most 1 MiB there")
    return file
