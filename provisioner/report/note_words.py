"""What a note says of one change: its fields, its dangers, who uses what it is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from provisioner.printable import WIDEST, cut
from provisioner.report import markdown
from provisioner.report.folding import masked
from provisioner.report.note_changes import Told
from provisioner.report.note_input import People
from provisioner.report.planfile import ChangeInPlan, FieldOfChange

MOST_ROWS = 12
NOT_SET = "(not set)"

_IN_UNITS = re.compile(r"(?<!\S)[0-9]+ \(([0-9A-Za-z]+)\)(?!\S)")
_SAID_BY_HAZARDS = ("consent", "impossible")


def headline(each: Told) -> str:
    """`update topic `orders.v1` on prod (payments, topics/payments/orders.yaml:9)`."""
    change = each.change
    owner = f"{markdown.name(change.owner)}, " if change.owner else ""
    what = f"{change.action} {markdown.name(change.kind)} {markdown.code(change.name)}"
    return f"{what} on {markdown.name(each.cluster)} ({owner}{place(change)})"


def place(change: ChangeInPlan) -> str:
    """The line of the declaration."""
    return markdown.prose(f"{change.place.file}:{change.place.line}")


def values(each: Told, field: FieldOfChange) -> tuple[str, str]:
    """Before and after as people write them, no longer than they read."""
    return _value(each, field.field, field.before), _value(each, field.field, field.after)


def _value(each: Told, field: str, value: str | None) -> str:
    if value is None:
        return NOT_SET
    return each.kind.shown(field, value) if len(value) <= WIDEST else cut(value)


def fields(each: Told) -> list[str]:
    """`retention.ms 604800000 (7d) → 259200000 (3d)` for each field of an update."""
    if each.kind.worded or each.change.action != "update":
        return []
    rows = ((each.kind.label(field.field), *values(each, field)) for field in each.change.fields)
    return [f"{markdown.prose(label)} {markdown.prose(old)} → {markdown.prose(new)}" for label, old, new in rows]


def effect(each: Told) -> list[str]:
    """As `fields`, in people's units alone: `retention.ms 7d → 3d`."""
    return [_IN_UNITS.sub(r"\1", row) for row in fields(each)]


def sentence(word: str) -> str:
    """With its sign (`+ `, `- `) in words."""
    sign = {"+ ": "new: ", "- ": "no more: "}.get(word[:2], "")
    return sign + markdown.prose(word[2:] if sign else word)


def dangers(each: Told, people: People) -> Iterator[str]:
    """Everything that somebody has to weigh, in the order of reading."""
    change = each.change
    yield from _few(fields(each), "fields")
    yield from _few([sentence(word) for word in change.words if not word.startswith("- ")], "sentences")
    if each.losses:
        lost = markdown.prose("; ".join(each.losses))
        stays = f", while its {markdown.name(each.subject.kind)} stays" if each.subject.kind != change.kind else ""
        yield f"**goes{stays}**: {lost}"
    yield from _by_hand(each)
    yield from _few([_danger(hazard.slug, hazard.reason, hazard.hint) for hazard in each.hazards], "dangers")
    yield from _few(list(readers(each, people)), "readers")
    if change.allow:
        yield f"if meant, write {markdown.code(change.allow, 2000)}"
    against = [why for why in change.refusals if why.by not in _SAID_BY_HAZARDS or not change.hazards]
    yield from _few([_danger(why.by, why.reason, why.hint) for why in against], "reasons")
    if change.second_key:
        yield f"{markdown.prose(change.second_key)}: done only from a reviewed plan, or by name"
    yield from _few(list(_notes(each)), "notes")


def readers(each: Told, people: People) -> Iterator[str]:
    """Who reads it: the declared consumers with their teams, then groups that the cluster alone knows."""
    declared = people.reading(each.cluster, each.subject)
    seen = late(each)
    for consumer in declared:
        how = seen.pop(consumer.group, "how late it is, is not known")
        yield f"read by {markdown.code(consumer.group)} of **{markdown.name(consumer.team)}**: {markdown.prose(how)}"
    for group, how in seen.items():
        yield f"read by {markdown.code(group)}, which no file declares: {markdown.prose(how)}"


def late(each: Told) -> dict[str, str]:
    """By group, what the cluster says of it."""
    return {reader.group: reader.words.removeprefix("reads it: ") for reader in each.change.readers}


def _danger(what: str, reason: str, hint: str) -> str:
    way_out = f". {hint[:1].upper()}{hint[1:]}" if hint else ""
    return f"**{markdown.prose(what)}**: {markdown.prose(reason + way_out)}"


def _by_hand(each: Told) -> Iterator[str]:
    live = {field.field: values(each, field)[0] for field in each.change.fields}
    for field, applied in each.change.by_hand.items():
        label = markdown.prose(each.kind.label(field)) if field else "it"
        then = _value(each, field, applied)
        now = f": {markdown.prose(then)} → {markdown.prose(live[field])}" if field in live else ""
        yield f"**changed by hand** since it was applied: {label}{now}; this writes over it"


def _notes(each: Told) -> Iterator[str]:
    """What is said beside it; who reads it is said already."""
    for hazard in (hazard for hazard in each.change.hazards if not hazard.asks):
        what = each.kind.label(hazard.field) if hazard.field else hazard.slug
        yield markdown.prose(f"{what}: {hazard.reason}")
    known = {f"group {reader.group} {reader.words}" for reader in each.change.readers}
    yield from (markdown.prose(note) for note in each.change.notes if note not in known)
    yield from (markdown.prose(row) for row in (each.change.work.words if each.change.work else ()))


def _few(rows: Sequence[str], nouns: str) -> Iterator[str]:
    yield from rows[:MOST_ROWS]
    if len(rows) > MOST_ROWS:
        yield f"and {len(rows) - MOST_ROWS} more {nouns}"


def signature(each: Told, rows: Iterable[str]) -> object:
    """Equal for changes of which a note says the same but for their names; None: it stands alone."""
    change = each.change
    if change.by_hand or not change.alike:
        return None
    along = tuple((one.kind, one.action, one.alike) for one in each.along)
    if not all(alike for _, _, alike in along):
        return None
    spelled = masked(list(rows), each.kind.spellings(change.name, each.cluster))
    return each.cluster, change.kind, change.action, change.alike, along, spelled
