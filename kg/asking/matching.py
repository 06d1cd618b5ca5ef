"""Owns matching a question in words to a template: what it speaks of, and which way it is asked.

The rest of a question, its mentions taken out, is compared with every way of asking: by the words
both have, rare ones counting more, and by their order. An exact way is certain.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from itertools import combinations, product
from typing import TYPE_CHECKING, NamedTuple

from kg.asking.mentions import build_lexicon, fitting
from kg.asking.templates import HOLE, read_templates
from kg.asking.words import NEGATIONS, is_cjk, read_table, read_words, split_tokens
from kg.lookup import normalise
from kg.model import LANGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from kg.asking.mentions import Lexicon, Mention, Spoken
    from kg.asking.templates import Slot, Template
    from kg.asking.words import Words
    from kg.lookup import SearchIndex
    from kg.model import Glossary
    from kg.sparql import Value

__all__ = ["Match", "Phrasebook", "Way", "choose", "compile_phrasebook", "rank", "read_phrasebook"]

_ORDER = 0.4  # how much the order of words counts, the rest is which words there are
_VOCABULARY = 0.12  # how much it counts that the words belong to the template at all
_SLOT_WEIGHT = 1.0
_SIGN = 0.7  # times as much for a Chinese sign that the table of words lacks: it is a part of one
_STRANGE_SIGN = 0.8  # weight of a Chinese sign that no way of asking has
_STRANGE_WORD = 2.0
_NAMED = 2.0  # times as much where it is part of a name that no slot took
_SHORTER = 0.1  # off for a mention inside a longer one that fits as well
_OTHER_KIND = 0.12  # off for a term of another kind than the slot asks for
_SURE = (
    (0.7, 0.02),
    (0.6, 0.04),
    (0.55, 0.08),
    (0.5, 0.12),
)  # least score of a match acted on, and lead
_CLEAR = 0.75  # least score of a template without slots where some words are not its own
_DENIED = 0.8  # least score where only some ways of asking deny something, as the question does
_TELLING = 0.9  # least weight of what a question says: "what" alone asks nothing
_EVERYDAY = 0.15  # off for a name that is a word of everyday questions ("metric")
_DOUBTFUL = 0.03  # off for a name that stands for several things
_FITTED = 0.02  # on top for a slot made for terms of this kind
_MOST_MENTIONS = 12
_AROUND_ANSWER = re.compile(r"第\{answer\}个回答|回答\s*\{answer\}|[Aa]nswer \{answer\}")


class Way(NamedTuple):
    """A way of asking, cut into meanings (slots stand as "{name}"), and what they weigh."""

    meanings: tuple[str, ...]
    counts: Mapping[str, int]
    weight: float
    negations: int  # how many of its meanings turn it into its opposite


@dataclass(frozen=True, slots=True)
class Match:
    """A template that a question may be put by: what its slots hold, and how well it fits (0..1).

    A slot may hold several values where the question is ambiguous. `surfaces` are the words of the
    question that they were read from, `told` is how much its other words tell, `misfits` are the
    slots whose term is of another kind than they ask for. `doubted` is a match that may not be
    acted on, however near: the question says what the template leaves out or turns round.
    """

    template: Template
    values: dict[str, tuple[Value, ...]]
    surfaces: dict[str, str]
    score: float
    told: float = 0.0
    certain: bool = False
    misfits: tuple[str, ...] = ()
    doubted: bool = False

    @property
    def complete(self) -> bool:
        """Return whether each slot has a value."""
        return len(self.values) == len(self.template.slots)


@dataclass(frozen=True, slots=True)
class Phrasebook:
    """Every way of asking, cut and weighed, and what they are asked about."""

    templates: tuple[Template, ...]
    glossary: Glossary
    index: SearchIndex
    words: Words
    lexicon: Lexicon
    ways: tuple[tuple[Way, ...], ...]  # by template
    weights: Mapping[str, float]
    vocabulary: tuple[frozenset[str], ...]  # by template
    gaps: tuple[bool, ...]  # by template: whether it asks for what is not there

    def weight(self, meaning: str) -> float:
        """Return how much a meaning tells, the more the fewer templates have it."""
        if meaning.startswith("{"):
            return _SLOT_WEIGHT
        known = self.weights.get(meaning)
        if known is not None:
            return known
        return _STRANGE_SIGN if is_cjk(meaning) else _STRANGE_WORD


def compile_phrasebook(
    templates: Iterable[Template],
    words: Words,
    lexicon: Lexicon,
    *,
    glossary: Glossary,
    index: SearchIndex,
) -> Phrasebook:
    """Return the ways of asking of some templates about a glossary, ready to be compared with."""
    known = tuple(templates)

    def cut(text: str) -> tuple[str, ...]:
        return tuple(words.cut(_way_tokens(text, index.fold)))

    cuts = [
        list(dict.fromkeys(cut(text) for lang in LANGS for text in template.ways(lang)))
        for template in known
    ]
    vocabulary = tuple(
        frozenset(meaning for way in ways for meaning in way if meaning[0] != "{") for ways in cuts
    )
    spread = Counter(meaning for found in vocabulary for meaning in found)
    weights = {
        meaning: math.log(1 + len(known) / count) * (_SIGN if is_cjk(meaning) else 1.0)
        for meaning, count in spread.items()
    }
    gaps = tuple(all(_negations(cut(x.question(lang))) for lang in LANGS) for x in known)
    ways = tuple(
        tuple(
            Way(
                way,
                Counter(way),
                sum(weights.get(m, _SLOT_WEIGHT) for m in way),
                max(_negations(way), int(gap)),
            )
            for way in found
        )
        for found, gap in zip(cuts, gaps, strict=True)
    )
    return Phrasebook(known, glossary, index, words, lexicon, ways, weights, vocabulary, gaps)


def read_phrasebook(folder: Path, *, glossary: Glossary, index: SearchIndex) -> Phrasebook:
    """Return the templates and words of a folder, ready to be asked about a glossary."""
    more = read_table(folder / "values.csv", ("type", "value", "zh", "en"))
    return compile_phrasebook(
        read_templates(folder),
        read_words(folder / "words.csv"),
        build_lexicon(glossary, index, more),
        glossary=glossary,
        index=index,
    )


def rank(book: Phrasebook, question: str, *, lang: str = "zh") -> tuple[Match, ...]:
    """Return the best match of each template, best first.

    A template whose slots the question has no mentions for comes with no values and half its score.
    """
    asked = _Asked(book, book.lexicon.read(question), lang, {})
    found = (
        max((asked.match(number, *taken) for taken in _assignments(asked, template)), key=_order)
        for number, template in enumerate(book.templates)
    )
    return tuple(sorted(found, key=lambda m: (*(-x for x in _order(m)), m.template.name)))


def choose(ranked: Sequence[Match]) -> Match | None:
    """Return the match that the question was meant by, or None where that is not sure."""
    best, *others = ranked
    if not best.complete or best.told < _TELLING or best.doubted:
        return None
    rivals = [other for other in others if other.complete and other.certain >= best.certain]
    if best.certain:
        return None if any(other.told >= best.told for other in rivals) else best
    lead = best.score - max((other.score for other in rivals), default=0.0)
    sure = any(best.score >= least and lead >= apart for least, apart in _SURE)
    return best if sure else None


def _order(match: Match) -> tuple[float, float, float]:
    return float(match.certain), match.score, match.told


class _Nearness(NamedTuple):
    """How near the nearest way of asking is (0..1), whether it is the very same, and its "not"s."""

    score: float
    exact: bool
    negations: int


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question while it is compared: its mentions, and its meanings by the mentions taken out."""

    book: Phrasebook
    spoken: Spoken
    lang: str
    cuts: dict[tuple[Mention, ...], list[tuple[str, float]]]

    def match(self, number: int, taken: tuple[Mention, ...], misfits: tuple[str, ...]) -> Match:
        """Return how well a template fits with these mentions in its slots."""
        template = self.book.templates[number]
        slots = template.slots[: len(taken)]
        meanings = self._renamed(taken, slots)
        short = sum(self._shortfall(m, slot) for m, slot in zip(taken, slots, strict=True))
        near = self._nearest(number, meanings)
        score, exact = near.score, near.exact
        missing = len(taken) < len(template.slots)
        values = {
            slot.name: fitting(mention, slot, self.lang, any_kind=slot.name in misfits)
            for mention, slot in zip(taken, slots, strict=True)
        }
        fitted = sum(bool(slot.kinds) for slot in slots) - len(misfits)
        doubtful = sum(len(found) > 1 for found in values.values())
        score += _FITTED * fitted - _DOUBTFUL * doubtful
        score -= _SHORTER * short + _OTHER_KIND * len(misfits)
        score -= _EVERYDAY * sum(self._is_everyday(mention) for mention in taken)
        return Match(
            template,
            values,
            {slot.name: mention.surface for mention, slot in zip(taken, slots, strict=True)},
            score=score / 2 if missing else min(score, 1.0),
            told=sum(weight for _, weight in meanings) + _FITTED * fitted - _DOUBTFUL * doubtful,
            certain=exact and not short and not misfits and not missing,
            misfits=misfits,
            doubted=not exact
            and (self._is_doubted(number, meanings, near) or self._leaves_out(template, taken)),
        )

    def _is_doubted(
        self, number: int, meanings: Sequence[tuple[str, float]], near: _Nearness
    ) -> bool:
        """Return whether the question says what the nearest way of asking leaves out or denies."""
        words = [meaning for meaning, _ in meanings if meaning[0] != "{"]
        negations = _negations(words)
        if near.negations != negations:
            return True
        if negations and not self.book.gaps[number] and near.score < _DENIED:
            return True
        own = [meaning in self.book.vocabulary[number] for meaning in words]
        if not self.book.templates[number].slots:
            return not all(own) and (near.score < _CLEAR or negations > 0)
        return bool(own) and not any(own)  # nothing but its slots speaks for it

    def _leaves_out(self, template: Template, taken: Sequence[Mention]) -> bool:
        """Return whether an answer's number or a term is said that no slot took, beside one."""
        held = {place for mention in taken for place in range(mention.start, mention.end)}
        if self.spoken.answers() - held:
            return True
        slots = tuple(zip(taken, template.slots, strict=False))
        known = {value for mention, slot in slots for value in fitting(mention, slot, self.lang)}
        return any(
            held.isdisjoint(range(other.start, other.end))
            and any(
                (values := fitting(other, slot, self.lang)) and known.isdisjoint(values)
                for slot in template.slots
            )
            and (len(taken) > 1 or any(self.spoken.joined(mention, other) for mention in taken))
            and not self._is_everyday(other)
            and not self.spoken.is_part(other)
            for other in self.spoken.mentions
        )

    def _is_everyday(self, mention: Mention) -> bool:
        words = tuple(self.spoken.tokens[mention.start : mention.end])
        return words in self.book.words.meanings

    def _renamed(
        self, taken: tuple[Mention, ...], slots: tuple[Slot, ...]
    ) -> list[tuple[str, float]]:
        """Return the meanings of the question with their weights, and the names of its slots."""
        if taken not in self.cuts:
            self.cuts[taken] = self._cut(taken)
        names = {f"{{{number}}}": f"{{{slot.name}}}" for number, slot in enumerate(slots)}
        return [(names.get(meaning, meaning), weight) for meaning, weight in self.cuts[taken]]

    def _cut(self, taken: tuple[Mention, ...]) -> list[tuple[str, float]]:
        tokens: list[str] = []
        places: list[int] = []
        starts = {mention.start: number for number, mention in enumerate(taken)}
        at = 0
        while at < len(self.spoken.tokens):
            places.append(at)
            if at in starts:
                tokens.append(f"{{{starts[at]}}}")
                at = taken[starts[at]].end
            else:
                tokens.append(self.spoken.tokens[at])
                at += 1
        named = {
            place
            for mention in self.spoken.mentions
            for place in range(mention.start, mention.end)
            if any(reading.type == "term" for reading in mention.readings)
        }
        out = []
        for found, place in self.book.words.cut_places(tokens):
            part = found in NEGATIONS and places[place] in named  # of a name: it denies nothing
            meaning = tokens[place] if part else found
            strange = meaning[0] != "{" and meaning not in self.book.weights
            factor = _NAMED if strange and places[place] in named else 1.0
            out.append((meaning, self.book.weight(meaning) * factor))
        return out

    def _shortfall(self, mention: Mention, slot: Slot) -> float:
        """Return which share of a longer name that fits a mention leaves out, 0 for the longest."""
        own = fitting(mention, slot, self.lang, any_kind=True)
        longest = max(
            (
                other.end - other.start
                for other in self.spoken.mentions
                if other.start <= mention.start
                and mention.end <= other.end
                and (values := fitting(other, slot, self.lang))
                and values != own
            ),
            default=0,
        )
        return max(0.0, 1 - (mention.end - mention.start) / longest) if longest else 0.0

    def _nearest(self, number: int, meanings: list[tuple[str, float]]) -> _Nearness:
        """Return how near the nearest way of asking is."""
        bare = tuple(meaning for meaning, _ in meanings)
        counts = Counter(bare)
        total = sum(weight for _, weight in meanings)
        told = sum(w for m, w in meanings if m in self.book.vocabulary[number] or m[0] == "{")
        best, negations = 0.0, 0
        for way in self.book.ways[number]:
            if way.meanings == bare:
                return _Nearness(1.0, exact=True, negations=way.negations)
            both = total + way.weight
            if 2 * min(total, way.weight) <= best * both:  # even if all were shared
                continue
            shared = 2 * sum(
                min(counts[meaning], way.counts[meaning]) * self.book.weight(meaning)
                for meaning in counts.keys() & way.counts.keys()
            )
            if shared > best * both:  # the order can only take off
                ordered = 2 * _in_order(meanings, way.meanings)
                score = ((1 - _ORDER) * shared + _ORDER * ordered) / both
                if score > best:
                    best, negations = score, way.negations
        covered = told / total if total else 0.0
        score = (1 - _VOCABULARY) * best + _VOCABULARY * covered
        return _Nearness(score, exact=False, negations=negations)


def _negations(meanings: Iterable[str]) -> int:
    """Return how many meanings turn a question into its opposite."""
    return sum(meaning in NEGATIONS for meaning in meanings)


def _in_order(asked: Sequence[tuple[str, float]], way: Sequence[str]) -> float:
    """Return the weight of the longest list of meanings that both have in the same order."""
    row = [0.0] * (len(way) + 1)
    held = set(way)
    for meaning, weight in asked:
        if meaning not in held:
            continue
        before = 0.0
        for at, other in enumerate(way, 1):
            kept = row[at]
            row[at] = max(row[at], row[at - 1], before + weight if meaning == other else 0.0)
            before = kept
    return row[-1]


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
    asked: _Asked, template: Template
) -> list[tuple[tuple[Mention, ...], tuple[str, ...]]]:
    """Return the mentions that the slots can take, one each, and the slots they do not quite fit.

    Where a slot finds no mention: nothing for all of them.
    """
    options = [_options(asked, slot) for slot in template.slots]
    out = []
    for chosen in product(*options):
        taken = tuple(mention for mention, _ in chosen)
        apart = all(a.end <= b.start or b.end <= a.start for a, b in combinations(taken, 2))
        misfits = zip(template.slots, chosen, strict=True)
        if apart:
            out.append((taken, tuple(slot.name for slot, (_, misfit) in misfits if misfit)))
    return out or [((), ())]


def _options(asked: _Asked, slot: Slot) -> list[tuple[Mention, bool]]:
    """Return the mentions that a slot may take, and whether they are of another kind."""
    out = []
    for mention in asked.spoken.mentions:
        if slot.type == "answer" and asked.spoken.is_part(mention):  # "1" of "answer 1"
            continue
        if fitting(mention, slot, asked.lang):
            out.append((mention, False))
        elif slot.kinds and fitting(mention, slot, asked.lang, any_kind=True):
            out.append((mention, True))
    return sorted(out, key=lambda x: (x[1], x[0].start - x[0].end))[:_MOST_MENTIONS]
