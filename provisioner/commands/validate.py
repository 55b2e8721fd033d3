"""`provisioner validate`: everything wrong in the files, at once. No network."""

from __future__ import annotations

from provisioner import templates
from provisioner.commands import exits, fleet
from provisioner.commands.console import Console
from provisioner.errors import InputError
from provisioner.kinds import ALERTS, rule_files, trial
from provisioner.kinds.kind import Context
from provisioner.options import Validate
from provisioner.problem import Problem, Severity, Span
from provisioner.report import problems
from provisioner.report.results import Problems
from provisioner.settings import Settings
from provisioner.templates import Templates


def run(options: Validate, settings: Settings, _console: Console) -> Problems:
    """Every problem; 1 if one of them is an error. What passes here can be rendered."""
    read = fleet.read(options.folder)
    found, sources = [*read.problems], dict(read.sources)
    try:
        loaded = templates.load(settings.alert_templates, settings.dashboards)
        found += _rendering(read, loaded, sources)
    except InputError as error:
        found += error.problems
        sources.update(error.sources)
    code = exits.FAILED if _is_wrong(found) else exits.DONE
    return Problems(found, sources, code, options.verbose, _fine(read))


def _is_wrong(found: list[Problem]) -> bool:
    return any(problem.severity is Severity.ERROR for problem in found)


def _rendering(read: fleet.Fleet, loaded: Templates, sources: dict[str, str]) -> list[Problem]:
    """What templates of the user's own make of every topic; the shipped ones render whatever the checks let pass."""
    if not loaded.own or _is_wrong([*read.problems]):
        return []
    found: list[Problem] = []
    for catalog in read.catalogs.values():
        wrong, texts = trial.problems(catalog, loaded)
        sources.update(texts)
        found += wrong
    return list(dict.fromkeys(found)) or list(_complaints(read, loaded))


def _complaints(read: fleet.Fleet, loaded: Templates) -> list[Problem]:
    """What promtool says against the rules, where it is installed: a plan would refuse them for that."""
    from provisioner.stores import prometheus

    own = sorted(path for path in loaded.own if path.endswith(".yaml"))
    found: list[Problem] = []
    for name, catalog in read.catalogs.items() if own else ():
        wanted = ALERTS.wanted(catalog, Context(loaded)).values()
        files = rule_files.pack(name, [want.resource for want in wanted if want.resource])
        for why in prometheus.complaints(files).values():
            message = f"promtool refuses the rules of cluster {name}: {why}"
            found.append(Problem("template", message, Span(own[0]), "mend the template that makes this rule"))
    return found


def _fine(found: fleet.Fleet) -> str:
    topics = {name for catalog in found.catalogs.values() for name in catalog.topics}
    counts = ((len(topics), "topic"), (len(found.catalogs), "cluster"), (len(found.sources), "file"))
    here, there, files = (problems.counted(count, noun) for count, noun in counts)
    return f"{here} on {there} in {files}: no problems"
