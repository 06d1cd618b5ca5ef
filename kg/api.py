"""Owns the public calls: what the command line says, with the same words and defaults."""

from __future__ import annotations

import weakref
from pathlib import Path
from typing import TYPE_CHECKING

from kg import vocab
from kg.analysis import measures, projection
from kg.crm import resolve_named
from kg.errors import TermError
from kg.files import open_output
from kg.lookup import SearchIndex, build_index, resolve
from kg.lookup import search as search_index
from kg.store.reading import read_glossary
from kg.workspace import Build, default_output, find_sources
from kg.workspace import build as make_build

if TYPE_CHECKING:
    from collections.abc import Collection

    from kg.analysis.measures import Branch, Community, Effect, Ranked, Step, TreeKind
    from kg.analysis.projection import View
    from kg.asking.answers import Answer
    from kg.asking.matching import Phrasebook
    from kg.lookup import Hit
    from kg.model import Glossary, Lang, Relation, Report
    from kg.store import Store

__all__ = [
    "ask",
    "build",
    "communities",
    "explore",
    "export",
    "impact",
    "neighbors",
    "path",
    "project",
    "rank",
    "search",
    "teach",
    "tree",
    "validate",
]

_indexes: weakref.WeakKeyDictionary[Store, SearchIndex] = weakref.WeakKeyDictionary()
_phrasebooks: weakref.WeakKeyDictionary[Store, Phrasebook] = weakref.WeakKeyDictionary()


def build(out: Path | str | None = None, *, sources: Path | str | None = None) -> Build:
    """Make the graph from its sources in the folder `out` and return the build.

    Without arguments: the shipped sources, into build/ of the checkout or the user's cache folder.
    Raises ValidationFailed where the sources hold errors; the build before then stays.
    """
    return make_build(find_sources(sources), Path(out) if out else default_output())


def validate(store: Store) -> Report:
    """Return what the shipped shapes and rules find in a store."""
    from kg.validation import validate as check

    ontology = find_sources().ontology
    return check(store, rules=ontology / "rules", shapes=ontology / "shapes.ttl")


def search(store: Store, text: str, *, limit: int = 20) -> tuple[Hit, ...]:
    """Return the concepts that match `text`, best first; the index is made once per store."""
    if store not in _indexes:
        _indexes[store] = build_index(read_glossary(store))
    return search_index(_indexes[store], text, limit=limit)


def ask(
    store: Store, question: str, *, lang: Lang = "zh", asserted: bool = False, **slots: str
) -> Answer:
    """Return the answer to a question in words, or to a question template by name with its slots.

    `ask(store, "赢单率怎么算")` and `ask(store, "formula", metric="win-rate")` ask the same.
    `asserted` leaves inferred triples out. Raises QueryError where it is not sure what is asked,
    TermError where a name is unknown or stands for several things: it never guesses.
    """
    from kg.asking.answers import answer, understand
    from kg.asking.matching import read_phrasebook

    if store not in _phrasebooks:
        glossary = read_glossary(store)
        folder = find_sources().ontology / "queries"
        _phrasebooks[store] = read_phrasebook(
            folder, glossary=glossary, index=build_index(glossary)
        )
    book = _phrasebooks[store]
    request = understand(book, question, slots, lang=lang)
    return answer(store, book, request, lang=lang, asserted=asserted)


def project(  # noqa: PLR0913 - each keyword is one filter
    store: Store,
    *,
    predicates: Collection[str] | None = None,
    kinds: Collection[str] | None = None,
    tiers: Collection[str] | None = None,
    sources: Collection[str] | None = None,
    strengths: Collection[str] | None = None,
    navigation: bool = False,
) -> View:
    """Return the concepts and relations of a store that pass every filter; None lets all pass.

    `predicates` and `kinds` are local names ("measures", "Metric"), `sources` "answer1".."answer4"
    and "product", `strengths` "stated", "implied", "product".
    """
    return projection.project(
        read_glossary(store),
        predicates=predicates,
        kinds=kinds,
        tiers=tiers,
        sources=sources,
        strengths=strengths,
        navigation=navigation,
    )


def rank(view: View, *, by: str = "pagerank") -> tuple[Ranked, ...]:
    """Return every concept of a view by a centrality measure, highest first."""
    return measures.rank(view, by=by)


def communities(view: View) -> tuple[Community, ...]:
    """Return the groups of concepts that hang together, largest first; seeded."""
    return measures.communities(view)


def path(view: View, start: str, end: str, *, directed: bool = False) -> tuple[Step, ...]:
    """Return the hops between two terms along the best-evidenced short path.

    Terms are given as on the command line. Raises TermError, AnalysisError.
    """
    ends = (_term(view.glossary, text) for text in (start, end))
    return measures.shortest_path(view, *ends, directed=directed)


def neighbors(view: View, term: str, *, depth: int = 1) -> tuple[tuple[int, Relation], ...]:
    """Return the relations within `depth` hops of a term, each with its distance."""
    return measures.neighbours(view, _term(view.glossary, term), depth=depth)


def impact(view: View, thing: str, *, upstream: bool = False, depth: int = 3) -> tuple[Effect, ...]:
    """Return what a change of a term, base measure or CRM field reaches, with signs."""
    return measures.effects(view, _thing(view.glossary, thing), upstream=upstream, depth=depth)


def tree(view: View, term: str, *, by: TreeKind = "broader", depth: int = 6) -> Branch:
    """Return what hangs below a term: kinds, parts, or what a metric is computed from."""
    return measures.tree(view.glossary, _term(view.glossary, term), by=by, depth=depth)


def explore(
    view: View, out: Path | str, *, focus: str | None = None, depth: int = 1, lang: Lang = "zh"
) -> None:
    """Write the explorer page of the view's glossary, whole or not at all."""
    from kg.explorer import explore as write

    glossary = view.glossary
    iri = _term(glossary, focus) if focus else None
    layout = find_sources().data / "layout.csv"
    index = build_index(glossary)
    write(glossary, out, index=index, layout=layout, focus=iri, depth=depth, lang=lang)


def export(store: Store, format: str, out: Path | str, *, lang: Lang = "zh") -> None:  # noqa: A002 - the word of the command line
    """Write a store to a file in one of the export formats, whole or not at all."""
    from kg.exports import export as write

    with open_output(out) as file:
        write(store, format, file, lang=lang, ontology=find_sources().ontology)


def teach(store: Store, format: str, out: Path | str, *, lang: Lang = "zh") -> None:  # noqa: A002 - the word of the command line
    """Write training material to a file, whole or not at all."""
    from kg.training import teach as write

    with open_output(out) as file:
        write(read_glossary(store), format, file, lang=lang)


def _term(glossary: Glossary, text: str) -> str:
    """Return the IRI that a text stands for; an index is made only where a label was given."""
    for iri in (text, vocab.TERM + text, vocab.TERM + text.removeprefix("term:")):
        if iri in glossary.concepts:
            return iri
    return resolve(build_index(glossary), text).iri


def _thing(glossary: Glossary, text: str) -> str:
    """Return the IRI of a term, or of a CRM field, object or base measure by any of its names."""
    try:
        return _term(glossary, text)
    except TermError as error:
        if error.code == "term-unknown" and (found := resolve_named(glossary, text)):
            return found
        raise
