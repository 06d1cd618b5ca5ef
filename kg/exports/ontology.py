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
from kg.model import LEVELS
from kg.phrasing import WORDS
from kg.validation.catalogue import read_catalogue

if TYPE_CHECKING:
    from kg.exports.selection import Selection
    from kg.store import Store
    from kg.validation.catalogue import Entry

__all__ = ["write_ontology"]

ASSETS = Path(__file__).resolve().parent / "assets"


def write_ontology(store: Store, out: BinaryIO, selection: Selection) -> None:
    """Write the ontology of a store as one HTML page, the same bytes each time.

    The rules come from the folder `ontology` of the selection; without it the page has none.
    Every text is escaped. Raises ExportError as `export`, SourceError for a bad rule or shape.
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
        levels={level: WORDS["level", level] for level in LEVELS},
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


def _rules(folder: Path | None) -> list[Entry]:
    """Return what the rule files say; what a finding fills in is shown as an ellipsis."""
    if folder is None:
        return []
    catalogue = read_catalogue(folder / "rules", folder / "shapes.ttl")
    return [entry for entry in catalogue.values() if entry.origin == "rule"]
