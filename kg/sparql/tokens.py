"""Owns the tokens of SPARQL: a text to tokens, tokens to a text that hides nothing, and places."""

from __future__ import annotations

import re
import sys
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from kg.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = [
    "CLAUSES",
    "FORMS",
    "KEYWORDS",
    "REFUSED",
    "UPDATES",
    "Token",
    "place",
    "read_tokens",
    "render",
    "syntax_error",
]

FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
UPDATES = ("INSERT", "DELETE", "WITH", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY")
REFUSED = ("SERVICE", "LOAD")
_CLAUSES = "AS BIND EXISTS FILTER GRAPH HAVING LATERAL MINUS OPTIONAL SELECT UNION VALUES"
_OTHERS = """
    A ABS ADJUST ALL ASC AVG BASE BNODE BOUND BY CEIL COALESCE CONCAT CONTAINS COUNT DATA DATATYPE
    DAY DEFAULT DESC DISTINCT ENCODE_FOR_URI FALSE FLOOR FROM GROUP GROUP_CONCAT HASLANG HASLANGDIR
    HOURS IF IN INTO IRI ISBLANK ISIRI ISLITERAL ISNUMERIC ISTRIPLE ISURI LANG LANGDIR LANGMATCHES
    LCASE LIMIT MAX MD5 MIN MINUTES MONTH NAMED NOT NOW OBJECT OFFSET ORDER PREDICATE PREFIX RAND
    REDUCED REGEX REPLACE ROUND SAMETERM SAMPLE SECONDS SEPARATOR SHA1 SHA256 SHA384 SHA512 SILENT
    STR STRAFTER STRBEFORE STRDT STRENDS STRLANG STRLANGDIR STRLEN STRSTARTS STRUUID SUBJECT SUBSTR
    SUM TIMEZONE TO TRIPLE TRUE TZ UCASE UNDEF URI USING UUID VERSION WHERE YEAR
"""
CLAUSES = frozenset(_CLAUSES.split())
KEYWORDS = CLAUSES.union(FORMS, UPDATES, REFUSED, _OTHERS.split())

# -- the tokens of SPARQL 1.2, as its grammar names them
# But for CJK and full-width punctuation, which it allows in names: it is a slip of the keyboard.
_LETTER = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3004-\u3007\u3020-\ud7ff\uf900-\ufdcf\ufdf0-\ufeff"
    "\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\ufffd\U00010000-\U000effff"
)
_START = rf"{_LETTER}_0-9"
_CHARS = rf"{_START}\-\u00b7\u0300-\u036f\u203f-\u2040"
_PREFIX = rf"[{_LETTER}](?:[{_CHARS}.]{{0,200}}[{_CHARS}])?"  # bounded: a search is linear
_ESCAPED = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%]"
_LOCAL = rf"(?:[{_START}:]|{_ESCAPED})(?:(?:[{_CHARS}.:]|{_ESCAPED})*(?:[{_CHARS}:]|{_ESCAPED}))?"
_POINT = r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"
_ESCAPE = rf"\\[tbnrf\\\"']|{_POINT}"
_TOKEN = rf"""(?P<space>[ \t\r\n]+|\#[^\r\n]*)
      | (?P<iri><(?:[^\x00-\x20<>"{{}}|^`\\]|{_POINT})*>)
      | (?P<text>\"{{3}}(?:\"{{0,2}}(?:[^"\\]|{_ESCAPE}))*\"{{3}}
               | '{{3}}(?:'{{0,2}}(?:[^'\\]|{_ESCAPE}))*'{{3}}
               | \"(?!\"\")(?:[^"\\\r\n]|{_ESCAPE})*\"
               | '(?!'')(?:[^'\\\r\n]|{_ESCAPE})*')
      | (?P<lang>@[A-Za-z]+(?:-[A-Za-z0-9]+)*(?:--[A-Za-z]+)?)
      | (?P<var>[?$][{_START}][{_START}\u00b7\u0300-\u036f\u203f-\u2040]*)
      | (?P<name>_:[{_START}](?:[{_CHARS}.]*[{_CHARS}])? | (?:{_PREFIX})?:(?:{_LOCAL})?)
      | (?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)[eE][+-]?[0-9]+ | [0-9]*\.[0-9]+ | [0-9]+)
      | (?P<word>(?:[A-Za-z_]|{_POINT})(?:[A-Za-z0-9_]|{_POINT})*)
      | (?P<mark><<\(|\)>>|<<|>>|\{{\||\|\}}|\^\^|&&|\|\||!=|<=|>=|[(){{}}\[\];,.=<>!*/+\-?^|~])"""
_NEWLINE = re.compile(r"\r\n|\r|\n")
_ANY_POINT = re.compile(_POINT)
_SPEAKING = re.compile(rf"{_POINT}|[^A-Za-z0-9:._~%\u00a0-\U0010ffff]")  # in an IRI
_DOT = re.compile(r"\\.|\.")  # in a name
_LOUD = re.compile(rf"{_ESCAPE}|[\"#\r\n]")  # in a string
_ASIDE = 60  # characters of the line shown on either side of the mark
_FULL_WIDTH = {"“": '"', "”": '"', "‘": "'", "’": "'", "。": ".", "、": ",", "《": "<", "》": ">"}


@cache
def _token() -> re.Pattern[str]:
    """Return the pattern of one token, compiled once and only where a query is read."""
    return re.compile(_TOKEN, re.VERBOSE)


@dataclass(frozen=True, slots=True)
class Token:
    """A token: `kind` is iri, text, lang, var, name, number, word or mark."""

    kind: str
    text: str
    at: int  # where it starts in the text of the user
    glued: bool  # whether it follows the token before without white space

    @property
    def word(self) -> str:
        """Return a keyword in capitals, "" for any other token."""
        if self.kind != "word":
            return ""
        return _ANY_POINT.sub(_decoded, self.text).upper()

    @property
    def inert(self) -> str:
        """Return the token so that no parser can read code in it."""
        if self.kind == "iri":
            return "<" + _SPEAKING.sub(_code_point, self.text[1:-1]) + ">"
        if self.kind == "text":
            width = 3 if self.text[:3] in ('"""', "'''") else 1
            return '"' + _LOUD.sub(_code_point, self.text[width:-width]) + '"'
        if self.kind == "name" and not self.text.startswith("_:"):
            # The engine reads one point in a local name, not two: passage:1.2.1
            prefix, colon, name = self.text.partition(":")
            return prefix + colon + _DOT.sub(lambda m: r"\." if m[0] == "." else m[0], name)
        return self.text


def read_tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a text without comments; raise QueryError at the first that is none."""
    at = 1 if text.startswith("\ufeff") else 0
    glued = False
    while at < len(text):
        match = _token().match(text, at)
        if match is None:
            raise _unreadable(text, at)
        kind = match.lastgroup or ""
        if kind == "space":
            glued = False
        else:
            yield Token(kind, match[0], at, glued)
            glued = True
        at = match.end()


def render(tokens: Sequence[Token]) -> str:
    """Return a text that reads as these tokens and nothing else."""
    parts: list[str] = []
    before: Token | None = None
    for token in tokens:
        marks = before is not None and "mark" in (before.kind, token.kind)
        if not (token.glued and marks) or (before is not None and before.text == "<"):
            parts.append(" ")
        parts.append(token.inert)
        before = token
    return "".join(parts)


def _code_point(match: re.Match[str]) -> str:
    """Return a sign as an escape; what is an escape already stays."""
    return match[0] if match[0].startswith("\\") else f"\\u{ord(match[0]):04X}"


def _decoded(match: re.Match[str]) -> str:
    code = int.from_bytes(bytes.fromhex(match[0][2:]))
    return chr(code) if code <= sys.maxunicode else match[0]


def _unreadable(text: str, at: int) -> QueryError:
    sign = text[at]
    if sign in "\"'":
        return syntax_error(
            text,
            at,
            "this text is not closed, or has a wrong escape (\\) in it",
            "此处的文本没有结束引号,或含有无效的转义(\\)",
        )
    plain = _FULL_WIDTH.get(sign) or unicodedata.normalize("NFKC", sign)
    if plain != sign and plain.isprintable() and plain.strip():
        return syntax_error(
            text,
            at,
            f"'{sign}' is a full-width sign; write '{plain}'",
            f"“{sign}”是全角符号,请改用半角“{plain}”",
        )
    shown = sign if sign.isprintable() else f"U+{ord(sign):04X}"
    return syntax_error(text, at, f"'{shown}' is not expected here", f"此处不应出现“{shown}”")


def syntax_error(text: str, at: int, en: str, zh: str) -> QueryError:
    """Return the error of a text that is wrong at `at`, with the reason in both languages."""
    return QueryError("query-syntax", reason=en, reason_zh=zh, **place(text, at))


def place(text: str, at: int) -> dict[str, object]:
    """Return line and column (from 1, in characters) of a place, and the line with a mark below."""
    starts = [0, *(match.end() for match in _NEWLINE.finditer(text[:at]))]
    start = starts[-1]
    end = next((match.start() for match in _NEWLINE.finditer(text, start)), len(text))
    left = max(start, at - _ASIDE)
    row = "".join(c if c.isprintable() else " " for c in text[left : min(end, at + _ASIDE)])
    wide = (unicodedata.east_asian_width(c) in "WF" for c in row[: at - left])
    blanks = "".join("  " if w else " " for w in wide)
    return {"line": len(starts), "column": at - start + 1, "mark": f"{row}\n{blanks}^"}
