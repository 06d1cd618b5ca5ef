"""Checking a graph: shapes, rule files, words, places, and a page for every code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from kg import vocab
from kg.errors import SourceError, ValidationFailed
from kg.model import LEVELS, Place
from kg.sources.faults import FAULTS
from kg.sources.rdf import read_rdf, to_rdflib
from kg.sources.tables import read_rows
from kg.store import open_store
from kg.validation import read_rules, validate
from kg.validation.catalogue import read_catalogue
from kg.validation.permitted import permit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import rdflib

    from kg.model import Finding, Report
    from kg.sources.graph import Compiled
    from kg.store import Store

HEAD = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in vocab.PREFIXES.items())
SHAPE, RULE = vocab.BASE + "shape/", vocab.BASE + "rule/"
GRAPH = ox.NamedNode(vocab.asserted_graph("test"))


def triples(text: str) -> Iterator[ox.Quad]:
    """Yield Turtle with our prefixes as quads of a test graph."""
    for quad in ox.parse(HEAD + text, format=ox.RdfFormat.TURTLE):
        yield ox.Quad(quad.subject, quad.predicate, quad.object, GRAPH)


def filled(text: str) -> Store:
    """Return a store in memory that holds the Turtle."""
    store = open_store()
    store.extend(triples(text))
    return store


# -- shapes: each case is one fault in the real graph; all are made at once and found at once
@dataclass(frozen=True)
class Fault:
    """A change about one focus: what to take away (property, or property@lang) and what to add."""

    shape: str
    rule: str
    focus: str
    add: str = ""
    remove: str = ""
    column: str | None = None


POSITION = vocab.POSITION + "funnel-model-answer1/"
FAULTY = (
    Fault("concept-kind", "concept-kind", "term:win-rate", remove="so:kind", column="kind"),
    Fault("concept-kind", "concept-kind", "term:private-pool", "so:kind 'Other'", column="kind"),
    Fault("concept-tier", "concept-tier", "term:kpi", remove="so:tier", column="tier"),
    Fault("concept-tier", "concept-tier", "term:cac", "so:tier 'main'", "so:tier", "tier"),
    Fault("concept-topic", "concept-topic", "term:crm", "so:topic topic:forecasting"),
    Fault("concept-topic", "concept-topic", "term:crm-system", remove="so:topic"),
    Fault("concept-scheme", "concept-scheme", "term:clv", remove="skos:inScheme"),
    Fault(
        "concept-label-zh",
        "concept-label",
        "term:funnel-analysis",
        remove="skos:prefLabel@zh",
        column="zh",
    ),
    Fault(
        "concept-label-en",
        "concept-label",
        "term:sales-forecast",
        remove="skos:prefLabel@en",
        column="en",
    ),
    Fault(
        "concept-label-language",
        "concept-label",
        "term:sales-funnel",
        "skos:prefLabel 'Entonnoir'@fr",
    ),
    Fault("concept-label-once", "skos-s14", "term:close-rate", "skos:prefLabel 'Closing rate'@en"),
    Fault("claim-subject", "claim-triple", "claim:r001-1.0.1", remove="rdf:subject"),
    Fault("claim-predicate", "claim-triple", "claim:r001-1.1.1", "rdf:predicate so:uses"),
    Fault("claim-object", "claim-triple", "claim:r002-1.0.1", "rdf:object 'text'"),
    Fault(
        "claim-strength",
        "claim-strength",
        "claim:r002-1.1.1",
        "so:strength 'certain'",
        "so:strength",
        "strength",
    ),
    Fault(
        "claim-source",
        "claim-source",
        "claim:r003-1.0.1",
        "prov:wasDerivedFrom term:kpi",
        "prov:wasDerivedFrom",
        "passage",
    ),
    Fault("claim-answer", "claim-answer", "claim:r004-1.0.1", "so:answer 5", column="passage"),
    Fault(
        "claim-confidence",
        "claim-detail",
        "claim:r005-1.0.1",
        "so:confidence 'medium'",
        column="confidence",
    ),
    Fault(
        "claim-inference",
        "claim-detail",
        "claim:r006-1.0.1",
        "so:inference 'guess'",
        column="inference",
    ),
    Fault(
        "claim-modality",
        "claim-detail",
        "claim:r007-1.0.1",
        "so:modality 'sure'",
        column="modality",
    ),
    Fault(
        "passage-answer",
        "passage-place",
        "passage:1.2.1",
        "so:answer 7",
        "so:answer",
        column="answer",
    ),
    Fault("passage-locator", "passage-place", "passage:1.2.2", remove="so:locator"),
    Fault(
        "passage-line",
        "passage-place",
        "passage:1.3.1",
        "so:line 'many'^^xsd:integer",
        "so:line",
        "line",
    ),
    Fault("metric-unit", "metric-unit", "term:lead-volume", "so:unit 'deal'", column="unit"),
    Fault(
        "metric-direction",
        "metric-direction",
        "term:cac-payback",
        "so:direction 'up'",
        "so:direction",
        "direction",
    ),
    Fault("metric-formula", "formula", "term:nps", "so:hasFormula term:kpi", column="formula"),
    Fault(
        "formula-expression",
        "formula",
        vocab.FORMULA + "gmroi",
        remove="so:expression",
        column="formula",
    ),
    Fault("formula-operand", "formula", vocab.FORMULA + "cac-payback", "so:hasOperand term:kpi"),
    Fault("operand-target", "formula", vocab.FORMULA + "gmroi/0", remove="so:operandMetric"),
    Fault(
        "operand-measure",
        "formula",
        vocab.FORMULA + "lead-volume/0",
        "so:operandMeasure term:kpi",
        "so:operandMeasure",
        "formula",
    ),
    Fault(
        "operand-metric",
        "formula",
        vocab.FORMULA + "cac-payback/1",
        "so:operandMetric measure:won_deals",
        "so:operandMetric",
        "formula",
    ),
    Fault("measure-unit", "metric-unit", "measure:won_deals", remove="so:unit", column="unit"),
    Fault(
        "measure-shape",
        "measure-shape",
        "measure:lost_deals",
        "so:shape 'number'",
        "so:shape",
        "shape",
    ),
    Fault(
        "measure-field",
        "measure-field",
        "measure:leads_created",
        "so:readsField term:kpi",
        column="fields",
    ),
    Fault("position-model", "stage-position", POSITION + "1", remove="so:inModel", column="model"),
    Fault(
        "position-stage", "stage-position", POSITION + "2", "so:ofStage term:kpi", column="stage"
    ),
    Fault(
        "position-number",
        "stage-position",
        POSITION + "3",
        "so:position 0",
        "so:position",
        "position",
    ),
)


def iri_of(name: str) -> str:
    """Return the IRI of a CURIE, or the IRI itself."""
    return name if name.startswith("https:") else vocab.expand(name)


@pytest.fixture(scope="module")
def shapes(root: Path) -> Path:
    """Return the shapes file."""
    return root / "ontology" / "shapes.ttl"


@pytest.fixture(scope="module")
def shape_graph(shapes: Path) -> rdflib.Graph:
    """Return the shapes as an rdflib graph."""
    return to_rdflib(read_rdf(shapes))


@pytest.fixture(scope="module")
def no_rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a rules folder without rules, so that the shapes are alone."""
    path: Path = tmp_path_factory.mktemp("rules")
    return path


@pytest.fixture(scope="module")
def faulty(sources: Compiled, shapes: Path, no_rules: Path) -> list[Finding]:
    """Return what the shapes find in the real graph with all the faults in it."""
    dropped = set()
    for case in FAULTY:
        name, _, lang = case.remove.partition("@")
        if name:
            dropped.add((iri_of(case.focus), vocab.expand(name), lang))

    def stays(quad: ox.Quad) -> bool:
        lang = (quad.object.language or "") if isinstance(quad.object, ox.Literal) else ""
        subject = quad.subject.value if isinstance(quad.subject, ox.NamedNode) else ""
        key = (subject, quad.predicate.value)
        return (*key, "") not in dropped and (*key, lang) not in dropped

    added = " ".join(f"<{iri_of(c.focus)}> {c.add} ." for c in FAULTY if c.add)
    with open_store() as store:
        store.extend([*filter(stays, sources.quads), *triples(added)])
        report = validate(store, origins=sources.origins, rules=no_rules, shapes=shapes)
    return list(report.findings)


def test_the_shipped_graph_keeps_every_shape(store: Store, shapes: Path, no_rules: Path) -> None:
    assert () == validate(store, rules=no_rules, shapes=shapes).findings


@pytest.mark.parametrize("case", FAULTY, ids=lambda case: f"{case.shape}-{case.focus}")
def test_a_shape_finds_its_fault(
    case: Fault, faulty: list[Finding], sources: Compiled, shape_graph: rdflib.Graph
) -> None:
    """The finding names the rule, the focus and the cell, and speaks in the words of the shape."""
    import rdflib

    focus = vocab.contract(iri_of(case.focus))
    found = [finding for finding in faulty if finding.focus == focus]
    place = found[0].place
    group = shape_graph.value(rdflib.URIRef(SHAPE + case.shape), rdflib.Namespace(vocab.SH).group)

    assert rdflib.URIRef(RULE + case.rule) == group
    assert [case.rule] == [finding.rule for finding in found]
    assert place
    assert place.path in {p.path for iri, p in sources.origins.items() if _row_of(case, iri)}
    assert case.column in (None, place.column)


def _row_of(case: Fault, iri: str) -> bool:
    """Return whether a row may be behind the focus: its own, or that of its formula."""
    focus = iri_of(case.focus)
    return iri in (focus, vocab.FORMULA + vocab.local_name(focus))


def test_nothing_but_the_faults_is_found(faulty: list[Finding]) -> None:
    """The shapes do not cry wolf: each finding belongs to a fault that was made."""
    made = {vocab.contract(iri_of(case.focus)) for case in FAULTY}

    assert made == {finding.focus for finding in faulty}


def test_every_shape_has_a_fault(shape_graph: rdflib.Graph) -> None:
    import rdflib

    kinds = rdflib.Namespace(vocab.SH).PropertyShape
    named = {str(s).removeprefix(SHAPE) for s in shape_graph.subjects(rdflib.RDF.type, kinds)}

    assert named == {case.shape for case in FAULTY}


# -- shapes files of others
A_SHAPE = "ex:s a sh:PropertyShape ; sh:targetNode term:a ;"
PLAIN = "@prefix ex: <https://example.org/> .\n"


def shaped(tmp_path: Path, text: str) -> Path:
    """Return a shapes file with the text."""
    path = tmp_path / "shapes.ttl"
    path.write_text(PLAIN + HEAD + text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("severity", "level"),
    [("sh:Violation", "error"), ("sh:Warning", "warning"), ("sh:Info", "info")],
)
def test_severity_becomes_level(severity: str, level: str, tmp_path: Path, no_rules: Path) -> None:
    path = shaped(
        tmp_path,
        f"ex:s a sh:PropertyShape ; sh:targetNode term:a ; sh:path skos:note ; sh:minCount 1 ; "
        f"sh:severity {severity} .",
    )
    with filled("term:a a skos:Concept .") as store:
        found = validate(store, rules=no_rules, shapes=path).findings

    assert [("shape", level, "term:a")] == [(f.rule, f.level, f.focus) for f in found]
    assert all(found[0].message(lang) and found[0].remedy(lang) for lang in ("zh", "en"))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"{A_SHAPE} sh:path skos:note ; sh:minCount 'x' .", "SHACL"),
        (f"{A_SHAPE} sh:path skos:note ; sh:minCount 1 , 2 .", "SHACL"),
        (f"{A_SHAPE} sh:path skos:note ; sh:pattern '(' .", "SHACL"),
        (f"{A_SHAPE} sh:path [ sh:bogus skos:note ] ; sh:minCount 1 .", "SHACL"),
        (f"{A_SHAPE} sh:path skos:note ; sh:minCount ; .", "turtle"),
    ],
)
def test_malformed_shapes_say_where(
    text: str, kind: str, tmp_path: Path, no_rules: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = shaped(tmp_path, text)
    note = filled("term:a a skos:Concept ; skos:note 'x' .")
    with note as store, pytest.raises(SourceError) as caught:
        validate(store, rules=no_rules, shapes=path)

    assert ("", "") == tuple(capfd.readouterr())
    assert ("source-syntax", path, kind) == (
        caught.value.code,
        caught.value.details["path"],
        caught.value.details["format"],
    )


def test_a_missing_shapes_file_is_an_error(tmp_path: Path, no_rules: Path) -> None:
    with filled("") as store, pytest.raises(SourceError) as caught:
        validate(store, rules=no_rules, shapes=tmp_path / "none.ttl")

    assert "source-missing" == caught.value.code


def test_an_ill_typed_literal_is_a_finding_and_no_noise(
    shapes: Path,
    no_rules: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with filled("passage:x a so:Passage ; so:locator 'x' ; so:line 'x'^^xsd:integer .") as store:
        found = validate(store, rules=no_rules, shapes=shapes).findings

    assert ["passage-place"] == [finding.rule for finding in found]
    assert [] == caplog.records
    assert ("", "") == tuple(capfd.readouterr())


# -- rule files
GOOD = {
    "code": "my-rule",
    "level": "warning",
    "area": "labels",
    "en": "'{focus}' is alone",
    "zh": "“{focus}”是孤立的",
    "fix-en": "do something about '{focus}'",
    "fix-zh": "请处理“{focus}”",
}
QUERY = "SELECT ?focus { ?focus a skos:Concept }"


def ruled(
    folder: Path, change: dict[str, str | None] | None = None, query: str = QUERY, more: str = ""
) -> Path:
    """Write a rule file with a changed header and return its folder."""
    lines = {**GOOD, **(change or {})}
    header = "".join(f"# {key}: {text}\n" for key, text in lines.items() if text is not None)
    (folder / "my-rule.rq").write_text(f"{header}{more}\n{query}\n", encoding="utf-8")
    return folder


@pytest.fixture
def none(tmp_path: Path) -> Path:
    """Return a shapes file that finds nothing."""
    return shaped(tmp_path, "ex:s a sh:NodeShape ; sh:targetNode ex:s .")


def test_adding_a_rule_is_adding_a_file(tmp_path: Path, none: Path) -> None:
    folder = ruled(tmp_path)
    with filled("term:a a skos:Concept ; skos:prefLabel '甲'@zh , 'A'@en .") as store:
        rows = {vocab.TERM + "a": Place("data/concepts/kpi-performance.csv", 5)}
        (finding,) = validate(store, origins=rows, rules=folder, shapes=none).findings

    assert ("my-rule", "warning", "term:a") == (finding.rule, finding.level, finding.focus)
    assert ("“甲”是孤立的", "'A' is alone") == (finding.message("zh"), finding.message("en"))
    assert "请处理“甲”" == finding.remedy("zh")
    assert Place("data/concepts/kpi-performance.csv", 5) == finding.place


@pytest.mark.parametrize(
    ("change", "query", "place", "reason"),
    [
        ({"code": "other"}, QUERY, (1, 1), "is not the name of the file"),
        ({"level": "fatal"}, QUERY, (2, 1), "none of info, warning, error"),
        ({"level": None}, QUERY, (1, 1), "no '# level: ...'"),
        ({"area": None}, QUERY, (1, 1), "no '# area: ...'"),
        ({"area": "else"}, QUERY, (3, 1), "is none of labels, documentation"),
        ({"zh": None}, QUERY, (1, 1), "no '# zh: ...'"),
        ({"fix-en": ""}, QUERY, (1, 1), "no '# fix-en: ...'"),
        ({"en": "see {other}"}, QUERY, (4, 11), "does not select ?other"),
        ({"en": "'{sentence}'"}, QUERY, (4, 8), "does not select ?sentence"),
        ({"summary": "maybe"}, QUERY, (8, 1), "not yes or no"),
        ({}, "SELECT ?x { ?x a skos:Concept }", (1, 1), "does not select ?focus"),
        ({}, "ASK { ?focus a skos:Concept }", (1, 1), "not a SELECT"),
        ({}, "SELECT ?focus {\n  ?focus a skos:Concept", (10, None), ""),
        ({}, "SELECT ?focus { ?focus a nope:Concept }", (9, None), ""),
    ],
)
def test_a_malformed_rule_says_where(
    change: dict[str, str | None],
    query: str,
    place: tuple[int, int | None],
    reason: str,
    tmp_path: Path,
) -> None:
    """Whatever is wrong with a rule file, the error names the file, the line and the reason."""
    with pytest.raises(SourceError) as caught:
        read_rules(ruled(tmp_path, change, query))
    details = caught.value.details

    assert ("source-syntax", "rule") == (caught.value.code, details["format"])
    assert tmp_path / "my-rule.rq" == details["path"]
    assert place[0] == details["line"]
    assert place[1] in (None, details["column"])
    assert reason in str(details["reason"])


def test_a_key_that_stands_twice_is_malformed(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        read_rules(ruled(tmp_path, more="# level: error\n"))

    assert (8, "'level' stands twice") == (
        caught.value.details["line"],
        caught.value.details["reason"],
    )


def test_a_rule_may_not_reach_outside(tmp_path: Path) -> None:
    query = "SELECT ?focus { SERVICE <https://example.org/sparql> { ?focus a skos:Concept } }"
    with pytest.raises(SourceError) as caught:
        read_rules(ruled(tmp_path, {}, query))

    assert "source-syntax" == caught.value.code


def test_remarks_below_a_header_say_why(tmp_path: Path) -> None:
    (rule,) = read_rules(ruled(tmp_path, more="#\n# A remark: with a colon.\n# note: another\n"))
    (bare,) = read_rules(ruled(tmp_path))

    assert ("my-rule", "A remark: with a colon. note: another") == (rule.code, rule.why)
    assert "" == bare.why


def test_a_rule_in_another_encoding_or_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "my-rule.rq").write_bytes("# zh: 孤立".encode("gb18030"))
    with pytest.raises(SourceError) as bad:
        read_rules(tmp_path)
    with pytest.raises(SourceError) as missing:
        read_rules(tmp_path / "none")

    assert ("source-encoding", "source-missing") == (bad.value.code, missing.value.code)


def test_a_row_without_focus_is_no_finding(tmp_path: Path, none: Path) -> None:
    query = "SELECT (MIN(?c) AS ?focus) { ?c a skos:Collection }"
    with filled("term:a a skos:Concept .") as store:
        report = validate(store, rules=ruled(tmp_path, {}, query), shapes=none)

    assert () == report.findings


SUMMARY: dict[str, str | None] = {
    "summary": "yes",
    "en": "{count} concepts: {examples}",
    "zh": "{count} 个概念:{examples}",
    "fix-en": "mend",
    "fix-zh": "请修正",
}


@pytest.mark.parametrize(
    ("names", "message", "focus"),
    [("a", "1 concepts: A", "term:a"), ("abcde", "5 concepts: A, B, C", None)],
)
def test_a_summary_makes_one_finding_of_many_rows(
    names: str, message: str, focus: str | None, tmp_path: Path, none: Path
) -> None:
    text = " ".join(f"term:{n} a skos:Concept ; skos:prefLabel '{n.upper()}'@en ." for n in names)
    with filled(text) as store:
        report = validate(store, rules=ruled(tmp_path, SUMMARY), shapes=none)

    assert [(message, focus)] == [(f.message("en"), f.focus) for f in report.findings]


def test_a_summary_names_nothing_twice(tmp_path: Path, none: Path) -> None:
    """Rows that differ beyond their focus are counted each, and named once."""
    query = "SELECT ?focus ?value { ?focus skos:altLabel ?value }"
    text = "term:a skos:prefLabel 'A'@en ; skos:altLabel 'x'@en , 'y'@en ."
    with filled(text + "term:b skos:prefLabel 'B'@en ; skos:altLabel 'z'@en .") as store:
        report = validate(store, rules=ruled(tmp_path, SUMMARY, query), shapes=none)

    assert ["3 concepts: A, B"] == [f.message("en") for f in report.findings]


def test_a_summary_of_nothing_is_no_finding(tmp_path: Path, none: Path) -> None:
    with filled("") as store:
        assert () == validate(store, rules=ruled(tmp_path, SUMMARY), shapes=none).findings


# -- words
@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("{value} {focus} {{x}}", "{value} {focus} {{x}}"),
        ("two\nlines\tand\r\nmore", "two lines and more"),
        ("bell\x07 and \x1b[31mred", "bell and [31mred"),
        ("right\u202eleft\u200bzero", "rightleftzero"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("x" * 500, "x" * 119 + "…"),
    ],
    ids=["braces", "lines", "control", "invisible", "markup", "long"],
)
def test_a_hostile_label_stays_a_label(label: str, said: str, tmp_path: Path, none: Path) -> None:
    """Labels come into messages as they are, but on one line, visible, and never too long."""
    store = filled("term:a a skos:Concept .")
    term, pref = ox.NamedNode(vocab.TERM + "a"), ox.NamedNode(vocab.SKOS + "prefLabel")
    store.extend([ox.Quad(term, pref, ox.Literal(label, language="en"), GRAPH)])
    with store:
        (finding,) = validate(store, rules=ruled(tmp_path), shapes=none).findings

    assert f"'{said}' is alone" == finding.message("en")


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("term:a a skos:Concept ; skos:prefLabel 'A'@en .", "A", "A"),
        ("term:a a skos:Concept .", "term:a", "term:a"),
        ("so:Odd a skos:Concept .", "Odd", "Odd"),
        ("term:a a skos:Concept ; rdfs:label 'plain' .", "plain", "plain"),
        ("[] a skos:Concept .", None, None),
        (
            "passage:1.2.1 a skos:Concept ; so:locator 'answer 1 intro ¶1' .",
            "回答1 引言",
            "answer 1 intro ¶1",
        ),
        ("passage:1.2.1 a skos:Concept .", "passage:1.2.1", "passage:1.2.1"),
        (
            (
                "<https://w3id.org/salesops/formula/a/0> a skos:Concept . "
                "term:a skos:prefLabel '甲'@zh , 'A'@en ."
            ),
            "甲",
            "A",
        ),
        (
            (
                "<https://w3id.org/salesops/position/a/3> a skos:Concept . "
                "term:a skos:prefLabel '甲'@zh , 'A'@en ."
            ),
            "甲 #3",
            "A #3",
        ),
        (
            (
                "claim:x-1 a skos:Concept ; rdf:subject term:a ; rdf:predicate so:uses ; "
                "rdf:object term:b . term:a skos:prefLabel '甲'@zh , 'A'@en . so:uses rdfs:label "
                "'使用'@zh , 'uses'@en ; so:forwardPhrase '{s}使用{o}'@zh ."
            ),
            "甲 使用 term:b",
            "A uses term:b",
        ),
        (
            (
                "claim:x-1 a skos:Concept ; rdf:subject term:a ; rdf:predicate so:uses ; "
                "rdf:object term:b ."
            ),
            "term:a uses term:b",
            "term:a uses term:b",
        ),
        ("claim:x-1 a skos:Concept ; rdf:subject term:a .", "claim:x-1", "claim:x-1"),
    ],
)
def test_a_thing_is_called_what_a_reader_calls_it(
    text: str, zh: str | None, en: str | None, tmp_path: Path, none: Path
) -> None:
    """Labels first; a formula by its metric, a claim by its sentence; the CURIE where none is."""
    with filled(text) as store:
        (finding,) = validate(store, rules=ruled(tmp_path), shapes=none).findings

    if zh and en:
        assert (f"“{zh}”是孤立的", f"'{en}' is alone") == (
            finding.message("zh"),
            finding.message("en"),
        )
    else:
        assert finding.focus is None


# -- the whole
def test_validation_is_deterministic(sources: Compiled, root: Path, shapes: Path) -> None:
    """The order in which a graph was filled does not show in the report."""
    rules = root / "ontology" / "rules"
    wrong = triples(
        "term:win-rate a so:Process ; so:tier 'x' , 'y' ; so:uses term:crm , term:none ; "
        "skos:prefLabel 'B'@en , 'A'@en ; skos:broader term:kpi . "
        "term:kpi skos:broader term:win-rate ."
    )
    quads = [*sources.quads, *wrong]
    reports: list[Report] = []
    for order in (quads, quads[::-1]):
        with open_store() as store:
            store.extend(order)
            reports.append(validate(store, origins=sources.origins, rules=rules, shapes=shapes))

    assert reports[0] == reports[1]
    assert len(reports[0].at_least("error")) > 5


def test_findings_are_each_there_once_and_the_worst_first(
    sources: Compiled, root: Path, shapes: Path
) -> None:
    with open_store() as store:
        store.extend([*sources.quads, *triples("term:lonely a skos:Concept , so:Term .")])
        found = validate(store, rules=root / "ontology" / "rules", shapes=shapes).findings
    levels = [LEVELS.index(finding.level) for finding in found]

    assert sorted(levels, reverse=True) == levels
    assert len(set(found)) == len(found)
    assert {0, 1, 2} == set(levels)


def test_what_was_inferred_is_not_looked_at(root: Path, shapes: Path) -> None:
    """Rules and shapes judge what people wrote, not what follows from it."""
    inferred = ox.NamedNode(vocab.INFERRED)
    with open_store() as store:
        wrong = triples("term:a a skos:Concept ; skos:broader term:a . claim:x a so:Claim .")
        store.extend([ox.Quad(q.subject, q.predicate, q.object, inferred) for q in wrong])
        report = validate(store, rules=root / "ontology" / "rules", shapes=shapes)

    assert () == report.findings


def test_a_store_without_origins_has_no_places(root: Path, shapes: Path) -> None:
    with filled("term:a a skos:Concept .") as store:
        found = validate(store, rules=root / "ontology" / "rules", shapes=shapes).findings

    assert {None} == {finding.place for finding in found}


def test_the_shipped_graph_has_no_error(
    store: Store, sources: Compiled, root: Path, shapes: Path
) -> None:
    report = validate(
        store, origins=sources.origins, rules=root / "ontology" / "rules", shapes=shapes
    )

    permit(report, read_rows(root / "data", "permitted")).raise_for_errors("warning")
    with pytest.raises(ValidationFailed):
        report.raise_for_errors("info")


def test_only_the_rules_asked_for_are_looked_at(root: Path, shapes: Path) -> None:
    """Rule files and shapes alike; asking for nothing asks for all."""
    rules = root / "ontology" / "rules"
    with filled("term:a a skos:Concept .") as store:
        every = validate(store, rules=rules, shapes=shapes)
        some = validate(store, rules=rules, shapes=shapes, only=("owner-missing", "concept-kind"))

    assert {"owner-missing", "concept-kind"} == {f.rule for f in some.findings}
    assert set(some.findings) < set(every.findings)


# -- pages
LEVEL_WORDS = {"error": "错误", "warning": "警告", "info": "信息"}


def codes_with_level(root: Path, shape_graph: rdflib.Graph) -> dict[str, str]:
    """Return the level of every code that a finding may bear."""
    import rdflib

    group = rdflib.Namespace(vocab.SH).PropertyGroup
    groups = shape_graph.subjects(rdflib.RDF.type, group)
    return {
        **{str(name).removeprefix(RULE): "error" for name in groups},
        **{rule.code: rule.level for rule in read_rules(root / "ontology" / "rules")},
        **{code: fault.level for code, fault in FAULTS.items()},
    }


def test_every_code_has_a_page_and_every_page_a_code(root: Path, shape_graph: rdflib.Graph) -> None:
    pages = {path.stem for path in (root / "docs" / "rules").glob("*.md")}

    assert codes_with_level(root, shape_graph).keys() | {"shape", "README"} == pages


def test_the_list_of_rules_names_each_once_by_area_and_links_to_pages(
    root: Path, shapes: Path
) -> None:
    """docs/rules/README.md, with how many there are of each origin."""
    catalogue = read_catalogue(root / "ontology" / "rules", shapes)
    text = (root / "docs" / "rules" / "README.md").read_text(encoding="utf-8")
    listing = text.partition("## 按方面")[2].partition("## ROBOT")[0]
    links = re.findall(r"\[([a-z0-9-]+)\]\(([a-z0-9-]+)\.md\)", text)

    assert sorted([*catalogue, "shape"]) == sorted(re.findall(r"\[([a-z0-9-]+)\]", listing))
    assert all(name == page for name, page in links)
    assert {page for _, page in links} <= {*catalogue, "shape"}
    for label, origin in (
        ("rule files", "rule"),
        ("shapes", "shape"),
        ("faults of the tables", "table"),
    ):
        count = sum(entry.origin == origin for entry in catalogue.values())

        assert f"{label}: {count} " in text


def test_the_yardsticks_are_each_met_or_answered(root: Path) -> None:
    """Every query of ROBOT, criterion of qSKOS and pitfall of OOPS!: a rule, or the reason."""
    text = (root / "docs" / "rules" / "README.md").read_text(encoding="utf-8")
    counts = {}
    for part in text.split("\n## ")[2:]:
        name = part.partition("\n")[0]
        rows = [line.split(" | ") for line in part.splitlines() if line.startswith("| ")][2:]
        counts[name] = len(rows)

        assert all(row[2] != "—" or len(row[3].strip("| ")) > 5 for row in rows), name
    assert {"ROBOT": 32, "qSKOS": 29, "OOPS!": 41} == counts


def test_a_page_says_level_problem_example_and_remedy_in_both_languages(
    root: Path, shape_graph: rdflib.Graph
) -> None:
    for code, level in codes_with_level(root, shape_graph).items():
        text = (root / "docs" / "rules" / f"{code}.md").read_text(encoding="utf-8")
        chinese, _, english = text.partition("## English: ")

        assert text.startswith(f"# {code}\n"), code
        assert f"- 级别:{LEVEL_WORDS[level]}\n" in chinese, code
        assert f"- Level: {level}\n" in english, code
        assert all(f"**{word}**" in chinese for word in ("问题", "例子", "处理")), code
        assert all(f"**{word}**" in english for word in ("Problem", "Example", "Remedy")), code


def test_a_page_gives_the_remedy_that_the_finding_gives(root: Path) -> None:
    """So that a rule cannot change its mind without its page."""
    for rule in read_rules(root / "ontology" / "rules"):
        text = (root / "docs" / "rules" / f"{rule.code}.md").read_text(encoding="utf-8").lower()
        if rule.code not in FAULTS:
            assert rule.words["fix-zh"].lower() in text, rule.code
            assert rule.words["fix-en"].lower() in text, rule.code


def test_every_group_of_shapes_has_words_in_both_languages(shape_graph: rdflib.Graph) -> None:
    import rdflib

    sh = rdflib.Namespace(vocab.SH)
    for shape in shape_graph.subjects(rdflib.RDF.type, sh.PropertyShape):
        group = shape_graph.value(shape, sh.group)
        said = {
            text.language
            for owner in (shape, group)
            for text in shape_graph.objects(owner, sh.message)
            if isinstance(text, rdflib.Literal)
        }

        assert group is not None
        assert {"zh", "en"} == said, shape
        for predicate in (rdflib.RDFS.label, rdflib.RDFS.comment):
            texts = shape_graph.objects(group, predicate)

            assert ["en", "zh"] == sorted(str(getattr(t, "language", "")) for t in texts), group
