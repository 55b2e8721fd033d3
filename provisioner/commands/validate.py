"""`provisioner validate`: everything wrong in the files, at once. No network."""

from __future__ import annotations

from provisioner import template_trial, templates
from provisioner.checks import Context
from provisioner.commands import base, exits, fleet, inherited, planning
from provisioner.commands.console import Console
from provisioner.errors import InputError
from provisioner.options import Validate
from provisioner.problem import Problem, Severity
from provisioner.report import problems
from provisioner.report.results import Problems
from provisioner.settings import Settings
from provisioner.stores import work_tree


def run(options: Validate, settings: Settings, _console: Console) -> Problems:
    """Every problem; 1 if one of them is an error that the base, if any, does not have. What passes can be rendered."""
    repository = work_tree.repository(options.folder, settings.templates)
    own = planning.templates_of(settings)
    read = fleet.read(options.folder, repository=repository, templates=own)
    found, sources = [*read.problems], dict(read.sources)
    try:
        loaded = templates.load(*settings.templates)
        catalogs = () if _is_wrong(found) else tuple(read.catalogs.values())
        wrong, texts = template_trial.problems(Context(catalogs, read.declarations, loaded))
        found += wrong
        sources.update(texts)
    except InputError as error:
        found += error.problems
        sources.update(error.sources)
    old = (
        inherited.faults(read, base.past(options.base, options.folder, own)).old if options.base and read.errors else ()
    )
    known = frozenset(old)
    found = [problem for problem in found if problem not in known]
    code = exits.FAILED if _is_wrong(found) else exits.DONE
    return Problems(
        found, sources, code, options.verbose, _fine(read, "no other problems" if old else "no problems"), old
    )


def _is_wrong(found: list[Problem]) -> bool:
    return any(problem.severity is Severity.ERROR for problem in found)


def _fine(found: fleet.Fleet, words: str) -> str:
    topics = {name for catalog in found.catalogs.values() for name in catalog.topics}
    counts = ((len(topics), "topic"), (len(found.catalogs), "cluster"), (len(found.sources), "file"))
    here, there, files = (problems.counted(count, noun) for count, noun in counts)
    return f"{here} on {there} in {files}: {words}"
