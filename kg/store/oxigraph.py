"""Owns the store on pyoxigraph: named graphs, their union, loading, dumping, one writer at a time.

The engine's own union of graphs counts a triple once per graph. So the default graph is kept as
the union of all graphs but the inferred one, and the inferred graph holds only what is not in it:
queries over both see each triple once.
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, BinaryIO, Self, cast

import pyoxigraph as ox

from kg import vocab
from kg.errors import KgError, StoreError, TermError
from kg.sources.rdf import FORMATS, read_rdf
from kg.sparql import Query, Term
from kg.sparql.limits import Limits
from kg.store import reading
from kg.store.evaluation import Evaluator, Outcome
from kg.store.locks import lock_holder
from kg.store.messages import SNAPSHOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import TracebackType

    from kg.model import Concept

__all__ = ["LOCAL", "Store"]

LOCAL = "local"  # the source of triples that come without a graph
DEFAULT = ox.DefaultGraph()
_INFERRED = ox.NamedNode(vocab.INFERRED)
_STAGING = ox.NamedNode("urn:kg:staging")
_LIMITS = Limits()
_UNLIMITED = Limits(memory=1 << 40, rows=1 << 40, size=1 << 40)  # of what Python asks for
Solutions = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples

# Updates that make the default graph the union again, and keep the inferred graph apart from it.
_DISJOIN = f"""DELETE {{ GRAPH {_INFERRED} {{ ?s ?p ?o }} }}
WHERE {{ GRAPH {_INFERRED} {{ ?s ?p ?o }} ?s ?p ?o }}"""
_UNITE = f"""CLEAR SILENT DEFAULT ;
INSERT {{ ?s ?p ?o }} WHERE {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(?g != {_INFERRED}) }} ;
{_DISJOIN}"""


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
        self._engine: ox.Store | None = engine
        self.path = path
        self.read_only = read_only
        self._evaluator: Evaluator | None = None
        self._opening = threading.Lock()
        self._copy: TemporaryDirectory[str] | None = None  # what the evaluator reads

    @classmethod
    def in_memory(cls) -> Self:
        """Return a new, empty store in memory."""
        return cls(ox.Store())

    @classmethod
    def at(cls, path: Path, *, read_only: bool = False) -> Self:
        """Open the store in the folder `path`; raise StoreError where it cannot be opened.

        A reader sees the store as it was when it opened it, and finds no place while a writer
        has it (where the platform tells: Linux, Windows). A folder with other things in it is
        never made into a store.
        """
        try:
            _check_folder(path, read_only=read_only)
        except OSError as error:
            if isinstance(error, KgError):
                raise
            reason = error.strerror or str(error)
            raise StoreError("store-damaged", path=path, reason=reason) from error
        holder = lock_holder(path) if read_only else None
        if holder is not None:
            raise _locked(path, holder)
        try:
            engine = ox.Store.read_only(str(path)) if read_only else ox.Store(str(path))
        except (OSError, RuntimeError, ValueError) as error:
            text = str(error)
            if re.search(r"lock file|lock hold", text):
                raise _locked(path, lock_holder(path) or 0) from error
            raise StoreError("store-damaged", path=path, reason=_first_line(text)) from error
        if not read_only and engine.contains_named_graph(_STAGING):
            engine.remove_graph(_STAGING)  # of a write that was broken off
        return cls(engine, path, read_only=read_only)

    @property
    def engine(self) -> ox.Store:
        """Return the engine below; raise StoreError where the store was closed."""
        if self._engine is None:
            raise StoreError("store-closed", path=self.path or "-")
        return self._engine

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
        """Let go of the folder, also when called twice; a closed store answers nothing."""
        self._forget()
        if self._engine is not None and self.path and not self.read_only:
            with self._guarded():
                self._engine.flush()
        self._engine = None

    def __len__(self) -> int:
        """Return how many different triples the union holds; takes time in their number."""
        return sum(1 for _ in self.triples(asserted=False))

    # -- reading
    def query(
        self,
        text: str | Query,
        *,
        bindings: Mapping[str, Term] | None = None,
        asserted: bool = False,
        timeout: float | None = None,
    ) -> Solutions:
        """Return what a SPARQL query finds: rows lazily, triples, or a truth value.

        Our prefixes are declared. `bindings` gives values to variables of the SELECT clause, by
        name. `asserted` leaves the inferred graph out. With a `timeout` in seconds a process of its
        own evaluates the query, and is ended when they are over: a query in this process cannot be
        stopped. Raises QueryError with line and column.
        """
        query = text if isinstance(text, Query) else Query.parse(text)
        if timeout is not None:
            return self._timed(query, timeout, bindings=bindings, asserted=asserted)
        graphs = (DEFAULT,) if asserted else (DEFAULT, _INFERRED)
        named = [g for g in self._named() if g != _INFERRED] if asserted else None
        with self._guarded():
            return query.run(self.engine, graphs=graphs, named=named, bindings=bindings)

    def evaluate(
        self,
        text: str,
        *,
        format: str | None = None,  # noqa: A002 - the CLI's word
        limits: Limits = _LIMITS,
        bindings: Mapping[str, Term] | None = None,
        asserted: bool = False,
    ) -> Outcome:
        """Return the result of a query as bytes, evaluated in a process of its own within limits.

        That process sees the store as it is now. A result that was cut says so, in itself and in
        `truncated`. Raises QueryError as `query`, also where time, memory or size are used up.

        >>> with Store.in_memory() as store:
        ...     with store.evaluate("ASK {}").body as body:
        ...         body.read()
        b'{"head":{},"boolean":true}'
        """
        Query.parse(text)
        with self._opening:
            if self._evaluator is None:
                self._evaluator = Evaluator(self._readable())
            evaluator = self._evaluator
        return evaluator.ask(
            text, format=format, limits=limits, bindings=bindings, asserted=asserted
        )

    def triples(
        self,
        subject: str | None = None,
        predicate: str | None = None,
        object_: str | Term | None = None,
        *,
        asserted: bool = True,
    ) -> Iterator[ox.Triple]:
        """Yield the triples that match, each once; IRIs as text, None for any.

        Raises TermError where a text is no IRI.
        """
        start, kind = _node(subject), _node(predicate)
        target = _node(object_) if isinstance(object_, str) else object_
        with self._guarded():
            for graph in (DEFAULT,) if asserted else (DEFAULT, _INFERRED):
                for quad in self.engine.quads_for_pattern(start, kind, target, graph):
                    yield quad.triple

    def graphs(self) -> tuple[str, ...]:
        """Return the IRIs of the named graphs, sorted."""
        return tuple(sorted(graph.value for graph in self._named()))

    def concept(self, iri: str) -> Concept:
        """Return the concept of an IRI; raise TermError where there is none."""
        return reading.read_concept(self, iri)

    # -- writing
    def update(self, text: str) -> None:
        """Carry out a SPARQL update whole or not at all; raise QueryError where it is wrong."""
        self._writable()
        query = Query.parse(text, update=True)
        with self._guarded(writing=True):
            query.apply(self.engine, then=_UNITE)

    def load(
        self,
        path: Path | str,
        *,
        source: str = LOCAL,
        format: str | None = None,  # noqa: A002 - the CLI's word
    ) -> int:
        """Read an RDF file into the named graph of `source` and return how many triples came.

        All or nothing. Graph names inside the file are kept. Raises SourceError, StoreError.
        """
        self._writable()
        graph = ox.NamedNode(vocab.asserted_graph(source))
        quads = [
            ox.Quad(q.subject, q.predicate, q.object, graph) if q.graph_name == DEFAULT else q
            for q in read_rdf(Path(path), format=format)
        ]
        self.extend(quads)
        return len(quads)

    def extend(self, quads: Iterable[ox.Quad]) -> None:
        """Add quads, all or nothing, and their triples to the union.

        Quads without a graph go to `urn:kg:asserted/local`. Inferred quads whose triple is asserted
        are left out; those that become asserted leave the inferred graph.
        """
        self._writable()
        home = ox.NamedNode(vocab.asserted_graph(LOCAL))
        found = [_in(home, quad) if quad.graph_name == DEFAULT else quad for quad in quads]
        union = {_in(DEFAULT, quad): None for quad in found if quad.graph_name != _INFERRED}
        with self._guarded(writing=True):
            if self.engine.contains_named_graph(_INFERRED):
                for quad in union:
                    self.engine.remove(_in(_INFERRED, quad))
            new = (q for q in found if q.graph_name != _INFERRED or self._is_new(q, union))
            # Into an empty store in bulk, which leaves no journal behind: there is nothing to lose.
            empty = next(iter(self.engine), None) is None
            write = self.engine.bulk_extend if empty else self.engine.extend
            write([*new, *union])

    def replace(self, graph: str, triples: Iterable[ox.Triple]) -> None:
        """Put `triples` in place of all that a named graph holds, all or nothing."""
        self._writable()
        name = ox.NamedNode(graph)
        with self._guarded():
            old = next(self.engine.quads_for_pattern(None, None, None, name), None)
        if old is None:
            self.extend(ox.Quad(t.subject, t.predicate, t.object, name) for t in triples)
            return
        staged = [ox.Quad(t.subject, t.predicate, t.object, _STAGING) for t in triples]
        after = _DISJOIN if name == _INFERRED else _UNITE
        with self._guarded(writing=True):
            self.engine.clear_graph(_STAGING)
            self.engine.extend(staged)
            self.engine.update(
                f"CLEAR SILENT GRAPH {name} ; ADD SILENT GRAPH {_STAGING} TO GRAPH {name} ; "
                f"DROP SILENT GRAPH {_STAGING} ; {after}"
            )

    def dump(self, out: BinaryIO, *, format: str = "nquads") -> None:  # noqa: A002 - the CLI's word
        """Write every named graph to `out`, sorted; formats without graphs get the union."""
        if format not in FORMATS:
            path = self.path or "-"
            raise StoreError("store-format", path=path, format=format, known=tuple(FORMATS))
        rdf = FORMATS[format]
        if not rdf.supports_datasets:
            triples = sorted(self.triples(asserted=False), key=str)
            ox.serialize(triples, out, format=rdf, prefixes=vocab.PREFIXES)
            return
        with self._guarded():
            quads = [quad for quad in self.engine if quad.graph_name != DEFAULT]
        ox.serialize(sorted(quads, key=str), out, format=rdf, prefixes=vocab.PREFIXES)

    def _named(self) -> list[ox.NamedNode]:
        with self._guarded():
            graphs = cast("Iterator[ox.NamedNode]", self.engine.named_graphs())
            return [graph for graph in graphs if graph != _STAGING]

    def _is_new(self, quad: ox.Quad, union: Mapping[ox.Quad, None]) -> bool:
        bare = _in(DEFAULT, quad)
        return bare not in union and bare not in self.engine

    def _timed(
        self, query: Query, timeout: float, *, bindings: Mapping[str, Term] | None, asserted: bool
    ) -> Solutions:
        """Return what `query` finds within `timeout` seconds."""
        graph = query.form in ("CONSTRUCT", "DESCRIBE")
        found = self.evaluate(
            query.text,
            format="ntriples" if graph else "json",
            limits=replace(_UNLIMITED, seconds=timeout),
            bindings=bindings,
            asserted=asserted,
        )
        with found.body as body:
            data = body.read()
        if not graph:
            return ox.parse_query_results(data, format=ox.QueryResultsFormat.JSON)
        engine = ox.Store()
        engine.bulk_load(data, format=ox.RdfFormat.N_TRIPLES)
        return cast("ox.QueryTriples", engine.query("CONSTRUCT WHERE { ?s ?p ?o }"))

    def _readable(self) -> Path:
        """Return a folder with what the store holds now, that nobody writes to."""
        engine = self.engine
        if self.read_only and self.path and not (self.path / SNAPSHOT).exists():
            return self.path
        self._copy = TemporaryDirectory(prefix="kg-")
        folder = Path(self._copy.name)
        try:
            with self._guarded(writing=True):
                if self.path:
                    engine.backup(str(folder / "store"))
                    return folder / "store"
                engine.dump(str(folder / SNAPSHOT), format=ox.RdfFormat.N_QUADS)
        except BaseException:
            self._forget()
            raise
        return folder

    def _forget(self) -> None:
        """Let go of the process that evaluates, and of the copy it reads."""
        if self._evaluator is not None:
            self._evaluator.close()
            self._evaluator = None
        if self._copy is not None:
            self._copy.cleanup()
            self._copy = None

    def _writable(self) -> None:
        self._forget()
        if self.read_only:
            raise StoreError("store-read-only", path=self.path)

    @contextlib.contextmanager
    def _guarded(self, *, writing: bool = False) -> Iterator[None]:
        """Turn what the engine raises about its files into a StoreError."""
        try:
            yield
        except KgError:
            raise
        except (OSError, RuntimeError) as error:
            code = "store-unwritable" if writing and isinstance(error, OSError) else "store-damaged"
            reason = _first_line(str(error))
            raise StoreError(code, path=self.path or "-", reason=reason) from error


def _in(graph: ox.NamedNode | ox.DefaultGraph, quad: ox.Quad) -> ox.Quad:
    return ox.Quad(quad.subject, quad.predicate, quad.object, graph)


def _node(iri: str | None) -> ox.NamedNode | None:
    try:
        return None if iri is None else ox.NamedNode(iri)
    except ValueError as error:
        raise TermError("term-unknown", term=iri, candidates=()) from error


def _check_folder(path: Path, *, read_only: bool) -> None:
    """Raise StoreError where a folder is no store and must not become one; else make it."""
    if (path / "CURRENT").is_file():
        return
    if path.is_dir() and any(path.glob("MANIFEST-*")):
        raise StoreError("store-damaged", path=path, reason="the file CURRENT is missing")
    if read_only or (path.exists() and not path.is_dir()):
        raise StoreError("store-missing", path=path)
    if path.is_dir() and any(path.iterdir()):
        raise StoreError("store-foreign", path=path)
    path.mkdir(parents=True, exist_ok=True)


def _locked(path: Path, holder: int) -> StoreError:
    words = (f"process {holder}", f"进程 {holder}")
    if holder == os.getpid():
        words = ("this very program", "本程序")
    if holder == 0:
        words = ("another program", "其他程序")
    return StoreError("store-locked", path=path, holder=words[0], holder_zh=words[1], pid=holder)


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0] if text.strip() else "-"
