"""The competency questions over the union: no row is lost, each new one is proved."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest

from kg import vocab as v
from kg.inference import explain, infer
from kg.store import Store, open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

Fact = tuple[str, str, str]

# What docs/decisions/0007-corrections.md changed: question -> (expected before, expected now).
CORRECTED = {"CQ36": ("field/Opportunity.amount", "field/Opportunity.actual_amount")}

# Questions of our own whose answers need several rules, to try the search for support on.
DEEP = [
    "SELECT ?x { term:sales-operations so:hasPart ?x }",
    "SELECT ?x { ?x skos:broaderTransitive term:kpi }",
    "SELECT ?x { term:crm so:affects/so:affectedBy ?x }",
    "SELECT ?x { term:sales-velocity so:computedFrom ?x }",
    "SELECT ?x { ?x so:affects/so:affects term:sales-performance }",
    "SELECT ?x { ?x a so:Behaviour FILTER(STRSTARTS(STR(?x), STR(term:crm))) }",
]


@pytest.fixture(scope="module")
def questions(domain: Path) -> list[dict[str, Any]]:
    """Return the questions that have an answer, with their prefixes declared."""
    data = json.loads((domain / "competency_questions.json").read_text(encoding="utf-8"))
    prefixes = "".join(f"PREFIX {p}: <{iri}> " for p, iri in data["meta"]["prefixes"].items())
    return [
        {**q, "sparql": prefixes + q["sparql"], "expected": _corrected(q)}
        for q in data["questions"]
    ]


def _corrected(question: dict[str, Any]) -> list[str]:
    before, now = CORRECTED.get(question["id"], ("", ""))
    return [now if row == before else row for row in question["expected"]]


@pytest.fixture(scope="module")
def inferred(store: Store) -> tuple[Fact, ...]:
    """Return the triples that follow from the asserted graph."""
    return infer(store).facts


@pytest.fixture
def scratch(asserted_copy: Store) -> Store:
    """Return a copy of the asserted graph whose inferred graph is free to change."""
    asserted_copy.replace(v.INFERRED, ())
    return asserted_copy


@pytest.fixture(scope="module")
def asserted_copy(store: Store) -> Store:
    """Return a copy of the asserted graph that may be written to."""
    copy = open_store()
    copy.extend(q for q in store.engine if q.graph_name != ox.DefaultGraph())
    return copy


def _put(scratch: Store, facts: Sequence[Fact]) -> None:
    scratch.replace(v.INFERRED, (ox.Triple(*map(ox.NamedNode, fact)) for fact in facts))


def _rows(store: Store, sparql: str, *, asserted: bool = False) -> set[str]:
    """Return the first column as ids, as the expected answers are written."""
    solutions = store.query(sparql, asserted=asserted)
    assert isinstance(solutions, ox.QuerySolutions)
    values = (row[0] for row in solutions)
    iris = (value.value for value in values if isinstance(value, ox.NamedNode))
    return {
        f"field/{iri.removeprefix(v.FIELD)}" if iri.startswith(v.FIELD) else v.local_name(iri)
        for iri in iris
    }


def _minimal(facts: Sequence[Fact], holds: Callable[[Sequence[Fact]], bool]) -> list[Fact]:
    """Return a subset that still holds, of which no triple can be left out.

    Halves are tried first, then quarters ... (delta debugging: Zeller and Hildebrandt, 2002).
    """
    kept, size = list(facts), max(1, len(facts) // 2)
    while True:
        for start in range(0, len(kept), size):
            fewer = kept[:start] + kept[start + size :]
            if len(fewer) < len(kept) and holds(fewer):
                kept = fewer
                break
        else:
            if size == 1:
                return kept
            size = max(1, size // 2)


def _support(scratch: Store, sparql: str, row: str, inferred: Sequence[Fact]) -> list[Fact]:
    """Return inferred triples that the row needs, and that together are enough."""

    def holds(facts: Sequence[Fact]) -> bool:
        _put(scratch, facts)
        return row in _rows(scratch, sparql)

    named = [fact for fact in inferred if _is_named(fact[1], sparql)]
    return _minimal(named, holds)


def _is_named(predicate: str, sparql: str) -> bool:
    typing = predicate == v.RDF + "type" and " a " in sparql
    return typing or v.contract(predicate) in sparql


def _account_for(
    store: Store, scratch: Store, sparql: str, row: str, inferred: Sequence[Fact]
) -> None:
    """Find the inferred triples behind a row and prove each from asserted ones."""
    support = _support(scratch, sparql, row, inferred)
    held = {
        (t.subject.value, t.predicate.value, t.object.value)
        for t in store.triples()
        if isinstance(t.subject, ox.NamedNode) and isinstance(t.object, ox.NamedNode)
    }

    assert support, row
    for fact in support:
        proof = explain(store, *fact)

        assert "asserted" != proof.rule
        assert fact == proof.fact
        assert set(proof.leaves()) <= held


@pytest.mark.domain
def test_over_the_asserted_graph_the_answers_are_the_expected_ones(
    store: Store, questions: list[dict[str, Any]]
) -> None:
    wrong = {
        q["id"]: _rows(store, q["sparql"], asserted=True) ^ set(q["expected"])
        for q in questions
        if _rows(store, q["sparql"], asserted=True) != set(q["expected"])
    }

    assert {} == wrong
    assert 25 == len(questions)


@pytest.mark.domain
def test_over_the_union_no_answer_is_lost_and_each_new_one_is_proved(
    store: Store,
    scratch: Store,
    inferred: tuple[Fact, ...],
    questions: list[dict[str, Any]],
) -> None:
    _put(scratch, inferred)
    found = {q["id"]: _rows(scratch, q["sparql"]) for q in questions}
    lost = {q["id"]: set(q["expected"]) - found[q["id"]] for q in questions}
    extra = {(q["sparql"], row) for q in questions for row in found[q["id"]] - set(q["expected"])}

    for sparql, row in sorted(extra):
        _account_for(store, scratch, sparql, row, inferred)

    assert set() == set().union(*lost.values())
    assert extra


@pytest.mark.parametrize("sparql", DEEP)
def test_rows_that_need_several_rules_are_proved_too(
    store: Store, scratch: Store, inferred: tuple[Fact, ...], sparql: str
) -> None:
    _put(scratch, inferred)
    asserted = _rows(scratch, sparql, asserted=True)
    everything = _rows(scratch, sparql)

    for row in sorted(everything - asserted)[:2]:
        _account_for(store, scratch, sparql, row, inferred)

    assert asserted < everything


def test_a_minimal_support_has_nothing_to_spare() -> None:
    """On a made-up criterion: both of two triples are needed, whatever lies around them."""
    facts: list[Fact] = [(str(n), "p", "o") for n in range(40)]
    needed = {facts[3], facts[31]}

    assert needed == set(_minimal(facts, lambda kept: needed <= set(kept)))
