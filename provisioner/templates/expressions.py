"""One expression: Jinja2's expression language in a sandbox without statements, globals and calls.

A template comes from a merge request and is rendered beside credentials, so it gets names, filters and operators of
bounded cost, and nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Any

from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.parser import Parser
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from provisioner.catalog.schema import did_you_mean
from provisioner.templates.budget import tick
from provisioner.templates.characters import REMEDY, strange
from provisioner.templates.filters import FILTERS
from provisioner.templates.values import MAX_ITEMS, MAX_TEXT, RefusedValueError, text_of

MAX_LENGTH = 2_000
MAX_DEPTH = 50
"""Python needs ten seconds to compile three hundred filters in a row."""
MAX_REPEATED = 10_000

Evaluation = Callable[[Mapping[str, Any]], Any]
FAULTS = (Exception,)
"""What evaluating or compiling somebody's expression may raise: it is their program, so anything."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with an expression, and what to do."""

    message: str
    hint: str = ""


class _Unknown(StrictUndefined):
    """An unknown name says what would have been known."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        if self._undefined_hint:
            return self._undefined_hint
        name = str(self._undefined_name)
        if self._undefined_obj is missing:
            return f"there is no {name!r} here"
        known = [word for word in dir(self._undefined_obj) if not word.startswith("_")]
        near = did_you_mean(name, known)
        return f"{type(self._undefined_obj).__name__.lower()} has no {name!r}" + (f", {near}" if near else "")


class _Code(CodeGenerator):
    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802 -- Jinja's own name
        """`~` joins texts and numbers; Jinja's own would spell a method or a map as Python does."""
        self.write("environment.concatenated((")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")


_SAFE: dict[tuple[type, str], bool] = {}


class _Sandbox(ImmutableSandboxedEnvironment):
    code_generator_class = _Code
    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """What Jinja says of it depends on the type alone, and takes it longer than all else here."""
        key = (type(obj), attr)
        if (known := _SAFE.get(key)) is None:
            known = _SAFE[key] = super().is_safe_attribute(obj, attr, value)
        return known

    def is_safe_callable(self, obj: Any) -> bool:
        """Nothing is called; `_refused` says so before anything is evaluated."""
        return False

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Repeating and formatting text, and powers, could fill the memory in ten characters."""
        tick()
        if operator == "*":
            _refuse_repeating(left, right)
            _refuse_repeating(right, left)
        if operator == "+":
            _refuse_joining(left, right)
        if operator == "**" or (operator == "%" and isinstance(left, str)):
            raise RefusedValueError(f"{operator} is not for use here")
        return super().call_binop(context, operator, left, right)

    def concatenated(self, parts: Sequence[Any]) -> str:
        """What `~` gives."""
        return "".join(map(text_of, parts))


def _refuse_repeating(value: Any, count: Any) -> None:
    """A list of a repeated list of a repeated list takes no memory, and for ever to look at."""
    if isinstance(value, (list, tuple)):
        raise RefusedValueError("a list cannot be repeated")
    if isinstance(value, str) and isinstance(count, int) and len(value) * count > MAX_REPEATED:
        raise RefusedValueError(f"repeated to more than {MAX_REPEATED:,}")


def _refuse_joining(left: Any, right: Any) -> None:
    """Sums of sums of one long text double it with each bracket."""
    for kind, most in ((str, MAX_TEXT), ((list, tuple), MAX_ITEMS)):
        if isinstance(left, kind) and isinstance(right, kind) and len(left) + len(right) > most:
            raise RefusedValueError(f"joined to more than {most:,}")


def _ticking(used: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(used)
    def ticking(*arguments: Any, **named: Any) -> Any:
        tick()
        return used(*arguments, **named)

    return ticking


def _sandbox() -> _Sandbox:
    # Folding constants would evaluate while it compiles, and takes a minute for thirty filters in one another.
    made = _Sandbox(undefined=_Unknown, variable_start_string="<<", variable_end_string=">>", optimized=False)
    made.globals.clear()
    made.filters.clear()
    made.filters.update({name: _ticking(used) for name, used in FILTERS.items()})
    return made


_SANDBOX = _sandbox()


def wrong(source: str) -> Fault | None:
    """Why this is no expression that may be used; None where it is one. Nothing is evaluated."""
    if len(source) > MAX_LENGTH:
        return Fault(f"an expression of more than {MAX_LENGTH:,} characters", "say it in parts")
    try:
        tree = _parsed(source)
        return _refused(tree) or _uncompilable(source)
    except FAULTS as fault:
        return Fault(
            _said(fault), "an expression is names, operators and `| filters`, such as << topic.name | upper >>"
        )


def _parsed(source: str) -> nodes.Expr:
    parser = Parser(_SANDBOX, source, state="variable")
    tree = parser.parse_expression()
    if not parser.stream.eos:
        raise SyntaxError(f"nothing may follow here: {parser.stream.current.value!r}")
    return tree


def _refused(tree: nodes.Expr) -> Fault | None:
    if _deeper_than(MAX_DEPTH, tree):
        return Fault(f"it is nested more than {MAX_DEPTH} levels deep", "say it in parts")
    everything = [tree, *tree.find_all(nodes.Expr)]
    if any(isinstance(node, nodes.Call) for node in everything):
        return Fault("an expression cannot call anything", f"use a filter: {', '.join(FILTERS)}")
    return next(filter(None, map(_refused_node, everything)), None)


def _refused_node(node: nodes.Node) -> Fault | None:
    if isinstance(node, nodes.Filter) and node.name not in FILTERS:
        hint = did_you_mean(node.name, FILTERS) or f"known: {', '.join(FILTERS)}"
        return Fault(f"there is no filter {node.name!r}", hint)
    return _refused_constant(node.value) if isinstance(node, nodes.Const) else None


def _refused_constant(value: Any) -> Fault | None:
    """Python has no word for numbers without end, and no file of ours can hold half a character."""
    if isinstance(value, float) and not math.isfinite(value):
        return Fault("a number too large for a document", "write a smaller one")
    why = strange(value) if isinstance(value, str) else None
    return Fault(why, REMEDY) if why else None


def _deeper_than(depth: int, tree: nodes.Node) -> bool:
    level: list[nodes.Node] = [tree]
    for _ in range(depth):
        level = [child for node in level for child in node.iter_child_nodes()]
    return bool(level)


def _uncompilable(source: str) -> Fault | None:
    compiled(source)
    return None


@lru_cache(maxsize=1024)
def compiled(source: str) -> Evaluation:
    """The expression as a function of its names. Raises one of FAULTS if it cannot be compiled."""
    return _SANDBOX.compile_expression(source, undefined_to_none=False)


def compiled_together(sources: Sequence[str]) -> Evaluation:
    """All expressions as one that gives a list: eight times as fast as one by one."""
    return compiled("[" + ",".join(f"({source})" for source in sources) + "]")


def fault_of(error: BaseException) -> Fault:
    """What an evaluation raised, in words."""
    return Fault(_said(error), "docs/templates.md lists what a template can use" if _is_unknown(error) else "")


def _is_unknown(error: BaseException) -> bool:
    return isinstance(error, TemplateError)


def _said(error: BaseException) -> str:
    text = error.message if isinstance(error, TemplateError) else str(error)
    known = {"RecursionError": "it is nested too deeply", "MemoryError": "it is too large"}
    return known.get(type(error).__name__) or str(text or type(error).__name__).replace("provisioner.", "")
