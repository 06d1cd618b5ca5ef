"""Owns what follows from the asserted graph: the rules of the ontology, run to the end.

Forward chaining, one new triple at a time against two indexes (semi-naive evaluation: Abiteboul,
Hull, Vianu, Foundations of Databases, 1995, section 13.1). Each derived triple keeps its first
derivation, so every proof ends in asserted triples.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg import vocab as v
from kg.errors import AnalysisError, TermError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kg.store import Store

__all__ = ["RULES", "Derivation", "Inference", "Proof", "explain", "infer"]

Fact = tuple[str, str, str]

TYPE = v.RDF + "type"

# rule -> what it says, in both languages
RULES: dict[str, dict[str, str]] = {
    "asserted": {"zh": "直接断言", "en": "asserted"},
    "inverse": {"zh": "互逆关系", "en": "inverse relations"},
    "symmetric": {"zh": "对称关系", "en": "symmetric relation"},
    "sub-property": {
        "zh": "下位关系蕴含上位关系",
        "en": "a narrower relation implies the wider one",
    },
    "sub-class": {"zh": "下位类蕴含上位类", "en": "a narrower class implies the wider one"},
    "transitive": {"zh": "关系可传递", "en": "transitive relation"},
    "chain": {"zh": "属性链", "en": "property chain"},
    "effect-of-metric": {
        "zh": "提升指标即提升其衡量的结果",
        "en": "what improves a metric improves the outcome that it measures",
    },
}


@dataclass(frozen=True, slots=True)
class Derivation:
    """Why a triple holds: the rule and the triples it was applied to."""

    rule: str
    premises: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Inference:
    """The triples that follow and are not asserted, sorted, and the first reason for each."""

    facts: tuple[Fact, ...]
    why: Mapping[Fact, Derivation] = field(repr=False)

    def triples(self) -> Iterator[ox.Triple]:
        """Yield the derived triples, sorted."""
        for fact in self.facts:
            yield ox.Triple(*map(ox.NamedNode, fact))


@dataclass(frozen=True, slots=True)
class Proof:
    """A triple with its rule and the proofs of its premises; `rule` is "asserted" at the leaves."""

    fact: Fact
    rule: str
    premises: tuple[Proof, ...] = ()

    def leaves(self) -> Iterator[Fact]:
        """Yield the asserted triples that the proof rests on."""
        if not self.premises:
            yield self.fact
        for premise in self.premises:
            yield from premise.leaves()


@dataclass(slots=True)
class _Schema:
    """The axioms of the ontology that the rules use, by predicate or class."""

    inverse: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    wider: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    wider_class: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    symmetric: set[str] = field(default_factory=set)
    transitive: set[str] = field(default_factory=set)
    chains: list[tuple[tuple[str, ...], str]] = field(default_factory=list)


def infer(store: Store) -> Inference:
    """Return what follows from the asserted union of `store`, without touching the store.

    Rules: inverse, symmetric, sub-property, transitive, property chain, sub-class typing, and the
    house rule on the effect of metrics. Terminates on any data: no rule makes new terms. That a
    thing relates to itself, which any cycle would imply, is left out; so are blank nodes.

    >>> from kg.store import open_store
    >>> store = open_store()
    >>> axiom = "GRAPH <urn:kg:ontology> { so:feeds owl:inverseOf so:fedBy }"
    >>> store.update(f"INSERT DATA {{ {axiom} GRAPH <urn:kg:asserted/x> "
    ...              "{ term:crm so:feeds term:forecast } }")
    >>> [tuple(map(v.contract, fact)) for fact in infer(store).facts]
    [('term:forecast', 'so:fedBy', 'term:crm')]
    """
    schema = _read_schema(store)
    asserted = {
        (triple.subject.value, triple.predicate.value, triple.object.value)
        for triple in store.triples()
        if isinstance(triple.subject, ox.NamedNode) and isinstance(triple.object, ox.NamedNode)
    }
    engine = _Engine(schema, asserted)
    engine.run()
    return Inference(tuple(sorted(engine.why)), engine.why)


def explain(store: Store, subject: str, predicate: str, object_: str) -> Proof:
    """Return why the graph holds a triple, down to what is asserted; IRIs as text.

    Raises AnalysisError where the triple is neither asserted nor inferred.

    >>> from kg.store import open_store
    >>> store = open_store()
    >>> store.update("INSERT DATA { GRAPH <urn:kg:asserted/x> { term:a so:measures term:b } }")
    >>> explain(store, v.TERM + "a", v.SO + "measures", v.TERM + "b").rule
    'asserted'
    """
    fact = (subject, predicate, object_)
    if _holds(store, fact):
        return Proof(fact, "asserted")
    why = infer(store).why
    if fact not in why:
        words = " ".join(v.contract(part) for part in fact)
        raise AnalysisError("triple-unknown", triple=words, subject=v.contract(subject))
    return _prove(fact, why, {})


def _holds(store: Store, fact: Fact) -> bool:
    """Return whether a triple is asserted; no text that is not an IRI is."""
    try:
        return any(True for _ in store.triples(*fact))
    except (TermError, ValueError):
        return False


def _prove(fact: Fact, why: Mapping[Fact, Derivation], known: dict[Fact, Proof]) -> Proof:
    if fact not in known:
        reason = why.get(fact, Derivation("asserted", ()))
        premises = tuple(_prove(premise, why, known) for premise in reason.premises)
        known[fact] = Proof(fact, reason.rule, premises)
    return known[fact]


def _read_schema(store: Store) -> _Schema:
    schema = _Schema()
    for left, right in _pairs(store, v.OWL + "inverseOf"):
        schema.inverse[left].add(right)
        schema.inverse[right].add(left)
    for low, high in _pairs(store, v.RDFS + "subPropertyOf"):
        schema.wider[low].add(high)
    for low, high in _pairs(store, v.RDFS + "subClassOf"):
        schema.wider_class[low].add(high)
    types = list(_pairs(store, TYPE))
    schema.symmetric = {s for s, o in types if o == v.OWL + "SymmetricProperty"}
    schema.transitive = {s for s, o in types if o == v.OWL + "TransitiveProperty"}
    for triple in store.triples(None, v.OWL + "propertyChainAxiom"):
        links = _items(store, triple.object)
        if links and isinstance(triple.subject, ox.NamedNode):
            schema.chains.append((links, triple.subject.value))
    schema.chains.sort()
    return schema


def _pairs(store: Store, predicate: str) -> Iterator[tuple[str, str]]:
    for triple in store.triples(None, predicate):
        if isinstance(triple.subject, ox.NamedNode) and isinstance(triple.object, ox.NamedNode):
            yield triple.subject.value, triple.object.value


def _items(store: Store, head: object) -> tuple[str, ...]:
    """Return the IRIs of an RDF list, whose cells may be blank nodes.

    Empty where the list is broken, runs in a circle or holds anything else: a chain with a link
    left out would say what the ontology does not.
    """
    items: list[str] = []
    seen: set[object] = set()
    nil = ox.NamedNode(v.RDF + "nil")
    while head != nil:
        if not isinstance(head, (ox.BlankNode, ox.NamedNode)) or head in seen:
            return ()
        seen.add(head)
        cell: dict[str, list[object]] = {"first": [], "rest": []}
        for quad in store.engine.quads_for_pattern(head, None, None, ox.DefaultGraph()):
            cell.setdefault(quad.predicate.value.removeprefix(v.RDF), []).append(quad.object)
        if len(cell["first"]) != 1 or len(cell["rest"]) != 1:
            return ()
        first, head = cell["first"][0], cell["rest"][0]
        if not isinstance(first, ox.NamedNode):
            return ()
        items.append(first.value)
    return tuple(items)


class _Engine:
    """Runs the rules until nothing new follows."""

    def __init__(self, schema: _Schema, asserted: Iterable[Fact]) -> None:
        self.schema = schema
        self.known: set[Fact] = set()
        self.why: dict[Fact, Derivation] = {}
        self.forward: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.backward: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.agenda: deque[Fact] = deque()
        for fact in sorted(asserted):
            self._learn(fact)

    def _learn(self, fact: Fact) -> None:
        subject, predicate, object_ = fact
        self.known.add(fact)
        self.forward[predicate, subject].add(object_)
        self.backward[predicate, object_].add(subject)
        self.agenda.append(fact)

    def run(self) -> None:
        while self.agenda:
            fact = self.agenda.popleft()
            for rule, conclusion, premises in self._conclusions(fact):
                if conclusion not in self.known and conclusion[0] != conclusion[2]:
                    self.why[conclusion] = Derivation(rule, premises)
                    self._learn(conclusion)

    def _conclusions(self, fact: Fact) -> Iterator[tuple[str, Fact, tuple[Fact, ...]]]:
        if fact[1] == TYPE:
            for wider in sorted(self.schema.wider_class.get(fact[2], ())):
                yield "sub-class", (fact[0], TYPE, wider), (fact,)
            yield from self._effects(fact)
            return
        yield from self._restated(fact)
        if fact[1] in self.schema.transitive:
            yield from self._transitive(fact)
        for links, conclusion in self.schema.chains:
            for at, link in enumerate(links):
                if link == fact[1]:
                    for chain in self._chains(links, at, fact):
                        yield "chain", (chain[0][0], conclusion, chain[-1][2]), chain
        yield from self._effects(fact)

    def _restated(self, fact: Fact) -> Iterator[tuple[str, Fact, tuple[Fact, ...]]]:
        """Yield the same pair of nodes under an inverse, symmetric or wider predicate."""
        subject, predicate, object_ = fact
        for other in sorted(self.schema.inverse.get(predicate, ())):
            yield "inverse", (object_, other, subject), (fact,)
        if predicate in self.schema.symmetric:
            yield "symmetric", (object_, predicate, subject), (fact,)
        for wider in sorted(self.schema.wider.get(predicate, ())):
            yield "sub-property", (subject, wider, object_), (fact,)

    def _transitive(self, fact: Fact) -> Iterator[tuple[str, Fact, tuple[Fact, ...]]]:
        subject, predicate, object_ = fact
        for far in sorted(self.forward[predicate, object_]):
            after = (object_, predicate, far)
            yield "transitive", (subject, predicate, far), (fact, after)
        for near in sorted(self.backward[predicate, subject]):
            before = (near, predicate, subject)
            yield "transitive", (near, predicate, object_), (before, fact)

    def _chains(self, links: tuple[str, ...], at: int, fact: Fact) -> Iterator[tuple[Fact, ...]]:
        """Yield the facts of every chain that has `fact` at place `at`."""
        fronts: list[tuple[Fact, ...]] = [(fact,)]
        for link in reversed(links[:at]):
            fronts = [
                ((near, link, chain[0][0]), *chain)
                for chain in fronts
                for near in sorted(self.backward[link, chain[0][0]])
            ]
        for link in links[at + 1 :]:
            fronts = [
                (*chain, (chain[-1][2], link, far))
                for chain in fronts
                for far in sorted(self.forward[link, chain[-1][2]])
            ]
        yield from fronts

    def _effects(self, fact: Fact) -> Iterator[tuple[str, Fact, tuple[Fact, ...]]]:
        """Yield that what improves a metric improves the outcome which the metric measures."""
        subject, predicate, object_ = fact
        improves, measures, outcome = v.SO + "improves", v.SO + "measures", v.SO + "Outcome"
        pairs: list[Fact] = []  # (cause, metric, result)
        if predicate == improves:
            pairs = [(subject, object_, result) for result in self.forward[measures, object_]]
        elif predicate == measures:
            pairs = [(cause, subject, object_) for cause in self.backward[improves, subject]]
        elif (predicate, object_) == (TYPE, outcome):
            pairs = [
                (cause, metric, subject)
                for metric in self.backward[measures, subject]
                for cause in self.backward[improves, metric]
            ]
        for cause, metric, result in sorted(pairs):
            is_outcome = (result, TYPE, outcome)
            if is_outcome in self.known:
                premises = ((cause, improves, metric), (metric, measures, result), is_outcome)
                yield "effect-of-metric", (cause, improves, result), premises
