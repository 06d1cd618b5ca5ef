"""Owns what the page says at length: definitions, metric cards, look-alikes, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kg.model import LANGS, by_language
from kg.phrasing import card_facts, formula_text, locator, phrase
from kg.vocab import local_name

if TYPE_CHECKING:
    from kg.model import Concept, Glossary, Metric, Stewardship

__all__ = ["describe", "describe_shared"]


def describe(glossary: Glossary, concept: Concept) -> dict[str, Any]:
    """Return all that is said of a concept beyond its name; what is empty is left out."""
    others = {lang: list(concept.alt_labels(lang)) for lang in LANGS}
    versions = [
        [*(locator(version.passage, lang) for lang in LANGS), *map(version.text, LANGS)]
        for version in concept.versions
    ]
    groups = map(glossary.lookalikes.index, glossary.lookalikes_of.get(concept.iri, ()))
    texts = {
        "alt": others if any(others.values()) else None,
        "def": by_language(concept.definitions),
        "note": by_language(concept.scope_notes),
        "versions": versions,
        "metric": concept.metric and _metric(glossary, concept.metric),
        "sets": list(groups),
        "keeper": _keeper(concept.stewardship),
        "places": list(concept.passages),
    }
    return {name: value for name, value in texts.items() if value}


def describe_shared(glossary: Glossary) -> dict[str, Any]:
    """Return what several concepts point to: look-alikes, base measures and CRM fields."""
    metrics = [c.metric for c in glossary.concepts.values() if c.metric]
    read = {iri for metric in metrics for iri in metric.measures}
    used = {iri for metric in metrics for iri in metric.fields}
    return {
        "lookalikes": [
            {
                "question": [group.question(lang) for lang in LANGS],
                "members": [
                    [
                        local_name(member.concept),
                        [member.answer(lang) for lang in LANGS],
                        [member.distinction(lang) for lang in LANGS],
                    ]
                    for member in group.members
                ],
            }
            for group in glossary.lookalikes
        ],
        "measures": {
            local_name(iri): [
                _names(glossary, iri),
                [measure.definition(lang) or "" for lang in LANGS],
            ]
            for iri, measure in sorted(glossary.measures.items())
            if iri in read
        },
        "fields": {local_name(iri): _names(glossary, iri) for iri in sorted(used)},
    }


def _names(glossary: Glossary, iri: str) -> list[str]:
    return [glossary.name(iri, lang) for lang in LANGS]


def _metric(glossary: Glossary, metric: Metric) -> dict[str, Any]:
    """Return the card of a metric: each fact in both languages, empty ones left out."""
    cards = [card_facts(glossary, metric, lang) for lang in LANGS]
    facts = {name: [card[name] for card in cards] for name in cards[0]}
    words, (expression, _) = facts.pop("formula"), facts.pop("expression")
    return {
        "formula": expression,
        "words": words,
        "facts": [[name, *fact] for name, fact in facts.items() if any(fact)],
        "metrics": [local_name(iri) for iri in metric.metrics],
        "measures": [local_name(iri) for iri in metric.measures],
        "fields": [local_name(iri) for iri in metric.fields],
        "variants": [
            {
                "default": variant.default,
                "name": [variant.label(lang) for lang in LANGS],
                "about": [variant.definition(lang) or "" for lang in LANGS],
                "words": [formula_text(glossary, variant.expression, lang) for lang in LANGS],
            }
            for variant in metric.variants
        ],
    }


def _keeper(keeper: Stewardship) -> dict[str, Any]:
    """Return who keeps a term and how far it is agreed; what is unknown is left out."""
    status = keeper.status and [phrase("status", keeper.status, lang) for lang in LANGS]
    facts = {
        "owner": keeper.owner and local_name(keeper.owner),
        "status": status,
        "reviewed": keeper.reviewed,
        "effective": keeper.effective,
        "instead": keeper.replaced_by and local_name(keeper.replaced_by),
    }
    return {name: value for name, value in facts.items() if value}
