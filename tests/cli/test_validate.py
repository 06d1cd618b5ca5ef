"""The command `kg validate`: rules asked for, formats of other tools, score, explanations."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Run

ROOT = Path(__file__).resolve().parents[2]
AREAS = 10


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return sources in which one owner is missing."""
    folder: Path = tmp_path_factory.mktemp("broken")
    for name in ("ontology", "data"):
        shutil.copytree(ROOT / name, folder / name)
    path = folder / "data" / "concepts" / "kpi-performance.csv"
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    next(row for row in rows if row["id"] == "kpi")["owner"] = ""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return folder


def test_one_rule_is_looked_at_alone(kg: Run, broken: Path) -> None:
    done = kg("--lang", "en", "validate", "owner-missing", "--from", broken, "--format", "json")

    assert [("owner-missing", "term:kpi", "owner")] == [
        (f["rule"], f["focus"], f["column"]) for f in json.loads(done.out)
    ]
    assert "0 errors, 1 warnings, 0 infos" in done.err
    assert 0 == done.code
    assert 1 == kg("validate", "owner-missing", "--from", broken, "--fail-on", "warning").code


def test_an_unknown_rule_is_usage_with_a_suggestion(kg: Run) -> None:
    done = kg("validate", "owner-mising")

    assert 2 == done.code
    assert "owner-missing" in done.err
    assert "没有规则" in done.err


def test_a_rule_that_is_like_no_other_says_how_to_list_all(kg: Run) -> None:
    done = kg("validate", "nope")

    assert 2 == done.code
    assert "no rule 'nope'; all rules: kg validate --explain" in done.err
    assert "没有规则“nope”;查看全部规则:kg validate --explain" in done.err
    assert "did you mean" not in done.err


def test_sarif_and_junit_go_to_a_file_whole(kg: Run, broken: Path, tmp_path: Path) -> None:
    sarif, junit = tmp_path / "kg.sarif", tmp_path / "kg.xml"
    kg("validate", "owner-missing", "--from", broken, "--format", "sarif", "-o", sarif)
    kg("validate", "owner-missing", "--from", broken, "--format", "junit", "-o", junit)
    (run,) = json.loads(sarif.read_text(encoding="utf-8"))["runs"]
    suite = ET.parse(junit).getroot()  # noqa: S314 - our own file

    assert ["owner-missing"] == [result["ruleId"] for result in run["results"]]
    place = run["results"][0]["locations"][0]
    assert place["physicalLocation"]["region"]["startLine"] > 1
    assert "owner" == place["logicalLocations"][0]["name"]
    assert "0" == suite.get("failures")
    assert len(run["tool"]["driver"]["rules"]) == int(suite.get("tests") or 0)


def test_csv_has_a_row_a_finding(kg: Run, broken: Path) -> None:
    done = kg("validate", "owner-missing", "--from", broken, "--format", "csv")
    header, row = done.out.splitlines()

    assert header.startswith("rule,level,file,row,column,focus,message,remedy")
    assert row.startswith("owner-missing,warning,data/concepts/kpi-performance.csv,")


def test_the_score_tells_every_area_with_its_reasons(kg: Run, broken: Path) -> None:
    data = json.loads(kg("validate", "--score", "--from", broken, "--format", "json").out)
    table = kg("--lang", "en", "validate", "--score", "--from", broken, "--format", "table").out
    stewardship = next(area for area in data["areas"] if area["area"] == "stewardship")

    assert AREAS == len(data["areas"])
    assert 0 < data["score"] <= 100
    assert {"owner-missing"} <= {reason["rule"] for reason in stewardship["reasons"]}
    assert all(reason["zh"] and reason["en"] for reason in stewardship["reasons"])
    assert len(table.splitlines()) >= AREAS + 2
    assert "total" in table


def test_what_could_not_be_checked_has_no_score(kg: Run, broken: Path, tmp_path: Path) -> None:
    """A table is missing: nothing was checked, so nothing is well."""
    copy = shutil.copytree(broken, tmp_path / "copy")
    (copy / "data" / "relations.csv").unlink()
    done = kg("validate", "--score", "--from", copy, "--format", "json")
    table = kg("--lang", "en", "validate", "--score", "--from", copy, "--format", "table")
    data = json.loads(done.out)

    assert (1, 1) == (done.code, table.code)
    assert data["score"] is None
    assert {(None, 0)} == {(area["score"], area["checked"]) for area in data["areas"]}
    assert "100" not in table.out
    assert AREAS + 1 == table.out.count("—")
    assert "没有得分" in done.err
    assert "no score" in table.err


@pytest.mark.parametrize(
    "words", [("claim-reason",), ("--explain",), ("--explain", "claim-reason")]
)
def test_a_score_is_of_the_whole_graph(kg: Run, words: tuple[str, ...]) -> None:
    done = kg("validate", "--score", *words)

    assert 2 == done.code
    assert "leave out RULEs and --explain" in done.err
    assert "不能与 RULE 或 --explain 同用" in done.err
    assert "" == done.out


def test_a_score_is_no_list_of_findings(kg: Run) -> None:
    assert 2 == kg("validate", "--score", "--format", "sarif").code


@pytest.mark.parametrize(("lang", "word"), [("zh", "办法"), ("en", "remedy")])
def test_a_rule_is_explained_in_either_language(kg: Run, lang: str, word: str) -> None:
    done = kg(
        "--lang", lang, "validate", "--explain", "claim-reason", "formula-unit", "--format", "table"
    )

    assert 0 == done.code
    assert 2 == done.out.count(f"    {word}: ")
    assert "docs/rules/claim-reason.md" in done.out


def test_all_rules_are_explained_where_none_is_named(kg: Run) -> None:
    data = json.loads(kg("validate", "--explain").out)

    assert len(data) > 150
    assert all(entry["problem"] and entry["remedy"] for entry in data)


def test_what_is_permitted_is_shown_with_its_reason_and_not_counted(kg: Run) -> None:
    done = kg("--lang", "en", "validate", "measure-same", "--fail-on", "info", "--format", "table")

    assert 0 == done.code
    assert "kept: " in done.out
    assert "0 errors, 0 warnings, 0 infos; 1 more listed with a reason" in done.err
