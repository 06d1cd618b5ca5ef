"""Owns the shape of a group of a query: its triple patterns, its filters and its other parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.sparql.tokens import FORMS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kg.sparql.tokens import Token

__all__ = ["Group", "Part", "Pattern", "find_where", "pair_brackets", "read_group", "variables"]

_CLOSED_BY = {"(": ")", "{": "}", "[": "]"}
# What stands before the bracket that the part ends with.
_OPENED_BY = {
    "BIND": "(",
    "FILTER": "({",
    "GRAPH": "{",
    "LATERAL": "{",
    "MINUS": "{",
    "OPTIONAL": "{",
    "VALUES": "{",
}
_TERMS = frozenset(("iri", "name", "number", "text", "var"))


@dataclass(frozen=True, slots=True)
class Pattern:
    """A triple pattern with one step of a path; a subject or object that is a term is None.

    A blank node is a variable that no other group can name; so is a place inside a path.
    """

    subject: str | None
    path: tuple[Token, ...]
    object: str | None

    @property
    def variables(self) -> frozenset[str]:
        """Return the names of what the pattern binds."""
        verb = self.path[0].text[1:] if self.path[0].kind == "var" else None
        return frozenset(name for name in (self.subject, verb, self.object) if name is not None)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a group: its keyword, "{" for a group, "." between parts, or "" for triples."""

    word: str
    start: int
    end: int  # the place after it
    patterns: tuple[Pattern, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """A group from its opening bracket to its closing one, part by part."""

    start: int
    end: int  # the place of the closing bracket
    parts: tuple[Part, ...]

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """Return the triple patterns at its own level."""
        return tuple(pattern for part in self.parts for pattern in part.patterns)

    @property
    def bound(self) -> frozenset[str]:
        """Return the variables that have a value in every solution: those of its own patterns."""
        return frozenset().union(*(pattern.variables for pattern in self.patterns))


def variables(tokens: Iterable[Token]) -> frozenset[str]:
    """Return the names of the variables among the tokens, without their sign."""
    return frozenset(token.text[1:] for token in tokens if token.kind == "var")


def pair_brackets(tokens: Sequence[Token]) -> dict[int, int]:
    """Return the place of the closing bracket of each opening one."""
    pairs: dict[int, int] = {}
    opened: list[int] = []
    for at, token in enumerate(tokens):
        if token.kind != "mark":
            continue
        if token.text in _CLOSED_BY:
            opened.append(at)
        elif opened and token.text == _CLOSED_BY[tokens[opened[-1]].text]:
            pairs[opened.pop()] = at
    return pairs


def find_where(tokens: Sequence[Token], pairs: Mapping[int, int], start: int) -> int | None:
    """Return where the group opens that the query or subquery from `start` on matches."""
    at = next((i for i in range(start, len(tokens)) if tokens[i].word in FORMS), len(tokens))
    template = at + 1 < len(tokens) and tokens[at].word == "CONSTRUCT"
    if template and tokens[at + 1].text != "{":
        return None  # the short form: its template is its group
    while at < len(tokens):
        if tokens[at].text == "{" and not template:
            return at
        template &= tokens[at].text != "{"
        at = pairs.get(at, at) + 1
    return None


def read_group(tokens: Sequence[Token], pairs: Mapping[int, int], start: int) -> Group | None:
    """Return the group that opens at `start`, or None where something in it is not known here."""
    if start not in pairs:
        return None
    end = pairs[start]
    parts: list[Part] = []
    at = start + 1
    while at < end:
        part = _read_part(tokens, pairs, at)
        if part is None or part.end > end:
            return None
        parts.append(part)
        at = part.end
    return Group(start, end, tuple(parts))


def _read_part(tokens: Sequence[Token], pairs: Mapping[int, int], at: int) -> Part | None:
    token = tokens[at]
    if token.text == "{":
        return Part("{", at, pairs[at] + 1)
    if token.text == "." or token.word == "UNION":
        return Part(".", at, at + 1)
    if token.word in _OPENED_BY:
        signs = _OPENED_BY[token.word]
        opening = next((i for i in range(at + 1, len(tokens)) if tokens[i].text in signs), at)
        return Part(token.word, at, pairs[opening] + 1) if opening in pairs else None
    return _read_triples(tokens, pairs, at)


def _read_triples(tokens: Sequence[Token], pairs: Mapping[int, int], at: int) -> Part | None:
    """Return the triples of one subject, or None where they are written in a way not known here."""
    patterns: list[Pattern] = []
    end = _end_of_term(tokens, at)
    while end is not None:
        steps, after = _read_path(tokens, pairs, end)
        if not steps:
            return None
        end = after
        while True:
            target = end
            end = _end_of_term(tokens, target)
            if end is None:
                return None
            patterns += _patterns(tokens[at], steps, tokens[target], target)
            if tokens[end].text != ",":
                break
            end += 1
        if tokens[end].text != ";":
            return Part("", at, end, tuple(patterns))
        while tokens[end].text == ";":
            end += 1
        if tokens[end].text in (".", "}"):
            return Part("", at, end, tuple(patterns))
    return None


def _end_of_term(tokens: Sequence[Token], at: int) -> int | None:
    """Return the place after a variable or term, or None where there is neither."""
    token = tokens[at]
    if token.kind not in _TERMS and token.word not in ("TRUE", "FALSE"):
        return None
    if token.kind == "text" and tokens[at + 1].kind == "lang":
        return at + 2
    if token.kind == "text" and tokens[at + 1].text == "^^":
        return at + 3 if tokens[at + 2].kind in ("iri", "name") else None
    return at + 1


def _read_path(
    tokens: Sequence[Token], pairs: Mapping[int, int], at: int
) -> tuple[list[tuple[Token, ...]], int]:
    """Return the steps of a path and the place after it; no steps where it is none."""
    if tokens[at].kind == "var":
        return [(tokens[at],)], at + 1
    steps: list[tuple[Token, ...]] = []
    start = begin = at
    choice = False
    while True:
        while tokens[at].text in ("^", "!"):
            at += 1
        if tokens[at].text == "(" and at in pairs:
            at = pairs[at] + 1
        elif tokens[at].kind in ("iri", "name") or tokens[at].text == "a":
            at += 1
        else:
            return [], at
        at += tokens[at].text in ("*", "+", "?")
        choice |= tokens[at].text == "|"
        if tokens[at].text not in ("/", "|"):
            steps.append(tuple(tokens[start:at]))
            return [tuple(tokens[begin:at])] if choice else steps, at
        steps.append(tuple(tokens[start:at]))
        at += 1
        start = at


def _patterns(
    subject: Token, steps: Sequence[tuple[Token, ...]], target: Token, at: int
) -> list[Pattern]:
    """Return a pattern a step; `^p` is read from its other side."""
    ends = [_name(subject), *(f"/{at}/{i}" for i in range(1, len(steps))), _name(target)]
    patterns: list[Pattern] = []
    for step, left, right in zip(steps, ends, ends[1:], strict=False):
        if step[0].text == "^" and len(step) == 2:  # noqa: PLR2004 - the sign and one name
            patterns.append(Pattern(right, step[1:], left))
        else:
            patterns.append(Pattern(left, step, right))
    return patterns


def _name(term: Token) -> str | None:
    if term.kind == "var":
        return term.text[1:]
    return term.text if term.text.startswith("_:") else None
