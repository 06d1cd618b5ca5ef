"""Owns the command that compares two graphs: diff."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from kg import vocab
from kg.cli.output import (
    Listing,
    emit,
    for_terminal,
    output_options_with,
    plain,
    settings,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg.changes.wording import Story
    from kg.model import Change, Changeset, Glossary, Text

__all__ = ["diff"]

_COLUMNS = (
    ("kind", "种类", "kind"),
    ("id", "编号", "id"),
    ("name", "名称", "name"),
    ("what", "改动之处", "what"),
    ("lang", "语言", "language"),
    ("predicate", "关系", "relation"),
    ("object", "对象", "object"),
    ("before", "之前", "before"),
    ("after", "之后", "after"),
    ("sentence", "说明", "sentence"),
    ("removed", "删除的陈述", "triples removed"),
    ("added", "增加的陈述", "triples added"),
)


@click.command(
    epilog="例 · examples:  kg diff old-build build    kg diff v1.ttl v2.ttl --format csv -o "
    "changes.csv    kg --lang en diff build my-folder"
)
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option("--inferred", is_flag=True, help="也比较推理结果 · compare inferred triples, too.")
@output_options_with("trig")
def diff(old: str, new: str, inferred: bool, format_: str | None, output: str) -> None:
    """两个图谱有何不同:新增、改名、移动、改定义、停用等,逐项说明。

    OLD 与 NEW 各为生成的文件夹、源文件夹或 RDF 文件;相同返回 0,不同返回 1。

    Tell what differs between two graphs: what was added, renamed, moved, redefined, deprecated.
    OLD and NEW are each a build, a folder of sources, or an RDF file (.ttl .nt .nq .trig .jsonld
    .rdf). Exit code 0: the same, 1: different. trig writes the triples in two graphs,
    urn:kg:removed and urn:kg:added.
    """
    from kg.changes import diff as compare
    from kg.changes import trig
    from kg.changes.wording import Story
    from kg.store.reading import read_glossary
    from kg.workspace import read_graph

    first, second = (read_graph(place, inferred=inferred) for place in (old, new))
    changes = compare(first, second, inferred=inferred)
    if format_ == "trig" or (format_ is None and output.endswith(".trig")):
        text = trig(changes)
        if output == "-" and sys.stdout.isatty():
            text = for_terminal(text, escapes=False)
        emit(Listing(None, text=text), format_="table", output=output)
    else:
        before, after = read_glossary(first), read_glossary(second)
        story = Story(before, after, settings().lang, _words((before, after)))
        emit(_listing(changes, story), format_=format_, output=output)
    if changes:
        sys.exit(1)


def _words(glossaries: Sequence[Glossary]) -> tuple[Glossary, ...]:
    """Return the words of the shipped ontology where neither graph has words for its relations."""
    from kg.store.reading import read_glossary
    from kg.workspace import find_sources, read_graph

    if any(glossary.predicates for glossary in glossaries):
        return ()
    return (read_glossary(read_graph(find_sources().ontology / "sales-ops.ttl")),)


def _listing(changes: Changeset, story: Story) -> Listing:
    data = {
        "counts": changes.counts,
        "triples": {"removed": len(changes.removed), "added": len(changes.added)},
        "changes": [_json(change, story) for change in changes.changes],
    }
    rows = tuple(_row(change, story) for change in changes.changes)
    return Listing(data, _COLUMNS, rows, text=_text(changes, story))


def _text(changes: Changeset, story: Story) -> str:
    """Return the story as lines: how much changed, then each kind with its changes."""
    here = settings()
    if not changes:
        return {"zh": "没有差别\n", "en": "no difference\n"}[here.lang]
    removed, added = len(changes.removed), len(changes.added)
    lines = [
        {
            "zh": f"改动 {len(changes)} 处:陈述删除 {removed} 条,增加 {added} 条",
            "en": f"{len(changes)} changes: {removed} triples removed, {added} added",
        }[here.lang]
    ]
    sections = story.sections(changes)
    if any("[-" in line or "{+" in line for section in sections for line in section.lines):
        lines.append(
            {
                "zh": "[-…-] 是删去的文字,{+…+} 是加上的文字",
                "en": "[-...-] was taken out, {+...+} was put in",
            }[here.lang]
        )
    for section in sections:
        lines += ["", f"{section.title} ({section.count})"]
        lines += [f"  {plain(line)}" for line in section.lines]
    return "".join(f"{line}\n" for line in lines)


def _json(change: Change, story: Story) -> dict[str, object]:
    return {
        "kind": change.kind,
        "subject": {
            "id": vocab.contract(change.subject),
            "iri": change.subject,
            "zh": story.name(change.subject, "zh"),
            "en": story.name(change.subject, "en"),
        },
        "what": vocab.contract(change.what) or None,
        "lang": change.lang or None,
        "predicate": vocab.contract(change.predicate) or None,
        "object": vocab.contract(change.object) or None,
        "before": [_value(text) for text in change.before],
        "after": [_value(text) for text in change.after],
        "sentence": story.sentence(change),
        "removed": list(change.removed),
        "added": list(change.added),
    }


def _row(change: Change, story: Story) -> dict[str, object]:
    return {
        "kind": change.kind,
        "id": vocab.contract(change.subject),
        "name": story.name(change.subject),
        "what": vocab.contract(change.what),
        "lang": change.lang,
        "predicate": vocab.contract(change.predicate),
        "object": vocab.contract(change.object),
        "before": " | ".join(vocab.contract(text.value) for text in change.before),
        "after": " | ".join(vocab.contract(text.value) for text in change.after),
        "sentence": story.sentence(change),
        "removed": len(change.removed),
        "added": len(change.added),
    }


def _value(text: Text) -> dict[str, str]:
    """Return a value with its language; an IRI as CURIE."""
    return (
        {"value": text.value, "lang": text.lang}
        if text.lang
        else {"value": vocab.contract(text.value)}
    )
