"""Owns what the page shows, as plain values: concepts, relations, words, topics, search keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kg.explorer.layout import EXAMPLES, FILED
from kg.explorer.prose import describe, describe_shared
from kg.model import LANGS, TIERS, Predicate
from kg.phrasing import CARD, evidence, phrase
from kg.vocab import TERM, contract, local_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kg.explorer.layout import Point
    from kg.lookup import SearchIndex
    from kg.model import Concept, Glossary, Relation

__all__ = ["EXAMPLES", "GROUPS", "HIDDEN", "ExplorerView", "project_view"]

# Generic or technical nodes that say nothing on the map; search still finds them.
HIDDEN = frozenset({TERM + "enterprise", TERM + "sales-operations-terminology"})

# group -> (zh, en, shape of vis-network, colour on light, colour on dark, kinds)
GROUPS: dict[str, tuple[str, str, str, str, str, tuple[str, ...]]] = {
    "metric": ("指标", "Metrics", "dot", "#1d5fbf", "#79b0ff", ("Metric", "MetricGroup")),
    "process": (
        "流程与活动",
        "Processes and activities",
        "square",
        "#1a7f4b",
        "#5fd39a",
        ("Process", "Activity", "ProcessStep", "ProcessGroup", "Event"),
    ),
    "outcome": (
        "结果、目标与因素",
        "Outcomes, targets, factors",
        "diamond",
        "#b3590a",
        "#f3a64f",
        ("Outcome", "Target", "Factor", "Cause"),
    ),
    "actor": (
        "角色与客户",
        "Roles and customers",
        "triangle",
        "#7d3fb2",
        "#c89bf0",
        ("Role", "CustomerType", "Actor"),
    ),
    "stage": (
        "阶段与漏斗",
        "Stages and funnels",
        "hexagon",
        "#0b7a85",
        "#5ccbd6",
        ("Stage", "StageModel", "StageGroup", "ForecastCategory"),
    ),
    "method": (
        "方法与策略",
        "Methods and strategies",
        "triangleDown",
        "#a6305d",
        "#f08fb4",
        (
            "Method",
            "MethodGroup",
            "Strategy",
            "StrategyElement",
            "PlanElement",
            "Principle",
            "PrincipleCriterion",
            "SegmentationCriterion",
            "SegmentationObject",
        ),
    ),
    "object": (
        "系统、数据与成果",
        "Systems, data, artefacts",
        "box",
        "#5b6472",
        "#aab4c2",
        (
            "System",
            "SystemModule",
            "Technology",
            "Dataset",
            "BusinessObject",
            "Artifact",
            "Instrument",
            "LeadSource",
        ),
    ),
    "other": ("渠道、激励与其他", "Channels, incentives, other", "star", "#7a6a00", "#d9c74a", ()),
}
# Names of families that read better than the label of the widest predicate, or that have none.
FAMILIES = {
    "skos:broader": ("上下位", "Kinds"),
    "so:actsOn": ("作用对象", "Works on"),
    "so:affects": ("影响", "Effects"),
    "so:basedOn": ("依据", "Basis"),
    "so:closeMatch": ("近义", "Near in meaning"),
    "so:contrastsWith": ("区别", "Told apart"),
    "so:feeds": ("数据输入", "Data flow"),
    "so:hasExample": ("举例", "Examples"),
    "so:hasPart": ("组成", "Parts"),
    "so:listedBefore": ("来源中的先后", "Order in the source"),
    "so:measures": ("衡量", "Measurement"),
    "so:precedes": ("先后", "Order"),
    "so:produces": ("产出", "Results"),
    "so:supports": ("支持", "Support"),
    "so:uses": ("使用", "Uses"),
}
_GROUP_OF = {kind: name for name, row in GROUPS.items() for kind in row[5]}


@dataclass(frozen=True, slots=True)
class ExplorerView:
    """The blocks of data of a page: nodes, edges, words and settings, and all long texts.

    `texts` holds what nodes and edges say at length; the page carries it packed.
    """

    nodes: tuple[dict[str, Any], ...]
    edges: tuple[dict[str, Any], ...]
    meta: dict[str, Any]
    texts: dict[str, Any]


def project_view(  # noqa: PLR0913 - what the page opens with
    glossary: Glossary,
    *,
    index: SearchIndex,
    positions: Mapping[str, Point],
    focus: str | None = None,
    depth: int = 1,
    lang: str = "zh",
) -> ExplorerView:
    """Return what the page shows of a glossary; every concept is in it, in both languages."""
    keys = {entry.iri: entry for entry in index.entries}
    order = {iri: at for at, iri in enumerate(sorted(glossary.concepts))}
    degree = {iri: len(found) for iri, found in glossary.by_concept.items()}
    evidences: dict[tuple[str, str], int] = {}
    reasons: dict[tuple[str, str], int] = {}
    edges = tuple(
        _edge(glossary, relation, order, evidences) | _reason(relation, reasons)
        for relation in sorted(glossary.relations, key=lambda r: (r.id, r.subject, r.object))
        if relation.subject in order and relation.object in order
    )
    nodes = tuple(_node(glossary.concepts[iri], positions[iri], degree[iri]) for iri in order)
    meta = {
        "start": {"focus": focus and local_name(focus), "depth": depth, "lang": lang},
        "fold": dict(sorted(index.fold.items())),
        "evidence": [list(pair) for pair in evidences],
        "predicates": _predicates(glossary),
        "families": _families(glossary),
        "groups": {name: list(row[:5]) for name, row in GROUPS.items()},
        "groupOrder": list(GROUPS),
        "kinds": _kinds(glossary),
        "card": {name: list(CARD[name]) for name in CARD},
        "topics": _topics(glossary),
        "tierOrder": list(TIERS),
        "tiers": {tier: [phrase("tier", tier, lang) for lang in LANGS] for tier in TIERS},
        "examples": [at for at, edge in enumerate(edges) if edge["id"] in EXAMPLES],
    }
    said = tuple(
        describe(glossary, glossary.concepts[iri]) | {"keys": [list(key) for key in keys[iri].keys]}
        for iri in order
    )
    texts = {"nodes": said, "reasons": list(reasons), **describe_shared(glossary)}
    return ExplorerView(nodes, edges, meta, texts)


def _node(concept: Concept, at: Point, degree: int) -> dict[str, Any]:
    node: dict[str, Any] = {
        "id": concept.id,
        "x": float(at[0]),
        "y": float(at[1]),
        "zh": concept.pref_label("zh"),
        "en": concept.pref_label("en"),
        "kind": concept.kind,
        "tier": concept.tier,
        "topic": concept.topic,
        "degree": degree,
    }
    if concept.iri in HIDDEN:
        node["quiet"] = True
    return node


def _edge(
    glossary: Glossary,
    relation: Relation,
    order: Mapping[str, int],
    evidences: dict[tuple[str, str], int],
) -> dict[str, Any]:
    words = (
        evidence(relation, "zh", glossary=glossary),
        evidence(relation, "en", glossary=glossary),
    )
    edge: dict[str, Any] = {
        "id": relation.id,
        "from": order[relation.subject],
        "to": order[relation.object],
        "p": contract(relation.predicate),
        "claims": sorted({claim.strength[:1] + _sign(claim.source) for claim in relation.claims}),
        "e": evidences.setdefault(words, len(evidences)),
    }
    if relation.confidence == "low":
        edge["low"] = True
    if not relation.asserted:
        edge["disputed"] = True
    if glossary.repeats(relation):
        edge["again"] = True
    return edge


def _reason(relation: Relation, reasons: dict[tuple[str, str], int]) -> dict[str, int]:
    """Return where the reason of a relation stands; filing needs none."""
    words = relation.reason("zh"), relation.reason("en")
    if not any(words) or relation.predicate == FILED:
        return {}
    return {"r": reasons.setdefault(words, len(reasons))}


def _sign(source: str) -> str:
    """Return the sign of a source: the number of an answer, else "p"."""
    return source[-1:] if source[-1:].isdigit() else "p"


def _topics(glossary: Glossary) -> list[list[str]]:
    """Return id, names and scopes of each topic; those that nobody described come last."""
    known = [
        [topic.id, topic.label("zh"), topic.label("en"), topic.scope("zh"), topic.scope("en")]
        for topic in glossary.topics
    ]
    used = {concept.topic for concept in glossary.concepts.values()} - {row[0] for row in known}
    return known + [[name, name or "其他", name or "Other", "", ""] for name in sorted(used)]


def _all_predicates(glossary: Glossary) -> dict[str, Predicate]:
    """Return the predicates by IRI; one without words goes by its name."""
    used = {relation.predicate for relation in glossary.relations}
    found = {iri: Predicate(iri, (), {}) for iri in used} | glossary.predicates
    return dict(sorted(found.items()))


def _families(glossary: Glossary) -> dict[str, list[str]]:
    """Return the names that relations are grouped under, in each language."""
    out = {}
    for predicate in _all_predicates(glossary).values():
        iri = predicate.family or predicate.iri
        wider = glossary.predicates.get(iri)
        known = FAMILIES.get(contract(iri)) or [
            wider.label(x) if wider else local_name(iri) for x in LANGS
        ]
        out[contract(iri)] = list(known)
    return dict(sorted(out.items()))


def _predicates(glossary: Glossary) -> dict[str, Any]:
    """Return the words of each predicate: family, labels, templates by language and direction."""
    return {
        contract(iri): {
            "family": contract(predicate.family or iri),
            "label": [predicate.label(lang) for lang in LANGS],
            "phrase": [
                [
                    predicate.phrases.get((lang, way), f"{{s}} {predicate.label(lang)} {{o}}")
                    for way in ("forward", "inverse")
                ]
                for lang in LANGS
            ],
            "symmetric": predicate.symmetric,
            "sign": predicate.sign,
        }
        for iri, predicate in _all_predicates(glossary).items()
    }


def _kinds(glossary: Glossary) -> dict[str, list[str]]:
    """Return each kind in use with its group and its labels."""
    used = sorted({concept.kind for concept in glossary.concepts.values()})
    return {
        kind: [_GROUP_OF.get(kind, "other"), *(glossary.kind_label(kind, lang) for lang in LANGS)]
        for kind in used
    }
