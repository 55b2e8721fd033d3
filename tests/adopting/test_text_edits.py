"""Edits keep every character that is not theirs, in every style that people write."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.adopting.text_edits import Change, edited
from provisioner.catalog.documents import parse

ENTRY = ("topics", 0)


def entry(**changes: str | None) -> Change:
    """Of the first topic's config: `retention_ms` is retention.ms."""
    return {(*ENTRY, "config", key.replace("_", ".")): value for key, value in changes.items()}


CASES: dict[str, tuple[str, Change, str]] = {
    "a value keeps the comment behind it": (
        "topics:\n  - name: a\n    config:\n      retention.ms: 3d   # three\n",
        entry(retention_ms="14d"),
        "topics:\n  - name: a\n    config:\n      retention.ms: 14d   # three\n",
    ),
    "a value keeps its quotes": (
        "topics:\n- name: 'a'\n  config: {retention.ms: \"3d\", segment.ms: '1d'}\n",
        entry(retention_ms="14d", segment_ms="2d"),
        "topics:\n- name: 'a'\n  config: {retention.ms: \"14d\", segment.ms: '2d'}\n",
    ),
    "two topics on one line": (
        "topics: [{name: a, config: {retention.ms: 3d}}, {name: b}]\n",
        {**entry(retention_ms="14d"), ("topics", 1, "config", "flush.ms"): "1s"},
        "topics: [{name: a, config: {retention.ms: 14d}}, {name: b, config: {flush.ms: 1s}}]\n",
    ),
    "a new config goes where people write it": (
        "topics:\n  - name: a\n    partitions: 3\n    lag: 5m\n    allow: {x: y}\n",
        entry(retention_ms="14d"),
        "topics:\n  - name: a\n    partitions: 3\n    config: {retention.ms: 14d}\n    lag: 5m\n    allow: {x: y}\n",
    ),
    "a new key of a block": (
        "topics:\n- name: a\n  config:\n    retention.ms: 3d  # 3\n\n- name: b\n",
        entry(flush_ms="1s", segment_ms="1d"),
        "topics:\n- name: a\n  config:\n    retention.ms: 3d  # 3\n    flush.ms: 1s\n    segment.ms: 1d\n\n- name: b\n",
    ),
    "a new key of braces with a line each": (
        "topics:\n  - name: a\n    config: {\n      retention.ms: 3d  # three\n    }\n",
        entry(flush_ms="1s"),
        "topics:\n  - name: a\n    config: {\n      retention.ms: 3d,  # three\n      flush.ms: 1s\n    }\n",
    ),
    "a comma that is there already": (
        "topics:\n  - name: a\n    config: {\n      retention.ms: 3d,  # three\n    }\n",
        entry(flush_ms="1s"),
        "topics:\n  - name: a\n    config: {\n      retention.ms: 3d,  # three\n      flush.ms: 1s,\n    }\n",
    ),
    "an empty map": (
        "topics: [{name: a, config: {}}]\n",
        entry(flush_ms="1s"),
        "topics: [{name: a, config: {flush.ms: 1s}}]\n",
    ),
    "what goes takes its line along": (
        "topics:\n  - name: a\n    config:\n      # kept\n      retention.ms: 3d  # three\n      segment.ms: 1d\n",
        entry(retention_ms=None),
        "topics:\n  - name: a\n    config:\n      # kept\n      segment.ms: 1d\n",
    ),
    "what goes takes its comma along": (
        "topics: [{name: a, config: {x: 1, retention.ms: 3d, segment.ms: 1d}}]\n",
        entry(retention_ms=None, segment_ms=None),
        "topics: [{name: a, config: {x: 1}}]\n",
    ),
    "the first goes": (
        "topics: [{name: a, config: {retention.ms: 3d, segment.ms: 1d}}]\n",
        entry(retention_ms=None),
        "topics: [{name: a, config: {segment.ms: 1d}}]\n",
    ),
    "a map that nothing is left of goes": (
        "topics:\n  - name: a\n    config: {retention.ms: 3d}  # as agreed\n    lag: 5m\n",
        entry(retention_ms=None),
        "topics:\n  - name: a\n    lag: 5m\n",
    ),
    "all go and one comes": (
        "topics:\n  - name: a\n    config:\n      retention.ms: 3d\n      segment.ms: 1d\n    lag: 5m\n",
        entry(retention_ms=None, segment_ms=None, flush_ms="1s"),
        "topics:\n  - name: a\n    config:\n      flush.ms: 1s\n    lag: 5m\n",
    ),
    "a short dead letter becomes a map": (
        "topics:\n  - {name: a, dead_letter: a.dlq}\n",
        {(*ENTRY, "dead_letter", "config", "retention.ms"): "14d"},
        "topics:\n  - {name: a, dead_letter: {name: a.dlq, config: {retention.ms: 14d}}}\n",
    ),
    "one cluster more": (
        "topics:\n  - name: a\n    overrides: {eu: {partitions: 3}}\n",
        {(*ENTRY, "overrides", "prod", "config", "retention.ms"): "14d"},
        "topics:\n  - name: a\n    overrides: {eu: {partitions: 3}, prod: {config: {retention.ms: 14d}}}\n",
    ),
    "below a text of several lines": (
        "topics:\n  - name: a\n    description: |\n      One.\n      # no\n\n    lag: 5m\n",
        entry(flush_ms="1s"),
        "topics:\n  - name: a\n    description: |\n      One.\n      # no\n    config: {flush.ms: 1s}\n\n    lag: 5m\n",
    ),
    "the lines of another system": (
        "topics:\r\n  - name: a\r\n    config:\r\n      retention.ms: 3d\r\n",
        entry(flush_ms="1s"),
        "topics:\r\n  - name: a\r\n    config:\r\n      retention.ms: 3d\r\n      flush.ms: 1s\r\n",
    ),
    "no line end at the end": (
        "topics:\n  - name: a",
        entry(flush_ms="1s"),
        "topics:\n  - name: a\n    config: {flush.ms: 1s}",
    ),
    "one goes and an override comes behind it": (
        "topics:\n  - name: a\n    config:\n      x: 1\n      retention.ms: 3d\n",
        {**entry(retention_ms=None), (*ENTRY, "overrides", "prod", "partitions"): "5"},
        "topics:\n  - name: a\n    config:\n      x: 1\n    overrides: {prod: {partitions: 5}}\n",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_an_edit_keeps_the_layout(name: str) -> None:
    """As its name says."""
    text, changes, expected = CASES[name]
    assert edited(text, changes) == expected


KEYS = ("retention.ms", "segment.ms", "flush.ms", "max.message.bytes")
VALUES = st.sampled_from(["3d", '"7d"', "'1d'", "1000", '"a, b"'])
COMMENTS = st.sampled_from(["", "  # why: {not, this}", " # x"])


@st.composite
def topics(draw: st.DrawFn) -> str:
    """One entry's text: its config, if any, in one of the styles."""
    config = draw(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4))
    style = draw(st.sampled_from(["flow", "block", "lines", "wide"]))
    pairs = [f"{key}: {value}" for key, value in config.items()]
    if style == "flow" or not config:
        inner = f", config: {{{', '.join(pairs)}}}" if config or draw(st.booleans()) else ""
        return f"  - {{name: a{inner}, lag: 5m}}{draw(COMMENTS)}\n"
    head = f"  - name: a{draw(COMMENTS)}\n"
    if style == "block":
        lines = "".join(f"        {pair}{draw(COMMENTS)}\n" for pair in pairs)
        return f"{head}    config:{draw(COMMENTS)}\n{lines}    lag: 5m\n"
    if style == "wide":
        return f"{head}    config: {{ {' , '.join(pairs)} }}{draw(COMMENTS)}\n"
    end = draw(st.sampled_from(["", ","]))
    lines = ",COMMENT\n".join(f"      {pair}" for pair in pairs).replace("COMMENT", draw(COMMENTS))
    return f"{head}    config: {{{draw(COMMENTS)}\n{lines}{end}{draw(COMMENTS)}\n    }}\n    lag: 5m\n"


CHANGES = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(["14d", "5", None]), min_size=1, max_size=4)


@settings(max_examples=300, deadline=None)
@given(topics(), topics(), CHANGES, st.sampled_from(["\n", "\r\n"]))
def test_the_text_says_what_it_said_and_the_changes(one: str, other: str, changes: Any, newline: str) -> None:
    """In every style; the other entry is as it was, to the letter."""
    text = ("topics:\n" + one + other).replace("\n", newline)
    after = edited(text, entry(**{key.replace(".", "_"): value for key, value in changes.items()}))
    before, now = parse("", text.encode())[0].data, parse("", after.encode())
    assert now[1] == []
    config = {key: str(value) for key, value in before["topics"][0].get("config", {}).items()} | changes
    wanted = {key: value for key, value in config.items() if value is not None}
    rest = [{key: value for key, value in each.items() if key != "config"} for each in before["topics"]]
    found = now[0].data["topics"]
    assert {key: str(value) for key, value in found[0].get("config", {}).items()} == wanted
    assert [{key: value for key, value in each.items() if key != "config"} for each in found] == rest
    assert after.endswith(other.replace("\n", newline))
