"""The lists of a note: dangers unfolded, alerts in words, what is not known, and all other changes folded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from provisioner.reconcile.model import Work
from provisioner.report import markdown, note_words, work
from provisioner.report.folding import by_team, grouped
from provisioner.report.note_changes import Told, Weight, by_weight
from provisioner.report.note_fit import WHERE, Entry, Limits, Section
from provisioner.report.note_input import People
from provisioner.report.note_verdict import ACTIONS
from provisioner.report.planfile import ChangeInPlan
from provisioner.report.summary import counted_of

NOUNS = ("change is", "changes are")
MOST_ROWS = 1_500
"""Of one diff."""

_LINE = 300


def dangers(changes: Sequence[Told], people: People, limits: Limits) -> Section:
    """What is refused, then what needs somebody's consent."""
    chosen = by_weight(changes, Weight.REFUSED, Weight.DANGEROUS)
    entries = [_danger(run, people) for run in _alike(chosen, people)]
    return Section("### Refused and dangerous\n", entries, NOUNS, limits.dangers)


def _danger(run: Sequence[Told], people: People) -> Entry:
    first, *_ = run
    sign = "**REFUSED:**" if first.weight is Weight.REFUSED else "**Danger:**"
    return _entry(sign, run, note_words.dangers(first, people))


def unknown(changes: Sequence[Told], people: People, limits: Limits) -> Section:
    """What could not be read: neither refused nor unchanged."""
    runs = _alike(by_weight(changes, Weight.UNKNOWN), people)
    entries = [_entry("**?**", run, [markdown.prose(why.reason) for why in run[0].change.refusals]) for run in runs]
    return Section("### Not known\n", entries, NOUNS, limits.dangers)


def alerts(changes: Sequence[Told], people: People, limits: Limits) -> Section:
    """Whom alerts call, where nothing goes: in words."""
    chosen = [each for each in by_weight(changes, Weight.TOLD) if each.change.called]
    entries = [_entry("", run, map(note_words.sentence, run[0].change.words)) for run in _alike(chosen, people)]
    return Section("### Alerts that change\n", entries, NOUNS, limits.dangers)


def _alike(changes: Sequence[Told], people: People) -> Iterator[list[Told]]:
    def rows(each: Told) -> list[str]:
        return [each.weight.name, *note_words.dangers(each, people)]

    return grouped(changes, lambda each: note_words.signature(each, rows(each)))


def _entry(sign: str, run: Sequence[Told], rows: Iterable[str]) -> Entry:
    first, count = run[0], len(run)
    if count == 1:
        what = note_words.headline(first)
    else:
        counted = f"{first.change.action} {counted_of(count, first.kind)} alike on {markdown.name(first.cluster)}"
        what = f"{counted}{_teams(run)}: {markdown.names(each.change.name for each in run)}"
    shown = list(dict.fromkeys(rows))
    lines = [f"- {sign} {what}" if sign else f"- {what}", *(f"  - {row}" for row in shown[: 4 * note_words.MOST_ROWS])]
    return Entry("\n".join(lines), count)


def _teams(run: Sequence[Told]) -> str:
    teams = by_team(each.change.owner for each in run)
    return f" {markdown.prose(teams)}" if teams else ""


def folded(changes: Sequence[Told], limits: Limits) -> Section:
    """Everything else, by cluster and by what is done, each a diff of its own."""
    parted: dict[tuple[str, str], list[Told]] = {}
    for each in by_weight(changes, Weight.TOLD):
        parted.setdefault((each.cluster, each.change.action), []).append(each)
    clusters = dict.fromkeys(cluster for cluster, _ in parted)
    keys = [(cluster, action) for cluster in clusters for action in ACTIONS if (cluster, action) in parted]
    blocks = (_details(cluster, action, parted[cluster, action]) for cluster, action in keys)
    return Section("### In full\n", [block for block in blocks if block], NOUNS, limits.details)


def _details(cluster: str, action: str, changes: Sequence[Told]) -> Entry | None:
    """None where the words of the alerts said it all."""
    runs = grouped(changes, lambda each: note_words.signature(each, _below(each)))
    blocks = [([_head(run), *_below(run[0]), *_work(run)], len(run)) for run in runs if not _is_said(run[0])]
    if not blocks:
        return None
    rows: list[str] = []
    left = sum(count for _, count in blocks)
    for block, count in blocks:
        if len(rows) + len(block) > MOST_ROWS:
            break
        rows += block
        left -= count
    rows += [f"# {left} more: {WHERE}"] if left else []
    summary = f"{markdown.summary_code(cluster)}: {_counted(changes)} to {action}"
    return Entry(markdown.details(summary, rows), len(changes))


def _counted(changes: Sequence[Told]) -> str:
    counts = Counter(each.change.kind for each in changes)
    kinds = {each.change.kind: each.kind for each in changes}
    return ", ".join(counted_of(count, kinds[kind]) for kind, count in counts.items())


def _is_said(each: Told) -> bool:
    return bool(each.change.called) and not each.change.diff


def _head(run: Sequence[Told]) -> str:
    """What is new begins with a plus, what goes with a minus, all else with a blank."""
    along = f"   with {', '.join(one.kind for one in run[0].along)}" if run[0].along else ""
    return f"{_sign(run[0])} {_named(run)}{along}"[:_LINE]


def _below(each: Told) -> list[str]:
    rows = (row for one in (each.change, *each.along) for row in _of_change(each, one, _sign(each)))
    return [row[:_LINE] for row in rows]


def _work(run: Sequence[Told]) -> list[str]:
    """What it sets going that takes long, of many alike the sum."""
    works = [each.change.work for each in run if each.change.work]
    if len(run) == 1:
        return [f"    {row}"[:_LINE] for each in works for row in each.words]
    several = [Work(each.copies, each.places, each.bytes, each.unsized, each.seconds) for each in works]
    return [f"    {work.total(several)}"] if several else []


def _sign(each: Told) -> str:
    return {"create": "+", "delete": "-"}.get(each.change.action, " ")


def _named(run: Sequence[Told]) -> str:
    first, names = run[0], [each.change.name for each in run]
    if len(run) == 1:
        place = f"{first.change.place.file}:{first.change.place.line}"
        return f"{first.change.kind} {first.change.name}   {first.change.owner}   {place}"
    teams = by_team(each.change.owner for each in run)
    return f"{counted_of(len(run), first.kind)} alike{teams}: {', '.join(names[:3])}, ... {names[-1]}"


def _of_change(first: Told, change: ChangeInPlan, sign: str) -> Iterator[str]:
    if change is first.change and not first.kind.worded and sign != "-":
        yield from _of_fields(first)
    yield from (f"{sign}   {word[2:] if word[:2] in ('+ ', '- ') else word}" for word in change.words if sign != " ")
    if sign == " ":
        yield from (f"    {word}" for word in change.words if not change.called)
    yield from map(_of_text, change.diff)


def _of_fields(each: Told) -> Iterator[str]:
    for field in each.change.fields:
        label, (old, new) = each.kind.label(field.field), note_words.values(each, field)
        if field.before is not None:
            yield f"-   {label} {old}"
        if field.after is not None:
            yield f"+   {label} {new}"


def _of_text(row: str) -> str:
    sign, rest = row[:4], row[4:]
    return {"  - ": f"-     {rest}", "  + ": f"+     {rest}"}.get(sign, f"    {row}")
