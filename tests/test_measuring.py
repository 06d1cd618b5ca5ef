"""Units of formulas, parts of measures, joins and variants, on the rows of the shipped tables."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from kg.formula import FormulaError, Value, evaluate, formula_name, formula_names
from kg.sources.grammar import TABLES
from kg.sources.measuring import _check_unit, check_measuring
from kg.sources.rows import Row
from kg.sources.tables import read_rows
from kg.units import Unit, read_units, unit_of

if TYPE_CHECKING:
    from pathlib import Path

    from kg.model import Finding

Rows = dict[str, list[Row]]


@pytest.fixture(scope="module")
def rows(root: Path) -> Rows:
    """Return the rows of every table."""
    return {name: read_rows(root / "data", name) for name in TABLES}


@pytest.fixture(scope="module")
def declared(rows: Rows) -> dict[str, Unit]:
    """Return the unit of every name that a formula may read."""
    units = read_units({row["id"]: row["definition"] for row in rows["units"]})
    return {
        row["id"].replace("-", "_"): unit_of(row["unit"], units)
        for table in ("metrics", "measures")
        for row in rows[table]
    }


def test_the_shipped_tables_measure_soundly(rows: Rows) -> None:
    assert [] == list(check_measuring(rows))


def test_a_wrong_unit_of_any_metric_is_found(rows: Rows, declared: dict[str, Unit]) -> None:
    """Whatever the metric: declared in another unit, its formula does not come to it."""
    units = read_units({row["id"]: row["definition"] for row in rows["units"]})
    odd = units["day"] * units["day"]
    assert len(rows["metrics"]) >= 213
    for row in rows["metrics"]:
        name = formula_name(row["id"])
        right = list(_check_unit(row, declared[name], declared))
        wrong = list(_check_unit(row, declared[name] * odd, declared))

        assert [] == right, row["id"]
        assert ["formula-unit"] == [finding.rule for finding in wrong], row["id"]
        assert row["id"] in wrong[0].message("zh")


def test_a_wrong_unit_of_any_measure_is_found(rows: Rows, declared: dict[str, Unit]) -> None:
    """A formula that reads it comes to another unit, unless it divides the measure by itself."""
    units = read_units({row["id"]: row["definition"] for row in rows["units"]})
    found = 0
    for row in rows["measures"]:
        changed = {**declared, row["id"]: declared[row["id"]] * units["day"]}
        readers = [m for m in rows["metrics"] if row["id"] in formula_names(m["formula"])]
        findings = [
            finding
            for metric in readers
            for finding in _check_unit(metric, declared[formula_name(metric["id"])], changed)
        ]
        found += bool(findings)
    assert found >= 0.9 * len(rows["measures"])


def _measure(**cells: str) -> Row:
    """Return a sound measure of won deals, with some cells changed."""
    sound = {
        "id": "won",
        "unit": "deal",
        "shape": "scalar",
        "fields": "Deal.is_won | Deal.closed_at",
        "object": "Deal",
        "aggregate": "count",
        "filter": "Deal.is_won",
        "time": "Deal.closed_at",
        "basis": "period",
    }
    return Row("data/measures.csv", 2, {**sound, **cells})


FIELDS = [
    Row(
        "data/fields.csv",
        n,
        {"id": name, "object": name.split(".")[0], "refers": refers, "type": kind},
    )
    for n, (name, kind, refers) in enumerate(
        [
            ("Deal.is_won", "boolean", ""),
            ("Deal.closed_at", "date", ""),
            ("Deal.account_id", "reference", "Account"),
            ("Account.segment", "string", ""),
            ("Account.owner_id", "reference", "User"),
            ("User.team", "string", ""),
        ],
        2,
    )
]


def _found(*measures: Row, **tables: list[Row]) -> list[tuple[str, str | None]]:
    """Return (rule, column) of what is wrong with some measures."""
    every: Rows = {name: [] for name in TABLES}
    every |= {"measures": list(measures), "fields": FIELDS, **tables}
    every["units"] = [Row("data/units.csv", 2, {"id": "deal"})]
    objects = enumerate(("Deal", "Account", "User"), 2)
    every["objects"] = [Row("data/objects.csv", n, {"id": name}) for n, name in objects]
    findings: list[Finding] = list(check_measuring(every))
    return [(f.rule, f.place.column if f.place else None) for f in findings]


def test_a_sound_measure_has_no_fault() -> None:
    assert [] == _found(_measure())


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        ({"filter": "Deal.is_won AND"}, [("measure-expression", "filter")]),
        ({"filter": "Deal.is_won = $odd"}, [("measure-parameter", "filter")]),
        ({"filter": "Deel.is_won"}, [("measure-object", "filter")]),
        ({"filter": "EXISTS (SELECT 1 FROM Deel)"}, [("measure-object", "filter")]),
        ({"fields": "Deal.closed_at"}, [("measure-fields", "fields")]),
        ({"time": ""}, [("measure-fields-idle", "fields"), ("measure-shape-parts", "time")]),
        ({"basis": "snapshot", "time": "", "fields": "Deal.is_won"}, []),
        ({"aggregate": "sum"}, [("measure-shape-parts", "column")]),
        ({"aggregate": "count-distinct"}, [("measure-shape-parts", "distinct")]),
        ({"shape": "list"}, [("measure-list", "aggregate")]),
        ({"object": ""}, [("measure-join", "via"), ("measure-shape-parts", "object")]),
        (
            {"aggregate": "constant", "filter": "", "time": "", "fields": ""},
            [("measure-shape-parts", "constant")],
        ),
        (
            {"aggregate": "constant", "constant": "1", "filter": "", "time": "", "fields": ""},
            [],
        ),
    ],
)
def test_what_a_measure_lacks_is_told_in_its_column(
    cells: dict[str, str], found: list[tuple[str, str]]
) -> None:
    assert found == _found(_measure(**cells))


ACCOUNT = "Deal.is_won AND Account.segment = 'KA'"
TEAM = "Deal.is_won AND User.team = 'north'"


@pytest.mark.parametrize(
    ("filter_", "via", "extra", "found"),
    [
        (ACCOUNT, "Deal.account_id", "Account.segment", []),
        (ACCOUNT, "", "Account.segment", [("measure-join", "via")]),
        (TEAM, "Deal.account_id | Account.owner_id", "User.team", []),
        (TEAM, "Account.owner_id | Deal.account_id", "User.team", [("measure-join", "via")]),
        (TEAM, "Deal.account_id", "User.team", [("measure-join", "via")]),
        ("Deal.is_won", "Deal.closed_at", "Deal.is_won", [("measure-join", "via")]),
        (
            "Deal.is_won AND EXISTS (SELECT 1 FROM Account WHERE Account.segment = 'KA')",
            "",
            "Account.segment",
            [],
        ),
    ],
)
def test_every_object_named_is_reached_step_by_step(
    filter_: str, via: str, extra: str, found: list[tuple[str, str]]
) -> None:
    """Subqueries read their own object; the order of references counts."""
    names = {"Deal.is_won", "Deal.closed_at", extra, *filter(None, via.split(" | "))}
    fields = " | ".join(sorted(names))

    assert found == _found(_measure(filter=filter_, via=via, fields=fields))


def test_a_parameter_that_is_declared_or_built_in_is_fine() -> None:
    declared = [Row("data/parameters.csv", 2, {"id": "limit"})]
    measure = _measure(filter="Deal.is_won AND Deal.closed_at < $at AND Deal.closed_at > $limit")

    assert [] == _found(measure, parameters=declared)
    assert [("measure-parameter", "filter")] == _found(measure)


@pytest.mark.domain
def test_the_golden_metrics_come_out(domain: Path, rows: Rows) -> None:
    """Twenty metrics with inputs and result, computed through the formulas of the tables."""
    path = domain / "golden_metrics.json"
    given = json.loads(path.read_text(encoding="utf-8"))
    formulas = {row["id"].replace("-", "_"): row["formula"] for row in rows["metrics"]}
    constants = {row["id"]: float(row["constant"]) for row in rows["measures"] if row["constant"]}

    assert len(given["tests"]) >= 20
    for case in given["tests"]:
        inputs = {name: _value(value) for name, value in case["inputs"].items()}

        def value_of(name: str, known: dict[str, Value] = inputs) -> Value:
            """Return an input, a constant, or what another metric comes to."""
            if name in known:
                return known[name]
            return constants[name] if name in constants else evaluate(formulas[name], value_of)

        result = evaluate(formulas[case["metric"].replace("-", "_")], value_of)

        assert case["expected"] == pytest.approx(result, rel=given["meta"]["tolerance"])


def _value(value: float | list[float]) -> Value:
    return tuple(value) if isinstance(value, list) else float(value)


def test_a_formula_that_is_none_is_left_to_the_checks_of_formulas(
    declared: dict[str, Unit],
) -> None:
    """One fault, one finding."""
    row = Row("data/metrics.csv", 2, {"id": "odd", "formula": "won_deals +", "unit": "deal"})
    with pytest.raises(FormulaError):
        formula_names(row["formula"])

    assert [] == list(_check_unit(row, declared["won_deals"], declared))
