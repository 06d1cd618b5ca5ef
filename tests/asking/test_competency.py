"""The competency questions: asked in words, each in both languages, over the asserted graph."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kg.asking.answers import answer, interpret, spell

if TYPE_CHECKING:
    from kg.asking.matching import Phrasebook
    from kg.store import Store

TABLE = Path(__file__).with_name("competency.csv")
# What we corrected since (docs/decisions/0007-corrections.md): won amounts read the actual amount.
CORRECTED = {"CQ36": {"field:Opportunity.amount": "field:Opportunity.actual_amount"}}
ROWS = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_a_competency_question_finds_exactly_what_is_expected(
    store: Store, book: Phrasebook, row: dict[str, str], lang: str
) -> None:
    request = interpret(book, row[lang], lang=lang)
    found = answer(store, book, request, lang=lang, asserted=True)
    slots = " ".join(f"{name}={spell(value)}" for name, value in request.values.items())

    assert (row["template"], row["slots"]) == (request.template.name, slots)
    assert set(row["expected"].split()) == set(found.ids)


def _curie(name: str) -> str:
    return f"field:{name[6:]}" if name.startswith("field/") else f"term:{name}"


@pytest.mark.domain
def test_the_table_holds_every_question_as_it_is_asked(domain: Path) -> None:
    asked: list[dict[str, Any]] = json.loads(
        (domain / "competency_questions.json").read_text(encoding="utf-8")
    )["questions"]

    expected = {
        q["id"]: (
            q["zh"],
            q["en"],
            {CORRECTED.get(q["id"], {}).get(x, x) for x in map(_curie, q["expected"])},
        )
        for q in asked
    }

    assert expected == {r["id"]: (r["zh"], r["en"], set(r["expected"].split())) for r in ROWS}
