"""Alerts in a folder of rule files, packed by owning team; one batch is one reload, rolled back where it fails."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from provisioner.catalog.destinations import Layout
from provisioner.errors import UnreachableError
from provisioner.kinds import alert_classes, rule_files
from provisioner.kinds.alert_set import AlertSet
from provisioner.reconcile.change import Change
from provisioner.reconcile.model import Key, Observed, Prepared, Reading, Refusal
from provisioner.reconcile.on_demand import Deferred
from provisioner.reconcile.outcome import Outcome, State
from provisioner.stores import prometheus, rule_listing
from provisioner.stores.folder import EDITED, OTHER_CONTENT, Folder
from provisioner.stores.manifest import Inputs
from provisioner.stores.prometheus import Reloaded
from provisioner.stores.rule_index import Contents, RuleIndex, Sets

PORTION = 8 * 1024 * 1024
"""Characters of rules that promtool is shown at once: a fleet's may be fifty times as many."""

Changes = Sequence[Change[AlertSet]]


def folder(path: Path, cluster: str, *, create: bool = False) -> Folder:
    """The folder of a cluster's rules: ours are the names that `rule_files.file_name` gives, and nothing else."""
    return Folder(path, f"{cluster}-alerts", lambda name: rule_files.is_file_name(cluster, name), create=create)


@dataclass
class RuleFolder:
    """The rule files of one cluster. `reload` are Prometheus servers to tell; what asks others is replaceable."""

    folder: Folder
    cluster: str
    reload: Sequence[str] = ()
    check: Callable[[Mapping[str, str]], Mapping[str, str]] = prometheus.complaints
    tell: Callable[[Sequence[str]], Reloaded] = prometheus.reload
    lacking: Callable[[Sequence[str], Mapping[str, int]], str | None] = rule_listing.lacking
    layout: Layout = Layout()
    _index: RuleIndex = field(init=False)

    def __post_init__(self) -> None:
        self._index = RuleIndex(self.folder, self.cluster)

    def read(self, names: Sequence[str], beside: Collection[str] = ()) -> Reading[AlertSet]:
        """The alerts that our files hold; what no name asks for is an orphan. Only changed files are taken apart."""
        self.folder.load()
        self._index.load()
        asked, others = set(names), frozenset(beside)
        seen = {topic: self._observed(topic) for topic in self._index.topics if topic not in others}
        return Reading(
            {topic: alerts for topic, alerts in seen.items() if topic in asked},
            orphans={topic: alerts for topic, alerts in seen.items() if topic not in asked},
            absent=self.folder.absent,
        )

    def _observed(self, topic: str) -> Observed[AlertSet]:
        contents = self._index.contents(topic)
        taken = self._is_taken(topic)
        return Observed(
            Deferred(lambda: replace(self._index.alerts(topic), loaded=taken)),
            untouched=contents.untouched,
            inputs=contents.inputs.get(topic, "") if taken else "",
        )

    def _is_taken(self, topic: str) -> bool:
        """False where the last reload after a change was not confirmed; of a removed file all others tell it.

        Nor is a topic right that stands in the files of two teams.
        """
        waiting = self.folder.noted.unconfirmed if self.reload else frozenset()
        files = self._index.topics[topic]
        read = {*files, self._index.shared}
        confirmed = not waiting or (not waiting & read and waiting <= self.folder.owned.keys())
        return confirmed and len(files) == 1

    def prepare(self, changes: Changes) -> Mapping[Key, Prepared]:
        """Refuse the alerts of a file that promtool would not take, or that would be larger than we read."""
        bad: dict[str, Refusal] = {}
        affected = self._affected(changes)
        for texts in (*self._portions(affected), self._shared(affected)):
            for name, why in {**self.check(texts), **self._too_large(texts)}.items():
                bad[name] = Refusal("store", f"{name} would be refused: {why}", "mend the template")
        return {
            change.key: Prepared((bad[name],))
            for change in changes
            if change.after
            for name in islice(filter(bad.__contains__, self._names(change.after)), 1)
        }

    def _names(self, alerts: AlertSet) -> Iterator[str]:
        """The files that some alerts stand in."""
        yield rule_files.file_name(self.cluster, alerts.team)
        if any(map(alert_classes.is_compact, alerts.rules)):
            yield self._index.shared

    def _shared(self, affected: Mapping[str, Sets]) -> dict[str, str]:
        """The file of the classes, with these contents of others; none where no rule is compact."""
        rules = (rule for sets in affected.values() for each in sets.values() for rule in each.rules)
        known = {**self._index.used(affected), **alert_classes.classes(rules)}
        return {self._index.shared: rule_files.classes_text(self.cluster, known)} if known else {}

    def _portions(self, files: Mapping[str, Sets]) -> Iterator[dict[str, str]]:
        """The files' texts, not all of them in memory at once."""
        texts: dict[str, str] = {}
        for name, sets in files.items():
            if sets:
                texts[name] = self._text(name, sets)
            if sum(map(len, texts.values())) > PORTION:
                yield texts
                texts = {}
        yield texts

    def _too_large(self, texts: Mapping[str, str]) -> dict[str, str]:
        most = self.layout.size
        return {name: f"it has more than {most} bytes" for name, text in texts.items() if most and len(text) > most}

    def identify(self, names: Sequence[str]) -> Mapping[str, str]:
        """A file of that name is the same thing, whoever wrote it."""
        return {}

    def belongings(self, names: Sequence[str]) -> Mapping[str, str]:
        """Nothing stays here."""
        return {}

    def remember(self, inputs: Mapping[str, str]) -> None:
        """Beside what is known of the other topics in their files."""
        files: dict[str, dict[str, str]] = {}
        for topic, digest in inputs.items():
            for name in self._index.topics[topic]:
                files.setdefault(name, dict(self._index.files[name].inputs))[topic] = digest
        self.folder.remember(files)

    def batches(self, changes: Changes) -> Iterator[Changes]:
        """Everything at once: one reload."""
        return iter([changes] if changes else [])

    def write(self, batch: Changes) -> Iterator[Outcome]:
        """Write the files that change, tell Prometheus, and put the old files back if it refuses them."""
        notes: tuple[str, ...] = ()
        try:
            with self.folder.locked():
                # Another run may have written into the same team's file since this one read it.
                self.read([])
                why, notes = self._replaced(batch)
        except UnreachableError as error:
            why = f"{error.message}; the old files stay"
        if why:
            yield from (Outcome(c.key, State.FAILED, why) for c in batch)
            return
        yield from self._read_back(batch, "; ".join(notes))

    def _replaced(self, batch: Changes) -> tuple[str | None, tuple[str, ...]]:
        """Why it failed, or None; and what is to be known besides. Until Prometheus has the rules the manifest says so.

        Rules that a server refuses are taken back. One that is silent while another one took them is no reason to: it
        reads the files when it is there again, and the next run tells it.
        """
        affected = self._affected(batch)
        gone: dict[str, str | None] = {self._index.shared: None} if self._index.classes else {}
        texts = {name: self._text(name, sets) if sets else None for name, sets in affected.items()}
        files = {**texts, **gone, **self._shared(affected)}
        counts = {**self._index.counts(self.folder.noted.unconfirmed - files.keys()), **_counts(files)}
        inputs = {name: self._inputs(name, sets, batch) for name, sets in affected.items()}
        before = self.folder.noted.inputs
        old = self.folder.replace(files, awaiting=bool(self.reload), inputs=inputs)
        if not self.reload or not (old or self.folder.noted.unconfirmed):
            self.folder.confirm()
            return None, ()
        reloaded = self.tell(self.reload)
        if reloaded.refused or not reloaded.taken:
            return self._taken_back(old, before, (*reloaded.refused, *reloaded.silent)[0]), ()
        if why := self.lacking(reloaded.taken, counts):
            return why, ()
        if not reloaded.silent:
            self.folder.confirm()
        return None, reloaded.silent

    def _taken_back(self, old: Mapping[str, str | None], inputs: Mapping[str, Inputs], why: str) -> str:
        self.folder.replace(old, awaiting=True, inputs=inputs)
        again = self.tell(self.reload)
        if not again.refused and not again.silent:
            self.folder.confirm()
        return f"{why}; the old files are back"

    def await_pending(self, doubtful: Changes) -> Iterator[Outcome]:
        """A disk has no doubt: it holds what was written, or not."""
        yield from self._read_back(doubtful)

    def _read_back(self, changes: Changes, note: str = "") -> Iterator[Outcome]:
        """`note`: not every server has confirmed, one has."""
        self.read([])
        yield from (self._outcome(change, note) for change in changes)

    def _outcome(self, change: Change[AlertSet], note: str) -> Outcome:
        if self._is_in_force(change, bool(note)):
            return Outcome(change.key, State.DONE, note, change.listed)
        return Outcome(change.key, State.FAILED, OTHER_CONTENT if change.after else EDITED)

    def _is_in_force(self, change: Change[AlertSet], somewhere: bool) -> bool:
        """True where the file holds what was asked, and Prometheus has it (`somewhere`: one of them)."""
        name = change.key.name
        if name not in self._index.topics:
            return change.after is None
        observed = self._observed(name)
        if change.inputs and observed.untouched and observed.inputs == change.inputs:
            return change.after is not None
        held = observed.resource
        return (replace(held, loaded=True) if somewhere else held) == change.after

    def _affected(self, changes: Changes) -> dict[str, Sets]:
        """What each file that changes shall hold: nothing, where it goes."""
        wanted: dict[str, Sets] = {}
        for change in changes:
            for name in self._index.topics.get(change.key.name, ()):
                wanted.setdefault(name, {})
            if change.after:
                name = rule_files.file_name(self.cluster, change.after.team)
                wanted.setdefault(name, {})[change.key.name] = change.after
        changed = {change.key.name for change in changes}
        for name, sets in wanted.items():
            if not self._index.files.get(name, Contents()).inputs.keys() <= changed:
                sets.update({topic: each for topic, each in self._index.sets(name).items() if topic not in changed})
        return wanted

    def _text(self, name: str, sets: Sets) -> str:
        return rule_files.file_text(
            self.cluster, rule_files.team_of(self.cluster, name), sets.values(), self.layout.rules
        )

    def _inputs(self, name: str, sets: Sets, batch: Changes) -> dict[str, str]:
        made_of = {change.key.name: change.inputs for change in batch}
        known = self._index.files.get(name, Contents()).inputs
        return {topic: made_of.get(topic, known.get(topic, "")) for topic in sets}


def _counts(files: Mapping[str, str | None]) -> dict[str, int]:
    """How many rules each file holds; those that go hold none, and are in no listing."""
    return {name: rule_files.count(text) for name, text in files.items() if text}
