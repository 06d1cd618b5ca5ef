"""Owns reading the tables of data/: bytes to rows, and every fault of the form of a table."""

from __future__ import annotations

import csv
import io
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kg.model import Finding, Place
from kg.sources.checks import check_cells, check_rows, nearest
from kg.sources.faults import fault
from kg.sources.grammar import TABLES, Table
from kg.sources.rows import Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["Row", "Tables", "decode", "nearest", "read_rows", "read_tables"]

_BOM = b"\xef\xbb\xbf"
_SAYINGS = {
    "unexpected end of data": ("a quotation mark is not closed", "双引号没有成对出现"),
    "expected after": (
        "a quotation mark is not closed, or stands inside a cell (there it is written twice)",
        "双引号没有成对出现,或出现在单元格中间(此时要写两遍)",
    ),
    "field larger": ("a cell is far too long", "单元格内容过长"),
    "NUL": ("it holds a NUL character", "含有 NUL 字符"),
}


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
    known = {"predicate": set(predicates), "kind": set(kinds)}
    for table in TABLES.values():
        found: list[Finding] = []
        rows = tables.rows[table.name] = list(_read_table(folder, table, found))
        tables.findings += found
        if table.key and all(finding.level != "error" for finding in found):
            known[table.name] = {row[table.key] for row in rows}
    if "passages" in known:
        known["passages"].add("product")
    whole = not any(finding.level == "error" for finding in tables.findings)
    for table in TABLES.values():
        tables.findings += check_cells(table, tables[table.name], known)
    if whole:  # else faults of one table would be told as faults of many others
        tables.findings += check_rows(tables.rows, known)
    return tables


def read_rows(folder: Path, name: str) -> list[Row]:
    """Return the rows of one table below `folder`; faults are told by read_tables."""
    return list(_read_table(folder, TABLES[name], []))


def decode(data: bytes, place: Place) -> tuple[str | None, list[Finding]]:
    """Return the text of a file and what was odd about it: BOM, then UTF-8, then GB18030."""
    if data.startswith(_BOM):
        text, findings = decode(data.removeprefix(_BOM), place)
        return text, [fault("table-bom", place), *findings]
    for encoding, rule in (("utf-8", None), ("gb18030", "table-encoding")):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return unicodedata.normalize("NFC", text), [fault(rule, place)] if rule else []
    return None, [fault("table-bytes", place)]


def _read_table(folder: Path, table: Table, findings: list[Finding]) -> Iterator[Row]:
    base = folder / table.path
    paths = sorted(base.glob("*.csv")) if base.is_dir() and not base.suffix else [base]
    if not paths or not all(path.exists() for path in paths):
        if table.optional:
            findings.append(fault("table-absent", Place(f"data/{table.path}")))
            return
        findings.append(fault("table-missing", Place(f"data/{table.path}")))
        return
    for path in paths:
        place = Place(f"data/{path.relative_to(folder).as_posix()}")
        try:
            text, odd = decode(path.read_bytes(), place)
        except OSError as error:
            reason = error.strerror or str(error)
            findings.append(fault("table-unreadable", place, value=reason))
            continue
        findings += odd
        if text is not None:
            yield from _read_text(text, place.path, table, findings)


def _read_text(text: str, name: str, table: Table, findings: list[Finding]) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] | None = None
    number = 0
    try:
        for cells in reader:
            number += 1
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = [cell.strip() for cell in cells]
                findings += _check_header(header, table, Place(name, number))
            elif len(cells) != len(header):
                place = Place(name, number)
                findings.append(fault("table-row", place, value=len(cells), known=len(header)))
            else:
                yield Row(name, number, dict(zip(header, map(str.strip, cells), strict=True)))
    except csv.Error as error:
        sayings = (words for key, words in _SAYINGS.items() if key in str(error))
        en, zh = next(sayings, (str(error), str(error)))
        findings.append(fault("table-syntax", Place(name, number + 1), value=en, value_zh=zh))
    else:
        if header is None:
            findings.append(fault("table-empty", Place(name)))


def _check_header(header: list[str], table: Table, place: Place) -> Iterator[Finding]:
    known = [column.name for column in table.columns]
    for sign in (";", "\t"):
        if len(header) == 1 and sign in header[0]:
            shown = {"\t": "TAB"}.get(sign, sign)
            yield fault("table-delimiter", place, value=shown)
            return
    for i, name in enumerate(header):
        if name not in known:
            near = nearest(name, known)
            yield fault("table-column", place, value=name, known=", ".join(known), candidates=near)
        elif name in header[:i]:
            yield fault("table-column-twice", place, value=name)
    for column in table.columns:
        if column.name not in header and (column.required or column.name in ("zh", "en")):
            yield fault("table-column-missing", place, value=column.name)
