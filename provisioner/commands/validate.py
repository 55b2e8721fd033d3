"""`provisioner validate`: everything wrong in the files, at once. No network."""

from __future__ import annotations

from provisioner import template_trial, templates
from provisioner.checks import Context
from provisioner.commands import exits, fleet
from provisioner.commands.console import Console
from provisioner.errors import InputError
from provisioner.options import Validate
from provisioner.problem import Problem, Severity
from provisioner.report import problems
from provisioner.report.results import Problems
from provisioner.settings import Settings


def run(options: Validate, settings: Settings, _console: Console) -> Problems:
    """Every problem; 1 if one of them is an error. What passes here can be rendered."""
    read = fleet.read(options.folder)
    found, sources = [*read.problems], dict(read.sources)
    try:
        loaded = templates.load(settings.alert_templates, settings.dashboards)
        catalogs = () if _is_wrong(found) else tuple(read.catalogs.values())
        wrong, texts = template_trial.problems(Context(catalogs, read.declarations, loaded))
        found += wrong
        sources.update(texts)
    except InputError as error:
        found += error.problems
        sources.update(error.sources)
    code = exits.FAILED if _is_wrong(found) else exits.DONE
    return Problems(found, sources, code, options.verbose, _fine(read))


def _is_wrong(found: list[Problem]) -> bool:
    return any(problem.severity is Severity.ERROR for problem in found)


def _fine(found: fleet.Fleet) -> str:
    topics = {name for catalog in found.catalogs.values() for name in catalog.topics}
    counts = ((len(topics), "topic"), (len(found.catalogs), "cluster"), (len(found.sources), "file"))
    here, there, files = (problems.counted(count, noun) for count, noun in counts)
    return f"{here} on {there} in {files}: no problems"
