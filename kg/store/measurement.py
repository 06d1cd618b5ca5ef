"""Owns reading what is measured out of a store: metric cards, measures, CRM fields, look-alikes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg import vocab as v
from kg.model import (
    CrmField,
    CrmObject,
    FieldName,
    Lookalike,
    LookalikeSet,
    Measure,
    Metric,
    Variant,
)
from kg.store.facts import texts, value, values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg.store.facts import About, Facts

__all__ = [
    "read_fields",
    "read_inputs",
    "read_lookalikes",
    "read_measure",
    "read_metric",
    "read_object",
]


def read_metric(own: About, facts: Facts) -> Metric | None:
    """Return the card of a metric, or None where it has no formula."""
    formula = value(own, v.SO + "hasFormula")
    if formula is None:
        return None
    operands = [facts[operand] for operand in values(facts[formula], v.SO + "hasOperand")]
    measures = sorted({m for o in operands for m in values(o, v.SO + "operandMeasure")})
    variants = [_variant(iri, facts) for iri in values(own, v.SO + "hasMetricVariant")]
    return Metric(
        expression=value(facts[formula], v.SO + "expression") or "",
        unit=value(own, v.SO + "unit") or "",
        direction=value(own, v.SO + "direction") or "",
        display=value(own, v.SO + "display"),
        measures=tuple(measures),
        metrics=tuple(sorted({m for o in operands for m in values(o, v.SO + "operandMetric")})),
        fields=tuple(sorted({f for m in measures for f in values(facts[m], v.SO + "readsField")})),
        date_basis=value(own, v.SO + "dateBasis"),
        filters=texts(own, v.SO + "filterNote"),
        grain=values(own, v.SO + "grain"),
        currency=value(own, v.SO + "currencyBasis"),
        tax=value(own, v.SO + "taxBasis"),
        additivity=value(own, v.SO + "additivity"),
        variants=tuple(sorted(variants, key=lambda variant: (not variant.default, variant.iri))),
    )


def read_inputs(facts: Facts, variant: Variant) -> Iterator[str]:
    """Yield the IRIs that the formula of a variant reads."""
    for operand in values(facts[variant.iri], v.SO + "hasOperand"):
        for name in ("operandMeasure", "operandMetric"):
            yield from values(facts[operand], v.SO + name)


def _variant(iri: str, facts: Facts) -> Variant:
    own = facts[iri]
    return Variant(
        iri=iri,
        labels=texts(own, v.RDFS + "label"),
        definitions=texts(own, v.SKOS + "definition"),
        metric=value(own, v.SO + "variantOfMetric") or "",
        expression=value(own, v.SO + "expression") or "",
        default=value(own, v.SO + "isDefault") == "true",
    )


def read_measure(facts: Facts, iri: str) -> Measure:
    """Return a base measure with the parts that it is compiled from."""
    own = facts[iri]
    return Measure(
        iri=iri,
        labels=texts(own, v.RDFS + "label"),
        definitions=texts(own, v.SKOS + "definition"),
        unit=value(own, v.SO + "unit") or "",
        shape=value(own, v.SO + "shape") or "",
        aggregate=value(own, v.SO + "aggregate"),
        object=value(own, v.SO + "overObject"),
        column=value(own, v.SO + "column"),
        filter=value(own, v.SO + "filter"),
        via=_parts(value(own, v.SO + "joinPath")),
        time=value(own, v.SO + "timeField"),
        basis=value(own, v.SO + "timeBasis"),
        distinct=value(own, v.SO + "distinctKey"),
        per=value(own, v.SO + "groupKey"),
        constant=value(own, v.SO + "constant"),
        fields=values(own, v.SO + "readsField"),
    )


def _parts(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split("|") if part.strip())


def read_object(facts: Facts, iri: str) -> CrmObject:
    """Return a CRM object."""
    own = facts[iri]
    return CrmObject(
        iri=iri,
        labels=texts(own, v.RDFS + "label"),
        definitions=texts(own, v.SKOS + "definition"),
        key=value(own, v.SO + "keyField"),
        records=value(own, v.SO + "records"),
    )


def read_fields(
    facts: Facts, fields: Iterable[str], alignments: Iterable[str]
) -> dict[str, CrmField]:
    """Return the CRM fields by IRI, each with its names in other systems."""
    names: dict[str, list[FieldName]] = {}
    for iri in alignments:
        own = facts[iri]
        found = FieldName(
            system=value(own, v.SO + "system") or "",
            name=value(own, v.SO + "externalName") or "",
            labels=texts(own, v.RDFS + "label"),
            match=v.local_name(value(own, v.SO + "matchKind") or v.SKOS + "closeMatch"),
            verified=value(own, v.SO + "verified") == "true",
        )
        names.setdefault(value(own, v.SO + "alignsField") or "", []).append(found)
    return {iri: _field(iri, facts[iri], names.get(iri, ())) for iri in fields}


def _field(iri: str, own: About, names: Iterable[FieldName]) -> CrmField:
    return CrmField(
        iri=iri,
        labels=texts(own, v.RDFS + "label"),
        definitions=texts(own, v.SKOS + "definition"),
        object=value(own, v.SO + "fieldOf") or "",
        type=value(own, v.SO + "fieldType") or "",
        refers=value(own, v.SO + "refersTo"),
        values=values(own, v.SO + "allowedValue"),
        determines=values(own, v.SO + "determines"),
        names=tuple(sorted(names, key=lambda name: (name.system, name.name))),
    )


def read_lookalikes(facts: Facts, sets: Iterable[str]) -> tuple[LookalikeSet, ...]:
    """Return sets of look-alikes, their members by IRI."""
    return tuple(_lookalikes(iri, facts) for iri in sets)


def _lookalikes(iri: str, facts: Facts) -> LookalikeSet:
    own = facts[iri]
    members = []
    for concept in values(own, v.SO + "compares"):
        entry = facts[f"{iri}/{v.local_name(concept)}"]
        answers, distinctions = (texts(entry, v.SO + n) for n in ("decidedBy", "distinction"))
        members.append(Lookalike(concept, answers, distinctions))
    return LookalikeSet(
        iri=iri,
        labels=texts(own, v.RDFS + "label"),
        questions=texts(own, v.SO + "question"),
        members=tuple(members),
    )
