"""What an apply did, for the merge requests that it was about: one note a cluster, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from provisioner.reconcile.change import Change
from provisioner.report import markdown, outcomes
from provisioner.report.results import Applied

MOST_LINES = 200
_MARKER = "<!-- kafka-topic-provisioner:outcome {} -->"


def marker(cluster: str) -> str:
    """The first line, by which the note of that cluster is found again."""
    return _MARKER.format(cluster)


def text(applied: Applied, job: str | None) -> str:
    """The verdict, what is not done with the reason, and what to do about it. `job`: where the whole log is."""
    plan = applied.plan
    *rows, verdict = [line.plain for line in outcomes.lines(plan, applied.outcomes, applied.seconds)]
    rows += [f"not on record: {doubt}" for doubt in applied.doubts]
    more = [f"... and {len(rows) - MOST_LINES} more lines in the job's log"] if len(rows) > MOST_LINES else []
    parts = [marker(plan.cluster), f"**{markdown.prose(verdict)}**"]
    parts += ["", markdown.fenced([*rows[:MOST_LINES], *more], "")] if rows else []
    parts += ["", *(f"- {markdown.prose(hint)}" for hint in _hints(plan.changes))]
    parts += ["", f"The log: {job}"] if job else []
    return "\n".join(parts).rstrip() + "\n"


def _hints(changes: Sequence[Change[Any]]) -> Iterator[str]:
    """The ways out of what was refused, each once."""
    hints = dict.fromkeys(why.hint for change in changes for why in change.refusals if why.hint)
    yield from (f"{hint[:1].upper()}{hint[1:]}" for hint in list(hints)[:10])
