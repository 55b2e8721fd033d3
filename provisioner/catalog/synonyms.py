"""Words that people write for a field, and for a topic config, before they know ours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from provisioner.catalog.topic_config import CONFIG_KEYS

FIELDS: Mapping[str, str] = {
    "replication_factor": "replicas replica replication rf replica_count num_replicas copies",
    "partitions": "partition partition_count partitions_count num_partitions shards",
    "name": "topic topic_name title id",
    "description": "desc descr doc docs documentation comment summary purpose about",
    "message": "schema proto protobuf message_type value_schema",
    "dead_letter": "dlq dlt deadletter deadletterqueue dead_letter_queue dead_letter_topic",
    "clusters": "cluster environment environments env envs",
    "lag": "max_lag lag_ms lag_time lag_threshold threshold alert_after",
    "config": "configs configuration settings properties topic_config topic_configs options",
    "overrides": "override per_cluster",
    "allow": "consent consents accept allowed",
    "group": "name consumer consumer_group consumer_group_id group_id group_name",
    "topic": "topics topic_name",
    "transactional": "transactions exactly_once",
    "severity": "priority level urgency alert_severity",
    "chat": "slack slack_channel room channel chat_room contact",
    "mention": "mentions gitlab gitlab_group notify",
    "approvers": "approver approved_by owners codeowners code_owners reviewers",
    "runbook": "runbook_url wiki docs documentation",
    "bootstrap": "brokers broker servers bootstrap_servers address addresses hosts",
    "cluster_id": "id kafka_id",
    "client": "security auth sasl ssl connection",
    "kafka": "version kafka_version",
    "protected": "reserved",
}
"""Field -> what is written for it; meant only where the field may stand."""

CONFIGS: Mapping[str, str] = {
    "retention.ms": "retention retention_time retention_period retention_days retention_hours ttl",
    "retention.bytes": "retention_size max_size",
    "cleanup.policy": "cleanup policy",
    "compression.type": "compression codec",
    "max.message.bytes": "max_message_size message_size max_bytes",
    "min.insync.replicas": "min_isr isr insync_replicas min_in_sync_replicas",
    "segment.bytes": "segment_size",
}
"""Topic config -> what is written for it, besides its own name."""

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_GAP = re.compile(r"[\s.-]+")


def plain(word: str) -> str:
    """`replicationFactor`, `Replication-Factor` and `replication.factor` are all `replication_factor`."""
    return _GAP.sub("_", _HUMP.sub("_", word[:100])).lower()


def _meant(table: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, words in table.items():
        for word in (plain(name), *words.split()):
            found[word] = (*found.get(word, ()), name)
    return found


_FIELDS = _meant(FIELDS)
_CONFIGS = _meant({**dict.fromkeys(CONFIG_KEYS, ""), **CONFIGS})


def field(word: str, known: Iterable[str]) -> str:
    """Which of the known fields is meant; empty where none is known to be."""
    there = frozenset(known)
    return next((name for name in _FIELDS.get(plain(word), ()) if name in there), "")


def config(word: str) -> str:
    """Which topic config is meant; empty where none is."""
    return next(iter(_CONFIGS.get(plain(word), ())), "")
