"""Owns which change a triple belongs to: the term, measure or relation it tells of, and what of it.

A triple that only one graph holds is placed by what that graph and the other say of its subject.
Nothing is placed by the spelling of an IRI: types say what a thing is, links what a part is of.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kg import vocab as v
from kg.model import Text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Literal

    Side = Literal["removed", "added"]

__all__ = ["EVIDENCE", "PARENTS", "Facet", "Graph", "facet_of", "spelled"]

EVIDENCE = v.PROV + "wasDerivedFrom"
PARENTS = (v.SKOS + "broader", v.SO + "topicOf")
# class -> what it makes of a node; the first that fits counts
_THINGS = {
    v.SKOS + "Concept": "term",
    v.SO + "BaseMeasure": "measure",
    v.SO + "DataField": "field",
    v.SO + "CrmObject": "object",
    v.SO + "Parameter": "parameter",
    v.SO + "Unit": "unit",
    v.SKOS + "Collection": "topic",
    v.SO + "LookalikeSet": "lookalike",
}
_RANKS = {thing: rank for rank, thing in enumerate(_THINGS.values())}
_NAMES = (v.SKOS + "prefLabel", v.RDFS + "label")
# predicate of a term -> the kind of change that it tells
_OF_TERMS = {
    **dict.fromkeys((v.SO + "status", v.DCTERMS + "isReplacedBy", v.OWL + "deprecated"), "status"),
    v.SKOS + "prefLabel": "renamed",
    v.SKOS + "altLabel": "aliased",
    v.SKOS + "hiddenLabel": "aliased",
    **{v.SKOS + name: "redefined" for name in ("definition", "scopeNote", "editorialNote")},
    **{v.SO + name: "moved" for name in ("topic", "kind", "tier")},
    **dict.fromkeys((v.RDF + "type", v.SKOS + "topConceptOf"), "moved"),
    v.SO + "mentionedIn": "cited",
    **{
        v.SKOS + f"{way}Match": "mapped" for way in ("exact", "close", "broad", "narrow", "related")
    },
    **{v.SO + n: "stewarded" for n in ("owner", "reviewedOn", "effectiveFrom", "translatedFrom")},
    **dict.fromkeys((v.DCTERMS + "modified", v.OWL + "versionInfo"), "stewarded"),
}
_OF_METRICS = {
    *(v.SO + name for name in ("unit", "direction", "display", "dateBasis", "filterNote", "grain")),
    *(v.SO + name for name in ("currencyBasis", "taxBasis", "additivity")),
}
_FORMULA, _EXPRESSION = v.SO + "hasFormula", v.SO + "expression"
# link from a thing to a part of it -> (the kind of change of a term, what names the part)
_PARTS = {
    _FORMULA: ("metric-changed", _EXPRESSION),
    v.SO + "hasMetricVariant": ("metric-changed", v.RDFS + "label"),
    v.SO + "hasDefinition": ("term-redefined", v.RDF + "value"),
    v.SO + "mapsTo": ("term-mapped", v.SO + "mapsTo"),
    v.SO + "alignsField": ("term-mapped", v.SO + "externalName"),
    v.SO + "determines": ("term-mapped", v.SO + "toField"),
    v.SO + "compares": ("term-mapped", v.SO + "about"),
}
_DOWN = {_FORMULA, v.SO + "hasOperand", v.SO + "hasMetricVariant", v.SO + "hasDefinition"}
# link from a part to its thing -> the link from the thing to the part that it stands for
_UP = {
    v.SO + "variantOfMetric": v.SO + "hasMetricVariant",
    v.SO + "definitionOf": v.SO + "hasDefinition",
    v.SO + "mapsFrom": v.SO + "mapsTo",
    v.SO + "alignsField": v.SO + "alignsField",
    v.SO + "fromField": v.SO + "determines",
    v.SO + "entryOf": v.SO + "compares",
}
# Parts that have no name of their own: they are told with the link.
_NAMELESS = {v.SO + "determines", v.SO + "compares"}
# Predicates that only say again, or in more detail, what another one says.
_SAME_AS = {
    v.SO + "object": v.SO + "fieldOf",
    v.SO + "answer": EVIDENCE,
    v.SO + "sentence": EVIDENCE,
    v.SO + "hasOperand": _EXPRESSION,
}
_ENDS = (v.RDF + "subject", v.RDF + "predicate", v.RDF + "object")
_DEFAULT = v.SO + "isDefault"
# link from a collection or scheme to a term -> the predicate of the term that says the same
_FILING = {v.SKOS + "member": v.SO + "topic", v.SKOS + "hasTopConcept": v.SKOS + "topConceptOf"}
_DEEPEST = 4  # links followed from a part of a part up to a thing


class Facet(NamedTuple):
    """What a change is about; the triples of one facet make one change."""

    kind: str
    subject: str
    what: str = ""
    lang: str = ""
    predicate: str = ""
    object: str = ""


Relation = tuple[str, str, str]
Place = tuple[str, str, str]  # IRI of a thing, link to a part of it or "", the part or ""
_OTHER: Place = ("", "", "")


class Graph:
    """The triples of a graph, with what each node is: a thing, a part of one, or a claim."""

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        """Read the triples once."""
        self.triples = frozenset(triples)
        self.things: dict[str, str] = {}
        self.phrased: set[str] = set()
        self._owners: dict[str, tuple[str, str]] = {}  # part -> (its owner, link)
        self._untied: set[str] = set()  # claims, also those that lack an end
        self._ends: dict[str, dict[str, str]] = defaultdict(dict)
        for triple in self.triples:
            self._read(triple)
        self.claims: dict[str, Relation] = {
            claim: (ends[_ENDS[0]], ends[_ENDS[1]], ends[_ENDS[2]])
            for claim, ends in self._ends.items()
            if claim in self._untied and len(ends) == len(_ENDS)
        }
        self.claimed = frozenset(self.claims.values())

    def _read(self, triple: ox.Triple) -> None:
        predicate, subject = triple.predicate.value, spelled(triple.subject)
        if predicate == v.RDF + "type":
            self._type(subject, spelled(triple.object))
        elif predicate in _DOWN:
            self._own(triple.object, subject, predicate)
        elif predicate in _UP and not isinstance(triple.object, ox.Literal):
            self._own(triple.subject, spelled(triple.object), _UP[predicate])
        elif predicate in _ENDS and isinstance(triple.object, ox.NamedNode):
            ends, end = self._ends[subject], triple.object.value
            ends[predicate] = min(ends.get(predicate, end), end)
        elif predicate == v.SO + "forwardPhrase":
            self.phrased.add(subject)

    def _type(self, subject: str, class_: str) -> None:
        if class_ == v.SO + "Claim":
            self._untied.add(subject)
        elif (thing := _THINGS.get(class_)) is not None:
            both = (self.things.get(subject, thing), thing)
            self.things[subject] = min(both, key=_RANKS.__getitem__)

    def _own(self, part: object, owner: str, link: str) -> None:
        if not isinstance(part, ox.Literal):
            name, found = spelled(part), (owner, link)
            self._owners[name] = min(self._owners.get(name, found), found)

    def place(self, node: str) -> Place:
        """Return the thing that a node is or is part of, the link to that part, and the part."""
        if node in self.things:
            return node, "", ""
        for _ in range(_DEEPEST):
            if node not in self._owners:
                return _OTHER
            owner, link = self._owners[node]
            if owner in self.things:
                return owner, link, node
            node = owner
        return _OTHER

    def holds(self, relation: Relation) -> bool:
        """Return whether the graph states a relation, or claims it."""
        return relation in self.claimed or (
            ox.Triple(*(ox.NamedNode(part) for part in relation)) in self.triples
        )


def spelled(term: object) -> str:
    """Return a term as a plain text: the IRI, the words of a literal, "_:" before a blank node."""
    return term.value if isinstance(term, (ox.NamedNode, ox.Literal)) else str(term)


def facet_of(triple: ox.Triple, here: Graph, there: Graph, side: Side) -> tuple[Facet, Text | None]:
    """Return what a triple tells of that only `here` holds, and the value where it bears one.

    `side` says which graph `here` is: that of the triples "removed", or of those "added".
    """
    predicate = triple.predicate.value
    if spelled(triple.subject) in here.claims:
        return _of_claim(triple, here, there, side)
    filed = spelled(triple.object)
    if predicate in _FILING and here.things.get(filed) == "term":
        whole = _of_thing(filed, here, there, side)
        return whole or Facet("term-moved", filed, _FILING[predicate]), None
    if (found := _relation_of(triple, here, there)) is not None:
        facet = _of_relation(found, predicate, here, there, side)
        return facet, Text(found[2], "") if facet.kind == "term-moved" else None
    return _of_placed(triple, here, there, side)


def _of_placed(
    triple: ox.Triple, here: Graph, there: Graph, side: Side
) -> tuple[Facet, Text | None]:
    """Return what a triple tells of the thing that its subject is, or is a part of."""
    subject, predicate = spelled(triple.subject), triple.predicate.value
    thing, link, part = here.place(subject)
    if not thing:
        return Facet("other", predicate), None
    if (whole := _of_thing(thing, here, there, side)) is not None:
        bears = subject == thing and predicate in _NAMES
        return whole, _value(triple.object) if bears else None
    if not link and predicate in _DOWN:
        link, part = predicate, spelled(triple.object)
    if link:
        return _of_part(triple, (thing, link, part), here, there)
    what = _SAME_AS.get(predicate, predicate)
    kind = _kind(here.things[thing], predicate)
    if kind == "other":
        return Facet(kind, predicate), None
    value = _value(triple.object) if what == predicate else None
    return Facet(kind, thing, what, _lang(triple.object)), value


def _kind(thing: str, predicate: str) -> str:
    """Return the kind of change that a predicate of a thing tells."""
    if thing != "term":
        return f"{thing}-changed"
    if predicate in _OF_TERMS:
        return f"term-{_OF_TERMS[predicate]}"
    return "metric-changed" if predicate in _OF_METRICS else "other"


def _of_thing(thing: str, here: Graph, there: Graph, side: Side) -> Facet | None:
    """Return the facet of a thing that only one graph holds, else None."""
    kind = here.things[thing]
    return None if there.things.get(thing) == kind else Facet(f"{kind}-{side}", thing)


def _of_part(
    triple: ox.Triple, place: Place, here: Graph, there: Graph
) -> tuple[Facet, Text | None]:
    """Return what a triple tells of a part: that it is there, or what of it is otherwise."""
    thing, link, part = place
    predicate, deeper = triple.predicate.value, spelled(triple.subject) not in (part, thing)
    kind, naming = _PARTS.get(link, ("term-mapped", ""))
    if here.things[thing] != "term":
        kind = f"{here.things[thing]}-changed"
    names = not deeper and predicate == naming
    if link == _FORMULA:
        return Facet(kind, thing, link), _value(triple.object) if names else None
    if there.place(part) != place:
        told = ("", "") if link in _NAMELESS else (link, part)
        whole = Facet(kind, thing, link, "", *told)
        return whole, _value(triple.object) if names else None
    if predicate == _DEFAULT:
        chosen = isinstance(triple.object, ox.Literal) and triple.object.value in ("true", "1")
        return Facet(kind, thing, predicate), Text(part, "") if chosen else None
    what = _EXPRESSION if deeper else _SAME_AS.get(predicate, predicate)
    value = _value(triple.object) if what == predicate and not deeper else None
    return Facet(kind, thing, what, _lang(triple.object), link, part), value


def _relation_of(triple: ox.Triple, here: Graph, there: Graph) -> Relation | None:
    """Return the relation that a triple states: between terms, or what a claim speaks of."""
    if not isinstance(triple.subject, ox.NamedNode) or not isinstance(triple.object, ox.NamedNode):
        return None
    found = (triple.subject.value, triple.predicate.value, triple.object.value)
    if found in here.claimed or found in there.claimed:
        return found
    predicate = found[1]
    if here.things.get(found[0]) != "term" or _kind("term", predicate) != "other":
        return None
    phrased = predicate in here.phrased or predicate in there.phrased
    linked = predicate in _DOWN or predicate == v.SKOS + "inScheme"
    return found if phrased or (not linked and here.things.get(found[2]) == "term") else None


def _of_relation(relation: Relation, what: str, here: Graph, there: Graph, side: Side) -> Facet:
    """Return the facet of a relation: new, gone, told otherwise, or a term that moved."""
    subject, predicate, object_ = relation
    if there.holds(relation):
        return Facet("relation-changed", subject, what, "", predicate, object_)
    if predicate in PARENTS and here.things.get(subject) == "term":
        return _of_thing(subject, here, there, side) or Facet("term-moved", subject, predicate)
    return Facet(f"relation-{side}", subject, "", "", predicate, object_)


def _of_claim(
    triple: ox.Triple, here: Graph, there: Graph, side: Side
) -> tuple[Facet, Text | None]:
    claim, predicate = spelled(triple.subject), triple.predicate.value
    relation = here.claims[claim]
    kept = there.claims.get(claim) == relation
    what = _SAME_AS.get(predicate, predicate) if kept else EVIDENCE
    facet = _of_relation(relation, what, here, there, side)
    if facet.kind != "relation-changed":
        return facet, None
    value = _value(triple.object) if predicate == what else None
    return facet._replace(lang=_lang(triple.object) if kept else ""), value


def _lang(term: object) -> str:
    return (term.language or "") if isinstance(term, ox.Literal) else ""


def _value(term: object) -> Text:
    return Text(spelled(term), _lang(term))
