"""What `compare --report json=FILE` wrote, read for a note: a merge request made it, so it is trusted in nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from provisioner.report import comparison, markdown
from provisioner.report.note_fit import Entry, Section

MAX_BYTES = 64 * 1024 * 1024
HEADING = "### A new version\n"
MOST = 2 * comparison.MOST_TEMPLATES
_WHERE = "the job that compared has them all"
_NOTHING = "it compared nothing: see the log of its job"


class _Document(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Example(_Document):
    """One change of one alert or dashboard."""

    field: str
    name: str
    cluster: str
    diff: Annotated[list[str], Field(max_length=comparison.MOST_LINES + 1)]


class Template(_Document):
    """What differs of one template."""

    template: str
    examples: Annotated[list[Example], Field(max_length=comparison.MOST_EXAMPLES)]


class Comparison(_Document):
    """The whole file."""

    format_version: int
    differs: bool
    left_out: int
    lines: Annotated[list[str], Field(min_length=1, max_length=comparison.MOST_TEMPLATES)]
    templates: Annotated[list[Template], Field(max_length=comparison.MOST_TEMPLATES)]


@dataclass(frozen=True, slots=True)
class NewVersion:
    """What a new version changes; `why`: of a comparison that is none, the reason."""

    why: str = ""
    lines: Sequence[str] = ()
    templates: Sequence[Template] = field(default_factory=tuple)


def parsed(raw: bytes) -> NewVersion:
    """The comparison, or why it is none."""
    if not raw.strip():
        return NewVersion(_NOTHING)
    try:
        document = Comparison.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        return NewVersion(f"its file cannot be used: {where}: {first['msg']}")
    if document.format_version != comparison.FORMAT_VERSION:
        said, read = document.format_version, comparison.FORMAT_VERSION
        return NewVersion(f"its file is of version {said}, and this program reads version {read}")
    more = [f"and {document.left_out} more templates"] if document.left_out > 0 else []
    return NewVersion(lines=[*document.lines, *more], templates=document.templates)


def section(version: NewVersion | None) -> Section:
    """A line a template; below them, folded, an example of each change."""
    entries = list(_entries(version)) if version else []
    return Section(HEADING, entries, ("line is", "lines are"), MOST, _WHERE)


def _entries(version: NewVersion) -> Iterator[Entry]:
    if version.why:
        yield Entry(f"- not compared with the version before: {markdown.prose(version.why)}")
    yield from (Entry(f"- {markdown.prose(line)}") for line in version.lines)
    for template in version.templates:
        if template.examples:
            summary = f"{markdown.summary_code(template.template)}: an example of each change"
            yield Entry("\n" + markdown.details(summary, _rows(template.examples)))


def _rows(examples: Sequence[Example]) -> Iterator[str]:
    for each in examples:
        yield f"  {each.field} of {each.name}{f' on {each.cluster}' if each.cluster else ''}"
        yield from (row if row.startswith(("- ", "+ ")) else f"  {row}" for row in each.diff)
