"""Reading sources: RDF files and tables to quads, whatever the bytes are."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg import vocab as v
from kg.errors import SourceError
from kg.model import Place
from kg.sources.checks import nearest
from kg.sources.faults import FAULTS, fault
from kg.sources.grammar import GENERIC_KINDS, TABLES
from kg.sources.graph import (
    PREDICATE_COLUMNS,
    Compiled,
    Vocabulary,
    compile_tables,
    concept_hash,
    described,
    read_vocabulary,
)
from kg.sources.rdf import FORMATS, format_of, read_rdf, to_rdflib
from kg.sources.tables import Row, Tables, decode, read_tables

if TYPE_CHECKING:
    from pathlib import Path

BOM = b"\xef\xbb\xbf"


# -- RDF files
def _file(folder: Path, data: bytes | str, name: str = "x.ttl") -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def _refusal(path: Path, format_: str | None = None) -> SourceError:
    with pytest.raises(SourceError) as caught:
        list(read_rdf(path, format=format_))
    return caught.value


@settings(max_examples=300)
@given(st.binary(max_size=200), st.sampled_from(sorted(FORMATS)))
def test_any_bytes_give_quads_or_a_source_error(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, format_: str
) -> None:
    """With a place in the file, and words in both languages."""
    path = _file(tmp_path_factory.mktemp("rdf"), data)
    try:
        quads = list(read_rdf(path, format=format_))
    except SourceError as error:
        assert error.code in ("source-syntax", "source-encoding", "source-nesting")  # noqa: PT017 - both ways are fine
        assert int(str(error.line)) >= 1 <= int(str(error.column))  # noqa: PT017 - as above
        assert str(path) in error.text("zh")  # noqa: PT017 - as above
    else:
        assert all(isinstance(quad, ox.Quad) for quad in quads)


@pytest.mark.parametrize("format_", sorted(set(FORMATS) - {"n3"}))
def test_every_format_reads_what_was_written_in_it(tmp_path: Path, format_: str) -> None:
    triple = ox.Triple(
        ox.NamedNode("urn:a"), ox.NamedNode("urn:p#q"), ox.Literal("赢单率\n\"'", language="zh")
    )
    out = io.BytesIO()
    ox.serialize([triple], out, format=FORMATS[format_])
    found = read_rdf(_file(tmp_path, out.getvalue()), format=format_)

    assert [triple] == [quad.triple for quad in found]


@pytest.mark.parametrize(
    ("data", "line", "column", "reason", "chinese"),
    [
        ('<urn:a> <urn:b> "x"\n <urn:c> .', 2, 2, "dot is expected", "缺少句点"),
        ("@prefix a: <urn:> .\n中文 a:b a:c .", 2, 1, "not a valid subject", "不能作主语"),
        ('<urn:a> <urn:b> "😀中" <urn:c> .', 1, 22, "dot is expected", "缺少句点"),
        ("@prefix a: <urn:> .\r\n\ta:a foo:b 1 .", 2, 6, "prefix foo:", "前缀 foo: 没有声明"),
        ('<urn:a> <urn:b> "open', 1, 17, "Unexpected end", "不完整"),
        ("<urn:a> <rel> <urn:c> .", 1, 9, "No scheme", "应以 http:// 等开头"),
    ],
)
def test_malformed_turtle_is_placed_to_the_character(  # noqa: PLR0913, PLR0917 - a row of the table
    tmp_path: Path, data: str, line: int, column: int, reason: str, chinese: str
) -> None:
    error = _refusal(_file(tmp_path, data))

    assert ("source-syntax", line, column) == (error.code, error.line, error.column)
    assert reason in str(error)
    assert chinese in error.text("zh")


@pytest.mark.parametrize(
    ("data", "format_", "line", "column"),
    [
        (b"<urn:a> <urn:b> <urn:c> .\n<urn:a> <urn:b> .\n", "ntriples", 2, 17),
        (b'{"@id": "urn:a",\n "urn:b": [1,}', "jsonld", 2, 14),
        (b'[{\n"@context": "http://example.org/c"}]', "jsonld", 2, 1),
        (b'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n<a></b>', "rdfxml", 2, 6),
        (b"<urn:g> { <urn:a> <urn:b> <urn:c> ", "trig", 1, 35),
    ],
)
def test_other_formats_are_placed_too(
    tmp_path: Path, data: bytes, format_: str, line: int, column: int
) -> None:
    error = _refusal(_file(tmp_path, data), format_)

    assert ("source-syntax", line, column) == (error.code, error.line, error.column)


def test_a_byte_order_mark_is_skipped(tmp_path: Path) -> None:
    plain = _file(tmp_path, "<urn:a> <urn:b> 1 .", "plain.ttl")
    marked = _file(tmp_path, BOM + plain.read_bytes(), "marked.ttl")

    assert list(read_rdf(plain)) == list(read_rdf(marked))


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
def test_turtle_in_another_encoding_is_told_with_its_place(tmp_path: Path, encoding: str) -> None:
    """The standard knows UTF-8 alone; a wrong guess would spoil every label in silence."""
    data = "@prefix a: <urn:> .\na:x a:p '销售' .".encode(encoding)
    error = _refusal(_file(tmp_path, data))

    assert "source-encoding" == error.code
    assert (2, 10) == (error.line, error.column) or encoding == "utf-16"
    assert "UTF-8" in error.hint_in("zh")


DEEP = 20_000
NESTED = {
    "objects": ("jsonld", b'{"http://b":' * DEEP + b"1" + b"}" * DEEP),
    "arrays": ("jsonld", b'{"http://b":' + b"[" * DEEP + b"1" + b"]" * DEEP + b"}"),
    "lists": ("jsonld", b'{"http://b":' + b'{"@list":[' * DEEP + b"]}" * DEEP + b"}"),
    "contexts": ("jsonld", b'{"@context":{"a":{"@id":"u:a","@context":' * DEEP + b"{}}}" * DEEP),
    "open objects": ("jsonld", b'{"a":' * DEEP),
    "after a string": ("jsonld", b'{"\\"{[":"}]", "http://b":' * DEEP),
    "triple terms": ("turtle", b"<u:a> <u:p> " + b"<<( <u:a> <u:p> " * DEEP + b")>>" * DEEP),
    "hidden triple terms": (
        "trig",
        b"<u:a> <u:p> " + b"<<( <u:a> <u:p> #)>>\n" * DEEP + b"1 " + b")>>" * DEEP + b" .",
    ),
    "n-triples": ("ntriples", b"<u:a> <u:p> " + b"<<( <u:a> <u:p> " * DEEP + b")>>" * DEEP),
}
READ = """
import sys
from pathlib import Path
from kg.errors import SourceError
from kg.sources.rdf import read_rdf
try:
    print(len(list(read_rdf(Path(sys.argv[1]), format=sys.argv[2]))))
except SourceError as error:
    print(error.code)
"""


@pytest.mark.parametrize("name", NESTED)
def test_deep_nesting_is_refused_and_kills_nothing(tmp_path: Path, root: Path, name: str) -> None:
    """Run apart: without the guard these end the process with a signal."""
    format_, data = NESTED[name]
    done = subprocess.run(
        [sys.executable, "-c", READ, _file(tmp_path, data), format_],
        cwd=root,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )

    assert (0, "source-nesting\n") == (done.returncode, done.stdout)


@pytest.mark.parametrize(
    "data",
    [
        "<u:a> <u:p> " + "[<u:p> " * DEEP + "1" + "]" * DEEP + " .",
        "<u:a> <u:p> " + "(" * DEEP + ")" * DEEP + " .",
        '<u:a> <u:p> \'<<( <<( <<(\' , """' + "<<( " * 200 + '""" . # ' + "<<( " * 200,
    ],
)
def test_what_the_parser_takes_however_deep_is_read(tmp_path: Path, data: str) -> None:
    assert len(list(read_rdf(_file(tmp_path, data)))) > 1


def test_nested_entities_are_refused(tmp_path: Path) -> None:
    bomb = b'<!DOCTYPE r [<!ENTITY a "x"><!ENTITY b "&a;&a;">]>\n<r/>'
    error = _refusal(_file(tmp_path, bomb), "rdfxml")

    assert ("source-syntax", 1, 29) == (error.code, error.line, error.column)
    assert "实体" in error.text("zh")


def test_entities_for_namespaces_are_fine(tmp_path: Path) -> None:
    text = (
        '<!DOCTYPE rdf:RDF [<!ENTITY ex "http://example.org/">]>'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="&ex;a"><rdf:type rdf:resource="&ex;B"/></rdf:Description>'
        "</rdf:RDF>"
    )
    quads = list(read_rdf(_file(tmp_path, text), format="rdfxml"))

    assert [ox.NamedNode("http://example.org/a")] == [quad.subject for quad in quads]


def test_nothing_is_read_from_elsewhere(tmp_path: Path) -> None:
    secret = _file(tmp_path, "secret", "secret.txt")
    texts = {
        "rdfxml": f'<!DOCTYPE r [<!ENTITY x SYSTEM "{secret.as_uri()}">]><r>&x;</r>',
        "jsonld": json.dumps({"@context": secret.as_uri(), "@id": "urn:a"}),
    }

    for format_, text in texts.items():
        assert "source-syntax" == _refusal(_file(tmp_path, text, "x"), format_).code


@pytest.mark.parametrize(
    ("name", "code"), [("gone.ttl", "source-missing"), ("folder.ttl", "source-unreadable")]
)
def test_a_file_that_is_not_there_is_told(tmp_path: Path, name: str, code: str) -> None:
    (tmp_path / "folder.ttl").mkdir()

    assert code == _refusal(tmp_path / name).code


@pytest.mark.parametrize(
    ("name", "format_"),
    [
        ("a.ttl", "turtle"),
        ("a.b.NT", "ntriples"),
        ("a.nq", "nquads"),
        ("a.trig", "trig"),
        ("a.jsonld", "jsonld"),
        ("a.owl", "rdfxml"),
        ("a.n3", "n3"),
    ],
)
def test_the_ending_names_the_format(name: str, format_: str) -> None:
    assert format_ == format_of(name)
    assert "turtle" == format_of(name, "turtle")


@pytest.mark.parametrize(("name", "format_"), [("a.docx", None), ("a", None), ("a.ttl", "word")])
def test_an_unknown_format_names_the_known_ones(name: str, format_: str | None) -> None:
    with pytest.raises(SourceError) as caught:
        format_of(name, format_)

    assert ("source-format", tuple(FORMATS)) == (caught.value.code, caught.value.known)


def test_blank_nodes_are_named_after_the_file(tmp_path: Path) -> None:
    """The same file gives the same names, another file others, and labels keep apart."""
    text = "_:a <urn:p> [ <urn:q> _:a ] . _:b <urn:p> _:c ."
    one, two = _file(tmp_path, text, "1.ttl"), _file(tmp_path, text + " ", "2.ttl")
    first, again, other = list(read_rdf(one)), list(read_rdf(one)), list(read_rdf(two))

    def blanks(quads: list[ox.Quad]) -> set[str]:
        terms = [term for quad in quads for term in (quad.subject, quad.object)]
        return {term.value for term in terms if isinstance(term, ox.BlankNode)}

    assert first == again
    assert 4 == len(blanks(first))
    assert set() == blanks(first) & blanks(other)


def test_rdflib_gets_every_term_as_it_is_written(tmp_path: Path) -> None:
    """Also a number that is not in its shortest form: the lexical form is the data."""
    text = """<urn:a> <urn:p> "01"^^<http://www.w3.org/2001/XMLSchema#integer> , "x"@zh , "y" ,
        <urn:b> , [ <urn:q> 2.50 ] ."""
    graph = to_rdflib(read_rdf(_file(tmp_path, text)))

    assert 6 == len(graph)
    assert {"01", "x", "y", "2.50"} <= {str(term) for term in graph.objects()}
    assert v.PREFIXES["so"] == {p: str(n) for p, n in graph.namespaces()}["so"]


# -- tables
@settings(max_examples=300)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_findings(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    """Nothing is ever raised, and nothing that holds an error can be compiled by mistake."""
    folder = tmp_path_factory.mktemp("tables")
    for table in TABLES.values():
        path = folder / table.path
        if not path.suffix:
            path.mkdir()
            path /= "forecasting.csv"
        path.write_bytes(data)
    tables = read_tables(folder, predicates=["measures"], kinds=["Metric"])

    assert any(finding.level == "error" for finding in tables.findings)


NAMED = ("zh", "en", "definition_zh", "definition_en")
CARD = ("rep | team", "non-additive")

# A small world, in which cells are changed at random.
WORLD: dict[str, list[list[str]]] = {
    "sources.csv": [
        ["id", "zh", "en"],
        ["answer1", "回答1", "Answer 1"],
        ["product", "我们", "We"],
    ],
    "passages.csv": [["code", "answer", "locator", "line"], ["a1.1", "1", "answer 1 ¶1", "3"]],
    "tiers.csv": [["id", "order", "zh", "en"], ["core", "1", "核心", "Core"]],
    "topics.csv": [["id", "order", "zh", "en"], ["deals", "1", "成交", "Deals"]],
    "concepts/deals.csv": [
        [
            "id",
            "kind",
            "class",
            "tier",
            "zh",
            "en",
            "alt_zh",
            "parent",
            "parent_relation",
            "passages",
        ],
        [
            "win-rate",
            "Metric",
            "",
            "core",
            "赢单率",
            "Win rate",
            "成单率 | 赢率",
            "kpi",
            "broader",
            "",
        ],
        ["kpi", "Metric", "", "core", "指标", "KPI", "", "", "", "a1.1"],
    ],
    "relations.csv": [
        ["id", "subject", "predicate", "object"],
        ["r1", "kpi", "measures", "win-rate"],
    ],
    "claims.csv": [
        ["relation", "passage", "sentence", "strength", "confidence", "scope", "contradicts"],
        ["r1", "a1.1", "2", "implied", "low", "", ""],
        ["r1", "product", "", "product", "", "", ""],
    ],
    "rejected.csv": [["subject", "predicate", "object", "reason_en"]],
    "stages.csv": [["model", "position", "stage"], ["kpi", "1", "win-rate"]],
    "units.csv": [
        ["id", "group", "dimension", "zh", "en", "see_also"],
        ["deal", "base", "deal", "单", "deal", "https://example.org/x"],
    ],
    "definitions.csv": [["concept", "passage", "zh", "en"], ["kpi", "a1.1", "一种数", "A number"]],
    "objects.csv": [
        ["id", *NAMED, "key", "records"],
        ["Deal", "商机", "Deal", "一笔可能的交易", "A possible sale", "Deal.id", "kpi"],
    ],
    "fields.csv": [
        ["id", "object", "type", *NAMED, "refers", "values"],
        ["Deal.id", "Deal", "string", "编号", "Id", "商机的编号", "Number of the deal", "", ""],
        ["Deal.amount", "Deal", "decimal", "金额", "Amount", "商机的金额", "Its value", "", ""],
        ["Deal.closed", "Deal", "date", "关闭日", "Closed", "关闭的日期", "Day it closed", "", ""],
        [
            "Deal.stage",
            "Deal",
            "string",
            "阶段",
            "Stage",
            "所处阶段",
            "Its stage",
            "",
            "open | won",
        ],
    ],
    "field_dependencies.csv": [
        ["field", "determines", "note_zh", "note_en"],
        ["Deal.stage", "Deal.closed", "赢单时写入日期", "The day is set on winning"],
    ],
    "field_alignments.csv": [
        ["field", "system", "name", "label_zh", "label_en", "relation", "verified"],
        ["Deal.amount", "cdm", "Amount", "金额", "Amount", "exactMatch", "yes"],
    ],
    "alignments.csv": [
        ["subject", "relation", "object", "vocabulary", "seen", "note_zh", "note_en"],
        ["term:kpi", "closeMatch", "https://example.org/Indicator", "kpionto", "yes", "", ""],
    ],
    "parameters.csv": [
        ["id", "type", *NAMED],
        ["least", "decimal", "最小金额", "Least amount", "计入的最小金额", "Least that counts"],
    ],
    "measures.csv": [
        [
            "id",
            *NAMED,
            "unit",
            "shape",
            "constant",
            "fields",
            "object",
            "aggregate",
            "column",
            "filter",
            "time",
            "basis",
        ],
        [
            "won",
            "赢单数",
            "Won deals",
            "期内赢下的商机数",
            "Deals won in the period",
            "deal",
            "scalar",
            "",
            "Deal.stage | Deal.amount | Deal.closed",
            "Deal",
            "count",
            "",
            "Deal.stage = 'won' AND Deal.amount > $least",
            "Deal.closed",
            "period",
        ],
    ],
    "metrics.csv": [
        ["id", "formula", "unit", "direction", "measures", "date_basis", "grain", "additivity"],
        ["win-rate", "won / (won + won)", "deal/deal", "higher-better", "kpi", "closed", *CARD],
    ],
    "variants.csv": [
        ["id", "metric", *NAMED, "formula", "default"],
        [
            "by-count",
            "win-rate",
            "按数量",
            "By count",
            "按个数",
            "By count",
            "won/(won + won)",
            "yes",
        ],
    ],
    "lookalikes.csv": [
        ["id", "zh", "en", "question_zh", "question_en"],
        ["rates", "两种率", "Two rates", "分母是什么?", "What is below?"],
    ],
    "lookalike_members.csv": [
        ["set", "concept", "answer_zh", "answer_en", "distinction_zh", "distinction_en"],
        ["rates", "kpi", "没有", "Nothing", "不是比率", "No ratio"],
        ["rates", "win-rate", "商机", "Deals", "是比率", "A ratio"],
    ],
    "translations.csv": [["concept", "hash"]],
    "permitted.csv": [["rule", "focus", "reason_zh", "reason_en"]],
    "release.csv": [["concept", "hash", "version", "date"], ["kpi", "abc", "1.0", "2026-01-31"]],
}
WORDS = Vocabulary(
    {"measures": v.SO + "measures", "isA": v.SKOS + "broader"}, frozenset({"Metric", "Term"})
)


def _write_world(folder: Path, world: dict[str, list[list[str]]]) -> Tables:
    for name, rows in world.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    return read_tables(folder, predicates=WORDS.predicates, kinds=WORDS.classes)


def _cells(world: dict[str, list[list[str]]]) -> list[tuple[str, int, int]]:
    return [
        (name, row, column)
        for name, rows in world.items()
        for row in range(1, len(rows))
        for column in range(len(rows[row]))
    ]


ODD = ["", " ", "²", "１２", "-1", "9" * 20, "1e400", "0x1", "a b", "<x>", "{}", "\x00", "http://"]
ODD += ["https://a/<", "product", "title", "Concept", "ConceptGroup", "kpi", "win-rate", "won", "|"]
ODD += ["kpi | kpi", "deal*deal", "deal/", "2026-13-01", "won/0", "won**3", "r1", "core", "\ufffe"]
odd = st.one_of(st.text(max_size=12), st.sampled_from(ODD))


@settings(max_examples=400)
@given(st.lists(st.tuples(st.sampled_from(_cells(WORLD)), odd), min_size=1, max_size=3))
def test_what_is_read_without_an_error_is_compiled_without_one(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[tuple[str, int, int], str]]
) -> None:
    """Whatever stands in the cells: either it is a finding, or it makes valid quads."""
    world = {name: [list(row) for row in rows] for name, rows in WORLD.items()}
    for (name, row, column), text in changes:
        world[name][row][column] = text
    tables = _write_world(tmp_path_factory.mktemp("world"), world)
    if not any(finding.level == "error" for finding in tables.findings):
        compiled = compile_tables(tables, WORDS)
        out = io.BytesIO()
        ox.serialize(compiled.quads, out, format=ox.RdfFormat.N_QUADS)

        assert set(compiled.quads) == set(ox.parse(out.getvalue(), format=ox.RdfFormat.N_QUADS))


def test_the_small_world_is_sound(tmp_path: Path) -> None:
    assert [] == _write_world(tmp_path, WORLD).findings


@given(st.text(max_size=60))
def test_decoding_turns_text_of_either_encoding_back(text: str) -> None:
    """NFC: two spellings of one letter are one label."""
    composed = decode(text.encode("utf-8", "ignore"), Place("x"))[0]
    assert composed is not None

    assert composed == decode(composed.encode(), Place("x"))[0]
    assert composed == decode(BOM + composed.encode(), Place("x"))[0] or composed[:1] == "\ufeff"


def test_a_row_gives_its_cells_by_name() -> None:
    row = Row("data/x.csv", 3, {"a": "1 | 2 |3", "b": ""})

    assert ("1 | 2 |3", "", "") == (row["a"], row["b"], row["gone"])
    assert (("1", "2", "3"), ()) == (row.many("a"), row.many("b"))
    assert (Place("data/x.csv", 3), Place("data/x.csv", 3, "a")) == (row.place(), row.place("a"))


def test_the_nearest_words_come_best_first_and_sorted_among_equals() -> None:
    known = {"sales-funnel", "sales-tunnel", "crm", "sales-team"}

    assert "sales-funnel" == nearest("sales-funel", known)[0]
    assert () == nearest("zzz", known)
    assert nearest("sales", known) == nearest("sales", sorted(known, reverse=True))


# -- the words of findings
@pytest.mark.parametrize("rule", FAULTS)
def test_every_rule_has_words_in_both_languages(rule: str) -> None:
    words = dict.fromkeys(("value", "known", "id"), "X")
    for candidates in ((), ("a", "b")):
        finding = fault(rule, Place("data/x.csv", 2, "col"), candidates=candidates, **words)
        english = (finding.message("en"), finding.remedy("en"))
        chinese = (finding.message("zh"), finding.remedy("zh"))

        assert all(english)
        assert all(any("\u4e00" <= sign <= "\u9fff" for sign in text) for text in chinese)
        assert not any("{" in text or "\n" in text for text in (*english, *chinese))
        assert ("did you mean" in english[1]) <= bool(candidates)


# -- tables to quads
def test_the_order_of_files_and_hashes_does_not_matter(root: Path, sources: Compiled) -> None:
    words = read_vocabulary(read_rdf(root / "ontology" / "sales-ops.ttl"))
    tables = read_tables(root / "data", predicates=words.predicates, kinds=words.classes)
    again = compile_tables(tables, words).quads

    assert sources.quads[: len(again)] == again


def test_each_quad_stands_once_and_every_graph_is_one_of_ours(sources: Compiled) -> None:
    graphs = {str(quad.graph_name) for quad in sources.quads}
    asserted = {
        f"<{v.asserted_graph(name)}>" for name in ("product", *map("answer{}".format, "1234"))
    }

    assert len(set(sources.quads)) == len(sources.quads)
    assert {*asserted, f"<{v.ONTOLOGY_GRAPH}>"} == graphs


def test_there_are_no_blank_nodes_in_the_data(sources: Compiled) -> None:
    nodes = [
        term
        for quad in sources.quads
        if quad.graph_name != ox.NamedNode(v.ONTOLOGY_GRAPH)
        for term in (quad.subject, quad.object)
    ]

    assert not any(isinstance(term, ox.BlankNode) for term in nodes)


def test_what_an_answer_says_stands_in_its_graph_and_the_rest_in_ours(sources: Compiled) -> None:
    """A claim, its triple and its mention go where the passage is; labels and kinds are ours."""
    for quad in sources.quads:
        graph = str(quad.graph_name)[1:-1].removeprefix(v.ASSERTED)
        subject = quad.subject.value if isinstance(quad.subject, ox.NamedNode) else ""
        if quad.predicate.value == v.SO + "mentionedIn" and graph != "product":
            assert str(quad.object)[1:-1].removeprefix(v.PASSAGE)[0] == graph[-1]
        if subject.startswith(v.CLAIM) and graph != "product":
            assert subject.rpartition("-")[2][0] == graph[-1]
        if quad.predicate.value.startswith(v.SKOS) and quad.predicate.value.endswith("Label"):
            assert graph in ("product", v.ONTOLOGY_GRAPH)


def test_the_origin_of_every_subject_is_its_row(root: Path, sources: Compiled) -> None:
    place = sources.origins[v.TERM + "sales-forecast"]
    line = (root / place.path).read_text(encoding="utf-8").splitlines()[int(place.row or 0) - 1]

    assert line.startswith("sales-forecast,")
    assert {v.CLAIM + "r126-1.4.1", v.MEASURE + "won_deals", v.FORMULA + "win-rate"} <= set(
        sources.origins
    )


def test_columns_that_findings_point_to_are_columns_of_the_tables() -> None:
    known = {column.name for table in TABLES.values() for column in table.columns}

    assert set(PREDICATE_COLUMNS.values()) <= known


def test_kinds_without_a_class_are_terms(sources: Compiled) -> None:
    types = {
        quad.object.value
        for quad in sources.quads
        if quad.predicate.value == v.RDF + "type" and isinstance(quad.object, ox.NamedNode)
    }

    assert v.SO + "Term" in types
    assert not {v.SO + kind for kind in GENERIC_KINDS} & types


def test_the_hash_of_a_concept_forgets_order_and_release_date(sources: Compiled) -> None:
    lines = [line for name, line in described(sources.quads) if name == "win-rate"]
    dated = ox.Quad(
        ox.NamedNode(v.TERM + "win-rate"),
        ox.NamedNode(v.DCTERMS + "modified"),
        ox.Literal("2026-01-31"),
    )

    assert len(lines) > 10
    assert concept_hash(lines) == concept_hash(reversed(lines))
    assert concept_hash(lines) != concept_hash(lines[1:])
    assert [] == list(described([dated]))


def test_the_vocabulary_is_what_the_ontology_declares(root: Path) -> None:
    words = read_vocabulary(read_rdf(root / "ontology" / "sales-ops.ttl"))

    assert v.SKOS + "broader" == words.predicates["isA"]
    assert v.SO + "measures" == words.predicates["measures"]
    assert {"Metric", "Process", "SoftwareSystem"} <= words.classes
    assert "broader" not in words.predicates


# -- the column grammar and its description
def test_the_description_of_the_tables_names_every_column_and_value(root: Path) -> None:
    """In data/README.md: each table, each column with its meaning and what it may hold."""
    text = (root / "data" / "README.md").read_text(encoding="utf-8")
    sections = {part.split("`")[1]: part for part in text.split("\n## ") if part[0] == "`"}
    for table in TABLES.values():
        name = table.path if table.path.endswith(".csv") else f"{table.path}/*.csv"
        rows = [line for line in sections[name].splitlines() if line.startswith("| `")]

        assert [column.name for column in table.columns] == [row.split("`")[1] for row in rows]
        for column, row in zip(table.columns, rows, strict=True):
            required = column.required or column.name in ("zh", "en")

            assert (name, column.name, required) == (name, column.name, "✔" in row)
            assert (name, column.name, []) == (
                name,
                column.name,
                [value for value in column.allowed if f"`{value}`" not in row],
            )
            assert (name, column.name, column.many) == (name, column.name, "` \\| `" in row)
            assert 7 == len(re.split(r"(?<!\\)\|", row)), row


def test_every_table_of_the_folder_is_described(root: Path) -> None:
    known = {table.path for table in TABLES.values()} | {"layout.csv"}

    assert {p.name for p in (root / "data").iterdir()} == known | {"README.md"}
