"""Owns matching a question in words to a template: what it speaks of, and which way it is asked.

The rest of a question, its mentions taken out, is compared with every way of asking: by the words
both have, rare ones counting more, and by their order. An exact way is certain.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING, NamedTuple

from kg.asking.mentions import fitting
from kg.asking.templates import HOLE
from kg.asking.words import is_cjk, split_tokens
from kg.lookup import normalise
from kg.model import LANGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kg.asking.mentions import Lexicon, Mention, Spoken
    from kg.asking.templates import Slot, Template
    from kg.asking.words import Words
    from kg.sparql import Value

__all__ = ["Match", "Phrasebook", "Way", "compile_phrasebook", "rank"]

_ORDER = 0.4  # how much the order of words counts, the rest is which words there are
_VOCABULARY = 0.12  # how much it counts that the words belong to the template at all
_SLOT_WEIGHT = 1.0
_STRANGE_SIGN = 0.4  # weight of a Chinese sign that no way of asking has
_STRANGE_WORD = 0.9
_NAMED = 1.5  # times as much where it is part of a name that no slot took
_SHORTER = 0.1  # off for a mention inside a longer one that fits as well
_OTHER_KIND = 0.12  # off for a term of another kind than the slot asks for
_MOST_MENTIONS = 12
_AROUND_ANSWER = re.compile(r"第\{answer\}个回答|回答\s*\{answer\}|[Aa]nswer \{answer\}")


class Way(NamedTuple):
    """A way of asking, cut into meanings; slots stand as "{name}"."""

    template: int
    text: str
    meanings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """A template that a question may be put by: what its slots hold, and how well it fits (0..1).

    A slot may hold several values where the question is ambiguous. `misfits` are the slots whose
    term is of another kind than they ask for.
    """

    template: Template
    values: dict[str, tuple[Value, ...]]
    surfaces: dict[str, str]
    score: float
    certain: bool = False
    misfits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Phrasebook:
    """Every way of asking, cut and weighed, and the names that slots may hold."""

    templates: tuple[Template, ...]
    words: Words
    lexicon: Lexicon
    ways: tuple[tuple[Way, ...], ...]  # by template
    weights: Mapping[str, float]
    vocabulary: tuple[frozenset[str], ...]  # by template

    def weight(self, meaning: str) -> float:
        """Return how much a meaning tells, the more the fewer templates have it."""
        if meaning.startswith("{"):
            return _SLOT_WEIGHT
        known = self.weights.get(meaning)
        if known is not None:
            return known
        return _STRANGE_SIGN if is_cjk(meaning) else _STRANGE_WORD


def compile_phrasebook(
    templates: Iterable[Template], words: Words, lexicon: Lexicon
) -> Phrasebook:
    """Return the ways of asking of some templates, ready to be compared with."""
    known = tuple(templates)
    ways = tuple(
        tuple(
            Way(number, text, tuple(words.cut(_way_tokens(text, lexicon.fold))))
            for lang in LANGS
            for text in template.ways(lang)
        )
        for number, template in enumerate(known)
    )
    vocabulary = tuple(
        frozenset(meaning for way in found for meaning in way.meanings if meaning[0] != "{")
        for found in ways
    )
    spread = Counter(meaning for found in vocabulary for meaning in found)
    weights = {m: math.log(1 + len(known) / count) for m, count in spread.items()}
    return Phrasebook(known, words, lexicon, ways, weights, vocabulary)


def rank(book: Phrasebook, question: str, *, lang: str = "zh") -> tuple[Match, ...]:
    """Return the best match of each template that the question has the mentions for, best first."""
    spoken = book.lexicon.read(question)
    cuts: dict[tuple[Mention, ...], list[tuple[str, float]]] = {}
    found = []
    for number, template in enumerate(book.templates):
        matches = [
            _compare(book, number, spoken, taken, misfits, cuts, lang)
            for taken, misfits in _assignments(spoken, template, lang)
        ]
        if matches:
            found.append(max(matches, key=_rank_key))
    return tuple(sorted(found, key=lambda m: (*(-x for x in _rank_key(m)), m.template.name)))


def _rank_key(match: Match) -> tuple[float, float]:
    return float(match.certain), match.score


def _way_tokens(text: str, fold: Mapping[str, str]) -> list[str]:
    """Return the tokens of a way of asking; an answer's number stands with the word "answer"."""
    out: list[str] = []
    pieces = HOLE.split(_AROUND_ANSWER.sub("{answer}", text))
    for at, piece in enumerate(pieces):
        if at % 2:
            out.append(f"{{{piece}}}")
        else:
            out += [token.text for token in split_tokens(normalise(piece, fold))]
    return out


def _assignments(
    spoken: Spoken, template: Template, lang: str
) -> Iterator[tuple[tuple[Mention, ...], tuple[str, ...]]]:
    """Yield the mentions that the slots can take, one each, and the slots they do not quite fit."""
    if not template.slots:
        yield (), ()
        return
    options = [_options(spoken, slot, lang) for slot in template.slots]
    if len(options) == 1:
        for mention, misfit in options[0]:
            yield (mention,), (template.slots[0].name,) * misfit
        return
    for first, odd in options[0]:
        for second, odder in options[1]:
            if first.end <= second.start or second.end <= first.start:
                names = [slot.name for slot in template.slots]
                yield (first, second), tuple(n for n, x in zip(names, (odd, odder), strict=True) if x)


def _options(spoken: Spoken, slot: Slot, lang: str) -> list[tuple[Mention, bool]]:
    out = []
    for mention in spoken.mentions:
        if fitting(mention, slot, lang):
            out.append((mention, False))
        elif slot.kinds and fitting(mention, slot, lang, any_kind=True):
            out.append((mention, True))
    return sorted(out, key=lambda x: (x[1], x[0].start - x[0].end))[:_MOST_MENTIONS]
