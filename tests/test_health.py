"""What is said of a report as a whole: the score of each area, permissions, other formats."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg import vocab
from kg.model import LEVELS, Finding, Place, Report, Text
from kg.sources.faults import FAULTS
from kg.sources.rows import Row
from kg.store import open_store
from kg.validation.areas import AREAS, TABLE_AREAS, area_of_fault
from kg.validation.catalogue import read_catalogue
from kg.validation.formats import to_junit, to_sarif
from kg.validation.health import WEIGHTS, assess
from kg.validation.permitted import permit

if TYPE_CHECKING:
    from pathlib import Path

    from kg.model import Level
    from kg.store import Store
    from kg.validation.catalogue import Entry

PLACE = Place("data/claims.csv", 7, "reason_zh")


def finding(
    rule: str = "owner-missing",
    level: Level = "warning",
    focus: str | None = "term:kpi",
    place: Place | None = PLACE,
    count: int = 1,
) -> Finding:
    """Return a finding that says its own rule."""
    return Finding(
        rule,
        level,
        (Text(f"坏了:{rule}", "zh"), Text(f"broken: {rule}", "en")),
        (Text("请修正", "zh"), Text("mend it", "en")),
        focus,
        place,
        count,
    )


def row(rule: str, focus: str, number: int = 2) -> Row:
    """Return a row of data/permitted.csv."""
    cells = {"rule": rule, "focus": focus, "reason_zh": "有意如此。", "reason_en": "On purpose."}
    return Row("data/permitted.csv", number, cells)


@pytest.fixture(scope="module")
def catalogue(root: Path) -> dict[str, Entry]:
    """Return everything that can be found."""
    return read_catalogue(root / "ontology" / "rules", root / "ontology" / "shapes.ttl")


@pytest.fixture(scope="module")
def small() -> Store:
    """Return a graph of ten concepts, one of them a metric."""
    store = open_store()
    terms = " ".join(f"term:t{n} a skos:Concept ." for n in range(10))
    store.update(
        f"INSERT DATA {{ GRAPH <urn:kg:asserted/x> {{ {terms} term:t1 so:kind 'Metric' }} }}"
    )
    return store


# -- the catalogue
def test_every_fault_and_rule_is_in_the_catalogue_with_a_known_area(
    catalogue: dict[str, Entry], root: Path
) -> None:
    codes = {path.stem for path in (root / "docs" / "rules").glob("*.md")} - {"README"}

    assert codes == set(catalogue) | {"shape"}
    assert {entry.area for entry in catalogue.values()} == set(AREAS)
    assert set(TABLE_AREAS) <= set(catalogue)
    assert {"rule", "shape", "table"} == {entry.origin for entry in catalogue.values()}


def test_there_are_more_than_enough_rules(root: Path) -> None:
    """Of rule files alone, each with a case of its own in test_rules.py."""
    assert len(list((root / "ontology" / "rules").glob("*.rq"))) >= 100


def test_an_entry_speaks_both_languages_without_holes(catalogue: dict[str, Entry]) -> None:
    for entry in catalogue.values():
        texts = [entry.text("zh"), entry.text("en"), entry.remedy("zh"), entry.remedy("en")]

        assert all(texts), entry.code
        assert not any("{" in text for text in texts), entry.code
        assert any("\u4e00" <= sign <= "\u9fff" for sign in texts[0]), entry.code


# -- the score
def test_a_graph_without_findings_is_whole(small: Store, catalogue: dict[str, Entry]) -> None:
    health = assess(small, Report(), catalogue)

    assert 100.0 == health.score
    assert {100.0} == {area.score for area in health.areas if area.checked}
    assert {"labels": 10, "metrics": 1, "crm": 0}.items() <= {
        area.id: area.checked for area in health.areas
    }.items()


def test_what_could_not_be_checked_has_no_score(small: Store, catalogue: dict[str, Entry]) -> None:
    """Neither an area without things, nor the whole of a graph that was not made."""
    some = {area.id: area.score for area in assess(small, Report(), catalogue).areas}
    fault = finding("table-missing", "error", None, Place("data/relations.csv"))
    nothing = assess(open_store(), Report.of([fault]), catalogue)

    assert (100.0, None) == (some["metrics"], some["crm"])
    assert nothing.score is None
    assert {(None, 0)} == {(area.score, area.checked) for area in nothing.areas}
    assert [(1, (("table-missing", 1),))] == [
        (area.found, area.reasons) for area in nothing.areas if area.found
    ]


@pytest.mark.parametrize(("level", "score"), [("error", 90.0), ("warning", 95.0), ("info", 99.0)])
def test_a_thing_weighs_by_its_worst_finding(
    level: Level, score: float, small: Store, catalogue: dict[str, Entry]
) -> None:
    """One of ten concepts: an error takes all of it, a warning half, an info a tenth."""
    both = [finding("owner-missing", level), finding("status-missing", "info")]
    areas = {area.id: area for area in assess(small, Report.of(both), catalogue).areas}

    assert score == areas["stewardship"].score
    assert 1 == areas["stewardship"].found
    assert 100.0 == areas["labels"].score


def test_a_summary_weighs_as_many_things_as_it_stands_for(
    small: Store, catalogue: dict[str, Entry]
) -> None:
    found = finding("alias-missing", "info", None, None, count=5)
    areas = {area.id: area for area in assess(small, Report.of([found]), catalogue).areas}

    assert (95.0, 5, (("alias-missing", 5),)) == (
        areas["documentation"].score,
        areas["documentation"].found,
        areas["documentation"].reasons,
    )


def test_the_heaviest_rules_are_the_reasons(small: Store, catalogue: dict[str, Entry]) -> None:
    found = [finding("status-missing", "info", f"term:t{n}") for n in range(4)]
    found += [finding("owner-missing", "error", "term:t1"), finding("reviewed-missing", "info")]
    areas = {area.id: area for area in assess(small, Report.of(found), catalogue).areas}

    assert ["owner-missing", "status-missing", "reviewed-missing"] == [
        rule for rule, _ in areas["stewardship"].reasons
    ]


def test_a_score_never_falls_below_zero(small: Store, catalogue: dict[str, Entry]) -> None:
    found = [finding("owner-missing", "error", f"term:x{n}") for n in range(50)]
    areas = {area.id: area for area in assess(small, Report.of(found), catalogue).areas}

    assert 0.0 == areas["stewardship"].score


def test_weights_follow_the_levels() -> None:
    assert sorted(WEIGHTS.values()) == [WEIGHTS[level] for level in LEVELS]
    assert "stewardship" == area_of_fault("table-bom")
    assert all(area_of_fault(code) in AREAS for code in FAULTS)


def test_the_shipped_graph_is_well_kept(store: Store, catalogue: dict[str, Entry]) -> None:
    """Every area has something to check."""
    health = assess(store, Report(), catalogue)

    assert all(area.checked > 100 for area in health.areas)


# -- permissions
def test_what_is_permitted_is_listed_with_its_reason_and_not_counted() -> None:
    report = permit(
        Report.of([finding(), finding(focus="term:crm")]), [row("owner-missing", "term:kpi")]
    )

    assert ["term:crm"] == [f.focus for f in report.at_least("info")]
    assert [("term:kpi", "有意如此。", "On purpose.")] == [
        (f.focus, f.reason("zh"), f.reason("en")) for f in report.permitted
    ]


def test_a_star_permits_every_finding_of_a_rule() -> None:
    found = [finding(focus=None), finding(), finding("status-missing")]
    report = permit(Report.of(found), [row("owner-missing", "*")])

    assert ["status-missing"] == [f.rule for f in report.at_least("info")]


def test_a_permission_that_fits_nothing_is_a_finding_itself() -> None:
    report = permit(Report.of([finding()]), [row("owner-missin", "term:kpi", 5)])
    idle = next(f for f in report.findings if f.rule == "permitted-idle")

    assert ("warning", Place("data/permitted.csv", 5, "rule")) == (idle.level, idle.place)
    assert "owner-missin" in idle.message("zh")
    assert 2 == len(report.at_least("warning"))


def test_an_error_cannot_be_permitted() -> None:
    report = permit(Report.of([finding(level="error")]), [row("owner-missing", "*")])

    assert ["owner-missing", "permitted-idle"] == [f.rule for f in report.at_least("info")]


# -- other tools
@pytest.fixture(scope="module")
def report() -> Report:
    """Return a report with a finding of every level, one of them permitted."""
    found = [
        finding("relation-self", "error", place=Place("data/relations.csv", 3, "object")),
        finding("relation-self", "error", "term:crm", None),
        finding("claim-reason", "warning"),
        replace(
            finding("owner-missing", "warning"),
            reasons=(Text("有意如此。", "zh"), Text("On purpose.", "en")),
        ),
        finding("passage-unused", "info", None, None, 4),
        finding("not-in-the-catalogue", "info", None, Place("data/topics.csv")),
    ]
    return Report.of(found)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_sarif_holds_rules_with_help_and_results_with_place(
    lang: str, report: Report, catalogue: dict[str, Entry]
) -> None:
    log = json.loads(to_sarif(report, catalogue, lang=lang, version="1.2.3"))
    (run,) = log["runs"]
    rules, results = run["tool"]["driver"]["rules"], run["results"]

    assert ("2.1.0", "1.2.3") == (log["version"], run["tool"]["driver"]["version"])
    assert list(catalogue) == [rule["id"] for rule in rules]
    assert all(rule["help"]["text"] and rule["shortDescription"]["text"] for rule in rules)
    assert len(report.findings) == len(results)
    for result in results:
        if "ruleIndex" in result:
            assert result["ruleId"] == rules[result["ruleIndex"]]["id"]
    assert {"error", "warning", "note"} == {result["level"] for result in results}


def test_sarif_places_are_lines_and_named_columns_of_the_table(
    report: Report, catalogue: dict[str, Entry]
) -> None:
    log = json.loads(to_sarif(report, catalogue, lang="en", version="1"))
    by_rule = {result["ruleId"]: result for result in log["runs"][0]["results"]}
    claim = by_rule["claim-reason"]["locations"][0]

    assert {"uri": "data/claims.csv"} == claim["physicalLocation"]["artifactLocation"]
    assert {"startLine": 7} == claim["physicalLocation"]["region"]
    assert [{"name": "reason_zh", "kind": "member"}] == claim["logicalLocations"]
    assert "region" not in by_rule["not-in-the-catalogue"]["locations"][0]["physicalLocation"]
    assert "locations" not in by_rule["passage-unused"]
    assert [{"kind": "external", "justification": "On purpose."}] == by_rule["owner-missing"][
        "suppressions"
    ]


def test_junit_has_a_case_for_every_rule_and_fails_by_errors(
    report: Report, catalogue: dict[str, Entry]
) -> None:
    suite = ET.fromstring(to_junit(report, catalogue, lang="zh")).find("testsuite")  # noqa: S314 - our own text
    assert suite is not None
    cases = {case.get("name"): case for case in suite}
    failed = [name for name, case in cases.items() if case.find("failure") is not None]

    assert set(catalogue) | {"not-in-the-catalogue"} == set(cases)
    assert (str(len(cases)), "1") == (suite.get("tests"), suite.get("failures"))
    assert ["relation-self"] == failed
    assert "data/relations.csv 第 3 行“object”列" in (
        cases["relation-self"].findtext("failure") or ""
    )
    assert "有意如此。" in (cases["owner-missing"].findtext("system-out") or "")
    assert cases["claim-reason"].find("failure") is None


def test_the_same_report_gives_the_same_bytes(report: Report, catalogue: dict[str, Entry]) -> None:
    """No time, no machine, no order of chance."""
    again = Report.of(reversed(report.findings))

    assert to_junit(report, catalogue, lang="en") == to_junit(again, catalogue, lang="en")
    assert to_sarif(report, catalogue, lang="en", version="1") == to_sarif(
        again, catalogue, lang="en", version="1"
    )
    assert "time" not in to_junit(report, catalogue, lang="en").split("testcase")[0]


@given(st.text(max_size=40))
def test_any_text_of_a_finding_is_well_formed(text: str) -> None:
    """Whatever stands in a cell: XML and JSON stay readable."""
    odd = replace(finding(level="error"), messages=(Text(text, "zh"), Text(text, "en")))
    tree = ET.fromstring(to_junit(Report.of([odd]), {}, lang="en"))  # noqa: S314 - our own text
    log = json.loads(to_sarif(Report.of([odd]), {}, lang="en", version="1"))

    assert text in log["runs"][0]["results"][0]["message"]["text"]
    assert "1" == tree.get("failures")


def test_a_report_names_no_internal_address(report: Report, catalogue: dict[str, Entry]) -> None:
    text = to_junit(report, catalogue, lang="zh")

    assert vocab.BASE not in text
