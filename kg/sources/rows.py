"""Owns one row of a table: its cells by column name, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.model import Place
from kg.sources.grammar import MANY

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Row"]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: `cells` by column name, and where it stands.

    >>> row = Row("data/x.csv", 2, {"id": "win-rate", "alt_zh": "赢单率 | 成单率"})
    >>> row.many("alt_zh")
    ('赢单率', '成单率')
    """

    path: str
    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        """Return the text of a cell, "" where it is empty."""
        return self.cells.get(column, "")

    def many(self, column: str) -> tuple[str, ...]:
        """Return the values of a cell that holds several."""
        return tuple(v.strip() for v in self[column].split(MANY.strip()) if v.strip())

    def place(self, column: str | None = None) -> Place:
        """Return where the row, or one of its cells, stands."""
        return Place(self.path, self.number, column)
