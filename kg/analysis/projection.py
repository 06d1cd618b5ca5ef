"""Owns projecting the glossary to a graph: which concepts and relations take part."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from kg import vocab

if TYPE_CHECKING:
    from collections.abc import Collection

    import networkx as nx

    from kg.model import Glossary, Relation

__all__ = ["NAVIGATION", "View", "project"]

# Filing, not meaning: left out unless asked for.
NAVIGATION = frozenset({vocab.SO + "topicOf"})
# The vocabulary itself is no domain concept: as the hub of everything it would lead every ranking.
VOCABULARY = vocab.TERM + "sales-operations-terminology"
_WEIGHTS = {"stated": 1.0, "product": 1.0, "implied": 1.2}
_LOW, _PARENT = 1.5, 1.6


@dataclass(frozen=True)
class View:
    """A selection of concepts and of the relations between them, sorted by IRI.

    `formulas` tells whether what metrics are computed from counts as a dependency too.
    """

    glossary: Glossary
    concepts: tuple[str, ...]
    relations: tuple[Relation, ...]
    formulas: bool = True

    def __len__(self) -> int:
        """Return the number of concepts."""
        return len(self.concepts)

    def to_networkx(self) -> nx.MultiDiGraph[str]:
        """Return a new MultiDiGraph keyed by predicate: parallel relations stay apart.

        Nodes carry `zh`, `en`, `kind`, `tier`, `topic`; edges `id`, `strength`, `confidence`,
        `sources` and `weight`, the length of the edge (1.0 stated, more for weaker evidence).
        """
        import networkx as nx

        graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
        for iri in self.concepts:
            concept = self.glossary.concepts[iri]
            graph.add_node(
                iri,
                zh=concept.pref_label("zh"),
                en=concept.pref_label("en"),
                kind=concept.kind,
                tier=concept.tier,
                topic=concept.topic,
            )
        for relation in self.relations:
            graph.add_edge(
                relation.subject,
                relation.object,
                key=vocab.contract(relation.predicate),
                id=relation.id,
                strength=relation.strength,
                confidence=relation.confidence,
                sources=" ".join(relation.sources),
                weight=_length(relation),
            )
        return graph

    def to_simple(self) -> nx.Graph[str]:
        """Return an undirected Graph: relations between two concepts become one edge."""
        import networkx as nx

        graph: nx.Graph[str] = nx.Graph()
        graph.add_nodes_from(self.concepts)
        for relation in self.relations:
            length, ends = _length(relation), (relation.subject, relation.object)
            if not graph.has_edge(*ends) or graph.edges[ends]["weight"] > length:
                graph.add_edge(*ends, weight=length)
        return graph

    @cached_property
    def around(self) -> dict[str, tuple[Relation, ...]]:
        """Return the relations of each concept, as subject or object."""
        out: dict[str, list[Relation]] = {iri: [] for iri in self.concepts}
        for relation in self.relations:
            out[relation.subject].append(relation)
            if relation.object != relation.subject:
                out[relation.object].append(relation)
        return {iri: tuple(found) for iri, found in out.items()}

    @cached_property
    def between(self) -> dict[frozenset[str], tuple[Relation, ...]]:
        """Return the relations between each two concepts, in either direction, strongest first."""
        out: dict[frozenset[str], list[Relation]] = {}
        for relation in self.relations:
            out.setdefault(frozenset((relation.subject, relation.object)), []).append(relation)
        return {
            ends: tuple(sorted(found, key=lambda r: (_length(r), r.predicate, r.subject)))
            for ends, found in out.items()
        }


def project(  # noqa: PLR0913 - each keyword is one filter
    glossary: Glossary,
    *,
    predicates: Collection[str] | None = None,
    kinds: Collection[str] | None = None,
    tiers: Collection[str] | None = None,
    sources: Collection[str] | None = None,
    strengths: Collection[str] | None = None,
    navigation: bool = False,
    vocabulary: bool = False,
) -> View:
    """Return the concepts and asserted relations that pass every filter; None lets all pass.

    `predicates` and `kinds` are local names, CURIEs or IRIs ("measures", "skos:broader",
    "Metric"); `sources` are "answer1".."answer4" and "product"; a relation passes if any of its
    claims does. `navigation` keeps topicOf edges; `vocabulary` keeps the node of the vocabulary
    itself. Formulas are of the product and no relation: a filter that leaves those out leaves
    formulas out too.

    >>> from kg.model import Claim, Concept, Glossary, Relation
    >>> terms = {f"term:{n}": Concept(f"term:{n}", "Metric", "core", "crm", ()) for n in "ab"}
    >>> claims = (Claim("claim:r1", "stated", "answer1"),)
    >>> feeds = Relation("r1", "term:a", vocab.SO + "feeds", "term:b", claims)
    >>> glossary = Glossary(terms, (feeds,), {}, ())
    >>> len(project(glossary)), project(glossary).to_networkx().number_of_edges()
    (2, 1)
    >>> project(glossary, strengths=["implied"]).relations
    ()
    """
    wanted = None if predicates is None else {_bare(name) for name in predicates}
    classes = None if kinds is None else {_bare(name) for name in kinds}
    concepts = {
        iri
        for iri, concept in glossary.concepts.items()
        if (classes is None or concept.kind in classes)
        and (tiers is None or concept.tier in tiers)
        and (vocabulary or iri != VOCABULARY)
    }
    relations = tuple(
        relation
        for relation in glossary.relations
        if relation.asserted
        and relation.subject in concepts
        and relation.object in concepts
        and (navigation or relation.predicate not in NAVIGATION)
        and (wanted is None or vocab.local_name(relation.predicate) in wanted)
        and (sources is None or not set(sources).isdisjoint(relation.sources))
        and (strengths is None or any(c.strength in strengths for c in relation.claims))
    )
    formulas = (
        (wanted is None or "computedFrom" in wanted)
        and (sources is None or "product" in sources)
        and (strengths is None or "product" in strengths)
    )
    return View(glossary, tuple(sorted(concepts)), relations, formulas)


def _bare(name: str) -> str:
    """Return the local name of a name, CURIE or IRI."""
    return vocab.local_name(name) if "://" in name else name.rpartition(":")[2]


def _length(relation: Relation) -> float:
    if relation.id.startswith("parent-"):
        return _PARENT
    return _LOW if relation.confidence == "low" else _WEIGHTS.get(relation.strength, 1.0)
