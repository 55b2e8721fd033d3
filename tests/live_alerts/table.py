"""The verdicts as a table: a line a scenario, a column a profile and layout."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from tests.live_alerts.lab import Result
from tests.live_alerts.model import Row
from tests.live_alerts.truths import Span
from tests.live_alerts.verdict import Verdict


def lines(result: Result) -> Iterator[str]:
    """What a person reads."""
    pace = result.pace
    yield (
        f"{pace.name}: {pace.whole:.0f} s, lag {pace.lag} s, scrapes and evaluations each {pace.scrape} s, "
        f"the longest scrape {result.scrape:.1f} s. Seconds since the beginning; +1/-2 is how late an expression "
        "began and ended; ! is when it fired."
    )
    shown = [row for row in result.rows if _is_shown(result, row)]
    columns = [("scenario", "alert (group)", "truth", *result.verdicts)]
    columns += [_columns(result, row) for row in shown]
    widths = [max(len(line[at]) for line in columns) for at in range(len(columns[0]))]
    for line in columns:
        yield "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
    quiet = Counter(row.alert for row in result.rows if row not in shown)
    yield "never true and never there: " + ", ".join(f"{count} {alert}" for alert, count in quiet.items())
    yield from _wrongs(result)


def _is_shown(result: Result, row: Row) -> bool:
    each = [rows[row] for rows in result.verdicts.values() if row in rows]
    named = row.scenario != "healthy" and row.alert == "KafkaConsumerLagHigh"
    return named or any(one.truth or one.sight.firing or one.wrongs for one in each)


def _columns(result: Result, row: Row) -> tuple[str, ...]:
    truth = next(rows[row].truth for rows in result.verdicts.values() if row in rows)
    who = f"{row.alert.removeprefix('Kafka')} ({row.group or row.topic or 'cluster'})"
    return (row.scenario, who, _spans(truth), *(_cell(rows.get(row)) for rows in result.verdicts.values()))


def _spans(spans: Sequence[Span]) -> str:
    return ", ".join(f"{begin:.0f}-{end:.0f}" for begin, end in spans) or "never"


def _cell(verdict: Verdict | None) -> str:
    if verdict is None:
        return "-"
    if verdict.wrongs:
        return " ".join(["WRONG", *_fires(verdict), "; ".join(verdict.wrongs)])
    if verdict.notes:
        return " ".join(["as documented,", *_fires(verdict)])
    if not verdict.truth:
        return "never"
    stops = [*verdict.stops, *[None] * (len(verdict.starts) - len(verdict.stops))]
    pairs = zip(verdict.starts, stops, strict=True)
    errors = [f"{start:+.0f}" + ("" if stop is None else f"/{stop:+.0f}") for start, stop in pairs]
    return " ".join([*errors, *(_fires(verdict) or ["pending"])])


def _fires(verdict: Verdict) -> list[str]:
    return [f"!{begin:.0f}" for begin, _ in verdict.sight.firing]


def _wrongs(result: Result) -> Iterator[str]:
    wrongs = [
        f"{cluster}: {row.scenario}, {row.alert} {row.topic} {row.group}: {wrong}"
        for cluster, rows in result.verdicts.items()
        for row, verdict in rows.items()
        for wrong in verdict.wrongs
    ]
    for wrong in [*result.wrongs, *wrongs]:
        yield f"WRONG {wrong}"
    pages = sum(len(each.sight.calls) for rows in result.verdicts.values() for each in rows.values())
    rows = sum(len(each) for each in result.verdicts.values())
    yield f"{rows} rows, {pages} pages, {len(wrongs) + len(result.wrongs)} wrong"
