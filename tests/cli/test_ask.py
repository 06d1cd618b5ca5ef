"""`kg query`: every form, every format, and helpful faults."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest
import rdflib

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

SELECT = "SELECT ?m ?l { ?m a so:Metric; skos:prefLabel ?l FILTER(lang(?l) = 'zh') } ORDER BY ?m"
CONSTRUCT = "CONSTRUCT { ?m skos:prefLabel ?l } WHERE { ?m a so:StageModel; skos:prefLabel ?l }"


def test_select_in_every_table_format(kg: Run) -> None:
    data = json.loads(kg("query", SELECT).out)
    rows = list(csv.reader(io.StringIO(kg("query", SELECT, "--format", "csv").out)))
    tsv = kg("query", SELECT, "--format", "tsv").out
    xml = kg("query", SELECT, "--format", "xml").out
    table = kg("query", SELECT, "--format", "table").out

    assert ["m", "l"] == data["head"]["vars"]
    assert len(data["results"]["bindings"]) == len(rows) - 1 == 239
    assert tsv.startswith("?m\t?l\n")
    assert "sparql-results#" in xml
    assert "term:win-rate" in table


def test_ask_and_describe(kg: Run) -> None:
    assert json.loads(kg("query", "ASK { term:crm a so:Process }").out)["boolean"]
    assert "true\n" == kg("query", "ASK { term:crm a so:Process }", "--format", "table").out
    assert "skos:prefLabel" in kg("query", "DESCRIBE term:crm").out


def test_construct_is_turtle_that_rdflib_reads(kg: Run) -> None:
    graph = rdflib.Graph().parse(data=kg("query", CONSTRUCT).out, format="turtle")
    same = rdflib.Graph().parse(
        data=kg("query", CONSTRUCT, "--format", "ntriples").out, format="nt"
    )

    assert set(graph) == set(same)
    assert 22 == len(graph)


def test_asserted_leaves_inferred_triples_out(kg: Run) -> None:
    text = "ASK { term:sales-forecast so:fedBy term:crm-system }"

    assert json.loads(kg("query", text).out)["boolean"]
    assert not json.loads(kg("query", text, "--asserted").out)["boolean"]


def test_a_relation_of_two_answers_counts_once(kg: Run) -> None:
    text = "SELECT (COUNT(*) AS ?n) { term:sales-forecast so:basedOn ?x }"
    graphs = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { term:sales-forecast so:basedOn ?x } }"

    counts = [
        json.loads(kg("query", q).out)["results"]["bindings"][0]["n"]["value"]
        for q in (text, graphs)
    ]

    assert ["5", "9"] == counts


def test_a_query_from_a_file_and_from_stdin(kg: Run, tmp_path: Path) -> None:
    (tmp_path / "q.rq").write_text("\ufeffASK { term:crm ?p ?o }", encoding="utf-8")

    assert json.loads(kg("query", "-f", "q.rq").out)["boolean"]
    assert json.loads(kg("query", "-f", "-", stdin="ASK { term:crm ?p ?o }").out)["boolean"]
    assert 3 == kg("query", "-f", "missing.rq").code


def test_a_syntax_error_has_a_place_and_a_mark(kg: Run) -> None:
    done = kg("--lang", "en", "query", "SELECT ?l {\n  ?m a so:Metric skos:prefLabel ?l }")

    assert 3 == done.code
    assert "line 2" in done.err
    assert "\n                    ^\n" in done.err or "^" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
        "SELECT * { " + "{" * 3000 + "}" * 3000 + " }",
        "ASK { FILTER(" + "!" * 20000 + "true) }",
        "nonsense",
        "",
    ],
)
def test_refused_and_broken_queries_exit_with_three(kg: Run, text: str) -> None:
    done = kg("query", text)

    assert 3 == done.code
    assert "Traceback" not in done.err
    assert "" == done.out


def test_a_format_that_does_not_fit_is_said(kg: Run) -> None:
    done = kg("query", CONSTRUCT, "--format", "csv")

    assert 3 == done.code
    assert "turtle" in done.err
