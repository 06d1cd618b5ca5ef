"""Answers: values from texts, what cannot be asked and why, empty apart from not modelled."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kg
from kg import vocab as v
from kg.asking.answers import (
    Request,
    answer,
    describe,
    example_of,
    fill,
    interpret,
    make_query,
    spell,
    understand,
)
from kg.errors import KgError, QueryError, TermError
from kg.model import TIERS
from kg.store import open_store
from tests.conftest import HOSTILE

if TYPE_CHECKING:
    from kg.asking.matching import Phrasebook
    from kg.asking.templates import Template
    from kg.store import Store


def _template(book: Phrasebook, name: str) -> Template:
    return next(template for template in book.templates if template.name == name)


def _filled(book: Phrasebook, template: str, **texts: str) -> dict[str, str]:
    request = fill(book, _template(book, template), texts)
    return {name: spell(value) for name, value in request.values.items()}


@pytest.mark.parametrize(
    ("template", "slot", "text", "expected"),
    [
        ("formula", "metric", "win-rate", "term:win-rate"),
        ("formula", "metric", "term:win-rate", "term:win-rate"),
        ("formula", "metric", v.TERM + "win-rate", "term:win-rate"),
        ("formula", "metric", "赢单率", "term:win-rate"),
        ("formula", "metric", "yingdanlv", "term:win-rate"),
        ("definition", "term", "Sales Funnels", "term:sales-funnel"),
        ("field-names", "field", "Opportunity.amount", "field:Opportunity.amount"),
        ("fields-of-object", "object", "商机", "object:Opportunity"),
        ("measure", "measure", "measure:won_deals", "measure:won_deals"),
        ("topic-terms", "topic", "销售预测", "topic:forecasting"),
        ("terms-of-kind", "kind", "角色", "so:Role"),
        ("changed-since", "date", "2026-01-31", "2026-01-31"),
        ("answer-terms", "answer", "2", "2"),
        ("unmapped-fields", "system", "Salesforce", "salesforce"),
        ("metrics-by-direction", "direction", "越低越好", "lower-better"),
        ("named", "name", "随便 什么?", "随便 什么?"),
    ],
)
def test_a_slot_takes_whatever_names_its_value(
    book: Phrasebook, template: str, slot: str, text: str, expected: str
) -> None:
    assert {slot: expected} == _filled(book, template, **{slot: text})


@pytest.mark.parametrize(
    ("template", "texts", "code"),
    [
        ("formula", {}, "ask-missing"),
        ("formula", {"metric": "win-rate", "more": "x"}, "ask-slot"),
        ("topics", {"topic": "x"}, "ask-slot"),
        ("formula", {"metric": "sales-forecast"}, "ask-kind"),
        ("formula", {"metric": "zzzzzz"}, "term-unknown"),
        ("formula", {"metric": "转化率"}, "ask-ambiguous"),
        ("formula", {"metric": "kdj"}, "ask-ambiguous"),
        ("difference", {"term": "大客户", "other": "KA"}, "ask-same"),
        ("field-names", {"field": "zzzzzz"}, "ask-value"),
        ("unmapped-fields", {"system": "zzzzzz"}, "ask-value"),
        ("changed-since", {"date": "soon"}, "ask-value"),
        ("changed-since", {"date": "2023-02-31"}, "ask-value"),
        ("changed-since", {"date": "1/5/2026"}, "ask-value"),
    ],
)
def test_a_value_that_does_not_fit_is_told(
    book: Phrasebook, template: str, texts: dict[str, str], code: str
) -> None:
    with pytest.raises(KgError) as caught:
        fill(book, _template(book, template), texts)

    assert code == caught.value.code
    for lang in ("zh", "en"):
        assert "-" != caught.value.hint_in(lang)
        assert "{" not in caught.value.text(lang) + caught.value.hint_in(lang)


def test_an_unknown_name_comes_with_near_ones(book: Phrasebook) -> None:
    with pytest.raises(QueryError) as caught:
        understand(book, "driver", {"metric": "win-rate"})

    assert "ask-template" == caught.value.code
    assert "drivers" in caught.value.hint_in("zh")


def test_a_name_and_a_question_lead_to_the_same_request(book: Phrasebook) -> None:
    by_name = understand(book, "formula", {"metric": "win-rate"})

    assert by_name == understand(book, "赢单率怎么算", {})
    assert by_name == understand(book, "How is win rate (count) computed?", {}, lang="en")
    assert "topics" == understand(book, "topics", {}).template.name


def _offers(error: KgError, lang: str) -> list[tuple[str, ...]]:
    """Return the lines of a hint below its first one: what is meant, and the command for it."""
    return [tuple(line.strip().split("  ")) for line in error.hint_in(lang).splitlines()[1:]]


@pytest.mark.parametrize(
    ("question", "command"),
    [
        ("客单价怎么算", "formula metric="),
        ("动销率容易和什么混淆", "look-alikes term="),
        ("转化率怎么算", "formula metric="),
    ],
)
def test_an_ambiguous_name_lists_a_command_for_each_meaning_core_terms_first(
    book: Phrasebook, question: str, command: str
) -> None:
    with pytest.raises(TermError) as caught:
        interpret(book, question)
    offers = {lang: _offers(caught.value, lang) for lang in ("zh", "en")}
    concepts = [
        book.glossary.concepts[v.expand(line[1].rpartition("=")[2])] for line in offers["zh"]
    ]

    assert "ask-ambiguous" == caught.value.code
    assert question.startswith(str(caught.value.term))
    assert [len(concepts)] == [caught.value.count]
    assert [c.pref_label("zh") for c in concepts] == [label for label, _ in offers["zh"]]
    assert [c.pref_label("en") for c in concepts] == [label for label, _ in offers["en"]]
    assert all(f"kg ask {command}term:" in line[1] for line in offers["zh"])
    assert sorted(TIERS.index(c.tier) for c in concepts) == [TIERS.index(c.tier) for c in concepts]


def test_each_offered_command_asks_what_was_meant(book: Phrasebook) -> None:
    with pytest.raises(TermError) as caught:
        interpret(book, "客单价怎么算")
    for _, command in _offers(caught.value, "zh"):
        name, slot = command.removeprefix("kg ask ").split()
        request = understand(book, name, dict([slot.split("=")]))

        assert slot == f"metric={spell(request.values['metric'])}"


def test_fields_of_one_name_are_listed_by_their_ids(book: Phrasebook) -> None:
    with pytest.raises(TermError) as caught:
        interpret(book, "哪些指标用到创建时间")

    assert "创建时间 (Opportunity.created_at)" in {line[0] for line in _offers(caught.value, "zh")}


def test_a_long_list_of_meanings_is_cut(book: Phrasebook) -> None:
    with pytest.raises(TermError) as caught:
        fill(book, _template(book, "field-names"), {"field": "含税口径"}, lang="en")
    lines = caught.value.hint_in("en").splitlines()[1:]

    assert 13 == len(lines)
    assert lines[-1].strip() == f"and {int(str(caught.value.count)) - 12} more"


@pytest.mark.parametrize(
    ("question", "term", "others"),
    [
        ("大客户和KA有什么区别", "term:key-account", {"KA卖场"}),
        ("KA和大客户有什么区别", "term:key-account", {"KA卖场"}),
        ("重点客户和大客户有什么关系", "term:key-account", set()),
        (
            "客单价和客单价(每单)有什么区别",
            "term:average-order-value",
            {"平均成交金额", "客单价(每客)"},
        ),
    ],
)
def test_two_names_of_one_term_are_not_compared(
    book: Phrasebook, question: str, term: str, others: set[str]
) -> None:
    with pytest.raises(TermError) as caught:
        interpret(book, question)

    assert ("ask-same", term) == (caught.value.code, caught.value.term)
    assert {str(caught.value.one), str(caught.value.other)} <= set(re.split("和|有什么", question))
    assert others == {line[0] for line in _offers(caught.value, "zh")}


def test_a_term_of_another_kind_is_not_modelled(book: Phrasebook) -> None:
    with pytest.raises(TermError) as caught:
        interpret(book, "销售预测怎么算")

    assert "ask-kind" == caught.value.code
    assert "流程" in caught.value.text("zh")
    assert "Process" in caught.value.text("en")


def test_an_unsure_question_offers_three_with_examples_in_words(book: Phrasebook) -> None:
    with pytest.raises(QueryError) as caught:
        interpret(book, "张三的赢单率是多少")

    offers = caught.value.hint_in("zh").splitlines()[1:]

    assert "ask-unsure" == caught.value.code
    assert 3 == len(offers)
    assert all("kg ask " in offer for offer in offers)
    assert any("赢单率" in offer for offer in offers)
    assert "{" not in caught.value.hint_in("zh") + caught.value.hint_in("en")


@pytest.mark.parametrize(
    ("lang", "question", "command"),
    [
        ("en", "which metrics do not use Opportunity.amount", "metrics-of-field field="),
        ("en", "what does CRM system not improve", "improves term=term:crm-system"),
        ("zh", "什么不影响赢单率", "drivers metric=term:win-rate"),
        ("zh", "谁不负责销售预测", "owner term=term:sales-forecast"),
    ],
)
def test_who_asks_for_the_opposite_is_offered_what_can_be_asked(
    book: Phrasebook, lang: str, question: str, command: str
) -> None:
    with pytest.raises(QueryError) as caught:
        interpret(book, question, lang=lang)

    assert "ask-unsure" == caught.value.code
    assert command in caught.value.hint_in(lang)


@pytest.mark.parametrize("question", ["赢单率" * 500, "(赢单率)" * 6000, "转化率和" * 8000])
def test_a_long_question_is_refused_at_once_and_quoted_in_part(
    book: Phrasebook, question: str
) -> None:
    with pytest.raises(QueryError) as caught:
        interpret(book, question)

    assert ("ask-unsure", ()) == (caught.value.code, caught.value.candidates)
    assert len(caught.value.text("zh")) < 100
    with pytest.raises(TermError) as value:
        fill(book, _template(book, "field-names"), {"field": question})
    assert len(value.value.text("zh")) < 120


def test_an_offered_command_keeps_the_language(book: Phrasebook) -> None:
    with pytest.raises(QueryError) as unsure:
        interpret(book, "张三的赢单率是多少")
    with pytest.raises(TermError) as several:
        interpret(book, "转化率怎么算")

    for error in (unsure.value, several.value):
        assert all(line[1].startswith("kg ask ") for line in _offers(error, "zh"))
        assert all(line[1].startswith("kg --lang en ask ") for line in _offers(error, "en"))


@pytest.mark.parametrize(
    "question", ["今天天气怎么样", "讲个笑话", "what's the weather in Paris", "asdf qwer", "你好"]
)
def test_nonsense_is_offered_nothing_but_how_to_list_the_questions(
    book: Phrasebook, question: str
) -> None:
    with pytest.raises(QueryError) as caught:
        interpret(book, question)

    assert ("ask-unsure", ()) == (caught.value.code, caught.value.candidates)
    for lang in ("zh", "en"):
        assert "\n" not in caught.value.hint_in(lang)
        assert "kg ask" in caught.value.hint_in(lang)


@pytest.mark.parametrize("name", ["formula", "inputs", "fields-for", "variants", "metric-card"])
@pytest.mark.parametrize("term", ["cac", "clv", "forecast-accuracy"])
def test_a_headline_term_is_answered_by_the_metric_that_carries_its_formula(
    store: Store, book: Phrasebook, name: str, term: str
) -> None:
    triples = store.triples(None, v.SO + "formulaFor", ox.NamedNode(v.TERM + term))
    (carrier,) = (t.subject for t in triples if isinstance(t.subject, ox.NamedNode))
    template = _template(book, name)
    of = [column.name for column in template.columns].index("of")
    for_term, for_carrier = (
        answer(store, book, Request(template, {"metric": node}))
        for node in (ox.NamedNode(v.TERM + term), carrier)
    )

    assert for_carrier.rows == for_term.rows
    assert for_term.rows or name == "variants"
    assert {carrier} >= {row[of] for row in for_term.rows}


def test_a_headline_term_of_two_metrics_shows_both(store: Store, book: Phrasebook) -> None:
    found = answer(store, book, interpret(book, "市场份额怎么算"))

    assert ("term:market-share-value", "term:market-share-volume") == found.ids


def test_a_metric_with_a_formula_of_its_own_is_said_itself(store: Store, book: Phrasebook) -> None:
    rows = answer(store, book, interpret(book, "计算赢单率需要哪些CRM字段")).rows

    assert {ox.NamedNode(v.TERM + "win-rate")} == {row[-1] for row in rows}


@pytest.mark.parametrize("name", ["Opportunity.stage", "Quote.total", "Opportunity.amount"])
def test_a_field_reaches_metrics_through_the_fields_it_decides(
    store: Store, book: Phrasebook, name: str
) -> None:
    """A measure that reads the field itself needs none between; any other names what it reads."""
    request = fill(book, _template(book, "metrics-of-field"), {"field": name})
    rows = [
        ["" if cell is None else spell(cell) for cell in row]
        for row in answer(store, book, request, asserted=True).rows
    ]
    decided = _decided(store, f"field:{name}")
    expected = {}
    for _, measure, _ in rows:
        read = _objects(store, measure, "readsField")
        expected[measure] = set() if f"field:{name}" in read else read & decided

    assert any(between for _, _, between in rows)
    assert expected == {m: {*map(v.contract, between.split())} for _, m, between in rows}


def _objects(store: Store, subject: str, predicate: str) -> set[str]:
    triples = store.triples(v.expand(subject), v.SO + predicate)
    return {spell(triple.object) for triple in triples}


def _decided(store: Store, field: str) -> set[str]:
    """Return the fields that a field decides, at once or through others."""
    reached, waiting = set[str](), [field]
    while waiting:
        fresh = _objects(store, waiting.pop(), "determines") - reached
        reached |= fresh
        waiting += fresh
    return reached


def test_nothing_found_is_told_apart_from_not_modelled(store: Store, book: Phrasebook) -> None:
    """A term without drivers is one thing, a graph without any drivers another."""
    template = _template(book, "modules")
    bare = fill(book, template, {"system": "after-sales-system"})
    empty = open_store()

    full = answer(store, book, example_of(book, template))
    none = answer(store, book, bare)
    unknown = answer(empty, book, bare)

    assert (True, True) == (bool(full.rows), full.modelled)
    assert ((), True) == (none.rows, none.modelled)
    assert ((), False) == (unknown.rows, unknown.modelled)
    assert answer(empty, book, Request(_template(book, "topics"), {})).modelled


def test_the_language_decides_which_definition_is_shown(store: Store, book: Phrasebook) -> None:
    request = example_of(book, _template(book, "definition"))
    texts = {lang: answer(store, book, request, lang=lang).rows[0][2] for lang in ("zh", "en")}

    assert all(isinstance(text, ox.Literal) for text in texts.values())
    assert texts["zh"] != texts["en"]


def test_values_reach_into_subqueries(book: Phrasebook) -> None:
    query = make_query(example_of(book, _template(book, "agreed-basis")))

    assert query.text.count(f"<{v.TERM}sales-forecast>") == 3
    assert "term" not in query.variables


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_finds_nothing_and_breaks_nothing(
    store: Store, book: Phrasebook, text: str
) -> None:
    found = answer(store, book, fill(book, _template(book, "named"), {"name": text}))

    assert () == found.rows


@settings(max_examples=60)
@given(name=st.text(max_size=40))
def test_a_label_comes_back_by_its_name_whatever_it_holds(book: Phrasebook, name: str) -> None:
    """Each label that a store can hold is found by that very text."""
    store = open_store()
    graph = ox.NamedNode(v.asserted_graph("x"))
    node = ox.NamedNode(v.TERM + "x")
    store.extend(
        [
            ox.Quad(
                node, ox.NamedNode(v.SKOS + "prefLabel"), ox.Literal(name, language="zh"), graph
            ),
            ox.Quad(node, ox.NamedNode(v.SO + "kind"), ox.Literal("Concept"), graph),
        ]
    )
    request = Request(_template(book, "named"), {"name": ox.Literal(name)})

    assert ("term:x",) == answer(store, book, request).ids


@settings(max_examples=60)
@given(question=st.text(max_size=60))
def test_any_question_is_answered_or_refused_in_words(book: Phrasebook, question: str) -> None:
    code = None
    try:
        request = interpret(book, question)
    except KgError as error:
        code = error.code
    else:
        assert {slot.name for slot in request.template.slots} == set(request.values)

    assert code in {None, "ask-unsure", "ask-kind", "ask-ambiguous", "ask-same"}


def test_the_public_call_asks_in_words_and_by_name(store: Store) -> None:
    by_name = kg.ask(store, "formula", metric="win-rate")
    in_words = kg.ask(store, "How is win rate calculated?", lang="en")

    assert by_name.ids == in_words.ids == ("term:win-rate",)
    with pytest.raises(QueryError):
        kg.ask(store, "今天天气怎么样")


def test_values_are_described_by_id_and_label(book: Phrasebook) -> None:
    described = [
        describe(book, ox.NamedNode(iri), "zh")
        for iri in (v.TERM + "win-rate", v.OBJECT + "Opportunity", v.SO + "Role")
    ]

    assert ["term:win-rate (赢单率)", "object:Opportunity (商机)", "so:Role (角色)"] == described
    assert "2" == describe(book, ox.Literal(2), "zh")
