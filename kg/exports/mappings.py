"""Owns the matches with other vocabularies and CRM systems, as values: who is like whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg import vocab as v
from kg.model import said_in
from kg.store.facts import Facts, instances, texts, value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.model import Glossary, Text
    from kg.store import Store

__all__ = ["Mapping", "read_mappings"]


@dataclass(frozen=True, slots=True)
class Mapping:
    """One match: what of ours, how close ("exactMatch" ...), with what of whom.

    `object` is the IRI in a vocabulary, or the name of a field in a CRM system (`system` is True).
    Only a verified match was seen in the other vocabulary itself.
    """

    subject: str
    relation: str
    object: str
    target: str  # name of the vocabulary, or id of the system
    system: bool
    verified: bool
    labels: tuple[Text, ...] = ()  # of the object
    comments: tuple[Text, ...] = ()

    def label(self, lang: str) -> str:
        """Return what the object is called, in `lang` where known, else the end of its name."""
        found = said_in(self.labels, lang) or next((text.value for text in self.labels), "")
        end = self.object.rstrip("/#")
        return found or (end if self.system else end[max(map(end.rfind, "/#")) + 1 :])

    def comment(self, lang: str) -> str:
        """Return the remark in `lang`, or an empty text."""
        return said_in(self.comments, lang) or ""


def read_mappings(store: Store, glossary: Glossary) -> tuple[Mapping, ...]:
    """Return all matches, sorted: with vocabularies from the store, with systems from the fields.

    The same match told twice is there once, as verified where one of the two is.
    """
    best: dict[tuple[str, ...], Mapping] = {}
    for found in (*_vocabularies(store), *_systems(glossary)):
        key = (found.subject, found.target, found.object, found.relation)
        if key not in best or found.verified > best[key].verified:
            best[key] = found
    return tuple(best[key] for key in sorted(best))


def _vocabularies(store: Store) -> Iterator[Mapping]:
    facts = Facts(store)
    for node in instances(store, v.SO + "Mapping"):
        own = facts[node]
        ends = [value(own, v.SO + name) for name in ("mapsFrom", "matchKind", "mapsTo")]
        known = (ends[1] or "").startswith(v.SKOS)
        if known and all(end and v.is_iri(end) for end in ends):  # a text maps nothing
            yield Mapping(
                subject=ends[0] or "",
                relation=(ends[1] or "").removeprefix(v.SKOS),
                object=ends[2] or "",
                target=value(own, v.SO + "vocabularyName") or "",
                system=False,
                verified=value(own, v.SO + "verified") == "true",
                comments=texts(own, v.RDFS + "comment"),
            )


def _systems(glossary: Glossary) -> Iterator[Mapping]:
    for iri, field in glossary.fields.items():
        for name in field.names:
            yield Mapping(
                subject=iri,
                relation=name.match,
                object=name.name,
                target=name.system,
                system=True,
                verified=name.verified,
                labels=name.labels,
            )
