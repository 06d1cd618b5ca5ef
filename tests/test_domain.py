"""The shipped graph against the domain data, and the decisions on its ambiguities."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from kg import vocab

if TYPE_CHECKING:
    from pathlib import Path

    from kg.model import Glossary
    from kg.store import Store

pytestmark = pytest.mark.domain

EXPECTED = {
    "source concepts": 397,
    "product concepts": 553,
    "source relations": 595,
    "product relations": 66,
    "claims of source relations": 629,
    "metrics with formula": 213,
    "base measures": 248,
    "CRM fields": 162,
    "topics": 20,
    "passages": 84,
    "claims not to assert": 18,
}


def _rows(store: Store, text: str, *, asserted: bool = True) -> set[str]:
    found = store.query(text, asserted=asserted)
    return {vocab.local_name(row[0].value) for row in found}  # type: ignore[union-attr]


def test_the_graph_holds_all_of_the_domain_data(root: Path, domain: Path) -> None:
    done = subprocess.run(
        [sys.executable, root / "scripts" / "check-domain", domain],
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    counts = {
        line[:28].strip(): (int(line[28:33]), int(line[-5:]))
        for line in done.stdout.splitlines()
        if " of " in line
    }

    assert (0, "no difference") == (done.returncode, done.stdout.splitlines()[-1])
    assert {name: (count, count) for name, count in EXPECTED.items()} == counts


def _questions(domain: Path) -> list[dict[str, Any]]:
    text = (domain / "competency_questions.json").read_text(encoding="utf-8")
    questions: list[dict[str, Any]] = json.loads(text)["questions"]
    return questions


def test_the_competency_questions_agree_over_the_asserted_graph(store: Store, domain: Path) -> None:
    """All 25, with the prefix c: of the questions standing for our terms."""
    prefix = f"PREFIX c: <{vocab.TERM}> "
    answers = {
        question["id"]: set(_rows(store, prefix + question["sparql"]))
        for question in _questions(domain)
    }

    assert 25 == len(answers)
    assert answers == {
        question["id"]: {name.removeprefix("field/") for name in question["expected"]}
        for question in _questions(domain)
    }


def test_funnel_stages_belong_to_models_never_to_the_funnel(store: Store) -> None:
    assert set() == _rows(store, "SELECT ?x { term:sales-funnel so:hasStage ?x }")
    order = {
        model: [
            row["s"].value.rpartition("/")[2]
            for row in store.query(
                f"SELECT ?s {{ ?p so:inModel term:{model} ; so:ofStage ?s ; so:position ?n }}"
                " ORDER BY ?n"
            )  # type: ignore[union-attr]
        ]
        for model in ("funnel-model-answer1", "funnel-model-answer2", "funnel-model-answer3")
    }

    assert {
        "funnel-model-answer1": [
            "stage-awareness",
            "stage-interest",
            "stage-consideration",
            "stage-decision",
        ],
        "funnel-model-answer2": [
            "stage-awareness",
            "stage-interest",
            "stage-decision",
            "stage-purchase",
        ],
        "funnel-model-answer3": [
            "stage-potential-customer",
            "stage-intending-customer",
            "stage-closed-customer",
        ],
    } == order


def test_mistranslated_and_corrupt_terms_are_hidden_labels_only(glossary: Glossary) -> None:
    shown = {
        label.value
        for concept in glossary.concepts.values()
        for label in concept.labels
        if label.role != "hidden"
    }

    assert "销售招待" not in shown
    assert "销售赛马炮" not in shown
    assert "销售招待" in glossary.concepts[vocab.TERM + "sales-incentive"].hidden_labels("zh")
    assert ("销售赛马炮",) == glossary.concepts[vocab.TERM + "horse-race-incentive"].hidden_labels(
        "zh"
    )


def test_contradicting_claims_are_kept_and_become_no_triple(
    store: Store, glossary: Glossary
) -> None:
    held = {r.id: r for r in glossary.relations if r.id in ("r395", "r456")}

    assert [False, False] == [r.asserted for r in held.values()]
    assert {"r395": "r456", "r456": "r395"} == {i: r.claims[0].contradicts for i, r in held.items()}
    assert not store.query(
        "ASK { term:sales-operations so:partOf|so:hasPart term:sales-management }"
    )
    assert not store.query(
        "ASK { term:sales-management so:partOf|so:hasPart term:sales-operations }"
    )


@pytest.mark.parametrize(
    "name",
    [
        "sales-pipeline",
        "sales-funnel",
        "crm",
        "crm-system",
        "selling-cost",
        "business-entertainment-expense",
        "sales-kpi",
        "customer-attrition",
    ],
)
def test_false_friends_carry_a_scope_note_in_both_languages(glossary: Glossary, name: str) -> None:
    notes = glossary.concepts[vocab.TERM + name].scope_notes

    assert {"en", "zh"} == {note.lang for note in notes}


def test_arrangements_and_software_are_told_apart(store: Store) -> None:
    assert {"after-sales-system"} == _rows(store, "SELECT ?x { ?x a so:OrganisationalArrangement }")
    assert "crm-system" in _rows(store, "SELECT ?x { ?x a so:SoftwareSystem }")
    assert store.query("ASK { so:OrganisationalArrangement owl:disjointWith so:SoftwareSystem }")


def test_inputs_agreed_by_all_three_answers_can_be_asked_for(store: Store) -> None:
    agreed = _rows(
        store,
        "SELECT ?x { ?k rdf:subject term:sales-forecast ; rdf:predicate so:basedOn ;"
        " rdf:object ?x ; so:answer ?a } GROUP BY ?x HAVING (COUNT(DISTINCT ?a) = 3)",
    )

    assert {"historical-data", "market-trend"} == agreed


def test_our_metrics_are_linked_to_terms_without_a_formula(store: Store) -> None:
    pairs = {
        ("win-rate", "close-rate"),
        ("lead-conversion-rate", "customer-conversion-rate"),
        ("opportunity-to-win-rate", "sales-conversion-rate"),
    }

    for metric, term in sorted(pairs):
        assert store.query(f"ASK {{ term:{metric} so:closeMatch term:{term} }}")
        assert not store.query(f"ASK {{ term:{term} so:hasFormula ?f }}")


def test_order_of_listing_is_no_order_of_work(store: Store) -> None:
    steps = "term:da-step-data-cleaning", "term:da-step-report-generation"
    listed = _rows(store, "SELECT ?x { ?x so:listedBefore ?y }")

    assert len(listed) > 10
    assert not store.query(f"ASK {{ {steps[1]} so:precedes {steps[0]} }}")


def test_the_practice_uses_the_system_and_shares_its_abbreviation(
    store: Store, glossary: Glossary
) -> None:
    practice, system = (glossary.concepts[vocab.TERM + x] for x in ("crm", "crm-system"))

    assert store.query("ASK { term:crm so:uses term:crm-system }")
    assert "CRM" in practice.alt_labels("zh")
    assert "CRM" in {label.value for label in system.labels}
    assert ("Process", "System") == (practice.kind, system.kind)


def test_shared_names_are_qualified_and_findable(glossary: Glossary) -> None:
    named = [c.id for c in glossary.concepts.values() if "客户分类" in c.alt_labels("zh")]

    assert {"crm-step-classification", "lm-step-classification"} <= set(named)
    assert "市场营销策略" in glossary.concepts[vocab.TERM + "marketing-strategy"].alt_labels("zh")
    assert {"大客户", "重点客户"} <= set(
        glossary.concepts[vocab.TERM + "key-account"].alt_labels("zh")
    )
    assert "代理" in glossary.concepts[vocab.TERM + "channel-agent"].alt_labels("zh")
    assert "关键业绩指标" in glossary.concepts[vocab.TERM + "kpi"].alt_labels("zh")
