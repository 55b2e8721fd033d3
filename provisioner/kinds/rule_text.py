"""Rules as the YAML that only we write, fast both ways: ten thousand topics are read and written on every run.

One way to spell each text, so that what was read can be proven by writing it again: nothing here is trusted to
understand YAML that somebody else wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from provisioner.kinds.alert_set import Rule
from provisioner.kinds.compact_names import TARGET

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*(?: [A-Za-z0-9_./-]+)*|(?:[0-9]+[smhdwy])+")
_GUESSED = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_ESCAPE = re.compile(r'\\(?:x(..)|u(....)|U(........)|(["\\]))')
RULE, _PART, _ENTRY, _IN_ENTRY = "  - ", "    ", "      ", "        "
"""What a rule, one of its parts, a label or annotation, and a line inside one begin with."""
_HEAD = re.compile(r"^- name: (.*)\n(?:  interval: (.*)\n)?  rules:(?: \[\])?\n", re.MULTILINE)
_BEGIN = "groups:\n"
_NAME = "([A-Za-z_][A-Za-z0-9_]*):"
_ONE = "vector(1)"
_LINE = f"{RULE}{{record: {TARGET}, expr: '{_ONE}', labels: {{"
"""A constant series of what is looked after: of ten thousand topics there are twenty thousand, a line each."""
_LABEL = re.compile(rf"""{_NAME} ("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^,'"]*)(?:, |$)""")
_PARTS = re.compile(
    rf"{re.escape(_LINE)}(.*)}}}}\n"
    rf"|({RULE}|{_PART}){_NAME}(?: (\|-?)\n((?:{_ENTRY}.*\n|\n)*+)|(?: (.*))?\n)"
    rf"|{_ENTRY}{_NAME} (?:(\|-?)\n((?:{_IN_ENTRY}.*\n|\n)*+)|(.*)\n)"
)


class Group(NamedTuple):
    """Rules that are evaluated one after the other. `interval`: how often; empty: as often as Prometheus' others."""

    name: str
    rules: Sequence[Rule]
    interval: str = ""


class NotOursError(ValueError):
    """Not as `written` writes it. It may be YAML all the same."""


def written(groups: Iterable[Group]) -> str:
    """A file of these groups, without the comment above them."""
    return _BEGIN + "".join(map(_group, groups))


def _group(group: Group) -> str:
    parts = [line for rule in group.rules for line in _rule(rule)]
    head = [f"- name: {_scalar(group.name)}", *([f"  interval: {_scalar(group.interval)}"] if group.interval else [])]
    return "\n".join([*head, "  rules:" if parts else "  rules: []", *parts]) + "\n"


def _rule(rule: Rule) -> Iterator[str]:
    if _is_line(rule):
        yield f"{_LINE}{', '.join(f'{_scalar(name)}: {_scalar(text)}' for name, text in rule['labels'].items())}}}}}"
        return
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


def _is_line(rule: Rule) -> bool:
    labels = rule.get("labels")
    return isinstance(labels, dict) and bool(labels) and rule == {"record": TARGET, "expr": _ONE, "labels": labels}


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
    """The groups. Raises NotOursError for whatever `written` would not write so."""
    heads = [*_HEAD.finditer(text)]
    ends = [*(head.start() for head in heads[1:]), len(text)]
    try:
        groups = [
            Group(_plain(head[1]), _rules(_PARTS.findall(text, head.end(), end)), _plain(head[2] or ""))
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
    for line, begin, key, mark, block, value, name, mark_of_entry, block_of_entry, text in parts:
        if line:
            labels = {label: _plain(said) for label, said in _LABEL.findall(line)}
            rules.append({"record": TARGET, "expr": _ONE, "labels": labels})
            continue
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
