"""Owns the checks of what is measured: units, SQL parts of measures, joins, fields, variants."""

from __future__ import annotations

import ast
import contextlib
from typing import TYPE_CHECKING

from kg.expressions import BUILT_IN, Expression, ExpressionError, read_expression
from kg.formula import FormulaError, formula_name, parse
from kg.sources.faults import fault
from kg.units import Unit, UnitError, formula_unit, read_units, unit_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kg.model import Finding
    from kg.sources.rows import Row

__all__ = ["check_measuring"]

_SQL = ("column", "filter", "per")
_TIMELESS = ("snapshot", "start", "end", "average", "none")  # the filter says what counts when


def check_measuring(rows: Mapping[str, list[Row]]) -> Iterator[Finding]:
    """Yield the faults of formulas' units, measures, CRM fields and metric variants."""
    yield from _check_fields(rows)
    parameters = {row["id"] for row in rows["parameters"]} | BUILT_IN
    joins = {row["id"]: (row["object"], row["refers"]) for row in rows["fields"]}
    objects = {row["id"] for row in rows["objects"]}
    for row in rows["measures"]:
        yield from _check_measure(row, joins, parameters, objects)
    yield from _check_units(rows)
    yield from _check_variants(rows)


def _check_fields(rows: Mapping[str, list[Row]]) -> Iterator[Finding]:
    """Check that a field stands below its object, and that a reference says what it refers to."""
    for row in rows["fields"]:
        name, owner = row["id"], row["object"]
        if owner and name.partition(".")[0] != owner:
            yield fault("field-object", row.place("object"), id=name, value=owner)
        if (row["type"] == "reference") != bool(row["refers"]) and name.partition(".")[2] != "id":
            yield fault("field-reference", row.place("refers"), id=name, value=row["type"])
    own = {row["id"]: row["object"] for row in rows["fields"]}
    for row in rows["objects"]:
        if row["key"] in own and own[row["key"]] != row["id"]:
            yield fault("field-object", row.place("key"), id=row["key"], value=row["id"])


def _check_measure(
    row: Row, joins: Mapping[str, tuple[str, str]], parameters: set[str], objects: set[str]
) -> Iterator[Finding]:
    name = row["id"]
    found: list[Expression] = []
    for column in _SQL:
        if not row[column]:
            continue
        try:
            expression = read_expression(row[column])
        except ExpressionError as error:
            place = row.place(column)
            yield fault("measure-expression", place, id=name, value=error, value_zh=error.zh)
            return
        if unknown := sorted(set(expression.objects) - objects):
            yield fault("measure-object", row.place(column), id=name, value=unknown[0])
            return
        for parameter in sorted(set(expression.parameters) - parameters):
            yield fault("measure-parameter", row.place(column), id=name, value=f"${parameter}")
        found.append(expression)
    yield from _check_reading(row, found)
    yield from _check_joins(row, found, joins)
    yield from _check_shape(row)


def _check_shape(row: Row) -> Iterator[Finding]:
    """Check that a measure has the parts that its aggregate and basis need."""
    name = row["id"]
    if row["aggregate"] == "constant":
        if not row["constant"]:
            yield fault("measure-shape-parts", row.place("constant"), id=name, value="constant")
        return
    needed = {
        "object": True,
        "column": row["aggregate"] not in ("count", "count-distinct"),
        "distinct": row["aggregate"] == "count-distinct",
        "time": row["basis"] not in _TIMELESS,
    }
    for column, need in needed.items():
        if need and not row[column]:
            yield fault("measure-shape-parts", row.place(column), id=name, value=column)
    if (row["shape"] == "list") != (row["aggregate"] == "list"):
        yield fault("measure-list", row.place("aggregate"), id=name, value=row["shape"])


def _check_reading(row: Row, found: Iterable[Expression]) -> Iterator[Finding]:
    """Check that the list of fields is what the parts of a measure read, no more and no less."""
    read = {name for expression in found for name in expression.fields}
    read |= {row["time"], row["distinct"], *row.many("via")} - {""}
    listed = set(row.many("fields"))
    for name in sorted(read - listed):
        yield fault("measure-fields", row.place("fields"), id=row["id"], value=name)
    for name in sorted(listed - read):
        yield fault("measure-fields-idle", row.place("fields"), id=row["id"], value=name)


def _check_joins(
    row: Row, found: Iterable[Expression], joins: Mapping[str, tuple[str, str]]
) -> Iterator[Finding]:
    """Check that every object named outside of subqueries is reached over references."""
    reached = {row["object"]}
    for name in row.many("via"):
        owner, target = joins.get(name, ("", ""))
        if owner not in reached or not target:
            yield fault("measure-join", row.place("via"), id=row["id"], value=name)
        reached.add(target)
    named = {name for expression in found for name in expression.outer}
    named |= {part.partition(".")[0] for part in (row["time"], row["distinct"]) if part}
    for name in sorted(named - reached):
        yield fault("measure-join", row.place("via"), id=row["id"], value=name)


def _check_units(rows: Mapping[str, list[Row]]) -> Iterator[Finding]:
    """Check that each formula comes to the unit that is declared for it."""
    try:
        units = read_units({row["id"]: row["definition"] for row in rows["units"]})
    except UnitError as error:
        wrong = next(row for row in rows["units"] if row["id"] == error.unit)
        place = wrong.place("definition")
        yield fault("unit-definition", place, value=error, value_zh=error.zh)
        return
    declared: dict[str, Unit] = {}
    for table in ("metrics", "measures"):  # a base measure wins over a metric of the same name
        for row in rows[table]:
            with contextlib.suppress(UnitError):  # told by the checks of cells
                declared[formula_name(row["id"])] = unit_of(row["unit"], units)
    metrics = {row["id"]: row for row in rows["metrics"]}
    for row in (*rows["metrics"], *rows["variants"]):
        metric = metrics.get(row["metric"] or row["id"])
        if metric is None:
            continue
        with contextlib.suppress(UnitError):
            yield from _check_unit(row, unit_of(metric["unit"], units), declared)


def _check_unit(row: Row, expected: Unit, declared: Mapping[str, Unit]) -> Iterator[Finding]:
    try:
        got = formula_unit(row["formula"], declared.__getitem__)
    except UnitError as error:
        place = row.place("formula")
        yield fault("formula-unit", place, id=row["id"], value=error, value_zh=error.zh)
    except (KeyError, FormulaError):
        return  # told by the checks of formulas
    else:
        if got != expected:
            place = row.place("formula" if row["metric"] else "unit")
            en, zh = f"{got}, not {expected}", f"{got},而不是 {expected}"
            yield fault("formula-unit", place, id=row["id"], value=en, value_zh=zh)


def _check_variants(rows: Mapping[str, list[Row]]) -> Iterator[Finding]:
    """Check that the variants of a metric have one default, and that this is its formula."""
    formulas = {row["id"]: row["formula"] for row in rows["metrics"]}
    defaults: dict[str, list[Row]] = {row["metric"]: [] for row in rows["variants"]}
    first = {row["metric"]: row for row in reversed(rows["variants"])}
    for row in rows["variants"]:
        if row["default"]:
            defaults[row["metric"]].append(row)
            if not _same(row["formula"], formulas.get(row["metric"], "")):
                shown = formulas.get(row["metric"], "")
                yield fault("variant-formula", row.place("formula"), id=row["id"], value=shown)
    for metric, found in defaults.items():
        if len(found) != 1:
            place = found[1].place("default") if found else first[metric].place("default")
            yield fault("variant-default", place, id=metric, value=len(found))


def _same(left: str, right: str) -> bool:
    """Return whether two formulas are the same but for blanks and needless brackets."""
    try:
        return ast.dump(parse(left)) == ast.dump(parse(right))
    except FormulaError:
        return True  # told by the checks of formulas
