"""Files of people, read and written without trust in what stands in their place.

What a merge request can place lies below the working folder, or below a root that was named: there no link is followed
on the way, nothing but a regular file is opened, and nothing waits for a pipe. Only the way to a root may have links
(volumes and secrets are mounted so); one that begins in the working folder must end in it.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class FileFault(Exception):  # noqa: N818 -- a value for callers to word as a problem or as an end of the run
    """Why a file cannot be used. `kind`: link, kind, too-large, missing or unreadable."""

    def __init__(self, path: str | Path, kind: str, reason: str, hint: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path, self.kind, self.reason, self.hint = str(path), kind, reason, hint


@dataclass(frozen=True, slots=True)
class Staged:
    """A whole new file under a hidden name, beside the place that it is for."""

    name: str
    temporary: str


@dataclass(frozen=True, slots=True)
class Root:
    """A folder that is trusted to be where it is; what lies in it is not."""

    path: Path

    def read(self, name: str, limit: int) -> bytes:
        """A file's bytes. Raises FileFault for a link on the way, for no regular file, and above `limit` bytes."""
        with self._folder_of(name) as folder:
            return _content(self._place(name), _last(name), limit, folder)

    def names(self, folder: str = ".") -> list[str]:
        """What lies in the root, or in a folder below it, of whatever kind, in order."""
        with self._folder_of(f"{folder}/*") as handle, _faults(self._place(folder)):
            return sorted(os.listdir(handle))  # noqa: PTH208 -- of a handle, which pathlib knows nothing of

    def is_folder(self, name: str) -> bool:
        """True for a folder; of a link it is no matter where it leads. Raises FileFault for what is not there."""
        with self._folder_of(name) as folder, _faults(self._place(name)):
            return stat.S_ISDIR(os.stat(_last(name), dir_fd=folder, follow_symlinks=False).st_mode)

    def stage(self, name: str, data: bytes, *, synced: bool = True) -> Staged:
        """Write the whole file beside its place; folders on the way are made. Raises FileFault, and leaves nothing."""
        short = f".new-{secrets.token_hex(8)}"
        with self._folder_of(name, make=True) as folder, _faults(self._place(name)):
            try:
                with os.fdopen(os.open(short, _NEW, 0o666, dir_fd=folder), "wb") as file:
                    file.write(data)
                    file.flush()
                    if synced:
                        os.fsync(file.fileno())
            except BaseException:
                _unlinked(short, folder)
                raise
        return Staged(name, name[: len(name) - len(_last(name))] + short)

    def commit(self, staged: Staged) -> None:
        """The new file takes its place, in one step for whoever reads there; a link that stood there is replaced."""
        with self._folder_of(staged.name) as folder, _faults(self._place(staged.name)):
            os.rename(_last(staged.temporary), _last(staged.name), src_dir_fd=folder, dst_dir_fd=folder)

    def discard(self, staged: Staged) -> None:
        """The new file goes again."""
        self.remove(staged.temporary)

    def write(self, name: str, data: bytes, *, synced: bool = True) -> None:
        """The file whole or as it was."""
        self.commit(self.stage(name, data, synced=synced))

    def put(self, name: str, data: bytes) -> None:
        """As `write`, but only in the place of a regular file or of nothing."""
        self._may_put(name)
        self.write(name, data)

    def try_put(self, name: str) -> None:
        """Raises FileFault where `put` cannot write: a new file is begun beside the place, and goes again."""
        self._may_put(name)
        self.discard(self.stage(name, b"", synced=False))

    def _may_put(self, name: str) -> None:
        path = self._place(name)
        with self._folder_of(name, make=True) as folder, _faults(path), suppress(FileNotFoundError):
            mode = os.stat(_last(name), dir_fd=folder, follow_symlinks=False).st_mode
            if not stat.S_ISREG(mode):
                raise _linked(path) if stat.S_ISLNK(mode) else _strange(path)

    def append(self, name: str, data: bytes, *, synced: bool = False) -> None:
        """Add to a file, which is made where there is none. Raises FileFault."""
        path = self._place(name)
        with (
            self._folder_of(name, make=True) as folder,
            _faults(path),
            os.fdopen(_regular(_last(name), _APPEND, folder, path), "ab") as file,
        ):
            file.write(data)
            file.flush()
            if synced:
                os.fsync(file.fileno())

    @contextmanager
    def locked(self, name: str, seconds: float) -> Iterator[None]:
        """Nobody else holds the lock of that name while the block runs. Raises FileFault after so many seconds."""
        path, deadline = self._place(name), time.monotonic() + seconds
        with self._folder_of(name, make=True) as folder, _faults(path):
            handle = _regular(_last(name), _APPEND, folder, path)
        try:
            while not _is_acquired(handle):
                if time.monotonic() > deadline:
                    raise FileFault(path, "unreadable", "another run holds it", "let that run end, then run this again")
                time.sleep(0.1)
            yield
        finally:
            os.close(handle)

    def remove(self, name: str) -> None:
        """The file goes, if it is there; of a link the link goes."""
        with self._folder_of(name) as folder, _faults(self._place(name)):
            _unlinked(_last(name), folder)

    def _place(self, name: str) -> str:
        """The file as messages name it. Joined as text: ten thousand files are read and written on a run."""
        return os.path.join(self.path, name)  # noqa: PTH118 -- for speed

    @contextmanager
    def _folder_of(self, name: str, make: bool = False) -> Iterator[int]:
        """The folder that holds `name`, reached step by step from the root; no step is a link."""
        path, parts = self._place(name), [part for part in name.split("/") if part not in ("", ".")]
        if ".." in parts or name.startswith("/"):
            raise FileFault(path, "link", "leads out of its folder", "name a file below it")
        with _faults(path):
            if make and not self.path.is_dir():
                self.path.mkdir(parents=True, exist_ok=True)
            real = _real(self.path)
        with ExitStack() as opened:
            handle = opened.enter_context(_handle(path, lambda: os.open(real, _FOLDER)))
            for part in parts[:-1]:
                handle = opened.enter_context(_step(handle, part, make, path))
            yield handle


def located(path: Path) -> tuple[Root, str]:
    """A file of the command line as root and name: below the working folder no link is followed, elsewhere they are."""
    absolute, here = _lexical(path), Path.cwd()
    if absolute.is_relative_to(here) and absolute != here:
        return Root(here), absolute.relative_to(here).as_posix()
    real = absolute.resolve()
    return Root(real.parent), real.name


def anchored(folder: Path) -> tuple[Root, str]:
    """A folder to write into, as root and name: one below the working folder is reached without links, too."""
    absolute, here = _lexical(folder), Path.cwd()
    if absolute.is_relative_to(here):
        return Root(here), absolute.relative_to(here).as_posix()
    return Root(absolute), "."


def followed(path: Path, limit: int) -> bytes:
    """The bytes of a file whose links are followed, such as a mounted secret; its end is a regular file."""
    return _content(path, str(path), limit, None, follow=True)


def _last(name: str) -> str:
    return name.rsplit("/", 1)[-1]


def _lexical(path: Path) -> Path:
    """The path from the top, links on it not looked at."""
    return Path(os.path.normpath(path.absolute()))


def _real(path: Path) -> str:
    """Where a root lies; one that begins in the working folder must end in it."""
    here = os.getcwd()  # noqa: PTH109 -- text, for speed
    absolute = os.path.normpath(os.path.join(here, path))  # noqa: PTH118
    real = os.path.realpath(absolute)
    if _is_below(absolute, here) and not _is_below(real, here):
        raise FileFault(path, "link", "a link that leads out of the working folder", "name the folder itself")
    return real


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _step(folder: int, part: str, make: bool, path: str) -> AbstractContextManager[int]:
    """The folder inside a folder."""
    with _faults(path):
        if make:
            with suppress(FileExistsError):
                os.mkdir(part, dir_fd=folder)
        if _is_link(part, folder):
            raise _linked(path)
    return _handle(path, lambda: os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=folder))


@contextmanager
def _handle(path: str, opening: Callable[[], int]) -> Iterator[int]:
    """A folder held open."""
    with _faults(path):
        handle = opening()
    try:
        yield handle
    finally:
        os.close(handle)


def _content(path: str | Path, name: str, limit: int, folder: int | None, follow: bool = False) -> bytes:
    flags = _READ if follow else _READ | os.O_NOFOLLOW
    with _faults(path), os.fdopen(_regular(name, flags, folder, path), "rb") as file:
        size = os.fstat(file.fileno()).st_size
        # A file of /proc says 0 and gives more.
        data = file.read(limit + 1) if size <= limit else b""
    if size > limit or len(data) > limit:
        reason = f"{max(size, len(data)) / 1048576:.1f} MiB, more than {limit / 1048576:.0f} MiB"
        raise FileFault(path, "too-large", reason, "split it into several files")
    return data


def _regular(name: str, flags: int, folder: int | None, path: str | Path) -> int:
    try:
        handle = os.open(name, flags, 0o666, dir_fd=folder)
    except OSError as error:
        if error.errno == errno.ELOOP and flags & os.O_NOFOLLOW:
            raise _linked(path) from None
        if error.errno in (errno.ENXIO, errno.EISDIR):
            raise _strange(path) from None
        raise
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise _strange(path)
    return handle


def _linked(path: str | Path) -> FileFault:
    return FileFault(path, "link", "a link is not followed here", "put the file itself here")


def _strange(path: str | Path) -> FileFault:
    return FileFault(path, "kind", "no regular file (a pipe, a device or a folder)", "remove it")


def _is_link(part: str, folder: int) -> bool:
    return stat.S_ISLNK(os.stat(part, dir_fd=folder, follow_symlinks=False).st_mode)


def _is_acquired(handle: int) -> bool:
    """The lock goes with the handle, so with the process, whatever becomes of it."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _unlinked(name: str, folder: int) -> None:
    with suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)


@contextmanager
def _faults(path: str | Path) -> Iterator[None]:
    """The system's errors as ours."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileFault(path, "missing", error.strerror or "not there", "check the path") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise FileFault(path, "unreadable", reason, "check the folder, its rights and its disk") from None
