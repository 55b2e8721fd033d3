"""What the engine and the reports know of a kind: its words, what may go unasked, and what is dangerous about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Protocol

from provisioner.line import Line
from provisioner.reconcile import plain_words
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.entry import Applied
from provisioner.reconcile.model import Hazard, Observed, R, Wanted

Recall = Callable[[], Applied | None]
"""What was applied of a resource, looked up when it is asked for; None: nothing is recorded."""


class Pruning(Enum):
    """What may go without being declared absent."""

    NEVER = "nothing"
    MARKED = "what bears our mark at its destination"


class Kind(Protocol[R]):
    """One sort of resource.

    `name` is what a plan calls one of them (`topic`), `lane` the word of `--lane` (`topics`), `nouns` are one and many
    of them in counts. `derived`: each belongs to a resource of another kind, and is shown and counted beside it.
    `worded`: its fields are for programs, and people read words, sentences and diffs in their place. `slow`: the
    fields whose change one run begins, and a later one may see the end of.
    """

    name: str
    lane: str
    nouns: tuple[str, str]
    pruning: Pruning
    derived: bool
    worded: bool = False
    slow: frozenset[str] = frozenset()

    def asked(self, want: Wanted[R]) -> Mapping[str, str]:
        """Everything that the files ask for, by field, in normal form; nothing of what is rendered."""
        resource = want.at_hand if not want.inputs else None
        return resource.fields() if resource is not None else {}

    def defaults(self, want: Wanted[R]) -> frozenset[str]:
        """The fields of `asked` that the resource's own entry does not mention."""
        return frozenset()

    def live(self, seen: Observed[R]) -> Mapping[str, str]:
        """What is in force of a resource that is there, by field, whoever set it."""
        return seen.resource.fields()

    def said(self, resource: R) -> Mapping[str, str]:
        """What a rendered resource says, whole, whatever became of it at its destination."""
        return resource.exact()

    def unconfirmed(self, seen: Observed[R]) -> frozenset[str]:
        """Fields that are as asked already, and not in force yet."""
        return frozenset()

    def added(self, want: Wanted[R], seen: Observed[R]) -> Mapping[str, str]:
        """What is set of a resource that is there, that no file asks for, and that could be asked for: by field."""
        return {}

    def is_kept(self, want: Wanted[R]) -> bool:
        """True for what an apply makes and keeps, and so remembers."""
        return not want.is_absent

    def informed(self, want: Wanted[R], seen: Observed[R] | None, recall: Recall, base: Wanted[R] | None) -> Wanted[R]:
        """What is wanted, knowing what was asked before: by the record (`recall`), or else at the base."""
        return want

    def resolved(self, asked: R, want: Wanted[R], seen: Observed[R] | None) -> R:
        """What is asked for, given what is there: what is left to the destination is taken from there."""
        return asked

    def changed_since(self, base: Wanted[R], want: Wanted[R]) -> frozenset[str] | None:
        """The fields that are asked for otherwise than at the base; None: another thing is asked for."""
        return frozenset() if base.asks_as(want) else None

    def hazards(self, seen: Observed[R] | None, want: Wanted[R], after: R | None) -> Iterable[Hazard]:
        """Every danger of going from what is there (None: nothing) to `after` (None: nothing), which `want` led to."""
        return ()

    def noticed(self, same: Mapping[str, Wanted[R]], found: Mapping[str, Observed[R]]) -> Iterable[str]:
        """What there is to know of resources that do not change, given what is there."""
        return ()

    def words(self, change: Change[R], whole: bool) -> Iterator[Line]:
        """What a reviewer reads below a change's own line; `whole`: nothing is left out, and texts are compared."""
        if change.action is not Action.DELETE:
            yield from plain_words.rows(change.fields, self.shown)

    def label(self, field: str) -> str:
        """A field as people call it."""
        return field

    def shown(self, field: str, value: str) -> str:
        """A field's value in the units that people write."""
        return value

    def losses(self, change: Change[R]) -> str:
        """What goes while the resource that it belongs to stays, as a sentence; "" for nothing."""
        return ""

    def sentences(self, change: Change[R]) -> Sequence[str]:
        """The change in sentences, for programs that quote them; none where its fields say it all."""
        return ()

    def called(self, change: Change[R]) -> Sequence[frozenset[str]]:
        """Whom each of the sentences is about: the teams that are told, before and after; none where nobody is."""
        return ()

    def diff(self, change: Change[R], whole: bool) -> Iterator[tuple[str, list[str]]]:
        """Field by field of an update, the lines that go (`- `) and come (`+ `).

        `whole`: of every text that differs; else of those alone that the sentences do not tell.
        """
        return iter(())

    def consent(self, change: Change[R], missing: Sequence[Hazard]) -> str:
        """The whole `allow:` line to paste: what the entry accepts already, and what it would have to."""
        pairs = plain_words.consents(change, missing)
        return plain_words.allow_line({slug: plain_words.quoted(value) for slug, value in pairs})

    def removal(self, name: str, identity: str, cluster: str) -> str:
        """The declaration that would remove what no file asks for any more; "" where there is no such thing."""
        return ""

    def spellings(self, name: str, cluster: str) -> Iterable[str]:
        """How the name of a resource may stand in its texts: two that differ in nothing else are told as one."""
        return (name,)
