"""Bad input, one fault at a time: each gives exactly the finding that names place and remedy."""

from __future__ import annotations

import csv
import io
import shutil
from typing import TYPE_CHECKING

import pytest

from kg.errors import SourceError, ValidationFailed
from kg.model import Finding, Place, Report
from kg.sources.checks import text_hash
from kg.sources.graph import Vocabulary, read_vocabulary
from kg.sources.rdf import read_rdf
from kg.sources.tables import read_tables

if TYPE_CHECKING:
    from pathlib import Path

FORECASTING = "concepts/forecasting.csv"
BOM = b"\xef\xbb\xbf"


@pytest.fixture(scope="module")
def words(root: Path) -> Vocabulary:
    """Return what the tables may use of the ontology."""
    return read_vocabulary(read_rdf(root / "ontology" / "sales-ops.ttl"))


@pytest.fixture
def data(root: Path, tmp_path: Path) -> Path:
    """Return a copy of data/ that may be spoilt."""
    return shutil.copytree(root / "data", tmp_path / "data")


def _findings(data: Path, words: Vocabulary) -> list[Finding]:
    tables = read_tables(data, predicates=words.predicates, kinds=words.classes)
    return list(Report.of(tables.findings).findings)


def _spoil(path: Path, old: str, new: str) -> int:
    """Put `new` in the place of `old`, which must stand there once; return its row."""
    text = path.read_text(encoding="utf-8")
    assert 1 == text.count(old), f"{text.count(old)} times: {old}"
    path.write_text(text.replace(old, new), encoding="utf-8", newline="")
    return text[: text.index(old)].count("\n") + 1


def _append(path: Path, *cells: str, **named: str) -> int:
    """Add a row: its first cells in order, then others by column name; return its number."""
    text = path.read_text(encoding="utf-8")
    header = next(csv.reader(io.StringIO(text)))
    row = [*cells, *[""] * (len(header) - len(cells))]
    for name, value in named.items():
        row[header.index(name)] = value
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(row)
    path.write_text(text + out.getvalue(), encoding="utf-8", newline="")
    return len(text.splitlines()) + 1


def _put(path: Path, key: str, **cells: str) -> int:
    """Write cells of the row whose first cell is `key`; return its number."""
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    number = next(n for n, row in enumerate(rows) if row[0] == key)
    for name, value in cells.items():
        rows[number][rows[0].index(name)] = value
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    path.write_text(out.getvalue(), encoding="utf-8", newline="")
    return number + 1


def _row_of(path: Path, start: str) -> int:
    lines = path.read_text(encoding="utf-8").split("\n")
    return next(n for n, line in enumerate(lines, 1) if line.startswith(start))


def _told(finding: Finding) -> tuple[str, str, Place | None]:
    return finding.rule, finding.level, finding.place


def _is_plain(finding: Finding) -> bool:
    """Return whether both languages say what and what to do, in their own words."""
    texts = [finding.message("zh"), finding.remedy("zh")]
    english = [finding.message("en"), finding.remedy("en")]
    chinese = all(any("\u4e00" <= sign <= "\u9fff" for sign in text) for text in texts)
    return chinese and all(english) and "{" not in "".join((*texts, *english))


def test_the_data_as_it_is_has_no_fault(data: Path, words: Vocabulary) -> None:
    assert [] == _findings(data, words)


# (file, what stands there, what is put in its place, rule, column, words en, words zh)
CELLS = [
    # a column of the wrong name, and one that is missing
    (
        FORECASTING,
        "id,kind,class,tier,zh,en,alt_zh,",
        "id,kind,class,tier,zh,en,alias_zh,",
        "table-column",
        None,
        ("no column 'alias_zh'", "did you mean: alt_zh"),
        ("没有名为“alias_zh”的列", "是否要写:alt_zh"),
    ),
    (
        "relations.csv",
        "id,subject,predicate,object",
        "id,subject,predicate,predicate",
        "table-column-twice",
        None,
        ("'predicate' stands twice", "remove one"),
        ("“predicate”这一列出现了两次", "删除其中一列"),
    ),
    # a name that is not there
    (
        "relations.csv",
        "r126,crm-system,feeds,sales-forecast",
        "r126,crm-system,feedz,sales-forecast",
        "predicate-unknown",
        "predicate",
        ("no kind of relation 'feedz'", "did you mean: feeds"),
        ("没有这种关系(谓词):“feedz”", "是否要写:feeds"),
    ),
    (
        "relations.csv",
        "r126,crm-system,feeds,sales-forecast",
        "r126,crm-system,feeds,sales-forcast",
        "dangling-term",
        "object",
        ("no term 'sales-forcast'", "did you mean: sales-forecast"),
        ("没有这个术语:“sales-forcast”", "是否要写:sales-forecast"),
    ),
    (
        FORECASTING,
        "sales-forecast,Process,,core,",
        "sales-forecast,Proces,,core,",
        "kind-unknown",
        "kind",
        ("no kind of term 'Proces'", "did you mean: Process"),
        ("没有这种术语类别:“Proces”", "是否要写:Process"),
    ),
    (
        FORECASTING,
        "sales-forecast,Process,,core,",
        "sales-forecast,Process,,important,",
        "dangling-term",
        "tier",
        ("no tier 'important'", "did you mean: supporting"),
        ("没有这个层级:“important”", "是否要写:supporting"),
    ),
    (
        "claims.csv",
        "r126,a1.4.1,",
        "r126,a9.4.1,",
        "dangling-term",
        "passage",
        ("no passage 'a9.4.1'", "a1.4.1"),
        ("没有这个段落:“a9.4.1”", "a1.4.1"),
    ),
    # labels
    (
        FORECASTING,
        ",销售预测,Sales forecast,",
        ",,Sales forecast,",
        "label-missing",
        "zh",
        ("sales-forecast has no Chinese name", "one name in Chinese (zh)"),
        ("sales-forecast 缺少中文名称", "中文名称(zh)"),
    ),
    (
        FORECASTING,
        ",销售预测,Sales forecast,",
        ",销售预测,,",
        "label-missing",
        "en",
        ("sales-forecast has no English name", "one in English (en)"),
        ("sales-forecast 缺少英文名称", "英文名称(en)"),
    ),
    # what a spreadsheet does
    (
        FORECASTING,
        ",销售预测,Sales forecast,",
        ",销售\u200b预测,Sales forecast,",
        "cell-invisible",
        "zh",
        ("U+200B", "type the cell anew"),
        ("看不见的字符(U+200B)", "重新输入"),
    ),
    (
        "passages.csv",
        "a1.0.1,1,answer 1 intro ¶1,8",
        "a1.0.1,1,answer 1 intro ¶1,8-Jan",
        "cell-integer",
        "line",
        ("'8-Jan' is not a whole number", "a date"),
        ("“8-Jan”不是整数", "日期"),
    ),
    (
        "passages.csv",
        "a1.0.1,1,answer 1 intro ¶1,8",
        "a1.0.1,1,answer 1 intro ¶1,²",
        "cell-integer",
        "line",
        ("'²' is not a whole number", "digits"),
        ("“²”不是整数", "数字"),
    ),
    (
        "measures.csv",
        "Number of leads created in the period.,lead,scalar,",
        "Number of leads created in the period.,lead,scaler,",
        "cell-value",
        "shape",
        ("'scaler' is not allowed here; allowed: scalar, list", "one of the allowed"),
        ("不能填“scaler”;可以填:scalar, list", "可以填的值"),
    ),
    (
        "measures.csv",
        "Number of leads created in the period.,lead,scalar,",
        "Number of leads created in the period.,lead/,scalar,",
        "dangling-term",
        "unit",
        ("no unit ''", "check the spelling"),
        ("没有这个单位:“”", "检查拼写"),
    ),
    # formulas
    (
        "metrics.csv",
        "lead-contact-rate,leads_contacted / leads_created,",
        "lead-contact-rate,leads_contacted / (leads_created,",
        "formula-syntax",
        "formula",
        ("formula of lead-contact-rate is wrong: a sign or a bracket is missing", "sum()"),
        ("lead-contact-rate 的公式有误:缺少或多出符号、括号", "sum()"),
    ),
    (
        "metrics.csv",
        "lead-contact-rate,leads_contacted / leads_created,",
        "lead-contact-rate,leads_contacted ** 9 / leads_created,",
        "formula-syntax",
        "formula",
        ("'leads_contacted ** 9' is not allowed", "** 2"),
        ("不允许使用“leads_contacted ** 9”", "** 2"),
    ),
    (
        "metrics.csv",
        "lead-contact-rate,leads_contacted / leads_created,",
        "lead-contact-rate,leads_contacted / leads_creatd,",
        "formula-name",
        "formula",
        ("reads 'leads_creatd'", "did you mean: leads_created"),
        ("用到“leads_creatd”", "是否要写:leads_created"),
    ),
    (
        "metrics.csv",
        "lead-contact-rate,leads_contacted / leads_created,",
        "lead-contact-rate,leads_contacted / leads_created * lead_contact_rate,",
        "formula-circle",
        "formula",
        ("needs its own result: lead-contact-rate → lead-contact-rate", "base measures"),
        ("循环引用了自身:lead-contact-rate → lead-contact-rate", "基础度量"),
    ),
    # rows and cells that do not go together
    (
        FORECASTING,
        "Sales prediction | Forecast,,,sales-operations,topicOf,",
        "Sales prediction | Forecast,,,sales-operations,,",
        "parent-half",
        "parent_relation",
        ("sales-forecast must have both parent and parent_relation", "topicOf"),
        ("parent 和 parent_relation 要么都填", "topicOf"),
    ),
    (
        "claims.csv",
        "r126,a1.4.1,1,implied,low,meaning,,,",
        "r126,a1.4.1,1,product,low,meaning,,,",
        "claim-source",
        "passage",
        ("'a1.4.1' and the strength 'product' do not go together", "stated or implied"),
        ("段落“a1.4.1”与强度“product”不匹配", "stated 或 implied"),
    ),
    (
        "passages.csv",
        "a1.1.1,1,",
        "a1.1.1,2,",
        "passage-code",
        "code",
        ("'a1.1.1' does not begin with its answer, 'a2'", "a1.2.1"),
        ("段落“a1.1.1”应以它所在的回答“a2”开头", "a1.2.1"),
    ),
    (
        "units.csv",
        "http://qudt.org/vocab/unit/DAY",
        "qudt DAY",
        "cell-iri",
        "see_also",
        ("'qudt DAY' is not a web address", "https://"),
        ("“qudt DAY”不是网址", "https://"),
    ),
]


@pytest.mark.parametrize(
    ("name", "old", "new", "rule", "column", "english", "chinese"),
    CELLS,
    ids=[f"{row[3]}-{row[4]}-{n}" for n, row in enumerate(CELLS)],
)
def test_a_fault_of_a_cell_names_file_row_and_column(  # noqa: PLR0913, PLR0917 - a row of CELLS
    data: Path,
    words: Vocabulary,
    name: str,
    old: str,
    new: str,
    rule: str,
    column: str | None,
    english: tuple[str, str],
    chinese: tuple[str, str],
) -> None:
    row = _spoil(data / name, old, new)
    level = "warning" if rule == "cell-invisible" else "error"
    finding = next(f for f in _findings(data, words) if f.rule == rule)

    assert (rule, level, Place(f"data/{name}", row, column)) == _told(finding)
    assert _is_plain(finding)
    for lang, (message, remedy) in (("en", english), ("zh", chinese)):
        assert message in finding.message(lang)
        assert remedy in finding.remedy(lang)


@pytest.mark.parametrize(
    "row", [row for row in CELLS if row[3] not in ("table-column", "table-column-twice")]
)
def test_one_fault_gives_one_finding(
    data: Path, words: Vocabulary, row: tuple[str, str, str, str, str, object, object]
) -> None:
    """A fault must not bring others along that hide it."""
    _spoil(data / row[0], row[1], row[2])

    assert [row[3]] == [finding.rule for finding in _findings(data, words)]


def test_a_missing_column_is_one_finding_however_many_rows(data: Path, words: Vocabulary) -> None:
    table = data / "stages.csv"
    rows = [line.split(",") for line in table.read_text(encoding="utf-8").splitlines()]
    table.write_text("".join(f"{a},{c}\n" for a, _, c in rows), encoding="utf-8", newline="")

    assert [("table-column-missing", "error", Place("data/stages.csv", 1))] == [
        _told(f) for f in _findings(data, words)
    ]
    assert "the column 'position' is missing" == _findings(data, words)[0].message("en")
    assert "缺少“position”这一列" == _findings(data, words)[0].message("zh")


# -- rows that meet
def test_an_id_that_is_used_twice_names_both_places(data: Path, words: Vocabulary) -> None:
    """Over two files: an id belongs to the whole graph."""
    path = data / "concepts" / "kpi-performance.csv"
    first = _row_of(data / FORECASTING, "sales-forecast,")
    row = _append(path, "sales-forecast", "Process", "", "core", "预测二", "Forecast two")
    finding = _findings(data, words)[0]

    assert (
        "duplicate-id",
        "error",
        Place("data/concepts/kpi-performance.csv", row, "id"),
    ) == _told(finding)
    assert f"first at data/{FORECASTING}:{first}" in finding.message("en")
    assert f"第一次出现在 data/{FORECASTING} 第 {first} 行" in finding.message("zh")
    assert "id of its own" in finding.remedy("en")


@pytest.mark.parametrize(
    ("label", "lang"), [("销售预测", "zh"), ("Sales Forecast", "en"), ("sales forecast", "en")]
)
def test_a_name_that_is_used_twice_names_both_places(
    data: Path, words: Vocabulary, label: str, lang: str
) -> None:
    """Capitals and full-width letters make no other name."""
    path = data / "concepts" / "kpi-performance.csv"
    zh, en = (label, "Second") if lang == "zh" else ("第二个", label)
    row = _append(path, "second-forecast", "Process", "", "core", zh, en)
    findings = _findings(data, words)
    places = {FORECASTING: _row_of(data / FORECASTING, "sales-forecast,")}

    assert ["duplicate-label"] == [finding.rule for finding in findings]
    assert {f"data/{FORECASTING}", "data/concepts/kpi-performance.csv"} == {
        findings[0].place.path,  # type: ignore[union-attr]
        findings[0].message("en").rpartition("first at ")[2].partition(":")[0],
    }
    assert lang == findings[0].place.column  # type: ignore[union-attr]
    assert {row, *places.values()} >= {findings[0].place.row}  # type: ignore[union-attr]
    assert "alt label" in findings[0].remedy("en")
    assert "别名列(alt)" in findings[0].remedy("zh")


def test_a_relation_on_the_list_of_rejected_ones_says_why(data: Path, words: Vocabulary) -> None:
    row = _append(data / "relations.csv", "r999", "kpi", "measures", "sales-attainment-rate")
    _append(data / "claims.csv", "r999", "a1.2.1", "1", "stated")
    findings = _findings(data, words)

    assert [("relation-rejected", "error", Place("data/relations.csv", row))] == [
        _told(f) for f in findings
    ]
    assert "the passage speaks of the state of attainment" in findings[0].message("en")
    assert "不成立" in findings[0].message("zh")
    assert "data/rejected.csv" in findings[0].remedy("zh")


def test_a_relation_of_our_own_may_stand_though_the_source_does_not_say_it(
    data: Path, words: Vocabulary
) -> None:
    _append(data / "relations.csv", "x9999", "kpi", "measures", "sales-attainment-rate")
    _append(data / "claims.csv", "x9999", "product", "", "product")

    assert [] == _findings(data, words)


@pytest.mark.parametrize(
    ("name", "line", "rules"),
    [
        ("relations.csv", "r998,crm,uses,crm-system", ["relation-twice", "relation-unclaimed"]),
        ("relations.csv", "r998,crm,uses,crm", ["relation-self", "relation-unclaimed"]),
        ("relations.csv", "r998,crm,uses,erp-software", ["dangling-term", "relation-unclaimed"]),
        ("claims.csv", "r126,a1.4.1,1,implied,low,meaning,,,,,,", ["row-twice"]),
        ("stages.csv", "funnel-model-answer1,1,stage-interest", ["row-twice"]),
        ("field_alignments.csv", "Opportunity.amount,cdm,Other,,,,no", ["row-twice"]),
        ("alignments.csv", "so:Metric,closeMatch,urn:x,KPIOnto,no,,", ["cell-iri"]),
        ("permitted.csv", "owner-missing,term:kpi,,On purpose.", ["cell-required"]),
        ("relations.csv", "R 1,crm,uses,crm-system,", ["table-row"]),
        ("relations.csv", "R 1,crm,uses,sales-team", ["cell-id", "relation-unclaimed"]),
        ("stages.csv", "crm,99,stage-\x01interest", ["cell-value"]),
        ("release.csv", "kpi,abc,1.0,2026-02-30", ["cell-value"]),
    ],
)
def test_a_row_that_does_not_fit_is_found(
    data: Path, words: Vocabulary, name: str, line: str, rules: list[str]
) -> None:
    with (data / name).open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    row = len((data / name).read_text(encoding="utf-8").splitlines())
    findings = _findings(data, words)

    assert rules == [finding.rule for finding in findings]
    assert {(f"data/{name}", row)} == {(f.place.path, f.place.row) for f in findings if f.place}
    assert all(map(_is_plain, findings))


# -- what is measured, compared, mapped and translated
# (file, first cell of the row, cells that are changed, rule, column, words en, words zh)
MEASURED = [
    (
        "metrics.csv",
        "lead-contact-rate",
        {"unit": "money"},
        "formula-unit",
        "unit",
        ("unit of lead-contact-rate is wrong: ratio, not money", "only like ones are added"),
        ("lead-contact-rate 的单位有误:ratio,而不是 money", "相同单位才能相加减"),
    ),
    (
        "metrics.csv",
        "lead-contact-rate",
        {"formula": "leads_contacted / (leads_created + won_deals)"},
        "formula-unit",
        "formula",
        ("lead and deal cannot be added", "correct the unit, or the formula"),
        ("lead 与 deal 不能相加减", "改正单位或公式"),
    ),
    (
        "units.csv",
        "hour",
        {"definition": "24 per day"},
        "unit-definition",
        "definition",
        ("'24 per day' is no unit", "base unit * or / number"),
        ("“24 per day”不是单位", "基本单位 * 或 / 数字"),
    ),
    (
        "measures.csv",
        "won_deals",
        {"filter": "read_csv('x')"},
        "measure-expression",
        "filter",
        ("'READ_CSV('x')' is not allowed", "Object.field"),
        ("不允许使用“READ_CSV('x')”", "对象.字段"),
    ),
    (
        "measures.csv",
        "won_deals",
        {"filter": "is_won"},
        "measure-expression",
        "filter",
        ("write 'is_won' as Object.field", "see data/README.md"),
        ("请把“is_won”写成 对象.字段", "data/README.md"),
    ),
    (
        "measures.csv",
        "won_deals",
        {"filter": "Opportunity.is_won AND Opportunity.closed_at < $today"},
        "measure-parameter",
        "filter",
        ("uses the parameter $today, which is not declared", "data/parameters.csv"),
        ("使用了未声明的参数 $today", "data/parameters.csv"),
    ),
    (
        "measures.csv",
        "won_deals",
        {"fields": "Opportunity.closed_at"},
        "measure-fields",
        "fields",
        ("reads 'Opportunity.is_won', which its list of fields lacks", "column fields"),
        ("读取了“Opportunity.is_won”", "fields 列"),
    ),
    (
        "measures.csv",
        "won_deals",
        {"fields": "Opportunity.closed_at | Opportunity.is_won | Lead.id"},
        "measure-fields-idle",
        "fields",
        ("lists the field 'Lead.id', which nothing of it reads", "remove it"),
        ("字段列表中有“Lead.id”", "删除"),
    ),
    (
        "measures.csv",
        "won_deals",
        {"filter": "Opportunity.is_won AND EXISTS (SELECT 1 FROM '/etc/passwd')"},
        "measure-object",
        "filter",
        ("won_deals reads '/etc/passwd', which is no CRM object", "data/objects.csv"),
        ("won_deals 读取“/etc/passwd”,但没有这个 CRM 对象", "data/objects.csv"),
    ),
    (
        "measures.csv",
        "won_deals",
        {
            "filter": "Opportunity.is_won AND Account.id = 'KA'",
            "fields": "Opportunity.closed_at | Opportunity.is_won | Account.id",
        },
        "measure-join",
        "via",
        ("names 'Account', which its object does not reach", "list in via"),
        ("用到“Account”,但统计对象关联不到它", "via 列"),
    ),
    (
        "measures.csv",
        "won_deals",
        {"aggregate": "sum"},
        "measure-shape-parts",
        "column",
        ("'column' of won_deals is empty", "another aggregate or basis"),
        ("won_deals 的“column”没有填写", "改用其他聚合方式"),
    ),
    (
        "measures.csv",
        "won_deals",
        {"shape": "list"},
        "measure-list",
        "aggregate",
        ("won_deals is of shape list", "shape list goes with aggregate list"),
        ("won_deals 的形状是 list", "聚合方式 list"),
    ),
    (
        "fields.csv",
        "Lead.quality",
        {"object": "Account"},
        "field-object",
        "object",
        ("the field Lead.quality does not belong to the object Account", "before the point"),
        ("字段 Lead.quality 不属于对象 Account", "点号前面"),
    ),
    (
        "fields.csv",
        "Opportunity.amount",
        {"refers": "Account"},
        "field-reference",
        "refers",
        ("Opportunity.amount is of type decimal", "fill or clear the cell refers"),
        ("Opportunity.amount 的类型是 decimal", "refers 单元格"),
    ),
    (
        "variants.csv",
        "acv-without-one-off",
        {"default": ""},
        "variant-default",
        "default",
        ("acv has 0 default variants, and needs one", "write yes"),
        ("acv 有 0 个默认口径", "写 yes"),
    ),
    (
        "variants.csv",
        "acv-with-one-off",
        {"default": "yes", "formula": "(contract_value - one_off_fees) / contract_years"},
        "variant-default",
        "default",
        ("acv has 2 default variants", "write yes"),
        ("acv 有 2 个默认口径", "其余留空"),
    ),
    (
        "variants.csv",
        "acv-without-one-off",
        {"formula": "contract_value / contract_years"},
        "variant-formula",
        "formula",
        ("its formula is not that of the metric", "here or in data/metrics.csv"),
        ("公式与指标不一致", "data/metrics.csv"),
    ),
    (
        "variants.csv",
        "acv-with-one-off",
        {"formula": "contract_value * won_deals"},
        "formula-unit",
        "formula",
        ("deal*money, not money", "correct the unit, or the formula"),
        ("deal*money,而不是 money", "改正单位或公式"),
    ),
    (
        "alignments.csv",
        "measure:won_amount",
        {"subject": "measure:won_amont"},
        "alignment-subject",
        "subject",
        ("'measure:won_amont' names nothing of this graph", "term:, so:, measure:"),
        ("“measure:won_amont”不是本图谱中的内容", "term:、so:、measure:"),
    ),
    (
        "alignments.csv",
        "measure:won_amount",
        {"subject": "page:won_amount"},
        "alignment-subject",
        "subject",
        ("'page:won_amount' names nothing", "and an id"),
        ("“page:won_amount”", "加 id"),
    ),
]


@pytest.mark.parametrize(
    ("name", "key", "cells", "rule", "column", "english", "chinese"),
    MEASURED,
    ids=[f"{row[3]}-{n}" for n, row in enumerate(MEASURED)],
)
def test_a_fault_of_what_is_measured_is_one_finding_in_its_place(  # noqa: PLR0913, PLR0917 - a row
    data: Path,
    words: Vocabulary,
    name: str,
    key: str,
    cells: dict[str, str],
    rule: str,
    column: str,
    english: tuple[str, str],
    chinese: tuple[str, str],
) -> None:
    row = _put(data / name, key, **cells)
    findings = _findings(data, words)

    assert [rule] == [finding.rule for finding in findings]
    assert (rule, "error", Place(f"data/{name}", row, column)) == _told(findings[0])
    assert _is_plain(findings[0])
    for lang, (message, remedy) in (("en", english), ("zh", chinese)):
        assert message in findings[0].message(lang)
        assert remedy in findings[0].remedy(lang)


def test_a_set_of_look_alikes_needs_two_terms(data: Path, words: Vocabulary) -> None:
    row = _append(data / "lookalikes.csv", "trial", "试验组", "Trial set", "怎样?", "How?")
    findings = _findings(data, words)
    _append(data / "lookalike_members.csv", "trial", "kpi", "甲", "A", "说明。", "It is A.")
    one = _findings(data, words)
    _append(data / "lookalike_members.csv", "trial", "crm", "乙", "B", "说明。", "It is B.")

    assert [("lookalike-members", "error", Place("data/lookalikes.csv", row, "id"))] == [
        _told(f) for f in findings
    ]
    assert "compares 0 term" in findings[0].message("en")
    assert "只有 1 个术语" in one[0].message("zh")
    assert [] == _findings(data, words)


def test_a_translation_is_stale_once_the_chinese_changed(data: Path, words: Vocabulary) -> None:
    """And unread where nobody recorded it, once anybody has recorded something."""
    table = data / "translations.csv"
    rows = {
        row["id"]: row["definition_zh"]
        for file in (data / "concepts").glob("*.csv")
        for row in csv.DictReader(io.StringIO(file.read_text(encoding="utf-8")))
        if row["definition_zh"] and row["definition_en"]
    }
    lines = [f"{name},{text_hash(text)}\n" for name, text in sorted(rows.items())]
    table.write_text("concept,hash\n" + "".join(lines), encoding="utf-8")
    before = _findings(data, words)
    row = _put(data / FORECASTING, "sales-forecast", definition_zh="对未来销售所作的另一种估计。")
    stale = _findings(data, words)
    kept = [line for line in lines if not line.startswith("sales-forecast,")]
    table.write_text("concept,hash\n" + "".join(kept), encoding="utf-8")
    unread = _findings(data, words)
    place = Place(f"data/{FORECASTING}", row, "definition_en")

    assert [] == before
    assert [("translation-stale", "warning", place)] == [_told(f) for f in stale]
    assert [("translation-unread", "warning", place)] == [_told(f) for f in unread]
    assert all("kg build --translated" in f.remedy("zh") for f in (*stale, *unread))


# -- files as programs save them
def test_a_gb18030_file_is_read_with_a_warning(data: Path, words: Vocabulary) -> None:
    path = data / FORECASTING
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))
    findings = _findings(data, words)

    assert [("table-encoding", "warning", Place(f"data/{FORECASTING}"))] == [
        _told(f) for f in findings
    ]
    assert "CSV UTF-8" in findings[0].remedy("zh")


def test_a_byte_order_mark_is_skipped_and_told(data: Path, words: Vocabulary) -> None:
    path = data / FORECASTING
    path.write_bytes(BOM + path.read_bytes())

    assert [("table-bom", "info", Place(f"data/{FORECASTING}"))] == [
        _told(f) for f in _findings(data, words)
    ]


def test_line_ends_of_windows_change_nothing(data: Path, words: Vocabulary) -> None:
    for path in data.rglob("*.csv"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))

    assert [] == _findings(data, words)


@pytest.mark.parametrize("sign", [";", "\t"])
def test_other_separators_are_told_and_not_taken_for_columns(
    data: Path, words: Vocabulary, sign: str
) -> None:
    path = data / "stages.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",", sign), encoding="utf-8")
    finding = _findings(data, words)[0]

    assert ("table-delimiter", "error", Place("data/stages.csv", 1)) == _told(finding)
    assert "不是逗号" in finding.message("zh").replace("而", "")


@pytest.mark.parametrize(
    ("content", "rule", "row"),
    [
        (b"", "table-empty", None),
        (b"\n\n", "table-empty", None),
        (b"\xff\xfe\x00", "table-bytes", None),
        (b"PK\x03\x04\x8f\xff workbook", "table-bytes", None),
        (b"model,position,stage\na,b\n", "table-row", 2),
        (b'model,position,stage\na,1,b\n"c,2,d\ne,3,f\n', "table-syntax", 3),
        (b'model,position,stage\n"a"x,1,b\n', "table-syntax", 2),
    ],
)
def test_a_file_that_is_no_table_is_told_so(
    data: Path, words: Vocabulary, content: bytes, rule: str, row: int | None
) -> None:
    (data / "stages.csv").write_bytes(content)
    finding = next(f for f in _findings(data, words) if f.rule == rule)

    assert (rule, "error", Place("data/stages.csv", row)) == _told(finding)
    assert _is_plain(finding)


def test_an_open_quotation_mark_is_told_in_plain_words(data: Path, words: Vocabulary) -> None:
    """At the row where it was opened, though the reader runs to the end of the file."""
    row = _spoil(
        data / FORECASTING,
        "market-expert,Role,,context,市场专家",
        'market-expert,Role,,context,"市场专家',
    )
    finding = next(f for f in _findings(data, words) if f.rule == "table-syntax")

    assert row == finding.place.row  # type: ignore[union-attr]
    assert "a quotation mark is not closed" in finding.message("en")
    assert "双引号没有成对出现" in finding.message("zh")


@pytest.mark.parametrize("name", ["relations.csv", "concepts", "metrics.csv"])
def test_a_missing_table_is_told(data: Path, words: Vocabulary, name: str) -> None:
    path = data / name
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    finding = next(f for f in _findings(data, words) if f.rule == "table-missing")

    assert Place(f"data/{name}") == finding.place
    assert "缺少这张表" == finding.message("zh")


def test_a_folder_in_the_place_of_a_table_is_told(data: Path, words: Vocabulary) -> None:
    (data / "stages.csv").unlink()
    (data / "stages.csv").mkdir()
    finding = _findings(data, words)[0]

    assert ("table-unreadable", "error", Place("data/stages.csv")) == _told(finding)


def test_a_file_of_terms_without_its_topic_is_told(data: Path, words: Vocabulary) -> None:
    (data / FORECASTING).rename(data / "concepts" / "forecast ing.csv")
    finding = next(f for f in _findings(data, words) if f.rule == "topic-unknown")

    assert Place("data/concepts/forecast ing.csv", 2) == finding.place
    assert "forecasting" in finding.remedy("zh")


def test_all_faults_are_told_at_once(data: Path, words: Vocabulary) -> None:
    """Nobody should have to build once for each of them."""
    _spoil(data / "relations.csv", "r126,crm-system,feeds", "r126,crm-systm,feedz")
    _spoil(data / FORECASTING, ",销售预测,Sales forecast,", ",,Sales forecast,")
    (data / "stages.csv").write_bytes(BOM + (data / "stages.csv").read_bytes())

    assert [
        ("label-missing", "error"),
        ("dangling-term", "error"),
        ("predicate-unknown", "error"),
        ("table-bom", "info"),
    ] == [(f.rule, f.level) for f in _findings(data, words)]


def test_errors_stop_the_work_and_warnings_do_not(data: Path, words: Vocabulary) -> None:
    path = data / FORECASTING
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))
    report = Report.of(_findings(data, words))
    report.raise_for_errors()
    _spoil(data / "relations.csv", "r126,crm-system,feeds", "r126,crm-systm,feeds")
    with pytest.raises(ValidationFailed) as caught:
        Report.of(_findings(data, words)).raise_for_errors()

    assert 1 == caught.value.count


# -- the ontology
@pytest.mark.parametrize(
    ("old", "new", "chinese"),
    [
        ("so:Term a owl:Class ;", "so:Term a owl:Class", "句点"),
        ("so:Term a owl:Class ;", "so:Term a nope:Class ;", "前缀 nope: 没有声明"),
        ('rdfs:label "术语"@zh', 'rdfs:label "术语@zh', "不能作主语"),
        ('rdfs:label "术语"@zh', 'rdfs:label "术语\n"@zh', "不是有效的 turtle"),
    ],
)
def test_malformed_turtle_names_file_line_and_column(
    root: Path, tmp_path: Path, old: str, new: str, chinese: str
) -> None:
    path = tmp_path / "sales-ops.ttl"
    path.write_bytes((root / "ontology" / "sales-ops.ttl").read_bytes())
    row = _spoil(path, old, new)
    with pytest.raises(SourceError) as caught:
        list(read_rdf(path))
    error = caught.value

    assert ("source-syntax", path, row) == (error.code, error.path, error.line)
    assert int(str(error.column)) > 1
    assert chinese in error.text("zh")
    assert f"{path} 第 {row} 行" in error.text("zh")
