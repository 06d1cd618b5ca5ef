"""Owns the checks of the tables: what a cell may hold, and which rows go together."""

from __future__ import annotations

import datetime as dt
import difflib
import hashlib
import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

from kg.formula import FormulaError, formula_name, formula_names
from kg.sources.faults import fault
from kg.sources.grammar import GENERIC_KINDS, Column, Table
from kg.sources.measuring import check_measuring

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kg.model import Finding, Place
    from kg.sources.rows import Row

__all__ = ["check_cells", "check_rows", "nearest", "text_hash"]


# check -> (what fits it, rule, example)
_SHAPES: dict[str, tuple[re.Pattern[str], str, str]] = {
    "id": (re.compile(r"[a-z0-9]+(?:[-.][a-z0-9]+)*"), "cell-id", "sales-funnel"),
    "field": (re.compile(r"[A-Z][A-Za-z0-9]*\.[a-z][a-z0-9_]*"), "cell-id", "Deal.amount"),
    "object": (re.compile(r"[A-Z][A-Za-z0-9]*"), "cell-id", "Opportunity"),
    "name": (re.compile(r"[a-z][a-z0-9_]*"), "cell-id", "won_deals"),
    "integer": (re.compile(r"[0-9]{1,9}"), "cell-integer", "12"),
    "number": (re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?"), "cell-value", "12.5"),
    "duration": (re.compile(r"P[1-9][0-9]{0,2}[DWMY]"), "cell-value", "P2W, P1M, P1Y"),
    "iri": (
        re.compile(r"https?://[A-Za-z0-9.-]+(?:[/?#][!-~]*)?(?<![<>\"{}|^`\\])"),
        "cell-iri",
        "",
    ),
}
_CONTROL = re.compile("[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]")
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
_NOUNS = {
    "concepts": "term",
    "relations": "relation",
    "passages": "passage",
    "measures": "base measure",
    "fields": "CRM field",
    "units": "unit",
    "tiers": "tier",
    "objects": "CRM object",
    "metrics": "metric",
    "lookalikes": "set of look-alikes",
}
# What a CURIE of the table of alignments may name: prefix -> table, or what the ontology knows.
_SUBJECTS = {
    "term": "concepts",
    "measure": "measures",
    "field": "fields",
    "object": "objects",
    "so": "kind",
}


def nearest(word: str, known: Iterable[str], count: int = 3) -> tuple[str, ...]:
    """Return the known words most like `word`, best first.

    >>> nearest("sales-funel", {"sales-funnel", "sales-team", "crm"}, 1)
    ('sales-funnel',)
    """
    return tuple(difflib.get_close_matches(word, sorted(known), count, 0.5))


def check_cells(
    table: Table, rows: Iterable[Row], known: Mapping[str, set[str]]
) -> Iterator[Finding]:
    """Yield the faults of single cells, and of rows that repeat what must be unique.

    `known` holds the keys of the tables that could be read whole; names of others are let be.
    """
    unique = (table.key,) if table.key else table.once
    seen: dict[tuple[str, ...], Place] = {}
    for row in rows:
        mark = tuple(row[name] for name in unique)
        if mark in seen:
            rule = "duplicate-id" if table.key else "row-twice"
            yield fault(rule, row.place(table.key), value=mark[0], known=seen[mark])
        elif mark and all(mark):
            seen[mark] = row.place()
        for column in table.columns:
            if column.name in row.cells:
                yield from _check_cell(row, column, table, known)


def check_rows(rows: Mapping[str, list[Row]], known: Mapping[str, set[str]]) -> Iterator[Finding]:
    """Yield the faults that show only where rows, or the cells of one row, are seen together."""
    yield from _check_labels(rows["concepts"])
    yield from _check_parents(rows["concepts"], known["topics"])
    yield from _check_passages(rows["passages"], rows["claims"])
    yield from _check_relations(rows)
    yield from _check_formulas(rows, known)
    yield from _check_lookalikes(rows)
    yield from _check_translations(rows)
    yield from check_measuring(rows)


# -- cells
def _check_cell(
    row: Row, column: Column, table: Table, known: Mapping[str, set[str]]
) -> Iterator[Finding]:
    place = row.place(column.name)
    text = row[column.name]
    name = row[table.key] if table.key and row[table.key] else f"{table.name}:{row.number}"
    if not text:
        if column.required:
            yield fault("cell-required", place, id=name)
        return
    if control := _CONTROL.search(text):
        shown = f"U+{ord(control[0]):04X}"
        en, zh = "letters, digits, signs", "文字、数字、符号"
        yield fault("cell-value", place, value=shown, known=en, known_zh=zh)
        return
    if hidden := _INVISIBLE.search(text):
        yield fault("cell-invisible", place, id=name, value=f"{ord(hidden[0]):04X}")
    for value in row.many(column.name) if column.many else (text,):
        yield from _check_value(value, column, place, known)


def _check_value(
    value: str, column: Column, place: Place, known: Mapping[str, set[str]]
) -> Iterator[Finding]:
    check = column.check
    if misfit := _misfit(value, column):
        rule, example = misfit
        yield fault(rule, place, value=value, known=example)
    elif check == "unit":
        for unit in re.split(r"[*/]", value):
            yield from _check_known(unit, "units", place, known)
    elif check == "curie":
        prefix, _, name = value.partition(":")
        named = _SUBJECTS.get(prefix)
        if named is None or (named in known and name not in known[named]):
            yield fault("alignment-subject", place, value=value)
    elif check in ("predicate", "kind"):
        if value not in known[check] and not (check == "kind" and value in GENERIC_KINDS):
            near = nearest(value, known[check])
            yield fault(f"{check}-unknown", place, value=value, candidates=near)
    elif check in _NOUNS:
        yield from _check_known(value, check, place, known)


def _misfit(value: str, column: Column) -> tuple[str, str] | None:
    """Return the rule that the form of a value breaks, and what would fit; None where it fits."""
    if column.check in _SHAPES:
        pattern, rule, example = _SHAPES[column.check]
        return None if pattern.fullmatch(value) else (rule, example)
    if column.check == "one of" and value not in column.allowed:
        return "cell-value", ", ".join(column.allowed)
    if column.check == "date" and not _is_date(value):
        return "cell-value", "2026-01-31"
    return None


def _check_known(
    value: str, table: str, place: Place, known: Mapping[str, set[str]]
) -> Iterator[Finding]:
    if table in known and value not in known[table]:
        near = nearest(value, known[table])
        yield fault("dangling-term", place, value=value, known=_NOUNS[table], candidates=near)


def _is_date(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


# -- rows
def _check_labels(rows: Iterable[Row]) -> Iterator[Finding]:
    for lang, en, zh in (("zh", "Chinese", "中文"), ("en", "English", "英文")):
        seen: dict[str, Place] = {}
        for row in rows:
            label, place = row[lang], row.place(lang)
            if not label:
                yield fault("label-missing", place, id=row["id"], value=en, value_zh=zh)
                continue
            key = unicodedata.normalize("NFKC", label).casefold()
            if key in seen:
                yield fault("duplicate-label", place, value=label, known=seen[key])
            seen.setdefault(key, place)


def _check_parents(rows: Iterable[Row], topics: set[str]) -> Iterator[Finding]:
    """Check where a concept is filed: its topic is the name of its file, its parent another one."""
    checked: set[str] = set()
    for row in rows:
        topic = row.path.rpartition("/")[2].removesuffix(".csv")
        if topic not in topics and row.path not in checked:
            near = nearest(topic, topics)
            yield fault("topic-unknown", row.place(), value=topic, candidates=near)
        checked.add(row.path)
        if bool(row["parent"]) != bool(row["parent_relation"]):
            empty = "parent_relation" if row["parent"] else "parent"
            yield fault("parent-half", row.place(empty), id=row["id"])
        if row["parent"] and row["parent"] == row["id"]:
            yield fault("relation-self", row.place("parent"), id=row["id"], value=row["parent"])


def _check_passages(passages: Iterable[Row], claims: Iterable[Row]) -> Iterator[Finding]:
    for row in passages:
        code, answer = row["code"], row["answer"]
        if not (code.startswith(f"a{answer}.") if answer else code == "title"):
            yield fault("passage-code", row.place("code"), value=code, known=answer or "1..4")
    for row in claims:
        passage, strength = row["passage"], row["strength"]
        ours = (passage == "product", strength == "product")
        if passage and strength and (ours[0] != ours[1] or passage == "title"):
            yield fault("claim-source", row.place("passage"), value=passage, known=strength)


def _check_relations(rows: Mapping[str, list[Row]]) -> Iterator[Finding]:
    claimed: dict[str, set[str]] = {}
    for row in rows["claims"]:
        claimed.setdefault(row["relation"], set()).add(row["strength"])
    rejected = {_triple(row): row["reason_en"] for row in rows["rejected"]}
    seen: dict[tuple[str, str, str], Place] = {}
    for row in rows["relations"]:
        triple = _triple(row)
        if row["subject"] and row["subject"] == row["object"]:
            yield fault("relation-self", row.place("object"), id=row["id"], value=row["object"])
        if triple in seen and all(triple):
            yield fault("relation-twice", row.place(), known=seen[triple])
        seen.setdefault(triple, row.place())
        # The list says what the source does not say; a relation of our own may still stand.
        if triple in rejected and claimed.get(row["id"]) != {"product"}:
            yield fault("relation-rejected", row.place(), value=rejected[triple])
        if row["id"] not in claimed:
            yield fault("relation-unclaimed", row.place("id"), id=row["id"])


def _triple(row: Row) -> tuple[str, str, str]:
    return row["subject"], row["predicate"], row["object"]


def _check_lookalikes(rows: Mapping[str, list[Row]]) -> Iterator[Finding]:
    counts = Counter(row["set"] for row in rows["lookalike_members"])
    for row in rows["lookalikes"]:
        if counts[row["id"]] < 2:  # noqa: PLR2004 - one term resembles nothing
            place = row.place("id")
            yield fault("lookalike-members", place, id=row["id"], value=counts[row["id"]])


def _check_translations(rows: Mapping[str, list[Row]]) -> Iterator[Finding]:
    """Check that somebody read the two definitions of a term against each other since a change."""
    read = {row["concept"]: row["hash"] for row in rows["translations"]}
    for row in rows["concepts"] if read else ():
        if row["definition_zh"] and row["definition_en"]:
            mark = read.get(row["id"])
            if mark != text_hash(row["definition_zh"]):
                rule = "translation-stale" if mark else "translation-unread"
                yield fault(rule, row.place("definition_en"), id=row["id"])


def text_hash(text: str) -> str:
    """Return the fingerprint of a text: 16 hex digits of SHA-256.

    >>> text_hash("赢单率")
    '4b2eba4ad04ae9fd'
    """
    return hashlib.sha256(text.encode()).hexdigest()[:16]


# -- formulas
def _check_formulas(
    rows: Mapping[str, list[Row]], known: Mapping[str, set[str]]
) -> Iterator[Finding]:
    """Check the formulas of metrics and variants, and that no metric needs itself."""
    metrics = {formula_name(name): name for name in known["metrics"]}
    names = known["measures"] | set(metrics)
    reads: dict[str, list[str]] = {}
    places = {row["id"]: row.place("formula") for row in rows["metrics"]}
    for row in (*rows["metrics"], *rows["variants"]):
        place = row.place("formula")
        try:
            used = formula_names(row["formula"]) if row["formula"] else ()
        except FormulaError as error:
            yield fault("formula-syntax", place, id=row["id"], value=error, value_zh=error.zh)
            continue
        for name in used:
            if name not in names:
                near = nearest(name, names)
                yield fault("formula-name", place, id=row["id"], value=name, candidates=near)
        if not row["metric"]:  # nothing reads a variant
            needed = [metrics[n] for n in used if n in metrics and n not in known["measures"]]
            reads[row["id"]] = needed
    for circle in _circles(reads):
        shown = " → ".join((*circle, circle[0]))
        yield fault("formula-circle", places[circle[0]], id=circle[0], value=shown)


def _circles(reads: Mapping[str, list[str]]) -> Iterator[tuple[str, ...]]:
    """Yield each circle of metrics that need each other, once, from its first name on."""
    done: set[str] = set()
    for start in sorted(reads):
        trail: list[str] = []
        steps: list[Iterator[str]] = [iter((start,))]
        while steps:
            name = next(steps[-1], None)
            if name is None:
                steps.pop()
                if trail:
                    done.add(trail.pop())
            elif name in trail:
                circle = trail[trail.index(name) :]
                least = circle.index(min(circle))
                yield (*circle[least:], *circle[:least])
            elif name not in done:
                trail.append(name)
                steps.append(iter(reads.get(name, ())))
