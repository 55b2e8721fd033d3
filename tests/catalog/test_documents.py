"""YAML text -> data with places, and everything that YAML would do in silence as a problem."""

from __future__ import annotations

import pytest

from provisioner.catalog.documents import MAX_DEPTH, parse
from tests.pace import within


def told(raw: bytes) -> list[tuple[int, int, str]]:
    return [(p.span.line, p.span.column, p.check) for p in parse("x.yaml", raw)[1]]


def test_values_keep_their_types_and_places() -> None:
    """Text, whole numbers, fractions and switches come out as such, each with line and column."""
    document, problems = parse("x.yaml", b'a: 1\nb: {c: [x, 2.5, true, "yes"]}\n')
    assert problems == []
    assert document.data == {"a": 1, "b": {"c": ["x", 2.5, True, "yes"]}}
    assert (document.span(("b", "c", 3)).line, document.span(("b", "c", 3)).column) == (2, 23)
    assert document.key_span(("b", "c")).column == 5


@pytest.mark.parametrize("mark", ["", "\ufeff", "\ufeff\ufeff"])
def test_places_are_counted_in_characters_of_their_line(mark: str) -> None:
    """Behind signs of several bytes, behind lines that end in CRLF, and without byte order marks."""
    document, _ = parse("x.yaml", f"{mark}a: é\r\nü: [x, 'é\n  z', yz]\r\n".encode())
    spans = [document.key_span(("ü",)), *(document.span(("ü", index)) for index in range(3))]
    assert [(span.line, span.column, span.width) for span in spans] == [(2, 1, 1), (2, 5, 1), (2, 8, 1), (3, 7, 2)]


def test_the_place_of_something_missing_is_the_closest_around_it() -> None:
    """A field that is not there is pointed at where it would stand."""
    document, _ = parse("x.yaml", b"a:\n  b: 1\n")
    assert document.span(("a", "nope", "deeper")) == document.span(("a",))


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "No",
        "off",
        "True",
        "y",
        "017",
        "0x1F",
        "0o17",
        "12:30",
        "1:2:3",
        "2026-01-01",
        "1_000",
        "1e3",
        ".5",
        "1.",
        ".inf",
    ],
)
def test_what_yaml_would_guess_must_be_quoted(text: str) -> None:
    """A plain word that some YAML reader takes for something else is a problem at its own place."""
    assert told(f"a: {text}\n".encode()) == [(1, 4, "yaml/unquoted")]
    assert told(f'a: "{text}"\n'.encode()) == []


@pytest.mark.parametrize(
    "text", ["orders.v1", "3d", "10m", "512MiB", "-1", "0.5", "true", "nope", "-x", "+x", "1.2.3", "none"]
)
def test_ordinary_words_need_no_quotes(text: str) -> None:
    """Names, durations, sizes and numbers are written plainly."""
    assert told(f"a: {text}\n".encode()) == []


@pytest.mark.parametrize("raw", [b"a:\n", b"a: ~\n", b"a: null\n", b"chat: #room\n", b"{a: delete,compact}\n"])
def test_an_empty_value_is_a_problem(raw: bytes) -> None:
    """Also where it is the rest of a comment or of a comma that was meant as text."""
    assert [check for _, _, check in told(raw)] == ["yaml/empty-value"]


@pytest.mark.parametrize(
    ("raw", "check"),
    [
        (b"a: 1\na: 2\n", "yaml/duplicate-key"),
        (b"a: &x 1\n", "yaml/alias"),
        (b"a: *x\n", "yaml/alias"),
        (b"<<: {a: 1}\n", "yaml/alias"),
        (b"a: !!str 1\n", "yaml/tag"),
        (b"a: !python/object:os.system x\n", "yaml/tag"),
        (b"a: 1\n---\nb: 1\n", "yaml/documents"),
        (b"? [a]\n: 1\n", "yaml/key"),
        (b"a: [1,\n", "yaml/syntax"),
        (b"a:\n\t- b\n", "yaml/syntax"),
        (b"a: \x00\n", "yaml/syntax"),
        (b"a: \xff\n", "yaml/encoding"),
    ],
)
def test_what_would_be_silent_or_unsafe_is_refused(raw: bytes, check: str) -> None:
    """Doubles, aliases, tags, several documents, bad bytes: each has a name and a place."""
    assert [name for _, _, name in told(raw)] == [check]


def test_every_problem_of_a_file_is_reported() -> None:
    """One bad line does not hide the next."""
    assert [line for line, _, _ in told(b"a: yes\nb: 017\nb: 2\nc:\n")] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 30_000,
        b"{a: " * 30_000,
        b"a: [" + b"1, " * 400_000 + b"1]",
        b"a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n" + b"d: [*c, *c]\n" * 50,
        b"- " * 30_000,
    ],
    ids=["brackets", "braces", "many values", "billion laughs", "nested lists"],
)
def test_a_hostile_file_ends_soon_in_a_problem(raw: bytes) -> None:
    """No crash, no hang: a clear problem (the bound here is twenty times what it takes)."""
    with within(5):
        assert parse("x.yaml", raw)[1]


def test_the_depth_that_is_allowed_is_read() -> None:
    """The limit itself is no problem."""
    depth = MAX_DEPTH - 1
    assert parse("x.yaml", b"a: " + b"[" * depth + b"]" * depth)[1] == []


@pytest.mark.parametrize("character", ["\r", "\x85", "\u2028", "\u2029"])
def test_a_line_break_that_a_review_does_not_show_is_a_problem(character: str) -> None:
    """Behind it a comment would end unseen, and every place would be off by a line."""
    assert told(f"a: 1\n# fine{character}b: 2\n".encode()) == [(2, 7, "yaml/syntax")]
    assert told(b"a: 1\r\nb: 2\r\n") == []


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_byte_that_is_no_utf_8_is_pointed_at(mark: bytes) -> None:
    """By the character before it, not by bytes, with and without a byte order mark."""
    (problem,) = parse("x.yaml", mark + "a: 1\nb: 注文".encode() + b"\xff\n")[1]
    assert (problem.span.line, problem.span.column) == (2, 6)
    assert "0xff" in problem.message
