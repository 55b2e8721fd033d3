"""`provisioner drift --adopt`: what was changed by hand, written into the entries of its topics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from provisioner import wiring
from provisioner.adopting import agreement, rewriting, wishes
from provisioner.adopting.sites import sites
from provisioner.adopting.wishes import Wish, wish
from provisioner.catalog.addition import Addition
from provisioner.commands import differing, exits, fleet
from provisioner.commands.console import Console
from provisioner.options import Drift
from provisioner.problem import Problem, Severity
from provisioner.reconcile.drift import Verdict
from provisioner.report import adopted as report
from provisioner.report import drift as drifting
from provisioner.report.results import Adopted
from provisioner.settings import Settings
from provisioner.stores.declaration_folder import DeclarationFolder

STILL = "taken out of the entry, a default would ask for another value of {}; write what is in force into the entry"
NO_FILE = "its file is no regular file"

Files = dict[Path, Addition]


@dataclass
class _Draft:
    """What is to be written, and the files as they would read. `refused`: topic -> why."""

    wishes: dict[str, Wish]
    after: fleet.Fleet
    files: Files = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


def run(options: Drift, settings: Settings, console: Console) -> Adopted:
    """Compare, edit, read the edited files, write them; 2 if something is left, 1 for an error that is new."""
    looked = differing.looked(options, settings, console)
    (drift,) = looked.drifts
    wished = dict(_wished(looked.fleet, drift, frozenset(options.topic or ())))
    draft = _drafted(options.folder, looked.fleet, drift, wished)
    if not options.print:
        _write(draft.files)
    new = _new(looked.fleet.problems, draft.after.problems)
    done = report.Adoption(
        drift,
        {name: report.Entry(each.site.span, each.pasted, each.out) for name, each in draft.wishes.items()},
        list(_left(drift, wished, draft.refused)),
        {str(path): (each.before or b"", each.content) for path, each in draft.files.items()},
        options.print,
        new,
        draft.after.problems,
        draft.after.sources,
    )
    codes = [code for code in looked.codes if code != exits.PENDING] + [exits.PENDING] * bool(done.left)
    return Adopted(done, exits.worst([*codes, *[exits.FAILED] * any(one.severity is Severity.ERROR for one in new)]))


def _wished(known: fleet.Fleet, drift: drifting.Drift, names: frozenset[str]) -> Iterator[tuple[str, Wish]]:
    there = sites(known.declarations, drift.cluster)
    ordered = [one for one in drift.in_order if wishes.is_adoptable(one.key) and one.key.name in there]
    for key, group in groupby(ordered, key=lambda one: one.key):
        yield key.name, wish(there[key.name], group, named=key.name in names)


def _drafted(folder: Path, known: fleet.Fleet, drift: drifting.Drift, wished: Mapping[str, Wish]) -> _Draft:
    """What can be written: every other topic asks for what it asked for, and these for what is live."""
    draft = _Draft({name: each for name, each in wished.items() if each.changes}, known)
    while draft.wishes:
        draft.files, wrong = _files(folder, draft.wishes)
        if not wrong:
            texts = {path: each.content for path, each in draft.files.items()}
            draft.after = fleet.read(folder, texts=texts)
            wrong = _wrong(known, draft, drift)
        if not wrong:
            return draft
        mine = {name: why for name, why in wrong.items() if name in draft.wishes}
        # What goes wrong elsewhere cannot be laid at one door.
        draft.refused |= mine or dict.fromkeys(draft.wishes, f"another topic, {min(wrong)}: {wrong[min(wrong)]}")
        draft.wishes = {name: each for name, each in draft.wishes.items() if name not in draft.refused}
    return _Draft({}, known, {}, draft.refused)


def _files(folder: Path, wished: Mapping[str, Wish]) -> tuple[Files, dict[str, str]]:
    """The files as they would be, and the topics whose wishes could not be written into theirs."""
    by_path: dict[Path, dict[str, Wish]] = {}
    for name, each in wished.items():
        entry = each.site.entry
        by_path.setdefault(folder / entry.team / Path(entry.document.path).name, {})[name] = each
    files: Files = {}
    wrong: dict[str, str] = {}
    for path, group in by_path.items():
        raw = DeclarationFolder(path.parent).content(path.name)
        if raw is None:
            wrong |= dict.fromkeys(group, NO_FILE)
            continue
        text, failed = rewriting.rewritten(raw, {name: each.in_file for name, each in group.items()})
        wrong |= dict.fromkeys(failed, rewriting.UNSAFE)
        files[path] = Addition(text, raw)
    return files, wrong


def _wrong(known: fleet.Fleet, draft: _Draft, drift: drifting.Drift) -> dict[str, str]:
    fields = {name: each.fields for name, each in draft.wishes.items()}
    wrong = dict(agreement.disagreeing(known.catalogs, draft.after.catalogs, drift.cluster, fields))
    found = {key.name: seen for key, seen in drift.found.items() if wishes.is_adoptable(key) and key.name in fields}
    pending = wiring.still_pending(draft.after.catalogs[drift.cluster], found, found) if not wrong else {}
    for name, left in pending.items():
        if still := sorted(fields[name].keys() & set(left)):
            wrong.setdefault(name, STILL.format(", ".join(still)))
    return wrong


def _left(drift: drifting.Drift, wished: Mapping[str, Wish], refused: Mapping[str, str]) -> Iterator[report.Left]:
    """What was not written, one after the other; of what is told in words the whole."""
    for one in drift.in_order:
        mine = wished.get(one.key.name) if wishes.is_adoptable(one.key) else None
        if one.verdict is Verdict.NOT_APPLIED:
            continue
        if mine is None:
            yield report.Left(one, wishes.RENDERED)
        elif one.field in mine.left:
            yield report.Left(one, mine.left[one.field], drift.ways[one.key, one.field].adopt or "")
        elif one.key.name in refused:
            yield report.Left(one, refused[one.key.name], drift.ways[one.key, one.field].adopt or "")


def _write(files: Files) -> None:
    """Folder by folder, each whole or not at all."""
    for parent, group in groupby(sorted(files), key=lambda path: path.parent):
        DeclarationFolder(parent).add({path.name: files[path] for path in group})


def _new(before: Sequence[Problem], after: Sequence[Problem]) -> list[Problem]:
    """Lines move, so a problem is known by what it says."""
    then = {(one.check, one.message, one.span.path) for one in before}
    return [one for one in after if (one.check, one.message, one.span.path) not in then]
