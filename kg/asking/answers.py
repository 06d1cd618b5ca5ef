"""Owns answering: a question or a template with values -> the query that was run, and its rows."""

from __future__ import annotations

import difflib
import re
import shlex
import unicodedata
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple, cast

import pyoxigraph as ox

from kg import vocab
from kg.asking.matching import choose, rank
from kg.asking.mentions import fitting
from kg.asking.spelling import correct, is_cut_short
from kg.asking.templates import HOLE
from kg.asking.words import is_too_long
from kg.errors import QueryError, TermError
from kg.lookup import resolve, shorten
from kg.model import LANGS, TIERS
from kg.sparql import Query

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

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
# Offers are made from this score of one of them on: where a slot holds what the question names,
# where a slot is empty, and where there is none.
_NEAR, _NEAR_EMPTY, _NEAR_BARE = 0.3, 0.4, 0.6


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

    Raises QueryError (ask-unsure) where that is not sure, with the nearest templates, three at
    most; TermError where a name in it stands for several things (ask-ambiguous) or for a term that
    the question cannot be put about (ask-kind), or where two names stand for one term (ask-same).
    """
    if is_too_long(question):
        raise _unsure(book, question, ())
    ranked = rank(book, question, lang=lang)
    match = choose(ranked)
    cut = match and not match.certain and match.surfaces.values()
    if match is None or any(is_cut_short(book, question, words) for words in cut or ()):
        raise _unsure(book, question, correct(book, question, lang=lang) or _near(ranked))
    for slot in match.template.slots:
        if slot.name in match.misfits:
            raise _misfit(book, slot, _core_first(book, match.values[slot.name])[0])
    texts = {name: _as_written(question, words) for name, words in match.surfaces.items()}
    return _settle(book, match.template, match.values, texts, lang)


def fill(
    book: Phrasebook, template: Template, texts: Mapping[str, str], *, lang: str = "zh"
) -> Request:
    """Return a template with the values of its slots, given as texts like on the command line.

    Raises QueryError for a slot that is missing (ask-missing) or not there (ask-slot), TermError
    for a text that names nothing that fits, or several things, or the same as another.
    """
    known = tuple(slot.name for slot in template.slots)
    for name in texts:
        if name not in known:
            raise QueryError("ask-slot", name=template.name, slot=name, known=known or ("-",))
    for name in known:
        if name not in texts:
            example = " ".join(f"{slot.name}={slot.example}" for slot in template.slots)
            raise QueryError("ask-missing", name=template.name, slot=name, example=example)
    values = {slot.name: _values(book, slot, texts[slot.name], lang) for slot in template.slots}
    return _settle(book, template, values, texts, lang)


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
        raise QueryError("ask-template", name=shorten(name), candidates=near)
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


def _values(book: Phrasebook, slot: Slot, text: str, lang: str) -> tuple[Value, ...]:
    """Return what a text may stand for in a slot, one thing or several."""
    if slot.type == "name":
        return (ox.Literal(text),)
    spoken = book.lexicon.read(text)
    for mention in spoken.mentions:
        found = fitting(mention, slot, lang) if mention.covers(spoken) else ()
        if found:
            return found
    if slot.type == "term" or slot.kinds:
        return _resolved(book, slot, text, lang)
    raise TermError(
        "ask-value",
        value=shorten(text),
        slot=slot.en,
        slot_zh=slot.zh,
        candidates=_possible(book, slot),
    )


def _resolved(book: Phrasebook, slot: Slot, text: str, lang: str) -> tuple[Value, ...]:
    """Return the terms that a text names as for any other command: by id, pinyin and so on."""
    try:
        found = [resolve(book.index, text, lang=lang).iri]
    except TermError as error:
        if error.code != "term-ambiguous":
            raise
        shown = cast("tuple[str, ...]", error.candidates)
        found = [vocab.expand(text.partition(" ")[0]) for text in shown]
    nodes = tuple(map(ox.NamedNode, found))
    concepts = book.glossary.concepts
    fits = [node for node in nodes if not slot.kinds or concepts[node.value].kind in slot.kinds]
    if not fits:
        raise _misfit(book, slot, nodes[0])
    return tuple(fits)


def _settle(
    book: Phrasebook,
    template: Template,
    values: Mapping[str, tuple[Value, ...]],
    texts: Mapping[str, str],
    lang: str,
) -> Request:
    """Return the request where each slot has one value; `texts` are what they were read from."""
    for pair in combinations(template.slots, 2):
        lone, more = sorted((values[slot.name] for slot in pair), key=len)
        if len(lone) == 1 and lone[0] in more:
            raise _same(book, template, pair, lone[0], texts)
    for slot in template.slots:
        found = values[slot.name]
        if len(found) > 1:
            raise TermError(
                "ask-ambiguous",
                term=texts[slot.name],
                count=len(found),
                candidates=tuple(describe(book, x, lang) for x in _core_first(book, found)),
                **_choices(book, template, slot, found, texts),
            )
    return Request(template, {name: found[0] for name, found in values.items()})


def _same(
    book: Phrasebook,
    template: Template,
    pair: tuple[Slot, Slot],
    value: Value,
    texts: Mapping[str, str],
) -> TermError:
    """Return the error of two names for one thing, with what else either of them may stand for."""
    rest = {slot: _meanings(book, slot, texts[slot.name], value) for slot in pair}
    other, this = sorted(pair, key=lambda slot: len(rest[slot]), reverse=True)
    return TermError(
        "ask-same",
        one=texts[pair[0].name],
        other=texts[pair[1].name],
        term=spell(value),
        label=_label(book, value.value, "en"),
        label_zh=_label(book, value.value, "zh"),
        candidates=tuple(spell(x) for x in rest[other]),
        **_choices(book, template, other, rest[other], {**texts, this.name: spell(value)}),
    )


def _meanings(book: Phrasebook, slot: Slot, text: str, known: Value) -> tuple[Value, ...]:
    """Return everything that a text may stand for in a slot, however lesser, but what is known."""
    spoken = book.lexicon.read(text)
    found = (
        reading.value
        for mention in spoken.mentions
        if mention.covers(spoken)
        for reading in mention.readings
        if fitting(mention._replace(readings=(reading,)), slot, "zh")
    )
    return tuple(dict.fromkeys(value for value in found if value != known))


def _core_first(book: Phrasebook, values: Iterable[Value]) -> list[Value]:
    """Return values by the tier of the term, else in the order they came."""
    concepts = book.glossary.concepts
    return sorted(
        values, key=lambda x: TIERS.index(concepts[x.value].tier) if x.value in concepts else 0
    )


def _choices(
    book: Phrasebook,
    template: Template,
    slot: Slot,
    values: Sequence[Value],
    texts: Mapping[str, str],
) -> dict[str, str]:
    """Return a line for each value that a slot may have, in both languages: what, and the command.

    The other slots keep what was said of them.
    """
    ordered = _core_first(book, values)
    lines: dict[str, list[str]] = {lang: [] for lang in LANGS}
    for value in ordered[:_LISTED]:
        for lang, found in lines.items():
            command = _command(template, {**texts, slot.name: spell(value)}, lang)
            found.append(f"{_shown(book, value, lang)}  {command}")
    if (more := len(ordered) - _LISTED) > 0:
        lines["zh"].append(f"另有 {more} 个")
        lines["en"].append(f"and {more} more")
    joined = {lang: "".join(f"\n  {line}" for line in found) for lang, found in lines.items()}
    return {"offers": joined["en"], "offers_zh": joined["zh"]}


def _command(template: Template, texts: Mapping[str, str], lang: str) -> str:
    """Return the command that asks a template with these texts in its slots, answered in `lang`."""
    slots = (f"{slot.name}={texts[slot.name]}" for slot in template.slots)
    start = "kg ask" if lang == "zh" else f"kg --lang {lang} ask"
    return " ".join((start, template.name, *map(_quoted, slots)))


def _quoted(word: str) -> str:
    """Return a word as a shell takes it; what a shell leaves alone stays as it is."""
    return word if re.fullmatch(r"[\w@%+=:,./-]+", word) else shlex.quote(word)


def _as_written(question: str, words: str) -> str:
    """Return normalised words as they stand in a question, else as they are."""
    pattern = r"[\W_]*".join(map(re.escape, words.split()))
    found = re.search(pattern, unicodedata.normalize("NFKC", question), re.IGNORECASE)
    if not found:
        return words
    return found[0] + ")" * (found[0].count("(") > found[0].count(")"))


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


def _near(ranked: Sequence[Match]) -> Sequence[Match]:
    """Return the nearest templates where offering them makes sense, else none."""
    near = ranked[:_OFFERED]
    return near if any(match.score >= _floor(match) for match in near) else ()


def _floor(match: Match) -> float:
    """Return the score from which on a template makes offers worth while."""
    if not match.template.slots:
        return _NEAR_BARE
    return _NEAR if match.complete else _NEAR_EMPTY


def _unsure(book: Phrasebook, question: str, offers: Sequence[Match]) -> QueryError:
    """Return the error of a question that may mean several things, with what it may mean."""
    lines = {lang: "".join(f"\n  {_offer(book, x, lang)}" for x in offers) for lang in ("zh", "en")}
    names = tuple(match.template.name for match in offers)
    return QueryError(
        "ask-unsure",
        question=shorten(question),
        candidates=names,
        offers=lines["en"],
        offers_zh=lines["zh"],
    )


def _offer(book: Phrasebook, match: Match, lang: str) -> str:
    """Return an example question of a template, and the command that asks it."""
    template, texts = match.template, dict[str, str]()
    for slot in template.slots:
        values = match.values.get(slot.name, ())
        fits = len(values) == 1 and slot.name not in match.misfits
        texts[slot.name] = spell(values[0]) if fits else slot.example
    words = {slot.name: _example(book, slot, texts[slot.name], lang) for slot in template.slots}
    asked = HOLE.sub(lambda found: words[found[1]], template.question(lang))
    return f"{asked}  {_command(template, texts, lang)}"


def _example(book: Phrasebook, slot: Slot, text: str, lang: str) -> str:
    """Return the label of a value given as text, the id of a field, else the text itself."""
    try:
        value, *_ = _values(book, slot, text, lang)
    except TermError:
        return text
    if not isinstance(value, ox.NamedNode):
        return text
    return (
        vocab.local_name(value.value) if slot.type == "field" else _label(book, value.value, lang)
    )


def _shown(book: Phrasebook, value: Value, lang: str) -> str:
    """Return a value by its label, a field by its id, too: many are called the same."""
    if not isinstance(value, ox.NamedNode):
        return spell(value)
    label = _label(book, value.value, lang)
    in_brackets = f" ({vocab.local_name(value.value)})" * (value.value in book.glossary.fields)
    return label + in_brackets
