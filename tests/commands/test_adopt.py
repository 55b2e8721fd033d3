"""Whatever somebody did by hand: what was adopted is no difference any more, and nobody else's files ask for more."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner import cli, opening
from provisioner.adopting import agreement
from provisioner.commands import adopt, fleet
from provisioner.kinds.topic_spec import TopicSpec
from provisioner.stores.declaration_folder import DeclarationFolder
from tests.memory import MemoryLog, MemoryStore

KEYS = ("retention.ms", "segment.ms", "flush.messages", "cleanup.policy")
OWN = {"retention.ms": "3d", "segment.ms": "'1d'", "flush.messages": "5", "cleanup.policy": '"compact,delete"'}
BY_HAND: dict[str, list[str | None]] = {
    "retention.ms": ["1209600000", "90000001", None],
    "segment.ms": ["3600000", "86400000", None],
    "flush.messages": ["7", None],
    "cleanup.policy": ["delete", "compact", None],
    "compression.type": ["zstd", None],
}
CLUSTERS = """
clusters:
  prod: {bootstrap: "kafka:9092", default: true, cluster_id: any, defaults: {config: {retention.ms: 7d}}}
  eu: {bootstrap: "eu:9092", cluster_id: any}
"""


class Hand:
    """A cluster in memory with its record, the folder of its declarations, and somebody who changes things there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store: MemoryStore[TopicSpec] = MemoryStore()
        self.log = MemoryLog()

    def run(self, *words: str) -> tuple[int, str]:
        out = io.StringIO()
        with (
            mock.patch.object(opening, "kafka_topics", return_value=self.store),
            mock.patch.object(opening, "record_log", side_effect=lambda *_: self.log.door()),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(out),
        ):
            code = cli.main([words[0], str(self.folder), "--cluster", "prod", *words[1:]])
        return code, out.getvalue()

    def sets(self, name: str, **fields: Any) -> None:
        """Of a topic: `partitions`, or configs with `_` for the dot, None to unset."""
        seen = self.store.state[name]
        partitions = fields.pop("partitions", seen.resource.partitions)
        config = {**seen.resource.config, **{key.replace("_", "."): value for key, value in fields.items()}}
        config = {key: value for key, value in config.items() if value is not None}
        self.store.state[name] = replace(seen, given=replace(seen.resource, partitions=partitions, config=config))


@contextlib.contextmanager
def applied(**files: str) -> Iterator[Hand]:
    """Files of team pay, by their stems, and everything applied."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "pay").mkdir()
        (folder / "clusters.yaml").write_text(CLUSTERS)
        (folder / "pay/team.yaml").write_text("chat: '#pay'\n")
        for stem, text in files.items():
            (folder / f"pay/{stem}.yaml").write_bytes(text.encode())
        hand = Hand(folder)
        code, told = hand.run("apply", "--yes")
        assert code == 0, told
        yield hand


@st.composite
def entries(draw: st.DrawFn, name: str) -> str:
    """An entry in one of the styles that people write."""
    own = {key: OWN[key] for key in draw(st.lists(st.sampled_from(KEYS), unique=True, max_size=3))}
    several = draw(st.booleans())
    clusters = "clusters: [prod, eu]" if several else draw(st.sampled_from(["clusters: [prod]", "partitions: 3"]))
    pairs = [f"{key}: {value}" for key, value in own.items()]
    special = draw(st.sampled_from(["", "", "overrides: {prod: {config: {retention.ms: 4d}}}"]))
    if draw(st.booleans()):
        config = [f"config: {{{', '.join(pairs)}}}"] if pairs else []
        return f"  - {{{', '.join(filter(None, [f'name: {name}', clusters, *config, special]))}}}  # note\n"
    config = ["config:", *(f"  {pair}   # why" for pair in pairs)] if pairs else []
    lines = [f"- name: {name}", *(f"  {line}" for line in [clusters, *config, special, "# the end"] if line)]
    return "".join(f"  {line}\n" for line in lines)


FIXES = st.fixed_dictionaries(
    {}, optional={key.replace(".", "_"): st.sampled_from(values) for key, values in BY_HAND.items()}
) | st.just({"partitions": 6})


@settings(max_examples=40, deadline=None)
@given(entries("a"), entries("b"), FIXES, FIXES, st.sampled_from(["\n", "\r\n"]))
def test_what_was_adopted_is_no_difference_any_more(
    one: str, other: str, fix: dict[str, Any], fix_b: dict[str, Any], newline: str
) -> None:
    """And the other cluster is asked for what it was; what is left is still there."""
    with applied(topics=("topics:\n" + one + other).replace("\n", newline)) as hand:
        hand.sets("a", **fix)
        hand.sets("b", **fix_b)
        before = fleet.read(hand.folder).catalogs["eu"]
        code, text = hand.run("drift", "--adopt", "--output", "json")
        told = json.loads(text)
        left = {(each["name"], each["field"]) for each in told["left"]}
        assert code == (1 if told["errors"] else 2 if left else 0), text
        after = fleet.read(hand.folder).catalogs["eu"]
        assert {name: agreement.asked(each) for name, each in after.topics.items()} == {
            name: agreement.asked(each) for name, each in before.topics.items()
        }
        if not told["errors"]:
            differences = json.loads(hand.run("drift", "--output", "json")[1])["clusters"][0]["differences"]
            assert {(each["name"], each["field"]) for each in differences} == left


def test_a_file_that_changed_meanwhile_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is any other of its team."""
    with applied(one="topics: [{name: a}]\n", two="topics: [{name: b}]\n") as hand:
        hand.sets("a", retention_ms="1209600000")
        hand.sets("b", retention_ms="1209600000")
        theirs = "topics: [{name: b, lag: 5m}]\n"
        write = adopt._write

        def late(files: Any) -> None:
            (hand.folder / "pay/two.yaml").write_text(theirs)
            write(files)

        monkeypatch.setattr(adopt, "_write", late)
        code, text = hand.run("drift", "--adopt")
        assert (code, "changed while it was to be written" in text) == (3, True)
        assert (hand.folder / "pay/one.yaml").read_text() == "topics: [{name: a}]\n"
        assert (hand.folder / "pay/two.yaml").read_text() == theirs


def test_what_is_held_back_keeps_nobody_from_adopting() -> None:
    """A cluster that cannot be read, and an entry beside this one."""
    with applied(one="topics:\n  - {name: a}\n  - {name: b}\n") as hand:
        hand.sets("a", retention_ms="1209600000")
        hand.sets("b", retention_ms="1209600000")
        (hand.folder / "clusters.yaml").write_text(CLUSTERS.replace('"eu:9092"', "7"))
        (hand.folder / "pay/one.yaml").write_text("topics:\n  - {name: a}\n  - {name: b, partitions: no}\n")
        code, text = hand.run("drift", "--adopt")
        assert (code, "Adopted: 1 entry" in text) == (1, True), text
        written = (hand.folder / "pay/one.yaml").read_text()
        assert written == "topics:\n  - {name: a, config: {retention.ms: 14d}}\n  - {name: b, partitions: no}\n"


def test_a_byte_order_mark_stays() -> None:
    """Editors that write one look for it."""
    with applied(one="\ufefftopics: [{name: a}]\n") as hand:
        hand.sets("a", retention_ms="1209600000")
        assert hand.run("drift", "--adopt")[0] == 0
        text = (hand.folder / "pay/one.yaml").read_bytes().decode()
        assert text == "\ufefftopics: [{name: a, config: {retention.ms: 14d}}]\n"


def test_a_file_that_is_gone_is_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is left, with the YAML to paste."""
    with applied(one="topics: [{name: a}]\n") as hand:
        hand.sets("a", retention_ms="1209600000")
        monkeypatch.setattr(DeclarationFolder, "content", lambda *_: None)
        code, text = hand.run("drift", "--adopt")
        assert (code, "its file is no regular file" in text) == (2, True)
        assert "config: {retention.ms: 14d}" in text


def test_nothing_is_taken_where_the_record_cannot_be_read() -> None:
    """Nobody can tell whose it is; who names the topic takes it."""
    with applied(one="topics: [{name: a}]\n") as hand:
        hand.sets("a", retention_ms="1209600000")
        hand.log.unreadable = "no right"
        code, text = hand.run("drift", "--adopt")
        assert (code, "it may be nobody's wish" in text) == (4, True), text
        assert hand.run("drift", "--adopt", "--topic", "a")[0] == 4
        assert (hand.folder / "pay/one.yaml").read_text() == "topics: [{name: a, config: {retention.ms: 14d}}]\n"
