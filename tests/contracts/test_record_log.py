"""The record in memory keeps the contract, and fails as it is told."""

from __future__ import annotations

import pytest

from provisioner.reconcile.record_log import RecordLog, UnreadableRecordError, UnwritableRecordError
from tests.contracts.record_contract import RecordLogContract
from tests.memory import MemoryLog


class TestMemory(RecordLogContract):
    @pytest.fixture(autouse=True)
    def _fresh(self) -> None:
        self.first = MemoryLog(exists=False)

    def door(self) -> RecordLog:
        return self.first.door()

    def anew(self) -> None:
        self.first.log.clear()


def test_what_cannot_be_read_says_why() -> None:
    """Whole or its tail, for as long as the test wants it."""
    log = MemoryLog([(b"a", b"1")], unreadable="no right")
    for look in (log.read, log.tail):
        with pytest.raises(UnreadableRecordError, match="no right"):
            look()
    log.unreadable = ""
    assert log.read().values == {b"a": b"1"}


def test_what_cannot_be_written_says_why() -> None:
    """When it is made, and when it is flushed; a flush of nothing is no writing."""
    log = MemoryLog(unwritable="no right")
    assert log.flush() == {}
    log.put(b"a", b"1")
    for write in (log.create, log.flush):
        with pytest.raises(UnwritableRecordError, match="no right"):
            write()
    assert log.log == []


@pytest.mark.parametrize(("doubtful", "lost"), [(True, {b"a", b"b"}), ({b"b"}, {b"b"}), (False, set())])
def test_what_is_in_doubt_is_told_by_key(doubtful: set[bytes] | bool, lost: set[bytes]) -> None:
    """All of it, or some."""
    log = MemoryLog(doubtful=doubtful)
    log.put(b"a", b"1")
    log.put(b"b", b"1")
    assert set(log.flush()) == lost
    assert set(log.read().values) == {b"a", b"b"} - lost


def test_doors_that_share_nothing_but_the_list_see_each_other() -> None:
    """As in tests of two runs."""
    one = MemoryLog()
    two = MemoryLog(one.log)
    one.put(b"a", b"1")
    one.flush()
    assert two.tail() == {b"a": b"1"}
