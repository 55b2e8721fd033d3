"""What differs between two renderings of one template, in a sentence: `consumer_lag: expression changed, 3 alerts`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from provisioner.comparing.difference import Difference
from provisioner.comparing.piece import DASHBOARD
from provisioner.comparing.tally import Count, Tally
from provisioner.kinds.board_file import PANEL
from provisioner.printable import cut, line

SHORT = 30
MOST = 8
"""Labels or annotations in a sentence."""
_EXPRESSION = "expr"
_MAPS = {"labels.": "labels", "annotations.": "annotations"}


def nothing(difference: Difference) -> str:
    """Where both sides are alike."""
    counts = [_counted(count, noun) for noun, count in difference.compared.items()]
    return f"nothing that is rendered differs ({', '.join(counts)})"


def sentence(tally: Tally, difference: Difference) -> str:
    """Of one template; where only some clusters are concerned, they are named."""
    total = tally.total
    changed = [*_changes(tally, total.changed), _counted(total.changed, tally.noun)] if total.changed else []
    come_and_go = list(_come_and_go(tally))
    teams = [_counted(len(tally.teams), "team")] if tally.teams else []
    first = changed or come_and_go
    parts = [", ".join([*first, *teams]), ", ".join(come_and_go) if changed else ""]
    where = "" if tally.clusters.keys() == difference.clusters else f" on {_listed(sorted(tally.clusters), 3)}"
    return f"{shown(tally.template)}: {'; '.join(filter(None, parts))}{where}"


def shown(text: str) -> str:
    """A name or a short value of a file, in one line."""
    return cut(line(text), 100)


def _come_and_go(tally: Tally) -> Iterator[str]:
    new, gone = tally.total.new, tally.total.gone
    if new:
        yield f"{new:,} new {_noun(new, tally.noun)}"
    if gone:
        yield f"{gone:,} gone" if new else f"{_counted(gone, tally.noun)} gone"


def _changes(tally: Tally, total: int) -> Iterator[str]:
    if tally.noun == DASHBOARD:
        yield from _panels(tally.panels)
        besides = {name: count for name, count in tally.fields.items() if not name.startswith(PANEL)}
        if besides:
            yield f"besides: {_listed(_named(besides, total), MOST)}"
        return
    if expression := tally.fields.get(_EXPRESSION):
        yield f"expression changed{_some(expression, total)}"
    others = [name for name in tally.fields if name != _EXPRESSION and not name.startswith((*_MAPS,))]
    yield from (_field(name, tally.fields[name], total) for name in others)
    for prefix, word in _MAPS.items():
        those = {name.removeprefix(prefix): each for name, each in tally.fields.items() if name.startswith(prefix)}
        if those:
            yield f"{word}: {_listed(_named(those, total), MOST)}"


def _panels(panels: Mapping[str, tuple[int, int]]) -> Iterator[str]:
    """`2 panels changed, 1 new`; the noun once."""
    found = [(word, *panels[word]) for word in panels if panels[word][1]]
    for number, (word, least, most) in enumerate(found):
        noun = f" {_noun(most, 'panel')}" if number == 0 else ""
        yield f"{_range(least, most)}{noun} {word}"


def _range(least: int, most: int) -> str:
    return f"{most}" if least == most else f"{least} to {most}"


def _field(name: str, count: Count, total: int) -> str:
    what = "" if _is_short(count) else " changed"
    return f"{shown(name)}{_values(count)}{what}{_some(count, total)}"


def _named(fields: Mapping[str, Count], total: int) -> Iterator[str]:
    """Names, with both values where all have the same short ones."""
    for name, count in fields.items():
        yield f"{shown(name)}{_values(count)}{_some(count, total)}"


def _some(count: Count, total: int) -> str:
    return "" if count.count == total else f" (in {count.count:,})"


def _is_short(count: Count) -> bool:
    values = (count.example.before, count.example.after)
    return count.alike and all(each is None or (isinstance(each, str) and _fits(each)) for each in values)


def _fits(text: str) -> bool:
    return 0 < len(text) <= SHORT and text.isprintable() and "," not in text


def _values(count: Count) -> str:
    old, new = ("none" if value is None else value for value in (count.example.before, count.example.after))
    return f" {old} -> {new}" if _is_short(count) else ""


def _listed(names: Iterable[str], most: int) -> str:
    every = list(names)
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(every[:most]) + more


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {_noun(count, noun)}"


def _noun(count: int, noun: str) -> str:
    return noun if count == 1 else f"{noun}s"
