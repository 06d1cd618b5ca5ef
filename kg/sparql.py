"""Owns a guarded SPARQL query: its form, its limits, what it may not do, and how results are written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Literal, Self

import pyoxigraph as ox

from kg.errors import QueryError
from kg.vocab import PREFIXES

__all__ = [
    "GRAPH_FORMATS",
    "MAX_DEPTH",
    "MAX_SIZE",
    "TABLE_FORMATS",
    "Form",
    "Query",
    "Term",
    "write_result",
]

Form = Literal["SELECT", "ASK", "CONSTRUCT", "DESCRIBE", "UPDATE"]
Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Graphs = Sequence[ox.NamedNode | ox.BlankNode | ox.DefaultGraph]

# The engine's parser recurses: far deeper text than this ends the process instead of raising.
MAX_SIZE = 200_000  # characters
MAX_DEPTH = 100  # open brackets, or signs that stack up (! and -)
MAX_CHAIN = 2_000  # || and && and / in one query

TABLE_FORMATS: dict[str, ox.QueryResultsFormat] = {
    "json": ox.QueryResultsFormat.JSON,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
    "xml": ox.QueryResultsFormat.XML,
}
GRAPH_FORMATS: dict[str, ox.RdfFormat] = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
    "xml": ox.RdfFormat.RDF_XML,
}

_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)
      | (?P<iri><[^\s<>"{}|^`\\]*>)
      | (?P<text>\"{3}(?:[^\\]|\\.)*?\"{3}|'{3}(?:[^\\]|\\.)*?'{3}
               |"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
      | (?P<name>[?$][\w]+|@?[A-Za-z_][\w-]*(?::[\w.%-]*)?|:[\w.%-]+)
      | (?P<open>[({\[]) | (?P<close>[)}\]])
      | (?P<chain>\|\||&&|[!/|-])
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_REFUSED = ("SERVICE", "LOAD")
_PLACE = re.compile(r"(?:at|error at) (?:line )?(\d+)(?::| column )(\d+)")


@dataclass(frozen=True, slots=True)
class Query:
    """A SPARQL text that passed the guard.

    >>> Query.parse("SELECT ?s { ?s a so:Metric }").form
    'SELECT'
    """

    text: str
    form: Form

    @classmethod
    def parse(cls, text: str, *, update: bool = False) -> Self:
        """Return the guarded query; raise QueryError where it is too large, too deep, or refused.

        SERVICE and LOAD reach outside the store and are refused. Syntax is left to the engine.
        """
        if len(text) > MAX_SIZE:
            raise QueryError("query-limit", what="characters", found=len(text), limit=MAX_SIZE)
        form: Form | None = "UPDATE" if update else None
        depth = stacked = chain = 0
        for kind, token in _tokens(text):
            word = token.upper()
            stacked = stacked + 1 if token in ("!", "-") else 0
            if kind == "open":
                depth += 1
            elif kind == "close":
                depth -= 1
            elif kind == "chain":
                chain += 1
            elif kind == "name" and word in _REFUSED:
                raise QueryError("query-refused", what=word)
            elif kind == "name" and form is None and word in _FORMS:
                form = word  # type: ignore[assignment]
            if max(depth, stacked) > MAX_DEPTH:
                raise QueryError("query-limit", what="depth", found=depth, limit=MAX_DEPTH)
            if chain > MAX_CHAIN:
                raise QueryError("query-limit", what="operators", found=chain, limit=MAX_CHAIN)
        return cls(text, form or "SELECT")

    def run(
        self, engine: ox.Store, *, graphs: Graphs, bindings: Mapping[str, Term]
    ) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        """Return what the engine finds in `graphs`; raise QueryError with line and column."""
        try:
            return engine.query(
                self.text,
                prefixes=PREFIXES,
                default_graph=list(graphs),
                substitutions={ox.Variable(name): term for name, term in bindings.items()},
            )
        except (SyntaxError, ValueError, RuntimeError) as error:
            raise self._fault(error) from error

    def apply(self, engine: ox.Store) -> None:
        """Carry out the update; raise QueryError where it is wrong."""
        try:
            engine.update(self.text, prefixes=PREFIXES)
        except (SyntaxError, ValueError, RuntimeError) as error:
            raise self._fault(error) from error

    def _fault(self, error: Exception) -> QueryError:
        reason = error.msg if isinstance(error, SyntaxError) else str(error)
        place = _PLACE.search(reason)
        line = getattr(error, "lineno", None) or (int(place[1]) if place else 1)
        column = getattr(error, "offset", None) or (int(place[2]) if place else 1)
        reason = _PLACE.sub("", reason).strip(" :.") or "syntax error"
        row = self.text.splitlines()[line - 1] if line <= len(self.text.splitlines()) else ""
        mark = f"{row}\n{' ' * (column - 1)}^" if row else ""
        return QueryError("query-syntax", line=line, column=column, reason=reason, mark=mark)


def write_result(
    result: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples,
    out: BinaryIO,
    *,
    format: str,  # noqa: A002 - the CLI's word
) -> None:
    """Write a result to `out`: rows and truth values as json, csv, tsv, xml; triples as RDF.

    Raises QueryError where the form of the query has no result in that format.
    """
    if isinstance(result, ox.QueryTriples):
        if format not in GRAPH_FORMATS:
            known = tuple(GRAPH_FORMATS)
            raise QueryError("query-format", form="CONSTRUCT", format=format, known=known)
        triples = sorted(set(result), key=str)
        ox.serialize(triples, out, format=GRAPH_FORMATS[format], prefixes=PREFIXES)
        return
    allowed = ("json", "xml") if isinstance(result, ox.QueryBoolean) else tuple(TABLE_FORMATS)
    if format not in allowed:
        form = "ASK" if isinstance(result, ox.QueryBoolean) else "SELECT"
        raise QueryError("query-format", form=form, format=format, known=allowed)
    result.serialize(out, format=TABLE_FORMATS[format])


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    for match in _TOKEN.finditer(text):
        if match.lastgroup not in (None, "comment", "iri", "text"):
            yield match.lastgroup or "", match[0]
