"""`provisioner compare`: two folders of `render --out`, told apart template by template."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from provisioner import comparing, templates
from provisioner.commands import exits
from provisioner.commands.console import Console
from provisioner.comparing import NotRenderedError, Origins, Piece
from provisioner.errors import InputError, ProvisionerError
from provisioner.options import Compare
from provisioner.report.results import Compared
from provisioner.settings import Settings
from provisioner.stores import rendered_folder

UNKNOWN = "hint: the templates here cannot be read (`provisioner validate` says why): alerts go by their own names"


def run(options: Compare, settings: Settings, console: Console) -> Compared:
    """What the second folder has that the first has not, or has otherwise. Raises ProvisionerError for what is none."""
    origins = _origins(settings, console)
    found = comparing.difference(_pieces(options.before, origins), _pieces(options.after, origins))
    code = exits.PENDING if options.detailed_exitcode and found.tallies else exits.DONE
    return Compared(found, code, options.verbose)


def _origins(settings: Settings, console: Console) -> Origins:
    try:
        return comparing.origins(templates.load(settings.alert_templates, settings.dashboards).alerts.values())
    except InputError:
        console.say(UNKNOWN)
        return {}


def _pieces(folder: Path, origins: Origins) -> Iterator[Piece]:
    for name, raw in rendered_folder.files(folder, comparing.SUFFIXES):
        try:
            yield from comparing.pieces(name, raw, origins)
        except NotRenderedError as error:
            hint = "render both sides anew, each with its own version"
            raise ProvisionerError(f"{folder / name} cannot be compared: {error}", hint) from None
