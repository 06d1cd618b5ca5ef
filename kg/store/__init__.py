"""Owns opening a store: in memory or on disk, for reading or for writing."""

from __future__ import annotations

from pathlib import Path

from kg.errors import EndpointError
from kg.store.oxigraph import Store

__all__ = ["Store", "open_store"]


def open_store(path: Path | str | None = None, *, read_only: bool = False) -> Store:
    """Open the store in a folder, or a new one in memory where `path` is None.

    Raises StoreError where the folder holds no store, is locked by a writer, or is damaged; a
    folder that does not exist is created unless `read_only`. URLs raise EndpointError.

    >>> with open_store() as store:
    ...     len(store)
    0
    """
    if path is None:
        return Store.in_memory()
    if str(path).startswith(("http://", "https://")):
        raise EndpointError("endpoint-unsupported", url=path)
    return Store.at(Path(path), read_only=read_only)
