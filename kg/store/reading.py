"""Owns reading concepts, relations and the whole glossary out of a store, as frozen values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from kg import vocab as v
from kg.errors import TermError
from kg.model import (
    Claim,
    Concept,
    Glossary,
    Label,
    Passage,
    Predicate,
    Relation,
    Stewardship,
    Topic,
    Version,
)
from kg.store.facts import About, Facts, names, texts, value, values, whole
from kg.store.measurement import (
    read_fields,
    read_inputs,
    read_lookalikes,
    read_measure,
    read_metric,
    read_object,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Literal

    import pyoxigraph as ox

    from kg.store.facts import Triples

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
_ROLE_ORDER = {"pref": 0, "alt": 1, "hidden": 2}


def read_concept(store: Triples, iri: str) -> Concept:
    """Return the concept of an IRI with its metric; raise TermError where there is none."""
    return _known_concept(iri, Facts(store))


def read_relations(store: Triples, iri: str) -> tuple[Relation, ...]:
    """Return the relations that have `iri` as subject or object, with their claims, sorted."""
    return _relations_of(iri, Facts(store))


def read_surroundings(store: Triples, iri: str) -> Glossary:
    """Return a glossary of one concept, its relations, and all that these name; little is read.

    Raises TermError where there is no such concept.
    """
    facts = Facts(store)
    concept = _known_concept(iri, facts)
    relations = _relations_of(iri, facts)
    ends = {end for relation in relations for end in (relation.subject, relation.object)}
    models = {model for relation in relations for claim in relation.claims for model in claim.scope}
    metric = concept.metric
    inputs = (*metric.metrics, *metric.measures, *metric.fields) if metric else ()
    units = [v.UNIT + part for part in re.split(r"[*/]", metric.unit)] if metric else []
    if metric:
        inputs += tuple(name for variant in metric.variants for name in read_inputs(facts, variant))
    keepers = {concept.stewardship.owner, concept.stewardship.replaced_by}
    sets = {
        cast("ox.NamedNode", triple.subject).value
        for triple in store.triples(None, v.SO + "compares", iri)
    }
    rivals = {rival for group in sets for rival in values(facts[group], v.SO + "compares")}
    others = sorted((rivals | ends | models | set(inputs) | {k for k in keepers if k}) - {iri})
    terms = [other for other in others if other.startswith(v.TERM)]
    named = [*(other for other in others if other not in terms), *units]
    topic = v.TOPIC + concept.topic
    return Glossary(
        concepts={iri: concept} | {term: _concept(term, facts) for term in terms},
        relations=relations,
        predicates={p: _predicate(p, facts[p]) for p in sorted({r.predicate for r in relations})},
        topics=(_topic(topic, facts[topic]),),
        kinds={concept.kind: texts(facts[v.SO + concept.kind], v.RDFS + "label")},
        names={n: names(facts[n]) for n in named},
        lookalikes=read_lookalikes(facts, sorted(sets)),
    )


def read_predicates(store: Triples) -> dict[str, Predicate]:
    """Return the predicates that have words, by IRI."""
    found = {
        cast("ox.NamedNode", triple.subject).value
        for triple in store.triples(None, v.SO + "forwardPhrase")
    }
    facts = Facts(store)
    return {iri: _predicate(iri, facts[iri]) for iri in sorted(found)}


def read_glossary(store: Triples) -> Glossary:
    """Return everything a reader sees, in one pass over the store."""
    facts = Facts(store, everything=True)
    typed: dict[str, list[str]] = {}
    for subject in sorted(facts.cache):
        for class_ in values(facts[subject], v.RDF + "type"):
            typed.setdefault(class_, []).append(subject)
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
            v.local_name(iri): texts(facts[iri], v.RDFS + "label")
            for iri in typed.get(v.OWL + "Class", ())
            if iri.startswith(v.SO)
        },
        names={iri: names(facts[iri]) for iri in named},
        measures={iri: read_measure(facts, iri) for iri in typed.get(v.SO + "BaseMeasure", ())},
        fields=read_fields(
            facts, typed.get(v.SO + "DataField", ()), typed.get(v.SO + "FieldAlignment", ())
        ),
        objects={iri: read_object(facts, iri) for iri in typed.get(v.SO + "CrmObject", ())},
        lookalikes=read_lookalikes(facts, typed.get(v.SO + "LookalikeSet", ())),
    )


def _known_concept(iri: str, facts: Facts) -> Concept:
    if v.SKOS + "Concept" not in values(facts[iri], v.RDF + "type"):
        raise TermError("term-unknown", term=v.contract(iri), candidates=())
    return _concept(iri, facts)


def _relations_of(iri: str, facts: Facts) -> tuple[Relation, ...]:
    claims = {
        cast("ox.NamedNode", triple.subject).value
        for end in ("subject", "object")
        for triple in facts.store.triples(None, v.RDF + end, iri)
    }
    return _relations(sorted(claims), facts)


def _concept(iri: str, facts: Facts) -> Concept:
    own = facts[iri]
    labels = [
        Label(value, lang, role)
        for predicate, role in _ROLES.items()
        for value, lang in own.get(predicate, ())
        if lang
    ]
    return Concept(
        iri=iri,
        kind=value(own, v.SO + "kind") or "Concept",
        tier=value(own, v.SO + "tier") or "supporting",
        topic=v.local_name(value(own, v.SO + "topic") or ""),
        labels=tuple(sorted(labels, key=lambda x: (_ROLE_ORDER[x.role], x.lang, x.value))),
        definitions=texts(own, v.SKOS + "definition"),
        scope_notes=texts(own, v.SKOS + "scopeNote"),
        editorial_notes=texts(own, v.SKOS + "editorialNote"),
        passages=tuple(v.local_name(p) for p in values(own, v.SO + "mentionedIn")),
        metric=read_metric(own, facts),
        versions=_versions(own, facts),
        stewardship=Stewardship(
            owner=value(own, v.SO + "owner"),
            status=value(own, v.SO + "status"),
            reviewed=value(own, v.SO + "reviewedOn"),
            effective=value(own, v.SO + "effectiveFrom"),
            replaced_by=value(own, v.DCTERMS + "isReplacedBy"),
        ),
    )


def _versions(own: About, facts: Facts) -> tuple[Version, ...]:
    """Return the definitions of single passages in the order of the source page."""
    nodes = (facts[iri] for iri in values(own, v.SO + "hasDefinition"))
    found = [
        Version(_passage(origin, facts), texts(node, v.RDF + "value"))
        for node in nodes
        if (origin := value(node, v.PROV + "wasDerivedFrom"))
    ]
    return tuple(sorted(found, key=lambda version: (version.passage.line, version.passage.code)))


def _relations(claims: Iterable[str], facts: Facts) -> tuple[Relation, ...]:
    """Group claims by the triple they speak of; a curated relation's id wins over a parent's."""
    grouped: dict[tuple[str, str, str], list[str]] = {}
    for iri in claims:
        own = facts[iri]
        ends = [value(own, v.RDF + name) for name in ("subject", "predicate", "object")]
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


def _claim(iri: str, facts: Facts) -> Claim:
    own = facts[iri]
    origin = value(own, v.PROV + "wasDerivedFrom") or ""
    passage = _passage(origin, facts) if origin.startswith(v.PASSAGE) else None
    opponent = value(own, v.SO + "contradicts")
    sentence = value(own, v.SO + "sentence")
    source = f"answer{passage.answer}" if passage else v.local_name(origin)
    return Claim(
        iri=iri,
        strength=value(own, v.SO + "strength") or "",
        source=source,
        passage=passage,
        sentence=whole(sentence),
        confidence=value(own, v.SO + "confidence"),
        inference=value(own, v.SO + "inference"),
        modality=value(own, v.SO + "modality"),
        scope=values(own, v.SO + "scope"),
        contradicts=v.local_name(opponent).rpartition("-")[0] if opponent else None,
        lag=value(own, v.SO + "lag"),
        reasons=texts(own, v.SO + "reason"),
    )


def _passage(iri: str, facts: Facts) -> Passage:
    own = facts[iri]
    answer = value(own, v.SO + "answer")
    return Passage(
        code=v.local_name(iri),
        answer=whole(answer),
        locator=value(own, v.SO + "locator") or "",
        line=whole(value(own, v.SO + "line")) or 0,
    )


def _predicate(iri: str, own: About) -> Predicate:
    types = values(own, v.RDF + "type")
    phrases = {
        (lang, way): value
        for way in ("forward", "inverse")
        for value, lang in own.get(f"{v.SO}{way}Phrase", ())
        if lang
    }
    return Predicate(
        iri=iri,
        labels=texts(own, v.RDFS + "label"),
        phrases=phrases,
        inverse=value(own, v.OWL + "inverseOf"),
        symmetric=v.OWL + "SymmetricProperty" in types,
        transitive=v.OWL + "TransitiveProperty" in types,
        sign=value(own, v.SO + "sign"),
        family=value(own, v.SO + "family"),
        domain=values(own, v.SO + "subjectKind"),
        range=values(own, v.SO + "objectKind"),
        shown=value(own, v.SO + "shownByDefault") != "false",
    )


def _topic(iri: str, own: About) -> Topic:
    return Topic(
        iri=iri,
        order=whole(value(own, v.SO + "order")) or 0,
        labels=texts(own, v.SKOS + "prefLabel"),
        scopes=texts(own, v.SKOS + "definition"),
    )
