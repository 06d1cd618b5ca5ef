"""Owns the rule files: a SPARQL SELECT each, below a header with code, level, area and words."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING, cast

import pyoxigraph as ox

from kg import vocab as v
from kg.errors import QueryError, SourceError
from kg.model import LEVELS
from kg.sources.rdf import read_utf8
from kg.store import open_store
from kg.validation.areas import AREAS
from kg.validation.violations import WORDS, Rule, Violation
from kg.validation.wording import HOLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from kg.sparql import Term
    from kg.store import Store

__all__ = ["find_matches", "read_rules"]

_HEADER = re.compile(r"#\s?(?P<key>[a-z]+(?:-[a-z]+)?):\s*(?P<text>.*)")
_KEYS = ("code", "level", "area", "summary", *WORDS)
_SUMMARY_HOLES = frozenset({"count", "examples"})


def read_rules(folder: Path) -> tuple[Rule, ...]:
    """Return the rules of a folder, sorted by code; raise SourceError where one is malformed."""
    if not folder.is_dir():
        raise SourceError("source-missing", path=folder)
    return tuple(_read_rule(path) for path in sorted(folder.glob("*.rq")))


def _read_rule(path: Path) -> Rule:
    text = read_utf8(path).decode()
    header = _read_header(path, text)
    for key in ("code", "level", "area", *WORDS):
        if not header.get(key, (0, ""))[1]:
            raise _malformed(path, f"the header has no '# {key}: ...'")
    line, code = header["code"]
    if code != path.stem:
        raise _malformed(path, f"the code '{code}' is not the name of the file", line)
    line, level = header["level"]
    if level not in LEVELS:
        raise _malformed(path, f"the level '{level}' is none of {', '.join(LEVELS)}", line)
    line, area = header["area"]
    if area not in AREAS:
        raise _malformed(path, f"the area '{area}' is none of {', '.join(AREAS)}", line)
    line, summary = header.get("summary", (1, "no"))
    if summary not in ("yes", "no"):
        raise _malformed(path, f"summary is '{summary}', not yes or no", line)
    _check_query(path, text, header, summary=summary == "yes")
    words = {key: header[key][1] for key in WORDS}
    return Rule(code, level, words, text, summary == "yes", area, _read_remark(text))


def _read_header(path: Path, text: str) -> dict[str, tuple[int, str]]:
    """Return the lines "# key: text" above the query, by key, with their line numbers."""
    header: dict[str, tuple[int, str]] = {}
    for number, line in enumerate(takewhile(_is_comment, text.splitlines()), 1):
        match = _HEADER.fullmatch(line.rstrip())
        if match is None or match["key"] not in _KEYS:
            continue  # a remark
        if match["key"] in header:
            raise _malformed(path, f"'{match['key']}' stands twice", number)
        header[match["key"]] = (number, match["text"])
    return header


def _read_remark(text: str) -> str:
    """Return what stands below the bare # of the header: why there is the rule."""
    head = [line.removeprefix("#").strip() for line in takewhile(_is_comment, text.splitlines())]
    return " ".join(head[head.index("") + 1 :]) if "" in head else ""


def _is_comment(line: str) -> bool:
    return line.startswith("#")


def _check_query(
    path: Path, text: str, header: Mapping[str, tuple[int, str]], *, summary: bool
) -> None:
    """Raise SourceError where the query does not run, or the words name what it does not select."""
    try:
        with open_store() as empty:
            rows = empty.query(text)
    except QueryError as error:
        line, column = (error.details.get(name, 1) for name in ("line", "column"))
        reason = error.details.get("reason", str(error))
        raise _malformed(path, str(reason), line, column) from error
    if not isinstance(rows, ox.QuerySolutions):
        raise _malformed(path, "the query is not a SELECT")
    names = {variable.value for variable in rows.variables}
    if "focus" not in names:
        raise _malformed(path, "the query does not select ?focus")
    known = names | (_SUMMARY_HOLES if summary else set())
    known |= {"sentence"} if {"path", "value"} <= names else set()
    for key in WORDS:
        number, words = header[key]
        for hole in HOLE.finditer(words):
            if hole[1] not in known:
                at = len(f"# {key}: ") + hole.start() + 1
                raise _malformed(path, f"the query does not select ?{hole[1]}", number, at)


def _malformed(path: Path, reason: str, line: object = 1, column: object = 1) -> SourceError:
    return SourceError(
        "source-syntax", path=path, line=line, column=column, format="rule", reason=reason
    )


def find_matches(rule: Rule, store: Store) -> Iterator[Violation]:
    """Yield what the query of a rule finds in the asserted graph of a store."""
    rows = cast("ox.QuerySolutions", store.query(rule.query, asserted=True))
    names = [variable.value for variable in rows.variables]
    for row in rows:
        fills = {name: row[name] for name in names if row[name] is not None}
        if focus := fills.get("focus"):  # an aggregate of nothing makes a row of nothing
            path, value = _text(fills.get("path")), fills.get("value")
            yield Violation(
                focus=focus,
                path=path,
                lang=_language(value) or _text(fills.get("lang")),
                at=_text(fills.get("at")),
                relation=(focus, path, value) if path and value and not _is_label(value) else None,
                end=_text(fills.get("side")) or "object",
                fills={name: _classes(term) for name, term in fills.items()},
            )


def _classes(term: Term) -> Term | tuple[Term, ...]:
    """Return the classes that an aggregate joined by blanks, sorted; any other term as it is."""
    if not isinstance(term, ox.Literal) or not term.value.startswith(v.SO):
        return term
    return tuple(ox.NamedNode(iri) for iri in sorted(set(term.value.split(" "))))


def _text(term: Term | None) -> str | None:
    return term.value if isinstance(term, (ox.NamedNode, ox.Literal)) else None


def _is_label(term: Term) -> bool:
    return isinstance(term, ox.Literal)


def _language(term: Term | None) -> str | None:
    return term.language if isinstance(term, ox.Literal) else None
