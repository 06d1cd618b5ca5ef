"""Owns texts in a language: labels, definitions, notes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["LANGS", "Label", "Lang", "Text", "by_language", "enumerated", "said_in"]

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


def by_language(texts: Iterable[Text]) -> dict[str, str]:
    """Return texts by language; of several in one language the last.

    >>> by_language((Text("回款", "zh"), Text("Collections", "en")))
    {'zh': '回款', 'en': 'Collections'}
    """
    return {text.lang: text.value for text in texts}


def enumerated(items: Iterable[str], lang: str) -> str:
    """Return items one after the other, as a sentence of `lang` sets the comma between them.

    >>> enumerated(("线索", "商机"), "zh"), enumerated(("lead", "deal"), "en")
    ('线索、商机', 'lead, deal')
    """
    return ("、" if lang == "zh" else ", ").join(items)
