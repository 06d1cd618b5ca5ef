"""Owns the mapping sheet: which field of a CRM is which neutral field, for its admin to fill.

The last seven columns are those of data/field_alignments.csv. What was not known before is a
suggestion: it stands as not verified, with its score, until a person has looked at it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO

from kg import vocab as v
from kg.exports.content import Column, name_of, said
from kg.exports.fieldlists import ALIGNMENT, Suggestion, suggest
from kg.exports.selection import select_glossary
from kg.exports.spreadsheets import fill_sheet, new_book, save_book, write_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openpyxl import Workbook

    from kg.exports.selection import ForeignField, Selection
    from kg.model import CrmField, FieldName, Glossary
    from kg.store import Store

__all__ = ["write_fieldsheet"]

_ABOUT = (
    Column("object_zh", "对象(中文)", "Object (Chinese)", 14),
    Column("object_en", "对象(英文)", "Object (English)", 16),
    Column("field_zh", "字段(中文)", "Field (Chinese)", 18),
    Column("field_en", "字段(英文)", "Field (English)", 20),
    Column("definition", "含义", "Meaning", 44),
    Column("type", "数据类型", "Type", 11),
    Column("note", "提示", "Note", 24),
)
_WIDTHS = {"field": 30, "system": 14, "name": 32, "label_zh": 20, "label_en": 24}
_FILL = tuple(Column(name, name, name, _WIDTHS.get(name, 12)) for name in ALIGNMENT)
_WORDS = {
    "suggested": ("建议，请核对（{score} 分）", "suggested, please check ({score})"),
    "known": ("已有", "known"),
    "empty": ("待填", "to fill"),
    "left": ("未找到对应的中性字段", "no neutral field found"),
    "sheet": ("字段对照", "Field mapping"),
    "how": ("填写说明", "How to fill it"),
}
_HOW = {
    "zh": """\
本表把您的 CRM 字段对应到中性字段；填好之后，用自己的字段名也能查到指标和术语。
“字段对照”表每行一个中性字段：左边说明它是什么，右边七列由您填写。
field：中性字段的编号，请勿改动。
system：系统名称，小写，例如 salesforce；同一字段、同一系统只写一行。
name：该系统中的接口名，写成“对象.字段”，例如 Opportunity.Amount。
label_zh、label_en：该系统界面上的中文、英文标签，可以留空。
relation：exactMatch 完全对应；closeMatch 近似对应。留空即近似。
verified：查证过填 yes，否则填 no。建议出来的行一律是 no，核对后再改为 yes。
没有对应字段的行，name 留空即可；末尾列出的是没有找到中性字段的外部字段。
填好后另存为 CSV，运行：kg export field-mapping --from 文件.csv --plain -o 结果.csv
得到的行就是 data/field_alignments.csv 接受的行。""",
    "en": """\
This sheet maps the fields of your CRM to neutral ones, so that your own field names are understood.
The sheet Field mapping has one neutral field a row: what it is, then seven columns for you to fill.
field: id of the neutral field; leave it as it is.
system: name of the system in small letters, such as salesforce; one row a field and system.
name: API name there, written Object.Field, such as Opportunity.Amount.
label_zh, label_en: its Chinese and English label on the screen; may stay empty.
relation: exactMatch where both mean the same, closeMatch where nearly so; empty is close.
verified: yes once looked up, else no. Suggested rows say no: change that to yes after checking.
Where there is no such field, leave name empty. Foreign fields that fit nowhere stand at the end.
Then save as CSV and run: kg export field-mapping --from FILE.csv --plain -o RESULT.csv
Its rows are what data/field_alignments.csv takes.""",
}


@dataclass(frozen=True, slots=True)
class _Line:
    """A row of the sheet: the cells of the seven columns, and what is to be said about it."""

    cells: tuple[str, ...]
    note: str
    score: int = 0


def write_fieldsheet(store: Store, out: BinaryIO, selection: Selection) -> None:
    """Write the mapping sheet as an Excel workbook, or (`syntax` "csv") as CSV.

    `system` keeps the rows of one system; `crm` are its fields, each put where it fits best, the
    rest at the end. `plain` CSV has the seven columns only, and the rows that have a name.
    Raises ExportError as `export`.
    """
    glossary = select_glossary(store, selection)
    rows = list(_lines(glossary, selection))
    if selection.syntax == "csv" and selection.plain:
        filled = [line.cells for line in rows if line.cells[0] and line.cells[2]]
        write_rows(ALIGNMENT, filled, out, plain=True)
        return
    columns = (*_ABOUT, *_FILL)
    heads = [c.heading(selection.lang) for c in columns]
    cells = [(*_about(glossary, line, selection), *line.cells) for line in rows]
    if selection.syntax == "csv":
        write_rows(heads, cells, out, plain=selection.plain)
        return
    book = new_book()
    _explain(book, selection)
    sheet = book.create_sheet(_word("sheet", selection.lang))
    fill_sheet(sheet, columns, heads, cells, plain=selection.plain)
    _choices(book, len(cells))
    save_book(book, out)


def _word(name: str, lang: str) -> str:
    return _WORDS[name][lang != "zh"]


def _lines(glossary: Glossary, selection: Selection) -> Iterator[_Line]:
    """Yield the rows of the sheet, by neutral field and system, unmatched foreign fields last."""
    system, crm = selection.system, selection.crm
    known = {iri: _names(field, selection) for iri, field in glossary.fields.items()}
    taken = {name.name for names in known.values() for name in names}
    fresh = [foreign for foreign in crm if foreign.name not in taken]
    open_ = {iri: field for iri, field in glossary.fields.items() if not known[iri] or not system}
    found = {s.field: s for s in suggest(_only(glossary, open_), fresh)}
    for iri, field in sorted(glossary.fields.items()):
        for name in known[iri]:
            yield _known(field, name, selection)
        if iri in found:
            yield _suggested(field, found[iri], selection)
        elif not known[iri]:
            note = _word("empty", selection.lang)
            yield _Line((field.id, system, "", "", "", "", ""), note)
    used = {suggestion.foreign for suggestion in found.values()}
    for foreign in fresh:
        if foreign not in used:
            cells = ("", system, foreign.name, *_labels(foreign), "", "no")
            yield _Line(cells, _word("left", selection.lang))


def _names(field: CrmField, selection: Selection) -> list[FieldName]:
    """Return the names of a field in the asked system, or in all; what a sheet says comes first."""
    filled = [name for about, name in selection.filled if about == field.id]
    told = {name.system for name in filled}
    names = [*filled, *(name for name in field.names if name.system not in told)]
    wanted = [name for name in names if name.system == selection.system or not selection.system]
    return sorted(wanted, key=lambda name: (name.system, name.name))


def _only(glossary: Glossary, fields: dict[str, CrmField]) -> Glossary:
    return replace(glossary, fields=fields)


def _known(field: CrmField, name: FieldName, selection: Selection) -> _Line:
    cells = (
        field.id,
        name.system,
        name.name,
        said(name.labels, "zh"),
        said(name.labels, "en"),
        name.match,
        "yes" if name.verified else "no",
    )
    return _Line(cells, _word("known", selection.lang))


def _suggested(field: CrmField, found: Suggestion, selection: Selection) -> _Line:
    foreign = found.foreign
    cells = (field.id, selection.system, foreign.name, *_labels(foreign), "closeMatch", "no")
    note = _word("suggested", selection.lang).format(score=found.score)
    return _Line(cells, note, found.score)


def _labels(foreign: ForeignField) -> tuple[str, str]:
    """Return the label of a foreign field in its place: Chinese where it has Chinese signs."""
    chinese = any("\u4e00" <= sign <= "\u9fff" for sign in foreign.label)
    return (foreign.label, "") if chinese else ("", foreign.label)


def _about(glossary: Glossary, line: _Line, selection: Selection) -> tuple[str, ...]:
    """Return what stands left of the seven columns: what the neutral field is."""
    field = glossary.fields.get(v.FIELD + line.cells[0]) if line.cells[0] else None
    if field is None:
        return ("", "", "", "", "", "", line.note)
    return (
        name_of(glossary, field.object, "zh"),
        name_of(glossary, field.object, "en"),
        field.label("zh"),
        field.label("en"),
        field.definition(selection.lang) or "",
        field.type,
        line.note,
    )


def _explain(book: Workbook, selection: Selection) -> None:
    """Fill the first sheet with the instructions, in the asked language first."""
    from openpyxl.styles import Alignment, Font

    sheet = book.worksheets[0]
    sheet.title = _word("how", selection.lang)
    sheet.column_dimensions["A"].width = 110
    for lang in sorted(_HOW, key=lambda name: name != selection.lang):
        sheet.append([_word("how", lang)])
        sheet.cell(sheet.max_row, 1).font = Font(bold=True, size=14)
        for line in (*_HOW[lang].splitlines(), ""):
            sheet.append([line])
            sheet.cell(sheet.max_row, 1).alignment = Alignment(wrap_text=True, vertical="top")


def _choices(book: Workbook, count: int) -> None:
    """Offer the words that the last two columns take."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    sheet = book.worksheets[1]
    for name, words in (("relation", "exactMatch,closeMatch"), ("verified", "yes,no")):
        letter = get_column_letter(len(_ABOUT) + ALIGNMENT.index(name) + 1)
        rule = DataValidation(type="list", formula1=f'"{words}"', allow_blank=True)
        rule.add(f"{letter}2:{letter}{max(count, 1) + 1}")
        sheet.add_data_validation(rule)
