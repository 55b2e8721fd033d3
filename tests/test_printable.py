"""What is printed cannot move the cursor, hide, reorder or forge a line."""

from __future__ import annotations

import pytest

from provisioner import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, ümlaut, 日本, 🙂", "plain, ümlaut, 日本, 🙂"),
        ("x\r\x1b[2K\nPlan: 0 to create", "x\\r\\x1b[2K\\nPlan: 0 to create"),
        ("\x9b8m\x85\u2028", "\\x9b8m\\x85\\u2028"),
        ("a\u202eb\u2066\udc80", "a\\u202eb\\u2066\\udc80"),
        ("tab\there", "tab\\there"),
    ],
)
def test_what_acts_on_a_terminal_is_spelled_out(text: str, shown: str) -> None:
    assert printable.line(text) == shown


def test_a_value_with_a_line_break_stays_on_its_line_of_a_report() -> None:
    assert printable.lines(["a", "b\nPlan: forged"]) == "a\nb\\nPlan: forged"


def test_later_lines_of_a_block_do_not_look_like_ours() -> None:
    assert printable.block("one\nerror: two") == "one\n  | error: two"


def test_a_long_value_is_cut() -> None:
    assert printable.cut("x" * 300) == "x" * 197 + "..."
