"""The explorer page in Chromium, opened from a file as people open it."""

from __future__ import annotations

import base64
import json
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kg.explorer import explore
from kg.lookup import build_index, search
from kg.phrasing import formula_text
from kg.vocab import SO, TERM, local_name
from tests.browser.conftest import PHONE, attack, violations

if TYPE_CHECKING:
    from kg.model import Glossary, Lang
    from tests.browser.conftest import Open

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
VECTORS = json.loads((ROOT / "tests" / "golden" / "search_vectors.json").read_text("utf-8"))


def test_nothing_is_requested_and_nothing_fails_after_every_control(open_page: Open) -> None:
    """Press everything there is; the page stays silent on the network and in the console."""
    opened = open_page()
    page = opened.page
    page.fill("#q", "转化率")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    for sign in page.query_selector_all("#key button"):
        sign.evaluate("node => node.click()")
    for name in ("zoom-in", "zoom-out", "zoom-fit", "theme", "lang", "home", "filters"):
        page.click(f"#{name}")
    for box in page.query_selector_all("#nav details"):
        box.evaluate("node => { node.open = true; }")
    for box in page.query_selector_all("#nav input"):
        box.click()
    page.click("#nav > button")
    page.click("#details .grid button >> nth=3")
    page.click("#details .tag >> nth=2")
    page.mouse.click(600, 400)
    page.mouse.wheel(0, 300)

    assert [] == opened.requests
    assert [] == opened.errors


@pytest.mark.parametrize("device", ["desktop", "phone"])
@pytest.mark.parametrize("state", ["load", "concept", "topic", "search", "dark english"])
def test_axe_finds_no_violation(open_page: Open, device: str, state: str) -> None:
    fragment = {"concept": "#concept=win-rate", "topic": "#topic=forecasting"}.get(state, "")
    opened = open_page(fragment, **(PHONE if device == "phone" else {}))
    if state == "search":
        opened.page.fill("#q", "销售")
    if state == "dark english":
        opened.page.click("#theme")
        opened.page.click("#lang")

    assert [] == violations(opened)
    assert [] == opened.errors


def test_both_examples_of_the_brief_are_on_the_opening_view(open_page: Open) -> None:
    """As sentences with their evidence, and as drawn edges between labelled marks."""
    page = open_page().page
    text = page.inner_text("#details")
    drawn = page.evaluate(
        "() => kg.drawing.links().map(l => [l.a.node.id, l.edge.p, l.b.node.id, l.dashed, l.faint])"
    )
    labels = page.evaluate("() => kg.drawing.labels().map(r => r.text)")

    assert "销售转化率 衡量 阶段转化" in text
    assert "隐含, 回答1 引言" in text
    assert "CRM系统 为 销售预测 提供输入" in text
    assert "低置信" in text
    assert ["sales-conversion-rate", "so:measures", "stage-conversion", True, False] in drawn
    assert ["crm-system", "so:feeds", "sales-forecast", True, True] in drawn
    assert {"销售转化率", "阶段转化", "CRM系统", "销售预测", "衡量", "输入到"} <= set(labels)


def test_every_concept_is_in_the_page_in_both_languages(page_file: Path, glossary: Any) -> None:
    text = page_file.read_text(encoding="utf-8")
    block = text.split('id="kg-nodes">')[1].split("</script>")[0]
    nodes = {node["id"]: (node["zh"], node["en"]) for node in json.loads(block)}

    assert {c.id: (c.pref_label("zh"), c.pref_label("en")) for c in glossary.concepts.values()} == (
        nodes
    )


def test_search_gives_the_same_hits_as_the_command_line(open_page: Open) -> None:
    page = open_page().page
    found = page.evaluate(
        "queries => queries.map(q => kg.find(q, 5).map(node => node.id))",
        [vector["query"] for vector in VECTORS],
    )

    assert [(v["query"], v["ids"]) for v in VECTORS] == [
        (v["query"], ids) for v, ids in zip(VECTORS, found, strict=True)
    ]


def test_three_keystrokes_and_enter_open_a_term(open_page: Open) -> None:
    page = open_page().page
    page.keyboard.press("/")
    page.keyboard.type("ydl")
    page.keyboard.press("Enter")

    assert "赢单率" == page.inner_text("#details h2")
    assert "#concept=win-rate&depth=1&lang=zh" == page.evaluate("location.hash")
    assert ["赢单数 ÷ (赢单数 + 丢单数)", "won_deals / (won_deals + lost_deals)"] == page.locator(
        "#details p.formula"
    ).all_inner_texts()


def test_the_texts_are_unpacked_as_they_were_packed(open_page: Open, glossary: Glossary) -> None:
    """The page's own unpacking gives what zlib gives, for every kind of block."""
    page = open_page().page
    packed, size = page.evaluate(
        "() => { const node = document.getElementById('kg-texts');"
        " return [node.textContent, Number(node.dataset.size)]; }"
    )
    text = zlib.decompress(base64.b64decode(packed), wbits=-15)
    samples = ["", "a", "中文，标点。" * 500, "".join(map(chr, range(32, 9000)))]
    unpacked = "([data, size]) => Inflate(data, size)"

    assert len(glossary.concepts) == len(json.loads(text)["nodes"])
    assert text.decode() == page.evaluate(unpacked, [packed, size])
    for sample in samples:
        for level in (0, 1, 9):
            for way in (zlib.Z_DEFAULT_STRATEGY, zlib.Z_FIXED, zlib.Z_HUFFMAN_ONLY):
                press = zlib.compressobj(level, zlib.DEFLATED, -15, 9, way)
                data = press.compress(sample.encode()) + press.flush()
                sent = [base64.b64encode(data).decode(), len(sample.encode())]
                assert sample == page.evaluate(unpacked, sent)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_metric_shows_its_card_its_variants_and_its_look_alikes(
    open_page: Open, glossary: Glossary, lang: Lang
) -> None:
    page = open_page(f"#concept=win-rate&lang={lang}").page
    text = page.inner_text("#details")
    concept = glossary.concepts[TERM + "win-rate"]
    group = next(g for g in glossary.lookalikes if concept.iri in {m.concept for m in g.members})
    owner = concept.stewardship.owner

    assert concept.metric
    assert owner
    assert formula_text(glossary, concept.metric.expression, lang) in text
    assert {"zh": "计入日期", "en": "Date that counts"}[lang] in text
    assert {"zh": "默认", "en": "default"}[lang] in text
    for variant in concept.metric.variants:
        assert variant.label(lang) in text
        assert (variant.definition(lang) or "?") in text
    for iri in concept.metric.measures:
        assert (glossary.measures[iri].definition(lang) or "?") in text
    assert group.question(lang) in text
    assert all(member.distinction(lang) in text for member in group.members)
    assert glossary.name(owner, lang) in text


def test_versions_and_reasons_are_shown(open_page: Open, glossary: Glossary) -> None:
    page = open_page("#concept=sales-target").page
    text = page.inner_text("#details")
    concept = glossary.concepts[TERM + "sales-target"]
    reasons = [
        relation.reason("zh")
        for relation in glossary.by_concept[concept.iri]
        if relation.reason("zh") and relation.predicate != SO + "topicOf"
    ]

    assert len(concept.versions) == page.locator("#details .versions dt").count()
    assert all(version.text("zh") in text for version in concept.versions)
    assert reasons
    assert all(reason in text for reason in reasons if "来源说法不一" not in text)


def test_a_look_alike_leads_to_its_term(open_page: Open) -> None:
    page = open_page("#concept=win-rate").page
    link = page.locator("#details .question + ul .link").first
    name = link.inner_text()
    link.click()

    assert name == page.inner_text("#details h2")


def test_a_link_restores_concept_depth_and_language(open_page: Open) -> None:
    page = open_page("#concept=sales-forecast&depth=2&lang=en").page

    assert "Sales forecast" == page.inner_text("#details h2")
    assert "en" == page.get_attribute("html", "lang")
    assert 2 == page.evaluate("kg.state.depth")
    assert page.evaluate("kg.drawing.marks().some(m => Math.abs(m.x) > 300)")


def test_back_and_forward_walk_the_history(open_page: Open) -> None:
    page = open_page().page
    page.evaluate("kg.show('crm')")
    page.evaluate("kg.show('sales-forecast')")
    page.go_back()
    first = page.inner_text("#details h2")
    page.go_back()
    opening = page.inner_text("#details h2")
    page.go_forward()

    assert ("客户关系管理", "从这里开始") == (first, opening)
    assert "客户关系管理" == page.inner_text("#details h2")


@pytest.mark.parametrize("fragment", ["#concept=no-such", "#concept=%E0%A4%A", "#topic=__proto__"])
def test_an_unknown_link_says_so(open_page: Open, fragment: str) -> None:
    opened = open_page(fragment)

    assert "没有这个术语" in opened.page.inner_text("#details")
    assert [] == opened.errors


def test_the_language_changes_without_a_new_layout(open_page: Open) -> None:
    page = open_page("#concept=crm").page
    places = "() => kg.drawing.marks().map(m => [m.node.id, m.x, m.y])"
    before = page.evaluate(places)
    page.click("#lang")

    assert before == page.evaluate(places)
    assert "Customer relationship management" == page.inner_text("#details h2")
    assert "zh-CN" == page.get_attribute("#details h2 + p span", "lang")


def test_filters_by_class_relation_source_and_strength(open_page: Open) -> None:
    page = open_page("#concept=sales-forecast").page
    page.click("#filters")
    count = "() => document.querySelectorAll('#details ul.said li').length"
    everything = page.evaluate(count)

    def without(part: str, label: str) -> int:
        page.evaluate("p => document.querySelector(`[data-part=${p}]`).open = true", part)
        box = page.locator(f"[data-part={part}] label", has_text=label).first.locator("input")
        box.click()
        left: int = page.evaluate(count)
        box.click()
        return left

    assert 0 < without("strength", "明说") < everything
    assert 0 < without("source", "回答1") < everything
    assert 0 < without("family", "衡量") < everything
    assert everything == page.evaluate(count)
    drawn = page.evaluate("kg.drawing.marks().length")
    page.locator("[data-part=group] label", has_text="指标").first.locator("input").click()
    assert page.evaluate("kg.drawing.marks().length") < drawn


def test_context_terms_are_hidden_until_asked_for(open_page: Open) -> None:
    page = open_page().page
    shown = "() => [...new Set(kg.drawing.regions.flatMap(r => r.members).map(n => n.tier))].length"
    hidden = page.evaluate("() => kg.state.off.tier.has('context')")

    assert (True, 3) == (hidden, page.evaluate(shown))
    assert (
        page.evaluate("() => kg.find('目标市场专家', 5).length + kg.find('市场专家', 5).length") > 0
    )


def test_the_two_contradicting_claims_are_told_apart(open_page: Open) -> None:
    """Both are read with their sources; neither is drawn as if it held."""
    page = open_page("#concept=sales-operations").page
    drawn = page.evaluate("kg.drawing.links().map(l => l.edge.id)")

    assert 2 == page.inner_text("#details").count("来源说法不一")
    assert not {"r395", "r456"} & set(drawn)
    assert len(drawn) > 2


def test_a_click_on_the_map_opens_topic_and_concept(open_page: Open) -> None:
    page = open_page().page
    where = """id => { const r = kg.drawing.regions.find(r => r.id === id);
      const p = kg.drawing.network.canvasToDOM({x: r.x, y: r.y + r.radius * 0.93});
      const box = document.getElementById('mynetwork').getBoundingClientRect();
      return [p.x + box.x, p.y + box.y]; }"""
    x, y = page.evaluate(where, "selling-methods")
    page.mouse.click(x, y)
    topic = page.inner_text("#details h2")
    mark = """() => { const m = kg.drawing.marks()[0];
      const p = kg.drawing.network.canvasToDOM({x: m.x, y: m.y});
      const box = document.getElementById('mynetwork').getBoundingClientRect();
      return [m.node.zh, p.x + box.x, p.y + box.y]; }"""
    name, x, y = page.evaluate(mark)
    page.mouse.click(x, y)

    assert "销售方法与拜访" == topic
    page.wait_for_function(
        "name => document.querySelector('#details h2').textContent === name", arg=name
    )


@pytest.mark.parametrize(
    "fragment", ["", "#topic=forecasting", "#concept=crm", "#concept=win-rate"]
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_labels_are_legible_and_do_not_overlap(open_page: Open, fragment: str, lang: str) -> None:
    page = open_page(fragment).page
    if lang == "en":
        page.click("#lang")
    labels = page.evaluate("() => kg.drawing.labels()")
    overlaps = [
        (a["text"], b["text"])
        for i, a in enumerate(labels)
        for b in labels[i + 1 :]
        if a["x"] < b["x"] + b["w"]
        and b["x"] < a["x"] + a["w"]
        and a["y"] < b["y"] + b["h"]
        and b["y"] < a["y"] + a["h"]
    ]

    assert len(labels) >= 4
    assert min(label["px"] for label in labels) >= 11
    assert len(overlaps) <= 0.02 * len(labels)


def test_everything_can_be_reached_by_keyboard(open_page: Open) -> None:
    page = open_page().page
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate("() => document.activeElement.id || document.activeElement.tagName")
        )

    assert {"skip", "q", "home", "filters", "theme", "lang", "zoom-in", "zoom-fit"} <= reached
    page.keyboard.press("Escape")
    page.evaluate("kg.show('crm')")
    page.locator("#details .link").first.focus()
    page.keyboard.press("Enter")
    assert "客户关系管理" != page.inner_text("#details h2")


@pytest.mark.parametrize("guarded", [True, False])
def test_hostile_texts_never_run(
    open_page: Open, hostile: Glossary, tmp_path: Path, *, guarded: bool
) -> None:
    """With the content security policy and without it: text stays text."""
    file = tmp_path / "hostile.html"
    attacked = attack(hostile)
    explore(attacked, file, index=build_index(attacked))
    if not guarded:
        html = file.read_text(encoding="utf-8")
        head, rest = html.split('<meta http-equiv="Content-Security-Policy"', 1)
        file.write_text(head + rest.split(">", 1)[1], encoding="utf-8")
    opened = open_page(file=file)
    page = opened.page
    for _ in range(2):
        for name in ("aarrr", "ab-testing"):
            page.evaluate("id => kg.show(id)", name)
            page.fill("#q", "<img src=x onerror=window.__pwn=1>")
            page.keyboard.press("Escape")
        page.click("#lang")
    page.evaluate("() => { location.hash = '#concept=<img src=x onerror=window.__pwn=1>'; }")
    page.evaluate("() => kg.openTopic(kg.drawing.regions[0].id)")

    assert page.evaluate("window.__pwn") is None
    assert [] == opened.errors
    assert [] == opened.requests
    assert 0 == page.evaluate("document.querySelectorAll('img, iframe, svg, a:not(.skip)').length")


def test_the_page_fits_a_phone(open_page: Open) -> None:
    for fragment in ("", "#concept=sales-forecast", "#topic=forecasting"):
        page = open_page(fragment, **PHONE).page

        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.evaluate("kg.drawing.labels().length") > 5


NAMED = """async () => {
  const frame = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  await frame();
  const named = () => new Set(kg.drawing.labels().map(l => l.owner?.node?.id).filter(Boolean)).size;
  const out = { map: kg.drawing.labels().length, topics: [], concepts: [],
    titles: new Set(kg.drawing.labels().map(l => l.owner?.topic).filter(Boolean)).size };
  for (const region of kg.drawing.regions) {
    kg.openTopic(region.id);
    await frame();
    out.topics.push([region.id, named(), kg.drawing.marks().length]);
  }
  for (const id of ["sales-forecast", "crm", "sales-kpi", "pipeline-metric", "customer", "arpa"]) {
    kg.show(id);
    await frame();
    out.concepts.push([id, named(), kg.drawing.marks().length]);
  }
  return out;
}"""


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_names_are_not_kept_legible_by_leaving_them_out(open_page: Open, lang: str) -> None:
    """All of a neighbourhood is named, most of a topic, and every topic on the map."""
    found = open_page(f"#lang={lang}").page.evaluate(NAMED)

    assert 20 == found["titles"]
    assert found["map"] >= 60
    assert all(named == drawn for _, named, drawn in found["concepts"])
    assert min(named / drawn for _, named, drawn in found["topics"]) >= 0.6
    assert max(drawn for _, _, drawn in found["topics"] + found["concepts"]) <= 150


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_a_neighbourhood_of_any_depth_fits_the_window(open_page: Open, depth: int) -> None:
    """Every mark is inside the drawing and named; what does not fit is counted."""
    page = open_page(f"#concept=sales-forecast&depth={depth}").page
    room = page.evaluate("kg.drawing.room()")
    spots = page.evaluate("kg.drawing.marks().map(m => kg.drawing.network.canvasToDOM(m))")

    assert all(0 < p["x"] < room["width"] and 0 < p["y"] < room["height"] for p in spots)
    assert len(spots) == page.evaluate(
        "new Set(kg.drawing.labels().map(l => l.owner?.node?.id).filter(Boolean)).size"
    )
    assert ("未画出" in page.inner_text("#details")) == (depth > 1)


def test_the_key_of_the_map_hides_and_shows_a_class(open_page: Open) -> None:
    page = open_page("#topic=forecasting").page
    groups = "() => kg.drawing.marks().map(m => kg.groupOf(m.node))"
    before = page.evaluate(groups)
    sign = page.locator("#key button", has_text="指标")
    sign.click()
    without = page.evaluate(groups)
    pressed = sign.get_attribute("aria-pressed")
    sign.click()

    assert "metric" in before
    assert without == [group for group in before if group != "metric"]
    assert "false" == pressed
    assert before == page.evaluate(groups)


def test_the_opening_view_holds_no_generic_and_no_passing_term(open_page: Open) -> None:
    """The generic performer, the vocabulary itself and mere mentions wait until asked for."""
    page = open_page().page
    shown = "() => [...kg.drawing.shown()].map(n => [n.id, n.tier])"
    opening = dict(page.evaluate(shown))
    page.click("#filters")
    page.locator("[data-part=tier] label", has_text="语境").locator("input").click()
    asked = dict(page.evaluate(shown))

    assert {"core", "supporting"} == set(opening.values())
    assert not {"enterprise", "sales-operations-terminology"} & set(opening)
    assert {"core", "supporting", "context"} == set(asked.values())


def test_a_relation_passes_only_where_one_claim_fits_source_and_strength(open_page: Open) -> None:
    """r010 is implied by answer 1: without implied claims it goes, whatever else answer 1 says."""
    page = open_page("#concept=sales-conversion-rate").page
    page.click("#filters")
    text = "document.querySelector('#details').innerText"
    before = page.evaluate(text)
    page.locator("[data-part=strength] label", has_text="隐含").locator("input").click()
    after = page.evaluate(text)

    assert "销售转化率 衡量 阶段转化" in " ".join(before.split())
    assert "销售转化率 衡量 阶段转化" not in " ".join(after.split())
    assert "被筛选隐藏" in after


def test_names_find_the_same_terms_as_in_the_program(open_page: Open, glossary: Any) -> None:
    """Every tenth name in both languages, and its first half, against the search of the program."""
    index = build_index(glossary)
    concepts = list(glossary.concepts.values())[::10]
    names = [c.pref_label(lang) for c in concepts for lang in ("zh", "en")]
    queries = names + [name[: len(name) // 2] for name in names]
    found = open_page().page.evaluate(
        "queries => queries.map(q => kg.find(q, 5).map(node => node.id))", queries
    )

    assert [[local_name(hit.iri) for hit in search(index, q, limit=5)] for q in queries] == found


def test_a_pointer_shows_what_can_be_clicked(open_page: Open) -> None:
    page = open_page("#concept=win-rate").page
    box = page.locator("#mynetwork").bounding_box()
    label = page.evaluate("kg.drawing.labels().find(l => l.owner?.node?.id === 'pipeline-metric')")
    assert box is not None
    page.mouse.move(box["x"] + label["x"] + 8, box["y"] + label["y"] + 8)
    over = page.evaluate("document.querySelector('#mynetwork').style.cursor")
    page.mouse.move(box["x"] + 20, box["y"] + box["height"] - 20)

    assert "pointer" == over
    assert "" == page.evaluate("document.querySelector('#mynetwork').style.cursor")
    page.mouse.click(box["x"] + label["x"] + 8, box["y"] + label["y"] + 8)
    page.wait_for_selector("#details h2:text-is('管道指标')")


def test_a_link_without_depth_opens_one_hop(open_page: Open) -> None:
    page = open_page("#concept=crm&depth=3").page
    page.evaluate("location.hash = '#concept=sales-forecast'")
    page.wait_for_selector("#details h2:text-is('销售预测')")

    assert 1 == page.evaluate("kg.state.depth")


def test_the_focus_is_never_lost(open_page: Open) -> None:
    """The skip link keeps the place; a followed link and a changed depth leave the focus near."""
    page = open_page("#concept=crm").page
    focus = "document.activeElement.id || document.activeElement.tagName"
    page.focus("#skip")
    page.keyboard.press("Enter")
    skipped = (page.inner_text("#details h2"), page.evaluate(focus))
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    followed = page.evaluate(focus)
    page.evaluate("kg.show('crm')")
    page.select_option("#crumb select", "2")

    assert ("客户关系管理", "details") == skipped
    assert "details" == followed
    assert "SELECT" == page.evaluate(focus)
    assert 2 == page.evaluate("kg.state.depth")
