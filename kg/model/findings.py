"""Owns what a check finds: place, finding, report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from kg.errors import ValidationFailed
from kg.model.texts import said_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.model.texts import Text

__all__ = ["LEVELS", "Finding", "Level", "Place", "Report"]

Level = Literal["info", "warning", "error"]
LEVELS: tuple[Level, Level, Level] = ("info", "warning", "error")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where in the sources something stands: file, row (1-based, header is row 1), column name."""

    path: str
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        """Return "data/relations.csv:14, column 'object'"."""
        at = self.path if self.row is None else f"{self.path}:{self.row}"
        return at if self.column is None else f"{at}, column '{self.column}'"

    def text(self, lang: str) -> str:
        """Return the place in words of `lang`.

        >>> Place("data/relations.csv", 14, "object").text("zh")
        'data/relations.csv 第 14 行“object”列'
        """
        if lang != "zh":
            return str(self)
        at = self.path if self.row is None else f"{self.path} 第 {self.row} 行"
        return at if self.column is None else f"{at}“{self.column}”列"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault in the data: which rule, how bad, where, in words, and what to do.

    `count` is how many things a summary stands for. `reasons` say why the finding may stay as it
    is: it is then listed, and no longer counted.
    """

    rule: str
    level: Level
    messages: tuple[Text, ...]
    remedies: tuple[Text, ...]
    focus: str | None = None
    place: Place | None = None
    count: int = 1
    reasons: tuple[Text, ...] = ()

    def message(self, lang: str) -> str:
        """Return what is wrong, in `lang`."""
        return said_in(self.messages, lang) or self.messages[0].value

    def remedy(self, lang: str) -> str:
        """Return what to do, in `lang`."""
        return said_in(self.remedies, lang) or ""

    def reason(self, lang: str) -> str:
        """Return why the finding may stay, in `lang`; "" where it must be mended."""
        return said_in(self.reasons, lang) or ""


@dataclass(frozen=True, slots=True)
class Report:
    """The findings of a check, sorted by level (worst first), place and rule."""

    findings: tuple[Finding, ...] = ()

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> Report:
        """Return a report of `findings`, each once, in report order."""

        def order(finding: Finding) -> tuple[int, str, int, str, str, str]:
            place = finding.place or Place("~")
            return (
                -LEVELS.index(finding.level),
                place.path,
                place.row or 0,
                finding.rule,
                finding.focus or "",
                finding.message("en"),
            )

        return cls(tuple(sorted(set(findings), key=order)))

    def at_least(self, level: Level) -> tuple[Finding, ...]:
        """Return the findings at `level` or worse, but for those that are listed with a reason."""
        floor = LEVELS.index(level)
        found = (f for f in self.findings if LEVELS.index(f.level) >= floor)
        return tuple(f for f in found if not f.reasons)

    @property
    def permitted(self) -> tuple[Finding, ...]:
        """Return the findings that are listed with a reason."""
        return tuple(f for f in self.findings if f.reasons)

    def raise_for_errors(self, level: Level = "error") -> None:
        """Raise ValidationFailed if there is any finding at `level` or worse."""
        found = self.at_least(level)
        if found:
            raise ValidationFailed("validation-failed", count=len(found), level=level)
