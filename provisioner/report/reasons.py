"""Why a change is dangerous or refused, in lines: the reason, the way out, and the consent to paste."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from provisioner.line import Flow, Line, Style, signed
from provisioner.reconcile.change import Change
from provisioner.reconcile.kind import Kind
from provisioner.reconcile.model import Hazard

AnyChange = Change[Any]


def lines(change: AnyChange, kind: Kind[Any]) -> Iterator[Line]:
    """Hazards, notes of hazards, the consent that is missing, and whatever else speaks against it."""
    accepted = {(consent.slug, consent.value): consent.by for consent in change.consents}
    for hazard in (hazard for hazard in change.hazards if hazard.asks):
        agreed = _AGREED.get(accepted.get((hazard.slug, hazard.value)), _IN_FILE)
        yield from _against(f"{hazard.slug}: {hazard.reason}{agreed}", hazard.hint)
    for hazard in (hazard for hazard in change.hazards if not hazard.asks):
        yield Line(f"note: {_what(hazard, kind)}: {hazard.reason}", Style.NOTE)
    if allow := consent(change, kind):
        yield Line("  If meant, write")
        yield Line(f"  {allow}", flow=Flow.WHOLE)
    for why in change.refusals:
        if why.by not in ("consent", "impossible") or not change.hazards:
            yield from _against(f"{why.by}: {why.reason}", why.hint)


_AGREED = {None: "", "defaults": "  (accepted in the defaults)"}
_IN_FILE = "  (accepted in the file)"


def _what(hazard: Hazard, kind: Kind[Any]) -> str:
    return kind.label(hazard.field) if hazard.field else hazard.slug


def _against(what: str, hint: str) -> Iterator[Line]:
    """What speaks against it, and the way out."""
    yield signed("!", Style.ALARM, what)
    if hint:
        yield Line(f"  {hint[:1].upper()}{hint[1:]}")


def consent(change: AnyChange, kind: Kind[Any]) -> str:
    """The whole `allow:` line to paste where a consent is missing that helps; "" for none."""
    accepted = {(consent.slug, consent.value) for consent in change.consents}
    missing = [h for h in change.hazards if h.possible and h.asks and (h.slug, h.value) not in accepted]
    return kind.consent(change, missing) if missing else ""
