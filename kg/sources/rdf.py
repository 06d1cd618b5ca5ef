"""Owns reading RDF files: bytes to quads, through pyoxigraph where it knows the format and rdflib where not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator
    import rdflib

__all__ = ["FORMATS", "format_of", "read_rdf", "to_rdflib"]

FORMATS: dict[str, ox.RdfFormat] = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "nquads": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
    "n3": ox.RdfFormat.N3,
}
_SUFFIXES = {
    ".ttl": "turtle",
    ".nt": "ntriples",
    ".nq": "nquads",
    ".trig": "trig",
    ".jsonld": "jsonld",
    ".rdf": "rdfxml",
    ".owl": "rdfxml",
    ".n3": "n3",
}


def format_of(path: Path | str, format: str | None = None) -> str:  # noqa: A002 - the CLI's word
    """Return the format asked for, else the one the file's ending stands for; raise SourceError."""
    found = format or _SUFFIXES.get(Path(path).suffix.lower())
    if found not in FORMATS:
        known = tuple(FORMATS)
        name = format or Path(path).suffix or "-"
        raise SourceError("source-format", path=path, format=name, known=known)
    return found


def read_rdf(
    path: Path, *, format: str | None = None, base: str | None = None
) -> Iterator[ox.Quad]:  # noqa: A002
    """Yield the quads of an RDF file; raise SourceError with line and column where it is malformed."""
    name = format_of(path, format)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError("source-missing", path=path) from error
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    try:
        yield from ox.parse(data, format=FORMATS[name], base_iri=base)
    except SyntaxError as error:
        reason = error.msg.split(" at line ")[0]
        raise SourceError(
            "source-syntax",
            path=path,
            line=error.lineno or 1,
            column=error.offset or 1,
            format=name,
            reason=reason,
        ) from error


def to_rdflib(triples: Iterator[ox.Triple] | Iterator[ox.Quad]) -> rdflib.Graph:
    """Return triples as an rdflib Graph in memory, with our prefixes bound."""
    import rdflib

    from kg.vocab import PREFIXES

    graph = rdflib.Graph(bind_namespaces="none")
    for prefix, iri in PREFIXES.items():
        graph.bind(prefix, iri)
    for triple in triples:
        graph.add(tuple(_term(t) for t in (triple.subject, triple.predicate, triple.object)))  # type: ignore[arg-type]
    return graph


def _term(term: object) -> object:
    import rdflib

    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    if isinstance(term, ox.Literal):
        if term.language:
            return rdflib.Literal(term.value, lang=term.language)
        return rdflib.Literal(term.value, datatype=rdflib.URIRef(term.datatype.value))
    raise TypeError(term)
