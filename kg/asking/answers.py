"""Owns answering: a question or a template with values -> the query that was run, and its rows."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kg import vocab
from kg.asking.matching import choose, rank
from kg.asking.mentions import fitting
from kg.asking.templates import HOLE
from kg.errors import QueryError, TermError
from kg.lookup import resolve
from kg.sparql import Query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kg.asking.matching import Match, Phrasebook
    from kg.asking.templates import Slot, Template
    from kg.sparql import Term, Value
    from kg.store import Store

__all__ = [
    "Answer",
    "Request",
    "answer",
    "describe",
    "example_of",
    "fill",
    "interpret",
    "make_query",
    "spell",
    "understand",
]

_OFFERED = 3
_LISTED = 12  # values that an error lists, at most


class Request(NamedTuple):
    """A template, and a value for each of its slots."""

    template: Template
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a template found with its values: a row a solution, its cells in column order.

    The first column is what was asked for. `modelled` is False where the graph holds nothing of
    the sort at all: then no rows do not mean "none".
    """

    request: Request
    query: Query
    rows: tuple[tuple[Term | None, ...], ...]
    modelled: bool = True

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the CURIEs (or texts) of the first column, each once, in order."""
        firsts = (row[0] for row in self.rows)
        return tuple(dict.fromkeys(spell(cell) for cell in firsts if cell is not None))


def spell(term: Term) -> str:
    """Return an IRI as CURIE, a literal as its text.

    >>> spell(ox.NamedNode(vocab.TERM + "crm")), spell(ox.Literal("赢单率", language="zh"))
    ('term:crm', '赢单率')
    """
    if isinstance(term, ox.NamedNode):
        return vocab.contract(term.value)
    return term.value if isinstance(term, ox.Literal) else str(term)


def understand(
    book: Phrasebook, question: str, slots: Mapping[str, str], *, lang: str = "zh"
) -> Request:
    """Return what is asked: by the name of a template with its slots as texts, or in words.

    Raises what `interpret` and `fill` raise, QueryError (ask-template) for an unknown name.
    """
    if slots or any(question == template.name for template in book.templates):
        return fill(book, _template(book, question), slots, lang=lang)
    return interpret(book, question, lang=lang)


def interpret(book: Phrasebook, question: str, *, lang: str = "zh") -> Request:
    """Return the template and values that a question in words means.

    Raises QueryError (ask-unsure) with the three nearest templates where that is not sure, and
    TermError where a name in it stands for several things (term-ambiguous) or for a term that the
    question cannot be put about (ask-kind).
    """
    ranked = rank(book, question, lang=lang)
    match = choose(ranked)
    if match is None:
        raise _unsure(book, question, ranked[:_OFFERED])
    for name, values in match.values.items():
        if len(values) > 1:
            shown = tuple(describe(book, value, lang) for value in values)
            raise TermError("term-ambiguous", term=match.surfaces[name], candidates=shown)
    for slot in match.template.slots:
        if slot.name in match.misfits:
            raise _misfit(book, slot, match.values[slot.name][0])
    return Request(match.template, {name: values[0] for name, values in match.values.items()})


def fill(
    book: Phrasebook, template: Template, texts: Mapping[str, str], *, lang: str = "zh"
) -> Request:
    """Return a template with the values of its slots, given as texts like on the command line.

    Raises QueryError for a slot that is missing (ask-missing) or not there (ask-slot), TermError
    for a text that names nothing that fits.
    """
    known = tuple(slot.name for slot in template.slots)
    for name in texts:
        if name not in known:
            raise QueryError("ask-slot", name=template.name, slot=name, known=known or ("-",))
    for name in known:
        if name not in texts:
            example = " ".join(f"{slot.name}={slot.example}" for slot in template.slots)
            raise QueryError("ask-missing", name=template.name, slot=name, example=example)
    values = {slot.name: _value(book, slot, texts[slot.name], lang) for slot in template.slots}
    return Request(template, values)


def make_query(request: Request, *, lang: str = "zh") -> Query:
    """Return the query of a template with the values in their places, and the language."""
    query = Query.parse(request.template.body)
    spoken = {"lang": ox.Literal(lang)} if "lang" in query.variables else {}
    return query.bind({**request.values, **spoken})


def answer(
    store: Store, book: Phrasebook, request: Request, *, lang: str = "zh", asserted: bool = False
) -> Answer:
    """Return what a template finds; `asserted` leaves the inferred triples out."""
    query = make_query(request, lang=lang)
    rows = _rows(store, request.template, query, asserted=asserted)
    modelled = bool(rows) or not request.template.slots
    if not modelled:
        try:
            usual = make_query(example_of(book, request.template), lang=lang)
            modelled = bool(_rows(store, request.template, usual, asserted=asserted))
        except TermError:  # a graph without the term of the example
            modelled = False
    return Answer(request, query, rows, modelled)


def example_of(book: Phrasebook, template: Template) -> Request:
    """Return a template with its example values; raise TermError where the graph lacks one."""
    return fill(book, template, {slot.name: slot.example for slot in template.slots})


def describe(book: Phrasebook, value: Value, lang: str) -> str:
    """Return a value as candidates are listed: its id, and its label in brackets."""
    if not isinstance(value, ox.NamedNode):
        return spell(value)
    return f"{spell(value)} ({_label(book, value.value, lang)})"


def _template(book: Phrasebook, name: str) -> Template:
    found = {template.name: template for template in book.templates}
    if name not in found:
        near = tuple(difflib.get_close_matches(name, found, _OFFERED))
        raise QueryError("ask-template", name=name, candidates=near)
    return found[name]


def _label(book: Phrasebook, iri: str, lang: str) -> str:
    glossary = book.glossary
    if iri in glossary.objects:
        return glossary.objects[iri].label(lang)
    topic = next((topic for topic in glossary.topics if topic.iri == iri), None)
    if topic:
        return topic.label(lang)
    name = vocab.local_name(iri)
    return glossary.kind_label(name, lang) if name in glossary.kinds else glossary.name(iri, lang)


def _rows(
    store: Store, template: Template, query: Query, *, asserted: bool
) -> tuple[tuple[Term | None, ...], ...]:
    found = store.query(query, asserted=asserted)
    if not isinstance(found, ox.QuerySolutions):
        raise TypeError(template.name)
    names = [column.name for column in template.columns]
    return tuple(tuple(row[name] for name in names) for row in found)


def _value(book: Phrasebook, slot: Slot, text: str, lang: str) -> Value:
    """Return what a text stands for in a slot."""
    if slot.type == "name":
        return ox.Literal(text)
    spoken = book.lexicon.read(text)
    for mention in spoken.mentions:
        found = fitting(mention, slot, lang) if mention.covers(spoken) else ()
        if len(found) > 1:
            shown = tuple(describe(book, value, lang) for value in found)
            raise TermError("term-ambiguous", term=text, candidates=shown)
        if found:
            return found[0]
    if slot.type == "term" or slot.kinds:
        node = ox.NamedNode(resolve(book.index, text, lang=lang).iri)
        if slot.type == "term" or book.glossary.concepts[node.value].kind in slot.kinds:
            return node
        raise _misfit(book, slot, node)
    raise TermError(
        "ask-value", value=text, slot=slot.en, slot_zh=slot.zh, candidates=_possible(book, slot)
    )


def _possible(book: Phrasebook, slot: Slot) -> tuple[str, ...]:
    """Return what may stand in a slot: everything where that is little, else its example."""
    values = {
        spell(reading.value)
        for readings in book.lexicon.entries.values()
        for reading in readings
        if reading.type == slot.type
    }
    return tuple(sorted(values)) if 0 < len(values) <= _LISTED else (slot.example,)


def _misfit(book: Phrasebook, slot: Slot, value: Value) -> TermError:
    """Return the error of a term that is of another kind than a question asks for."""
    kind = book.glossary.concepts[value.value].kind
    details: dict[str, object] = {"term": vocab.contract(value.value)}
    for lang, ending in (("en", ""), ("zh", "_zh")):
        details[f"label{ending}"] = book.glossary.name(value.value, lang)
        details[f"kind{ending}"] = book.glossary.kind_label(kind, lang)
        details[f"wanted{ending}"] = tuple(
            book.glossary.kind_label(wanted, lang) for wanted in slot.kinds
        )
    return TermError("ask-kind", **details)


def _unsure(book: Phrasebook, question: str, offers: Sequence[Match]) -> QueryError:
    """Return the error of a question that may mean several things, with what it may mean."""
    lines = {lang: "".join(f"\n  {_offer(book, x, lang)}" for x in offers) for lang in ("zh", "en")}
    names = tuple(match.template.name for match in offers)
    return QueryError(
        "ask-unsure", question=question, candidates=names, offers=lines["en"], offers_zh=lines["zh"]
    )


def _offer(book: Phrasebook, match: Match, lang: str) -> str:
    """Return an example question of a template, and the command that asks it."""
    template = match.template
    texts, words = [], dict[str, str]()
    for slot in template.slots:
        values = match.values.get(slot.name, ())
        fits = len(values) == 1 and slot.name not in match.misfits
        text = spell(values[0]) if fits else slot.example
        texts.append(f"{slot.name}={text}")
        words[slot.name] = _example(book, slot, text, lang)
    asked = HOLE.sub(lambda found: words[found[1]], template.question(lang))
    return f"{asked}  kg ask {' '.join([template.name, *texts])}"


def _example(book: Phrasebook, slot: Slot, text: str, lang: str) -> str:
    """Return the label of a value given as text, else the text itself."""
    try:
        value = _value(book, slot, text, lang)
    except TermError:
        return text
    return _label(book, value.value, lang) if isinstance(value, ox.NamedNode) else text
