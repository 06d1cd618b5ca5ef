"""The command that compares two graphs, as its users run it."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from kg.workspace import locate

if TYPE_CHECKING:
    from tests.cli.conftest import Run

ROOT = Path(__file__).resolve().parents[2]
OLD = """@prefix so: <https://w3id.org/salesops/ontology#> .
@prefix term: <https://w3id.org/salesops/concept/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
term:win-rate a skos:Concept ; skos:prefLabel "赢单率"@zh , "Win rate"@en ; so:measures term:x .
term:x a skos:Concept ; skos:prefLabel "成交"@zh , "Closing"@en .
"""
NEW = OLD.replace("赢单率", "成交率").replace(" ; so:measures term:x", "")


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Return two small files that differ by a name and a relation."""
    pair = (tmp_path / "old.ttl", tmp_path / "new.ttl")
    for path, text in zip(pair, (OLD, NEW), strict=True):
        path.write_text(text, encoding="utf-8")
    return pair


def test_the_same_graph_differs_in_nothing_whatever_it_lies_in(kg: Run, built: Path) -> None:
    """A build, its store, and the folder that it was made from hold the same."""
    store = locate(built).path / "store"
    runs = [kg("diff", built, other, "--format", "table") for other in (built, store, ROOT)]

    assert [0, 0, 0] == [run.code for run in runs]
    assert ["没有差别\n"] * 3 == [run.out for run in runs]
    assert "no difference\n" == kg("--lang", "en", "diff", built, built, "--format", "table").out


def test_inferred_triples_are_compared_where_asked(kg: Run, built: Path) -> None:
    assert 0 == kg("diff", built, ROOT, "--inferred").code


def test_a_renamed_term_and_a_lost_relation_are_told_in_both_languages(
    kg: Run, files: tuple[Path, Path]
) -> None:
    chinese = kg("diff", *files, "--format", "table")
    english = kg("--lang", "en", "diff", *files, "--format", "table")

    assert (1, 1) == (chinese.code, english.code)
    assert "改动 2 处:陈述删除 2 条,增加 1 条\n" in chinese.out
    assert "改名 (1)\n  “赢单率”改名为“成交率” [term:win-rate]\n" in chinese.out
    assert "删除的关系 (1)\n  赢单率 衡量 成交\n" in chinese.out
    assert "2 changes: 2 triples removed, 1 added\n" in english.out
    assert "Relations removed (1)\n  Win rate measures Closing\n" in english.out
    assert "" == chinese.err


def test_json_holds_each_change_with_its_triples(kg: Run, files: tuple[Path, Path]) -> None:
    done = kg("diff", *files)
    found = json.loads(done.out)
    renamed = found["changes"][0]

    assert 1 == done.code
    assert {"term-renamed": 1, "relation-removed": 1} == found["counts"]
    assert {"removed": 2, "added": 1} == found["triples"]
    assert ("term:win-rate", "成交率") == (renamed["subject"]["id"], renamed["subject"]["zh"])
    assert ("skos:prefLabel", "zh") == (renamed["what"], renamed["lang"])
    assert [{"value": "赢单率", "lang": "zh"}] == renamed["before"]
    assert 1 == len(renamed["removed"]) == len(renamed["added"])


def test_csv_has_a_row_for_each_change(kg: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    done = kg("diff", *files, "-o", tmp_path / "changes.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "changes.csv").read_text("utf-8-sig"))))

    assert (1, "") == (done.code, done.out)
    assert ["term-renamed", "relation-removed"] == [row["kind"] for row in rows]
    assert ("赢单率", "成交率") == (rows[0]["before"], rows[0]["after"])


def test_trig_holds_what_went_and_what_came(
    kg: Run, files: tuple[Path, Path], tmp_path: Path
) -> None:
    """Asked for by name, or by the ending of the file."""
    done = kg("diff", *files, "--format", "trig")
    kg("diff", *files, "-o", tmp_path / "changes.trig")
    quads = list(ox.parse(done.out, format=ox.RdfFormat.TRIG))

    assert 1 == done.code
    assert done.out == (tmp_path / "changes.trig").read_text("utf-8")
    assert [1, 2] == [
        sum(quad.graph_name == ox.NamedNode(f"urn:kg:{side}") for quad in quads)
        for side in ("added", "removed")
    ]


@pytest.mark.parametrize("suffix", [".nt", ".nq", ".trig", ".jsonld", ".rdf"])
def test_every_rdf_format_is_read(
    kg: Run, files: tuple[Path, Path], tmp_path: Path, suffix: str
) -> None:
    kinds = {".nt": "N_TRIPLES", ".nq": "N_QUADS", ".trig": "TRIG", ".jsonld": "JSON_LD"}
    parsed = list(ox.parse(OLD, format=ox.RdfFormat.TURTLE))
    other = tmp_path / f"other{suffix}"
    ox.serialize(parsed, str(other), format=getattr(ox.RdfFormat, kinds.get(suffix, "RDF_XML")))

    assert 0 == kg("diff", files[0], other).code


def test_hostile_labels_reach_the_terminal_harmless(kg: Run, files: tuple[Path, Path]) -> None:
    hostile = NEW.replace("成交率", "\\u001b[31m红\\u202e\\n新增的术语 (9)")
    files[1].write_text(hostile, encoding="utf-8")
    done = kg("diff", *files, "--format", "table")

    assert 1 == done.code
    assert "\x1b" not in done.out
    assert "\u202e" not in done.out
    assert not any(line.startswith("新增的术语") for line in done.out.splitlines())


def test_what_cannot_be_read_is_an_error_of_ours(
    kg: Run, files: tuple[Path, Path], tmp_path: Path
) -> None:
    """Exit code 3, never 1, which would say that the graphs differ."""
    (tmp_path / "broken.ttl").write_text("term:a term:b", encoding="utf-8")
    (tmp_path / "latin.ttl").write_bytes("<urn:a> <urn:b> 'é' .".encode("latin-1"))
    (tmp_path / "empty").mkdir()
    codes = {
        "nowhere": "source-missing",
        "broken.ttl": "source-syntax",
        "latin.ttl": "source-encoding",
        "empty": "store-missing",
        "https://example.org/sparql": "endpoint-unsupported",
    }
    for name, code in codes.items():
        done = kg("--lang", "en", "diff", files[0], name)

        assert 3 == done.code
        assert f"error [{code}]" in done.err
        assert "" == done.out
        assert "Traceback" not in done.err


def test_wrong_tables_are_listed_and_are_no_difference(
    kg: Run, built: Path, tmp_path: Path
) -> None:
    for name in ("ontology", "data"):
        shutil.copytree(ROOT / name, tmp_path / "sources" / name)
    with (tmp_path / "sources" / "data" / "relations.csv").open("a", encoding="utf-8") as table:
        table.write("r999,crm,no-such,kpi\n")

    done = kg("diff", built, tmp_path / "sources")

    assert 3 == done.code
    assert "data/relations.csv" in done.err
    assert "source-findings" in done.err


def test_an_edited_table_is_told(kg: Run, built: Path, tmp_path: Path) -> None:
    for name in ("ontology", "data"):
        shutil.copytree(ROOT / name, tmp_path / "sources" / name)
    table = tmp_path / "sources" / "data" / "concepts" / "channels-partners.csv"
    text = table.read_text(encoding="utf-8")
    table.write_text(text.replace(",生产商,", ",制造商家,", 1), encoding="utf-8")

    done = kg("diff", built, tmp_path / "sources", "--format", "table")

    assert 1 == done.code
    assert "“生产商”改名为“制造商家” [term:producer]" in done.out


def test_two_places_are_needed(kg: Run) -> None:
    assert 2 == kg("diff", "one").code
