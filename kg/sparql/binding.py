"""Owns giving values to the variables of a query: by its tokens, so that no value can break out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.errors import QueryError
from kg.sparql.tokens import CLAUSES, FORMS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kg.sparql.tokens import Token

__all__ = ["Value", "bind", "variables"]

Value = ox.NamedNode | ox.Literal

# What ends the list of variables or conditions after SELECT, GROUP BY and ORDER BY.
_ENDS = CLAUSES.union(FORMS, ("FROM", "WHERE", "GROUP", "ORDER", "LIMIT", "OFFSET"))


def variables(tokens: Sequence[Token]) -> frozenset[str]:
    """Return the names of all variables, without their sign."""
    return frozenset(token.text[1:] for token in tokens if token.kind == "var")


def bind(text: str, tokens: Sequence[Token], values: Mapping[str, Value]) -> str:
    """Return the text with each variable of `values` replaced by its value, in subqueries too.

    `tokens` are those of the text. Raises QueryError (query-parameter) for a name that is no
    variable of the query, or one that the query itself gives a value to, selects, groups or sorts
    by.
    """
    made = {tokens[at].text[1:] for at in _made(tokens)}
    for name in values:
        if name in made or name not in variables(tokens):
            raise QueryError("query-parameter", name=name)
    parts: list[str] = []
    end = 0
    for token in tokens:
        value = values.get(token.text[1:]) if token.kind == "var" else None
        if value is not None:
            # As the engine writes it: an IRI or a literal, each special sign of it escaped. The
            # blanks keep it apart from what the variable was glued to.
            parts += [text[end : token.at], " " if token.glued else "", str(value)]
            end = token.at + len(token.text)
            parts.append("" if text[end : end + 1].isspace() else " ")
    return "".join([*parts, text[end:]])


def _made(tokens: Sequence[Token]) -> Iterator[int]:
    """Yield the places of variables that no value may stand for."""
    for at, token in enumerate(tokens):
        before = tokens[at - 1].word if at else ""
        if token.kind == "var" and before == "AS":
            yield at
        elif token.word == "BOUND":
            yield at + 2  # after the bracket
        elif token.word == "VALUES":
            yield from _listed(tokens, at)
        elif token.word == "SELECT" or (token.word == "BY" and before in ("GROUP", "ORDER")):
            yield from _bare(tokens, at)


def _listed(tokens: Sequence[Token], at: int) -> Iterator[int]:
    """Yield the places of the variables between VALUES and its block."""
    for place in range(at + 1, len(tokens)):
        if tokens[place].text == "{":
            return
        if tokens[place].kind == "var":
            yield place


def _bare(tokens: Sequence[Token], at: int) -> Iterator[int]:
    """Yield the places of the variables that stand outside brackets, up to the next clause."""
    depth = 0
    for place in range(at + 1, len(tokens)):
        token = tokens[place]
        if depth == 0 and (token.word in _ENDS or token.text in ("{", "}")):
            return
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0 and token.kind == "var":
            yield place
