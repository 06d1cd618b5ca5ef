"""Owns writing to disk: whole or not at all, and the same bytes on every machine."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from kg.errors import ExportError, KgError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["open_output", "unwritable", "write_atomic"]

_NAMES = itertools.count()
_REASONS = {
    errno.EACCES: ("no permission", "没有写入权限"),
    errno.EPERM: ("no permission", "没有写入权限"),
    errno.EROFS: ("the place is read-only", "该位置只读"),
    errno.ENOSPC: ("the disk is full", "磁盘已满"),
    errno.EDQUOT: ("the disk quota is used up", "磁盘配额已用完"),
    errno.EISDIR: ("it is a folder", "这是一个文件夹"),
    errno.ENOTDIR: ("a file stands where a folder is needed", "路径中有一段是文件而不是文件夹"),
    errno.EEXIST: ("a file stands where a folder is needed", "路径中有一段是文件而不是文件夹"),
    errno.ENOENT: ("no file can be made there", "该处无法新建文件"),
    errno.ENAMETOOLONG: ("the name is too long", "文件名过长"),
}


@contextlib.contextmanager
def open_output(path: Path | str) -> Iterator[BinaryIO]:
    """Open a file for writing that appears under its name only when all went well; "-" is stdout.

    The bytes go to a temporary file in the same folder, are synced, and replace the old file in
    one step; its permissions stay, and a link stays a link. A device or pipe is written as it is.
    Raises ExportError where the place cannot be written; what stood there stays.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     with open_output(f"{folder}/new/terms.txt") as out:
    ...         _ = out.write(b"ok")
    ...     Path(folder, "new", "terms.txt").read_bytes()
    b'ok'
    """
    foreign: OSError | None = None
    try:
        with _opened(path) as out:
            try:
                yield out
            except OSError as error:
                # What the caller did with another file is no fault of this one.
                if isinstance(error, (KgError, BrokenPipeError)) or error.filename is not None:
                    foreign = error
                raise
    except OSError as error:
        if error is foreign:
            raise
        raise unwritable(path, error) from error


def unwritable(path: Path | str, error: OSError) -> ExportError:
    """Return the ExportError that says in both languages why a place cannot be written.

    >>> unwritable("terms.csv", OSError(errno.ENOSPC, "No space left on device")).text("zh")
    'terms.csv:无法写入:磁盘已满'
    """
    known = (error.strerror or str(error),) * 2
    en, zh = _REASONS.get(error.errno or 0, known)
    return ExportError("output-unwritable", path=path, reason=en, reason_zh=zh)


def write_atomic(path: Path | str, data: bytes) -> None:
    """Write `data` under `path`, whole or not at all; raise ExportError where it cannot be."""
    with open_output(path) as out:
        out.write(data)


@contextlib.contextmanager
def _opened(path: Path | str) -> Iterator[BinaryIO]:
    """Open stdout, a device or pipe as it is, or a new file that will replace the old one."""
    if str(path) == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if target.exists() and not target.is_file():
        with target.open("wb") as device:
            yield device
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary, out = _create_beside(target)
    try:
        with out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        if target.exists():
            temporary.chmod(target.stat().st_mode & 0o7777)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _create_beside(target: Path) -> tuple[Path, BinaryIO]:
    """Create a hidden file that no other program has, with the permissions of a plain open()."""
    while True:
        path = target.with_name(f".kg-{os.getpid()}-{next(_NAMES)}.tmp")
        try:
            return path, path.open("xb")
        except FileExistsError:  # left by a killed program of the same number
            continue
