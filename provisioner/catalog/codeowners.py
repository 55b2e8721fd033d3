"""CODEOWNERS as GitLab reads it: where it lies, how a rule is written, and the block in it that is ours.

GitLab judges each section by itself, and in a section the last rule that fits. So our rules have a section of their
own: what others wrote above is asked for as well, and never overridden.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from provisioner.problem import Span

PLACES = ("CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
"""In the order in which GitLab looks; the first that is there is read, and no other."""

MAX_BYTES = 1024 * 1024
BEGIN, END = "# begin kafka-topic-provisioner", "# end kafka-topic-provisioner"
SECTION = "[Kafka topics]"
_WRITTEN_BY = ": written by `provisioner owners --write`"

_SPECIAL = re.compile(r"([\\ #*?\[\]{}])")
_PATTERN = re.compile(r"(?:\\.|[^\\\s])*")
_HEADING = re.compile(r"\^?\[")


@dataclass(frozen=True, slots=True)
class Rule:
    """Who approves a folder or a file. `path`: from the top of the repository; `span`: where that is written."""

    path: str
    owners: tuple[str, ...]
    span: Span = field(compare=False)

    @property
    def pattern(self) -> str:
        """The path as a pattern that fits nothing else."""
        return "/" + _SPECIAL.sub(r"\\\1", self.path)

    def __str__(self) -> str:
        return " ".join((self.pattern, *self.owners))


@dataclass(frozen=True, slots=True)
class OwnersFile:
    """One CODEOWNERS. `place`: from the repository's top; `name`: as messages have it; `fault`: why it is not read.

    `lines`: of the text, without their ends.
    """

    place: str
    name: str
    text: str = ""
    fault: str = ""
    lines: tuple[str, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lines", tuple(line.removesuffix("\r") for line in self.text.split("\n")))


@dataclass(frozen=True, slots=True)
class Repository:
    """A git work tree that has declarations in it.

    `folder`: the way to them from its top, empty for the top itself; `templates`: likewise those of the user's own
    templates that lie in it; `files`: what is there of CODEOWNERS, in GitLab's order.
    """

    folder: str
    templates: tuple[str, ...] = ()
    files: tuple[OwnersFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """Our lines of a file, by index: that of the mark above them, and that of the mark below."""

    begin: int
    end: int


class MarksError(ValueError):
    """Marks that enclose no one block; the text says which. `line`: of the first one, by index."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def block(lines: Sequence[str]) -> Block | None:
    """Where our block is; None where there is none. Raises MarksError for marks without another, or for several."""
    begins = [index for index, line in enumerate(lines) if _is_mark(line, BEGIN)]
    ends = [index for index, line in enumerate(lines) if _is_mark(line, END)]
    if not begins and not ends:
        return None
    if len(begins) != 1 or len(ends) != 1 or begins > ends:
        counted = f"there are {len(begins)} of the one and {len(ends)} of the other"
        raise MarksError(f"a block is one line `{BEGIN}` and below it one `{END}`; {counted}", min([*begins, *ends]))
    return Block(begins[0], ends[0])


def _is_mark(line: str, mark: str) -> bool:
    return line == mark or line.startswith((f"{mark}:", f"{mark} "))


def written(rules: Sequence[Rule]) -> list[str]:
    """The block, line by line, marks included."""
    return [BEGIN + _WRITTEN_BY, SECTION, *map(str, rules), END]


def is_in_step(file: OwnersFile, rules: Sequence[Rule]) -> bool:
    """True where the block says what these rules say, in their order. Raises MarksError."""
    lines = file.lines
    there = block(lines)
    return there is not None and [*lines[there.begin + 1 : there.end]] == written(rules)[1:-1]


def pattern_of(line: str) -> str:
    """What a rule is about: up to the first blank that is not escaped."""
    match = _PATTERN.match(line)
    return match[0] if match else ""


def spliced(file: OwnersFile, ours: Sequence[str]) -> str:
    """The file with these lines in place of its block, or behind its end. Raises MarksError."""
    ending = "\r\n" if "\r\n" in file.text else "\n"
    lines = file.text.split("\n")
    there = block(file.lines)
    if there is None:
        above = file.text + ending * (bool(file.text) + (file.text[-1:] not in ("", "\n")))
        return above + "".join(line + ending for line in ours)
    last = "\r" if lines[there.end].endswith("\r") else ""
    return "\n".join([*lines[: there.begin], ending.join(ours) + last, *lines[there.end + 1 :]])


def behind(lines: Sequence[str], there: Block) -> int | None:
    """The index of a rule below our block that falls into our section, since no other one begins before it."""
    for index, line in enumerate(lines[there.end + 1 :], there.end + 1):
        if line.strip() and not line.lstrip().startswith("#"):
            return None if _HEADING.match(line.lstrip()) else index
    return None
