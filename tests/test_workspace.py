"""Builds: whole or not at all, the same bytes each time, and the right one found again."""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kg.errors import ExportError, SourceError, StoreError, ValidationFailed
from kg.sources.tables import read_rows
from kg.store import open_store
from kg.workspace import (
    STEPS,
    Sources,
    build,
    check,
    check_release,
    default_output,
    find_sources,
    locate,
    record_release,
    record_translations,
)

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with one build of the shipped sources; read it only."""
    out = tmp_path_factory.mktemp("built")
    build(find_sources(ROOT), out)
    return out


@pytest.fixture
def copy(tmp_path: Path) -> Sources:
    """Return a copy of the shipped sources to spoil."""
    for name in ("ontology", "data"):
        shutil.copytree(ROOT / name, tmp_path / "sources" / name)
    return find_sources(tmp_path / "sources")


@pytest.fixture
def out(built: Path, tmp_path: Path) -> Path:
    """Return a copy of the finished build, which fits the copied sources too."""
    return shutil.copytree(built, tmp_path / "out")


@pytest.fixture
def finished(out: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of a build that fits the sources, whatever becomes of these meanwhile."""
    digest = locate(out).path.name
    monkeypatch.setattr(Sources, "digest", lambda _: digest)
    return out


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_build_holds_store_turtle_and_jsonld(built: Path) -> None:
    found = locate(built)

    assert {"sales-ops.jsonld", "sales-ops.ttl", "current"} <= {p.name for p in built.iterdir()}
    assert (found.path / "sales-ops.ttl").read_bytes() == (built / "sales-ops.ttl").read_bytes()
    assert (
        found.store.concept("https://w3id.org/salesops/concept/win-rate").pref_label("zh")
        == "赢单率"
    )


def test_counts_are_those_of_the_data(built: Path) -> None:
    counts = locate(built).manifest()["counts"]

    assert isinstance(counts, dict)
    assert {
        "concepts": 1007,
        "concepts_source": 397,
        "topics": 20,
        "relations_source": 595,
        "relations_product": 2038,
        "metrics": 221,
        "measures": 260,
    }.items() <= counts.items()


def test_a_second_build_of_the_same_sources_does_nothing(built: Path) -> None:
    before = _contents(built)
    steps: list[str] = []

    again = build(find_sources(ROOT), built, progress=steps.append)

    assert not again.fresh
    assert steps == []
    assert before == _contents(built)


def test_progress_is_told_in_order(copy: Sources, tmp_path: Path) -> None:
    steps: list[str] = []

    build(copy, tmp_path / "out", progress=steps.append)

    assert list(STEPS) == steps


@pytest.mark.slow
def test_builds_under_different_hash_seeds_are_the_same_bytes(tmp_path: Path) -> None:
    for seed in ("1", "2"):
        code = (
            "import sys; from pathlib import Path; from kg.workspace import build, find_sources; "
            f"build(find_sources({str(ROOT)!r}), Path(sys.argv[1]))"
        )
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        subprocess.run([sys.executable, "-c", code, tmp_path / seed], check=True, env=env)
    first, second = (locate(tmp_path / seed).path for seed in ("1", "2"))

    assert first.name == second.name
    for name in ("sales-ops.ttl", "sales-ops.jsonld", "search.json", "manifest.json"):
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_a_build_that_fails_leaves_the_one_before(copy: Sources, out: Path) -> None:
    before = _contents(out)
    table = copy.data / "relations.csv"
    table.write_text(table.read_text(encoding="utf-8") + "r999,crm,no-such,kpi\n", encoding="utf-8")

    with pytest.raises(ValidationFailed) as caught:
        build(copy, out)

    rules = [f.rule for f in caught.value.details["report"].at_least("error")]  # type: ignore[attr-defined]
    assert sorted(rules) == ["predicate-unknown", "relation-unclaimed"]
    assert before == _contents(out)


def test_a_broken_ontology_names_its_place_and_leaves_the_build(copy: Sources, out: Path) -> None:
    before = _contents(out)
    ontology = copy.ontology / "sales-ops.ttl"
    lines = ontology.read_text(encoding="utf-8").splitlines()
    lines.insert(30, "so:Broken a owl:Class rdfs:label ;")
    ontology.write_text("\n".join(lines), encoding="utf-8")

    with pytest.raises(SourceError) as caught:
        build(copy, out)

    assert (caught.value.code, caught.value.details["line"]) == ("source-syntax", 31)
    assert before == _contents(out)


@pytest.mark.parametrize("step", STEPS)
def test_a_build_broken_off_at_any_step_leaves_the_one_before(
    copy: Sources, out: Path, step: str
) -> None:
    before = _contents(out)

    def stop(at: str) -> None:
        if at == step:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(copy, out, force=True, progress=stop)

    assert before == _contents(out)


@pytest.mark.slow
def test_a_killed_build_leaves_the_one_before_and_is_swept_up(copy: Sources, out: Path) -> None:
    """Kill the process in mid-build: the current build still answers, the next one cleans up."""
    first = locate(out)
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from kg.workspace import build, find_sources\n"
        "def stop(step):\n"
        "    if step == 'infer': os.kill(os.getpid(), signal.SIGKILL)\n"
        "build(find_sources(sys.argv[1]), Path(sys.argv[2]), force=True, progress=stop)"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code, copy.root, out], env=env, check=False)

    assert done.returncode == -9
    assert list(out.glob(".building-*")) != []
    assert first.path == locate(out).path
    again = build(copy, out, force=True)
    assert list(out.glob(".building-*")) == []
    assert again.path == locate(out).path != first.path


def test_forced_builds_keep_the_one_before_and_no_more(copy: Sources, out: Path) -> None:
    paths = [build(copy, out, force=True).path for _ in range(2)]

    assert paths[-1] == locate(out).path
    assert set(paths) == {p for p in out.iterdir() if p.is_dir()}


def test_an_unwritable_place_is_one_clear_error(copy: Sources, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way", encoding="utf-8")

    with pytest.raises(ExportError) as caught:
        build(copy, blocked / "out")

    assert caught.value.code == "output-unwritable"
    assert "路径中有一段是文件而不是文件夹" in caught.value.text("zh")
    assert blocked.read_text(encoding="utf-8") == "in the way"


def test_a_missing_or_damaged_build_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as missing:
        locate(tmp_path / "nothing")
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    (damaged / "current").write_text("gone\n", encoding="utf-8")
    with pytest.raises(StoreError) as gone:
        locate(damaged)

    assert (missing.value.code, gone.value.code) == ("store-missing", "store-damaged")


# -- damaged builds
def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        path.write_bytes(b"")


def _spoil_inside(folder: Path) -> None:
    """Damage the tables of a store so that it opens, and fails where it is read."""
    for table in (path for path in folder.glob("*.sst") if path.stat().st_size > 50_000):
        data = bytearray(table.read_bytes())
        for at in range(len(data) // 4, len(data) // 2, 512):
            data[at] ^= 0xFF
        table.write_bytes(data)


def _clear(folder: Path) -> None:
    with open_store(folder) as store:
        store.update("CLEAR ALL")


# what is done to (the builds folder, the build), and whether a reader is told
DAMAGES: dict[str, tuple[Callable[[Path, Path], object], bool]] = {
    "store of empty files": (lambda _, at: _empty(at / "store"), True),
    "no store": (lambda _, at: shutil.rmtree(at / "store"), True),
    "store broken inside": (lambda _, at: _spoil_inside(at / "store"), True),
    "store without triples": (lambda _, at: _clear(at / "store"), False),
    "index is no JSON": (lambda _, at: (at / "search.json").write_text("{junk"), True),
    "index is a list": (lambda _, at: (at / "search.json").write_text("[]"), True),
    "index is empty": (lambda _, at: (at / "search.json").write_text(""), True),
    "index is not UTF-8": (lambda _, at: (at / "search.json").write_bytes(b'{"\xff": 1}'), True),
    "index is too deep": (lambda _, at: (at / "search.json").write_text("[" * 200_000), True),
    "no index": (lambda _, at: (at / "search.json").unlink(), False),
    "no Turtle": (lambda _, at: (at / "sales-ops.ttl").unlink(), False),
    "manifest is no JSON": (lambda _, at: (at / "manifest.json").write_text("{junk"), True),
    "manifest is empty": (lambda _, at: (at / "manifest.json").write_text(""), True),
    "manifest is a list": (lambda _, at: (at / "manifest.json").write_text("[]"), True),
    "manifest without counts": (lambda _, at: (at / "manifest.json").write_text("{}"), True),
    "manifest with odd counts": (
        lambda _, at: (at / "manifest.json").write_text('{"counts": 1}'),
        True,
    ),
    "no manifest": (lambda _, at: (at / "manifest.json").unlink(), True),
    "pointer is not UTF-8": (lambda out, _: (out / "current").write_bytes(b"\xff\xfe"), True),
    "pointer is empty": (lambda out, _: (out / "current").write_text(""), True),
    "pointer is too long": (lambda out, _: (out / "current").write_text("x" * 9000), True),
    "pointer leads elsewhere": (lambda out, _: (out / "current").write_text("../out"), True),
}


def _read_all(out: Path) -> None:
    found = locate(out)
    found.manifest()
    assert found.index.entries
    list(found.store.triples())


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_build_is_told_and_made_again(finished: Path, damage: str) -> None:
    """To build again must help: such a build is not taken for a finished one."""
    harm, told = DAMAGES[damage]
    harm(finished, locate(finished).path)
    steps: list[str] = []

    def stop(step: str) -> None:
        steps.append(step)
        raise KeyboardInterrupt

    if told:
        with pytest.raises(StoreError) as caught:
            _read_all(finished)
        assert caught.value.code in ("store-damaged", "store-missing")
        assert "\n" not in caught.value.text("zh")
    with pytest.raises(KeyboardInterrupt):
        build(find_sources(ROOT), finished, progress=stop)
    assert ["read"] == steps


@pytest.mark.parametrize(
    ("name", "content"), [("search.json", b"[]"), ("manifest.json", b"{junk"), ("current", b"\xff")]
)
def test_a_broken_file_is_named_in_both_languages(out: Path, name: str, content: bytes) -> None:
    path = out / name if name == "current" else locate(out).path / name
    path.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        _read_all(out)

    assert f"{path}: the store cannot be read: its content is broken" == str(caught.value)
    assert f"{path}:存储无法读取:内容已损坏" == caught.value.text("zh")
    assert f"build it again: kg build -o {out}" == caught.value.hint
    assert f"请重新构建:kg build -o {out}" == caught.value.hint_in("zh")


def test_a_hint_names_the_folder_that_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`kg build` alone would mend the default place, whatever was asked for."""
    hints = []
    for name in ("nothing", "no thing"):
        with pytest.raises(StoreError) as caught:
            locate(tmp_path / name)
        hints.append(caught.value.hint)
    monkeypatch.setattr("kg.workspace.default_output", lambda: tmp_path / "nothing")
    with pytest.raises(StoreError) as caught:
        locate()

    assert [
        f"run: kg build -o {tmp_path}/nothing",
        f'run: kg build -o "{tmp_path}/no thing"',
        "run: kg build",
    ] == [*hints, caught.value.hint]


def test_a_broken_bare_store_is_no_place_to_build_in(built: Path, tmp_path: Path) -> None:
    bare = shutil.copytree(locate(built).path / "store", tmp_path / "bare")
    (bare / "CURRENT").write_bytes(b"")
    with pytest.raises(StoreError) as caught:
        _ = locate(bare).store

    assert "build it again: kg build" == caught.value.hint


def test_a_store_in_use_is_not_built_again(finished: Path) -> None:
    """Its writer would lose it to the sweeping of old builds."""
    with open_store(locate(finished).path / "store"):
        again = build(find_sources(ROOT), finished)

    assert not again.fresh


def test_a_store_with_more_than_was_built_is_not_built_again(finished: Path) -> None:
    with open_store(locate(finished).path / "store") as store:
        store.update("INSERT DATA { GRAPH <urn:kg:asserted/own> { term:a so:measures term:b } }")

    assert not build(find_sources(ROOT), finished).fresh


def test_a_build_and_a_bare_store_folder_can_be_opened(built: Path) -> None:
    inner = locate(built).path

    for place in (inner, inner / "store"):
        concept = locate(place).store.concept("https://w3id.org/salesops/concept/crm")
        assert concept.pref_label("zh") == "客户关系管理"


def test_a_bare_store_is_searchable_too(built: Path) -> None:
    bare, indexed = locate(locate(built).path / "store"), locate(built)

    assert indexed.index.to_json() == bare.index.to_json()


def test_default_output_of_a_checkout_is_its_build_folder() -> None:
    assert default_output() == ROOT / "build"


def test_missing_sources_are_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        find_sources(tmp_path)

    assert caught.value.code == "source-missing"


def test_the_shipped_sources_have_no_error() -> None:
    store, report = check(find_sources(ROOT))

    assert report.at_least("error") == ()
    assert len(store) > 30_000


def test_sources_with_faults_make_no_graph(copy: Sources) -> None:
    (copy.data / "claims.csv").unlink()

    store, report = check(copy)

    assert len(store) == 0
    assert "table-missing" in {f.rule for f in report.findings}


def test_a_release_records_what_changed_and_only_that(copy: Sources) -> None:
    path = copy.data / "release.csv"
    header = path.read_text(encoding="utf-8").partition("\n")[0]
    path.write_text(f"{header}\n", encoding="utf-8")  # as before the first release
    concepts = list(read_rows(copy.data, "concepts"))
    everything = record_release(copy, "9.0.0", "2030-01-01")
    nothing = record_release(copy, "9.0.1", "2030-01-02")
    _change_a_term(copy)
    unrecorded = [f for f in check(copy)[1].findings if f.rule == "release-unrecorded"]
    one = record_release(copy, "9.1.0", "2030-02-01")
    with path.open(encoding="utf-8") as rows:
        last = list(csv.DictReader(rows))[-1]

    assert (len(concepts), 0, 1) == (everything, nothing, one)
    assert [f.focus for f in unrecorded] == ["term:sales-forecast"]
    assert (
        last["concept"],
        last["version"],
        last["date"],
    ) == ("sales-forecast", "9.1.0", "2030-02-01")


@pytest.mark.parametrize(
    ("version", "date", "column", "column_zh"),
    [
        ("1.0", "nope", "date", "发布日期"),
        ("1.0", "2026-13-01", "date", "发布日期"),
        ("1.0", "20260131", "date", "发布日期"),
        ("1.0", "", "date", "发布日期"),
        (" ", "2026-01-31", "version", "版本号"),
        ("1.0\x00", "2026-01-31", "version", "版本号"),
        ("1.0\u200b", "2026-01-31", "version", "版本号"),
    ],
)
def test_a_release_that_the_table_must_not_hold_is_not_written(
    copy: Sources, version: str, date: str, column: str, column_zh: str
) -> None:
    """Also where nobody asked the command line: every later build would fail."""
    before = (copy.data / "release.csv").read_bytes()
    _change_a_term(copy)
    value = {"version": version, "date": date}[column]
    with pytest.raises(SourceError) as caught:
        record_release(copy, version, date)

    assert f"'{value}' is no {column} of a release" == str(caught.value)
    assert f"“{value}”不是有效的{column_zh}" == caught.value.text("zh")
    for hint in (caught.value.hint, caught.value.hint_in("zh")):
        assert "--release 1.2.0 --date 2026-01-31" in hint
    assert before == (copy.data / "release.csv").read_bytes()


def test_what_a_release_hint_shows_is_allowed() -> None:
    check_release("1.2.0", "2026-01-31")


def test_a_release_begins_a_line_of_its_own(copy: Sources) -> None:
    path = copy.data / "release.csv"
    before = path.read_bytes().rstrip(b"\n")
    path.write_bytes(before)
    _change_a_term(copy)

    assert 1 == record_release(copy, " 9.1.0", "2030-02-01 ")
    new = path.read_bytes().removeprefix(before).decode()
    assert new.startswith("\nsales-forecast,")
    assert new.endswith(",9.1.0,2030-02-01\n")


def _change_a_term(sources: Sources) -> None:
    table = sources.data / "concepts" / "forecasting.csv"
    text = table.read_text(encoding="utf-8").replace("Sales forecasting", "Forecast of sales")
    table.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_recorded_translations_are_stale_once_the_chinese_changes(
    copy: Sources, encoding: str
) -> None:
    """Whatever Excel made of the file."""
    table = copy.data / "concepts" / "forecasting.csv"
    text = table.read_text(encoding="utf-8")
    old = next(row["definition_zh"] for row in csv.DictReader(io.StringIO(text)))
    table.write_text(text.replace(old, f"现在{old}"), encoding=encoding)
    codes = ("translation-stale", "translation-unread")
    before = [f.rule for f in check(copy)[1].findings if f.rule in codes]
    counts = [record_translations(copy), record_translations(copy)]
    after = [f.rule for f in check(copy)[1].findings if f.rule in codes]

    assert (["translation-stale"], [1, 0], []) == (before, counts, after)


def test_a_permitted_finding_in_use_is_not_idle_when_asked_alone(copy: Sources) -> None:
    _, report = check(copy, only=["permitted-idle"])
    with (copy.data / "permitted.csv").open("a", encoding="utf-8") as file:
        file.write("owner-missing,term:crm,试验。,A trial.\n")
    _, more = check(copy, only=["permitted-idle"])

    assert ([], ["permitted-idle"]) == (
        [f.rule for f in report.findings],
        [f.rule for f in more.findings],
    )


def test_a_release_reaches_the_graph(copy: Sources, tmp_path: Path) -> None:
    _change_a_term(copy)
    record_release(copy, "9.1.0", "2030-02-01")
    out = build(copy, tmp_path / "out").path

    with open_store(out / "store", read_only=True) as store:
        rows = store.query("SELECT ?d { term:sales-forecast dcterms:modified ?d }")
        dates = [row["d"].value for row in rows]  # type: ignore[union-attr]
        version = bool(store.query('ASK { ?s a skos:ConceptScheme; owl:versionInfo "9.1.0" }'))

    assert dates == ["2030-02-01"]
    assert version
