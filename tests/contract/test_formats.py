"""Owns the contract of all export formats: whole, the same bytes, readable, and safe."""

from __future__ import annotations

import csv
import io
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import networkx as nx
import openpyxl
import pyoxigraph as ox
import pytest
import rdflib

from kg import vocab as v
from kg.errors import ExportError
from kg.exports import FORMATS, export
from kg.files import open_output
from kg.inference import infer
from kg.store import Store, open_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kg.model import Glossary

# rdflib's own JSON-LD parser makes the graph that rdflib warns of.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")

Fact = tuple[str, str, str]
NAMES = tuple(FORMATS)
PARTIAL = ("skos", "sssom", "field-mapping", "ontology-docs")  # hold a part, in a form of their own
WHOLE = tuple(name for name in NAMES if name not in PARTIAL)
KEEPING = (v.SO + "owner", v.DCTERMS + "isReplacedBy")  # links of terms that are no relations
RDF = ("turtle", "jsonld", "ntriples", "skos")

# What a label may hold: markup, formulas, quotes, separators, control characters, other scripts.
HOSTILE = (
    '=HYPERLINK("https://x.invalid","open")',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "＝1+1",
    "\ttab first",
    "</data></node><script>alert(1)</script>",
    "]]> &amp; & <b>bold</b>",
    "\"double\" 'single' \\ back",
    "two\nlines",
    "comma, semicolon; pipe | end",
    "{{ 7*7 }} {s} {o} %s",
    "bell\x07 null\x00 escape\x1b",
    "not a character \ufffe",
    "right\u202eleft",
    "emoji 😀 𠮷",
    "@prefix : <x> .",
    "1.2.1",
)


@dataclass(frozen=True)
class Opened:
    """What a consumer finds in a file: labels by id and language, and how often each relation."""

    labels: dict[str, tuple[str, str]]
    relations: Counter[Fact]


def written(store: Store, name: str, **options: object) -> bytes:
    out = io.BytesIO()
    export(store, name, out, **options)  # type: ignore[arg-type]
    return out.getvalue()


# -- one real consumer per format


def open_rdf(format_: str) -> Callable[[bytes, bytes], Opened]:
    def read(data: bytes, _: bytes) -> Opened:
        graph = rdflib.Graph().parse(data=data, format=format_)
        labels: dict[str, dict[str, str]] = {}
        for subject, _predicate, label in graph.triples((None, rdflib.SKOS.prefLabel, None)):
            if (subject, rdflib.RDF.type, rdflib.SKOS.Concept) in graph:
                assert isinstance(label, rdflib.Literal)
                labels.setdefault(v.local_name(str(subject)), {})[label.language or ""] = str(label)
        ids = {v.TERM + name for name in labels}
        relations = (
            (v.local_name(str(s)), v.local_name(str(p)), v.local_name(str(o)))
            for s, p, o in graph
            if str(s) in ids and str(o) in ids and str(p) not in KEEPING
        )
        return Opened({k: (x["zh"], x["en"]) for k, x in labels.items()}, Counter(relations))

    return read


def open_graph(read_graph: Callable[..., Any]) -> Callable[[bytes, bytes], Opened]:
    def read(data: bytes, _: bytes) -> Opened:
        graph: nx.MultiDiGraph[str] = read_graph(io.BytesIO(data))
        return Opened(
            {node: (x["label_zh"], x["label_en"]) for node, x in graph.nodes(data=True)},
            Counter((s, x["predicate"], o) for s, o, x in graph.edges(data=True)),
        )

    return read


def open_csv(concepts: bytes, relations: bytes) -> Opened:
    def rows(data: bytes) -> csv.DictReader[str]:
        return csv.DictReader(io.StringIO(data.decode(), newline=""))

    return Opened(
        {row["id"]: (row["label_zh"], row["label_en"]) for row in rows(concepts)},
        Counter((row["subject"], row["predicate"], row["object"]) for row in rows(relations)),
    )


def open_xlsx(data: bytes, _: bytes) -> Opened:
    book = openpyxl.load_workbook(io.BytesIO(data))
    concepts = list(book["概念"].iter_rows(min_row=2, values_only=True))
    relations = list(book["关系"].iter_rows(min_row=2, values_only=True))
    return Opened(
        {str(row[0]): (str(row[1]), str(row[2])) for row in concepts},
        Counter((str(row[1]), str(row[3]), str(row[5])) for row in relations),
    )


def open_skos(data: bytes, _: bytes) -> Opened:
    found = open_rdf("turtle")(data, b"")
    return Opened(found.labels, Counter())  # typed relations are told as skos:related


def open_sssom(data: bytes, _: bytes) -> Opened:
    lines = [line for line in data.decode().split("\n") if not line.startswith("#")]
    rows = csv.DictReader(io.StringIO("\n".join(lines), newline=""), delimiter="\t")
    assert all(row["subject_id"] and row["object_id"] for row in rows)
    return Opened({}, Counter())


def open_sheet(data: bytes, _: bytes) -> Opened:
    book = openpyxl.load_workbook(io.BytesIO(data))
    rows = list(book["字段对照" if "字段对照" in book else "Field mapping"].iter_rows())
    assert {14} == {len(row) for row in rows}
    return Opened({}, Counter())


class Tags(HTMLParser):
    """Reads a page and keeps the elements that are open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - the parser's own
        """Note what opens, but for elements that never close."""
        if tag not in ("meta", "br", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close what was opened last, and nothing else."""
        assert tag == self.open.pop()


def open_page(data: bytes, _: bytes) -> Opened:
    page = Tags()
    page.feed(data.decode())
    assert [] == page.open
    return Opened({}, Counter())


READERS: dict[str, Callable[[bytes, bytes], Opened]] = {
    "turtle": open_rdf("turtle"),
    "jsonld": open_rdf("json-ld"),
    "ntriples": open_rdf("nt"),
    "graphml": open_graph(nx.read_graphml),
    "gexf": open_graph(nx.read_gexf),
    "csv": open_csv,
    "xlsx": open_xlsx,
    "skos": open_skos,
    "sssom": open_sssom,
    "field-mapping": open_sheet,
    "ontology-docs": open_page,
}


def opened(store: Store, name: str, **options: object) -> Opened:
    """Write a format and read it back; CSV in its plain form, which is the one for programs."""
    if name == "csv":
        both = [
            written(store, name, plain=True, table=t, **options) for t in ("concepts", "relations")
        ]
        return READERS[name](both[0], both[1])
    return READERS[name](written(store, name, **options), b"")


def asserted(glossary: Glossary, name: str) -> Counter[Fact]:
    """Return the relations that a format is to hold: tables also list the two that disagree."""
    return Counter(
        (v.local_name(r.subject), v.local_name(r.predicate), v.local_name(r.object))
        for r in glossary.relations
        if r.asserted or name in ("csv", "xlsx")
    )


# -- the contract


def test_every_format_has_a_reader_here() -> None:
    assert set(FORMATS) == set(READERS)


@pytest.mark.parametrize("name", WHOLE)
def test_a_consumer_finds_every_concept_and_relation(
    store: Store, glossary: Glossary, name: str
) -> None:
    """Reading a file back gives all concepts in both languages and each relation once."""
    found = opened(store, name)
    expected = {c.id: (c.pref_label("zh"), c.pref_label("en")) for c in glossary.concepts.values()}

    assert 1_000 < len(found.labels)
    assert expected == found.labels
    assert asserted(glossary, name) == found.relations


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_twice_is_the_same(store: Store, name: str, lang: str) -> None:
    """Writing twice gives the same bytes."""
    first, second = (written(store, name, lang=lang) for _ in range(2))

    assert first == second


def test_hash_seeds_do_not_matter(root: Path) -> None:
    """Two processes with different hash seeds write the same bytes, at different times."""
    script = """
import hashlib, io, sys
from pathlib import Path
import pyoxigraph as ox
from kg import vocab
from kg.exports import FORMATS, export
from kg.sources.graph import compile_tables, read_vocabulary
from kg.sources.rdf import read_rdf
from kg.sources.tables import read_tables
from kg.store import open_store
from kg.store.reading import read_glossary
from kg.training import teach

onto = list(read_rdf(Path("ontology/sales-ops.ttl")))
words = read_vocabulary(onto)
tables = read_tables(Path("data"), predicates=words.predicates, kinds=words.classes)
store = open_store()
store.extend(compile_tables(tables, words).quads)
graph = ox.NamedNode(vocab.ONTOLOGY_GRAPH)
store.extend(ox.Quad(q.subject, q.predicate, q.object, graph) for q in onto)
for name in FORMATS:
    out = io.BytesIO()
    export(store, name, out, inferred=True, ontology=Path("ontology"))
    print(name, hashlib.sha256(out.getvalue()).hexdigest())
glossary = read_glossary(store)
for lang in ("zh", "en"):
    out = io.BytesIO()
    teach(glossary, "handbook", out, lang=lang)
    print(lang, hashlib.sha256(out.getvalue()).hexdigest())
"""

    def run(seed: str) -> list[str]:
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (0, "") == (done.returncode, done.stderr)
        return done.stdout.splitlines()

    first, second = run("1"), run("2")

    assert len(FORMATS) + 2 == len(first)
    assert first == second


@pytest.fixture(scope="module")
def hostile() -> Store:
    """Return a store whose labels and definitions attack every format, and a parallel relation."""
    store = open_store()
    graph = ox.NamedNode(v.asserted_graph("product"))

    def add(subject: str, predicate: str, value: ox.NamedNode | ox.Literal) -> None:
        store.extend([ox.Quad(ox.NamedNode(subject), ox.NamedNode(predicate), value, graph)])

    for at, text in enumerate(HOSTILE):
        term = f"{v.TERM}h{at}"
        add(term, v.RDF + "type", ox.NamedNode(v.SKOS + "Concept"))
        for lang in ("zh", "en"):
            add(term, v.SKOS + "prefLabel", ox.Literal(text, language=lang))
            add(term, v.SKOS + "definition", ox.Literal(text, language=lang))
        after = f"{v.TERM}h{(at + 1) % len(HOSTILE)}"
        for name in ("measures", "feeds"):
            claim = f"{v.CLAIM}r{at}{name}-product"
            add(term, v.SO + name, ox.NamedNode(after))
            add(claim, v.RDF + "type", ox.NamedNode(v.SO + "Claim"))
            add(claim, v.RDF + "subject", ox.NamedNode(term))
            add(claim, v.RDF + "predicate", ox.NamedNode(v.SO + name))
            add(claim, v.RDF + "object", ox.NamedNode(after))
            add(claim, v.SO + "strength", ox.Literal("product"))
            add(claim, v.PROV + "wasDerivedFrom", ox.NamedNode(v.SOURCE + "product"))
    return store


@pytest.mark.parametrize("name", WHOLE)
def test_hostile_labels_arrive_as_text(hostile: Store, name: str) -> None:
    """No label breaks a format: the consumer gets the text back, less what XML cannot hold."""
    found = opened(hostile, name)
    rdf = name in RDF
    legal = [text if rdf else re.sub("[\x00\x07\x1b\ufffe]", "", text) for text in HOSTILE]

    assert {f"h{at}": (text, text) for at, text in enumerate(legal)} == found.labels


@pytest.mark.parametrize("name", WHOLE)
def test_parallel_relations_stay_apart(hostile: Store, name: str) -> None:
    """Two relations between the same two terms are two in every format."""
    found = opened(hostile, name)
    between = {fact[1] for fact in found.relations if fact[0] == "h0"}

    assert 2 * len(HOSTILE) == found.relations.total()
    assert {"measures", "feeds"} == between


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize(
    ("origins", "strengths"),
    [(("answer1",), ()), ((), ("stated",)), (("answer4", "product"), ("implied", "product"))],
)
def test_filters_keep_what_fits(
    store: Store,
    glossary: Glossary,
    name: str,
    origins: tuple[str, ...],
    strengths: tuple[str, ...],
) -> None:
    """A relation stays where one claim fits source and strength; concepts all stay."""
    found = opened(store, name, sources=origins, strengths=strengths)
    expected = {
        (v.local_name(r.subject), v.local_name(r.predicate), v.local_name(r.object))
        for r in glossary.relations
        if (r.asserted or name in ("csv", "xlsx"))
        and any(
            (not origins or c.source in origins) and (not strengths or c.strength in strengths)
            for c in r.claims
        )
    }

    assert len(glossary.concepts) == len(found.labels)
    assert 0 < len(expected) < len(glossary.relations)
    assert expected == set(found.relations)


@pytest.mark.parametrize("name", NAMES)
def test_inferred_adds_and_takes_nothing(store: Store, hostile: Store, name: str) -> None:
    """What is asserted is still there when inferred relations are asked for."""
    closed = open_store()
    closed.extend(q for q in hostile.engine if q.graph_name != ox.DefaultGraph())
    ontology = ox.NamedNode(v.ONTOLOGY_GRAPH)
    closed.extend(store.engine.quads_for_pattern(None, None, None, ontology))
    closed.replace(v.INFERRED, infer(closed).triples())
    before = opened(closed, name).relations
    after = opened(closed, name, inferred=True).relations
    filtered = opened(closed, name, inferred=True, sources=("product",)).relations

    assert before == before & after
    assert after == filtered


class Pipe(io.BytesIO):
    """A stream that cannot go back, as standard output."""

    def seek(self, *_: object) -> int:
        """Refuse."""
        raise io.UnsupportedOperation

    tell = seek

    def seekable(self) -> bool:
        """Say no."""
        return False


@pytest.mark.parametrize("name", NAMES)
def test_a_pipe_gets_the_same_bytes(hostile: Store, name: str) -> None:
    """Standard output gets what a file would get."""
    pipe = Pipe()
    export(hostile, name, pipe)

    assert written(hostile, name) == pipe.getvalue()


@pytest.mark.parametrize("name", NAMES)
def test_a_failure_keeps_the_old_file(store: Store, tmp_path: Path, name: str) -> None:
    """An export that fails leaves what stood there, and nothing beside it."""
    target = tmp_path / "old"
    target.write_bytes(b"old")

    def fail() -> None:
        with open_output(target) as out:
            out.write(b"half of a file")
            export(store, name, out, sources=("answer9",))

    with pytest.raises(ExportError):
        fail()

    assert [target] == list(tmp_path.iterdir())
    assert b"old" == target.read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_store_gives_an_empty_file_that_opens(name: str) -> None:
    found = opened(open_store(), name)

    assert Opened({}, Counter()) == found
