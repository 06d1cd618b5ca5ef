"""Owns reading the tables of data/: bytes to rows, and every fault of a cell with its file, row and column."""

from __future__ import annotations

import csv
import difflib
import io
import re
import unicodedata
from dataclasses import dataclass, field

from kg.formula import FormulaError, formula_names
from kg.model import Finding, Place
from kg.sources.faults import fault
from kg.sources.grammar import GENERIC_KINDS, MANY, TABLES, Column, Table
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["Row", "Tables", "decode", "nearest", "read_tables"]

_ID = re.compile(r"[a-z0-9]+(?:[-.][a-z0-9]+)*")
_FIELD = re.compile(r"[A-Z][A-Za-z0-9]*\.[a-z][a-z0-9_]*")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_PATTERNS = {"id": _ID, "field": _FIELD, "name": _NAME}
_SHAPES = {"number": _NUMBER, "date": _DATE}
_INVISIBLE = re.compile(
    "[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u0000-\u0008\u000b\u000c\u000e-\u001f]"
)
_TARGETS = {
    "concepts": "concept",
    "relations": "relation",
    "passages": "passage",
    "measures": "base measure",
    "fields": "CRM field",
    "units": "unit",
    "tiers": "tier",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: `cells` by column name, and where it stands."""

    path: str
    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        """Return the text of a cell, "" where it is empty."""
        return self.cells.get(column, "")

    def many(self, column: str) -> tuple[str, ...]:
        """Return the values of a cell that holds several."""
        return tuple(v.strip() for v in self[column].split(MANY.strip()) if v.strip())

    def place(self, column: str | None = None) -> Place:
        """Return where the row, or one of its cells, stands."""
        return Place(self.path, self.number, column)


@dataclass(slots=True)
class Tables:
    """The rows of every table, and the faults found while reading them."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def __getitem__(self, name: str) -> list[Row]:
        """Return the rows of a table."""
        return self.rows[name]


def read_tables(folder: Path, *, predicates: Iterable[str], kinds: Iterable[str]) -> Tables:
    """Read every table below `folder` and check each cell; bad cells become findings, never errors.

    `predicates` and `kinds` are the local names that the ontology knows.
    """
    tables = Tables()
    for table in TABLES.values():
        tables.rows[table.name] = list(_read_table(folder, table, tables.findings))
    known = {
        table.name: {row[table.key] for row in tables[table.name]}
        for table in TABLES.values()
        if table.key
    }
    known["predicate"], known["kind"] = set(predicates), set(kinds) | GENERIC_KINDS
    known["passages"] |= {"product"}
    for table in TABLES.values():
        tables.findings += _check_table(table, tables[table.name], known)
    tables.findings += _check_labels(tables["concepts"])
    tables.findings += _check_relations(tables)
    tables.findings += _check_formulas(tables["metrics"], known)
    return tables


def decode(data: bytes, place: Place) -> tuple[str | None, list[Finding]]:
    """Return the text of a file and what was odd about it: BOM, then UTF-8, then GB18030."""
    if data.startswith(b"\xef\xbb\xbf"):
        text, findings = decode(data[3:], place)
        return text, [fault("table-bom", place), *findings]
    for encoding, rule in (("utf-8", None), ("gb18030", "table-encoding")):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return unicodedata.normalize("NFC", text), [fault(rule, place)] if rule else []
    return None, [fault("table-bytes", place)]


def nearest(word: str, known: Iterable[str], count: int = 3) -> tuple[str, ...]:
    """Return the known words most like `word`, best first."""
    return tuple(difflib.get_close_matches(word, sorted(known), count, 0.5))


def _read_table(folder: Path, table: Table, findings: list[Finding]) -> Iterator[Row]:
    base = folder / table.path
    paths = sorted(base.glob("*.csv")) if base.is_dir() else [base]
    if not paths or not all(path.is_file() for path in paths):
        findings.append(fault("table-missing", Place(f"data/{table.path}")))
        return
    for path in paths:
        yield from _read_file(path, f"data/{path.relative_to(folder).as_posix()}", table, findings)


def _read_file(path: Path, name: str, table: Table, findings: list[Finding]) -> Iterator[Row]:
    text, odd = decode(path.read_bytes(), Place(name))
    findings += odd
    if text is None:
        return
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] | None = None
    number = 0
    try:
        for cells in reader:
            number += 1
            if header is None:
                header = [cell.strip() for cell in cells]
                findings += _check_header(header, table, Place(name, number))
            elif not any(cell.strip() for cell in cells):
                continue
            elif len(cells) != len(header):
                words = {"value": str(len(cells)), "known": str(len(header))}
                findings.append(fault("table-row", Place(name, number), **words))
            else:
                yield Row(name, number, dict(zip(header, map(str.strip, cells), strict=True)))
    except csv.Error as error:
        findings.append(fault("table-syntax", Place(name, number + 1), value=str(error)))


def _check_header(header: list[str], table: Table, place: Place) -> Iterator[Finding]:
    known = [column.name for column in table.columns]
    for name in header:
        if name not in known:
            yield fault("table-column", place, value=name, known=", ".join(known))
    for column in table.columns:
        if column.name not in header and (column.required or column.name in ("zh", "en")):
            yield fault("table-column-missing", place, value=column.name)


def _check_table(table: Table, rows: list[Row], known: Mapping[str, set[str]]) -> Iterator[Finding]:
    seen: dict[str, Place] = {}
    for row in rows:
        if table.key and (value := row[table.key]):
            if value in seen:
                place = row.place(table.key)
                yield fault("duplicate-id", place, value=value, known=str(seen[value]))
            seen.setdefault(value, row.place())
        for column in table.columns:
            if column.name in row.cells:
                yield from _check_cell(row, column, table, known)


def _check_cell(
    row: Row, column: Column, table: Table, known: Mapping[str, set[str]]
) -> Iterator[Finding]:
    place = row.place(column.name)
    text = row[column.name]
    name = row[table.key] if table.key else f"{table.name}:{row.number}"
    if not text:
        if column.required:
            yield fault("cell-required", place, id=name)
        return
    if hidden := _INVISIBLE.search(text):
        yield fault("cell-invisible", place, id=name, value=f"{ord(hidden[0]):04X}")
    for value in row.many(column.name) if column.many else (text,):
        yield from _check_value(value, column, place, known)


def _check_value(
    value: str, column: Column, place: Place, known: Mapping[str, set[str]]
) -> Iterator[Finding]:
    check = column.check
    if check == "one of" and value not in column.allowed:
        yield fault("cell-value", place, value=value, known=", ".join(column.allowed))
    elif check in _PATTERNS and not _PATTERNS[check].fullmatch(value):
        yield fault("cell-id", place, value=value)
    elif check == "integer" and not value.isdigit():
        yield fault("cell-integer", place, value=value)
    elif check in _SHAPES and not _SHAPES[check].fullmatch(value):
        example = {"number": "12.5", "date": "2026-01-31"}[check]
        yield fault("cell-value", place, value=value, known=example)
    elif check == "unit":
        for unit in re.split(r"[*/]", value):
            if unit not in known["units"]:
                yield _dangling(unit, "units", place, known)
    elif check in ("predicate", "kind") and value not in known[check]:
        near = nearest(value, known[check])
        yield fault(f"{check}-unknown", place, value=value, candidates=near)
    elif check in _TARGETS and value not in known[check]:
        yield _dangling(value, check, place, known)


def _dangling(value: str, target: str, place: Place, known: Mapping[str, set[str]]) -> Finding:
    near = nearest(value, known[target])
    return fault("dangling-term", place, value=value, known=_TARGETS[target], candidates=near)


def _check_labels(rows: list[Row]) -> Iterator[Finding]:
    for lang in ("zh", "en"):
        seen: dict[str, Place] = {}
        for row in rows:
            label = row[lang]
            if not label:
                place = row.place(lang)
                yield fault("label-missing", place, id=row["id"], value=lang)
                continue
            key = unicodedata.normalize("NFKC", label).casefold()
            if key in seen:
                place = row.place(lang)
                yield fault("duplicate-label", place, value=label, known=str(seen[key]))
            seen.setdefault(key, row.place(lang))


def _check_relations(tables: Tables) -> Iterator[Finding]:
    claimed: dict[str, set[str]] = {}
    for row in tables["claims"]:
        claimed.setdefault(row["relation"], set()).add(row["strength"])
    rejected = {_triple(row): row["reason_en"] for row in tables["rejected"]}
    seen: dict[tuple[str, str, str], Place] = {}
    for row in tables["relations"]:
        triple = _triple(row)
        if row["subject"] == row["object"]:
            yield fault("relation-self", row.place("object"), id=row["id"], value=row["object"])
        if triple in seen:
            yield fault("relation-twice", row.place(), known=str(seen[triple]))
        seen.setdefault(triple, row.place())
        # The list says what the source does not say; a relation of our own may still stand.
        if triple in rejected and claimed.get(row["id"]) != {"product"}:
            yield fault("relation-rejected", row.place(), value=rejected[triple])
        if row["id"] not in claimed:
            yield fault("relation-unclaimed", row.place("id"), id=row["id"])


def _triple(row: Row) -> tuple[str, str, str]:
    return row["subject"], row["predicate"], row["object"]


def _check_formulas(rows: list[Row], known: Mapping[str, set[str]]) -> Iterator[Finding]:
    metrics = {name.replace("-", "_") for name in known["metrics"]}
    names = known["measures"] | metrics
    for row in rows:
        place = row.place("formula")
        try:
            used = formula_names(row["formula"])
        except FormulaError as error:
            yield fault("formula-syntax", place, id=row["id"], value=str(error))
            continue
        for name in used:
            if name not in names:
                near = nearest(name, names)
                yield fault("formula-name", place, id=row["id"], value=name, candidates=near)
