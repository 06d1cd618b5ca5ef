"""Owns what a question speaks of: the names of everything a slot may hold, found in its words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kg import vocab as v
from kg.asking.words import singular, split_tokens, words_of
from kg.crm import names
from kg.lookup import normalise
from kg.model import LANGS
from kg.phrasing import WORDS, unit_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kg.asking.templates import Slot
    from kg.lookup import SearchIndex
    from kg.model import Glossary
    from kg.sparql import Value

__all__ = ["Lexicon", "Mention", "Reading", "Spoken", "build_lexicon", "fitting"]

_WORDED = (
    "status",
    "direction",
    "additivity",
    "date-basis",
)  # slot types whose values are words of phrasing
_ROLES = {"pref": 0, "alt": 2, "hidden": 4}
_SPELT = -1  # the level of an id, which counts only where it is written just so
_ID = 3  # the level of an id in other spelling
_LABEL = 3  # the level of the label of a field behind that of its object
_BARE = 5  # the level of a label without what stands in brackets, or without -ing
_NUMBERS = (
    ("一", "one", "first"),
    ("二", "two", "second"),
    ("三", "three", "third"),
    ("四", "four", "fourth"),
)
_QUOTED = re.compile(r"“([^”]+)”|「([^」]+)」|『([^』]+)』|‘([^’]+)’|\"([^\"]+)\"|《([^》]+)》")
_CURIE = re.compile(r"\b(?:term|measure|field|object|topic):(?=[A-Za-z])")
_DATE = re.compile(
    r"(?<!\d)(\d{4})(?:\s*年\s*|-|/)(\d{1,2})(?:(?:\s*月\s*|-|/)(\d{1,2})(?!\d)\s*日?|\s*月?(?!\d))"
    r"|(?<!\d)(\d{4})\s*年?(?!\d)"
)
_REMARK = re.compile(r"[(（][^()（）]*[)）]")
_AND = ("and", "or", "versus", "vs", "和", "与", "跟", "及", "或")
_SHARED = 4  # how many tokens before "and" may share the last words of the name after it
_VERBS = ("ed", "ing")
_NOUNS = ("ation", "ion", "ing", "ment", "al", "")
_BETWEEN = re.compile(r"[、,与和及]| and ")
_FULL = "full"  # the kind of a field's name that says its object, too ("商机 金额")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


class Reading(NamedTuple):
    """What a name may stand for: a type of slot, a value, its kind, and how good a name it is.

    `level` counts up from the best; `lang` is the language of the name where that matters.
    """

    type: str
    value: Value
    kind: str = ""
    level: int = 0
    lang: str = ""


class Mention(NamedTuple):
    """A stretch of tokens of a question that names something."""

    start: int
    end: int
    surface: str
    readings: tuple[Reading, ...]

    def covers(self, spoken: Spoken) -> bool:
        """Return whether it is all that was said."""
        return self.end - self.start == len(spoken.tokens)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A question as tokens, and what they mention."""

    tokens: tuple[str, ...]
    mentions: tuple[Mention, ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The names of everything that a slot may hold: normalised tokens -> what they stand for."""

    entries: Mapping[tuple[str, ...], tuple[Reading, ...]]
    reach: Mapping[str, int]
    fold: Mapping[str, str]

    def key(self, text: str) -> tuple[str, ...]:
        """Return the tokens that a text is compared in.

        >>> Lexicon({}, {}, {}).key("Win Rates(%)")
        ('win', 'rate')
        """
        return tuple(singular(token.text) for token in split_tokens(normalise(text, self.fold)))

    def read(self, question: str) -> Spoken:
        """Return the tokens of a question and every mention in them, overlapping ones too.

        A remark in brackets is left out, unless it is part of a name. "Segmented" stands for
        "segmentation", too, and "quantitative and qualitative forecasting" mentions both methods.
        Within the full name of a field ("Opportunity.amount") nothing else is mentioned.
        """
        bare = _REMARK.sub(partial(self._remark, question), question)
        text, dates = _take_dates(_CURIE.sub("", bare if bare.strip() else question))
        written = normalise(text, self.fold)
        pieces = split_tokens(written)
        keys = tuple(singular(piece.text) for piece in pieces)
        found: dict[tuple[int, int], list[Reading]] = {}
        for start, end, reading in self._found(keys, question):
            found.setdefault((start, end), []).append(reading)
        found = _outside_fields(found, keys, question)
        for start, end, reading in self._quoted(keys, question):
            found.setdefault((start, end), []).append(reading)
        for start, end, readings in self._shared(keys, found):
            found.setdefault((start, end), []).extend(readings)
        for at, key in enumerate(keys):
            if key in dates:
                found[at, at + 1] = [Reading("date", dates[key])]
        mentions = (
            Mention(start, end, written[pieces[start].start : pieces[end - 1].end], tuple(readings))
            for (start, end), readings in sorted(found.items())
        )
        return Spoken(tuple(piece.text for piece in pieces), tuple(mentions))

    def _remark(self, question: str, remark: re.Match[str]) -> str:
        """Return a remark as it is where a name goes on into it or out of it, else a blank."""
        before, inside = self.key(question[: remark.start()]), self.key(remark[0])
        after = self.key(question[remark.end() :])
        longest = max(self.reach.values(), default=0)
        for first in range(max(0, len(before) - longest), len(before) + 1):
            for more in range(min(longest, len(after)) + 1):
                name = (*before[first:], *inside, *after[:more])
                if len(name) > len(inside) and inside and name in self.entries:
                    return remark[0]
        return " "

    def _found(self, keys: tuple[str, ...], question: str) -> Iterator[tuple[int, int, Reading]]:
        for start, key in enumerate(keys):
            reach = max(self.reach.get(form, 0) for form in (key, *_nouns(key)))
            for end in range(start + 1, min(len(keys), start + reach) + 1):
                for reading in self._named(keys[start:end]):
                    if reading.level > _SPELT or _spelt(reading.value, question):
                        yield start, end, reading

    def _named(self, key: tuple[str, ...]) -> tuple[Reading, ...]:
        """Return what a key stands for, or else what it does with a noun for its last verb."""
        nouns = (self.entries.get((*key[:-1], noun)) for noun in _nouns(key[-1]))
        return self.entries.get(key) or next((found for found in nouns if found), ())

    def _shared(
        self, keys: tuple[str, ...], found: Mapping[tuple[int, int], list[Reading]]
    ) -> list[tuple[int, int, tuple[Reading, ...]]]:
        """Return the names before "and" that share their last words with the one after it."""
        out = []
        for start, end in found:
            if end - start > 1 and start > 1 and keys[start - 1] in _AND:
                for first in range(max(0, start - 1 - _SHARED), start - 1):
                    for tail in range(start + 1, end):
                        readings = self.entries.get((*keys[first : start - 1], *keys[tail:end]))
                        if readings:
                            out.append((first, start - 1, readings))
        return out

    def _quoted(self, keys: tuple[str, ...], question: str) -> Iterator[tuple[int, int, Reading]]:
        """Yield what stands in quotation marks: a name, whatever it is."""
        for match in _QUOTED.finditer(question):
            text = next(group for group in match.groups() if group).strip()
            key = self.key(text)
            for start in range(len(keys) - len(key) + 1) if key else ():
                if keys[start : start + len(key)] == key:
                    yield start, start + len(key), Reading("name", ox.Literal(text))


def build_lexicon(
    glossary: Glossary, index: SearchIndex, more: Iterable[Mapping[str, str]] = ()
) -> Lexicon:
    """Return the names of concepts, fields, objects, measures, topics, kinds, states, units ...

    `more` are rows of further names for values: type, value, zh and en.
    """
    entries: dict[tuple[str, ...], dict[Reading, None]] = {}
    lexicon = Lexicon({}, {}, index.fold)
    for text, reading in (*_all_names(glossary, index), *_more_names(more)):
        key = lexicon.key(text)
        if key:
            entries.setdefault(key, {})[reading] = None
    reach: dict[str, int] = {}
    for key in entries:
        reach[key[0]] = max(reach.get(key[0], 1), len(key))
    return Lexicon({key: tuple(found) for key, found in entries.items()}, reach, index.fold)


def fitting(
    mention: Mention, slot: Slot, lang: str, *, any_kind: bool = False
) -> tuple[Value, ...]:
    """Return the values that a mention can have in a slot: those of its best level, in order.

    With `any_kind` terms count that are of another kind than the slot asks for.
    """
    type_ = "term" if slot.kinds else slot.type
    found = [
        (_level(reading, lang), reading.value)
        for reading in mention.readings
        if reading.type == type_ and (any_kind or not slot.kinds or reading.kind in slot.kinds)
    ]
    best = min((level for level, _ in found), default=0)
    return tuple(dict.fromkeys(value for level, value in found if level == best))


def _outside_fields(
    found: Mapping[tuple[int, int], list[Reading]], keys: tuple[str, ...], question: str
) -> dict[tuple[int, int], list[Reading]]:
    """Return what was found, but for what lies within the full name of a field or measure."""
    lowered = question.lower()
    full = [
        (start, end)
        for (start, end), readings in found.items()
        if end - start > 1
        and (
            any(reading.kind == _FULL for reading in readings if reading.type == "field")
            or (
                any(reading.type in ("field", "measure") for reading in readings)
                and re.search(r"[._]".join(map(re.escape, keys[start:end])), lowered)
            )
        )
    ]
    return {
        (start, end): readings
        for (start, end), readings in found.items()
        if not any(a <= start and end <= b and (a, b) != (start, end) for a, b in full)
    }


def _nouns(word: str) -> tuple[str, ...]:
    """Return the nouns that an English verb may stand for ("segmented": "segmentation" ...)."""
    ending = next((x for x in _VERBS if word.endswith(x)), None)
    if ending is None or len(word) <= len(ending) + 2:
        return ()
    return tuple(word.removesuffix(ending) + noun for noun in _NOUNS)


def _level(reading: Reading, lang: str) -> int:
    foreign = reading.lang and reading.lang != lang and reading.level < _ROLES["hidden"]
    return reading.level + bool(foreign)


def _spelt(value: Value, question: str) -> bool:
    """Return whether the id of a concept stands in the question as it is written."""
    name = re.escape(v.local_name(value.value))
    return re.search(rf"(?<![A-Za-z0-9_-]){name}(?![A-Za-z0-9_-])", question) is not None


def _all_names(glossary: Glossary, index: SearchIndex) -> Iterator[tuple[str, Reading]]:
    yield from _term_names(glossary, index)
    for level, name, iri in names(glossary):
        type_ = "field" if iri.startswith(v.FIELD) else "object"
        type_ = "measure" if iri.startswith(v.MEASURE) else type_
        yield name, Reading(type_, ox.NamedNode(iri), level=level)
    yield from _full_names(glossary)
    for type_, things in (
        ("field", tuple(glossary.fields)),
        ("object", tuple(glossary.objects)),
        ("measure", tuple(glossary.measures)),
    ):
        for iri in things:
            yield v.local_name(iri), Reading(type_, ox.NamedNode(iri), level=_SPELT)
            yield v.local_name(iri), Reading(type_, ox.NamedNode(iri), level=_ID)
    for topic in glossary.topics:
        yield from _topic_names(topic.iri, [topic.id, *(label.value for label in topic.labels)])
    yield from _kind_names(glossary)
    yield from _value_names(glossary)


def _term_names(glossary: Glossary, index: SearchIndex) -> Iterator[tuple[str, Reading]]:
    for entry in index.entries:
        node, kind = ox.NamedNode(entry.iri), glossary.concepts[entry.iri].kind
        yield v.local_name(entry.iri), Reading("term", node, kind, _SPELT)
        for role, lang, text, _ in entry.labels:
            bare = text.partition("(")[0].partition("（")[0].strip()
            for form in dict.fromkeys((text, bare)):
                level = _ROLES[role] if form == text else _BARE
                yield form, Reading("term", node, kind, level, lang)
                yield form, Reading("name", ox.Literal(form.casefold()), level=1)
            if text.endswith("ing"):  # "forecast" for "forecasting"
                yield text.removesuffix("ing"), Reading("term", node, kind, _BARE)


def _full_names(glossary: Glossary) -> Iterator[tuple[str, Reading]]:
    """Yield the labels of fields, ours before those of CRM systems, behind that of the object."""
    for iri, field in glossary.fields.items():
        owner = glossary.objects.get(field.object)
        if owner is None:
            continue
        labels = [(_LABEL, label) for label in field.labels]
        for known in field.names:
            exact = known.match == "exactMatch" and known.verified
            labels += [(_LABEL + 2 - exact, label) for label in known.labels]
        for level, label in labels:
            for between in (" ", "的") if label.lang == "zh" else (" ",):
                name = f"{owner.label(label.lang)}{between}{label.value}"
                yield name, Reading("field", ox.NamedNode(iri), _FULL, level)


def _topic_names(iri: str, labels: Iterable[str]) -> Iterator[tuple[str, Reading]]:
    """Yield the names of a topic, and each half of "漏斗、管道与销售周期" as a lesser one."""
    for label in labels:
        yield label, Reading("topic", ox.NamedNode(iri))
        for part in _BETWEEN.split(label):
            if part.strip() and part != label:
                yield part, Reading("topic", ox.NamedNode(iri), level=1)


def _kind_names(glossary: Glossary) -> Iterator[tuple[str, Reading]]:
    for kind in sorted({concept.kind for concept in glossary.concepts.values()}):
        reading = Reading("kind", ox.NamedNode(v.SO + kind))
        yield from ((name, reading) for name in (kind, _HUMP.sub(" ", kind)))
        for lang in LANGS:
            yield glossary.kind_label(kind, lang), reading


def _value_names(glossary: Glossary) -> Iterator[tuple[str, Reading]]:
    """Yield the names of values that are plain texts or numbers."""
    for (group, value), labels in WORDS.items():
        if group in _WORDED:
            for text in (value, *labels):
                yield text, Reading(group, ox.Literal(value))
    for unit in sorted({c.metric.unit for c in glossary.concepts.values() if c.metric}):
        for text in (unit, *(unit_words(glossary, unit, lang) for lang in LANGS)):
            yield text, Reading("unit", ox.Literal(unit))
    systems = {known.system for field in glossary.fields.values() for known in field.names}
    for system in sorted(systems):
        yield system, Reading("crm", ox.Literal(system))
    for number, (sign, word, ordinal) in enumerate(_NUMBERS, 1):
        answer = ox.Literal(number)
        for text in (f"回答{number}", f"回答{sign}", f"第{number}个回答", f"第{sign}个回答"):
            yield text, Reading("answer", answer)
        for text in (f"answer {number}", f"answer {word}", f"{ordinal} answer"):
            yield text, Reading("answer", answer)
        yield str(number), Reading("answer", answer, level=1)


def _more_names(rows: Iterable[Mapping[str, str]]) -> Iterator[tuple[str, Reading]]:
    for row in rows:
        kind = row["type"] == "kind"
        value = ox.NamedNode(v.SO + row["value"]) if kind else ox.Literal(row["value"])
        for text in (*words_of(row["zh"]), *words_of(row["en"])):
            yield text, Reading(row["type"], value)


def _take_dates(text: str) -> tuple[str, dict[str, Value]]:
    """Return the text with a mark in place of each date, and the dates by mark."""
    found: dict[str, Value] = {}

    def mark(match: re.Match[str]) -> str:
        year, month, day = match[1] or match[4], int(match[2] or 1), int(match[3] or 1)
        if not (1 <= month <= 12 and 1 <= day <= 31):  # noqa: PLR2004 - months and days
            return match[0]
        name = f"dated{'abcdefgh'[len(found) % 8]}"
        day_type = ox.NamedNode(v.XSD + "date")
        found[name] = ox.Literal(f"{year}-{month:02}-{day:02}", datatype=day_type)
        return f" {name} "

    return _DATE.sub(mark, text), found
