"""Owns finding the neutral fields that the fields of a CRM may be.

A match is a suggestion with a score: a person has to look at it. Better none than a wrong one:
kinds of data and objects have to agree, and names have to share a word that tells something.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from kg.exports.selection import ForeignField
    from kg.model import CrmField, FieldName, Glossary

__all__ = ["Suggestion", "has_chinese", "suggest"]

LEAST = 75.0  # score from which on a match is worth a look
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_CUSTOM = re.compile(r"(__c|__r|_c|__pc)$", re.IGNORECASE)
_SIGNS = re.compile(r"[\W_]+")

# Which kinds of neutral fields a data type may be; the first that is found in its name holds.
_TYPES: tuple[tuple[str, str], ...] = (
    ("list", r"one2many|many2many"),
    ("reference text", r"many2one|uuid|guid|uniqueidentifier|\bid\b|主键"),
    ("reference", r"lookup|master.?detail|reference|hierarchy|\b(owner|customer|user)\b"),
    ("reference", r"查找|关联|主从|引用|人员|员工|用户|成员|部门"),
    ("text", r"multiple checkbox|auto.?number|phone|e-?mail|url|自动编号|电话|手机|邮|网址"),
    ("boolean", r"check.?box|bool|\bbit\b|two.?options|yes.?no|布尔|复选框|是否|开关|勾选"),
    ("text", r"text|string|char|memo|html|pick.?list|select|enum|option|choice|radio"),
    ("text", r"\bstat(e|us)\b|文本|字符|单选|多选|下拉|选项|选择|枚举"),
    ("date", r"date|time|日期|时间"),
    ("number", r"currency|money|monetary|number|numeric|decimal|double|float|percent|roll.?up"),
    ("number", r"\b(big|small)?int(eger)?\d*\b|\blong\b|货币|金额|数字|数值|百分|整数|小数|数量"),
)
# The same by the name of the field, where the list tells no type.
_NAMED: tuple[tuple[str, str], ...] = (
    ("boolean", r"^(is|has) |^是否"),
    ("date", r" (date|time|at|on)$|(日期|时间)$"),
    ("number", r"(金额|数量|单价)$"),
    ("reference text", r"(^| )id$|编号$"),
)
_KINDS = {
    "datetime": "date",
    "decimal": "number",
    "integer": "number",
    "string": "text",
}  # of neutral types; any other is its own kind
_FILLERS = {
    "a",
    "an",
    "and",
    "at",
    "by",
    "date",
    "for",
    "has",
    "id",
    "in",
    "is",
    "of",
    "on",
    "the",
    "time",
    "to",
}
_FAINT = {
    "code",
    "name",
    "number",
    "status",
    "type",
    "value",
    "名称",
    "类型",
    "状态",
    "金额",
    "数量",
    "编码",
    "代码",
}
_FAINT_ENDS = re.compile(r"(日期|时间|编号|id)$|^(是否|已)")
_ENDINGS = re.compile(r"(?<=\w{3})(ed|es|e|s)$")
_OBJECT_WORDS = {  # what systems call objects in Chinese
    "业务机会": "opportunity",
    "销售机会": "opportunity",
    "潜在客户": "lead",
    "潜在顾客": "lead",
    "个案": "case",
}
_OBJECT_ENDS = re.compile(r"(对象|记录|信息|表)$")
_KNOWN_SCORES = {"exactMatch": 100.0, "closeMatch": 98.0}
_WORTH_A_LOOK, _SECOND_CHOICE = 70.0, 10.0
_HOMELESS = 10.0  # what a match lacks where the list names no object
_BATCH = 500  # foreign fields compared at once, which bounds the memory
_HIGHEST = 97.0  # of a match that only names speak for


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A foreign field that a neutral field (IRI) may be; `score` goes up to 100.

    `known` is the name in some system that it was recognised by, if any.
    """

    field: str
    foreign: ForeignField
    score: int
    known: FieldName | None = None


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A neutral field that a foreign one, by its place in the list, may be."""

    score: float
    field: CrmField
    number: int
    known: FieldName | None = None


@dataclass(frozen=True, slots=True)
class _Spelling:
    """A name as words: all of them, the stems of those that tell something, and without gaps."""

    words: str
    core: str
    telling: frozenset[str]  # words, or pairs of Chinese signs, that two names have to share
    compact: str


def suggest(
    glossary: Glossary,
    foreign: Iterable[ForeignField],
    *,
    open_fields: Container[str] | None = None,
    least: float = LEAST,
) -> tuple[Suggestion, ...]:
    """Return the best match of each foreign field, sorted by neutral field; each serves once.

    Objects and kinds of data have to agree where the list names them. An API name that some system
    has for a neutral field goes first; else labels and names of both are compared word by word.
    Only `open_fields` (IRIs) get a match, or all where it is None; what a name means is decided
    among the objects of the whole glossary.
    """
    found = list(foreign)
    groups: dict[str, list[int]] = {}
    for number, field in enumerate(found):
        groups.setdefault(_home(field), []).append(number)
    everything = [field for _, field in sorted(glossary.fields.items())]
    own = _own_keys(glossary)
    out: list[_Candidate] = []
    for home, numbers in groups.items():
        near = _near(everything, own, home) if home else None
        fields = [field for field in everything if near is None or field.object in near]
        phrases = (*_phrases(own, near), tuple(home.split())) if near else ()
        some: list[_Candidate] = []
        for at in range(0, len(numbers), _BATCH):
            batch = {number: found[number] for number in numbers[at : at + _BATCH]}
            some += _candidates(fields, batch, phrases, least if home else least + _HOMELESS)
        out += some if home else _of_one_object(some)
    free = [c for c in out if open_fields is None or c.field.iri in open_fields]
    return tuple(
        Suggestion(c.field.iri, found[c.number], round(c.score), c.known) for c in _each_once(free)
    )


def _each_once(candidates: Iterable[_Candidate]) -> list[_Candidate]:
    """Return the best candidates, sorted by neutral field; a far second choice is none."""
    ranked = sorted(candidates, key=lambda c: (-c.score, c.field.iri, c.number))
    best: dict[int, float] = {}
    chosen: dict[str, _Candidate] = {}
    taken: set[int] = set()
    for one in ranked:
        first = best.setdefault(one.number, one.score)
        near = one.score >= first - _SECOND_CHOICE
        if near and one.field.iri not in chosen and one.number not in taken:
            chosen[one.field.iri] = one
            taken.add(one.number)
    return [one for _, one in sorted(chosen.items())]


def _of_one_object(candidates: Iterable[_Candidate]) -> list[_Candidate]:
    """Return the candidates that stay where a list names no object, each a little less sure.

    What fits fields of several objects equally well goes to the one that most of the list fits; it
    is left out where none stands out.
    """
    by_number: dict[int, list[_Candidate]] = {}
    for one in candidates:
        by_number.setdefault(one.number, []).append(one)
    homes: dict[int, set[str]] = {}
    for number, some in by_number.items():
        top = max(one.score for one in some)
        homes[number] = {one.field.object for one in some if one.score > top - 1}
    votes = Counter(home for found in homes.values() for home in found)
    out: list[_Candidate] = []
    for number, some in by_number.items():
        most = max(votes[home] for home in homes[number])
        first = [home for home in homes[number] if votes[home] == most]
        out += [one for one in some if [one.field.object] == first]
    return [replace(one, score=one.score - _HOMELESS) for one in out]


def _candidates(
    fields: Sequence[CrmField],
    foreign: Mapping[int, ForeignField],
    phrases: Sequence[tuple[str, ...]],
    least: float,
) -> list[_Candidate]:
    """Return every neutral field whose kind and names fit a foreign one."""
    ours = [(n, _spelling(s, phrases)) for n, f in foreign.items() for s in _foreign_names(f)]
    theirs = [(f, _spelling(s, phrases)) for f in fields for s in _field_names(f)]
    kinds = {number: _kinds(field) for number, field in foreign.items()}
    best: dict[tuple[int, str], _Candidate] = {}
    for at, to in _close_pairs([s for _, s in ours], [s for _, s in theirs]):
        (number, own), (field, other) = ours[at], theirs[to]
        if kinds[number] and _KINDS.get(field.type, field.type) not in kinds[number]:
            continue
        score = _likeness(own, other)
        key = number, field.iri
        if score >= least and (key not in best or best[key].score < score):
            best[key] = _Candidate(score, field, number)
    for number, one in foreign.items():
        for field in fields if _home(one) else ():
            known = _known_by(field, one)
            kind = _KINDS.get(field.type, field.type)
            if known and (not kinds[number] or kind in kinds[number]):
                score = _KNOWN_SCORES[known.match]
                best[number, field.iri] = _Candidate(score, field, number, known)
    return list(best.values())


def _known_by(field: CrmField, foreign: ForeignField) -> FieldName | None:
    """Return the name in some system that is the API name of a foreign field, the closest first."""
    api = _compact(foreign.api.rpartition(".")[2])
    scored = (n for n in field.names if n.match in _KNOWN_SCORES)
    found = (n for n in scored if api and api == _compact(n.name.rpartition(".")[2]))
    return min(found, key=lambda n: (n.match != "exactMatch", n.system), default=None)


def _close_pairs(
    left: Sequence[_Spelling], right: Sequence[_Spelling]
) -> Iterator[tuple[int, int]]:
    """Yield the pairs of names that are worth a look: of like words, or one but for the gaps."""
    import numpy as np
    from rapidfuzz import fuzz, process

    if not left or not right:
        return
    near = process.cdist(
        [name.core for name in left],
        [name.core for name in right],
        scorer=fuzz.token_set_ratio,
        score_cutoff=_WORTH_A_LOOK,
    )
    same: dict[str, list[int]] = {}
    for to, name in enumerate(right):
        same.setdefault(name.compact, []).append(to)
    for at, name in enumerate(left):
        near[at, same.get(name.compact, [])] = _HIGHEST
    for at, to in zip(*np.nonzero(near), strict=True):
        yield int(at), int(to)


def _likeness(one: _Spelling, other: _Spelling) -> float:
    """Return how like two names are: 0 where they share no word that tells something."""
    from rapidfuzz import fuzz

    if one.compact == other.compact:
        return _HIGHEST
    if not one.telling & other.telling:
        return 0.0
    within = fuzz.token_set_ratio(one.core, other.core)
    whole = fuzz.ratio(one.core, other.core)  # a lead source is no source lead
    label = fuzz.ratio(one.words, other.words)
    return _HIGHEST * (0.3 * within + 0.3 * whole + 0.4 * label) / 100


def _kinds(field: ForeignField) -> tuple[str, ...]:
    """Return the kinds of data that a field may hold; empty where nothing tells.

    >>> from kg.exports.selection import ForeignField
    >>> _kinds(ForeignField("a", type="Lookup(Account)")), _kinds(ForeignField("IsWon"))
    (('reference',), ('boolean',))
    """
    told = unicodedata.normalize("NFKC", field.type).casefold()
    found = next((kinds for kinds, words in _TYPES if told and re.search(words, told)), "")
    for name in _foreign_names(field):
        found = found or next((kinds for kinds, words in _NAMED if re.search(words, name)), "")
    return tuple(found.split())


def _foreign_names(field: ForeignField) -> list[str]:
    return _distinct((field.label, field.api.rpartition(".")[2] or field.api))


def _field_names(field: CrmField) -> list[str]:
    names = [field.id.rpartition(".")[2], *(label.value for label in field.labels)]
    for known in field.names:
        names += [known.name.rpartition(".")[2], *(label.value for label in known.labels)]
    return _distinct(names)


def _home(field: ForeignField) -> str:
    """Return the object of a foreign field as stems, or an empty text.

    >>> from kg.exports.selection import ForeignField
    >>> _home(ForeignField("Opportunities.Amount")), _home(ForeignField("a", object="商机对象"))
    ('opportuniti', '商机')
    """
    return _object_key(field.object or field.api.rpartition(".")[0])


def _object_key(name: str) -> str:
    spelt = _OBJECT_ENDS.sub("", _spelt(name))
    return " ".join(map(_stem, _OBJECT_WORDS.get(spelt, spelt).split()))


def _near(fields: Iterable[CrmField], own: Mapping[str, set[str]], home: str) -> set[str]:
    """Return the objects of a name: by their own names, else by those that systems have."""
    if found := {iri for iri, names in own.items() if home in names}:
        return found
    short = home.removeprefix("sal ").removeprefix("销售")
    if found := {iri for iri, names in own.items() if short in names}:
        return found
    return {
        field.object
        for field in fields
        for known in field.names
        if home == _object_key(known.name.rpartition(".")[0])
    }


def _own_keys(glossary: Glossary) -> dict[str, set[str]]:
    """Return what each object that has fields is called, as stems."""
    objects = {field.object for field in glossary.fields.values()}
    return {iri: set(map(_object_key, _own_names(glossary, iri))) for iri in objects}


def _own_names(glossary: Glossary, iri: str) -> list[str]:
    """Return what an object is called: by id, by label, and as the term that it records."""
    known = glossary.objects.get(iri)
    names = [iri.rpartition("/")[2], *(label.value for label in (known.labels if known else ()))]
    term = glossary.concepts.get(known.records or "") if known else None
    names += [label.value for label in (term.labels if term else ())]
    return _distinct(names)


def _phrases(own: Mapping[str, set[str]], objects: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Return the names of objects as stems, the longest first."""
    names = {name for iri in objects for name in own[iri]}
    return tuple(tuple(name.split()) for name in sorted(names - {""}, key=lambda n: (-len(n), n)))


def _distinct(names: Iterable[str]) -> list[str]:
    return [name for name in dict.fromkeys(map(_spelt, names)) if name]


@lru_cache(maxsize=65_536)
def _spelt(name: str) -> str:
    """Return a name as words: humps and underscores parted, no custom mark, small letters."""
    parted = _HUMP.sub(" ", _CUSTOM.sub("", unicodedata.normalize("NFKC", name).strip()))
    return " ".join(_SIGNS.sub(" ", parted).casefold().split())


def _compact(name: str) -> str:
    return _spelt(name).replace(" ", "")


def _stem(word: str) -> str:
    """Return a word without its ending, so that closed is close, and companies company."""
    return re.sub(r"(?<=\w{3})y$", "i", _ENDINGS.sub("", word))


def _spelling(name: str, phrases: Sequence[tuple[str, ...]]) -> _Spelling:
    """Return a name as words, without that of its object: a lead's lead source is its source."""
    words = _without(name.split(), phrases)
    told = [_FAINT_ENDS.sub("", word) if has_chinese(word) else word for word in words]
    core = [_stem(word) for word in told if word and word not in _FILLERS] or words
    telling: set[str] = set()
    for word in core:
        pairs = [word[at : at + 2] for at in range(max(len(word) - 1, 1))]
        telling.update(pairs if has_chinese(word) else [word])
    faint = _FAINT | set(map(_stem, _FAINT))
    return _Spelling(" ".join(words), " ".join(core), frozenset(telling - faint), "".join(words))


def _without(words: list[str], phrases: Iterable[tuple[str, ...]]) -> list[str]:
    stems = list(map(_stem, words))
    for phrase in phrases:
        size = len(phrase)
        for at in range(len(words) - size + 1):
            if tuple(stems[at : at + size]) == phrase and len(words) > size:
                return words[:at] + words[at + size :]
        if (
            size == 1
            and has_chinese(phrase[0])
            and words[0].startswith(phrase[0])
            and (rest := words[0].removeprefix(phrase[0]))
        ):
            return [rest, *words[1:]]
    return words


def has_chinese(text: str) -> bool:
    """Return whether a text has a Chinese sign.

    >>> has_chinese("CRM 系统"), has_chinese("CRM")
    (True, False)
    """
    return any("\u4e00" <= sign <= "\u9fff" for sign in text)
