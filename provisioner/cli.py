"""The command line: arguments in, exit code out; the only place that prints, and that catches what ends a run."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from provisioner import __version__, command_line, options, printable, trace
from provisioner.errors import InputError, ProvisionerError
from provisioner.line import Line
from provisioner.report import terminal
from provisioner.usage import EXIT_CODES, Parser, epilog

if TYPE_CHECKING:
    from provisioner.report.results import Result

FAILED = 1
UNREACHABLE = 4
INTERRUPTED = 130
TICK = 60
"""Seconds between two lines of progress where nobody watches."""


class Terminal:
    """The console of a real process. `output`: the format of what goes to stdout."""

    def __init__(self, environment: Mapping[str, str], output: str = "text") -> None:
        self.environment = environment
        self._output = output
        self._opened = False
        self._ticking = False
        self._ticked: float | None = None

    @property
    def interactive(self) -> bool:
        """True if a person sits at both ends."""
        return sys.stdin.isatty() and sys.stderr.isatty()

    def open(self, result: Result) -> None:
        """To stdout, for people; what programs read is one document, which comes at the end."""
        from provisioner.report import formats

        if self._output == "text":
            self._opened = True
            self._lines(formats.opening(result))

    def show(self, result: Result) -> None:
        """To stdout; what was opened is not shown again."""
        from provisioner.report import formats

        if self._output == "text":
            self._lines(formats.closing(result) if self._opened else formats.lines(result))
        elif (text := formats.FORMATS[self._output](result)) is not None:
            print(text, flush=True)

    def _lines(self, lines: Sequence[Line]) -> None:
        is_terminal = sys.stdout.isatty()
        columns = shutil.get_terminal_size().columns if is_terminal else None
        self._end_tick()
        if lines:
            print(terminal.shown(lines, columns, terminal.colour_wanted(self.environment, is_terminal)), flush=True)

    def say(self, text: str) -> None:
        """To stderr."""
        self._end_tick()
        text = printable.lines(text.split("\n"))
        columns = shutil.get_terminal_size().columns if sys.stderr.isatty() else None
        print(terminal.folded(text, columns) if columns else text, file=sys.stderr, flush=True)

    def tick(self, text: str) -> None:
        """To stderr: on a terminal in place of what it said before, elsewhere a line a minute."""
        text = printable.line(text)
        if sys.stderr.isatty():
            columns = shutil.get_terminal_size().columns
            print(f"\r\x1b[K{text[: columns - 1]}", end="", file=sys.stderr, flush=True)
            self._ticking = True
        elif self._ticked is None or self.now() - self._ticked >= TICK:
            self._ticked = self.now()
            self.say(text)

    def _end_tick(self) -> None:
        if self._ticking:
            print(file=sys.stderr, flush=True)
            self._ticking = False

    def ask(self, question: str) -> bool:
        """Only a clear yes is one."""
        print(f"{printable.line(question)} [y/N] ", end="", file=sys.stderr, flush=True)
        return sys.stdin.readline().strip().lower() in ("y", "yes")

    def now(self) -> float:
        """The monotonic clock."""
        return time.monotonic()

    def clock(self) -> str:
        """The time of day, in UTC."""
        return datetime.now(UTC).isoformat(timespec="milliseconds")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    arguments = _parser().parse_args(argv)
    console = Terminal(os.environ, getattr(arguments, "output", "text"))
    debug = arguments.debug or bool(os.environ.get("PROVISIONER_DEBUG"))
    trace.listen(console.say if debug else None)
    code = _ran(arguments, console)
    if code == UNREACHABLE and not debug:
        console.say("`--debug` (or PROVISIONER_DEBUG=1) shows what was asked of whom, and for how long")
    return code


def _ran(arguments: argparse.Namespace, console: Terminal) -> int:
    try:
        return _finished(COMMANDS[arguments.command], arguments, console)
    except ProvisionerError as error:
        _explain(error, console)
        return error.exit_code
    except KeyboardInterrupt:
        console.say("interrupted; nothing more was started")
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def _finished(command: Command, arguments: argparse.Namespace, console: Terminal) -> int:
    """The command's result in every form that was asked for; a stdout that closes keeps nothing from its file."""
    from provisioner.commands import reporting

    reports = reporting.asked(getattr(arguments, "report", None) or ())
    result = _result(command, arguments, console)
    try:
        console.show(result)
    finally:
        is_written = reporting.written(reports, result, console)
    return result.code if is_written else FAILED


def _result(command: Command, arguments: argparse.Namespace, console: Terminal) -> Result:
    from provisioner.report.results import Problems
    from provisioner.settings import from_environment

    run = import_module(f"provisioner.commands.{command.module}").run
    try:
        result: Result = run(
            command_line.chosen(command.options, arguments), from_environment(console.environment), console
        )
    except InputError as error:
        return Problems(error.problems, error.sources, error.exit_code)
    return result


def _explain(error: ProvisionerError, console: Terminal) -> None:
    console.say(
        printable.block(f"error: {error.message}") + (f"\n  = {printable.line(error.hint)}" if error.hint else "")
    )


class Command(NamedTuple):
    """What it does, the module of commands/ whose `run` does it, and what may stand behind it."""

    summary: str
    module: str
    options: type


COMMANDS: Mapping[str, Command] = {
    "validate": Command("Say everything that is wrong in the files. No network.", "validate", options.Validate),
    "plan": Command("Show what would change. Changes nothing.", "plan", options.Plan),
    "apply": Command("Make one cluster what the files say.", "apply", options.Apply),
    "replicas": Command("Go on with replication factors that are on their way, or stop.", "replicas", options.Replicas),
    "drift": Command("Tell apart what is not applied yet and what was changed by hand.", "drift", options.Drift),
    "lag": Command("Say how far behind consumer groups are, in time, from the cluster alone.", "lag", options.Lag),
    "import": Command("Declare what lives on a cluster already.", "import_", options.Import),
    "render": Command("Write rule files and dashboards to a folder, without a cluster.", "render", options.Render),
    "compare": Command("Say what tells two rendered folders apart, by template.", "compare", options.Compare),
    "note": Command("Say in Markdown what plan files would do, for a merge request.", "note", options.Note),
    "issue": Command("Write what drift found as one GitLab issue, updated in place.", "issue", options.Issue),
    "owners": Command("Keep CODEOWNERS in step with the folders of the teams.", "owners", options.Owners),
    "schema": Command("Print what the files may hold as JSON Schema, for editors.", "schema", options.Schema),
    "sandbox": Command("Three real Kafka brokers on this machine.", "sandbox", options.Sandbox),
}


def _parser() -> Parser:
    parser = Parser(
        prog="provisioner",
        description="Kafka topics, their lag alerts and dashboards, kept as the files say.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"provisioner {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=Parser)
    for name, each in COMMANDS.items():
        command = commands.add_parser(name, help=each.summary, description=each.summary, epilog=epilog(name))
        command.formatter_class = argparse.RawDescriptionHelpFormatter
        command.set_defaults(command=name)
        command_line.add_to(command, each.options)
        command.add_argument("--debug", action="store_true", help="write what is asked of whom to stderr, with times")
    return parser
