"""Owns the values of what is measured: metric, variant, base measure, CRM object and field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.model.texts import said_in
from kg.vocab import local_name

if TYPE_CHECKING:
    from kg.model.texts import Text

__all__ = [
    "CrmField",
    "CrmObject",
    "FieldName",
    "Lookalike",
    "LookalikeSet",
    "Measure",
    "Metric",
    "Variant",
]


@dataclass(frozen=True, slots=True)
class Metric:
    """How a metric is computed and counted: its card.

    `expression` is the formula; `measures`, `metrics` and `fields` are the IRIs it reads. What
    decides a count: `date_basis` (which date), `filters` (what is in and out), `grain` (what it may
    be broken down by), `currency`, `tax` and `additivity`, each a word of `kg.phrasing`.
    """

    expression: str
    unit: str
    direction: str
    display: str | None = None
    measures: tuple[str, ...] = ()  # base measure IRIs read by the formula
    metrics: tuple[str, ...] = ()  # metric IRIs read by the formula
    fields: tuple[str, ...] = ()  # CRM field IRIs read by the base measures
    date_basis: str | None = None
    filters: tuple[Text, ...] = ()
    grain: tuple[str, ...] = ()
    currency: str | None = None
    tax: str | None = None
    additivity: str | None = None
    variants: tuple[Variant, ...] = ()


@dataclass(frozen=True, slots=True)
class _Named:
    """What has names and definitions, but is no term of the glossary."""

    iri: str
    labels: tuple[Text, ...]
    definitions: tuple[Text, ...]

    @property
    def id(self) -> str:
        """Return the local name of the IRI."""
        return local_name(self.iri)

    def label(self, lang: str) -> str:
        """Return the name in `lang`, else the id."""
        return said_in(self.labels, lang) or self.id

    def definition(self, lang: str) -> str | None:
        """Return the definition in `lang`, or None."""
        return said_in(self.definitions, lang)


@dataclass(frozen=True, slots=True)
class Variant(_Named):
    """One way in which practitioners compute a metric; the default is the one `kg kpi` obeys."""

    metric: str
    expression: str
    default: bool = False


@dataclass(frozen=True, slots=True)
class Measure(_Named):
    """A number taken straight from CRM data, complete enough to be compiled to SQL.

    `object` is counted by `aggregate` ("count", "sum" ...) over `column`, for the rows that
    `filter` keeps and whose `time` field stands in the period as `basis` says; `via` are the
    reference fields that lead to further objects, in order. `shape` is "scalar" or "list".
    """

    unit: str
    shape: str
    aggregate: str | None = None
    object: str | None = None  # CRM object IRI
    column: str | None = None
    filter: str | None = None
    via: tuple[str, ...] = ()  # field ids
    time: str | None = None  # field IRI
    basis: str | None = None
    distinct: str | None = None  # field IRI
    per: str | None = None
    constant: str | None = None
    fields: tuple[str, ...] = ()  # field IRIs


@dataclass(frozen=True, slots=True)
class FieldName:
    """What a field is called in a CRM system: `match` is "exactMatch" or "closeMatch"."""

    system: str
    name: str
    labels: tuple[Text, ...] = ()
    match: str = "closeMatch"
    verified: bool = False


@dataclass(frozen=True, slots=True)
class CrmField(_Named):
    """A field of a CRM object, by a name that belongs to no vendor."""

    object: str
    type: str
    refers: str | None = None  # CRM object IRI
    values: tuple[str, ...] = ()
    determines: tuple[str, ...] = ()  # field IRIs
    names: tuple[FieldName, ...] = ()


@dataclass(frozen=True, slots=True)
class CrmObject(_Named):
    """A kind of record in a CRM: what one row is, and which term it records."""

    key: str | None = None  # field IRI
    records: str | None = None  # concept IRI


@dataclass(frozen=True, slots=True)
class Lookalike:
    """One term of a set of look-alikes: the answer that points to it, and what sets it apart."""

    concept: str
    answers: tuple[Text, ...]
    distinctions: tuple[Text, ...]

    def answer(self, lang: str) -> str:
        """Return the answer to the deciding question that points to the term, in `lang`."""
        return said_in(self.answers, lang) or ""

    def distinction(self, lang: str) -> str:
        """Return what sets the term apart, in `lang`."""
        return said_in(self.distinctions, lang) or ""


@dataclass(frozen=True, slots=True)
class LookalikeSet:
    """Terms that are taken for each other, and the question that decides between them."""

    iri: str
    labels: tuple[Text, ...]
    questions: tuple[Text, ...]
    members: tuple[Lookalike, ...]

    @property
    def id(self) -> str:
        """Return the local name of the IRI."""
        return local_name(self.iri)

    def label(self, lang: str) -> str:
        """Return the name of the set in `lang`."""
        return said_in(self.labels, lang) or self.id

    def question(self, lang: str) -> str:
        """Return the question that decides, in `lang`."""
        return said_in(self.questions, lang) or ""
