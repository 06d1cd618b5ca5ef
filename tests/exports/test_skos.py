"""Plain SKOS: the integrity conditions hold on the file, and every concept is reached."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st

from kg import vocab as v
from kg.errors import ExportError
from kg.exports import export
from kg.store import Store, open_store

if TYPE_CHECKING:
    from kg.model import Glossary

GRAPH = ox.NamedNode(v.asserted_graph("product"))
PREFIX = f"PREFIX skos: <{v.SKOS}> "
# The conditions of the SKOS reference, each as a query that finds what breaks it.
CONDITIONS = {
    "S9": "SELECT ?x { ?x a skos:Concept , skos:ConceptScheme }",
    "S13": """SELECT ?x {
        VALUES (?p ?q) { (skos:prefLabel skos:altLabel) (skos:prefLabel skos:hiddenLabel)
                         (skos:altLabel skos:hiddenLabel) }
        ?x ?p ?label ; ?q ?label }""",
    "S14": """SELECT ?x { ?x skos:prefLabel ?a , ?b
        FILTER(LANG(?a) = LANG(?b) && STR(?a) < STR(?b)) }""",
    "S27": "SELECT ?x { ?x skos:related ?y . ?x (skos:broader|^skos:narrower)+ ?y }",
    "S37": "SELECT ?x { ?x a skos:Collection , skos:Concept }",
    "S46": """SELECT ?x { ?x skos:exactMatch|^skos:exactMatch ?y .
        ?x skos:broadMatch|skos:narrowMatch|skos:relatedMatch ?y }""",
    "broader without narrower": """SELECT ?x {
        { ?x skos:broader ?y FILTER NOT EXISTS { ?y skos:narrower ?x } }
        UNION { ?x skos:narrower ?y FILTER NOT EXISTS { ?y skos:broader ?x } } }""",
    "related one way": "SELECT ?x { ?x skos:related ?y FILTER NOT EXISTS { ?y skos:related ?x } }",
    "top concept below another": "SELECT ?x { ?x skos:topConceptOf ?s ; skos:broader ?y }",
    "out of reach": """SELECT ?x { ?x a skos:Concept
        FILTER NOT EXISTS { ?x skos:broader*/skos:topConceptOf ?s } }""",
}


def written(store: Store, **options: object) -> bytes:
    out = io.BytesIO()
    export(store, "skos", out, **options)  # type: ignore[arg-type]
    return out.getvalue()


def parsed(data: bytes, format_: ox.RdfFormat = ox.RdfFormat.TURTLE) -> ox.Store:
    found = ox.Store()
    found.load(data, format=format_)
    return found


def broken(found: ox.Store) -> dict[str, int]:
    """Return how many nodes break each condition, none left out."""
    rows = {name: found.query(PREFIX + query) for name, query in CONDITIONS.items()}
    return {name: len(list(found)) for name, found in rows.items()}  # type: ignore[arg-type]


NONE = dict.fromkeys(CONDITIONS, 0)


@pytest.fixture(scope="module")
def file(store: Store) -> bytes:
    return written(store)


def test_the_conditions_of_skos_hold(file: bytes) -> None:
    assert NONE == broken(parsed(file))


def test_every_concept_is_there_with_its_labels_and_texts(file: bytes, glossary: Glossary) -> None:
    graph = rdflib.Graph().parse(data=file, format="turtle")
    skos = rdflib.SKOS

    def texts(iri: str, predicate: rdflib.URIRef) -> set[tuple[str, str]]:
        found = graph.objects(rdflib.URIRef(iri), predicate)
        return {(str(x), str(getattr(x, "language", ""))) for x in found}

    assert set(glossary.concepts) == {str(s) for s in graph.subjects(rdflib.RDF.type, skos.Concept)}
    for iri, concept in glossary.concepts.items():
        labels = {(x.value, x.lang) for x in concept.labels}
        said = [texts(iri, p) for p in (skos.prefLabel, skos.altLabel, skos.hiddenLabel)]
        assert labels == set().union(*said)
        assert {(x.value, x.lang) for x in concept.definitions} == texts(iri, skos.definition)
        assert {(x.value, x.lang) for x in concept.scope_notes} == texts(iri, skos.scopeNote)


def test_topics_are_collections_with_their_members(file: bytes, glossary: Glossary) -> None:
    graph = rdflib.Graph().parse(data=file, format="turtle")
    members = {
        (str(s).removeprefix(v.TOPIC), str(o)) for s, o in graph.subject_objects(rdflib.SKOS.member)
    }

    assert {(c.topic, iri) for iri, c in glossary.concepts.items()} == members


def test_two_terms_that_anything_joins_are_related(file: bytes, glossary: Glossary) -> None:
    """All pairs but those that the hierarchy joins, and those that are only filed together."""
    found = parsed(file)
    related = {
        frozenset((str(q.subject), str(q.object)))
        for q in found.quads_for_pattern(None, ox.NamedNode(v.SKOS + "related"), None)
    }
    joined = {
        frozenset((f"<{r.subject}>", f"<{r.object}>"))
        for r in glossary.relations
        if r.asserted and r.predicate not in (v.SKOS + "broader", v.SO + "topicOf")
    }

    assert related <= joined
    assert 0 < len(joined - related) < 0.1 * len(joined)


def test_no_word_of_our_own_is_in_the_file(file: bytes) -> None:
    predicates = {quad.predicate.value for quad in parsed(file)}
    classes = {
        str(q.object)
        for q in parsed(file).quads_for_pattern(None, ox.NamedNode(v.RDF + "type"), None)
    }

    assert set() == {name for name in predicates if name.startswith(v.BASE)}
    assert set() == {name for name in classes if v.BASE in name}


def test_both_writings_hold_the_same(store: Store, file: bytes) -> None:
    xml = written(store, syntax="rdfxml")

    assert xml.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF xmlns:dcterms=')
    assert {quad.triple for quad in parsed(file)} == {
        quad.triple for quad in parsed(xml, ox.RdfFormat.RDF_XML)
    }


def test_an_unknown_writing_names_the_known_ones(store: Store) -> None:
    with pytest.raises(ExportError) as caught:
        written(store, syntax="csv")

    assert ("turtle", "rdfxml") == caught.value.known


def filled(*triples: tuple[str, str, str | tuple[str, str]]) -> Store:
    """Return a store with these triples: a CURIE or (text, language) as object."""
    store = open_store()
    for subject, predicate, object_ in triples:
        value = (
            ox.Literal(object_[0], language=object_[1])
            if isinstance(object_, tuple)
            else ox.NamedNode(v.expand(object_))
        )
        start, name = (ox.NamedNode(v.expand(x)) for x in (subject, predicate))
        store.extend([ox.Quad(start, name, value, GRAPH)])
    return store


names = st.sampled_from(["term:a", "term:b", "term:c", "term:d"])
predicates = st.sampled_from(["skos:broader", "so:measures", "so:partOf", "skos:related"])
roles = st.sampled_from(["skos:prefLabel", "skos:altLabel", "skos:hiddenLabel"])
words = st.tuples(st.sampled_from(["x", "y", "=1", "\x07bell"]), st.sampled_from(["zh", "en"]))


@given(st.lists(st.tuples(names, predicates, names)), st.lists(st.tuples(names, roles, words)))
def test_a_careless_graph_gives_a_clean_file(
    links: list[tuple[str, str, str]], labels: list[tuple[str, str, tuple[str, str]]]
) -> None:
    """Whatever is said of four concepts, but for circles, the conditions hold on the file."""
    claims: list[tuple[str, str, str | tuple[str, str]]] = []
    for at, (subject, predicate, object_) in enumerate(links):
        claim = f"claim:r{at}-product"
        claims += [
            (claim, "rdf:type", "so:Claim"),
            (claim, "rdf:subject", subject),
            (claim, "rdf:predicate", predicate),
            (claim, "rdf:object", object_),
        ]
    typed = [(f"term:{x}", "rdf:type", "skos:Concept") for x in "abcd"]
    store = filled(*typed, *labels, *links, *claims)
    found = broken(parsed(written(store)))
    found["out of reach"] = 0  # a circle of broader concepts has no top; a rule finds it

    assert NONE == found


def mapped(*matches: tuple[str, str, str, bool]) -> Store:
    """Return a store with two concepts and mapping nodes: subject, kind, object, verified."""
    store = filled(*[(f"term:{x}", "rdf:type", "skos:Concept") for x in "ab"])
    for at, (subject, kind, object_, sure) in enumerate(matches):
        node = ox.NamedNode(f"{v.BASE}mapping/{at}")
        yes = ox.Literal("true" if sure else "false", datatype=ox.NamedNode(v.XSD + "boolean"))
        facts: dict[str, ox.NamedNode | ox.Literal] = {
            v.RDF + "type": ox.NamedNode(v.SO + "Mapping"),
            v.SO + "mapsFrom": ox.NamedNode(v.expand(subject)),
            v.SO + "mapsTo": ox.NamedNode(object_),
            v.SO + "matchKind": ox.NamedNode(v.SKOS + kind),
            v.SO + "vocabularyName": ox.Literal("schema.org"),
            v.SO + "verified": yes,
        }
        store.extend(ox.Quad(node, ox.NamedNode(p), o, GRAPH) for p, o in facts.items())
    return store


def test_only_matches_that_were_seen_are_told() -> None:
    store = mapped(
        ("term:a", "closeMatch", "https://schema.org/Offer", True),
        ("term:b", "closeMatch", "https://schema.org/Order", False),
        ("so:Metric", "closeMatch", "https://schema.org/Thing", True),
    )
    text = written(store).decode()

    assert "term:a" in text
    assert "skos:closeMatch <https://schema.org/Offer>" in text
    assert "Order" not in text
    assert "Thing" not in text


def test_an_exact_match_rules_looser_ones_out() -> None:
    store = mapped(
        ("term:a", "exactMatch", "https://schema.org/Offer", True),
        ("term:a", "relatedMatch", "https://schema.org/Offer", True),
        ("term:a", "broadMatch", "https://schema.org/Thing", True),
    )
    text = written(store).decode()

    assert 0 == broken(parsed(written(store)))["S46"]
    assert "skos:broadMatch <https://schema.org/Thing>" in text


def test_a_withdrawn_term_says_so() -> None:
    store = filled(
        ("term:a", "rdf:type", "skos:Concept"),
        ("term:b", "rdf:type", "skos:Concept"),
        ("term:a", "dcterms:isReplacedBy", "term:b"),
    )
    status = ox.Quad(
        ox.NamedNode(v.TERM + "a"),
        ox.NamedNode(v.SO + "status"),
        ox.Literal("deprecated"),
        GRAPH,
    )
    store.extend([status])
    text = written(store).decode()

    assert 1 == text.count("owl:deprecated true")
    assert "dcterms:isReplacedBy term:b" in text


@pytest.mark.parametrize("syntax", ["turtle", "rdfxml"])
def test_texts_where_addresses_belong_are_left_out(syntax: str) -> None:
    """A foreign graph may say anything anywhere; what it says well is still told."""
    store = mapped(("term:a", "closeMatch", "https://schema.org/Offer", True))
    blank = ox.BlankNode("b")
    term, scheme = ox.NamedNode(v.TERM + "a"), ox.NamedNode(v.SCHEME)
    facts: list[tuple[ox.NamedNode | ox.BlankNode, str, ox.NamedNode | ox.Literal]] = [
        (term, v.DCTERMS + "isReplacedBy", ox.Literal("the other one")),
        (scheme, v.OWL + "versionInfo", ox.Literal("1\x072")),
        (blank, v.RDF + "type", ox.NamedNode(v.SO + "Mapping")),
        (blank, v.SO + "mapsFrom", term),
    ]
    for at, (kind, target) in enumerate(
        [("skos:exactMatch", "Order of ours"), ("exact match", "https://schema.org/Order")]
    ):
        node = ox.NamedNode(f"{v.BASE}mapping/odd-{at}")
        facts += [
            (node, v.RDF + "type", ox.NamedNode(v.SO + "Mapping")),
            (node, v.SO + "mapsFrom", term),
            (node, v.SO + "mapsTo", ox.Literal(target)),
            (node, v.SO + "matchKind", ox.Literal(kind.replace("skos:", v.SKOS))),
            (node, v.SO + "verified", ox.Literal("true")),
        ]
    store.extend(ox.Quad(s, ox.NamedNode(p), o, GRAPH) for s, p, o in facts)
    text = written(store, syntax=syntax).decode()

    assert "https://schema.org/Offer" in text
    assert [] == [word for word in ("the other one", "Order") if word in text]
    if syntax == "rdfxml":
        assert len(parsed(text.encode(), ox.RdfFormat.RDF_XML)) == len(
            parsed(written(store, syntax="turtle"))
        )
