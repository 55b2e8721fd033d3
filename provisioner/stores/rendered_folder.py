"""A folder that `render --out` wrote, whatever version did: its files, each whole or an end of the run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from provisioner.errors import ProvisionerError
from provisioner.files import FileFault, Root

MOST_FILES = 200_000
MOST_BYTES = 64 * 1024 * 1024
MOST_IN_ALL = 2 * 1024 * 1024 * 1024
DEEPEST = 8
_UNFIT = "name a folder that `provisioner render --out` wrote, and nothing else in it"


def files(folder: Path, suffixes: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Name below the folder and bytes of each file, in order; hidden ones (manifests, locks) are left out.

    Raises ProvisionerError for a link, for what is no regular file or has none of these endings, and above the bounds.
    """
    root, total = Root(folder), 0
    try:
        for number, name in enumerate(_names(root, ".", 0)):
            if not name.endswith(tuple(suffixes)):
                raise _fault(folder / name, f"it ends with none of {', '.join(suffixes)}")
            raw = root.read(name, MOST_BYTES)
            total += len(raw)
            if number >= MOST_FILES or total > MOST_IN_ALL:
                raise _fault(folder, f"it has more than {MOST_FILES:,} files, or 2 GiB")
            yield name, raw
    except FileFault as fault:
        raise _fault(Path(fault.path.removesuffix("/*")), fault.reason) from None


def _names(root: Root, folder: str, depth: int) -> Iterator[str]:
    """Of what has an ending that a rendered file has, or is no folder."""
    if depth > DEEPEST:
        raise _fault(root.path / folder, f"it lies more than {DEEPEST} folders deep")
    for name in root.names(folder):
        path = name if folder == "." else f"{folder}/{name}"
        if not name.startswith("."):
            yield from _names(root, path, depth + 1) if root.is_folder(path) else [path]


def _fault(path: Path, reason: str) -> ProvisionerError:
    return ProvisionerError(f"{path} cannot be compared: {reason}", _UNFIT)
