"""The profiles that a cluster may name: the shipped ones, and the user's own, which win by their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from provisioner import printable
from provisioner.catalog.model import Metrics
from provisioner.problem import Problem
from provisioner.profiles.files import NAMES, named, parsed
from provisioner.profiles.profile import Profile

ENDING = ".yaml"
MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Profiles:
    """`own`: the user's that are right; `wrong`: the errors of the others, by name. `texts`: every file's, by path.

    `unread`: errors of the folder itself. Any profile may be another one then than the shipped one of its name.
    """

    own: Mapping[str, Profile] = field(default_factory=dict)
    wrong: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)
    unread: tuple[Problem, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, files: Mapping[str, bytes], faults: Sequence[Problem] = ()) -> Profiles:
        """What a folder holds: its files' bytes by path, and what is wrong with the folder, or with a file in it."""
        made = {path: parsed(path, raw) for path, raw in files.items()}
        own = {PurePath(path).stem: profile for path, (profile, _) in made.items() if profile}
        wrong = {PurePath(path).stem: tuple(problems) for path, (_, problems) in made.items() if problems}
        of_files = {fault: path for fault in faults if (path := PurePath(fault.span.path)).suffix == ENDING}
        wrong |= {path.stem: (fault,) for fault, path in of_files.items()}
        unread = tuple(fault for fault in faults if fault not in of_files)
        return cls(own, wrong, unread, {path: raw.decode(errors="replace") for path, raw in files.items()})

    @property
    def names(self) -> tuple[str, ...]:
        """Those that there are, with errors or without."""
        return tuple(sorted({*NAMES, *self.own, *self.wrong}))

    def listed(self) -> str:
        """A hint with their names, the first ones."""
        more = ["..."] if len(self.names) > MOST_NAMED else []
        return f"known: {', '.join([*map(printable.line, self.names[:MOST_NAMED]), *more])}"

    def has(self, name: str) -> bool:
        """False where there surely is none of that name."""
        return bool(self.unread) or name in self.names

    def faults(self, name: str) -> tuple[Problem, ...]:
        """What keeps a profile from being used."""
        return (*self.unread, *self.wrong.get(name, ()))

    def governed(self) -> dict[Problem, str]:
        """What each error holds back, in words."""
        found = dict.fromkeys(self.unread, "all alert sets and dashboards")
        for name, errors in self.wrong.items():
            held = f"alert sets and dashboards of clusters with the profile {printable.line(name)}"
            found |= dict.fromkeys(errors, held)
        return found

    def named(self, name: str) -> Profile:
        """The user's own, or the shipped one. Raises KeyError if there is none of that name.

        Nothing is rendered with one that has errors. It stands for the default then: which topics would have
        something is known all the same.
        """
        if self.faults(name):
            return named(Metrics().profile)
        return self.own[name] if name in self.own else named(name)

    def says_as(self, other: Profiles) -> bool:
        """True where each of the user's files has the same text there; the folder may be another one."""
        return _by_name(self.texts) == _by_name(other.texts)


def _by_name(texts: Mapping[str, str]) -> dict[str, str]:
    return {PurePath(path).name: text for path, text in texts.items()}
