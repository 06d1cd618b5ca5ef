"""Owns what the handbook promises a reader: everything once, in order, linked, and unbreakable."""

from __future__ import annotations

import io
import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from kg import vocab as v
from kg.errors import ExportError
from kg.model import (
    LANGS,
    Claim,
    Concept,
    Glossary,
    Label,
    Lookalike,
    LookalikeSet,
    Measure,
    Metric,
    Passage,
    Relation,
    Stewardship,
    Text,
    Topic,
    Variant,
    Version,
)
from kg.training import FORMATS, teach
from kg.training.handbook import write_handbook
from kg.training.lesson import arrange, sort_key
from kg.training.markdown import code, escape, guard, link, slugs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg.model import Lang

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])

HOSTILE = (
    "[click](javascript:alert(1))",
    "![x](https://x.invalid/a.png)",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "*bold* _it_ `code` ~~gone~~",
    "# heading",
    "1. list",
    "- list",
    "> quote",
    "a | b",
    "two\n\n# lines",
    "https://x.invalid www.x.invalid",
    "&lt;b&gt; &copy;",
    "back\\slash\\",
    "{s} {o} {terms}",
    "\ue000 \ue001",
    "bell\x07 \u202eturned",
    "===",
    "```",
)


def document(
    glossary: Glossary, lang: Lang = "zh", tiers: Sequence[str] = ("core", "supporting")
) -> str:
    out = io.BytesIO()
    write_handbook(glossary, out, lang=lang, tiers=tiers)
    return out.getvalue().decode()


@pytest.fixture(scope="module")
def texts(glossary: Glossary) -> dict[Lang, str]:
    return {lang: document(glossary, lang) for lang in LANGS}


def sections(text: str) -> dict[str, str]:
    """Return the text below each anchor of a term, up to the next anchor, by anchor."""
    parts = re.split(r'^<a id="(term-[^"]+)"></a>$', text, flags=re.MULTILINE)
    bodies = (re.split(r"^(?:<a id=|## )", part, flags=re.MULTILINE)[0] for part in parts[2::2])
    return dict(zip(parts[1::2], bodies, strict=True))


def visible(text: str) -> str:
    """Return what a reader sees of a piece of Markdown."""
    html = MARKDOWN.render(text)
    bare = re.sub("<[^>]*>", "", html)
    return (
        bare.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")
    )


# -- the whole document


@pytest.mark.parametrize("lang", LANGS)
def test_every_core_and_supporting_term_is_there_once(
    glossary: Glossary, texts: dict[Lang, str], lang: Lang
) -> None:
    anchors = re.findall(r'<a id="([^"]+)"></a>', texts[lang])
    expected = {
        f"term-{c.id}" for c in glossary.concepts.values() if c.tier in ("core", "supporting")
    }

    assert 900 < len(expected)
    assert [] == [name for name, often in Counter(anchors).items() if often > 1]
    assert expected == {name for name in anchors if name.startswith("term-")}


@pytest.mark.parametrize("lang", LANGS)
def test_every_link_leads_somewhere(texts: dict[Lang, str], lang: Lang) -> None:
    anchors = set(re.findall(r'<a id="([^"]+)"></a>', texts[lang]))
    links = re.findall(r"\]\(([^)]*)\)", texts[lang])

    assert 4_000 < len(links)
    assert set() == {target for target in links if target.removeprefix("#") not in anchors}


@pytest.mark.parametrize("lang", LANGS)
def test_topics_stand_in_order(glossary: Glossary, texts: dict[Lang, str], lang: Lang) -> None:
    heads = re.findall(r"^## (\d+)\. (.*)$", texts[lang], flags=re.MULTILINE)
    scopes = [escape(topic.scope(lang)) for topic in glossary.topics]

    assert [(str(n), t.label(lang)) for n, t in enumerate(glossary.topics, start=1)] == heads
    assert [2] * 20 == [texts[lang].count(scope) for scope in scopes]


@pytest.mark.parametrize("lang", LANGS)
def test_core_terms_come_first_then_by_name(glossary: Glossary, lang: Lang) -> None:
    tiers = ("core", "supporting")
    for chapter in arrange(glossary, lang, tiers=tiers):
        order = [
            (tiers.index(e.tier(tiers)), sort_key(e.concept.pref_label(lang), lang))
            for e in chapter.entries
        ]

        assert order == sorted(order)


@pytest.mark.parametrize("lang", LANGS)
def test_every_heading_bears_both_names(
    glossary: Glossary, texts: dict[Lang, str], lang: Lang
) -> None:
    found = sections(texts[lang])
    other = {"zh": "en", "en": "zh"}[lang]
    for chapter in arrange(glossary, lang):
        for entry in chapter.entries:
            own, far = (entry.concept.pref_label(x) for x in (lang, other))
            head = found[f"term-{entry.concept.id}"].strip().splitlines()[0]

            assert head == f"### {escape(own)}" + ("" if own == far else f" ({escape(far)})")


@pytest.mark.parametrize("lang", LANGS)
def test_relations_come_once_per_term(
    glossary: Glossary, texts: dict[Lang, str], lang: Lang
) -> None:
    """Each other term is named, at most once per relation, in an entry of its own.

    Left out: what shares the heading, the vocabulary, and relations that say nothing more.
    """
    inside = {
        frozenset((entry.concept.iri, metric.iri))
        for chapter in arrange(glossary, lang)
        for entry in chapter.entries
        for metric in entry.metrics
    }
    found = sections(texts[lang])
    wrong = []
    for slug, body in found.items():
        iri = v.TERM + slug.removeprefix("term-")
        # an arrow leads from an answer to a look-alike, and is no relation
        told = [x for x in body.splitlines() if x.startswith("- ") and " → " not in x]
        related = Counter(
            r.object if r.subject == iri else r.subject
            for r in glossary.relations
            if iri in (r.subject, r.object)
        )
        for other, most in related.items():
            anchor = f"term-{v.local_name(other)}"
            often = sum(x.count(f"(#{anchor})") for x in told)
            least = anchor in found and frozenset((iri, other)) not in inside
            if not least <= often <= most:
                wrong.append((slug, other, often))

    assert [] == wrong


def test_what_is_said_closer_is_not_said_again(texts: dict[Lang, str]) -> None:
    """No bare partOf or filing where another relation names the two terms together."""
    found = sections(texts["en"])

    assert 1 == found["term-crm-system"].count("(#term-crm-sales-automation)")
    assert 1 == found["term-crm-sales-automation"].count("(#term-crm-system)")
    assert "sales-operations-terminology" not in texts["en"]


def test_sentences_and_evidence_read_well(texts: dict[Lang, str]) -> None:
    zh = sections(texts["zh"])["term-sales-conversion-rate"]
    en = sections(texts["en"])["term-crm-system"]

    assert (
        "- 销售转化率 衡量 [阶段转化](#term-stage-conversion)、[销售漏斗](#term-sales-funnel) "
        "(隐含, 回答1 引言)\n"
    ) in zh
    assert "\n- CRM system feeds [" in en
    assert (
        "; [Sales forecast](#term-sales-forecast) "
        "(implied, low confidence, answer 1 §3 ¶2; answer 1 §4 ¶1)"
    ) in en


def test_the_contradiction_is_shown_from_both_ends(texts: dict[Lang, str]) -> None:
    found = sections(texts["zh"])

    assert (
        "[销售管理](#term-sales-management) (来源说法不一; 明说, 回答4 引言)"
        in found["term-sales-operations"]
    )
    assert "(来源说法不一; 明说, 回答3 引言)" in found["term-sales-management"]


def test_a_formula_stands_under_the_term_it_is_for(
    glossary: Glossary, texts: dict[Lang, str]
) -> None:
    """All 13 metrics that carry the formula of a source term share its heading."""
    pairs = [r for r in glossary.relations if r.predicate == v.SO + "formulaFor"]
    found = sections(texts["zh"])
    text = texts["zh"]

    assert 13 == len(pairs)
    for pair in pairs:
        metric, term = (f"term-{v.local_name(iri)}" for iri in (pair.subject, pair.object))
        between = text.partition(f'<a id="{term}">')[2].partition(f'<a id="{metric}">')[0]

        assert found[metric].strip().startswith("#### 计算公式：")
        assert 1 == between.count("### ") - between.count("#### ")


def test_a_metric_says_how_it_is_computed(texts: dict[Lang, str]) -> None:
    zh, en = (sections(texts[lang])["term-sales-velocity"] for lang in LANGS)

    assert (
        "**计算公式**：未关闭商机数 × 平均成交金额 × 赢单率 ÷ 平均销售周期  \n"
        "**公式代码**：`open_opps * average_deal_size * win_rate / average_sales_cycle_length`  \n"
        "**单位**：金额/天  \n"
        "**方向**：越高越好  \n"
        "**计入日期**：时点(截至统计时刻)  \n"
    ) in zh
    assert "**所用指标**：[平均成交金额](#term-average-deal-size)、" in zh
    assert "**可加性**：不可加总,须重新计算  \n" in zh
    assert "**Unit**: money per day  \n**Direction**: higher is better  \n" in en
    assert "Closed (`Opportunity.is_closed`)\n" in en
    assert "- Open opportunities (`open_opps`): " in en


def test_variants_name_their_formula_and_the_default(
    glossary: Glossary, texts: dict[Lang, str]
) -> None:
    metrics = [c for c in glossary.concepts.values() if c.metric and c.metric.variants]
    found = sections(texts["en"])
    shown = [c for c in metrics if f"term-{c.id}" in found]

    assert 30 < len(shown)
    for concept in shown:
        body = found[f"term-{concept.id}"]
        assert 1 == body.count("** (default): ")
        assert concept.metric
        for variant in concept.metric.variants:
            assert f"- **{escape(variant.label('en'))}**" in body


def test_look_alikes_lead_from_the_answer_to_the_term(
    glossary: Glossary, texts: dict[Lang, str]
) -> None:
    """Each set stands with each of its members, which is named in bold there."""
    found = sections(texts["zh"])

    assert 30 <= len(glossary.lookalikes)
    for group in glossary.lookalikes:
        for member in group.members:
            body = found.get(f"term-{v.local_name(member.concept)}")
            name = escape(glossary.name(member.concept, "zh"))
            assert body is None or f"**容易混淆**：{escape(group.question('zh'))}" in body
            assert body is None or f"{escape(member.answer('zh'))} → **{name}**：" in body


def test_what_passages_make_of_a_term_stands_below_its_definition(
    glossary: Glossary, texts: dict[Lang, str]
) -> None:
    found = sections(texts["en"])
    several = [c for c in glossary.concepts.values() if len(c.versions) > 1]

    assert 20 < len(several)
    for concept in several:
        body = found.get(f"term-{concept.id}", "").partition("**What the source makes of it**")[2]
        for version in concept.versions if body else ():
            assert f": {escape(version.text('en'))}\n" in body


def test_reasons_stand_below_their_sentence(glossary: Glossary, texts: dict[Lang, str]) -> None:
    """From both ends, but for filing."""
    found = sections(texts["zh"])
    reasoned = [
        r
        for r in glossary.relations
        if r.asserted and r.reason("zh") and r.predicate == v.SO + "improves"
    ]
    lines = [
        (
            v.local_name(near),
            f"\n  - {escape(glossary.name(far, 'zh'))}：{escape(r.reason('zh'))}\n",
        )
        for r in reasoned
        for near, far in ((r.subject, r.object), (r.object, r.subject))
    ]
    inside = [(name, line) for name, line in lines if f"term-{name}" in found]

    assert 200 < len(inside)
    assert [] == [name for name, line in inside if line not in found[f"term-{name}"]]
    assert "归类只为便于浏览" not in texts["zh"]


def test_every_term_names_its_keeper(glossary: Glossary, texts: dict[Lang, str]) -> None:
    keeper = glossary.concepts[v.TERM + "win-rate"].stewardship
    body = sections(texts["en"])["term-win-rate"]

    assert keeper.owner
    assert f"Owner: [{glossary.name(keeper.owner, 'en')}](#term-" in body


def test_what_does_not_exist_is_not_mentioned(texts: dict[Lang, str]) -> None:
    """A term of which nothing is known has no empty lines, and no word such as N/A."""
    labels = tuple(Label("词", lang, "pref") for lang in LANGS)
    bare = Concept(v.TERM + "x", "Concept", "core", "t", labels)
    found = sections(document(Glossary({bare.iri: bare}, (), {}, ()), "zh"))

    assert ["### 词", "Concept · 核心", "出处：本图谱补充"] == found["term-x"].strip().split("\n\n")
    assert not re.search(r"\bN/A\b|[:：(] ?(None|暂无|null)", "".join(texts.values()))


def test_definitions_and_notes_are_in_the_language_asked_for(
    glossary: Glossary, texts: dict[Lang, str]
) -> None:
    for lang in LANGS:
        found = sections(texts[lang])
        for concept in glossary.concepts.values():
            definition = concept.definition(lang)
            if definition and f"term-{concept.id}" in found:
                assert guard(escape(definition)) in found[f"term-{concept.id}"]
        for concept in glossary.concepts.values():
            for note in concept.scope_notes:
                body = found.get(f"term-{concept.id}", "")
                assert not body or (note.lang == lang) == (escape(note.value) in body)


@pytest.mark.parametrize("lang", LANGS)
def test_indexes_hold_every_name_in_order(
    glossary: Glossary, texts: dict[Lang, str], lang: Lang
) -> None:
    """Both indexes list names and aliases of all terms; letters are in order."""
    shown = [c for c in glossary.concepts.values() if c.tier in ("core", "supporting")]
    parts = texts[lang].split("\n## ")
    own, other = (parts[-2], parts[-1])
    for language, part in zip((lang, "en" if lang == "zh" else "zh"), (own, other), strict=True):
        letters = re.findall(r"^\*\*(.+?)\*\* ", part, flags=re.MULTILINE)
        names = sum(1 + len(set(c.alt_labels(language)) - {c.pref_label(language)}) for c in shown)

        assert letters == sorted(letters)
        assert names == part.count("](#term-")


def test_other_tiers_on_request(glossary: Glossary) -> None:
    core = sections(document(glossary, tiers=("core",)))
    everything = sections(document(glossary, tiers=("core", "supporting", "context")))
    tiers = [concept.tier for concept in glossary.concepts.values()]

    assert len(tiers) == len(everything)
    # the core terms, and the supporting metrics that carry the formula of a core term
    assert tiers.count("core") <= len(core) <= tiers.count("core") + 13
    assert "term-cac-metric" in core


# -- attacks


def hostile_glossary() -> Glossary:
    topic = Topic(v.TOPIC + "t", 1, tuple(Text(HOSTILE[0], x) for x in LANGS), (Text("# s", "zh"),))
    concepts = {}
    for at, text in enumerate(HOSTILE):
        iri = f"{v.TERM}h{at}"
        texts = tuple(Text(text, lang) for lang in LANGS)
        concepts[iri] = Concept(
            iri=iri,
            kind=text,
            tier="core",
            topic="t" if at % 2 else "nowhere",
            labels=tuple(
                Label(text, lang, role) for lang in LANGS for role in ("pref", "alt", "hidden")
            ),
            definitions=(Text(text, "zh"),),
            scope_notes=(Text(text, "zh"),),
            metric=Metric(
                text,
                text,
                text,
                text,
                measures=(v.MEASURE + "m",),
                fields=(v.FIELD + "f",),
                filters=(Text(text, "zh"),),
                variants=(Variant(iri, texts, texts, iri, text, default=True),),
            ),
            versions=(Version(Passage(text, 1, text, 1), texts),),
            stewardship=Stewardship(iri, text, text, text, iri),
        )
    names = sorted(concepts)
    relations = tuple(
        Relation(f"r{at}", a, v.SO + "hits", b, (_claim(at, HOSTILE[at]),))
        for at, (a, b) in enumerate(pairwise(names))
    )
    every = tuple(Text(text, lang) for text in HOSTILE for lang in LANGS)
    groups = tuple(
        LookalikeSet(f"{v.LOOKALIKE}{at}", (text,), (text,), (Lookalike(iri, (text,), (text,)),))
        for at, (iri, text) in enumerate((iri, text) for iri in names for text in every)
    )
    measure = Measure(v.MEASURE + "m", every[:2], every[2:4], "", "")
    labels = {v.MEASURE + "m": every[2:4], v.FIELD + "f": every[4:6]}
    return Glossary(
        concepts,
        relations,
        {},
        (topic,),
        names=labels,
        measures={measure.iri: measure},
        lookalikes=groups,
    )


def _claim(at: int, text: str) -> Claim:
    return Claim(f"c{at}", "stated", "answer1", reasons=tuple(Text(text, lang) for lang in LANGS))


@pytest.mark.parametrize("lang", LANGS)
def test_no_label_brings_markup(lang: Lang) -> None:
    """Rendered, a hostile glossary has our tags only, and links within the document only."""
    html = MARKDOWN.render(document(hostile_glossary(), lang))
    tags = set(re.findall(r"<([a-z0-9]+)[ >/]", html))
    ours = {"a", "h1", "h2", "h3", "ul", "ol", "li", "p", "br", "strong", "code", "blockquote"}
    targets = re.findall(r'(?:href|src)="([^"]*)"', html)

    assert set() == tags - ours
    assert [] == [target for target in targets if not target.startswith("#")]
    assert len(HOSTILE) == html.count("<h3>")
    assert 1 == html.count("<h1>")


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("text", ["===", "---", "- x", "1. x", "# x"])
def test_no_status_or_version_begins_a_block(text: str, lang: Lang) -> None:
    """Under a line of its own, a row of "=" would make a heading of it."""
    hostile = hostile_glossary()
    iri, concept = next(iter(hostile.concepts.items()))
    one = replace(
        concept,
        labels=(Label("A", "zh", "pref"),),
        versions=(Version(Passage("1", 1, text, 1), (Text(text, lang),)),),
        stewardship=Stewardship(status=text),
        metric=None,
    )
    html = MARKDOWN.render(document(replace(hostile, concepts={iri: one}, relations=()), lang))
    plain = MARKDOWN.render(
        document(replace(hostile, concepts={iri: replace(one, stewardship=Stewardship())}), lang)
    )

    assert [html.count(tag) for tag in ("<h1>", "<h2>", "<hr")] == [
        plain.count(tag) for tag in ("<h1>", "<h2>", "<hr")
    ]
    assert html.count(f"{text}") > plain.count(f"{text}")


def test_every_label_is_seen_as_it_is() -> None:
    seen = visible(document(hostile_glossary()))
    labels = [" ".join(re.sub("[\x07\u202e]", "", text).split()) for text in HOSTILE]

    assert [] == [label for label in labels if label not in seen]


@given(st.text())
def test_escaped_text_is_seen_as_the_text(text: str) -> None:
    """Rendering undoes escaping: a reader sees the text, on one line, less what is invisible."""
    seen = visible(guard(escape(text))).strip()
    plain = " ".join(
        re.sub(
            "[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]", "", text
        ).split()
    )

    assert plain == seen


@given(st.text())
def test_escaped_text_has_no_tag_and_no_link(text: str) -> None:
    html = MARKDOWN.render(f"- {guard(escape(text))}")

    assert {"ul", "li"} >= set(re.findall(r"<([a-z0-9]+)", html))


@given(st.text("a` \n", min_size=1))
def test_code_is_one_piece(text: str) -> None:
    """Whatever backticks a formula holds, it is one piece of code."""
    html = MARKDOWN.render(f"x {code(text)} y")

    assert not text.strip() or 1 == html.count("<code>") == html.count("</code>")
    assert not text.strip() or "`" not in html.replace(
        html[html.find("<code>") : html.rfind("</")], ""
    )


@given(st.lists(st.text(max_size=5)))
def test_anchors_are_safe_and_different(names: list[str]) -> None:
    found = slugs(names, prefix="term-")

    assert set(names) == set(found)
    assert len(found) == len(set(found.values()))
    assert [] == [slug for slug in found.values() if not re.fullmatch(r"[A-Za-z0-9_-]+", slug)]


def test_a_link_text_cannot_leave_its_link() -> None:
    assert '<p><a href="#x">](https://x.invalid)</a></p>\n' == MARKDOWN.render(
        link("](https://x.invalid)", "x")
    )


# -- the table of formats


def test_an_unknown_format_names_the_known_ones(glossary: Glossary) -> None:
    with pytest.raises(ExportError) as caught:
        teach(glossary, "novel", io.BytesIO())

    assert tuple(FORMATS) == caught.value.known


def test_teach_passes_language_and_tiers_on(glossary: Glossary) -> None:
    out = io.BytesIO()
    teach(glossary, "handbook", out, lang="en", tiers=("context",))

    assert document(glossary, "en", ("context",)) == out.getvalue().decode()
    assert 72 == len(sections(out.getvalue().decode()))


def test_formats_are_described_in_both_languages() -> None:
    assert [] == [row.name for row in FORMATS.values() if row.about("zh") == row.about("en")]


def test_an_empty_glossary_gives_an_empty_handbook() -> None:
    out = io.BytesIO()
    teach(Glossary({}, (), {}, ()), "handbook", out, lang="en")

    assert "0 terms stand under 0 topics" in out.getvalue().decode()


def test_order_of_input_does_not_matter(glossary: Glossary) -> None:
    """The same glossary in another order gives the same bytes."""
    turned = replace(
        glossary,
        concepts=dict(reversed(glossary.concepts.items())),
        relations=tuple(reversed(glossary.relations)),
    )

    assert document(glossary) == document(turned)
