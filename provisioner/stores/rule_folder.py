"""Alerts in a folder of rule files, packed by owning team; one batch is one reload, rolled back where it fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from provisioner.errors import UnreachableError
from provisioner.kinds import rule_files
from provisioner.kinds.alerts import AlertSet
from provisioner.reconcile.model import Change, Key, Observed, Outcome, Prepared, Reading, Refusal, State
from provisioner.stores import prometheus
from provisioner.stores.folder import EDITED, OTHER_CONTENT, Folder

Changes = Sequence[Change[AlertSet]]
Sets = dict[str, AlertSet]


def folder(path: Path, cluster: str, *, create: bool = False) -> Folder:
    """The folder of a cluster's rules: ours are the names that `rule_files.file_name` gives, and nothing else."""
    return Folder(path, f"{cluster}-alerts", lambda name: rule_files.is_file_name(cluster, name), create=create)


@dataclass
class RuleFolder:
    """The rule files of one cluster. `reload` are Prometheus servers to tell; both checks are replaceable in tests."""

    folder: Folder
    cluster: str
    reload: Sequence[str] = ()
    check: Callable[[Mapping[str, str]], Mapping[str, str]] = prometheus.complaints
    tell: Callable[[Sequence[str]], str | None] = prometheus.reload
    _sets: Sets = field(default_factory=dict)
    _untouched: set[str] = field(default_factory=set)

    def read(self, names: Sequence[str]) -> Reading[AlertSet]:
        """The alerts that our files hold; what no name asks for is an orphan."""
        self.folder.load()
        self._sets, self._untouched = {}, set()
        # A file of ours that a lost manifest forgot is still read, or a partial apply would drop what it holds.
        for name in sorted({*self.folder.owned, *self.folder.matching(f"{rule_files.prefix(self.cluster)}*.yml")}):
            self._sets.update(self._in_file(name))
        seen = {topic: Observed(alerts, untouched=topic in self._untouched) for topic, alerts in self._sets.items()}
        asked = set(names)
        return Reading(
            {topic: alerts for topic, alerts in seen.items() if topic in asked},
            orphans={topic: alerts for topic, alerts in seen.items() if topic not in asked},
            absent=self.folder.absent,
        )

    def _in_file(self, name: str) -> Mapping[str, AlertSet]:
        """What the file itself says, whatever the manifest says of it."""
        text = self.folder.text(name)
        try:
            sets = rule_files.unpack(text) if text is not None else {}
        except rule_files.ForeignFileError:
            return {}
        if text is not None and self.folder.wrote(name, text):
            self._untouched |= sets.keys()
        if not self._is_taken(name):
            return {topic: replace(alerts, loaded=False) for topic, alerts in sets.items()}
        return sets

    def _is_taken(self, name: str) -> bool:
        """False where the last reload after a change was not confirmed; of a removed file all others tell it."""
        waiting = self.folder.noted.unconfirmed if self.reload else frozenset()
        return not waiting or (name not in waiting and waiting <= self.folder.owned.keys())

    def prepare(self, changes: Changes) -> Mapping[Key, Prepared]:
        """Refuse the alerts of a file that promtool would not take."""
        before, after = self._packed(self._sets), self._packed(self._with(changes))
        said = self.check({name: text for name, text in after.items() if before.get(name) != text})
        bad = {
            name: Refusal("store", f"{name} would be refused: {why}", "mend the template") for name, why in said.items()
        }
        return {
            change.key: Prepared((bad[name],))
            for change in changes
            if change.after and (name := rule_files.file_name(self.cluster, change.after.team)) in bad
        }

    def batches(self, changes: Changes) -> Iterator[Changes]:
        """Everything at once: one reload."""
        return iter([changes] if changes else [])

    def write(self, batch: Changes) -> Iterator[Outcome]:
        """Write the files that change, tell Prometheus, and put the old files back if it refuses them."""
        try:
            with self.folder.locked():
                # Another run may have written into the same team's file since this one read it.
                self.read([])
                files: dict[str, str | None] = dict.fromkeys(self.folder.owned)
                files.update(self._packed(self._with(batch)))
                why = self._replaced(files)
        except UnreachableError as error:
            why = f"{error.message}; the old files stay"
        if why:
            yield from (Outcome(c.key, State.FAILED, why) for c in batch)
            return
        yield from self.settle(batch)

    def _replaced(self, files: Mapping[str, str | None]) -> str | None:
        """Why the files are as they were, or None. Until Prometheus has taken them the manifest says so."""
        old = self.folder.replace(files, awaiting=bool(self.reload))
        why = self.tell(self.reload) if old or self.folder.noted.unconfirmed else None
        if why:
            self.folder.replace(old, awaiting=True)
            if self.tell(self.reload) is None:
                self.folder.confirm()
            return f"{why}; the old files are back"
        self.folder.confirm()
        return None

    def settle(self, doubtful: Changes) -> Iterator[Outcome]:
        """A disk has no doubt: it holds what was written, or not."""
        self.read([])
        yield from (self._outcome(change) for change in doubtful)

    def _outcome(self, change: Change[AlertSet]) -> Outcome:
        if self._sets.get(change.key.name) == change.after:
            return Outcome(change.key, State.DONE, changes=change.fields)
        return Outcome(change.key, State.FAILED, OTHER_CONTENT if change.after else EDITED)

    def _with(self, changes: Changes) -> Sets:
        sets = {**self._sets, **{c.key.name: c.after for c in changes if c.after}}
        for change in changes:
            if change.after is None:
                sets.pop(change.key.name, None)
        return sets

    def _packed(self, sets: Sets) -> Mapping[str, str]:
        return rule_files.pack(self.cluster, list(sets.values()))
