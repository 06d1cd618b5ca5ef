"""Owns what tables are made of: columns, tables, and the content that their rows are read from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg import vocab as v
from kg.exports.mappings import Mapping, read_mappings
from kg.exports.selection import select_glossary
from kg.model import TIERS, said_in
from kg.phrasing import phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kg.exports.selection import Selection
    from kg.model import Concept, Glossary, Text
    from kg.store import Store

__all__ = [
    "MAX_CELL",
    "SEPARATOR",
    "Column",
    "Content",
    "Table",
    "lines",
    "local",
    "name_of",
    "passage_code",
    "read_content",
    "said",
]

MAX_CELL = 32_767  # characters that a cell of Excel holds
SEPARATOR = " | "


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name for programs, its heading per language, its width in characters."""

    id: str
    zh: str
    en: str
    width: int = 16

    def heading(self, lang: str) -> str:
        """Return the heading in `lang`."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its name for programs, its title per language, its columns and its rows."""

    id: str
    zh: str
    en: str
    about_zh: str
    about_en: str
    columns: tuple[Column, ...]
    rows: Callable[[Content], Iterator[tuple[str, ...]]]

    def title(self, lang: str) -> str:
        """Return the title in `lang`."""
        return self.zh if lang == "zh" else self.en

    def about(self, lang: str) -> str:
        """Return in one sentence of `lang` what a row is."""
        return self.about_zh if lang == "zh" else self.about_en


@dataclass(frozen=True, slots=True)
class Content:
    """What the tables are made from: the selected glossary, and what it leaves out."""

    glossary: Glossary
    selection: Selection
    mappings: tuple[Mapping, ...] = ()

    @property
    def lang(self) -> str:
        """Return the language of words and headings."""
        return self.selection.lang

    def word(self, group: str, value: str) -> str:
        """Return the word for a value, or the value itself in plain tables."""
        return value if self.selection.plain else phrase(group, value, self.lang)

    def words(self, group: str, values: Iterable[str]) -> str:
        """Return the words for several values, or the values themselves in plain tables."""
        return SEPARATOR.join(self.word(group, value) for value in values)

    def name(self, iri: str) -> str:
        """Return what anything of ours is called in the language of the tables."""
        return name_of(self.glossary, iri, self.lang)

    def reference(self, iri: str | None) -> str:
        """Return what an IRI of ours is called, its id in plain tables, "" for none."""
        if not iri:
            return ""
        return local(iri) if self.selection.plain else self.name(iri)

    def concepts(self) -> list[Concept]:
        """Return the concepts by topic, tier and id."""
        topics = {topic.id: topic.order for topic in self.glossary.topics}
        tiers = {tier: at for at, tier in enumerate(TIERS)}
        return sorted(
            self.glossary.concepts.values(),
            key=lambda c: (topics.get(c.topic, len(topics) + 1), tiers.get(c.tier, 3), c.iri),
        )


def read_content(store: Store, selection: Selection) -> Content:
    """Return what the tables are made from; raise ExportError for an unknown filter value."""
    glossary = select_glossary(store, selection)
    return Content(glossary, selection, read_mappings(store, glossary))


def name_of(glossary: Glossary, iri: str, lang: str) -> str:
    """Return what a term, class, CRM object, measure, field or unit is called in `lang`."""
    if iri.startswith(v.SO):
        return glossary.kind_label(v.local_name(iri), lang)
    return glossary.name(iri, lang)


def lines(items: Iterable[str]) -> str:
    """Return items one a line, as many as a cell holds; what is left out is counted."""
    found = list(items)
    size = 0
    for at, item in enumerate(found):
        size += len(item) + 1
        if size > MAX_CELL - 20:
            return "\n".join([*found[:at], f"… (+{len(found) - at})"])
    return "\n".join(found)


def passage_code(code: str) -> str:
    """Return the code of a passage as tables write it: Excel takes 1.2.1 for a date.

    >>> passage_code("1.2.1")
    'a1.2.1'
    """
    return "title" if code == "0" else f"a{code}"


def said(texts: Iterable[Text], lang: str) -> str:
    """Return the text in `lang`, or an empty one."""
    return said_in(texts, lang) or ""


def local(iri: str | None) -> str:
    """Return the id of an IRI of ours, or an empty text for none."""
    return v.local_name(iri) if iri else ""
