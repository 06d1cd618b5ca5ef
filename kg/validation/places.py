"""Owns finding the table cell behind a violation, as far as the origins of subjects tell."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, cast

import pyoxigraph as ox

from kg import vocab as v
from kg.model import Place
from kg.sources.grammar import TABLES
from kg.sources.graph import PREDICATE_COLUMNS
from kg.sources.measurement import METRIC_FACTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kg.sparql import Term
    from kg.store import Store
    from kg.validation.violations import Triple, Violation

__all__ = ["Places"]

# Where a triple that is not about a concept came from; the first column that the table has.
_COLUMNS: dict[str, tuple[str, ...]] = {
    v.RDF + "subject": ("relation",),
    v.RDF + "predicate": ("relation",),
    v.RDF + "object": ("relation",),
    v.PROV + "wasDerivedFrom": ("passage",),
    v.SO + "answer": ("answer", "passage"),
    v.SO + "strength": ("strength",),
    v.SO + "confidence": ("confidence",),
    v.SO + "inference": ("inference",),
    v.SO + "modality": ("modality",),
    v.SO + "locator": ("locator",),
    v.SO + "line": ("line",),
    v.SO + "inModel": ("model",),
    v.SO + "ofStage": ("stage",),
    v.SO + "position": ("position",),
    v.SO + "shape": ("shape",),
    v.SO + "readsField": ("fields",),
    v.SO + "hasFormula": ("formula",),
    v.SO + "hasOperand": ("formula",),
    v.SO + "operandMeasure": ("formula",),
    v.SO + "operandMetric": ("formula",),
    v.SO + "computedFrom": ("formula",),
    v.SO + "lag": ("lag",),
}
# The columns of a text in two languages are named alike but for the language at their end.
_PAIRS: dict[str, tuple[str, ...]] = {
    v.SO + "reason": ("reason", "parent_reason", "note"),
    v.SO + "question": ("question",),
    v.SO + "decidedBy": ("answer",),
    v.SO + "distinction": ("distinction",),
    v.RDFS + "label": ("", "label"),
    v.RDF + "value": ("",),
}
# What a metric says of itself stands in the row of its formula, not in the row of the concept.
_METRIC_PATHS = frozenset(
    v.SO + name
    for name in (
        *METRIC_FACTS.values(),
        *("hasFormula", "computedFrom", "measures", "filterNote", "grain"),
    )
)


class Places:
    """Finds the table cell behind a violation, as far as the origins of subjects tell."""

    def __init__(self, store: Store, origins: Mapping[str, Place]) -> None:
        self.store = store
        self.origins = origins

    def find(self, violation: Violation) -> Place | None:
        """Return file, row and column of what is wrong, or None where no table is behind it."""
        if not self.origins:
            return None
        for subject in self._rows(violation):
            if row := self.origins.get(subject):
                return Place(row.path, row.row, _column(row.path, violation))
        return None

    def _rows(self, violation: Violation) -> Iterator[str]:
        """Yield the subjects whose rows may hold the fault, the best first."""
        if violation.at:
            yield violation.at
        for claim in self._claims.get(violation.relation, ()) if violation.relation else ():
            yield claim.rpartition("-")[0]  # the relation itself
            yield claim
        if isinstance(violation.focus, ox.NamedNode):
            if violation.path in _METRIC_PATHS:
                yield v.FORMULA + v.local_name(violation.focus.value)
            yield violation.focus.value

    @cached_property
    def _claims(self) -> dict[Triple, list[str]]:
        """Return the claims of each relation, sorted."""
        ends: dict[str, list[Term]] = {}
        for name in ("subject", "predicate", "object"):
            for triple in self.store.triples(None, v.RDF + name):
                ends.setdefault(cast("ox.NamedNode", triple.subject).value, []).append(
                    triple.object
                )
        out: dict[Triple, list[str]] = {}
        for claim, found in sorted(ends.items()):
            match found:
                case [subject, ox.NamedNode() as predicate, object_]:
                    out.setdefault((subject, predicate.value, object_), []).append(claim)
        return out


def _column(path: str, violation: Violation) -> str | None:
    """Return the column of the fault, if the table of that file has it."""
    columns = _columns(path)
    wanted: list[str] = []
    if violation.relation:
        wanted += [violation.end] if "predicate" in columns else ["relation"]
        wanted += [PREDICATE_COLUMNS.get((violation.relation[1], ""), "")]
    if violation.path:
        wanted += [
            PREDICATE_COLUMNS.get((violation.path, violation.lang or ""), ""),
            *_COLUMNS.get(violation.path, ()),
            *_pair(violation),
        ]
    elif violation.lang:
        wanted.append(violation.lang)
    return next((name for name in wanted if name in columns), None)


def _pair(violation: Violation) -> list[str]:
    """Return the columns that may hold a text of the violation's language."""
    lang = violation.lang or ""
    return [f"{name}_{lang}".lstrip("_") for name in _PAIRS.get(violation.path or "", ())]


@lru_cache
def _columns(path: str) -> frozenset[str]:
    for table in TABLES.values():
        file = f"data/{table.path}"
        if path == file or path.startswith(f"{file}/"):
            return frozenset(column.name for column in table.columns)
    return frozenset()
