"""Rules as the YAML that only we write, fast both ways: ten thousand topics are read and written on every run.

One way to spell each text, so that what was read can be proven by writing it again: nothing here is trusted to
understand YAML that somebody else wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from provisioner.kinds.alert_rules import Rule

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*(?: [A-Za-z0-9_./-]+)*|(?:[0-9]+[smhdwy])+")
_GUESSED = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_ESCAPE = re.compile(r'\\(?:x(..)|u(....)|U(........)|(["\\]))')
RULE, _PART, _ENTRY, _IN_ENTRY = "  - ", "    ", "      ", "        "
"""What a rule, one of its parts, a label or annotation, and a line inside one begin with."""
_HEAD = re.compile(r"^- name: (.*)\n  rules:(?: \[\])?\n", re.MULTILINE)
_BEGIN = "groups:\n"
Group = tuple[str, Sequence[Rule]]
_NAME = "([A-Za-z_][A-Za-z0-9_]*):"
_PARTS = re.compile(
    rf"({RULE}|{_PART}){_NAME}(?: (\|-?)\n((?:{_ENTRY}.*\n|\n)*+)|(?: (.*))?\n)"
    rf"|{_ENTRY}{_NAME} (?:(\|-?)\n((?:{_IN_ENTRY}.*\n|\n)*+)|(.*)\n)"
)


class NotOursError(ValueError):
    """Not as `written` writes it. It may be YAML all the same."""


def written(groups: Iterable[Group]) -> str:
    """A file of these groups, without the comment above them."""
    return _BEGIN + "".join(_group(name, rules) for name, rules in groups)


def _group(name: str, rules: Sequence[Rule]) -> str:
    parts = [line for rule in rules for line in _rule(rule)]
    return "\n".join([f"- name: {_scalar(name)}", "  rules:" if parts else "  rules: []", *parts]) + "\n"


def _rule(rule: Rule) -> Iterator[str]:
    begin = RULE
    for key, value in rule.items():
        if isinstance(value, str):
            yield f"{begin}{_scalar(key)}: {_value(value, _ENTRY)}"
        elif value:
            yield f"{begin}{_scalar(key)}:"
            for name, text in value.items():
                yield f"{_ENTRY}{_scalar(name)}: {_value(text, _IN_ENTRY)}"
        else:
            yield f"{begin}{_scalar(key)}: {{}}"
        begin = _PART


def _value(text: str, indent: str) -> str:
    """The text behind its key: in a block where it has several lines that a block can hold."""
    if "\n" not in text or not _fits_block(text):
        return _scalar(text)
    body = text.removesuffix("\n")
    lines = [indent + line if line else "" for line in body.split("\n")]
    return "\n".join(["|" if body != text else "|-", *lines])


def _fits_block(text: str) -> bool:
    """A block cannot begin with space, keeps one line end at most, and no editor keeps space at the end of a line."""
    spaced = text[0] in " \n" or text.endswith(("\n\n", " ")) or " \n" in text
    return not spaced and text.replace("\n", "").isprintable()


@lru_cache(4096)
def _scalar(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in _GUESSED:
        return text
    if text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(letter: str) -> str:
    if letter in '"\\':
        return "\\" + letter
    code = ord(letter)
    if letter.isprintable():
        return letter
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def read(text: str) -> Sequence[Group]:
    """The groups, each its name and its rules. Raises NotOursError for whatever `written` would not write so."""
    heads = [*_HEAD.finditer(text)]
    ends = [*(head.start() for head in heads[1:]), len(text)]
    try:
        groups = [
            (_plain(head[1]), _rules(_PARTS.findall(text, head.end(), end)))
            for head, end in zip(heads, ends, strict=True)
        ]
    except (IndexError, ValueError, OverflowError) as error:
        raise NotOursError from error
    if not groups or written(groups) != text:
        raise NotOursError
    return groups


def _rules(parts: Iterable[tuple[str, ...]]) -> Sequence[Rule]:
    """What the parts of rules and their entries hold if they are ours; anything at all, or an error, if not."""
    rules: list[dict[str, Any]] = []
    entries: dict[str, str] = {}
    for begin, key, mark, block, value, name, mark_of_entry, block_of_entry, text in parts:
        if name:
            entries[name] = _block(block_of_entry, len(_IN_ENTRY), mark_of_entry) if mark_of_entry else _plain(text)
            continue
        if begin == RULE:
            rules.append({})
        if value in ("", "{}") and not mark:
            rules[-1][key] = entries = {}
        else:
            rules[-1][key] = _block(block, len(_ENTRY), mark) if mark else _plain(value)
    return rules


def _block(lines: str, depth: int, mark: str) -> str:
    text = lines[depth:-1].replace("\n" + " " * depth, "\n")
    return text + "\n" if mark == "|" else text


def _plain(text: str) -> str:
    """The text of a scalar on one line."""
    if text.startswith("'"):
        return text[1:-1].replace("''", "'")
    return _ESCAPE.sub(_character, text[1:-1]) if text.startswith('"') else text


def _character(match: re.Match[str]) -> str:
    return match[4] or chr(int(match[1] or match[2] or match[3], 16))
