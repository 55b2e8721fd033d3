"""Catalogs -> plans: shared by every command that looks at a live cluster."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provisioner import templates, wiring
from provisioner.catalog.model import Catalog
from provisioner.commands import fleet
from provisioner.commands.console import Console
from provisioner.errors import SandboxError
from provisioner.reconcile.model import Lane
from provisioner.settings import Settings


@dataclass(frozen=True, slots=True)
class Target:
    """What to look at: the folder, one cluster or all, the sandbox in its place, one lane or all."""

    folder: Path
    cluster: str | None = None
    sandbox: str | None = None
    lane: str | None = None


def catalogs(target: Target, settings: Settings, console: Console) -> list[Catalog]:
    """The catalogs asked for, played in the sandbox where that is asked for."""
    made = fleet.chosen(fleet.sound(target.folder, console), target.cluster)
    return made if target.sandbox is None else [_played(catalog, target.sandbox, settings) for catalog in made]


def _played(catalog: Catalog, name: str, settings: Settings) -> Catalog:
    from provisioner import sandbox

    running = sandbox.status(name, settings.sandboxes / name)
    if running is None:
        raise SandboxError(f"there is no sandbox {name!r}", "start it: provisioner sandbox up")
    return wiring.played(catalog, running.bootstrap, running.cluster_id, settings.played(catalog.cluster.name))


def lanes(catalog: Catalog, target: Target, settings: Settings, console: Console) -> list[Lane[Any]]:
    """The lanes of one cluster. Raises InputError for a template that is wrong."""
    loaded = templates.load(settings.alert_templates, settings.dashboards)
    return wiring.lanes(catalog, wiring.Bench(loaded, console.environment, console.say), target.lane)
