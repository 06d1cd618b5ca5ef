"""Owns the process that evaluates queries for a store: it reads requests, writes answers, may die.

Run as `python -m kg.store.worker FOLDER MEMORY`. A query that takes too long or too much cannot be
stopped from within (the engine neither listens to signals nor raises when memory ends), so whoever
asks keeps the clock and ends the process.
"""

from __future__ import annotations

import io
import json
import os
import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import pyoxigraph as ox

from kg.errors import KgError, QueryError
from kg.sparql import Query, write_result, write_triples
from kg.sparql.limits import Limits, Slice
from kg.store.messages import (
    DATA,
    END,
    FAULT,
    READY,
    SNAPSHOT,
    pack_fault,
    read_message,
    write_message,
)
from kg.store.oxigraph import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Result = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples
    _Run = Callable[[Query], Result]

__all__ = ["main"]

_PIECE = 1 << 20  # bytes of an answer sent at once
# What stands in a result for every row but one at least: counted, it tells where none can miss.
_BETWEEN = {"json": b",{", "csv": b"\n", "tsv": b"\n", "xml": b"<result>"}


class _Answer(io.RawIOBase):
    """A file that sends on what is written to it, up to `limit` bytes; the last byte is kept."""

    def __init__(self, stream: BinaryIO, limit: int, between: bytes = b"") -> None:
        self.stream = stream
        self.limit = limit
        self.between = between
        self.marks = 0  # how often `between` came by
        self.size = 0
        self.held = bytearray()
        self.seam = b""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:  # noqa: ANN401 - any buffer
        self.size += len(data)
        if self.size > self.limit:
            raise QueryError("query-result-size", limit=self.limit)
        self.held += data
        if self.between:
            seen = self.seam + bytes(data)
            self.marks += seen.count(self.between)
            self.seam = seen[len(seen) - len(self.between) + 1 :]
        if len(self.held) > _PIECE:
            self.send(1)
        return len(data)

    def end(self, tail: bytes = b"", *, drop: int = 0) -> None:
        """Send the rest without its last `drop` bytes, 0 or 1, and then a tail."""
        self.send(drop)
        self.held[:] = tail
        self.send(0)

    def send(self, kept: int) -> None:
        """Send what is held but for the last `kept` bytes."""
        ready = bytes(self.held[: len(self.held) - kept])
        del self.held[: len(ready)]
        if ready:
            write_message(self.stream, DATA, ready)


def main(folder: str, memory: str) -> None:
    """Answer requests from stdin on stdout until stdin ends."""
    source = sys.stdin.buffer
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what else prints does not disturb the messages
    try:
        store = _open(Path(folder))
    except KgError as error:
        write_message(out, FAULT, pack_fault(error))
        return
    _bound(int(memory))
    write_message(out, READY)
    while message := read_message(source):
        try:
            said = _answer(store, json.loads(message[1]), out)
        except MemoryError:
            os.abort()
        except Exception as error:  # noqa: BLE001 - whoever asked raises it
            write_message(out, FAULT, pack_fault(error))
        else:
            write_message(out, END, json.dumps(said).encode())


def _open(folder: Path) -> Store:
    if not (folder / SNAPSHOT).is_file():
        return Store.at(folder, read_only=True)
    engine = ox.Store()
    engine.bulk_load(path=str(folder / SNAPSHOT), format=ox.RdfFormat.N_QUADS)
    return Store(engine, folder, read_only=True)


def _bound(memory: int) -> None:
    """Bound the memory of this process where the platform does, and leave no core file behind."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _answer(store: Store, asked: Mapping[str, Any], out: BinaryIO) -> dict[str, Any]:
    """Send the result of a request, and return what there is to say of it."""
    limits = Limits(**asked["limits"])
    query = Query.parse(asked["text"])
    bindings = {name: _term(text) for name, text in asked["bindings"].items()}

    def run(query: Query) -> Result:
        return store.query(query, bindings=bindings, asserted=asked["asserted"])

    format_ = asked["format"] or ("json" if query.form in ("SELECT", "ASK") else "ntriples")
    between = _BETWEEN.get(format_, b"") if query.form == "SELECT" else b""
    answer = _Answer(out, limits.size, between)
    writer = _WRITERS.get(query.form, _write_whole)
    cut = writer(run, query, cast("BinaryIO", answer), limits.rows, format_)
    tail, drop = _mark(format_, limits.rows) if cut else (b"", 0)
    answer.end(tail, drop=drop)
    return {"form": query.form, "truncated": limits.rows if cut else None}


def _write_rows(run: _Run, query: Query, out: BinaryIO, rows: int, format_: str) -> bool:
    """Write the first rows of a SELECT; return whether there are more that it asked for."""
    asked = Slice.read(query.tokens)
    if asked.limit is not None and asked.limit <= rows:
        return _write_whole(run, query, out, rows, format_)
    try:
        found = run(query.with_tokens(asked.render(rows)))
    except QueryError:
        run(query)  # a fault of the text is told by the text itself
        raise
    write_result(found, out, format=format_)
    if cast("_Answer", out).marks + 1 < rows:
        return False
    rest = run(query.with_tokens(asked.render(1, after=rows)))
    return any(True for _ in cast("Iterator[object]", rest))


def _write_triples(run: _Run, query: Query, out: BinaryIO, rows: int, format_: str) -> bool:
    """Write the first triples of a CONSTRUCT or DESCRIBE; return whether there are more."""
    triples = list(islice(cast("Iterator[ox.Triple]", run(query)), rows + 1))
    write_triples(triples[:rows], out, format=format_)
    return len(triples) > rows


def _write_whole(run: _Run, query: Query, out: BinaryIO, rows: int, format_: str) -> bool:  # noqa: ARG001 - as the others
    """Write a result that is short enough as it is."""
    write_result(run(query), out, format=format_)
    return False


_WRITERS = {"SELECT": _write_rows, "CONSTRUCT": _write_triples, "DESCRIBE": _write_triples}


def _mark(format_: str, rows: int) -> tuple[bytes, int]:
    """Return what tells in a result that it was cut, and how many of its last bytes that replaces.

    A member of the JSON object; a comment in XML; in CSV, TSV, Turtle and N-Triples a line that
    begins with #. JSON-LD has no place for it.
    """
    if format_ == "json":
        return b',"truncated":{"rows":%d}}' % rows, 1
    if format_ == "xml":
        return b"<!-- truncated after %d -->" % rows, 0
    return (b"", 0) if format_ == "jsonld" else (b"# truncated after %d\n" % rows, 0)


def _term(text: str) -> ox.NamedNode | ox.Literal | ox.BlankNode:
    """Return the term that N-Triples writes so."""
    quad = next(iter(ox.parse(f"<x:s> <x:p> {text} .", format=ox.RdfFormat.N_TRIPLES)))
    return cast("ox.NamedNode | ox.Literal | ox.BlankNode", quad.object)


if __name__ == "__main__":
    main(*sys.argv[1:])
