"""Words of answers: things by their labels, values by the words of their group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from kg import vocab as v
from kg.asking.templates import Column
from kg.asking.wording import Names, cell_json, cell_words

if TYPE_CHECKING:
    from kg.model import Glossary
    from kg.sparql import Term
    from kg.store import Store


@pytest.fixture(scope="module")
def names(store: Store, glossary: Glossary) -> Names:
    """Return the names of the asserted graph."""
    return Names(store, glossary)


def _column(words: str = "") -> Column:
    return Column("x", "甲", "x", words)


@pytest.mark.parametrize(
    ("cell", "words", "zh", "en"),
    [
        (None, "", "", ""),
        (ox.NamedNode(v.TERM + "sales-funnel"), "", "销售漏斗", "Sales funnel"),
        (ox.NamedNode(v.SO + "Role"), "", "角色", "Role"),
        (ox.NamedNode(v.SO + "improves"), "", "提升", "improves"),
        (ox.NamedNode(v.OBJECT + "Opportunity"), "", "商机", "Opportunity"),
        (
            ox.NamedNode(v.FIELD + "Opportunity.closed_at"),
            "",
            "关闭时间 (Opportunity.closed_at)",
            "Closed at (Opportunity.closed_at)",
        ),
        (
            ox.Literal(f"{v.FIELD}Lead.source {v.TERM}crm"),
            "terms",
            "线索来源 (Lead.source)、客户关系管理",
            "Lead source (Lead.source), Customer relationship management",
        ),
        (ox.NamedNode(v.TOPIC + "forecasting"), "", "销售预测", "Forecasting"),
        (ox.NamedNode("urn:nowhere"), "", "urn:nowhere", "urn:nowhere"),
        (ox.Literal("文本", language="zh"), "", "文本", "文本"),
        (ox.Literal(2), "answer", "回答2", "answer 2"),
        (ox.Literal("answer2 answer1"), "source", "回答1、回答2", "answer 1, answer 2"),
        (ox.Literal("lower-better"), "direction", "越低越好", "lower is better"),
        (ox.Literal("team rep"), "grain", "团队、销售人员", "team, rep"),
        (ox.Literal("no such word"), "grain", "no such word", "no such word"),
        (ox.Literal("P2W"), "lag", "通常滞后 2 周", "usually after 2 weeks"),
        (ox.Literal("answer 1 intro ¶1"), "locator", "回答1 引言", "answer 1 intro"),
        (ox.Literal(f"{v.TERM}crm"), "terms", "客户关系管理", "Customer relationship management"),
        (ox.Literal("true"), "yes", "是", "yes"),
        (ox.Literal("visit/rep"), "unit", "拜访/访问/销售人员", "visit per rep"),
    ],
)
def test_cells_are_worded_in_both_languages(
    names: Names, cell: Term | None, words: str, zh: str, en: str
) -> None:
    column = _column(words)

    assert zh == cell_words(cell, column, names, "zh")
    assert en == cell_words(cell, column, names, "en")


def test_a_passage_is_named_by_its_place(store: Store, names: Names) -> None:
    passage = next(store.triples(None, v.SO + "locator")).subject

    assert isinstance(passage, ox.NamedNode)
    assert "answer" in names.label(passage.value, "en") or "page" in names.label(
        passage.value, "en"
    )
    assert names.label(passage.value, "zh") != names.label(passage.value, "en")


def test_a_formula_is_worded_with_the_names_of_what_it_reads(names: Names) -> None:
    words = cell_words(ox.Literal("won_deals / lost_deals"), _column("formula"), names, "zh")

    assert "÷" in words
    assert "won_deals" not in words


def test_json_keeps_ids_labels_numbers_and_lists(names: Names) -> None:
    thing = cell_json(ox.NamedNode(v.TERM + "sales-funnel"), _column(), names)

    assert {
        "id": "term:sales-funnel",
        "iri": v.TERM + "sales-funnel",
        "zh": "销售漏斗",
        "en": "Sales funnel",
    } == thing
    assert cell_json(None, _column(), names) is None
    assert 3 == cell_json(ox.Literal(3), _column(), names)
    assert ["answer1", "product"] == cell_json(
        ox.Literal("answer1 product"), _column("source"), names
    )
    assert "text" == cell_json(ox.Literal("text"), _column(), names)
