"""The algebra of units: laws of products and powers, what may be added, what text means."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.formula import FormulaError
from kg.sources.tables import read_rows
from kg.units import NONE, Unit, UnitError, formula_unit, read_units, unit_of

if TYPE_CHECKING:
    from pathlib import Path

ROWS = {
    "money": "",
    "deal": "",
    "lead": "",
    "day": "",
    "hour": "day / 24",
    "week": "day * 7",
    "ratio": "",
}
UNITS = read_units(ROWS)
NAMES = {
    "amount": UNITS["money"],
    "deals": UNITS["deal"],
    "leads": UNITS["lead"],
    "days": UNITS["day"],
    "hours": UNITS["hour"],
    "share": UNITS["ratio"],
}
units = st.dictionaries(
    st.sampled_from(["money", "deal", "day"]), st.integers(-3, 3).filter(bool), max_size=3
).map(lambda powers: Unit(tuple(sorted((n, Fraction(p)) for n, p in powers.items()))))


# -- laws
@given(units, units, units)
def test_units_multiply_as_numbers_do(a: Unit, b: Unit, c: Unit) -> None:
    """In any order, grouped in any way; nothing is the neutral one."""
    assert a * b == b * a
    assert (a * b) * c == a * (b * c)
    assert a * NONE == a


@given(units, st.integers(-3, 3), st.integers(-3, 3))
def test_powers_add_up(a: Unit, m: int, n: int) -> None:
    assert a ** Fraction(m) * a ** Fraction(n) == a ** Fraction(m + n)
    assert a * a ** Fraction(-1) == NONE


@given(units)
def test_a_root_undoes_a_square(a: Unit) -> None:
    assert a == (a ** Fraction(2)) ** Fraction(1, 2)


@given(units)
def test_what_a_unit_is_written_as_means_it_again(a: Unit) -> None:
    """But for powers, which the text of a table does not know."""
    if all(abs(power) == 1 for _, power in a.powers) and any(p > 0 for _, p in a.powers):
        assert a == unit_of(str(a), UNITS)


# -- tables
def test_a_derived_unit_is_a_multiple_of_its_base() -> None:
    assert Fraction(1, 24) == UNITS["hour"].factor
    assert Fraction(7) == UNITS["week"].factor
    assert UNITS["day"].powers == UNITS["hour"].powers
    assert NONE == UNITS["ratio"]


@pytest.mark.parametrize(
    "definition", ["day / 0", "24 per day", "day", "month / 30", "day * 1.5", "day / 24 / 60"]
)
def test_another_definition_is_refused_in_both_languages(definition: str) -> None:
    with pytest.raises(UnitError) as caught:
        read_units({"day": "", "odd": definition})

    assert f"'{definition}' is no unit" == str(caught.value)
    assert f"“{definition}”不是单位" == caught.value.zh


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("money", "money"),
        ("money/deal", "money/deal"),
        ("money/deal/day", "money/day/deal"),
        ("deal*money/day", "deal*money/day"),
        ("hour", "1/24 day"),
        ("ratio", "ratio"),
        ("ratio/day", "1/day"),
        ("money*money", "money**2"),
    ],
)
def test_a_text_means_a_product_of_units(text: str, shown: str) -> None:
    assert shown == str(unit_of(text, UNITS))


@pytest.mark.parametrize("text", ["", "mony", "money/", "money//deal", "Money", "money per deal"])
def test_a_text_with_an_unknown_part_is_refused(text: str) -> None:
    with pytest.raises(UnitError) as caught:
        unit_of(text, UNITS)

    assert "no unit" in str(caught.value)
    assert "没有单位" in caught.value.zh


# -- formulas
@pytest.mark.parametrize(
    ("formula", "unit"),
    [
        ("amount / deals", "money/deal"),
        ("deals / leads", "deal/lead"),
        ("deals / (deals + deals)", "ratio"),
        ("amount * share", "money"),
        ("amount * 100 / deals", "money/deal"),
        ("sqrt(amount ** 2)", "money"),
        ("sqrt(sum((amount - amount) ** 2) / 2)", "money"),
        ("abs(-amount)", "money"),
        ("days ** 3", "day**3"),
        ("1 - share", "ratio"),
        ("share ** 2 / deals", "1/deal"),
        ("hours * 24", "1/24 day"),
    ],
)
def test_a_formula_comes_to_a_unit(formula: str, unit: str) -> None:
    assert unit == str(formula_unit(formula, NAMES.__getitem__))


@pytest.mark.parametrize(
    "formula",
    ["deals + leads", "amount - deals", "1 - amount", "days + hours", "amount / deals + amount"],
)
def test_unlike_units_are_not_added(formula: str) -> None:
    with pytest.raises(UnitError) as caught:
        formula_unit(formula, NAMES.__getitem__)

    assert "cannot be added" in str(caught.value)
    assert "不能相加减" in caught.value.zh


def test_a_root_of_a_derived_unit_is_refused() -> None:
    with pytest.raises(UnitError) as caught:
        formula_unit("sqrt(hours)", NAMES.__getitem__)

    assert "a root of a derived unit" == str(caught.value)


def test_what_is_no_formula_is_told_as_such() -> None:
    with pytest.raises(FormulaError):
        formula_unit("amount +", NAMES.__getitem__)


def test_every_unit_of_the_data_can_be_read(root: Path) -> None:
    rows = read_rows(root / "data", "units")
    found = read_units({row["id"]: row["definition"] for row in rows})

    assert len(found) > 20
    for table in ("metrics", "measures"):
        for row in read_rows(root / "data", table):
            assert str(unit_of(row["unit"], found)), row["id"]
