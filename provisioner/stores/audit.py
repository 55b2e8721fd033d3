"""The audit file: one line of JSON for each change that is sent and each outcome, written as it happens."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provisioner.files import FileFault, located
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.model import FieldChange, Key
from provisioner.reconcile.outcome import Outcome
from provisioner.reconcile.plan import Plan

FORMAT_VERSION = 1


@dataclass
class AuditFile:
    """Appends to `path`; `run` says which run this is (commit, pipeline, user), `clock` what time it is."""

    path: Path
    plan: Plan
    run: Mapping[str, str]
    clock: Callable[[], str]

    def __post_init__(self) -> None:
        self._changes: dict[Key, Change[Any]] = {change.key: change for change in self.plan.changes}
        of = {"cluster": self.plan.cluster, "cluster_id": self.plan.cluster_id, "digest": self.plan.digest}
        self._same = {"format_version": FORMAT_VERSION, **self.run, **of}
        self._broken: str | None = None

    def before(self, batch: Sequence[Change[Any]]) -> str | None:
        """A batch is about to be sent: should nothing follow, these are the changes that nobody saw the end of.

        Nothing more is sent once the file cannot be written.
        """
        self._append([self._line(change.key, "sending") for change in batch], synced=True)
        return self._broken

    def after(self, outcome: Outcome) -> None:
        """What became of a change; `seen` holds what was read back."""
        self._append([self._line(outcome.key, str(outcome.state), outcome.comment, self._read_back(outcome))])

    def _line(self, key: Key, event: str, comment: str = "", seen: Mapping[str, Any] | None = None) -> str:
        change = self._changes.get(key)
        told = {
            "when": self.clock(),
            **self._same,
            "kind": key.kind,
            "name": key.name,
            "destination": key.destination,
            "action": str(change.action) if change else None,
            "planned": _sides(self._parts(change)) if change else {},
            "event": event,
            "comment": comment,
            "seen": seen or {},
        }
        return json.dumps(told) + "\n"

    def _parts(self, change: Change[Any]) -> Sequence[FieldChange]:
        """Of what is made for programs alone, and comes or goes as a whole, the parts tell nobody anything."""
        whole = change.action is not Action.UPDATE and self.plan.kind(change.key.kind).worded
        return () if whole else change.fields

    def _read_back(self, outcome: Outcome) -> Mapping[str, Any]:
        change = self._changes.get(outcome.key)
        return {} if change and not self._parts(change) else _sides(outcome.changes)

    def _append(self, lines: Iterable[str], synced: bool = False) -> None:
        """A kill of this process loses no line; a power cut none of what was sent, since `sending` is synced."""
        root, name = located(self.path)
        try:
            root.append(name, "".join(lines).encode(), synced=synced)
        except FileFault as fault:
            self._broken = f"the audit file {self.path} cannot be written: {fault.reason}"


def _sides(fields: Sequence[FieldChange]) -> dict[str, dict[str, str | None]]:
    return {field.field: {"before": field.before, "after": field.after} for field in fields}
