"""`provisioner validate`: everything wrong in the files, at once. No network."""

from __future__ import annotations

from pathlib import Path

from provisioner.commands import exits, fleet
from provisioner.commands.console import Console
from provisioner.problem import Severity
from provisioner.report import problems


def run(folder: Path, output: str, console: Console) -> int:
    """Print the problems; 1 if one of them is an error."""
    found = fleet.read(folder)
    if output == "json":
        console.out(problems.document(found.problems))
    elif found.problems:
        console.out(problems.text(found.problems, found.sources))
    else:
        console.out(_fine(found))
    wrong = any(problem.severity is Severity.ERROR for problem in found.problems)
    return exits.FAILED if wrong else exits.DONE


def _fine(found: fleet.Fleet) -> str:
    topics = sum(len(catalog.topics) for catalog in found.catalogs.values())
    return f"{topics} topics on {len(found.catalogs)} clusters in {len(found.sources)} files: no problems"
