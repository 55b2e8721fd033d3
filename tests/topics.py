"""Topics for tests: live ones with what their cluster says of them, declared ones with how they meet those."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.kinds.topic_spec import TopicFacts, TopicPolicy, TopicSpec
from provisioner.problem import Span
from provisioner.reconcile.model import Consent, Observed, Wanted


def live(
    partitions: int = 3,
    replicas: int = 3,
    config: Mapping[str, str] | None = None,
    topic_id: str | None = None,
    **facts: Any,
) -> Observed[TopicSpec]:
    """A topic as a store reports it."""
    spec = TopicSpec(partitions, replicas, config or {})
    return Observed(spec, topic_id, facts=TopicFacts(topic_id=topic_id, **facts))


def asked(spec: TopicSpec | None, consents: tuple[Consent, ...] = (), **policy: Any) -> Wanted[TopicSpec]:
    """A topic as the files ask for it."""
    return Wanted(spec, Span("topics/pay/x.yaml"), "pay", consents, policy=TopicPolicy(**policy))
