"""Owns reading concepts, relations and the whole glossary out of a store, as frozen values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Protocol, cast

import pyoxigraph as ox

from kg import vocab as v
from kg.errors import TermError
from kg.model import (
    Claim,
    Concept,
    Glossary,
    Label,
    Metric,
    Passage,
    Predicate,
    Relation,
    Text,
    Topic,
)

if TYPE_CHECKING:
    from typing import Literal

__all__ = [
    "read_concept",
    "read_glossary",
    "read_predicates",
    "read_relations",
    "read_surroundings",
]

_ROLES: dict[str, Literal["pref", "alt", "hidden"]] = {
    v.SKOS + "prefLabel": "pref",
    v.SKOS + "altLabel": "alt",
    v.SKOS + "hiddenLabel": "hidden",
}
_WHOLE = re.compile(r"[0-9]{1,9}")
_ROLE_ORDER = {"pref": 0, "alt": 1, "hidden": 2}


class _Triples(Protocol):
    def triples(
        self, subject: str | None = None, predicate: str | None = None, object_: str | None = None
    ) -> Iterator[ox.Triple]: ...


Facts = Mapping[str, tuple[tuple[str, str | None], ...]]  # predicate -> (value, language)


class _Facts:
    """The triples of the union by subject, fetched one subject at a time or all at once."""

    def __init__(self, store: _Triples, *, everything: bool = False) -> None:
        self.store = store
        self.cache: dict[str, Facts] = _group(store.triples()) if everything else {}
        self.everything = everything

    def __getitem__(self, subject: str) -> Facts:
        if subject not in self.cache and not self.everything:
            self.cache[subject] = _group(self.store.triples(subject)).get(subject, {})
        return self.cache.get(subject, {})


def read_concept(store: _Triples, iri: str) -> Concept:
    """Return the concept of an IRI with its metric; raise TermError where there is none."""
    facts = _Facts(store)
    if not any(value == v.SKOS + "Concept" for value, _ in facts[iri].get(v.RDF + "type", ())):
        raise TermError("term-unknown", term=v.contract(iri), candidates=())
    return _concept(iri, facts)


def read_relations(store: _Triples, iri: str) -> tuple[Relation, ...]:
    """Return the relations that have `iri` as subject or object, with their claims, sorted."""
    facts = _Facts(store)
    claims = {
        cast("ox.NamedNode", triple.subject).value
        for end in ("subject", "object")
        for triple in store.triples(None, v.RDF + end, iri)
    }
    return _relations(sorted(claims), facts)


def read_surroundings(store: _Triples, iri: str) -> Glossary:
    """Return a glossary of one concept, its relations, and all that these name; little is read.

    Raises TermError where there is no such concept.
    """
    concept = read_concept(store, iri)
    facts = _Facts(store)
    relations = read_relations(store, iri)
    ends = {end for relation in relations for end in (relation.subject, relation.object)}
    models = {model for relation in relations for claim in relation.claims for model in claim.scope}
    metric = concept.metric
    inputs = (*metric.metrics, *metric.measures, *metric.fields) if metric else ()
    units = [v.UNIT + part for part in re.split(r"[*/]", metric.unit)] if metric else []
    others = sorted((ends | models | set(inputs)) - {iri})
    terms = [other for other in others if other.startswith(v.TERM)]
    named = [*(other for other in others if other not in terms), *units]
    topic = v.TOPIC + concept.topic
    return Glossary(
        concepts={iri: concept} | {term: _concept(term, facts) for term in terms},
        relations=relations,
        predicates={p: _predicate(p, facts[p]) for p in sorted({r.predicate for r in relations})},
        topics=(_topic(topic, facts[topic]),),
        kinds={concept.kind: _texts(facts[v.SO + concept.kind], v.RDFS + "label")},
        names={n: _names(facts[n]) for n in named},
    )


def read_predicates(store: _Triples) -> dict[str, Predicate]:
    """Return the predicates that have words, by IRI."""
    found = {
        cast("ox.NamedNode", triple.subject).value
        for triple in store.triples(None, v.SO + "forwardPhrase")
    }
    facts = _Facts(store)
    return {iri: _predicate(iri, facts[iri]) for iri in sorted(found)}


def read_glossary(store: _Triples) -> Glossary:
    """Return everything a reader sees, in one pass over the store."""
    facts = _Facts(store, everything=True)
    typed: dict[str, list[str]] = {}
    for subject in sorted(facts.cache):
        for value in _values(facts[subject], v.RDF + "type"):
            typed.setdefault(value, []).append(subject)
    named = [
        *typed.get(v.SO + "BaseMeasure", ()),
        *typed.get(v.SO + "DataField", ()),
        *typed.get(v.SO + "Unit", ()),
        *typed.get(v.SO + "Source", ()),
    ]
    topics = (_topic(iri, facts[iri]) for iri in typed.get(v.SKOS + "Collection", ()))
    phrased = [iri for iri in sorted(facts.cache) if v.SO + "forwardPhrase" in facts[iri]]
    return Glossary(
        concepts={iri: _concept(iri, facts) for iri in typed.get(v.SKOS + "Concept", ())},
        relations=_relations(typed.get(v.SO + "Claim", ()), facts),
        predicates={iri: _predicate(iri, facts[iri]) for iri in phrased},
        topics=tuple(sorted(topics, key=lambda topic: (topic.order, topic.iri))),
        kinds={
            v.local_name(iri): _texts(facts[iri], v.RDFS + "label")
            for iri in typed.get(v.OWL + "Class", ())
        },
        names={iri: _names(facts[iri]) for iri in named},
        reads={
            iri: _values(facts[iri], v.SO + "readsField")
            for iri in typed.get(v.SO + "BaseMeasure", ())
        },
    )


def _group(triples: Iterable[ox.Triple]) -> dict[str, Facts]:
    out: dict[str, dict[str, list[tuple[str, str | None]]]] = {}
    for triple in triples:
        subject, object_ = triple.subject, triple.object
        if not isinstance(subject, ox.NamedNode) or not isinstance(
            object_, (ox.NamedNode, ox.Literal)
        ):
            continue
        lang = object_.language if isinstance(object_, ox.Literal) else None
        facts = out.setdefault(subject.value, {})
        facts.setdefault(triple.predicate.value, []).append((object_.value, lang))
    return {
        subject: {p: tuple(sorted(vs, key=lambda x: (x[0], x[1] or ""))) for p, vs in facts.items()}
        for subject, facts in out.items()
    }


def _values(facts: Facts, predicate: str) -> tuple[str, ...]:
    return tuple(value for value, _ in facts.get(predicate, ()))


def _value(facts: Facts, predicate: str) -> str | None:
    return next(iter(_values(facts, predicate)), None)


def _whole(text: str | None) -> int | None:
    return int(text) if text and _WHOLE.fullmatch(text) else None


def _texts(facts: Facts, predicate: str) -> tuple[Text, ...]:
    return tuple(Text(value, lang) for value, lang in facts.get(predicate, ()) if lang)


def _names(facts: Facts) -> tuple[Text, ...]:
    return _texts(facts, v.SKOS + "prefLabel") or _texts(facts, v.RDFS + "label")


def _concept(iri: str, facts: _Facts) -> Concept:
    own = facts[iri]
    labels = [
        Label(value, lang, role)
        for predicate, role in _ROLES.items()
        for value, lang in own.get(predicate, ())
        if lang
    ]
    return Concept(
        iri=iri,
        kind=_value(own, v.SO + "kind") or "Concept",
        tier=_value(own, v.SO + "tier") or "supporting",
        topic=v.local_name(_value(own, v.SO + "topic") or ""),
        labels=tuple(sorted(labels, key=lambda x: (_ROLE_ORDER[x.role], x.lang, x.value))),
        definitions=_texts(own, v.SKOS + "definition"),
        scope_notes=_texts(own, v.SKOS + "scopeNote"),
        editorial_notes=_texts(own, v.SKOS + "editorialNote"),
        passages=tuple(v.local_name(p) for p in _values(own, v.SO + "mentionedIn")),
        metric=_metric(own, facts),
    )


def _metric(own: Facts, facts: _Facts) -> Metric | None:
    formula = _value(own, v.SO + "hasFormula")
    if formula is None:
        return None
    operands = [facts[operand] for operand in _values(facts[formula], v.SO + "hasOperand")]
    measures = sorted({m for o in operands for m in _values(o, v.SO + "operandMeasure")})
    return Metric(
        expression=_value(facts[formula], v.SO + "expression") or "",
        unit=_value(own, v.SO + "unit") or "",
        direction=_value(own, v.SO + "direction") or "",
        display=_value(own, v.SO + "display"),
        measures=tuple(measures),
        metrics=tuple(sorted({m for o in operands for m in _values(o, v.SO + "operandMetric")})),
        fields=tuple(sorted({f for m in measures for f in _values(facts[m], v.SO + "readsField")})),
    )


def _relations(claims: Iterable[str], facts: _Facts) -> tuple[Relation, ...]:
    """Group claims by the triple they speak of; a curated relation's id wins over a parent's."""
    grouped: dict[tuple[str, str, str], list[str]] = {}
    for iri in claims:
        own = facts[iri]
        ends = [_value(own, v.RDF + name) for name in ("subject", "predicate", "object")]
        if all(ends):
            grouped.setdefault(cast("tuple[str, str, str]", tuple(ends)), []).append(iri)
    out = []
    for (subject, predicate, object_), found in sorted(grouped.items()):
        ids = sorted({v.local_name(c).rpartition("-")[0] for c in found}, key=_id_order)
        made = tuple(_claim(iri, facts) for iri in sorted(found))
        asserted = (object_, None) in facts[subject].get(predicate, ())
        out.append(Relation(ids[0], subject, predicate, object_, made, asserted))
    return tuple(out)


def _id_order(name: str) -> tuple[bool, str]:
    return name.startswith(("parent-", "measures-")), name


def _claim(iri: str, facts: _Facts) -> Claim:
    own = facts[iri]
    origin = _value(own, v.PROV + "wasDerivedFrom") or ""
    passage = _passage(origin, facts) if origin.startswith(v.PASSAGE) else None
    opponent = _value(own, v.SO + "contradicts")
    sentence = _value(own, v.SO + "sentence")
    source = f"answer{passage.answer}" if passage else v.local_name(origin)
    return Claim(
        iri=iri,
        strength=_value(own, v.SO + "strength") or "",
        source=source,
        passage=passage,
        sentence=_whole(sentence),
        confidence=_value(own, v.SO + "confidence"),
        inference=_value(own, v.SO + "inference"),
        modality=_value(own, v.SO + "modality"),
        scope=_values(own, v.SO + "scope"),
        contradicts=v.local_name(opponent).rpartition("-")[0] if opponent else None,
    )


def _passage(iri: str, facts: _Facts) -> Passage:
    own = facts[iri]
    answer = _value(own, v.SO + "answer")
    return Passage(
        code=v.local_name(iri),
        answer=_whole(answer),
        locator=_value(own, v.SO + "locator") or "",
        line=_whole(_value(own, v.SO + "line")) or 0,
    )


def _predicate(iri: str, own: Facts) -> Predicate:
    types = _values(own, v.RDF + "type")
    phrases = {
        (lang, way): value
        for way in ("forward", "inverse")
        for value, lang in own.get(f"{v.SO}{way}Phrase", ())
        if lang
    }
    return Predicate(
        iri=iri,
        labels=_texts(own, v.RDFS + "label"),
        phrases=phrases,
        inverse=_value(own, v.OWL + "inverseOf"),
        symmetric=v.OWL + "SymmetricProperty" in types,
        transitive=v.OWL + "TransitiveProperty" in types,
        sign=_value(own, v.SO + "sign"),
        family=_value(own, v.SO + "family"),
    )


def _topic(iri: str, own: Facts) -> Topic:
    return Topic(
        iri=iri,
        order=_whole(_value(own, v.SO + "order")) or 0,
        labels=_texts(own, v.SKOS + "prefLabel"),
        scopes=_texts(own, v.SKOS + "definition"),
    )
