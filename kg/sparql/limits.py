"""Owns how much one query may take: time, memory, rows and bytes; a request can only lower them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from kg.sparql.tokens import Token

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Limits", "Slice"]

_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What a query may take: `seconds`, `memory` and `size` (bytes, of the result), `rows`.

    >>> Limits().lowered(seconds=2, rows=10**9)
    Limits(seconds=2, memory=2147483648, rows=100000, size=67108864)
    """

    seconds: float = 10
    memory: int = 2048 * _MIB  # of the whole process, address space included
    rows: int = 100_000
    size: int = 64 * _MIB

    def lowered(self, **asked: float | None) -> Limits:
        """Return the limits with what was asked for, wherever that is less and above zero."""
        kept = {field.name: getattr(self, field.name) for field in fields(self)}
        for name, value in asked.items():
            if value is not None and 0 < value < kept[name]:
                kept[name] = value
        return Limits(**kept)


@dataclass(frozen=True, slots=True)
class Slice:
    """The rows that a SELECT asks for, and its tokens without the words that say so.

    `limit` is None where it asks for all; `at` is where LIMIT and OFFSET belong.
    """

    limit: int | None
    offset: int
    tokens: tuple[Token, ...]
    at: int

    @classmethod
    def read(cls, tokens: Sequence[Token]) -> Slice:
        """Return the slice of a SELECT; what is malformed is left for the engine to say.

        >>> from kg.sparql.tokens import read_tokens
        >>> found = Slice.read(tuple(read_tokens("SELECT * { } LIMIT 9 OFFSET 2 VALUES ?x { 1 }")))
        >>> found.limit, found.offset
        (9, 2)
        """
        numbers = {"LIMIT": None, "OFFSET": 0}
        kept: list[Token] = []
        depth, end, skip = 0, None, False
        for at, token in enumerate(tokens):
            if skip:
                skip = False
                continue
            if token.kind == "mark":
                depth += (token.text in ("{", "(")) - (token.text in ("}", ")"))
            value = tokens[at + 1].text if at + 1 < len(tokens) else ""
            if depth == 0 and token.word in numbers and value.isdecimal():
                numbers[token.word] = int(value)
                skip = True
                continue
            if depth == 0 and token.word == "VALUES":
                end = len(kept)
            kept.append(token)
        at = len(kept) if end is None else end
        return cls(numbers["LIMIT"], numbers["OFFSET"] or 0, tuple(kept), at)

    def render(self, limit: int, *, after: int = 0) -> tuple[Token, ...]:
        """Return the tokens of the query for `limit` rows at most, without the first `after`.

        >>> from kg.sparql.tokens import read_tokens, render
        >>> found = Slice.read(tuple(read_tokens("SELECT * { } OFFSET 2 VALUES ?x { 1 }")))
        >>> render(found.render(5, after=3))
        ' SELECT * { } LIMIT 5 OFFSET 5 VALUES ?x { 1 }'
        """
        place = self.tokens[self.at - 1].at
        words = (
            ("word", "LIMIT"),
            ("number", str(limit)),
            ("word", "OFFSET"),
            ("number", str(self.offset + after)),
        )
        added = (Token(kind, text, place, glued=False) for kind, text in words)
        return (*self.tokens[: self.at], *added, *self.tokens[self.at :])
