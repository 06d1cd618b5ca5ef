"""The ontology stays inside OWL 2 RL, and with all data it contradicts itself nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from kg import vocab as v
from kg.sources.rdf import read_rdf

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from kg.store import Store

# What may stand in an axiom of the RL profile, as far as an ontology of names and properties needs:
# https://www.w3.org/TR/owl2-profiles/#OWL_2_RL. Anything else of OWL fails the test.
ALLOWED_TYPES = {
    "Class",
    "ObjectProperty",
    "DatatypeProperty",
    "AnnotationProperty",
    "Ontology",
    "TransitiveProperty",
    "SymmetricProperty",
    "AsymmetricProperty",
    "IrreflexiveProperty",
    "FunctionalProperty",
    "InverseFunctionalProperty",
}
ALLOWED_PREDICATES = {
    "inverseOf",
    "disjointWith",
    "propertyChainAxiom",
    "deprecated",
    "versionInfo",
    "imports",
    "equivalentProperty",
    "propertyDisjointWith",
}
# Datatypes of the profile (section 4.2.1): xsd:float, xsd:double and owl:real are not among them.
DATATYPES = {"string", "integer", "decimal", "boolean", "dateTime", "anyURI"}


@pytest.fixture(scope="module")
def ontology(root: Path) -> list[ox.Quad]:
    """Return the triples of the ontology."""
    return list(read_rdf(root / "ontology" / "sales-ops.ttl"))


def _owl(term: object) -> str | None:
    """Return the local name of a term of OWL, else None."""
    if isinstance(term, ox.NamedNode) and term.value.startswith(v.OWL):
        return term.value.removeprefix(v.OWL)
    return None


def _types(ontology: list[ox.Quad]) -> dict[str, set[str]]:
    out: dict[str, set[str]] = {}
    for quad in ontology:
        if quad.predicate.value == v.RDF + "type" and (name := _owl(quad.object)):
            out.setdefault(str(quad.subject), set()).add(name)
    return out


def test_only_constructs_of_the_rl_profile_are_used(ontology: list[ox.Quad]) -> None:
    types = {name for found in _types(ontology).values() for name in found}
    predicates = {name for quad in ontology if (name := _owl(quad.predicate))}

    assert set() == types - ALLOWED_TYPES
    assert set() == predicates - ALLOWED_PREDICATES


def test_class_expressions_are_names(ontology: list[ox.Quad]) -> None:
    """No union, restriction or enumeration stands anywhere: subclasses and domains are names."""
    ends = {v.RDFS + name for name in ("subClassOf", "domain", "range")} | {v.OWL + "disjointWith"}
    nameless = [
        str(quad)
        for quad in ontology
        if quad.predicate.value in ends
        and not (isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode))
    ]

    assert [] == nameless


def test_a_property_is_of_one_sort(ontology: list[ox.Quad]) -> None:
    sorts = {"ObjectProperty", "DatatypeProperty", "AnnotationProperty"}
    mixed = {name: found for name, found in _types(ontology).items() if len(found & sorts) > 1}
    punned = {
        name for name, found in _types(ontology).items() if found & sorts and "Class" in found
    }

    assert {} == mixed
    assert set() == punned


def test_what_is_composite_is_not_asked_to_be_simple(ontology: list[ox.Quad]) -> None:
    """Transitive properties, chains and what lies above them: no asymmetry, no function."""
    types = _types(ontology)
    below: dict[str, set[str]] = {}
    chained = set()
    for quad in ontology:
        if quad.predicate.value == v.RDFS + "subPropertyOf":
            below.setdefault(str(quad.object), set()).add(str(quad.subject))
        if quad.predicate.value == v.OWL + "propertyChainAxiom":
            chained.add(str(quad.subject))
    composite = {name for name, found in types.items() if "TransitiveProperty" in found} | chained
    while more := {up for up, downs in below.items() if downs & composite} - composite:
        composite |= more
    asked = {"AsymmetricProperty", "IrreflexiveProperty", "FunctionalProperty"}
    wrong = {name: found & asked for name, found in types.items() if name in composite}

    assert {} == {name: found for name, found in wrong.items() if found}


def test_ranges_of_data_properties_are_datatypes_of_the_profile(ontology: list[ox.Quad]) -> None:
    data = {name for name, found in _types(ontology).items() if "DatatypeProperty" in found}
    ranges = {
        quad.object.value.removeprefix(v.XSD)
        for quad in ontology
        if quad.predicate.value == v.RDFS + "range"
        and str(quad.subject) in data
        and isinstance(quad.object, ox.NamedNode)
    }

    assert set() == ranges - DATATYPES


@pytest.mark.slow
def test_the_whole_graph_has_no_clash(store: Store) -> None:
    """The oracle owlrl expands all of it under OWL 2 RL and reports what cannot be."""
    assert [] == _clashes(store.triples())


def test_a_clash_would_be_seen(ontology: list[ox.Quad]) -> None:
    metric, process = (ox.NamedNode(v.SO + name) for name in ("Metric", "Process"))
    both = ox.NamedNode(v.TERM + "impossible")
    kind = ox.NamedNode(v.RDF + "type")
    triples = [ox.Triple(q.subject, q.predicate, q.object) for q in ontology]
    triples += [ox.Triple(both, kind, metric), ox.Triple(both, kind, process)]

    assert 1 <= len(_clashes(iter(triples)))


def _clashes(triples: Iterable[ox.Triple]) -> list[str]:
    """Return what owlrl says is inconsistent."""
    import owlrl
    import rdflib
    from owlrl.Namespaces import ERRNS

    data = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)
    graph = rdflib.Graph().parse(data=data, format="nt")
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    return sorted(str(message) for message in graph.objects(None, ERRNS.error))
