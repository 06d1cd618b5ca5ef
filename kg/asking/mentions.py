"""Owns what a question speaks of: the names of everything a slot may hold, found in its words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kg import vocab as v
from kg.asking.words import is_too_long, singular, split_tokens, words_of
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
_NUMERALS = frozenset("一二三四五六七八九十") | {
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
}
_ORDINALS = frozenset(
    ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
)
_COUNTED = (("下",), ("个",), ("些",), ("句",))  # "回答一下" names no answer
_ARTICLES = ("a", "an", "the")
_QUOTED = re.compile(r"“([^”]+)”|「([^」]+)」|『([^』]+)』|‘([^’]+)’|\"([^\"]+)\"|《([^》]+)》")
_CURIE = re.compile(r"\b(?:term|measure|field|object|topic):(?=[A-Za-z])")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE = re.compile(  # 2026-03-01, 2026年3月1日, 2026年3月, March 2026, 2026
    r"(?<!\d)(?P<y>\d{4})(?:\s*年\s*|[-/])(?P<m>\d{1,2})"
    r"(?:(?:\s*月\s*|[-/])(?P<d>\d{1,2})(?!\d)\s*日?|(?!\d|\s*月?\s*[初中底末上下])\s*月?)"
    r"|(?:\b(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\s+)?"
    r"(?<!\d)(?P<year>\d{4})(?!\d|\s*年?\s*(?:\d|[qh]\d|[初中底末上下第]))\s*年?",
    re.IGNORECASE,
)
# What stands before or behind the day from which on something is asked for.
_FROM = re.compile(r"(?:\b(?:since|after|from|later than)|[自从])\s*$", re.IGNORECASE)
_ON = re.compile(
    r"\s*(?:on(?:wards?)?\b|之?后|以后|以来|起|开始|至今|到现在|到今天)", re.IGNORECASE
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

    def is_part(self, mention: Mention) -> bool:
        """Return whether a mention lies within a longer one."""
        return any(
            other != mention and other.start <= mention.start and mention.end <= other.end
            for other in self.mentions
        )

    def answers(self) -> set[int]:
        """Return the places of the numbers that say which answers of the source are meant."""
        out = set[int]()
        for at in range(len(self.tokens)):
            if self._says_answer(at):
                out |= set(self._numbers(at + 1))
            elif (
                self.tokens[at] == "第" or self.tokens[at] in _ORDINALS
            ):  # 第五个回答, fifth answer
                number = at + (self.tokens[at] == "第")
                if any(map(self._says_answer, range(number + 1, number + 4))):
                    out.add(number)
        return out

    def joined(self, one: Mention, other: Mention) -> bool:
        """Return whether nothing stands between two mentions, or no more than "and"."""
        first, second = sorted((one, other))
        between = self.tokens[first.end : second.start]
        return first.end <= second.start and set(between) <= {*_AND, *_ARTICLES, "以"}

    def _says_answer(self, at: int) -> bool:
        said = "".join(self.tokens[max(0, at - 1) : at + 1])
        return said in ("回答", "答案") or self.tokens[at : at + 1] in (("answer",), ("answers",))

    def _numbers(self, at: int) -> Iterator[int]:
        """Yield the places of the numbers from a place on, "and" between them."""
        while at < len(self.tokens):
            token, after = self.tokens[at], self.tokens[at + 1 : at + 2]
            if (token.isdecimal() or token in _NUMERALS) and after not in _COUNTED:
                yield at
            elif token not in _AND:
                return
            at += 1


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
        Within the full name of a field ("Opportunity.amount") nothing else is mentioned, nor is
        anything in what is too long for a question.
        """
        if is_too_long(question):
            return Spoken((), ())
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
            if (day := dates.get(key)) is not None:
                found[at, at + 1] = [Reading("date", day)]
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


def _take_dates(text: str) -> tuple[str, dict[str, Value | None]]:
    """Return the text with a mark in place of each date, and the dates by mark.

    None stands for what is not the one first day that is asked for: no day of the calendar, the
    last day of a time ("before 2026-01-01"), one of two days.
    """
    found: dict[str, Value | None] = {}

    def mark(match: re.Match[str]) -> str:
        name = f"dated{''.join(chr(ord('a') + int(digit)) for digit in str(len(found)))}"
        before, after = text[: match.start()], text[match.end() :]
        alone = not before.strip() and not after.strip()
        starts = _FROM.search(before) or _ON.match(after)
        found[name] = _first_day(match) if alone or starts else None
        return f" {name} "

    marked = _DATE.sub(mark, text)
    return marked, found if len(set(found.values())) == 1 else dict.fromkeys(found)


def _first_day(match: re.Match[str]) -> Value | None:
    """Return the first day of a date, a month or a year; None where there is no such day."""
    name = match["name"]
    month = 1 + _MONTHS.index(name[:3].lower()) if name else int(match["m"] or 1)
    try:
        day = date(int(match["y"] or match["year"]), month, int(match["d"] or 1))
    except ValueError:
        return None
    return ox.Literal(day.isoformat(), datatype=ox.NamedNode(v.XSD + "date"))
