"""Owns the store on pyoxigraph: named graphs, their union, loading, dumping, and the lock of one writer.

The engine's own union of graphs counts a triple once per graph. So the default graph is kept as
the union of all graphs but the inferred one, and the inferred graph holds only what is not in it:
queries over both see each triple once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import pyoxigraph as ox

from kg import vocab
from kg.errors import StoreError
from kg.model import Concept
from kg.sources.rdf import FORMATS, read_rdf
from kg.sparql import Query, Term
from kg.store import reading

__all__ = ["Store"]

DEFAULT = ox.DefaultGraph()
_INFERRED = ox.NamedNode(vocab.INFERRED)
Solutions = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples


class Store:
    """A set of named graphs that answers SPARQL; close it, or use it in a `with` block.

    >>> store = Store.in_memory()
    >>> _ = store.update("INSERT DATA { GRAPH <urn:kg:asserted/x> { term:a so:measures term:b } }")
    >>> [row["o"].value for row in store.query("SELECT ?o { term:a so:measures ?o }")]
    ['https://w3id.org/salesops/concept/b']
    """

    def __init__(
        self, engine: ox.Store, path: Path | None = None, *, read_only: bool = False
    ) -> None:
        """Wrap an engine; use `in_memory` or `at` instead."""
        self.engine = engine
        self.path = path
        self.read_only = read_only

    @classmethod
    def in_memory(cls) -> Self:
        """Return a new, empty store in memory."""
        return cls(ox.Store())

    @classmethod
    def at(cls, path: Path, *, read_only: bool = False) -> Self:
        """Open the store in the folder `path`; raise StoreError where it cannot be opened."""
        if read_only and not (path / "CURRENT").is_file():
            raise StoreError("store-missing", path=path)
        if read_only and (holder := _lock_holder(path)):
            raise StoreError("store-locked", path=path, holder=holder)
        try:
            engine = ox.Store.read_only(str(path)) if read_only else ox.Store(str(path))
        except (OSError, RuntimeError, ValueError) as error:
            text = str(error)
            if "lock" in text.lower():
                holder = _lock_holder(path) or "this process"
                raise StoreError("store-locked", path=path, holder=holder) from error
            raise StoreError("store-damaged", path=path, reason=_first_line(text)) from error
        return cls(engine, path, read_only=read_only)

    def __enter__(self) -> Self:
        """Return the store itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the store."""
        self.close()

    def close(self) -> None:
        """Let go of the folder; a closed store answers nothing."""
        if self.path and not self.read_only:
            self.engine.flush()
        del self.engine

    def __len__(self) -> int:
        """Return how many different triples the union holds; takes time in their number."""
        graphs = (DEFAULT, _INFERRED)
        return sum(1 for g in graphs for _ in self.engine.quads_for_pattern(None, None, None, g))

    # -- reading
    def query(
        self,
        text: str | Query,
        *,
        bindings: Mapping[str, Term] | None = None,
        asserted: bool = False,
    ) -> Solutions:
        """Return what a SPARQL query finds: rows lazily, triples, or a truth value.

        Our prefixes are declared. `bindings` gives values to variables of the SELECT clause, by
        name. `asserted` leaves the inferred graph out. Raises QueryError with line and column.
        """
        query = text if isinstance(text, Query) else Query.parse(text)
        graphs: list[ox.NamedNode | ox.BlankNode | ox.DefaultGraph] = [DEFAULT]
        if not asserted:
            graphs.append(_INFERRED)
        return query.run(self.engine, graphs=graphs, bindings=bindings or {})

    def triples(
        self,
        subject: str | None = None,
        predicate: str | None = None,
        object_: str | Term | None = None,
        *,
        asserted: bool = True,
    ) -> Iterator[ox.Triple]:
        """Yield the triples that match, each once; IRIs as text, None for any."""
        target = ox.NamedNode(object_) if isinstance(object_, str) else object_
        for graph in (DEFAULT,) if asserted else (DEFAULT, _INFERRED):
            for quad in self.engine.quads_for_pattern(
                subject and ox.NamedNode(subject) or None,
                predicate and ox.NamedNode(predicate) or None,
                target,
                graph,
            ):
                yield quad.triple

    def graphs(self) -> tuple[str, ...]:
        """Return the IRIs of the named graphs, sorted."""
        return tuple(sorted(graph.value for graph in self.engine.named_graphs()))

    def concept(self, iri: str) -> Concept:
        """Return the concept of an IRI; raise TermError where there is none."""
        return reading.read_concept(self, iri)

    # -- writing
    def update(self, text: str) -> None:
        """Carry out a SPARQL update whole or not at all; raise QueryError where it is wrong."""
        self._writable()
        Query.parse(text, update=True).apply(self.engine)
        self._refresh_union()

    def load(self, path: Path | str, *, source: str = "local", format: str | None = None) -> int:  # noqa: A002
        """Read an RDF file into the named graph of `source` and return how many triples came.

        All or nothing. Graph names inside the file are kept. Raises SourceError, StoreError.
        """
        graph = ox.NamedNode(vocab.asserted_graph(source))
        quads = [
            ox.Quad(q.subject, q.predicate, q.object, graph) if q.graph_name == DEFAULT else q
            for q in read_rdf(Path(path), format=format)
        ]
        self.extend(quads)
        return len(quads)

    def extend(self, quads: Iterable[ox.Quad]) -> None:
        """Add quads of named graphs, and their triples to the union."""
        self._writable()
        found = list(quads)
        union = [
            ox.Quad(q.subject, q.predicate, q.object, DEFAULT)
            for q in found
            if q.graph_name != _INFERRED
        ]
        self.engine.bulk_extend([*found, *union])

    def replace(self, graph: str, triples: Iterable[ox.Triple]) -> None:
        """Put `triples` in place of all that a named graph holds."""
        self._writable()
        name = ox.NamedNode(graph)
        self.engine.clear_graph(name)
        self.engine.bulk_extend([ox.Quad(t.subject, t.predicate, t.object, name) for t in triples])
        if graph != vocab.INFERRED:
            self._refresh_union()

    def dump(self, out: BinaryIO, *, format: str = "nquads") -> None:  # noqa: A002
        """Write every named graph to `out`, sorted; formats without graphs get the union."""
        if format not in FORMATS:
            raise StoreError("store-format", path=self.path, format=format, known=tuple(FORMATS))
        rdf = FORMATS[format]
        if rdf.supports_datasets:
            quads = (q for q in self.engine if q.graph_name != DEFAULT)
            ox.serialize(sorted(quads, key=str), out, format=rdf, prefixes=vocab.PREFIXES)
        else:
            found = sorted(set(self.triples(asserted=False)), key=str)
            ox.serialize(found, out, format=rdf, prefixes=vocab.PREFIXES)

    def _writable(self) -> None:
        if self.read_only:
            raise StoreError("store-read-only", path=self.path)

    def _refresh_union(self) -> None:
        """Make the default graph the union of all graphs but the inferred one again."""
        self.engine.clear_graph(DEFAULT)
        quads = (q for q in self.engine if q.graph_name not in (DEFAULT, _INFERRED))
        self.engine.bulk_extend([ox.Quad(q.subject, q.predicate, q.object, DEFAULT) for q in quads])


def _lock_holder(path: Path) -> str | None:
    """Return who holds the writer's lock of a store folder, or None; None too where unknowable."""
    lock = path / "LOCK"
    if sys.platform == "win32" or not lock.exists():
        return None
    import fcntl
    import struct

    # struct flock: type, whence, start, len, pid as the C library lays it out on 64 bit.
    request = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
    try:
        with lock.open("rb+") as handle:
            answer = fcntl.fcntl(handle, fcntl.F_GETLK, request)
    except OSError:
        return None
    if sys.platform != "linux":
        return None
    kind, _, _, _, pid = struct.unpack("hhqqi4x", answer)
    return None if kind == fcntl.F_UNLCK else f"process {pid}"


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0] if text.strip() else "-"
