"""Owns the frozen values that the rest of the package passes around; knows no store and no file."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from kg.errors import ValidationFailed
from kg.vocab import local_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = [
    "LANGS",
    "LEVELS",
    "TIERS",
    "Claim",
    "Concept",
    "Finding",
    "Glossary",
    "Label",
    "Lang",
    "Level",
    "Metric",
    "Passage",
    "Place",
    "Predicate",
    "Relation",
    "Report",
    "Text",
    "Topic",
]

Lang = Literal["zh", "en"]
Level = Literal["info", "warning", "error"]
LANGS: tuple[Lang, Lang] = ("zh", "en")
LEVELS: tuple[Level, Level, Level] = ("info", "warning", "error")
TIERS = ("core", "supporting", "context")


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


@dataclass(frozen=True, slots=True)
class Metric:
    """How a metric is computed: formula text, unit, direction, and what the formula reads."""

    expression: str
    unit: str
    direction: str
    display: str | None = None
    measures: tuple[str, ...] = ()  # base measure IRIs read by the formula
    metrics: tuple[str, ...] = ()  # metric IRIs read by the formula
    fields: tuple[str, ...] = ()  # CRM field IRIs read by the base measures


@dataclass(frozen=True, slots=True)
class Concept:
    """A term of the graph with its names, kind, tier, topic and texts.

    `topic` and `kind` are local names ("forecasting", "Metric"); `passages` are passage codes.
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
        return next((text.value for text in self.definitions if text.lang == lang), None)


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
class Claim:
    """One piece of evidence for a relation.

    `strength` is "stated", "implied" or "product"; `source` is "answer1".."answer4" or "product";
    `passage` is None for product claims.
    """

    iri: str
    strength: str
    source: str
    passage: Passage | None = None
    sentence: int | None = None
    confidence: str | None = None  # "normal" | "low" where implied
    inference: str | None = None  # "list-order" | "heading" | "mapping" | "meaning" where implied
    modality: str | None = None  # "possible" where the source offers a candidate cause
    scope: tuple[str, ...] = ()  # funnel models in which an order holds
    contradicts: str | None = None  # relation id of the opposing claim


@dataclass(frozen=True, slots=True)
class Relation:
    """A directed, typed edge between two concepts, with the claims behind it.

    `asserted` is False for the two contradicting claims that no triple is made of.
    """

    id: str
    subject: str
    predicate: str
    object: str
    claims: tuple[Claim, ...] = ()
    asserted: bool = True

    @property
    def strength(self) -> str:
        """Return the best strength among the claims: stated, then product, then implied."""
        found = {claim.strength for claim in self.claims}
        return next((s for s in ("stated", "product", "implied") if s in found), "inferred")

    @property
    def confidence(self) -> str:
        """Return "low" when every claim is of low confidence, else "normal"."""
        low = bool(self.claims) and all(claim.confidence == "low" for claim in self.claims)
        return "low" if low else "normal"

    @property
    def sources(self) -> tuple[str, ...]:
        """Return the sources of the claims, sorted, each once."""
        return tuple(sorted({claim.source for claim in self.claims}))

    @property
    def answers(self) -> tuple[int, ...]:
        """Return the numbers of the answers behind the claims, sorted, each once."""
        found = {c.passage.answer for c in self.claims if c.passage and c.passage.answer}
        return tuple(sorted(found))


@dataclass(frozen=True, slots=True)
class Predicate:
    """A relation type with its words: labels and sentence templates per language and direction.

    `phrases` maps (lang, "forward" | "inverse") to a template with {s} and {o}, which are always
    the stored subject and object. `sign` is "+", "-", "0" or "?" for influences, else None.
    """

    iri: str
    labels: tuple[Text, ...]
    phrases: dict[tuple[str, str], str]
    inverse: str | None = None
    symmetric: bool = False
    transitive: bool = False
    sign: str | None = None
    family: str | None = None  # the wider predicate it is grouped under in menus

    @property
    def id(self) -> str:
        """Return the local name ("measures"; "broader" for skos:broader)."""
        return local_name(self.iri)

    def label(self, lang: str) -> str:
        """Return the label in `lang`, else the id."""
        return next((text.value for text in self.labels if text.lang == lang), self.id)

    def sentence(self, subject: str, object_: str, lang: str, *, inverse: bool = False) -> str:
        """Return the relation as a sentence between two names, read from either end."""
        template = self.phrases.get((lang, "inverse" if inverse else "forward"))
        if template is None:
            return f"{subject} {self.label(lang)} {object_}"
        # One pass, so that a label holding "{o}" stays as it is.
        parts = [{"{s}": subject, "{o}": object_}.get(part, part) for part in _split(template)]
        # Chinese templates carry no spaces: set the names off so that their ends are seen.
        return " ".join(part.strip() for part in parts if part.strip())


def _split(template: str) -> Iterator[str]:
    rest = template
    while rest:
        spots = [i for i in (rest.find("{s}"), rest.find("{o}")) if i >= 0]
        if not spots:
            yield rest
            return
        at = min(spots)
        yield rest[:at]
        yield rest[at : at + 3]
        rest = rest[at + 3 :]


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
        return next((text.value for text in self.labels if text.lang == lang), self.id)

    def scope(self, lang: str) -> str:
        """Return one sentence on what belongs here, in `lang`, or an empty text."""
        return next((text.value for text in self.scopes if text.lang == lang), "")


@dataclass(frozen=True)
class Glossary:
    """Everything a reader sees, read once from a store and sorted by IRI.

    `kinds` maps a kind to its labels; `relations` holds asserted relations and the two claims
    that contradict each other (`asserted` is False there); inferred relations are not in it.
    """

    concepts: dict[str, Concept]  # by IRI
    relations: tuple[Relation, ...]
    predicates: dict[str, Predicate]  # by IRI
    topics: tuple[Topic, ...]  # by order
    kinds: dict[str, tuple[Text, ...]] = field(default_factory=dict)
    names: dict[str, tuple[Text, ...]] = field(default_factory=dict)  # measures, fields, units
    reads: dict[str, tuple[str, ...]] = field(default_factory=dict)  # measure IRI -> field IRIs

    @cached_property
    def by_concept(self) -> dict[str, tuple[Relation, ...]]:
        """Return the asserted relations of each concept, as subject or object."""
        out: dict[str, list[Relation]] = {iri: [] for iri in self.concepts}
        for relation in self.relations:
            for end in {relation.subject, relation.object} & out.keys():
                if relation.asserted:
                    out[end].append(relation)
        return {iri: tuple(found) for iri, found in out.items()}

    @cached_property
    def _wholes(self) -> frozenset[tuple[str, str]]:
        """Return the (whole, part) pairs that a curated relation tells of."""
        return frozenset(
            (relation.subject, relation.object)
            for relation in self.relations
            if relation.asserted
            and (found := self.predicates.get(relation.predicate))
            and local_name(found.family or "") == "hasPart"
            and not relation.id.startswith("parent-")
        )

    def repeats(self, relation: Relation) -> bool:
        """Return whether a relation only says again that a part is part of its whole.

        The parent of a step is the process that the source lists it under: both are in the graph,
        and one sentence is enough for a reader.
        """
        return relation.id.startswith("parent-") and (
            (relation.object, relation.subject) in self._wholes
        )

    def name(self, iri: str, lang: str) -> str:
        """Return the preferred label of a concept, measure, field or unit in `lang`."""
        if iri in self.concepts:
            return self.concepts[iri].pref_label(lang)
        found = self.names.get(iri, ())
        return next((text.value for text in found if text.lang == lang), local_name(iri))

    def kind_label(self, kind: str, lang: str) -> str:
        """Return the label of a kind in `lang`, else the kind itself."""
        return next((t.value for t in self.kinds.get(kind, ()) if t.lang == lang), kind)

    def sentence(self, relation: Relation, lang: str, *, about: str | None = None) -> str:
        """Return a relation as a sentence in `lang`, read from the end `about` where given."""
        inverse = about is not None and about == relation.object != relation.subject
        return self.predicates[relation.predicate].sentence(
            self.name(relation.subject, lang),
            self.name(relation.object, lang),
            lang,
            inverse=inverse,
        )


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
    """One fault in the data: which rule, how bad, where, in words, and what to do."""

    rule: str
    level: Level
    messages: tuple[Text, ...]
    remedies: tuple[Text, ...]
    focus: str | None = None
    place: Place | None = None

    def message(self, lang: str) -> str:
        """Return what is wrong, in `lang`."""
        return next((t.value for t in self.messages if t.lang == lang), self.messages[0].value)

    def remedy(self, lang: str) -> str:
        """Return what to do, in `lang`."""
        return next((t.value for t in self.remedies if t.lang == lang), "")


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
        """Return the findings at `level` or worse."""
        floor = LEVELS.index(level)
        return tuple(f for f in self.findings if LEVELS.index(f.level) >= floor)

    def raise_for_errors(self, level: Level = "error") -> None:
        """Raise ValidationFailed if there is any finding at `level` or worse."""
        found = self.at_least(level)
        if found:
            raise ValidationFailed("validation-failed", count=len(found), level=level)
