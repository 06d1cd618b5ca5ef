"""Owns turning what is measured into quads: units, CRM objects and fields, measures, metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg import vocab as v
from kg.formula import formula_name, formula_names
from kg.sources.quads import PRODUCT

if TYPE_CHECKING:
    from collections.abc import Callable

    from kg.sources.quads import Quads
    from kg.sources.rows import Row
    from kg.sources.tables import Tables

__all__ = ["METRIC_FACTS", "add_measurement"]

# What a metric says of itself in one plain text: column -> property.
METRIC_FACTS = {
    "unit": "unit",
    "direction": "direction",
    "display": "display",
    "date_basis": "dateBasis",
    "currency": "currencyBasis",
    "tax": "taxBasis",
    "additivity": "additivity",
}
_MEASURE_FACTS = {
    "unit": "unit",
    "shape": "shape",
    "aggregate": "aggregate",
    "column": "column",
    "filter": "filter",
    "via": "joinPath",
    "basis": "timeBasis",
    "per": "groupKey",
}


def add_measurement(quads: Quads, tables: Tables) -> None:
    """Add everything that is measured or read from a CRM."""
    writer = _Writer(quads, tables)
    steps: dict[str, Callable[[Row], None]] = {
        "units": writer.unit,
        "objects": writer.object,
        "fields": writer.field,
        "field_dependencies": writer.dependency,
        "field_alignments": writer.alignment,
        "parameters": writer.parameter,
        "measures": writer.measure,
        "metrics": writer.metric,
        "variants": writer.variant,
    }
    for name, write in steps.items():
        for row in tables[name]:
            write(row)


class _Writer:
    """Turns rows into quads; one method per table."""

    def __init__(self, quads: Quads, tables: Tables) -> None:
        self.quads = quads
        self.metrics = {formula_name(row["id"]): row["id"] for row in tables["metrics"]}
        self.measures = {row["id"] for row in tables["measures"]}

    def _named(self, subject: str, class_: str, row: Row) -> None:
        """Add class, name and definition of what is no term."""
        self.quads.typed(subject, v.SO + class_, row)
        self.quads.texts(subject, v.RDFS + "label", row, "")
        self.quads.texts(subject, v.SKOS + "definition", row, "definition")

    def unit(self, row: Row) -> None:
        subject = v.UNIT + row["id"]
        self._named(subject, "Unit", row)
        self.quads.text(subject, v.SO + "dimension", row["dimension"])
        self.quads.text(subject, v.SO + "expression", row["definition"])
        if row["see_also"]:
            self.quads.link(subject, v.RDFS + "seeAlso", row["see_also"])

    # -- the CRM
    def object(self, row: Row) -> None:
        subject = v.OBJECT + row["id"]
        self._named(subject, "CrmObject", row)
        self.quads.link(subject, v.SO + "keyField", v.FIELD + row["key"])
        if row["records"]:
            self.quads.link(subject, v.SO + "records", v.TERM + row["records"])

    def field(self, row: Row) -> None:
        subject = v.FIELD + row["id"]
        self._named(subject, "DataField", row)
        self.quads.text(subject, v.SO + "object", row["object"])
        self.quads.link(subject, v.SO + "fieldOf", v.OBJECT + row["object"])
        self.quads.text(subject, v.SO + "fieldType", row["type"])
        if row["refers"]:
            self.quads.link(subject, v.SO + "refersTo", v.OBJECT + row["refers"])
        for value in row.many("values"):
            self.quads.text(subject, v.SO + "allowedValue", value)

    def dependency(self, row: Row) -> None:
        subject = v.FIELD + row["field"]
        self.quads.link(subject, v.SO + "determines", v.FIELD + row["determines"])
        node = f"{v.BASE}dependency/{row['field']}/{row['determines']}"
        self.quads.typed(node, v.SO + "FieldDependency", row)
        self.quads.link(node, v.SO + "fromField", subject)
        self.quads.link(node, v.SO + "toField", v.FIELD + row["determines"])
        self.quads.texts(node, v.SO + "reason", row, "note")

    def alignment(self, row: Row) -> None:
        subject = f"{v.BASE}alignment/{row['field']}/{row['system']}"
        self.quads.typed(subject, v.SO + "FieldAlignment", row)
        self.quads.link(subject, v.SO + "alignsField", v.FIELD + row["field"])
        self.quads.text(subject, v.SO + "system", row["system"])
        self.quads.text(subject, v.SO + "externalName", row["name"])
        self.quads.texts(subject, v.RDFS + "label", row, "label")
        relation = row["relation"] or "closeMatch"
        self.quads.link(subject, v.SO + "matchKind", v.SKOS + relation)
        self.quads.flag(subject, v.SO + "verified", on=row["verified"] == "yes")

    # -- measures and metrics
    def parameter(self, row: Row) -> None:
        subject = v.PARAMETER + row["id"]
        self._named(subject, "Parameter", row)
        self.quads.text(subject, v.SO + "fieldType", row["type"])

    def measure(self, row: Row) -> None:
        subject = v.MEASURE + row["id"]
        self._named(subject, "BaseMeasure", row)
        for column, name in _MEASURE_FACTS.items():
            self.quads.text(subject, v.SO + name, row[column])
        self.quads.value(subject, v.SO + "constant", row["constant"], "decimal")
        for name in row.many("fields"):
            self.quads.link(subject, v.SO + "readsField", v.FIELD + name)
        if row["object"]:
            self.quads.link(subject, v.SO + "overObject", v.OBJECT + row["object"])
        for column, name in (("time", "timeField"), ("distinct", "distinctKey")):
            if row[column]:
                self.quads.link(subject, v.SO + name, v.FIELD + row[column])

    def metric(self, row: Row) -> None:
        subject, formula = v.TERM + row["id"], v.FORMULA + row["id"]
        self.quads.typed(formula, v.SO + "Formula", row)
        self.quads.link(subject, v.SO + "hasFormula", formula)
        self._expression(formula, row)
        for column, name in METRIC_FACTS.items():
            self.quads.text(subject, v.SO + name, row[column])
        self.quads.texts(subject, v.SO + "filterNote", row, "filter")
        for grain in row.many("grain"):
            self.quads.text(subject, v.SO + "grain", grain)
        triple = (subject, v.SO + "measures", v.TERM + row["measures"])
        self.quads.claim(f"measures-{row['id']}", PRODUCT, triple, PRODUCT, row)
        self.quads.link(*triple)

    def variant(self, row: Row) -> None:
        subject = v.VARIANT + row["id"]
        self._named(subject, "MetricVariant", row)
        self.quads.link(subject, v.SO + "variantOfMetric", v.TERM + row["metric"])
        self.quads.link(v.TERM + row["metric"], v.SO + "hasMetricVariant", subject)
        self.quads.flag(subject, v.SO + "isDefault", on=row["default"] == "yes")
        self._expression(subject, row)

    def _expression(self, formula: str, row: Row) -> None:
        """Add the text of a formula and what it reads: a measure wins over a metric."""
        self.quads.text(formula, v.SO + "expression", row["formula"])
        self.quads.link(formula, v.PROV + "wasDerivedFrom", v.SOURCE + PRODUCT)
        for number, name in enumerate(formula_names(row["formula"])):
            operand = f"{formula}/{number}"
            self.quads.typed(operand, v.SO + "Operand", row)
            self.quads.link(formula, v.SO + "hasOperand", operand)
            if name in self.measures:
                self.quads.link(operand, v.SO + "operandMeasure", v.MEASURE + name)
            else:
                self.quads.link(operand, v.SO + "operandMetric", v.TERM + self.metrics[name])
