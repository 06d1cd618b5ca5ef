"""Words of questions: the table is read as it stands, synonyms are one, fillers say nothing."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.asking.words import (
    NOTHING,
    Words,
    is_cjk,
    read_table,
    read_words,
    singular,
    split_tokens,
    words_of,
)
from kg.errors import SourceError
from kg.lookup import normalise

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = st.text(st.sampled_from("谁负责什么影响 who owns the drivers of win rates 123"))
SMALL = Words.of(
    [
        ("who", ["谁", "哪个岗位"], ["who", "which role"]),
        ("owner", ["负责"], ["own", "in charge"]),
        ("aim", [], ["for?"]),
        (NOTHING, ["的", "请问"], ["the", "is", "for"]),
    ]
)


@pytest.fixture(scope="module")
def words(queries: Path) -> Words:
    """Return the shipped table."""
    return read_words(queries / "words.csv")


def _cut(words: Words, text: str) -> list[str]:
    return words.cut([token.text for token in split_tokens(normalise(text, {}))])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("请问谁负责", ["who", "owner"]),
        ("who owns", ["who", "owner"]),
        ("which roles own the", ["who", "owner"]),
        ("哪个岗位的", ["who"]),
        ("who is in charge", ["who", "owner"]),
        ("who is it for", ["who", "it", "aim"]),
        ("for who", ["who"]),
        ("窜货", ["窜", "货"]),
        ("targets", ["target"]),
        ("", []),
    ],
)
def test_words_are_cut_into_meanings(text: str, expected: list[str]) -> None:
    assert expected == _cut(SMALL, text)


@pytest.mark.parametrize(
    "texts",
    [
        ("谁负责", "who owns", "哪位负责", "who is in charge", "who is responsible"),
        ("怎么提高", "如何提升", "how to improve", "how do I raise", "怎样改善"),
        ("怎么算", "how is it calculated", "如何计算", "how do you work out"),
        ("区别", "difference", "有什么不同"),
        ("需要哪些字段", "which fields need", "必填哪些字段"),
    ],
)
def test_two_languages_and_many_words_mean_the_same(words: Words, texts: tuple[str, ...]) -> None:
    cuts = [frozenset(_cut(words, text)) - {"what", "it"} for text in texts]

    assert {cuts[0]} == set(cuts)


@given(TEXTS)
def test_cutting_is_idempotent_on_places(text: str) -> None:
    """Every place is one of the tokens, in order, and no filler is left."""
    tokens = [token.text for token in split_tokens(normalise(text, {}))]
    places = SMALL.cut_places(tokens)

    assert sorted({place for _, place in places}) == [place for _, place in places]
    assert all(place < len(tokens) for _, place in places)
    assert NOTHING not in SMALL.cut(tokens)


def test_no_word_of_the_table_has_two_meanings(queries: Path) -> None:
    rows = read_table(queries / "words.csv", ("meaning", "zh", "en"))
    told: dict[str, set[str]] = {}
    for row in rows:
        for word in (*words_of(row["zh"]), *words_of(row["en"])):
            told.setdefault(word, set()).add(row["meaning"])

    assert {} == {word: found for word, found in told.items() if len(found) > 1}
    assert len({row["meaning"] for row in rows}) == len(rows)


def test_a_table_with_other_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "words.csv"
    path.write_text("meaning,zh\nwho,谁\n", encoding="utf-8")

    with pytest.raises(SourceError) as wrong:
        read_words(path)
    with pytest.raises(SourceError) as missing:
        read_words(tmp_path / "none.csv")

    assert "source-syntax" == wrong.value.code
    assert "source-missing" == missing.value.code


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ("who,谁\n", 2),
        ("who,谁,who,more\n", 2),
        ("who,谁,who\n\nwhat,? | 什么,what\n", 4),
        ("who,谁,who\n,什么,what\n", 3),
        ('who,"谁,who\n', 2),
        (f"who,{'谁' * 200_000},who\n", 2),
    ],
)
def test_a_malformed_row_is_told_with_its_line_in_both_languages(
    tmp_path: Path, rows: str, line: int
) -> None:
    path = tmp_path / "words.csv"
    path.write_text(f"meaning,zh,en\n{rows}", encoding="utf-8")

    with pytest.raises(SourceError) as caught:
        read_words(path)

    assert ("source-syntax", path, line) == (
        caught.value.code,
        caught.value.path,
        caught.value.line,
    )
    assert caught.value.reason_zh != caught.value.reason


def test_a_table_that_is_no_utf8_is_told_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "words.csv"
    path.write_bytes("meaning,zh,en\nwho,什么人,who\n".encode("gb18030"))

    with pytest.raises(SourceError) as caught:
        read_table(path, ("meaning", "zh", "en"))

    assert ("source-encoding", 2) == (caught.value.code, caught.value.line)


def test_what_stands_on_both_sides_of_no_is_asked_not_denied() -> None:
    words = Words.of([("affect", ["影响"], []), ("not", ["不"], ["not"]), ("know", ["知道"], [])])

    assert ["affect"] == _cut(words, "影响不影响")
    assert ["知", "know"] == _cut(words, "知不知道")
    assert ["know", "not", "affect"] == _cut(words, "知道不影响")
    assert ["not", "affect"] == _cut(words, "不影响")


def test_a_table_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "words.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        csv.writer(out).writerows([("meaning", "zh", "en"), ("who", "谁 | 哪位", "who")])

    assert ["who"] == _cut(read_words(path), "哪位")


@pytest.mark.parametrize(
    ("plural", "expected"),
    [
        ("rates", "rate"),
        ("territories", "territory"),
        ("losses", "loss"),
        ("boxes", "box"),
        ("kpis", "kpi"),
        ("basis", "basis"),
        ("status", "status"),
        ("arr", "arr"),
    ],
)
def test_singular(plural: str, expected: str) -> None:
    assert expected == singular(plural)


def test_signs_and_words_are_told_apart() -> None:
    assert [True, False, False] == [is_cjk("漏斗"), is_cjk("crm"), is_cjk("")]
