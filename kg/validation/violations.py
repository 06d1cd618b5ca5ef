"""Owns what a rule is, and what a violation of it is before it is put into words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kg.model import Level
    from kg.sparql import Term

__all__ = ["WORDS", "Rule", "Triple", "Violation"]

WORDS = ("en", "zh", "fix-en", "fix-zh")  # the templates of a rule
Triple = tuple["Term", str, "Term"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule file; `words` are templates by "en", "zh", "fix-en", "fix-zh".

    `summary` makes one finding of all rows, with {count} and {examples}; `area` is what of the
    graph the rule looks at, as in kg.validation.areas; `why` is the remark below the header.
    """

    code: str
    level: Level
    words: Mapping[str, str]
    query: str
    summary: bool = False
    area: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Violation:
    """One violation before it is put into words: what is wrong, and what the words may name."""

    focus: Term
    path: str | None = None
    lang: str | None = None
    at: str | None = None  # the subject whose row is meant, where it is not the focus
    relation: Triple | None = None
    end: str = "object"  # which end of the relation is at fault
    fills: Mapping[str, Term | tuple[Term, ...]] = field(default_factory=dict)
