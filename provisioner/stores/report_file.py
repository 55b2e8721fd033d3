"""A file that the command line names for a result: whole, or as it was; never in the place of a link."""

from __future__ import annotations

from pathlib import Path

from provisioner.files import located


def check(path: Path) -> None:
    """Raises FileFault where nothing can be written."""
    root, name = located(path)
    root.try_put(name)


def write(path: Path, text: str) -> None:
    """The text and a newline. Raises FileFault."""
    root, name = located(path)
    root.put(name, f"{text}\n".encode())
