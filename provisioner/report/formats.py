"""Every form that a result can take. To add one: a function from a result to its text, and its name in FORMATS."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from provisioner.line import Flow, Line, Style, signed
from provisioner.report import (
    adopted,
    codequality,
    comparison,
    drift_document,
    drift_lines,
    held_back,
    imported,
    lag,
    machine,
    moves,
    outcomes,
    plan,
    problems,
    since,
    terminal,
    terraform,
)
from provisioner.report.results import (
    NO_FAULTS,
    Adopted,
    Applied,
    Compared,
    Drifts,
    Faults,
    Imported,
    Issues,
    Lags,
    MovesState,
    Note,
    Plans,
    Printed,
    Problems,
    Rendered,
    Result,
    SandboxState,
    Sinces,
)


def lines(result: Result) -> list[Line]:
    """The result for people, whole."""
    return [*opening(result), *closing(result)]


def opening(result: Result) -> list[Line]:
    """The part that people have to see before anything is done: the plan of an apply."""
    if not isinstance(result, Applied):
        return []
    return [*held_back.of_faults(result.faults), *plan.lines(result.plan, result.verbose, waiting=True)]


def closing(result: Result) -> list[Line]:
    """The rest of it, for those who have seen the opening."""
    return list(_LINES[type(result)](result))


def _problems(result: Problems) -> Iterable[Line]:
    listed = problems.lines(result.problems, result.sources, result.verbose, result.fine)
    return [*held_back.of_faults(Faults(old=result.old)), *listed]


def _plans(result: Plans) -> Iterable[Line]:
    faults = list(held_back.of_faults(result.faults))
    plans = [plan.lines(each, result.verbose) for each in result.plans if result.alone or not each.untouched]
    count = 0 if result.alone else sum(each.untouched for each in result.plans)
    return [*faults, *_apart([*plans, *([_untouched(count)] if count else [])])]


def _untouched(count: int) -> list[Line]:
    """Clusters that nobody looked at: one line, however many."""
    return [Line("1 cluster untouched" if count == 1 else f"{count} clusters untouched")]


def _outcomes(result: Applied) -> Iterable[Line]:
    doubts = [signed("!", Style.ALARM, doubt) for doubt in result.doubts]
    return [*doubts, *outcomes.lines(result.plan, result.outcomes, result.seconds)] if result.acted else ()


def _drifts(result: Drifts) -> Iterable[Line]:
    return [*held_back.of_faults(result.faults), *_apart(drift_lines.lines(each) for each in result.drifts)]


def _lags(result: Lags) -> Iterable[Line]:
    faults = held_back.of_faults(result.faults)
    return [*faults, *_apart(lag.lines(each, result.verbose) for each in result.looks)]


def _rendered(result: Rendered) -> Iterator[Line]:
    for cluster in result.clusters:
        for made, ended in cluster.troubled:
            yield from outcomes.lines(made, ended, 0.0)
        yield Line(f"{cluster.name}: {cluster.places}")


def _sandbox(result: SandboxState) -> Iterable[Line]:
    return (Line(text, flow=Flow.WHOLE) for text in result.lines)


def _printed(result: Printed | Note) -> Iterable[Line]:
    return (Line(row, flow=Flow.WHOLE) for row in result.text.rstrip("\n").split("\n"))


def _issue(result: Issues) -> Iterable[Line]:
    """As it is posted: whoever pipes it somewhere else posts the same."""
    return (Line(text, flow=Flow.WHOLE) for text in result.text.split("\n"))


def _apart(blocks: Iterable[Iterable[Line]]) -> Iterator[Line]:
    """With an empty line between the blocks."""
    for number, block in enumerate(blocks):
        if number:
            yield Line("")
        yield from block


_LINES: Mapping[type, Callable[[Any], Iterable[Line]]] = {
    Problems: _problems,
    Plans: _plans,
    Applied: _outcomes,
    Drifts: _drifts,
    Sinces: lambda result: _apart(since.lines(each) for each in result.sinces),
    Lags: _lags,
    Adopted: lambda result: adopted.lines(result.done),
    Imported: lambda result: imported.lines(result.done),
    Rendered: _rendered,
    Compared: lambda result: comparison.lines(result.difference, result.verbose),
    Note: _printed,
    SandboxState: _sandbox,
    MovesState: moves.lines,
    Printed: _printed,
    Issues: _issue,
}


def _planned(result: Plans) -> dict[str, Any]:
    return machine.plan_document(result.plans[0]) if result.alone else machine.plans(result.plans)


def _errors(faults: Faults) -> dict[str, Any]:
    """Where there are any; those that the base has are marked."""
    told = [(problems.in_order(faults.errors), False), (problems.in_order(faults.old), True)]
    listed = [
        problems.entry(error) | {"held_back": faults.words.get(error, ""), "in_base": old}
        for errors, old in told
        for error in errors
    ]
    return {"problems": listed} if listed else {}


_DOCUMENTS: Mapping[type, Callable[[Any], Mapping[str, Any]]] = {
    Problems: lambda result: problems.document(result.problems, result.old),
    Plans: lambda result: _planned(result) | _errors(result.faults),
    Applied: lambda result: machine.outcomes(result.plan, result.outcomes, result.doubts) | _errors(result.faults),
    Drifts: lambda result: drift_document.document(result.drifts) | _errors(result.faults),
    Sinces: lambda result: since.document(result.sinces),
    Lags: lambda result: lag.document(result.looks) | _errors(result.faults),
    Adopted: lambda result: adopted.document(result.done),
    Imported: lambda result: imported.document(result.done),
    Compared: lambda result: comparison.document(result.difference),
    SandboxState: lambda result: result.document,
    MovesState: moves.document,
}


def _text(result: Result) -> str:
    return terminal.text(lines(result))


def _json(result: Result) -> str | None:
    document = _DOCUMENTS.get(type(result))
    return _safe(json.dumps(document(result), indent=2)) if document else None


def _safe(text: str) -> str:
    """Without the one control character that json leaves as it is."""
    return text.replace("\x7f", "\\u007f")


def _codequality(result: Result) -> str | None:
    """What is wrong in the files, also where the rest went on."""
    if isinstance(result, Problems):
        return codequality.text([*result.problems, *result.old])
    faults = result.faults if isinstance(result, Plans | Applied | Drifts | Lags) else NO_FAULTS
    return codequality.text([*faults.errors, *faults.old])


def _terraform(result: Result) -> str | None:
    """Nothing where no cluster has a plan: that is not known to be nothing to do."""
    return terraform.text(result.plans) if isinstance(result, Plans) and result.plans else None


def _differences(result: Result) -> str | None:
    return _safe(drift_document.ways(result.drifts)) if isinstance(result, Drifts) else None


FORMATS: Mapping[str, Callable[[Result], str | None]] = {
    "text": _text,
    "json": _json,
    "gitlab-codequality": _codequality,
    "gitlab-terraform": _terraform,
    "differences": _differences,
}
"""Name -> what a result is in that format, without a final newline; None: the format has nothing to say of it."""
