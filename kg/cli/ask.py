"""Owns the command that asks in SPARQL."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from kg.cli.output import Listing, emit, open_workspace
from kg.errors import SourceError

__all__ = ["query"]

_FORMATS = ["table", "json", "csv", "tsv", "xml", "turtle", "ntriples", "jsonld"]


@click.command(
    epilog="例 · examples:  kg query 'SELECT ?l { ?m a so:Metric; skos:prefLabel ?l } LIMIT 5'    "
    "kg query -f question.rq --format csv -o rows.csv"
)
@click.argument("sparql", required=False)
@click.option(
    "-f", "--file", "file", metavar="FILE", help="从文件读取查询,- 为标准输入 · read from FILE."
)
@click.option("--asserted", is_flag=True, help="不含推理结果 · leave inferred triples out.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(_FORMATS),
    help="默认终端 table,管道 json 或 turtle · default: table; in a pipe json or turtle.",
)
@click.option("-o", "--output", default="-", metavar="FILE", help="写入文件 · write to FILE.")
def query(
    sparql: str | None,
    file: str | None,
    asserted: bool,
    format_: str | None,
    output: str,
) -> None:
    """运行 SPARQL 查询:SELECT、ASK、CONSTRUCT、DESCRIBE;常用前缀已声明。

    Run a SPARQL query; the prefixes so: term: measure: field: skos: ... are declared.
    """
    import pyoxigraph as ox

    from kg.files import open_output
    from kg.sparql import write_result

    if (sparql is None) == (file is None):
        raise click.UsageError("give a query or -f FILE · 请给出查询,或用 -f 指定文件")
    result = open_workspace().store.query(sparql or _read(file or "-"), asserted=asserted)
    terminal = output == "-" and sys.stdout.isatty()
    triples = isinstance(result, ox.QueryTriples)
    chosen = format_ or ("turtle" if triples else "table" if terminal else "json")
    if chosen == "table" and not triples:
        emit(_listing(result), format_="table", output=output)
        return
    with open_output(output) as out:
        write_result(result, out, format="turtle" if chosen == "table" else chosen)


def _read(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError("source-missing", path=file) from error


def _listing(result: object) -> Listing:
    import pyoxigraph as ox

    from kg.vocab import contract

    if isinstance(result, ox.QueryBoolean):
        return Listing(bool(result), text=f"{str(bool(result)).lower()}\n")
    if not isinstance(result, ox.QuerySolutions):
        raise TypeError(result)
    names = [variable.value for variable in result.variables]

    def cell(term: object) -> str:
        if isinstance(term, ox.NamedNode):
            return contract(term.value)
        if isinstance(term, ox.Literal):
            return f"{term.value}@{term.language}" if term.language else term.value
        return "" if term is None else str(term)

    rows = tuple({name: cell(row[name]) for name in names} for row in result)
    return Listing(list(rows), tuple((name, name, name) for name in names), rows)
