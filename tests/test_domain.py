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

    from kg.model import Concept, Glossary
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
    "nothing else": 3,
    "corrections": 91,
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
                term:made-up a skos:Concept ; so:mentionedIn passage:1.2.1 .
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
            "kpi measures sales-attainment-rate: is claimed by claim:r999-1.2.1"
        ],
        "nothing else": ["skos:Concept: term:made-up is new", "so:Claim: r999 is new"],
    } == worse


@pytest.mark.domain
def test_a_correction_that_corrects_nothing_is_told(
    script: ModuleType, store: Store, domain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether its term is not there, or agrees with the domain by now."""
    table = tmp_path / "corrections.csv"
    text = script.CORRECTIONS.read_text(encoding="utf-8")
    idle = "topics,no-such-topic,order,Gone\nsource concepts,kpi,zh name,Mended since\n"
    table.write_text(text + idle, encoding="utf-8")
    monkeypatch.setattr(script, "CORRECTIONS", table)
    line = script.compare(store, domain)[-1]
    count = EXPECTED["corrections"]

    assert ("corrections", count + 2, count) == (line.what, line.expected, line.same)
    assert (
        "topics, no-such-topic: order corrects nothing",
        "source concepts, kpi: zh name corrects nothing",
    ) == line.differences


# -- the decisions on the 20 ambiguities of the source, in their order
def _concept(glossary: Glossary, name: str) -> Concept:
    return glossary.concepts[v.TERM + name]


def _holds(store: Store, pattern: str) -> bool:
    return bool(store.query(f"ASK {{ {pattern} }}", asserted=True))


def _stages(store: Store, model: str) -> list[str]:
    rows = store.query(
        f"SELECT ?s {{ ?p so:inModel term:{model} ; so:ofStage ?s ; so:position ?n }} ORDER BY ?n"
    )
    assert isinstance(rows, ox.QuerySolutions)
    return [v.local_name(row["s"].value) for row in rows if isinstance(row["s"], ox.NamedNode)]


def test_01_stages_belong_to_three_models_never_to_the_funnel(store: Store) -> None:
    """Interest leads straight to decision in model 2, and over consideration in model 1."""
    models = {f"funnel-model-answer{n}": _stages(store, f"funnel-model-answer{n}") for n in "123"}

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
    } == models
    for model, stages in models.items():
        listed = _rows(store, f"SELECT ?x {{ term:{model} so:hasStage ?x }}")

        assert set(stages) == listed
        assert _holds(store, f"term:{model} a so:StageModel ; skos:broader term:sales-funnel")
    assert set() == _rows(store, "SELECT ?x { term:sales-funnel so:hasStage ?x }")
    assert _holds(store, "term:stage-closed-customer so:closeMatch term:stage-purchase")


def test_01_the_order_of_mind_states_is_scoped_to_models(store: Store) -> None:
    """A step between two stages of a model names the models in which it holds."""
    unscoped = _rows(
        store,
        """SELECT ?k { ?k rdf:predicate so:precedes ; rdf:subject ?a ; rdf:object ?b .
        ?pa so:inModel ?m ; so:ofStage ?a . ?pb so:inModel ?m ; so:ofStage ?b .
        FILTER NOT EXISTS { ?k so:scope ?any } }""",
    )
    scopes = _rows(
        store,
        """SELECT DISTINCT ?m { ?k rdf:subject term:stage-interest ; rdf:predicate so:precedes ;
        rdf:object term:stage-decision ; so:scope ?m }""",
    )

    assert set() == unscoped
    assert {"funnel-model-answer2"} == scopes


def test_02_the_target_keeps_what_each_answer_measures_it_in(glossary: Glossary) -> None:
    found = {
        v.local_name(r.object): r.answers
        for r in glossary.relations
        if r.subject == v.TERM + "sales-target" and r.predicate == v.SO + "quantifiedBy"
    }

    assert {
        "sales-amount": (2, 3),
        "sales-quantity": (2,),
        "market-share": (3,),
        "customer-count": (3,),
    } == found


def test_03_inputs_of_the_forecast_agreed_by_all_answers_can_be_asked_for(store: Store) -> None:
    agreed = _rows(
        store,
        """SELECT ?x { ?k rdf:subject term:sales-forecast ; rdf:predicate so:basedOn ;
        rdf:object ?x ; so:answer ?a } GROUP BY ?x HAVING (COUNT(DISTINCT ?a) = 3)""",
    )

    assert {"historical-data", "market-trend"} == agreed


def test_04_five_channels_carry_the_words_of_all_answers(store: Store, glossary: Glossary) -> None:
    kinds = _rows(store, "SELECT ?x { ?x skos:broader term:sales-channel ; a so:Channel }")
    words = {"channel-agent": "代理", "channel-online-ecommerce": "电子商务"}

    assert {
        "channel-direct",
        "channel-distributor",
        "channel-offline-retail",
        *words,
    } <= kinds
    for name, word in words.items():
        assert word in _concept(glossary, name).alt_labels("zh")
    assert {"最终客户", "最终用户"} == {
        _concept(glossary, name).pref_label("zh") for name in ("end-customer", "end-user")
    }


def test_05_pipeline_and_funnel_are_two_terms_in_contrast(store: Store) -> None:
    assert _holds(store, "term:sales-funnel so:contrastsWith term:sales-pipeline")
    assert not _holds(store, "term:sales-funnel skos:exactMatch|^skos:exactMatch ?x")


def test_06_the_mistranslated_incentive_is_found_and_never_shown(
    store: Store, glossary: Glossary
) -> None:
    incentive = _concept(glossary, "sales-incentive")
    contrast = "term:business-entertainment-expense so:contrastsWith term:sales-incentive"

    assert "销售激励" == incentive.pref_label("zh")
    assert "销售招待" in incentive.hidden_labels("zh")
    assert _holds(store, contrast)


def test_07_the_corrupt_horse_race_is_found_and_never_shown(
    store: Store, glossary: Glossary
) -> None:
    race = _concept(glossary, "horse-race-incentive")

    assert "销售赛马机制" == race.pref_label("zh")
    assert {"销售竞赛激励", "销售PK"} <= set(race.alt_labels("zh"))
    assert ("销售赛马炮",) == race.hidden_labels("zh")
    assert _holds(store, "term:horse-race-incentive skos:broader term:sales-incentive-mechanism")
    assert _holds(store, "term:horse-race-incentive so:uses term:sales-contest")


def test_06_07_wrong_forms_stand_nowhere_but_in_hidden_labels(glossary: Glossary) -> None:
    roles = {
        label.role
        for concept in glossary.concepts.values()
        for label in concept.labels
        if label.value in ("销售招待", "销售赛马炮")
    }

    assert {"hidden"} == roles


def test_08_the_strategic_account_is_the_key_account(glossary: Glossary) -> None:
    account = _concept(glossary, "key-account")

    assert "大客户" == account.pref_label("zh")
    assert {"战略客户", "重点客户"} <= set(account.alt_labels("zh"))


def test_09_wordings_of_kpi_are_one_term_and_sales_kpi_is_narrower(
    store: Store, glossary: Glossary
) -> None:
    kpi, sales_kpi = _concept(glossary, "kpi"), _concept(glossary, "sales-kpi")

    assert "关键绩效指标" == kpi.pref_label("zh")
    assert {"关键业绩指标", "KPI"} <= set(kpi.alt_labels("zh"))
    assert _holds(store, "term:sales-kpi skos:broader term:kpi")
    assert "销售指标" in {label.value for label in sales_kpi.labels}


@pytest.mark.parametrize(
    ("term", "metric"),
    [
        ("close-rate", "win-rate"),
        ("customer-conversion-rate", "lead-conversion-rate"),
        ("sales-conversion-rate", "opportunity-to-win-rate"),
    ],
)
def test_10_rates_of_the_source_have_no_formula_and_a_near_metric_that_has(
    store: Store, glossary: Glossary, term: str, metric: str
) -> None:
    assert "Metric" == _concept(glossary, term).kind
    assert _concept(glossary, term).metric is None
    assert _concept(glossary, metric).metric is not None
    assert _holds(store, f"term:{metric} so:closeMatch term:{term}")


def test_10_every_formula_is_ours(store: Store) -> None:
    sources = _rows(store, "SELECT DISTINCT ?x { ?f a so:Formula ; prov:wasDerivedFrom ?x }")

    assert {"product"} == sources


def test_11_satisfaction_is_a_metric_and_an_outcome(store: Store, glossary: Glossary) -> None:
    metric, outcome = "customer-satisfaction", "customer-satisfaction-level"

    assert ("Metric", "Outcome") == tuple(_concept(glossary, x).kind for x in (metric, outcome))
    assert _holds(store, f"term:{metric} so:measures term:{outcome}")


def test_12_a_step_of_two_processes_is_two_steps_with_one_method(
    store: Store, glossary: Glossary
) -> None:
    steps = ("crm-step-classification", "lm-step-classification")

    assert {"ProcessStep"} == {_concept(glossary, x).kind for x in steps}
    assert all("客户分类" in _concept(glossary, x).alt_labels("zh") for x in steps)
    assert set(steps) == _rows(store, "SELECT ?x { ?x so:uses term:customer-classification }")


def test_13_module_and_process_of_one_name_are_qualified(glossary: Glossary) -> None:
    pair = [_concept(glossary, f"{x}-service-management") for x in ("crm", "customer")]

    assert ["SystemModule", "Process"] == [concept.kind for concept in pair]
    assert all("客户服务管理" in concept.alt_labels("zh") for concept in pair)
    assert 2 == len({concept.pref_label("zh") for concept in pair})


def test_14_complaints_are_one_dataset_below_two_processes(
    store: Store, glossary: Glossary
) -> None:
    assert "Dataset" == _concept(glossary, "customer-complaint").kind
    assert _holds(store, "term:cs-step-complaint-handling so:resolves term:customer-complaint")
    assert {"Process"} == {
        _concept(glossary, x).kind for x in ("after-sales-service", "customer-service-management")
    }


def test_15_the_order_of_the_page_is_no_order_of_work(store: Store) -> None:
    """Report generation is listed before data cleaning, and comes after it."""
    report, cleaning = "term:da-step-report-generation", "term:da-step-data-cleaning"
    forced = "term:tm-step-recruitment so:precedes term:tm-step-training"

    assert _holds(store, f"{report} so:listedBefore+ {cleaning}")
    assert not _holds(store, f"{report} so:precedes+ {cleaning}")
    assert _holds(store, forced)


def test_16_operations_and_management_contradict_each_other_in_claims_only(
    store: Store, glossary: Glossary
) -> None:
    held = {r.id: r for r in glossary.relations if r.id in ("r395", "r456")}
    pair = "term:sales-operations so:partOf|so:hasPart|^so:partOf|^so:hasPart term:sales-management"

    assert [False, False] == [r.asserted for r in held.values()]
    assert {"r395": "r456", "r456": "r395"} == {i: r.claims[0].contradicts for i, r in held.items()}
    assert {"r395": (3,), "r456": (4,)} == {i: r.answers for i, r in held.items()}
    assert not _holds(store, pair)


def test_16_nothing_is_a_part_of_itself(store: Store) -> None:
    parts = _rows(store, "SELECT ?p { ?p rdfs:subPropertyOf* so:hasPart }")
    path = "|".join([*(f"so:{name}" for name in sorted({*parts, "hasMember"})), "^so:partOf"])

    assert {"hasPart", "hasStage", "hasStep", "hasModule", "hasContent", "hasCriterion"} <= parts
    assert set() == _rows(store, f"SELECT ?x {{ ?x ({path})+ ?x }}")
    assert set() == _rows(store, "SELECT ?x { ?x skos:broader+ ?x }")


def test_17_selling_cost_is_expense_here_and_no_cost_of_goods(store: Store) -> None:
    assert _holds(store, "term:cost-of-goods-sold so:contrastsWith term:selling-cost")
    assert _holds(store, "term:sales-budget so:hasPart term:selling-cost")


def test_18_arrangements_and_software_are_disjoint_classes(store: Store) -> None:
    classes = ("so:OrganisationalArrangement", "so:SoftwareSystem")
    arrangements, software = (_rows(store, f"SELECT ?x {{ ?x a {c} }}") for c in classes)

    assert "after-sales-system" in arrangements
    assert {"crm-system", "sales-management-system"} <= software
    assert set() == arrangements & software
    assert _holds(store, f"{classes[0]} owl:disjointWith|^owl:disjointWith {classes[1]}")


def test_19_the_practice_uses_the_system_and_both_answer_to_crm(
    store: Store, glossary: Glossary
) -> None:
    practice, system = _concept(glossary, "crm"), _concept(glossary, "crm-system")

    assert ("Process", "System") == (practice.kind, system.kind)
    assert _holds(store, "term:crm so:uses term:crm-system")
    assert "CRM" in practice.alt_labels("zh")
    assert "CRM" in {label.value for label in system.labels}


def test_20_marketing_strategy_has_one_name_and_the_training_topic_its_own(
    glossary: Glossary,
) -> None:
    strategy = _concept(glossary, "marketing-strategy")
    knowledge = _concept(glossary, "market-strategy-knowledge")

    assert ("营销策略", "Strategy") == (strategy.pref_label("zh"), strategy.kind)
    assert "市场营销策略" in strategy.alt_labels("zh")
    assert "市场策略" in knowledge.hidden_labels("zh")


@pytest.mark.parametrize(
    "name",
    [
        "business-entertainment-expense",
        "crm",
        "crm-system",
        "customer-attrition",
        "sales-funnel",
        "sales-kpi",
        "sales-pipeline",
        "selling-cost",
    ],
)
def test_false_friends_carry_a_scope_note_in_both_languages(glossary: Glossary, name: str) -> None:
    assert {"en", "zh"} == {note.lang for note in _concept(glossary, name).scope_notes}
