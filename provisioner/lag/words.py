"""How late a group is, in words."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.lag.judgement import Row, Share, State

_UNITS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


def span(seconds: float) -> str:
    """The two largest units: `12m40s`, `2d4h`; below ten seconds with a tenth: `3.4s`."""
    if seconds < 10:
        return f"{seconds:.1f}".removesuffix(".0") + "s"
    parts, rest = list[str](), int(seconds)
    for unit, length in _UNITS:
        count, rest = divmod(rest, length)
        if count or parts:
            parts.append(f"{count}{unit}" if count else "")
    return "".join(parts[:2])


def limit(row: Row) -> str:
    """How late it may be; `-`: as late as it likes."""
    return "-" if row.threshold.lag is None else span(row.threshold.lag)


def state(row: Row) -> str:
    """What is to be said of it, the most important first."""
    return ", ".join([_first(row), *_besides(row)])


def _first(row: Row) -> str:
    if row.state is State.UNKNOWN:
        return f"unknown: {row.why or _unknown(row.unknown)}"
    if row.state is State.NEVER:
        return f"never committed: {row.why}" if row.why else "never committed"
    if row.state is State.LATE:
        return "later than its limit"
    if row.state is State.BEHIND:
        return "not late" if row.threshold.lag is not None else "behind (lag: none)"
    return _all_read(row)


def _all_read(row: Row) -> str:
    hollow = sum(share.hollow for share in row.shares)
    return f"nothing unread ({hollow} offsets left that hold no message)" if hollow else "nothing unread"


def _besides(row: Row) -> Iterator[str]:
    if row.worst and row.worst.open:
        yield "waits for an open transaction"
    if deleted := sum(share.deleted for share in row.shares):
        yield f"{deleted} deleted unread"
    if held := sum(share.unread for share in row.never):
        yield f"never committed on {len(row.never)} of {len(row.shares)} partitions, which hold {held} messages"
    if row.unknown and row.state is not State.UNKNOWN:
        yield _unknown(row.unknown)
    if row.connected is False and row.state in (State.LATE, State.BEHIND):
        yield "no member connected"
    if not row.declared:
        yield "in no file"


def _unknown(shares: tuple[Share, ...]) -> str:
    """The first of them, and how many more there are."""
    first = shares[0]
    more = f" (and {len(shares) - 1} more)" if len(shares) > 1 else ""
    return f"partition {first.partition} is not known{more}: {first.why}"


def share(each: Share) -> str:
    """One partition."""
    log = f"log {each.log.start} to {each.log.end}" if each.log else "its log was not read"
    if each.committed is None:
        return f"never committed, {log}"
    if each.why:
        return f"unknown: {each.why}"
    deleted = f", {each.deleted} deleted unread" if each.deleted else ""
    oldest = f", the oldest {span(each.age)} old" if each.age is not None else ""
    held = " (of an open transaction)" if each.open else ""
    hollow = f" ({each.hollow} offsets left that hold no message)" if each.hollow else ""
    return f"committed {each.committed}, {log}: {each.unread} unread{oldest}{held}{hollow}{deleted}"
