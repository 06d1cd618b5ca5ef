"""Owns the commands that hand the graph out: explore, export, teach."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.output import glossary_of, open_workspace, resolve_term, settings
from kg.cli.settings import SOURCES, STRENGTHS
from kg.model import TIERS

if TYPE_CHECKING:
    from kg.exports import FieldTally

__all__ = ["explore", "export", "teach"]

# As kg.exports.TABLES, which is not imported for the help alone; a test compares the two.
_TABLES = [
    "concepts",
    "relations",
    "claims",
    "definitions",
    "lookalikes",
    "metrics",
    "variants",
    "measures",
    "fields",
    "objects",
    "mappings",
]


@click.command(
    epilog="例 · examples:  kg explore -o graph.html    kg explore --focus 销售漏斗 --depth 2"
)
@click.option(
    "-o",
    "--output",
    default="explorer.html",
    show_default=True,
    metavar="FILE",
    help="写入此文件 · the page.",
)
@click.option("--focus", metavar="TERM", help="打开时选中的术语 · term shown on opening.")
@click.option(
    "--depth", default=1, show_default=True, type=click.IntRange(1, 3), help="层数 · hops shown."
)
@click.option(
    "--relayout",
    is_flag=True,
    help="重新布局并改写 data/layout.csv · lay out anew, rewrite data/layout.csv.",
)
def explore(output: str, focus: str | None, depth: int, relayout: bool) -> None:
    """生成一个网页:双击打开,查找术语、看关系;不联网。

    Write one self-contained page to open on a double-click; it never uses the network.
    """
    from kg.explorer import explore as write
    from kg.workspace import find_sources

    workspace, here = open_workspace(), settings()
    iri = resolve_term(workspace, focus) if focus else None
    layout = find_sources().data / "layout.csv"
    write(
        glossary_of(workspace),
        output,
        index=workspace.index,
        layout=layout,
        relayout=relayout,
        focus=iri,
        depth=depth,
        lang=here.lang,
    )
    if output != "-":
        here.say(f"已写入 {output};双击即可打开", f"wrote {output}; open it on a double-click")


def _system(_context: click.Context, _option: click.Parameter, value: str | None) -> str:
    """Return the id of a CRM as the tables write it; refuse what is none."""
    name = (value or "").strip().casefold()
    if name and not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise click.BadParameter(
            "小写字母、数字、连字符,例如 salesforce · small letters, digits, hyphens: salesforce"
        )
    return name


@click.command(
    epilog="例 · examples:  kg export xlsx -o terms.xlsx    kg export csv --table relations    "
    "kg export field-mapping --from fields.csv --system mycrm -o mapping.xlsx"
)
@click.argument("format_", metavar="[FORMAT]", required=False)
@click.option(
    "-o", "--output", metavar="FILE", help="写入文件,- 为标准输出 · write to FILE; - is stdout."
)
@click.option(
    "--table",
    type=click.Choice(_TABLES),
    default="concepts",
    show_default=True,
    help="csv 的内容 · what csv holds.",
)
@click.option(
    "--plain", is_flag=True, help="csv 不加 BOM、不防公式 · csv without BOM and formula guard."
)
@click.option("--inferred", is_flag=True, help="含推理结果 · with inferred triples.")
@click.option(
    "--source",
    "sources",
    multiple=True,
    type=click.Choice(SOURCES),
    help="只含这些来源的关系 · by source.",
)
@click.option(
    "--strength",
    "strengths",
    multiple=True,
    type=click.Choice(STRENGTHS),
    help="只含这种依据的关系 · by strength.",
)
@click.option(
    "--syntax",
    type=click.Choice(["turtle", "rdfxml", "xlsx", "csv"]),
    help="skos 和 field-mapping 的写法,默认看文件名 · how skos and field-mapping are written.",
)
@click.option(
    "--from",
    "crm",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="field-mapping:CRM 的字段清单,或填好的对照表 · field list of a CRM, or a filled sheet.",
)
@click.option(
    "--system",
    metavar="NAME",
    callback=_system,
    help="field-mapping:系统名称,默认 my-crm · id of the CRM, such as salesforce.",
)
def export(
    format_: str | None,
    output: str | None,
    table: str,
    plain: bool,
    inferred: bool,
    sources: tuple[str, ...],
    strengths: tuple[str, ...],
    syntax: str | None,
    crm: str | None,
    system: str,
) -> None:
    """导出图谱;不带参数时列出全部格式。

    Write the graph in another format; without FORMAT, list the formats.
    """
    from kg import exports
    from kg.files import open_output
    from kg.workspace import find_sources

    here = settings()
    if format_ is None:
        for row in exports.FORMATS.values():
            click.echo(f"{row.name:<15}{row.about(here.lang)}")
        return
    known = exports.FORMATS.get(format_)
    syntax = syntax or (known.syntax_of(output or "") if known else "")
    name = f"sales-ops{known.suffix_of(syntax)}" if known else "-"
    place = output or (name if sys.stdout.isatty() else "-")
    store = open_workspace().store
    with open_output(place) as out:
        tally = exports.export(
            store,
            format_,
            out,
            lang=here.lang,
            table=table,
            plain=plain,
            inferred=inferred,
            sources=sources,
            strengths=strengths,
            syntax=syntax,
            ontology=find_sources().ontology,
            crm=crm,
            system=system,
        )
    if place != "-":
        here.say(f"已写入 {place}", f"wrote {place}")
        _warn_of_ending(place, format_, syntax)
    if crm and tally:
        _say_tally(tally, table=plain and syntax == "csv")


def _warn_of_ending(place: str, format_: str, syntax: str) -> None:
    """Say on stderr that a file has the ending of another format than its content."""
    from kg.exports import FORMATS

    chosen = FORMATS[format_]
    own = Path(chosen.suffix_of(syntax)).suffix or chosen.suffix
    ending = Path(place).suffix.lower()
    others = [row.suffix_of(name) for row in FORMATS.values() for name in ("", *dict(row.syntaxes))]
    if ending and not own.endswith(ending) and any(end.endswith(ending) for end in others):
        written = syntax or format_
        settings().say(
            f"注意:{place} 的内容是 {written},与结尾 {ending} 不符;该格式的结尾是 {own}",
            f"warning: {place} holds {written}, which its ending {ending} does not say; "
            f"files of this format end in {own}",
        )


def _say_tally(tally: FieldTally, *, table: bool) -> None:
    """Say on stderr how many fields matched, were suggested, stayed open, and are unknown.

    `table` tells that only rows of the table were written, which leaves the other rows out.
    """
    check, unknown = ("", ""), ("", "")
    if tally.suggested:
        check = (
            ("(未标记,不写入结果)", " (unmarked, left out)")
            if table
            else ("(请核对)", " (please check)")
        )
    if tally.unknown:
        fate = ("不写入结果", "left out") if table else ("已保留", "kept")
        unknown = (
            f",图谱没有的字段 {tally.unknown} 行({fate[0]})",
            f", {tally.unknown} with a field that the graph has not ({fate[1]})",
        )
    settings().say(
        f"字段:已对应 {tally.matched},建议 {tally.suggested}{check[0]},"
        f"待定 {tally.open}{unknown[0]}",
        f"fields: {tally.matched} matched, {tally.suggested} suggested{check[1]}, "
        f"{tally.open} open{unknown[1]}",
    )


@click.command(epilog="例 · examples:  kg teach handbook -o 手册.md    kg --lang en teach handbook")
@click.argument("format_", metavar="[FORMAT]", required=False)
@click.option(
    "-o", "--output", metavar="FILE", help="写入文件,- 为标准输出 · write to FILE; - is stdout."
)
@click.option(
    "--context", is_flag=True, help="也收入来源顺带提到的说法 · with phrases merely mentioned."
)
def teach(format_: str | None, output: str | None, context: bool) -> None:
    """生成培训材料;不带参数时列出全部格式。

    Write training material; without FORMAT, list what there is.
    """
    from kg import training
    from kg.files import open_output

    here = settings()
    if format_ is None:
        for row in training.FORMATS.values():
            click.echo(f"{row.name:<10}{row.about(here.lang)}")
        return
    place = output or ("-" if not sys.stdout.isatty() else f"{format_}.md")
    tiers = TIERS if context else TIERS[:2]
    with open_output(place) as out:
        training.teach(glossary_of(open_workspace()), format_, out, lang=here.lang, tiers=tiers)
    if place != "-":
        here.say(f"已写入 {place}", f"wrote {place}")
