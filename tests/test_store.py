"""Opening stores: missing, locked, damaged, read-only; reading concepts and the glossary."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from kg import vocab as v
from kg.errors import EndpointError, KgError, StoreError, TermError
from kg.store import Store, open_store
from kg.store.locks import lock_holder
from kg.store.reading import (
    read_concept,
    read_glossary,
    read_predicates,
    read_relations,
    read_surroundings,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kg.model import Glossary
    from kg.sources.graph import Compiled

GRAPH = v.asserted_graph("test")
linux = pytest.mark.skipif(sys.platform != "linux", reason="store locks are read through fcntl")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, sources: Compiled) -> Path:
    """Return the folder of a store with the whole asserted graph, closed."""
    path = tmp_path_factory.mktemp("built") / "store"
    with open_store(path) as store:
        store.extend(sources.quads)
        store.engine.optimize()
    return path


@pytest.fixture
def copy(built: Path, tmp_path: Path) -> Path:
    """Return a copy of the built store that may be harmed."""
    return shutil.copytree(built, tmp_path / "store")


def _refusal(path: Path, *, read_only: bool) -> StoreError:
    with pytest.raises(StoreError) as caught:
        open_store(path, read_only=read_only)
    return caught.value


# -- opening
def test_a_store_outlives_its_process_and_reads_the_same(built: Path, store: Store) -> None:
    with open_store(built, read_only=True) as found:
        assert len(store) == len(found)
        assert store.graphs() == found.graphs()


def test_a_missing_folder_is_made_for_a_writer_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "store"

    assert "store-missing" == _refusal(path, read_only=True).code
    assert not path.parent.exists()
    with open_store(path) as store:
        store.update(f"INSERT DATA {{ GRAPH <{GRAPH}> {{ <urn:a> <urn:p> 1 }} }}")
    with open_store(path, read_only=True) as store:
        assert 1 == len(store)


@pytest.mark.parametrize("url", ["http://localhost:7878", "https://example.org/sparql"])
def test_a_remote_store_is_not_supported_yet(url: str) -> None:
    with pytest.raises(EndpointError) as caught:
        open_store(url)

    assert ("endpoint-unsupported", url) == (caught.value.code, caught.value.url)


def test_a_reader_cannot_write(built: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.nt"
    path.write_text('<urn:a> <urn:p> "1" .\n', encoding="utf-8")
    writes: list[Callable[[Store], object]] = [
        lambda store: store.update("CLEAR ALL"),
        lambda store: store.extend([]),
        lambda store: store.replace(GRAPH, []),
        lambda store: store.load(path),
    ]
    with open_store(built, read_only=True) as store:
        before = len(store)
        for write in writes:
            with pytest.raises(StoreError) as caught:
                write(store)

            assert "store-read-only" == caught.value.code
        assert before == len(store)


# -- one writer at a time
WRITER = """
import sys
from kg.store import open_store
store = open_store(sys.argv[1])
print("ready", flush=True)
sys.stdin.read()
"""
OTHER = """
import sys
from kg.errors import StoreError
from kg.store import open_store
try:
    open_store(sys.argv[1], read_only=sys.argv[2] == "read").close()
    print("opened")
except StoreError as error:
    print(error.code, error.pid, error.text("zh"))
"""


@contextlib.contextmanager
def _writer(path: Path, root: Path) -> Iterator[subprocess.Popen[str]]:
    """Hold a store open for writing in another process."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, path],
        cwd=root,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        assert process.stdout is not None
        assert "ready\n" == process.stdout.readline()
        yield process
    finally:
        process.communicate()


def _open_elsewhere(path: Path, root: Path, how: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", OTHER, path, how],
        cwd=root,
        capture_output=True,
        encoding="utf-8",
        timeout=30,
        check=True,
    )
    return done.stdout.strip()


@linux
@pytest.mark.parametrize("read_only", [True, False])
def test_a_store_that_another_process_writes_is_locked(
    copy: Path, root: Path, *, read_only: bool
) -> None:
    """For readers and for a second writer; the message names the process."""
    with _writer(copy, root) as process:
        error = _refusal(copy, read_only=read_only)

        assert ("store-locked", process.pid) == (error.code, error.pid)
        assert f"process {process.pid}" in str(error)
        assert f"被进程 {process.pid}占用" in error.text("zh")
    with open_store(copy, read_only=read_only):
        assert None is (lock_holder(copy) if read_only else None)


@linux
@pytest.mark.parametrize("read_only", [True, False])
def test_a_store_that_this_process_writes_is_locked(copy: Path, *, read_only: bool) -> None:
    with open_store(copy):
        error = _refusal(copy, read_only=read_only)

    assert ("store-locked", os.getpid()) == (error.code, error.pid)
    assert "this very program" in str(error)


@linux
def test_looking_for_the_lock_does_not_break_it(copy: Path, root: Path) -> None:
    """Whoever opens and closes a locked file gives up its own lock on it: nothing is opened."""
    with open_store(copy):
        holder = lock_holder(copy)
        _refusal(copy, read_only=True)
        answers = [_open_elsewhere(copy, root, how) for how in ("write", "read")]

    assert os.getpid() == holder
    assert [f"store-locked {os.getpid()}"] * 2 == [" ".join(a.split()[:2]) for a in answers]


def test_readers_do_not_lock_each_other_out(built: Path, root: Path) -> None:
    with open_store(built, read_only=True), open_store(built, read_only=True):
        assert "opened" == _open_elsewhere(built, root, "read")


def test_a_killed_writer_leaves_no_lock(copy: Path, root: Path) -> None:
    with _writer(copy, root) as process:
        process.kill()
        process.wait()
        with open_store(copy) as store:
            assert len(store) > 0


# -- missing, foreign and damaged stores
def _sst(path: Path) -> Path:
    return max(path.glob("*.sst"), key=lambda file: file.stat().st_size)


def _truncate(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


DAMAGES: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "no CURRENT": (lambda p: (p / "CURRENT").unlink(), "store-damaged", "store-damaged"),
    "empty CURRENT": (
        lambda p: (p / "CURRENT").write_bytes(b""),
        "store-damaged",
        "store-damaged",
    ),
    "truncated table": (lambda p: _truncate(_sst(p)), "store-damaged", "store-damaged"),
    "missing table": (lambda p: _sst(p).unlink(), "store-damaged", "store-damaged"),
    "no manifest": (
        lambda p: next(p.glob("MANIFEST*")).unlink(),
        "store-damaged",
        "store-damaged",
    ),
    "other files": (
        lambda p: shutil.rmtree(p) or p.mkdir() or (p / "letter.txt").write_text("x"),  # type: ignore[func-returns-value]
        "store-missing",
        "store-foreign",
    ),
    "a file": (lambda p: shutil.rmtree(p) or p.write_text("x"), "store-missing", "store-missing"),  # type: ignore[func-returns-value]
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("read_only", [True, False])
def test_what_is_no_whole_store_is_told_so_and_not_touched(
    copy: Path, damage: str, *, read_only: bool
) -> None:
    harm, reading, writing = DAMAGES[damage]
    harm(copy)
    names = sorted(copy.rglob("*"))
    error = _refusal(copy, read_only=read_only)

    assert (reading if read_only else writing) == error.code
    assert str(copy) in error.text("zh")
    assert "\n" not in str(error)
    assert {f for f in names if f.suffix not in {".log", ""}} <= {*copy.rglob("*")}


def test_an_empty_folder_is_no_store_to_read_and_a_place_to_make_one(tmp_path: Path) -> None:
    assert "store-missing" == _refusal(tmp_path, read_only=True).code
    with open_store(tmp_path) as store:
        assert 0 == len(store)


def test_a_table_damaged_inside_is_found_where_it_is_read(copy: Path) -> None:
    """The engine opens it and even counts; reading the rows must not give a wrong answer."""
    big = [file for file in copy.glob("*.sst") if file.stat().st_size > 50_000]
    for table in big:  # one for each order of the quads
        data = bytearray(table.read_bytes())
        for at in range(len(data) // 4, len(data) // 2, 512):
            data[at] ^= 0xFF
        table.write_bytes(data)
    with open_store(copy, read_only=True) as store:
        reads: list[Callable[[], object]] = [
            lambda: list(store.triples(asserted=False)),
            lambda: store.dump(io.BytesIO()),
            lambda: store.dump(io.BytesIO(), format="turtle"),
        ]
        codes = []
        for read in reads:
            with pytest.raises(StoreError) as caught:
                read()
            codes.append(caught.value.code)

    assert {"store-damaged"} == set(codes)


@pytest.mark.skipif(
    not hasattr(os, "geteuid"), reason="files have no POSIX permissions, links or devices here"
)
def test_a_folder_that_cannot_be_entered_is_told_so(copy: Path, root: Path) -> None:
    """Run as a user without rights where the tests run as root."""
    copy.chmod(0)
    code = (
        "import os, sys\n"
        "from kg.errors import StoreError\n"
        "from kg.store import open_store\n"
        "if os.geteuid() == 0: os.setuid(65534)\n"
        "try: open_store(sys.argv[1], read_only=True)\n"
        "except (StoreError, PermissionError) as error: print(type(error).__name__)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, copy],
        cwd=root,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    copy.chmod(stat.S_IRWXU)

    assert "StoreError" == done.stdout.strip(), done.stderr


def test_what_a_broken_off_replacement_left_is_swept_by_the_next_writer(copy: Path) -> None:
    with open_store(copy) as store:
        before, held = store.graphs(), len(store)
        node = ox.NamedNode("urn:a")
        store.engine.add(ox.Quad(node, node, node, ox.NamedNode("urn:kg:staging")))

        assert before == store.graphs()
    with open_store(copy) as store:
        assert before == store.graphs()
        assert held == len(store)
        assert not store.engine.contains_named_graph(ox.NamedNode("urn:kg:staging"))


# -- reading values
def test_the_glossary_is_the_same_from_memory_and_from_disk(
    built: Path, glossary: Glossary
) -> None:
    with open_store(built, read_only=True) as store:
        assert glossary == read_glossary(store)


def test_a_concept_read_alone_is_the_one_of_the_glossary(store: Store, glossary: Glossary) -> None:
    for name in ("win-rate", "crm", "funnel-model-answer1", "customer-health-score"):
        iri = v.TERM + name

        assert glossary.concepts[iri] == read_concept(store, iri) == store.concept(iri)


def test_relations_read_alone_are_those_of_the_glossary(store: Store, glossary: Glossary) -> None:
    for name in ("crm-system", "sales-operations", "win-rate"):
        iri = v.TERM + name
        expected = [r for r in glossary.relations if iri in (r.subject, r.object)]

        assert expected == list(read_relations(store, iri))


def test_predicates_read_alone_are_those_of_the_glossary(store: Store, glossary: Glossary) -> None:
    assert glossary.predicates == read_predicates(store)


def test_surroundings_name_all_that_their_relations_name(store: Store, glossary: Glossary) -> None:
    iri = v.TERM + "win-rate"
    near = read_surroundings(store, iri)

    assert glossary.concepts[iri] == near.concepts[iri]
    assert glossary.by_concept[iri] == near.by_concept[iri]
    for relation in near.relations:
        for lang in ("zh", "en"):
            assert glossary.sentence(relation, lang) == near.sentence(relation, lang)


@pytest.mark.parametrize("iri", [v.TERM + "nope", v.MEASURE + "won_deals", "urn:x", "no iri"])
@pytest.mark.parametrize("read", [read_concept, read_surroundings])
def test_what_is_no_concept_is_an_unknown_term(
    store: Store, iri: str, read: Callable[[Store, str], object]
) -> None:
    with pytest.raises(TermError) as caught:
        read(store, iri)

    assert "term-unknown" == caught.value.code


def test_a_graph_from_elsewhere_is_read_as_far_as_it_goes() -> None:
    """No number where one should be, a claim about a term that is not there, a blank node."""
    store = open_store()
    store.update(
        """INSERT DATA { GRAPH <urn:kg:asserted/other> {
        term:a a skos:Concept ; skos:prefLabel "甲"@zh , "no language" ; so:mentionedIn passage:x .
        passage:x a so:Passage ; so:answer "many" ; so:line "12a" .
        topic:t a skos:Collection ; so:order "first" .
        claim:c-x a so:Claim ; rdf:subject term:a ; rdf:predicate so:measures ;
            rdf:object term:gone ; prov:wasDerivedFrom passage:x ; so:sentence "last" .
        term:a so:measures term:gone , [ a so:Thing ] } }"""
    )
    glossary = read_glossary(store)
    relation = glossary.relations[0]

    assert [v.TERM + "a"] == list(glossary.concepts)
    assert (relation,) == glossary.by_concept[v.TERM + "a"]
    assert (None, 0) == (relation.claims[0].sentence, relation.claims[0].passage.line)  # type: ignore[union-attr]
    assert 0 == glossary.topics[0].order


def test_errors_of_a_store_are_errors_of_the_operating_system(tmp_path: Path) -> None:
    error = _refusal(tmp_path / "x", read_only=True)

    assert isinstance(error, OSError)
    assert isinstance(error, KgError)
