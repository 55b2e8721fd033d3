"""Placements, costs and refusals in lines for people."""

from __future__ import annotations

from collections.abc import Mapping

from provisioner.moves import rounded
from provisioner.moves.estimate import Estimate, Spread
from provisioner.moves.look import Look
from provisioner.moves.move import Reason, Refused
from provisioner.moves.placement import Placement


def cost(estimate: Estimate) -> str:
    """Adds 24 replicas on 3 brokers, moves none, keeps every leader, about 48 GiB to copy, about 14 min at 60 MB/s"""
    if not estimate.replicas:
        return "adds no replica"
    where = f"adds {counted(estimate.replicas, 'replica')} on {counted(len(estimate.free_left), 'broker')}"
    return ", ".join([where, "moves none", "keeps every leader", *_copied(estimate)])


def _copied(estimate: Estimate) -> list[str]:
    known = f"about {rounded.size(estimate.bytes_to_copy)} to copy" if estimate.bytes_to_copy else "nothing to copy"
    took = f"{rounded.time(estimate.seconds)} at {rounded.rate(estimate.rate)}"
    if not estimate.unsized:
        return [known, f"about {took}"] if estimate.bytes_to_copy else [known]
    unknown = f"the bytes of {counted(estimate.unsized, 'partition')} not known"
    return [known, unknown, f"at least {took}"] if estimate.bytes_to_copy else [unknown]


def racks(estimate: Estimate) -> str:
    """24 partitions on 1 rack -> 24 on 3 racks; empty where no broker names one."""
    if not estimate.spread_before or not estimate.spread_after:
        return ""
    return f"{_spread(estimate.spread_before, 'partition')} -> {_spread(estimate.spread_after)}"


def _spread(spread: Spread, noun: str = "") -> str:
    counts = [
        f"{counted(count, noun) if noun and not at else count} on {counted(racks, 'rack')}"
        for at, (racks, count) in enumerate(spread.items())
    ]
    return ", ".join(counts)


def room(estimate: Estimate) -> str:
    """free disk left: 1.2 TiB on broker 4 (the least of 3 brokers); what is not known is named."""
    known = {broker: free for broker, free in estimate.free_left.items() if free is not None}
    unknown = [broker for broker in estimate.free_left if broker not in known]
    parts = [_tightest(known)] if known else []
    if unknown:
        parts.append(f"not known on {_brokers(unknown)}")
    return f"free disk left: {', '.join(parts)}" if parts else ""


def _tightest(free: Mapping[int, int]) -> str:
    broker = min(free, key=lambda each: (free[each], each))
    of_all = f" (the least of {len(free)} brokers)" if len(free) > 1 else ""
    return f"{rounded.size(free[broker])} on broker {broker}{of_all}"


def unknown(placement: Placement) -> str:
    """What the choice of brokers did not know; empty where it knew all."""
    if placement.is_by_count:
        return f"placed by replicas, not by bytes: the bytes on {_brokers(placement.unread)} are not known"
    if placement.unsized:
        return f"{counted(len(placement.unsized), 'partition')} placed by replicas: their bytes are not known"
    return ""


WHY: Mapping[Reason, tuple[str, str]] = {
    Reason.FEW_BROKERS: (
        "{needed} replicas want {needed} live brokers, {there} live",
        "start the brokers that are down, or ask for fewer replicas",
    ),
    Reason.NO_LEADER: (
        "no live broker leads it, so there is nothing to copy from",
        "start a broker that holds it, then plan again",
    ),
    Reason.MOVING: (
        "another reassignment moves it",
        "wait until that one has ended, or cancel it, then plan again",
    ),
    Reason.NO_ROOM: (
        "no disk has room for it: {needed_bytes} are needed, {missing_bytes} are missing",
        "make room or add a broker, then plan again",
    ),
    Reason.BELOW_MINIMUM: (
        "{there} replicas are fewer than the cluster allows, {needed}",
        "ask for at least {needed}",
    ),
    Reason.NOT_ABOVE_MIN_INSYNC: (
        "with {there} replicas one lost broker stops every writer that waits for min.insync.replicas ({most})",
        "lower min.insync.replicas first, or ask for at least {needed} replicas",
    ),
    Reason.MIN_INSYNC_UNKNOWN: (
        "its min.insync.replicas is not known, so neither is how many replicas it must keep",
        "plan again with the right to read the topic's configuration",
    ),
    Reason.FEW_IN_SYNC: (
        "{there} replicas are in sync, fewer than min.insync.replicas ({needed})",
        "wait until its replicas are in sync, then plan again",
    ),
}
"""Reason -> what is wrong, and what to do."""


def refusal(refused: Refused) -> str:
    """Where, what and why, what to do. The topic's name is as the cluster gave it: whoever prints it escapes it."""
    why, hint = WHY[refused.reason]
    numbers = {
        "needed": refused.needed,
        "there": refused.there,
        "most": refused.needed - 1,
        "needed_bytes": rounded.size(refused.needed),
        "missing_bytes": rounded.size(refused.missing),
    }
    where = f"{refused.topic}, partition {refused.number}"
    return f"{where}: {why.format(**numbers)}; {hint.format(**numbers)}"


def progress(look: Look, rate: int | None) -> str:
    """copying 12 partitions of 3 topics: 1.2 GiB of 6 GiB (20 %), 58 MB/s, about 2 min left; 4 topics wait"""
    parts = [f"copying {counted(len(look.running), 'partition')} of {counted(len(look.moving), 'topic')}: "]
    if look.size is None or look.copied is None:
        parts.append("how much of it is there is not known")
    else:
        share = 100 * look.copied // look.size if look.size else 100
        parts.append(f"{rounded.size(look.copied)} of {rounded.size(look.size)} ({share} %)")
        if rate:
            left = rounded.time((look.size - look.copied) / rate)
            parts.append(f", {rounded.size(rate)}/s, about {left} left")
    waiting = len(set(look.waiting) - look.moving)
    return "".join([*parts, f"; {counted(waiting, 'topic')} wait" + ("s" if waiting == 1 else "") if waiting else ""])


def counted(count: int, noun: str) -> str:
    """`1 topic`, `3 topics`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _brokers(ids: list[int] | tuple[int, ...]) -> str:
    return f"broker{'' if len(ids) == 1 else 's'} {', '.join(map(str, ids))}"
