"""The mapping sheet: read a list of fields, suggest, fill, and take the rows back."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg import vocab as v
from kg.errors import ExportError, SourceError
from kg.exports import OWN_SYSTEM, export
from kg.exports.fieldlists import ALIGNMENT, read_fields, read_sheet, suggest
from kg.exports.selection import ForeignField
from kg.model import CrmField, CrmObject, FieldName, Glossary, Text
from kg.sources.grammar import TABLES

if TYPE_CHECKING:
    from pathlib import Path

    from kg.store import Store

LIST = """\
对象,字段标识,字段标签,字段类型
商机,field_amt__c,预计金额,数字
商机,sales_stage,销售阶段,单选
商机,CloseDate,结单日期,日期
线索,source,线索来源,单选
线索,create_time,创建时间,日期
客户,hobby,爱好,文本
"""


def written(store: Store, **options: object) -> bytes:
    out = io.BytesIO()
    export(store, "field-mapping", out, **options)  # type: ignore[arg-type]
    return out.getvalue()


def rows(data: bytes) -> list[dict[str, str]]:
    text = data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.fixture
def fields(tmp_path: Path) -> Path:
    path = tmp_path / "字段 清单.csv"
    path.write_bytes(LIST.encode("gb18030"))
    return path


# -- reading a list of fields


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_separators_are_found_out(encoding: str, separator: str) -> None:
    found = read_fields(LIST.replace(",", separator).encode(encoding), "a.csv")

    assert ForeignField("field_amt__c", "预计金额", "商机", "数字") == found[0]
    assert 6 == len(found)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("Field Label,API Name,Data Type", ForeignField("b", "a", "", "c")),
        ("Label,Field Name,Object", ForeignField("b", "a", "c")),
        ("显示名称,字段名,所属对象", ForeignField("b", "a", "c")),
        ("字段名称,字段编码,类型", ForeignField("b", "a", "", "c")),
        ("Display Name,Logical Name,Entity Name", ForeignField("b", "a", "c")),
        ("MasterLabel,QualifiedApiName,x", ForeignField("b", "a")),
        ("字段名,x,y", ForeignField("a")),
        ("标签,x,y", ForeignField("", "a")),
    ],
)
def test_headings_of_many_systems_are_known(head: str, expected: ForeignField) -> None:
    assert (expected,) == read_fields(f"{head}\na,b,c\n".encode(), "a.csv")


def test_titles_above_the_headings_do_not_matter() -> None:
    assert read_fields(LIST.encode(), "a.csv") == read_fields(
        f"字段清单,,,\n导出人:张三,,,\n{LIST}".encode(), "a.csv"
    )


def test_a_field_listed_twice_is_there_once() -> None:
    assert 1 == len(read_fields(b"API Name,Label\na,b\na,b\n\n", "a.csv"))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"colour,size\nred,1\n", "source-syntax"),
        (b"", "source-syntax"),
        (b"\x81\xff\xff\x00", "source-encoding"),
        (b"\xff\xfe\x00", "source-encoding"),
        (b"API Name\n" + b"x" * 200_000, "source-syntax"),
        (b"API Name\n" + b"\n".join(b"f%d" % n for n in range(20_001)), "source-syntax"),
        (b" " * (16 * 1024 * 1024 + 1), "source-syntax"),
    ],
)
def test_what_is_no_list_of_fields_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(SourceError) as caught:
        read_fields(data, "a.csv")

    assert (code, "a.csv") == (caught.value.code, caught.value.path)


def test_the_headings_that_were_found_are_named() -> None:
    with pytest.raises(SourceError) as caught:
        read_fields("颜色,尺寸\n红,1\n".encode(), "a.csv")

    assert "颜色, 尺寸" in str(caught.value)
    assert "字段标识" in caught.value.text("zh")


# -- suggesting


def small() -> Glossary:
    deal, lead = (
        CrmObject(v.OBJECT + name, (Text(zh, "zh"), Text(name, "en")), ())
        for name, zh in (("Opportunity", "商机"), ("Lead", "线索"))
    )
    known = (FieldName("salesforce", "Opportunity.Amount", (Text("Amount", "en"),)),)
    made = [
        CrmField(v.FIELD + "Opportunity.value", (Text("金额", "zh"),), (), deal.iri, "decimal"),
        CrmField(v.FIELD + "Lead.created_at", (Text("创建时间", "zh"),), (), lead.iri, "datetime"),
        CrmField(
            v.FIELD + "Opportunity.created_at", (Text("创建时间", "zh"),), (), deal.iri, "datetime"
        ),
    ]
    made[0] = CrmField(made[0].iri, made[0].labels, (), deal.iri, "decimal", names=known)
    things = {thing.iri: thing for thing in (deal, lead)}
    return Glossary({}, (), {}, (), fields={f.iri: f for f in made}, objects=things)


def matches(*foreign: ForeignField) -> dict[str, str]:
    return {s.field.removeprefix(v.FIELD): s.foreign.name for s in suggest(small(), foreign)}


def test_the_object_decides_between_equal_fields() -> None:
    assert {"Opportunity.created_at": "商机.a", "Lead.created_at": "线索.b"} == matches(
        ForeignField("a", "创建时间", "商机"), ForeignField("b", "创建时间", "线索")
    )


def test_names_of_other_systems_count_too() -> None:
    assert {"Opportunity.value": "Amount__c"} == matches(ForeignField("Amount__c"))


def test_humps_and_underscores_are_the_same_words() -> None:
    assert {"Lead.created_at": "Lead.CreatedAt"} == matches(
        ForeignField("CreatedAt", object="Lead")
    )


def test_what_fits_nowhere_gets_no_suggestion() -> None:
    assert {} == matches(ForeignField("hobby", "爱好", "客户"), ForeignField("???"))


def test_a_known_object_rules_the_others_out() -> None:
    """A field of a lead is never taken for one of a deal."""
    assert {} == matches(ForeignField("金额", object="线索"))


texts = st.text(max_size=12)


@given(st.lists(st.builds(ForeignField, texts, texts, texts), max_size=8))
def test_each_field_serves_once(foreign: list[ForeignField]) -> None:
    found = suggest(small(), foreign)

    assert len(found) == len({s.field for s in found})
    assert all(0 < s.score <= 100 for s in found)


def test_without_fields_there_is_nothing_to_suggest() -> None:
    assert () == suggest(Glossary({}, (), {}, ()), [ForeignField("a")])
    assert () == suggest(small(), [])


# -- the sheet


def test_the_last_columns_are_those_of_the_table(store: Store) -> None:
    table = tuple(column.name for column in TABLES["field_alignments"].columns)
    heads = tuple(rows(written(store, syntax="csv"))[0])

    assert table == ALIGNMENT == heads[-7:]
    assert table == tuple(rows(written(store, syntax="csv", plain=True))[0])


def test_without_a_list_it_holds_every_field_and_every_known_name(
    store: Store, glossary: Glossary
) -> None:
    found = rows(written(store, syntax="csv"))
    known = {(f.id, n.system, n.name) for f in glossary.fields.values() for n in f.names}

    assert {f.id for f in glossary.fields.values()} == {row["field"] for row in found}
    assert known == {(row["field"], row["system"], row["name"]) for row in found if row["name"]}


def test_one_system_on_request(store: Store, glossary: Glossary) -> None:
    found = rows(written(store, syntax="csv", system="cdm"))

    assert {"cdm"} == {row["system"] for row in found}
    assert len(glossary.fields) == len(found)


def test_a_list_of_fields_gives_suggestions_to_check(store: Store, fields: Path) -> None:
    found = rows(written(store, syntax="csv", crm=fields, system="mycrm", lang="en"))
    by_field = {row["field"]: row for row in found if row["field"] and row["name"]}
    left = [row["name"] for row in found if not row["field"]]

    assert {
        "Opportunity.amount": "商机.field_amt__c",
        "Opportunity.stage": "商机.sales_stage",
        "Lead.source": "线索.source",
        "Lead.created_at": "线索.create_time",
    }.items() <= {field: row["name"] for field, row in by_field.items()}.items()
    assert ["客户.hobby"] == left
    assert {"no"} == {row["verified"] for row in by_field.values()}
    assert all(row["Note"].startswith("suggested") for row in by_field.values())
    assert found[-1]["name"] == "客户.hobby"
    assert "no neutral field found" == found[-1]["Note"]


def test_what_is_known_of_a_system_is_not_guessed_again(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Object,API Name\nOpportunity,Amount\n", encoding="utf-8")
    found = rows(written(store, syntax="csv", crm=path, system="salesforce", lang="en"))
    hits = [row for row in found if row["name"] == "Opportunity.Amount"]

    assert "Opportunity.amount" in {row["field"] for row in hits}
    assert {"known"} == {row["Note"] for row in hits}


def test_a_list_without_a_system_gets_a_name(store: Store, fields: Path) -> None:
    found = rows(written(store, syntax="csv", crm=fields, plain=True))

    assert {OWN_SYSTEM} == {row["system"] for row in found}


def test_a_sheet_that_came_back_gives_the_rows_of_the_table(
    store: Store, fields: Path, tmp_path: Path
) -> None:
    """Suggest, let a person change two cells, read again: her words stand in the plain rows."""
    sheet = rows(written(store, syntax="csv", crm=fields, system="mycrm"))
    changed = next(row for row in sheet if row["field"] == "Opportunity.amount")
    changed |= {"verified": "YES", "relation": "exactMatch"}
    path = tmp_path / "back.csv"
    text = io.StringIO()
    writer = csv.DictWriter(text, list(sheet[0]))
    writer.writeheader()
    writer.writerows(sheet)
    path.write_bytes(text.getvalue().encode("gb18030"))
    found = rows(written(store, syntax="csv", crm=path, plain=True))
    mine = {row["field"]: row for row in found if row["system"] == "mycrm"}
    others = [row for row in found if row["system"] != "mycrm"]

    assert {
        "field": "Opportunity.amount",
        "system": "mycrm",
        "name": "商机.field_amt__c",
        "label_zh": "预计金额",
        "label_en": "",
        "relation": "exactMatch",
        "verified": "yes",
    } == mine["Opportunity.amount"]
    assert others
    assert len(found) == len({(row["field"], row["system"]) for row in found})


def test_any_other_table_is_no_sheet() -> None:
    assert None is read_sheet(LIST.encode(), "a.csv")


def test_hostile_cells_are_no_formulas(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('API Name,Label\n"=HYPERLINK(""x"")",@SUM(1)\n+1,-2\n', encoding="utf-8")
    cells = [
        cell
        for row in rows(written(store, syntax="csv", crm=path, system="x"))
        for cell in row.values()
    ]
    book = openpyxl.load_workbook(io.BytesIO(written(store, crm=path, system="x")))
    marked = [
        cell
        for row in book["字段对照"].iter_rows()
        for cell in row
        if str(cell.value or "").startswith(("=", "@", "+", "-"))
    ]

    assert [] == [cell for cell in cells if cell.startswith(("=", "@", "+", "-"))]
    assert {'\'=HYPERLINK("x")', "'@SUM(1)", "'+1", "'-2"} <= set(cells)
    assert 4 == len(marked)
    assert {("s", True)} == {(cell.data_type, bool(cell.quotePrefix)) for cell in marked}


def test_an_apostrophe_against_formulas_is_taken_off_again() -> None:
    head = ",".join(ALIGNMENT)
    found = read_sheet(f"{head}\nDeal.amount,x,'=a,'quoted,,,no\n".encode(), "a.csv")

    assert found is not None
    assert ("=a", "'quoted") == (found[0][1].name, found[0][1].labels[0].value)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_workbook_explains_itself_and_offers_words(store: Store, lang: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(written(store, lang=lang)))
    how, sheet = book.worksheets
    text = "\n".join(str(row[0].value or "") for row in how.iter_rows())
    rules = {
        str(r.sqref).partition(":")[0]: r.formula1 for r in sheet.data_validations.dataValidation
    }

    assert "field_alignments.csv" in text
    assert "exactMatch 完全对应" in text
    assert "exactMatch where both mean the same" in text
    assert {"M2": '"exactMatch,closeMatch"', "N2": '"yes,no"'} == rules
    assert ALIGNMENT == tuple(cell.value for cell in sheet[1])[-7:]


def test_a_missing_list_and_a_wrong_writing_are_named(store: Store, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as missing:
        written(store, crm=tmp_path / "absent.csv")
    with pytest.raises(ExportError) as wrong:
        written(store, syntax="turtle")

    assert "source-unreadable" == missing.value.code
    assert ("xlsx", "csv") == wrong.value.known
