"""Owns finding concepts: one ranked search for both languages, and resolving what a user typed.

The index is made once per build and kept as JSON; the page carries the same keys and ranks by the
same rules, so that both give the same hits (tests/golden/search_vectors.json).
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from kg.errors import TermError
from kg.model import TIERS, Label
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
    "shorten",
]

PREF, ALT, HIDDEN, PINYIN, INITIALS = range(5)
EQUAL, PREFIX, WORD_PREFIX, INSIDE, ALL_WORDS, TYPO = range(6)
_CJK = "\u2e80"
_SUGGESTED = 5  # candidates in an error
_QUOTED = 80  # signs of an unknown text that an error repeats

# Where pypinyin takes the commoner reading of a sign. Kept here and applied first: its own way of
# adding phrases changes the dictionary for the whole process.
_SPOKEN = {
    "去重": ("qu", "chong"),
    "更好地": ("geng", "hao", "de"),
    "重开": ("chong", "kai"),
}
_PHRASES = re.compile(f"({'|'.join(_SPOKEN)})")
_RUNS = re.compile(r"([\u2e80-\U0010ffff]+)|([^\s\u2e80-\U0010ffff]+)")


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

    >>> from kg.model import Concept, Glossary, Label
    >>> labels = (Label("赢单率", "zh", "pref"), Label("win rate", "en", "pref"))
    >>> rate = Concept(TERM + "win-rate", "Metric", "core", "pipeline", labels)
    >>> index = build_index(Glossary({rate.iri: rate}, (), {}, ()))
    >>> [search(index, text)[0].key for text in ("贏單率", "yingdanlü", "ydl", "Win", "winrat")]
    ['赢单率', 'yingdanlu', 'ydl', 'win rate', 'win rate']
    >>> contract(resolve(index, "赢单率").iri)
    'term:win-rate'
    """
    concepts = [concept for _, concept in sorted(glossary.concepts.items())]
    fold = _folding(concepts)
    rewritten = _traditional(concepts, fold)
    entries = (_entry(concept, rewritten.get(concept.iri, ()), fold) for concept in concepts)
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
    found = list(_matches(index, query)) or list(_near_misses(index, query))
    ranked = sorted(found, key=lambda hit: (hit.score, contract(hit.iri)))
    return tuple(ranked[:limit])


def resolve(index: SearchIndex, text: str, *, lang: str = "zh") -> Resolution:
    """Return the concept that `text` names: id, CURIE, IRI, label, alias, hidden label or pinyin.

    The first of these levels with a hit decides; labels in `lang` come before the other language.
    Raises TermError with candidates where nothing fits, or where the level has several.
    """
    by_iri = {entry.iri: entry for entry in index.entries}
    if direct := _direct(text, by_iri):
        return Resolution(direct)
    levels = [hits for hits in _levels(index, text, lang) if hits]
    if not levels:
        near = tuple(_named(by_iri[iri], lang) for iri in _suggestions(index, text))
        raise TermError("term-unknown", term=shorten(text), candidates=near)
    first = levels[0]
    if len(first) > 1:
        names = tuple(_named(by_iri[iri], lang) for iri in first)
        raise TermError("term-ambiguous", term=shorten(text), candidates=names)
    others = dict.fromkeys(iri for hits in levels[1:] for iri in hits if iri != first[0])
    return Resolution(first[0], tuple(others))


def _direct(text: str, known: Mapping[str, Entry]) -> str | None:
    bare = text.strip().removeprefix("<").removesuffix(">")
    prefix, colon, _ = bare.partition(":")
    tries = [bare, TERM + bare]
    if colon and prefix in PREFIXES:
        tries.append(expand(bare))
    return next((iri for iri in tries if iri in known), None)


def _levels(index: SearchIndex, text: str, lang: str) -> list[list[str]]:
    """Return the concepts that a text names exactly, at each level of resolution."""
    wanted = normalise(text, index.fold).replace(" ", "")
    levels: list[list[str]] = [[] for _ in range(7)]
    if not wanted:
        return levels
    first = {"pref": 0, "alt": 2, "hidden": 4}
    for entry in index.entries:
        found = {
            first[role] + (role != "hidden" and language != lang)
            for role, language, _, key in entry.labels
            if key == wanted
        }
        found |= {rank - PINYIN + 5 for rank, key in entry.keys if rank >= PINYIN and key == wanted}
        for level in found:
            levels[level].append(entry.iri)
    return levels


def _suggestions(index: SearchIndex, text: str) -> list[str]:
    """Return what a text that names nothing may have meant.

    In both languages the last word says what a thing is: kinds of what was asked for ("win rate"
    for "rate") come before terms that merely mention it.
    """
    query = normalise(text, index.fold)
    found = search(index, query, limit=len(index.entries))
    if not found:
        query = _respelled(index, query)
        found = search(index, query, limit=len(index.entries))
    if not found or found[0].score[0] == TYPO:
        return [hit.iri for hit in found[:_SUGGESTED]]

    def order(hit: Hit) -> tuple[bool, int, int, int, str]:
        _, rank, tier, length = hit.score
        spaced = rank < PINYIN and query[0] < _CJK  # a whole word, not the end of one
        is_kind = f" {hit.key}".endswith(f" {query}") if spaced else hit.key.endswith(query)
        return not is_kind, tier, rank, length, hit.iri

    return [hit.iri for hit in sorted(found, key=order)[:_SUGGESTED]]


def _respelled(index: SearchIndex, query: str) -> str:
    """Return the nearest thing to a query that labels hold.

    Latin words become the nearest word of any label. Of Chinese the longest piece that stands in
    a label is left, the last one of that length: it says what the thing is.
    """
    keys = [key for entry in index.entries for rank, key in entry.keys if rank < PINYIN]
    query = query[:_QUOTED]
    if any(char >= _CJK for char in query):
        compact, held = query.replace(" ", ""), "\n".join(key.replace(" ", "") for key in keys)
        pieces = (
            compact[start : start + length]
            for length in range(len(compact) - 1, 1, -1)
            for start in range(len(compact) - length, -1, -1)
        )
        return next((piece for piece in pieces if piece in held), query)
    known = sorted({word for key in keys for word in key.split() if word < _CJK})
    return " ".join(_nearest(word, known) for word in query.split())


def _nearest(word: str, known: Iterable[str]) -> str:
    near = ((_slips(word, other, _typo_limit(word)), other) for other in known)
    return min(((slips, other) for slips, other in near if slips is not None), default=(0, word))[1]


def shorten(text: str) -> str:
    """Return a text as an error repeats it: its first 80 signs.

    >>> shorten("赢单率" * 100) == "赢单率" * 26 + "赢单…"
    True
    """
    return text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…"


def _named(entry: Entry, lang: str) -> str:
    prefs = {language: text for role, language, text, _ in entry.labels if role == "pref"}
    return f"{contract(entry.iri)} ({prefs.get(lang) or next(iter(prefs.values()), entry.iri)})"


def _matches(index: SearchIndex, query: str) -> Iterator[Hit]:
    compact, words = query.replace(" ", ""), list(dict.fromkeys(query.split()))
    for entry in index.entries:
        kinds = ((_match(compact, words, rank, key), rank, key) for rank, key in entry.keys)
        scores = [
            ((kind, rank, entry.tier, len(key.replace(" ", ""))), key)
            for kind, rank, key in kinds
            if kind is not None
        ]
        if scores:
            score, key = min(scores)
            yield Hit(entry.iri, key, score)


def _near_misses(index: SearchIndex, query: str) -> Iterator[Hit]:
    compact = query.replace(" ", "")
    limit = _typo_limit(compact)
    for entry in index.entries if limit else ():
        wholes = ((key.replace(" ", ""), key) for rank, key in entry.keys if rank != INITIALS)
        slips = ((_slips(compact, whole, limit), len(whole), key) for whole, key in wholes)
        scores = [((TYPO, s, entry.tier, size), key) for s, size, key in slips if s is not None]
        if scores:
            score, key = min(scores)
            yield Hit(entry.iri, key, score)


def _match(compact: str, words: list[str], rank: int, key: str) -> int | None:
    """Return how a key matches: the first class that fits, or None."""
    if rank >= PINYIN and len(compact) < 2:  # noqa: PLR2004 - one letter says nothing
        return None
    whole = key.replace(" ", "")
    if compact not in whole:
        held = rank < PINYIN and all(word in key for word in words)
        return ALL_WORDS if held and _begun(words, key.split()) else None
    if whole.startswith(compact):
        return EQUAL if whole == compact else PREFIX
    if rank == INITIALS:
        return None
    if rank != PINYIN and any(word.startswith(compact) for word in key.split()):
        return WORD_PREFIX
    return INSIDE


def _begun(words: list[str], held: list[str]) -> bool:
    """Return whether each of the words begins a held one."""
    return all(any(word.startswith(part) for word in held) for part in words)


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


def _entry(concept: Concept, more: tuple[Label, ...], fold: Mapping[str, str]) -> Entry:
    keys: list[tuple[int, str]] = [(ALT, normalise(concept.id, fold))]
    for label in (*concept.labels, *more):
        rank = {"pref": PREF, "alt": ALT, "hidden": HIDDEN}[label.role]
        keys.append((rank, normalise(label.value, fold)))
        if label.lang == "zh" and any(char >= _CJK for char in label.value):
            keys += _spoken_keys(keys[-1][1], initials=label.role != "hidden")
    labels = tuple(
        (label.role, label.lang, label.value, normalise(label.value, fold).replace(" ", ""))
        for label in (*concept.labels, *more)
    )
    unique = tuple(key for key in dict.fromkeys(sorted(keys)) if key[1])
    return Entry(concept.iri, TIERS.index(concept.tier), labels, unique)


def _spoken_keys(text: str, *, initials: bool) -> Iterator[tuple[int, str]]:
    """Yield the pinyin of a normalised Chinese label, and its first letters.

    ü is written v ("lv") and, as in names and after tone marks are dropped, u ("lu"). Latin words
    inside a label count by their first letter and in full ("CRM系统": "cxt", "crmxt").
    """
    syllables = list(_syllables(text))
    spoken = "".join(syllable for syllable, _ in syllables)
    yield PINYIN, spoken
    yield (
        PINYIN,
        "".join(
            syllable.replace("v", "u") if chinese else syllable for syllable, chinese in syllables
        ),
    )
    if initials:
        yield INITIALS, "".join(syllable[0] for syllable, _ in syllables)
        yield (
            INITIALS,
            "".join(syllable[0] if chinese else syllable for syllable, chinese in syllables),
        )


def _syllables(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the parts of a normalised text as spoken: syllables (True) and Latin words (False)."""
    from pypinyin import lazy_pinyin

    for piece in _PHRASES.split(text):
        if piece in _SPOKEN:
            yield from ((syllable, True) for syllable in _SPOKEN[piece])
            continue
        for signs, word in _RUNS.findall(piece):
            if signs:
                yield from ((part, True) for part in lazy_pinyin(signs, v_to_u=False))
            else:
                yield word, False


def _folding(concepts: Iterable[Concept]) -> dict[str, str]:
    """Return the traditional characters whose simplified form stands in any label."""
    import opencc

    used = {char for concept in concepts for label in concept.labels for char in label.value}
    to_simplified = opencc.OpenCC("t2s")
    pairs = ((chr(code), to_simplified.convert(chr(code))) for code in range(0x4E00, 0xA000))
    return {old: new for old, new in pairs if old != new and new in used}


def _traditional(
    concepts: Iterable[Concept], fold: Mapping[str, str]
) -> dict[str, tuple[Label, ...]]:
    """Return the traditional forms that no folding of single signs undoes, as hidden labels.

    One sign may stand for several by the word it is in: 回覆 is 回复, 覆盖 stays 覆盖.
    """
    import opencc

    standards = [opencc.OpenCC(name).convert for name in ("s2hk", "s2t", "s2tw")]
    out: dict[str, tuple[Label, ...]] = {}
    for concept in concepts:
        own = [label.value for label in concept.labels if label.lang == "zh"]
        forms = {(text, convert(text)) for text in own for convert in standards}
        lost = {new for old, new in forms if normalise(old, fold) != normalise(new, fold)}
        if lost:
            out[concept.iri] = tuple(Label(text, "zh", "hidden") for text in sorted(lost))
    return out
