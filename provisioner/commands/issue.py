"""`provisioner issue`: what `drift` found on each cluster as one GitLab issue, which is updated in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from provisioner.catalog import holding
from provisioner.commands import exits, fleet, posting
from provisioner.commands.console import Console
from provisioner.errors import UsageError
from provisioner.files import FileFault, located
from provisioner.options import Issue
from provisioner.report import drift_file, issue
from provisioner.report.drift_file import Cluster, DriftFileError
from provisioner.report.issue import Looked
from provisioner.report.results import Issues
from provisioner.settings import Settings

NO_REPORT = "no file that was named has anything of it"
UNSURE = "which clusters are declared is not known: {folder} has errors (provisioner validate)"


def run(options: Issue, _: Settings, console: Console) -> Issues:
    """The issue's text; with --post it is made, updated, or closed where nothing is changed by hand any more."""
    known, faults = _read(options.drift)
    looked = _looked(options.folder, known, faults)
    text = issue.text(looked)
    if options.post:
        _post(console, looked, text)
    return Issues(text, exits.DONE)


def _read(paths: Sequence[Path]) -> tuple[dict[str, Cluster], dict[str, str]]:
    """The clusters of all files by their names, and why a file cannot be used."""
    known: dict[str, Cluster] = {}
    faults: dict[str, str] = {}
    for path in paths:
        try:
            root, name = located(path)
            clusters = drift_file.parsed(root.read(name, drift_file.MOST_BYTES))
        except FileFault as fault:
            if path.is_dir():
                hint = "the folder of declarations stands before --drift, or behind --post"
                raise UsageError(f"--drift {path}: a folder", hint) from None
            faults[str(path)] = fault.reason
        except DriftFileError as error:
            faults[str(path)] = str(error)
        else:
            known.update((each.cluster, each) for each in clusters)
    return known, faults


def _looked(folder: Path, known: Mapping[str, Cluster], faults: Mapping[str, str]) -> Looked:
    """Against what is declared: a cluster that no file tells of was not looked at."""
    read = fleet.read(folder)
    held = holding.held(read.problems, read.declarations)
    expected = [name for name, each in read.catalogs.items() if not each.cluster.is_retired]
    missing = {name: NO_REPORT for name in expected if name not in known}
    missing |= {name: f"{problem.message} ({problem.check}, {problem.span})" for name, problem in held.clusters.items()}
    remarks = [f"{path} cannot be read: {why}" for path, why in faults.items()]
    remarks += [UNSURE.format(folder=folder)] if held.run or not (expected or missing) else []
    return Looked(list(known.values()), missing, remarks)


def _post(console: Console, looked: Looked, text: str) -> None:
    from provisioner.stores.gitlab import issues

    if looked.is_clean:
        posting.posted(console, "issue", lambda client: issues.close(client, issue.MARKER, issue.LABEL, issue.CLEAN))
        return
    posting.posted(
        console, "issue", lambda client: issues.upsert(client, issue.MARKER, issue.TITLE, text, [issue.LABEL])
    )
