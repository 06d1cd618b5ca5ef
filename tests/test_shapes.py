"""Shapes checked without an engine: the same results as pySHACL, or the work is left to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from kg import vocab
from kg.sources.rdf import read_rdf
from kg.store import open_store
from kg.validation.constraints import ShapeGraph, check_all, read_shapes
from kg.validation.shapes import read_groups, run_pyshacl

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from kg.sources.graph import Compiled
    from kg.store import Store
    from kg.validation.constraints import Result

HEAD = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in vocab.PREFIXES.items())
HEAD += "@prefix ex: <https://example.org/> .\n"
GRAPH = ox.NamedNode(vocab.asserted_graph("test"))

# What the shapes below may meet, of every sort.
DATA = """
ex:a a ex:Thing ; ex:p 'one'@en , 'two'@en , 'drei'@de , 'plain' , 'x'@en-GB .
ex:b a ex:Thing ; ex:p 1 , 0 , -3 , 'many'^^xsd:integer , 2.5 , true .
ex:c a ex:Thing ; ex:p ex:a , ex:z , [] .
ex:d a ex:Thing .
ex:e a ex:Thing , ex:Other ; ex:p '' , 'long enough' ; ex:q ex:e , ex:d .
ex:z ex:p 'no thing at all' .
"""
PLAIN = (
    "sh:minCount 1",
    "sh:minCount 0",
    "sh:maxCount 2",
    "sh:minCount 1 ; sh:maxCount 1",
    "sh:datatype xsd:string",
    "sh:datatype xsd:integer",
    "sh:class ex:Thing",
    "sh:or ( [ sh:class ex:Other ] [ sh:class ex:Thing ] )",
    "sh:nodeKind sh:IRI",
    "sh:in ( 1 'plain' ex:a )",
    "sh:languageIn ( 'en' )",
    "sh:languageIn ( 'en' 'de' )",
    "sh:uniqueLang true",
    "sh:qualifiedValueShape [ sh:languageIn ( 'en' ) ] ; sh:qualifiedMinCount 1",
    "sh:qualifiedValueShape [ sh:languageIn ( 'de' ) ] ; sh:qualifiedMinCount 2",
    "sh:minLength 4",
    "sh:minInclusive 1",
)
# What is left to the engine, as a whole: half a check would pass for a whole one.
OTHER = (
    "sh:path ex:p ; sh:pattern '^a'",
    "sh:path ex:p ; sh:minCount 'x'",
    "sh:path ex:p ; sh:minCount 1 , 2",
    "sh:path ex:p ; sh:datatype xsd:date",
    "sh:path ex:p ; sh:nodeKind sh:Literal",
    "sh:path ex:p ; sh:uniqueLang false",
    "sh:path ex:p ; sh:or ( [ sh:datatype xsd:string ] )",
    "sh:path ex:p ; sh:qualifiedMinCount 1",
    "sh:path ex:p ; sh:qualifiedValueShape [ sh:class ex:Thing ] ; sh:qualifiedMinCount 1",
    "sh:path [ sh:inversePath ex:p ] ; sh:minCount 1",
    "sh:path ( ex:p ex:q ) ; sh:minCount 1",
    "sh:minCount 1",
)


def filled(text: str) -> Store:
    """Return a store in memory that holds the Turtle."""
    store = open_store()
    quads = ox.parse(HEAD + text, format=ox.RdfFormat.TURTLE)
    store.extend(ox.Quad(q.subject, q.predicate, q.object, GRAPH) for q in quads)
    return store


def shaped(tmp_path: Path, text: str) -> Path:
    """Return a shapes file with the text."""
    path = tmp_path / "shapes.ttl"
    path.write_text(HEAD + text, encoding="utf-8")
    return path


def told(results: Iterable[Result]) -> set[tuple[str, str, str | None, str]]:
    """Return results so that both ways of checking can be compared: shape, focus, path, value.

    pySHACL reads terms through rdflib: numbers lose their spelling, and blank nodes their name.
    """

    def say(term: object) -> str:
        if isinstance(term, ox.BlankNode):
            return "[]"
        return str(getattr(term, "value", "")).lower()

    return {(say(r.shape), say(r.focus), r.path, say(r.value)) for r in results}


def both(store: Store, path: Path) -> tuple[set[object], set[object]]:
    """Return what the plain check finds, and what pySHACl does."""
    quads = list(read_rdf(path))
    shapes = read_shapes(ShapeGraph(quads))
    assert shapes is not None, "left to the engine"
    return set(told(check_all(shapes, store))), set(told(run_pyshacl(store, path, quads)))


@pytest.mark.parametrize("constraint", PLAIN)
@pytest.mark.parametrize(
    "target", ["sh:targetClass ex:Thing", "sh:targetSubjectsOf ex:p", "sh:targetNode ex:a , ex:d"]
)
def test_a_plain_shape_gives_the_results_of_pyshacl(
    constraint: str, target: str, tmp_path: Path
) -> None:
    path = shaped(tmp_path, f"ex:s a sh:PropertyShape ; {target} ; sh:path ex:p ; {constraint} .")
    with filled(DATA) as store:
        ours, theirs = both(store, path)

    assert theirs == ours


def test_a_choice_of_paths_counts_the_values_of_both(tmp_path: Path) -> None:
    choice = "[ sh:alternativePath ( ex:p ex:q ) ]"
    path = shaped(
        tmp_path,
        f"ex:s a sh:PropertyShape ; sh:targetClass ex:Thing ; sh:path {choice} ; sh:maxCount 3 .",
    )
    with filled(DATA) as store:
        ours, theirs = both(store, path)

    assert {row[:2] for row in theirs} == {row[:2] for row in ours}  # type: ignore[index]
    assert len(ours) == 3


@pytest.mark.parametrize("constraint", OTHER)
def test_whatever_is_not_known_in_full_is_left_to_the_engine(
    constraint: str, tmp_path: Path
) -> None:
    path = shaped(tmp_path, f"ex:s a sh:PropertyShape ; sh:targetClass ex:Thing ; {constraint} .")

    assert read_shapes(ShapeGraph(read_rdf(path))) is None


@pytest.mark.parametrize(
    "text",
    [
        "ex:s a sh:NodeShape ; sh:targetClass ex:Thing ; sh:property [ sh:path ex:p ] .",
        "ex:s sh:targetClass ex:Thing ; sh:path ex:p ; sh:minCount 1 .",
    ],
)
def test_shapes_of_another_build_are_left_to_the_engine(text: str, tmp_path: Path) -> None:
    assert read_shapes(ShapeGraph(read_rdf(shaped(tmp_path, text)))) is None


def test_the_shipped_shapes_are_all_plain(root: Path) -> None:
    """Or `kg validate` would need the engine, and three seconds more."""
    shapes = read_shapes(ShapeGraph(read_rdf(root / "ontology" / "shapes.ttl")))

    assert shapes is not None
    assert len(shapes) > 30
    assert all(shape.rules and shape.targets for shape in shapes)


def test_the_shipped_shapes_give_the_results_of_pyshacl(root: Path, sources: Compiled) -> None:
    """On the real graph without its labels, units, sources and stages."""
    gone = {vocab.SO + name for name in ("tier", "strength", "unit", "ofStage", "hasOperand")}
    gone |= {vocab.SKOS + "prefLabel"}
    path = root / "ontology" / "shapes.ttl"
    with open_store() as store:
        store.extend(q for q in sources.quads if q.predicate.value not in gone)
        ours, theirs = both(store, path)

    assert theirs == ours
    assert len(ours) > 5_000


def test_each_group_is_one_rule_in_its_own_words(root: Path) -> None:
    groups = {rule.code: rule for rule in read_groups(root / "ontology" / "shapes.ttl")}

    assert {"claim-source", "concept-kind", "metric-unit"} <= set(groups)
    assert "error" == groups["claim-source"].level
    assert "“kind”" in groups["concept-kind"].words["fix-zh"]
