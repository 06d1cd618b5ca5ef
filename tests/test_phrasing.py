"""Owns the laws of evidence and words: complete in both languages, each place once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kg.model import LANGS, Claim, Glossary, Passage, Relation
from kg.phrasing import (
    CARD,
    WORDS,
    card_facts,
    display_words,
    evidence,
    lag_words,
    locator,
    phrase,
    section,
    statement,
    unit_words,
)
from kg.vocab import TERM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.model import Lang

ONE = Passage("1.0.1", 1, "answer 1 intro ¶1", 8)
TWO = Passage("1.2.1", 1, "answer 1 §二 ¶1", 18)
THREE = Passage("3.9", 3, "answer 3 item 9", 104)


def relation(*claims: Claim, asserted: bool = True) -> Relation:
    return Relation("r", "term:a", "so:measures", "term:b", claims, asserted)


def claim(strength: str, passage: Passage | None = ONE, **more: str | tuple[str, ...]) -> Claim:
    source = f"answer{passage.answer}" if passage else "product"
    return Claim(f"claim:{len(more)}{strength}", strength, source, passage, **more)  # type: ignore[arg-type]


def by_id(glossary: Glossary, name: str) -> Relation:
    return next(r for r in glossary.relations if r.id == name)


# -- laws


@pytest.mark.parametrize("lang", LANGS)
def test_every_statement_ends_in_its_evidence(glossary: Glossary, lang: Lang) -> None:
    """A statement is the sentence of the relation and its evidence in brackets."""
    for found in glossary.relations:
        said = evidence(found, lang, glossary=glossary)

        assert f"{glossary.sentence(found, lang)} ({said})" == statement(glossary, found, lang)


@pytest.mark.parametrize("lang", LANGS)
def test_no_place_is_named_twice(glossary: Glossary, lang: Lang) -> None:
    """The places of a relation come once each, but for claims that differ in scope."""
    for found in glossary.relations:
        places = [locator(c.passage, lang) for c in found.claims if c.passage and not c.scope]
        parts = [part for piece in evidence(found, lang).split("; ") for part in piece.split(", ")]

        assert [1] * len(set(places)) == [parts.count(place) for place in sorted(set(places))]


def test_order_of_claims_does_not_matter() -> None:
    """Evidence is the same in whatever order the claims come."""
    claims = [claim("implied", ONE, confidence="low"), claim("stated", TWO), claim("product", None)]

    assert evidence(relation(*claims), "zh") == evidence(relation(*reversed(claims)), "zh")


def test_every_word_is_there_in_both_languages() -> None:
    """No row of the table is empty, and the Chinese differs from the English."""
    assert [] == [key for key, (zh, en) in WORDS.items() if not zh or not en or zh == en]


def values(glossary: Glossary) -> Iterator[tuple[str, str]]:
    for concept in glossary.concepts.values():
        yield "tier", concept.tier
        if concept.metric:
            yield "direction", concept.metric.direction
            if concept.metric.display:
                yield "display", concept.metric.display
    for found in glossary.relations:
        yield "strength", found.strength
        for one in found.claims:
            yield "source", one.source
            for group in ("confidence", "inference", "modality"):
                if value := getattr(one, group):
                    yield group, value


def test_every_value_of_the_graph_has_a_word(glossary: Glossary) -> None:
    """A reader never meets a code such as list-order."""
    assert [] == sorted(set(values(glossary)) - WORDS.keys())


def test_no_chinese_in_english_places(glossary: Glossary) -> None:
    """Places are in the language asked for."""
    places = {locator(c.passage, "en") for r in glossary.relations for c in r.claims if c.passage}

    assert [] == sorted(place for place in places if not all(ord(char) < 0x2E80 for char in place))


# -- examples


def test_the_briefs_examples(glossary: Glossary) -> None:
    measures, feeds = by_id(glossary, "r010"), by_id(glossary, "r126")

    assert "销售转化率 衡量 阶段转化 (隐含, 回答1 引言)" == statement(glossary, measures, "zh")
    assert (
        "Stage-to-stage conversion is measured by Sales conversion rate (implied, answer 1 intro)"
    ) == statement(glossary, measures, "en", about=measures.object)
    assert (
        "CRM系统 为 销售预测 提供输入 (隐含, 低置信, 回答1 §三 第2段; 回答1 §四 第1段)"
    ) == statement(glossary, feeds, "zh")


def test_several_claims_are_joined() -> None:
    found = relation(claim("stated", THREE), claim("stated", TWO))

    assert "明说, 回答1 §二 第1段; 回答3 第9条" == evidence(found, "zh")
    assert "stated, answer 1 §2 ¶1; answer 3 item 9" == evidence(found, "en")


def test_the_stronger_claim_speaks_for_a_passage() -> None:
    found = relation(claim("implied", TWO, confidence="normal"), claim("stated", TWO))

    assert "stated, answer 1 §2 ¶1" == evidence(found, "en")


def test_doubt_is_said() -> None:
    found = relation(claim("implied", ONE, confidence="low", modality="possible"))

    assert "隐含, 可能, 低置信, 回答1 引言" == evidence(found, "zh")
    assert "implied, possible, low confidence, answer 1 intro" == evidence(found, "en")


def test_product_and_inferred_have_no_place() -> None:
    added = relation(claim("product", None), claim("product", None, confidence="normal"))

    assert "本图谱补充" == evidence(added, "zh")
    assert "added by this graph" == evidence(added, "en")
    assert ("推理得出", "inferred") == (evidence(relation(), "zh"), evidence(relation(), "en"))


def test_scope_names_the_models(glossary: Glossary) -> None:
    found = by_id(glossary, "r021")

    assert (
        "implied, within “Funnel model, answer 1”, answer 1 intro; "
        "implied, within “Funnel model, answer 2”, answer 2 item 6"
    ) == evidence(found, "en", glossary=glossary)
    assert "仅在“漏斗模型一”中" in evidence(found, "zh", glossary=glossary)
    assert "funnel-model-answer1" in evidence(found, "zh")


def test_a_contradiction_is_said(glossary: Glossary) -> None:
    found = by_id(glossary, "r395")

    assert "来源说法不一; 明说, 回答3 引言" == evidence(found, "zh")
    assert "the source disagrees with itself; stated, answer 3 intro" == evidence(found, "en")


def test_section_is_the_place_without_paragraph() -> None:
    assert ["回答1 引言", "回答1 §二", "回答3 第9条"] == [
        section(p, "zh") for p in (ONE, TWO, THREE)
    ]
    assert ["answer 1 intro", "answer 1 §2", "answer 3 item 9"] == [
        section(p, "en") for p in (ONE, TWO, THREE)
    ]


def test_units_and_display(glossary: Glossary) -> None:
    assert ("拜访/访问/销售人员/天", "visit per rep per day") == (
        unit_words(glossary, "visit/rep/day", "zh"),
        unit_words(glossary, "visit/rep/day", "en"),
    )
    assert ("", "以 % 显示") == (
        display_words(None, "zh"),
        display_words("dimensionless (show as %)", "zh"),
    )


@pytest.mark.parametrize("lang", LANGS)
def test_every_card_says_its_facts_in_the_order_of_their_names(
    glossary: Glossary, lang: Lang
) -> None:
    names = [name for name in CARD if name not in ("inputs", "fields")]
    metrics = [c.metric for c in glossary.concepts.values() if c.metric]

    cards = [card_facts(glossary, metric, lang) for metric in metrics]

    assert cards
    assert all(list(card) == names for card in cards)
    assert all(card["formula"] and card["unit"] and card["direction"] for card in cards)


def test_a_card_says_the_unit_and_how_it_is_shown(glossary: Glossary) -> None:
    metric = glossary.concepts[TERM + "win-rate"].metric
    assert metric

    assert ["比率 (以 % 显示)", "ratio (shown as %)"] == [
        card_facts(glossary, metric, lang)["unit"] for lang in LANGS
    ]


def test_unknown_words_stay_as_they_are() -> None:
    assert "sideways" == phrase("direction", "sideways", "zh")
    assert "parsec" == unit_words(Glossary({}, (), {}, ()), "parsec", "zh")
    assert ["P1Y2M", "soon"] == [lag_words(lag, "en") for lag in ("P1Y2M", "soon")]
