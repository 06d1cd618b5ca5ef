"""Misspelt questions: the term meant is offered, and a part of a name is not taken for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kg.asking.answers import interpret, spell
from kg.asking.spelling import correct, is_cut_short
from kg.errors import QueryError

if TYPE_CHECKING:
    from kg.asking.matching import Phrasebook


@pytest.mark.parametrize(
    ("lang", "question", "template", "term"),
    [
        ("en", "how do you compute the win raet", "formula", "term:win-rate"),
        ("en", "what is a sales funel", "definition", "term:sales-funnel"),
        ("en", "who owns teh sales forcast", "owner", "term:sales-forecast"),
        ("zh", "赢单綠怎么算", "formula", "term:win-rate"),
        ("zh", "谁负责销售预侧", "owner", "term:sales-forecast"),
    ],
)
def test_a_misspelt_term_is_offered_not_answered(
    book: Phrasebook, lang: str, question: str, template: str, term: str
) -> None:
    with pytest.raises(QueryError) as caught:
        interpret(book, question, lang=lang)

    assert "ask-unsure" == caught.value.code
    assert f"ask {template} " in caught.value.hint_in(lang)
    assert f"={term}" in caught.value.hint_in(lang)


@pytest.mark.parametrize(
    "question", ["今天天气怎么样", "what's the weather in Paris", "asdf qwer", ""]
)
def test_words_near_no_term_are_not_corrected(book: Phrasebook, question: str) -> None:
    assert () == correct(book, question)


def test_a_correction_fills_every_slot_with_terms_that_fit(book: Phrasebook) -> None:
    found = correct(book, "how do you compute the win raet", lang="en")

    assert ["term:win-rate"] == [spell(x) for match in found for x in match.values["metric"]]


def test_a_name_that_goes_on_in_strange_signs_is_cut_short(book: Phrasebook) -> None:
    assert is_cut_short(book, "赢单綠怎么算", "赢单")
    assert not is_cut_short(book, "赢单怎么算", "赢单")
    assert not is_cut_short(book, "怎么算赢单", "赢单")
    assert not is_cut_short(book, "怎么算", "赢单")
