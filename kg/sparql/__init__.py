"""Owns a guarded SPARQL query: run on an engine, and how results are written.

The engine never sees the text of the user. It sees a text made again from the tokens that the guard
read: comments gone, strings and IRIs with every sign escaped that could be read as code. So nothing
can hide from the guard in a place where its lexer and the parser of the engine disagree.
"""

from __future__ import annotations

import contextlib
import functools
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO, Self, cast

import pyoxigraph as ox

from kg.errors import QueryError
from kg.sparql.binding import Value, bind, variables
from kg.sparql.faults import locate_fault
from kg.sparql.guard import MAX_SIZE, Form, check
from kg.sparql.planning import rewrite
from kg.sparql.tokens import FORMS, UPDATES, Token, read_tokens, render
from kg.vocab import PREFIXES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = [
    "GRAPH_FORMATS",
    "TABLE_FORMATS",
    "Form",
    "Query",
    "Term",
    "Value",
    "write_result",
    "write_triples",
]

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Result = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples

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


@dataclass(frozen=True, slots=True)
class Query:
    """A SPARQL text that passed the guard; `parse` is the way to make one.

    >>> Query.parse("SELECT ?s { ?s a so:Metric }").form
    'SELECT'
    """

    text: str
    form: Form
    tokens: tuple[Token, ...]

    @classmethod
    def parse(cls, text: str, *, update: bool = False) -> Self:
        """Return the guarded query; raise QueryError where it is malformed, too large or refused.

        SERVICE and LOAD reach outside the store and are refused. What the tokens cannot show is
        left to the engine.
        """
        if len(text) > MAX_SIZE:
            raise QueryError(
                "query-limit", what="long", what_zh="长度", found=len(text), limit=MAX_SIZE
            )
        tokens = tuple(read_tokens(text))
        return cls(text, check(text, tokens, update=update), tokens)

    @property
    def variables(self) -> frozenset[str]:
        """Return the names of its variables, without their sign."""
        return variables(self.tokens)

    def bind(self, values: Mapping[str, Value]) -> Self:
        """Return the query with values in place of variables, wherever they stand.

        Unlike the `bindings` of `run` this reaches into subqueries. Places come from the tokens:
        whatever a value holds, it stays one IRI or one literal. Raises QueryError for a variable
        that is not in the query, or that the query selects, assigns, groups or sorts by.

        >>> query = Query.parse("SELECT ?s { ?s skos:prefLabel $name } # not here: $name")
        >>> query.bind({"name": ox.Literal("x } #", language="zh")}).text
        'SELECT ?s { ?s skos:prefLabel "x } #"@zh } # not here: $name'
        """
        return self.parse(bind(self.text, self.tokens, values), update=self.form == "UPDATE")

    def with_tokens(self, tokens: tuple[Token, ...]) -> Self:
        """Return the query to be run as these tokens; faults are still told by its own text."""
        return replace(self, tokens=tokens)

    def run(
        self,
        engine: ox.Store,
        *,
        graphs: Sequence[ox.NamedNode | ox.DefaultGraph],
        named: Sequence[ox.NamedNode] | None = None,
        bindings: Mapping[str, Term] | None = None,
    ) -> Result:
        """Return what the engine finds; raise QueryError with line and column.

        `graphs` are read as one default graph, unless the text has a FROM clause of its own.
        `named` are the graphs that GRAPH and FROM may speak of, all where it is None.
        """
        dataset = self._dataset(engine, named)
        if dataset is not None:
            engine, graphs, named = dataset
        try:
            values = {ox.Variable(name): term for name, term in (bindings or {}).items()}
        except ValueError as error:
            raise QueryError("query-binding", name=", ".join(bindings or {})) from error
        ask = functools.partial(
            engine.query,
            prefixes=PREFIXES,
            default_graph=list(graphs),
            named_graphs=None if named is None else list(named),
            substitutions=values,
        )
        try:
            if not values:  # with values given, few solutions are likely: the engine does well
                planned = rewrite(self.tokens)
                if planned is not self.tokens:
                    with contextlib.suppress(SyntaxError):  # the text of the user has the fault
                        return ask(render(planned))
            return ask(render(self.tokens))
        except SyntaxError as error:
            raise self._fault(error) from error
        except (ValueError, RuntimeError) as error:
            raise _failure(error) from error

    def apply(self, engine: ox.Store, *, then: str = "") -> None:
        """Carry out the update, and the update `then` after it, whole or not at all.

        Raises QueryError where it is wrong.
        """
        if not any(token.word in UPDATES for token in self.tokens):
            return
        text = render(self.tokens)
        try:
            # First on an empty store: a fault of grammar then lies in the text of the user alone.
            with contextlib.suppress(ValueError, RuntimeError):
                ox.Store().update(text, prefixes=PREFIXES)
            joint = "\n" if self.tokens[-1].text == ";" else "\n;\n"
            engine.update(text + joint + then if then else text, prefixes=PREFIXES)
        except SyntaxError as error:
            raise self._fault(error) from error
        except (ValueError, RuntimeError) as error:
            raise _failure(error) from error

    def _fault(self, error: SyntaxError) -> QueryError:
        update = self.form == "UPDATE"
        return locate_fault(self.text, self.tokens, error.msg, update=update)

    def _dataset(
        self, engine: ox.Store, named: Sequence[ox.NamedNode] | None
    ) -> tuple[ox.Store, list[ox.NamedNode | ox.DefaultGraph], list[ox.NamedNode]] | None:
        """Return the engine and graphs that FROM clauses ask for, or None where there are none."""
        default, chosen = self._from()
        if not default and not chosen:
            return None
        known = list(engine.named_graphs() if named is None else named)
        for graph in (*default, *chosen):
            if graph not in known:
                names = tuple(sorted(g.value for g in known))
                raise QueryError("query-graph", graph=graph.value, known=names)
        if len(default) < 2:  # noqa: PLR2004 - two graphs need a merge
            return engine, list(default), list(chosen)
        # The engine counts a triple once per graph; a merge of graphs counts it once.
        merged = ox.Store()
        for graph in default:
            quads = engine.quads_for_pattern(None, None, None, graph)
            merged.bulk_extend(ox.Quad(q.subject, q.predicate, q.object) for q in quads)
        for graph in chosen:
            merged.bulk_extend(engine.quads_for_pattern(None, None, None, graph))
        return merged, [ox.DefaultGraph()], list(chosen)

    def _from(self) -> tuple[list[ox.NamedNode], list[ox.NamedNode]]:
        """Return the graphs after FROM and after FROM NAMED, each once."""
        words = [token.word for token in self.tokens]
        if self.form == "UPDATE" or "FROM" not in words:
            return [], []
        start = next((i for i, word in enumerate(words) if word in FORMS), len(words))
        default: list[Token] = []
        chosen: list[Token] = []
        for i, word in enumerate(words[:-2]):
            if word == "FROM":
                into, at = (chosen, i + 2) if words[i + 1] == "NAMED" else (default, i + 1)
                into.append(self.tokens[at])
        found = [self._resolve(self.tokens[:start], [t]) for t in (*default, *chosen)]
        graphs = [graph for graph in found if graph is not None]
        if len(graphs) < len(found):  # the engine will say what is wrong with it
            return [], []
        split = len(default)
        return list(dict.fromkeys(graphs[:split])), list(dict.fromkeys(graphs[split:]))

    def _resolve(self, prologue: Sequence[Token], name: Sequence[Token]) -> ox.NamedNode | None:
        """Return the IRI that a name stands for under the prefixes of the query."""
        text = f"{render(prologue)} SELECT ({render(name)} AS ?iri) {{}}"
        try:
            row = next(iter(cast("ox.QuerySolutions", ox.Store().query(text, prefixes=PREFIXES))))
        except (SyntaxError, RuntimeError):
            return None
        found = row["iri"]
        return found if isinstance(found, ox.NamedNode) else None


def write_result(
    result: Result,
    out: BinaryIO,
    *,
    format: str,  # noqa: A002 - the CLI's word
) -> None:
    """Write a result to `out`: rows and truth values as json, csv, tsv, xml; triples as RDF.

    Raises QueryError where the form of the query has no result in that format.
    """
    if isinstance(result, ox.QueryTriples):
        write_triples(result, out, format=format)
        return
    allowed = ("json", "xml") if isinstance(result, ox.QueryBoolean) else tuple(TABLE_FORMATS)
    if format not in allowed:
        form = "ASK" if isinstance(result, ox.QueryBoolean) else "SELECT"
        raise QueryError("query-format", form=form, format=format, known=allowed)
    result.serialize(out, format=TABLE_FORMATS[format])


def write_triples(
    triples: Iterable[ox.Triple],
    out: BinaryIO,
    *,
    format: str,  # noqa: A002 - the CLI's word
) -> None:
    """Write triples to `out`, sorted, each once; raise QueryError for a format without triples."""
    if format not in GRAPH_FORMATS:
        known = tuple(GRAPH_FORMATS)
        raise QueryError("query-format", form="CONSTRUCT", format=format, known=known)
    found = sorted(set(triples), key=str)
    ox.serialize(found, out, format=GRAPH_FORMATS[format], prefixes=PREFIXES)


def _failure(error: Exception) -> QueryError:
    """Return the error of a query that is well formed and still cannot be carried out."""
    text = str(error)
    if "orruption" in text:  # no fault of the query: the store says what is wrong
        raise error
    if found := re.search(r"does not contains variable \?(\S+)", text):
        return QueryError("query-binding", name=found[1])
    return QueryError("query-failed", reason=text)
