"""Owns the closed grammar of metric formulas: text in, checked names out; nothing is evaluated.

Grammar: names, numbers, + - * /, ** 2 or 3, sum() mean() abs() sqrt() with one argument, brackets.
Python's precedence holds, so `ast.parse` and a whitelist of signs and nodes are a complete parser.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["FUNCTIONS", "MAX_DEPTH", "MAX_LENGTH", "FormulaError", "formula_names"]

AGGREGATES = frozenset({"sum", "mean"})
FUNCTIONS = AGGREGATES | {"abs", "sqrt"}
MAX_LENGTH = 400
MAX_DEPTH = 20
_SHOWN = 40
_POWERS = ("2", "3")
_SIGNS = re.compile(r"[A-Za-z0-9_.+*/() -]*", re.ASCII)
_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_GLUED = re.compile(r"(?<![A-Za-z0-9_])[0-9.]+[A-Za-z_]+", re.ASCII)
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?", re.ASCII)


class FormulaError(ValueError):
    """The text is not a formula of the grammar; `zh` and the message say what is wrong with it."""

    def __init__(self, en: str, zh: str) -> None:
        """Keep what is wrong in both languages."""
        super().__init__(en)
        self.zh = zh


def formula_names(text: str) -> tuple[str, ...]:
    """Return the names a formula reads, in order of first use, each once; raise FormulaError.

    >>> formula_names("won_deals / (won_deals + lost_deals)")
    ('won_deals', 'lost_deals')
    """
    if len(text) > MAX_LENGTH:
        raise FormulaError(f"longer than {MAX_LENGTH} characters", f"超过 {MAX_LENGTH} 个字符")
    end = _SIGNS.match(text)
    if end and end.end() < len(text):
        raise _refused(text[end.end()])
    if glued := _GLUED.search(text):  # Python reads "1if" as two words, and warns
        raise _refused(glued[0])
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise FormulaError(
            "a sign or a bracket is missing or too many", "缺少或多出符号、括号"
        ) from error
    return tuple(dict.fromkeys(_names(tree, text.strip(), depth=0, aggregated=False)))


def _names(node: ast.expr, text: str, *, depth: int, aggregated: bool) -> Iterator[str]:
    if depth > MAX_DEPTH:
        raise FormulaError(f"nested deeper than {MAX_DEPTH}", f"嵌套超过 {MAX_DEPTH} 层")
    source = _source(node, text)
    inside = aggregated
    match node:
        case ast.Name(id=name) if _NAME.fullmatch(name):
            yield name
            return
        case ast.Constant() if _NUMBER.fullmatch(source):
            return
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            parts = [operand]
        case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div(), left=left, right=right):
            parts = [left, right]
        case ast.BinOp(op=ast.Pow(), left=left, right=right) if _source(right, text) in _POWERS:
            parts = [left]
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in FUNCTIONS:
            if name in AGGREGATES and aggregated:
                raise FormulaError(f"{name}() inside sum() or mean()", f"{name}() 不能放在聚合内")
            inside = aggregated or name in AGGREGATES
            parts = [argument]
        case _:
            raise _refused(source)
    for part in parts:
        yield from _names(part, text, depth=depth + 1, aggregated=inside)


def _refused(part: str) -> FormulaError:
    shown = part if len(part) <= _SHOWN else part[:_SHOWN] + "…"
    shown = shown if shown.isprintable() else f"U+{ord(part[0]):04X}"
    return FormulaError(f"'{shown}' is not allowed", f"不允许使用“{shown}”")


def _source(node: ast.expr, text: str) -> str:
    return text[node.col_offset : node.end_col_offset]
