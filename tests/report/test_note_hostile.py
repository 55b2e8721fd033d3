"""A note that anybody can write into: what files and clusters say calls nobody, links nowhere and commands nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from provisioner.report import markdown
from provisioner.report.note_input import Consumer, People
from tests.report.plans import alerts, change, hazard, noted, plan, refusal

NASTY = [
    *(
        "@all",
        "@root",
        "x @all",
        "a@b.example.com",
        "/close",
        "\n/close",
        "\r\n/merge\n",
        "- /close",
        "![](http://evil/x.png)",
    ),
    *(
        "[x](http://evil)",
        "http://evil.example.com",
        "www.evil.com",
        "<http://evil>",
        "<!--",
        "-->",
        "</details>",
        "<details>",
    ),
    *("<img src=x onerror=alert(1)>", "</code></summary>", "#123", "!45", "g/p!45", "g/p#1", "~bug", "%1", "$1", "&1"),
    *(
        "`",
        "``",
        "` @all `",
        "```",
        "~~~",
        "```\n@all\n```",
        "````diff",
        "\\`@all`",
        "`a` @all `b`",
        "{`@all`}",
        "{@all: `x`}",
    ),
    *(
        "**",
        "__a__",
        "_a_",
        "*a*",
        "~~a~~",
        "# x",
        "> x",
        "1. x",
        "1) x",
        "- x",
        "+ x",
        "* x",
        "===",
        "---",
        "    code",
        "\t\tx",
    ),
    *(
        "| a | b |",
        "|---|",
        ":smile:",
        "[[wiki]]",
        "[x]: http://evil",
        "[^1]",
        "$`a`$",
        "$$",
        "{+ a +}",
        "{- a -}",
        "&lt;b&gt;",
    ),
    *(
        "&#64;all",
        "\x1b[31m",
        "\u202e",
        "\x00",
        "\u2028/close",
        "\x85/close",
        "",
        " ",
        "a" * 2000,
        "`" * 500,
        "é",
        "@\uff41\uff4c\uff4c",
    ),
    *(
        "allow: {x: @all}",
        "{a: http://evil}",
        "write `x",
        "`x y` z`",
        "a\\",
        "\\",
        "[vulnerability:1]",
        "^alert#1",
        "GL-1",
    ),
]
TEXT = st.sampled_from(NASTY) | st.text(max_size=30) | st.lists(st.sampled_from(NASTY), max_size=4).map(" ".join)
ACTIVE = re.compile(r"(?<!\S)/[a-z]|[@#!~%$^&*_`\[\]<>|\\{}]|://|www\.|:[a-z]+:", re.IGNORECASE)
OURS = re.compile(r"</?(details|summary|code)>|&(lt|gt|amp|quot|#x27);")
READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def tokens(text: str) -> Iterator[Token]:
    """All of them, those inside of others too."""
    for token in READER.parse(text):
        yield token
        yield from token.children or ()


def shown(text: str, mentions: frozenset[str] = frozenset()) -> list[str]:
    """The note read as Markdown: it has no link, no picture, no HTML but ours. Returns the words outside of code."""
    words = []
    for token in tokens(text):
        assert token.type not in {"link_open", "image", "html_inline", "blockquote_open", "table_open", "s_open", "hr"}
        assert token.type not in {"code_block", "ordered_list_open", "em_open", "lheading_open"}
        if token.type == "html_block":
            assert re.sub(r"<code>[^<>]*</code>|<!-- [^<>]* -->", "", token.content).count("<") == len(
                re.findall("</?(?:details|summary)>", re.sub(r"<code>[^<>]*</code>", "", token.content))
            )
        elif token.type == "heading_open":
            assert token.markup == "###"
        elif token.type == "text":
            words += [word for word in token.content.split() if word not in mentions]
    return words


def hostile(text: str) -> str:
    """A note in which every word of the files and the cluster is this one."""
    reader = [{"group": text, "words": text}]
    place = {"file": text, "line": 1, "column": 1}
    field = [
        {"field": text, "before": text, "after": text},
        {"field": "config.retention.ms", "before": None, "after": text},
    ]
    danger = [hazard(text, reason=text, hint=text, value=text), hazard(text, reason=text, asks=False, field=text)]
    more: dict[str, Any] = {"owner": text, "place": place, "notes": [text], "readers": reader, "second_key": text}
    more |= {"hazards": danger, "fields": field, "allow": text, "by_hand": {text: text, "config.retention.ms": text}}
    back = {"kind": text, "name": text, "destination": "", "owner": text, "place": place, "check": text, "reason": text}
    held = {"kind": "topic", "field": text, "place": place, "reason": text, "without": [text], "refused": [text]}
    whole = plan(
        change(text, **more),
        change(text + "2", refusals=[refusal(text, text, text)], **more),
        change(text + "3", "create", owner=text, place=place, fields=field, words=[text, "+ " + text]),
        change(text + "4", refusals=[refusal("unsure", text)]),
        alerts(text, [text, "- " + text, "+ " + text], {text: [0, 1, 7]}, place=place),
        alerts(text + "5", [text], {text: [0]}, diff=[text, "  - " + text, "  + " + text], place=place),
        *(change(f"{number}{text}", "create", owner=text, place=place) for number in range(7)),
        remarks=[text],
        held=[held],
        held_back=[back],
        stopped={text: text},
        record={"name": text, "state": "unreadable"},
    )
    topics = {key: [Consumer(text, text), Consumer("g", "other")] for key in _keys(text)}
    return noted(whole, unplanned={"eu": text}, unread={text: text}, people=People({}, {"prod": topics}))


def _keys(text: str) -> list[Any]:
    from provisioner.reconcile.model import Key

    return [Key("topic", text), Key("topic", text + "2")]


def harmless(text: str) -> None:
    """No word outside of code means anything, and no line begins as a quick action."""
    active = [word for word in shown(text) if ACTIVE.search(word)]
    assert active == []
    for line in text.split("\n"):
        assert line.isprintable()
        assert not line.lstrip().startswith("/")
    assert text.count("\n<details>") == text.count("\n</details>")


@pytest.mark.parametrize("text", NASTY)
def test_nothing_of_what_attackers_write_does_anything(text: str) -> None:
    """In every place of a note that has words of others."""
    harmless(hostile(text))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXT)
def test_no_text_at_all_does_anything(text: str) -> None:
    """Whatever it is made of."""
    harmless(hostile(text))


@settings(max_examples=500, deadline=None)
@given(TEXT)
def test_code_shows_the_text_and_nothing_else(text: str) -> None:
    """As one piece, but for what would move a cursor."""
    made = f"a {markdown.code(text)} b"
    found = [token.content for token in tokens(made) if token.type == "code_inline"]
    if text.strip():
        assert len(found) == 1
        assert [token.content for token in tokens(made) if token.type == "text"] == ["a ", " b"]


@settings(max_examples=500, deadline=None)
@given(TEXT)
def test_a_sentence_keeps_its_words(text: str) -> None:
    """None is lost, and none stands outside of code that means something."""
    text = text[: markdown.WIDEST]
    made = markdown.prose(text, 10_000)
    assert not [word for word in shown(f"- {made}") if ACTIVE.search(word)]
    kept = "".join(token.content for token in tokens(f"- {made}") if token.type in ("text", "code_inline"))
    assert (
        re.sub(r"[\s`]", "", kept).replace("→", "->") == re.sub(r"[\s`]", "", markdown.line(text)).replace("→", "->")
        or not text.strip()
    )


@pytest.mark.parametrize("mention", ["@a_b", "@_a_", "@a-_b_", "@x/y_z", "@jo @a_"])
def test_a_mention_is_shown_as_it_is(mention: str) -> None:
    """No underscore of it becomes emphasis."""
    made = " ".join(map(markdown.mention, mention.split()))
    assert "".join(token.content for token in tokens(f"- **x** {made}") if token.type == "text") == f"x {mention}"
