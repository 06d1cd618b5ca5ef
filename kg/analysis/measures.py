"""Owns the questions asked of a view: rank, path, neighbours, tree, effects, communities."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from kg import vocab
from kg.errors import AnalysisError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import networkx as nx

    from kg.analysis.projection import View
    from kg.model import Glossary, Relation

__all__ = [
    "MEASURES",
    "Branch",
    "Community",
    "Effect",
    "Ranked",
    "Step",
    "communities",
    "effects",
    "neighbours",
    "rank",
    "shortest_path",
    "tree",
]

TreeKind = Literal["broader", "part", "driver"]
SEED = 1
_PARTS = ("hasPart", "hasStage", "hasStep", "hasModule", "hasContent", "hasCriterion", "hasMember")
# A change of the subject reaches the object, or the other way round (flow of data and use).
_FORWARD = frozenset({"feeds", "produces", "enables", "supports", "informs", "formulaFor"})
_BACKWARD = frozenset({"basedOn", "computedFrom", "uses", "requires", "considers"})


@dataclass(frozen=True, slots=True)
class Ranked:
    """A concept with its score in a ranking."""

    iri: str
    score: float


@dataclass(frozen=True, slots=True)
class Step:
    """One hop of a path: from where to where, with every relation between the two."""

    start: str
    end: str
    relations: tuple[Relation, ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """A node of a tree with what hangs below it; `iri` may be a measure or a field."""

    iri: str
    children: tuple[Branch, ...] = ()


@dataclass(frozen=True, slots=True)
class Effect:
    """Something reached by a change: how far away, with which sign, and through which relation.

    `sign` is "+" or "-"; "±" where shortest paths disagree; "?" where the direction of an influence
    is not known; "" for a dependency, which says that something changes but not which way. `via`
    is None for a step through a formula or field.
    """

    iri: str
    origin: str
    depth: int
    sign: str
    via: Relation | None = None


@dataclass(frozen=True, slots=True)
class Community:
    """A group of concepts that hang together: members by degree inside, first the best known."""

    members: tuple[str, ...]
    edges: int


def _pagerank(graph: nx.MultiDiGraph[str]) -> dict[str, float]:
    import networkx as nx

    return nx.pagerank(nx.DiGraph(graph), weight=None)


def _betweenness(graph: nx.MultiDiGraph[str]) -> dict[str, float]:
    import networkx as nx

    return nx.betweenness_centrality(nx.Graph(graph))


def _closeness(graph: nx.MultiDiGraph[str]) -> dict[str, float]:
    import networkx as nx

    return nx.closeness_centrality(nx.Graph(graph))


def _degree(graph: nx.MultiDiGraph[str]) -> dict[str, float]:
    return {node: float(degree) for node, degree in graph.degree()}


def _eigenvector(graph: nx.MultiDiGraph[str]) -> dict[str, float]:
    import networkx as nx
    import numpy as np
    from scipy.sparse.linalg import eigsh

    # The dominant eigenvector of the largest component; on others it would not be unique.
    # NetworkX starts from random numbers, so its last digits differ from run to run.
    simple = nx.Graph(graph)
    parts = sorted(nx.connected_components(simple), key=lambda part: (-len(part), min(part)))
    scores = dict.fromkeys(graph, 0.0)
    nodes = sorted(parts[0]) if parts else []
    if len(nodes) > 2:  # noqa: PLR2004 - the method needs three nodes
        matrix = nx.to_scipy_sparse_array(
            simple, nodelist=nodes, weight=None, dtype=np.dtype(float)
        )
        start = np.ones(len(nodes))
        _, vectors = eigsh(matrix, k=1, which="LA", v0=start)
        scores |= dict(zip(nodes, np.abs(vectors[:, 0]).tolist(), strict=True))
    return scores


MEASURES: dict[str, Callable[[nx.MultiDiGraph[str]], dict[str, float]]] = {
    "pagerank": _pagerank,
    "betweenness": _betweenness,
    "closeness": _closeness,
    "degree": _degree,
    "eigenvector": _eigenvector,
}


def rank(view: View, *, by: str = "pagerank") -> tuple[Ranked, ...]:
    """Return every concept of `view` by a centrality measure, highest first, ties by IRI.

    PageRank follows the direction of relations (damping 0.85); degree counts parallel relations;
    betweenness, closeness and eigenvector read the graph as undirected and simple. Scores are
    rounded to 12 decimals. Raises AnalysisError for an unknown measure.
    """
    if by not in MEASURES:
        raise AnalysisError("measure-unknown", measure=by, known=tuple(MEASURES))
    scores = MEASURES[by](view.to_networkx())
    ranked = (Ranked(iri, round(float(score), 12)) for iri, score in scores.items())
    return tuple(sorted(ranked, key=lambda row: (-row.score, row.iri)))


def shortest_path(view: View, start: str, end: str, *, directed: bool = False) -> tuple[Step, ...]:
    """Return the hops from one concept to another along the best-evidenced short path.

    Edge lengths favour stated relations over implied ones, and those over mere parents. Relations
    are read in either direction unless `directed`. Raises AnalysisError where there is no path.
    """
    import networkx as nx

    graph = view.to_networkx() if directed else view.to_simple()
    try:
        nodes = nx.dijkstra_path(graph, start, end, weight="weight")
    except (nx.NetworkXNoPath, nx.NodeNotFound) as error:
        names = {"start": vocab.contract(start), "end": vocab.contract(end)}
        raise AnalysisError("path-none", **names) from error
    return tuple(
        Step(a, b, tuple(_between(view, a, b, directed=directed)))
        for a, b in itertools.pairwise(nodes)
    )


def neighbours(view: View, iri: str, *, depth: int = 1) -> tuple[tuple[int, Relation], ...]:
    """Return the relations within `depth` hops of a concept, each with its distance."""
    out: list[tuple[int, Relation]] = []
    seen, front = {iri}, [iri]
    told: set[str] = set()
    for distance in range(1, depth + 1):
        found: set[str] = set()
        for node in front:
            for relation in view.around.get(node, ()):
                if relation.id not in told:
                    told.add(relation.id)
                    out.append((distance, relation))
                    found |= {relation.subject, relation.object}
        front = sorted(found - seen)
        seen |= found
    return tuple(out)


def tree(glossary: Glossary, iri: str, *, by: TreeKind = "broader", depth: int = 6) -> Branch:
    """Return what hangs below a concept: narrower terms, parts, or what a metric is computed from.

    `by="driver"` goes from a metric over its formula to metrics, base measures and CRM fields.
    A node that stands above itself (a cycle) is not opened again.
    """
    below = {"broader": _narrower, "part": _parts, "driver": _drivers}[by](glossary)

    def grow(node: str, above: tuple[str, ...]) -> Branch:
        if node in above or len(above) >= depth:
            return Branch(node)
        children = below.get(node, ())
        return Branch(node, tuple(grow(child, (*above, node)) for child in children))

    return grow(iri, ())


def effects(view: View, iri: str, *, upstream: bool = False, depth: int = 3) -> tuple[Effect, ...]:
    """Return what a change of a concept, measure or field reaches, or (`upstream`) what reaches it.

    Signs multiply along a path, which is why no reasoner does this. A concept is told once, at its
    shortest distance, with the sign that all paths of that length agree on. Formulas and fields
    count as dependencies without a sign, unless the view leaves them out.
    """
    edges = _influences(view, upstream=upstream)
    best: dict[str, Effect] = {}
    front = [Effect(iri, iri, 0, "+")]
    for distance in range(1, depth + 1):
        reached: dict[str, Effect] = {}
        for at in front:
            for target, sign, via in edges.get(at.iri, ()):
                if target == iri or target in best:
                    continue
                effect = Effect(target, at.iri, distance, _compose(at.sign, sign), via)
                old = reached.get(target)
                if old is None:
                    reached[target] = effect
                else:
                    agreed = _agree(old.sign, effect.sign)
                    reached[target] = Effect(target, old.origin, distance, agreed, old.via)
        best |= reached
        front = [reached[node] for node in sorted(reached)]
    return tuple(best.values())


def communities(view: View) -> tuple[Community, ...]:
    """Return the groups that Louvain finds on the undirected view, largest first; seeded.

    Method: Blondel, Guillaume, Lambiotte, Lefebvre, "Fast unfolding of communities in large
    networks", 2008, as implemented by NetworkX.
    """
    import networkx as nx

    graph = view.to_simple()
    found = nx.community.louvain_communities(graph, weight=None, seed=SEED)
    out = []
    for group in found:
        inner = graph.subgraph(group)
        members = sorted(group, key=lambda node: (-inner.degree(node), node))
        out.append(Community(tuple(members), inner.number_of_edges()))
    return tuple(sorted(out, key=lambda c: (-len(c.members), c.members[0])))


def _between(view: View, start: str, end: str, *, directed: bool) -> Iterator[Relation]:
    """Yield the relations of a hop, those in its direction first."""
    found = view.between[frozenset((start, end))]
    yield from (relation for relation in found if relation.subject == start)
    if not directed:
        yield from (relation for relation in found if relation.subject != start)


def _narrower(glossary: Glossary) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for relation in glossary.relations:
        if relation.asserted and relation.predicate == vocab.SKOS + "broader":
            out.setdefault(relation.object, []).append(relation.subject)
    return out


def _parts(glossary: Glossary) -> dict[str, list[str]]:
    pairs = set()
    for relation in glossary.relations:
        if relation.asserted and vocab.local_name(relation.predicate) in _PARTS:
            pairs.add((relation.subject, relation.object))
        elif relation.asserted and relation.predicate == vocab.SO + "partOf":
            pairs.add((relation.object, relation.subject))
    out: dict[str, list[str]] = {}
    for whole, part in sorted(pairs):
        out.setdefault(whole, []).append(part)
    return out


def _drivers(glossary: Glossary) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for iri, concept in glossary.concepts.items():
        if concept.metric:
            out[iri] = [*concept.metric.metrics, *concept.metric.measures]
    return out | {iri: list(measure.fields) for iri, measure in glossary.measures.items()}


def _influences(view: View, *, upstream: bool) -> dict[str, list[tuple[str, str, Relation | None]]]:
    """Return the signed edges of change: cause -> (effect, sign, relation)."""
    found: list[tuple[str, str, str, Relation | None]] = []
    for relation in view.relations:
        name = vocab.local_name(relation.predicate)
        sign = view.glossary.predicates[relation.predicate].sign
        if sign is not None:
            word = sign if sign in "+-" else "?"
            found.append((relation.subject, relation.object, word, relation))
        elif name in _FORWARD:
            found.append((relation.subject, relation.object, "", relation))
        elif name in _BACKWARD:
            found.append((relation.object, relation.subject, "", relation))
    if view.formulas:
        left_out = view.glossary.concepts.keys() - set(view.concepts)
        for whole, inputs in sorted(_drivers(view.glossary).items()):
            ends = [(part, whole) for part in inputs if left_out.isdisjoint((part, whole))]
            found += [(part, whole, "", None) for part, whole in ends]
        for iri, crm_field in sorted(view.glossary.fields.items()):
            found += [(iri, decided, "", None) for decided in crm_field.determines]
    edges: dict[str, list[tuple[str, str, Relation | None]]] = {}
    for cause, effect, sign, via in found:
        start, end = (effect, cause) if upstream else (cause, effect)
        edges.setdefault(start, []).append((end, sign, via))
    return edges


def _compose(first: str, second: str) -> str:
    """Return the sign of two steps after another: signs multiply, what is not known stays so."""
    if not first or not second:
        return ""
    doubtful = next((sign for sign in "?±" if sign in (first, second)), "")
    return doubtful or ("+" if first == second else "-")


def _agree(first: str, second: str) -> str:
    """Return the sign of two paths side by side; "±" only where both signs are known to occur."""
    if first == second:
        return first
    return "±" if {first, second} <= {"+", "-", "±"} else "?"
