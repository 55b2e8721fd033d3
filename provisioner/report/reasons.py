"""Why a change is dangerous or refused, in lines: the reason, the way out, and the consent to paste."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from provisioner.kinds import extra_configs
from provisioner.reconcile.model import Change, Hazard

AnyChange = Change[Any]


def lines(change: AnyChange) -> Iterator[str]:
    """Hazards, notes of hazards, the consent that is missing, and whatever else speaks against it."""
    accepted = {(consent.slug, consent.value): consent.by for consent in change.consents}
    for hazard in (hazard for hazard in change.hazards if hazard.asks):
        yield f"    ! {hazard.slug}: {hazard.reason}{_AGREED.get(accepted.get((hazard.slug, hazard.value)), _IN_FILE)}"
        yield from _way_out(hazard.hint)
    yield from (f"    note: {_key(hazard)}: {hazard.reason}" for hazard in change.hazards if not hazard.asks)
    if line := consent(change):
        yield "      If meant, write"
        yield f"      {line}"
    for why in change.refusals:
        if why.by not in ("consent", "impossible") or not change.hazards:
            yield f"    ! {why.by}: {why.reason}"
            yield from _way_out(why.hint)


_AGREED = {None: "", "defaults": "  (accepted in the defaults)"}
_IN_FILE = "  (accepted in the file)"


def _key(hazard: Hazard) -> str:
    return (hazard.field or hazard.slug).removeprefix("config.")


def _way_out(hint: str) -> list[str]:
    return [f"      {hint[:1].upper()}{hint[1:]}"] if hint else []


def consent(change: AnyChange) -> str:
    """The whole `allow:` line to paste: what the file accepts already, and what it would have to; "" for none."""
    accepted = {(consent.slug, consent.value) for consent in change.consents}
    missing = [h for h in change.hazards if h.possible and h.asks and (h.slug, h.value) not in accepted]
    return _allow_line(change, missing) if missing else ""


def _allow_line(change: AnyChange, missing: Iterable[Hazard]) -> str:
    given = [(consent.slug, consent.value) for consent in change.consents if consent.by != "defaults"]
    pairs = [*given, *((hazard.slug, hazard.value) for hazard in missing)]
    values = {slug: _quoted(slug, value) for slug, value in pairs}
    if extra := {extra_configs.key_of(value): value for slug, value in pairs if slug == extra_configs.SLUG}:
        values[extra_configs.SLUG] = f"[{', '.join(_text(value) for value in extra.values())}]"
    return "allow: {" + ", ".join(f"{slug}: {value}" for slug, value in values.items()) + "}"


def _text(value: str) -> str:
    """In double quotes, where YAML reads what JSON writes."""
    return json.dumps(value, ensure_ascii=False)


def _quoted(slug: str, value: str) -> str:
    return f'"{value}"' if slug in ("delete-topic", "in-use") or "," in value else value
