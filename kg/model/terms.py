"""Owns the values of terms: concept, its keeper, where it stands in the source, its topic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.model.texts import by_language, said_in
from kg.vocab import local_name

if TYPE_CHECKING:
    from kg.model.measurement import Metric
    from kg.model.texts import Label, Text

__all__ = ["TIERS", "Concept", "Passage", "Stewardship", "Topic", "Version"]

TIERS = ("core", "supporting", "context")


@dataclass(frozen=True, slots=True)
class Stewardship:
    """Who keeps a term and how far it is agreed.

    `owner` and `replaced_by` are concept IRIs; `status` is "draft", "approved" or "deprecated";
    dates are ISO 8601 ("2026-01-31").
    """

    owner: str | None = None
    status: str | None = None
    reviewed: str | None = None
    effective: str | None = None
    replaced_by: str | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """What one passage of the source makes of a term, in our words."""

    passage: Passage
    texts: tuple[Text, ...]

    def text(self, lang: str) -> str:
        """Return the words in `lang`, else in any language, else an empty text."""
        texts = by_language(self.texts)
        return texts.get(lang) or next(iter(texts.values()), "")


@dataclass(frozen=True, slots=True)
class Concept:
    """A term of the graph with its names, kind, tier, topic and texts.

    `topic` and `kind` are local names ("forecasting", "Metric"); `passages` are passage codes;
    `versions` are the definitions of single passages, where the source gives its own.
    """

    iri: str
    kind: str
    tier: str
    topic: str
    labels: tuple[Label, ...]
    definitions: tuple[Text, ...] = ()
    scope_notes: tuple[Text, ...] = ()
    editorial_notes: tuple[Text, ...] = ()
    passages: tuple[str, ...] = ()
    metric: Metric | None = None
    versions: tuple[Version, ...] = ()
    stewardship: Stewardship = Stewardship()

    @property
    def id(self) -> str:
        """Return the local name of the IRI."""
        return local_name(self.iri)

    def pref_label(self, lang: str) -> str:
        """Return the preferred label in `lang`, else in any language, else the id."""
        pref = {label.lang: label.value for label in self.labels if label.role == "pref"}
        return pref.get(lang) or next(iter(pref.values()), self.id)

    def alt_labels(self, lang: str) -> tuple[str, ...]:
        """Return the alternative labels in `lang`, sorted."""
        return tuple(x.value for x in self.labels if x.role == "alt" and x.lang == lang)

    def hidden_labels(self, lang: str) -> tuple[str, ...]:
        """Return the labels in `lang` that serve search only."""
        return tuple(x.value for x in self.labels if x.role == "hidden" and x.lang == lang)

    def definition(self, lang: str) -> str | None:
        """Return the definition in `lang`, or None."""
        return said_in(self.definitions, lang)


@dataclass(frozen=True, slots=True)
class Passage:
    """A place in the source page: code ("1.2.1"), answer number (None for the title), locator."""

    code: str
    answer: int | None
    locator: str
    line: int

    def locator_in(self, lang: str) -> str:
        """Return the locator in words of `lang`.

        >>> Passage("1.2.1", 1, "answer 1 §二 ¶1", 18).locator_in("zh")
        '回答1 §二 第1段'
        """
        if lang != "zh":
            return self.locator
        out = self.locator
        for english, chinese in _LOCATOR_WORDS:
            out = out.replace(english, chinese)
        words = out.split(" ")
        return " ".join(_chinese_part(word) for word in words)


_LOCATOR_WORDS = (
    ("answer ", "回答"),
    ("item ", "第#"),
    ("intro ¶1", "引言"),
    ("¶intro", "引言"),
    ("intro", "引言"),
    ("¶closing", "结语"),
    ("heading", "标题"),
    ("title", "页面标题"),
)


def _chinese_part(word: str) -> str:
    if word.startswith("¶"):
        return f"第{word[1:]}段"
    if word.startswith("第#"):
        return f"第{word[2:]}条"
    return word


@dataclass(frozen=True, slots=True)
class Topic:
    """A subject area that concepts are filed under, with its place in menus."""

    iri: str
    order: int
    labels: tuple[Text, ...]
    scopes: tuple[Text, ...] = ()

    @property
    def id(self) -> str:
        """Return the local name ("forecasting")."""
        return local_name(self.iri)

    def label(self, lang: str) -> str:
        """Return the label in `lang`, else the id."""
        return said_in(self.labels, lang) or self.id

    def scope(self, lang: str) -> str:
        """Return one sentence on what belongs here, in `lang`, or an empty text."""
        return said_in(self.scopes, lang) or ""
