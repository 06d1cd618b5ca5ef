"""Owns the algebra of units: what a unit text means, and which unit a formula comes to.

A unit is a product of powers of base units ("money/deal") with a factor ("hour" is "day / 24").
Numbers are free of units. Sums and differences need the same unit; a ratio of unlike counts keeps
its unit, so that leads per visit never pass for a percentage. Currencies are no units: money is.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from kg.errors import BilingualError
from kg.formula import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["NONE", "Unit", "UnitError", "formula_unit", "read_units", "unit_of"]

_DERIVED = re.compile(r"(?P<base>[a-z][a-z0-9_-]*) *(?P<sign>[*/]) *(?P<number>[0-9]{1,9})")
_FREE = "ratio"  # the unit of a plain number


class UnitError(BilingualError):
    """Units that do not go together; the message and `zh` say which, `unit` whose definition."""

    def __init__(self, en: str, zh: str, unit: str = "") -> None:
        """Keep what is wrong in both languages, and the unit that is wrongly defined, if any."""
        super().__init__(en, zh)
        self.unit = unit


@dataclass(frozen=True, slots=True)
class Unit:
    """A factor and the powers of base units, sorted by name; no power is zero."""

    powers: tuple[tuple[str, Fraction], ...] = ()
    factor: Fraction = Fraction(1)

    def __mul__(self, other: Unit) -> Unit:
        """Return the product of two units."""
        powers = dict(self.powers)
        for name, power in other.powers:
            powers[name] = powers.get(name, Fraction(0)) + power
        kept = tuple(sorted((name, power) for name, power in powers.items() if power))
        return Unit(kept, self.factor * other.factor)

    def __pow__(self, exponent: Fraction) -> Unit:
        """Return a unit raised to a power; a root of a factor is taken only of 1."""
        powers = tuple((name, power * exponent) for name, power in self.powers if exponent)
        if exponent.denominator != 1:
            if self.factor != 1:
                raise UnitError("a root of a derived unit", "不能对导出单位开方")
            return Unit(powers)
        return Unit(powers, self.factor**exponent.numerator)

    def __str__(self) -> str:
        """Return the unit as people write it: "money/deal", "ratio" where nothing is left."""
        above = [_power(n, p) for n, p in self.powers if p > 0]
        below = [_power(n, -p) for n, p in self.powers if p < 0]
        text = "*".join(above) or ("1" if below else _FREE)
        scaled = text if self.factor == 1 else f"{self.factor} {text}"
        return "/".join([scaled, *below])


NONE = Unit()


def read_units(rows: Mapping[str, str]) -> dict[str, Unit]:
    """Return the units of a table: id -> "" for a base unit, or its definition ("day / 24").

    Raises UnitError for a definition of another shape, or by a unit that is not there.

    >>> units = read_units({"day": "", "hour": "day / 24", "ratio": ""})
    >>> units["hour"].factor
    Fraction(1, 24)
    """
    units = {
        name: NONE if name == _FREE else Unit(((name, Fraction(1)),))
        for name, definition in rows.items()
        if not definition
    }
    for name, definition in rows.items():
        if definition:
            match = _DERIVED.fullmatch(definition)
            if match is None or match["base"] not in units or not int(match["number"]):
                raise UnitError(f"'{definition}' is no unit", f"“{definition}”不是单位", name)
            number = Fraction(int(match["number"]))
            base = units[match["base"]]
            factor = number if match["sign"] == "*" else 1 / number
            units[name] = Unit(base.powers, base.factor * factor)
    return units


def unit_of(text: str, units: Mapping[str, Unit]) -> Unit:
    """Return what a unit text means, such as "money/deal"; raise UnitError for an unknown name.

    >>> print(unit_of("money/deal", read_units({"money": "", "deal": ""})))
    money/deal
    """
    out, sign = NONE, "*"
    for part in re.split(r"([*/])", text):
        name = part.strip()
        if name in ("*", "/"):
            sign = name
        elif name in units:
            out *= units[name] if sign == "*" else units[name] ** Fraction(-1)
        else:
            raise UnitError(f"no unit '{name}'", f"没有单位“{name}”")
    return out


def formula_unit(text: str, unit_of_name: Callable[[str], Unit]) -> Unit:
    """Return the unit that a formula comes to; raise UnitError where it adds unlike units.

    Raises FormulaError where the text is no formula.

    >>> units = read_units({"money": "", "deal": "", "lead": ""})
    >>> names = {"amount": units["money"], "deals": units["deal"], "leads": units["lead"]}
    >>> print(formula_unit("amount / deals", names.__getitem__))
    money/deal
    >>> formula_unit("deals + leads", names.__getitem__)
    Traceback (most recent call last):
        ...
    kg.units.UnitError: deals + leads: deal and lead cannot be added
    """
    return _unit(parse(text), unit_of_name)


def _unit(node: ast.expr, unit_of_name: Callable[[str], Unit]) -> Unit:
    match node:
        case ast.Name(id=name):
            out = unit_of_name(name)
        case ast.UnaryOp(operand=inner):
            out = _unit(inner, unit_of_name)
        case ast.Call(func=ast.Name(id=name), args=[inner]):
            out = _unit(inner, unit_of_name) ** Fraction(1, 2 if name == "sqrt" else 1)
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int() as power)):
            out = _unit(left, unit_of_name) ** Fraction(power)
        case ast.BinOp(left=left, op=sign, right=right):
            out = _joined(node, sign, _unit(left, unit_of_name), _unit(right, unit_of_name))
        case _:
            out = NONE  # a number
    return out


def _joined(node: ast.expr, sign: ast.operator, first: Unit, second: Unit) -> Unit:
    """Return the unit of two operands joined by a sign."""
    if isinstance(sign, ast.Mult):
        return first * second
    if isinstance(sign, ast.Div):
        return first * second ** Fraction(-1)
    if first != second:
        shown = ast.unparse(node)
        en = f"{shown}: {first} and {second} cannot be added"
        raise UnitError(en, f"{shown}:{first} 与 {second} 不能相加减")
    return first


def _power(name: str, power: Fraction) -> str:
    return name if power == 1 else f"{name}**{power}"
