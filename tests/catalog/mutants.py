"""Declarations gone wrong, by a seeded generator: bits flipped, lines moved, words replaced by what YAML trips on."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random

ROOT = Path(__file__).parents[2]

CLUSTERS = """\
clusters:
  prod:
    default: true
    bootstrap: "kafka-1:9093,kafka-2:9093"
    cluster_id: 4L6g3nShT-eMCtK--X86sw
    client: {security.protocol: SASL_SSL, sasl.username: {env: KAFKA_USER}, sasl.password: {file: /run/secret}}
    defaults: {partitions: 6, replication_factor: 3, lag: 15m, config: {min.insync.replicas: 2, retention.ms: 7d}}
    limits: {min_replication_factor: 3, max_partitions: 60, max_deletions: 5}
    timeouts: {connect: 30s, request: 2m, doubt: 65s}
    metrics: {profile: kminion, matchers: {cluster: prod}, scrape_interval: 30s}
    alerts: {type: files, folder: /srv/rules, reload: ["http://prometheus:9090"]}
    dashboards: {type: files, folder: /srv/dashboards, url: "https://grafana.example.com"}
    protected: ["audit.*"]
    undeclared_overrides: keep
  staging:
    bootstrap: kafka-9:9092
    alerts: {type: files, folder: /srv/rules-staging, severity: info}
"""
TEAM = """\
# people
chat: "#payments"
severity: ticket
runbook: https://wiki.example.com/payments
defaults:
  config: {segment.bytes: 512MiB}
  allow: {shorter-retention: 3d}
"""
ENTRIES = """\
topics:
  - name: orders.v1
    description: >-
      Many lines
      folded into one: ünïcode, 注文
    message: payments.v1.Order
    clusters: [prod, staging]
    partitions: 12
    replication_factor: 3
    config:
      cleanup.policy: "compact,delete"
      min.compaction.lag.ms: 1h
      min.cleanable.dirty.ratio: 0.25
      preallocate: true
    lag: 10m
    dead_letter: {name: orders.v1.dlq, partitions: 1, config: {retention.ms: 30d}}
    overrides:
      staging: {partitions: 3, lag: none}
    allow: {more-partitions: 12}
  - name: orders_v1
    replication_factor: 1
    allow: {low-replication: 1, metric-collision: orders.v1, min-insync-replicas: 2}
  - name: orders.v0
    state: absent
    allow: {delete-topic: "Xk3vPq8fTsq0mZc1uA2bCw"}
  - name: audit.log
    state: external

consumers:
  - {topic: orders.v1, group: billing, lag: 5m, transactional: true, clusters: [prod]}
  - topic: orders.v1
    group: 'reports: "daily"'
    severity: info
"""
WRITTEN = {"clusters.yaml": CLUSTERS, "pay/team.yaml": TEAM, "pay/orders.yaml": ENTRIES}

TRAPS = (
    *("yes", "~", "null", "Null", "true", "017", "0x1F", "12:30", "2026-01-01", "1_000", "1e999", "1.5e999", ".inf"),
    *("-.inf", ".nan", "-0", "-1", "0", "0.0", "9" * 18, "9" * 29, "9" * 400, "1" + "0" * 14 + "w", "999999999999999d"),
    *("*a", "&a", "&a x", "*", "&", "!", "!!binary x", "!!python/object:os.system x", "!<tag:x> y", "<<", "<<: *a"),
    *("|", ">", "|9", ">-", "%YAML 9.9", "---", "...", "- ", "? ", ": ", "#", "@", "`", "'", '"', "{", "}", "[", "]"),
    *("{}", "[]", "[[]]", "{a: {}}", '""', "''", '"\\x00"', '"\\ud800"', '"\\U0010ffff"', '"\\q"', "\t", "\u00a0"),
    *("\u2028", "\u2029", "\x85", "\r", "\x00", "\x0b", "\x1b", "\x7f", "\ufeff", "\ufffe", "\u202e", "e\u0301", "😀"),
    *("x" * 300, "9d", "10m", "512MiB", "-5s", "1h30m", "none", "absent", "external", "compact", "name", "topics"),
    *("{env: A, file: B}", "https://u:p@h/", "http://[", "__consumer_offsets", "..", "a b", "orders.v1", "prod"),
)

Mutation = Callable[[bytes, Random], bytes]


def _flip(raw: bytes, dice: Random) -> bytes:
    at = dice.randrange(len(raw))
    return raw[:at] + bytes([raw[at] ^ (1 << dice.randrange(8))]) + raw[at + 1 :]


def _byte(raw: bytes, dice: Random) -> bytes:
    at = dice.randrange(len(raw) + 1)
    return raw[:at] + bytes([dice.randrange(256)]) + raw[at:]


def _cut(raw: bytes, dice: Random) -> bytes:
    return raw[: dice.randrange(len(raw) + 1)]


def _piece(raw: bytes, dice: Random) -> bytes:
    start, end = sorted(dice.randrange(len(raw) + 1) for _ in range(2))
    return raw[:start] + raw[end:] if dice.random() < 0.5 else raw[:end] + raw[start:]


def _lines(change: Callable[[list[bytes], Random], None]) -> Mutation:
    def mutation(raw: bytes, dice: Random) -> bytes:
        lines = raw.split(b"\n")
        change(lines, dice)
        return b"\n".join(lines)

    return mutation


def _drop(lines: list[bytes], dice: Random) -> None:
    del lines[dice.randrange(len(lines))]


def _double(lines: list[bytes], dice: Random) -> None:
    at = dice.randrange(len(lines))
    lines[at:at] = [lines[at]] * dice.choice((1, 1, 2, 50))


def _swap(lines: list[bytes], dice: Random) -> None:
    one, other = (dice.randrange(len(lines)) for _ in range(2))
    lines[one], lines[other] = lines[other], lines[one]


def _indent(lines: list[bytes], dice: Random) -> None:
    at = dice.randrange(len(lines))
    lines[at] = dice.choice((b" ", b"  ", b"\t", b"")) + lines[at].lstrip() if dice.random() < 0.5 else b" " + lines[at]


def _word(raw: bytes, dice: Random) -> bytes:
    words = list(re.finditer(rb"[^\s:,{}\[\]#\"']+", raw))
    if not words:
        return raw
    word = dice.choice(words)
    return raw[: word.start()] + dice.choice(TRAPS).encode() + raw[word.end() :]


def _insert(raw: bytes, dice: Random) -> bytes:
    at = dice.randrange(len(raw) + 1)
    return raw[:at] + dice.choice(TRAPS).encode() + raw[at:]


def _deep(raw: bytes, dice: Random) -> bytes:
    depth, at = dice.choice((3, 17, 40_000)), dice.randrange(len(raw) + 1)
    left, right = dice.choice(((b"[", b"]"), (b"{a: ", b"}"), (b"- ", b""), (b"? ", b"")))
    return raw[:at] + left * depth + right * dice.choice((0, depth)) + raw[at:]


def _alias(raw: bytes, dice: Random) -> bytes:
    colons = [match.end() for match in re.finditer(rb": ", raw)]
    for at in sorted(dice.sample(colons, min(2, len(colons))), reverse=True):
        raw = raw[:at] + dice.choice((b"&a ", b"*a ", b"!!str ", b"!x ")) + raw[at:]
    return raw


def _encoded(raw: bytes, dice: Random) -> bytes:
    text = raw.decode("utf-8", "replace")
    forms = ("utf-16", "utf-16-le", "utf-32", "utf-8-sig", "latin-1", "utf-7")
    return text.encode(dice.choice(forms), "replace")


def _breaks(raw: bytes, dice: Random) -> bytes:
    return raw.replace(
        b"\n", dice.choice((b"\r\n", b"\r", b"\n\n", b"\xc2\x85", b"\xe2\x80\xa8")), dice.choice((1, -1))
    )


MUTATIONS: Sequence[Mutation] = (
    *(_flip, _byte, _cut, _piece, _word, _word, _word, _insert, _deep, _alias, _encoded, _breaks),
    *(_lines(_drop), _lines(_double), _lines(_swap), _lines(_indent)),
)


def fleets() -> list[dict[str, bytes]]:
    """Whole folders that are sound: the example of this repository, and one with every word that there is."""
    example = ROOT / "topics"
    shown = {str(path.relative_to(example)): path.read_bytes() for path in sorted(example.rglob("*.yaml"))}
    return [shown, {name: text.encode() for name, text in WRITTEN.items()}]


def mutant(fleet: Mapping[str, bytes], dice: Random) -> tuple[str, bytes]:
    """One file of the fleet, changed in one to four ways."""
    name = dice.choice(sorted(fleet))
    raw = fleet[name]
    for _ in range(dice.choice((1, 1, 1, 2, 2, 4))):
        raw = dice.choice(MUTATIONS)(raw or b"\n", dice)
    return name, raw
