"""Who has to approve: CODEOWNERS against the folders of the teams, where a block of it is ours."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from provisioner.catalog import codeowners, owners
from provisioner.catalog.codeowners import Block, MarksError, OwnersFile, Rule
from provisioner.catalog.quoting import quoted
from provisioner.checks.context import Context
from provisioner.problem import Problem, Severity, Span

CHECK = "teams/codeowners"


def in_step(context: Context) -> Iterator[Problem]:
    """GitLab asks whom the file names; whoever is not in it any more, or not yet, approves the wrong thing."""
    repository, declarations = context.repository, context.declarations
    if repository is None or not repository.files or owners.faults(declarations):
        return
    file, *others = repository.files
    todo = f"run `provisioner owners {declarations.folder} --write`, and commit {file.name}"
    if file.fault:
        why = f"the file is not read ({file.fault}); whether it is in step with the teams' folders is not known"
        yield _problem(Span(file.name, 0, 0), why, "put a plain file of at most 1 MiB there")
        return
    yield from _unread(file, others)
    try:
        there = codeowners.block(file.lines)
    except MarksError as error:
        yield _problem(_line(file, error.line), str(error), f"leave one of each, or none; then {todo}")
        return
    if there is not None:
        yield from _behind(file, there)
        yield from _differences(file, there, owners.rules(declarations, repository), todo)


def _problem(span: Span, message: str, hint: str) -> Problem:
    return Problem(CHECK, message, span, hint, Severity.WARNING)


def _line(file: OwnersFile, index: int) -> Span:
    return Span(file.name, index + 1)


def _unread(file: OwnersFile, others: Sequence[OwnersFile]) -> Iterator[Problem]:
    for other in others:
        begin = next((index for index, line in enumerate(other.lines) if line.startswith(codeowners.BEGIN)), None)
        if begin is not None:
            hint = "remove the block here, and write one there: `provisioner owners --write`"
            yield _problem(_line(other, begin), f"GitLab reads {file.name}, and nothing of this file", hint)


def _behind(file: OwnersFile, there: Block) -> Iterator[Problem]:
    index = codeowners.behind(file.lines, there)
    if index is not None:
        message = f"{quoted(file.lines[index], 60)} falls into the section {codeowners.SECTION} above it"
        yield _problem(_line(file, index), message, "write a [section] above it, or move it above our block")


def _differences(file: OwnersFile, there: Block, rules: Sequence[Rule], todo: str) -> Iterator[Problem]:
    """Rule by rule; where all are there and none is too much, the block as a whole."""
    if codeowners.is_in_step(file, rules):
        return
    have = {codeowners.pattern_of(file.lines[index]): index for index in range(there.begin + 2, there.end)}
    known = {rule.pattern for rule in rules}
    found = [*_missing(file, have, rules, todo), *_strange(file, have, known, todo)]
    yield from found or [_problem(_line(file, there.begin), "this block is not as the teams' folders give it", todo)]


def _missing(file: OwnersFile, have: Mapping[str, int], rules: Sequence[Rule], todo: str) -> Iterator[Problem]:
    for rule in rules:
        index = have.get(rule.pattern)
        if index is None:
            yield _problem(rule.span, f"{file.name} names nobody for {quoted(rule.path)}", todo)
        elif file.lines[index] != str(rule):
            message = f"{_line(file, index)} names others for {quoted(rule.path)}: {quoted(file.lines[index], 60)}"
            yield _problem(rule.span, message, todo)


def _strange(file: OwnersFile, have: Mapping[str, int], known: Collection[str], todo: str) -> Iterator[Problem]:
    for pattern, index in have.items():
        if pattern not in known:
            message = f"{quoted(file.lines[index], 60)} is no rule that the teams' folders give"
            yield _problem(_line(file, index), message, todo)
