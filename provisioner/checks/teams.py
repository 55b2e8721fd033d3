"""Where alerts go: words of an Alertmanager and rooms of a chat program that are easily mistyped."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from provisioner.catalog.folder import Declarations
from provisioner.catalog.quoting import quoted
from provisioner.checks import alerts
from provisioner.checks.context import Context
from provisioner.problem import Problem, Severity, Span

RARE = 3
"""A word is taken for a slip where one that is almost the same is written so many times as often."""

_BARE_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_SLACK_ID = re.compile(r"[CGDUSW][A-Z0-9]{7,}")

Written = tuple[str, Span]


def chat(context: Context) -> Iterator[Problem]:
    """A bare word is no room and no person in most chat programs; addresses, ids and names with blanks may be one."""
    for team in context.declarations.teams.values():
        room = team.value.chat or ""
        if _BARE_WORD.fullmatch(room) and not _SLACK_ID.fullmatch(room):
            message, hint = f"chat {quoted(room, 60)} has neither # nor @ before it", f'write "#{room[:60]}"'
            yield Problem("teams/chat", message, team.span("chat"), hint, Severity.WARNING)


def severity(context: Context) -> Iterator[Problem]:
    """A word that no route of the Alertmanager has: such an alert reaches nobody."""
    declarations = context.declarations
    if declarations.severities is None:
        yield from _slips(list(_severities(declarations)))
        return
    known, check = declarations.severities.value.severities, "teams/severity"
    place = declarations.severities.key_span("severities")
    for word, span in _severities(declarations):
        if word not in known:
            hint = declarations.suggestions.near(check, word, known) or f"write one of {', '.join(known)[:200]}"
            yield Problem(check, f"severity {quoted(word, 60)} is not in severities: of {place}", span, hint)


def _severities(declarations: Declarations) -> Iterator[Written]:
    """Every severity that is written out, and where."""
    for cluster in declarations.clusters.values():
        if cluster.value.alerts and cluster.value.alerts.severity:
            yield cluster.value.alerts.severity, cluster.span("alerts", "severity")
    for team in declarations.teams.values():
        if "severity" in team.value.model_fields_set:
            yield team.value.severity, team.span("severity")
    for consumer in declarations.consumers:
        if consumer.value.severity:
            yield consumer.value.severity, consumer.span("severity")
    yield from alerts.severities(declarations)


def _slips(written: list[Written]) -> Iterator[Problem]:
    counts = Counter(word for word, _ in written)
    common = counts.most_common(20)
    for word, span in written:
        near = next((other for other, count in common if count >= RARE * counts[word] and is_near(word, other)), None)
        if near:
            message = f"severity {quoted(word, 60)} is almost {quoted(near, 60)}, which is written {counts[near]} times"
            hint = "correct it, or list both in severities: of clusters.yaml"
            yield Problem("teams/severity", message, span, hint, Severity.WARNING)


def is_near(one: str, other: str) -> bool:
    """True for words that one letter (too few, too many, another, or two exchanged) tells apart."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    begin = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    left, right = one[begin:], other[begin:]
    exchanged = left[:2] == right[:2][::-1] and left[2:] == right[2:]
    return exchanged or left[1:] == right[1:] or left[1:] == right or left == right[1:]
