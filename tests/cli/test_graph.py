"""The commands on the graph as a whole, and what every command has in common."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kg.cli import COMMANDS
from kg.workspace import locate

if TYPE_CHECKING:
    from tests.cli.conftest import Run

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the shipped sources to spoil."""
    for name in ("ontology", "data"):
        shutil.copytree(ROOT / name, tmp_path / "sources" / name)
    return tmp_path / "sources"


def _append(path: Path, text: str) -> int:
    """Add a line to a file; return its number."""
    whole = path.read_text(encoding="utf-8") + text
    path.write_text(whole, encoding="utf-8")
    return whole.count("\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(kg: Run, command: str) -> None:
    done = kg(command, "--help")

    assert 0 == done.code
    assert f"kg {command}" in done.out or f"kg --lang en {command}" in done.out
    assert "例" in done.out


def test_help_lists_every_command_in_both_languages(kg: Run) -> None:
    done = kg("--help")

    assert all(f"\n  {name} " in done.out for name in COMMANDS)
    assert all(zh in done.out and en in done.out for _, zh, en in COMMANDS.values())


def test_a_mistyped_command_is_usage_with_a_suggestion(kg: Run) -> None:
    done = kg("serch", "x")

    assert 2 == done.code
    assert "search" in done.err


def test_a_wrong_option_is_usage(kg: Run) -> None:
    assert 2 == kg("show", "CRM", "--no-such-option").code
    assert 2 == kg("query").code
    assert 2 == kg("build", "--release", "1.0.0").code


def test_build_sums_up_in_five_lines(kg: Run, built: Path) -> None:
    chinese, english = kg("build", "-o", built), kg("--lang", "en", "build", "-o", built)

    assert 5 == len(chinese.out.splitlines())
    assert "术语    1007 个:来源 397,补充 610;主题 20 个" in chinese.out
    assert "relations  595 of source, 2038 added" in english.out


def test_bad_sources_exit_with_one_and_name_the_place(kg: Run, copy: Path, tmp_path: Path) -> None:
    row = _append(copy / "data" / "relations.csv", "r999,crm,no-such,kpi\n")

    done = kg("build", "--from", copy, "-o", tmp_path / "out", store=None)

    assert 1 == done.code
    assert f"data/relations.csv 第 {row} 行“predicate”列" in done.err
    assert "no-such" in done.err
    assert "办法" in done.err
    assert "Traceback" not in done.err
    assert not (tmp_path / "out" / "current").exists()


def test_a_malformed_ontology_exits_with_three(kg: Run, copy: Path, tmp_path: Path) -> None:
    _append(copy / "ontology" / "sales-ops.ttl", "so:Broken a owl:Class rdfs:label ;\n")

    done = kg("--lang", "en", "build", "--from", copy, "-o", tmp_path / "out", store=None)

    assert 3 == done.code
    assert "source-syntax" in done.err
    assert "sales-ops.ttl" in done.err
    assert "Traceback" not in done.err


def test_validate_finds_nothing_wrong_with_the_shipped_data(kg: Run) -> None:
    done = kg("validate")

    assert 0 == done.code
    assert "错误 0" in done.err
    assert "error" not in {f["level"] for f in json.loads(done.out)}


def test_validate_names_file_row_and_column(kg: Run, copy: Path) -> None:
    row = _append(copy / "data" / "relations.csv", "r999,crm,measures,no-such-term\n")
    _append(copy / "data" / "claims.csv", "r999,product,,product,,,,,,,,\n")

    done = kg("--lang", "en", "validate", "--from", copy)
    finding = next(f for f in json.loads(done.out) if f["level"] == "error")

    assert 1 == done.code
    assert ("data/relations.csv", row, "object", "dangling-term") == (
        finding["file"],
        finding["row"],
        finding["column"],
        finding["rule"],
    )
    assert finding["message"]
    assert finding["remedy"]


def test_fail_on_sets_the_level_that_fails(kg: Run, copy: Path) -> None:
    table = copy / "data" / "sources.csv"
    table.write_bytes(table.read_text(encoding="utf-8").encode("gb18030"))

    codes = [kg("validate", "--from", copy, "--fail-on", x).code for x in ("error", "warning")]
    never = kg("validate", "--from", copy, "--fail-on", "never").code

    assert [0, 1] == codes
    assert 0 == never


def test_info_counts_the_graph(kg: Run) -> None:
    data = json.loads(kg("info").out)

    assert {"core": 308, "supporting": 627, "context": 72} == data["tier"]
    assert 20 == len(data["topic"])
    assert 1007 == data["counts"]["concepts"]


def test_explain_names_rule_and_premises(kg: Run) -> None:
    proof = json.loads(kg("explain", "销售预测", "so:fedBy", "CRM系统").out)
    stated = json.loads(kg("explain", "CRM系统", "feeds", "销售预测").out)
    unknown = kg("explain", "CRM系统", "feeds", "销售漏斗")

    assert "inverse" == proof["rule"]
    assert ["term:crm-system", "so:feeds", "term:sales-forecast"] == proof["premises"][0]["triple"]
    assert ("asserted", []) == (stated["rule"], stated["premises"])
    assert 3 == unknown.code
    assert "triple-unknown" in unknown.err


def test_a_missing_store_says_what_to_run(kg: Run, tmp_path: Path) -> None:
    done = kg("show", "CRM", store=tmp_path / "nothing")

    assert 3 == done.code
    assert "kg build" in done.err


@pytest.mark.skipif(sys.platform == "win32", reason="store locks are read through fcntl")
def test_a_locked_store_names_the_holder(kg: Run, built: Path, tmp_path: Path) -> None:
    place = shutil.copytree(built, tmp_path / "locked")
    store = locate(place).path / "store"
    code = (
        "import sys; from kg.store import open_store; s = open_store(sys.argv[1]); "
        "print('open', flush=True); sys.stdin.read()"
    )
    writer = subprocess.Popen(
        [sys.executable, "-c", code, store],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    try:
        assert writer.stdout is not None
        assert b"open" == writer.stdout.readline().strip()
        done = kg("show", "CRM", store=place)
    finally:
        writer.communicate()

    assert 3 == done.code
    assert f"{writer.pid}" in done.err
    assert 0 == kg("show", "CRM", store=place).code


def test_an_unwritable_output_leaves_what_stood_there(kg: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old", encoding="utf-8")

    for words in (
        ("export", "turtle", "-o", "file/x.ttl"),
        ("explore", "-o", "file/x.html"),
        ("teach", "handbook", "-o", "file/x.md"),
        ("search", "漏斗", "-o", "file/x.csv"),
        ("query", "ASK {}", "-o", "file/x.json"),
    ):
        done = kg(*words)

        assert 3 == done.code, words
        assert "output-unwritable" in done.err, words
        assert "Traceback" not in done.err, words
    assert "old" == (tmp_path / "file").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("spoiled", "words"), [("store", ("show", "CRM")), ("manifest.json", ("info",))]
)
def test_what_a_damaged_build_says_to_do_mends_it(
    kg: Run, built: Path, tmp_path: Path, spoiled: str, words: tuple[str, ...]
) -> None:
    place = shutil.copytree(built, tmp_path / "spoiled")
    path = locate(place).path / spoiled
    for file in path.iterdir() if path.is_dir() else [path]:
        file.write_text("", encoding="utf-8")

    broken = kg("--store", place, *words, store=None)
    mended = kg("build", "-o", place, store=None)

    assert 3 == broken.code
    assert "[store-damaged]" in broken.err
    assert f"办法: 请重新构建:kg build -o {place}\n" in broken.err
    assert 0 == mended.code
    assert "没有变化" not in mended.out
    assert 0 == kg("--store", place, *words, store=None).code


def test_an_unexpected_fault_is_one_line(built: Path) -> None:
    code = (
        "import sys, kg.workspace\n"
        "from kg.cli import main\n"
        "kg.workspace.locate = lambda _: 1 // 0\n"
        "sys.argv = ['kg', 'info']; main()"
    )
    env = {**os.environ, "KG_STORE": str(built), "KG_LANG": "en"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )

    assert 3 == done.returncode
    assert "error [internal]: an unexpected fault: ZeroDivisionError" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("lang", "words"),
    [("zh", "“nope”不是有效的发布日期"), ("en", "'nope' is no date of a release")],
)
def test_a_mistyped_release_date_leaves_the_sources(
    kg: Run, copy: Path, lang: str, words: str
) -> None:
    """Neither release nor translations are recorded: the date is looked at first."""
    tables = [copy / "data" / name for name in ("release.csv", "translations.csv")]
    concepts = copy / "data" / "concepts" / "forecasting.csv"
    text = concepts.read_text(encoding="utf-8").replace("Sales forecasting", "Forecast of sales")
    concepts.write_text(text, encoding="utf-8")
    tables[1].write_text("concept,hash\n", encoding="utf-8")
    before = [table.read_bytes() for table in tables]
    options = ("--translated", "--release", "1.0", "--date", "nope")

    done = kg("--lang", lang, "build", "--from", copy, *options, store=None)

    assert 3 == done.code
    assert words in done.err
    assert "--date 2026-01-31" in done.err
    assert before == [table.read_bytes() for table in tables]


@pytest.mark.parametrize(
    ("lang", "words"),
    [("zh", "路径中有一段是文件而不是文件夹"), ("en", "a file stands where a folder is needed")],
)
def test_an_output_below_a_file_is_told_in_the_language_asked_for(
    kg: Run, tmp_path: Path, lang: str, words: str
) -> None:
    (tmp_path / "file").write_text("old", encoding="utf-8")

    for command in (("info", "-o", "file/x"), ("build", "-o", "file/x")):
        done = kg("--lang", lang, *command)

        assert 3 == done.code
        assert words in done.err
        assert "File exists" not in done.err


def test_a_page_on_stdout_is_not_told_as_a_file(kg: Run, tmp_path: Path) -> None:
    to_stdout, to_file = kg("explore", "-o", "-"), kg("explore", "-o", "page.html")

    assert "" == to_stdout.err
    assert to_stdout.out.startswith("<!")
    assert "已写入 page.html;双击即可打开\n" == to_file.err
    assert (tmp_path / "page.html").read_text(encoding="utf-8").startswith("<!")


def test_help_works_without_a_locale(kg: Run) -> None:
    done = kg("--help", LC_ALL="C", LANG="C", PYTHONUTF8="0", PYTHONIOENCODING="ascii")

    assert 0 == done.code
    assert "销售运营知识图谱" in done.out


def test_a_closed_pipe_is_no_fault(built: Path) -> None:
    command = f"KG_STORE={built} {sys.executable} -m kg rank --limit 900 --format json | head -1"
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (0, "[\n", "") == (done.returncode, done.stdout, done.stderr)
