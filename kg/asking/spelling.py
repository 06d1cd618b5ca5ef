"""Owns misspelt questions: words that no way of asking uses, and the terms that may be meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.asking.matching import rank
from kg.asking.words import is_cjk, singular
from kg.lookup import TYPO, search

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kg.asking.matching import Match, Phrasebook

__all__ = ["correct", "is_cut_short"]

_HITS = 3
_LONGEST = 8  # tokens of a stretch that is looked up
_SEARCHES = 40


def correct(book: Phrasebook, question: str, *, lang: str = "zh") -> tuple[Match, ...]:
    """Return what a question may mean where a term in it is misspelt, best first.

    Strange words are looked up as a search does, the longest stretch first; each term found takes
    their place.
    """
    tokens = book.lexicon.read(question).tokens
    for start, end in _stretches(tokens, book):
        hits = search(book.index, _text(tokens[start:end]), limit=_HITS)
        if hits and hits[0].score[0] == TYPO:
            asked = (_text((*tokens[:start], f" {hit.key} ", *tokens[end:])) for hit in hits)
            best = (rank(book, text, lang=lang)[0] for text in asked)
            return tuple(match for match in best if match.complete and not match.misfits)
    return ()


def is_cut_short(book: Phrasebook, question: str, surface: str) -> bool:
    """Return whether a strange word follows a name at once, as if the name went on.

    So it does in "赢单綠怎么算", which does not speak of a won deal (赢单).
    """
    spoken = book.lexicon.read(question)
    ends = (mention.end for mention in spoken.mentions if mention.surface == surface)
    return any(_strange(book, ("{name}", *spoken.tokens[end:]))[1:2] == [True] for end in ends)


def _strange(book: Phrasebook, tokens: Sequence[str]) -> list[bool]:
    """Return for each token whether it is a word that no way of asking uses."""
    out = [False] * len(tokens)
    for meaning, place in book.words.cut_places(tokens):
        out[place] = meaning[0] != "{" and meaning not in book.weights
    return out


def _stretches(tokens: Sequence[str], book: Phrasebook) -> Iterator[tuple[int, int]]:
    """Yield where strange tokens stand in a row, the longest first.

    A sign or word that some way of asking happens to use, but no row of the table of words has, may
    stand among them: 单 in 赢单綠.
    """
    strange, loose = _strange(book, tokens), [False] * len(tokens)
    for meaning, place in book.words.cut_places(tokens):
        loose[place] = (tokens[place],) not in book.words.meanings and meaning == singular(
            tokens[place]
        )
    found = [
        (start, end)
        for start in range(len(tokens))
        for end in range(start + 1, min(len(tokens), start + _LONGEST) + 1)
        if all(loose[start:end]) and any(strange[start:end])
    ]
    yield from sorted(found, key=lambda x: (x[0] - x[1], -x[0]))[:_SEARCHES]


def _text(tokens: Sequence[str]) -> str:
    """Return tokens as they are written: blanks between words, none between Chinese signs."""
    out = ""
    for token in tokens:
        out += token if is_cjk(token) and is_cjk(out[-1:]) else f" {token}"
    return out.strip()
