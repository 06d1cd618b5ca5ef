"""Owns checking a graph against SHACL shapes, each shape speaking with the words of its group."""

from __future__ import annotations

import contextlib
import logging
import re
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg import vocab as v
from kg.errors import SourceError
from kg.sources.rdf import read_rdf, to_rdflib
from kg.validation.constraints import Result, ShapeGraph, check_all, read_shapes
from kg.validation.violations import WORDS, Rule, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import rdflib

    from kg.model import Level
    from kg.sparql import Term
    from kg.store import Store

__all__ = ["check_shapes", "read_groups", "run_pyshacl"]

# What these would print is said by a finding (an ill-typed literal) or an error (a bad shape).
_NOISY = ("rdflib.term", "pyshacl-validate")
_SEVERITIES: dict[str, Level] = {"Violation": "error", "Warning": "warning", "Info": "info"}


def check_shapes(store: Store, path: Path) -> Iterator[tuple[Rule, Violation]]:
    """Yield what SHACL finds in the asserted graph, each with the group of its shape as rule.

    Plain shapes are checked here; a file with anything else is handed to pySHACL. Raises
    SourceError where the file cannot be read or holds no valid shapes.
    """
    quads = list(read_rdf(path))
    graph = ShapeGraph(quads)
    shapes = read_shapes(graph)
    found = run_pyshacl(store, path, quads) if shapes is None else check_all(shapes, store)
    for result in found:
        yield _rule(graph, result.shape, result.said), _violation(graph, result)


def read_groups(path: Path) -> tuple[Rule, ...]:
    """Return the groups of a shapes file as rules, in the words that the group itself has."""
    graph = ShapeGraph(read_rdf(path))
    out: dict[str, Rule] = {}
    for shape in graph.of_type(v.SH + "PropertyShape"):
        rule = _rule(graph, shape)
        out.setdefault(rule.code, rule)
    return tuple(out[code] for code in sorted(out))


def run_pyshacl(store: Store, path: Path, quads: Iterable[ox.Quad]) -> Iterator[Result]:
    """Yield what pySHACL finds by the shapes of a file; raise SourceError for malformed ones."""
    import pyshacl
    import rdflib
    from pyshacl.errors import ReportableRuntimeError

    sh = rdflib.Namespace(v.SH)
    shapes = to_rdflib(quads)
    try:
        with _silenced(*_NOISY):
            data = to_rdflib(_looked_at(store, shapes))
            _, results, words = pyshacl.validate(data, shacl_graph=shapes, inplace=True)
    except (ReportableRuntimeError, re.error) as error:
        raise _bad_shapes(path, str(error)) from error
    if not isinstance(results, rdflib.Graph):
        raise _bad_shapes(path, str(words))
    for result in results.objects(None, sh.result):
        name = results.value(result, sh.resultPath)
        value = results.value(result, sh.value)
        yield Result(
            shape=_ox(results.value(result, sh.sourceShape)),
            focus=_ox(results.value(result, sh.focusNode)),
            path=str(name) if isinstance(name, rdflib.URIRef) else None,
            value=None if value is None else _ox(value),
            said=str(results.value(result, sh.resultMessage)),
        )


@contextlib.contextmanager
def _silenced(*names: str) -> Iterator[None]:
    loggers = [(logger := logging.getLogger(name), logger.disabled) for name in names]
    for logger, _ in loggers:
        logger.disabled = True
    try:
        yield
    finally:
        for logger, before in loggers:
            logger.disabled = before


def _bad_shapes(path: Path, reason: str) -> SourceError:
    line = reason.strip().splitlines()[0]
    return SourceError("source-syntax", path=path, line=1, column=1, format="SHACL", reason=line)


def _looked_at(store: Store, shapes: rdflib.Graph) -> Iterator[ox.Triple]:
    """Yield the triples that shapes can see: their predicates, and types of their classes."""
    import rdflib

    for iri in sorted({str(term) for term in shapes.objects() if isinstance(term, rdflib.URIRef)}):
        if iri != v.RDF + "type":
            yield from store.triples(None, iri)
        yield from store.triples(None, v.RDF + "type", iri)


def _rule(graph: ShapeGraph, shape: Term, said: str = "") -> Rule:
    """Return the group of a shape as a rule; a plain one where it lacks words in a language."""
    group = graph.value(shape, v.SH + "group")
    severity = graph.value(shape, v.SH + "severity")
    name = v.local_name(severity.value) if isinstance(severity, ox.NamedNode) else ""
    level = _SEVERITIES.get(name.removeprefix(v.SH), "error")
    words: dict[str, str] = {}
    for owner, predicate, prefix in (
        (group, v.RDFS + "comment", "fix-"),
        (group, v.SH + "message", ""),
        (shape, v.SH + "message", ""),
    ):
        for text in sorted(graph.values(owner, predicate), key=str):
            if isinstance(text, ox.Literal):
                words[f"{prefix}{text.language}"] = text.value
    if not isinstance(group, ox.NamedNode) or not words.keys() >= set(WORDS):
        return _plain_rule(said, level)
    return Rule(re.split(r"[/#]", group.value)[-1], level, words, "")


def _plain_rule(said: str, level: Level) -> Rule:
    """Return the rule of a shape without words of its own: the engine's message, in English."""
    text = said.replace("{", "(").replace("}", ")")
    words = {
        "en": f"'{{focus}}' does not have the shape it must have: {text}",
        "zh": f"“{{focus}}”不符合形状要求:{text}",
        "fix-en": "compare it with the shapes file; give the shape a group and messages",
        "fix-zh": "请对照形状文件修正;并为该形状补上分组和两种语言的说明",
    }
    return Rule("shape", level, words, "")


def _violation(graph: ShapeGraph, result: Result) -> Violation:
    """Return what one result says."""
    kind = result.path == v.SO + "kind"
    fills: dict[str, Term | tuple[Term, ...]] = {"focus": result.focus}
    if result.value is not None:
        fills["value"] = _kind_class(result.value) if kind else result.value
    if (allowed := graph.value(result.shape, v.SH + "in")) is not None:
        items = graph.items(allowed)
        fills["allowed"] = tuple(_kind_class(item) if kind else item for item in items)
    lang = result.value.language if isinstance(result.value, ox.Literal) else None
    lang = lang or _asked_language(graph, result.shape)
    return Violation(result.focus, result.path, lang, fills=fills)


def _asked_language(graph: ShapeGraph, shape: Term) -> str | None:
    """Return the one language that a qualified value must be in."""
    inner = graph.value(shape, v.SH + "qualifiedValueShape")
    tags = graph.items(graph.value(inner, v.SH + "languageIn"))
    return tags[0].value if tags and isinstance(tags[0], ox.Literal) else None


def _kind_class(kind: Term) -> Term:
    """Return the class that a kind names, so that its label is shown; odd text stays text."""
    name = kind.value if isinstance(kind, ox.Literal) else str(kind)
    return ox.NamedNode(v.SO + name) if re.fullmatch(r"\w+", name) else ox.Literal(name)


def _ox(term: object) -> Term:
    import rdflib

    if isinstance(term, rdflib.URIRef):
        return ox.NamedNode(str(term))
    if isinstance(term, rdflib.Literal):
        return ox.Literal(str(term), language=term.language)
    return ox.BlankNode(str(term))
