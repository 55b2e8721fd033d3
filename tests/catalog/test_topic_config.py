"""The table of topic configs."""

from __future__ import annotations

import pytest

from provisioner.catalog.topic_config import CONFIG_KEYS, MAX_LENGTH, ConfigValueError, known_in, normal, shown


@pytest.mark.parametrize(
    ("version", "count"), [("3.5", 29), ("3.7.2", 31), ("3.9", 36), ("4.0", 33), ("4.2", 33), ("4.4", 37), ("4.10", 37)]
)
def test_each_kafka_has_its_own_keys(version: str, count: int) -> None:
    """As many as its brokers take; 4.10 is later than 4.4."""
    assert len(known_in(version)) == count


def test_every_row_says_in_words_which_kafka_has_it() -> None:
    """Nothing for those that all have."""
    assert CONFIG_KEYS["compression.gzip.level"].where == "3.8 and later"
    assert CONFIG_KEYS["message.format.version"].where == "3.9 and earlier"
    assert CONFIG_KEYS["retention.ms"].where == ""


@pytest.mark.parametrize(
    ("key", "value", "form"),
    [
        ("retention.ms", "7d", "604800000"),
        ("retention.ms", -1, "-1"),
        ("retention.ms", " 1000 ", "1000"),
        ("max.message.bytes", "2MiB", "2097152"),
        ("preallocate", True, "true"),
        ("preallocate", "TRUE", "true"),
        ("min.cleanable.dirty.ratio", 1, "1.0"),
        ("cleanup.policy", "delete, compact", "compact,delete"),
        ("cleanup.policy", "delete,delete", "delete"),
        ("cleanup.policy", "", ""),
        ("compression.type", "zstd", "zstd"),
    ],
)
def test_values_take_the_form_in_which_the_broker_writes_them(key: str, value: str | float, form: str) -> None:
    """So that equal things compare equal (measured on 4.4)."""
    assert normal(key, value) == form


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("retention.ms", "soon"),
        ("retention.ms", -2),
        ("segment.bytes", 1000),
        ("max.message.bytes", "3GiB"),
        ("max.decompressed.message.bytes", 2**31 - 8),
        ("max.decompressed.message.bytes", 0),
        ("min.cleanable.dirty.ratio", 1.5),
        ("min.cleanable.dirty.ratio", "nan"),
        ("preallocate", "maybe"),
        ("compression.type", "brotli"),
        ("cleanup.policy", "shred"),
        ("cleanup.policy", ","),
        ("retention.ms", "9" * 30),
        ("follower.replication.throttled.replicas", "0:1," * MAX_LENGTH),
    ],
)
def test_values_that_the_broker_would_refuse_are_refused_here(key: str, value: str | float) -> None:
    """Wrong type, range, word or length."""
    with pytest.raises(ConfigValueError):
        normal(key, value)


def test_numbers_are_shown_with_what_they_mean() -> None:
    """Raw for machines, in brackets for people."""
    assert shown("retention.ms", "604800000") == "604800000 (7d)"
    assert shown("max.message.bytes", "2097152") == "2097152 (2MiB)"
    assert shown("retention.ms", "-1") == "-1"


def test_an_empty_value_is_shown_as_one() -> None:
    """Nothing at all would look like no value."""
    assert shown("cleanup.policy", "") == '""'
