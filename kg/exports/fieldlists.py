"""Owns reading a list of fields that a CRM exported, and a mapping sheet that came back.

Every CRM names the columns of such a list in its own way, so they are guessed from their headings.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import warnings
import zipfile
import zlib
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

from kg.errors import ExportError, SourceError
from kg.exports.selection import ForeignField, clean
from kg.exports.spreadsheets import starts_formula
from kg.model import LANGS, FieldName, Place, Text
from kg.sources.tables import decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["ALIGNMENT", "SUGGESTED", "read_fields", "read_sheet", "read_tables"]

# The columns of data/field_alignments.csv, by the names they have there.
ALIGNMENT = ("field", "system", "name", "label_zh", "label_en", "relation", "verified")

# What stands under `relation` until a person has chosen how close a suggested match is.
SUGGESTED = "suggested"

_MAX_BYTES, _MAX_FIELDS, _MAX_TEXT = 16 * 1024 * 1024, 20_000, 500
_MAX_UNPACKED, _MAX_ROWS, _MAX_COLUMNS = 256 * 1024 * 1024, 50_000, 200
_HEAD_LINES = 10  # some exports put titles above the headings
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"  # how a workbook begins, and an old one

# What of ours stands under which heading; the earlier a heading, the better it fits.
_HEADINGS: dict[str, tuple[str, ...]] = {
    part: tuple(words.split())
    for part, words in {
        "api": """
            apiname fieldapiname qualifiedapiname 字段api名 字段api名称 api名称 api名 字段标识
            字段标识符 字段编码 字段代码 logicalname schemaname internalname developername
            technicalname fieldname 字段名 fieldid 字段id field name column columnname 列名 标识
            编码
        """,
        "label": """
            fieldlabel label masterlabel displayname 字段标签 标签 显示名 显示名称 字段显示名
            字段名称 中文名 中文名称 字段中文名 名称 字段 caption title fieldname 字段名
        """,
        "object": """
            objectapiname object objectname entity entityname entitylogicalname 对象 对象api名
            对象api名称 对象名 对象名称 对象标识 所属对象 实体 实体名称 模块 模块名称 module
            table tablename 表名 sobject model 模型
        """,
        "type": "type datatype fieldtype 字段类型 数据类型 类型",
    }.items()
}
_SEPARATORS = ",\t;|"
_SIGNS = re.compile(r"[\W_]+")
_BROKEN = (  # what a damaged workbook makes its readers raise
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    OSError,
    EOFError,
    RuntimeError,
)


def read_tables(data: bytes, path: str) -> list[list[list[str]]]:
    r"""Return the rows of each sheet of a workbook (xlsx), or those of CSV with any separator.

    CSV is in UTF-8, UTF-16 or GB18030. Raises SourceError where the text cannot be decoded or is
    too long, ExportError where openpyxl is not installed.

    >>> read_tables("对象;字段标识\n商机;amount__c\n".encode("gb18030"), "a.csv")
    [[['对象', '字段标识'], ['商机', 'amount__c']]]
    """
    if len(data) > _MAX_BYTES:
        raise _fault(path, f"longer than {_MAX_BYTES} bytes", f"超过 {_MAX_BYTES} 字节")
    if data.startswith(_ZIP):
        return _sheets(data, path)
    if data.startswith(_OLE):
        raise _no_workbook(path, "old or protected", "旧版或加密的")
    return [list(_rows(_decoded(data, path), path))]


def read_fields(tables: Sequence[list[list[str]]], path: str) -> tuple[ForeignField, ...]:
    """Return the fields in an export of a CRM, as `read_tables` gives it; `path` is for faults.

    A field listed twice is there once. Raises SourceError where no table has a column for names, or
    where there are too many.

    >>> read_fields([[["对象", "字段标识", "字段标签"], ["商机", "amount__c", "金额"]]], "a.csv")
    (ForeignField(api='amount__c', label='金额', object='商机', type=''),)
    """
    rows, at, columns = _listed(tables, path)
    found = dict.fromkeys(
        ForeignField(**{part: _cell(row, column) for part, column in columns.items()})
        for row in rows[at + 1 :]
    )
    named = [field for field in found if field.api or field.label]
    if len(named) > _MAX_FIELDS:
        raise _fault(path, f"more than {_MAX_FIELDS} fields", f"超过 {_MAX_FIELDS} 个字段")
    return tuple(named)


def read_sheet(tables: Iterable[list[list[str]]]) -> tuple[tuple[str, FieldName], ...] | None:
    """Return what a mapping sheet that came back says, by id of field; None for any other file.

    `tables` is what `read_tables` gives. Rows without a field or a name are left out. A suggestion
    that nobody has marked keeps the match SUGGESTED.

    >>> row = ["Deal.amount", "x", "Deal.Sum", "", "Sum", "", "yes"]
    >>> read_sheet([[list(ALIGNMENT), row]])[0][1].name
    'Deal.Sum'
    """
    for rows in tables:
        heads = [cell.strip().lstrip("\ufeff") for cell in next(iter(rows), ())]
        if set(ALIGNMENT) <= set(heads):
            at = [heads.index(name) for name in ALIGNMENT]
            cells = ([_bare(_cell(row, column)) for column in at] for row in rows[1:])
            return tuple(_filled(dict(zip(ALIGNMENT, row, strict=True)) for row in cells))
    return None


def _filled(rows: Iterable[dict[str, str]]) -> Iterator[tuple[str, FieldName]]:
    for row in rows:
        if row["field"] and row["name"]:
            labels = [(row[f"label_{lang}"], lang) for lang in LANGS]
            verified = row["verified"].casefold() == "yes"
            relation = row["relation"].casefold()
            match = "exactMatch" if relation == "exactmatch" else "closeMatch"
            if relation == SUGGESTED and not verified:
                match = SUGGESTED
            texts = tuple(Text(text, lang) for text, lang in labels if text)
            yield row["field"], FieldName(row["system"], row["name"], texts, match, verified)


def _bare(cell: str) -> str:
    """Return a cell without the apostrophe that keeps it from being a formula."""
    return cell[1:] if cell[:1] == "'" and starts_formula(cell[1:]) else cell


def _sheets(data: bytes, path: str) -> list[list[list[str]]]:
    """Return the rows of each sheet of a workbook, every cell as text."""
    try:
        from openpyxl import load_workbook
    except ImportError as error:
        raise ExportError("extra-missing", package="openpyxl", extra="tables") from error
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            size = sum(part.file_size for part in packed.infolist())
    except _BROKEN as error:
        raise _no_workbook(path, "damaged", "损坏的") from error
    if size > _MAX_UNPACKED:
        raise _no_workbook(path, "too large", "过大的")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions, which are not read
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            return [
                [
                    ["" if cell is None else str(cell) for cell in row]
                    for row in sheet.iter_rows(
                        max_row=_MAX_ROWS, max_col=_MAX_COLUMNS, values_only=True
                    )
                ]
                for sheet in book.worksheets
            ]
    except _BROKEN as error:
        raise _no_workbook(path, "damaged", "损坏的") from error


def _no_workbook(path: str, en: str, zh: str) -> SourceError:
    return _fault(
        path,
        f"{en} Excel file; save the sheet as CSV (UTF-8) and read that",
        f"{zh} Excel 文件;请将该工作表另存为 CSV(UTF-8)后再读入",
        format="Excel",
    )


def _decoded(data: bytes, path: str) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError as error:
            raise SourceError("source-encoding", path=path, line=1, column=1) from error
    text, _ = decode(data, Place(path))
    if text is None:
        raise SourceError("source-encoding", path=path, line=1, column=1)
    return text


def _rows(text: str, path: str) -> Iterator[list[str]]:
    head = text[:4000]
    separator = max(_SEPARATORS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        yield from reader
    except csv.Error as error:
        raise _fault(path, str(error), str(error), line=reader.line_num) from error


def _listed(
    tables: Sequence[list[list[str]]], path: str
) -> tuple[list[list[str]], int, dict[str, int]]:
    """Return the table that lists fields, the row of its headings, and the column of each part."""
    found = [(rows, *_columns(rows)) for rows in tables]
    rows, at, columns = max(found, key=lambda table: len(table[2]), default=([], 0, {}))
    if not {"api", "label"} & columns.keys():
        heads = ", ".join(next(iter(rows), ()))[:200]
        raise _fault(
            path,
            f"no heading such as API Name, Field Name or Label; found: {heads}",
            f"没有“字段标识”“字段名”或“字段标签”之类的列名;找到的是:{heads}",
        )
    return rows, at, {"api": -1, **columns}


def _columns(rows: Sequence[Sequence[str]]) -> tuple[int, dict[str, int]]:
    """Return the row of the headings, and the column of each part that they name."""
    best: tuple[int, dict[str, int]] = (0, {})
    for at, row in enumerate(rows[:_HEAD_LINES]):
        found = _guess(row)
        if len(found) > len(best[1]):
            best = at, found
    return best


def _guess(row: Sequence[str]) -> dict[str, int]:
    """Return the column of each part that a row of headings names; no column serves twice."""
    heads = {_SIGNS.sub("", _folded(cell)): at for at, cell in reversed(list(enumerate(row)))}
    out: dict[str, int] = {}
    for part, names in _HEADINGS.items():
        free = (heads[name] for name in names if name in heads and heads[name] not in out.values())
        if (at := next(free, None)) is not None:
            out[part] = at
    return out


def _cell(row: Sequence[str], at: int) -> str:
    text = clean(row[at]).strip() if 0 <= at < len(row) else ""
    return " ".join(text.split())[:_MAX_TEXT]


def _fault(path: str, en: str, zh: str, *, line: int = 1, format: str = "CSV") -> SourceError:  # noqa: A002 - a detail of the message
    return SourceError(
        "source-syntax", path=path, line=line, column=1, format=format, reason=en, reason_zh=zh
    )


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().lstrip("\ufeff").casefold()
