"""What a field of a command's options is on the command line: for argparse, and back from what it read."""

from __future__ import annotations

import argparse
from dataclasses import MISSING, field, fields
from typing import Any, TypeVar

T = TypeVar("T")


def add_to(parser: argparse.ArgumentParser, options: type) -> None:
    """Every field as a word, or as an option called like it (`--detailed-exitcode`); without a default it must be."""
    for each in fields(options):
        how: dict[str, Any] = dict(each.metadata)
        words, is_word, flag = how.pop("words", None), how.pop("is_word", False), how.pop("flag", None)
        if each.default is not MISSING:
            how["default"] = each.default
        elif not is_word:
            how["required"] = True
        if flag:
            how["dest"] = each.name
        spelled = each.name if is_word else flag or f"--{each.name.replace('_', '-')}"
        argument = parser.add_argument(spelled, **how)
        # Set afterwards: argparse would look at them at once, and finding them out takes long.
        argument.choices = words or argument.choices


def chosen(options: type[T], arguments: argparse.Namespace) -> T:
    """What the command line says of them."""
    given = {each.name: getattr(arguments, each.name) for each in fields(options)}  # type: ignore[arg-type]
    return options(**given)


def option(text: str, default: Any = None, **how: Any) -> Any:
    """A field that may be left away. `text`: for --help; `how`: as argparse has it, and `words`, `is_word`, `flag`."""
    return field(default=default, metadata={"help": text, **how})


def required(text: str | None, **how: Any) -> Any:
    """A field that has to be there."""
    return field(metadata={"help": text, **how})


def switch(text: str) -> Any:
    """A field that is true where its option is there."""
    return option(text, False, action="store_true")
