"""Owns writing tables as CSV and as an Excel workbook, the same bytes each time.

Excel takes a text that begins with a sign such as = for a formula. In CSV such a cell gets a
leading apostrophe; in a workbook the same apostrophe is a mark of the cell, kept out of sight.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from typing import TYPE_CHECKING, BinaryIO

from kg.errors import ExportError
from kg.exports.content import MAX_CELL, read_content
from kg.exports.selection import clean
from kg.exports.tables import TABLES
from kg.phrasing import joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    from kg.exports.content import Column, Content
    from kg.exports.selection import Selection
    from kg.store import Store

__all__ = [
    "fill_sheet",
    "new_book",
    "save_book",
    "starts_formula",
    "write_csv",
    "write_rows",
    "write_xlsx",
]

_BOM = b"\xef\xbb\xbf"
_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip archive can tell
_STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_MOST_LINES, _LINE_HEIGHT = 10, 15  # how tall a row may get, in lines and points
_HEAD_COLOUR = "1F4E79"
_WORDS = {
    "title": ("销售运营知识图谱", "Sales operations knowledge graph"),
    "readme": ("说明", "Read me"),
    "sheet": ("工作表", "Sheet"),
    "rows": ("行数", "Rows"),
    "about": ("内容", "What it holds"),
    "source": (
        "关系出自来源页面的四个回答，或由本图谱补充。",
        "Relations come from the four answers of the source page, or are added by this graph.",
    ),
    "formula": (
        "来源没有给出任何公式：全部公式均为本图谱补充。",
        "The source gives no formula: all formulas are added by this graph.",
    ),
    "kept": ("仅保留：", "Kept only: "),
    "licence": ("数据许可：CC BY 4.0", "Licence of the data: CC BY 4.0"),
    "stated": ("明说：原文直接说出。", "stated: the passage says it."),
    "implied": (
        "隐含：由原文推知；“低置信”表示证据较弱。",
        "implied: it follows from the passage; “low confidence” marks weak evidence.",
    ),
    "product": (
        "本图谱补充：来源之外由本图谱加入。",
        "added by this graph: not in the source.",
    ),
}


def write_csv(store: Store, out: BinaryIO, selection: Selection) -> None:
    """Write one table as CSV for Excel: UTF-8 with byte order mark, CRLF, headings in words.

    A cell that begins with = + - @, a tab or a line break gets a leading apostrophe, so that no
    spreadsheet takes it for a formula. `plain` is for programs: no mark, LF, column names instead
    of headings, values instead of words, and every cell as it is. Raises ExportError for an
    unknown table or filter value.
    """
    table = TABLES.get(selection.table)
    if table is None:
        raise ExportError("export-format", format=selection.table, known=tuple(TABLES))
    heads = _heads(table.columns, selection)
    write_rows(heads, table.rows(read_content(store, selection)), out, plain=selection.plain)


def write_rows(
    heads: Sequence[str], rows: Iterable[Sequence[str]], out: BinaryIO, *, plain: bool
) -> None:
    """Write headings and rows of texts as CSV; see `write_csv` for what `plain` means."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n" if plain else "\r\n")
    for row in (heads, *rows):
        writer.writerow([cell if plain else _safe(cell) for cell in map(_cell, row)])
    out.write((b"" if plain else _BOM) + text.getvalue().encode())


def _heads(columns: Iterable[Column], selection: Selection) -> list[str]:
    return [c.id if selection.plain else c.heading(selection.lang) for c in columns]


def starts_formula(cell: str) -> bool:
    """Return whether a spreadsheet might take a text for a formula.

    >>> starts_formula("=1+1"), starts_formula("1+1")
    (True, False)
    """
    return cell.startswith(_SIGNS)


def _cell(text: str) -> str:
    """Return a text as a cell holds it: no control characters, lines end in LF as in Excel."""
    return clean(text).replace("\r\n", "\n").replace("\r", "\n")


def _safe(cell: str) -> str:
    return f"'{cell}" if starts_formula(cell) else cell


def write_xlsx(store: Store, out: BinaryIO, selection: Selection) -> None:
    """Write all tables as one Excel workbook, with a sheet that explains them first.

    Every cell is a text and none a formula; a cell that begins like one is marked as text
    (`plain` leaves the mark out). Raises ExportError where openpyxl is not installed.
    """
    book = new_book()
    content = read_content(store, selection)
    rows = {table.id: list(table.rows(content)) for table in TABLES.values()}
    _fill_readme(book, content, {name: len(found) for name, found in rows.items()})
    for table in TABLES.values():
        sheet = book.create_sheet(table.title(selection.lang))
        heads = _heads(table.columns, selection)
        fill_sheet(sheet, table.columns, heads, rows[table.id], plain=selection.plain)
    save_book(book, out)


def new_book() -> Workbook:
    """Return an empty workbook; raise ExportError where openpyxl is not installed."""
    try:
        from openpyxl import Workbook
    except ImportError as error:
        raise ExportError("extra-missing", package="openpyxl", extra="tables") from error
    return Workbook()


def save_book(book: Workbook, out: BinaryIO) -> None:
    """Write a workbook, the same bytes each time."""
    data = io.BytesIO()
    book.save(data)
    _rewrite(data, out)


def _word(name: str, lang: str) -> str:
    return _WORDS[name][0 if lang == "zh" else 1]


def _fill_readme(book: Workbook, content: Content, counts: dict[str, int]) -> None:
    """Fill the first sheet: what the workbook is, its sheets, and how to read evidence."""
    from openpyxl.styles import Alignment, Font
    from openpyxl.worksheet.hyperlink import Hyperlink

    lang = content.lang
    sheet = book.worksheets[0]
    sheet.title = _word("readme", lang)
    sheet.append([_word("title", lang)])
    sheet["A1"].font = Font(bold=True, size=16, color=_HEAD_COLOUR)
    sheet.append([])
    sheet.append([_word(name, lang) for name in ("sheet", "rows", "about")])
    for cell in sheet[sheet.max_row]:
        cell.font = Font(bold=True)
    for table in TABLES.values():
        sheet.append([table.title(lang), counts[table.id], table.about(lang)])
        link = sheet.cell(sheet.max_row, 1)
        place = f"'{table.title(lang)}'!A1"
        link.hyperlink = Hyperlink(ref=link.coordinate, location=place)
        link.font = Font(color=_HEAD_COLOUR, underline="single")
    sheet.append([])
    for line in _notes(content):
        sheet.append([line])
    for row in sheet.iter_rows():
        for cell in row:
            cell.alignment = Alignment(vertical="top")
    for letter, width in zip("ABC", (16, 8, 80), strict=True):
        sheet.column_dimensions[letter].width = width


def _notes(content: Content) -> Iterator[str]:
    lang = content.lang
    for name in ("source", "stated", "implied", "product", "formula"):
        yield _word(name, lang)
    for group, values in (
        ("source", content.selection.sources),
        ("strength", content.selection.strengths),
    ):
        if values:
            words = joined(group, values, lang)
            yield _word("kept", lang) + words
    yield _word("licence", lang)


def fill_sheet(
    sheet: Worksheet,
    columns: Sequence[Column],
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    plain: bool = False,
) -> None:
    """Fill a sheet with headings that stay in view, a filter, widths, and wrapped texts.

    Every cell is a text; one that begins like a formula is marked as text unless `plain`.
    """
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    sheet.append(list(heads))
    for cell in sheet[1]:
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor=_HEAD_COLOUR)
        cell.alignment = Alignment(vertical="center", wrap_text=True)
    body = Alignment(vertical="top", wrap_text=True)
    for number, row in enumerate(rows, start=2):
        for at, text in enumerate(row, start=1):
            if shown := _fit(_cell(text)):
                cell = sheet.cell(number, at)
                cell.value = shown
                cell.data_type = "s"
                cell.alignment = body
                cell.quotePrefix = starts_formula(shown) and not plain
        if _lines(row, columns) > _MOST_LINES:  # Excel fits lower rows by itself
            sheet.row_dimensions[number].height = _MOST_LINES * _LINE_HEIGHT
    for at, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(at)].width = column.width
    last = f"{get_column_letter(len(columns))}{max(len(rows) + 1, 1)}"
    sheet.auto_filter.ref = f"A1:{last}"
    sheet.freeze_panes = "C2"


def _lines(row: Sequence[str], columns: Sequence[Column]) -> int:
    """Return how many lines the tallest cell of a row takes; wide characters count double."""
    return max(
        sum(1 + sum(2 if char > "\u2e7f" else 1 for char in line) // column.width for line in lines)
        for column, lines in zip(columns, (text.split("\n") for text in row), strict=True)
    )


def _fit(text: str) -> str:
    """Return a text as long as Excel allows, with a mark where the rest was cut off."""
    return text if len(text) <= MAX_CELL else text[: MAX_CELL - 1] + "…"


def _rewrite(data: io.BytesIO, out: BinaryIO) -> None:
    """Copy a workbook with fixed times, inside and on its parts: openpyxl stamps the clock."""
    result = io.BytesIO()  # an archive written to a pipe would look different
    with (
        zipfile.ZipFile(data) as source,
        zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in sorted(source.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            part = zipfile.ZipInfo(name, _EPOCH)
            part.compress_type = zipfile.ZIP_DEFLATED
            part.create_system = 3
            part.external_attr = 0o644 << 16
            body = source.read(name)
            if name == "docProps/core.xml":
                body = _STAMP.sub(rb"\g<1>2000-01-01T00:00:00Z", body)
            target.writestr(part, body)
    out.write(result.getvalue())
