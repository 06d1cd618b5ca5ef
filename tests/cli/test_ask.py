"""`kg ask` and `kg query`: every form, every format, and helpful faults."""

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
    assert len(data["results"]["bindings"]) == len(rows) - 1 > 200
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


# -- kg ask


def test_alone_it_lists_every_question_by_group(kg: Run) -> None:
    text = kg("ask", "--format", "table").out
    listed = json.loads(kg("ask").out)
    rows = list(csv.DictReader(io.StringIO(kg("ask", "--format", "csv").out)))

    assert len(listed) == len(rows) >= 60
    assert "术语 · terms" in text
    assert "{指标}怎么算?  How is {metric} computed?\n    formula metric=" in text
    assert all(f"    {row['name']}" in text for row in listed)
    assert {"name", "group", "zh", "en", "slots"} == set(listed[0])


def test_a_question_in_words_names_the_template_it_used(kg: Run) -> None:
    zh = kg("ask", "赢单率怎么算", "--format", "table")
    en = kg("--lang", "en", "ask", "How", "is", "win", "rate", "calculated?", "--format", "table")

    assert "formula" in zh.err
    assert "term:win-rate (赢单率)" in zh.err
    assert "÷" in zh.out
    assert "公式:" in zh.out
    assert "formula: " in en.out


def test_json_keeps_ids_and_labels(kg: Run) -> None:
    done = kg("ask", "improves", "term=crm")
    data = json.loads(done.out)

    assert ("improves", {"term": "term:crm"}) == (data["template"], data["slots"])
    assert data["modelled"]
    assert {"id", "iri", "zh", "en"} == set(data["rows"][0]["improved"])
    assert "term:customer-satisfaction" in {row["improved"]["id"] for row in data["rows"]}


def test_csv_has_words_in_the_chosen_language(kg: Run) -> None:
    rows = list(csv.reader(io.StringIO(kg("ask", "improves", "term=crm", "--format", "csv").out)))

    assert ["improved", "sources"] == rows[0]
    assert "客户满意度" in {row[0] for row in rows[1:]}


def test_show_prints_a_query_that_runs_and_runs_nothing(kg: Run) -> None:
    shown = kg("ask", "improves", "term=crm", "--show")
    rows = json.loads(kg("query", shown.out).out)["results"]["bindings"]

    assert "<https://w3id.org/salesops/concept/crm>" in shown.out
    assert "$term" not in shown.out
    assert len(rows) == len(json.loads(kg("ask", "improves", "term=crm").out)["rows"])


def test_an_answer_is_written_to_a_file(kg: Run, tmp_path: Path) -> None:
    done = kg("ask", "topics", "-o", "topics.csv")

    assert "" == done.out
    assert (tmp_path / "topics.csv").read_text(encoding="utf-8-sig").startswith("topic,")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["今天天气怎么样"], "ask-unsure"),
        (["转化率怎么算"], "ask-ambiguous"),
        (["CAC和客户获取成本有什么区别"], "ask-same"),
        (["销售预测怎么算"], "ask-kind"),
        (["formula"], "ask-missing"),
        (["formula", "metric=zzzzz"], "term-unknown"),
        (["formula", "term=win-rate"], "ask-slot"),
        (["formulas", "metric=win-rate"], "ask-template"),
        (["field-names", "field=zzzzz"], "ask-value"),
    ],
)
def test_what_is_not_sure_is_asked_back_and_exits_with_three(
    kg: Run, words: list[str], expected: str
) -> None:
    for lang in ("zh", "en"):
        done = kg("--lang", lang, "ask", *words)

        assert (3, "") == (done.code, done.out)
        assert f"[{expected}]" in done.err
        assert "Traceback" not in done.err


def test_a_slot_given_twice_is_a_wrong_use(kg: Run) -> None:
    done = kg("ask", "drivers", "metric=win-rate", "metric=cac")

    assert (2, "") == (done.code, done.out)
    assert "metric= is given twice" in done.err
    assert "给了两次" in done.err


def test_a_day_that_is_not_in_the_calendar_is_told(kg: Run) -> None:
    done = kg("ask", "changed-since", "date=2023-02-31")

    assert (3, "") == (done.code, done.out)
    assert "[ask-value]" in done.err
    assert "2023-02-31" in done.err


def test_an_unsure_question_is_offered_three_with_the_command(kg: Run) -> None:
    offers = [
        line for line in kg("ask", "张三的赢单率是多少").err.splitlines() if "  kg ask " in line
    ]

    assert 3 == len(offers)


def test_nothing_found_is_said_on_stderr_and_is_no_error(kg: Run) -> None:
    done = kg("ask", "modules", "system=after-sales-system")

    assert 0 == done.code
    assert [] == json.loads(done.out)["rows"]
    assert "没有结果" in done.err
    assert "没有收录" not in done.err


def test_the_help_has_examples_in_both_languages(kg: Run) -> None:
    text = kg("ask", "--help").out

    assert "kg ask 赢单率怎么算" in text
    assert "kg --lang en ask 'what drives win rate'" in text
