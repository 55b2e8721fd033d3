"""The note of a merge request: the plans of all clusters in Markdown, for people who have to agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from provisioner.report import comparison_file, markdown, note_asides, note_lists, note_teams, note_verdict
from provisioner.report.note_changes import Told, told
from provisioner.report.note_fit import Limits, Section, fitted
from provisioner.report.note_input import Plans
from provisioner.report.plan_digests import MARKER

__all__ = ["MARKER", "text"]

LIMITS = Limits()


def text(plans: Plans, hidden: Sequence[str] = (), limits: Limits = LIMITS) -> str:
    """The whole note. `hidden`: lines that programs read and people do not see."""
    changes = told(plans)
    opening = [MARKER, *map(markdown.hidden, hidden), "", note_verdict.line(plans, changes)]
    if not any(each.entries for each in (*_asides(plans), _version(plans))) and note_verdict.is_quiet(plans, changes):
        return "\n".join([*opening[:-1], " ".join([opening[-1], *_sentences(note_asides.counted(plans))])]) + "\n"
    asked = note_teams.approvers(changes, plans.people)
    hits = note_teams.hits(changes, plans.people)
    teams = note_teams.in_order(hits, asked)
    calls = note_teams.mentioned(teams, plans.people, limits.mentions)
    opening += _asked(asked, calls, limits)
    sections = [note_teams.section(hits, teams, calls, limits), *_lists(plans, changes, limits)]
    return fitted("\n".join(opening), [section for section in sections if section.entries], limits)


def _asked(asked: Sequence[str], calls: Mapping[str, str], limits: Limits) -> list[str]:
    """Whose topics or messages somebody else's change endangers."""
    named = [note_teams.called(team, calls) for team in asked[: limits.teams]]
    more = [f"and {len(asked) - limits.teams} more"] if len(asked) > limits.teams else []
    return ["", f"**Asks for approval by:** {', '.join([*named, *more])}"] if asked else []


def _lists(plans: Plans, changes: Sequence[Told], limits: Limits) -> list[Section]:
    """In the order of reading."""
    obstacles, remarks = _asides(plans)
    return [
        note_lists.dangers(changes, plans.people, limits),
        note_lists.unknown(changes, plans.people, limits),
        obstacles,
        _version(plans),
        note_lists.alerts(changes, plans.people, limits),
        remarks,
        note_asides.left_alone(plans),
        note_lists.folded(changes, limits),
    ]


def _asides(plans: Plans) -> tuple[Section, Section]:
    return note_asides.obstacles(plans), note_asides.remarks(plans)


def _version(plans: Plans) -> Section:
    return comparison_file.section(plans.version)


def _sentences(rows: Sequence[str]) -> list[str]:
    return [f"{row}." for row in rows]
