"""Owns the words of answers: cells as people read them, with labels for what has a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg import vocab as v
from kg.asking.answers import spell
from kg.model import LANGS, Passage, enumerated
from kg.phrasing import WORDS, formula_text, joined, lag_words, locator, phrase, unit_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kg.asking.templates import Column
    from kg.model import Glossary
    from kg.sparql import Term
    from kg.store import Store

__all__ = ["Names", "cell_json", "cell_words"]


class Names:
    """The names of anything in a store, each looked up once."""

    def __init__(self, store: Store, glossary: Glossary) -> None:
        """Read from a store; formulas and units are worded with the glossary."""
        self.store = store
        self.glossary = glossary
        self._known: dict[str, Mapping[str, str]] = {}

    def label(self, iri: str, lang: str) -> str:
        """Return the label of an IRI in `lang`, else its CURIE; a passage is named by its place."""
        if iri not in self._known:
            self._known[iri] = self._labels(iri)
        return self._known[iri].get(lang, v.contract(iri))

    def _labels(self, iri: str) -> Mapping[str, str]:
        for predicate in (v.SKOS + "prefLabel", v.RDFS + "label"):
            found: dict[str, str] = {
                label.language: label.value
                for label in (triple.object for triple in self.store.triples(iri, predicate))
                if isinstance(label, ox.Literal) and label.language
            }
            if found:
                return found
        for triple in self.store.triples(iri, v.SO + "locator"):
            if isinstance(triple.object, ox.Literal):
                place = triple.object.value
                return {lang: locator(_passage(place), lang) for lang in LANGS}
        return {}


def cell_words(cell: Term | None, column: Column, names: Names, lang: str) -> str:
    """Return a cell as people read it in `lang`, a field with its id: many are called the same."""
    if cell is None:
        return ""
    if isinstance(cell, ox.NamedNode):
        return _named(cell.value, names, lang)
    text = spell(cell)
    special = _SPECIAL.get(column.words)
    if special:
        return special(text, names, lang)
    if (column.words, text) in WORDS:
        return phrase(column.words, text, lang)
    parts = text.split()
    known = all((column.words, part) in WORDS for part in parts)
    return joined(column.words, parts, lang) if known else text


def cell_json(cell: Term | None, column: Column, names: Names) -> object:
    """Return a cell as JSON holds it: a thing with id and labels, a text or number as it is."""
    if cell is None:
        return None
    if isinstance(cell, ox.NamedNode):
        thing = {"id": v.contract(cell.value), "iri": cell.value}
        return thing | {lang: names.label(cell.value, lang) for lang in LANGS}
    text = spell(cell)
    if isinstance(cell, ox.Literal) and cell.datatype.value == v.XSD + "integer":
        return int(text)
    if column.words in ("source", "terms"):
        return text.split()
    return text


def _several(text: str, names: Names, lang: str) -> str:
    return enumerated((_named(iri, names, lang) for iri in text.split()), lang)


def _named(iri: str, names: Names, lang: str) -> str:
    label = names.label(iri, lang)
    return f"{label} ({v.local_name(iri)})" if iri.startswith(v.FIELD) else label


def _passage(place: str) -> Passage:
    return Passage("", None, place, 0)


# words of a column -> how its text is read; all others are groups of kg.phrasing
_SPECIAL: dict[str, Callable[[str, Names, str], str]] = {
    "answer": lambda text, _, lang: phrase("source", f"answer{text}", lang),
    "formula": lambda text, names, lang: formula_text(names.glossary, text, lang),
    "lag": lambda text, _, lang: lag_words(text, lang),
    "locator": lambda text, _, lang: locator(_passage(text), lang),
    "source": lambda text, _, lang: joined("source", sorted(text.split()), lang),
    "terms": _several,
    "unit": lambda text, names, lang: unit_words(names.glossary, text, lang),
}
