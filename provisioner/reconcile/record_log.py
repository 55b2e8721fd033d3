"""Where the record lies: a log of keys and values in bytes, of which each key's last value counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from provisioner.errors import RefusedError, UnreachableError


class UnreadableRecordError(UnreachableError):
    """The cluster answers, and its record cannot be read: no right, or no clear answer. It may hold anything."""


class UnwritableRecordError(RefusedError):
    """The record can surely not be written; the hint says which right is missing, or what else to do."""


@dataclass(frozen=True, slots=True)
class Log:
    """What was read. `exists` False: surely there is no record yet. `cluster_id`: of the brokers that answered."""

    values: Mapping[bytes, bytes] = field(default_factory=dict)
    exists: bool = True
    cluster_id: str | None = None


class RecordLog(Protocol):
    """The only door to one cluster's record. `name`: what people call it, the topic's name."""

    name: str

    def read(self) -> Log:
        """Every key's last value; removed keys are left out. Later `tail`s begin here.

        Raises RefusedError for another cluster than the declared one, UnreachableError where no broker answers, and
        UnreadableRecordError.
        """
        ...

    def tail(self) -> Mapping[bytes, bytes | None]:
        """Each key's last value (None: removed) of what anybody wrote since `read` or the last `tail`.

        Own writes are among them. Raises UnreadableRecordError, also where the log was made anew since.
        """
        ...

    def create(self) -> None:
        """Make it where there is none; one that somebody else made meanwhile is as good. Raises UnwritableRecordError.

        Raises UnreachableError where no clear answer came.
        """
        ...

    def put(self, key: bytes, value: bytes | None) -> None:
        """Write a key's value (None: remove it), and wait for nothing."""
        ...

    def flush(self) -> Mapping[bytes, str]:
        """Wait for what was put: the keys of which it is not known that they are written, with the reason.

        Raises UnwritableRecordError where surely nothing of it was written.
        """
        ...
