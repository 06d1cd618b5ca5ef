"""Owns the closed grammar of metric formulas: text in, checked names out; nothing is ever evaluated here.

Grammar: names, numbers, + - * /, ** 2 or 3, sum() mean() abs() sqrt() with one argument. Python's precedence holds, so
`ast.parse` and a whitelist are a complete parser.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator

__all__ = ["FUNCTIONS", "MAX_DEPTH", "MAX_LENGTH", "FormulaError", "formula_names"]

AGGREGATES = frozenset({"sum", "mean"})
FUNCTIONS = AGGREGATES | {"abs", "sqrt"}
MAX_LENGTH = 400
MAX_DEPTH = 20
_POWERS = (2, 3)


class FormulaError(ValueError):
    """The text is not a formula of the grammar; the message says what is wrong with it."""


def formula_names(text: str) -> tuple[str, ...]:
    """Return the names a formula reads, in order of first use, each once; raise FormulaError.

    >>> formula_names("won_deals / (won_deals + lost_deals)")
    ('won_deals', 'lost_deals')
    """
    if len(text) > MAX_LENGTH:
        message = f"longer than {MAX_LENGTH} characters"
        raise FormulaError(message)
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        message = f"not an expression ({getattr(error, 'msg', error)})"
        raise FormulaError(message) from error
    return tuple(dict.fromkeys(_names(tree, depth=0, aggregated=False)))


def _names(node: ast.expr, *, depth: int, aggregated: bool) -> Iterator[str]:
    if depth > MAX_DEPTH:
        message = f"nested deeper than {MAX_DEPTH}"
        raise FormulaError(message)
    match node:
        case ast.Name(id=name):
            yield name
        case ast.Constant(value=value) if type(value) in (int, float) and math.isfinite(value):
            return
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            yield from _names(operand, depth=depth + 1, aggregated=aggregated)
        case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div(), left=left, right=right):
            yield from _names(left, depth=depth + 1, aggregated=aggregated)
            yield from _names(right, depth=depth + 1, aggregated=aggregated)
        case ast.BinOp(op=ast.Pow(), left=left, right=ast.Constant(value=power)) if (
            type(power) is int and power in _POWERS
        ):
            yield from _names(left, depth=depth + 1, aggregated=aggregated)
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in FUNCTIONS:
            if name in AGGREGATES and aggregated:
                message = f"{name}() inside an aggregate"
                raise FormulaError(message)
            inside = aggregated or name in AGGREGATES
            yield from _names(argument, depth=depth + 1, aggregated=inside)
        case _:
            message = f"not allowed: {ast.unparse(node)}"
            raise FormulaError(message)
