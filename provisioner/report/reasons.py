"""Why a change is dangerous or refused, in lines: the reason, the way out, and the consent to paste."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from provisioner.reconcile.kind import Kind
from provisioner.reconcile.model import Change, Hazard

AnyChange = Change[Any]


def lines(change: AnyChange, kind: Kind[Any]) -> Iterator[str]:
    """Hazards, notes of hazards, the consent that is missing, and whatever else speaks against it."""
    accepted = {(consent.slug, consent.value): consent.by for consent in change.consents}
    for hazard in (hazard for hazard in change.hazards if hazard.asks):
        yield f"    ! {hazard.slug}: {hazard.reason}{_AGREED.get(accepted.get((hazard.slug, hazard.value)), _IN_FILE)}"
        yield from _way_out(hazard.hint)
    noted = (hazard for hazard in change.hazards if not hazard.asks)
    yield from (f"    note: {_what(hazard, kind)}: {hazard.reason}" for hazard in noted)
    if line := consent(change, kind):
        yield "      If meant, write"
        yield f"      {line}"
    for why in change.refusals:
        if why.by not in ("consent", "impossible") or not change.hazards:
            yield f"    ! {why.by}: {why.reason}"
            yield from _way_out(why.hint)


_AGREED = {None: "", "defaults": "  (accepted in the defaults)"}
_IN_FILE = "  (accepted in the file)"


def _what(hazard: Hazard, kind: Kind[Any]) -> str:
    return kind.label(hazard.field) if hazard.field else hazard.slug


def _way_out(hint: str) -> list[str]:
    return [f"      {hint[:1].upper()}{hint[1:]}"] if hint else []


def consent(change: AnyChange, kind: Kind[Any]) -> str:
    """The whole `allow:` line to paste where a consent is missing that helps; "" for none."""
    accepted = {(consent.slug, consent.value) for consent in change.consents}
    missing = [h for h in change.hazards if h.possible and h.asks and (h.slug, h.value) not in accepted]
    return kind.consent(change, missing) if missing else ""
