"""What a store reports of consumer groups: their committed offsets, the logs, and the first record not read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Logs = Mapping[int, "Log"]
"""By partition."""


@dataclass(frozen=True, slots=True)
class Log:
    """One partition: the offsets of its first record that is not deleted, and of the next one to be written."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Committed:
    """What a group has committed of one partition. `offset`: of the next record that it wants.

    `oldest`: the timestamp of the first record that it could read there, in milliseconds since 1970; None where there
    is none, be it that the rest are transactions' markers, aborted, or taken away by compaction. `open`: that record
    is of a transaction that nobody has ended. `why`: what is not known, in words.
    """

    offset: int
    oldest: int | None = None
    open: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """One consumer group. `at`: when its offsets were read, in milliseconds since 1970; `why`: why they were not.

    `connected`: a member is; None: not known. `topics`: what it committed, by topic and partition. `logs`: as they were
    right after that, of every partition of these topics; one that is not there was not read.
    """

    at: int = 0
    topics: Mapping[str, Mapping[int, Committed]] = field(default_factory=dict)
    logs: Mapping[str, Logs] = field(default_factory=dict)
    connected: bool | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """One cluster. `partitions`: how many each topic has that is there.

    `unsure`: topics of which nothing is known, and why; `gaps`: which groups were not looked for, in words.
    """

    cluster_id: str | None = None
    partitions: Mapping[str, int] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    unsure: Mapping[str, str] = field(default_factory=dict)
    gaps: Sequence[str] = ()
