"""What every door to a record promises; each has a test file of its own that opens it."""

from __future__ import annotations

import pytest

from provisioner.reconcile.record_log import Log, RecordLog, UnreadableRecordError


class RecordLogContract:
    """Subclass it, and give `door()` (a new one to the same record, which is not there at first), `anew()`.

    `anew` lets somebody else delete the record and make an empty one.
    """

    def door(self) -> RecordLog:
        raise NotImplementedError

    def anew(self) -> None:
        raise NotImplementedError

    def made(self) -> RecordLog:
        """A door to an empty record."""
        door = self.door()
        door.create()
        door.read()
        return door

    def write(self, *records: tuple[bytes, bytes | None], door: RecordLog | None = None) -> None:
        """Somebody else writes, or this door."""
        door = door or self.door()
        for key, value in records:
            door.put(key, value)
        assert door.flush() == {}

    def test_there_is_none_at_first(self) -> None:
        """That is known for sure, and nothing comes of it later."""
        door = self.door()
        log = door.read()
        assert (log.values, log.exists) == ({}, False)
        assert door.tail() == {}

    def test_reading_and_looking_make_none(self) -> None:
        """However often."""
        for _ in range(2):
            door = self.door()
            assert not door.read().exists
            door.tail()
        assert door.flush() == {}
        assert not self.door().read().exists

    def test_an_empty_record_exists(self) -> None:
        """Once it is made, for each door; to make it again does no harm."""
        door = self.made()
        door.create()
        self.door().create()
        for each in (door, self.door()):
            log = each.read()
            assert (log.values, log.exists) == ({}, True)
            assert each.tail() == {}

    def test_a_reading_says_which_cluster_answered(self) -> None:
        """With a record and without one."""
        before = self.door().read().cluster_id
        assert before
        self.made()
        assert self.door().read().cluster_id == before

    def test_of_each_key_the_last_value_counts(self) -> None:
        """Removed keys are left out of what is read; a value without a byte is none that was removed."""
        self.made()
        self.write((b"a", b"1"), (b"b", b"1"), (b"c", b"1"), (b"a", b"2"), (b"b", None), (b"c", b""))
        assert self.door().read().values == {b"a": b"2", b"c": b""}

    def test_removed_keys_come_back_with_a_new_value(self) -> None:
        """The order of what was written decides."""
        self.made()
        self.write((b"a", b"1"), (b"a", None), (b"a", b"3"))
        assert self.door().read().values == {b"a": b"3"}

    def test_a_record_that_ends_with_removals_is_read_to_its_end(self) -> None:
        """Nothing of it is left, and there it is."""
        self.made()
        self.write((b"a", b"1"), (b"b", b"1"), (b"a", None), (b"b", None))
        door = self.door()
        assert door.read() == Log({}, True, door.read().cluster_id)
        assert door.tail() == {}

    def test_a_tail_is_what_was_written_since(self) -> None:
        """By whoever it was, removals among it, each once."""
        self.made()
        self.write((b"a", b"1"), (b"b", b"1"))
        door = self.door()
        door.read()
        assert door.tail() == {}
        self.write((b"a", None), (b"c", b"2"))
        assert door.tail() == {b"a": None, b"c": b"2"}
        assert door.tail() == {}
        self.write((b"d", b"3"), door=door)
        assert door.tail() == {b"d": b"3"}

    def test_a_new_reading_begins_a_new_tail(self) -> None:
        """What the reading has is no news."""
        door = self.made()
        self.write((b"a", b"1"))
        assert door.read().values == {b"a": b"1"}
        assert door.tail() == {}

    def test_a_door_that_saw_none_sees_what_others_wrote_into_theirs(self) -> None:
        """Its tail is all of it."""
        door = self.door()
        assert not door.read().exists
        self.write((b"a", b"1"), door=self.made())
        assert door.tail() == {b"a": b"1"}
        assert door.read().exists

    def test_a_door_that_makes_it_second_misses_nothing(self) -> None:
        """What the first one wrote meanwhile is in its tail, beside its own."""
        door = self.door()
        door.read()
        self.write((b"a", b"1"), door=self.made())
        door.create()
        self.write((b"b", b"2"), door=door)
        assert door.tail() == {b"a": b"1", b"b": b"2"}

    def test_two_writers_are_read_alike_by_both(self) -> None:
        """Whoever wrote last wins, for each."""
        one, two = self.made(), self.door()
        two.read()
        for turn in range(20):
            self.write((b"mine", b"1 %d" % turn), (b"both", b"1 %d" % turn), door=one)
            self.write((b"yours", b"2 %d" % turn), (b"both", b"2 %d" % turn), door=two)
        last = {b"mine": b"1 19", b"yours": b"2 19", b"both": b"2 19"}
        assert one.tail() == two.tail() == last
        assert one.read().values == two.read().values == last

    def test_any_bytes_are_kept(self) -> None:
        """Also such as are no text."""
        self.made()
        self.write((b"\x00\xff", b"\x00" * 1000), ("ключ".encode(), b"\n"))
        assert self.door().read().values == {b"\x00\xff": b"\x00" * 1000, "ключ".encode(): b"\n"}

    def test_many_records_are_read_whole(self) -> None:
        """Three thousand of them, in their order."""
        self.made()
        self.write(*((b"%d" % (index % 1000), b"%d" % index) for index in range(3000)))
        assert self.door().read().values == {b"%d" % index: b"%d" % (2000 + index) for index in range(1000)}

    @pytest.mark.parametrize("since", [0, 5])
    def test_of_a_record_made_anew_there_is_no_tail(self, since: int) -> None:
        """Whether the new one is shorter or longer; reading it whole tells what it is now."""
        door = self.made()
        self.write((b"a", b"1"), (b"b", b"1"), (b"c", b"1"), door=door)
        door.tail()
        self.anew()
        self.write(*((b"%d" % index, b"2") for index in range(since)))
        with pytest.raises(UnreadableRecordError, match="made anew"):
            door.tail()
        assert len(door.read().values) == since
        assert door.tail() == {}
