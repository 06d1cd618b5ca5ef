"""Every rule of ontology/rules finds its fault, at its place, and nothing else."""

from __future__ import annotations

import contextlib
import csv
import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from kg import vocab
from kg.model import Place
from kg.store import open_store
from kg.validation import read_rules, validate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from kg.model import Finding, Report
    from kg.sources.graph import Compiled
    from kg.store import Store

HEAD = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in vocab.PREFIXES.items())
HEAD += f"@prefix formula: <{vocab.FORMULA}> .\n@prefix position: <{vocab.POSITION}> .\n"
Check = Callable[..., "Report"]
FUNNEL = "position:funnel-model-answer1\\/"
KPI = "data/concepts/kpi-performance.csv"
DEALS = "data/concepts/opportunities-deals.csv"


def claimed(subject: str, predicate: str, object_: str, number: int = 1) -> str:
    """Return a relation and its claim as Turtle, as data/ would make them."""
    claim = f"<{vocab.CLAIM}t{number}-product>"
    return (
        f"{subject} {predicate} {object_} . {claim} a so:Claim ; rdf:subject {subject} ; "
        f"rdf:predicate {predicate} ; rdf:object {object_} ; so:strength 'product' ; "
        "so:reason '常见做法如此。'@zh , 'It is common practice.'@en ; "
        "prov:wasDerivedFrom source:product . "
    )


def concept(name: str, *more: str, kind: str = "Concept", tier: str = "context") -> str:
    """Return a concept as Turtle that lacks nothing but relations, and `more` said of it."""
    class_ = "Term" if kind == "Concept" else kind
    said = "".join(f" ; {text}" for text in more if text)
    return (
        f"term:{name} a skos:Concept , so:{class_} ; so:kind '{kind}' ; so:tier '{tier}' ; "
        f"skos:prefLabel '试验术语{name}'@zh , 'Term for trial {name}'@en ; "
        f"skos:altLabel '试验别名{name}'@zh ; so:owner term:sales-analyst ; "
        f"skos:definition '只在试验中出现的一个术语,代号为{name}。'@zh , "
        f"'Something that stands in a trial only and goes by the name of {name}.'@en{said} . "
    )


DRAFT = "so:status 'draft'"
TOPIC = "so:topic topic:forecasting"
OLD = "so:status 'deprecated' ; owl:deprecated true"


def named(thing: str, class_: str, *more: str) -> str:
    """Return what is no term as Turtle, with label and definition in both languages."""
    said = "".join(f" ; {text}" for text in more)
    return (
        f"{thing} a so:{class_} ; rdfs:label '试验'@zh , 'Trial {class_}'@en ; "
        f"skos:definition '只在试验中出现。'@zh , 'Stands in a trial only.'@en{said} . "
    )


def text_of(thing: str, predicate: str, text: str) -> str:
    """Return one text of a thing as Turtle."""
    return f"{thing} {predicate} {text} . "


def core_metric(name: str, *, drivers: int = 2, lever: bool = True, counter: bool = True) -> str:
    """Return a core metric that has all it needs, but for what is left out."""
    term, number = f"term:{name}", len(name) * 100
    text = concept(name, DRAFT, TOPIC, kind="Metric", tier="core")
    for step, driver in enumerate(("term:crm", "term:crm-system")[:drivers]):
        text += claimed(driver, "so:improves", term, number + step)
    if lever:
        text += claimed("term:sales-manager", "so:leverFor", term, number + 3)
    if counter:
        text += claimed(term, "so:balancedBy", "term:cac-payback", number + 4)
    return text + claimed(term, "so:uses", "term:crm", number + 5)


SHARED = (
    *("so:", "skos:", "rdf:", "rdfs:", "prov:", "owl:", "dcterms:", "source:", "topic:"),
    *("term:sales-analyst", "term:sales-manager", "term:crm", "term:kpi", "term:cac-payback"),
)


@dataclass(frozen=True)
class Case:
    """A change of the real graph, and the findings that it must bring: (rule, focus) pairs.

    `drop` takes away all values of a property ("term:kpi so:owner"), or those in a language
    ("term:kpi skos:definition@zh"). `place` is where the first finding must point to, as far as a
    row of the tables is behind it. `counts` is how much the summaries of rules grow. Cases that
    touch nothing in common are made at once, unless they are `alone`.
    """

    rule: str
    found: tuple[str, ...] = ()
    add: str = ""
    remove: str = ""
    also: tuple[tuple[str, str], ...] = ()
    place: tuple[str, str | None] | None = None
    drop: tuple[str, ...] = ()
    counts: tuple[tuple[str, int], ...] = ()
    alone: bool = False

    @property
    def expected(self) -> set[tuple[str, str]]:
        """Return every (rule, focus) that the change must bring."""
        return {(self.rule, focus) for focus in self.found} | set(self.also)

    @property
    def touched(self) -> set[str]:
        """Return the names that the change speaks of, but for properties and what all share."""
        words = re.findall(r"[\w<>:./#-]+", f"{self.add} {self.remove}")
        names = {word for word in words if ":" in word and not word.startswith(SHARED)}
        return names | {text.split()[0] for text in self.drop} | {f for _, f in self.expected}


CASES = (
    # -- SKOS
    Case(
        "skos-s9",
        ("term:win-rate",),
        "term:win-rate a skos:ConceptScheme .",
        also=(("top-missing", "term:win-rate"),),
        place=(DEALS, None),
    ),
    Case(
        "skos-s13",
        ("term:win-rate",),
        "term:win-rate skos:altLabel '赢单率'@zh .",
        place=(DEALS, "alt_zh"),
    ),
    Case(
        "skos-s13",
        ("term:win-rate",),
        "term:win-rate skos:hiddenLabel 'Win rate'@en .",
        place=(DEALS, "hidden_en"),
    ),
    Case(
        "skos-s14",
        ("topic:forecasting",),
        "topic:forecasting skos:prefLabel 'Forecasts'@en .",
        place=("data/topics.csv", "en"),
    ),
    Case(
        "skos-s27", ("term:sales-kpi",), "term:kpi skos:related term:sales-kpi .", place=(KPI, None)
    ),
    Case(
        "skos-s27",
        ("term:close-rate",),
        "term:close-rate skos:related term:kpi .",  # two steps up
        place=(DEALS, None),
    ),
    Case(
        "skos-s37",
        ("topic:forecasting",),
        "topic:forecasting a skos:ConceptScheme .",
        also=(("top-missing", "topic:forecasting"),),
    ),
    Case(
        "skos-s46",
        ("term:win-rate",),
        "term:win-rate skos:exactMatch term:close-rate ; skos:relatedMatch term:close-rate .",
        also=(("mapping-misuse", "term:win-rate"),),
    ),
    Case(
        "skos-s46",
        ("term:accelerator",),
        claimed("term:decelerator", "so:exactMatch", "term:accelerator"),
        place=("data/claims.csv", "relation"),
        counts=(("vocabulary-unused", -1),),
    ),
    # -- labels
    Case(
        "label-unique",
        ("term:win-rate",),
        "term:close-rate skos:prefLabel '赢单率'@zh .",
        "term:close-rate skos:prefLabel '成交率'@zh .",
        place=(DEALS, "zh"),
    ),
    Case(
        "label-unique",
        ("term:win-rate",),
        "term:close-rate skos:prefLabel 'WIN rate (COUNT)'@en .",
        "term:close-rate skos:prefLabel 'Close rate'@en .",
        place=(DEALS, "en"),
    ),
    Case(
        "label-hidden",
        ("term:close-rate",),
        "term:close-rate skos:hiddenLabel '赢单率'@zh .",
        place=(DEALS, "hidden_zh"),
    ),
    Case(
        "label-language",
        ("topic:forecasting",),
        remove="topic:forecasting skos:prefLabel '销售预测'@zh .",
        place=("data/topics.csv", "zh"),
    ),
    Case("label-language", ("so:Metric",), remove="so:Metric rdfs:label 'Metric'@en ."),
    Case("label-language", ("so:feeds",), remove="so:feeds rdfs:label '输入到'@zh ."),
    Case(
        "predicate-phrase",
        ("so:feeds",),
        remove="so:feeds so:inversePhrase '{o} is fed by {s}'@en .",
    ),
    Case(
        "predicate-phrase",
        ("so:feeds",),
        "so:feeds so:forwardPhrase '{s}提供输入'@zh .",
        "so:feeds so:forwardPhrase '{s}为{o}提供输入'@zh .",
    ),
    Case(
        "predicate-phrase",
        ("so:invented",),
        claimed("term:win-rate", "so:invented", "term:crm-system"),
        also=(("vocabulary-undeclared", "term:win-rate"),),
    ),
    # -- cycles: every relation on the circle is named
    Case(
        "cycle-broader",
        ("term:kpi", "term:sales-kpi"),
        claimed("term:kpi", "skos:broader", "term:sales-kpi"),
        also=(("top-broader", "term:kpi"),),
    ),
    Case(
        "cycle-broader",
        ("term:kpi", "term:sales-kpi", "term:close-rate"),
        claimed("term:kpi", "skos:broader", "term:close-rate"),
        also=(("top-broader", "term:kpi"),),
        place=(DEALS, "parent"),
    ),
    Case(
        "cycle-part",
        ("term:annual-sales-budget", "term:sales-budget"),
        claimed("term:sales-budget", "so:partOf", "term:annual-sales-budget"),
    ),
    Case(
        "cycle-part",
        ("term:crm", "term:relationship-building"),
        claimed("term:crm", "so:partOf", "term:relationship-building"),
    ),
    Case(
        "cycle-order",
        ("term:channel-implementation", "term:channel-planning"),
        claimed("term:channel-implementation", "so:precedes", "term:channel-planning"),
    ),
    Case(
        "cycle-computed",
        ("term:gross-margin", "term:gmroi"),
        "formula:gross-margin so:hasOperand <https://w3id.org/salesops/formula/gross-margin/99> . "
        "<https://w3id.org/salesops/formula/gross-margin/99> so:operandMetric term:gmroi .",
        place=("data/metrics.csv", "formula"),
    ),
    Case(
        "cycle-computed",
        ("term:gmroi", "term:gross-margin"),
        claimed("term:gross-margin", "so:computedFrom", "term:gmroi"),
    ),
    Case(
        "cycle-feeds",
        ("term:crm-system", "term:funnel-analysis"),
        claimed("term:funnel-analysis", "so:feeds", "term:crm-system"),
    ),
    Case(
        "cycle-converts",
        ("term:closed-customer", "term:intending-customer"),
        claimed("term:closed-customer", "so:convertsTo", "term:intending-customer"),
    ),
    # -- relations and claims
    Case(
        "relation-self",
        ("term:win-rate",),
        claimed("term:win-rate", "so:uses", "term:win-rate"),
        place=(DEALS, None),
    ),
    Case(
        "relation-end",
        ("term:win-rate",),
        claimed("term:win-rate", "so:uses", "term:no-such-thing"),
        place=(DEALS, None),
    ),
    Case(
        "relation-end",
        ("term:no-such-thing",),
        claimed("term:no-such-thing", "so:uses", "term:win-rate"),
    ),
    Case(
        "relation-unclaimed",
        ("term:win-rate",),
        "term:win-rate so:uses term:crm-system .",
        place=(DEALS, None),
    ),
    Case(
        "relation-unclaimed",
        ("term:win-rate",),
        "term:win-rate skos:broader term:close-rate .",
        place=(DEALS, "parent"),
    ),
    Case(
        "relation-contradicted",
        ("term:sales-operations",),
        "term:sales-operations so:partOf term:sales-management .",
        place=("data/claims.csv", "relation"),
    ),
    Case(
        "relation-contradicted",
        ("term:sales-operations",),
        "term:sales-operations so:partOf term:sales-management ; "
        "so:hasPart term:sales-management .",
        also=(("cycle-part", "term:sales-operations"),),
    ),
    Case(
        "symmetric-twice",
        ("term:decelerator",),
        claimed("term:decelerator", "so:contrastsWith", "term:accelerator"),
        counts=(("lookalike-contrast", 1),),
    ),
    Case(
        "asymmetric-both",
        ("term:crm-step-classification",),
        claimed("term:crm-step-communication", "so:listedBefore", "term:crm-step-classification"),
        place=("data/claims.csv", "relation"),
    ),
    Case(
        "sign-conflict",
        ("term:after-sales-service",),
        claimed("term:after-sales-service", "so:reduces", "term:brand-image"),
    ),
    Case(
        "claim-unasserted",
        ("claim:r001-1.0.1", "claim:r001-1.1.1"),
        remove="term:customer-journey so:hasEnd term:final-purchase .",
        place=("data/claims.csv", None),
    ),
    Case(
        "claim-answer",
        ("claim:r001-1.0.1",),
        remove="<https://w3id.org/salesops/claim/r001-1.0.1> so:answer 1 .",
        place=("data/claims.csv", "passage"),
    ),
    Case(
        "claim-answer",
        ("claim:r001-1.0.1",),
        "<https://w3id.org/salesops/claim/r001-1.0.1> so:answer 2 .",
        "<https://w3id.org/salesops/claim/r001-1.0.1> so:answer 1 .",
        place=("data/claims.csv", "passage"),
    ),
    # -- classes
    Case(
        "class-disjoint", ("term:win-rate",), "term:win-rate a so:Process .", place=(DEALS, "kind")
    ),
    Case(
        "class-disjoint",
        ("term:win-rate",),
        "term:win-rate a so:ProcessStep .",  # below so:Activity
        place=(DEALS, "kind"),
    ),
    Case(
        "kind-class",
        ("term:miskinded",),
        concept("miskinded", DRAFT, TOPIC).replace("so:kind 'Concept'", "so:kind 'Channel'"),
        also=(("concept-isolated", "term:miskinded"),),
    ),
    Case(
        "kind-class",
        ("term:unkinded",),
        concept("unkinded", DRAFT, TOPIC).replace("so:kind 'Concept'", "so:kind 'No such kind'"),
        also=(("concept-isolated", "term:unkinded"),),
    ),
    Case(
        "concept-isolated",
        ("term:lonely",),
        concept("lonely", DRAFT, TOPIC),
    ),
    # -- metrics, measures, stages
    Case(
        "measure-unused",
        ("measure:won_deals_twice",),
        named("measure:won_deals_twice", "BaseMeasure"),
    ),
    Case(
        "metric-formula",
        ("term:win-rate",),
        remove="term:win-rate so:hasFormula formula:win-rate .",
        place=(DEALS, None),
    ),
    Case(
        "funnel-stage",
        ("term:sales-funnel",),
        claimed("term:sales-funnel", "so:hasStage", "term:stage-interest"),
    ),
    Case(
        "stage-sequence",
        ("term:funnel-model-answer1",),
        f"{FUNNEL}2 so:position 5 .",
        f"{FUNNEL}2 so:position 2 .",
        place=("data/stages.csv", "position"),
    ),
    Case(
        "stage-sequence",
        ("term:funnel-model-answer1",),
        f"{FUNNEL}2 so:position 3 .",
        f"{FUNNEL}2 so:position 2 .",
        place=("data/stages.csv", "position"),
    ),
    Case(
        "stage-listed",
        ("term:funnel-model-answer1",),
        f"{FUNNEL}5 a so:StagePosition ; so:inModel term:funnel-model-answer1 ; "
        "so:ofStage term:stage-potential-customer ; so:position 5 .",
    ),
    Case(
        "stage-listed",
        ("term:funnel-model-answer1",),
        claimed("term:funnel-model-answer1", "so:hasStage", "term:stage-potential-customer"),
    ),
    # -- kinds
    Case("relation-domain", ("term:kpi",), claimed("term:kpi", "so:manages", "term:crm")),
    Case("relation-range", ("term:win-rate",), claimed("term:win-rate", "so:tracks", "term:crm")),
    # -- texts
    Case(
        "language-tag", ("term:loss-rate",), text_of("term:loss-rate", "skos:altLabel", "'Ratio'")
    ),
    Case(
        "language-tag",
        ("topic:forecasting",),
        text_of("topic:forecasting", "skos:definition", "'Prognose'@de"),
    ),
    Case(
        "label-empty",
        ("term:win-rate-value",),
        text_of("term:win-rate-value", "skos:altLabel", "' '@en"),
    ),
    Case(
        "text-unprintable",
        ("term:no-decision-rate",),
        text_of("term:no-decision-rate", "skos:altLabel", r"'Win\u0007ning share'@en"),
        place=(DEALS, "alt_en"),
    ),
    Case(
        "text-whitespace",
        ("term:close-rate",),
        text_of("term:close-rate", "skos:altLabel", "'Closing  share'@en"),
        place=(DEALS, "alt_en"),
    ),
    Case(
        "text-language",
        ("term:crm",),
        text_of("term:crm", "skos:altLabel", "'客户管理实务'@en"),
    ),
    Case(
        "text-language",
        ("term:crm-system",),
        text_of("term:crm-system", "skos:definition", "'A system that keeps customers.'@zh"),
        drop=("term:crm-system skos:definition@zh",),
        also=(("definition-form", "term:crm-system"),),
    ),
    Case(
        "label-overlap",
        ("term:crm-system",),
        text_of("term:crm-system", "skos:altLabel", "'关键绩效指标'@zh"),
    ),
    Case(
        "alias-shared",
        add=text_of("term:crm-system", "skos:altLabel", "'试验台'@zh")
        + text_of("term:sales-funnel", "skos:altLabel", "'试验台'@zh"),
        counts=(("alias-shared", 1),),
    ),
    Case(
        "label-repeated",
        ("term:win-rate",),
        text_of("term:win-rate", "skos:altLabel", "'WIN rate (COUNT)'@en"),
        place=(DEALS, "alt_en"),
    ),
    Case(
        "lookalike-question",
        ("lookalike:trial",),
        "lookalike:trial a so:LookalikeSet ; rdfs:label '试验'@zh , 'Trial'@en ; "
        "so:question '怎样?'@zh .",
    ),
    Case(
        "lookalike-twice",
        ("term:kpi",),
        "<https://w3id.org/salesops/lookalike/x/crm> so:entryOf lookalike:x ; so:about term:crm ; "
        "so:decidedBy '同样'@zh , 'the same'@en . "
        "<https://w3id.org/salesops/lookalike/x/kpi> so:entryOf lookalike:x ; so:about term:kpi ; "
        "so:decidedBy '同样'@zh , 'as well'@en .",
    ),
    Case(
        "lookalike-contrast",
        add=claimed("term:kpi", "so:contrastsWith", "term:crm", 31),
        counts=(("lookalike-contrast", 1),),
    ),
    # -- definitions and notes
    Case(
        "definition-missing",
        ("term:slippage-rate",),
        drop=("term:slippage-rate skos:definition@en",),
        place=(DEALS, "definition_en"),
    ),
    Case(
        "definition-twice",
        ("term:kpi",),
        text_of("term:kpi", "skos:definition", "'Zest is what this second text adds to it.'@en"),
        place=(KPI, "definition_en"),
    ),
    Case(
        "definition-circular",
        ("term:sales-funnel",),
        text_of(
            "term:sales-funnel", "skos:definition", "'销售漏斗是描述各阶段客户数量的模型。'@zh"
        ),
        drop=("term:sales-funnel skos:definition@zh",),
    ),
    Case(
        "definition-circular",
        ("term:sales-forecast",),
        text_of(
            "term:sales-forecast", "skos:definition", "'The sales forecast is what sells later.'@en"
        ),
        drop=("term:sales-forecast skos:definition@en",),
    ),
    Case(
        "definition-shared",
        ("term:decelerator",),
        "term:accelerator skos:definition 'The very same words of two concepts.'@en . "
        "term:decelerator skos:definition 'The very same words of two concepts.'@en .",
        drop=("term:accelerator skos:definition@en", "term:decelerator skos:definition@en"),
    ),
    Case(
        "definition-length",
        ("term:quota",),
        text_of("term:quota", "skos:definition", "'数额。'@zh"),
        drop=("term:quota skos:definition@zh",),
    ),
    Case(
        "definition-length",
        ("term:quota",),
        text_of("term:quota", "skos:definition", f"'{'More ' * 60}words.'@en"),
        drop=("term:quota skos:definition@en",),
    ),
    Case(
        "definition-form",
        ("term:quota",),
        text_of("term:quota", "skos:definition", "'amount to be reached in a period.'@en"),
        drop=("term:quota skos:definition@en",),
    ),
    Case(
        "definition-form",
        ("term:quota",),
        text_of("term:quota", "skos:definition", "'销售人员在期内应完成的销售数额'@zh"),
        drop=("term:quota skos:definition@zh",),
    ),
    Case(
        "definition-benchmark",
        ("term:pipeline-coverage",),
        text_of("term:pipeline-coverage", "skos:definition", "'衡量商机是否足够,一般为3倍。'@zh"),
        drop=("term:pipeline-coverage skos:definition@zh",),
    ),
    Case(
        "definition-version",
        ("term:kpi",),
        "<https://w3id.org/salesops/definition/kpi-9> a so:Definition ; so:definitionOf term:kpi ; "
        "rdf:value '甲'@zh ; prov:wasDerivedFrom passage:1.2.1 . "
        "term:kpi so:hasDefinition <https://w3id.org/salesops/definition/kpi-9> .",
    ),
    Case(
        "definition-version",
        ("term:crm",),
        "<https://w3id.org/salesops/definition/crm-9> a so:Definition ; so:definitionOf term:crm ; "
        "rdf:value '甲'@zh , 'A'@en .",
    ),
    Case(
        "scope-note-half",
        ("term:accelerator",),
        text_of("term:accelerator", "skos:scopeNote", "'只指激励。'@zh"),
        drop=("term:accelerator skos:scopeNote",),
    ),
    Case(
        "note-half",
        ("term:accelerator",),
        text_of("term:accelerator", "skos:editorialNote", "'Of pay only.'@en"),
        drop=("term:accelerator skos:editorialNote",),
    ),
    Case(
        "alias-missing",
        add=concept("nameless", DRAFT, TOPIC, tier="core").replace("skos:altLabel", "skos:note")
        + claimed("term:nameless", "so:uses", "term:crm", 81)
        + claimed("term:nameless", "so:uses", "term:crm-system", 82)
        + claimed("term:nameless", "so:uses", "term:kpi", 83),
        counts=(("alias-missing", 1),),
    ),
    Case(
        "translation-missing",
        ("term:kpi",),
        "<https://w3id.org/salesops/lookalike/y/kpi> a so:LookalikeEntry ; "
        "so:entryOf lookalike:y ; so:about term:kpi ; so:decidedBy '全部'@zh .",
    ),
    Case(
        "translation-missing",
        ("topic:forecasting",),
        drop=("topic:forecasting skos:definition@en",),
    ),
    Case(
        "measurement-definition",
        ("measure:won_deals",),
        drop=("measure:won_deals skos:definition@en",),
        place=("data/measures.csv", "definition_en"),
    ),
    Case(
        "label-language",
        ("field:Opportunity.amount",),
        drop=("field:Opportunity.amount rdfs:label@zh",),
    ),
    # -- hierarchy
    Case(
        "hierarchy-redundant",
        ("term:close-rate",),
        claimed("term:close-rate", "skos:broader", "term:kpi", 41),
    ),
    Case(
        "kind-and-part",
        ("term:sales-kpi",),
        claimed("term:sales-kpi", "so:partOf", "term:kpi", 42),
    ),
    Case(
        "top-broader",
        ("term:sales-kpi",),
        f"term:sales-kpi skos:topConceptOf <{vocab.SCHEME}> .",
    ),
    Case(
        "top-missing",
        ("https://w3id.org/salesops/scheme2",),
        "<https://w3id.org/salesops/scheme2> a skos:ConceptScheme ; "
        "skos:prefLabel '试验表'@zh , 'Trial'@en .",
    ),
    Case(
        "concept-unreachable",
        ("term:lost",),
        concept("lost", DRAFT) + claimed("term:crm-system", "so:uses", "term:lost", 43),
    ),
    Case(
        "graph-loose",
        ("term:loose-one", "term:loose-two"),
        concept("loose-one", DRAFT, TOPIC)
        + concept("loose-two", DRAFT, TOPIC)
        + claimed("term:loose-one", "so:uses", "term:loose-two", 44),
    ),
    Case(
        "transitive-only",
        ("term:close-rate",),
        "term:close-rate skos:broaderTransitive term:crm .",
    ),
    Case(
        "skos-unknown", ("term:bid-win-rate",), "term:bid-win-rate skos:prefferedLabel 'Rate'@en ."
    ),
    Case("iri-scheme", ("urn:trial:topic",), "<urn:trial:topic> a skos:Collection ."),
    # -- the ontology
    Case("vocabulary-undeclared", ("term:kpi",), "term:kpi so:measurez term:crm ."),
    Case(
        "vocabulary-label",
        ("so:Zest",),
        "so:Zest a owl:Class ; rdfs:label '指标'@zh , 'Zest'@en .",
    ),
    Case(
        "vocabulary-unused",
        add="so:Yield a owl:Class ; rdfs:subClassOf so:Term ; rdfs:label '产出'@zh , 'Yield'@en .",
        counts=(("vocabulary-unused", 1),),
        alone=True,
    ),
    Case(
        "class-cycle",
        ("so:Behaviour", "so:Process"),
        "so:Behaviour rdfs:subClassOf so:Process .",
        alone=True,
    ),
    Case("predicate-inverse", ("so:feeds",), remove="so:feeds owl:inverseOf so:fedBy ."),
    Case("predicate-symmetric", ("so:closeMatch",), "so:closeMatch owl:inverseOf so:closely ."),
    Case("predicate-symmetric", ("so:uses",), "so:uses owl:inverseOf so:uses .", alone=True),
    Case("predicate-sign", ("so:leverFor",), drop=("so:leverFor so:sign",), alone=True),
    Case(
        "predicate-shown",
        ("so:listedBefore",),
        "so:listedBefore so:shownByDefault 'no' .",
        drop=("so:listedBefore so:shownByDefault",),
    ),
    Case(
        "predicate-open",
        drop=("so:incentivises so:subjectKind", "so:incentivises so:objectKind"),
        counts=(("predicate-open", 1),),
    ),
    Case(
        "predicate-domains",
        ("so:incentivises",),
        "so:incentivises rdfs:domain so:Incentive , so:Target .",
    ),
    Case(
        "predicate-chain",
        ("so:follows",),
        "so:follows owl:propertyChainAxiom ( so:precedes ) .",
    ),
    Case(
        "name-style",
        ("so:sales_stage",),
        "so:sales_stage a owl:Class ; rdfs:label '试验类'@zh , 'Class for trial'@en .",
    ),
    Case(
        "ontology-header",
        ("https://w3id.org/salesops/ontology",),
        drop=("https://w3id.org/salesops/ontology dcterms:license",),
    ),
    Case(
        "ontology-header",
        ("https://w3id.org/salesops/ontology",),
        drop=("https://w3id.org/salesops/ontology rdfs:comment@zh",),
    ),
    # -- what core concepts need
    Case(
        "core-relations",
        ("term:core-few",),
        concept("core-few", DRAFT, TOPIC, tier="core")
        + claimed("term:core-few", "so:uses", "term:crm", 51)
        + claimed("term:crm-system", "so:uses", "term:core-few", 52),
    ),
    Case(
        "core-metric-drivers",
        ("term:undriven",),
        core_metric("undriven", drivers=1),
        also=(("metric-formula", "term:undriven"),),
    ),
    Case(
        "core-metric-lever",
        ("term:leverless",),
        core_metric("leverless", lever=False),
        also=(("metric-formula", "term:leverless"),),
    ),
    Case(
        "core-metric-counter",
        ("term:uncountered",),
        core_metric("uncountered", counter=False),
        also=(("metric-formula", "term:uncountered"),),
    ),
    # -- evidence
    Case(
        "claim-reason",
        ("claim:t61-product",),
        "term:kpi so:uses term:crm . claim:t61-product a so:Claim ; rdf:subject term:kpi ; "
        "rdf:predicate so:uses ; rdf:object term:crm ; so:strength 'product' ; "
        "prov:wasDerivedFrom source:product ; so:reason '仅有中文。'@zh .",
    ),
    Case(
        "claim-confidence",
        ("claim:r126-1.4.1",),
        drop=("claim:r126-1.4.1 so:confidence",),
        place=("data/claims.csv", "confidence"),
    ),
    Case(
        "claim-lag",
        ("claim:r126-1.4.1",),
        "<https://w3id.org/salesops/claim/r126-1.4.1> so:lag 'P1M' .",
        place=("data/claims.csv", "lag"),
    ),
    Case(
        "claim-mention",
        add="term:lead-volume so:uses term:crm-system . claim:t62-1 a so:Claim ; "
        "rdf:subject term:lead-volume ; rdf:predicate so:uses ; rdf:object term:crm-system ; "
        "so:strength 'stated' ; so:answer 1 ; prov:wasDerivedFrom passage:1.2.1 .",
        counts=(("claim-mention", 1),),
    ),
    Case(
        "passage-unused",
        add="passage:9.9 a so:Passage ; so:locator 'x' ; so:line 1 .",
        counts=(("passage-unused", 1),),
    ),
    # -- metrics
    Case(
        "metric-card",
        ("term:win-rate",),
        drop=("term:win-rate so:grain",),
        place=("data/metrics.csv", "grain"),
    ),
    Case(
        "metric-card",
        ("term:opportunity-to-win-rate",),
        drop=("term:opportunity-to-win-rate so:filterNote@en",),
        place=("data/metrics.csv", "filter_en"),
    ),
    Case(
        "metric-currency",
        ("term:average-deal-size",),
        "term:average-deal-size so:taxBasis 'none' .",
        drop=("term:average-deal-size so:taxBasis",),
        place=("data/metrics.csv", "tax"),
    ),
    Case(
        "metric-additivity",
        ("term:competitive-win-rate",),
        "term:competitive-win-rate so:additivity 'additive' .",
        drop=("term:competitive-win-rate so:additivity",),
        place=("data/metrics.csv", "additivity"),
    ),
    Case(
        "variant-alone",
        ("term:kpi",),
        named("variant:kpi-one", "MetricVariant", "so:variantOfMetric term:kpi"),
    ),
    Case(
        "variant-name",
        ("term:crm",),
        named("variant:crm-one", "MetricVariant", "so:variantOfMetric term:crm")
        + named("variant:crm-two", "MetricVariant", "so:variantOfMetric term:crm"),
    ),
    # -- measures and CRM
    Case(
        "measure-same",
        ("measure:trial_two",),
        "".join(
            named(
                f"measure:trial_{name}",
                "BaseMeasure",
                "so:overObject object:Lead ; so:aggregate 'count' ; so:timeBasis 'none' ; "
                "so:unit 'lead' ; so:shape 'scalar'",
            )
            for name in ("one", "two")
        ),
        also=(
            ("measure-unused", "measure:trial_one"),
            ("measure-unused", "measure:trial_two"),
        ),
    ),
    Case(
        "unit-unused",
        (f"{vocab.UNIT}barrel",),
        f"<{vocab.UNIT}barrel> a so:Unit ; rdfs:label '桶'@zh , 'barrel'@en .",
    ),
    Case(
        "parameter-unused",
        (f"{vocab.PARAMETER}trial_days",),
        named(f"<{vocab.PARAMETER}trial_days>", "Parameter"),
    ),
    Case(
        "field-unused",
        add=named("field:Lead.trial", "DataField"),
        counts=(("field-unused", 1), ("field-unaligned", 1)),
    ),
    Case(
        "field-unaligned",
        add=named("field:Lead.other", "DataField")
        + "measure:won_deals so:readsField field:Lead.other .",
        counts=(("field-unaligned", 1),),
    ),
    Case(
        "object-empty",
        ("object:Warranty",),
        named("object:Warranty", "CrmObject", "so:records term:crm"),
    ),
    Case(
        "object-term",
        add=named("object:Voucher", "CrmObject") + "field:Lead.id so:fieldOf object:Voucher .",
        counts=(("object-term", 1),),
    ),
    Case(
        "cycle-determines",
        ("field:Opportunity.amount", "field:Opportunity.created_at"),
        "field:Opportunity.amount so:determines field:Opportunity.created_at . "
        "field:Opportunity.created_at so:determines field:Opportunity.amount .",
    ),
    # -- mappings
    Case(
        "mapping-self",
        ("term:stalled-deal-rate",),
        "term:stalled-deal-rate skos:closeMatch term:stalled-deal-rate .",
    ),
    Case(
        "mapping-clash",
        ("term:kpi",),
        "<https://w3id.org/salesops/mapping/one> so:mapsFrom term:kpi ; "
        "so:mapsTo <https://example.org/Kpi> ; so:matchKind skos:exactMatch . "
        "<https://w3id.org/salesops/mapping/two> so:mapsFrom term:kpi ; "
        "so:mapsTo <https://example.org/Kpi> ; so:matchKind skos:broadMatch .",
    ),
    Case(
        "mapping-misuse", ("term:won-deal-count",), "term:won-deal-count skos:closeMatch term:crm ."
    ),
    Case(
        "mapping-shared",
        ("term:kpi",),
        "term:kpi skos:exactMatch <https://example.org/Same> . "
        "term:crm skos:exactMatch <https://example.org/Same> .",
    ),
    Case(
        "mapping-unseen",
        add="<https://w3id.org/salesops/mapping/three> so:verified false ; so:mapsFrom term:crm .",
        counts=(("mapping-unseen", 1),),
    ),
    # -- stewardship
    Case(
        "owner-missing",
        ("term:average-opportunity-age",),
        drop=("term:average-opportunity-age so:owner",),
        place=(DEALS, "owner"),
    ),
    Case(
        "owner-kind",
        ("term:slippage-value-rate",),
        "term:slippage-value-rate so:owner term:crm-system .",
        drop=("term:slippage-value-rate so:owner",),
        place=(DEALS, "owner"),
    ),
    Case(
        "status-missing",
        ("term:multi-threading-rate",),
        drop=("term:multi-threading-rate so:status",),
        place=(DEALS, "status"),
    ),
    Case(
        "reviewed-missing",
        ("term:next-step-coverage",),
        "term:next-step-coverage so:status 'approved' .",
        drop=("term:next-step-coverage so:status", "term:next-step-coverage so:reviewedOn"),
        place=(DEALS, "reviewed"),
    ),
    Case(
        "deprecated-flag",
        ("term:demo-to-proposal-rate",),
        "term:demo-to-proposal-rate owl:deprecated true .",
    ),
    Case(
        "deprecated-successor",
        ("term:old-one",),
        concept("old-one", OLD, TOPIC),
        also=(("concept-isolated", "term:old-one"),),
    ),
    Case(
        "deprecated-used",
        ("term:crm",),
        concept("old-two", OLD, TOPIC, "dcterms:isReplacedBy term:kpi")
        + claimed("term:crm", "so:uses", "term:old-two", 71),
    ),
    Case(
        "successor-deprecated",
        ("term:old-three",),
        concept("old-three", OLD, TOPIC, "dcterms:isReplacedBy term:old-four")
        + concept("old-four", OLD, TOPIC, "dcterms:isReplacedBy term:kpi"),
        also=(
            ("concept-isolated", "term:old-three"),
            ("concept-isolated", "term:old-four"),
        ),
    ),
    Case(
        "successor-early",
        ("term:proposal-win-rate",),
        "term:proposal-win-rate dcterms:isReplacedBy term:kpi .",
    ),
)


def batched(cases: Iterable[Case]) -> list[list[Case]]:
    """Return the cases in batches whose changes have nothing in common, in order."""
    batches: list[tuple[set[str], list[Case]]] = []
    for case in cases:
        for names, batch in batches:
            if not (case.alone or batch[0].alone or names & case.touched):
                names.update(case.touched)
                batch.append(case)
                break
        else:
            batches.append((set(case.touched), [case]))
    return [batch for _, batch in batches]


BATCHES = batched(CASES)


@pytest.fixture(scope="module")
def scratch(sources: Compiled) -> Store:
    """Return a copy of the graph that a test may change and must put back."""
    filled = open_store()
    filled.extend(sources.quads)
    return filled


@pytest.fixture(scope="module")
def origins(sources: Compiled) -> dict[str, Place]:
    """Return the row behind each subject, but for relations: their claims must do."""
    rows = sources.origins.items()
    return {iri: place for iri, place in rows if place.path != "data/relations.csv"}


@pytest.fixture(scope="module")
def no_shapes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a shapes file that finds nothing, so that the rules are alone."""
    path: Path = tmp_path_factory.mktemp("shapes") / "none.ttl"
    path.write_text(f"{HEAD}so:nothing a sh:NodeShape ; sh:targetNode so:nothing .")
    return path


@pytest.fixture(scope="module")
def check(scratch: Store, origins: dict[str, Place], root: Path, no_shapes: Path) -> Check:
    """Return what checks the graph by the rules alone, after a change that is then put back."""
    rules = root / "ontology" / "rules"

    def run(
        add: str = "",
        remove: str = "",
        more: Mapping[str, Place] | None = None,
        drop: tuple[str, ...] = (),
    ) -> Report:
        with changed(scratch, add, remove, drop):
            rows = {**origins, **(more or {})}
            return validate(scratch, origins=rows, rules=rules, shapes=no_shapes)

    return run


@pytest.fixture(scope="module")
def clean(check: Check) -> Report:
    """Return what the rules find in the shipped graph."""
    return check()


@contextlib.contextmanager
def changed(store: Store, add: str, remove: str, drop: tuple[str, ...] = ()) -> Iterator[None]:
    """Change the union of the asserted graphs for a while."""
    added, removed = (
        [q.triple for q in ox.parse(HEAD + x, format=ox.RdfFormat.TURTLE)] for x in (add, remove)
    )
    new = [ox.Quad(*triple) for triple in added]
    old = [ox.Quad(*triple) for triple in removed]
    assert all(quad in store.engine for quad in old), "the case removes what is not there"
    old += [quad for text in drop for quad in _values(store, text)]
    assert not any(quad in store.engine for quad in new if quad not in old), "it is there already"
    for quad in old:
        store.engine.remove(quad)
    store.engine.extend(new)
    yield
    for quad in new:
        store.engine.remove(quad)
    store.engine.extend(old)


def _values(store: Store, text: str) -> list[ox.Quad]:
    """Return what is said of a subject by a property, in a language where one is given."""
    subject, _, name = text.partition(" ")
    predicate, _, lang = name.partition("@")
    iri = subject if "//" in subject else vocab.expand(subject)
    found = store.triples(iri, vocab.expand(predicate))
    return [
        ox.Quad(*triple)
        for triple in found
        if not lang or (isinstance(triple.object, ox.Literal) and triple.object.language == lang)
    ]


@dataclass(frozen=True)
class Outcome:
    """What a batch of changes brought: findings that were not there, and growth of summaries."""

    new: tuple[Finding, ...]
    grown: dict[str, int]


@pytest.fixture(scope="module")
def outcomes(check: Check, clean: Report, root: Path) -> Callable[[int], Outcome]:
    """Return what gives the outcome of a batch; each is checked once."""
    summaries = {rule.code for rule in read_rules(root / "ontology" / "rules") if rule.summary}
    known = {(finding.rule, finding.focus) for finding in clean.findings}
    before = _sums(clean, summaries)
    done: dict[int, Outcome] = {}

    def run(number: int) -> Outcome:
        if number not in done:
            batch = BATCHES[number]
            add, remove = ("".join(getattr(c, x) + "\n" for c in batch) for x in ("add", "remove"))
            report = check(add, remove, drop=tuple(text for c in batch for text in c.drop))
            new = [f for f in report.findings if (f.rule, f.focus) not in known]
            after = _sums(report, summaries)
            grown = {code: after[code] - before[code] for code in summaries}
            done[number] = Outcome(tuple(f for f in new if f.rule not in summaries), grown)
        return done[number]

    return run


def _sums(report: Report, summaries: set[str]) -> dict[str, int]:
    """Return how many things each summary stands for."""
    return {
        code: sum(f.count for f in report.findings if f.rule == code) for code in sorted(summaries)
    }


@pytest.mark.parametrize(
    ("number", "case"),
    [
        pytest.param(number, case, id=f"{case.rule}-{(case.found or ('count',))[0]}")
        for number, batch in enumerate(BATCHES)
        for case in batch
    ],
)
def test_a_fault_brings_its_finding(
    number: int, case: Case, outcomes: Callable[[int], Outcome]
) -> None:
    """One change of a clean graph: the findings that it deserves, named and placed."""
    outcome = outcomes(number)
    mine = [f for f in outcome.new if (f.rule, f.focus) in case.expected]

    assert case.expected == {(finding.rule, finding.focus) for finding in mine}
    assert all(outcome.grown[code] >= count for code, count in case.counts)
    assert all(_speaks_plainly(finding) for finding in mine)
    if case.place:
        places = {(f.place.path, f.place.column) for f in mine if f.rule == case.rule and f.place}
        assert case.place in places


@pytest.mark.parametrize("number", range(len(BATCHES)))
def test_no_fault_brings_any_other_finding(number: int, outcomes: Callable[[int], Outcome]) -> None:
    """The rules do not cry wolf: whatever is found belongs to a change that was made."""
    outcome = outcomes(number)
    wanted = {pair for case in BATCHES[number] for pair in case.expected}
    counts: Counter[str] = Counter()
    for case in BATCHES[number]:
        counts.update(dict(case.counts))

    assert wanted == {(finding.rule, finding.focus) for finding in outcome.new}
    assert counts == {code: n for code, n in outcome.grown.items() if n}


def _speaks_plainly(finding: Finding) -> bool:
    """Return whether the words are there in both languages, filled in, without IRIs of ours."""
    texts = [text(lang) for text in (finding.message, finding.remedy) for lang in ("zh", "en")]
    joined = "".join(texts)
    chinese = all(any("\u4e00" <= c <= "\u9fff" for c in texts[i]) for i in (0, 2))
    return chinese and all(texts) and not {"{", "}"} & set(joined) and vocab.BASE not in joined


def test_the_row_of_a_place_is_that_of_the_subject(check: Check, origins: dict[str, Place]) -> None:
    report = check("term:win-rate so:uses term:crm-system .")
    place = next(f.place for f in report.findings if f.rule == "relation-unclaimed")
    row = origins[vocab.TERM + "win-rate"]

    assert Place(row.path, row.row) == place


def test_a_relation_is_placed_in_its_own_row_where_that_is_known(check: Check) -> None:
    add = claimed("term:win-rate", "so:uses", "term:no-such-thing")
    report = check(add, more={vocab.CLAIM + "t1": Place("data/relations.csv", 7)})
    places = [f.place for f in report.findings if f.rule == "relation-end"]

    assert [Place("data/relations.csv", 7, "object")] == places


def test_every_rule_has_a_case(root: Path) -> None:
    codes = {rule.code for rule in read_rules(root / "ontology" / "rules")}
    counted = {code for case in CASES for code, _ in case.counts}

    assert {case.rule for case in CASES} | counted == codes


def test_the_shipped_graph_breaks_no_rule_but_those_listed_with_a_reason(
    clean: Report, root: Path
) -> None:
    """What else is left is information, such as metrics without a formula."""
    with (root / "data" / "permitted.csv").open(encoding="utf-8", newline="") as file:
        listed = {(row["rule"], row["focus"]) for row in csv.DictReader(file)}

    assert {(f.rule, f.focus) for f in clean.at_least("warning")} <= listed
    assert "term:customer-health-score" in {
        f.focus for f in clean.findings if f.rule == "metric-formula"
    }


@dataclass(frozen=True)
class End:
    """One end of a predicate that takes only some kinds, and a relation that breaks it."""

    predicate: str
    side: str

    @property
    def focus(self) -> str:
        """Return the CURIE that the finding must name."""
        return f"term:{self.predicate.lower()}-{self.side}-s"

    @property
    def turtle(self) -> str:
        """Return a relation both of whose ends are of a kind that nobody knows."""
        return f"{self.focus} so:{self.predicate} {self.focus}o . " + " ".join(
            f"{name} so:kind 'Odd' ." for name in (self.focus, f"{self.focus}o")
        )


def test_each_end_of_each_predicate_takes_only_its_kinds(
    sources: Compiled, root: Path, no_shapes: Path
) -> None:
    """A wrong kind is found at its end, once per relation, in words of both languages."""
    sides = {vocab.SO + "subjectKind": "domain", vocab.SO + "objectKind": "range"}
    ontology = [q for q in sources.quads if q.graph_name == ox.NamedNode(vocab.ONTOLOGY_GRAPH)]
    ends = {
        End(vocab.local_name(str(quad.subject)[1:-1]), side)
        for quad in ontology
        if (side := sides.get(quad.predicate.value))
    }
    graph = "".join(end.turtle for end in ends)
    with open_store() as broken:
        broken.extend(ontology)
        broken.extend(ox.parse(HEAD + graph, format=ox.RdfFormat.TURTLE))
        report = validate(broken, rules=root / "ontology" / "rules", shapes=no_shapes)
    found = {(f.rule, f.focus): f for f in report.findings if f.rule.startswith("relation-")}

    assert len(ends) > 90
    for end in ends:
        finding = found[f"relation-{end.side}", end.focus]
        assert "Odd" in finding.message("zh")
        assert "one of: " in finding.message("en")
        assert vocab.BASE not in finding.message("zh") + finding.message("en")


@pytest.mark.domain
def test_the_kinds_take_in_those_of_the_domain_data(domain: Path, store: Store) -> None:
    """What the domain data allows is allowed; our own relations need some kinds more."""
    given = json.loads((domain / "source_relations.json").read_text(encoding="utf-8"))
    for name, side in (("subjectKind", "domain"), ("objectKind", "range")):
        for row in given["predicates"]:
            triples = store.triples(vocab.SO + row["id"], vocab.SO + name)
            found = {str(triple.object).strip('"') for triple in triples}
            assert not found if "Concept" in row[side] else found >= set(row[side]), row["id"]
