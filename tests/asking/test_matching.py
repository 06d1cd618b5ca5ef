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


OPPOSITES = """
en|which metrics do not use Opportunity.amount
en|which metrics don't use Opportunity.amount
en|what does CRM system not improve
en|what does answer 1 not mention
en|who isn't responsible for the sales forecast
en|what never drives win rate
en|which metrics are not better when lower
en|which terms are not deprecated
en|where do the sources not disagree
en|who need not know the sales process
zh|哪些指标不受销售辅导影响
zh|什么不影响赢单率
zh|谁不负责销售预测
zh|哪些指标用不到商机金额
zh|哪些字段决定不了商机阶段
zh|什么不属于销售渠道
zh|回答1没有提到哪些术语
zh|哪些指标不按成交日统计
zh|哪些术语没有停用
"""
GAPS = """
en|which metrics have an owner
en|which terms have a definition
en|which fields exist in Salesforce
zh|哪些指标有负责人
zh|哪些术语有别名
zh|哪些字段在Salesforce里有对应
en|metric
"""
OTHERS = """
zh|哪些指标没有公式
zh|赢单率是多少
zh|赢单率有多高
zh|没有负责人的流程
zh|谁负责海报设计
en|how much is win rate
en|does market competition improve win rate
en|drop table
en|which metrics need a formula
en|what did answer 7 say about CRM
en|what did answer 2 say about CRM
en|which terms does answer 7 mention
en|terms shared by answers 2 and 3
en|what does the fifth answer mention
zh|第五个回答怎么定义CRM
zh|回答12提到了哪些术语
en|difference between a lead, a prospect and an opportunity
zh|线索、商机和客户有什么区别
en|what changed before 2026-01-01
en|what changed between 2025-01-01 and 2026-01-01
en|what changed since 1/5/2026
zh|2026年1月1日之前改了哪些术语
zh|从2025-01-01到2026-01-01有哪些变更
"""
PLAIN = """
levers|zh|赢单率不高怎么办
formula|zh|我不知道赢单率怎么算
look-alikes|zh|赢单率和什么差不多
difference|zh|赢单率和成交率有什么不一样
effects|zh|销售辅导影响不影响什么
connection|zh|销售辅导是不是会影响赢单率
metric-card|zh|赢单率包不包括退款
metrics-by-additivity|zh|哪些指标不能加总
unmapped-fields|en|which fields don't exist in Salesforce?
without-alias|en|Which terms still don't have a synonym?
who-must-know|zh|不同渠道的销售数据谁要懂
answer-terms|en|which terms does the second answer mention
changed-since|en|what changed since March 2026
"""


def _lines(text: str) -> list[list[str]]:
    return [line.split("|") for line in text.strip().splitlines()]


@pytest.mark.parametrize(("lang", "question"), _lines(OPPOSITES + GAPS.strip()))
def test_a_question_is_not_answered_by_its_opposite(
    book: Phrasebook, lang: str, question: str
) -> None:
    """Neither where only the question denies something, nor where only the template does."""
    assert choose(rank(book, question, lang=lang)) is None


@pytest.mark.parametrize(("lang", "question"), _lines(OTHERS))
def test_what_a_template_leaves_out_is_not_dropped(
    book: Phrasebook, lang: str, question: str
) -> None:
    """A word, a number of an answer, a day or a term more makes another question."""
    assert choose(rank(book, question, lang=lang)) is None


@pytest.mark.parametrize(("name", "lang", "question"), _lines(PLAIN))
def test_a_no_in_a_name_or_a_fixed_way_of_asking_denies_nothing(
    book: Phrasebook, name: str, lang: str, question: str
) -> None:
    match = choose(rank(book, question, lang=lang))

    assert match is not None
    assert name == match.template.name


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
