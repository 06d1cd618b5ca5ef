"""Owns the SQL expressions that a base measure is made of: which fields and parameters they name.

An expression is the part of a SELECT that says what is taken or which rows count. It is parsed by
sqlglot (DuckDB's dialect) and may hold only what the lists below name: it reads, and reads no file,
no function that reaches outside, and of tables only those that the caller knows as CRM objects.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from kg.errors import BilingualError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlglot import exp

__all__ = ["BUILT_IN", "MAX_LENGTH", "Expression", "ExpressionError", "read_expression"]

MAX_LENGTH = 2_000
BUILT_IN = frozenset({"start", "end", "at"})  # the parameters that the reporting period gives
# Classes of the syntax tree that may stand in an expression.
_ALLOWED = frozenset(
    {
        "Abs",
        "Add",
        "Alias",
        "And",
        "Avg",
        "Between",
        "Boolean",
        "Case",
        "Cast",
        "Ceil",
        "Coalesce",
        "Column",
        "Count",
        "DataType",
        "DateAdd",
        "DateDiff",
        "DateSub",
        "DateTrunc",
        "Distinct",
        "Div",
        "EQ",
        "Exists",
        "Extract",
        "Floor",
        "From",
        "GT",
        "GTE",
        "Greatest",
        "Group",
        "Having",
        "Identifier",
        "If",
        "In",
        "Interval",
        "Is",
        "Join",
        "LT",
        "LTE",
        "Least",
        "Limit",
        "Literal",
        "Lower",
        "Max",
        "Min",
        "Mod",
        "Mul",
        "NEQ",
        "Neg",
        "Not",
        "Null",
        "Nullif",
        "Or",
        "Order",
        "Ordered",
        "Paren",
        "Placeholder",
        "Round",
        "Select",
        "Star",
        "Sub",
        "Subquery",
        "Sum",
        "Table",
        "TableAlias",
        "TimeToUnix",
        "TimestampTrunc",
        "Tuple",
        "Upper",
        "Var",
        "Where",
    }
)


class ExpressionError(BilingualError):
    """The text is no expression that a measure may hold; the message and `zh` say why."""


@dataclass(frozen=True, slots=True)
class Expression:
    """What an expression names: fields ("Opportunity.amount") and parameters, each once, sorted.

    `objects` are all that it names or reads, `outer` those that no subquery around the name reads.
    Whether there is such an object, field or parameter is for the caller to check.
    """

    fields: tuple[str, ...]
    parameters: tuple[str, ...]
    objects: tuple[str, ...]
    outer: tuple[str, ...]


@lru_cache(maxsize=2048)
def read_expression(text: str) -> Expression:
    """Return what an SQL expression names; raise ExpressionError where it may not be used.

    >>> found = read_expression("Opportunity.is_won AND Opportunity.closed_at < $at")
    >>> found.fields, found.parameters
    (('Opportunity.closed_at', 'Opportunity.is_won'), ('at',))
    >>> read_expression("read_csv('x')")
    Traceback (most recent call last):
        ...
    kg.expressions.ExpressionError: 'READ_CSV('x')' is not allowed
    """
    import sqlglot
    from sqlglot import exp

    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"longer than {MAX_LENGTH} characters", f"超过 {MAX_LENGTH} 个字符")
    try:
        tree = sqlglot.parse_one(text, dialect="duckdb")
    except (sqlglot.errors.SqlglotError, RecursionError) as error:
        told = error.errors if isinstance(error, sqlglot.errors.ParseError) else []
        where = told[0] if told else {}
        at = f" (column {where['col']})" if where.get("col") else ""
        at_zh = f"(第 {where['col']} 个字符)" if where.get("col") else ""
        raise ExpressionError(f"is not valid SQL{at}", f"不是有效的 SQL{at_zh}") from error
    for node in tree.walk():
        if type(node).__name__ not in _ALLOWED:
            shown = node.sql("duckdb")[:40]
            raise ExpressionError(f"'{shown}' is not allowed", f"不允许使用“{shown}”")
    for table in tree.find_all(exp.Table):
        if table.db or table.catalog:
            shown = table.sql("duckdb")[:40]
            raise ExpressionError(f"'{shown}' is not allowed", f"不允许使用“{shown}”")
    columns = list(_columns(tree))
    outer = {column.table for column in columns if _read_around(column) is None}
    tables = {table.name for table in tree.find_all(exp.Table)}
    return Expression(
        fields=tuple(sorted({f"{_read_around(c) or c.table}.{c.name}" for c in columns})),
        parameters=tuple(sorted({node.name for node in tree.find_all(exp.Placeholder)})),
        objects=tuple(sorted(tables | outer)),
        outer=tuple(sorted(outer)),
    )


def _read_around(column: exp.Column) -> str | None:
    """Return the table that the nearest subquery around a column reads by the column's prefix."""
    from sqlglot import exp

    select = column.find_ancestor(exp.Select)
    while select is not None:
        for table in select.find_all(exp.Table):
            if table.alias_or_name == column.table and table.find_ancestor(exp.Select) is select:
                return table.name
        select = select.find_ancestor(exp.Select)
    return None


def _columns(tree: exp.Expr) -> Iterator[exp.Column]:
    """Yield each column, which has to be written with its object."""
    from sqlglot import exp

    for column in tree.find_all(exp.Column):
        if isinstance(column.this, exp.Star):
            continue
        if not column.table or column.db:
            raise ExpressionError(
                f"write '{column.sql('duckdb')}' as Object.field",
                f"请把“{column.sql('duckdb')}”写成 对象.字段",
            )
        yield column
