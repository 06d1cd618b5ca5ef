"""Owns the values of relations: claim, relation, and the kind of relation with its words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.model.texts import said_in
from kg.vocab import local_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.model.terms import Passage
    from kg.model.texts import Text

__all__ = ["STRENGTHS", "Claim", "Predicate", "Relation"]

STRENGTHS = ("stated", "product", "implied")  # the best first


@dataclass(frozen=True, slots=True)
class Claim:
    """One piece of evidence for a relation.

    `strength` is one of STRENGTHS; `source` is "answer1".."answer4" or "product";
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
    lag: str | None = None  # ISO 8601 duration between cause and effect, such as "P1M"
    reasons: tuple[Text, ...] = ()  # one line on why it holds, per language


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
        return next((s for s in STRENGTHS if s in found), "inferred")

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
    def lag(self) -> str | None:
        """Return the usual time from cause to effect (ISO 8601 duration), where one is known."""
        return next((claim.lag for claim in self.claims if claim.lag), None)

    def reason(self, lang: str) -> str:
        """Return why the relation holds, in `lang`, or an empty text."""
        texts = (text for claim in self.claims for text in claim.reasons)
        return said_in(texts, lang) or ""

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
    domain: tuple[str, ...] = ()  # kinds that its subject may be; empty where any may
    range: tuple[str, ...] = ()  # kinds that its object may be; empty where any may
    shown: bool = True  # whether views show it before anybody asks

    @property
    def id(self) -> str:
        """Return the local name ("measures"; "broader" for skos:broader)."""
        return local_name(self.iri)

    def label(self, lang: str) -> str:
        """Return the label in `lang`, else the id."""
        return said_in(self.labels, lang) or self.id

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
