"""Owns the triples of a store grouped by subject, as plain texts: what every reader starts from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

import pyoxigraph as ox

from kg import vocab as v
from kg.model import Text

__all__ = ["About", "Facts", "Triples", "instances", "names", "texts", "value", "values", "whole"]

_WHOLE = re.compile(r"[0-9]{1,9}")


class Triples(Protocol):
    """What the readers need of a store: the triples that match."""

    def triples(
        self, subject: str | None = None, predicate: str | None = None, object_: str | None = None
    ) -> Iterator[ox.Triple]:
        """Yield the triples that match; None stands for any."""
        ...


About = Mapping[str, tuple[tuple[str, str | None], ...]]  # predicate -> (value, language)


class Facts:
    """The triples of the union by subject, fetched one subject at a time or all at once."""

    def __init__(self, store: Triples, *, everything: bool = False) -> None:
        self.store = store
        self.cache: dict[str, About] = _group(store.triples()) if everything else {}
        self.everything = everything

    def __getitem__(self, subject: str) -> About:
        """Return what is said of a subject."""
        if subject not in self.cache and not self.everything:
            self.cache[subject] = _group(self.store.triples(subject)).get(subject, {})
        return self.cache.get(subject, {})


def _group(triples: Iterable[ox.Triple]) -> dict[str, About]:
    out: dict[str, dict[str, list[tuple[str, str | None]]]] = {}
    for triple in triples:
        subject, object_ = triple.subject, triple.object
        if not isinstance(subject, ox.NamedNode) or not isinstance(
            object_, (ox.NamedNode, ox.Literal)
        ):
            continue
        lang = object_.language if isinstance(object_, ox.Literal) else None
        facts = out.setdefault(subject.value, {})
        facts.setdefault(triple.predicate.value, []).append((object_.value, lang))
    return {
        subject: {p: tuple(sorted(vs, key=lambda x: (x[0], x[1] or ""))) for p, vs in facts.items()}
        for subject, facts in out.items()
    }


def instances(store: Triples, class_: str) -> list[str]:
    """Return the IRIs of the nodes of a class, sorted; blank nodes have none."""
    found = (triple.subject for triple in store.triples(None, v.RDF + "type", class_))
    return sorted({node.value for node in found if isinstance(node, ox.NamedNode)})


def values(about: About, predicate: str) -> tuple[str, ...]:
    """Return the values of a property, sorted."""
    return tuple(found for found, _ in about.get(predicate, ()))


def value(about: About, predicate: str) -> str | None:
    """Return the first value of a property, or None."""
    return next(iter(values(about, predicate)), None)


def whole(text: str | None) -> int | None:
    """Return a text as a whole number, or None where it is none."""
    return int(text) if text and _WHOLE.fullmatch(text) else None


def texts(about: About, predicate: str) -> tuple[Text, ...]:
    """Return the values of a property that are in a language."""
    return tuple(Text(found, lang) for found, lang in about.get(predicate, ()) if lang)


def names(about: About) -> tuple[Text, ...]:
    """Return the preferred labels, else the plain ones."""
    return texts(about, v.SKOS + "prefLabel") or texts(about, v.RDFS + "label")
