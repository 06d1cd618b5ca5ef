"""Owns the mapping sheet: which field of a CRM is which neutral field, for its admin to fill.

The last seven columns are those of data/field_alignments.csv. What was not known before is a
suggestion: it stands with its score, and is taken back only once a person has marked it. Of a sheet
that came back every named row stays, those of neutral fields that the graph has not at the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from kg import vocab as v
from kg.exports.content import Column, name_of, said
from kg.exports.fieldlists import ALIGNMENT, SUGGESTED
from kg.exports.fieldmatches import Suggestion, has_chinese, suggest
from kg.exports.selection import select_glossary
from kg.exports.spreadsheets import fill_sheet, new_book, save_book, write_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openpyxl import Workbook

    from kg.exports.selection import ForeignField, Selection
    from kg.model import CrmField, FieldName, Glossary
    from kg.store import Store

__all__ = ["FieldTally", "write_fieldsheet"]

_ABOUT = (
    Column("object_zh", "对象(中文)", "Object (Chinese)", 14),
    Column("object_en", "对象(英文)", "Object (English)", 16),
    Column("field_zh", "中性字段(中文)", "Neutral field (Chinese)", 18),
    Column("field_en", "中性字段(英文)", "Neutral field (English)", 22),
    Column("definition", "含义", "Meaning", 44),
    Column("type", "数据类型", "Type", 11),
    Column("note", "提示", "Note", 24),
)
_WIDTHS = {"field": 30, "system": 14, "name": 32, "label_zh": 20, "label_en": 24}
_FILL = tuple(Column(name, name, name, _WIDTHS.get(name, 12)) for name in ALIGNMENT)
_WORDS = {
    "suggested": ("建议，请核对（{score} 分）", "suggested, please check ({score})"),
    "unmarked": ("建议，尚未核对", "suggested, not checked yet"),
    "known": ("已有", "known"),
    "empty": ("待填", "to fill"),
    "left": ("未找到对应的中性字段", "no neutral field found"),
    "unknown": ("图谱没有这个字段，此行已保留", "the graph has no such field, row kept"),
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
suggested 表示这行只是建议：核对后改成上面两者之一，或在 verified 填 yes；不改的行不会取回。
verified：查证过填 yes，否则填 no。
没有对应字段的行，name 留空即可；末尾列出的是没有找到中性字段的外部字段。
填好后运行：kg export field-mapping --from 文件.xlsx --plain -o 结果.csv（另存为 CSV 也可以）
得到的行就是 data/field_alignments.csv 接受的行。""",
    "en": """\
This sheet maps the fields of your CRM to neutral ones, so that your own field names are understood.
The sheet Field mapping has one neutral field a row: what it is, then seven columns for you to fill.
field: id of the neutral field; leave it as it is.
system: name of the system in small letters, such as salesforce; one row a field and system.
name: API name there, written Object.Field, such as Opportunity.Amount.
label_zh, label_en: its Chinese and English label on the screen; may stay empty.
relation: exactMatch where both mean the same, closeMatch where nearly so; empty is close.
The relation suggested marks a mere suggestion: after checking, change it to one of these two, or
say yes under verified. Rows left as suggested are not taken back.
verified: yes once looked up, else no.
Where there is no such field, leave name empty. Foreign fields that fit nowhere stand at the end.
Then run: kg export field-mapping --from FILE.xlsx --plain -o RESULT.csv (a CSV will do as well)
Its rows are what data/field_alignments.csv takes.""",
}


@dataclass(frozen=True, slots=True)
class FieldTally:
    """What became of the fields of a list, or of the rows of a sheet that came back.

    `unknown` counts the rows of a sheet whose neutral field the graph has not.
    """

    matched: int
    suggested: int
    open: int
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class _Line:
    """A row of the sheet: the cells of the seven columns, and which of _WORDS is its note."""

    cells: tuple[str, ...]
    kind: str
    score: int = 0

    @property
    def suggested(self) -> bool:
        return self.kind in ("suggested", "unmarked")


def write_fieldsheet(store: Store, out: BinaryIO, selection: Selection) -> FieldTally:
    """Write the mapping sheet as an Excel workbook, or (`syntax` "csv") as CSV; say what is in it.

    `system` keeps the rows of one system; `crm` are its fields, each put where it fits best, the
    rest at the end. `plain` CSV has the seven columns only, and the rows that have a name, a field
    of the graph, and are no mere suggestions. Raises ExportError as `export`.
    """
    glossary = select_glossary(store, selection)
    rows = list(_lines(glossary, selection))
    tally = _tally(glossary, rows, selection)
    if selection.syntax == "csv" and selection.plain:
        filled = [row.cells for row in rows if row.kind == "known" and row.cells[2]]
        write_rows(ALIGNMENT, filled, out, plain=True)
        return tally
    columns = (*_ABOUT, *_FILL)
    heads = [c.heading(selection.lang) for c in columns]
    cells = [(*_about(glossary, line, selection), *line.cells) for line in rows]
    if selection.syntax == "csv":
        write_rows(heads, cells, out, plain=selection.plain)
        return tally
    book = new_book()
    _explain(book, selection)
    sheet = book.create_sheet(_word("sheet", selection.lang))
    fill_sheet(sheet, columns, heads, cells, plain=selection.plain)
    _choices(book, len(cells))
    save_book(book, out)
    return tally


def _tally(glossary: Glossary, rows: list[_Line], selection: Selection) -> FieldTally:
    """Count the listed fields; of a sheet that came back, or without any, the neutral ones."""
    if selection.crm:
        listed = {foreign.name for foreign in selection.crm}
        matched = {row.cells[2] for row in rows if row.kind == "known"} & listed
        suggested = sum(row.suggested for row in rows)
        return FieldTally(len(matched), suggested, sum(row.kind == "left" for row in rows))
    told = {about for about, _ in selection.filled}
    named = [row for row in rows if row.cells[2] and row.kind != "unknown"]
    mine = [row for row in named if not told or row.cells[0] in told]
    waiting = {row.cells[0] for row in mine if row.suggested}
    matched = {row.cells[0] for row in mine} - waiting
    still_open = len(glossary.fields) - len(matched | waiting)
    unknown = sum(row.kind == "unknown" for row in rows)
    return FieldTally(len(matched), len(waiting), still_open, unknown)


def _word(name: str, lang: str) -> str:
    return _WORDS[name][lang != "zh"]


def _lines(glossary: Glossary, selection: Selection) -> Iterator[_Line]:
    """Yield the rows of the sheet, by neutral field and system.

    Last come foreign fields that nothing matches, and what a sheet says of unknown fields.
    """
    system, crm = selection.system, selection.crm
    filled: dict[str, list[FieldName]] = {}
    for about, name in selection.filled:
        filled.setdefault(about, []).append(name)
    known = {
        iri: _of_system(_names(field, filled.get(field.id, [])), system)
        for iri, field in glossary.fields.items()
    }
    labels = _known_labels(glossary, selection)
    taken = {name.name for names in known.values() for name in names}
    fresh = [foreign for foreign in crm if foreign.name not in taken]
    open_ = {iri for iri, names in known.items() if not names}
    found = {s.field: s for s in suggest(glossary, fresh, open_fields=open_)}
    for iri, field in sorted(glossary.fields.items()):
        for name in known[iri]:
            kind = "unmarked" if name.match == SUGGESTED else "known"
            yield _Line(_cells(field.id, name, labels), kind)
        if iri in found:
            yield _suggested(field, found[iri], selection)
        elif not known[iri]:
            yield _Line((field.id, system, "", "", "", "", ""), "empty")
    used = {suggestion.foreign for suggestion in found.values()}
    for foreign in fresh:
        if foreign not in used:
            cells = ("", system, foreign.name, *_labels(foreign), "", "no")
            yield _Line(cells, "left")
    for about in sorted(filled.keys() - {field.id for field in glossary.fields.values()}):
        for name in _of_system(filled[about], system):
            yield _Line(_cells(about, name, labels), "unknown")


def _known_labels(glossary: Glossary, selection: Selection) -> dict[tuple[str, str, str], str]:
    """Return labels by system, name and language: of the list that was read, then of other rows.

    A sheet that came back is taken as it is: what a person left empty stays so.
    """
    out: dict[tuple[str, str, str], str] = {}
    for foreign in selection.crm:
        for lang, label in zip(("zh", "en"), _labels(foreign), strict=True):
            if label:
                out.setdefault((selection.system, foreign.name, lang), label)
    for _, field in sorted(glossary.fields.items()) if not selection.filled else ():
        for name in field.names:
            for text in name.labels:
                out.setdefault((name.system, name.name, text.lang), text.value)
    return out


def _names(field: CrmField, filled: list[FieldName]) -> list[FieldName]:
    """Return the names of a field; what a sheet says of a system stands for what was known."""
    told = {name.system for name in filled}
    return [*filled, *(name for name in field.names if name.system not in told)]


def _of_system(names: list[FieldName], system: str) -> list[FieldName]:
    """Return the names in one system, or in all where none is asked for, sorted."""
    wanted = [name for name in names if name.system == system or not system]
    return sorted(wanted, key=lambda name: (name.system, name.name))


def _cells(about: str, name: FieldName, labels: dict[tuple[str, str, str], str]) -> tuple[str, ...]:
    """Return the seven columns of a name; a label that it lacks is that of `labels`."""
    zh, en = (
        said(name.labels, lang) or labels.get((name.system, name.name, lang), "")
        for lang in ("zh", "en")
    )
    verified = "yes" if name.verified else "no"
    return (about, name.system, name.name, zh, en, name.match, verified)


def _suggested(field: CrmField, found: Suggestion, selection: Selection) -> _Line:
    foreign, known = found.foreign, found.known
    zh, en = (
        label or (said(known.labels, lang) if known else "")
        for lang, label in zip(("zh", "en"), _labels(foreign), strict=True)
    )
    cells = (field.id, selection.system, foreign.name, zh, en, SUGGESTED, "no")
    return _Line(cells, "suggested", found.score)


def _labels(foreign: ForeignField) -> tuple[str, str]:
    """Return the label of a foreign field in its place: Chinese where it has Chinese signs."""
    return (foreign.label, "") if has_chinese(foreign.label) else ("", foreign.label)


def _about(glossary: Glossary, line: _Line, selection: Selection) -> tuple[str, ...]:
    """Return what stands left of the seven columns: what the neutral field is."""
    field = glossary.fields.get(v.FIELD + line.cells[0]) if line.cells[0] else None
    note = _word(line.kind, selection.lang).format(score=line.score)
    if field is None:
        return ("", "", "", "", "", "", note)
    return (
        name_of(glossary, field.object, "zh"),
        name_of(glossary, field.object, "en"),
        field.label("zh"),
        field.label("en"),
        field.definition(selection.lang) or "",
        field.type,
        note,
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
