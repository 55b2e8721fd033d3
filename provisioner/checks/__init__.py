"""Shelf 1: what we advise. A check looks at a context and yields problems; it never prints and never stops.

To add one: a function in the file of its theme, its name in CHECKS, the version that brings it in NEW, a scenario, a
paragraph in docs/checks.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from provisioner import __version__
from provisioner.catalog.findings import bounded
from provisioner.catalog.folder import Declarations
from provisioner.checks import (
    alerts,
    clusters,
    configs,
    consents,
    durability,
    external,
    idle,
    lag,
    names,
    novelty,
    owners,
    references,
    rules,
    teams,
)
from provisioner.checks.context import Check, Context, RuleCheck
from provisioner.kinds.alert_set import AlertSet
from provisioner.problem import Problem
from provisioner.profiles import NAMES

__all__ = ["CHECKS", "RULE_CHECKS", "Check", "Context", "RuleCheck", "asks_for_templates", "of_rules", "run"]

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
    alerts.settings,
    alerts.skew,
    alerts.too_short,
    alerts.team,
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
    clusters.same_destination,
    clusters.same_cluster,
    clusters.after,
    external.without_effect,
    idle.idle,
    references.absent_topic,
    references.group_pattern,
    references.idle_override,
    teams.chat,
    teams.severity,
    owners.in_step,
)
RULE_CHECKS: tuple[RuleCheck, ...] = (rules.same_alert,)


def asks_for_templates(declarations: Declarations) -> bool:
    """Whether files set something of an alert, or name a profile that is not shipped."""
    profiles = {entry.value.metrics.profile for entry in declarations.clusters.values()}
    return not profiles.issubset(NAMES) or any(True for _ in alerts.written(declarations))


def run(context: Context) -> list[Problem]:
    """Every problem of every check, once each: a topic on two clusters is complained about once."""
    return bounded(_softened(problem for check in CHECKS for problem in check(context)))


def of_rules(context: Context, sets: Mapping[str, AlertSet]) -> list[Problem]:
    """Every problem of the rendered rules of one cluster, the only one of the context. `sets`: its rules by topic."""
    return bounded(_softened(problem for check in RULE_CHECKS for problem in check(context, sets)))


def _softened(problems: Iterable[Problem]) -> Iterable[Problem]:
    return novelty.softened(problems, __version__, novelty.NEW)
