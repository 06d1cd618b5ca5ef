"""Owns what a query may be: its form, how deep and long, and what it may not do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, cast

from kg.errors import QueryError
from kg.sparql.faults import words_for
from kg.sparql.tokens import CLAUSES, FORMS, KEYWORDS, REFUSED, UPDATES, place, syntax_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kg.sparql.tokens import Token

__all__ = ["MAX_DEPTH", "MAX_OPERATORS", "MAX_PATTERNS", "MAX_SIZE", "Form", "check"]

Form = Literal["SELECT", "ASK", "CONSTRUCT", "DESCRIBE", "UPDATE"]

# The engine recurses: text far beyond these limits ends the process instead of raising. They hold
# on a thread with 512 KiB of stack too (the smallest that a platform gives by default).
MAX_SIZE = 1_000_000  # characters
MAX_DEPTH = 40  # open brackets, or signs that stack up (!!!x)
MAX_OPERATORS = 300  # || && + - * | ! in one query or operation
MAX_PATTERNS = 120  # triples, and OPTIONAL UNION FILTER BIND VALUES / ..., likewise

_PROLOGUE = {"PREFIX": ("name", "iri"), "BASE": ("iri",), "VERSION": ("text",)}
_CLOSED_BY = {"(": ")", "{": "}", "[": "]", "<<": ">>"}
_BRACKETS = re.compile(r"<<|>>|[(){}\[\]]")
_STACKING = frozenset("!-+^")
_SEPARATORS = frozenset(".;,")
_OPERATORS = frozenset(("||", "&&", "|", "+", "-", "*", "!", "^"))


def check(text: str, tokens: Sequence[Token], *, update: bool = False) -> Form:
    """Return the form of a query or update; raise QueryError where it may not reach the engine."""
    for token in tokens:
        if token.word in REFUSED:
            raise QueryError("query-refused", what=token.word)
    _check_limits(text, tokens, update=update)
    _check_words(text, tokens)
    form = _form(text, tokens, update=update)
    if update:
        _check_graphs(text, tokens)
    return form


def _check_words(text: str, tokens: Iterable[Token]) -> None:
    for token in tokens:
        if token.kind == "word" and (token.word not in KEYWORDS or "\\" in token.text):
            raise syntax_error(text, token.at, *words_for(token))


def _check_limits(text: str, tokens: Iterable[Token], *, update: bool) -> None:
    """Raise QueryError where brackets do not match or stack up, or a chain grows beyond a limit."""
    opened: list[str] = []
    stacked = operators = patterns = 0
    clause = ""
    for token in tokens:
        _nest(text, token, opened)
        data = clause == "DATA" and opened
        if (update and token.word == "DATA") or (token.word in CLAUSES and not data):
            clause = token.word
        stacked = stacked + 1 if token.text in _STACKING else 0
        operators += token.text in _OPERATORS or (token.text == "(" and clause == "HAVING")
        if clause != "DATA":  # a list of triples to write may be long
            separator = token.text in _SEPARATORS and opened[-1:] != [")"]
            patterns += separator or token.word in CLAUSES or token.text == "/"
        if update and token.text == ";" and not opened:
            clause, operators, patterns = "", 0, 0  # the next operation
        for what, zh, found, limit in (
            ("deep", "嵌套层数", max(len(opened), stacked), MAX_DEPTH),
            ("complex (operators)", "运算符个数", operators, MAX_OPERATORS),
            ("complex (patterns)", "条件个数", patterns, MAX_PATTERNS),
        ):
            if found > limit:
                raise QueryError("query-limit", what=what, what_zh=zh, found=found, limit=limit)


def _nest(text: str, token: Token, opened: list[str]) -> None:
    """Push what closes each bracket of the token, or pop it; raise QueryError where none fits."""
    for sign in _BRACKETS.findall(token.text) if token.kind == "mark" else ():
        if sign in _CLOSED_BY:
            opened.append(_CLOSED_BY[sign])
        elif not opened or opened.pop() != sign:
            en, zh = f"'{sign}' closes nothing that is open", f"“{sign}”没有对应的左括号"
            raise syntax_error(text, token.at, en, zh)


def _form(text: str, tokens: Sequence[Token], *, update: bool) -> Form:
    """Return the form named after the prologue; raise QueryError where it is not the one meant."""
    at = 0
    while at < len(tokens) and (kinds := _PROLOGUE.get(tokens[at].word)):
        for token, kind in zip(tokens[at + 1 :], kinds, strict=False):
            if token.kind != kind:
                raise syntax_error(text, token.at, *words_for(token))
        at += len(kinds) + 1
    word = tokens[at].word if at < len(tokens) else ""
    if word in FORMS and not update:
        return cast("Form", word)
    if word in FORMS or (word in UPDATES and not update):
        raise QueryError("query-form", word=word)
    if word in UPDATES or (update and at >= len(tokens)):
        return "UPDATE"
    if at >= len(tokens):
        raise syntax_error(
            text, len(text.rstrip()), "the query ends before it asks", "查询内容为空"
        )
    known = UPDATES if update else FORMS
    en, zh = f"here must stand one of {', '.join(known)}", f"此处应为 {'、'.join(known)} 之一"
    raise syntax_error(text, tokens[at].at, en, zh)


def _check_graphs(text: str, tokens: Sequence[Token]) -> None:
    """Raise QueryError where an update writes triples and names no graph for them.

    The default graph is the union of the named graphs; a triple in it alone would not last.
    """
    depth = 0
    template = named = False
    verb = ""
    for i, token in enumerate(tokens):
        before = tokens[i - 1].word if i else ""
        if depth == 0:
            verb = token.word if token.word in UPDATES else verb
            named = (named or token.word == "WITH") and token.text != ";"
            template = before in ("INSERT", "DELETE", "DATA") or (
                before == "WHERE" and i > 1 and tokens[i - 2].word == "DELETE"
            )
        lost = token.word == "DEFAULT" and (before == "TO" or verb not in ("COPY", "ADD"))
        if template and not named and depth == 1:
            lost = "GRAPH" not in (token.word, before) and token.text not in ("{", "}", ".")
        if lost:
            raise QueryError("query-no-graph", **place(text, token.at))
        depth += (token.text == "{") - (token.text == "}")
