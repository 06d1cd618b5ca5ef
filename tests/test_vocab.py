"""Names: CURIE and IRI are two ways to write one thing; our constants are those of the ontology."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg import vocab as v
from kg.errors import TermError
from kg.sources.rdf import read_rdf

if TYPE_CHECKING:
    from pathlib import Path

    from kg.store import Store

local_names = st.text(st.sampled_from("abcXYZ019-._~/:#?销售"), min_size=1, max_size=20)


# -- laws
@given(st.sampled_from(sorted(v.PREFIXES)), local_names)
def test_contracting_an_expanded_curie_names_the_same_thing(prefix: str, name: str) -> None:
    """The CURIE may come back with a longer prefix, its IRI is the same."""
    iri = v.expand(f"{prefix}:{name}")

    assert iri == v.PREFIXES[prefix] + name
    assert iri == v.expand(v.contract(iri))


@given(st.text(max_size=30))
def test_an_iri_without_a_known_prefix_stays_as_it_is(text: str) -> None:
    iri = "urn:other:" + text

    assert iri == v.contract(iri) == v.local_name(iri)


@given(st.sampled_from([*v.PREFIXES.values(), v.UNIT, v.FORMULA, v.DEFINITION, v.POSITION]))
def test_the_local_name_is_what_follows_the_namespace(namespace: str) -> None:
    assert "a.b-1" == v.local_name(namespace + "a.b-1")
    assert namespace == v.contract(namespace)


@given(st.text(max_size=20))
def test_any_text_expands_or_is_an_unknown_term(text: str) -> None:
    """What expands is an IRI that the engine takes; nothing else gets through."""
    for curie in (text, f"term:{text}"):
        try:
            iri = v.expand(curie)
        except TermError as error:
            assert "term-unknown" == error.code  # noqa: PT017 - both ways are fine
        else:
            assert not re.search(r"[\x00-\x20<>\"{}|\\^`]", iri)


# -- examples
@pytest.mark.parametrize(
    ("curie", "iri"),
    [
        ("term:win-rate", "https://w3id.org/salesops/concept/win-rate"),
        ("so:measures", "https://w3id.org/salesops/ontology#measures"),
        ("measure:won_deals", "https://w3id.org/salesops/measure/won_deals"),
        ("field:Opportunity.amount", "https://w3id.org/salesops/field/Opportunity.amount"),
        ("passage:1.2.1", "https://w3id.org/salesops/passage/1.2.1"),
        ("claim:r126-1.4.1", "https://w3id.org/salesops/claim/r126-1.4.1"),
        ("source:answer1", "https://w3id.org/salesops/source/answer1"),
        ("topic:forecasting", "https://w3id.org/salesops/topic/forecasting"),
        ("skos:prefLabel", "http://www.w3.org/2004/02/skos/core#prefLabel"),
    ],
)
def test_iris_are_those_of_the_contract(curie: str, iri: str) -> None:
    assert iri == v.expand(curie)
    assert curie == v.contract(iri)


@pytest.mark.parametrize("curie", ["win-rate", "nope:x", "", ":x", "term:a b", "term:<x>"])
def test_what_is_no_curie_of_ours_is_an_unknown_term_with_the_prefixes(curie: str) -> None:
    with pytest.raises(TermError) as caught:
        v.expand(curie)

    assert tuple(sorted(v.PREFIXES)) == caught.value.candidates


def test_named_graphs_are_those_of_the_contract() -> None:
    assert "urn:kg:asserted/answer1" == v.asserted_graph("answer1")
    assert ("urn:kg:inferred", "urn:kg:ontology") == (v.INFERRED, v.ONTOLOGY_GRAPH)


# -- the constants and the ontology
def test_prefixes_of_the_ontology_are_ours(root: Path) -> None:
    text = (root / "ontology" / "sales-ops.ttl").read_text(encoding="utf-8")
    declared = dict(re.findall(r"^@prefix (\w*): <([^>]+)> \.", text, re.MULTILINE))

    assert "so" in declared
    assert {p: v.PREFIXES[p] for p in declared if p in v.PREFIXES} == {
        p: iri for p, iri in declared.items() if p in v.PREFIXES
    }


def test_every_term_of_ours_in_the_code_is_declared_in_the_ontology(root: Path) -> None:
    """A name that only the code knows is a slip of the pen."""
    quads = read_rdf(root / "ontology" / "sales-ops.ttl")
    declared = {
        quad.subject.value.removeprefix(v.SO)
        for quad in quads
        if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(v.SO)
    }
    used = {
        name
        for path in (root / "kg").rglob("*.py")
        for name in re.findall(r"\b(?:v|vocab)\.SO \+ \"(\w+)\"", path.read_text(encoding="utf-8"))
    }

    assert len(used) > 30
    assert set() == used - declared


def test_every_term_of_ours_in_the_graph_is_declared_in_the_ontology(store: Store) -> None:
    rows = store.query(
        """SELECT DISTINCT ?x {
        { ?s ?x ?o } UNION { ?s a ?x }
        FILTER(STRSTARTS(STR(?x), STR(so:)))
        FILTER NOT EXISTS { GRAPH <urn:kg:ontology> { ?x a ?type } } }"""
    )

    assert [] == list(rows)  # type: ignore[arg-type]


def test_the_names_that_are_exported_exist() -> None:
    assert all(hasattr(v, name) for name in v.__all__)
    assert sorted(v.PREFIXES) == list(v.PREFIXES)
