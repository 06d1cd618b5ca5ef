"""Owns what single formats promise beyond the contract of all: Turtle, JSON-LD, CSV, Excel."""

from __future__ import annotations

import builtins
import csv
import io
import json
import re
import zipfile
from typing import TYPE_CHECKING, Any

import click
import networkx as nx
import openpyxl
import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib.compare import isomorphic

from kg import vocab as v
from kg.cli.hand import export as command
from kg.errors import ExportError
from kg.exports import FORMATS, TABLES, export
from kg.exports.content import MAX_CELL, Column
from kg.exports.graphs import jsonld_context, write_jsonld, write_ntriples, write_turtle
from kg.exports.selection import Selection, clean, select_glossary, select_triples
from kg.exports.spreadsheets import fill_sheet, starts_formula
from kg.store import Store, open_store

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from openpyxl.worksheet.worksheet import Worksheet

    from kg.model import Glossary

# rdflib's own JSON-LD parser makes the graph that rdflib warns of.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")

GRAPH = ox.NamedNode(v.asserted_graph("product"))


def written(store: Store, name: str, **options: object) -> bytes:
    out = io.BytesIO()
    export(store, name, out, **options)  # type: ignore[arg-type]
    return out.getvalue()


def rows(store: Store, **options: object) -> list[dict[str, str]]:
    data = written(store, "csv", **options).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(data, newline="")))


def filled(*triples: tuple[str, str, ox.NamedNode | ox.Literal]) -> Store:
    """Return a store that holds these triples; CURIEs are expanded."""
    store = open_store()

    def iri(name: str) -> ox.NamedNode:
        return ox.NamedNode(v.expand(name))

    store.extend([ox.Quad(iri(s), iri(p), o, GRAPH) for s, p, o in triples])
    return store


def term(name: str, label: str) -> list[tuple[str, str, ox.NamedNode | ox.Literal]]:
    return [
        (name, "rdf:type", ox.NamedNode(v.SKOS + "Concept")),
        (name, "skos:prefLabel", ox.Literal(label, language="zh")),
        (name, "skos:prefLabel", ox.Literal(label, language="en")),
    ]


# -- the table of formats


def test_formats_are_described_in_both_languages() -> None:
    assert [] == [row.name for row in FORMATS.values() if row.about("zh") == row.about("en")]
    assert len(FORMATS) == len({row.suffix for row in FORMATS.values()})


def test_an_unknown_format_names_the_known_ones(store: Store) -> None:
    with pytest.raises(ExportError) as caught:
        export(store, "docx", io.BytesIO())

    assert tuple(FORMATS) == caught.value.known


@pytest.mark.parametrize(
    ("options", "known"),
    [
        ({"table": "concept"}, tuple(TABLES)),
        ({"strengths": ("sure",)}, ("stated", "implied", "product")),
        ({"sources": ("answer5",)}, ("answer1", "answer2", "answer3", "answer4", "product")),
    ],
)
def test_an_unknown_option_names_the_known_ones(
    store: Store, options: Mapping[str, Any], known: tuple[str, ...]
) -> None:
    out = io.BytesIO()
    with pytest.raises(ExportError) as caught:
        export(store, "csv", out, **options)

    assert known == caught.value.known
    assert b"" == out.getvalue()


# -- RDF


literals = st.builds(
    lambda text, kind: (
        ox.Literal(text, language=kind)
        if kind in ("zh", "en")
        else ox.Literal(text, datatype=ox.NamedNode(v.XSD + kind))
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    | st.sampled_from(["1", "-1", "007", "true", "1.50", "9" * 30, "2026-11-24", "-0", "１"]),
    st.sampled_from(["zh", "en", "string", "integer", "boolean", "decimal", "date"]),
)
names = st.sampled_from(["a", "b", "win-rate", "x.y", "a/b"])
iris = st.builds(
    lambda space, name: ox.NamedNode(space + name),
    st.sampled_from([v.TERM, v.SO, v.SKOS, v.FORMULA, "term:", "urn:x:", v.TERM + "//"]),
    names,
)
triples = st.builds(ox.Triple, iris, iris, iris | literals)


@settings(deadline=None, max_examples=150)
@given(st.lists(triples, max_size=12))
def test_jsonld_reads_back_as_the_same_triples(found: list[ox.Triple]) -> None:
    """JSON-LD by our own writer, read by pyoxigraph, gives the triples of the store."""
    store = open_store()
    store.extend(ox.Quad(t.subject, t.predicate, t.object, GRAPH) for t in found)
    out = io.BytesIO()
    write_jsonld(store, out)
    back = {quad.triple for quad in ox.parse(out.getvalue(), format=ox.RdfFormat.JSON_LD)}

    assert set(store.triples()) == back


@settings(deadline=None, max_examples=150)
@given(st.lists(triples, max_size=12))
def test_turtle_reads_back_as_the_same_triples(found: list[ox.Triple]) -> None:
    """Sorting the header and spacing the body change no triple."""
    store = open_store()
    store.extend(ox.Quad(t.subject, t.predicate, t.object, GRAPH) for t in found)
    out = io.BytesIO()
    write_turtle(store, out)
    back = {quad.triple for quad in ox.parse(out.getvalue(), format=ox.RdfFormat.TURTLE)}

    assert set(store.triples()) == back


@pytest.mark.parametrize(("name", "reader"), [("turtle", "turtle"), ("jsonld", "json-ld")])
def test_rdflib_reads_the_same_graph(store: Store, name: str, reader: str) -> None:
    """What rdflib reads is isomorphic with what the store holds."""
    out = io.BytesIO()
    write_ntriples(store, out)
    expected = rdflib.Graph().parse(data=out.getvalue(), format="nt")
    found = rdflib.Graph().parse(data=written(store, name), format=reader)

    assert 32_000 < len(expected)
    assert isomorphic(expected, found)


def test_the_ontology_stays_out(store: Store) -> None:
    subjects = {str(t.subject) for t in select_triples(store, Selection())}

    assert [] == [name for name in subjects if v.SO in name]


def test_turtle_is_sorted_and_reads_well(store: Store) -> None:
    text = written(store, "turtle").decode()
    prefixes = [line for line in text.splitlines() if line.startswith("@prefix")]
    subjects = [
        line.split(" ")[0] for line in text.splitlines() if re.match(r"(term|claim):", line)
    ]

    assert prefixes == sorted(prefixes)
    assert subjects == sorted(subjects)
    assert "\nterm:win-rate a skos:Concept , so:Metric ;\n    " in text
    assert '    skos:prefLabel "Win rate (count)"@en , "赢单率"@zh ;\n' in text


def test_jsonld_is_compact(store: Store) -> None:
    nodes = {node["@id"]: node for node in json.loads(written(store, "jsonld"))["@graph"]}
    node = nodes["term:sales-conversion-rate"]

    assert {"zh": "销售转化率", "en": "Sales conversion rate"} == node["skos:prefLabel"]
    assert "term:stage-conversion" in node["measures"]
    assert 1 == nodes["passage:1.0.1"]["answer"]


def test_the_published_context_is_the_one_in_the_files(store: Store, root: Path) -> None:
    """ontology/context.jsonld holds every rule that an export carries, word for word.

    Where this fails, add the rules that jsonld_context() gives for the new predicates.
    """
    published = json.loads((root / "ontology" / "context.jsonld").read_bytes())["@context"]
    used = jsonld_context(select_triples(store, Selection()))

    assert used == {name: published.get(name) for name in used}


def test_a_prefix_that_is_also_a_scheme_is_left_out() -> None:
    """The IRI <term:x> is not the concept term:x."""
    store = filled(("term:x", "so:tier", ox.NamedNode("term:x")))
    context = json.loads(written(store, "jsonld"))["@context"]
    back = ox.parse(written(store, "jsonld"), format=ox.RdfFormat.JSON_LD)

    assert "term" not in context
    assert [(v.TERM + "x", "term:x")] == [(q.subject.value, q.object.value) for q in back]


@pytest.mark.parametrize(("name", "reader"), [("turtle", "turtle"), ("jsonld", "json-ld")])
def test_blank_nodes_come_through(name: str, reader: str) -> None:
    """A company's own data may hold blank nodes, ours does not."""
    store = filled(("term:x", "so:tier", ox.Literal("core")))
    blank = ox.BlankNode("b1")
    store.extend([ox.Quad(blank, ox.NamedNode(v.SO + "note"), ox.BlankNode("b2"), GRAPH)])
    expected = rdflib.Graph().parse(data=written(store, "ntriples"), format="nt")

    assert isomorphic(expected, rdflib.Graph().parse(data=written(store, name), format=reader))


def test_a_triple_about_a_triple_is_refused_by_jsonld() -> None:
    store = open_store()
    inner = ox.Triple(ox.NamedNode("urn:a"), ox.NamedNode("urn:b"), ox.NamedNode("urn:c"))
    store.extend([ox.Quad(ox.NamedNode("urn:s"), ox.NamedNode("urn:p"), inner, GRAPH)])

    with pytest.raises(ExportError):
        written(store, "jsonld")

    assert b"<<(" in written(store, "ntriples")


def test_a_filter_takes_the_claims_along(store: Store, glossary: Glossary) -> None:
    """A relation that does not fit goes with all that is said of its claims."""
    gone = next(r for r in glossary.relations if r.id == "r010")
    stays = next(r for r in glossary.relations if r.id == "r093")  # stated in answers 1 and 4
    found = select_triples(store, Selection(sources=("answer4",)))
    subjects = {str(t.subject) for t in found}
    facts = {(str(t.subject), str(t.object)) for t in found}

    assert (f"<{gone.subject}>", f"<{gone.object}>") not in facts
    assert (f"<{stays.subject}>", f"<{stays.object}>") in facts
    assert {c.source: f"<{c.iri}>" in subjects for c in (*gone.claims, *stays.claims)} == {
        "answer1": False,
        "answer4": True,
    }


def test_inferred_from_a_part_rests_on_that_part(store: Store, glossary: Glossary) -> None:
    """What is inferred for a selection needs no relation that the selection left out.

    What a formula reads is no relation with claims: it stays in every selection.
    """
    part = select_glossary(store, Selection(inferred=True, sources=("answer4",)))
    found = {
        (r.subject, r.object)
        for r in part.relations
        if not r.claims and r.predicate != v.SO + "computedFrom"
    }
    kept = {x for r in glossary.relations if "answer4" in r.sources for x in (r.subject, r.object)}

    assert found
    assert set() == {end for pair in found for end in pair} - kept


# -- graphs


def test_gexf_bears_no_date(store: Store) -> None:
    text = written(store, "gexf").decode()

    assert "lastmodifieddate" not in text
    assert "<creator>salesops-kg</creator>" in text


def test_edges_carry_evidence(store: Store) -> None:
    graph = nx.read_graphml(io.BytesIO(written(store, "graphml", lang="en")))
    edge = graph["sales-conversion-rate"]["stage-conversion"][
        "sales-conversion-rate--so:measures--stage-conversion"
    ]

    assert {
        "label": "measures",
        "label_zh": "衡量",
        "label_en": "measures",
        "predicate": "measures",
        "strength": "implied",
        "confidence": "normal",
        "sources": "answer1",
        "evidence": "implied, answer 1 intro",
    } == edge


def test_ids_that_two_terms_share_are_told_apart() -> None:
    """A term of another namespace with the same local name is a node of its own."""
    store = filled(*term("term:x", "一"), *term("measure:x", "二"))
    graph = nx.read_graphml(io.BytesIO(written(store, "graphml")))

    assert {"term:x", "measure:x"} == set(graph)


def test_a_claim_about_no_term_does_not_stop_an_export() -> None:
    claim = "claim:r1-product"
    store = filled(
        *term("term:x", "一"),
        ("term:x", "so:loves", ox.NamedNode(v.TERM + "nobody")),
        (claim, "rdf:type", ox.NamedNode(v.SO + "Claim")),
        (claim, "rdf:subject", ox.NamedNode(v.TERM + "x")),
        (claim, "rdf:predicate", ox.NamedNode(v.SO + "loves")),
        (claim, "rdf:object", ox.NamedNode(v.TERM + "nobody")),
    )

    assert {"turtle": True, "csv": False} == {
        name: b"nobody" in written(store, name) for name in ("turtle", "csv")
    }


# -- CSV


def test_csv_opens_in_excel(store: Store) -> None:
    data = written(store, "csv")

    assert data.startswith(b"\xef\xbb\xbf" + "编号,中文名,英文名".encode())
    assert data.count(b"\r\n") >= 951


def test_plain_csv_is_for_programs(store: Store) -> None:
    data = written(store, "csv", plain=True)
    found = {row["id"]: row for row in rows(store, plain=True)}

    assert data.startswith(b"id,label_zh,label_en")
    assert b"\r" not in data
    assert ("Metric", "core") == (found["win-rate"]["kind"], found["win-rate"]["tier"])


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("table", list(TABLES))
def test_every_table_is_rectangular(store: Store, table: str, lang: str) -> None:
    """Every row has as many cells as there are columns, and the first one is filled."""
    text = written(store, "csv", table=table, lang=lang).decode("utf-8-sig")
    found = list(csv.reader(io.StringIO(text, newline="")))

    assert {len(TABLES[table].columns)} == {len(row) for row in found}
    assert [] == [row for row in found if not row[0]]
    assert len(found) == len({row[0] for row in found})


def test_tables_hold_everything(store: Store, glossary: Glossary) -> None:
    """One row each for whatever the glossary knows."""
    concepts = list(glossary.concepts.values())
    metrics = [concept.metric for concept in concepts if concept.metric]
    names = sum(len(field.names) for field in glossary.fields.values())
    nodes = sum(1 for _ in store.triples(None, v.RDF + "type", v.SO + "Mapping"))

    assert {
        "concepts": len(concepts),
        "relations": len(glossary.relations),
        "claims": sum(len(relation.claims) for relation in glossary.relations),
        "definitions": sum(len(concept.versions) for concept in concepts),
        "lookalikes": sum(len(group.members) for group in glossary.lookalikes),
        "metrics": len(metrics),
        "variants": sum(len(metric.variants) for metric in metrics),
        "measures": len(glossary.measures),
        "fields": len(glossary.fields),
        "objects": len(glossary.objects),
        "mappings": names + nodes,
    } == {table: len(rows(store, table=table)) for table in TABLES}
    assert 200 < len(metrics) < len(glossary.measures) < len(glossary.fields)


def test_the_command_line_knows_every_table() -> None:
    """The choices of --table are kept apart from the tables, so that help stays quick."""
    option = next(option for option in command.params if option.name == "table")

    assert isinstance(option.type, click.Choice)
    assert list(TABLES) == list(option.type.choices)


def test_a_relation_says_why_and_how_long_it_takes(store: Store, glossary: Glossary) -> None:
    relation = next(r for r in glossary.relations if r.lag == "P1M" and r.reason("en"))
    words, plain = (
        next(
            row for row in rows(store, table="relations", **options) if relation.id in row.values()
        )
        for options in ({"lang": "en"}, {"plain": True})
    )

    assert "usually after 1 month" == words["Usual lag"]
    assert "P1M" == plain["lag"]
    assert relation.reason("en") == words["Reason in English"] == plain["reason_en"]


def test_terms_say_who_keeps_them(store: Store, glossary: Glossary) -> None:
    concept = glossary.concepts[v.TERM + "win-rate"]
    owner = concept.stewardship.owner
    row = next(row for row in rows(store, lang="en") if row["Id"] == "win-rate")

    assert owner is not None
    assert glossary.name(owner, "en") == row["Owner"]
    assert row["Status"] in {"draft", "approved"}


def test_what_passages_make_of_a_term_stands_side_by_side(store: Store) -> None:
    found = [r for r in rows(store, table="definitions", lang="en") if r["Term id"] == "quota"]
    found += [
        r for r in rows(store, table="definitions", lang="en") if r["Term id"] == "sales-target"
    ]

    assert 2 <= len(found)
    assert [] == [r for r in found if not (r["In Chinese"] and r["In English"] and r["Place"])]


def test_passage_codes_do_not_look_like_dates(store: Store) -> None:
    """No cell of any table is something that Excel turns into a date or number, codes above all."""
    passages = {row["段落"] for row in rows(store, table="claims")}
    mentions = {code for row in rows(store) for code in row["来源段落"].split(" | ") if code}

    assert "a1.2.1" in passages & mentions
    assert [] == sorted(x for x in (passages | mentions) - {"", "title"} if not x.startswith("a"))


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_no_cell_starts_a_formula(sign: str) -> None:
    store = filled(*term("term:x", f"{sign}1+1"))
    label = "\n1+1" if sign == "\r" else f"{sign}1+1"  # a cell ends its lines in LF
    cells = [cell for row in rows(store) for cell in row.values()]
    plain = [cell for row in rows(store, plain=True) for cell in row.values()]

    assert [] == [cell for cell in cells if starts_formula(cell)]
    assert f"'{label}" in cells
    assert label in plain


def test_a_cell_holds_no_more_than_excel_can_take() -> None:
    """Sentences that do not fit are counted, not cut."""
    hub = term("term:hub", "中心")
    for at in range(900):
        name, claim = f"term:t{at}", f"claim:r{at}-product"
        hub += term(name, f"{at:03}" + "长" * 30)
        hub += [
            ("term:hub", "so:hasPart", ox.NamedNode(v.expand(name))),
            (claim, "rdf:type", ox.NamedNode(v.SO + "Claim")),
            (claim, "rdf:subject", ox.NamedNode(v.TERM + "hub")),
            (claim, "rdf:predicate", ox.NamedNode(v.SO + "hasPart")),
            (claim, "rdf:object", ox.NamedNode(v.expand(name))),
        ]
    cell = next(row for row in rows(filled(*hub), plain=True) if row["id"] == "hub")["relations"]
    lines = cell.split("\n")

    assert len(cell) <= MAX_CELL
    assert f"… (+{900 - len(lines) + 1})" == lines[-1]


def test_metrics_are_in_words(store: Store) -> None:
    zh, en = (
        next(row for row in rows(store, table="metrics", lang=lang) if "win-rate" in row.values())
        for lang in ("zh", "en")
    )

    assert ("比率", "以 % 显示", "越高越好") == (zh["单位"], zh["显示方式"], zh["方向"])
    assert "赢单数 ÷ (赢单数 + 丢单数)" == zh["公式(文字)"]
    assert ("关闭日期", "不可加总,须重新计算") == (zh["计入日期"], zh["可加性"])
    assert ("ratio", "shown as %", "higher is better") == (
        en["Unit"],
        en["Shown as"],
        en["Direction"],
    )
    assert "won_deals: Won deals — " in en["Inputs"]
    assert "Opportunity.closed_at: Closed at" in en["CRM fields"].split("\n")
    assert en["Default variant"]


def test_plain_metrics_hold_values_not_words(store: Store) -> None:
    row = next(r for r in rows(store, table="metrics", plain=True) if r["id"] == "win-rate")

    assert ("ratio", "higher-better", "closed", "non-additive") == (
        row["unit"],
        row["direction"],
        row["date_basis"],
        row["additivity"],
    )


def test_one_variant_of_a_metric_is_the_default(store: Store) -> None:
    found = rows(store, table="variants", lang="en")
    defaults = [row["Metric id"] for row in found if row["Default"] == "yes"]

    assert set(defaults) == {row["Metric id"] for row in found}
    assert len(defaults) == len(set(defaults))


def test_fields_name_other_systems(store: Store) -> None:
    found = {row["Id"]: row for row in rows(store, table="fields", lang="en")}
    names = [line for row in found.values() for line in row["Names in other systems"].split("\n")]

    assert "salesforce: Opportunity.Amount" in found["Opportunity.amount"][
        "Names in other systems"
    ].split("\n")
    assert any(name.endswith("(unverified)") for name in names)


def test_measures_are_told_with_all_they_are_compiled_from(store: Store) -> None:
    row = next(r for r in rows(store, table="measures", lang="en") if r["Id"] == "won_deals")

    assert ("Opportunity", "count", "Opportunity.closed_at") == (
        row["Object counted"],
        row["Aggregate"],
        row["Time field"],
    )
    assert "Win rate (count)" in row["Metrics"].split("\n")


# -- Excel


@pytest.fixture(scope="module")
def book(store: Store) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(written(store, "xlsx")))


def test_a_workbook_has_a_sheet_per_table(book: openpyxl.Workbook, store: Store) -> None:
    english = openpyxl.load_workbook(io.BytesIO(written(store, "xlsx", lang="en")), read_only=True)

    assert ["说明", *(t.title("zh") for t in TABLES.values())] == book.sheetnames
    assert ["Read me", *(t.title("en") for t in TABLES.values())] == english.sheetnames


def test_sheets_are_ready_to_use(book: openpyxl.Workbook) -> None:
    """Headings stay in view, every sheet can be filtered, and long texts wrap."""
    for sheet in book.worksheets[1:]:
        last = sheet.cell(sheet.max_row, sheet.max_column).coordinate

        assert "C2" == sheet.freeze_panes
        assert f"A1:{last}" == sheet.auto_filter.ref
        assert sheet["B2"].alignment.wrap_text


def test_rows_stay_low_enough_to_browse(book: openpyxl.Workbook) -> None:
    """A term with many relations does not fill the screen; other rows fit their texts."""
    sheet = book["概念"]
    ids = [str(row[0]) for row in sheet.iter_rows(values_only=True)]
    heights = {name: sheet.row_dimensions[at].height for at, name in enumerate(ids, start=1)}

    assert 150 == heights["sales-operations"]
    assert {None, 150} == set(heights.values())


def test_the_first_sheet_counts_and_links(book: openpyxl.Workbook) -> None:
    listed = {
        row[0].value: (row[1].value, row[0].hyperlink.location if row[0].hyperlink else None)
        for row in book["说明"].iter_rows()
        if row[0].value in book.sheetnames
    }

    assert {s.title: (s.max_row - 1, f"'{s.title}'!A1") for s in book.worksheets[1:]} == listed


def test_the_first_sheet_says_what_was_kept(store: Store) -> None:
    data = written(store, "xlsx", sources=("answer1",), strengths=("stated",))
    sheet = openpyxl.load_workbook(io.BytesIO(data), read_only=True)["说明"]
    lines = [row[0] for row in sheet.iter_rows(values_only=True)]

    assert {"仅保留：回答1", "仅保留：明说"} <= set(lines)


def test_no_cell_of_a_workbook_is_a_formula() -> None:
    """A text that begins like a formula is text, marked so by the hidden apostrophe."""
    store = filled(*term("term:x", "=1+1"))
    marked, plain = (
        openpyxl.load_workbook(io.BytesIO(written(store, "xlsx", plain=plain)))["概念"]["B2"]
        for plain in (False, True)
    )

    assert ("=1+1", "s", True) == (marked.value, marked.data_type, bool(marked.quotePrefix))
    assert ("=1+1", "s", False) == (plain.value, plain.data_type, bool(plain.quotePrefix))


def sheet_of(text: str) -> Worksheet:
    """Return a sheet as it comes back, with a text below one heading."""
    book, out = openpyxl.Workbook(), io.BytesIO()
    fill_sheet(book.worksheets[0], [Column("a", "a", "a", 9)], ["a"], [[text]])
    book.save(out)
    return openpyxl.load_workbook(out).worksheets[0]


@pytest.mark.parametrize("text", ["\x00=1+1", "\x08\x0b=1+1", "\ufffe=1+1"])
def test_a_formula_behind_characters_that_no_cell_holds_is_marked(text: str) -> None:
    """What is written decides: Excel sees the text without what was cleaned away."""
    cell = sheet_of(text)["A2"]

    assert ("=1+1", "s", True) == (cell.value, cell.data_type, bool(cell.quotePrefix))


def test_a_workbook_bears_no_time(store: Store) -> None:
    with zipfile.ZipFile(io.BytesIO(written(store, "xlsx"))) as archive:
        core = archive.read("docProps/core.xml").decode()

        assert {(1980, 1, 1, 0, 0, 0)} == {part.date_time for part in archive.infolist()}
        assert {"2000-01-01T00:00:00Z"} == set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", core))


def test_a_missing_package_is_named(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def absent(name: str, *rest: Any) -> object:
        if name.partition(".")[0] == "openpyxl":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(ExportError) as caught:
        export(store, "xlsx", io.BytesIO())

    assert ("extra-missing", "openpyxl", "tables") == (
        caught.value.code,
        caught.value.package,
        caught.value.extra,
    )


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    """Cleaning is idempotent and leaves only what a spreadsheet cell can hold."""
    once = clean(text)

    assert once == clean(once)
    assert not openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.search(once)
