"""Dashboards in a folder that Grafana's file provider reads: one file a topic, in a folder named after the cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from provisioner.kinds.dashboard import Dashboard
from provisioner.reconcile.model import Change, Key, Observed, Outcome, Prepared, Reading, State
from provisioner.stores.folder import Folder

Changes = Sequence[Change[Dashboard]]
BATCH = 500


@dataclass
class DashboardFolderStore:
    """The dashboards of one cluster."""

    folder: Folder
    cluster: str

    def read(self, names: Sequence[str]) -> Reading[Dashboard]:
        """The dashboards that we wrote; what no name asks for is an orphan."""
        self.folder.load()
        found = self._all(names)
        asked = {self._file(name) for name in names}
        left = [name for name in self.folder.owned if name not in asked]
        orphans = self._all([name.split("/")[-1].removesuffix(".json") for name in left])
        return Reading(found, orphans=orphans, elsewhere=not self.folder.is_there)

    def _all(self, names: Sequence[str]) -> dict[str, Observed[Dashboard]]:
        texts = ((name, self.folder.text(self._file(name))) for name in names)
        return {name: self._observed(name, text) for name, text in texts if text is not None}

    def _observed(self, name: str, text: str) -> Observed[Dashboard]:
        return Observed(Dashboard(text), untouched=self.folder.wrote(self._file(name), text))

    def _file(self, topic: str) -> str:
        return f"{self.cluster}/{topic}.json"

    def prepare(self, changes: Changes) -> Mapping[Key, Prepared]:
        """A folder takes any dashboard."""
        return {}

    def batches(self, changes: Changes) -> Iterator[Changes]:
        """Portions of five hundred files."""
        return (changes[at : at + BATCH] for at in range(0, len(changes), BATCH))

    def write(self, batch: Changes) -> Iterator[Outcome]:
        """Write or remove the files, and read them back."""
        files = {self._file(change.key.name): change.after.text if change.after else None for change in batch}
        self.folder.replace(files, {})
        yield from self.settle(batch)

    def settle(self, doubtful: Changes) -> Iterator[Outcome]:
        """A disk has no doubt: it holds what was written, or not."""
        for change in doubtful:
            text = self.folder.text(self._file(change.key.name))
            same = text == (change.after.text if change.after else None)
            comment = "" if same else "the file does not hold what was written: does something else write it?"
            yield Outcome(change.key, State.DONE if same else State.FAILED, comment, change.fields if same else ())
