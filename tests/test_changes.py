"""The comparison of two graphs: every triple that differs is told once, and in the right words."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg import vocab as v
from kg.changes import diff, trig
from kg.changes.blanks import name_blanks
from kg.changes.excerpts import clip, excerpt
from kg.changes.facets import Graph
from kg.changes.wording import Story
from kg.changes.words import TITLES, WHAT
from kg.model import CHANGES, Change, Changeset
from kg.store import Store, open_store
from kg.store.reading import read_glossary
from tests.conftest import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

PREFIXES = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in v.PREFIXES.items())
BASE = """
so:measures so:forwardPhrase "{s}衡量{o}"@zh , "{s} measures {o}"@en .
skos:broader so:forwardPhrase "{s}是一种{o}"@zh , "{s} is a kind of {o}"@en .
so:Metric a owl:Class ; rdfs:label "指标"@zh , "Metric"@en .
so:Process a owl:Class ; rdfs:label "流程"@zh , "Process"@en .
<https://w3id.org/salesops/scheme> skos:hasTopConcept term:kpi .
topic:deals a skos:Collection ; skos:prefLabel "商机"@zh , "Deals"@en ; so:order 1 ;
    skos:member term:win-rate , term:kpi , term:closing .
topic:money a skos:Collection ; skos:prefLabel "回款"@zh , "Money"@en ; so:order 2 .
term:kpi a skos:Concept , so:Metric ; skos:prefLabel "指标"@zh , "KPI"@en ; so:topic topic:deals ;
    skos:topConceptOf <https://w3id.org/salesops/scheme> .
term:closing a skos:Concept , so:Process ; skos:prefLabel "成交"@zh , "Closing"@en ;
    so:topic topic:deals ; so:status "approved" .
term:win-rate a skos:Concept , so:Metric ; skos:prefLabel "赢单率"@zh , "Win rate"@en ;
    skos:altLabel "胜率"@zh ; so:kind "Metric" ; so:tier "core" ; so:topic topic:deals ;
    skos:definition "期内关闭的商机中赢单所占的比例，以赢单数除以关闭数。"@zh ,
        "The share of the deals closed in the period that were won."@en ;
    skos:broader term:kpi ; so:measures term:closing ; so:owner term:closing ;
    so:unit "ratio" ; so:direction "higher-better" ; so:grain "team" , "rep" ;
    so:hasFormula <https://w3id.org/salesops/formula/win-rate> ;
    so:hasMetricVariant variant:by-count , variant:by-amount ;
    so:hasDefinition <https://w3id.org/salesops/definition/win-rate-1> ;
    so:mentionedIn passage:1.1 .
<https://w3id.org/salesops/formula/win-rate> a so:Formula ; so:expression "won / closed" ;
    so:hasOperand <https://w3id.org/salesops/formula/win-rate/0> .
<https://w3id.org/salesops/formula/win-rate/0> a so:Operand ; so:operandMeasure measure:won .
variant:by-count a so:MetricVariant ; rdfs:label "按笔数"@zh , "By count"@en ; so:isDefault true ;
    so:variantOfMetric term:win-rate ; so:expression "won / closed" .
variant:by-amount a so:MetricVariant ; rdfs:label "按金额"@zh , "By amount"@en ;
    so:isDefault false ; so:variantOfMetric term:win-rate ; so:expression "won * won" .
<https://w3id.org/salesops/definition/win-rate-1> a so:Definition ;
    so:definitionOf term:win-rate ; rdf:value "赢单多少"@zh , "How many are won"@en ;
    prov:wasDerivedFrom passage:1.1 .
passage:1.1 a so:Passage ; so:answer 1 ; so:line 3 ; so:locator "answer 1 intro ¶1" .
measure:won a so:BaseMeasure ; rdfs:label "赢单数"@zh , "Deals won"@en ; so:aggregate "count" ;
    so:readsField field:Deal.won .
measure:closed a so:BaseMeasure ; rdfs:label "关闭数"@zh , "Deals closed"@en .
object:Deal a so:CrmObject ; rdfs:label "商机"@zh , "Deal"@en .
field:Deal.won a so:DataField ; rdfs:label "已赢单"@zh , "Won"@en ; so:fieldOf object:Deal ;
    so:object "Deal" ; so:determines field:Deal.amount .
field:Deal.amount a so:DataField ; rdfs:label "金额"@zh , "Amount"@en ; so:fieldOf object:Deal .
<urn:dependency> a so:FieldDependency ; so:fromField field:Deal.won ;
    so:toField field:Deal.amount ; so:reason "赢单才有金额。"@zh .
<urn:alignment> a so:FieldAlignment ; so:alignsField field:Deal.won ; so:system "acme" ;
    so:externalName "Deal.IsWon" .
lookalike:rates a so:LookalikeSet ; rdfs:label "各种率"@zh , "Rates"@en ;
    so:question "看什么？"@zh ; so:compares term:win-rate , term:kpi .
lookalike:rates\\/win-rate a so:LookalikeEntry ; so:entryOf lookalike:rates ;
    so:about term:win-rate ; so:distinction "按笔数"@zh .
claim:r1-1.1 a so:Claim ; rdf:subject term:win-rate ; rdf:predicate so:measures ;
    rdf:object term:closing ; so:strength "implied" ; so:answer 1 ;
    prov:wasDerivedFrom passage:1.1 ; so:reason "旧理由"@zh .
claim:p1-product a so:Claim ; rdf:subject term:win-rate ; rdf:predicate skos:broader ;
    rdf:object term:kpi ; so:strength "product" ; prov:wasDerivedFrom source:product .
"""


def store_of(turtle: str, *more: ox.Triple) -> Store:
    """Return a store in memory that holds some Turtle."""
    graph = ox.NamedNode(v.asserted_graph("x"))
    parsed = ox.parse(PREFIXES + turtle, format=ox.RdfFormat.TURTLE)
    triples = [*(quad.triple for quad in parsed), *more]
    store = open_store()
    store.extend(ox.Quad(t.subject, t.predicate, t.object, graph) for t in triples)
    return store


def edited(*edits: tuple[str, str], base: str = BASE) -> Store:
    """Return the graph with texts of its Turtle replaced; each must be there."""
    for before, after in edits:
        assert before in base, before
        base = base.replace(before, after)
    return store_of(base)


def changed(*edits: tuple[str, str]) -> Changeset:
    """Return what differs between the graph and an edited copy."""
    return diff(store_of(BASE), edited(*edits))


def told(*edits: tuple[str, str], lang: str = "zh") -> dict[str, tuple[str, ...]]:
    """Return the lines of the story of some edits, by kind."""
    old, new = store_of(BASE), edited(*edits)
    story = Story(read_glossary(old), read_glossary(new), lang)
    return {section.kind: section.lines for section in story.sections(diff(old, new))}


# -- laws
IRIS = [
    v.TERM + "win-rate",
    v.TERM + "kpi",
    v.TERM + "closing",
    v.MEASURE + "won",
    v.CLAIM + "r1-1.1",
]
IRIS += [
    v.VARIANT + "by-count",
    v.FORMULA + "win-rate",
    v.LOOKALIKE + "rates",
    v.FIELD + "Deal.won",
]
NAMES = ("prefLabel", "altLabel", "definition", "broader", "Concept", "member", "hasTopConcept")
LINKS = ["measures", "kind", "hasFormula", "hasOperand", "hasMetricVariant", "variantOfMetric"]
LINKS += ["isDefault", "entryOf", "compares", "strength", "Claim", "topic", "status", "mapsFrom"]
PREDICATES = [v.SKOS + name for name in NAMES] + [v.SO + name for name in LINKS]
PREDICATES += [v.RDF + name for name in ("type", "subject", "predicate", "object", "value")]
POOL = sorted(
    {quad.triple for quad in ox.parse(PREFIXES + BASE, format=ox.RdfFormat.TURTLE)}, key=str
)
LITERALS = [ox.Literal("a"), ox.Literal("甲", language="zh"), ox.Literal("b", language="en")]
LITERALS += [ox.Literal("true", datatype=ox.NamedNode(v.XSD + "boolean"))]
NODES = [ox.NamedNode(iri) for iri in (*IRIS, *PREDICATES)]
strange = st.builds(
    ox.Triple,
    st.sampled_from(NODES),
    st.sampled_from([ox.NamedNode(iri) for iri in PREDICATES]),
    st.sampled_from([*NODES, *LITERALS]),
)
graphs = st.tuples(
    st.sets(st.sampled_from(range(len(POOL))), max_size=25),  # what is left out
    st.lists(strange, max_size=25),
).map(lambda x: {t for at, t in enumerate(POOL) if at not in x[0]} | set(x[1]))


def filled(triples: Iterable[ox.Triple], implied: Iterable[ox.Triple] = ()) -> Store:
    store = store_of("", *triples)
    inferred = ox.NamedNode(v.INFERRED)
    store.extend(ox.Quad(t.subject, t.predicate, t.object, inferred) for t in implied)
    return store


def mirrored(change: Change) -> Change:
    """Return a change as it is told from the other side."""
    thing, dash, how = change.kind.rpartition("-")
    how = {"removed": "added", "added": "removed"}.get(how, how)
    about = (change.subject, change.what, change.lang, change.predicate, change.object)
    sides = (change.after, change.before, change.added, change.removed)
    return Change(f"{thing}{dash}{how}", *about, *sides)


@given(graphs, graphs)
@settings(max_examples=150)
def test_every_triple_that_differs_stands_in_exactly_one_change(
    old: set[ox.Triple], new: set[ox.Triple]
) -> None:
    """The triples of the changes are the symmetric difference, each once."""
    changes = diff(filled(old), filled(new))

    assert sorted(map(str, old - new)) == list(changes.removed)
    assert sorted(map(str, new - old)) == list(changes.added)
    assert all(change.removed or change.added for change in changes.changes)
    assert all(change.kind in CHANGES for change in changes.changes)


@given(graphs, graphs)
@settings(max_examples=100)
def test_from_the_other_side_the_same_is_told_the_other_way_round(
    old: set[ox.Triple], new: set[ox.Triple]
) -> None:
    """diff(b, a) mirrors diff(a, b)."""
    there, back = diff(filled(old), filled(new)), diff(filled(new), filled(old))

    assert set(there.changes) == {mirrored(change) for change in back.changes}


@given(graphs)
@settings(max_examples=30)
def test_a_graph_does_not_differ_from_itself(triples: set[ox.Triple]) -> None:
    """diff(a, a) is empty."""
    assert Changeset() == diff(filled(triples), filled(triples), inferred=True)


@given(graphs, graphs, st.lists(strange, max_size=8), st.lists(strange, max_size=8))
@settings(max_examples=60)
def test_with_inferred_triples_the_unions_are_compared(
    old: set[ox.Triple], new: set[ox.Triple], was: list[ox.Triple], now: list[ox.Triple]
) -> None:
    """What is asserted in one graph and inferred in the other is no difference."""
    changes = diff(filled(old, was), filled(new, now), inferred=True)
    before, after = old | set(was), new | set(now)

    assert sorted(map(str, before - after)) == list(changes.removed)
    assert sorted(map(str, after - before)) == list(changes.added)


@given(graphs, graphs)
@settings(max_examples=60)
def test_whatever_differs_is_told_in_both_languages(
    old: set[ox.Triple], new: set[ox.Triple]
) -> None:
    """Each group of changes has a line with words in it, also where the graphs make no sense."""
    before, after = filled(old), filled(new)
    changes = diff(before, after)
    for lang in ("zh", "en"):
        story = Story(read_glossary(before), read_glossary(after), lang)
        sections = story.sections(changes)

        assert list(changes.counts) == [section.kind for section in sections]
        assert all(line.strip() for section in sections for line in section.lines)
        assert all(story.sentence(change) for change in changes.changes)


def test_a_whole_comparison_is_sorted_and_the_same_on_every_run() -> None:
    edits = (
        ("赢单率", "成交率"),
        ('so:tier "core"', 'so:tier "supporting"'),
        ("so:measures term", "so:m term"),
    )
    first, second = changed(*edits), changed(*edits)
    kinds = [change.kind for change in first.changes]

    assert first == second
    assert kinds == sorted(kinds, key=CHANGES.index)
    assert len(first) == sum(first.counts.values())


# -- kinds
@pytest.mark.parametrize(
    ("before", "after", "kind", "zh", "en"),
    [
        (
            '"赢单率"@zh',
            '"成交率"@zh',
            "term-renamed",
            "“赢单率”改名为“成交率” [term:win-rate]",
            "“Win rate”: Chinese name changed from “赢单率” to “成交率” [term:win-rate]",
        ),
        (
            '"Win rate"@en',
            '"Close rate"@en',
            "term-renamed",
            "“赢单率”:英文名称由“Win rate”改为“Close rate” [term:win-rate]",
            "“Win rate” renamed to “Close rate” [term:win-rate]",
        ),
        (
            '"胜率"@zh',
            '"胜率"@zh , "命中率"@zh',
            "term-aliased",
            "“赢单率”:增加别名“命中率” [term:win-rate]",
            "“Win rate”: Chinese alias added: “命中率” [term:win-rate]",
        ),
        (
            'so:tier "core"',
            'so:tier "context"',
            "term-moved",
            "“赢单率”:层级由“核心”改为“语境” [term:win-rate]",
            "“Win rate”: tier changed from “core” to “context” [term:win-rate]",
        ),
        (
            "以赢单数除以关闭数",
            "以成交数除以关闭数",
            "term-redefined",
            "“赢单率”:定义:…商机中赢单所占的比例，以[-赢单-]{+成交+}数除以关闭数 [term:win-rate]",
            "",
        ),
        (
            'so:status "approved"',
            'so:status "deprecated" ; dcterms:isReplacedBy term:kpi',
            "term-status",
            "“成交”:停用;请改用“指标” [term:closing]",
            "“Closing”: deprecated; use “KPI” instead [term:closing]",
        ),
        (
            "so:owner term:closing",
            "so:owner term:kpi",
            "term-stewarded",
            "“赢单率”:负责人由“成交”改为“指标” [term:win-rate]",
            "“Win rate”: owner changed from “Closing” to “KPI” [term:win-rate]",
        ),
        (
            "so:mentionedIn passage:1.1 .",
            ".",
            "term-cited",
            "“赢单率”:去掉出处“回答1 引言” [term:win-rate]",
            "“Win rate”: passage removed: “answer 1 intro” [term:win-rate]",
        ),
        (
            '"higher-better"',
            '"lower-better"',
            "metric-changed",
            "“赢单率”:方向由“越高越好”改为“越低越好” [term:win-rate]",
            "",
        ),
        (
            '"team" , "rep"',
            '"team"',
            "metric-changed",
            "“赢单率”:去掉统计粒度“销售人员” [term:win-rate]",
            "“Win rate”: grain removed: “rep” [term:win-rate]",
        ),
        (
            'so:Formula ; so:expression "won / closed"',
            'so:Formula ; so:expression "closed / won"',
            "metric-changed",
            "“赢单率”:公式由“赢单数 ÷ 关闭数”改为“关闭数 ÷ 赢单数” [term:win-rate]",
            "",
        ),
        (
            '"won * won"',
            '"won / closed"',
            "metric-changed",
            "“赢单率”:“按金额”的公式由“赢单数 × 赢单数”改为“赢单数 ÷ 关闭数” [term:win-rate]",
            "",
        ),
        (
            'so:strength "implied"',
            'so:strength "stated"',
            "relation-changed",
            "赢单率 衡量 成交:依据强度由“隐含”改为“明说” [r1]",
            "Win rate measures Closing: strength changed from “implied” to “stated” [r1]",
        ),
        (
            '"旧理由"',
            '"新理由"',
            "relation-changed",
            "赢单率 衡量 成交:理由由“旧理由”改为“新理由” [r1]",
            "",
        ),
        (
            'so:aggregate "count"',
            'so:aggregate "sum"',
            "measure-changed",
            "“赢单数”:聚合方式由“计数”改为“求和” [measure:won]",
            "“Deals won”: aggregate changed from “count” to “sum” [measure:won]",
        ),
        (
            '"Deal.IsWon"',
            '"Deal.Won"',
            "field-changed",
            "“已赢单”:外部名称由“Deal.IsWon”改为“Deal.Won” [field:Deal.won]",
            "",
        ),
        (
            "so:toField field:Deal.amount",
            "so:toField field:Deal.won",
            "field-changed",
            "“已赢单”:目标字段由“金额”改为“已赢单” [field:Deal.won]",
            "",
        ),
        (
            'object:Deal a so:CrmObject ; rdfs:label "商机"@zh',
            'object:Deal a so:CrmObject ; rdfs:label "商机记录"@zh',
            "object-changed",
            "“商机记录”:名称由“商机”改为“商机记录” [object:Deal]",
            "",
        ),
        (
            '"看什么？"',
            '"先看什么？"',
            "lookalike-changed",
            "“各种率”:判断问题由“看什么？”改为“先看什么？” [lookalike:rates]",
            "",
        ),
        (
            '"回款"@zh , "Money"@en',
            '"收款"@zh , "Money"@en',
            "topic-changed",
            "“收款”:名称由“回款”改为“收款” [topic:money]",
            "",
        ),
        (
            '"赢单多少"',
            '"赢了多少"',
            "term-redefined",
            "“赢单率”:来源的说法由“赢单多少”改为“赢了多少” [term:win-rate]",
            "",
        ),
    ],
)
def test_an_edit_is_told_as_what_it_is(
    before: str, after: str, kind: str, zh: str, en: str
) -> None:
    chinese, english = told((before, after)), told((before, after), lang="en")

    assert {kind: (zh,)} == chinese
    assert [kind] == list(english)
    assert en in ("", *english[kind])


def test_a_move_takes_the_topic_s_own_list_along() -> None:
    moved = (
        ("term:win-rate , term:kpi , term:closing .", "term:kpi , term:closing ."),
        ("so:order 2 .", "so:order 2 ; skos:member term:win-rate ."),
        ('so:tier "core" ; so:topic topic:deals', 'so:tier "core" ; so:topic topic:money'),
    )
    change = changed(*moved).changes[0]

    assert {"term-moved": ("“赢单率”:主题由“商机”改为“回款” [term:win-rate]",)} == told(*moved)
    assert (2, 2) == (len(change.removed), len(change.added))


def test_a_new_parent_is_a_move_with_its_claim() -> None:
    moved = (
        ("skos:broader term:kpi", "skos:broader term:closing"),
        ("rdf:object term:kpi", "rdf:object term:closing"),
    )

    assert {"term-moved": ("“赢单率”:上位术语由“指标”改为“成交” [term:win-rate]",)} == told(*moved)


def test_a_term_that_loses_its_parent_becomes_a_top_term() -> None:
    """Where a parent is told as well, that alone is enough."""
    top = ("skos:hasTopConcept term:kpi", "skos:hasTopConcept term:kpi , term:closing")

    assert {"term-moved": ("“成交”:成为顶层术语 [term:closing]",)} == told(top)


def test_a_new_term_is_told_with_all_that_belongs_to_it_and_its_relations_apart() -> None:
    new = """term:deal a skos:Concept ; skos:prefLabel "交易"@zh , "Deal"@en ;
    so:kind "Process" ; so:tier "core" ; so:topic topic:deals ; skos:broader term:kpi ;
    skos:definition "一笔买卖。"@zh ; so:measures term:closing .
topic:deals skos:member term:deal .
claim:p2-product a so:Claim ; rdf:subject term:deal ; rdf:predicate skos:broader ;
    rdf:object term:kpi .
"""
    old, fresh = store_of(BASE), store_of(BASE + new)
    story = Story(read_glossary(old), read_glossary(fresh), "zh")
    there, back = diff(old, fresh), diff(fresh, old)
    lines = {section.kind: section.lines for section in story.sections(there)}

    assert {"term-added": 1, "relation-added": 1} == there.counts
    assert {"term-removed": 1, "relation-removed": 1} == back.counts
    assert ("“交易” (Deal),流程,核心,商机 [term:deal]:一笔买卖。",) == lines["term-added"]
    assert ("交易 衡量 成交",) == lines["relation-added"]
    assert ["交易", "Deal"] == sorted((t.value for t in there.changes[0].after), reverse=True)


def test_a_removed_term_names_its_successor_only_where_the_data_does() -> None:
    gone = 'term:old a skos:Concept ; skos:prefLabel "旧称"@zh . '
    named = gone + "term:old dcterms:isReplacedBy term:kpi . "
    lines: list[str] = []
    for before in (gone, named):
        old, new = store_of(BASE + before), store_of(BASE)
        story = Story(read_glossary(old), read_glossary(new), "zh")
        lines += story.sections(diff(old, new))[0].lines

    assert "取代" not in lines[0]
    assert "由“指标”取代" in lines[1]


def test_another_id_with_the_same_name_is_one_term_less_and_one_more() -> None:
    changes = diff(store_of(BASE), edited(("term:closing", "term:close")))

    assert (1, 1) == (changes.counts["term-removed"], changes.counts["term-added"])
    assert "term-renamed" not in changes.counts


def test_the_default_variant_changes_in_one_sentence() -> None:
    swapped = (("so:isDefault true", "so:isDefault x"), ("so:isDefault false", "so:isDefault true"))

    assert ("“赢单率”:默认口径由“按笔数”改为“按金额” [term:win-rate]",) == told(
        *swapped, ("so:isDefault x", "so:isDefault false")
    )["metric-changed"]


def test_a_variant_a_version_and_an_entry_come_whole() -> None:
    more = """term:win-rate so:hasMetricVariant variant:new ;
    so:hasDefinition <https://w3id.org/salesops/definition/win-rate-2> .
variant:new a so:MetricVariant ; rdfs:label "按户数"@zh ; so:variantOfMetric term:win-rate ;
    so:expression "a" ; so:hasOperand <urn:o> .
<urn:o> so:operandMeasure measure:won .
<https://w3id.org/salesops/definition/win-rate-2> a so:Definition ; rdf:value "另一说法"@zh .
lookalike:rates so:compares term:closing .
<urn:entry> so:entryOf lookalike:rates ; so:about term:closing ; so:distinction "x"@zh .
"""
    old, new = store_of(BASE), store_of(BASE + more)
    story = Story(read_glossary(old), read_glossary(new), "zh")
    lines = [line for section in story.sections(diff(old, new)) for line in section.lines]

    assert [
        "“赢单率”:增加来源的说法“另一说法” [term:win-rate]",
        "“赢单率”:增加口径“按户数” [term:win-rate]",
        "“各种率”:增加比较的术语“成交” [lookalike:rates]",
    ] == lines


def test_further_evidence_and_a_claim_without_its_triple_are_told() -> None:
    claim = """claim:r1-product a so:Claim ; rdf:subject term:win-rate ;
    rdf:predicate so:measures ; rdf:object term:closing ; so:strength "product" ;
    prov:wasDerivedFrom source:product ."""
    old, new = store_of(BASE), store_of(BASE + claim)
    story = Story(read_glossary(old), read_glossary(new), "zh")

    assert "增加依据" in story.sections(diff(old, new))[0].lines[0]
    assert ("赢单率 衡量 成交:不再断言,只保留依据 [r1]",) == told(
        ("so:measures term:closing ;", "")
    )["relation-changed"]
    assert "now asserted" in Story(read_glossary(old), read_glossary(old), "en").sentence(
        diff(edited(("so:measures term:closing ;", "")), old).changes[0]
    )


def test_a_claim_under_another_id_is_told_with_what_it_says_otherwise() -> None:
    renumbered = ("claim:r1-1.1", "claim:r2-1.1")

    assert ("赢单率 衡量 成交:编号由 r1 改为 r2 [r2]",) == told(renumbered)["relation-changed"]
    line = told(renumbered, ('"implied"', '"stated"'), ('"旧理由"', '"新理由"'))[
        "relation-changed"
    ][0]

    assert ";依据强度由“隐含”改为“明说”;理由由“旧理由”改为“新理由” [r2]" in line


def test_a_term_in_use_again_and_another_status() -> None:
    deprecated = edited(('"approved"', '"deprecated"'))
    story = Story(read_glossary(deprecated), read_glossary(store_of(BASE)), "zh")

    assert ("“成交”:重新启用 [term:closing]",) == story.sections(diff(deprecated, store_of(BASE)))[
        0
    ].lines
    assert ("“成交”:状态由“已审定”改为“草稿” [term:closing]",) == told(('"approved"', '"draft"'))[
        "term-status"
    ]


def test_triples_without_words_are_counted_and_shown_by_predicate() -> None:
    more = "".join(f"<urn:s{n}> <urn:p> <urn:o> . " for n in range(5))
    old, new = store_of(BASE), store_of(BASE + more)
    changes = diff(old, new)
    line = Story(read_glossary(old), read_glossary(new), "zh").sentence(changes.changes[0])

    assert ("other", "urn:p", 5) == (
        changes.changes[0].kind,
        changes.changes[0].subject,
        len(changes.added),
    )
    assert line.startswith("urn:p:增加 5 条\n    + <urn:s0> <urn:p> <urn:o>")
    assert line.endswith("+ …")


def test_terms_that_changed_in_the_same_way_share_a_line() -> None:
    many = "".join(
        f'term:t{n} a skos:Concept ; skos:prefLabel "术语{n}"@zh ; so:tier "core" . '
        for n in range(10)
    )
    old, new = store_of(many), store_of(many.replace('"core"', '"context"'))
    for lang, end in (("zh", "等 10 个:层级由"), ("en", "and 2 more: tier changed")):
        story = Story(read_glossary(old), read_glossary(new), lang)
        (section,) = story.sections(diff(old, new))

        assert 10 == section.count
        assert 1 == len(section.lines)
        assert end in section.lines[0]


def test_only_the_inferred_graph_differs_and_only_where_asked() -> None:
    triple = ox.Triple(*(ox.NamedNode(f"urn:{name}") for name in "spo"))
    old, new = filled(POOL), filled(POOL, [triple])

    assert not diff(old, new)
    assert {"inferred": 1} == diff(old, new, inferred=True).counts


# -- words
def test_every_kind_has_a_title_in_both_languages() -> None:
    assert set(CHANGES) == set(TITLES)
    assert all(zh and en for zh, en in TITLES.values())


def test_every_predicate_of_the_shipped_graph_has_words(store: Store) -> None:
    """What is said of terms, measures, fields and the like is told in words, not by its CURIE."""
    graph = Graph(store.triples())
    said = {t.predicate.value for t in store.triples() if graph.place(str(t.subject)[1:-1])[0]}
    changes = diff(open_store(), store)
    dropped = {v.SKOS + "inScheme", v.SO + "hasOperand", v.SO + "operandMeasure", v.SO + "object"}
    dropped |= {v.SO + "operandMetric", v.SO + "variantOfMetric", v.SO + "definitionOf"}
    dropped |= {v.SO + name for name in ("answer", "fromField", "entryOf", "about", "mapsFrom")}
    relations = {change.predicate for change in changes.changes}

    assert {v.SKOS + "topConceptOf"} == said - set(WHAT) - dropped - relations - {v.SKOS + "member"}


def test_hostile_texts_stay_in_their_line_and_bounded() -> None:
    payload = " ".join(HOSTILE)
    label = ox.Triple(
        ox.NamedNode(v.TERM + "closing"),
        ox.NamedNode(v.SKOS + "altLabel"),
        ox.Literal(payload * 20, language="zh"),
    )
    old, new = store_of(BASE), store_of(BASE, label)
    line = Story(read_glossary(old), read_glossary(new), "zh").sentence(diff(old, new).changes[0])

    assert "\n" not in line
    assert len(line) < 200


def test_excerpts_show_what_changed_with_a_little_around_it() -> None:
    assert "the [-quick-]{+slow+} fox" == excerpt("the quick fox", "the slow fox")
    assert "…笔数除以期内关闭的商机数[-，-]{+。+}" == excerpt(
        "其中赢单的笔数除以期内关闭的商机数，", "其中赢单的笔数除以期内关闭的商机数。"
    )
    assert excerpt("完全不同", "something else") is None
    assert excerpt("a " * 900, "b " * 900) is None
    assert "a…" == clip("abc", 1)


def test_excerpts_of_very_long_texts_take_no_time() -> None:
    started = time.monotonic()
    text = "赢单率" * 100_000

    assert "{+x+}" in (excerpt(text, f"{text}x") or "")
    assert excerpt(text, text[::-1]) is None
    assert time.monotonic() - started < 5


# -- blank nodes
def test_a_file_read_twice_under_other_names_does_not_differ(tmp_path: Path) -> None:
    text = "<urn:c> <urn:list> ( 1 2 3 ) , ( 1 2 3 ) , [ <urn:p> [ <urn:q> 'x' ] ] .\n"
    stores = []
    for name, more in (("a.ttl", ""), ("b.ttl", "# a remark\n")):
        (tmp_path / name).write_text(more + text, encoding="utf-8")
        stores.append(open_store())
        stores[-1].load(tmp_path / name)

    assert stores[0].dump is not stores[1].dump
    assert set(stores[0].triples()) != set(stores[1].triples())
    assert not diff(*stores)


def test_one_value_inside_blank_nodes_changes_only_its_own_part() -> None:
    parts = ["<urn:a> <urn:p> [ <urn:q> 'x' ] .", "<urn:a> <urn:p> [ <urn:q> 'y' ] ."]
    old = store_of("\n".join(parts))
    new = store_of("\n".join((parts[0], "<urn:a> <urn:p> [ <urn:q> 'z' ] .")))
    changes = diff(old, new)

    assert (2, 2) == (len(changes.removed), len(changes.added))


links = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.booleans()), max_size=9)


@given(links, st.permutations(range(6)))
@settings(max_examples=100)
def test_names_of_blank_nodes_lose_no_triple(
    pairs: list[tuple[int, int, bool]], order: list[int]
) -> None:
    """Nodes stay apart, and graphs that differ by more than names stay different."""

    def graph(name: str, at: list[int]) -> set[ox.Triple]:
        return {
            ox.Triple(
                ox.BlankNode(f"{name}{at[a]}"),
                ox.NamedNode(f"urn:{flag}"),
                ox.BlankNode(f"{name}{at[b]}"),
            )
            for a, b, flag in pairs
        }

    first, second = graph("x", list(range(6))), graph("y", order)
    counts = [Counter(map(str, name_blanks(g))) for g in (first, second)]

    assert len(first) == len(counts[0]) == len(counts[1])
    assert name_blanks(first) == name_blanks(set(first))


def test_a_poisoned_graph_of_blank_nodes_takes_no_time() -> None:
    """Many nodes alike would keep a search for the one right order busy for ever."""
    nodes = [ox.BlankNode(f"n{n}") for n in range(60)]
    near = ox.NamedNode("urn:near")
    triples = [ox.Triple(a, near, b) for a in nodes for b in nodes if a != b]
    started = time.monotonic()

    assert len(triples) == len(name_blanks(triples))
    assert time.monotonic() - started < 20


def test_triples_about_triples_keep_their_blank_nodes() -> None:
    inner = ox.Triple(ox.BlankNode("x"), ox.NamedNode("urn:p"), ox.Literal("1"))
    outer = ox.Triple(ox.NamedNode("urn:s"), ox.NamedNode("urn:says"), inner)
    plain = ox.Triple(
        ox.NamedNode("urn:s"),
        ox.NamedNode("urn:says"),
        ox.Triple(ox.NamedNode("urn:x"), ox.NamedNode("urn:p"), ox.Literal("1")),
    )

    assert {plain} < name_blanks([outer, plain])
    assert 2 == len(name_blanks([outer, plain]))


# -- as triples
def test_trig_reads_back_as_the_triples_that_differ() -> None:
    edits = (("赢单率", "成交率"), ("skos:broader term:kpi", "skos:broader [ so:tier 'x' ]"))
    changes = changed(*edits)
    quads = list(ox.parse(trig(changes), format=ox.RdfFormat.TRIG))
    sides = Counter(quad.graph_name.value for quad in quads)

    assert {v.REMOVED: len(changes.removed), v.ADDED: len(changes.added)} == sides


# -- the shipped graph
def test_the_shipped_graph_compared_with_nothing_is_all_its_triples(store: Store) -> None:
    """All of it is told, in a few seconds."""
    started = time.monotonic()
    changes = diff(open_store(), store)
    seconds = time.monotonic() - started

    assert sum(1 for _ in store.triples()) == len(changes.added)
    assert 1007 == changes.counts["term-added"]
    assert 260 == changes.counts["measure-added"]
    assert seconds < 20
