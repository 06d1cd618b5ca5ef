"""Every base measure compiles, and comes to what was worked out by hand on small tables."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from kg import vocab as v
from kg.analysis.compilation import CompiledMeasure, compile_measure
from kg.errors import AnalysisError

if TYPE_CHECKING:
    from kg.model import Glossary, Measure

TYPES = {
    "string": "VARCHAR",
    "reference": "VARCHAR",
    "integer": "BIGINT",
    "decimal": "DECIMAL(18, 4)",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "datetime": "TIMESTAMP",
}
# Rows put into tables, and what measures then come to; worked out without the program.
CASES: dict[str, Any] = json.loads(
    (Path(__file__).parent / "crm_cases.json").read_text(encoding="utf-8")
)


def _database(glossary: Glossary) -> duckdb.DuckDBPyConnection:
    """Return a database with an empty table an object, as the fields describe it."""
    columns: dict[str, list[str]] = {}
    for crm_field in glossary.fields.values():
        owner, name = v.local_name(crm_field.iri).split(".")
        columns.setdefault(owner, []).append(f'"{name}" {TYPES[crm_field.type]}')
    database = duckdb.connect()
    for owner, found in columns.items():
        database.execute(f'CREATE TABLE "{owner}" ({", ".join(found)})')
    return database


def _put(database: duckdb.DuckDBPyConnection, table: str, row: dict[str, Any]) -> None:
    names = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join("?" * len(row))
    statement = f'INSERT INTO "{table}" ({names}) VALUES ({marks})'  # noqa: S608 - names of ours
    database.execute(statement, list(row.values()))


def _bound(compiled: CompiledMeasure, given: dict[str, Any]) -> dict[str, Any]:
    moments = {"start", "end", "at", "history_start"}
    return {
        name: dt.datetime.fromisoformat(given[name]) if name in moments else given[name]
        for name in compiled.parameters
    }


def _measure(glossary: Glossary, name: str) -> Measure:
    return glossary.measures[v.MEASURE + name]


def _values(
    database: duckdb.DuckDBPyConnection, compiled: CompiledMeasure, given: dict[str, Any]
) -> list[float | None]:
    rows = database.execute(compiled.sql, _bound(compiled, given)).fetchall()
    return [None if row[0] is None else float(row[0]) for row in rows]


@pytest.mark.parametrize("world", CASES)
def test_measures_come_to_what_was_worked_out_by_hand(glossary: Glossary, world: str) -> None:
    database, given = _database(glossary), CASES[world]["parameters"]
    wrong, done = [], set()
    for step in CASES[world]["steps"]:
        if "put" in step:
            _put(database, step["put"], step["row"])
            continue
        compiled = compile_measure(glossary, _measure(glossary, step["measure"]))
        found = _values(database, compiled, given | step.get("with", {}))
        expected = step["value"] if isinstance(step["value"], list) else [step["value"]]
        done.add(step["measure"])
        if not _same(found, expected):
            wrong.append((step["measure"], expected, found))

    assert [] == wrong
    assert len(done) > 100


def _same(found: list[float | None], expected: list[float | None]) -> bool:
    """Return whether two columns hold the same numbers, in any order."""

    def order(number: float | None) -> tuple[bool, float]:
        return number is None, number or 0.0

    pairs = zip(sorted(found, key=order), sorted(expected, key=order), strict=False)
    return len(found) == len(expected) and all(
        left == pytest.approx(right, abs=1e-6) if left is not None else right is None
        for left, right in pairs
    )


def test_every_measure_compiles_and_runs_on_empty_tables(glossary: Glossary) -> None:
    database = _database(glossary)
    given = {**CASES["leads and deals"]["parameters"], **CASES["orders and money"]["parameters"]}
    failed = []
    for measure in glossary.measures.values():
        if measure.aggregate == "constant":
            continue
        compiled = compile_measure(glossary, measure)
        try:
            database.execute(compiled.sql, _bound(compiled, given)).fetchall()
        except duckdb.Error as error:
            failed.append((measure.id, str(error)))

    assert [] == failed
    assert len(glossary.measures) > 250


def test_a_sum_over_nothing_is_zero_and_a_mean_unknown(glossary: Glossary) -> None:
    database, given = _database(glossary), CASES["orders and money"]["parameters"]
    total = compile_measure(glossary, _measure(glossary, "sales_amount_v"))

    assert [0.0] == _values(database, total, given)


def test_every_object_of_a_measure_is_a_quoted_table(glossary: Glossary) -> None:
    """Order and Case are words of SQL: unquoted they would break."""
    for measure in glossary.measures.values():
        if measure.aggregate != "constant":
            compiled = compile_measure(glossary, measure)

            assert all(f'"{name}"' in compiled.sql for name in compiled.objects)


def test_the_prior_period_is_as_long_as_the_period(glossary: Glossary) -> None:
    sql = compile_measure(glossary, _measure(glossary, "sales_amount_prior")).sql

    assert '"Order"."ordered_at" >= $start - ($end - $start)' in sql
    assert '"Order"."ordered_at" < $start' in sql


def test_a_constant_is_no_query(glossary: Glossary) -> None:
    with pytest.raises(AnalysisError) as caught:
        compile_measure(glossary, _measure(glossary, "months_per_year"))

    assert "measure-uncompiled" == caught.value.code
    assert "months_per_year" in caught.value.text("en")


def test_compiling_twice_gives_the_same_text(glossary: Glossary) -> None:
    first, second = (
        [
            compile_measure(glossary, measure).sql
            for measure in glossary.measures.values()
            if measure.aggregate != "constant"
        ]
        for _ in range(2)
    )

    assert first == second
