"""Owns the column grammar of data/: which tables and columns there are, what a cell may hold."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["GENERIC_KINDS", "MANY", "TABLES", "Column", "Table"]

MANY = " | "  # between the values of a cell that holds several
GENERIC_KINDS = frozenset({"Concept", "ConceptGroup"})  # kinds without a class: typed so:Term


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `check` names what a value must be.

    "text" | "id" | "name" | "field" | "integer" | "number" | "date" | "iri" | "unit" | "kind" |
    "predicate" | "formula", the name of a table whose key it must be ("concepts", "passages" ...),
    or "one of" with `allowed`.
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


def _one(name: str, *allowed: str, required: bool = False) -> Column:
    return Column(name, "one of", required=required, allowed=allowed)


_BILINGUAL = (Column("zh", required=True), Column("en", required=True))
_SCOPED = (Column("scope_zh"), Column("scope_en"))

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
                Column("definition_zh"),
                Column("definition_en"),
                Column("scope_note_zh"),
                Column("scope_note_en"),
                Column("note_zh"),
                Column("note_en"),
                Column("passages", "passages", many=True),
                Column("mentions", "passages", many=True),
            ),
            "id",
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
            "fields",
            "fields.csv",
            (
                Column("id", "field", required=True),
                Column("object", required=True),
                Column("type", required=True),
            ),
            "id",
        ),
        Table(
            "field_alignments",
            "field_alignments.csv",
            (
                Column("field", "fields", required=True),
                Column("system", "id", required=True),
                Column("name", required=True),
                _one("verified", "yes", "no", required=True),
            ),
            once=("field", "system"),
        ),
        Table(
            "measures",
            "measures.csv",
            (
                Column("id", "name", required=True),
                Column("unit", "unit", required=True),
                _one("shape", "scalar", "list", required=True),
                Column("constant", "number"),
                Column("fields", "fields", many=True),
                Column("definition_zh"),
                Column("definition_en"),
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
            ),
            "id",
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
