"""The table of hazards: which field, in which direction, is dangerous, why, and what consents to it.

Every config key of the table has its rows here, or stands in SAFE. A row that asks needs consent for its value; one
that does not is said beside the change: it costs load, and nothing is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from provisioner.kinds import directions
from provisioner.kinds.directions import When
from provisioner.kinds.topic_words import REPLICAS

UNKNOWN = "the broker's own value, unknown here"
NOTHING = "none"
"""How a consent and a reason spell an empty value: a cleanup policy by which nothing is deleted or compacted."""

Fields = Mapping[str, str]
Reason = str | Callable[[Fields, Fields], str]


@dataclass(frozen=True, slots=True)
class Row:
    """One danger. `reason` may name {before} and {after}, or is made from all fields before and after."""

    slug: str
    field: str
    when: When
    reason: Reason
    possible: bool = True
    hint: str = ""
    asks: bool = True


def _more_partitions(before: Fields, after: Fields) -> str:
    reason = "keys go to other partitions than before: order per key breaks at this point"
    if "compact" in after.get("config.cleanup.policy", before.get("config.cleanup.policy", "")):
        reason += ", and compaction no longer removes the old values of a key that moved"
    return reason


_KEEPS_ALL = "nothing is deleted or compacted any more: the topic grows without end"
_POLICY: Mapping[tuple[str | None, str | None], str] = {
    ("delete", ""): _KEEPS_ALL,
    ("compact", ""): _KEEPS_ALL,
    ("compact,delete", ""): _KEEPS_ALL,
    ("", "delete"): "nothing was removed until now; records older than the retention are deleted",
    ("", "compact"): "nothing was removed until now; of each key only the newest record is kept",
    ("", "compact,delete"): "nothing was removed until now; old records, and all but the newest of a key, are deleted",
    ("delete", "compact"): "of each key only the newest record is kept, and records without a key are refused",
    ("compact", "delete"): "records older than the retention are deleted, also the newest of a key",
    ("delete", "compact,delete"): "of each key only the newest record is kept, and records without a key are refused",
    ("compact", "compact,delete"): "records older than the retention are deleted, also the newest of a key",
    ("compact,delete", "compact"): "nothing is deleted by age any more: the topic grows with its keys",
    ("compact,delete", "delete"): "older records of a key are kept until the retention ends, and keys last no longer",
}


def _policy(before: Fields, after: Fields) -> str:
    old, new = before.get("config.cleanup.policy"), after.get("config.cleanup.policy")
    effect = _POLICY.get((old, new), "other records are removed than before")
    return f"from {_policy_word(old)} to {_policy_word(new)}: {effect}"


def _policy_word(value: str | None) -> str:
    return UNKNOWN if value is None else value or NOTHING


def _row(slug: str, key: str, when: When, reason: Reason) -> Row:
    return Row(slug, f"config.{key}", when, reason)


def _load(key: str, when: When, reason: str) -> Row:
    return Row(f"load/{key}", f"config.{key}", when, reason, asks=False)


HAZARDS: tuple[Row, ...] = (
    Row(
        "fewer-partitions",
        "partitions",
        directions.less,
        "partitions cannot become fewer: {before} -> {after}",
        possible=False,
        hint="declare at least {before}; for fewer, make a new topic and move its users",
    ),
    Row("more-partitions", "partitions", directions.more, _more_partitions),
    Row(
        "more-replicas",
        REPLICAS,
        directions.some_gain,
        "the new replicas are copied from the leaders, in waves and throttled",
        asks=False,
    ),
    Row(
        "fewer-replicas",
        REPLICAS,
        directions.some_lose,
        "{after} brokers keep each record from then on; it was {before}: fewer may be lost before records are",
    ),
    _row(
        "shorter-retention",
        "retention.ms",
        directions.less_kept,
        "records older than {after} become deletable at once",
    ),
    _row(
        "smaller-retention",
        "retention.bytes",
        directions.less_kept,
        "the oldest records of each partition become deletable at once, beyond {after}",
    ),
    _row("cleanup-policy", "cleanup.policy", directions.different, _policy),
    _row(
        "unclean-election",
        "unclean.leader.election.enable",
        directions.turned_on,
        "a replica that missed records may become leader: acknowledged records are lost then",
    ),
    _row(
        "fewer-in-sync",
        "min.insync.replicas",
        directions.less,
        "{after} replicas hold a record when it is acknowledged; it was {before}",
    ),
    _row(
        "min-insync-replicas",
        "min.insync.replicas",
        directions.up_to(REPLICAS),
        "{after} in-sync replicas are asked for and there are no more: one broker down stops all writes",
    ),
    _row(
        "smaller-messages",
        "max.message.bytes",
        directions.less,
        "producers of messages larger than {after} fail from then on",
    ),
    _row(
        "smaller-records",
        "max.decompressed.message.bytes",
        directions.less,
        "records larger than {after} decompressed are refused; where one is stored already, compaction and lookups "
        "by time fail",
    ),
    _row(
        "timestamp-type",
        "message.timestamp.type",
        directions.different,
        "from {before} to {after}: retention by time and joins by time see other times than before",
    ),
    _row(
        "tiered-storage-off",
        "remote.storage.enable",
        directions.turned_off,
        "what lies in remote storage is not readable any more",
    ),
    _row(
        "tiered-storage-delete",
        "remote.log.delete.on.disable",
        directions.turned_on,
        "what lies in remote storage is deleted when tiered storage is switched off",
    ),
    _row(
        "compaction-lag",
        "min.compaction.lag.ms",
        directions.less,
        "older values of a key may be removed {after} after they were written; it was {before}",
    ),
    _row(
        "max-compaction-lag",
        "max.compaction.lag.ms",
        directions.less,
        "older values of a key are removed {after} after they were written at the latest; it was {before}",
    ),
    _row(
        "shorter-delete-retention",
        "delete.retention.ms",
        directions.less,
        "a reader that needs longer than {after} from the start misses deletions",
    ),
    _row(
        "no-downconversion",
        "message.downconversion.enable",
        directions.turned_off,
        "consumers whose client is older than the format of the stored records cannot read any more",
    ),
    _load("retention.ms", directions.more_kept, "more is kept: mind the brokers' disks"),
    _load("retention.bytes", directions.more_kept, "more is kept: mind the brokers' disks"),
    _load("local.retention.ms", directions.different, "more or less is kept on the brokers' own disks"),
    _load("local.retention.bytes", directions.different, "more or less is kept on the brokers' own disks"),
    _load("min.insync.replicas", directions.more, "writes stop earlier when brokers are down"),
    _load("max.message.bytes", directions.more, "consumers and replicas must be able to fetch messages that large"),
    _load("message.timestamp.before.max.ms", directions.less, "records with older timestamps are rejected"),
    _load("message.timestamp.after.max.ms", directions.less, "records with timestamps further ahead are rejected"),
    _load("message.timestamp.difference.max.ms", directions.less, "records with other timestamps are rejected"),
    _load(
        "message.format.version",
        directions.different,
        "of no effect where the brokers' inter.broker.protocol.version is 3.0 or newer; else the form of new records",
    ),
    _load("remote.storage.enable", directions.turned_on, "closed segments are copied to remote storage"),
    _load("remote.log.copy.disable", directions.turned_on, "nothing more is copied to remote storage"),
    _load("compression.type", directions.different, "brokers may recompress; readers must know the new codec"),
    _load("compression.gzip.level", directions.different, "brokers spend more or less on compression"),
    _load("compression.lz4.level", directions.different, "brokers spend more or less on compression"),
    _load("compression.zstd.level", directions.different, "brokers spend more or less on compression"),
    _load("min.cleanable.dirty.ratio", directions.different, "compaction runs more or less often"),
    _load("segment.bytes", directions.less, "more files and memory maps on the brokers"),
    _load("segment.ms", directions.different, "when segments close, and so when retention and compaction can act"),
    _load("segment.jitter.ms", directions.different, "when segments close"),
    _load("segment.index.bytes", directions.different, "the size of index files of new segments"),
    _load("index.interval.bytes", directions.different, "the density of index files of new segments"),
    _load("flush.messages", directions.less, "more fsyncs: writes become slower"),
    _load("flush.ms", directions.less, "more fsyncs: writes become slower"),
    _load("preallocate", directions.turned_on, "new segments take their whole size on disk at once"),
)

SAFE: frozenset[str] = frozenset(
    {"errors.deadletterqueue.group.enable", "file.delete.delay.ms", "remote.copy.lag.bytes", "remote.copy.lag.ms"}
)
"""Keys whose change costs nobody anything, in either direction."""
