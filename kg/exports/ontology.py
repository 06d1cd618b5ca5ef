"""Owns the documentation of the ontology: one page with its classes, relations, rules, examples.

The page is self-contained and asks nothing of the network. It holds both languages, and shows one;
without JavaScript it shows both.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from kg import vocab as v
from kg.exports.samples import read_samples
from kg.exports.schema import read_schema
from kg.exports.selection import select_glossary
from kg.validation.rules import read_rules

if TYPE_CHECKING:
    from kg.exports.selection import Selection
    from kg.store import Store
    from kg.validation.violations import Rule

__all__ = ["write_ontology"]

ASSETS = Path(__file__).resolve().parent / "assets"
_LEVELS = {"error": ("错误", "error"), "warning": ("警告", "warning"), "info": ("提示", "info")}


def write_ontology(store: Store, out: BinaryIO, selection: Selection) -> None:
    """Write the ontology of a store as one HTML page, the same bytes each time.

    The rules come from the folder `ontology` of the selection; without it the page has none.
    Every text is escaped. Raises ExportError as `export`, SourceError for a malformed rule.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    glossary = select_glossary(store, selection)
    script = (ASSETS / "ontology.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    environment = Environment(
        loader=FileSystemLoader(str(ASSETS)),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["slug"] = _slug
    page = environment.get_template("ontology.html").render(
        lang=selection.lang,
        schema=read_schema(store, glossary),
        samples=read_samples(store, glossary),
        rules=_rules(selection.ontology),
        prefixes=sorted(v.PREFIXES.items()),
        ontology=v.ONTOLOGY,
        css=Markup((ASSETS / "ontology.css").read_text(encoding="utf-8")),  # noqa: S704 - our file
        script=Markup(script),  # noqa: S704 - our own file
        hash=f"sha256-{digest}",
    )
    out.write(page.lstrip().encode() + b"\n")


def _slug(curie: str) -> str:
    """Return the anchor of a CURIE.

    >>> _slug("so:measures")
    'so-measures'
    """
    return "".join(sign if sign.isalnum() and sign.isascii() else "-" for sign in curie)


def _rules(folder: Path | None) -> list[dict[str, object]]:
    """Return the rules with their words; what a finding fills in is shown as an ellipsis."""
    if folder is None:
        return []
    return [
        {
            "code": rule.code,
            "level": rule.level,
            "words": _LEVELS[rule.level],
            "gist": tuple(_gist(rule.words[name]) for name in ("zh", "en")),
            "fix": tuple(_gist(rule.words[name]) for name in ("fix-zh", "fix-en")),
            "why": _remark(rule),
        }
        for rule in read_rules(folder / "rules")
    ]


def _gist(words: str) -> str:
    out, depth = "", 0
    for sign in words:
        depth += (sign == "{") - (sign == "}")
        out += "…" if sign == "}" else "" if depth else sign
    return out


def _remark(rule: Rule) -> str:
    """Return what stands below the bare # of the header: why there is the rule."""
    head = []
    for line in rule.query.splitlines():
        if not line.startswith("#"):
            break
        head.append(line.removeprefix("#").strip())
    return " ".join(head[head.index("") + 1 :]) if "" in head else ""
