"""The shipped graph against the domain data, and the decisions on its ambiguities."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sys
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from kg import vocab as v
from kg.store import open_store

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from kg.model import Glossary
    from kg.sources.graph import Compiled
    from kg.store import Store

EXPECTED = {
    "source concepts": 397,
    "product concepts": 553,
    "passages": 84,
    "source relations": 595,
    "product relations": 66,
    "claims of the source": 629,
    "claims not to assert": 18,
    "relation types": 64,
    "formulas": 213,
    "base measures": 248,
    "CRM fields": 162,
    "field alignments": 78,
    "units": 28,
    "topics": 20,
    "tiers": 3,
    "nothing else": 5,
}


@pytest.fixture(scope="session")
def script(root: Path) -> ModuleType:
    """Return scripts/check-domain as a module: the comparison exists once."""
    path = str(root / "scripts" / "check-domain")
    loader = importlib.machinery.SourceFileLoader("check_domain", path)
    spec = importlib.util.spec_from_loader("check_domain", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["check_domain"] = module  # its dataclasses look their module up
    loader.exec_module(module)
    return module


def _rows(store: Store, text: str) -> set[str]:
    """Return the first column as ids."""
    found = store.query(text, asserted=True)
    assert isinstance(found, ox.QuerySolutions)
    return {v.local_name(row[0].value) for row in found if isinstance(row[0], ox.NamedNode)}


# -- coverage
@pytest.mark.domain
def test_the_graph_holds_all_of_the_domain_data(
    script: ModuleType, store: Store, domain: Path
) -> None:
    lines = script.compare(store, domain)
    differences = [text for line in lines for text in line.differences]

    assert [] == differences
    assert {name: (count, count) for name, count in EXPECTED.items()} == {
        line.what: (line.same, line.expected) for line in lines
    }


@pytest.mark.domain
def test_the_script_prints_the_table_and_exits_with_0(
    script: ModuleType, domain: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = script.main([str(domain)])
    lines = capsys.readouterr().out.splitlines()

    assert 0 == status
    assert "source concepts         397 of  397" in lines
    assert len(EXPECTED) == len(lines)


# (what is taken away or put in, the line of the table that must show it)
DAMAGES = [
    ("DELETE { GRAPH ?g { term:kpi skos:altLabel ?o } }", "source concepts"),
    ("DELETE { GRAPH ?g { term:kpi skos:prefLabel ?o } }", "source concepts"),
    ("DELETE { GRAPH ?g { term:sales-incentive skos:hiddenLabel ?o } }", "source concepts"),
    ("DELETE { GRAPH ?g { term:kpi so:mentionedIn ?o } }", "source concepts"),
    ("DELETE { GRAPH ?g { term:win-rate so:tier ?o } }", "product concepts"),
    ("DELETE { GRAPH ?g { term:win-rate so:topic ?o } }", "product concepts"),
    ("DELETE { GRAPH ?g { term:win-rate skos:broader ?o } }", "product concepts"),
    ("DELETE { GRAPH ?g { passage:1.2.1 so:line ?o } }", "passages"),
    ("DELETE { GRAPH ?g { term:crm-system so:feeds ?o } }", "source relations"),
    ("DELETE { GRAPH ?g { claim:r126-1.4.1 so:confidence ?o } }", "claims of the source"),
    ("DELETE { GRAPH ?g { claim:r395-3.0 so:contradicts ?o } }", "claims of the source"),
    ("DELETE { GRAPH ?g { ?k rdf:subject ?o } } ", "product relations"),
    ("DELETE { GRAPH ?g { so:measures so:inversePhrase ?o } }", "relation types"),
    ("DELETE { GRAPH ?g { term:win-rate so:direction ?o } }", "formulas"),
    ("DELETE { GRAPH ?g { measure:won_deals so:readsField ?o } }", "formulas"),
    ("DELETE { GRAPH ?g { measure:won_deals so:unit ?o } }", "base measures"),
    ("DELETE { GRAPH ?g { field:Opportunity.amount so:object ?o } }", "CRM fields"),
    ("DELETE { GRAPH ?g { topic:forecasting so:order ?o } }", "topics"),
]


@pytest.mark.domain
@pytest.mark.parametrize(("change", "what"), DAMAGES)
def test_the_comparison_sees_each_kind_of_loss(
    script: ModuleType, sources: Compiled, domain: Path, change: str, what: str
) -> None:
    with open_store() as damaged:
        damaged.extend(sources.quads)
        pattern = change.removeprefix("DELETE")
        damaged.update(f"{change} WHERE {pattern}")
        worse = {line.what for line in script.compare(damaged, domain) if line.differences}

    assert what in worse


@pytest.mark.domain
def test_the_comparison_sees_what_should_not_be_there(
    script: ModuleType, sources: Compiled, domain: Path
) -> None:
    with open_store() as damaged:
        damaged.extend(sources.quads)
        damaged.update(
            """INSERT DATA { GRAPH <urn:kg:asserted/answer1> {
                term:made-up a skos:Concept .
                claim:r999-1.2.1 a so:Claim ; rdf:subject term:kpi ; rdf:predicate so:measures ;
                    rdf:object term:sales-attainment-rate ; so:strength "stated" } }"""
        )
        worse = {
            line.what: list(line.differences)
            for line in script.compare(damaged, domain)
            if line.differences
        }

    assert {
        "claims not to assert": [
            "kpi measures sales-attainment-rate: kpi measures sales-attainment-rate"
            " is claimed by claim:r999-1.2.1"
        ],
        "nothing else": ["skos:Concept: term:made-up is new", "so:Claim: r999 is new"],
    } == worse


# -- the decisions on the 20 ambiguities, in the order of the domain file
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
    assert "销售招待" in glossary.concepts[v.TERM + "sales-incentive"].hidden_labels("zh")
    assert ("销售赛马炮",) == glossary.concepts[v.TERM + "horse-race-incentive"].hidden_labels(
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
    notes = glossary.concepts[v.TERM + name].scope_notes

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
    practice, system = (glossary.concepts[v.TERM + x] for x in ("crm", "crm-system"))

    assert store.query("ASK { term:crm so:uses term:crm-system }")
    assert "CRM" in practice.alt_labels("zh")
    assert "CRM" in {label.value for label in system.labels}
    assert ("Process", "System") == (practice.kind, system.kind)


def test_shared_names_are_qualified_and_findable(glossary: Glossary) -> None:
    named = [c.id for c in glossary.concepts.values() if "客户分类" in c.alt_labels("zh")]

    assert {"crm-step-classification", "lm-step-classification"} <= set(named)
    assert "市场营销策略" in glossary.concepts[v.TERM + "marketing-strategy"].alt_labels("zh")
    assert {"大客户", "重点客户"} <= set(
        glossary.concepts[v.TERM + "key-account"].alt_labels("zh")
    )
    assert "代理" in glossary.concepts[v.TERM + "channel-agent"].alt_labels("zh")
    assert "关键业绩指标" in glossary.concepts[v.TERM + "kpi"].alt_labels("zh")
