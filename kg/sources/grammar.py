"""Owns the column grammar of data/: which tables and columns there are, what a cell may hold."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "ADDITIVITY",
    "AGGREGATES",
    "BASES",
    "CURRENCY_BASES",
    "DATE_BASES",
    "FIELD_TYPES",
    "GENERIC_KINDS",
    "GRAINS",
    "MANY",
    "TABLES",
    "TAX_BASES",
    "Column",
    "Table",
]

MANY = " | "  # between the values of a cell that holds several
GENERIC_KINDS = frozenset({"Concept", "ConceptGroup"})  # kinds without a class: typed so:Term
FIELD_TYPES = ("string", "integer", "decimal", "boolean", "date", "datetime", "reference")
AGGREGATES = (
    "count",
    "count-distinct",
    "sum",
    "average",
    "min",
    "max",
    "list",
    "expression",
    "constant",
)
# How a measure is placed in time: see data/README.md.
BASES = (
    "period",
    "prior-period",
    "prior-year",
    "to-date",
    "cohort",
    "snapshot",
    "start",
    "end",
    "average",
    "none",
)
# Which date decides the period that a record counts in.
DATE_BASES = (
    "created",
    "occurred",
    "closed",
    "signed",
    "ordered",
    "shipped",
    "invoiced",
    "due",
    "paid",
    "recognised",
    "renewal-due",
    "resolved",
    "snapshot",
    "period",
)
GRAINS = (
    "company",
    "team",
    "rep",
    "territory",
    "customer",
    "segment",
    "product",
    "channel",
    "partner",
    "outlet",
    "campaign",
    "source",
    "stage",
    "contract",
    "course",
)
CURRENCY_BASES = ("reporting", "none")
TAX_BASES = ("excluded", "included", "same-basis", "none")
ADDITIVITY = ("additive", "semi-additive", "non-additive")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `check` names what a value must be.

    "text" | "id" | "name" | "object" | "field" | "integer" | "number" | "date" | "duration" |
    "iri" | "curie" | "unit" | "kind" | "predicate" | "formula" | "sql", the name of a table whose
    key it must be ("concepts", "passages" ...), or "one of" with `allowed`.
    """

    name: str
    check: str = "text"
    required: bool = False
    many: bool = False
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """One table: a file below data/, or a folder of files with the same columns."""

    name: str
    path: str
    columns: tuple[Column, ...]
    key: str | None = None  # the column that must be unique
    once: tuple[str, ...] = ()  # the columns that no two rows may share, where there is no key
    optional: bool = False  # whether the file may be absent: it then has no rows


def _one(name: str, *allowed: str, required: bool = False) -> Column:
    return Column(name, "one of", required=required, allowed=allowed)


_BILINGUAL = (Column("zh", required=True), Column("en", required=True))
_SCOPED = (Column("scope_zh"), Column("scope_en"))
_DEFINED = (Column("definition_zh", required=True), Column("definition_en", required=True))
_NAMED = (*_BILINGUAL, *_DEFINED)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table("sources", "sources.csv", (Column("id", "id", required=True), *_BILINGUAL), "id"),
        Table(
            "passages",
            "passages.csv",
            (
                Column("code", "id", required=True),
                _one("answer", "1", "2", "3", "4"),
                Column("locator", required=True),
                Column("line", "integer", required=True),
            ),
            "code",
        ),
        Table(
            "tiers",
            "tiers.csv",
            (
                Column("id", "id", required=True),
                Column("order", "integer", required=True),
                *_BILINGUAL,
                *_SCOPED,
            ),
            "id",
        ),
        Table(
            "topics",
            "topics.csv",
            (
                Column("id", "id", required=True),
                Column("order", "integer", required=True),
                *_BILINGUAL,
                *_SCOPED,
            ),
            "id",
        ),
        Table(
            "concepts",
            "concepts",
            (
                Column("id", "id", required=True),
                Column("kind", "kind", required=True),
                Column("class", "kind"),
                Column("tier", "tiers", required=True),
                Column("zh"),
                Column("en"),
                Column("alt_zh", many=True),
                Column("alt_en", many=True),
                Column("hidden_zh", many=True),
                Column("hidden_en", many=True),
                Column("parent", "concepts"),
                _one("parent_relation", "broader", "partOf", "topicOf"),
                Column("parent_reason_zh"),
                Column("parent_reason_en"),
                Column("definition_zh"),
                Column("definition_en"),
                Column("scope_note_zh"),
                Column("scope_note_en"),
                Column("note_zh"),
                Column("note_en"),
                Column("passages", "passages", many=True),
                Column("mentions", "passages", many=True),
                Column("owner", "concepts"),
                _one("status", "draft", "approved", "deprecated"),
                Column("reviewed", "date"),
                Column("effective", "date"),
                Column("replaced_by", "concepts"),
            ),
            "id",
        ),
        Table(
            "definitions",
            "definitions.csv",
            (
                Column("concept", "concepts", required=True),
                Column("passage", "passages", required=True),
                *_BILINGUAL,
            ),
            once=("concept", "passage"),
            optional=True,
        ),
        Table(
            "relations",
            "relations.csv",
            (
                Column("id", "id", required=True),
                Column("subject", "concepts", required=True),
                Column("predicate", "predicate", required=True),
                Column("object", "concepts", required=True),
            ),
            "id",
        ),
        Table(
            "claims",
            "claims.csv",
            (
                Column("relation", "relations", required=True),
                Column("passage", "passages", required=True),
                Column("sentence", "integer"),
                _one("strength", "stated", "implied", "product", required=True),
                _one("confidence", "normal", "low"),
                _one("inference", "list-order", "heading", "mapping", "meaning"),
                _one("modality", "possible"),
                Column("scope", "concepts", many=True),
                Column("contradicts", "relations"),
                Column("lag", "duration"),
                Column("reason_zh"),
                Column("reason_en"),
            ),
            once=("relation", "passage"),
        ),
        Table(
            "rejected",
            "rejected.csv",
            (
                Column("subject", "concepts", required=True),
                Column("predicate", "predicate", required=True),
                Column("object", "concepts", required=True),
                Column("reason_en", required=True),
            ),
            once=("subject", "predicate", "object"),
        ),
        Table(
            "stages",
            "stages.csv",
            (
                Column("model", "concepts", required=True),
                Column("position", "integer", required=True),
                Column("stage", "concepts", required=True),
            ),
            once=("model", "position"),
        ),
        Table(
            "units",
            "units.csv",
            (
                Column("id", "id", required=True),
                _one("group", "base", "derived", "dimensionless", required=True),
                Column("dimension"),
                Column("definition"),
                *_BILINGUAL,
                Column("see_also", "iri"),
            ),
            "id",
        ),
        Table(
            "objects",
            "objects.csv",
            (
                Column("id", "object", required=True),
                *_NAMED,
                Column("key", "fields", required=True),
                Column("records", "concepts"),
            ),
            "id",
        ),
        Table(
            "fields",
            "fields.csv",
            (
                Column("id", "field", required=True),
                Column("object", "objects", required=True),
                _one("type", *FIELD_TYPES, required=True),
                *_NAMED,
                Column("refers", "objects"),
                Column("values", many=True),
            ),
            "id",
        ),
        Table(
            "field_dependencies",
            "field_dependencies.csv",
            (
                Column("field", "fields", required=True),
                Column("determines", "fields", required=True),
                Column("note_zh", required=True),
                Column("note_en", required=True),
            ),
            once=("field", "determines"),
            optional=True,
        ),
        Table(
            "field_alignments",
            "field_alignments.csv",
            (
                Column("field", "fields", required=True),
                Column("system", "id", required=True),
                Column("name", required=True),
                Column("label_zh"),
                Column("label_en"),
                _one("relation", "exactMatch", "closeMatch"),
                _one("verified", "yes", "no", required=True),
            ),
            once=("field", "system"),
        ),
        Table(
            "alignments",
            "alignments.csv",
            (
                Column("subject", "curie", required=True),
                _one(
                    "relation",
                    "exactMatch",
                    "closeMatch",
                    "broadMatch",
                    "narrowMatch",
                    "relatedMatch",
                    required=True,
                ),
                Column("object", "iri", required=True),
                Column("vocabulary", required=True),
                _one("seen", "yes", "no", required=True),
                Column("note_zh"),
                Column("note_en"),
            ),
            once=("subject", "object"),
            optional=True,
        ),
        Table(
            "parameters",
            "parameters.csv",
            (
                Column("id", "name", required=True),
                _one("type", *FIELD_TYPES, required=True),
                *_NAMED,
            ),
            "id",
            optional=True,
        ),
        Table(
            "measures",
            "measures.csv",
            (
                Column("id", "name", required=True),
                *_NAMED,
                Column("unit", "unit", required=True),
                _one("shape", "scalar", "list", required=True),
                Column("constant", "number"),
                Column("fields", "fields", many=True),
                Column("object", "objects"),
                _one("aggregate", *AGGREGATES, required=True),
                Column("column", "sql"),
                Column("filter", "sql"),
                Column("via", "fields", many=True),
                Column("time", "fields"),
                _one("basis", *BASES, required=True),
                Column("distinct", "fields"),
                Column("per", "sql"),
            ),
            "id",
        ),
        Table(
            "metrics",
            "metrics.csv",
            (
                Column("id", "concepts", required=True),
                Column("formula", "formula", required=True),
                Column("unit", "unit", required=True),
                Column("display"),
                _one(
                    "direction",
                    "higher-better",
                    "lower-better",
                    "context",
                    "closer-to-zero",
                    "closer-to-one",
                    required=True,
                ),
                Column("measures", "concepts", required=True),
                _one("date_basis", *DATE_BASES),
                Column("filter_zh"),
                Column("filter_en"),
                Column("grain", "one of", many=True, allowed=GRAINS),
                _one("currency", *CURRENCY_BASES),
                _one("tax", *TAX_BASES),
                _one("additivity", *ADDITIVITY),
            ),
            "id",
        ),
        Table(
            "variants",
            "variants.csv",
            (
                Column("id", "id", required=True),
                Column("metric", "metrics", required=True),
                *_NAMED,
                Column("formula", "formula", required=True),
                _one("default", "yes"),
            ),
            "id",
            optional=True,
        ),
        Table(
            "lookalikes",
            "lookalikes.csv",
            (
                Column("id", "id", required=True),
                *_BILINGUAL,
                Column("question_zh", required=True),
                Column("question_en", required=True),
            ),
            "id",
            optional=True,
        ),
        Table(
            "lookalike_members",
            "lookalike_members.csv",
            (
                Column("set", "lookalikes", required=True),
                Column("concept", "concepts", required=True),
                Column("answer_zh", required=True),
                Column("answer_en", required=True),
                Column("distinction_zh", required=True),
                Column("distinction_en", required=True),
            ),
            once=("set", "concept"),
            optional=True,
        ),
        Table(
            "translations",
            "translations.csv",
            (Column("concept", "concepts", required=True), Column("hash", required=True)),
            once=("concept",),
            optional=True,
        ),
        Table(
            "permitted",
            "permitted.csv",
            (
                Column("rule", "id", required=True),
                Column("focus", required=True),
                Column("reason_zh", required=True),
                Column("reason_en", required=True),
            ),
            once=("rule", "focus"),
            optional=True,
        ),
        Table(
            "release",
            "release.csv",
            (
                Column("concept", "concepts", required=True),
                Column("hash", required=True),
                Column("version", required=True),
                Column("date", "date", required=True),
            ),
        ),
    )
}
