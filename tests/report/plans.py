"""Plan documents for notes, made from few words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from provisioner.kinds import KINDS
from provisioner.reconcile.model import Key
from provisioner.report import note
from provisioner.report.note_fit import Limits
from provisioner.report.note_input import Consumer, People, Plans, Unplanned
from provisioner.report.planfile import PlanDocument

ALL_KINDS = tuple(KINDS.values())


def change(name: str, action: str = "update", **more: Any) -> dict[str, Any]:
    """Of a topic of payments: `retention.ms` from seven days to three, unless something else is said."""
    fields = [{"field": "config.retention.ms", "before": "604800000", "after": "259200000"}]
    base = {
        "kind": "topic",
        "name": name,
        "destination": "",
        "action": action,
        "owner": "payments",
        "identity": None,
        "fingerprint": "f" * 64,
        "place": {"file": "topics/payments/orders.yaml", "line": 2, "column": 5},
        "fields": fields if action == "update" else [],
        "words": [],
        "diff": [],
        "hazards": [],
        "allow": "",
        "refusals": [],
        "notes": [],
        "requires": [],
        "by_hand": {},
        "second_key": "",
        "alike": f"{action} of 7d to 3d",
    }
    return base | more


def alerts(name: str, words: Sequence[str], called: Mapping[str, list[int]], **more: Any) -> dict[str, Any]:
    """The alerts of a topic."""
    own = {"kind": "alerts", "destination": "files:/rules", "fields": [], "requires": [("topic", name)]}
    return change(name, **{**own, "words": list(words), "called": dict(called), "alike": " ".join(words), **more})


def hazard(slug: str = "shorter-retention", **more: Any) -> dict[str, Any]:
    """One that asks for a consent."""
    reason = "records older than 3d become deletable at once"
    base = {"slug": slug, "reason": reason, "value": "3d", "field": "config.retention.ms", "hint": ""}
    return base | {"asks": True, "possible": True} | more


def refusal(by: str = "consent", reason: str = "shorter-retention: records go", hint: str = "") -> dict[str, Any]:
    """Why something is not done."""
    return {"by": by, "reason": reason, "hint": hint}


def plan(*changes: Mapping[str, Any], cluster: str = "prod", **more: Any) -> PlanDocument:
    """Of one cluster."""
    base: dict[str, Any] = {
        "format_version": 2,
        "cluster": cluster,
        "cluster_id": "id-of-prod",
        "record": {"name": "_provisioner_applied", "state": "kept"},
        "base": None,
        "digest": "0123456789abcdef",
        "declared": {"topic": 3, "alerts": 3, "dashboard": 3},
        "unchanged": {},
        "unmanaged": 0,
        "stopped": {},
        "held": [],
        "held_back": [],
        "remarks": [],
        "changes": list(changes),
        "standing": [],
        "waiting": [],
        "ahead": [],
    }
    return PlanDocument.model_validate(base | more)


def people(mentions: Mapping[str, Sequence[str]], **topics: Sequence[tuple[str, str]]) -> People:
    """`orders=[("billing", "finance")]`: the consumers of topic `orders` on prod."""
    read = {Key("topic", name): [Consumer(*each) for each in several] for name, several in topics.items()}
    return People(mentions, {"prod": read})


def noted(*planned: PlanDocument, limits: Limits = note.LIMITS, unplanned: Mapping[str, str] = {}, **more: Any) -> str:
    """The note of these plans, and of clusters that have none, each with the reason."""
    clusters: dict[str, PlanDocument | Unplanned] = {each.cluster: each for each in planned}
    clusters |= {name: Unplanned(why) for name, why in unplanned.items()}
    return note.text(Plans(clusters, ALL_KINDS, **more), limits=limits)
