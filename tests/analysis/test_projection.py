"""Projection: what takes part in a view, and that parallel relations stay apart."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import networkx as nx
import pytest

from kg import vocab
from kg.analysis.projection import VOCABULARY, View, project
from kg.model import Claim, Concept, Glossary, Label, Relation

if TYPE_CHECKING:
    from pathlib import Path

TOPIC_OF = vocab.SO + "topicOf"


def _ids(view: View) -> list[str]:
    return sorted(relation.id for relation in view.relations)


def _relation(name: str, ends: str, predicate: str, *claims: Claim) -> Relation:
    subject, object_ = (vocab.TERM + end for end in ends)
    return Relation(name, subject, vocab.SO + predicate, object_, claims)


def _claim(strength: str, source: str, confidence: str | None = None) -> Claim:
    return Claim(f"{vocab.CLAIM}{strength}-{source}", strength, source, confidence=confidence)


@pytest.fixture
def small() -> Glossary:
    """Return four concepts and six relations, two of them between the same pair."""
    tiers = {"a": "core", "b": "core", "c": "supporting", "d": "context"}
    kinds = {"a": "Metric", "b": "Process", "c": "Metric", "d": "Role"}
    concepts = {
        vocab.TERM + n: Concept(
            vocab.TERM + n,
            kinds[n],
            tier,
            "crm",
            (Label(f"词{n}", "zh", "pref"), Label(f"word {n}", "en", "pref")),
        )
        for n, tier in tiers.items()
    }
    return Glossary(
        concepts,
        (
            _relation("r1", "ab", "measures", _claim("stated", "answer1")),
            _relation(
                "r2", "ab", "improves", _claim("implied", "answer2"), _claim("stated", "answer3")
            ),
            _relation("r3", "ba", "feeds", _claim("implied", "answer4", "low")),
            _relation("r4", "ca", "topicOf", _claim("product", "product")),
            _relation("parent-c", "cb", "partOf", _claim("product", "product")),
            _relation("r6", "dd", "affects", _claim("implied", "answer1", "normal")),
        ),
        {},
        (),
    )


# ------------------------------------------------------------------ the real graph


def test_the_default_view_is_all_but_filing_and_the_vocabulary(glossary: Glossary) -> None:
    view = project(glossary)
    expected = [
        r.id
        for r in glossary.relations
        if r.asserted and r.predicate != TOPIC_OF and VOCABULARY not in (r.subject, r.object)
    ]

    assert sorted(expected) == _ids(view)
    assert tuple(sorted(set(glossary.concepts) - {VOCABULARY})) == view.concepts
    assert len(glossary.concepts) - 1 == len(view)
    assert VOCABULARY in glossary.concepts


def test_the_whole_graph_comes_when_asked_for(glossary: Glossary) -> None:
    whole = project(glossary, navigation=True, vocabulary=True)
    asserted = [relation for relation in glossary.relations if relation.asserted]

    assert len(glossary.relations) - 2 == len(asserted) == len(whole.relations)
    assert set(glossary.concepts) == set(whole.concepts)
    assert asserted == list(whole.relations)


def test_the_two_contradicting_claims_are_no_edges(glossary: Glossary) -> None:
    whole = project(glossary, navigation=True, vocabulary=True)

    assert {"r395", "r456"} <= {relation.id for relation in glossary.relations}
    assert {"r395", "r456"}.isdisjoint(_ids(whole))


def test_a_multigraph_keeps_every_relation_under_its_predicate(glossary: Glossary) -> None:
    view = project(glossary, navigation=True, vocabulary=True)
    graph = view.to_networkx()

    assert isinstance(graph, nx.MultiDiGraph)
    assert len(view.relations) == graph.number_of_edges()
    assert len(view.concepts) == graph.number_of_nodes()
    assert {(r.subject, r.object, vocab.contract(r.predicate), r.id) for r in view.relations} == {
        (s, o, key, data["id"]) for s, o, key, data in graph.edges(keys=True, data=True)
    }
    assert nx.DiGraph(graph).number_of_edges() < graph.number_of_edges()


@pytest.mark.domain
def test_the_pairs_with_two_predicates_keep_both(glossary: Glossary, domain: Path) -> None:
    """One of the ten pairs is the contradiction, of which no triple is made."""
    meta = json.loads((domain / "source_relations.json").read_text(encoding="utf-8"))["meta"]
    pairs = {
        tuple(vocab.TERM + end for end in pair.split(" -> ")): {f"so:{p}" for p in predicates}
        for pair, predicates in meta["multi_edge_pairs"].items()
    }
    graph = project(glossary, vocabulary=True).to_networkx()

    kept = {pair: set(graph[pair[0]].get(pair[1], ())) for pair in pairs}

    contradiction = (vocab.TERM + "sales-operations", vocab.TERM + "sales-management")
    assert 10 == len(pairs)
    assert {**pairs, contradiction: set()} == kept


def test_nodes_and_edges_carry_what_drawings_need(glossary: Glossary) -> None:
    graph = project(glossary).to_networkx()
    node = graph.nodes[vocab.TERM + "crm-system"]
    edge = graph.edges[vocab.TERM + "crm-system", vocab.TERM + "sales-forecast", "so:feeds"]

    assert {
        "zh": "CRM系统",
        "en": "CRM system",
        "kind": "System",
        "tier": "core",
        "topic": glossary.concepts[vocab.TERM + "crm-system"].topic,
    } == node
    assert ("r126", "implied", "low", 1.5) == tuple(
        edge[name] for name in ("id", "strength", "confidence", "weight")
    )
    assert all(isinstance(v, str) for _, data in graph.nodes(data=True) for v in data.values())


def test_a_new_graph_comes_with_every_call(glossary: Glossary) -> None:
    view = project(glossary)
    view.to_networkx().clear()
    view.to_simple().clear()

    assert len(view) == view.to_networkx().number_of_nodes() == len(view.to_simple())


@pytest.mark.parametrize(
    ("filters", "total"),
    [
        ({"sources": ["answer1"]}, "answer1"),
        ({"sources": ["answer2", "answer3"]}, "answer2 answer3"),
        ({"strengths": ["stated"]}, "stated"),
        ({"strengths": ["implied", "product"]}, "implied product"),
    ],
)
def test_filters_by_evidence_keep_what_any_claim_fits(
    glossary: Glossary, filters: dict[str, list[str]], total: str
) -> None:
    wanted = set(total.split())
    view = project(glossary, navigation=True, vocabulary=True, **filters)

    assert [
        r.id
        for r in glossary.relations
        if r.asserted and wanted & {part for c in r.claims for part in (c.source, c.strength)}
    ] == [r.id for r in view.relations]
    assert 0 < len(view.relations) < len(glossary.relations)
    assert len(glossary.concepts) == len(view)


def test_every_relation_is_stated_implied_or_of_the_product(glossary: Glossary) -> None:
    """The parts overlap, since a relation may have several claims, and miss nothing."""
    parts = [
        set(_ids(project(glossary, strengths=[name]))) for name in ("stated", "implied", "product")
    ]

    assert set(_ids(project(glossary))) == set().union(*parts)


# ------------------------------------------------------------------ filters on a small graph


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({}, ["parent-c", "r1", "r2", "r3", "r6"]),
        ({"navigation": True}, ["parent-c", "r1", "r2", "r3", "r4", "r6"]),
        ({"predicates": ["measures"]}, ["r1"]),
        ({"predicates": ["so:measures", "feeds"]}, ["r1", "r3"]),
        ({"predicates": [vocab.SO + "measures"]}, ["r1"]),
        ({"predicates": ["topicOf"]}, []),
        ({"predicates": ["topicOf"], "navigation": True}, ["r4"]),
        ({"predicates": []}, []),
        ({"predicates": ["nonsense"]}, []),
        ({"kinds": ["Metric"], "navigation": True}, ["r4"]),
        ({"kinds": ["so:Metric", vocab.SO + "Process"]}, ["parent-c", "r1", "r2", "r3"]),
        ({"tiers": ["core"]}, ["r1", "r2", "r3"]),
        ({"tiers": ["context"]}, ["r6"]),
        ({"sources": ["answer3"]}, ["r2"]),
        ({"sources": ["answer1", "product"]}, ["parent-c", "r1", "r6"]),
        ({"strengths": ["implied"]}, ["r2", "r3", "r6"]),
        ({"strengths": ["stated"], "sources": ["answer2"]}, ["r2"]),
        ({"strengths": ["stated"], "kinds": ["Role"]}, []),
    ],
)
def test_each_filter_lets_through_what_fits(
    small: Glossary, filters: dict[str, object], ids: list[str]
) -> None:
    assert ids == _ids(project(small, **filters))  # type: ignore[arg-type]


def test_filters_by_concept_drop_nodes_and_filters_by_relation_keep_them(small: Glossary) -> None:
    assert 4 == len(project(small, predicates=["measures"]))
    assert (vocab.TERM + "a", vocab.TERM + "c") == project(small, kinds=["Metric"]).concepts
    assert (vocab.TERM + "d",) == project(small, tiers=["context"]).concepts


@pytest.mark.parametrize(
    ("filters", "formulas"),
    [
        ({}, True),
        ({"predicates": ["measures"]}, False),
        ({"predicates": ["so:computedFrom"]}, True),
        ({"sources": ["answer1"]}, False),
        ({"sources": ["answer1", "product"]}, True),
        ({"strengths": ["stated", "implied"]}, False),
        ({"strengths": ["product"]}, True),
        ({"tiers": ["core"]}, True),
    ],
)
def test_formulas_take_part_where_the_product_does(
    small: Glossary, filters: dict[str, list[str]], *, formulas: bool
) -> None:
    assert formulas == project(small, **filters).formulas  # type: ignore[arg-type]


def test_weaker_evidence_makes_a_longer_edge(small: Glossary) -> None:
    graph = project(small, navigation=True).to_networkx()

    lengths = {data["id"]: data["weight"] for _, _, data in graph.edges(data=True)}

    assert {"r1": 1.0, "r2": 1.0, "r3": 1.5, "r4": 1.0, "parent-c": 1.6, "r6": 1.2} == lengths


def test_the_simple_graph_has_one_edge_a_pair_with_the_best_length(small: Glossary) -> None:
    graph = project(small).to_simple()
    a, b, c, d = (vocab.TERM + name for name in "abcd")

    assert not graph.is_directed()
    assert not graph.is_multigraph()
    assert {(a, b): 1.0, (b, c): 1.6, (d, d): 1.2} == {
        tuple(sorted(ends)): data["weight"] for *ends, data in graph.edges(data=True)
    }


def test_the_simple_graph_joins_what_the_multigraph_joins(glossary: Glossary) -> None:
    view = project(glossary)

    simple = {frozenset(ends) for ends in view.to_simple().edges}

    assert {frozenset((r.subject, r.object)) for r in view.relations} == simple


def test_around_and_between_tell_each_relation(small: Glossary) -> None:
    view = project(small)
    a, b, _, d = (vocab.TERM + name for name in "abcd")

    assert ["r1", "r2", "r3"] == [r.id for r in view.around[a]]
    assert ["r6"] == [r.id for r in view.around[d]]
    assert ["r2", "r1", "r3"] == [r.id for r in view.between[frozenset((a, b))]]
    assert Counter(r.id for found in view.around.values() for r in found) == {
        "r1": 2,
        "r2": 2,
        "r3": 2,
        "parent-c": 2,
        "r6": 1,
    }


def test_an_empty_glossary_is_an_empty_view() -> None:
    view = project(Glossary({}, (), {}, ()))

    assert 0 == len(view)
    assert 0 == view.to_networkx().number_of_nodes() == view.to_simple().number_of_nodes()
