"""An entry of the record: what the files asked of one resource and the cluster was seen to do, last."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

FORMAT_VERSION = 1
MOST_BYTES = 900_000
"""A topic takes records of a million bytes, if nobody said otherwise."""

Fields = Mapping[str, str]


BEGINNING = b'{"version":%d,' % FORMAT_VERSION


class EntryError(ValueError):
    """Why a text is no entry of ours, in words."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who wrote an entry, and when: the commit (None: of no repository), the run's own words, the plan's digest."""

    cluster_id: str | None = None
    commit: str | None = None
    at: str = ""
    run: Mapping[str, str] = field(default_factory=dict)
    plan: str = ""


NOBODY = Stamp()


@dataclass(frozen=True, slots=True)
class Applied:
    """What was asked, and seen.

    `asked`: field -> value, of those that were seen as asked; `defaults` names those that the resource's own entry did
    not mention. `open`: sent and not confirmed, None where an override was to go. `unclaimed`: asked, and otherwise on
    the cluster when nothing was recorded yet: whose that is, is not known. `former`: what was applied to a namesake
    before, and is not as asked on this one. `inputs` and `written` are digests, of what
    people wrote for a resource that is rendered, and of what was rendered. `identity`: the topic's id.
    """

    asked: Fields = field(default_factory=dict)
    defaults: frozenset[str] = frozenset()
    open: Mapping[str, str | None] = field(default_factory=dict)
    unclaimed: frozenset[str] = frozenset()
    former: Fields = field(default_factory=dict)
    identity: str | None = None
    inputs: str = ""
    written: str = ""
    stamp: Stamp = field(default=NOBODY, compare=False)

    def text(self) -> bytes:
        """As it stands in the record: one JSON object, without what is empty."""
        parts = {
            "version": FORMAT_VERSION,
            "asked": dict(sorted(self.asked.items())),
            "defaults": sorted(self.defaults),
            "open": dict(sorted(self.open.items())),
            "unclaimed": sorted(self.unclaimed),
            "former": dict(sorted(self.former.items())),
            "identity": self.identity,
            "inputs": self.inputs,
            "written": self.written,
            **stamped(self.stamp),
        }
        full = {name: value for name, value in parts.items() if value}
        return json.dumps(full, separators=(",", ":"), ensure_ascii=False).encode()


def stamped(stamp: Stamp) -> dict[str, Any]:
    """The words of a stamp as an entry has them."""
    return {each.name: getattr(stamp, each.name) for each in fields(Stamp)}


def parsed(raw: bytes) -> Applied:
    """The entry of a text. Raises EntryError for everything that this version would not have written."""
    if len(raw) > MOST_BYTES:
        raise EntryError("it is too long")
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        raise EntryError("it is no JSON") from None
    if not isinstance(document, dict):
        raise EntryError("it is no JSON object")
    if (version := document.pop("version", None)) != FORMAT_VERSION:
        raise EntryError(f"its format is version {str(version)[:20]}, and this program knows {FORMAT_VERSION}")
    if wrong := [name for name, value in document.items() if name not in _FORMS or not _FORMS[name](value)]:
        raise EntryError(f"{str(min(wrong))[:40]!r} is not as this program writes it")
    return _entry(document)


def _entry(document: Mapping[str, Any]) -> Applied:
    stamp = Stamp(**{each.name: document[each.name] for each in fields(Stamp) if each.name in document})
    return Applied(
        document.get("asked", {}),
        frozenset(document.get("defaults", ())),
        document.get("open", {}),
        frozenset(document.get("unclaimed", ())),
        document.get("former", {}),
        document.get("identity"),
        document.get("inputs", ""),
        document.get("written", ""),
        stamp,
    )


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_map(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_text, value.values()))


def _is_open(value: Any) -> bool:
    return isinstance(value, dict) and all(each is None or _is_text(each) for each in value.values())


_FORMS: Mapping[str, Callable[[Any], bool]] = {
    "asked": _is_map,
    "defaults": _is_texts,
    "open": _is_open,
    "unclaimed": _is_texts,
    "former": _is_map,
    "identity": _is_text,
    "inputs": _is_text,
    "written": _is_text,
    "cluster_id": _is_text,
    "commit": _is_text,
    "at": _is_text,
    "run": _is_map,
    "plan": _is_text,
}
