"""Alerts in a folder of rule files, packed by owning team; one batch is one reload, rolled back where it fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from provisioner.kinds import rule_files
from provisioner.kinds.alerts import AlertSet
from provisioner.reconcile.model import Change, Key, Observed, Outcome, Prepared, Reading, Refusal, State
from provisioner.stores import prometheus
from provisioner.stores.folder import Folder

Changes = Sequence[Change[AlertSet]]
Sets = dict[str, AlertSet]


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
        prefix, suffix = rule_files.file_name(self.cluster, "").rsplit(".", 1)
        ours = {*self.folder.owned, *self.folder.matching(f"{prefix}*.{suffix}")}
        for name in sorted(ours):
            self._sets.update(self._in_file(name))
        seen = {topic: Observed(alerts, untouched=topic in self._untouched) for topic, alerts in self._sets.items()}
        asked = set(names)
        return Reading(
            {topic: alerts for topic, alerts in seen.items() if topic in asked},
            orphans={topic: alerts for topic, alerts in seen.items() if topic not in asked},
            elsewhere=not self.folder.is_there,
        )

    def _in_file(self, name: str) -> Mapping[str, AlertSet]:
        text, noted = self.folder.text(name), self.folder.owned.get(name)
        if text is None:
            return {}
        if noted and noted.memo and self.folder.wrote(name, text):
            self._untouched |= noted.memo.keys()
            return {topic: AlertSet(topic, team, tuple(rules)) for topic, (team, rules) in noted.memo.items()}
        try:
            return rule_files.unpack(text)
        except rule_files.ForeignFileError:
            return {}

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
        sets = self._with(batch)
        files: dict[str, str | None] = dict.fromkeys(self.folder.owned)
        files.update(self._packed(sets))
        old = self.folder.replace(files, _memos(self.cluster, sets))
        why = self.tell(self.reload) if old else None
        if why:
            self.folder.replace(old, _memos(self.cluster, self._sets))
            self.tell(self.reload)
            yield from (Outcome(c.key, State.FAILED, f"{why}; the old files are back") for c in batch)
            return
        yield from self.settle(batch)

    def settle(self, doubtful: Changes) -> Iterator[Outcome]:
        """A disk has no doubt: it holds what was written, or not."""
        self.read([])
        yield from (self._outcome(change) for change in doubtful)

    def _outcome(self, change: Change[AlertSet]) -> Outcome:
        if self._sets.get(change.key.name) == change.after:
            return Outcome(change.key, State.DONE, changes=change.fields)
        return Outcome(
            change.key, State.FAILED, "the file does not hold what was written: does something else write it?"
        )

    def _with(self, changes: Changes) -> Sets:
        sets = {**self._sets, **{c.key.name: c.after for c in changes if c.after}}
        for change in changes:
            if change.after is None:
                sets.pop(change.key.name, None)
        return sets

    def _packed(self, sets: Sets) -> Mapping[str, str]:
        return rule_files.pack(self.cluster, list(sets.values()))


def _memos(cluster: str, sets: Sets) -> dict[str, Any]:
    memos: dict[str, Any] = {}
    for topic, alerts in sorted(sets.items()):
        known = asdict(alerts)
        memos.setdefault(rule_files.file_name(cluster, alerts.team), {})[topic] = [known["team"], known["rules"]]
    return memos
