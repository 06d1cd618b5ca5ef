"""Owns finding out who holds the writer's lock of a store folder, without disturbing the lock."""

from __future__ import annotations

import os
import sys
from pathlib import Path

__all__ = ["lock_holder"]

_PROCESSES = Path("/proc")


def lock_holder(folder: Path) -> int | None:
    """Return the id of the process that writes to a store folder, 0 for an unknown one, else None.

    Nothing is opened on Linux: whoever opens and closes the lock file within the process that
    holds the lock gives the lock away (a rule of POSIX). None too where the platform does not tell.
    """
    lock = folder / "LOCK"
    try:
        file = lock.stat()
        if sys.platform == "win32":
            return _from_opening(lock)
        table = (_PROCESSES / "locks").read_text(encoding="ascii")
    except OSError:
        return None
    device = f"{os.major(file.st_dev):02x}:{os.minor(file.st_dev):02x}"
    for holder, where, inode in _write_locks(table):
        if inode == file.st_ino and (where == device or _has_open(holder, lock)):
            return holder
    return None


def _write_locks(table: str) -> list[tuple[int, str, int]]:
    """Return (process, device, inode) of each write lock in the kernel's table.

    >>> _write_locks("1: POSIX  ADVISORY  WRITE 4711 fe:00:77 0 EOF")
    [(4711, 'fe:00', 77)]
    """
    found = []
    for line in table.splitlines():
        parts = line.split()
        if "WRITE" in parts[1:5] and "->" not in parts:
            holder, place = parts[parts.index("WRITE") + 1 :][:2]
            device, _, inode = place.rpartition(":")
            found.append((max(int(holder), 0), device, int(inode)))
    return found


def _has_open(process: int, path: Path) -> bool:
    """Return whether a process has a file open (some file systems count devices two ways)."""
    try:
        handles = list((_PROCESSES / str(process) / "fd").iterdir())
        return any(os.readlink(handle) == str(path.resolve()) for handle in handles)  # noqa: PTH115 - the text of the link, whatever it is
    except OSError:
        return False


def _from_opening(lock: Path) -> int | None:
    """Return 0 where the file cannot be opened: its holder shares it with nobody (Windows)."""
    try:
        lock.open("rb").close()
    except PermissionError:
        return 0
    return None
