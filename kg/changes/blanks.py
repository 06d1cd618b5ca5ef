"""Owns names for blank nodes that depend on what is said of them, and on nothing else.

Two files never share a blank node, so that a graph read twice would differ from itself. Here each
node is named after the part of the graph that hangs together by blank nodes: equal parts get equal
names. The nodes of a part are told apart by colour refinement; where it finds two alike, one of
them is singled out and the refinement goes on. It never takes different graphs for the same.
Parts in which many nodes look alike and are not may differ from themselves: the search for the one
right order, which can take forever, is left out.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import pyoxigraph as ox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

__all__ = ["name_blanks"]

_VISITS = 200_000  # of nodes in one part; after that, those still alike are taken as they come
Colours = dict[ox.BlankNode, str]


def name_blanks(triples: Iterable[ox.Triple]) -> set[ox.Triple]:
    """Return the triples with each blank node named after what is said of it."""
    plain: set[ox.Triple] = set()
    blank: list[ox.Triple] = []
    for triple in triples:
        if isinstance(triple.subject, ox.BlankNode) or not isinstance(
            triple.object, (ox.NamedNode, ox.Literal)
        ):
            blank.append(triple)
        else:
            plain.add(triple)
    copies: Counter[str] = Counter()
    for part in _parts(blank):
        order = _ordered(part)
        numbers = {node: ox.BlankNode(f"n{at}") for at, node in enumerate(order)}
        lines = sorted(str(_renamed(triple, numbers.__getitem__)) for triple in part)
        mark = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
        copies[mark] += 1
        named = {
            node: ox.BlankNode(f"b{mark}n{at}c{copies[mark]}") for at, node in enumerate(order)
        }
        plain.update(_renamed(triple, named.__getitem__) for triple in part)
    return plain


def _parts(triples: Iterable[ox.Triple]) -> Iterator[list[ox.Triple]]:
    """Yield the triples in groups that share blank nodes."""
    above: dict[ox.BlankNode, ox.BlankNode] = {}

    def top(node: ox.BlankNode) -> ox.BlankNode:
        while (parent := above.setdefault(node, node)) != node:
            above[node] = above[parent]
            node = parent
        return node

    found = [(triple, list(_blanks(triple))) for triple in triples]
    for _, nodes in found:
        for node in nodes[1:]:
            above[top(node)] = top(nodes[0])
    groups: dict[ox.BlankNode | None, list[ox.Triple]] = defaultdict(list)
    for triple, nodes in found:
        groups[top(nodes[0]) if nodes else None].append(triple)
    yield from groups.values()


def _ordered(part: Iterable[ox.Triple]) -> list[ox.BlankNode]:
    """Return the blank nodes of a part in an order that does not depend on their names."""
    said: dict[ox.BlankNode, list[ox.Triple]] = defaultdict(list)
    for triple in part:
        for node in set(_blanks(triple)):
            said[node].append(triple)
    rounds = iter(range(max(2, _VISITS // max(len(said), 1))))
    colours = _refined(dict.fromkeys(said, ""), said, rounds)
    for turn in rounds:
        sizes = Counter(colours.values())
        alike = min((c for c, size in sizes.items() if size > 1), default=None)
        if alike is None:
            break
        one = next(node for node, colour in colours.items() if colour == alike)
        colours = _refined({**colours, one: f"{alike}x{turn}"}, said, rounds)
    return sorted(said, key=colours.__getitem__)


def _refined(
    colours: Colours, said: Mapping[ox.BlankNode, list[ox.Triple]], rounds: Iterator[int]
) -> Colours:
    """Colour each node by the triples around it, until no further nodes are told apart."""
    count = len(set(colours.values()))
    for _ in rounds:
        fresh: Colours = {}
        for node, triples in said.items():
            lines = sorted(_seen_from(node, triple, colours) for triple in triples)
            text = "\n".join((colours[node], *lines))
            fresh[node] = hashlib.sha256(text.encode()).hexdigest()
        before, count = count, len(set(fresh.values()))
        colours = fresh
        if count in (before, len(fresh)):
            break
    return colours


def _seen_from(node: ox.BlankNode, triple: ox.Triple, colours: Colours) -> str:
    """Return a triple as text: this node as such, other blank nodes by their colour."""

    def shown(other: ox.BlankNode) -> ox.BlankNode:
        return ox.BlankNode("this" if other == node else f"c{colours[other]}")

    return str(_renamed(triple, shown))


def _blanks(triple: ox.Triple) -> Iterator[ox.BlankNode]:
    for term in (triple.subject, triple.object):
        if isinstance(term, ox.BlankNode):
            yield term
        elif isinstance(term, ox.Triple):
            yield from _blanks(term)


def _renamed(triple: ox.Triple, name: Callable[[ox.BlankNode], ox.BlankNode]) -> ox.Triple:
    subject, object_ = triple.subject, triple.object
    if isinstance(subject, ox.BlankNode):
        subject = name(subject)
    if isinstance(object_, ox.BlankNode):
        object_ = name(object_)
    elif isinstance(object_, ox.Triple):
        object_ = _renamed(object_, name)
    return ox.Triple(subject, triple.predicate, object_)
