"""What a note says besides changes: errors of files, defaults that are not known, remarks, what is only counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provisioner.report import markdown
from provisioner.report.note_fit import Entry, Section
from provisioner.report.note_input import Plans
from provisioner.report.planfile import HeldBack, PlanDocument
from provisioner.report.summary import counted_of

MOST = 40
MOST_ERRORS = 20


def obstacles(plans: Plans) -> Section:
    """What keeps something from being planned or done: of files, of clusters."""
    entries = [Entry(f"- {row}") for row in (*_unread(plans), *_errors(plans))]
    entries += [Entry(f"- {row}") for each in plans.documents for row in _of_plan(each)]
    entries += [entry for each in plans.documents for entry in _held_back(plans, each)]
    return Section("### Not planned, or held back\n", entries, ("thing is", "things are"), MOST)


def _unread(plans: Plans) -> Iterator[str]:
    for path, why in plans.unread.items():
        yield f"{markdown.code(path)} is no plan: {markdown.prose(why)}"


def _errors(plans: Plans) -> Iterator[str]:
    """Those that hold something back stand beside that; the others are listed here."""
    if plans.errors:
        counted, what = _of(len(plans.errors), "error"), "it governs" if len(plans.errors) == 1 else "they govern"
        yield f"{counted} in the files: what {what} is held back (`provisioner validate` shows more)"
    told = {(each.check, each.reason) for document in plans.documents for each in plans.held_back(document)[0]}
    for error in [each for each in plans.errors if (each.check, each.message) not in told][:MOST_ERRORS]:
        what = f"{error.message}; {error.hint}" if error.hint else error.message
        yield f"{markdown.prose(str(error.span))}: {markdown.prose(what)} ({markdown.prose(error.check)})"


def _of_plan(document: PlanDocument) -> Iterator[str]:
    where = f"on {markdown.name(document.cluster)}"
    for kind, why in document.stopped.items():
        yield f"{markdown.name(kind)} {where}: {markdown.prose(why)}; nothing is planned there"
    if document.record.state == "unreadable":
        name = markdown.code(document.record.name or "")
        yield f"the record {name} {where} cannot be read: what is there is left alone"
    for held in document.held:
        place = markdown.prose(f"{held.place.file}:{held.place.line}")
        yield f"{place}: {markdown.prose(held.reason)}; it is a default: {_without(held.without, held.refused)} {where}"


def _without(without: Sequence[str], refused: Sequence[str]) -> str:
    parts = [f"{len(without)} go without it ({markdown.names(without)})"] if without else []
    parts += [f"{len(refused)} to create and refused ({markdown.names(refused)})"] if refused else []
    return ", ".join(parts) or "nothing needs it"


def _held_back(plans: Plans, document: PlanDocument) -> Iterator[Entry]:
    """By error."""
    found: dict[tuple[str, str], list[HeldBack]] = {}
    for each in plans.held_back(document)[0]:
        found.setdefault((each.check, each.reason), []).append(each)
    for (check, reason), those in found.items():
        names = list(dict.fromkeys(each.name for each in those))
        place = markdown.prose(f"{those[0].place.file}:{those[0].place.line}")
        held = f"**held back** on {markdown.name(document.cluster)}: {markdown.names(names)}"
        yield Entry(f"- {held}\n  - {place}: {markdown.prose(reason)} ({markdown.prose(check)})", len(names))


def remarks(plans: Plans) -> Section:
    """What is worth knowing, about no one change; of several clusters once."""
    found: dict[str, list[str]] = {}
    for document in plans.documents:
        for remark in document.remarks:
            found.setdefault(remark, []).append(document.cluster)
    entries = [Entry(f"- {markdown.names(where)}: {markdown.prose(text)}") for text, where in found.items()]
    return Section("### Remarks\n", entries, ("remark is", "remarks are"), MOST)


def left_alone(plans: Plans) -> Section:
    """The same as a list."""
    return Section("### Left alone\n", [Entry(f"- {row}") for row in counted(plans)], ("thing is", "things are"), MOST)


def counted(plans: Plans) -> list[str]:
    """What no reader has to do anything about, a line each."""
    documents = plans.documents
    standing, waiting, ahead = (
        sum(len(getattr(each, name)) for each in documents) for name in ("standing", "waiting", "ahead")
    )
    looked = [
        f"{counted_of(n, kind)} not looked at: the files do not change {'it' if n == 1 else 'them'}"
        for kind in plans.kinds
        if not kind.derived and (n := sum(each.not_looked_at.get(kind.name, 0) for each in documents))
    ]
    rows = [f"{_of(standing, 'difference')} stand{'s' * (standing == 1)}, changed by hand (`provisioner drift`)"]
    rows = rows if standing else []
    rows += [f"{_of(waiting, 'change')} of earlier merges wait{'s' * (waiting == 1)}"] if waiting else []
    rows += [f"{ahead} applied from newer commits: rebase"] if ahead else []
    old = len({(each.cluster, back.name) for each in documents for back in plans.held_back(each)[1]})
    rows += [f"{old} held back for errors that the base has"] if old else []
    return [*rows, *looked]


def _of(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
