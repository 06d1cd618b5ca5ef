"""Inference: the laws of the rules, their soundness and completeness, and that proofs prove."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg import vocab as v
from kg.errors import AnalysisError
from kg.inference import RULES, Derivation, Inference, Proof, explain, infer
from kg.store import Store, open_store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg.model import Glossary

Fact = tuple[str, str, str]

IMPROVES, MEASURES, OUTCOME = v.SO + "improves", v.SO + "measures", v.SO + "Outcome"
TYPE = v.RDF + "type"


@pytest.fixture(scope="module")
def inference(store: Store) -> Inference:
    """Return what follows from the real asserted graph."""
    return infer(store)


@pytest.fixture(scope="module")
def inferred_store(store: Store, inference: Inference) -> Store:
    """Return a copy of the asserted graph with its inferred graph beside it."""
    copy = open_store()
    copy.extend(q for q in store.engine if q.graph_name != ox.DefaultGraph())
    copy.replace(v.INFERRED, inference.triples())
    return copy


def _facts(store: Store, *, asserted: bool = True) -> set[Fact]:
    return {
        (t.subject.value, t.predicate.value, t.object.value)
        for t in store.triples(asserted=asserted)
        if isinstance(t.subject, ox.NamedNode) and isinstance(t.object, ox.NamedNode)
    }


def _store(turtle: str) -> Store:
    """Return a store that asserts a few triples, written with our prefixes."""
    filled = open_store()
    filled.update(f"INSERT DATA {{ GRAPH <urn:kg:asserted/test> {{ {turtle} }} }}")
    return filled


def _told(store: Store) -> dict[str, str]:
    """Return what follows, in short: triple -> rule."""
    found = infer(store)
    return {" ".join(map(v.contract, fact)): found.why[fact].rule for fact in found.facts}


# ------------------------------------------------------------------ laws on the real graph


def test_what_follows_is_sorted_reasoned_and_not_asserted(
    store: Store, inference: Inference
) -> None:
    assert sorted(inference.facts) == list(inference.facts)
    assert set(inference.facts) == set(inference.why)
    assert set() == set(inference.facts) & _facts(store)
    assert [] == [fact for fact in inference.facts if fact[0] == fact[2]]
    assert set(RULES) - {"asserted"} == {reason.rule for reason in inference.why.values()}


def test_inferring_twice_adds_nothing(
    store: Store, inferred_store: Store, inference: Inference
) -> None:
    """Neither beside the inferred graph, nor when all of it is asserted."""
    asserted = open_store()
    asserted.extend(q for q in store.engine if q.graph_name != ox.DefaultGraph())
    asserted.replace(v.asserted_graph("all"), inference.triples())

    assert inference.facts == infer(inferred_store).facts
    assert () == infer(asserted).facts


def test_the_store_holds_each_triple_once_and_is_not_touched(
    store: Store, inferred_store: Store, inference: Inference
) -> None:
    before = sum(1 for _ in store.triples())

    infer(store)

    assert before == sum(1 for _ in store.triples(asserted=False))
    assert before + len(inference.facts) == sum(1 for _ in inferred_store.triples(asserted=False))


def test_the_reasons_are_the_same_every_time(store: Store, inference: Inference) -> None:
    again = infer(store)

    assert list(inference.why.items()) == list(again.why.items())


def test_a_formula_that_reads_a_metric_gives_computed_from_direct(
    glossary: Glossary, inference: Inference
) -> None:
    """The chain of three links is checked against the formulas themselves."""
    direct = v.SO + "computedFromDirect"
    read = {
        (iri, direct, other)
        for iri, concept in glossary.concepts.items()
        if concept.metric
        for other in concept.metric.metrics
    }

    assert read == {fact for fact in inference.facts if fact[1] == direct}
    assert 22 == len(read)


def test_chains_of_two_links_follow_the_steps(glossary: Glossary, inference: Inference) -> None:
    held = {(r.subject, r.predicate, r.object) for r in glossary.relations if r.asserted}
    steps = {(s, o) for s, p, o in held if p == v.SO + "hasStep"}
    expected = {
        (whole, p, o)
        for whole, step in steps
        for s, p, o in held
        if s == step and p in {v.SO + "uses", v.SO + "produces"}
    } - held

    found = {
        fact
        for fact in inference.facts
        if inference.why[fact].rule == "chain" and fact[1] != v.SO + "computedFromDirect"
    }

    assert expected == found
    assert 9 <= len(found)


def test_no_thing_is_part_of_its_own_part(inferred_store: Store) -> None:
    """The two contradicting claims are the only circle of the source; neither is a triple."""
    facts = _facts(inferred_store, asserted=False)
    parts = {(s, o) for s, p, o in facts if p == v.SO + "hasPart"}
    wholes = {(o, s) for s, p, o in facts if p == v.SO + "partOf"}

    assert parts == wholes
    assert set() == {(a, b) for a, b in parts if (b, a) in parts or a == b}
    assert len(parts) > 200


def test_contradicting_claims_never_become_triples(
    glossary: Glossary, inferred_store: Store
) -> None:
    opposed = [r for r in glossary.relations if not r.asserted]
    facts = _facts(inferred_store, asserted=False)

    assert ["r395", "r456"] == sorted(r.id for r in opposed)
    assert [] == [
        r.id
        for r in opposed
        if facts & {(r.subject, r.predicate, r.object), (r.subject, v.SO + "relatesTo", r.object)}
    ]


def test_what_improves_a_metric_improves_its_outcome(
    glossary: Glossary, inference: Inference
) -> None:
    held = {(r.subject, r.predicate, r.object) for r in glossary.relations if r.asserted}
    outcomes = {iri for iri, c in glossary.concepts.items() if c.kind == "Outcome"}
    expected = {
        (cause, IMPROVES, out)
        for cause, p, metric in held
        if p == IMPROVES
        for s, q, out in held
        if (s, q) == (metric, MEASURES) and out in outcomes
    } - held
    found = {f for f in inference.facts if inference.why[f].rule == "effect-of-metric"}

    assert expected == found
    assert 4 <= len(found)


# ------------------------------------------------------------------ the oracle


@pytest.mark.slow
def test_owl_rl_agrees(store: Store) -> None:
    """Sound: all but the house rule is in owlrl's closure. Complete: owlrl finds no more.

    Literals and provenance take no part in any rule and are left out for speed. owlrl also
    derives what domains, ranges, equality and reflexivity say: these are not our rules.
    """
    part = _without_detail(store)
    ours = infer(part)
    closure = _owlrl_closure(part)
    house = {f for f in ours.facts if ours.why[f].rule == "effect-of-metric"}
    follows_from_house = {f for f in ours.facts if _rests_on(f, house, ours)}
    words = {p for _, p, _ in ours.facts if p != TYPE}

    unsound = set(ours.facts) - follows_from_house - closure
    missing = {
        fact
        for fact in closure - set(ours.facts) - _facts(part)
        if fact[1] in words and fact[0] != fact[2] and fact[0].startswith(v.BASE)
    }

    assert set() == unsound
    assert set() == missing
    assert 5 * len(house) == len(follows_from_house)  # affects, relatesTo and two inverses
    assert len(ours.facts) > 5_000


def _without_detail(store: Store) -> Store:
    """Return the graph without literals, claims, passages and other provenance."""
    provenance = (v.CLAIM, v.PASSAGE, v.SOURCE, v.DEFINITION, v.FIELD, v.TOPIC, v.UNIT, v.POSITION)
    part = open_store()
    graph = ox.NamedNode(v.asserted_graph("part"))
    part.extend(
        ox.Quad(t.subject, t.predicate, t.object, graph)
        for t in store.triples()
        if not isinstance(t.object, ox.Literal)
        and not any(
            isinstance(end, ox.NamedNode) and end.value.startswith(provenance)
            for end in (t.subject, t.object)
        )
    )
    return part


def _owlrl_closure(store: Store) -> set[Fact]:
    import owlrl
    import rdflib

    data = ox.serialize(store.triples(), format=ox.RdfFormat.N_TRIPLES)
    graph = rdflib.Graph().parse(data=data, format="nt")
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    return {
        (str(s), str(p), str(o))
        for s, p, o in graph
        if isinstance(s, rdflib.URIRef) and isinstance(o, rdflib.URIRef)
    }


def _rests_on(fact: Fact, base: set[Fact], inference: Inference) -> bool:
    if fact in base:
        return True
    premises = inference.why[fact].premises if fact in inference.why else ()
    return any(_rests_on(premise, base, inference) for premise in premises)


# ------------------------------------------------------------------ each rule on tiny graphs


@pytest.mark.parametrize(
    ("turtle", "told"),
    [
        (
            "so:feeds owl:inverseOf so:fedBy . term:a so:feeds term:b . term:c so:fedBy term:d",
            {"term:b so:fedBy term:a": "inverse", "term:d so:feeds term:c": "inverse"},
        ),
        (
            "so:like a owl:SymmetricProperty . term:a so:like term:b",
            {"term:b so:like term:a": "symmetric"},
        ),
        (
            (
                "so:low rdfs:subPropertyOf so:mid . so:mid rdfs:subPropertyOf so:top . "
                "term:a so:low term:b . term:c so:top term:d"
            ),
            {"term:a so:mid term:b": "sub-property", "term:a so:top term:b": "sub-property"},
        ),
        (
            (
                "so:Low rdfs:subClassOf so:Mid . so:Mid rdfs:subClassOf so:Top . term:a a so:Low . "
                "term:b a so:Top"
            ),
            {"term:a rdf:type so:Mid": "sub-class", "term:a rdf:type so:Top": "sub-class"},
        ),
        (
            (
                "so:before a owl:TransitiveProperty . "
                "term:a so:before term:b . term:b so:before term:c . term:c so:next term:d"
            ),
            {"term:a so:before term:c": "transitive"},
        ),
        (
            (
                "so:uses owl:propertyChainAxiom ( so:hasStep so:uses ) . "
                "term:a so:hasStep term:b . term:b so:uses term:c . term:c so:hasStep term:d"
            ),
            {"term:a so:uses term:c": "chain"},
        ),
        (
            (
                "so:direct owl:propertyChainAxiom ( so:f so:g so:h ) . "
                "term:a so:f term:b . term:b so:g term:c . term:c so:h term:d , term:e . "
                "term:b so:h term:x . term:a so:g term:y"
            ),
            {"term:a so:direct term:d": "chain", "term:a so:direct term:e": "chain"},
        ),
        (
            (
                "term:x so:improves term:m . term:m so:measures term:o . term:o a so:Outcome . "
                "term:m so:measures term:p . term:p a so:Process"
            ),
            {"term:x so:improves term:o": "effect-of-metric"},
        ),
        # what no rule says: reduction, effects of effects, domains, reversed sub-properties
        (
            (
                "term:x so:reduces term:m . term:m so:measures term:o . term:o a so:Outcome . "
                "so:measures rdfs:domain so:Metric . so:low rdfs:subPropertyOf so:top . "
                "term:a so:top term:b"
            ),
            {},
        ),
    ],
)
def test_each_rule_says_this_and_no_more(turtle: str, told: dict[str, str]) -> None:
    assert told == _told(_store(turtle))


def test_rules_build_on_each_other() -> None:
    """Step -> part by sub-property, whole -> part of part by transitivity, back by inverse."""
    told = _told(
        _store(
            "so:hasStep rdfs:subPropertyOf so:hasPart . so:hasPart a owl:TransitiveProperty ; "
            "owl:inverseOf so:partOf . term:a so:hasStep term:b . term:c so:partOf term:b"
        )
    )

    assert {
        "term:a so:hasPart term:b": "sub-property",
        "term:b so:partOf term:a": "inverse",
        "term:b so:hasPart term:c": "inverse",
        "term:a so:hasPart term:c": "transitive",
        "term:c so:partOf term:a": "inverse",
    } == told


def test_a_link_that_is_learned_late_is_joined_to_what_came_before() -> None:
    """The first link is done with when the second follows from another rule."""
    told = _told(
        _store(
            "so:p a owl:TransitiveProperty . so:q rdfs:subPropertyOf so:p . "
            "term:a so:p term:b . term:b so:q term:c"
        )
    )

    assert {"term:b so:p term:c": "sub-property", "term:a so:p term:c": "transitive"} == told


def test_the_effect_waits_for_an_outcome_that_is_itself_inferred() -> None:
    """The type may come last: the order in which triples are learned must not matter."""
    told = _told(
        _store(
            "so:Result rdfs:subClassOf so:Outcome . term:z a so:Result . "
            "term:a so:improves term:m . term:m so:measures term:z"
        )
    )

    assert "effect-of-metric" == told["term:a so:improves term:z"]


@pytest.mark.parametrize(
    "members",
    [
        "[ rdf:first so:f ; rdf:rest [ rdf:first so:g ; rdf:rest rdf:nil ] ]",
        "( so:f so:g )",
        (
            "term:l1 . term:l1 rdf:first so:f ; rdf:rest term:l2 . "
            "term:l2 rdf:first so:g ; rdf:rest rdf:nil"
        ),
    ],
)
def test_lists_may_be_of_blank_or_named_nodes(members: str) -> None:
    told = _told(
        _store(f"so:fg owl:propertyChainAxiom {members} . term:a so:f term:b . term:b so:g term:c")
    )

    assert {"term:a so:fg term:c": "chain"} == told


@pytest.mark.parametrize(
    "members",
    [
        "rdf:nil",
        '( "so:f" )',
        "( so:f [ owl:inverseOf so:g ] )",
        "[ rdf:first so:f ]",
        "[ rdf:first so:f , so:g ; rdf:rest rdf:nil ]",
        "_:l . _:l rdf:first so:f ; rdf:rest _:l",
        "so:f",
    ],
)
def test_a_broken_chain_says_nothing(members: str) -> None:
    """A chain with a link left out would say more than the ontology does."""
    told = _told(
        _store(f"so:fg owl:propertyChainAxiom {members} . term:a so:f term:b . term:b so:g term:c")
    )

    assert {} == told


def test_blank_nodes_and_literals_take_no_part() -> None:
    told = _told(
        _store("so:p a owl:SymmetricProperty . term:a so:p _:x , 'text' , term:b . _:x so:p term:c")
    )

    assert {"term:b so:p term:a": "symmetric"} == told


def test_circles_end_and_nothing_relates_to_itself() -> None:
    ring = " . ".join(f"term:n{n} so:p term:n{(n + 1) % 12}" for n in range(12))
    store = _store(
        f"so:p a owl:TransitiveProperty ; owl:inverseOf so:q ; rdfs:subPropertyOf so:q . "
        f"so:q rdfs:subPropertyOf so:p ; owl:propertyChainAxiom ( so:q so:p ) . {ring}"
    )

    found = infer(store)

    assert 2 * 12 * 11 - 12 == len(found.facts)
    assert all(s != o for s, _, o in found.facts)


def test_an_empty_store_says_nothing() -> None:
    assert () == infer(open_store()).facts


PREDICATES = ["so:p", "so:q", "so:r"]
AXIOMS = [
    "so:p a owl:TransitiveProperty",
    "so:q a owl:SymmetricProperty",
    "so:p owl:inverseOf so:r",
    "so:q rdfs:subPropertyOf so:p",
    "so:r owl:propertyChainAxiom ( so:p so:q )",
    "so:q owl:propertyChainAxiom ( so:r so:q so:p )",
]


@settings(max_examples=200, deadline=None)
@given(
    st.sets(st.sampled_from(AXIOMS)),
    st.sets(st.tuples(st.integers(0, 4), st.sampled_from(PREDICATES), st.integers(0, 4))),
)
def test_semi_naive_finds_what_brute_force_finds(
    axioms: set[str], triples: set[tuple[int, str, int]]
) -> None:
    """Whatever the axioms and data: the same closure as applying each rule to everything."""
    turtle = " . ".join([*sorted(axioms), *(f"term:{s} {p} term:{o}" for s, p, o in triples)])
    store = _store(turtle)
    expected = _brute_force(axioms, triples)

    assert expected == {" ".join(map(v.contract, fact)) for fact in infer(store).facts}


def _brute_force(axioms: set[str], triples: Iterable[tuple[int, str, int]]) -> set[str]:
    given_facts = {(f"term:{s}", p, f"term:{o}") for s, p, o in triples}
    known = set(given_facts)
    while True:
        new = {fact for axiom in axioms for fact in _apply(axiom, known) if fact[0] != fact[2]}
        if new <= known:
            return {" ".join(fact) for fact in known - given_facts}
        known |= new


def _apply(axiom: str, known: set[Fact]) -> Iterator[Fact]:
    subject, word, *rest = axiom.split()
    if word == "a":
        for s, p, o in known:
            if p == subject and "Symmetric" in rest[0]:
                yield o, p, s
            elif p == subject:
                yield from ((s, p, far) for near, q, far in known if (near, q) == (o, p))
    elif word == "owl:inverseOf":
        for s, p, o in known:
            if p in {subject, rest[0]}:
                yield o, rest[0] if p == subject else subject, s
    elif word == "rdfs:subPropertyOf":
        yield from ((s, rest[0], o) for s, p, o in known if p == subject)
    else:
        fronts = {(s, s) for s, _, _ in known}
        for link in rest[1:-1]:
            fronts = {(a, o) for a, b in fronts for s, p, o in known if (s, p) == (b, link)}
        yield from ((a, subject, b) for a, b in fronts)


# ------------------------------------------------------------------ proofs


class Checker:
    """Checks a derivation against the axioms of a graph, knowing nothing of how it was found."""

    def __init__(self, store: Store) -> None:
        self.held = _facts(store)
        self.chains: dict[str, list[tuple[str, ...]]] = {}
        for axiom in store.triples(None, v.OWL + "propertyChainAxiom"):
            links = tuple(_items(store, axiom.object))
            self.chains.setdefault(_text(axiom.subject), []).append(links)

    def is_valid(self, fact: Fact, reason: Derivation) -> bool:
        """Return whether `fact` follows from the premises by one instance of the rule."""
        check = getattr(self, "_" + reason.rule.replace("-", "_"))
        return bool(check(fact, *reason.premises))

    def _axiom(self, subject: str, predicate: str, object_: str) -> bool:
        return (subject, predicate, object_) in self.held

    def _inverse(self, fact: Fact, premise: Fact) -> bool:
        (s, p, o), (s2, p2, o2) = fact, premise
        inverse = v.OWL + "inverseOf"
        return (s, o) == (o2, s2) and (self._axiom(p, inverse, p2) or self._axiom(p2, inverse, p))

    def _symmetric(self, fact: Fact, premise: Fact) -> bool:
        (s, p, o), (s2, p2, o2) = fact, premise
        declared = self._axiom(p, TYPE, v.OWL + "SymmetricProperty")
        return (s, p, o) == (o2, p2, s2) and declared

    def _sub_property(self, fact: Fact, premise: Fact) -> bool:
        (s, p, o), (s2, p2, o2) = fact, premise
        return (s, o) == (s2, o2) and self._axiom(p2, v.RDFS + "subPropertyOf", p)

    def _sub_class(self, fact: Fact, premise: Fact) -> bool:
        (s, p, o), (s2, p2, o2) = fact, premise
        is_typing = (s, p, p2) == (s2, TYPE, TYPE)
        return is_typing and self._axiom(o2, v.RDFS + "subClassOf", o)

    def _transitive(self, fact: Fact, first: Fact, second: Fact) -> bool:
        joined = first[2] == second[0] and (first[0], second[2]) == (fact[0], fact[2])
        alike = fact[1] == first[1] == second[1]
        return joined and alike and self._axiom(fact[1], TYPE, v.OWL + "TransitiveProperty")

    def _chain(self, fact: Fact, *links: Fact) -> bool:
        joined = all(a[2] == b[0] for a, b in itertools.pairwise(links))
        ends = (links[0][0], links[-1][2]) == (fact[0], fact[2])
        return joined and ends and tuple(p for _, p, _ in links) in self.chains.get(fact[1], [])

    def _effect_of_metric(self, fact: Fact, first: Fact, second: Fact, third: Fact) -> bool:
        (cause, p, out), (cause2, p2, metric), (metric2, p3, out2) = fact, first, second
        same = (cause, metric, out) == (cause2, metric2, out2)
        return (
            same
            and (p, p2, p3) == (IMPROVES, IMPROVES, MEASURES)
            and third
            == (
                out,
                TYPE,
                OUTCOME,
            )
        )


def _items(store: Store, head: object) -> Iterator[str]:
    while head != ox.NamedNode(v.RDF + "nil"):
        cell = {t.predicate.value: t.object for t in store.triples() if t.subject == head}
        yield _text(cell[v.RDF + "first"])
        head = cell[v.RDF + "rest"]


def _text(term: object) -> str:
    assert isinstance(term, ox.NamedNode)
    return term.value


def test_every_inferred_triple_has_a_valid_proof(store: Store, inference: Inference) -> None:
    """Each step is an instance of its rule, premises come before, leaves are asserted."""
    checker = Checker(store)
    proved: set[Fact] = set()
    for fact, reason in inference.why.items():  # in the order in which they were found
        assert checker.is_valid(fact, reason), (fact, reason)
        assert all(p in proved or p in checker.held for p in reason.premises), (fact, reason)

        proved.add(fact)

    assert set(inference.facts) == proved


def test_the_checker_itself_refuses_wrong_steps(store: Store, inference: Inference) -> None:
    """Any derivation with its conclusion turned round, or under another rule, is refused."""
    checker = Checker(store)
    turned = [
        fact
        for fact, reason in inference.why.items()
        if reason.rule not in {"symmetric", "sub-class"}
        and checker.is_valid((fact[2], fact[1], fact[0]), reason)
    ]
    one = next(fact for fact in inference.facts if inference.why[fact].rule == "inverse")

    assert [] == turned
    assert not checker.is_valid(one, Derivation("sub-property", inference.why[one].premises))
    assert not checker.is_valid(one, Derivation("symmetric", inference.why[one].premises))


def _steps(proof: Proof) -> Iterator[Proof]:
    yield proof
    for premise in proof.premises:
        yield from _steps(premise)


@pytest.mark.parametrize("rule", sorted(set(RULES) - {"asserted"}))
def test_explain_goes_down_to_what_is_asserted(
    store: Store, inference: Inference, rule: str
) -> None:
    """For the triple of each rule with the most premises: a proof that the checker accepts."""
    checker = Checker(store)
    facts = [fact for fact in inference.facts if inference.why[fact].rule == rule]
    fact = max(facts, key=lambda f: (sum(p in inference.why for p in inference.why[f].premises), f))

    proof = explain(store, *fact)

    assert (fact, rule) == (proof.fact, proof.rule)
    assert set(proof.leaves()) <= checker.held
    assert all(
        checker.is_valid(step.fact, Derivation(step.rule, tuple(p.fact for p in step.premises)))
        for step in _steps(proof)
        if step.rule != "asserted"
    )
    assert all(
        step.fact in checker.held and not step.premises
        for step in _steps(proof)
        if step.rule == "asserted"
    )


def test_what_is_asserted_needs_no_proof(store: Store) -> None:
    fact = (v.TERM + "kpi", MEASURES, v.TERM + "sales-performance")
    held = next(f for f in sorted(_facts(store)) if f[1] == MEASURES)

    assert Proof(held, "asserted") == explain(store, *held)
    assert [held] == list(explain(store, *held).leaves())
    assert fact[1] == held[1]


@pytest.mark.parametrize(
    "fact",
    [
        (v.TERM + "win-rate", v.SO + "feeds", v.TERM + "crm"),
        (v.TERM + "no-such-term", v.SO + "feeds", v.TERM + "crm"),
        (v.TERM + "crm", v.SO + "relatesTo", v.TERM + "crm"),
        ("", "", ""),
        ("not an iri", "so measures", "<>"),
    ],
)
def test_a_triple_that_is_not_held_is_our_error(store: Store, fact: Fact) -> None:
    with pytest.raises(AnalysisError, match="does not hold") as caught:
        explain(store, *fact)

    assert "triple-unknown" == caught.value.code
    assert v.contract(fact[0]) == caught.value.subject


def test_a_proof_of_a_long_chain_is_told_whole() -> None:
    """200 links: no recursion limit, every link a leaf."""
    line = " . ".join(f"term:n{n} so:p term:n{n + 1}" for n in range(200))
    store = _store(f"so:p a owl:TransitiveProperty . {line}")

    proof = explain(store, v.TERM + "n0", v.SO + "p", v.TERM + "n200")

    assert Counter(proof.leaves()).total() == 200
    assert len(set(proof.leaves())) == 200


def test_a_premise_that_is_used_twice_is_proved_each_time() -> None:
    store = _store(
        "so:p rdfs:subPropertyOf so:r ; owl:inverseOf so:s . "
        "so:t owl:propertyChainAxiom ( so:r so:s so:r ) . term:a so:p term:b"
    )

    proof = explain(store, v.TERM + "a", v.SO + "t", v.TERM + "b")

    assert 3 * [(v.TERM + "a", v.SO + "p", v.TERM + "b")] == list(proof.leaves())
    assert ["sub-property", "inverse", "sub-property"] == [p.rule for p in proof.premises]


def test_every_rule_is_named_in_both_languages() -> None:
    assert all({"zh", "en"} == set(words) and all(words.values()) for words in RULES.values())
