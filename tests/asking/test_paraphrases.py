"""Questions as people phrase them, written by people who did not write the matcher.

The first two sets were used while the matcher was made; the third was written afterwards and never
used to change it. `template` names the template meant, or several that would answer as well.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from kg.asking.answers import understand
from kg.errors import KgError

if TYPE_CHECKING:
    from pathlib import Path

    from kg.asking.matching import Phrasebook

LEAST = 54  # of 60


@pytest.mark.parametrize("number", ["1", "2", "3"])
def test_nine_in_ten_reach_the_right_template(book: Phrasebook, root: Path, number: str) -> None:
    with (root / "tests/asking/paraphrases.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["set"] == number]
    missed = []
    for row in rows:
        try:
            name = understand(book, row["text"], {}, lang=row["lang"]).template.name
        except KgError as error:
            name = error.code
        if name not in row["template"].split(" | "):
            missed.append((row["text"], row["template"], name))

    assert 60 == len(rows)
    assert len(rows) - len(missed) >= LEAST, missed
