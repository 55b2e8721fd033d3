"""What was changed by hand -> what the topic's entry would have to say; or why it cannot say it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from provisioner.adopting.sites import Site, Values
from provisioner.adopting.trees import Change, pasted
from provisioner.catalog.places import Loc
from provisioner.importing import yaml_text
from provisioner.reconcile.drift import Difference, Verdict
from provisioner.reconcile.model import Key

KIND, CONFIG = "topic", "config."
COUNTS = ("partitions", "replication_factor")

BY_HAND = frozenset({Verdict.BY_HAND, Verdict.ADDED})
"""What is somebody's wish beyond doubt; of the others a person has to name the topic."""

UNCLEAR: Mapping[Verdict, str] = {
    Verdict.BOTH: "the files ask for something else since; to take what is live, name the topic: --topic NAME",
    Verdict.UNKNOWN: "what was applied is not known, it may be nobody's wish; to take it, name the topic: --topic NAME",
}
GONE = "write state: absent where it is to stay away, or bring it back: apply --scope all --topic NAME"
ABSENT = "the entry says state: absent; take that out where it is to stay"
DEFAULT = "a default asks for it, and an entry cannot unset one; to keep what is in force, write that into the entry"
RENDERED = "it is rendered from the files; change what it is made of, or apply --scope all --topic NAME"


class UnsayableError(Exception):
    """Why a difference is not written into the files. `paste`: what a person could write."""

    def __init__(self, why: str, paste: str = "") -> None:
        super().__init__(why)
        self.paste = paste


@dataclass
class Wish:
    """What one topic's entry would say: location in the entry -> YAML, None: it goes.

    `fields`: those of the differences that this is for, with the live value; `left`: the others, with the reason.
    """

    site: Site
    changes: dict[Loc, str | None] = field(default_factory=dict)
    fields: dict[str, str | None] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)

    @property
    def pasted(self) -> str:
        """The YAML of what is to be set."""
        return paste(self.site, self.changes)

    @property
    def out(self) -> list[str]:
        """What is to go, in words."""
        return [".".join(map(str, loc)) for loc, value in self.changes.items() if value is None]

    @property
    def in_file(self) -> Change:
        """The changes by their locations in the file."""
        return {self.site.loc(loc): value for loc, value in self.changes.items()}


def wish(site: Site, differences: Iterable[Difference], *, named: bool) -> Wish:
    """Of one topic. `named`: to the letter, so that what is unclear is taken, too."""
    made = Wish(site)
    for one in differences:
        if one.verdict is Verdict.NOT_APPLIED:
            continue
        try:
            changes = change(site, one)
            if one.verdict not in BY_HAND and not named:
                made.left[one.field] = UNCLEAR[one.verdict]
                continue
        except UnsayableError as error:
            made.left[one.field] = str(error)
            continue
        made.changes |= changes
        made.fields[one.field] = one.live
    return made


def is_adoptable(key: Key) -> bool:
    """Only a topic has an entry that can say what was set by hand."""
    return key.kind == KIND


def paste(site: Site, changes: Change) -> str:
    """The YAML of what is to be set; a dead letter topic with its name, which may have stood there alone."""
    given = {loc: value for loc, value in changes.items() if value is not None}
    name: Change = {(*site.below, "name"): yaml_text.scalar(site.name, as_text=True)} if site.is_dead_letter else {}
    return pasted({**name, **given}) if given else ""


def change(site: Site, one: Difference) -> Change:
    """What the entry would have to say, by location in it. Raises UnsayableError."""
    if not one.field:
        raise UnsayableError(GONE if one.live == "absent" else ABSENT)
    loc = _loc(one.field)
    if loc is None:
        raise UnsayableError("no field of a topic's entry")
    if one.live is None:
        return _taken_out(site, loc)
    _possible(one, one.live)
    value = _written(loc, one.live)
    return {_place(site, loc, value): value}


def _possible(one: Difference, live: str) -> None:
    if one.field == "partitions" and one.declared and int(live) < int(one.declared):
        raise UnsayableError("a topic does not lose partitions: this one was made again by hand, with fewer")
    if one.field == "replication_factor" and not live.isdecimal():
        raise UnsayableError("some of its partitions have more replicas than others: no number says that")


def _loc(name: str) -> Loc | None:
    if name.startswith(CONFIG):
        return ("config", name.removeprefix(CONFIG))
    return (name,) if name in COUNTS else None


def _written(loc: Loc, live: str) -> str:
    return yaml_text.setting(str(loc[1]), live) if len(loc) > 1 else live


def _has(values: Values | None, loc: Loc) -> bool:
    if values is None:
        return False
    return loc[1] in values.config if len(loc) > 1 else getattr(values, str(loc[0])) is not None


def _place(site: Site, loc: Loc, value: str) -> Loc:
    """Where a value for this cluster goes: below `overrides` where the entry is for others, too."""
    if site.override is not None and (site.several or _has(site.special, loc)):
        return (*site.override, *loc)
    if site.several:
        why = "it takes dead letters on several clusters: give this one a dead_letter of its own below overrides"
        raise UnsayableError(why, _own_dead_letter(site, loc, value))
    return (*site.below, *loc)


def _own_dead_letter(site: Site, loc: Loc, value: str) -> str:
    """All of it anew: what stands below overrides takes the place of the other as a whole."""
    own = site.own
    asked: dict[Loc, str | None] = {("config", key): yaml_text.scalar(_text(raw)) for key, raw in own.config.items()}
    asked |= {(word,): str(count) for word in COUNTS if (count := getattr(own, word)) is not None}
    name: Change = {("name",): yaml_text.scalar(site.name, as_text=True)}
    below = ("overrides", site.cluster, "dead_letter")
    return pasted({(*below, *place): text for place, text in {**name, **asked, loc: value}.items()})


def _text(raw: object) -> str:
    return str(raw).lower() if isinstance(raw, bool) else str(raw)


def _taken_out(site: Site, loc: Loc) -> Change:
    """An own value that was removed by hand."""
    own, special = _has(site.own, loc), _has(site.special, loc)
    if own and site.several:
        raise UnsayableError("its entry asks for it on other clusters as well, and overrides cannot unset a value")
    gone: dict[Loc, str | None] = {}
    if special and site.override is not None:
        gone[(*site.override, *loc)] = None
    if own:
        gone[(*site.below, *loc)] = None
    if not gone:
        raise UnsayableError(
            "a default asks for it, and an entry cannot unset one; to keep what is in force, write that into the entry"
        )
    return gone
