"""Owns collecting quads: the one place that makes a quad out of cells, and notes its row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg import vocab as v

if TYPE_CHECKING:
    from kg.model import Place
    from kg.sources.rows import Row

__all__ = ["PRODUCT", "Quads", "answer_of", "passage_node"]

PRODUCT = "product"  # the source of all that is ours


class Quads:
    """Collects quads in the order they are added, and the row behind each subject.

    An empty text adds nothing: what a cell leaves open is left out of the graph.
    """

    def __init__(self) -> None:
        self.quads: list[ox.Quad] = []
        self.origins: dict[str, Place] = {}

    def add(
        self, subject: str, predicate: str, value: ox.NamedNode | ox.Literal, source: str = PRODUCT
    ) -> None:
        """Add a triple to the graph of `source`."""
        graph = ox.NamedNode(v.asserted_graph(source))
        self.quads.append(ox.Quad(ox.NamedNode(subject), ox.NamedNode(predicate), value, graph))

    def link(self, subject: str, predicate: str, target: str, source: str = PRODUCT) -> None:
        """Add a triple whose object is an IRI."""
        self.add(subject, predicate, ox.NamedNode(target), source)

    def text(
        self,
        subject: str,
        predicate: str,
        value: str,
        lang: str | None = None,
        source: str = PRODUCT,
    ) -> None:
        """Add a text, in a language where one is given."""
        if value:
            self.add(subject, predicate, ox.Literal(value, language=lang), source)

    def texts(
        self, subject: str, predicate: str, row: Row, column: str, source: str = PRODUCT
    ) -> None:
        """Add the Chinese and the English text of two columns, such as "definition_zh"."""
        for lang in ("zh", "en"):
            name = f"{column}_{lang}" if column else lang
            self.text(subject, predicate, row[name], lang, source)

    def whole(self, subject: str, predicate: str, value: str, source: str = PRODUCT) -> None:
        """Add a whole number."""
        if value:
            self.add(subject, predicate, ox.Literal(int(value)), source)

    def value(
        self, subject: str, predicate: str, value: str, datatype: str, source: str = PRODUCT
    ) -> None:
        """Add a literal of an XML Schema type, such as "date"."""
        if value:
            iri = ox.NamedNode(v.XSD + datatype)
            self.add(subject, predicate, ox.Literal(value, datatype=iri), source)

    def flag(self, subject: str, predicate: str, *, on: bool) -> None:
        """Add true or false."""
        self.add(subject, predicate, ox.Literal(on))

    def typed(self, subject: str, class_: str, row: Row, source: str = PRODUCT) -> None:
        """Add the class of a subject, and note the row that it stands in."""
        self.link(subject, v.RDF + "type", class_, source)
        self.origins.setdefault(subject, row.place())

    def claim(
        self, relation: str, code: str, triple: tuple[str, str, str], strength: str, row: Row
    ) -> str:
        """Add the claim that a passage (or we) make of a triple; return its IRI."""
        source = answer_of(code)
        node = passage_node(code) if source else ox.NamedNode(v.SOURCE + PRODUCT)
        subject = f"{v.CLAIM}{relation}-{v.local_name(node.value)}"
        graph = source or PRODUCT
        self.typed(subject, v.SO + "Claim", row, graph)
        for name, value in zip(("subject", "predicate", "object"), triple, strict=True):
            self.link(subject, v.RDF + name, value, graph)
        self.text(subject, v.SO + "strength", strength, source=graph)
        self.add(subject, v.PROV + "wasDerivedFrom", node, graph)
        if source:
            self.whole(subject, v.SO + "answer", source[-1], graph)
        return subject


def answer_of(code: str) -> str | None:
    """Return the source of a passage code: "a2.7" -> "answer2", the title -> None."""
    return f"answer{code[1]}" if code.startswith("a") else None


def passage_node(code: str) -> ox.NamedNode:
    """Return the node of a passage code: "a2.7" -> passage:2.7, the title -> passage:0."""
    return ox.NamedNode(v.PASSAGE + ("0" if code == "title" else code.removeprefix("a")))
