"""Owns the samples of the ontology's documentation: real nodes of a graph as Turtle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg import vocab as v
from kg.exports.graphs import turtle
from kg.model import TIERS
from kg.store.facts import instances

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg.model import Concept, Glossary
    from kg.store import Store

__all__ = ["Sample", "read_samples"]

# What a metric card says of its term; all else of a term is no matter of counting.
_CARD = frozenset(
    {v.RDF + "type", v.SKOS + "prefLabel", v.SKOS + "definition"}
    | {
        v.SO + name
        for name in (
            "additivity",
            "currencyBasis",
            "dateBasis",
            "direction",
            "display",
            "filterNote",
            "grain",
            "hasFormula",
            "hasMetricVariant",
            "owner",
            "taxBasis",
            "unit",
        )
    }
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample: what it shows in both languages, one sentence on it, and its Turtle."""

    id: str
    titles: tuple[str, str]
    abouts: tuple[str, str]
    turtle: str


def read_samples(store: Store, glossary: Glossary) -> tuple[Sample, ...]:
    """Return a claim, a metric card, a measure, a field, and what else the graph has an example of.

    The samples hang together: the measure is one that the metric reads, the field one that the
    measure reads.
    """
    metric = min((c for c in glossary.concepts.values() if c.metric), key=_poor, default=None)
    card = metric.metric if metric else None
    measure = next(iter(card.measures if card else ()), None)
    fields = glossary.measures[measure].fields if measure in glossary.measures else ()
    groups = [group.iri for group in glossary.lookalikes]
    chosen: dict[str, tuple[Iterable[str], frozenset[str] | None]] = {
        "claim": (_claim(glossary), None),
        "card": (_card(store, metric.iri) if metric else (), _CARD),
        "measure": ([measure] if measure else (), None),
        "field": (fields[:1], None),
        "lookalikes": (_group(store, groups[0]) if groups else (), None),
        "mapping": (instances(store, v.SO + "Mapping")[:1], None),
    }
    made = (
        Sample(name, *_WORDS[name], _snippet(store, nodes, keep))
        for name, (nodes, keep) in chosen.items()
    )
    return tuple(sample for sample in made if sample.turtle)


_WORDS: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "claim": (
        ("一条主张", "A claim"),
        (
            "每条关系都有主张支持:说的是哪条三元组、依据哪一段、有多可靠、为什么成立。",
            "Claims stand behind each relation: which triple, which passage, how firm, and why.",
        ),
    ),
    "card": (
        ("一张口径卡", "A metric card"),
        (
            "指标的公式是一个节点,它读取的每一项都是运算项;计数前要定的事写在指标上。",
            "A formula is a node whose operands name what it reads; the metric bears all else.",
        ),
    ),
    "measure": (
        ("一个基础度量", "A base measure"),
        (
            "足以编译成 SQL:统计哪个对象、怎样汇总、按什么条件和时间口径。",
            "Enough to be compiled to SQL: the object counted, the aggregate, filter, time basis.",
        ),
    ),
    "field": (
        ("一个 CRM 字段", "A CRM field"),
        (
            "不属于任何厂商的字段名;各系统中的名称另有对应节点。",
            "A field by a name of no vendor; its names in systems are nodes of their own.",
        ),
    ),
    "lookalikes": (
        ("一组易混术语", "A set of look-alikes"),
        (
            "一个判断问题,每个术语对应一种回答。",
            "One question that decides; each term stands for one answer.",
        ),
    ),
    "mapping": (
        ("一条对照", "A mapping"),
        (
            "与其他词汇的对照:多接近、是否亲眼查到。",
            "A match with another vocabulary: how close, and whether it was seen there.",
        ),
    ),
}


def _poor(concept: Concept) -> tuple[int, int, str]:
    """Return how little a metric card says, then its tier: the fullest comes first."""
    card = concept.metric
    if card is None:
        return 0, 0, ""
    facts = (
        card.date_basis,
        card.filters,
        card.grain,
        card.currency,
        card.tax,
        card.additivity,
        card.variants,
        card.measures,
    )
    tier = TIERS.index(concept.tier) if concept.tier in TIERS else len(TIERS)
    return -sum(bool(fact) for fact in facts), tier, concept.iri


def _claim(glossary: Glossary) -> list[str]:
    """Return the claim that says the most, with its passage."""
    claims = [
        (-_fullness(claim), relation.id, claim)
        for relation in glossary.relations
        if relation.asserted
        for claim in relation.claims
        if claim.passage
    ]
    if not claims:
        return []
    found = min(claims, key=lambda item: item[:2])[2]
    return [found.iri, *([v.PASSAGE + found.passage.code] if found.passage else [])]


def _fullness(claim: object) -> int:
    names = ("sentence", "confidence", "inference", "reasons", "lag")
    return sum(bool(getattr(claim, name)) for name in names)


def _card(store: Store, metric: str) -> Iterator[str]:
    """Yield a metric, its formula with the operands, and its first variant."""
    yield metric
    formulas = _objects(store, metric, v.SO + "hasFormula")
    for formula in formulas:
        yield formula
        yield from _objects(store, formula, v.SO + "hasOperand")
    yield from _objects(store, metric, v.SO + "hasMetricVariant")[:1]


def _group(store: Store, group: str) -> Iterator[str]:
    """Yield a set of look-alikes and its entries."""
    yield group
    found = (triple.subject for triple in store.triples(None, v.SO + "entryOf", group))
    yield from sorted(node.value for node in found if isinstance(node, ox.NamedNode))


def _objects(store: Store, subject: str, predicate: str) -> list[str]:
    found = (triple.object for triple in store.triples(subject, predicate))
    return sorted(node.value for node in found if isinstance(node, ox.NamedNode))


def _snippet(store: Store, nodes: Iterable[str], keep: frozenset[str] | None) -> str:
    """Return what is said of some nodes as Turtle without its header; `keep` is for the first."""
    triples: list[ox.Triple] = []
    for at, node in enumerate(nodes):
        about = sorted(set(store.triples(node)), key=lambda t: (t.predicate.value, str(t.object)))
        kept = about if keep is None or at else [t for t in about if t.predicate.value in keep]
        triples += sorted(kept, key=lambda t: t.predicate.value != v.RDF + "type")
    text = turtle(triples, v.PREFIXES).decode() if triples else ""
    lines = [line for line in text.splitlines() if not line.startswith("@prefix ")]
    return "\n".join(lines).strip()
