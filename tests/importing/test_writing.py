"""Entries as YAML: what is written reads back as what was meant, and files get names that every system can hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.catalog.documents import parse
from provisioner.catalog.topic_config import CONFIG_KEYS, Unit, normal
from provisioner.importing import appending, layout, yaml_text
from provisioner.importing.entry import TopicEntry

NUMBERS = st.integers(0, 2**63 - 1) | st.sampled_from([0, 1000, 5_400_000, 604_800_000, 536_870_912, 2**63 - 1])
COUNTED = sorted(key.name for key in CONFIG_KEYS.values() if key.unit in (Unit.MS, Unit.BYTES) and key.high > 2**32)


@given(st.sampled_from(COUNTED), NUMBERS)
def test_human_units_mean_the_same_number(key: str, number: int) -> None:
    """To the last millisecond and byte."""
    if number >= CONFIG_KEYS[key].low:
        document, problems = parse("", f"{key}: {yaml_text.setting(key, str(number))}\n".encode())
        assert problems == []
        assert normal(key, document.data[key]) == str(number)


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("retention.ms", "604800000", "7d"),
        ("retention.ms", "5400000", "1h30m"),
        ("retention.ms", "1500", "1500"),
        ("retention.ms", "-1", "-1"),
        ("segment.bytes", "536870912", "512MiB"),
        ("segment.bytes", "1000000", "1000000"),
        ("cleanup.policy", "compact,delete", '"compact,delete"'),
        ("min.cleanable.dirty.ratio", "1e-05", '"1e-05"'),
    ],
)
def test_values_are_written_as_people_write_them(key: str, value: str, text: str) -> None:
    """In units where that is exact and shorter, in quotes where YAML would guess."""
    assert yaml_text.setting(key, value) == text


@given(st.text("yesnoYN0123.:_-eE+x~", min_size=1, max_size=8) | st.text(max_size=8))
def test_text_stays_text(text: str) -> None:
    """In a list and behind a key, whatever YAML makes of it without quotes."""
    if text.isprintable():
        written = yaml_text.scalar(text, as_text=True)
        document, problems = parse("", f"a: {written}\nb: {{c: {written}, d: [{written}]}}\n".encode())
        assert (problems, document.data) == ([], {"a": text, "b": {"c": text, "d": [text]}})


def test_clusters_are_a_list_of_text() -> None:
    """Whatever YAML would make of their names; an entry of none lives where the defaults say."""
    names = ("prod", "yes", "true", "10", "1e3", "a b, c")
    document, problems = parse("", yaml_text.topics([TopicEntry("a", clusters=names), TopicEntry("b")]).encode())
    assert problems == []
    assert document.data == {"topics": [{"name": "a", "clusters": list(names)}, {"name": "b"}]}


def test_a_long_map_gets_a_line_for_each_key() -> None:
    """Nobody reads a line of two hundred columns."""
    config = dict.fromkeys(sorted(CONFIG_KEYS)[:8], "1000")
    text = yaml_text.items([TopicEntry("a", config=config)], "  ")
    assert max(map(len, text.splitlines())) < 80
    assert "    config:\n      cleanup.policy: 1000\n" in text


APPENDABLE = [
    b"topics:\n- name: a\n",
    b"# why\ntopics:\n    - name: a   # kept\n      description: |\n        many\n        lines\n    # the end",
    b"\xef\xbb\xbfconsumers: []\r\ntopics:\r\n  - name: a\r\n",
    b"topics:\n  - {name: a}\n\n\n# end\n",
]


@pytest.mark.parametrize("raw", APPENDABLE)
def test_entries_go_behind_what_is_there(raw: bytes) -> None:
    """Every byte before them stays, and the file says two topics more."""
    made = appending.appended(raw, [TopicEntry("b", partitions=2), TopicEntry("c")])
    assert made is not None
    assert made.startswith(raw)
    document, problems = parse("", made)
    assert problems == []
    assert [topic["name"] for topic in document.data["topics"]] == ["a", "b", "c"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"topics: [{name: a}]\n",
        b"topics: []\n",
        b"topics:\n  - name: a\nconsumers: []\n",
        b"topics:\n  - name: a\n...\n",
        b"topics:\n  - name: a\n  - name:\n",
        b"topics:\n  -\n    name: a\n    x: >+\n      folded\n\n",
        b"topics:\n  - name: \xff\n",
        b"- name: a\n",
        b'topics:\n  - name: "a\n',
    ],
)
def test_other_files_are_left_alone(raw: bytes) -> None:
    """Rather a file beside it than a guess."""
    assert appending.appended(raw, [TopicEntry("b")]) is None


@given(st.lists(st.from_regex(r"[A-Za-z0-9._-]{1,249}", fullmatch=True), unique=True, max_size=20))
def test_file_names_are_safe_everywhere(names: list[str]) -> None:
    """Not hidden, no option, no device of Windows, no team.yaml in any case, at most 255 bytes."""
    for stem, group in layout.filed([TopicEntry(name) for name in names], "topic"):
        assert len(group) == 1
        assert stem[0].isalnum()
        assert len(stem) < 240
        assert stem.lower() != "team"
        assert stem.lower().split(".")[0] not in layout.DEVICES


def test_prefixes_that_differ_in_case_share_a_file() -> None:
    """Two files of such names are one on some systems."""
    filed = layout.filed([TopicEntry("Pay.a"), TopicEntry("pay_b"), TopicEntry("_x"), TopicEntry("team.y")], "prefix")
    assert [(stem, [entry.name for entry in group]) for stem, group in filed] == [
        ("Pay", ["Pay.a", "pay_b"]),
        ("x", ["_x"]),
        ("topic-team", ["team.y"]),
    ]
