"""The command line: arguments in, exit code out; the only place that prints, and that catches what ends a run."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner import __version__, printable, trace
from provisioner.errors import InputError, ProvisionerError
from provisioner.report import colour, width
from provisioner.usage import EXIT_CODES, Parser, epilog

if TYPE_CHECKING:
    from provisioner.commands import planning

INTERRUPTED = 130
UNREACHABLE = 4


class Terminal:
    """The console of a real process."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.machine_readable = False
        self._colour = colour.wanted(environment, sys.stdout.isatty())
        self._columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else None

    @property
    def interactive(self) -> bool:
        """True if a person sits at both ends."""
        return sys.stdin.isatty() and sys.stderr.isatty()

    def out(self, text: str) -> None:
        """To stdout; where a program reads it, as it is, with neither colour nor folds.

        The last guard: a line that forgot to make its values harmless is harmless all the same.
        """
        text = printable.lines(text.split("\n"))
        if self.machine_readable:
            print(text, flush=True)
            return
        text = width.fitted(text, self._columns) if self._columns else text
        print(colour.coloured(text) if self._colour else text, flush=True)

    def say(self, text: str) -> None:
        """To stderr."""
        text = printable.lines(text.split("\n"))
        columns = shutil.get_terminal_size().columns if sys.stderr.isatty() else None
        print(width.folded(text, columns) if columns else text, file=sys.stderr, flush=True)

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


Arguments = argparse.Namespace


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    console = Terminal(os.environ)
    arguments = _parser().parse_args(argv)
    console.machine_readable = getattr(arguments, "output", "text") == "json"
    debug = arguments.debug or bool(os.environ.get("PROVISIONER_DEBUG"))
    trace.listen(console.say if debug else None)
    code = _ran(arguments, console)
    if code == UNREACHABLE and not debug:
        console.say("`--debug` (or PROVISIONER_DEBUG=1) shows what was asked of whom, and for how long")
    return code


def _ran(arguments: Arguments, console: Terminal) -> int:
    try:
        code: int = arguments.run(arguments, console)
    except ProvisionerError as error:
        code = _explain(error, console)
    except KeyboardInterrupt:
        console.say("interrupted; nothing more was started")
        code = INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    return code


def _explain(error: ProvisionerError, console: Terminal) -> int:
    if isinstance(error, InputError):
        from provisioner.report import problems

        as_json = console.machine_readable
        console.out(problems.document(error.problems) if as_json else problems.text(error.problems, error.sources))
    else:
        console.say(
            printable.block(f"error: {error.message}") + (f"\n  = {printable.line(error.hint)}" if error.hint else "")
        )
    return error.exit_code


def _validate(arguments: Arguments, console: Terminal) -> int:
    from provisioner.commands import validate
    from provisioner.settings import from_environment

    settings = from_environment(console.environment)
    return validate.run(arguments.folder, arguments.output, settings, console, verbose=arguments.verbose)


def _plan(arguments: Arguments, console: Terminal) -> int:
    from provisioner.commands import plan
    from provisioner.settings import from_environment

    return plan.run(
        _target(arguments),
        from_environment(console.environment),
        console,
        output=arguments.output,
        out=arguments.out,
        detailed=arguments.detailed_exitcode,
        verbose=arguments.verbose,
    )


def _apply(arguments: Arguments, console: Terminal) -> int:
    from provisioner.commands import apply
    from provisioner.settings import from_environment

    settings = from_environment(console.environment)
    options = apply.Options(
        arguments.yes, arguments.output, arguments.verbose, reviewed=arguments.plan, audit=arguments.audit
    )
    return apply.run(_target(arguments), settings, console, options)


def _drift(arguments: Arguments, console: Terminal) -> int:
    from provisioner.commands import drift
    from provisioner.settings import from_environment

    return drift.run(_target(arguments), from_environment(console.environment), console, output=arguments.output)


def _import(arguments: Arguments, console: Terminal) -> int:
    from provisioner.commands import adopt, planning
    from provisioner.settings import from_environment

    sandbox = arguments.name if arguments.sandbox else None
    target = planning.Target(arguments.folder, arguments.cluster, sandbox, base=arguments.base)
    options = adopt.Options(arguments.team, arguments.match, arguments.group_by, arguments.output)
    return adopt.run(target, options, from_environment(console.environment), console)


def _render(arguments: Arguments, console: Terminal) -> int:
    from provisioner.commands import planning, render
    from provisioner.settings import from_environment

    target = planning.Target(arguments.folder, arguments.cluster)
    return render.run(target, arguments.out, from_environment(console.environment), console)


def _sandbox_command(arguments: Arguments, console: Terminal) -> int:
    from provisioner.commands import sandbox

    name, output = arguments.name, arguments.output
    if arguments.action == "up":
        return sandbox.up(name, arguments.kafka, arguments.secure, arguments.heap, output, console)
    return sandbox.status(name, output, console) if arguments.action == "status" else sandbox.down(name, console)


def _target(arguments: Arguments) -> planning.Target:
    from provisioner.commands import planning

    sandbox = arguments.name if arguments.sandbox else None
    return planning.Target(arguments.folder, arguments.cluster, sandbox, arguments.lane, arguments.base)


def _parser() -> Parser:
    parser = Parser(
        prog="provisioner",
        description="Kafka topics, their lag alerts and dashboards, kept as the files say.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"provisioner {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=Parser)
    for name, (summary, run, options) in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary, epilog=epilog(name))
        command.formatter_class = argparse.RawDescriptionHelpFormatter
        command.set_defaults(run=run)
        options(command)
        command.add_argument("--debug", action="store_true", help="write what is asked of whom to stderr, with times")
    return parser


class _Lanes:
    """The words of --lane, asked for when a word is judged or help is shown."""

    def __iter__(self) -> Iterator[str]:
        from provisioner.wiring import lane_names

        return iter(lane_names())


def _folder(command: argparse.ArgumentParser) -> None:
    command.add_argument("folder", nargs="?", type=Path, default=Path("topics"), help="declarations (default: topics)")


def _output(command: argparse.ArgumentParser) -> None:
    command.add_argument("--output", choices=("text", "json"), default="text", help="for people or for programs")


_SINCE = "a commit: only what the files changed since is in scope, and credentials go only to the addresses it names"
_LAST = "default: the commit of the cluster's last apply that ended with 0; none: no base"


def _live(command: argparse.ArgumentParser, base: str) -> None:
    _folder(command)
    _output(command)
    # Set afterwards: argparse looks at the choices that it is given at once, and the kinds take long to import.
    command.add_argument("--lane", help="only this one (default: all of them)").choices = _Lanes()
    _sandbox_switch(command)
    command.add_argument("--base", metavar="REF", help=base)


def _plan_options(command: argparse.ArgumentParser) -> None:
    _live(command, f"{_SINCE} (default: none: everything is)")
    _verbose(command)
    command.add_argument("--cluster", help="one cluster (default: all of them)")
    command.add_argument("--out", type=Path, metavar="FILE", help="write the plan as JSON; needs --cluster")
    command.add_argument("--detailed-exitcode", action="store_true", help="exit 2 if changes are pending")


def _apply_options(command: argparse.ArgumentParser) -> None:
    _live(command, f"{_SINCE} ({_LAST}, everything is in scope)")
    _verbose(command)
    command.add_argument("--cluster", required=True, help="the cluster to change")
    command.add_argument("--yes", action="store_true", help="do not ask")
    command.add_argument("--plan", type=Path, metavar="FILE", help="a reviewed plan: nothing else is done")
    audit = "where a line is added for each change (default: build/audit/CLUSTER.jsonl)"
    command.add_argument("--audit", type=Path, metavar="FILE", help=audit)


def _verbose(command: argparse.ArgumentParser) -> None:
    command.add_argument("--verbose", action="store_true", help="list every change, fold nothing")


def _drift_options(command: argparse.ArgumentParser) -> None:
    then = "a commit: what is there is compared with what the files asked then"
    _live(command, f"{then} ({_LAST}, nobody is told apart)")
    command.add_argument("--cluster", help="one cluster (default: all of them)")


def _import_options(command: argparse.ArgumentParser) -> None:
    _folder(command)
    _output(command)
    command.add_argument("--cluster", required=True, help="the cluster to read")
    command.add_argument("--team", required=True, help="whose topics they become: the folder to write to")
    command.add_argument("--match", metavar="GLOB", default="*", help="only topics of such names (default: *)")
    words = ("topic", "prefix", "one")
    command.add_argument("--group-by", choices=words, default="topic", help="what shares a file (default: topic)")
    command.add_argument("--base", metavar="REF", help="a commit: credentials go only to the addresses that it names")
    _sandbox_switch(command)


def _sandbox_switch(command: argparse.ArgumentParser) -> None:
    command.add_argument("--sandbox", action="store_true", help="play the cluster on the sandbox's brokers")
    command.add_argument("--name", default="default", help="with --sandbox: which one (default: default)")


def _render_options(command: argparse.ArgumentParser) -> None:
    _folder(command)
    command.add_argument("--cluster", help="one cluster (default: all of them)")
    command.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where to write")


def _validate_options(command: argparse.ArgumentParser) -> None:
    _folder(command)
    _output(command)
    command.add_argument("--verbose", action="store_true", help="list the problems that the files accept, too")


def _sandbox_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("action", choices=("up", "status", "down"))
    command.add_argument("--name", default="default", help="two names are two sandboxes (default: default)")
    command.add_argument("--kafka", metavar="VERSION", help="another release of Kafka (default: the newest, 4.4.0)")
    command.add_argument("--secure", action="store_true", help="add a listener with SASL, and ACLs")
    command.add_argument("--heap", default="256m", help="memory a broker (default: 256m; 512m for 4,000 partitions)")
    _output(command)


Options = Callable[[argparse.ArgumentParser], None]
Run = Callable[[Arguments, Terminal], int]

COMMANDS: Mapping[str, tuple[str, Run, Options]] = {
    "validate": ("Say everything that is wrong in the files. No network.", _validate, _validate_options),
    "plan": ("Show what would change. Changes nothing.", _plan, _plan_options),
    "apply": ("Make one cluster what the files say.", _apply, _apply_options),
    "drift": ("Tell apart what is not applied yet and what was changed by hand.", _drift, _drift_options),
    "import": ("Declare what lives on a cluster already.", _import, _import_options),
    "render": ("Write rule files and dashboards to a folder, without a cluster.", _render, _render_options),
    "sandbox": ("Three real Kafka brokers on this machine.", _sandbox_command, _sandbox_options),
}
