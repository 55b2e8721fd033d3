"""Shelf 1: what we advise. A check looks at the catalogs and yields problems; it never prints and never stops.

To add one: a function in the file of its theme, its name in CHECKS, a scenario, a paragraph in docs/checks.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from provisioner.catalog.findings import bounded
from provisioner.catalog.folder import Declarations
from provisioner.catalog.model import Catalog
from provisioner.checks import clusters, configs, consents, durability, external, idle, lag, names, references, teams
from provisioner.problem import Problem

Check = Callable[[Catalog], Iterable[Problem]]
FleetCheck = Callable[[Sequence[Catalog]], Iterable[Problem]]
FileCheck = Callable[[Declarations], Iterable[Problem]]

CHECKS: tuple[Check, ...] = (
    names.legal,
    names.reserved,
    names.metric_collision,
    names.near_twin,
    names.shared_message,
    durability.low_replication,
    durability.min_insync_replicas,
    durability.too_many_partitions,
    configs.unknown,
    configs.extra,
    configs.version,
    configs.replica_throttles,
    configs.compaction_lag,
    lag.too_short,
    lag.too_long,
    consents.unknown,
    consents.misfit,
    consents.one_value,
    consents.extra_config,
    clusters.client_property,
    clusters.literal_secret,
    clusters.secret,
    clusters.address,
    clusters.unknown_profile,
    clusters.matchers,
)
FLEET_CHECKS: tuple[FleetCheck, ...] = (
    clusters.same_destination,
    clusters.same_cluster,
    external.without_effect,
    idle.idle,
    references.absent_topic,
)
FILE_CHECKS: tuple[FileCheck, ...] = (
    references.group_pattern,
    references.idle_override,
    teams.chat,
    teams.severity,
)


def run(catalogs: Sequence[Catalog]) -> list[Problem]:
    """Every problem of every check, once each: a topic on two clusters is complained about once."""
    return bounded(_problems(catalogs))


def _problems(catalogs: Sequence[Catalog]) -> Iterator[Problem]:
    for catalog in catalogs:
        for check in CHECKS:
            yield from check(catalog)
    for fleet_check in FLEET_CHECKS:
        yield from fleet_check(catalogs)


def of_files(declarations: Declarations) -> list[Problem]:
    """Every problem of what stands in the files, merged or not."""
    return bounded(problem for check in FILE_CHECKS for problem in check(declarations))
