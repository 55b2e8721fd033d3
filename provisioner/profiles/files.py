"""Profiles are data: a YAML file each, beside this module, checked as strictly as everything else people write."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from provisioner.catalog.declared_values import Strict
from provisioner.catalog.documents import Document, parse
from provisioner.catalog.quoting import quoted
from provisioner.catalog.schema import did_you_mean, validated
from provisioner.errors import InputError
from provisioner.problem import Problem
from provisioner.profiles.metric import GROUP, PARTITION, SHAPES, TOPIC, Difference, Series
from provisioner.profiles.profile import Profile

FOLDER = Path(__file__).parent
NAMES: tuple[str, ...] = tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))
"""The profiles that a cluster may name."""

LONGEST = 200
"""Characters of a name of a metric or a label: each rule and panel repeats it."""

MOST_METRICS = 50
"""More than there are meanings, so that each slip is told."""

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r"(?!__)[a-zA-Z_][a-zA-Z0-9_]*")
_CALLED = re.compile(r"[a-zA-Z0-9_-]{1,60}")
_DIFFERENCE = re.compile(r"(\w+) - (\w+)")


class _Labels(Strict):
    topic: str
    partition: str
    group: str


class _ProfileFile(Strict):
    name: str
    summary: str = Field(min_length=1)
    known_from: Literal["run", "documents"]
    labels: _Labels
    metrics: dict[str, str] = Field(max_length=MOST_METRICS)


@cache
def named(name: str) -> Profile:
    """A shipped profile. Raises InputError if its file is wrong, KeyError if there is none of that name."""
    if name not in NAMES:
        raise KeyError(name)
    path, raw = _read(name)
    profile, problems = parsed(path, raw)
    if profile is None or problems:
        raise InputError(problems, {path: raw.decode(errors="replace")})
    return profile


def _read(name: str) -> tuple[str, bytes]:
    path = FOLDER / f"{name}.yaml"
    return str(path), path.read_bytes()


def parsed(path: str, raw: bytes) -> tuple[Profile | None, list[Problem]]:
    """A profile from the bytes of its file, or None and everything that is wrong with it."""
    document, problems = parse(path, raw)
    written, wrong = validated(_ProfileFile, document, (), document.data)
    problems += wrong
    if written is None:
        return None, problems
    problems += _wrong_names(written, document, Path(path).stem)
    return (None if problems else _profile(written)), problems


def _wrong_names(written: _ProfileFile, document: Document, stem: str) -> Iterator[Problem]:
    place = document.span(("name",))
    if not _CALLED.fullmatch(stem):
        yield Problem("profile", "the file's name is none for a profile", place, "up to 60 letters, digits, _ and -")
    elif written.name != stem:
        hint = f"name: {stem}, so that a profile is found by its name"
        yield Problem("profile", f"{quoted(written.name)} is not the file's name", place, hint)
    yield from _wrong_metrics(written, document)
    yield from _wrong_labels(written, document)


def _wrong_metrics(written: _ProfileFile, document: Document) -> Iterator[Problem]:
    for meaning, text in written.metrics.items():
        place, key = document.span(("metrics", meaning)), document.key_span(("metrics", meaning))
        parts = _DIFFERENCE.fullmatch(text)
        if meaning not in SHAPES:
            hint = did_you_mean(meaning, SHAPES) or f"known: {', '.join(SHAPES)}"
            yield Problem("profile", f"there is no metric {quoted(meaning)}", key, hint)
        elif parts and not _subtractable(written, parts[1], parts[2]):
            hint = "subtract a metric of groups from one of partitions, such as log_end - lag, both named here"
            yield Problem("profile", f"{quoted(text)} cannot be computed from this profile's metrics", place, hint)
        elif not parts and not _fits(_NAME, text):
            yield Problem("profile", f"{quoted(text)} is no metric name", place, "write a name, or `log_end - lag`")


def _wrong_labels(written: _ProfileFile, document: Document) -> Iterator[Problem]:
    known: dict[str, str] = {}
    for meaning, label in written.labels.model_dump().items():
        place = document.span(("labels", meaning))
        if not _fits(_LABEL, label):
            yield Problem("profile", f"{quoted(label)} is no label name", place, "write letters, digits and _")
        elif (other := known.setdefault(label, meaning)) != meaning:
            message = f"{quoted(label)} is the label of the {other} already"
            yield Problem("profile", message, place, "each of topic, partition and group has a label of its own")
        elif (meaning, label) == ("group", "topic"):
            message = "'topic' is the label of alerts that names the topic: the group's would replace it"
            yield Problem("profile", message, place, "relabel the exporter's series when they are scraped")


def _fits(pattern: re.Pattern[str], name: str) -> bool:
    is_number = name.lower() in ("inf", "nan")
    return len(name) <= LONGEST and not is_number and pattern.fullmatch(name) is not None


def _subtractable(written: _ProfileFile, of: str, less: str) -> bool:
    shapes = [SHAPES.get(name) if _fits(_NAME, written.metrics.get(name, "")) else None for name in (of, less)]
    return shapes == [(TOPIC, PARTITION), (GROUP, TOPIC, PARTITION)]


def _profile(written: _ProfileFile) -> Profile:
    labels = written.labels.model_dump()
    metrics = {meaning: _source(meaning, text, written.metrics, labels) for meaning, text in written.metrics.items()}
    return Profile(written.name, written.summary, labels, metrics, written.known_from == "run")


def _source(meaning: str, text: str, names: Mapping[str, str], labels: Mapping[str, str]) -> Series | Difference:
    if parts := _DIFFERENCE.fullmatch(text):
        of, less = (_series(part, names[part], labels) for part in parts.groups())
        return Difference(of, less)
    return _series(meaning, text, labels)


def _series(meaning: str, name: str, labels: Mapping[str, str]) -> Series:
    shape = SHAPES[meaning]
    return Series(name, shape, tuple(labels[label] for label in shape))
