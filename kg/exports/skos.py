"""Owns the plain SKOS export: the glossary for Skosmos, PoolParty, Protégé and their like.

Nothing but SKOS and a few words of Dublin Core and OWL: a typed relation is told as skos:related
where SKOS lets it (S27), a topic is a collection, and a concept with nothing above it is a top
concept, so that every concept is reached from the scheme.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

import pyoxigraph as ox

from kg import vocab as v
from kg.exports.graphs import turtle
from kg.exports.mappings import read_mappings
from kg.exports.selection import Selection, clean, select_glossary
from kg.model import LANGS
from kg.store.facts import Facts, value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg.model import Concept, Glossary, Text
    from kg.store import Store

__all__ = ["write_skos"]

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
_TITLE = {"zh": "销售运营术语表", "en": "Sales operations glossary"}
_TYPE = v.RDF + "type"
_BROADER = v.SKOS + "broader"
_PREFIXES = {name: v.PREFIXES[name] for name in ("dcterms", "owl", "rdfs", "skos", "term", "topic")}
_ROLES = {"pref": "prefLabel", "alt": "altLabel", "hidden": "hiddenLabel"}
# Exact match is disjoint with these (S46).
_LOOSER = ("broadMatch", "narrowMatch", "relatedMatch")

Pair = tuple[str, str]


def write_skos(store: Store, out: BinaryIO, selection: Selection) -> None:
    """Write the glossary as plain SKOS, as Turtle or (`syntax` "rdfxml") as RDF/XML.

    Whatever the graph holds, the file keeps the integrity conditions S13, S14, S27 and S46: a label
    stands in one role, a language has one preferred label, concepts in a line of broader ones are
    not related, and what matches exactly matches in no other way. Raises ExportError as `export`.
    """
    glossary = select_glossary(store, selection)
    triples = sorted(set(_triples(store, glossary)), key=_order)
    if selection.syntax != "rdfxml":
        out.write(turtle(triples, _PREFIXES))
        return
    legal = (ox.Triple(t.subject, t.predicate, _legal(t.object)) for t in triples)
    data = ox.serialize(legal, format=ox.RdfFormat.RDF_XML, prefixes=_PREFIXES)
    head, _, body = (data or b"").partition(b"<rdf:RDF ")
    names, _, rest = body.partition(b">")
    out.write(head + b"<rdf:RDF " + b" ".join(sorted(names.split())) + b">" + rest.rstrip() + b"\n")


def _legal(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> ox.NamedNode | ox.Literal:
    """Return a value as XML can hold it."""
    if isinstance(term, ox.Literal):
        text = clean(term.value)
        if term.language:
            return ox.Literal(text, language=term.language)
        return ox.Literal(text, datatype=term.datatype)
    if isinstance(term, ox.NamedNode):
        return term
    raise TypeError(term)


def _order(triple: ox.Triple) -> tuple[str, bool, str, str]:
    subject, predicate = str(triple.subject), triple.predicate.value
    return subject, predicate != _TYPE, predicate, str(triple.object)


def _link(subject: str, predicate: str, object_: str) -> ox.Triple:
    return ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), ox.NamedNode(object_))


def _said(subject: str, predicate: str, texts: Iterable[Text]) -> Iterator[ox.Triple]:
    for text in texts:
        if text.value:
            literal = ox.Literal(text.value, language=text.lang)
            yield ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), literal)


def _typed(subject: str, predicate: str, text: str, kind: str) -> ox.Triple:
    literal = ox.Literal(text, datatype=ox.NamedNode(v.XSD + kind))
    return ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), literal)


def _triples(store: Store, glossary: Glossary) -> Iterator[ox.Triple]:
    facts = Facts(store)
    broader = _broader(glossary)
    if glossary.concepts:
        yield from _scheme(facts, glossary)
    for topic in glossary.topics:
        yield _link(topic.iri, _TYPE, v.SKOS + "Collection")
        yield _link(topic.iri, v.SKOS + "inScheme", v.SCHEME)
        yield from _said(topic.iri, v.SKOS + "prefLabel", _once(topic.labels))
        yield from _said(topic.iri, v.SKOS + "definition", topic.scopes)
    topics = {topic.id: topic.iri for topic in glossary.topics}
    below = {narrow for narrow, _ in broader}
    for concept in glossary.concepts.values():
        yield from _concept(facts, concept)
        if concept.topic in topics:
            yield _link(topics[concept.topic], v.SKOS + "member", concept.iri)
        if concept.iri not in below:
            yield _link(concept.iri, v.SKOS + "topConceptOf", v.SCHEME)
            yield _link(v.SCHEME, v.SKOS + "hasTopConcept", concept.iri)
    for narrow, wide in broader:
        yield _link(narrow, _BROADER, wide)
        yield _link(wide, v.SKOS + "narrower", narrow)
    for one, other in _related(glossary, broader):
        yield _link(one, v.SKOS + "related", other)
        yield _link(other, v.SKOS + "related", one)
    yield from _matches(store, glossary)


def _scheme(facts: Facts, glossary: Glossary) -> Iterator[ox.Triple]:
    yield _link(v.SCHEME, _TYPE, v.SKOS + "ConceptScheme")
    yield _link(v.SCHEME, v.DCTERMS + "license", LICENCE)
    yield _link(v.SCHEME, v.RDFS + "seeAlso", v.ONTOLOGY)
    for lang in LANGS:
        for predicate in (v.SKOS + "prefLabel", v.DCTERMS + "title"):
            title = ox.Literal(_TITLE[lang], language=lang)
            yield ox.Triple(ox.NamedNode(v.SCHEME), ox.NamedNode(predicate), title)
    if version := value(facts[v.SCHEME], v.OWL + "versionInfo"):
        yield _typed(v.SCHEME, v.OWL + "versionInfo", version, "string")
    dates = [value(facts[iri], v.DCTERMS + "modified") for iri in glossary.concepts]
    if known := sorted(filter(None, dates)):
        yield _typed(v.SCHEME, v.DCTERMS + "modified", known[-1], "date")


def _once(texts: Iterable[Text]) -> Iterator[Text]:
    """Yield the first text of each language: SKOS allows one preferred label (S14)."""
    seen = set()
    for text in sorted(texts):
        if text.lang not in seen:
            seen.add(text.lang)
            yield text


def _concept(facts: Facts, concept: Concept) -> Iterator[ox.Triple]:
    iri = concept.iri
    yield _link(iri, _TYPE, v.SKOS + "Concept")
    yield _link(iri, v.SKOS + "inScheme", v.SCHEME)
    yield from _labels(concept)
    yield from _said(iri, v.SKOS + "definition", concept.definitions)
    yield from _said(iri, v.SKOS + "scopeNote", concept.scope_notes)
    yield from _said(iri, v.SKOS + "editorialNote", concept.editorial_notes)
    if date := value(facts[iri], v.DCTERMS + "modified"):
        yield _typed(iri, v.DCTERMS + "modified", date, "date")
    if concept.stewardship.status == "deprecated":
        yield _typed(iri, v.OWL + "deprecated", "true", "boolean")
    other = concept.stewardship.replaced_by
    if other and v.is_iri(other):
        yield _link(iri, v.DCTERMS + "isReplacedBy", other)


def _labels(concept: Concept) -> Iterator[ox.Triple]:
    """Yield each label in the first of its roles (S13), one preferred label a language (S14)."""
    told: set[Pair] = set()
    preferred: set[str] = set()
    for label in concept.labels:  # preferred ones first
        key = label.value, label.lang
        role = label.role
        if role == "pref" and label.lang in preferred:
            role = "alt"
        if key in told or not label.value:
            continue
        told.add(key)
        preferred |= {label.lang} if role == "pref" else set()
        predicate = ox.NamedNode(v.SKOS + _ROLES[role])
        literal = ox.Literal(label.value, language=label.lang)
        yield ox.Triple(ox.NamedNode(concept.iri), predicate, literal)


def _broader(glossary: Glossary) -> list[Pair]:
    """Return (narrower, broader) of the asserted hierarchy, sorted."""
    return sorted(
        (r.subject, r.object)
        for r in glossary.relations
        if r.asserted and r.predicate == _BROADER and r.subject != r.object
    )


def _related(glossary: Glossary, broader: Iterable[Pair]) -> list[Pair]:
    """Return the pairs that some other relation joins, but for those that S27 forbids.

    Filing (`topicOf`) claims nothing of the world and gives no pair.
    """
    above: dict[str, set[str]] = {}
    for narrow, wide in broader:
        above.setdefault(narrow, set()).add(wide)
    closure = {iri: _reached(above, iri) for iri in above}
    pairs = set()
    for relation in glossary.relations:
        one, other = sorted((relation.subject, relation.object))
        lined = other in closure.get(one, ()) or one in closure.get(other, ())
        silent = relation.predicate in (_BROADER, v.SO + "topicOf") or not relation.asserted
        if one != other and not lined and not silent:
            pairs.add((one, other))
    return sorted(pairs)


def _reached(above: dict[str, set[str]], start: str) -> set[str]:
    """Return all that stands above a concept."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        new = above.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found


def _matches(store: Store, glossary: Glossary) -> Iterator[ox.Triple]:
    """Yield the verified matches of concepts; an exact one rules out looser ones (S46)."""
    found = [
        mapping
        for mapping in read_mappings(store, glossary)
        if mapping.verified and not mapping.system and mapping.subject in glossary.concepts
    ]
    exact = {(m.subject, m.object) for m in found if m.relation == "exactMatch"}
    for mapping in found:
        if mapping.relation in _LOOSER and (mapping.subject, mapping.object) in exact:
            continue
        yield _link(mapping.subject, v.SKOS + mapping.relation, mapping.object)
