"""How much goes into one request: bounded by topics and by the metadata records that they make."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provisioner.kinds.topic import Topic
from provisioner.reconcile.model import Action, Change, Refusal

BATCH_TOPICS = 200
BATCH_RECORDS = 2_000
MOST_RECORDS = 10_000
"""The controller refuses an operation of more metadata records: topic 1, each config 1, each partition 1."""

Changes = Sequence[Change[Topic]]

TOO_LARGE = Refusal(
    "impossible",
    f"more than {MOST_RECORDS} metadata records in one topic",
    "declare fewer partitions; add more in later steps",
)


def batches(changes: Changes) -> Iterator[Changes]:
    """One action a batch, in the order of Action."""
    for action in Action:
        yield from _bounded([change for change in changes if change.action is action])


def _bounded(changes: Changes) -> Iterator[Changes]:
    batch: list[Change[Topic]] = []
    records = 0
    for change in changes:
        more = _records(change)
        if batch and (len(batch) == BATCH_TOPICS or records + more > BATCH_RECORDS):
            yield batch
            batch, records = [], 0
        batch.append(change)
        records += more
    if batch:
        yield batch


def is_too_large(change: Change[Topic]) -> bool:
    """No request could carry it."""
    return _records(change) > MOST_RECORDS


def _records(change: Change[Topic]) -> int:
    if change.after is None:
        return 1
    new = change.after.partitions - (change.before.partitions if change.before else 0)
    return 1 + max(0, new) + len(change.fields)
