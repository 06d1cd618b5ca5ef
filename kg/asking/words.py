"""Owns the words of questions: which of them mean the same, which say nothing, how they are cut.

One table serves both languages (ontology/queries/words.csv), one row a meaning: "谁", "who" and
"whose" are one. So a way of asking that is written down in one language helps the other, too.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from functools import cache
from itertools import islice, product
from typing import TYPE_CHECKING, NamedTuple

from kg.errors import SourceError
from kg.lookup import normalise
from kg.sources.rdf import read_utf8

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = [
    "LAST",
    "NEGATIONS",
    "NOTHING",
    "Token",
    "Words",
    "is_cjk",
    "is_too_long",
    "read_table",
    "read_words",
    "singular",
    "split_tokens",
    "words_of",
]

NOTHING = "-"  # the meaning of words that say nothing
NEGATIONS = ("not", "none")  # the meanings that turn a question into its opposite
LAST = "?"  # ends an entry that counts only as the last words of a question ("what is it for?")
MANY = "|"  # between the words of a cell
_CJK = "\u2e80"
_TOKENS = re.compile(r"[\u2e80-\U0010ffff]|[0-9]+|[^\W\d_\u2e80-\U0010ffff]+")
_SHORTEST_STEM = 3
_MOST_SIGNS, _MOST_TOKENS = 1000, 200  # of a question; longer ones are not read at all
_SPELLINGS = 200  # of the words of an entry taken together that are tried


class Token(NamedTuple):
    """A piece of a normalised text: a Chinese sign, a word or a number, and its place."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Words:
    """The table of words: what each means, and how many tokens the longest of them have.

    >>> words = Words.of([("who", ["谁"], ["who", "which role"]), ("-", ["请问"], ["the"])])
    >>> words.cut(["请", "问", "谁", "管", "{term}"])
    ['who', '管', '{term}']
    >>> words.cut(["which", "roles", "own", "the", "{term}"])
    ['who', 'own', '{term}']
    """

    meanings: Mapping[tuple[str, ...], str]
    reach: Mapping[str, int]

    @classmethod
    def of(cls, rows: Iterable[tuple[str, Sequence[str], Sequence[str]]]) -> Words:
        """Return the table of rows (meaning, Chinese words, English words)."""
        meanings: dict[tuple[str, ...], str] = {}
        for meaning, zh, en in rows:
            for word in (*zh, *en):
                tokens = tuple(token.text for token in split_tokens(normalise(word, {})))
                meanings[(*tokens, LAST) if word.endswith(LAST) else tokens] = meaning
        reach: dict[str, int] = {}
        for tokens in meanings:
            reach[tokens[0]] = max(reach.get(tokens[0], 1), len(tokens))
        return cls(meanings, reach)

    def cut(self, tokens: Sequence[str]) -> list[str]:
        """Return the meanings of tokens in order, without those that say nothing.

        The longest entry is taken first. What stands in no row stays, English in the singular; so
        does what is no word ("{term}").
        """
        return [meaning for meaning, _ in self.cut_places(tokens)]

    def cut_places(self, tokens: Sequence[str]) -> list[tuple[str, int]]:
        """Return the meanings of tokens with the place of the first token of each.

        "影响不影响" says no more than "影响": what stands on both sides of 不 is asked, not denied.
        """
        out: list[tuple[str, int]] = []
        at = 0
        marked = [*tokens, LAST]
        while at < len(tokens):
            length, meaning = self._longest(marked, at)
            if len(out) > 1 and _is_either(tokens, out, meaning, at):
                out.pop()
                if meaning == out[-1][0]:
                    meaning = NOTHING
            if meaning != NOTHING:
                out.append((meaning, at))
            at += length
        return out

    def _longest(self, tokens: Sequence[str], at: int) -> tuple[int, str]:
        forms = _forms(tokens[at])
        longest = max(self.reach.get(form, 1) for form in forms)
        for length in range(min(longest, len(tokens) - at), 0, -1):
            meaning = self._meaning(tuple(tokens[at : at + length]))
            if meaning is not None:
                return length, meaning
        return 1, singular(tokens[at])

    def _meaning(self, piece: tuple[str, ...]) -> str | None:
        """Return the meaning of some tokens taken together, or None."""
        if len(piece) == 1:
            return next(
                (self.meanings[(f,)] for f in _forms(piece[0]) if (f,) in self.meanings), None
            )
        spellings = islice(product(*map(_forms, piece)), _SPELLINGS)
        return next((self.meanings[x] for x in spellings if x in self.meanings), None)


def _is_either(
    tokens: Sequence[str], before: Sequence[tuple[str, int]], meaning: str, at: int
) -> bool:
    """Return whether the last meaning is a Chinese "or not" between twice the same."""
    (asked, _), (negation, place) = before[-2:]
    if negation not in NEGATIONS or not is_cjk(tokens[place]):
        return False
    return asked == meaning or (at == place + 1 and tokens[place - 1] == tokens[at])


def read_words(path: Path) -> Words:
    """Return the table of words in a CSV file; raise SourceError where it is malformed."""
    rows = []
    for line, row in _rows(path, ("meaning", "zh", "en")):
        zh, en = words_of(row["zh"]), words_of(row["en"])
        if not row["meaning"]:
            raise _malformed(path, line, "the row has no meaning", "该行没有含义")
        for word in (*zh, *en):
            if not split_tokens(normalise(word, {})):
                reason = f"'{word}' has no letter or digit"
                raise _malformed(path, line, reason, f"“{word}”中没有文字或数字")
        rows.append((row["meaning"], zh, en))
    return Words.of(rows)


def read_table(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    """Return the rows of a CSV file; raise SourceError where it is malformed or no UTF-8."""
    return [row for _, row in _rows(path, columns)]


def _rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a CSV file with their lines."""
    reader = csv.reader(io.StringIO(read_utf8(path).decode(), newline=""), strict=True)
    try:
        head = next(reader, [])
        if tuple(head) != tuple(columns):
            named = ", ".join(columns)
            raise _malformed(path, 1, f"the columns are not {named}", f"列不是 {named}")
        for cells in reader:
            if cells and len(cells) != len(columns):
                en = f"the row has {len(cells)} cells, not {len(columns)}"
                zh = f"该行有 {len(cells)} 格,应为 {len(columns)} 格"
                raise _malformed(path, reader.line_num, en, zh)
            if cells:
                yield reader.line_num, dict(zip(columns, cells, strict=True))
    except csv.Error as error:
        zh = "引号不成对,或单元格过长"
        raise _malformed(path, reader.line_num, str(error), zh) from error


def _malformed(path: Path, line: int, reason: str, reason_zh: str) -> SourceError:
    place: dict[str, object] = {"path": path, "line": line, "column": 1, "format": "CSV"}
    return SourceError("source-syntax", reason=reason, reason_zh=reason_zh, **place)


def words_of(cell: str) -> list[str]:
    """Return the words of a cell, which bars stand between.

    >>> words_of("谁 | 哪位")
    ['谁', '哪位']
    """
    return [word.strip() for word in cell.split(MANY) if word.strip()]


def is_cjk(text: str) -> bool:
    """Return whether a text begins with a Chinese sign."""
    return text[:1] >= _CJK


def split_tokens(text: str) -> list[Token]:
    """Return the tokens of a normalised text.

    >>> [token.text for token in split_tokens("crm系统 win rate")]
    ['crm', '系', '统', 'win', 'rate']
    """
    return [Token(match[0], match.start(), match.end()) for match in _TOKENS.finditer(text)]


def is_too_long(text: str) -> bool:
    """Return whether a text has more signs or words than any question."""
    return len(text) > _MOST_SIGNS or len(split_tokens(text)) > _MOST_TOKENS


def singular(word: str) -> str:
    """Return an English word without the ending of the plural; other words as they are.

    >>> [singular(word) for word in ("kpis", "territories", "losses", "basis", "status", "漏")]
    ['kpi', 'territory', 'loss', 'basis', 'status', '漏']
    """
    if is_cjk(word) or len(word) <= _SHORTEST_STEM or word.endswith(("ss", "us", "sis", "this")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word.removesuffix("s")


@cache
def _forms(word: str) -> tuple[str, ...]:
    """Return a word and what it may be an inflected form of, nearest first."""
    if is_cjk(word):
        return (word,)
    out = [word, singular(word)]
    for ending in ("ing", "ed", "d", "er", "es", "ly"):
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= _SHORTEST_STEM:
            out += [stem, stem + "e"]
            if stem[-1] == stem[-2]:
                out.append(stem[:-1])
            if ending == "ed" and stem.endswith("i"):
                out.append(stem[:-1] + "y")
    return tuple(dict.fromkeys(out))
