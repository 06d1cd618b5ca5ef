"""Owns finding CRM fields, objects and base measures by whatever name people call them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.errors import TermError
from kg.lookup import normalise
from kg.vocab import FIELD, MEASURE, OBJECT, PREFIXES, contract, expand

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.model import Glossary

__all__ = ["find_named", "names", "resolve_named"]


def find_named(glossary: Glossary, text: str) -> tuple[str, ...]:
    """Return the fields, objects and measures that `text` names, sorted; the best level only.

    A name is, in this order: an id, CURIE or IRI; what a CRM system calls a field, with its object
    ("Opportunity.StageName"); the same without its object ("StageName"), the label of a measure,
    of an object, or of a field after that of its object ("商机 金额"); the label of a field alone.
    Case, width and blanks do not count.

    >>> from kg.model import CrmField, Glossary, Text
    >>> value = CrmField(FIELD + "Deal.amount", (Text("金额", "zh"),), (), OBJECT + "Deal", "date")
    >>> find_named(Glossary({}, (), {}, (), fields={value.iri: value}), "金额")
    ('https://w3id.org/salesops/field/Deal.amount',)
    """
    things = {**glossary.fields, **glossary.objects, **glossary.measures}
    prefix = text.partition(":")[0]
    spelt = [text, FIELD + text, MEASURE + text, OBJECT + text]
    spelt += [expand(text)] if prefix in PREFIXES else []
    for iri in spelt:
        if iri in things:
            return (iri,)
    wanted = _key(text)
    levels: dict[int, set[str]] = {}
    for level, name, iri in names(glossary) if wanted else ():
        if _key(name) == wanted:
            levels.setdefault(level, set()).add(iri)
    return tuple(sorted(levels[min(levels)])) if levels else ()


def resolve_named(glossary: Glossary, text: str, *, lang: str = "zh") -> str | None:
    """Return the one field, object or measure that `text` names, or None where it names none.

    Raises TermError with the candidates where it names several.
    """
    found = find_named(glossary, text)
    if len(found) > 1:
        shown = tuple(f"{contract(iri)} ({_full(glossary, iri, lang)})" for iri in found)
        raise TermError("term-ambiguous", term=text, candidates=shown)
    return found[0] if found else None


def _key(text: str) -> str:
    return normalise(text, {}).replace(" ", "")


def names(glossary: Glossary) -> Iterator[tuple[int, str, str]]:
    """Yield (level, name, IRI) of everything that has a name; the lower the level the better."""
    for iri, crm_field in glossary.fields.items():
        yield 3, iri.removeprefix(FIELD), iri
        owner = glossary.objects.get(crm_field.object)
        for known in crm_field.names:
            yield 1 if known.match == "exactMatch" and known.verified else 2, known.name, iri
            yield 3, known.name.rpartition(".")[2], iri
            yield from ((3, label.value, iri) for label in known.labels)
        for label in crm_field.labels:
            if owner:
                yield 3, f"{owner.label(label.lang)} {label.value}", iri
            yield 4, label.value, iri
    for iri, measure in glossary.measures.items():
        yield from ((3, label.value, iri) for label in measure.labels)
    for iri, crm_object in glossary.objects.items():
        yield from ((3, label.value, iri) for label in crm_object.labels)


def _full(glossary: Glossary, iri: str, lang: str) -> str:
    """Return the label of a thing, a field's after that of its object."""
    crm_field = glossary.fields.get(iri)
    owner = glossary.objects.get(crm_field.object) if crm_field else None
    own = glossary.name(iri, lang)
    return f"{owner.label(lang)} {own}" if owner else own
