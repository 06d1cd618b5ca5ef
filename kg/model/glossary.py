"""Owns the glossary: everything a reader sees of a graph, in one value."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from kg.model.texts import said_in
from kg.vocab import local_name

if TYPE_CHECKING:
    from kg.model.measurement import CrmField, CrmObject, LookalikeSet, Measure
    from kg.model.relations import Predicate, Relation
    from kg.model.terms import Concept, Topic
    from kg.model.texts import Text

__all__ = ["Glossary"]


@dataclass(frozen=True)
class Glossary:
    """Everything a reader sees, read once from a store and sorted by IRI.

    `kinds` maps a kind to its labels; `relations` holds asserted relations and the two claims
    that contradict each other (`asserted` is False there); inferred relations are not in it.
    """

    concepts: dict[str, Concept]  # by IRI
    relations: tuple[Relation, ...]
    predicates: dict[str, Predicate]  # by IRI
    topics: tuple[Topic, ...]  # by order
    kinds: dict[str, tuple[Text, ...]] = field(default_factory=dict)
    names: dict[str, tuple[Text, ...]] = field(default_factory=dict)  # measures, fields, units
    measures: dict[str, Measure] = field(default_factory=dict)  # by IRI
    fields: dict[str, CrmField] = field(default_factory=dict)  # by IRI
    objects: dict[str, CrmObject] = field(default_factory=dict)  # by IRI
    lookalikes: tuple[LookalikeSet, ...] = ()

    @cached_property
    def by_concept(self) -> dict[str, tuple[Relation, ...]]:
        """Return the asserted relations of each concept, as subject or object."""
        out: dict[str, list[Relation]] = {iri: [] for iri in self.concepts}
        for relation in self.relations:
            for end in {relation.subject, relation.object} & out.keys():
                if relation.asserted:
                    out[end].append(relation)
        return {iri: tuple(found) for iri, found in out.items()}

    @cached_property
    def lookalikes_of(self) -> dict[str, tuple[LookalikeSet, ...]]:
        """Return the sets of look-alikes that each concept stands in, by IRI."""
        out: dict[str, dict[str, LookalikeSet]] = {}
        for group in sorted(self.lookalikes, key=lambda group: group.iri):
            for member in group.members:
                out.setdefault(member.concept, {})[group.iri] = group
        return {iri: tuple(found.values()) for iri, found in out.items()}

    @cached_property
    def _wholes(self) -> frozenset[tuple[str, str]]:
        """Return the (whole, part) pairs that a curated relation tells of."""
        return frozenset(
            (relation.subject, relation.object)
            for relation in self.relations
            if relation.asserted
            and (found := self.predicates.get(relation.predicate))
            and local_name(found.family or "") == "hasPart"
            and not relation.id.startswith("parent-")
        )

    def repeats(self, relation: Relation) -> bool:
        """Return whether a relation only says again that a part is part of its whole.

        The parent of a step is the process that the source lists it under: both are in the graph,
        and one sentence is enough for a reader.
        """
        return relation.id.startswith("parent-") and (
            (relation.object, relation.subject) in self._wholes
        )

    def name(self, iri: str, lang: str) -> str:
        """Return the preferred label of a concept, measure, field or unit in `lang`."""
        if iri in self.concepts:
            return self.concepts[iri].pref_label(lang)
        thing = self.fields.get(iri) or self.objects.get(iri) or self.measures.get(iri)
        found = self.names.get(iri) or (thing.labels if thing else ())
        return said_in(found, lang) or local_name(iri)

    def kind_label(self, kind: str, lang: str) -> str:
        """Return the label of a kind in `lang`, else the kind itself."""
        return said_in(self.kinds.get(kind, ()), lang) or kind

    def sentence(self, relation: Relation, lang: str, *, about: str | None = None) -> str:
        """Return a relation as a sentence in `lang`, read from the end `about` where given."""
        # What holds both ways keeps its direction: the reason beside it may depend on the order.
        predicate = self.predicates[relation.predicate]
        turned = about is not None and about == relation.object != relation.subject
        inverse = turned and not predicate.symmetric
        return predicate.sentence(
            self.name(relation.subject, lang),
            self.name(relation.object, lang),
            lang,
            inverse=inverse,
        )
