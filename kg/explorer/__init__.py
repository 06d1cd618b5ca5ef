"""Owns the concept explorer: one page to open on a double-click."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.explorer.layout import lay_out, layout_csv, read_layout
from kg.explorer.page import render_page
from kg.explorer.view import project_view
from kg.files import write_atomic

if TYPE_CHECKING:
    from pathlib import Path

    from kg.lookup import SearchIndex
    from kg.model import Glossary

__all__ = ["explore"]


def explore(  # noqa: PLR0913 - what the page opens with
    glossary: Glossary,
    out: Path | str,
    *,
    index: SearchIndex,
    layout: Path | None = None,
    relayout: bool = False,
    focus: str | None = None,
    depth: int = 1,
    lang: str = "zh",
) -> None:
    """Write the explorer page of a glossary, whole or not at all.

    Positions come from the table `layout`; concepts it lacks get a free place near their topic.
    `relayout` makes all positions anew and rewrites that table. `focus` is the IRI of the concept
    that the page opens with. Raises ExportError where `out` cannot be written.
    """
    previous = {} if relayout or layout is None else read_layout(layout)
    positions = lay_out(glossary, previous)
    view = project_view(
        glossary, index=index, positions=positions, focus=focus, depth=depth, lang=lang
    )
    write_atomic(out, render_page(view))
    if relayout and layout is not None:
        write_atomic(layout, layout_csv(positions))
