"""Which file holds the alerts of which topic. A file that is as we wrote it is not taken apart to know that."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from provisioner.kinds import rule_files
from provisioner.kinds.alert_classes import Class
from provisioner.kinds.alert_set import AlertSet
from provisioner.stores.folder import Folder
from provisioner.stores.manifest import Inputs

Sets = dict[str, AlertSet]

KEPT = 4
"""Files whose rules are held in memory: changes come team by team."""


@dataclass(frozen=True, slots=True)
class Contents:
    """The topics of one file, each with the digest of its inputs; `untouched`: it is as we wrote it."""

    inputs: Inputs = field(default_factory=dict)
    untouched: bool = False


@dataclass
class RuleIndex:
    """Our files in a folder, by name, and the topics in them; `classes` of compact rules, by identity."""

    folder: Folder
    cluster: str
    files: Mapping[str, Contents] = field(default_factory=dict)
    topics: Mapping[str, list[str]] = field(default_factory=dict)
    classes: Mapping[str, Class] = field(default_factory=dict)
    _read: OrderedDict[str, Sets] = field(default_factory=OrderedDict)
    _is_shared_ours: bool = True

    def load(self) -> None:
        """Look at the folder anew; the manifest is read already.

        A file of ours that a lost manifest forgot counts, too, or a partial apply would drop what it holds.
        """
        self._read.clear()
        names = {*self.folder.owned, *self.folder.matching(f"{rule_files.prefix(self.cluster)}*.yml")}
        self._load_classes(names)
        names.discard(self.shared)
        self.files = {name: self._contents(name) for name in sorted(names)}
        topics: dict[str, list[str]] = defaultdict(list)
        for name, contents in self.files.items():
            for topic in contents.inputs:
                topics[topic].append(name)
        self.topics = topics

    @property
    def shared(self) -> str:
        """The name of the file that holds the classes."""
        return rule_files.classes_name(self.cluster)

    def _load_classes(self, names: Collection[str]) -> None:
        text = self.folder.text(self.shared) if self.shared in names else ""
        self.classes = rule_files.classes(text) if text else {}
        self._is_shared_ours = self.shared not in names or (text is not None and self.folder.wrote(self.shared, text))

    def used(self, but: Collection[str]) -> dict[str, Class]:
        """The classes that some file names, those left out that are about to be written anew."""
        if not self.classes:
            return {}
        texts = [self.folder.text(name) or "" for name in self.files if name not in but]
        return {digest: each for digest, each in self.classes.items() if any(digest in text for text in texts)}

    def _contents(self, name: str) -> Contents:
        """What the file itself says, where the manifest does not know it as it is."""
        text, noted = self.folder.text(name), self.folder.noted.inputs.get(name)
        untouched = self._is_shared_ours and text is not None and self.folder.wrote(name, text)
        if untouched and noted is not None:
            return Contents(noted, untouched)
        return Contents(dict.fromkeys(self._remembered(name, self._parsed(text)), ""), untouched)

    def contents(self, topic: str) -> Contents:
        """The file that a topic's alerts stand in."""
        return self.files[self.topics[topic][-1]]

    def alerts(self, topic: str) -> AlertSet:
        """A topic's alerts, from the file; none where only the manifest says that they are in it."""
        name = self.topics[topic][-1]
        return self.sets(name).get(topic) or AlertSet(topic, rule_files.team_of(self.cluster, name), ())

    def sets(self, name: str) -> Sets:
        """All alerts of a file; nothing for one that is not there, or not ours."""
        if name in self._read:
            self._read.move_to_end(name)
            return self._read[name]
        return self._remembered(name, self._parsed(self.folder.text(name)))

    def _remembered(self, name: str, sets: Sets) -> Sets:
        self._read[name] = sets
        if len(self._read) > KEPT:
            self._read.popitem(last=False)
        return sets

    def counts(self, names: Iterable[str]) -> dict[str, int]:
        """How many rules each of these files holds; of one that is gone nothing is said."""
        held = [name for name in names if (self.classes if name == self.shared else self.sets(name))]
        return {name: rule_files.count(self.folder.text(name) or "") for name in held}

    def _parsed(self, text: str | None) -> Sets:
        try:
            return rule_files.unpack(text, self.classes) if text is not None else {}
        except rule_files.ForeignFileError:
            return {}
