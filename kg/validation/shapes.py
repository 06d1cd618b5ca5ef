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
from kg.validation.violations import WORDS, Rule, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import rdflib
    from rdflib.term import Node

    from kg.model import Level
    from kg.sparql import Term
    from kg.store import Store

__all__ = ["check_shapes"]

# What these would print is said by a finding (an ill-typed literal) or an error (a bad shape).
_NOISY = ("rdflib.term", "pyshacl-validate")
_SEVERITIES: dict[str, Level] = {"Violation": "error", "Warning": "warning", "Info": "info"}


def check_shapes(store: Store, path: Path) -> Iterator[tuple[Rule, Violation]]:
    """Yield what SHACL finds in the asserted graph, each with the group of its shape as rule.

    Raises SourceError where the file cannot be read or holds no valid shapes.
    """
    import pyshacl
    import rdflib
    from pyshacl.errors import ReportableRuntimeError

    sh = rdflib.Namespace(v.SH)
    shapes = to_rdflib(read_rdf(path))
    try:
        with _silenced(*_NOISY):
            data = to_rdflib(_looked_at(store, shapes))
            _, results, words = pyshacl.validate(data, shacl_graph=shapes, inplace=True)
    except (ReportableRuntimeError, re.error) as error:
        raise _bad_shapes(path, str(error)) from error
    if not isinstance(results, rdflib.Graph):
        raise _bad_shapes(path, str(words))
    for result in results.objects(None, sh.result):
        shape = results.value(result, sh.sourceShape)
        group = shapes.value(shape, sh.group)
        severity = v.local_name(str(results.value(result, sh.resultSeverity)))
        level = _SEVERITIES.get(severity, "error")
        rule = _group_rule(shapes, shape, group, level)
        rule = rule or _plain_rule(results.value(result, sh.resultMessage), level)
        yield rule, _violation(shapes, results, result)


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
    for iri in sorted({str(term) for term in shapes.objects() if _is_iri(term)}):
        if iri != v.RDF + "type":
            yield from store.triples(None, iri)
        yield from store.triples(None, v.RDF + "type", iri)


def _is_iri(term: object) -> bool:
    import rdflib

    return isinstance(term, rdflib.URIRef)


def _group_rule(
    shapes: rdflib.Graph, shape: Node | None, group: Node | None, level: Level
) -> Rule | None:
    """Return the group of a shape as a rule; None where it lacks words in either language."""
    import rdflib

    sh = rdflib.Namespace(v.SH)
    words: dict[str, str] = {}
    for owner, predicate, prefix in (
        (group, rdflib.RDFS.comment, "fix-"),
        (group, sh.message, ""),
        (shape, sh.message, ""),
    ):
        for text in sorted(shapes.objects(owner, predicate), key=str) if owner is not None else ():
            words[f"{prefix}{getattr(text, 'language', None)}"] = str(text)
    if group is None or not words.keys() >= set(WORDS):
        return None
    return Rule(re.split(r"[/#]", str(group))[-1], level, words, "")


def _plain_rule(message: object, level: Level) -> Rule:
    """Return the rule of a shape without words of its own: the engine's message, in English."""
    said = str(message).replace("{", "(").replace("}", ")")
    words = {
        "en": f"'{{focus}}' does not have the shape it must have: {said}",
        "zh": f"“{{focus}}”不符合形状要求:{said}",
        "fix-en": "compare it with the shapes file; give the shape a group and messages",
        "fix-zh": "请对照形状文件修正;并为该形状补上分组和两种语言的说明",
    }
    return Rule("shape", level, words, "")


def _violation(shapes: rdflib.Graph, results: rdflib.Graph, result: Node) -> Violation:
    """Return what one result says."""
    import rdflib

    sh = rdflib.Namespace(v.SH)
    shape = results.value(result, sh.sourceShape)
    focus, value = (results.value(result, name) for name in (sh.focusNode, sh.value))
    path = results.value(result, sh.resultPath)
    name = str(path) if isinstance(path, rdflib.URIRef) else None
    term = _kind_class if name == v.SO + "kind" else _ox
    fills: dict[str, Term | tuple[Term, ...]] = {"focus": _ox(focus)}
    if value is not None:
        fills["value"] = term(value)
    if (allowed := shapes.value(shape, sh["in"])) is not None:
        fills["allowed"] = tuple(term(item) for item in shapes.items(allowed))
    lang = getattr(value, "language", None) or _asked_language(shapes, shape)
    return Violation(_ox(focus), name, lang, fills=fills)


def _asked_language(shapes: rdflib.Graph, shape: Node | None) -> str | None:
    """Return the one language that a qualified value must be in."""
    import rdflib

    sh = rdflib.Namespace(v.SH)
    inner = shapes.value(shape, sh.qualifiedValueShape)
    tags = shapes.value(inner, sh.languageIn) if inner is not None else None
    return str(next(iter(shapes.items(tags)))) if tags is not None else None


def _kind_class(kind: object) -> Term:
    """Return the class that a kind names, so that its label is shown; odd text stays text."""
    name = str(kind)
    return ox.NamedNode(v.SO + name) if re.fullmatch(r"\w+", name) else ox.Literal(name)


def _ox(term: object) -> Term:
    import rdflib

    if isinstance(term, rdflib.URIRef):
        return ox.NamedNode(str(term))
    if isinstance(term, rdflib.Literal):
        return ox.Literal(str(term), language=term.language)
    return ox.BlankNode(str(term))
