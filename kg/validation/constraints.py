"""Owns checking the shapes that are plain enough without an engine: SHACL Core, one path a shape.

What `read_shapes` does not know in full it refuses as a whole, so that nothing is checked by half;
pySHACL then does the work. The tests hold both to the same results.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg import vocab as v

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from kg.sparql import Term
    from kg.store import Store

__all__ = ["Result", "Shape", "ShapeGraph", "check_all", "read_shapes"]

_TARGETS = ("targetClass", "targetSubjectsOf", "targetNode")
_SAID = ("group", "message", "severity", "path", *_TARGETS)
_COUNTS = ("minCount", "maxCount", "minLength", "minInclusive", "qualifiedMinCount")
_VALUES = ("datatype", "class", "nodeKind", "in", "languageIn", "minLength", "minInclusive", "or")
_KNOWN = frozenset({*_SAID, *_COUNTS, *_VALUES, "uniqueLang", "qualifiedValueShape"})
_INTEGER = re.compile(r"[+-]?[0-9]+", re.ASCII)
_NUMBERS = frozenset(v.XSD + name for name in ("integer", "decimal", "double", "float"))
# Data types whose literals can be told from ill-typed ones here.
_LEXICAL = {v.XSD + "string": re.compile(r".*", re.DOTALL), v.XSD + "integer": _INTEGER}


class ShapeGraph:
    """The triples of a shapes file, looked up by subject and predicate."""

    def __init__(self, quads: Iterable[ox.Quad]) -> None:
        """Index the quads."""
        self._objects: dict[Term, dict[str, list[Term]]] = {}
        for quad in quads:
            found = self._objects.setdefault(quad.subject, {})
            found.setdefault(quad.predicate.value, []).append(quad.object)

    def values(self, subject: Term | None, predicate: str) -> list[Term]:
        """Return the objects, in the order of the file."""
        return self._objects.get(subject, {}).get(predicate, []) if subject is not None else []

    def value(self, subject: Term | None, predicate: str) -> Term | None:
        """Return the one object; None where there is none, or more than one."""
        found = self.values(subject, predicate)
        return found[0] if len(found) == 1 else None

    def items(self, head: Term | None) -> list[Term]:
        """Return the members of a list."""
        out: list[Term] = []
        while head is not None and self.values(head, v.RDF + "first"):
            out += self.values(head, v.RDF + "first")
            head = self.value(head, v.RDF + "rest")
        return out

    def of_type(self, class_: str) -> list[Term]:
        """Return the subjects of a class, in the order of the file."""
        node = ox.NamedNode(class_)
        return [s for s, found in self._objects.items() if node in found.get(v.RDF + "type", [])]

    def words(self, subject: Term) -> set[str]:
        """Return the local names of the SHACL properties that a subject has."""
        return {p.removeprefix(v.SH) for p in self._objects.get(subject, {}) if p.startswith(v.SH)}

    def subjects(self) -> list[Term]:
        """Return every subject."""
        return list(self._objects)


@dataclass(frozen=True, slots=True)
class Shape:
    """One property shape: where it looks (`targets`, `path`), and what must hold there."""

    node: Term
    targets: tuple[tuple[str, str], ...]
    path: tuple[str, ...]
    name: str | None  # the path of a result: None where the path is a choice
    rules: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Result:
    """One violation of a shape: at which node, of which path, by which value."""

    shape: Term
    focus: Term
    path: str | None
    value: Term | None = None
    said: str = ""  # what an engine said, for a shape without words of its own


class _Facts:
    """What of a store the shapes look at, each read once."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._values: dict[str, dict[Term, list[Term]]] = {}

    def of(self, predicate: str) -> dict[Term, list[Term]]:
        """Return the values of a property by subject."""
        if predicate not in self._values:
            found: dict[Term, list[Term]] = defaultdict(list)
            for triple in self.store.triples(None, predicate):
                found[triple.subject].append(triple.object)
            self._values[predicate] = found
        return self._values[predicate]

    def is_a(self, node: Term, class_: object) -> bool:
        """Return whether a node has a class, as it is stated."""
        return class_ in self.of(v.RDF + "type").get(node, ())

    @cached_property
    def members(self) -> dict[Term, list[Term]]:
        """Return the nodes of each class."""
        out: dict[Term, list[Term]] = defaultdict(list)
        for node, classes in self.of(v.RDF + "type").items():
            for class_ in classes:
                out[class_].append(node)
        return out


def read_shapes(graph: ShapeGraph) -> tuple[Shape, ...] | None:
    """Return the shapes of a graph; None where it holds anything that is not known here."""
    inner = _inner_nodes(graph)
    shapes = graph.of_type(v.SH + "PropertyShape")
    for node in graph.of_type(v.SH + "NodeShape"):
        if graph.words(node) - set(_TARGETS):
            return None
        inner.add(node)
    for node in graph.subjects():
        if node not in shapes and node not in inner and graph.words(node):
            return None
    read = [_read_shape(graph, node) for node in shapes]
    known = tuple(shape for shape in read if shape is not None)
    return known if len(known) == len(read) else None


def _inner_nodes(graph: ShapeGraph) -> set[Term]:
    """Return the nodes that stand inside of shapes: paths, qualified shapes, members of sh:or."""
    out: set[Term] = set()
    for node in graph.of_type(v.SH + "PropertyShape"):
        for name in ("path", "qualifiedValueShape"):
            out |= {x for x in graph.values(node, v.SH + name) if isinstance(x, ox.BlankNode)}
        out |= set(graph.items(graph.value(node, v.SH + "or")))
    return out


def _read_shape(graph: ShapeGraph, node: Term) -> Shape | None:
    words = graph.words(node)
    if words - _KNOWN:
        return None
    targets = tuple(
        (kind, value.value if isinstance(value, ox.NamedNode) else "")
        for kind in _TARGETS
        for value in graph.values(node, v.SH + kind)
    )
    path = _read_path(graph, graph.value(node, v.SH + "path"))
    rules: dict[str, object] = {}
    for word in words - set(_SAID):
        rule = _read_rule(graph, node, word)
        if rule is None:
            return None
        rules[word] = rule
    if path is None or not all(iri for _, iri in targets):
        return None
    if ("qualifiedValueShape" in rules) != ("qualifiedMinCount" in rules):
        return None
    single = isinstance(graph.value(node, v.SH + "path"), ox.NamedNode)
    return Shape(node, targets, path, path[0] if single else None, rules)


def _read_path(graph: ShapeGraph, node: Term | None) -> tuple[str, ...] | None:
    """Return the properties of a path: one, or a choice of several."""
    if isinstance(node, ox.NamedNode):
        return (node.value,)
    if node is None or graph.words(node) != {"alternativePath"}:
        return None
    found = graph.items(graph.value(node, v.SH + "alternativePath"))
    names = tuple(item.value for item in found if isinstance(item, ox.NamedNode))
    return names if names and len(names) == len(found) else None


def _read_rule(graph: ShapeGraph, node: Term, word: str) -> object | None:
    """Return what a constraint asks for; None where it is not of a form that is known here."""
    value = graph.value(node, v.SH + word)
    if word in _COUNTS:
        return _whole(value)
    if word in ("in", "languageIn"):
        return tuple(graph.items(value)) or None
    if word == "or":
        parts = [_read_class(graph, item) for item in graph.items(value)]
        return tuple(parts) if parts and all(parts) else None
    if word == "qualifiedValueShape":
        tags = graph.items(graph.value(value, v.SH + "languageIn"))
        plain = value is not None and graph.words(value) == {"languageIn"}
        return tuple(tags) if plain and tags else None
    known: dict[str, bool] = {
        "datatype": isinstance(value, ox.NamedNode) and value.value in _LEXICAL,
        "nodeKind": value == ox.NamedNode(v.SH + "IRI"),
        "uniqueLang": value == ox.Literal(True),
        "class": isinstance(value, ox.NamedNode),
    }
    return value if known[word] else None


def _whole(value: Term | None) -> int | None:
    typed = isinstance(value, ox.Literal) and value.datatype.value == v.XSD + "integer"
    text = value.value if isinstance(value, ox.Literal) else ""
    return int(text) if typed and _INTEGER.fullmatch(text) else None


def _read_class(graph: ShapeGraph, node: Term) -> Term | None:
    return graph.value(node, v.SH + "class") if graph.words(node) == {"class"} else None


def check_all(shapes: Iterable[Shape], store: Store) -> Iterator[Result]:
    """Yield what in the asserted graph of a store does not have the shape it must have."""
    facts = _Facts(store)
    for shape in shapes:
        columns = [facts.of(name) for name in shape.path]
        for focus in dict.fromkeys(_targets(shape, facts)):
            values = [value for column in columns for value in column.get(focus, ())]
            yield from _check(shape, focus, list(dict.fromkeys(values)), facts)


def _targets(shape: Shape, facts: _Facts) -> Iterator[Term]:
    for kind, iri in shape.targets:
        if kind == "targetClass":
            yield from facts.members.get(ox.NamedNode(iri), ())
        elif kind == "targetSubjectsOf":
            yield from facts.of(iri)
        else:
            yield ox.NamedNode(iri)


def _check(shape: Shape, focus: Term, values: list[Term], facts: _Facts) -> Iterator[Result]:
    """Yield the results of one shape at one node: of all values together, then of each."""
    rules, size = shape.rules, len(values)
    tags = rules.get("qualifiedValueShape")
    broken = {
        "minCount": size < _number(rules.get("minCount")),
        "maxCount": "maxCount" in rules and size > _number(rules["maxCount"]),
        "uniqueLang": "uniqueLang" in rules and _twice(values),
        "qualifiedMinCount": tags is not None
        and sum(_in_language(x, tags) for x in values) < _number(rules["qualifiedMinCount"]),
    }
    for word, found in broken.items():
        if found:
            yield Result(shape.node, focus, shape.name, said=word)
    for word in _VALUES:
        if word in rules:
            for value in values:
                if not _CHECKS[word](value, rules[word], facts):
                    yield Result(shape.node, focus, shape.name, value, word)


def _number(rule: object) -> int:
    return rule if isinstance(rule, int) else 0


def _twice(values: Iterable[Term]) -> bool:
    tags = [x.language for x in values if isinstance(x, ox.Literal) and x.language]
    return len(set(tags)) < len(tags)


def _in_language(value: Term, tags: object) -> bool:
    """Return whether a literal is in one of the languages, or in a variety of it."""
    tag = (value.language or "").lower() if isinstance(value, ox.Literal) else ""
    asked = [x.value.lower() for x in tags if isinstance(x, ox.Literal)]  # type: ignore[attr-defined]
    return any(tag == one or tag.startswith(f"{one}-") for one in asked)


def _is_typed(value: Term, rule: object) -> bool:
    """Return whether a literal has a data type and a text that fits it."""
    return (
        isinstance(value, ox.Literal)
        and value.datatype == rule
        and _LEXICAL[value.datatype.value].fullmatch(value.value) is not None
    )


def _is_from(value: Term, least: object) -> bool:
    """Return whether a literal is a number of at least `least`."""
    if not isinstance(value, ox.Literal) or value.datatype.value not in _NUMBERS:
        return False
    try:
        return Decimal(value.value) >= _number(least)
    except InvalidOperation:
        return False


def _is_long(value: Term, least: object) -> bool:
    if isinstance(value, ox.BlankNode):
        return False
    return len(getattr(value, "value", "")) >= _number(least)


_CHECKS: dict[str, Callable[[Term, object, _Facts], bool]] = {
    "datatype": lambda value, rule, _: _is_typed(value, rule),
    "class": lambda value, rule, facts: facts.is_a(value, rule),
    "nodeKind": lambda value, _, __: isinstance(value, ox.NamedNode),
    "in": lambda value, rule, _: value in rule,  # type: ignore[operator]
    "languageIn": lambda value, rule, _: _in_language(value, rule),
    "minLength": lambda value, rule, _: _is_long(value, rule),
    "minInclusive": lambda value, rule, _: _is_from(value, rule),
    "or": lambda value, rule, facts: any(facts.is_a(value, x) for x in rule),  # type: ignore[attr-defined]
}
