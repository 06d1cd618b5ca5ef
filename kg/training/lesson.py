"""Owns how a glossary is cut into chapters and entries, in reading order, for every format."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg import vocab as v

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kg.model import Concept, Glossary, Lang

__all__ = ["Chapter", "Entry", "arrange", "sort_key"]

FORMULA_FOR = v.SO + "formulaFor"


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands under one heading: a term, and the metrics that carry its formula."""

    concept: Concept
    metrics: tuple[Concept, ...] = ()

    @property
    def concepts(self) -> tuple[Concept, ...]:
        """Return all terms under the heading."""
        return self.concept, *self.metrics

    def tier(self, tiers: Sequence[str]) -> str:
        """Return the first of `tiers` that one of the terms has."""
        own = {concept.tier for concept in self.concepts}
        return next(tier for tier in tiers if tier in own)


@dataclass(frozen=True, slots=True)
class Chapter:
    """The entries of one topic; `topic` is empty for the terms that have none."""

    topic: str
    title: str
    scope: str
    entries: tuple[Entry, ...]


def arrange(
    glossary: Glossary, lang: Lang, *, tiers: Sequence[str] = ("core", "supporting")
) -> tuple[Chapter, ...]:
    """Return the terms of `tiers` by topic, tier and name; topics without terms are left out.

    A metric that carries the formula of a term (formulaFor) stands under that term.
    """
    filed: dict[str, list[Entry]] = defaultdict(list)
    known = {topic.id for topic in glossary.topics}
    for entry in _entries(glossary, tiers):
        filed[entry.concept.topic if entry.concept.topic in known else ""].append(entry)

    def order(entry: Entry) -> tuple[int, str, str]:
        name = sort_key(entry.concept.pref_label(lang), lang)
        return list(tiers).index(entry.tier(tiers)), name, entry.concept.iri

    heads = [(topic.id, topic.label(lang), topic.scope(lang)) for topic in glossary.topics]
    return tuple(
        Chapter(name, title, scope, tuple(sorted(filed[name], key=order)))
        for name, title, scope in (*heads, ("", "", ""))
        if filed[name]
    )


def sort_key(name: str, lang: str) -> str:
    """Return what names are sorted by: pinyin in Chinese, small letters in English.

    >>> sort_key("销售漏斗", "zh"), sort_key("KPI", "en")
    ('xiao shou lou dou', 'kpi')
    """
    if lang == "en":
        return name.casefold()
    from pypinyin import lazy_pinyin

    return " ".join(lazy_pinyin(name)).casefold()


def _entries(glossary: Glossary, tiers: Sequence[str]) -> Iterable[Entry]:
    concepts = glossary.concepts
    shown = {iri for iri, concept in concepts.items() if concept.tier in tiers}
    links = [r for r in glossary.relations if r.predicate == FORMULA_FOR and r.asserted]
    carriers = {relation.subject for relation in links}
    under: dict[str, str] = {}  # metric -> the one term that it is shown with
    for relation in links:
        if relation.subject in concepts and relation.object in shown - carriers:
            under.setdefault(relation.subject, relation.object)
    for iri in sorted(shown - under.keys()):
        metrics = (concepts[m] for m, term in sorted(under.items()) if term == iri)
        yield Entry(concepts[iri], tuple(metrics))
