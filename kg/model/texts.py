"""Owns texts in a language: labels, definitions, notes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["LANGS", "Label", "Lang", "Text", "said_in"]

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, Lang] = ("zh", "en")


@dataclass(frozen=True, slots=True, order=True)
class Text:
    """A text in one language (BCP 47 tag)."""

    value: str
    lang: str


@dataclass(frozen=True, slots=True, order=True)
class Label:
    """A name of a concept: `role` is "pref", "alt" or "hidden" (SKOS)."""

    value: str
    lang: str
    role: Literal["pref", "alt", "hidden"]


def said_in(texts: Iterable[Text], lang: str) -> str | None:
    """Return the text in `lang`, or None.

    >>> said_in((Text("回款", "zh"), Text("Collections", "en")), "zh")
    '回款'
    """
    return next((text.value for text in texts if text.lang == lang), None)
