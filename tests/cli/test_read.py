"""The reading commands, run as a user runs them."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Run


def test_the_first_example_of_the_brief(kg: Run) -> None:
    """KPI measures funnel conversion: r010, implied, normal confidence."""
    steps = json.loads(kg("path", "销售转化率", "阶段转化").out)
    text = kg("path", "销售转化率", "阶段转化", "--format", "table").out

    first = steps[0]["relations"][0]
    assert 1 == len(steps)
    assert ("r010", "so:measures", "implied", "normal") == (
        first["id"],
        first["predicate"],
        first["strength"],
        first["confidence"],
    )
    assert text.startswith("1. 销售转化率 衡量 阶段转化 (隐含, 回答1 引言) [r010]\n")


def test_the_second_example_of_the_brief(kg: Run) -> None:
    """CRM feeds forecasting: r126, implied, low confidence."""
    steps = json.loads(kg("path", "CRM系统", "销售预测").out)
    english = kg("--lang", "en", "path", "CRM system", "forecasting", "--format", "table").out

    first = steps[0]["relations"][0]
    assert 1 == len(steps)
    assert ("r126", "so:feeds", "implied", "low") == (
        first["id"],
        first["predicate"],
        first["strength"],
        first["confidence"],
    )
    assert english.startswith("1. CRM system feeds Sales forecast (implied, low confidence")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("客户关系管理", "term:crm"),
        ("funnel conversion", "term:stage-conversion"),
        ("forecasting", "term:sales-forecast"),
        ("term:win-rate", "term:win-rate"),
        ("win-rate", "term:win-rate"),
        ("https://w3id.org/salesops/concept/win-rate", "term:win-rate"),
        ("Win Rate", "term:win-rate"),
        ("xiaoshouloudou", "term:sales-funnel"),
        ("銷售漏斗", "term:sales-funnel"),
        ("销售招待", "term:sales-incentive"),
    ],
)
def test_show_takes_every_way_to_name_a_term(kg: Run, text: str, expected: str) -> None:
    done = kg("show", text)

    assert (0, expected) == (done.code, json.loads(done.out)["id"])


def test_show_in_both_languages(kg: Run) -> None:
    chinese = kg("show", "赢单率", "--format", "table").out
    english = kg("--lang", "en", "show", "赢单率", "--format", "table").out

    assert "赢单率  (Win rate (count))" in chinese
    assert "公式: 赢单数 ÷ (赢单数 + 丢单数)" in chinese
    assert "Formula: Won deals ÷ (Won deals + Lost deals)" in english
    assert "Direction: higher is better" in english


def test_the_other_readings_are_named_on_stderr(kg: Run) -> None:
    done = kg("show", "CRM")

    assert "term:crm" == json.loads(done.out)["id"]
    assert "term:crm-system" in done.err


def test_a_contradiction_is_shown_and_not_asserted(kg: Run) -> None:
    shown = json.loads(kg("show", "销售运营").out)

    opposed = [r for r in shown["relations"] if not r["asserted"]]
    assert ["r395", "r456"] == sorted(r["id"] for r in opposed)
    assert all("来源说法不一" in r["evidence"] for r in opposed)


def test_search_ranks_and_says_when_nothing_fits(kg: Run) -> None:
    hits = json.loads(kg("search", "xszhl").out)
    nothing = kg("search", "不存在的词")

    assert "term:sales-conversion-rate" in [hit["id"] for hit in hits[:2]]
    assert ([], 0) == (json.loads(nothing.out), nothing.code)
    assert "没有匹配的术语" in nothing.err


def test_neighbors_filters_by_source_and_strength(kg: Run) -> None:
    everything = json.loads(kg("neighbors", "销售预测").out)
    answer2 = json.loads(kg("neighbors", "销售预测", "--source", "answer2").out)
    stated = json.loads(kg("neighbors", "销售预测", "--strength", "stated").out)

    assert 0 < len(answer2) < len(everything)
    assert all("answer2" in r["sources"] for r in answer2)
    assert all(any(c["strength"] == "stated" for c in r["claims"]) for r in stated)
    assert len(stated) < len(everything)


def test_neighbors_grow_with_depth(kg: Run) -> None:
    depths = {
        depth: {
            r["id"] for r in json.loads(kg("neighbors", "SMART原则", "--depth", str(depth)).out)
        }
        for depth in (1, 2)
    }

    assert depths[1] < depths[2]


def test_trees_by_kind_part_and_driver(kg: Run) -> None:
    parts = json.loads(kg("tree", "SMART原则", "--by", "part").out)
    drivers = kg("tree", "sales-velocity", "--by", "driver", "--format", "table").out
    kinds = json.loads(kg("tree", "销售激励").out)

    assert 5 == len(parts["children"])
    assert "field:Opportunity.actual_amount" in drivers
    assert "term:sales-incentive-mechanism" in [child["id"] for child in kinds["children"]]


def test_impact_of_a_field_reaches_metrics(kg: Run) -> None:
    bare = json.loads(kg("impact", "Opportunity.actual_amount").out)
    curie = json.loads(kg("impact", "field:Opportunity.actual_amount").out)
    upstream = json.loads(kg("impact", "销售速度", "--upstream").out)

    assert bare == curie
    assert "term:sales-velocity" in [row["id"] for row in bare]
    assert "field:Opportunity.actual_amount" in [row["id"] for row in upstream]


@pytest.mark.parametrize("by", ["pagerank", "betweenness", "closeness", "degree", "eigenvector"])
def test_rank_lists_scores_in_order(kg: Run, by: str) -> None:
    rows = json.loads(kg("rank", "--by", by, "--limit", "5").out)

    scores = [row[by] for row in rows]
    assert 5 == len(rows)
    assert sorted(scores, reverse=True) == scores
    assert "term:sales-operations-terminology" not in [row["id"] for row in rows]


def test_rank_of_one_kind(kg: Run) -> None:
    rows = json.loads(kg("rank", "--kind", "Metric", "--limit", "10").out)

    assert {"Metric"} == {row["kind"] for row in rows}


def test_communities_are_the_same_each_time(kg: Run) -> None:
    first = kg("communities", PYTHONHASHSEED="1")
    second = kg("communities", PYTHONHASHSEED="2")

    assert first.out == second.out
    assert len(json.loads(first.out)) > 5


def test_csv_is_safe_for_a_spreadsheet(kg: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(kg("search", "率", "--format", "csv").out)))

    assert 20 == len(rows)
    assert {"id", "zh", "en", "tier"} == set(rows[0])


def test_output_goes_whole_into_a_file(kg: Run, tmp_path: object) -> None:
    done = kg("search", "漏斗", "-o", "hits.csv")

    assert (0, "") == (done.code, done.out)
    assert (tmp_path / "hits.csv").read_text(encoding="utf-8-sig").startswith("id,zh,en,tier")  # type: ignore[operator]


def test_unknown_and_ambiguous_terms_exit_with_three_and_candidates(kg: Run) -> None:
    unknown, tie = kg("show", "xiaoshou loudoux"), kg("show", "xszhl")

    assert (3, 3) == (unknown.code, tie.code)
    assert "term-unknown" in unknown.err
    assert "term:sales-funnel" in unknown.err
    assert "term:sales-conversion-rate" in tie.err
    assert "term:lead-conversion-rate" in tie.err
    assert "Traceback" not in unknown.err + tie.err


def test_no_path_is_told_with_a_way_out(kg: Run) -> None:
    done = kg("path", "PEST分析", "SWOT分析", "--source", "answer1")

    assert 3 == done.code
    assert "path-none" in done.err
    assert "--navigation" in done.err
    assert 0 == kg("path", "PEST分析", "SWOT分析", "--navigation").code
