"""Owns which part of a graph an export holds, and the texts that every format shares."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg import vocab as v
from kg.errors import ExportError
from kg.inference import infer
from kg.model import Predicate, Relation
from kg.store import open_store
from kg.store.reading import read_glossary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from kg.model import FieldName, Glossary, Lang
    from kg.store import Store

__all__ = ["STRENGTHS", "ForeignField", "Selection", "clean", "select_glossary", "select_triples"]

STRENGTHS = ("stated", "implied", "product")

# What XML 1.0 cannot hold, not even as a character reference.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class ForeignField:
    """A field as a CRM lists it: API name and label (one may be missing), object and type."""

    api: str
    label: str = ""
    object: str = ""
    type: str = ""

    @property
    def name(self) -> str:
        """Return the API name behind that of its object, as alignments write it."""
        name = self.api or self.label
        if not self.object or name.startswith(f"{self.object}."):
            return name
        return f"{self.object}.{name}"


@dataclass(frozen=True, slots=True)
class Selection:
    """What an export holds and in which words.

    `sources` ("answer1".."answer4", "product") and `strengths` keep a relation where one of its
    claims fits both, and of its claims those that fit; empty means all. `inferred` adds what
    follows from what was kept. `plain` and `table` are for tables. `syntax` is one of the writings
    of a format that has several, `ontology` the folder of the ontology's rules. For the mapping
    sheet: `system` is the id of a CRM, `crm` holds its fields, and `filled` what a sheet that came
    back says: ids of neutral fields with their names.
    """

    lang: Lang = "zh"
    plain: bool = False
    inferred: bool = False
    sources: tuple[str, ...] = ()
    strengths: tuple[str, ...] = ()
    table: str = "concepts"
    syntax: str = ""
    ontology: Path | None = None
    crm: tuple[ForeignField, ...] = ()
    filled: tuple[tuple[str, FieldName], ...] = ()
    system: str = ""

    @property
    def filtered(self) -> bool:
        """Return whether any relation may have to stay out."""
        return bool(self.sources or self.strengths)


def select_triples(store: Store, selection: Selection) -> list[ox.Triple]:
    """Return the triples of all graphs but the ontology that fit, sorted with types first.

    Raises ExportError for an unknown source or strength.
    """
    triples = set(_data(store))
    if selection.filtered:
        triples -= set(_refused(store, triples, selection))
    if selection.inferred:
        triples |= set(_inferred(store, triples, selection))
    return sorted(triples, key=_triple_order)


def select_glossary(store: Store, selection: Selection) -> Glossary:
    """Return the glossary with the relations that fit; raise ExportError as `select_triples`.

    Inferred relations come without claims, last. A predicate without words goes by its name;
    claims about things that are no terms are left to the RDF formats.
    """
    glossary = _complete(read_glossary(store))
    _check(glossary, selection)
    relations = tuple(_kept(glossary.relations, selection))
    if selection.inferred:
        triples = select_triples(store, selection)
        relations += tuple(_new_relations(glossary, relations, triples))
    return replace(glossary, relations=relations)


def clean(text: str) -> str:
    r"""Return a text without the characters that XML and spreadsheets cannot hold.

    >>> clean("a\x00b\tc")
    'ab\tc'
    """
    return _ILLEGAL.sub("", text)


def _data(store: Store) -> Iterator[ox.Triple]:
    for graph in store.graphs():
        if graph not in (v.ONTOLOGY_GRAPH, v.INFERRED):
            name = ox.NamedNode(graph)
            yield from (q.triple for q in store.engine.quads_for_pattern(None, None, None, name))


def _triple_order(triple: ox.Triple) -> tuple[str, bool, str, str]:
    subject, predicate = triple.subject, triple.predicate.value
    name = subject.value if isinstance(subject, ox.NamedNode) else str(subject)
    return name, predicate != v.RDF + "type", predicate, str(triple.object)


def _complete(glossary: Glossary) -> Glossary:
    """Return a glossary in which every relation has two terms and a predicate."""
    terms = glossary.concepts
    relations = tuple(r for r in glossary.relations if r.subject in terms and r.object in terms)
    unknown = sorted({r.predicate for r in relations} - glossary.predicates.keys())
    wordless = {iri: Predicate(iri, (), {}) for iri in unknown}
    predicates = {**glossary.predicates, **wordless}
    return replace(glossary, relations=relations, predicates=predicates)


def _check(glossary: Glossary, selection: Selection) -> None:
    known = {claim.source for relation in glossary.relations for claim in relation.claims}
    for asked, allowed in (
        (selection.sources, tuple(sorted(known))),
        (selection.strengths, STRENGTHS),
    ):
        for value in asked:
            if value not in allowed:
                raise ExportError("export-format", format=value, known=allowed)


def _kept(relations: Iterable[Relation], selection: Selection) -> Iterator[Relation]:
    for relation in relations:
        claims = tuple(
            claim
            for claim in relation.claims
            if (not selection.sources or claim.source in selection.sources)
            and (not selection.strengths or claim.strength in selection.strengths)
        )
        if claims or not selection.filtered:
            yield replace(relation, claims=claims)


def _refused(store: Store, triples: set[ox.Triple], selection: Selection) -> Iterator[ox.Triple]:
    """Yield the relations that do not fit, and all that is said of their claims."""
    glossary = read_glossary(store)
    _check(glossary, selection)
    kept = {_fact(relation): relation for relation in _kept(glossary.relations, selection)}
    dropped: set[object] = set()
    for relation in glossary.relations:
        stays = kept.get(_fact(relation))
        if stays is None:
            yield ox.Triple(*map(ox.NamedNode, _fact(relation)))
        claims = set(relation.claims) - set(stays.claims if stays else ())
        dropped.update(ox.NamedNode(claim.iri) for claim in claims)
    yield from (t for t in triples if t.subject in dropped or t.object in dropped)


def _inferred(store: Store, triples: set[ox.Triple], selection: Selection) -> Iterator[ox.Triple]:
    """Yield what follows: kept in the store for the whole graph, worked out anew for a part."""
    if not selection.filtered:
        inferred = ox.NamedNode(v.INFERRED)
        yield from (q.triple for q in store.engine.quads_for_pattern(None, None, None, inferred))
        return
    part = open_store()
    ontology = ox.NamedNode(v.ONTOLOGY_GRAPH)
    part.extend(store.engine.quads_for_pattern(None, None, None, ontology))
    data = ox.NamedNode(v.asserted_graph("selection"))
    part.extend(ox.Quad(t.subject, t.predicate, t.object, data) for t in triples)
    yield from infer(part).triples()


def _new_relations(
    glossary: Glossary, relations: Iterable[Relation], triples: Iterable[ox.Triple]
) -> Iterator[Relation]:
    known = {_fact(relation) for relation in relations}
    for triple in triples:
        if not isinstance(triple.subject, ox.NamedNode) or not isinstance(
            triple.object, ox.NamedNode
        ):
            continue
        fact = triple.subject.value, triple.predicate.value, triple.object.value
        ends = fact[0] in glossary.concepts and fact[2] in glossary.concepts
        if ends and fact[1] in glossary.predicates and fact not in known:
            yield Relation("", *fact)


def _fact(relation: Relation) -> tuple[str, str, str]:
    return relation.subject, relation.predicate, relation.object
