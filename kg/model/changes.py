"""Owns the values of a comparison: one change, and all changes between two graphs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.model.texts import Text

__all__ = ["CHANGES", "Change", "Changeset"]

_PARTS = ("measure", "field", "object", "parameter", "unit", "topic", "lookalike")
CHANGES = (  # the kinds, most important first
    "term-removed",
    "term-added",
    "term-status",
    "term-renamed",
    "term-moved",
    "term-redefined",
    "metric-changed",
    "relation-removed",
    "relation-added",
    "relation-changed",
    "term-aliased",
    *(f"{part}-{end}" for part in _PARTS for end in ("removed", "added", "changed")),
    "term-cited",
    "term-mapped",
    "term-stewarded",
    "other",
    "inferred",
)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs between two graphs, and the triples that say so.

    `kind` is one of CHANGES; `subject` is the IRI of what changed, `what` the predicate that tells
    it, in the language `lang`. `predicate` and `object` name the relation, or the part (a variant,
    a version) that is spoken of. `before` and `after` hold the values of one graph only; those
    that are IRIs have no language. Of "other" and "inferred" the subject is the predicate of the
    triples. `removed` and `added` are triples as N-Triples, sorted, without the final dot.
    """

    kind: str
    subject: str
    what: str = ""
    lang: str = ""
    predicate: str = ""
    object: str = ""
    before: tuple[Text, ...] = ()
    after: tuple[Text, ...] = ()
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Changeset:
    """All changes between two graphs, by kind, then by IRI; each triple stands in one of them."""

    changes: tuple[Change, ...] = ()

    def __len__(self) -> int:
        """Return how many changes there are: none means that the graphs hold the same."""
        return len(self.changes)

    @property
    def counts(self) -> dict[str, int]:
        """Return how many changes there are of each kind, in the order of CHANGES."""
        found = Counter(change.kind for change in self.changes)
        return {kind: found[kind] for kind in CHANGES if found[kind]}

    @property
    def removed(self) -> tuple[str, ...]:
        """Return the triples that only the old graph holds, sorted."""
        return tuple(sorted(triple for change in self.changes for triple in change.removed))

    @property
    def added(self) -> tuple[str, ...]:
        """Return the triples that only the new graph holds, sorted."""
        return tuple(sorted(triple for change in self.changes for triple in change.added))
