"""The laws of a store, over every kind of store: what goes in comes out, once, whole."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg import vocab as v
from kg.errors import QueryError, SourceError, StoreError, TermError
from kg.store import Store, open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

G1, G2, LOCAL = (v.asserted_graph(name) for name in ("g1", "g2", "local"))
INFERRED = ox.NamedNode(v.INFERRED)

# -- data sets as hypothesis makes them: few names, so that they meet
names = st.sampled_from([ox.NamedNode(f"urn:{n}") for n in "abcd"])
blanks = st.sampled_from([ox.BlankNode(n) for n in ("x", "y")])
literals = st.one_of(
    st.builds(ox.Literal, st.text(st.characters(exclude_categories=["Cs"]), max_size=8)),
    st.builds(
        ox.Literal, st.sampled_from(["赢单率", "win"]), language=st.sampled_from(["zh", "en"])
    ),
    st.builds(ox.Literal, st.integers(-5, 5)),
    st.builds(ox.Literal, st.booleans()),
)
triples = st.builds(ox.Triple, st.one_of(names, blanks), names, st.one_of(names, blanks, literals))
graphs = st.sampled_from([ox.NamedNode(iri) for iri in (G1, G2, v.ONTOLOGY_GRAPH, v.INFERRED)])
quads = st.builds(lambda t, g: ox.Quad(t.subject, t.predicate, t.object, g), triples, graphs)
datasets = st.lists(quads, max_size=25)


@pytest.fixture(params=["memory", "directory"])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """Return what opens a new, empty store; each is closed in the end."""
    opened: list[Store] = []

    def make() -> Store:
        path = tmp_path / f"store{len(opened)}" if request.param == "directory" else None
        opened.append(open_store(path))
        return opened[-1]

    yield make
    for store in opened:
        store.close()


laws = settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _quads(store: Store) -> set[ox.Quad]:
    """Return what the named graphs hold."""
    return {quad for quad in store.engine if quad.graph_name != ox.DefaultGraph()}


def _triple(quad: ox.Quad) -> ox.Triple:
    return quad.triple


def _canonical(found: Iterable[ox.Quad]) -> set[ox.Quad]:
    """Return the quads with blank nodes named by their place in the graph."""
    dataset = ox.Dataset(found)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return set(dataset)


def _expected(given_: Iterable[ox.Quad]) -> set[ox.Quad]:
    """Return what a store keeps of quads: an inferred one only where it is not asserted."""
    kept = list(given_)
    asserted = {q.triple for q in kept if q.graph_name != INFERRED}
    return {q for q in kept if q.graph_name != INFERRED or q.triple not in asserted}


def _count(store: Store, *, asserted: bool = False) -> int:
    rows = store.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", asserted=asserted)
    assert isinstance(rows, ox.QuerySolutions)
    return int(next(iter(rows))["n"].value)


def _holds_its_laws(store: Store) -> None:
    """Check what must be true of every store at every moment."""
    held = _quads(store)
    asserted = {q.triple for q in held if q.graph_name != INFERRED}
    inferred = {q.triple for q in held if q.graph_name == INFERRED}

    assert set() == asserted & inferred
    assert asserted == set(store.triples())
    assert asserted | inferred == set(store.triples(asserted=False))
    assert len(asserted) == _count(store, asserted=True)
    assert len(asserted | inferred) == _count(store) == len(store)


# -- laws
@laws
@given(st.lists(datasets, max_size=3))
def test_the_union_holds_each_triple_once(
    fresh: Callable[[], Store], parts: list[list[ox.Quad]]
) -> None:
    """However many graphs hold a triple, queries and counts see it once; inference stays apart."""
    store = fresh()
    for part in parts:
        store.extend(part)

        _holds_its_laws(store)
    assert _expected(q for part in parts for q in part) <= _quads(store)


@laws
@given(datasets)
def test_adding_twice_is_adding_once(fresh: Callable[[], Store], given_: list[ox.Quad]) -> None:
    store = fresh()
    store.extend(given_)
    once = _quads(store)
    store.extend(given_)

    assert once == _quads(store) == _expected(given_)


@laws
@given(datasets, st.sampled_from(["nquads", "trig", "jsonld"]))
def test_dump_and_load_is_identity(
    fresh: Callable[[], Store],
    tmp_path_factory: pytest.TempPathFactory,
    given_: list[ox.Quad],
    format_: str,
) -> None:
    """Also of blank nodes, up to their names, which mean nothing."""
    path = tmp_path_factory.mktemp("dump") / f"store.{format_}"
    store, other = fresh(), fresh()
    store.extend(given_)
    with path.open("wb") as out:
        store.dump(out, format=format_)
    other.load(path, format=format_)

    assert _canonical(_quads(store)) == _canonical(_quads(other))
    _holds_its_laws(other)


@laws
@given(datasets, st.sampled_from(["nquads", "turtle", "ntriples"]))
def test_a_dump_is_the_same_whatever_the_order(
    fresh: Callable[[], Store], given_: list[ox.Quad], format_: str
) -> None:
    dumps = set()
    for order in (given_, given_[::-1]):
        store, out = fresh(), io.BytesIO()
        store.extend(order)
        store.dump(out, format=format_)
        dumps.add(out.getvalue())

    assert 1 == len(dumps)


@laws
@given(datasets, st.lists(triples, max_size=8), st.sampled_from([G1, v.INFERRED]))
def test_replace_puts_a_graph_in_place_of_the_old_one(
    fresh: Callable[[], Store], given_: list[ox.Quad], new: list[ox.Triple], graph: str
) -> None:
    """Other graphs stay as they are; replacing twice is replacing once."""
    store, name = fresh(), ox.NamedNode(graph)
    store.extend(given_)
    before = {q for q in _quads(store) if q.graph_name not in (name, INFERRED)}
    for _ in range(2):
        store.replace(graph, new)
        held = _quads(store)
        asserted = {q.triple for q in held if q.graph_name != INFERRED}

        _holds_its_laws(store)
        assert before == {q for q in held if q.graph_name not in (name, INFERRED)}
        assert {t for t in new if graph == G1 or t not in asserted} == {
            q.triple for q in held if q.graph_name == name
        }


@laws
@given(datasets)
def test_an_update_leaves_the_union_right(
    fresh: Callable[[], Store], given_: list[ox.Quad]
) -> None:
    store = fresh()
    store.extend(given_)
    expected = {q for q in _quads(store) if q.subject != ox.NamedNode("urn:a")}
    store.update("DELETE WHERE { GRAPH ?g { <urn:a> ?p ?o } }")

    assert expected == _quads(store)
    _holds_its_laws(store)


# -- graphs
@pytest.fixture
def filled(fresh: Callable[[], Store]) -> Store:
    """Return a store with a triple in two graphs, one in one, and an inferred one."""
    store = fresh()
    store.update(
        f"""INSERT DATA {{
        GRAPH <{G1}> {{ term:a so:measures term:b }}
        GRAPH <{G2}> {{ term:a so:measures term:b , term:c }}
        GRAPH <{v.INFERRED}> {{ term:b so:measuredBy term:a }} }}"""
    )
    return store


def _column(store: Store, text: str, *, asserted: bool = False) -> list[str]:
    rows = store.query(text, asserted=asserted)
    assert isinstance(rows, ox.QuerySolutions)
    return sorted(row[0].value for row in rows)


def test_asserted_leaves_the_inferred_graph_out_of_everything(filled: Store) -> None:
    everything, triple = "SELECT ?g { GRAPH ?g {} }", "term:b so:measuredBy term:a"

    assert [G1, G2, v.INFERRED] == _column(filled, everything)
    assert [G1, G2] == _column(filled, everything, asserted=True)
    assert filled.query(f"ASK {{ {triple} }}")
    assert not filled.query(f"ASK {{ {triple} }}", asserted=True)
    assert not filled.query(f"ASK {{ GRAPH ?g {{ {triple} }} }}", asserted=True)
    with pytest.raises(QueryError) as caught:
        filled.query("SELECT * FROM <urn:kg:inferred> { ?s ?p ?o }", asserted=True)

    assert ("query-graph", (G1, G2)) == (caught.value.code, caught.value.known)


def test_from_reads_single_graphs(filled: Store) -> None:
    count = "SELECT (STR(COUNT(*)) AS ?n) {} {{ ?s ?p ?o }}"

    assert ["1"] == _column(filled, count.format(f"FROM <{G1}>"))
    assert ["2"] == _column(filled, count.format(f"FROM <{G1}> FROM <{G2}>"))
    assert ["3"] == _column(filled, count.format(f"FROM <{G2}> FROM <{v.INFERRED}>"))


def test_graphs_are_named_and_sorted(filled: Store) -> None:
    assert (G1, G2, v.INFERRED) == filled.graphs()


def test_a_triple_that_becomes_asserted_is_no_longer_inferred(filled: Store) -> None:
    triple = next(filled.triples(v.TERM + "b", asserted=False))
    filled.extend([ox.Quad(triple.subject, triple.predicate, triple.object, ox.NamedNode(G1))])

    assert [G1] == _column(filled, "SELECT ?g { GRAPH ?g { term:b so:measuredBy term:a } }")
    assert 3 == _count(filled)


def test_quads_without_a_graph_belong_to_local_and_last(fresh: Callable[[], Store]) -> None:
    """A triple in the union alone would be gone with the next update."""
    store = fresh()
    store.extend([ox.Quad(ox.NamedNode("urn:a"), ox.NamedNode("urn:p"), ox.Literal(1))])
    store.update(f"INSERT DATA {{ GRAPH <{G1}> {{ <urn:b> <urn:p> 2 }} }}")

    assert (G1, LOCAL) == store.graphs()
    assert 2 == _count(store)


# -- updates are whole or not at all
@pytest.mark.parametrize(
    "text",
    [
        f"INSERT DATA {{ GRAPH <{G1}> {{ <urn:x> <urn:p> 1 }} }} ; DROP GRAPH <urn:nope>",
        f"INSERT DATA {{ GRAPH <{G1}> {{ <urn:x> <urn:p> 1 }} }} ; nonsense",
        f"INSERT DATA {{ GRAPH <{G1}> {{ <urn:x> <urn:p> 1 }} }} ; CREATE GRAPH <{G1}>",
    ],
)
def test_a_failed_update_changes_nothing(filled: Store, text: str) -> None:
    before = _quads(filled)
    with pytest.raises(QueryError):
        filled.update(text)

    assert before == _quads(filled)
    _holds_its_laws(filled)


# -- loading
def test_a_file_is_loaded_into_the_graph_of_its_source(
    fresh: Callable[[], Store], tmp_path: Path
) -> None:
    path = tmp_path / "terms.ttl"
    path.write_text("<urn:a> <urn:p> [ <urn:q> 1 ] .", encoding="utf-8")
    store = fresh()

    assert 2 == store.load(path, source="acme")
    assert (v.asserted_graph("acme"),) == store.graphs()


def test_loading_twice_is_loading_once_and_files_share_no_blank_nodes(
    fresh: Callable[[], Store], tmp_path: Path
) -> None:
    paths = [tmp_path / name for name in ("one.nt", "two.nt")]
    for number, path in enumerate(paths):
        path.write_text(f'_:same <urn:p> "{number}" .\n', encoding="utf-8")
    store = fresh()
    for path in (*paths, *paths):
        store.load(path)

    assert 2 == len(store)
    assert 2 == len({triple.subject for triple in store.triples()})


def test_a_malformed_file_loads_nothing(fresh: Callable[[], Store], tmp_path: Path) -> None:
    path = tmp_path / "bad.ttl"
    path.write_text("<urn:a> <urn:p> 1 .\n<urn:a> <urn:p> oops .", encoding="utf-8")
    store = fresh()
    with pytest.raises(SourceError) as caught:
        store.load(path)

    assert (2, 17) == (caught.value.line, caught.value.column)
    assert 0 == len(store)


def test_an_unknown_format_of_a_dump_names_the_known_ones(filled: Store) -> None:
    with pytest.raises(StoreError) as caught:
        filled.dump(io.BytesIO(), format="word")

    assert "store-format" == caught.value.code
    assert "nquads" in caught.value.hint


# -- single triples and terms
def test_triples_match_by_any_end(filled: Store) -> None:
    a, b, measures = v.TERM + "a", v.TERM + "b", v.SO + "measures"

    assert 2 == len(list(filled.triples(a)))
    assert 1 == len(list(filled.triples(a, measures, b)))
    assert 1 == len(list(filled.triples(None, None, ox.NamedNode(b))))
    assert [] == list(filled.triples(b))
    assert 1 == len(list(filled.triples(b, asserted=False)))


@pytest.mark.parametrize("iri", ["", "no iri", "term:a b", "<urn:x>"])
def test_a_text_that_is_no_iri_is_an_unknown_term(filled: Store, iri: str) -> None:
    with pytest.raises(TermError):
        filled.concept(iri)


def test_a_closed_store_says_so_and_may_be_closed_again(fresh: Callable[[], Store]) -> None:
    store = fresh()
    store.close()
    store.close()
    with pytest.raises(StoreError) as caught:
        store.query("ASK {}")

    assert "store-closed" == caught.value.code
