"""Owns writing a graph as a file for other programs and for people: one table of formats."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from kg.errors import ExportError, SourceError
from kg.exports.fieldlists import read_fields, read_sheet, read_tables
from kg.exports.fieldsheet import FieldTally, write_fieldsheet
from kg.exports.graphs import write_gexf, write_graphml, write_jsonld, write_ntriples, write_turtle
from kg.exports.ontology import write_ontology
from kg.exports.selection import STRENGTHS, Selection
from kg.exports.skos import write_skos
from kg.exports.spreadsheets import write_csv, write_xlsx
from kg.exports.sssom import write_sssom
from kg.exports.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kg.model import Lang
    from kg.store import Store

__all__ = ["FORMATS", "STRENGTHS", "TABLES", "FieldTally", "Format", "export"]

OWN_SYSTEM = "my-crm"  # id of a CRM whose name nobody gave


@dataclass(frozen=True, slots=True)
class Format:
    """A file format: its name, the ending of its files, what it is good for, and its writer."""

    name: str
    suffix: str
    zh: str
    en: str
    write: Callable[[Store, BinaryIO, Selection], FieldTally | None]
    syntaxes: tuple[tuple[str, str], ...] = ()  # name and ending of each, the usual one first

    def about(self, lang: str) -> str:
        """Return what the format is good for, in `lang`."""
        return self.zh if lang == "zh" else self.en

    def syntax_of(self, name: str) -> str:
        """Return the writing that the name of a file asks for, or an empty text."""
        return next((syntax for syntax, end in self.syntaxes if name.endswith(end)), "")

    def suffix_of(self, syntax: str) -> str:
        """Return the ending of files in a writing of the format."""
        if not self.syntaxes or not syntax:
            return self.suffix
        ends = dict(self.syntaxes)
        usual = self.syntaxes[0][1]
        return self.suffix.removesuffix(usual) + ends.get(syntax, usual)


FORMATS: dict[str, Format] = {
    row.name: row
    for row in (
        Format(
            "turtle",
            ".ttl",
            "RDF，便于人读和比对版本",
            "RDF that people can read and compare",
            write_turtle,
        ),
        Format(
            "jsonld",
            ".jsonld",
            "带上下文的 JSON,供网页和程序读取",
            "JSON with a context, for web pages and programs",
            write_jsonld,
        ),
        Format(
            "ntriples",
            ".nt",
            "RDF，每行一条三元组，供批量处理",
            "RDF, one triple a line, for bulk processing",
            write_ntriples,
        ),
        Format(
            "graphml",
            ".graphml",
            "图文件，供 NetworkX、yEd、Gephi、Cytoscape 打开",
            "graph file for NetworkX, yEd, Gephi and Cytoscape",
            write_graphml,
        ),
        Format("gexf", ".gexf", "图文件，供 Gephi 打开", "graph file for Gephi", write_gexf),
        Format(
            "csv",
            ".csv",
            "一张表，Excel 双击即可打开",
            "one table, opens in Excel by a double click",
            write_csv,
        ),
        Format(
            "xlsx",
            ".xlsx",
            "Excel 工作簿，含全部表格",
            "Excel workbook with all tables",
            write_xlsx,
        ),
        Format(
            "skos",
            ".skos.ttl",
            "纯 SKOS 词表，供 Skosmos、PoolParty、Protégé 打开",
            "plain SKOS for Skosmos, PoolParty and Protégé",
            write_skos,
            (("turtle", ".ttl"), ("rdfxml", ".rdf")),
        ),
        Format(
            "sssom",
            ".sssom.tsv",
            "与其他词汇和 CRM 字段的对照，SSSOM 格式",
            "matches with other vocabularies and CRM fields, as SSSOM",
            write_sssom,
        ),
        Format(
            "field-mapping",
            ".field-mapping.xlsx",
            "字段对照表，由 CRM 管理员填写；--from 可读入字段清单并给出建议",
            "sheet that maps CRM fields, for an admin to fill; --from suggests matches",
            write_fieldsheet,
            (("xlsx", ".xlsx"), ("csv", ".csv")),
        ),
        Format(
            "ontology-docs",
            ".html",
            "本体说明网页：类、关系、属性、规则和实例",
            "the ontology as a page: classes, relations, properties, rules, examples",
            write_ontology,
        ),
    )
}


def export(  # noqa: PLR0913 - one option of the command line each
    store: Store,
    format: str,  # noqa: A002 - the word of the command line
    out: BinaryIO,
    *,
    lang: Lang = "zh",
    plain: bool = False,
    inferred: bool = False,
    sources: Iterable[str] = (),
    strengths: Iterable[str] = (),
    table: str = "concepts",
    syntax: str = "",
    ontology: Path | None = None,
    crm: Path | str | None = None,
    system: str = "",
) -> FieldTally | None:
    r"""Write a graph to `out` in one of FORMATS; the same graph gives the same bytes.

    `sources` ("answer1".."answer4", "product") and `strengths` ("stated", "implied", "product")
    keep the relations with such a claim; `inferred` adds what follows from those kept. `lang` is
    the language of headings and sentences. `plain` and `table` are for tables: no byte order mark
    and no guard against formulas; which of TABLES a CSV file holds. The ontology stays out.
    `syntax` chooses among the writings of a format ("turtle" or "rdfxml" of SKOS, "xlsx" or "csv"
    of the mapping sheet). `ontology` is the folder whose rules the documentation tells of. `crm` is
    a file that lists the fields of a CRM, or a mapping sheet that came back, and `system` the id of
    that CRM: the mapping sheet is filled from them, and what became of the fields is returned.

    Raises ExportError for an unknown format, syntax, table, source or strength, or a missing
    package; SourceError for a list of fields that cannot be read.

    >>> from io import BytesIO
    >>> from kg.store import open_store
    >>> out = BytesIO()
    >>> with open_store() as store:
    ...     store.update("INSERT DATA { GRAPH <urn:kg:asserted/x> { term:a so:tier 'core' } }")
    ...     export(store, "ntriples", out)
    >>> out.getvalue()
    b'<https://w3id.org/salesops/concept/a> <https://w3id.org/salesops/ontology#tier> "core" .\n'
    """
    row = FORMATS.get(format)
    if row is None:
        raise ExportError("export-format", format=format, known=tuple(FORMATS))
    written = tuple(name for name, _ in row.syntaxes)
    if syntax and syntax not in written:
        raise ExportError("export-format", format=syntax, known=written or (format,))
    selection = Selection(
        lang=lang,
        plain=plain,
        inferred=inferred,
        sources=tuple(sources),
        strengths=tuple(strengths),
        table=table,
        syntax=syntax,
        ontology=ontology,
        system=system,
    )
    if crm is not None:
        selection = _mapped(selection, Path(crm))
    return row.write(store, out, selection)


def _mapped(selection: Selection, path: Path) -> Selection:
    """Return the selection with the fields of a CRM, or with what a mapping sheet says."""
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise SourceError("source-unreadable", path=path, reason=reason) from error
    tables = read_tables(data, str(path))
    filled = read_sheet(tables)
    if filled is not None:
        return replace(selection, filled=filled)
    system = selection.system or OWN_SYSTEM
    return replace(selection, crm=read_fields(tables, str(path)), system=system)
