"""Matching: the right template for a question in either language, and none where it is not sure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.asking.answers import spell
from kg.asking.matching import choose, rank

if TYPE_CHECKING:
    from kg.asking.matching import Phrasebook

QUESTIONS = """
drivers|zh|续约率高低跟哪些因素有关
drivers|en|What are the main drivers behind customer acquisition cost?
levers|zh|想把赢单率提上去,有什么抓手
levers|en|How do we bring customer churn rate down?
counter-metrics|en|What metric keeps win rate honest?
variants|zh|赢单率业内有几种不同的算法
formula|zh|线索转化率是怎么算出来的
formula|en|How would I compute the sales attainment rate?
fields-for|zh|计算赢单率在CRM里得填好哪些字段
fields-for|en|Which fields must be filled for us to report average sales cycle length?
metrics-of-field|en|Which metrics break when Opportunity.closed_at is wrong?
owner|zh|线索分配这块归哪个岗位管
owner|en|Who's accountable for forecast accuracy?
responsibilities|en|What does a sales operations manager take care of?
must-know|zh|新入职的销售代表得先学会哪些概念
who-must-know|en|Who has to understand win rate?
look-alikes|zh|配额最容易跟哪些概念搞混
difference|zh|MQL跟SQL怎么区分开
difference|en|Win rate vs customer churn rate
disagreements|zh|来源之间有没有说法冲突的地方
disagreements-about|en|How do the answers differ on the sales funnel?
changed-since|zh|从2026-10-01开始改过哪些词条
feeds|zh|CRM系统的数据会流到哪些地方去
basis|en|What information is the sales forecast based on?
stages|zh|销售漏斗是怎么分阶段的
steps|en|What is the process for sales cycle management, step by step?
definition|zh|给我讲讲客户流失率是个什么概念
definition|en|Can you explain what net revenue retention means?
metrics-for|zh|评价客户服务可以用哪些指标
metrics-by-direction|en|Which metrics are better when lower?
used-by|en|What is an ideal customer profile used for?
uses|en|Which tools are used in territory planning?
improves|en|How does the CRM system help us?
improved-by|en|What improves customer satisfaction?
"""
ROWS = [line.split("|") for line in QUESTIONS.strip().splitlines()]
NONSENSE = [
    "今天天气怎么样",
    "你是谁",
    "帮我写一封邮件给客户",
    "张三的赢单率是多少",
    "什么",
    "",
    "???",
    "What is the capital of France?",
    "Who won the match yesterday?",
    "How many deals did we close last quarter?",
    "help",
]


@pytest.mark.parametrize(("name", "lang", "question"), ROWS)
def test_a_question_finds_its_template(
    book: Phrasebook, name: str, lang: str, question: str
) -> None:
    match = choose(rank(book, question, lang=lang))

    assert match is not None
    assert name == match.template.name


@pytest.mark.parametrize("question", NONSENSE)
def test_what_is_not_understood_is_not_answered(book: Phrasebook, question: str) -> None:
    assert choose(rank(book, question)) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CRM能提升什么", "什么能提升CRM"),
        ("折扣会影响什么", "什么会影响折扣"),
        ("什么包含销售计划", "销售计划包含什么"),
    ],
)
def test_the_order_of_words_matters(book: Phrasebook, one: str, other: str) -> None:
    """The same words the other way round are another question."""
    found = [choose(rank(book, question)) for question in (one, other)]

    assert None not in found
    assert 2 == len({match.template.name for match in found if match})


def test_the_longest_name_is_taken(book: Phrasebook) -> None:
    """The cause is a term of its own, not the rate within its name."""
    match = choose(rank(book, "销售转化率低于预期可能有哪些原因"))

    assert match is not None
    assert {"term": ["term:low-conversion"]} == {
        name: [spell(x) for x in values] for name, values in match.values.items()
    }


@pytest.mark.parametrize(
    ("question", "field"),
    [
        ("哪些指标用到商机金额", "field:Opportunity.amount"),
        ("商机关闭时间填错会影响哪些指标", "field:Opportunity.closed_at"),
        ("which metrics are affected by Opportunity.Amount", "field:Opportunity.amount"),
        ("which metrics use opportunity.closed_at", "field:Opportunity.closed_at"),
        ("改商机金额会影响哪些指标", "field:Opportunity.amount"),
        ("what happens if I change Opportunity.Amount", "field:Opportunity.amount"),
    ],
)
def test_the_full_name_of_a_field_is_taken_not_the_term_in_it(
    book: Phrasebook, question: str, field: str
) -> None:
    match = choose(rank(book, question, lang="zh" if question[-1] > "z" else "en"))

    assert match is not None
    assert "metrics-of-field" == match.template.name
    assert {"field": [field]} == {name: [spell(x) for x in xs] for name, xs in match.values.items()}


@pytest.mark.parametrize(
    "question", ["客单价(每单)怎么算", "客单价\uff08每单\uff09怎么算", "客单价每单怎么算"]
)
def test_an_exact_label_with_brackets_is_taken_not_the_name_in_it(
    book: Phrasebook, question: str
) -> None:
    match = choose(rank(book, question))

    assert match is not None
    assert match.certain
    assert ["term:average-order-value"] == [spell(x) for x in match.values["metric"]]


def test_two_terms_stand_in_the_order_they_are_named(book: Phrasebook) -> None:
    for question in (
        "配额和目标有什么区别",
        "what is the difference between quota and sales target",
    ):
        match = choose(rank(book, question, lang="zh"))

        assert match is not None
        assert ["term", "other"] == list(match.values)
        assert "quota" in match.values["term"][0].value


def test_an_exact_way_of_asking_is_certain_and_comes_first(book: Phrasebook) -> None:
    ranked = rank(book, "赢单率怎么算?")

    assert ("formula", True) == (ranked[0].template.name, ranked[0].certain)
    assert [m.certain for m in ranked] == sorted((m.certain for m in ranked), reverse=True)


def test_a_term_of_another_kind_is_known_as_such(book: Phrasebook) -> None:
    best = rank(book, "销售预测怎么算")[0]

    assert ("formula", ("metric",)) == (best.template.name, best.misfits)
    assert not best.certain


def test_a_template_is_incomplete_without_its_mention(book: Phrasebook) -> None:
    incomplete = [match for match in rank(book, "怎么算") if not match.complete]

    assert incomplete
    assert all(match.values == {} and not match.certain for match in incomplete)


@settings(max_examples=40)
@given(question=st.text(max_size=40), lang=st.sampled_from(["zh", "en"]))
def test_any_text_ranks_every_template_once(book: Phrasebook, question: str, lang: str) -> None:
    ranked = rank(book, question, lang=lang)

    assert sorted(t.name for t in book.templates) == sorted(m.template.name for m in ranked)
    assert all(-1 <= match.score <= 1 for match in ranked)


def test_ranking_is_the_same_every_time(book: Phrasebook) -> None:
    question = "哪些因素影响赢单率"

    assert rank(book, question) == rank(book, question)
