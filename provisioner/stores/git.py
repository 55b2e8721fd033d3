"""Files at another commit, and which commit came first. No working tree is touched."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import NamedTuple

from provisioner.catalog.documents import MAX_BYTES
from provisioner.catalog.folder import MAX_FILES, MAX_TOTAL_BYTES
from provisioner.errors import UsageError
from provisioner.printable import cut
from provisioner.stores.closed_git import answer, lexical, run, top

REGULAR, LINK = (b"100644", b"100755"), b"120000"
KINDS = (".yaml", ".yml", ".json")
NOWHERE, MOST_HOLE = ".nowhere", 1 << 40
_COMMIT = re.compile(r"[0-9a-f]{40,64}")
_PARTIAL = "fetch the whole history and all files: a clone without --depth and --filter"


class Blob(NamedTuple):
    """A file of a commit: its path in the repository, its object, its size in bytes; or a link."""

    path: str
    object: str
    size: int
    is_link: bool = False

    @property
    def is_readable(self) -> bool:
        """True for what a reader of declarations takes."""
        return not self.is_link and self.size <= MAX_BYTES


def commit(folder: Path, ref: str) -> str:
    """The full id of the commit that `ref` names. Raises UsageError in words for people."""
    if found := answer(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}"):
        return found
    shown = cut(ref)
    if shutil.which("git") is None:
        raise UsageError(f"--base {shown}: git is not installed", "install git, or run without --base")
    if top(folder) is None:
        raise UsageError(f"--base {shown}: {folder} lies in no git repository", "run it in a clone, or without --base")
    if answer(folder, "rev-parse", "--is-shallow-repository") == "true":
        raise UsageError(
            f"--base {shown} is not in this shallow clone", 'fetch the whole history: GIT_DEPTH: "0" in GitLab'
        )
    raise UsageError(f"--base {shown}: git knows no such commit", "fetch it first, or correct the name")


def head(folder: Path) -> str | None:
    """The commit that is checked out; None outside a repository."""
    return answer(folder, "rev-parse", "--verify", "--quiet", "HEAD")


def email(folder: Path) -> str | None:
    """The address that git would write into a commit of this user here, if it was given one."""
    return answer(folder, "config", "--get", "user.email") or None


def is_committed(folder: Path) -> bool:
    """True if the folder's files are those of the checked-out commit."""
    return answer(folder, "status", "--porcelain", "--ignore-submodules=all", "--", _prefix(folder) or ".") == ""


def is_ancestor(folder: Path, old: str, new: str) -> bool | None:
    """True if `old` is `new` or lies behind it; None where git does not know one of them, or cannot tell."""
    if not (_COMMIT.fullmatch(old) and _COMMIT.fullmatch(new)):
        return None
    done = run(folder, "merge-base", "--is-ancestor", old, new)
    if done is None or done.returncode not in (0, 1):
        return None
    # Where the history is cut off, "no" may only mean that the way back is not here.
    if done.returncode and answer(folder, "rev-parse", "--is-shallow-repository") == "true":
        return None
    return done.returncode == 0


def shared(folder: Path, commits: Sequence[str]) -> str | None:
    """The last commit that lies behind all of these, or is one of them; None where they share none."""
    return answer(folder, "merge-base", "--octopus", *commits) if all(map(_COMMIT.fullmatch, commits)) else None


def first_parents(folder: Path, old: str | None, new: str, most: int) -> list[str]:
    """The commits of the branch itself behind `new` that are not behind `old` (None: `new` alone), newest first."""
    if not _COMMIT.fullmatch(new) or not (old is None or _COMMIT.fullmatch(old)):
        return []
    span = [f"--max-count={most if old else 1}", new, *([f"^{old}"] if old else [])]
    return (answer(folder, "rev-list", "--first-parent", *span, "--") or "").split()


@contextmanager
def checked_out(at: str, folders: Sequence[Path]) -> Iterator[list[Path]]:
    """The declarations and templates of these folders as they were at a commit, as copies for as long as the block.

    What is neither YAML nor JSON is left out. A link leads nowhere, and a file that is too large is as large and has
    nothing in it: whoever reads them says the same of them as of the originals. Raises UsageError where the clone lacks
    files.
    """
    with TemporaryDirectory(prefix="provisioner-base-") as scratch:
        yield [_copied(at, folder, Path(scratch) / str(number)) for number, folder in enumerate(folders)]


def _copied(at: str, folder: Path, target: Path) -> Path:
    target.mkdir()
    prefix = _prefix(folder)
    if prefix is None:
        return target
    blobs = _listed(folder, at, prefix)
    readable = [blob for blob in blobs if blob.is_readable]
    for blob, content in zip(readable, _contents(folder, readable), strict=True):
        _place(blob, prefix, target).write_bytes(content)
    for blob in blobs:
        if not blob.is_readable:
            _stand_in(blob, _place(blob, prefix, target))
    return target


def _place(blob: Blob, prefix: str, target: Path) -> Path:
    path = target / PurePosixPath(blob.path).relative_to(prefix or ".")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _stand_in(blob: Blob, path: Path) -> None:
    """Of what nobody reads: a link that leads nowhere, or to the folder that it is in; a file that is one hole."""
    if blob.is_link:
        path.symlink_to(NOWHERE if path.suffix in KINDS else ".")
        return
    with path.open("wb") as file:
        file.truncate(min(blob.size, MOST_HOLE))


def _prefix(folder: Path) -> str | None:
    """The folder's path inside its repository; it need not exist any more."""
    above = top(folder)
    if above is None:
        return None
    path = lexical(folder).relative_to(above).as_posix()
    return "" if path == "." else path


def _listed(folder: Path, at: str, prefix: str) -> list[Blob]:
    """Every declaration, template and link below the prefix."""
    done = run(folder, "ls-tree", "-r", "-l", "-z", "--full-tree", at, "--", prefix or ".")
    if done is None or done.returncode:
        raise UsageError(f"the files of the base {at[:12]} cannot be listed", _PARTIAL)
    rows = [row.split(b"\t", 1) for row in done.stdout.split(b"\0") if row]
    blobs = [blob for entry, path in rows if (blob := _blob(entry, path))]
    if len(blobs) > MAX_FILES or sum(blob.size for blob in blobs if blob.is_readable) > MAX_TOTAL_BYTES:
        raise UsageError(f"the base {at[:12]} has more files in {folder} than can be", "name another folder or base")
    return blobs


def _blob(entry: bytes, path: bytes) -> Blob | None:
    mode, _, name, size = entry.split()
    text = path.decode("utf-8", errors="surrogateescape")
    if not _is_below(text):
        return None
    if mode == LINK:
        return Blob(text, name.decode(), 0, is_link=True)
    if mode not in REGULAR or PurePosixPath(text).suffix not in KINDS:
        return None
    # BAD: the object is not in this clone; `_contents` says so.
    return Blob(text, name.decode(), int(size) if size.isdigit() else 0)


def _is_below(path: str) -> bool:
    """A tree made by hand can hold any name; ours must not climb out of the folder of copies."""
    parts = path.split("/")
    return all(part not in ("", ".", "..") and part.lower() != ".git" for part in parts)


def _contents(folder: Path, blobs: Sequence[Blob]) -> Iterator[bytes]:
    """Each blob's bytes, in order; all in one process."""
    if not blobs:
        return
    done = run(folder, "cat-file", "--batch", stdin="\n".join(blob.object for blob in blobs).encode() + b"\n")
    out, at = done.stdout if done else b"", 0
    for blob in blobs:
        end = out.find(b"\n", at)
        words = out[at:end].split()
        if len(words) != 3 or not words[2].isdigit():
            raise UsageError(f"{blob.path} of the base is not in this clone", _PARTIAL)
        size = int(words[2])
        yield out[end + 1 : end + 1 + size]
        at = end + 2 + size
