"""Owns writing a graph as a file for other programs and for people: one table of formats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from kg.errors import ExportError
from kg.exports.graphs import write_gexf, write_graphml, write_jsonld, write_ntriples, write_turtle
from kg.exports.selection import STRENGTHS, Selection
from kg.exports.spreadsheets import write_csv, write_xlsx
from kg.exports.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kg.model import Lang
    from kg.store import Store

__all__ = ["FORMATS", "STRENGTHS", "TABLES", "Format", "export"]


@dataclass(frozen=True, slots=True)
class Format:
    """A file format: its name, the ending of its files, what it is good for, and its writer."""

    name: str
    suffix: str
    zh: str
    en: str
    write: Callable[[Store, BinaryIO, Selection], None]

    def about(self, lang: str) -> str:
        """Return what the format is good for, in `lang`."""
        return self.zh if lang == "zh" else self.en


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
) -> None:
    r"""Write a graph to `out` in one of FORMATS; the same graph gives the same bytes.

    `sources` ("answer1".."answer4", "product") and `strengths` ("stated", "implied", "product")
    keep the relations with such a claim; `inferred` adds what follows from those kept. `lang` is
    the language of headings and sentences. `plain` and `table` are for tables: no byte order mark
    and no guard against formulas; which of TABLES a CSV file holds. The ontology stays out.

    Raises ExportError for an unknown format, table, source or strength, or a missing package.

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
    selection = Selection(lang, plain, inferred, tuple(sources), tuple(strengths), table)
    row.write(store, out, selection)
