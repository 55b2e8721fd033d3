"""Plans as GitLab's terraform report: the merge request counts, job by job, what is added, changed and deleted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from provisioner.reconcile.change import Action
from provisioner.reconcile.plan import Plan
from provisioner.report import derived

MOST = 999_999
"""GitLab cuts numbers there itself."""


def text(plans: Sequence[Plan]) -> str:
    """All three numbers, or GitLab takes none: what people declare that is new, or declared absent; all else changes.

    What is refused is not counted, and neither is what is made or removed along with something.
    """
    counts: Counter[Action] = Counter()
    for plan in plans:
        silent = {change.key for along in derived.company(plan).values() for change in along}
        doable = (change for change in plan.changes if not change.refusals and change.key not in silent)
        counts.update(Action.UPDATE if plan.kind(one.key.kind).derived else one.action for one in doable)
    return json.dumps({str(action): min(MOST, counts[action]) for action in Action})
