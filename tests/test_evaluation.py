"""Queries in a process of their own: the same answers, ended on time, and never cut in silence."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import QueryError, StoreError
from kg.sparql import Query
from kg.sparql.limits import Limits, Slice
from kg.sparql.tokens import render
from kg.store import Store, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
ROWS = 2000


@pytest.fixture(scope="module")
def numbers() -> Iterator[Store]:
    """Return a store of 2,000 numbers, one with text that looks like the end of a row."""
    with open_store() as store:
        facts = " ".join(f"<x:{n}> <x:p> {n} ." for n in range(ROWS))
        odd = r'<x:odd> <x:q> "},{\n<result>\n" .'
        store.update(f"INSERT DATA {{ GRAPH <urn:kg:asserted/x> {{ {facts} {odd} }} }}")
        yield store


def body(store: Store, text: str, **options: object) -> tuple[bytes, int | None]:
    found = store.evaluate(text, **options)  # type: ignore[arg-type]
    with found.body as data:
        return data.read(), found.truncated


def code(store: Store, text: str, **options: object) -> str:
    with pytest.raises(QueryError) as caught:
        body(store, text, **options)
    return caught.value.code


# -- the same answers
@pytest.mark.parametrize("format_", ["json", "csv", "tsv", "xml"])
def test_rows_are_those_of_the_engine(numbers: Store, format_: str) -> None:
    text = "SELECT ?s ?o { ?s ?p ?o } ORDER BY ?o ?s"
    formats = {
        "json": ox.QueryResultsFormat.JSON,
        "csv": ox.QueryResultsFormat.CSV,
        "tsv": ox.QueryResultsFormat.TSV,
        "xml": ox.QueryResultsFormat.XML,
    }
    expected = numbers.query(text)
    assert isinstance(expected, ox.QuerySolutions)

    assert (expected.serialize(format=formats[format_]), None) == body(
        numbers, text, format=format_
    )


def test_all_forms_are_answered(numbers: Store) -> None:
    triples, _ = body(numbers, "CONSTRUCT WHERE { ?s ?p 7 }", format="turtle")
    described, _ = body(numbers, "DESCRIBE <x:7>")

    assert b'{"head":{},"boolean":true}' == body(numbers, "ASK { ?s ?p 7 }")[0]
    assert b"<x:7> <x:p> 7 ." in triples
    assert b"<x:7> <x:p>" in described


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("SELECT ?o { <x:7> <x:p> ?o }", {}),
        ("SELECT ?s ?o { ?s <x:p> ?o }", {"s": ox.NamedNode("x:8")}),
        ("SELECT ?s ?o { ?s ?p ?o }", {"o": ox.Literal('} # "\n', language="zh")}),
    ],
)
def test_a_time_limit_changes_no_answer(
    numbers: Store, text: str, values: dict[str, ox.NamedNode]
) -> None:
    here = numbers.query(text, bindings=values)
    there = numbers.query(text, bindings=values, timeout=30)

    assert isinstance(here, ox.QuerySolutions)
    assert isinstance(there, ox.QuerySolutions)
    assert here.variables == there.variables
    assert [list(row) for row in here] == [list(row) for row in there]


def test_a_time_limit_serves_the_other_forms(numbers: Store) -> None:
    triples = numbers.query("CONSTRUCT WHERE { ?s ?p 7 }", timeout=30)

    assert isinstance(triples, ox.QueryTriples)
    assert ["<x:7>"] == [str(triple.subject) for triple in triples]
    assert numbers.query("ASK { ?s ?p 7 }", timeout=30)
    assert not numbers.query("ASK { ?s ?p 'seven' }", timeout=30)


def test_faults_keep_their_words(numbers: Store) -> None:
    """Line, column and candidates are those of the text, whatever is added to it."""
    for text in ("SELECT * { ?s ?p ?o", "SELECT * { ?s so:mesures }", "SELECT ?x { } LIMIT", "ASK"):
        with pytest.raises(QueryError) as here:
            numbers.query(text)
        with pytest.raises(QueryError) as there:
            body(numbers, text, limits=Limits(rows=3))

        assert (str(here.value), here.value.details) == (str(there.value), there.value.details)
    assert "query-refused" == code(numbers, "SELECT * { SERVICE <http://x/> { ?s ?p ?o } }")
    assert "query-graph" == code(numbers, "SELECT * FROM <urn:none> { ?s ?p ?o }")
    assert "query-format" == code(numbers, "SELECT * { ?s ?p ?o }", format="turtle")


def test_every_kind_of_store_is_seen_as_it_is_now(tmp_path: Path) -> None:
    """In memory, on disk for writing, on disk for reading: after each write the new state."""
    with open_store(tmp_path / "disk") as disk, open_store() as memory:
        for store in (disk, memory):
            counts = []
            for n in range(3):
                store.update(f"INSERT DATA {{ GRAPH <urn:kg:asserted/x> {{ <x:{n}> a <x:c> }} }}")
                rows = store.query("SELECT ?s { ?s a <x:c> }", timeout=30)
                counts.append(len(list(rows)))  # type: ignore[arg-type]

            assert [1, 2, 3] == counts
    with open_store(tmp_path / "disk", read_only=True) as reader:
        assert 3 == len(list(reader.query("SELECT ?s { ?s a <x:c> }", timeout=30)))  # type: ignore[arg-type]


def test_the_inferred_graph_stays_out_on_request() -> None:
    with open_store() as store:
        graph = "urn:kg:inferred"
        store.update(f"INSERT DATA {{ GRAPH <{graph}> {{ <x:a> <x:b> <x:c> }} }}")

        assert b"true" in body(store, "ASK { ?s ?p ?o }")[0]
        assert b"false" in body(store, "ASK { ?s ?p ?o }", asserted=True)[0]


# -- limits
def test_a_query_is_ended_on_time_and_the_next_is_served(numbers: Store) -> None:
    for limit in (0.3, 1.0):
        start = time.monotonic()

        assert "query-time" == code(numbers, ENDLESS, limits=Limits(seconds=limit))
        assert time.monotonic() - start < limit + 1
        assert b"true" in body(numbers, "ASK {}")[0]
    with pytest.raises(QueryError) as caught:
        numbers.query(ENDLESS, timeout=0.2)

    assert "the query was ended after 0.2 seconds" == str(caught.value)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded on Linux only")
def test_a_query_is_ended_when_memory_is_used_up(numbers: Store) -> None:
    greedy = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c ?f ?i"

    assert "query-memory" == code(numbers, greedy, limits=Limits(seconds=60, memory=512 << 20))
    assert b"true" in body(numbers, "ASK {}")[0]


def test_a_process_that_dies_is_told_and_replaced(numbers: Store) -> None:
    body(numbers, "ASK {}")
    process = numbers._evaluator._process  # type: ignore[union-attr]
    assert process is not None
    process.kill()
    process.wait()

    assert b"true" in body(numbers, "ASK {}")[0]


@pytest.mark.parametrize("format_", ["json", "csv", "tsv", "xml"])
@pytest.mark.parametrize(
    ("text", "rows", "kept"),
    [
        ("SELECT ?o { ?s <x:p> ?o }", ROWS, None),
        ("SELECT ?o { ?s <x:p> ?o }", ROWS - 1, ROWS - 1),
        ("SELECT ?o { ?s <x:p> ?o } LIMIT 5", 5, None),
        ("SELECT ?o { ?s <x:p> ?o } LIMIT 6", 5, 5),
        ("SELECT ?o { ?s <x:p> ?o } OFFSET 1995", 5, None),
        ("SELECT ?o { ?s <x:p> ?o } OFFSET 1994", 5, 5),
        ("SELECT ?o { ?s <x:p> ?o } OFFSET 3 LIMIT 9", 8, 8),
        ("SELECT ?o { { SELECT ?o { ?s <x:p> ?o } LIMIT 9 } } VALUES ?z { 1 2 }", 17, 17),
        ("SELECT ?o { { SELECT ?o { ?s <x:p> ?o } LIMIT 9 } } VALUES ?z { 1 2 }", 18, None),
        ("SELECT (1/0 AS ?x) { ?s <x:p> ?o }", 7, 7),
        ("SELECT ?o { ?s <x:q> ?o }", 1, None),
    ],
)
def test_what_is_cut_says_so(
    numbers: Store, text: str, rows: int, kept: int | None, format_: str
) -> None:
    """The rows before the mark are whole, as many as allowed, and there is no mark without need."""
    data, truncated = body(numbers, text, limits=Limits(rows=rows), format=format_)
    mark = {
        "json": f'"truncated":{{"rows":{kept}}}}}',
        "xml": f"<!-- truncated after {kept} -->",
    }.get(format_, f"# truncated after {kept}\n")

    assert kept == truncated
    assert data.endswith(mark.encode()) == (kept is not None)
    assert (kept is not None) == (b"truncated" in data)
    if kept is not None:
        assert kept == _count(data.removesuffix(mark.encode()), format_)


def _count(data: bytes, format_: str) -> int:
    """Return how many rows a result holds, by a reader of that format."""
    if format_ == "json":
        return len(json.loads(data.rstrip(b",") + b"}")["results"]["bindings"])
    if format_ == "csv":
        return len(list(csv.reader(data.decode().splitlines()))) - 1
    if format_ == "tsv":
        return len(data.splitlines()) - 1
    solutions = ox.parse_query_results(data, format=ox.QueryResultsFormat.XML)
    return len(list(solutions))  # type: ignore[arg-type]


@pytest.mark.parametrize("format_", ["turtle", "ntriples", "xml"])
def test_triples_that_are_cut_say_so(numbers: Store, format_: str) -> None:
    text = "CONSTRUCT { ?s <x:p> ?o } WHERE { ?s <x:p> ?o }"
    cut, truncated = body(numbers, text, limits=Limits(rows=5), format=format_)
    whole, none = body(numbers, text, format=format_)

    assert (5, None) == (truncated, none)
    assert b"truncated after 5" in cut
    assert b"truncated" not in whole
    names = {"turtle": "TURTLE", "ntriples": "N_TRIPLES", "xml": "RDF_XML"}
    assert 5 == len(list(ox.parse(cut, format=getattr(ox.RdfFormat, names[format_]))))


def test_a_result_that_is_too_large_is_refused_whole(numbers: Store) -> None:
    large = "SELECT * { ?a <x:p> ?b . ?c <x:p> ?d }"

    assert "query-result-size" == code(numbers, "SELECT * { ?s ?p ?o }", limits=Limits(size=900))
    assert "query-result-size" == code(numbers, large, limits=Limits(rows=10**9, size=3 << 20))
    data, _ = body(numbers, large, limits=Limits(rows=20_000))
    assert 20_000 == len(json.loads(data)["results"]["bindings"])


def test_a_request_can_only_lower() -> None:
    limits = Limits(seconds=10, rows=100)

    assert limits == limits.lowered(seconds=99, rows=101, memory=1 << 50, size=None)
    assert limits == limits.lowered(seconds=0, rows=-5)
    assert Limits(seconds=2, rows=7) == limits.lowered(seconds=2, rows=7)


@given(st.integers(0, 50), st.integers(0, 9), st.integers(1, 50), st.sampled_from([1, -1]))
def test_a_slice_of_a_slice_is_that_part_of_it(
    limit: int, offset: int, rows: int, order: int
) -> None:
    """The first rows and the rest together are what the query asks for."""
    engine = ox.Store()
    words = [f"LIMIT {limit}", f"OFFSET {offset}"]
    tail = " ".join(words[::order])
    query = Query.parse(f"SELECT ?x {{ VALUES ?x {{ {' '.join(map(str, range(30)))} }} }} {tail}")
    asked = Slice.read(query.tokens)
    first = engine.query(render(asked.render(min(rows, limit))))
    rest = engine.query(render(asked.render(max(limit - rows, 0), after=rows)))
    found = [row["x"].value for row in (*first, *rest)]  # type: ignore[misc]

    assert (limit, offset) == (asked.limit, asked.offset)
    assert [str(n) for n in range(30)][offset : offset + limit] == found


# -- surroundings
def test_threads_take_turns(numbers: Store) -> None:
    texts = [f"SELECT ?s {{ ?s <x:p> {n} }}" for n in range(40)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda text: body(numbers, text)[0], texts))

    assert all(f'"x:{n}"'.encode() in data for n, data in enumerate(found))


def test_a_closed_store_leaves_no_process_and_no_copy() -> None:
    store = open_store()
    body(store, "ASK {}")
    process = store._evaluator._process  # type: ignore[union-attr]
    copy = Path(store._copy.name)  # type: ignore[union-attr]
    assert process is not None
    assert copy.is_dir()
    store.close()

    assert process.poll() is not None
    assert not copy.exists()
    with pytest.raises(StoreError):
        store.evaluate("ASK {}")


def test_a_module_of_our_name_in_the_working_folder_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "kg.py").write_text("print('trap')", encoding="utf-8")
    (tmp_path / "pyoxigraph.py").write_text("raise SystemExit('trap')", encoding="utf-8")
    code_ = (
        "from kg.store import open_store\n"
        "with open_store() as s, s.evaluate('ASK {}').body as b: print(b.read())"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code_],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )

    assert (0, "") == (done.returncode, done.stderr)
    assert "true" in done.stdout
    assert "trap" not in done.stdout
