"""Owns reading the ontology of a store as values: classes, relations, and all other properties."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg import vocab as v
from kg.exports.selection import Selection, select_triples
from kg.model import LANGS, STRENGTHS, TIERS, by_language
from kg.store.facts import Facts, instances, texts, value, values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg.model import Glossary, Predicate, Relation
    from kg.store import Store
    from kg.store.facts import About

__all__ = ["ClassEntry", "Example", "PropertyEntry", "RelationEntry", "Schema", "read_schema"]

Pair = tuple[str, str]  # in Chinese, in English
_KINDS = {
    v.OWL + "ObjectProperty": "object",
    v.OWL + "DatatypeProperty": "data",
    v.OWL + "AnnotationProperty": "annotation",
}
_TRAITS = {
    "TransitiveProperty": ("可传递", "transitive"),
    "SymmetricProperty": ("对称", "symmetric"),
    "AsymmetricProperty": ("非对称", "asymmetric"),
    "IrreflexiveProperty": ("非自反", "irreflexive"),
    "FunctionalProperty": ("单值", "functional"),
}
_ENDS: dict[str, Pair] = {"zh": ("甲", "乙"), "en": ("A", "B")}


@dataclass(frozen=True, slots=True)
class ClassEntry:
    """A class with its names, how many things are in it, and the classes below it."""

    iri: str
    name: str  # CURIE
    labels: Pair
    comment: str
    count: int
    disjoint: tuple[str, ...]  # CURIEs
    similar: tuple[str, ...]  # IRIs of other vocabularies
    below: tuple[ClassEntry, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """One relation of the graph, read both ways in both languages; `real` is False for A and B."""

    forward: Pair
    inverse: Pair
    real: bool


@dataclass(frozen=True, slots=True)
class RelationEntry:
    """A kind of relation between terms with its words, its ends and an example."""

    iri: str
    name: str
    labels: Pair
    comment: str
    count: int
    example: Example
    subjects: tuple[Pair, ...]  # kinds; empty where any may stand there
    objects: tuple[Pair, ...]
    sign: str
    traits: tuple[Pair, ...]
    inverse: str
    inverse_labels: Pair  # empty where the inverse is a relation with an entry of its own
    above: tuple[str, ...]
    shown: bool


@dataclass(frozen=True, slots=True)
class PropertyEntry:
    """Any other property: what kind, between what, and how often it is used."""

    iri: str
    name: str
    kind: str  # "object" | "data" | "annotation"
    labels: Pair
    comment: str
    domain: tuple[str, ...]
    range: tuple[str, ...]
    traits: tuple[Pair, ...]
    inverse: str
    count: int


@dataclass(frozen=True, slots=True)
class Schema:
    """All that the ontology declares; relations come by family."""

    labels: Pair
    classes: tuple[ClassEntry, ...]
    relations: tuple[tuple[Pair, tuple[RelationEntry, ...]], ...]
    properties: tuple[PropertyEntry, ...]

    @property
    def class_count(self) -> int:
        """Return how many classes there are."""

        def size(entries: Iterable[ClassEntry]) -> int:
            return sum(1 + size(entry.below) for entry in entries)

        return size(self.classes)

    @property
    def relation_count(self) -> int:
        """Return how many kinds of relations there are."""
        return sum(len(entries) for _, entries in self.relations)

    def of_kind(self, kind: str) -> tuple[PropertyEntry, ...]:
        """Return the other properties of a kind."""
        return tuple(entry for entry in self.properties if entry.kind == kind)


def read_schema(store: Store, glossary: Glossary) -> Schema:
    """Return the ontology of a store, with counts and examples from its asserted graphs."""
    facts = Facts(store)
    used, things = _usage(store)
    head = facts[v.ONTOLOGY]
    return Schema(
        labels=_pair(head, "本体", "Ontology"),
        classes=_classes(store, facts, things),
        relations=_relations(facts, glossary, used),
        properties=tuple(_properties(store, facts, glossary, used)),
    )


def _usage(store: Store) -> tuple[Counter[str], dict[str, set[str]]]:
    """Return how often each property is used, and what is of each class, ontology left out."""
    used: Counter[str] = Counter()
    things: dict[str, set[str]] = {}
    for triple in select_triples(store, Selection()):
        used[triple.predicate.value] += 1
        if triple.predicate.value == v.RDF + "type" and isinstance(triple.object, ox.NamedNode):
            things.setdefault(triple.object.value, set()).add(str(triple.subject))
    return used, things


def _pair(about: About, zh: str, en: str) -> Pair:
    found = by_language(texts(about, v.RDFS + "label"))
    return found.get("zh", zh), found.get("en", en)


def _comment(about: About) -> str:
    return " ".join(values(about, v.RDFS + "comment"))


# ------------------------------------------------------------------ classes


def _classes(store: Store, facts: Facts, things: dict[str, set[str]]) -> tuple[ClassEntry, ...]:
    """Return the classes as trees, each by name."""
    known = instances(store, v.OWL + "Class")
    below: dict[str, list[str]] = {}
    roots = []
    for iri in known:
        parents = [p for p in values(facts[iri], v.RDFS + "subClassOf") if p in known and p != iri]
        for parent in parents:
            below.setdefault(parent, []).append(iri)
        if not parents:
            roots.append(iri)

    def entry(iri: str, trail: tuple[str, ...]) -> tuple[ClassEntry, set[str]]:
        children = [entry(c, (*trail, iri)) for c in below.get(iri, ()) if c not in trail]
        members = set(things.get(iri, ())).union(*(found for _, found in children))
        about = facts[iri]
        name = v.contract(iri)
        made = ClassEntry(
            iri=iri,
            name=name,
            labels=_pair(about, name, name),
            comment=_comment(about),
            count=len(members),
            disjoint=tuple(v.contract(x) for x in values(about, v.OWL + "disjointWith")),
            similar=values(about, v.RDFS + "seeAlso"),
            below=tuple(child for child, _ in children),
        )
        return made, members

    made = [entry(iri, ())[0] for iri in sorted(roots)]
    return tuple(sorted(made, key=lambda root: not _holds(root, v.SO + "Term")))


def _holds(entry: ClassEntry, iri: str) -> bool:
    return entry.iri == iri or any(_holds(child, iri) for child in entry.below)


# ------------------------------------------------------------------ relations between terms


def _relations(
    facts: Facts, glossary: Glossary, used: Counter[str]
) -> tuple[tuple[Pair, tuple[RelationEntry, ...]], ...]:
    """Return the kinds of relations by family, the most used family first."""
    families: dict[str, list[Predicate]] = {}
    for predicate in glossary.predicates.values():
        if predicate.phrases:
            families.setdefault(predicate.family or predicate.iri, []).append(predicate)
    examples = _examples(glossary)

    def weight(iri: str) -> tuple[int, str]:
        return -sum(used[p.iri] for p in families[iri]), iri

    return tuple(
        (
            _pair(facts[iri], *_family(families[iri], used)),
            tuple(
                _relation(predicate, facts, glossary, used, examples.get(predicate.iri))
                for predicate in sorted(families[iri], key=lambda p: (p.iri != iri, p.iri))
            ),
        )
        for iri in sorted(families, key=weight)
    )


def _family(members: Iterable[Predicate], used: Counter[str]) -> Pair:
    """Return a name for a family that has none: those of its most used members."""
    first = sorted(members, key=lambda p: (-used[p.iri], p.iri))[:3]
    return "、".join(p.label("zh") for p in first), ", ".join(p.label("en") for p in first)


def _examples(glossary: Glossary) -> dict[str, Relation]:
    """Return the most telling relation of each kind: between core terms, said by the source."""

    def order(relation: Relation) -> tuple[int, int, str]:
        ends = (glossary.concepts[relation.subject], glossary.concepts[relation.object])
        rank = sum(TIERS.index(end.tier) if end.tier in TIERS else len(TIERS) for end in ends)
        strength = relation.strength
        return rank, STRENGTHS.index(strength) if strength in STRENGTHS else 9, relation.id

    out: dict[str, Relation] = {}
    for relation in sorted(glossary.relations, key=order):
        if relation.asserted:
            out.setdefault(relation.predicate, relation)
    return out


def _relation(
    predicate: Predicate,
    facts: Facts,
    glossary: Glossary,
    used: Counter[str],
    found: Relation | None,
) -> RelationEntry:
    about = facts[predicate.iri]
    ends = {
        lang: (glossary.name(found.subject, lang), glossary.name(found.object, lang))
        if found
        else _ENDS[lang]
        for lang in LANGS
    }
    forward, inverse = (
        tuple(predicate.sentence(*ends[lang], lang, inverse=way) for lang in LANGS)
        for way in (False, True)
    )

    def kinds(names: Iterable[str]) -> tuple[Pair, ...]:
        return tuple((glossary.kind_label(k, "zh"), glossary.kind_label(k, "en")) for k in names)

    return RelationEntry(
        iri=predicate.iri,
        name=v.contract(predicate.iri),
        labels=(predicate.label("zh"), predicate.label("en")),
        comment=_comment(about),
        count=used[predicate.iri],
        example=Example((forward[0], forward[1]), (inverse[0], inverse[1]), found is not None),
        subjects=kinds(predicate.domain),
        objects=kinds(predicate.range),
        sign=predicate.sign or "",
        traits=_traits(about),
        inverse=v.contract(predicate.inverse) if predicate.inverse else "",
        inverse_labels=_inverse_labels(predicate, facts, glossary),
        above=tuple(v.contract(p) for p in values(about, v.RDFS + "subPropertyOf")),
        shown=predicate.shown,
    )


def _inverse_labels(predicate: Predicate, facts: Facts, glossary: Glossary) -> Pair:
    own = glossary.predicates.get(predicate.inverse or "")
    if not predicate.inverse or (own and own.phrases):
        return "", ""
    name = v.contract(predicate.inverse)
    return _pair(facts[predicate.inverse], name, name)


def _traits(about: About) -> tuple[Pair, ...]:
    types = [iri.removeprefix(v.OWL) for iri in values(about, v.RDF + "type")]
    return tuple(_TRAITS[name] for name in _TRAITS if name in types)


# ------------------------------------------------------------------ all other properties


def _properties(
    store: Store, facts: Facts, glossary: Glossary, used: Counter[str]
) -> Iterator[PropertyEntry]:
    """Yield what is neither a relation between terms nor the inverse name of one."""
    told = {iri for iri, predicate in glossary.predicates.items() if predicate.phrases}
    told |= {glossary.predicates[iri].inverse or "" for iri in told}
    for type_, kind in _KINDS.items():
        for iri in instances(store, type_):
            if iri in told:
                continue
            about, name = facts[iri], v.contract(iri)
            inverse = value(about, v.OWL + "inverseOf")
            yield PropertyEntry(
                iri=iri,
                name=name,
                kind=kind,
                labels=_pair(about, name, name),
                comment=_comment(about),
                domain=tuple(v.contract(x) for x in values(about, v.RDFS + "domain")),
                range=tuple(v.contract(x) for x in values(about, v.RDFS + "range")),
                traits=_traits(about),
                inverse=v.contract(inverse) if inverse else "",
                count=used[iri],
            )
