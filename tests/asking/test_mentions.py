"""What a question speaks of: every name of every kind of thing, the longest and best first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg import vocab as v
from kg.asking.answers import spell
from kg.asking.mentions import Lexicon, fitting
from kg.asking.templates import Slot

if TYPE_CHECKING:
    from kg.asking.matching import Phrasebook


def _slot(type_: str) -> Slot:
    return Slot("x", type_, "-", "某", "some")


def _found(book: Phrasebook, text: str, type_: str, lang: str = "zh") -> set[str]:
    """Return what the longest mentions of a text that fit a type stand for."""
    spoken = book.lexicon.read(text)
    fits = [(m, fitting(m, _slot(type_), lang)) for m in spoken.mentions]
    longest = max((m.end - m.start for m, values in fits if values), default=0)
    return {spell(x) for m, values in fits if m.end - m.start == longest for x in values}


@pytest.mark.parametrize(
    ("text", "type_", "expected"),
    [
        ("请问销售漏斗有哪些阶段", "term", {"term:sales-funnel"}),
        ("the Sales Funnels, please", "term", {"term:sales-funnel"}),
        ("win-rate 怎么算", "Metric", {"term:win-rate"}),
        ("term:win-rate", "Metric", {"term:win-rate"}),
        ("銷售漏斗", "term", {"term:sales-funnel"}),
        ("源文档中的销售招待", "term", {"term:sales-incentive"}),
        ("crm能提升什么", "term", {"term:crm"}),
        (
            "by which criteria is a market segmented",
            "Process/Activity",
            {"term:market-segmentation"},
        ),
        ("which forecast is it", "Process", {"term:sales-forecast"}),
        ("哪些流程步骤", "kind", {"so:ProcessStep"}),
        ("which process steps", "kind", {"so:ProcessStep"}),
        ("Opportunity.stage 决定什么", "field", {"field:Opportunity.stage"}),
        ("won_deals怎么取数", "measure", {"measure:won_deals"}),
        ("商机对象", "object", {"object:Opportunity"}),
        ("销售预测主题", "topic", {"topic:forecasting"}),
        ("哪些指标越低越好", "direction", {"lower-better"}),
        ("metrics that cannot be summed", "additivity", {"non-additive"}),
        ("以天为单位", "unit", {"day"}),
        ("in SFDC", "crm", {"salesforce"}),
        ("第一个回答", "answer", {"1"}),
        ("回答2", "answer", {"2"}),
        ("answer three", "answer", {"3"}),
        ("the fourth answer", "answer", {"4"}),
        ("2026年1月5日以来", "date", {"2026-01-05"}),
        ("since 2026-03-01", "date", {"2026-03-01"}),
        ("2026年2月之后", "date", {"2026-02-01"}),
        ("since 2025", "date", {"2025-01-01"}),
        ("“随便什么”应理解为什么", "name", {"随便什么"}),
        ("今天天气怎么样", "term", set()),
    ],
)
def test_names_of_every_kind_are_found(
    book: Phrasebook, text: str, type_: str, expected: set[str]
) -> None:
    assert expected == _found(book, text, type_)


def test_a_name_of_several_things_stands_for_all_of_them(book: Phrasebook) -> None:
    found = _found(book, "转化率", "Metric")

    assert {"term:sales-conversion-rate", "term:customer-conversion-rate"} <= found


def test_the_language_decides_between_names_of_one_rank(book: Phrasebook) -> None:
    """CRM is a name of the practice in Chinese, and a mere search word for the software."""
    assert {"term:crm"} == _found(book, "CRM", "term", "zh")


def test_a_kind_leaves_other_terms_out_unless_any_will_do(book: Phrasebook) -> None:
    spoken = book.lexicon.read("销售预测")
    (whole,) = (m for m in spoken.mentions if m.covers(spoken))

    assert () == fitting(whole, _slot("Metric"), "zh")
    assert (ox.NamedNode(v.TERM + "sales-forecast"),) == fitting(
        whole, _slot("Metric"), "zh", any_kind=True
    )


def test_terms_before_and_share_the_last_words(book: Phrasebook) -> None:
    spoken = book.lexicon.read("On what do quantitative and qualitative forecasting rest?")
    found = {spell(x) for m in spoken.mentions for x in fitting(m, _slot("Method"), "en")}

    assert {"term:quantitative-forecasting", "term:qualitative-forecasting"} <= found


def test_a_remark_in_brackets_is_left_out_unless_it_is_all(book: Phrasebook) -> None:
    assert ("激", "励") == book.lexicon.read("激励(合并两个来源)").tokens
    assert ("激", "励") == book.lexicon.read("激励\uff08合并两个来源\uff09").tokens
    assert ("win", "rate") == book.lexicon.read("(win rate)").tokens


@pytest.mark.parametrize(
    ("label", "id_"),
    [
        ("客单价(每单)", "term:average-order-value"),
        ("客单价\uff08每单\uff09", "term:average-order-value"),
        ("客单价(每单\uff09", "term:average-order-value"),
        ("动销率(品种口径)", "term:moving-sku-rate"),
        ("动销率 \uff08 品种口径 \uff09", "term:moving-sku-rate"),
        ("win rate (value)", "term:win-rate-value"),
    ],
)
def test_brackets_that_are_part_of_a_name_are_read_with_it(
    book: Phrasebook, label: str, id_: str
) -> None:
    assert {id_} == _found(book, f"{label}怎么算", "Metric")
    assert {id_} == _found(book, f"(请问){label}怎么算(谢谢)", "Metric")
    assert "谢" not in book.lexicon.read(f"{label}怎么算(谢谢)").tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("what happens if I change Opportunity.amount", "Opportunity.amount"),
        ("what happens if I change Opportunity.Amount", "Opportunity.amount"),
        ("改商机金额会怎样", "Opportunity.amount"),
        ("改商机的金额会怎样", "Opportunity.amount"),
        ("商机预计金额不准", "Opportunity.amount"),
        ("the opportunity estimated amount is wrong", "Opportunity.amount"),
        ("crm.lead.expected_revenue is empty", "Opportunity.amount"),
    ],
)
def test_within_the_full_name_of_a_field_nothing_else_is_named(
    book: Phrasebook, text: str, expected: str
) -> None:
    mentions = book.lexicon.read(text).mentions
    within = [m for m in mentions if m.surface in {"opportunity", "商机", "amount", "金额", "lead"}]

    assert [] == within
    assert {f"field:{expected}"} == _found(book, text, "field")


@pytest.mark.parametrize(
    "text",
    [
        "2026-13-01",
        "2023-02-31",
        "since 2023-02-31",
        "since 1/5/2026",
        "since 5 March 2026",
        "since Q3 2026",
        "从2026年第三季度",
        "从2026年3月底",
        "before 2026-01-01",
        "until 2026",
        "2026-01-01之前",
        "到2026年1月为止",
        "between 2025-01-01 and 2026-01-01",
        "from 2025-01-01 to 2026-01-01",
        "since 2025-01-01, since 2026-01-01",
        "0000-01-01",
    ],
)
def test_what_is_no_first_day_is_no_date(book: Phrasebook, text: str) -> None:
    """No day of the calendar, a last day, one of two days, a day that may be read in two ways."""
    assert set() == _found(book, text, "date")


def test_more_dates_than_a_row_of_marks_holds_are_told_apart(book: Phrasebook) -> None:
    days = ", ".join(f"since 2026-01-{day:02}" for day in range(1, 13))

    assert set() == _found(book, days, "date")
    assert {"2026-01-01"} == _found(book, "since 2026-01-01, yes, since 2026/1/1", "date")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("what does answer 7 say", ["7"]),
        ("answers 2 and 3", ["2", "3"]),
        ("the fifth answer", ["fifth"]),
        ("第五个回答", ["五"]),
        ("回答十二提到什么", ["十", "二"]),
        ("请回答一下", []),
        ("都有3个回答", []),
        ("first answer me this", ["first"]),
        ("the first stage", []),
    ],
)
def test_the_numbers_of_answers_are_known_whether_there_are_such_or_not(
    book: Phrasebook, text: str, expected: list[str]
) -> None:
    spoken = book.lexicon.read(text)

    assert expected == [spoken.tokens[at] for at in sorted(spoken.answers())]


def test_two_names_are_joined_by_and_or_by_nothing(book: Phrasebook) -> None:
    spoken = book.lexicon.read("线索、商机和客户管什么配额")
    named = {mention.surface: mention for mention in spoken.mentions}

    assert spoken.joined(named["线索"], named["商机"])
    assert spoken.joined(named["客户"], named["商机"])
    assert not spoken.joined(named["客户"], named["配额"])
    assert not spoken.joined(named["客户"], named["客户"])


@pytest.mark.parametrize("text", ["赢单率" * 500, "(赢单率)" * 6000, "转化率和" * 8000, "x" * 1001])
def test_what_is_too_long_for_a_question_is_not_read(book: Phrasebook, text: str) -> None:
    assert () == book.lexicon.read(text).mentions


@given(st.text(max_size=60))
def test_any_text_is_read_and_mentions_lie_within_it(text: str) -> None:
    spoken = Lexicon({}, {}, {}).read(text)

    assert () == tuple(m for m in spoken.mentions if not 0 <= m.start < m.end <= len(spoken.tokens))
