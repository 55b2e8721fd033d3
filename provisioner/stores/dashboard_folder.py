"""Dashboards in a folder that Grafana's file provider reads: one file a topic, in a folder named after the cluster."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from provisioner.errors import UnreachableError
from provisioner.kinds.board_file import Dashboard
from provisioner.reconcile.change import Change
from provisioner.reconcile.model import Key, Observed, Prepared, Reading
from provisioner.reconcile.on_demand import Deferred
from provisioner.reconcile.outcome import Outcome, State
from provisioner.stores.folder import EDITED, OTHER_CONTENT, Folder

Changes = Sequence[Change[Dashboard]]
BATCH = 500
SPACE = "+"
"""In a file's name; no topic's has it, nor a space."""


def folder(path: Path, cluster: str, mark: str | None = None, *, create: bool = False) -> Folder:
    """The folder of a cluster's dashboards: ours are `<cluster>/<topic>.json` and `<cluster>/team+<team>.json`.

    `mark`: what the manifest is called after, where that is not the cluster.
    """
    name = re.compile(rf"{re.escape(cluster)}/(?!\.)(?:[a-z]+\{SPACE})?[A-Za-z0-9._-]{{1,249}}\.json")
    return Folder(path, f"{mark or cluster}-dashboards", lambda each: bool(name.fullmatch(each)), create=create)


def _topic(name: str) -> str:
    return name.split("/")[-1].removesuffix(".json").replace(SPACE, " ")


@dataclass
class DashboardFolderStore:
    """The dashboards of one cluster."""

    folder: Folder
    cluster: str

    def read(self, names: Sequence[str], beside: Collection[str] = ()) -> Reading[Dashboard]:
        """The dashboards that we wrote; what no name asks for is an orphan."""
        self.folder.load()
        found = self._all(names)
        asked = {self._file(name) for name in (*names, *beside)}
        left = [name for name in self.folder.owned if name not in asked]
        orphans = self._all([_topic(name) for name in left])
        return Reading(found, orphans=orphans, absent=self.folder.absent)

    def _all(self, names: Sequence[str]) -> dict[str, Observed[Dashboard]]:
        texts = ((name, self.folder.text(self._file(name))) for name in names)
        return {name: self._observed(name, text) for name, text in texts if text is not None}

    def _observed(self, name: str, text: str) -> Observed[Dashboard]:
        """The text is not kept: whoever has to look at it reads it again."""
        file = self._file(name)
        untouched = self.folder.wrote(file, text)
        inputs = self.folder.noted.inputs.get(file, {}).get(name, "") if untouched else ""
        return Observed(Deferred(lambda: Dashboard(self.folder.text(file) or "")), untouched=untouched, inputs=inputs)

    def _file(self, topic: str) -> str:
        return f"{self.cluster}/{topic.replace(' ', SPACE)}.json"

    def prepare(self, changes: Changes) -> Mapping[Key, Prepared]:
        """A folder takes any dashboard."""
        return {}

    def identify(self, names: Sequence[str]) -> Mapping[str, str]:
        """A file of that name is the same thing, whoever wrote it."""
        return {}

    def belongings(self, names: Sequence[str]) -> Mapping[str, str]:
        """Nothing stays here."""
        return {}

    def remember(self, inputs: Mapping[str, str]) -> None:
        """Each in the file of its own."""
        self.folder.remember({self._file(topic): {topic: digest} for topic, digest in inputs.items()})

    def batches(self, changes: Changes) -> Iterator[Changes]:
        """Portions of five hundred files."""
        return (changes[at : at + BATCH] for at in range(0, len(changes), BATCH))

    def write(self, batch: Changes) -> Iterator[Outcome]:
        """Write or remove the files, and read them back."""
        files = {self._file(change.key.name): change.after.text if change.after else None for change in batch}
        try:
            with self.folder.locked():
                self.folder.load()
                inputs = {self._file(change.key.name): {change.key.name: change.inputs} for change in batch}
                self.folder.replace(files, inputs=inputs)
        except UnreachableError as error:
            yield from (Outcome(c.key, State.FAILED, f"{error.message}; the old files stay") for c in batch)
            return
        yield from self.await_pending(batch)

    def await_pending(self, doubtful: Changes) -> Iterator[Outcome]:
        """A disk has no doubt: it holds what was written, or not."""
        for change in doubtful:
            text = self.folder.text(self._file(change.key.name))
            same = text == (change.after.text if change.after else None)
            comment = "" if same else OTHER_CONTENT if change.after else EDITED
            yield Outcome(change.key, State.DONE if same else State.FAILED, comment, change.listed if same else ())
