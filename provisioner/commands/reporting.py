"""`--report NAME=FILE`: the result of a command in other formats, too, each in a file of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from provisioner.commands.console import Console
from provisioner.errors import UsageError
from provisioner.files import FileFault
from provisioner.report.formats import FORMATS
from provisioner.report.results import Result
from provisioner.stores import report_file


@dataclass(frozen=True, slots=True)
class Report:
    """A format and where it is to be written."""

    format: str
    path: Path

    def __str__(self) -> str:
        return f"--report {self.format}={self.path}"


def asked(words: Sequence[str]) -> list[Report]:
    """The reports of the command line. Raises UsageError for one that cannot be made or written."""
    reports = [_parsed(word) for word in words]
    for number, report in enumerate(reports):
        if any(other.path == report.path for other in reports[:number]):
            raise UsageError(f"{report}: another report goes there", "give each its own file")
        _check(report)
    return reports


def _parsed(word: str) -> Report:
    name, equals, path = word.partition("=")
    known = f"formats: {', '.join(FORMATS)}"
    if not equals or not path:
        raise UsageError(f"--report {word}: NAME=FILE is wanted", f"such as --report json=result.json; {known}")
    if name not in FORMATS:
        near = get_close_matches(name, FORMATS, n=1)
        raise UsageError(f"--report {word}: no such format", f"did you mean {near[0]!r}?" if near else known)
    return Report(name, Path(path))


def _check(report: Report) -> None:
    try:
        report_file.check(report.path)
    except FileFault as fault:
        raise UsageError(f"{report}: {fault.reason}", "name a file that can be written") from None


def written(reports: Iterable[Report], result: Result, console: Console) -> bool:
    """Write them all, as far as their formats have something to say; False where one could not be written."""
    failed = [report for report in reports if not _is_written(report, result, console)]
    return not failed


def _is_written(report: Report, result: Result, console: Console) -> bool:
    text = FORMATS[report.format](result)
    try:
        if text is not None:
            report_file.write(report.path, text)
    except FileFault as fault:
        console.say(f"error: {report}: {fault.reason}\n  = {fault.hint}")
        return False
    return True
