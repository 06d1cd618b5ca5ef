"""Owns writing to disk: whole or not at all, and the same bytes on every machine."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from kg.errors import ExportError

__all__ = ["open_output", "write_atomic"]


@contextlib.contextmanager
def open_output(path: Path | str) -> Iterator[BinaryIO]:
    """Open a file for writing that appears under its name only when all went well; "-" is stdout.

    The bytes go to a temporary file in the same folder, are synced, and replace the old file in
    one step. Raises ExportError where the place cannot be written; what stood there stays.
    """
    if str(path) == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    target = Path(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            raise IsADirectoryError(21, "is a folder")
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".tmp")
    except OSError as error:
        raise ExportError("output-unwritable", path=path, reason=error.strerror) from error
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        temporary.chmod(_mode(target))
        temporary.replace(target)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise ExportError("output-unwritable", path=path, reason=error.strerror or error) from error
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_atomic(path: Path | str, data: bytes) -> None:
    """Write `data` under `path`, whole or not at all; raise ExportError where it cannot be."""
    with open_output(path) as out:
        out.write(data)


def _mode(target: Path) -> int:
    """Return the permissions that a plain open() would have given the file."""
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
