"""`provisioner schema`: what people write, as JSON Schemas for editors."""

from __future__ import annotations

from pathlib import Path

from provisioner.commands import exits
from provisioner.commands.console import Console
from provisioner.errors import UsageError
from provisioner.files import FileFault, Root
from provisioner.options import SCHEMAS, Schema
from provisioner.report.results import Printed
from provisioner.settings import Settings
from provisioner.stores import report_file
from provisioner.templates.loading import shipped_folder

MAX_BYTES = 1024 * 1024


def run(options: Schema, _settings: Settings, _console: Console) -> Printed:
    """One schema; with --out the paths of those that were written. Raises UsageError where neither is asked for."""
    if options.out is not None:
        names = [options.which] if options.which else SCHEMAS
        return Printed("\n".join(_written(name, options.out) for name in names), exits.DONE)
    if options.which is None:
        raise UsageError(
            "which one is not said", f"name one of {', '.join(SCHEMAS)}, or a folder for all: --out FOLDER"
        )
    return Printed(_text(options.which), exits.DONE)


def _text(name: str) -> str:
    return Root(shipped_folder("schemas")).read(_called(name), MAX_BYTES).decode()


def _written(name: str, folder: Path) -> str:
    path = folder / _called(name)
    try:
        report_file.write(path, _text(name).rstrip("\n"))
    except FileFault as fault:
        raise UsageError(f"--out {path}: {fault.reason}", fault.hint) from None
    return str(path)


def _called(name: str) -> str:
    return f"{name}.schema.json"
