"""The documentation of the ontology: all of it, real examples, both languages, and safe."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from html import unescape
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from kg import vocab as v
from kg.exports import export
from kg.exports.schema import read_schema
from kg.store import Store, open_store
from kg.validation.catalogue import read_catalogue
from tests.conftest import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from kg.exports.schema import ClassEntry
    from kg.model import Glossary

PAYLOAD = " ".join(HOSTILE)


def written(store: Store, **options: object) -> str:
    out = io.BytesIO()
    export(store, "ontology-docs", out, **options)  # type: ignore[arg-type]
    return out.getvalue().decode()


@pytest.fixture(scope="module")
def page(store: Store, root: Path) -> str:
    return written(store, ontology=root / "ontology")


def anchors(page: str) -> list[str]:
    return re.findall(r' id="([^"]+)"', page)


def declared(store: Store, name: str) -> set[str]:
    found = store.triples(None, v.RDF + "type", v.OWL + name)
    return {v.contract(t.subject.value) for t in found if isinstance(t.subject, ox.NamedNode)}


def test_everything_the_ontology_declares_has_its_place(store: Store, page: str) -> None:
    """Classes and properties of all kinds: one anchor each."""
    kinds = ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty")
    names = set().union(*(declared(store, kind) for kind in kinds))
    slugs = {re.sub(r"[^A-Za-z0-9]", "-", name) for name in names}
    found = anchors(page)

    assert 150 < len(slugs)
    assert set() == slugs - set(found)
    assert len(found) == len(set(found))


def test_every_link_leads_somewhere(page: str) -> None:
    targets = re.findall(r'href="#([^"]+)"', page)

    assert 30 < len(targets)
    assert set() == set(targets) - set(anchors(page))


def test_every_relation_reads_both_ways_in_both_languages(
    store: Store, glossary: Glossary, page: str
) -> None:
    text = unescape(re.sub(r"<[^>]+>", "\n", page))
    lines = set(text.split("\n"))
    schema = read_schema(store, glossary)
    entries = [entry for _, members in schema.relations for entry in members]

    assert len(glossary.predicates) == len(entries) == schema.relation_count
    for entry in entries:
        assert {*entry.example.forward, *entry.example.inverse} <= lines
        assert entry.example.real == bool(entry.count)


def test_examples_are_relations_of_the_graph(store: Store, glossary: Glossary) -> None:
    sentences = {glossary.sentence(r, "en") for r in glossary.relations if r.asserted}
    schema = read_schema(store, glossary)
    entries = [entry for _, members in schema.relations for entry in members if entry.count]

    assert entries
    assert set() == {entry.example.forward[1] for entry in entries} - sentences


def test_classes_form_a_tree_with_counts(store: Store, glossary: Glossary) -> None:
    schema = read_schema(store, glossary)

    def walk(entries: Iterable[ClassEntry]) -> Iterator[ClassEntry]:
        for entry in entries:
            yield entry
            yield from walk(entry.below)

    entries = {entry.name: entry for entry in walk(schema.classes)}

    assert len(glossary.concepts) == entries["so:Term"].count
    assert all(
        max((child.count for child in entry.below), default=0) <= entry.count
        for entry in entries.values()
    )
    assert "so:ProcessStep" in {child.name for child in entries["so:Activity"].below}
    assert len(declared(store, "Class")) == schema.class_count


def test_every_rule_is_told_with_its_level(page: str, root: Path) -> None:
    catalogue = read_catalogue(root / "ontology" / "rules", root / "ontology" / "shapes.ttl")
    rules = [entry for entry in catalogue.values() if entry.origin == "rule"]
    text = unescape(page)

    assert 30 < len(rules)
    assert [rule.code for rule in rules] == re.findall(r'id="rule-([a-z0-9-]+)"', page)
    for rule in rules:
        assert all(words in text for words in (*rule.says, *rule.remedies, rule.why)), rule.code
        assert f'<span class="en" lang="en">{rule.level}</span>' in page


def test_what_a_finding_fills_in_is_an_ellipsis(page: str) -> None:
    assert "nobody keeps the definition of '…'" in unescape(page)


def test_without_a_folder_there_are_no_rules(store: Store) -> None:
    assert 'id="rules"' not in written(store)


def test_samples_are_turtle_of_the_graph(store: Store, page: str) -> None:
    """With the prefixes before them, the samples read as triples of the store."""
    head = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in v.PREFIXES.items())
    samples = re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", page, re.DOTALL)
    triples = set(store.triples())
    read = [
        {quad.triple for quad in ox.parse(head + unescape(text), format=ox.RdfFormat.TURTLE)}
        for text in samples
    ]

    assert 4 <= len(read)
    assert all(read)
    assert all(found <= triples for found in read)
    assert {"sample-claim", "sample-card", "sample-measure", "sample-field"} <= set(anchors(page))


def test_the_page_asks_nothing_of_the_network_and_trusts_one_script(page: str) -> None:
    policy = page.split("script-src ", 1)[1].split(";", 1)[0]
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()

    assert 1 == len(scripts)
    assert f"'sha256-{digest}'" == unescape(policy)
    assert "default-src 'none'" in page
    assert not re.search(r'(src|href)="(?!#|https?://)', page)
    assert not re.search(r"<(img|iframe|link|object|embed)\b|url\(|@import", page)
    assert len(page.encode()) < 450_000


def test_the_language_is_the_one_asked_for(store: Store) -> None:
    assert '<html lang="zh-CN"' in written(store)
    assert '<html lang="en"' in written(store, lang="en")


def test_hostile_texts_are_text(store: Store) -> None:
    """Labels, comments and links of an ontology that attacks bring no tag and no link."""
    bad = open_store()
    graph = ox.NamedNode(v.ONTOLOGY_GRAPH)
    made = ox.NamedNode(v.SO + "Bad")
    facts: list[tuple[ox.NamedNode, str, ox.NamedNode | ox.Literal]] = [
        (made, v.RDF + "type", ox.NamedNode(v.OWL + "Class")),
        (made, v.RDFS + "seeAlso", ox.NamedNode("javascript:window.__pwn=1")),
        (ox.NamedNode(v.SO + "bad"), v.RDF + "type", ox.NamedNode(v.OWL + "DatatypeProperty")),
        (ox.NamedNode(v.SO + "hits"), v.SO + "forwardPhrase", ox.Literal(PAYLOAD, language="zh")),
    ]
    for name in ("Bad", "bad", "hits"):
        for predicate in ("label", "comment"):
            for lang in ("zh", "en"):
                text = ox.Literal(PAYLOAD, language=lang)
                facts.append((ox.NamedNode(v.SO + name), v.RDFS + predicate, text))
    bad.extend(ox.Quad(s, ox.NamedNode(p), o, graph) for s, p, o in facts)
    page, clean = written(bad), written(store)

    for tag in ("img", "svg", "iframe", "b", "math", "textarea"):
        assert not re.search(rf"<{tag}\b", page)
    assert clean.count("<script") == page.count("<script")
    assert 'href="javascript' not in page
    assert "&lt;img src=x" in page
