"""Files at another commit, and the ref that remembers what was applied. Bare git: no working tree is touched."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from provisioner.errors import UsageError

SECONDS = 60
REGULAR = (b"100644", b"100755")


def commit(folder: Path, ref: str) -> str:
    """The full id of the commit that `ref` names. Raises UsageError in words for people."""
    if found := _said(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}"):
        return found
    if _said(folder, "version") is None:
        raise UsageError(f"--base {ref}: git is not installed", "install git, or run without --base")
    if _said(folder, "rev-parse", "--git-dir") is None:
        raise UsageError(f"--base {ref}: {folder} lies in no git repository", "run it in a clone, or without --base")
    if _said(folder, "rev-parse", "--is-shallow-repository") == "true":
        raise UsageError(
            f"--base {ref} is not in this shallow clone", 'fetch the whole history: GIT_DEPTH: "0" in GitLab'
        )
    raise UsageError(f"--base {ref}: git knows no such commit", "fetch it first, or correct the name")


def head(folder: Path) -> str | None:
    """The commit that is checked out; None outside a repository."""
    return _said(folder, "rev-parse", "--verify", "--quiet", "HEAD")


def is_committed(folder: Path) -> bool:
    """True if the folder's files are those of the checked-out commit."""
    return _said(folder, "status", "--porcelain", "--", ".") == ""


def applied_ref(cluster: str) -> str:
    """Where the commit of a cluster's last whole apply is kept."""
    return f"refs/provisioner/{cluster}/applied"


def applied(folder: Path, cluster: str) -> str | None:
    """The commit of the last apply that ended with 0; None if there is none, or its commit is not in this clone."""
    return _said(folder, "rev-parse", "--verify", "--quiet", f"{applied_ref(cluster)}^{{commit}}")


def move_applied(folder: Path, cluster: str, to: str) -> None:
    """Remember a commit as applied. Raises UsageError if git refuses."""
    done = _git(folder, "update-ref", applied_ref(cluster), to)
    if done.returncode:
        raise UsageError(f"{applied_ref(cluster)} cannot be moved: {done.stderr.decode(errors='replace').strip()}")


@contextmanager
def checked_out(at: str, folders: Sequence[Path]) -> Iterator[list[Path]]:
    """The folders as they were at a commit, as copies that live as long as the block; links are left out."""
    with TemporaryDirectory(prefix="provisioner-base-") as scratch:
        yield [_copied(at, folder, Path(scratch) / str(number)) for number, folder in enumerate(folders)]


def _copied(at: str, folder: Path, target: Path) -> Path:
    target.mkdir()
    prefix = _prefix(folder)
    if prefix is None:
        return target
    names = _listed(folder, at, prefix)
    for (name, _), text in zip(names, _contents(folder, [blob for _, blob in names]), strict=True):
        path = target / Path(name).relative_to(prefix or ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
    return target


def _prefix(folder: Path) -> str | None:
    """The folder's path inside its repository; it need not exist any more."""
    here = folder if folder.is_dir() else folder.absolute().parent
    above = _said(here, "rev-parse", "--show-prefix") if here.is_dir() else None
    if above is None:
        return None
    return above if here == folder else f"{above}{folder.name}"


def _listed(folder: Path, at: str, prefix: str) -> list[tuple[str, str]]:
    """(path in the repository, blob) of every regular file below the prefix."""
    done = _git(folder, "ls-tree", "-r", "-z", "--full-tree", at, "--", prefix or ".")
    rows = [row.split(b"\t", 1) for row in done.stdout.split(b"\0") if row]
    return [(_decoded(name), told.split()[2].decode()) for told, name in rows if told.split()[0] in REGULAR]


def _decoded(name: bytes) -> str:
    return name.decode("utf-8", errors="surrogateescape")


def _contents(folder: Path, blobs: Sequence[str]) -> Iterator[bytes]:
    """Each blob's bytes, in order; all in one process."""
    if not blobs:
        return
    out = _git(folder, "cat-file", "--batch", stdin="\n".join(blobs).encode() + b"\n").stdout
    at = 0
    for _ in blobs:
        end = out.index(b"\n", at)
        size = int(out[at:end].split()[2])
        yield out[end + 1 : end + 1 + size]
        at = end + 2 + size


def _said(folder: Path, *arguments: str) -> str | None:
    """What git answered; None where it refused, or is not installed."""
    try:
        done = _git(folder, *arguments)
    except FileNotFoundError:
        return None
    return None if done.returncode else done.stdout.decode(errors="replace").strip()


def _git(folder: Path, *arguments: str, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    where = folder if folder.is_dir() else folder.absolute().parent
    return subprocess.run(  # noqa: S603 -- a fixed command; refs stand behind --end-of-options
        ["git", "-C", str(where), *arguments],  # noqa: S607 -- whichever git the user has
        input=stdin,
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
