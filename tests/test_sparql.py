"""The guard of queries: what passes means what it says, what does not is told where and why."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from kg import vocab as v
from kg.errors import QueryError
from kg.sparql import GRAPH_FORMATS, TABLE_FORMATS, Query, Term, write_result
from kg.sparql.guard import MAX_DEPTH, MAX_OPERATORS, MAX_PATTERNS, MAX_SIZE
from kg.sparql.tokens import read_tokens, render

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

DEFAULT = [ox.DefaultGraph()]
# A remote call that the engine refuses to make at once, without any network: OSError.
REMOTE = "SERVICE <http://localhost:1/> { ?s ?p ?o }"


def _engine(*triples: str) -> ox.Store:
    engine = ox.Store()
    body = " . ".join(triples or ("<urn:a> <urn:p> <urn:b>", '<urn:a> <urn:q> "中文"@zh'))
    engine.update(f"INSERT DATA {{ {body} }}")
    return engine


def _run(
    text: str, engine: ox.Store | None = None, bindings: Mapping[str, Term] | None = None
) -> list[object]:
    result = Query.parse(text).run(engine or _engine(), graphs=DEFAULT, bindings=bindings)
    return [bool(result)] if isinstance(result, ox.QueryBoolean) else list(result)


def _refusal(text: str, *, update: bool = False) -> QueryError:
    """Return the error of a text, wherever it is found."""
    with pytest.raises(QueryError) as caught:
        _update(text) if update else _run(text)
    return caught.value


def _update(text: str) -> None:
    Query.parse(text, update=True).apply(_engine())


def _rows(text: str) -> list[ox.QuerySolution]:
    return [row for row in _run(text) if isinstance(row, ox.QuerySolution)]


def _row(text: str, engine: ox.Store | None = None) -> ox.QuerySolution:
    row = _run(text, engine)[0]
    assert isinstance(row, ox.QuerySolution)
    return row


# -- laws
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), st.sampled_from("\"'"))
def test_any_text_in_quotes_comes_back_as_it_was(text: str, quote: str) -> None:
    """Short and long strings, with every sign: the engine reads what the user wrote."""
    escaped = text.replace("\\", "\\\\").replace(quote, "\\" + quote)
    short = escaped.replace("\n", "\\n").replace("\r", "\\r")
    rows = _rows(
        f"SELECT ({quote}{short}{quote} AS ?s) ({quote * 3}{escaped}{quote * 3} AS ?l) {{}}"
    )

    assert [(ox.Literal(text), ox.Literal(text))] == [(row["s"], row["l"]) for row in rows]


@given(st.text("abcAZ09-._~:/@!$&()*+,;=?#%éμ中", max_size=30))
def test_any_iri_comes_back_as_it_was(rest: str) -> None:
    """Signs of an IRI that could be read as code are escaped for the engine, and come back."""
    iri = "http://example.org/" + rest.replace("%", "%25")
    assume(rest.count("#") < 2)
    row = _row(f"SELECT (<{iri}> AS ?x) {{}}")

    assert ox.NamedNode(iri) == row["x"]


FRAGMENTS = [
    *("SELECT * {", "}", "{", "(", ")", "?s ?p ?o", "FILTER(", "?a<?b", "?a>?b", "<", ">", "#"),
    *('"', "'", '"""', "'''", "\\", "\\q", "\\u0022", "\\u0053", "\n", "\r", "\r\n", "\x0b", "#>"),
    *("<?b#>", "<a:b#c>", "VALUES (?x ?y) {", "true", "SERVICESILENT", "ex:SERVICE", "?SERVICE"),
    *(
        REMOTE,
        REMOTE.lower(),
        f"true{REMOTE}",
        f"1{REMOTE}",
        " . ",
        "UNION",
        "OPTIONAL {",
        "\u2028",
    ),
]


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=24).map("".join))
@example("SELECT * { # x\r" + REMOTE + " }")
@example('SELECT * { ?a ?p ?b FILTER(?a<?b#>"""\n) ' + REMOTE + ' #"""\n}')
@example('SELECT * { VALUES (?x ?y) {("""a")} ' + REMOTE + ' # \\q """\n}')
@example("SELECT * { ?s ?p true" + REMOTE + " }")
@example("SELECT * { SERV\\u0049CE <http://localhost:1/> {} }")
@example("SELECT * { SERVICESILENT<http://localhost:1/>{} }")
def test_no_text_reaches_outside_the_store(text: str) -> None:
    """Whatever comments, strings, IRIs and glued words hide, a remote call is never made."""
    with contextlib.suppress(QueryError):
        _run(text)


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=24).map("".join))
def test_what_the_engine_gets_has_the_same_tokens(text: str) -> None:
    """Rendering is idempotent: rendered tokens are read as the same kinds, in the same order."""
    try:
        tokens = list(read_tokens(text))
    except QueryError:
        return
    again = list(read_tokens(render(tokens)))

    assert [(t.kind, t.word) for t in tokens] == [(t.kind, t.word) for t in again]
    assert [t.inert for t in again] == [t.inert for t in tokens]


VALID = """PREFIX ex: <http://example.org/>
SELECT ?s (COUNT(DISTINCT ?o) AS ?n)  # 中文 "comment" {
WHERE {
\t?s ex:p ?o ; a so:Metric .
  OPTIONAL { ?s skos:prefLabel "赢单率"@zh }
  FILTER(?o != 1 && REGEX(STR(?o), "^a.*", 'i'))
}
GROUP BY ?s ORDER BY DESC(?n) LIMIT 5"""


@given(st.integers(0, len(list(read_tokens(VALID)))), st.sampled_from(["\n", "\r\n", "\r"]))
def test_the_place_of_a_fault_is_exact(number: int, newline: str) -> None:
    """Wherever a stray sign is put into a query of many lines, the error names that very place."""
    text = VALID.replace("\n", newline)
    tokens = list(read_tokens(text))
    assume(number == 0 or tokens[number - 1].kind != "text")  # there it begins a datatype
    at = tokens[number].at if number < len(tokens) else len(text)
    broken = text[:at] + " ^^ " + text[at:]
    before = broken[: at + 1].replace(newline, "\n")
    error = _refusal(broken)

    assert "query-syntax" == error.code
    assert (before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1) == (
        error.line,
        error.column,
    )


# -- where and why
@pytest.mark.parametrize(
    ("text", "line", "column", "words", "chinese"),
    [
        ("", 1, 1, "the query ends before it asks", "查询内容为空"),
        ("SELEC * { ?s ?p ?o }", 1, 1, "did you mean SELECT?", "是否要写 SELECT"),
        ("SELECT * { ?s ?p ?o ", 1, 20, "'}' is missing", "缺少“}”"),
        ("SELECT *\n{ ?s ?p ?o .\n  FILTER(?o = ) }", 3, 15, "')' is not expected", "“)”"),
        ("SELECT * { ?s foo:bar ?o }", 1, 15, "prefix 'foo:' is not declared", "没有声明"),
        ("SELECT * { ?s <relative> ?o }", 1, 15, "not a whole IRI", "不是完整的 IRI"),
        ('SELECT * {\n?s ?p "abc }', 2, 7, "not closed", "没有结束引号"),
        ('SELECT ("a\\qb" AS ?x) {}', 1, 9, "wrong escape", "无效的转义"),
        ("# 注释\nSELECT * { ?s “销售” ?o }", 2, 15, "full-width", "全角"),
        ("SELECT * { ?s ?p ?o，?x }", 1, 20, "write ','", "改用半角“,”"),
        ("SELECT * { ?s ?p ?o }}", 1, 22, "closes nothing", "没有对应的左括号"),
        ("SELECT * { ?s ?p (1] }", 1, 20, "closes nothing", "没有对应的左括号"),
        ("SELECT * { FILTER(?a<?b&&?c>?d) }", 1, 21, "put a space after", "加空格"),
        ("SELECT ?x { ?s ?p ?o } GROUP BY ?s", 1, 1, "neither grouped", "没有参与分组"),
        ("SELECT * { VALUES (?a ?b) {(1)} }", 1, 31, "one value for each", "变量个数相同"),
        ("SELECT * { \U0001f600 }", 1, 12, "is not expected here", "此处不应出现"),
        ('SELECT * { ?s ?p "\U0001f600中" ; ; ] }', 1, 27, "closes nothing", "左括号"),
        ("SELECT\u00a0* {}", 1, 7, "U+00A0", "U+00A0"),
        ("ASK", 1, 4, "ends too early", "查询不完整"),
        ("WHERE { ?s ?p ?o }", 1, 1, "one of SELECT, ASK", "SELECT、ASK"),
    ],
)
def test_a_syntax_error_names_line_column_and_reason_in_both_languages(
    text: str, line: int, column: int, words: str, chinese: str
) -> None:
    error = _refusal(text)

    assert ("query-syntax", line, column) == (error.code, error.line, error.column)
    assert words in str(error)
    assert chinese in error.text("zh")


def test_the_mark_stands_below_the_fault_also_after_wide_signs() -> None:
    error = _refusal('SELECT * {\n  ?s "赢单率" ?o\n}')

    assert '  ?s "赢单率" ?o\n     ^' == error.mark


def test_the_mark_of_a_very_long_line_shows_its_neighbourhood() -> None:
    error = _refusal("SELECT * { " + "?s ?p ?o . " * 60 + "} }" + "# x" * 200)
    row, mark = str(error.mark).split("\n")

    assert len(row) <= 130
    assert "}" == row[mark.index("^")]


# -- what may not be asked
DEEP = 6000
DANGEROUS = {
    "braces": "SELECT * " + "{" * DEEP + "?s ?p ?o" + "}" * DEEP,
    "braces never closed": "SELECT * " + "{" * DEEP,
    "parentheses": "SELECT * {?s ?p ?o FILTER(" + "(" * DEEP + "1" + ")" * DEEP + ")}",
    "parentheses in a false IRI": "SELECT * {?a ?p ?b FILTER(?a<" + "(" * DEEP + "1>?b)}",
    "signs in a false IRI": "SELECT * {?a ?p ?b FILTER(?a<1" + "+1" * DEEP + ">?b)}",
    "brackets": "SELECT * {?s ?p " + "[<p:p> " * DEEP + "1" + "]" * DEEP + "}",
    "collections": "SELECT * {?s ?p " + "(" * DEEP + ")" * DEEP + "}",
    "not": "SELECT * {?s ?p ?o FILTER(" + "!" * DEEP * 2 + "?o)}",
    "not, spaced": "SELECT * {?s ?p ?o FILTER(" + "! " * DEEP * 2 + "?o)}",
    "minus": "SELECT * {?s ?p ?o FILTER(" + "-" * DEEP + "?o)}",
    "or": "SELECT * {?s ?p ?o FILTER(" + "||".join(["?o"] * DEEP * 2) + ")}",
    "and": "SELECT * {?s ?p ?o FILTER(" + "&&".join(["?o"] * DEEP * 2) + ")}",
    "plus": "SELECT * {?s ?p ?o FILTER(" + "+".join(["1"] * DEEP * 2) + ")}",
    "path": "SELECT * {?s " + "/".join(["<p:p>"] * DEEP) + " ?o}",
    "path parentheses": "SELECT * {?s " + "(" * DEEP * 3 + "<p:p>" + ")*" * DEEP * 3 + " ?o}",
    "alternatives": "SELECT * {?s " + "|".join(["<p:p>"] * DEEP * 2) + " ?o}",
    "union": "SELECT * {" + "UNION".join(["{}"] * DEEP) + "}",
    "optional": "SELECT * {" + "OPTIONAL{}" * DEEP + "}",
    "minus groups": "SELECT * {" + "MINUS{}" * DEEP + "}",
    "filters": "SELECT * {" + "FILTER(1)" * DEEP + "}",
    "binds": "SELECT * {" + "".join(f"BIND(1 AS ?x{i})" for i in range(DEEP)) + "}",
    "values": "SELECT * {" + "VALUES ?x{1}" * DEEP + "}",
    "columns": "SELECT " + "".join(f"(1 AS ?x{i})" for i in range(DEEP)) + "{}",
    "triples": "SELECT * {" + "".join(f"?s ?p ?o{i}." for i in range(DEEP)) + "}",
    "objects": "SELECT * {?s ?p " + ",".join(["1"] * DEEP) + "}",
    "having": "SELECT (1 AS ?q){?s ?p ?o} GROUP BY ?s HAVING " + "(1)" * DEEP,
    "exists": "SELECT * {" + "FILTER EXISTS{" * DEEP + "}" * DEEP + "}",
    "functions": "SELECT * {FILTER(" + "STR(" * DEEP + "1" + ")" * DEEP + ")}",
    "subqueries": "SELECT * {" + "{SELECT * {" * DEEP + "}}" * DEEP + "}",
    "quoted triples": "SELECT * {" + "<<" * DEEP + "?s ?p ?o" + ">> ?p ?o" * DEEP + "}",
    "annotations": "SELECT * {?s ?p ?o " + "{|?p ?o" * DEEP + "|}" * DEEP + "}",
    "hidden in a comment ended by CR": "SELECT * # x\r" + "{" * DEEP + "}" * DEEP,
    "too long": "SELECT * {} #" + "x" * MAX_SIZE,
    "dots": "SELECT * {" + "a." * 200_000 + "}",
    "a long word": "SELECT * {" + "a" * 500_000 + "}",
    "quotes": "SELECT * {" + '"' * 200_001 + "}",
}
RUN = """
import sys, threading
import pyoxigraph as ox
from kg.errors import QueryError
from kg.sparql import Query
text = sys.stdin.read()
def go():
    try:
        result = Query.parse(text).run(ox.Store(), graphs=[ox.DefaultGraph()])
        print(len(list(result)))
    except QueryError as error:
        print(error.code)
go()
threading.stack_size(512 * 1024)  # the smallest stack that a platform gives a thread by default
thread = threading.Thread(target=go)
thread.start()
thread.join()
"""


@pytest.mark.parametrize("name", DANGEROUS)
def test_a_dangerous_query_is_refused_and_kills_nothing(name: str, root: Path) -> None:
    """Run apart: without the guard these end the process with a signal."""
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        input=DANGEROUS[name],
        cwd=root,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )

    assert (0, "") == (done.returncode, done.stderr)
    assert {"query-limit"} | {"query-syntax"} >= set(done.stdout.split())
    assert 2 == len(done.stdout.split())


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("SELECT * " + "{" * (MAX_DEPTH + 1) + "}" * (MAX_DEPTH + 1), MAX_DEPTH),
        ("SELECT * {FILTER(1" + "+1" * (MAX_OPERATORS + 1) + ")}", MAX_OPERATORS),
        ("SELECT * {" + "OPTIONAL{}" * MAX_PATTERNS + "}", MAX_PATTERNS),
    ],
)
def test_a_refusal_names_the_limit_in_both_languages(text: str, limit: int) -> None:
    error = _refusal(text)

    assert ("query-limit", limit, limit + 1) == (error.code, error.limit, error.found)
    assert str(limit) in error.text("zh")
    assert "查询的" in error.text("zh")


def test_what_is_within_the_limits_runs() -> None:
    deep = MAX_DEPTH - 2
    text = (
        "SELECT * {"
        + "{" * deep
        + "?s ?p ?o FILTER(" * 1
        + " || ".join(["?o = 1"] * (MAX_OPERATORS // 2))
        + " || true)"
        + "}" * deep
        + " VALUES ?v {"
        + " ".join(f'"{n}"' for n in range(3000))
        + "} FILTER(?s IN ("
        + ",".join(f"<urn:{n}>" for n in range(3000))
        + ", <urn:a>)) } LIMIT 1"
    )

    assert 1 == len(_run(text))


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ex:SERVICE ?SERVICE $service }",
        "SELECT * { ?s ?p 'SERVICE <http://localhost:1/>' } # SERVICE <http://localhost:1/>",
        "SELECT * { <http://example.org/SERVICE> ?p ?o ; <urn:LOAD> ex:load } #LOAD",
        "SELECT * { ?s ?p _:SERVICE . ?s ?p 'x'@service }",
    ],
)
def test_the_word_service_may_stand_where_it_is_no_keyword(text: str) -> None:
    assert [] == _run("PREFIX ex: <http://example.org/> " + text)


@pytest.mark.parametrize(
    ("text", "update"),
    [
        (f"SELECT * {{ {REMOTE} }}", False),
        ("SELECT * { service silent <http://localhost:1/> {} }", False),
        ("SELECT * { { ?s ?p ?o } UNION {SERVICE?x{} } }", False),
        ("SELECT * { \\u0053ervice <http://localhost:1/> {} }", False),
        ("LOAD <http://localhost:1/>", True),
        ("LOAD SILENT <file:///etc/passwd> INTO GRAPH <urn:x>", True),
        ("INSERT DATA { GRAPH <urn:x> { <urn:a> <urn:b> 1 } } ; load <http://localhost:1/>", True),
    ],
)
def test_what_reaches_outside_the_store_is_refused(text: str, *, update: bool) -> None:
    assert "query-refused" == _refusal(text, update=update).code


@pytest.mark.parametrize(
    ("text", "update"),
    [
        ("INSERT DATA { GRAPH <urn:x> { <urn:a> <urn:b> 1 } }", False),
        ("PREFIX a: <urn:> DELETE WHERE { GRAPH ?g { ?s ?p ?o } }", False),
        ("SELECT * {}", True),
    ],
)
def test_query_and_update_are_told_apart(text: str, *, update: bool) -> None:
    assert "query-form" == _refusal(text, update=update).code


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("INSERT DATA { <urn:a> <urn:b> <urn:c> }", 15),
        ("DELETE DATA { GRAPH <urn:g> {} <urn:a> <urn:b> 1 }", 32),
        ("DELETE WHERE { ?s ?p ?o }", 16),
        ("INSERT { ?s ?p ?o } WHERE { ?s ?p ?o }", 10),
        ("CLEAR DEFAULT", 7),
        ("DROP SILENT DEFAULT", 13),
        ("COPY <urn:a> TO DEFAULT", 17),
        ("MOVE DEFAULT TO <urn:a>", 6),
    ],
)
def test_an_update_must_say_which_graph_it_writes(text: str, column: int) -> None:
    """What stands in the union alone would be gone with the next write."""
    error = _refusal(text, update=True)

    assert ("query-no-graph", 1, column) == (error.code, error.line, error.column)
    assert "GRAPH <urn:kg:asserted/local> { ... }" in error.hint


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing",
        "PREFIX a: <urn:>",
        "INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:b> 1 } } ;",
        "WITH <urn:g> DELETE { ?s ?p ?o } INSERT { ?o ?p ?s } WHERE { ?s ?p ?o FILTER(isIRI(?o)) }",
        "INSERT { GRAPH <urn:g> { ?s ?p ?o } } WHERE { ?s ?p ?o }",
        "DELETE WHERE { GRAPH ?g { ?s ?p ?o } }",
        "COPY DEFAULT TO <urn:g> ; CLEAR GRAPH <urn:g> ; CREATE SILENT GRAPH <urn:h> ; CLEAR ALL",
        "INSERT DATA { GRAPH <urn:g> { "
        + " . ".join(f"<urn:{n}> <urn:b> 1, 2 ; <urn:c> 3" for n in range(500))
        + " } }",
    ],
)
def test_updates_that_name_their_graph_are_carried_out(text: str) -> None:
    Query.parse(text, update=True).apply(_engine())


# -- what is asked of which graph
def _dataset() -> ox.Store:
    engine = ox.Store()
    engine.update(
        "INSERT DATA { GRAPH <urn:g1> { <urn:a> <urn:p> <urn:b> }"
        " GRAPH <urn:g2> { <urn:a> <urn:p> <urn:b> , <urn:c> } <urn:z> <urn:p> <urn:z> }"
    )
    return engine


@pytest.mark.parametrize(
    ("clause", "count"),
    [
        ("", 1),
        ("FROM <urn:g1>", 1),
        ("FROM <urn:g2>", 2),
        ("FROM <urn:g1> FROM <urn:g2>", 2),
        ("FROM <urn:g1> FROM <urn:g1>", 1),
        ("FROM NAMED <urn:g1>", 0),
        ("FROM <urn:g2> FROM NAMED <urn:g1>", 2),
    ],
)
def test_from_reads_the_graphs_it_names_and_counts_a_triple_once(clause: str, count: int) -> None:
    row = _row(f"SELECT (COUNT(*) AS ?n) {clause} {{ ?s ?p ?o }}", _dataset())

    assert ox.Literal(count) == row["n"]


def test_from_understands_prefixes_and_base() -> None:
    engine = _dataset()

    assert 2 == len(_run("PREFIX g: <urn:g> SELECT * FROM g:2 { ?s ?p ?o }", engine))
    assert 2 == len(
        _run("BASE <urn:x> SELECT * FROM NAMED <urn:g2> { GRAPH ?g {?s ?p ?o} }", engine)
    )


@pytest.mark.parametrize("name", ["urn:nope", "http://localhost:1/x", "file:///etc/passwd"])
@pytest.mark.parametrize("clause", ["FROM", "FROM NAMED"])
def test_from_names_graphs_of_this_store_only(name: str, clause: str) -> None:
    with pytest.raises(QueryError) as caught:
        _run(f"SELECT * {clause} <{name}> {{ ?s ?p ?o }}", _dataset())

    assert ("query-graph", name) == (caught.value.code, caught.value.graph)
    assert ("urn:g1", "urn:g2") == caught.value.known


# -- values for variables
@pytest.mark.parametrize(
    ("text", "name", "count"),
    [
        ("SELECT ?s ?o { ?s ?p ?o }", "o", 1),
        ("SELECT * { ?s ?p ?o }", "o", 1),
        ("SELECT (COUNT(?s) AS ?n) ?o { ?s ?p ?o } GROUP BY ?o", "o", 1),
        ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", "o", 1),
    ],
)
def test_a_bound_variable_has_its_value(text: str, name: str, count: int) -> None:
    assert count == len(_run(text, bindings={name: ox.NamedNode("urn:b")}))


@pytest.mark.parametrize(
    "text",
    ["SELECT ?s { ?s ?p ?o }", "ASK { ?s ?p ?s }", "DESCRIBE ?s { ?s ?p ?o }"],
)
def test_a_value_for_a_variable_that_is_not_selected_is_an_error(text: str) -> None:
    with pytest.raises(QueryError) as caught:
        _run(text, bindings={"o": ox.NamedNode("urn:b")})

    assert ("query-binding", "o") == (caught.value.code, caught.value.name)


def test_a_value_cannot_carry_code() -> None:
    engine = _engine()
    hostile = ox.Literal('x" } ; DROP ALL #')

    assert [] == _run("SELECT ?o { ?s ?p ?o }", engine, {"o": hostile})
    assert 2 == len(engine)


def test_a_name_that_is_no_variable_is_an_error() -> None:
    with pytest.raises(QueryError) as caught:
        _run("SELECT * {}", bindings={"a b": ox.NamedNode("urn:x")})

    assert "query-binding" == caught.value.code


def test_a_function_that_the_engine_does_not_know_is_no_syntax_error() -> None:
    error = _refusal("SELECT (<http://example.org/f>(1) AS ?x) {}")

    assert "query-failed" == error.code
    assert "http://example.org/f" in error.text("zh")


# -- what stays as it is
@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("SELECT * {}", "SELECT"),
        ("\ufeffPREFIX select: <urn:> BASE <urn:x> ask {}", "ASK"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "CONSTRUCT"),
        ("PREFIX : <urn:> DESCRIBE :a", "DESCRIBE"),
    ],
)
def test_the_form_is_the_first_word_after_the_prologue(text: str, form: str) -> None:
    assert form == Query.parse(text).form


@pytest.mark.parametrize(
    "text",
    [
        "SELECT*{?s?p?o}",
        "SELECT?s{?s?p?o}ORDER BY?s LIMIT 10OFFSET 0",
        "SELECT * { ?s <urn:p>? ?o . ?s (<urn:p>|!(<urn:p>|^<urn:q>))* ?x }",
        "SELECT * { ?s ?p ?o FILTER(?o!=1&&?o>=2||!BOUND(?o)||-?o<+3) }",
        "SELECT * { << ?s <urn:p> ?o >> ?x ?y . ?s <urn:p> ?o {| ?x ?y |} , <<( ?s ?p ?o )>> }",
        "SELECT * { ?s ?p 'a'@en-GB , 'b'^^xsd:token , 1.5e3 , .5 , -1 , +1.0 , true . [] ?p () }",
        "SELECT * { ?s ?p ''''a''' , \"\"\"a\"b\"\"\" , '' , \"\" }",
        "SELECT * { passage:1.2.1 ?p claim:r126-1.4.1 ; ?q field:Deal.amount , ex:a\\.b\\-c }",
        "SELECT * { ?中文 ?p ?ö . _:b.c ?p _:1 }",
        "SELECT (GROUP_CONCAT(DISTINCT ?o; SEPARATOR=', ') AS ?x) { ?s ?p ?o } GROUP BY ?s",
        "SELECT * { ?s ?p ?o VALUES (?a ?b) { (1 UNDEF) (2 'x') } FILTER NOT EXISTS { ?a ?b ?c } }",
    ],
)
def test_ordinary_queries_pass(text: str) -> None:
    _run("PREFIX ex: <http://example.org/> " + text)


def test_a_local_name_may_hold_several_points() -> None:
    """The engine alone reads one point in a local name, ours have two."""
    row = _row("SELECT (passage:1.2.1 AS ?x) (claim:r1-4.1.1.d AS ?y) {}")

    assert (ox.NamedNode(v.PASSAGE + "1.2.1"), ox.NamedNode(v.CLAIM + "r1-4.1.1.d")) == (
        row["x"],
        row["y"],
    )


# -- results
def _written(text: str, format_: str) -> bytes:
    out = io.BytesIO()
    result = Query.parse(text).run(_engine(), graphs=DEFAULT)
    write_result(result, out, format=format_)
    return out.getvalue()


@pytest.mark.parametrize("format_", ["json", "xml", "tsv"])
def test_rows_are_read_back_as_they_were(format_: str) -> None:
    written = _written("SELECT ?s ?o { ?s ?p ?o } ORDER BY ?o", format_)
    read = ox.parse_query_results(written, format=TABLE_FORMATS[format_])
    assert isinstance(read, ox.QuerySolutions)

    assert [
        (ox.NamedNode("urn:a"), ox.NamedNode("urn:b")),
        (ox.NamedNode("urn:a"), ox.Literal("中文", language="zh")),
    ] == [(row["s"], row["o"]) for row in read]


def test_json_is_that_of_the_standard() -> None:
    data = json.loads(_written("SELECT ?o { <urn:a> <urn:q> ?o }", "json"))

    assert {
        "head": {"vars": ["o"]},
        "results": {"bindings": [{"o": {"type": "literal", "value": "中文", "xml:lang": "zh"}}]},
    } == data


def test_csv_holds_the_values_alone() -> None:
    assert b"s,o\r\nurn:a,urn:b\r\nurn:a,\xe4\xb8\xad\xe6\x96\x87\r\n" == _written(
        "SELECT ?s ?o { ?s ?p ?o } ORDER BY ?o", "csv"
    )


@pytest.mark.parametrize("format_", GRAPH_FORMATS)
def test_triples_come_sorted_and_each_once(format_: str) -> None:
    text = "CONSTRUCT { ?s <urn:x> 1 } WHERE { ?s ?p ?o }"
    written = _written(text, format_)
    triples = [quad.triple for quad in ox.parse(written, format=GRAPH_FORMATS[format_])]

    assert [ox.Triple(ox.NamedNode("urn:a"), ox.NamedNode("urn:x"), ox.Literal(1))] == triples
    assert written == _written(text, format_)


@pytest.mark.parametrize(
    ("text", "format_", "form", "known"),
    [
        ("SELECT * { ?s ?p ?o }", "turtle", "SELECT", tuple(TABLE_FORMATS)),
        ("ASK {}", "csv", "ASK", ("json", "xml")),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "csv", "CONSTRUCT", tuple(GRAPH_FORMATS)),
    ],
)
def test_a_form_without_that_format_is_an_error_that_names_the_others(
    text: str, format_: str, form: str, known: tuple[str, ...]
) -> None:
    with pytest.raises(QueryError) as caught:
        _written(text, format_)

    assert ("query-format", form, known) == (
        caught.value.code,
        caught.value.form,
        caught.value.known,
    )


# -- values for variables

SIGNS = st.characters(exclude_categories=["Cs"])
LITERALS = st.one_of(
    st.builds(ox.Literal, st.text(SIGNS)),
    st.builds(lambda text: ox.Literal(text, language="zh"), st.text(SIGNS)),
    st.builds(ox.Literal, st.integers()),
)
PARAMETERS = (
    "SELECT ?s (SAMPLE(?o) AS ?any) { ?s ?p ?o . FILTER(?o != $v) "
    "{ SELECT ?s { ?s ?q $v } } } GROUP BY ?s # $v"
)


@given(LITERALS)
@example(ox.Literal('"} UNION { ?s ?p ?o } #'))
@example(ox.Literal("\\' \\u0022 \n \u2028 <urn:x> $v ?v"))
@example(ox.Literal("-- /* ; DROP ALL"))
def test_a_bound_value_comes_back_as_it_went_in(value: ox.Literal) -> None:
    """Whatever a label holds, the query reads it as one value and nothing else."""
    query = Query.parse("SELECT ?x { BIND($v AS ?x) }").bind({"v": value})
    rows = query.run(_engine(), graphs=DEFAULT)

    assert isinstance(rows, ox.QuerySolutions)
    assert [value] == [row["x"] for row in rows]


@given(LITERALS)
def test_binding_changes_no_other_token(value: ox.Literal) -> None:
    query = Query.parse(PARAMETERS)
    written = [token.text for token in read_tokens(str(value))]

    expected: list[str] = []
    for token in query.tokens:
        expected += written if token.text == "$v" else [token.text]

    assert expected == [token.text for token in query.bind({"v": value}).tokens]


def test_a_value_reaches_subqueries_and_keeps_the_layout() -> None:
    text = "SELECT ?s {\n  { SELECT ?s { ?s $p ?o } }\n  ?s ?p <urn:b>\n}"
    bound = Query.parse(text).bind({"p": ox.NamedNode("urn:q")})

    assert "SELECT ?s {\n  { SELECT ?s { ?s <urn:q> ?o } }\n  ?s <urn:q> <urn:b>\n}" == bound.text


def test_a_variable_in_a_text_or_a_remark_is_none() -> None:
    text = 'SELECT ?s { ?s ?p "$v" FILTER(?s != ?v) } # ?v'
    bound = Query.parse(text).bind({"v": ox.NamedNode("urn:v")})

    assert 'SELECT ?s { ?s ?p "$v" FILTER(?s != <urn:v> ) } # ?v' == bound.text


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?v { ?s ?p ?v }",
        "SELECT (STR(?s) AS ?v) { ?s ?p ?o }",
        "SELECT ?s { { SELECT ?s ?v { ?s ?p ?v } } }",
        "SELECT ?s { BIND(?o AS ?v) ?s ?p ?v }",
        "SELECT ?s { VALUES ?v { 1 } ?s ?p ?v }",
        "SELECT ?s { VALUES (?o ?v) { (1 2) } ?s ?p ?v }",
        "SELECT ?s { ?s ?p ?v } GROUP BY ?s ?v",
        "SELECT ?s { ?s ?p ?v } ORDER BY ?v",
        "SELECT ?s { ?s ?p ?v FILTER(BOUND(?v)) }",
        "SELECT ?s { ?s ?p ?o }",
    ],
)
def test_what_the_query_settles_itself_takes_no_value(text: str) -> None:
    with pytest.raises(QueryError) as caught:
        Query.parse(text).bind({"v": ox.NamedNode("urn:v")})

    assert "query-parameter" == caught.value.code
    assert "v" == caught.value.name


@pytest.mark.parametrize(
    "text",
    [
        "SELECT (STR($v) AS ?x) { ?s ?p $v }",
        "SELECT ?s { ?s ?p ?o VALUES ?o { 1 } FILTER(?o != $v) } GROUP BY ?s HAVING(COUNT($v) > 0)",
        "SELECT ?s { ?s ?p ?o } ORDER BY DESC(?s = $v) LIMIT 3",
        "ASK { ?s ?p $v }",
        "CONSTRUCT { ?s ?p $v } { ?s ?p $v }",
    ],
)
def test_a_value_may_stand_wherever_a_term_may(text: str) -> None:
    query = Query.parse(text).bind({"v": ox.NamedNode("urn:b")})
    query.run(_engine(), graphs=DEFAULT)

    assert "v" not in query.variables
