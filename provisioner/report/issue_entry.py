"""One resource that was changed by hand, in an issue: what, whose apply it was, how to undo it, how to keep it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provisioner.report.drift_file import Difference, Run
from provisioner.report.markdown import code, page, pasted

UNDO = "run a pipeline of the default branch with TOPIC={topic}, and in it the job `undo` of CLUSTER={cluster}"
ADOPT = "To keep it, let its entry say this (the job `adopt` with TOPIC={topic} makes a merge request of it):"
"""The two places that name jobs."""

MOST_ROWS = 20


def lines(cluster: str, fields: Sequence[Difference], words: Sequence[str], yaml: str) -> Iterator[str]:
    """Of one resource. `words`: what differs; `yaml`: what its entry would have to say, empty where nothing helps."""
    one = fields[0]
    yield f"\n### {code(f'{one.kind} {one.name}')} on {code(cluster)}\n"
    yield f"{code(f'{one.place.file}:{one.place.line}')}, {_applied(one.last_applied)}\n"
    yield from pasted(words[:MOST_ROWS], "text")
    if len(words) > MOST_ROWS:
        yield f"{len(words) - MOST_ROWS} more lines"
    yield from _undo(cluster, fields)
    if yaml:
        yield f"\n{ADOPT.format(topic=code(one.name))}\n"
        yield from pasted(yaml.splitlines(), "yaml")


def _applied(run: Run | None) -> str:
    """Whose merge request it was."""
    if run is None:
        return "last applied: not on record"
    request = run.merge_request or ""
    is_number = request.isascii() and request.isdigit() and len(request) < 12
    parts = [f"by merge request {f'!{request}' if is_number else code(request)}"] if request else []
    parts += [f"commit {code(run.commit[:12])}"] if run.commit else []
    parts += [code(run.at[:16])] if run.at else []
    parts += [f"run by {code(run.user)}"] if run.user else []
    parts += [page(run.pipeline)] if run.pipeline else []
    return f"last applied {', '.join(parts) or 'by nobody who is known'}"


def _undo(cluster: str, fields: Sequence[Difference]) -> Iterator[str]:
    """What stands in the way, field by field; the job, where one helps."""
    for each in [each for each in fields if each.why][:MOST_ROWS]:
        yield f"\n{f'{code(each.field)}: ' if each.field else ''}{code(each.why or '')}"
    if any(each.undo for each in fields):
        yield f"\nTo undo it, {UNDO.format(topic=code(fields[0].name), cluster=code(cluster))}."
    else:
        yield "\nNo job undoes it."
