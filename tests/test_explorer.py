"""What the page is made of: values, layout, and a file that is the same each time."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import os
import re
import subprocess
import sys
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from kg.errors import ExportError, SourceError
from kg.explorer import explore, page
from kg.explorer.layout import SPACING, lay_out, layout_csv, read_layout
from kg.explorer.page import render_page
from kg.explorer.view import EXAMPLES, GROUPS, project_view
from kg.lookup import SearchIndex, build_index
from kg.model import Glossary, Relation
from kg.vocab import SO, TERM

ROOT = Path(__file__).resolve().parent.parent
LAYOUT = ROOT / "data" / "layout.csv"


@pytest.fixture(scope="module")
def index(glossary: Glossary) -> SearchIndex:
    return build_index(glossary)


def test_the_shipped_layout_places_every_concept(glossary: Glossary) -> None:
    placed = read_layout(LAYOUT)

    assert set(glossary.concepts) == set(placed)
    assert LAYOUT.read_bytes() == layout_csv(placed)


def test_the_shipped_layout_is_what_the_program_makes(glossary: Glossary) -> None:
    assert LAYOUT.read_bytes() == layout_csv(lay_out(glossary))


def test_places_stay_and_newcomers_stand_by_their_topic(glossary: Glossary) -> None:
    old = read_layout(LAYOUT)
    missing = [TERM + "win-rate", TERM + "sales-funnel"]
    kept = {iri: at for iri, at in old.items() if iri not in missing}

    placed = lay_out(glossary, kept)

    assert kept == {iri: placed[iri] for iri in kept}
    for iri in missing:
        topic = glossary.concepts[iri].topic
        family = [placed[x] for x, c in glossary.concepts.items() if c.topic == topic and x != iri]
        assert min(math.dist(placed[iri], at) for at in family) < 2 * SPACING
    assert len(set(placed.values())) == len(placed)


def test_no_two_concepts_overlap_and_topics_stand_apart(glossary: Glossary) -> None:
    placed = read_layout(LAYOUT)
    by_topic: dict[str, list[tuple[float, float]]] = {}
    for iri, at in placed.items():
        by_topic.setdefault(glossary.concepts[iri].topic, []).append(at)
    discs = {}
    for topic, points in by_topic.items():
        x, y = (sum(p[i] for p in points) / len(points) for i in (0, 1))
        discs[topic] = ((x, y), max(math.dist((x, y), p) for p in points))
    near = min(
        math.dist(a, b)
        for points in by_topic.values()
        for i, a in enumerate(points)
        for b in points[:i]
    )

    assert near > SPACING * 0.6
    assert all(
        math.dist(discs[a][0], discs[b][0]) > discs[a][1] + discs[b][1]
        for a in discs
        for b in discs
        if a < b
    )


def test_core_terms_stand_inside(glossary: Glossary) -> None:
    placed = read_layout(LAYOUT)
    for topic in glossary.topics:
        members = [iri for iri, c in glossary.concepts.items() if c.topic == topic.id]
        x, y = (sum(placed[m][i] for m in members) / len(members) for i in (0, 1))
        away = {
            tier: [
                math.dist((x, y), placed[m]) for m in members if glossary.concepts[m].tier == tier
            ]
            for tier in ("core", "supporting")
        }
        assert max(away["core"]) < max(away["supporting"])


@pytest.mark.parametrize("text", ["concept,x\nwin-rate,1\n", "concept,x,y\nwin-rate,1,nan\n"])
def test_a_broken_layout_names_its_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "layout.csv"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(SourceError) as caught:
        read_layout(path)

    assert 2 == caught.value.details["line"]


def test_the_view_holds_every_concept_and_relation(glossary: Glossary, index: SearchIndex) -> None:
    view = project_view(glossary, index=index, positions=read_layout(LAYOUT))

    assert len(glossary.concepts) == len(view.nodes)
    assert len(glossary.relations) == len(view.edges)
    assert sorted(EXAMPLES) == sorted(view.edges[at]["id"] for at in view.meta["examples"])
    assert {"r395", "r456"} == {edge["id"] for edge in view.edges if edge.get("disputed")}


def test_the_texts_of_the_page_are_those_of_the_view(
    glossary: Glossary, index: SearchIndex
) -> None:
    """Packed and unpacked again, nothing is lost, and the size is told."""
    view = project_view(glossary, index=index, positions=read_layout(LAYOUT))
    html = render_page(view).decode()
    size, data = re.findall(r'id="kg-texts" data-size="(\d+)">([^<]*)<', html)[0]
    text = zlib.decompress(base64.b64decode(data), wbits=-15)

    assert int(size) == len(text)
    assert json.loads(json.dumps(view.texts)) == json.loads(text)
    assert len(data) < 0.5 * len(text)


def test_a_concept_says_all_that_is_known_of_it(glossary: Glossary, index: SearchIndex) -> None:
    view = project_view(glossary, index=index, positions=read_layout(LAYOUT))
    said = dict(zip((node["id"] for node in view.nodes), view.texts["nodes"], strict=True))
    card = said["win-rate"]["metric"]
    facts = {name: (zh, en) for name, zh, en in card["facts"]}
    variants = [variant["default"] for variant in card["variants"]]

    assert ["赢单数 ÷ (赢单数 + 丢单数)", "Won deals ÷ (Won deals + Lost deals)"] == card["words"]
    assert ("关闭日期", "date closed") == facts["date"]
    assert {"unit", "direction", "filter", "grain", "currency", "tax", "additivity"} <= set(facts)
    assert [True] + [False] * (len(variants) - 1) == variants
    assert {"won_deals", "lost_deals"} == set(card["measures"])
    assert set(card["measures"]) <= set(view.texts["measures"])
    assert set(card["fields"]) <= set(view.texts["fields"])
    assert {"owner", "status"} <= set(said["win-rate"]["keeper"])
    assert 4 == len(said["sales-target"]["versions"][0])


def test_look_alikes_stand_with_every_member(glossary: Glossary, index: SearchIndex) -> None:
    view = project_view(glossary, index=index, positions=read_layout(LAYOUT))
    said = dict(zip((node["id"] for node in view.nodes), view.texts["nodes"], strict=True))
    members = {
        (at, name)
        for at, group in enumerate(view.texts["lookalikes"])
        for name, _, _ in group["members"]
    }

    assert 30 <= len(glossary.lookalikes) == len(view.texts["lookalikes"])
    assert members == {(at, name) for name, x in said.items() for at in x.get("sets", ())}


def test_relations_point_to_their_reasons(glossary: Glossary, index: SearchIndex) -> None:
    """Each reason is there once; filing needs none."""
    view = project_view(glossary, index=index, positions=read_layout(LAYOUT))
    reasons = view.texts["reasons"]
    by_id = {(r.id, r.predicate): r for r in glossary.relations}
    told = {edge["id"]: reasons[edge["r"]] for edge in view.edges if "r" in edge}

    assert len(reasons) == len(set(reasons))
    assert 1_000 < len(told)
    assert told == {
        name: (r.reason("zh"), r.reason("en"))
        for (name, predicate), r in by_id.items()
        if r.reason("zh") and predicate != SO + "topicOf"
    }


def test_every_kind_has_a_shape_and_colours_are_legible(glossary: Glossary) -> None:
    """A second channel besides colour, and contrast of at least 3:1 on both grounds for marks."""
    shapes = [row[2] for row in GROUPS.values()]

    assert len(set(shapes)) == len(shapes)
    for row in GROUPS.values():
        assert _contrast(row[3], "#fbfcfd") >= 4.5
        assert _contrast(row[4], "#10161d") >= 4.5
    assert {c.kind for c in glossary.concepts.values()} >= {"Metric", "Role"}


@pytest.mark.parametrize(
    ("front", "ground"),
    [
        ("#16202c", "#ffffff"),
        ("#526070", "#f6f7f9"),
        ("#0b57b8", "#e7f0fc"),
        ("#e7ecf2", "#151c24"),
        ("#a3b0be", "#0e1319"),
        ("#84b8ff", "#1b2b40"),
    ],
)
def test_text_colours_of_both_themes_are_legible(front: str, ground: str) -> None:
    css = (page.ASSETS / "app.css").read_text(encoding="utf-8")

    assert front in css
    assert ground in css
    assert _contrast(front, ground) >= 4.5


def _contrast(one: str, two: str) -> float:
    """Return the contrast ratio of WCAG 2.2."""

    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_page_is_small_and_asks_nothing_of_the_network(
    glossary: Glossary, index: SearchIndex
) -> None:
    html = render_page(project_view(glossary, index=index, positions=read_layout(LAYOUT)))
    head = html.split(b"<body>")[0]

    assert len(html) <= 2_000_000
    assert b"default-src 'none'" in head
    assert b"unsafe" not in head.split(b"style-src")[0]
    assert b"http" not in head.replace(b"http-equiv", b"")
    assert b"sourceMappingURL" not in html


@pytest.mark.slow
def test_the_page_is_the_same_bytes_under_any_hash_seed(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from kg.explorer import explore\n"
        "from kg.lookup import build_index; from kg.store.reading import read_glossary\n"
        "from kg.workspace import check, find_sources\n"
        f"root = Path({str(ROOT)!r}); g = read_glossary(check(find_sources(root))[0])\n"
        "explore(g, sys.argv[1], index=build_index(g), layout=root / 'data' / 'layout.csv')"
    )
    for seed in ("1", "2"):
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "LC_ALL": "POSIX"}
        command = [sys.executable, "-c", code, str(tmp_path / f"{seed}.html")]
        subprocess.run(command, env=env, check=True)

    assert (tmp_path / "1.html").read_bytes() == (tmp_path / "2.html").read_bytes()


def test_hostile_texts_stay_inside_their_json(
    hostile: Glossary, glossary: Glossary, index: SearchIndex
) -> None:
    """The same tags as the page of the shipped data, whatever the texts say."""
    spoiled = render_page(
        project_view(hostile, index=build_index(hostile), positions=lay_out(hostile))
    )
    clean = render_page(project_view(glossary, index=index, positions=read_layout(LAYOUT)))

    for tag in (b"<script", b"</script", b"<img", b"<iframe", b"<svg", b"<!--", b"</style"):
        assert clean.count(tag) == spoiled.count(tag), tag


def test_the_front_end_sets_text_only_as_text() -> None:
    code = "".join((page.ASSETS / name).read_text(encoding="utf-8") for name in page.SCRIPTS)

    for word in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
        "http:",
        "https:",
    ):
        assert word not in code
    assert all(
        len((page.ASSETS / name).read_text(encoding="utf-8").splitlines()) <= 600
        for name in page.SCRIPTS
    )


def test_another_drawing_library_is_refused(
    monkeypatch: pytest.MonkeyPatch, glossary: Glossary, index: SearchIndex
) -> None:
    view = project_view(glossary, index=index, positions=read_layout(LAYOUT))
    monkeypatch.setattr(page, "VIS_SHA256", "0" * 64)

    with pytest.raises(ExportError) as caught:
        render_page(view)

    assert "library-unexpected" == caught.value.code


def test_a_failed_write_keeps_the_old_page(
    tmp_path: Path, glossary: Glossary, index: SearchIndex
) -> None:
    (tmp_path / "page.html").mkdir()

    with pytest.raises(ExportError):
        explore(glossary, tmp_path / "page.html", index=index, layout=LAYOUT)

    assert [] == list((tmp_path / "page.html").iterdir())
    assert ["page.html"] == [p.name for p in tmp_path.iterdir()]


def test_relayout_rewrites_the_table(
    tmp_path: Path, glossary: Glossary, index: SearchIndex
) -> None:
    table = tmp_path / "layout.csv"
    table.write_text("concept,x,y\nwin-rate,1.0,2.0\n", encoding="utf-8")

    explore(glossary, tmp_path / "a.html", index=index, layout=table)
    kept = table.read_bytes()
    explore(glossary, tmp_path / "b.html", index=index, layout=table, relayout=True)

    assert b"concept,x,y\nwin-rate,1.0,2.0\n" == kept
    assert LAYOUT.read_bytes() == table.read_bytes()


def test_a_view_of_few_concepts_works_too(glossary: Glossary) -> None:
    iri = TERM + "win-rate"
    small = Glossary({iri: glossary.concepts[iri]}, (), glossary.predicates, glossary.topics)

    html = render_page(project_view(small, index=build_index(small), positions=lay_out(small)))

    assert "赢单率".encode() in html


def test_every_map_is_the_same_whatever_the_order_of_the_input(glossary: Glossary) -> None:
    """Positions depend on what is in the glossary, not on the order it was read in."""
    turned = Glossary(
        dict(reversed(glossary.concepts.items())),
        tuple(reversed(glossary.relations)),
        glossary.predicates,
        glossary.topics,
    )

    assert lay_out(glossary) == lay_out(turned)


def test_a_new_topic_gets_ground_of_its_own(glossary: Glossary) -> None:
    """A company's own topic moves nobody and touches nobody."""
    old = read_layout(LAYOUT)
    model = glossary.concepts[TERM + "win-rate"]
    own = {f"{TERM}own-{n}": replace(model, iri=f"{TERM}own-{n}", topic="own") for n in range(30)}
    wider = replace(glossary, concepts=glossary.concepts | own)

    placed = lay_out(wider, old)

    assert old == {iri: placed[iri] for iri in old}
    assert min(math.dist(placed[a], placed[b]) for a in own for b in old) > SPACING
    assert min(math.dist(placed[a], placed[b]) for a in own for b in own if a < b) > SPACING * 0.6


def test_the_topics_of_the_opening_examples_stand_side_by_side(glossary: Glossary) -> None:
    placed = read_layout(LAYOUT)
    width = max(x for x, _ in placed.values()) - min(x for x, _ in placed.values())
    ends = [(r.subject, r.object) for r in glossary.relations if r.id in EXAMPLES]

    assert 2 == len(ends)
    assert all(math.dist(placed[a], placed[b]) < width / 3 for a, b in ends)


def test_what_nobody_described_is_shown_by_its_name(glossary: Glossary) -> None:
    """Unknown topic, kind and predicate have names; a relation to a stranger stays out."""
    iri = TERM + "win-rate"
    other = TERM + "quota"
    odd = replace(glossary.concepts[iri], topic="own", kind="Gadget")
    relations = (
        Relation("x1", iri, SO + "owns", other),
        Relation("x2", iri, SO + "owns", TERM + "absent"),
    )
    small = Glossary({iri: odd, other: glossary.concepts[other]}, relations, {}, glossary.topics)

    view = project_view(small, index=build_index(small), positions=lay_out(small))

    assert ["own", "own", "own", "", ""] == view.meta["topics"][-1]
    assert ["other", "Gadget", "Gadget"] == view.meta["kinds"]["Gadget"]
    assert "{s} owns {o}" == view.meta["predicates"]["so:owns"]["phrase"][0][0]
    assert ["owns", "owns"] == view.meta["families"]["so:owns"]
    assert ["x1"] == [edge["id"] for edge in view.edges]


def test_every_relation_carries_its_evidence_in_both_languages(
    glossary: Glossary, index: SearchIndex
) -> None:
    view = project_view(glossary, index=index, positions=read_layout(LAYOUT))
    by_id = {edge["id"]: edge for edge in view.edges}
    words = [view.meta["evidence"][by_id[name]["e"]] for name in EXAMPLES]

    assert ["隐含, 回答1 引言", "implied, answer 1 intro"] == words[0]
    assert words[1][0].startswith("隐含, 低置信, 回答1")
    assert (["i1"], ["i1"]) == tuple(by_id[name]["claims"] for name in EXAMPLES)
    assert by_id["r126"]["low"]
    assert "low" not in by_id["r010"]


def test_the_page_trusts_exactly_its_own_two_scripts(
    glossary: Glossary, index: SearchIndex
) -> None:
    """The hashes of the policy are those of the two scripts in the page."""
    html = render_page(project_view(glossary, index=index, positions=read_layout(LAYOUT))).decode()
    policy = html.split("script-src ")[1].split(";")[0]
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    sums = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts]

    assert policy == " ".join(f"'sha256-{found}'" for found in sums)
    assert 2 == len(scripts)
    assert "\r" not in html
