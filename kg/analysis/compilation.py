"""Owns compiling base measures to SQL: a row of data in, one SELECT out; nothing is run.

The parts of a measure are SQL already; they are put together on sqlglot's syntax tree, so that
identifiers are quoted and nothing is pasted as text. The result is DuckDB's dialect.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg import vocab as v
from kg.errors import AnalysisError
from kg.expressions import read_expression

if TYPE_CHECKING:
    from sqlglot import exp

    from kg.model import Glossary, Measure

__all__ = ["CompiledMeasure", "compile_measure"]

# Where the moment `$at` stands for a measure that is not taken at the moment of reporting.
_MOMENTS = {"start": "start", "end": "end"}
_WINDOWS = {
    "period": "{t} >= $start AND {t} < $end",
    "cohort": "{t} >= $start AND {t} < $end",
    "to-date": "{t} >= $start AND {t} < $at",
    "prior-period": "{t} >= $start - ($end - $start) AND {t} < $start",
    "prior-year": "{t} >= $start - INTERVAL '1' YEAR AND {t} < $end - INTERVAL '1' YEAR",
}
_HEADS = {
    "count": "count(*)",
    "count-distinct": "count(DISTINCT {d})",
    "sum": "coalesce(sum({c}), 0)",
    "average": "avg({c})",
    "min": "min({c})",
    "max": "max({c})",
    "list": "{c}",
    "expression": "{c}",
}


@dataclass(frozen=True, slots=True)
class CompiledMeasure:
    """The SELECT of a measure, the parameters to bind, and the objects (tables) that it reads."""

    sql: str
    parameters: tuple[str, ...]
    objects: tuple[str, ...]


def compile_measure(glossary: Glossary, measure: Measure) -> CompiledMeasure:
    """Return the SELECT that computes a base measure over CRM tables named by object.

    One row with one value comes out, or one row a record for a measure of shape "list", in the
    order of the record's key. A sum over nothing is 0, a mean over nothing is unknown (NULL).
    Raises AnalysisError for a constant, which is no query, and for a measure that lacks its parts
    or reads what is no object of the glossary.
    """
    from sqlglot import exp

    if not measure.object or not measure.aggregate or measure.aggregate == "constant":
        raise AnalysisError("measure-uncompiled", measure=v.local_name(measure.iri))
    if measure.basis == "average":
        start, end = (_select(glossary, measure, moment) for moment in ("start", "end"))
        mean = exp.Div(
            this=exp.paren(exp.Add(this=start.subquery(), expression=end.subquery())),
            expression=exp.Literal.number("2.0"),
        )
        tree: exp.Expr = exp.select(mean)
    else:
        tree = _select(glossary, measure, _MOMENTS.get(measure.basis or "", "at"))
    objects = sorted({node.name for node in tree.find_all(exp.Table)})
    if not all(v.OBJECT + name in glossary.objects for name in objects):
        raise AnalysisError("measure-uncompiled", measure=v.local_name(measure.iri))
    return CompiledMeasure(
        sql=tree.sql("duckdb", identify=True),
        parameters=tuple(sorted({node.name for node in tree.find_all(exp.Placeholder)})),
        objects=tuple(objects),
    )


def _select(glossary: Glossary, measure: Measure, moment: str) -> exp.Select:
    """Return the SELECT with `$at` standing for the moment asked for."""
    from sqlglot import exp

    owner = v.local_name(measure.object or "")
    time = v.local_name(measure.time) if measure.time else ""
    head = _HEADS[measure.aggregate or ""].format(
        c=measure.column or "", d=v.local_name(measure.distinct) if measure.distinct else ""
    )
    select = exp.select(_parsed(head)).from_(exp.to_table(owner))
    for name in measure.via:
        target = glossary.fields[v.FIELD + name].refers or ""
        key = v.local_name(glossary.objects[target].key or "")
        on = _parsed(f"{name} = {key}")
        select = select.join(exp.to_table(v.local_name(target)), on=on, join_type="left")
    window = _WINDOWS.get(measure.basis or "", "").format(t=time)
    for part in filter(None, (measure.filter, window)):
        select = select.where(exp.paren(_parsed(part)))
    if measure.aggregate == "list":
        order = measure.per or v.local_name(glossary.objects[measure.object or ""].key or "")
        select = select.order_by(_parsed(order))
    for node in list(select.find_all(exp.Placeholder)):
        if node.name == "at" and moment != "at":
            node.replace(exp.Placeholder(this=moment))
    return select


def _parsed(text: str) -> exp.Expr:
    """Return a part of a measure as a tree, checked once more against what may stand there."""
    import sqlglot

    read_expression(text)
    return sqlglot.parse_one(text, dialect="duckdb")
