"""SSSOM: columns, CURIEs that resolve, nothing that was not seen, the same bytes."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from kg import vocab as v
from kg.exports import export
from kg.exports.mappings import read_mappings
from kg.exports.sssom import COLUMNS
from kg.store import Store, open_store

if TYPE_CHECKING:
    from kg.model import Glossary, Lang

GRAPH = ox.NamedNode(v.asserted_graph("product"))
FIBO = "https://spec.edmcouncil.org/fibo/ontology/FND/"


def written(store: Store, lang: Lang = "en") -> str:
    out = io.BytesIO()
    export(store, "sssom", out, lang=lang)
    return out.getvalue().decode()


def read(text: str) -> tuple[dict[str, str], dict[str, str], list[dict[str, str]]]:
    """Return prefixes, facts of the set, and rows."""
    head = [line[1:] for line in text.split("\n") if line.startswith("#")]
    body = "\n".join(line for line in text.split("\n") if not line.startswith("#"))
    pairs = [line.split(": ", 1) for line in head if line != "curie_map:"]
    facts = {key: json.loads(value) for key, value in pairs}
    prefixes = {key.strip(): value for key, value in facts.items() if key.startswith("  ")}
    rows = csv.DictReader(io.StringIO(body, newline=""), delimiter="\t")
    assert COLUMNS == tuple(rows.fieldnames or ())
    return prefixes, {k: x for k, x in facts.items() if not k.startswith(" ")}, list(rows)


def mapped(*matches: tuple[str, str, str, str, bool]) -> Store:
    """Return a store of mapping nodes: subject, kind, object, vocabulary, verified."""
    store = open_store()
    for at, (subject, kind, object_, vocabulary, sure) in enumerate(matches):
        node = ox.NamedNode(f"{v.BASE}mapping/{at}")
        yes = ox.Literal("true" if sure else "false", datatype=ox.NamedNode(v.XSD + "boolean"))
        facts: dict[str, ox.NamedNode | ox.Literal] = {
            v.RDF + "type": ox.NamedNode(v.SO + "Mapping"),
            v.SO + "mapsFrom": ox.NamedNode(v.expand(subject)),
            v.SO + "mapsTo": ox.NamedNode(object_),
            v.SO + "matchKind": ox.NamedNode(v.SKOS + kind),
            v.SO + "vocabularyName": ox.Literal(vocabulary),
            v.SO + "verified": yes,
            v.RDFS + "comment": ox.Literal('a "quoted"\tremark\nof two lines', language="en"),
        }
        store.extend(ox.Quad(node, ox.NamedNode(p), o, GRAPH) for p, o in facts.items())
    return store


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_identifier_resolves(store: Store, lang: Lang) -> None:
    """Each CURIE has its prefix in the map, and no prefix stands there for nothing but our own."""
    prefixes, facts, rows = read(written(store, lang))
    ids = [row[c] for row in rows for c in COLUMNS if c.endswith(("_id", "_source"))]
    ids += [row["mapping_justification"] for row in rows]

    assert 50 < len(rows)
    assert [] == [x for x in ids if not re.fullmatch(r"[A-Za-z][\w.-]*:[^\s]+", x)]
    assert {x.partition(":")[0] for x in ids} <= set(prefixes)
    assert {"salesops", "system", "vocabulary"} | {x.partition(":")[0] for x in ids} == set(
        prefixes
    )
    assert "https://creativecommons.org/licenses/by/4.0/" == facts["license"]


def test_it_holds_what_was_seen_and_nothing_else(store: Store, glossary: Glossary) -> None:
    _, _, rows = read(written(store))
    seen = [m for m in read_mappings(store, glossary) if m.verified]
    doubtful = {m.subject for m in read_mappings(store, glossary) if not m.verified}
    keys = [(row["subject_id"], row["predicate_id"], row["object_label"]) for row in rows]

    assert doubtful
    assert len(seen) == len(rows)
    assert {(v.contract(m.subject), f"skos:{m.relation}", m.label("en")) for m in seen} == set(keys)


def test_rows_are_sorted_and_the_bytes_stay(store: Store) -> None:
    text = written(store)
    _, _, rows = read(text)
    order = [tuple(row[column] for column in COLUMNS) for row in rows]

    assert order == sorted(order)
    assert text == written(store)
    assert not re.search(r"\d\d:\d\d", text)


def test_vocabularies_keep_their_own_prefixes() -> None:
    store = mapped(
        ("so:Metric", "closeMatch", "http://w3id.org/kpionto/Indicator", "KPIOnto", True),
        ("so:Claim", "broadMatch", v.PROV + "Entity", "PROV", True),
        ("term:customer", "closeMatch", "https://schema.org/Person", "schema.org", True),
        ("so:Target", "closeMatch", FIBO + "Goals/Objectives/Objective", "FIBO", True),
        ("so:Method", "closeMatch", FIBO + "Products/Services/Method", "FIBO", True),
        ("term:quota", "exactMatch", "http://www.w3.org/ns/org#Role", "ORG", False),
    )
    prefixes, _, rows = read(written(store))
    spelt = {row["object_id"]: prefixes[row["object_id"].partition(":")[0]] for row in rows}

    assert {
        "kpi:Indicator": "http://w3id.org/kpionto/",
        "prov:Entity": v.PROV,
        "schema:Person": "https://schema.org/",
        "fibo-services:Method": FIBO + "Products/Services/",
        "fibo-objectives:Objective": FIBO + "Goals/Objectives/",
    } == spelt


def test_no_prefix_of_ours_is_given_to_others() -> None:
    """A vocabulary named like one of our prefixes gets another."""
    store = mapped(
        ("so:Metric", "closeMatch", "https://x.example/a/B", "term", True),
        ("so:Role", "closeMatch", "https://y.example/c/B", "system", True),
        ("so:Role", "closeMatch", "https://z.example/c#B", "1 2", True),
    )
    prefixes, _, rows = read(written(store))
    back = {
        prefixes[name] + end for name, _, end in (row["object_id"].partition(":") for row in rows)
    }

    assert {"https://x.example/a/B", "https://y.example/c/B", "https://z.example/c#B"} == back
    assert v.BASE + "system/" == prefixes["system"]


def test_a_remark_cannot_break_its_row() -> None:
    store = mapped(("so:Metric", "closeMatch", "https://schema.org/Thing", "schema.org", True))
    _, _, rows = read(written(store))

    assert ['a "quoted" remark of two lines'] == [row["comment"] for row in rows]
