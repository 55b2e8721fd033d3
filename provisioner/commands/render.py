"""`provisioner render`: rule files and dashboards in a folder, without a cluster."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from provisioner import opening, wiring
from provisioner.catalog.model import Catalog
from provisioner.commands import exits, planning
from provisioner.commands.console import Console
from provisioner.commands.signals import Signals
from provisioner.errors import InputError
from provisioner.options import Render
from provisioner.reconcile import engine
from provisioner.reconcile.outcome import State
from provisioner.report.results import Rendered, RenderedCluster
from provisioner.settings import Settings


def run(options: Render, settings: Settings, console: Console) -> Rendered:
    """Each cluster into a folder of its own; files that nothing asks for any more go, if we wrote them."""
    target = planning.Target(options.folder, options.cluster)
    catalogs = planning.catalogs(target, settings, console)
    context = planning.run_context(target, settings, console, whole=True)
    rendered = [_cluster(catalog, target, options.out, settings, context, console) for catalog in catalogs]
    return Rendered([cluster for cluster, _ in rendered], exits.worst(code for _, code in rendered))


def _cluster(
    catalog: Catalog,
    target: planning.Target,
    out: Path,
    settings: Settings,
    context: opening.RunContext,
    console: Console,
) -> tuple[RenderedCluster, int]:
    folder = out / catalog.cluster.name
    placed = replace(catalog, cluster=catalog.cluster.rendering_into(folder))
    codes, troubled = [], []
    for lane in wiring.lane_names(derived=True):
        lanes = planning.lanes(placed, replace(target, lane=lane), settings, context)
        plan = engine.plan(catalog.cluster.name, lanes, may_shrink=True)
        if plan.wrong:
            raise InputError(list(plan.wrong), plan.texts)
        results = list(engine.apply(plan, lanes, Signals(console)))
        codes.append(exits.of_outcomes(plan, results))
        if any(result.state is not State.DONE for result in results) or plan.stopped:
            troubled.append((plan, results))
    places = f"rules in {folder / 'rules'}, dashboards in {folder / 'dashboards'}"
    return RenderedCluster(catalog.cluster.name, places, troubled), exits.worst(codes)
