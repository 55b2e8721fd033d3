"""Declarations -> the rules of CODEOWNERS: the platform's folder first, then each team's own, which wins there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from provisioner.catalog.codeowners import Repository, Rule
from provisioner.catalog.entries import CLUSTERS_FILE, TEAM_FILE, Declarations, Entry
from provisioner.catalog.links import unknown_teams
from provisioner.catalog.team_declarations import TeamDeclaration
from provisioner.problem import Problem, Severity


def rules(declarations: Declarations, repository: Repository) -> list[Rule]:
    """What CODEOWNERS is to say. A team that names nobody has no rule: the platform's holds there."""
    return [*_platform(declarations, repository), *_teams(declarations, repository)]


def unowned(declarations: Declarations) -> list[str]:
    """The teams that name nobody."""
    return sorted(name for name, team in declarations.teams.items() if not _approvers(team))


def faults(declarations: Declarations) -> list[Problem]:
    """The errors by which it is not known who owns what: of clusters.yaml, of a team.yaml, of a folder."""
    wrong = (one for one in declarations.problems if one.severity is Severity.ERROR and _is_needed(one.span.path))
    return [*wrong, *unknown_teams(declarations)]


def _is_needed(path: str) -> bool:
    name = PurePosixPath(path).name
    return name in (CLUSTERS_FILE, TEAM_FILE) or not name.endswith((".yaml", ".yml"))


def _approvers(team: Entry[TeamDeclaration]) -> tuple[str, ...]:
    return tuple(team.value.approvers or team.value.mention or ())


def _platform(declarations: Declarations, repository: Repository) -> Iterator[Rule]:
    """What belongs to no team is approved by those whom the clusters name as theirs."""
    named = [entry for entry in declarations.clusters.values() if entry.value.team in declarations.teams]
    teams = dict.fromkeys(entry.value.team or "" for entry in named)
    owners = tuple(dict.fromkeys(who for team in teams for who in _approvers(declarations.teams[team])))
    if owners:
        span = named[0].span("team")
        yield Rule(f"{repository.folder}/" if repository.folder else CLUSTERS_FILE, owners, span)
        yield from (Rule(f"{folder}/", owners, span) for folder in repository.templates)


def _teams(declarations: Declarations, repository: Repository) -> Iterator[Rule]:
    above = f"{repository.folder}/" if repository.folder else ""
    for name, team in sorted(declarations.teams.items()):
        if owners := _approvers(team):
            said = "approvers" if team.value.approvers else "mention"
            yield Rule(f"{above}{name}/", owners, team.span(said))
