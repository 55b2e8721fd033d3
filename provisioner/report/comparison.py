"""Two renderings compared, as lines and as JSON; the JSON is read again by whoever writes the note."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.comparing import Clash, Difference, Tally, nothing, sentence, shown
from provisioner.line import Flow, Line, Style, signed
from provisioner.printable import cut

FORMAT_VERSION = 1
MOST_TEMPLATES = 200
MOST_EXAMPLES = 20
"""Of one template; all are counted."""
MOST_LINES = 40
_LEFT_OUT = "... and {:,} more lines"
_STYLES = {"-": Style.REMOVED, "+": Style.ADDED}


def lines(difference: Difference, verbose: bool) -> Iterator[Line]:
    """A line a template; with `verbose` an example of each change below it, as a diff."""
    if not difference.tallies:
        yield Line(nothing(difference))
    for tally in difference.tallies[:MOST_TEMPLATES]:
        yield signed("~", Style.CHANGED, sentence(tally, difference))
        yield from _examples(tally) if verbose else ()
    if (more := len(difference.tallies) - MOST_TEMPLATES) > 0:
        yield Line(f"and {more:,} more")


def _examples(tally: Tally) -> Iterator[Line]:
    for name, clash in _chosen(tally):
        yield Line(f"    {shown(name)} of {_titled(clash)}", flow=Flow.WHOLE)
        yield from (Line(f"      {row}", _STYLES.get(row[0], Style.PLAIN), Flow.WHOLE) for row in diff(clash))


def _chosen(tally: Tally) -> list[tuple[str, Clash]]:
    return [(name, count.example) for name, count in tally.fields.items()][:MOST_EXAMPLES]


def _titled(clash: Clash) -> str:
    title = shown(clash.title)
    return f"{title} on {shown(clash.cluster)}" if clash.cluster else title


def diff(clash: Clash) -> list[str]:
    """The lines that go (`- `) and come (`+ `), cut to what a person reads."""
    rows = [cut(row) for row in clash.diff()]
    return rows[:MOST_LINES] + ([_LEFT_OUT.format(len(rows) - MOST_LINES)] if len(rows) > MOST_LINES else [])


def document(difference: Difference) -> dict[str, Any]:
    """Everything in counts, with an example of each change."""
    tallies = difference.tallies[:MOST_TEMPLATES]
    return {
        "format_version": FORMAT_VERSION,
        "differs": bool(difference.tallies),
        "compared": dict(difference.compared),
        "left_out": len(difference.tallies) - len(tallies),
        "lines": [sentence(tally, difference) for tally in tallies] or [nothing(difference)],
        "templates": [_template(tally) for tally in tallies],
    }


def _template(tally: Tally) -> Mapping[str, Any]:
    return {
        "template": tally.template,
        "noun": tally.noun,
        "teams": sorted(tally.teams),
        "clusters": {
            name: {"changed": here.changed, "new": here.new, "gone": here.gone}
            for name, here in sorted(tally.clusters.items())
        },
        "fields": {name: count.count for name, count in tally.fields.items()},
        "examples": [
            {"field": name, "name": clash.title, "cluster": clash.cluster, "diff": diff(clash)}
            for name, clash in _chosen(tally)
        ],
    }
