"""Owns the closed grammar of metric formulas: what they read, what they come to, how they are said.

Grammar: names, numbers, + - * /, ** 2 or 3, sum() mean() abs() sqrt() with one argument, brackets.
Python's precedence holds, so `ast.parse` and a whitelist of signs and nodes are a complete parser.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from typing import TYPE_CHECKING, cast

from kg.errors import BilingualError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = [
    "FUNCTIONS",
    "MAX_DEPTH",
    "MAX_LENGTH",
    "FormulaError",
    "Value",
    "evaluate",
    "formula_name",
    "formula_names",
    "formula_words",
    "parse",
]

Value = float | tuple[float | None, ...] | None  # a number, one a record, or unknown

AGGREGATES = frozenset({"sum", "mean"})
FUNCTIONS = AGGREGATES | {"abs", "sqrt"}
MAX_LENGTH = 400
MAX_DEPTH = 20
_SHOWN = 40
_POWERS = ("2", "3")
_SIGNS = re.compile(r"[A-Za-z0-9_.+*/() -]*", re.ASCII)
_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_GLUED = re.compile(r"(?<![A-Za-z0-9_])[0-9.]+[A-Za-z_]+", re.ASCII)
_MATHS: dict[str, Callable[..., float]] = {"abs": abs, "sqrt": math.sqrt}
_SUMS: dict[type[ast.operator], Callable[..., float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
# sign -> how it is written, and how strongly it binds
_MARKS = {ast.Add: ("+", 1), ast.Sub: ("-", 1), ast.Mult: ("×", 2), ast.Div: ("÷", 2)}
_TIGHT, _TIGHTEST = 3, 4  # of a minus sign, and of what is raised to a power
_CALLS = {
    "sum": ("合计", "sum"),
    "mean": ("平均值", "mean"),
    "abs": ("绝对值", "absolute value of "),
    "sqrt": ("平方根", "square root of "),
}
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?", re.ASCII)


class FormulaError(BilingualError):
    """The text is not a formula of the grammar; `zh` and the message say what is wrong with it."""


def formula_name(metric: str) -> str:
    """Return how a formula names a metric, by its id.

    >>> formula_name("win-rate")
    'win_rate'
    """
    return metric.replace("-", "_")


def formula_names(text: str) -> tuple[str, ...]:
    """Return the names a formula reads, in order of first use, each once; raise FormulaError.

    >>> formula_names("won_deals / (won_deals + lost_deals)")
    ('won_deals', 'lost_deals')
    """
    return tuple(dict.fromkeys(_names(parse(text))))


def parse(text: str) -> ast.expr:
    """Return the checked tree of a formula; raise FormulaError with what is wrong in its words.

    >>> ast.unparse(parse("( a+b ) / 2"))
    '(a + b) / 2'
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
    _check(tree, text.strip(), depth=0, aggregated=False)
    return tree


def evaluate(text: str, value_of: Callable[[str], Value]) -> Value:
    """Return what a formula comes to, `value_of` giving the value of each name it reads.

    A missing value, a division by zero, a root of a negative number and the mean of nothing are
    unknown (None), and what is computed from the unknown is unknown: never zero. Lists go element
    by element. Raises FormulaError where the text is no formula or lists differ in length.

    >>> evaluate("won / (won + lost)", {"won": 30, "lost": 90}.get)
    0.25
    >>> evaluate("mean(days)", {"days": (2, 4)}.get), evaluate("a / b", {"a": 1, "b": 0}.get)
    (3.0, None)
    """
    return _value(parse(text), value_of)


def formula_words(text: str, name_of: Callable[[str], str], lang: str) -> str:
    """Return a formula with the names that people use and the signs they write, in `lang`.

    >>> formula_words("won / (won + lost)", {"won": "赢单数", "lost": "输单数"}.get, "zh")
    '赢单数 ÷ (赢单数 + 输单数)'
    >>> formula_words("mean(days) * 100", {"days": "cycle days"}.get, "en")
    'mean(cycle days) × 100'
    """
    return _say(parse(text), name_of, lang)


def _names(node: ast.expr) -> Iterator[str]:
    """Yield the names of a checked tree, in order of use."""
    match node:
        case ast.Name(id=name):
            yield name
        case ast.UnaryOp(operand=inner) | ast.Call(args=[inner]):
            yield from _names(inner)
        case ast.BinOp(left=left, right=right):
            yield from _names(left)
            yield from _names(right)


def _value(node: ast.expr, value_of: Callable[[str], Value]) -> Value:
    match node:
        case ast.Name(id=name):
            return value_of(name)
        case ast.Constant(value=int() | float() as number):
            return number
        case ast.UnaryOp(operand=inner):
            return _each(operator.neg, _value(inner, value_of))
        case ast.Call(func=ast.Name(id=name), args=[inner]):
            found = _value(inner, value_of)
            return _total(name, found) if name in AGGREGATES else _each(_MATHS[name], found)
        case ast.BinOp(left=left, op=sign, right=right):
            parts = _value(left, value_of), _value(right, value_of)
            return _each(_SUMS[type(sign)], *parts)
    raise TypeError(node)


def _each(function: Callable[..., float], *values: Value) -> Value:
    """Apply a function to numbers, or element by element where one of them is a list."""
    sizes = {len(value) for value in values if isinstance(value, tuple)}
    if len(sizes) > 1:
        raise FormulaError("lists of different length", "列表长度不一致")
    if sizes:
        size = sizes.pop()
        columns = [value if isinstance(value, tuple) else (value,) * size for value in values]
        rows = zip(*columns, strict=True)
        return tuple(cast("float | None", _each(function, *row)) for row in rows)
    if None in values:
        return None
    try:
        result = function(*values)
    except (ArithmeticError, ValueError):
        return None
    return result if math.isfinite(result) else None


def _total(name: str, value: Value) -> Value:
    values: Sequence[float | None] = value if isinstance(value, tuple) else (value,)
    known = [number for number in values if number is not None]
    if len(known) < len(values):
        return None
    if name == "sum":
        return math.fsum(known)
    return math.fsum(known) / len(known) if known else None


def _say(node: ast.expr, name_of: Callable[[str], str], lang: str, above: int = 0) -> str:
    """Return the words of a tree, in brackets where it binds weaker than what stands around it."""
    match node:
        case ast.Name(id=name):
            return name_of(name)
        case ast.Constant(value=number):
            return str(number)
        case ast.UnaryOp(operand=inner):
            text = f"-{_say(inner, name_of, lang, _TIGHT)}"
            return f"({text})" if above >= _TIGHT else text
        case ast.Call(func=ast.Name(id=name), args=[inner]):
            return f"{_CALLS[name][lang != 'zh']}({_say(inner, name_of, lang)})"
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            text = f"{_say(left, name_of, lang, _TIGHTEST)}{'²³'[ast.unparse(right) == '3']}"
            return f"({text})" if above >= _TIGHTEST else text
        case ast.BinOp(left=left, op=sign, right=right):
            mark, strength = _MARKS[type(sign)]
            sides = _say(left, name_of, lang, strength), _say(right, name_of, lang, strength + 1)
            text = f"{sides[0]} {mark} {sides[1]}"
            return f"({text})" if strength < above else text
    raise TypeError(node)


def _check(node: ast.expr, text: str, *, depth: int, aggregated: bool) -> None:
    """Raise FormulaError where a tree holds what the grammar does not allow."""
    if depth > MAX_DEPTH:
        raise FormulaError(f"nested deeper than {MAX_DEPTH}", f"嵌套超过 {MAX_DEPTH} 层")
    source = _source(node, text)
    inside = aggregated
    match node:
        case ast.Name(id=name) if _NAME.fullmatch(name):
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
        _check(part, text, depth=depth + 1, aggregated=inside)


def _refused(part: str) -> FormulaError:
    shown = part if len(part) <= _SHOWN else part[:_SHOWN] + "…"
    shown = shown if shown.isprintable() else f"U+{ord(part[0]):04X}"
    return FormulaError(f"'{shown}' is not allowed", f"不允许使用“{shown}”")


def _source(node: ast.expr, text: str) -> str:
    return text[node.col_offset : node.end_col_offset]
