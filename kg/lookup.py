"""Owns finding concepts: one ranked search for both languages, and resolving what a user typed.

The index is made once per build and kept as JSON; the page carries the same keys and ranks by the
same rules, so that both give the same hits (tests/golden/search_vectors.json).
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from kg.errors import TermError
from kg.model import TIERS
from kg.vocab import PREFIXES, TERM, contract, expand

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kg.model import Concept, Glossary

__all__ = [
    "Entry",
    "Hit",
    "Resolution",
    "SearchIndex",
    "build_index",
    "normalise",
    "resolve",
    "search",
]

PREF, ALT, HIDDEN, PINYIN, INITIALS = range(5)
EQUAL, PREFIX, WORD_PREFIX, INSIDE, ALL_WORDS, TYPO = range(6)
_CJK = "\u2e80"


class Entry(NamedTuple):
    """A concept in the index: its labels, and its normalised keys by field rank."""

    iri: str
    tier: int  # 0 core, 1 supporting, 2 context
    labels: tuple[tuple[str, str, str, str], ...]  # (role, language, text, compact key)
    keys: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class SearchIndex:
    """What a search reads: the entries by IRI, and the traditional characters to fold."""

    entries: tuple[Entry, ...]
    fold: Mapping[str, str]

    def to_json(self) -> bytes:
        """Return the index as JSON, the same bytes for the same index."""
        data = {"fold": dict(sorted(self.fold.items())), "entries": self.entries}
        return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, data: bytes) -> SearchIndex:
        """Return the index that `to_json` wrote."""
        raw = json.loads(data)
        entries = (
            Entry(iri, tier, tuple(map(tuple, labels)), tuple(map(tuple, keys)))
            for iri, tier, labels, keys in raw["entries"]
        )
        return cls(tuple(entries), raw["fold"])


@dataclass(frozen=True, slots=True)
class Hit:
    """One concept found, with the key it was found by and the score it was ranked by."""

    iri: str
    key: str
    score: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Resolution:
    """The concept a text stands for, and the others it might have meant."""

    iri: str
    others: tuple[str, ...] = ()


def build_index(glossary: Glossary) -> SearchIndex:
    """Return the search index of a glossary: labels, aliases, pinyin, initials, folding table.

    Pinyin comes from pypinyin, the table of traditional characters from OpenCC; both are needed
    here only, never to search.
    """
    fold = _folding(glossary.concepts.values())
    entries = (_entry(concept, fold) for _, concept in sorted(glossary.concepts.items()))
    return SearchIndex(tuple(entries), fold)


def normalise(text: str, fold: Mapping[str, str]) -> str:
    """Return the form of a text that keys and queries are compared in.

    Widths and case are levelled, traditional characters folded, tone marks and accents dropped,
    and everything that is neither letter nor digit becomes one space.

    >>> normalise(" Win-Rate(%)", {})
    'win rate'
    >>> normalise("銷售轉化率", {"銷": "销", "轉": "转"})
    '销售转化率'
    """
    levelled = unicodedata.normalize("NFKC", text).lower()
    folded = "".join(fold.get(char, char) for char in levelled)
    bare = "".join(
        c for c in unicodedata.normalize("NFD", folded) if unicodedata.category(c) != "Mn"
    )
    kept = (
        c if unicodedata.category(c)[0] in "LN" else " " for c in unicodedata.normalize("NFC", bare)
    )
    return " ".join("".join(kept).split())


def search(index: SearchIndex, text: str, *, limit: int = 20) -> tuple[Hit, ...]:
    """Return the concepts that match `text`, best first.

    An equal key comes before a key that begins with the text, then one with a word that begins so,
    one that holds it, one that holds all words; near misses (optimal string alignment) only where
    there is nothing else. Within these: names before aliases before pinyin, core terms first,
    shorter keys first, then by IRI; near misses by how far apart they are, then core terms first.
    """
    query = normalise(text, index.fold)
    if not query:
        return ()
    found = list(_matches(index, query))
    exact = [hit for hit in found if hit.score[0] < TYPO]
    ranked = sorted(exact or found, key=lambda hit: (hit.score, contract(hit.iri)))
    return tuple(ranked[:limit])


def resolve(index: SearchIndex, text: str, *, lang: str = "zh") -> Resolution:
    """Return the concept that `text` names: id, CURIE, IRI, label, alias, hidden label or pinyin.

    The first of these levels with a hit decides; labels in `lang` come before the other language.
    Raises TermError with candidates where nothing fits, or where a level has several.
    """
    by_iri = {entry.iri: entry for entry in index.entries}
    if direct := _direct(text, by_iri):
        return Resolution(direct)
    levels = [hits for hits in _levels(index, text, lang) if hits]
    if not levels:
        near = tuple(contract(hit.iri) for hit in search(index, text, limit=3))
        raise TermError("term-unknown", term=text, candidates=near)
    first = levels[0]
    if len(first) > 1:
        names = tuple(f"{contract(iri)} ({_pref(by_iri[iri], lang)})" for iri in first)
        raise TermError("term-ambiguous", term=text, candidates=names)
    others = dict.fromkeys(iri for hits in levels[1:] for iri in hits if iri != first[0])
    return Resolution(first[0], tuple(others))


def _direct(text: str, known: Mapping[str, Entry]) -> str | None:
    bare = text.strip().removeprefix("<").removesuffix(">")
    prefix, colon, _ = bare.partition(":")
    tries = [bare, TERM + bare]
    if colon and prefix in PREFIXES:
        tries.append(expand(bare))
    return next((iri for iri in tries if iri in known), None)


def _levels(index: SearchIndex, text: str, lang: str) -> Iterator[list[str]]:
    wanted = normalise(text, index.fold).replace(" ", "")
    other = "en" if lang == "zh" else "zh"
    order = [("pref", lang), ("pref", other), ("alt", lang), ("alt", other), ("hidden", "")]
    if not wanted:
        return
    for role, language in order:
        yield [
            entry.iri
            for entry in index.entries
            if any(
                wanted == key and role == has and language in (in_lang, "")
                for has, in_lang, _, key in entry.labels
            )
        ]
    for rank in (PINYIN, INITIALS):
        yield [
            entry.iri
            for entry in index.entries
            if any(rank == at and key.replace(" ", "") == wanted for at, key in entry.keys)
        ]


def _pref(entry: Entry, lang: str) -> str:
    prefs = {language: text for role, language, text, _ in entry.labels if role == "pref"}
    return prefs.get(lang) or next(iter(prefs.values()), entry.iri)


def _matches(index: SearchIndex, query: str) -> Iterator[Hit]:
    compact, words = query.replace(" ", ""), query.split()
    limit = _typo_limit(compact)
    for entry in index.entries:
        best: tuple[tuple[int, int, int, int], str] | None = None
        for rank, key in entry.keys:
            kind = _match(compact, words, rank, key)
            whole = key.replace(" ", "")
            score = None if kind is None else (kind, rank, entry.tier, len(whole))
            if kind is None and limit and rank != INITIALS:
                slips = _slips(compact, whole, limit)
                score = None if slips is None else (TYPO, slips, entry.tier, len(whole))
            if score is not None and (best is None or score < best[0]):
                best = (score, key)
        if best is not None:
            yield Hit(entry.iri, best[1], best[0])


def _match(compact: str, words: list[str], rank: int, key: str) -> int | None:  # noqa: PLR0911 - one return a class
    whole = key.replace(" ", "")
    if whole == compact:
        return EQUAL if rank != INITIALS or len(compact) > 1 else None
    if rank >= PINYIN and len(compact) < 2:  # noqa: PLR2004 - one letter says nothing
        return None
    if whole.startswith(compact):
        return PREFIX
    if rank == INITIALS:
        return None
    key_words = key.split()
    if rank != PINYIN and any(word.startswith(compact) for word in key_words):
        return WORD_PREFIX
    if compact in whole:
        return INSIDE
    if (
        rank != PINYIN
        and len(words) > 1
        and all(any(word.startswith(part) for word in key_words) for part in words)
    ):
        return ALL_WORDS
    return None


def _typo_limit(compact: str) -> int:
    """Return how many slips are forgiven: none in short texts, one, or two from eight signs on."""
    shortest = 3 if any(char >= _CJK for char in compact) else 4
    if len(compact) < shortest:
        return 0
    return 1 if len(compact) < 8 else 2  # noqa: PLR2004 - see the docstring


def _slips(left: str, right: str, limit: int) -> int | None:
    """Return how far apart two texts are (distance, then difference in length), or None."""
    gap = abs(len(left) - len(right))
    if gap > limit:
        return None
    from rapidfuzz.distance import OSA

    distance = OSA.distance(left, right, score_cutoff=limit)
    return distance * 10 + gap if distance <= limit else None


def _entry(concept: Concept, fold: Mapping[str, str]) -> Entry:
    from pypinyin import lazy_pinyin

    keys: list[tuple[int, str]] = [(ALT, normalise(concept.id, fold))]
    for label in concept.labels:
        rank = {"pref": PREF, "alt": ALT, "hidden": HIDDEN}[label.role]
        keys.append((rank, normalise(label.value, fold)))
        if label.lang == "zh" and any(char >= _CJK for char in label.value):
            syllables = lazy_pinyin(normalise(label.value, fold), v_to_u=False)
            spoken = [normalise(syllable, fold) for syllable in syllables]
            spoken = [syllable for syllable in spoken if syllable]
            keys.append((PINYIN, "".join(spoken).replace(" ", "")))
            if label.role != "hidden":
                keys.append((INITIALS, "".join(syllable[0] for syllable in spoken)))
    labels = tuple(
        (label.role, label.lang, label.value, normalise(label.value, fold).replace(" ", ""))
        for label in concept.labels
    )
    unique = tuple(key for key in dict.fromkeys(sorted(keys)) if key[1])
    return Entry(concept.iri, TIERS.index(concept.tier), labels, unique)


def _folding(concepts: Iterable[Concept]) -> dict[str, str]:
    """Return the traditional characters whose simplified form stands in any label."""
    import opencc

    used = {char for concept in concepts for label in concept.labels for char in label.value}
    to_simplified = opencc.OpenCC("t2s")
    pairs = ((chr(code), to_simplified.convert(chr(code))) for code in range(0x4E00, 0xA000))
    return {old: new for old, new in pairs if old != new and new in used}
