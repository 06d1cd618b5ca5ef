"""Owns what passes between a store and the process that evaluates its queries: signs and bytes."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, BinaryIO, cast

from kg import errors
from kg.errors import KgError, QueryError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "ASK",
    "DATA",
    "END",
    "FAULT",
    "READY",
    "SNAPSHOT",
    "pack_fault",
    "read_message",
    "unpack_fault",
    "write_message",
]

READY, ASK, DATA, END, FAULT = b"R", b"Q", b"D", b"E", b"X"
SNAPSHOT = "snapshot.nq"  # the quads of a store in memory, in a folder that stands for it
_HEAD = struct.Struct(">cI")  # sign and size of the body


def read_message(stream: BinaryIO) -> tuple[bytes, bytes] | None:
    """Return sign and body of the next message, or None where the stream ends, even within one.

    >>> import io
    >>> stream = io.BytesIO()
    >>> write_message(stream, DATA, b"a,b")
    >>> _ = stream.seek(0)
    >>> read_message(stream), read_message(stream)
    ((b'D', b'a,b'), None)
    """
    head = stream.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    sign, size = _HEAD.unpack(head)
    body = stream.read(size)
    return (sign, body) if len(body) == size else None


def write_message(stream: BinaryIO, sign: bytes, body: bytes = b"") -> None:
    """Write one message and send it off."""
    stream.write(_HEAD.pack(sign, len(body)) + body)
    stream.flush()


def pack_fault(error: Exception) -> bytes:
    """Return an error as a message holds it; one that is not ours as a query that failed."""
    if not isinstance(error, KgError):
        error = QueryError("query-failed", reason=f"{type(error).__name__}: {error}")
    return json.dumps([type(error).__name__, error.code, error.details], default=str).encode()


def unpack_fault(body: bytes) -> KgError:
    """Return the error that `pack_fault` packed; lists are tuples again."""
    name, code, details = json.loads(body)
    make = cast("Callable[..., KgError]", getattr(errors, name))
    return make(code, **{k: tuple(x) if isinstance(x, list) else x for k, x in details.items()})
