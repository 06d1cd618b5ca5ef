"""Owns the commands that ask: in words or by a question template, and in SPARQL."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from shutil import copyfileobj
from typing import TYPE_CHECKING, Any

import click

from kg.cli.output import (
    Listing,
    emit,
    for_terminal,
    glossary_of,
    open_workspace,
    output_options,
    settings,
)
from kg.model import LANGS
from kg.vocab import contract

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kg.asking.answers import Answer, Request
    from kg.asking.matching import Phrasebook
    from kg.asking.templates import Slot, Template
    from kg.asking.wording import Names

__all__ = ["ask", "query"]

_CATALOGUE = (
    ("name", "名称", "name"),
    ("group", "类别", "group"),
    ("zh", "中文问句", "question in Chinese"),
    ("en", "英文问句", "question in English"),
    ("slots", "可填项", "slots"),
)
_EXAMPLES = """\b
例 · examples:
  kg ask                               列出全部问题 · list all questions
  kg ask 赢单率怎么算                  用问句 · in words
  kg --lang en ask 'what drives win rate'
  kg ask drivers metric=win-rate       按模板 · by a template
  kg ask 谁负责销售预测 --show         只看 SPARQL · see the SPARQL only
"""
_MAX_SIZE = 1 << 30  # bytes of a result
_FORMATS = ["table", "json", "csv", "tsv", "xml", "turtle", "ntriples", "jsonld"]


@click.command(epilog=_EXAMPLES)
@click.argument("question", nargs=-1, metavar="[QUESTION | NAME KEY=VALUE ...]")
@click.option("--show", is_flag=True, help="显示 SPARQL,不运行 · show the SPARQL, run nothing.")
@click.option("--asserted", is_flag=True, help="不含推理结果 · leave inferred triples out.")
@output_options
def ask(
    question: tuple[str, ...], show: bool, asserted: bool, format_: str | None, output: str
) -> None:
    """用问句提问,或按名称运行问题模板;不带参数则列出全部问题。

    Ask in words, or run a question template by name; alone it lists all questions.
    """
    from kg.asking.answers import answer, make_query, understand
    from kg.asking.matching import read_phrasebook
    from kg.asking.templates import read_templates
    from kg.asking.wording import Names
    from kg.workspace import find_sources

    folder, lang = find_sources().ontology / "queries", settings().lang
    if not question:
        emit(_catalogue(read_templates(folder), lang), format_=format_, output=output)
        return
    workspace = open_workspace()
    book = read_phrasebook(folder, glossary=glossary_of(workspace), index=workspace.index)
    request = understand(book, *_asked(question), lang=lang)
    _tell_template(book, request)
    if show:
        text = make_query(request, lang=lang).text
        emit(Listing(text, text=text), format_="table", output=output)
        return
    found = answer(workspace.store, book, request, lang=lang, asserted=asserted)
    _tell_empty(found)
    listing = _answer_listing(found, Names(workspace.store, book.glossary), lang)
    emit(listing, format_=format_, output=output)


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
@click.option(
    "--timeout",
    default=60.0,
    show_default=True,
    type=click.FloatRange(0.01, 86_400),
    metavar="SECONDS",
    help="最长运行秒数 · end the query after SECONDS.",
)
@click.option(
    "--max-rows",
    default=1_000_000,
    show_default=True,
    type=click.IntRange(1, 1_000_000_000),
    metavar="N",
    help="最多行数,超出则截断并注明 · cut the result after N rows, and say so.",
)
def query(
    sparql: str | None,
    file: str | None,
    asserted: bool,
    format_: str | None,
    output: str,
    timeout: float,
    max_rows: int,
) -> None:
    """运行 SPARQL 查询:SELECT、ASK、CONSTRUCT、DESCRIBE;常用前缀已声明。

    Run a SPARQL query; the prefixes so: term: measure: field: skos: ... are declared.
    """
    from kg.files import open_output
    from kg.sparql import Query
    from kg.sparql.limits import Limits

    if (sparql is None) == (file is None):
        raise click.UsageError("give a query or -f FILE · 请给出查询,或用 -f 指定文件")
    text = sparql or _read(file or "-")
    triples = Query.parse(text).form in ("CONSTRUCT", "DESCRIBE")
    terminal = output == "-" and sys.stdout.isatty()
    chosen = format_ or ("turtle" if triples else "table" if terminal else "json")
    chosen = "turtle" if chosen == "table" and triples else chosen
    limits = Limits(seconds=timeout, rows=max_rows, size=_MAX_SIZE)
    wire = "json" if chosen == "table" else chosen
    found = open_workspace().store.evaluate(text, format=wire, limits=limits, asserted=asserted)
    with found.body as body:
        if chosen == "table":
            emit(_listing(body.read()), format_="table", output=output)
        elif terminal:
            shown = for_terminal(body.read().decode(), escapes=chosen in ("json", "jsonld"))
            click.echo(shown, nl=False)
        else:
            with open_output(output) as out:
                copyfileobj(body, out)
    if found.truncated is not None:
        settings().say(
            f"注意:结果已在第 {found.truncated} 行截断;可用 --max-rows 增加",
            f"note: cut after {found.truncated} rows; --max-rows allows more",
        )


def _read(file: str) -> str:
    from kg.sources.rdf import read_utf8

    return sys.stdin.read() if file == "-" else read_utf8(Path(file)).decode()


def _listing(data: bytes) -> Listing:
    """Return a SPARQL result in JSON as a table."""
    found = json.loads(data)
    if "boolean" in found:
        return Listing(found["boolean"], text=f"{str(found['boolean']).lower()}\n")
    names = found["head"]["vars"]
    rows = tuple(
        {name: _shown(row[name]) if name in row else "" for name in names}
        for row in found["results"]["bindings"]
    )
    return Listing(list(rows), tuple((name, name, name) for name in names), rows)


def _shown(term: dict[str, Any]) -> str:
    """Return a term of a SPARQL result as a cell shows it."""
    if term["type"] == "triple":
        return f"<< {' '.join(_shown(part) for part in term['value'].values())} >>"
    if term["type"] == "uri":
        return contract(term["value"])
    language = term.get("xml:lang")
    value = f"_:{term['value']}" if term["type"] == "bnode" else term["value"]
    return f"{value}@{language}" if language else value


def _asked(words: Sequence[str]) -> tuple[str, dict[str, str]]:
    """Return the question or name of a template, and the slots given as key=value."""
    pairs = [word.split("=", 1) for word in words[1:] if "=" in word]
    if pairs and len(pairs) == len(words) - 1 and " " not in words[0]:
        keys = [key for key, _ in pairs]
        if twice := next((key for key in keys if keys.count(key) > 1), None):
            raise click.UsageError(f"{twice}= is given twice · {twice}= 给了两次")
        return words[0], dict(pairs)
    return " ".join(words), {}


def _tell_template(book: Phrasebook, request: Request) -> None:
    """Say on stderr which template was used, and what its slots hold."""
    from kg.asking.answers import describe

    here = settings()
    template, values = request
    zh, en = ("".join(f" {k}={describe(book, v, x)}" for k, v in values.items()) for x in LANGS)
    here.say(
        f"问题模板 {template.name}:{template.title('zh')}{zh}",
        f"template {template.name}: {template.title('en')}{en}",
    )


def _tell_empty(found: Answer) -> None:
    here = settings()
    if not found.modelled:
        here.say("图谱没有收录这类内容", "not modelled: the graph holds nothing of this sort")
    elif not found.rows:
        here.say("没有结果:图谱中没有这样的记录", "nothing found: the graph has no such entry")


def _answer_listing(found: Answer, names: Names, lang: str) -> Listing:
    from kg.asking.answers import spell
    from kg.asking.wording import cell_json, cell_words

    template, values = found.request
    columns = template.columns
    rows = tuple(
        {c.name: cell_words(cell, c, names, lang) for c, cell in zip(columns, row, strict=True)}
        for row in found.rows
    )
    data = {
        "template": template.name,
        "question": {"zh": template.question("zh"), "en": template.question("en")},
        "slots": {name: spell(value) for name, value in values.items()},
        "modelled": found.modelled,
        "columns": [{"name": c.name, "zh": c.zh, "en": c.en} for c in columns],
        "rows": [
            {c.name: cell_json(cell, c, names) for c, cell in zip(columns, row, strict=True)}
            for row in found.rows
        ],
    }
    heads = tuple((column.name, column.zh, column.en) for column in columns)
    lone = "".join(_card(rows[0], heads, lang)) if len(rows) == 1 and len(heads) > 3 else None  # noqa: PLR2004 - too wide for a table
    return Listing(data, heads, rows, text=lone)


def _card(row: dict[str, str], heads: Sequence[tuple[str, str, str]], lang: str) -> Iterator[str]:
    """Yield the cells of a lone row one below the other."""
    from kg.cli.output import plain

    for name, zh, en in heads:
        if row[name]:
            yield f"{zh}:{plain(row[name])}\n" if lang == "zh" else f"{en}: {plain(row[name])}\n"


def _catalogue(templates: Sequence[Template], lang: str) -> Listing:
    from kg.asking.templates import GROUPS

    rows = tuple(
        {
            "name": template.name,
            "group": template.group,
            "zh": template.question("zh"),
            "en": template.question("en"),
            "slots": " ".join(f"{slot.name}={slot.example}" for slot in template.slots),
        }
        for template in templates
    )
    data = [
        {**row, "slots": [_slot_json(slot) for slot in template.slots]}
        for row, template in zip(rows, templates, strict=True)
    ]
    lines: list[str] = []
    for group, (zh, en) in GROUPS.items():
        lines.append(f"\n{zh} · {en}\n" if lines else f"{zh} · {en}\n")
        for template, row in zip(templates, rows, strict=True):
            if template.group == group:
                first, second = (template.spoken(x) for x in (lang, "en" if lang == "zh" else "zh"))
                lines.append(
                    f"  {first}  {second}\n    {row['name']} {row['slots']}".rstrip() + "\n"
                )
    return Listing(data, _CATALOGUE, rows, text="".join(lines))


def _slot_json(slot: Slot) -> dict[str, object]:
    return {
        "name": slot.name,
        "type": slot.kinds or slot.type,
        "example": slot.example,
        "zh": slot.zh,
        "en": slot.en,
    }
