"""The notes of moves in the cluster's record: written before anything is done, and removed when nothing is left of it.

It reads with a position of its own, so that whoever keeps the rest of the record misses nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from provisioner.errors import UnreachableError
from provisioner.moves import notes
from provisioner.moves.notes import Claim, Noted, Notes, Pause, Values
from provisioner.reconcile import entry, record
from provisioner.reconcile.model import Key
from provisioner.reconcile.record_log import RecordLog

TOPIC, BROKER, PAUSE, CLAIM = "topic", "broker", "pause", "claim"
"""What a note is about, in the place of a destination."""


@dataclass
class Ledger:
    """Of one cluster and repository. `log`: of its own, shared with nobody."""

    log: RecordLog
    repository: str
    cluster_id: str | None = None
    _texts: dict[Key, bytes] = field(default_factory=dict)
    _is_read: bool = False

    def read(self) -> Notes:
        """What is noted now. Raises UnreachableError: then nothing is known of it, and nothing is to be done."""
        if self._is_read:
            self._take(self.log.tail())
        else:
            log = self.log.read()
            self.cluster_id, self._texts = self.cluster_id or log.cluster_id, {}
            self._is_read = log.exists
            self._take(log.values)
        return _notes(self._texts)

    def note_topic(self, name: str, noted: Noted | None) -> None:
        """What is ours of one topic; None: nothing any more."""
        self._put(TOPIC, name, notes.of_topic(noted) if noted else None)

    def note_broker(self, broker: int, rates: Values | None) -> None:
        """The rates that we set on a broker; None: none any more."""
        self._put(BROKER, str(broker), {"throttle": dict(rates)} if rates else None)

    def note_pause(self, pause: Pause | None) -> None:
        """Whether waves begin."""
        self._put(PAUSE, "", notes.of_pause(pause) if pause else None)

    def note_claim(self, token: str, claim: Claim | None) -> None:
        """Who is about to begin one."""
        self._put(CLAIM, token, notes.of_claim(claim) if claim else None)

    def flush(self) -> None:
        """Wait until all of it is written. Raises UnreachableError or UnwritableRecordError where it may not be."""
        if failed := self.log.flush():
            why = f"it is not known whether the record {self.log.name} was written: {min(failed.values())}"
            raise UnreachableError(why, "run it again when the brokers answer")

    def _put(self, about: str, name: str, document: Mapping[str, Any] | None) -> None:
        text = None
        if document is not None:
            stamped = {"version": entry.FORMAT_VERSION, "cluster_id": self.cluster_id, **document}
            text = json.dumps(stamped, separators=(",", ":"), ensure_ascii=False).encode()
        self.log.put(record.encoded(self.repository, Key(record.MOVES, name, about)), text)

    def _take(self, values: Mapping[bytes, bytes | None]) -> None:
        for raw, value in values.items():
            words = record.decoded(raw)
            if words is None or words[0] != self.repository or words[1].kind != record.MOVES:
                continue
            if value is None:
                self._texts.pop(words[1], None)
            else:
                self._texts[words[1]] = value
        mine = f'"cluster_id":"{self.cluster_id}"'.encode()
        # Notes of another cluster came along with a mirrored topic.
        self._texts = {key: text for key, text in self._texts.items() if self.cluster_id is None or mine in text}


def _notes(texts: Mapping[Key, bytes]) -> Notes:
    """What is not understood is left out: it names no throttle that we could remove."""
    topics: dict[str, Noted] = {}
    brokers: dict[int, Values] = {}
    pause, claims = None, []
    for key, text in texts.items():
        try:
            document = json.loads(text)
            if key.destination == TOPIC:
                topics[key.name] = notes.topic(document)
            elif key.destination == BROKER:
                brokers[int(key.name)] = notes.values(document)
            elif key.destination == PAUSE:
                pause = notes.pause(document)
            elif key.destination == CLAIM:
                claims.append(notes.claim(key.name, document))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            continue
    return Notes(topics, brokers, pause, tuple(claims))
