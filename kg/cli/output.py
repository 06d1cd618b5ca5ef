"""Owns how results reach people: as a table or text in a terminal, JSON in a pipe, or in a file."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from kg import vocab
from kg.cli.settings import Settings, is_plain, plain
from kg.errors import StoreError

if TYPE_CHECKING:
    from kg.model import Glossary, Relation, Report
    from kg.workspace import Workspace

__all__ = [
    "Listing",
    "emit",
    "finding_lines",
    "for_terminal",
    "glossary_of",
    "open_workspace",
    "output_options",
    "output_options_with",
    "plain",
    "relation_json",
    "resolve_term",
    "resolve_thing",
    "settings",
    "term_json",
]

Command = TypeVar("Command", bound=Callable[..., Any])
_FORMATS = {".txt": "table", ".md": "table", ".csv": "csv"}  # by the ending of the file


@dataclass(frozen=True)
class Listing:
    """A result: its `data` for programs, and its rows or its text for people.

    `columns` are (key, zh, en); `text` replaces the table where a result reads better as lines.
    """

    data: object
    columns: tuple[tuple[str, str, str], ...] = ()
    rows: tuple[dict[str, Any], ...] = field(default=())
    text: str | None = None


def output_options_with(*formats: str) -> Callable[[Command], Command]:
    """Return what adds `--format`, with these formats beside the usual ones, and `-o`."""

    def add(command: Command) -> Command:
        for option in (
            click.option(
                "-o",
                "--output",
                default="-",
                metavar="FILE",
                help="写入文件,- 为标准输出 · write to FILE; - is stdout.",
            ),
            click.option(
                "--format",
                "format_",
                type=click.Choice(["table", "json", "csv", *formats]),
                help="默认终端用 table,管道用 json · default: table in a terminal, json in a pipe.",
            ),
        ):
            command = option(command)
        return command

    return add


output_options = output_options_with()


def settings() -> Settings:
    """Return the settings of the running command."""
    return cast("Settings", click.get_current_context().find_object(Settings))


def open_workspace() -> Workspace:
    """Return the build to read; without a checkout the packaged graph is built once.

    Says on stderr when it builds, and when a build is older than its sources.
    """
    from kg.workspace import build, default_output, find_sources, locate

    here = settings()
    packaged = find_sources().root == Path(vocab.__file__).parent
    try:
        found = locate(here.store)
        if not (found.stale and packaged and not here.store):
            if found.stale:
                here.say(
                    "提示:源数据或程序已有改动,当前图谱是旧的;请运行 kg build",
                    "note: sources or program changed since this graph was built; run kg build",
                )
            return found
    except StoreError as error:
        if error.code != "store-missing" or here.store or not packaged:
            raise
    out = default_output()
    here.say(
        f"首次使用:正在生成图谱(约十秒),存于 {out}",
        f"first use: building the graph (about ten seconds) into {out}",
    )
    build(find_sources(), out)
    return locate()


def resolve_term(workspace: Workspace, text: str) -> str:
    """Return the IRI a text stands for; say on stderr what else it might have meant."""
    from kg.lookup import resolve

    here = settings()
    found = resolve(workspace.index, text, lang=here.lang)
    if found.others:
        chosen = vocab.contract(found.iri)
        others = ", ".join(vocab.contract(iri) for iri in found.others)
        here.say(
            f"提示:“{text}”取 {chosen};也可能指:{others}",
            f"note: '{text}' taken as {chosen}; it may also mean: {others}",
        )
    return found.iri


def resolve_thing(workspace: Workspace, text: str) -> str:
    """Return the IRI of a term, or of a CRM field, object or base measure by any of its names.

    An id decides at once; else terms come first, and what no term is called is looked for in the
    CRM. Raises TermError where nothing fits or several do.
    """
    from kg.crm import resolve_named
    from kg.errors import TermError

    lang = settings().lang
    if "." in text or text.partition(":")[0] in ("field", "measure", "object") or "/" in text:
        if found := resolve_named(glossary_of(workspace), text, lang=lang):
            return found
        return resolve_term(workspace, text)
    try:
        return resolve_term(workspace, text)
    except TermError as error:
        if error.code == "term-unknown" and (
            found := resolve_named(glossary_of(workspace), text, lang=lang)
        ):
            return found
        raise


def glossary_of(workspace: Workspace) -> Glossary:
    """Return everything in the store as values."""
    from kg.store.reading import read_glossary

    return read_glossary(workspace.store)


def emit(listing: Listing, *, format_: str | None, output: str) -> None:
    """Write a result to a file or stdout, as asked, or as fits the place."""
    terminal = output == "-" and sys.stdout.isatty()
    chosen = format_ or ("table" if terminal else _FORMATS.get(_ending(output), "json"))
    if chosen == "json":
        text = json.dumps(listing.data, ensure_ascii=False, indent=2) + "\n"
    elif chosen == "csv":
        text = _csv(listing)
    else:
        text = listing.text if listing.text is not None else _table(listing, colour=terminal)
    if terminal:
        text = for_terminal(text, escapes=chosen == "json") if chosen != "table" else text
    elif chosen == "csv" and output != "-":
        text = "\ufeff" + text  # or Excel takes it for another encoding
    if format_ is None and chosen == "json" and output != "-" and _ending(output) != ".json":
        settings().say(f"{output} 的内容是 JSON", f"{output} holds JSON")
    from kg.files import open_output

    with open_output(output) as out:
        out.write(text.encode(errors="backslashreplace"))


def for_terminal(text: str, *, escapes: bool) -> str:
    """Return a text as a terminal may show it: what it would obey is escaped, or else replaced."""
    if not escapes:
        return plain(text)
    return "".join(char if is_plain(char) else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    r"""Return a character as JSON escapes it.

    >>> _escaped("\x9b"), _escaped("\x7f")
    ('\\u009b', '\\u007f')
    """
    return json.dumps(char)[1:-1] if char != "\x7f" else "\\u007f"


def _ending(output: str) -> str:
    return Path(output).suffix.lower()


def term_json(glossary: Glossary, iri: str) -> dict[str, object]:
    """Return a concept, measure or field as it is named in JSON results."""
    return {
        "id": vocab.contract(iri),
        "iri": iri,
        "zh": glossary.name(iri, "zh"),
        "en": glossary.name(iri, "en"),
    }


def relation_json(glossary: Glossary, relation: Relation, lang: str) -> dict[str, object]:
    """Return a relation with its claims as JSON results hold it."""
    from kg.phrasing import evidence

    return {
        "id": relation.id,
        "subject": term_json(glossary, relation.subject),
        "predicate": vocab.contract(relation.predicate),
        "object": term_json(glossary, relation.object),
        "sentence": glossary.sentence(relation, lang),
        "evidence": evidence(relation, lang, glossary=glossary),
        "strength": relation.strength,
        "confidence": relation.confidence,
        "sources": list(relation.sources),
        "asserted": relation.asserted,
        "lag": relation.lag,
        "reason": relation.reason(lang) or None,
        "claims": [
            {
                "id": vocab.contract(claim.iri),
                "strength": claim.strength,
                "source": claim.source,
                "passage": claim.passage.code if claim.passage else None,
                "confidence": claim.confidence,
                "inference": claim.inference,
                "modality": claim.modality,
                "scope": [vocab.contract(model) for model in claim.scope],
            }
            for claim in relation.claims
        ],
    }


def finding_lines(report: Report, lang: str) -> Iterator[str]:
    """Yield the findings of a report as lines: level, place, message, and the remedy below."""
    from kg.phrasing import phrase

    fix, why = {"zh": ("办法", "已说明"), "en": ("remedy", "kept")}[lang]
    for finding in report.findings:
        place = f"{finding.place.text(lang)}: " if finding.place else ""
        level = phrase("level", finding.level, lang)
        yield f"{level} [{finding.rule}] {plain(place + finding.message(lang))}"
        if reason := finding.reason(lang):
            yield f"    {why}: {plain(reason)}"
        elif remedy := finding.remedy(lang):
            yield f"    {fix}: {plain(remedy)}"


def _csv(listing: Listing) -> str:
    rows = tuple(_flat(list(listing.rows) or listing.data))
    keys = [key for key, _, _ in listing.columns] or list(rows[0] if rows else ())
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    if keys:
        writer.writerow(keys)
    writer.writerows([_cell(row.get(key, "")) for key in keys] for row in rows)
    return out.getvalue()


def _cell(value: object) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    number = text.removeprefix("-").replace(".", "", 1).isdigit()
    return f"'{text}" if text[:1] in tuple("=+-@\t\r") and text and not number else text


def _flat(data: object) -> Iterator[dict[str, object]]:
    for item in data if isinstance(data, list) else [data]:
        if isinstance(item, dict):
            yield dict(_cells(item))


def _cells(item: dict[str, Any], above: str = "") -> Iterator[tuple[str, object]]:
    """Yield (column, value) of a JSON object: what is named by its id, what is nested dotted."""
    for key, value in item.items():
        name = f"{above}{key}"
        if isinstance(value, dict):
            if "id" in value:
                yield name, value["id"]
            else:
                yield from _cells(value, f"{name}.")
        elif isinstance(value, (list, tuple)):
            plain_values = [x for x in value if isinstance(x, (str, int, float))]
            if len(plain_values) == len(value):
                yield name, " | ".join(map(str, value))
        else:
            yield name, value


def _table(listing: Listing, *, colour: bool) -> str:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    lang = settings().lang
    table = Table(box=None, header_style="bold", pad_edge=False, show_edge=False)
    for _, zh, en in listing.columns:
        table.add_column(zh if lang == "zh" else en, overflow="fold")
    for row in listing.rows:
        cells: Sequence[object] = [row.get(key, "") for key, _, _ in listing.columns]
        table.add_row(*(Text(plain("" if cell is None else str(cell))) for cell in cells))
    width = None if colour else 160
    console = Console(file=io.StringIO(), width=width, force_terminal=colour, highlight=False)
    console.print(table)
    return cast("io.StringIO", console.file).getvalue()
