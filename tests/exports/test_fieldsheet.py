"""The mapping sheet: read a list of fields, suggest, fill, and take the rows back."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg import vocab as v
from kg.errors import ExportError, SourceError
from kg.exports import OWN_SYSTEM, FieldTally, export
from kg.exports.fieldlists import ALIGNMENT, SUGGESTED, read_fields, read_sheet, read_tables
from kg.exports.fieldmatches import suggest
from kg.exports.selection import ForeignField
from kg.model import CrmField, CrmObject, FieldName, Glossary, Text
from kg.sources.grammar import TABLES
from kg.store.reading import read_glossary

if TYPE_CHECKING:
    from collections.abc import Sequence
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


def listed(data: bytes, path: str) -> tuple[ForeignField, ...]:
    return read_fields(read_tables(data, path), path)


def came_back(data: bytes, path: str) -> tuple[tuple[str, FieldName], ...] | None:
    return read_sheet(read_tables(data, path))


@pytest.fixture
def fields(tmp_path: Path) -> Path:
    path = tmp_path / "字段 清单.csv"
    path.write_bytes(LIST.encode("gb18030"))
    return path


# -- reading a list of fields


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_separators_are_found_out(encoding: str, separator: str) -> None:
    found = listed(LIST.replace(",", separator).encode(encoding), "a.csv")

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
    assert (expected,) == listed(f"{head}\na,b,c\n".encode(), "a.csv")


def test_titles_above_the_headings_do_not_matter() -> None:
    assert listed(LIST.encode(), "a.csv") == listed(
        f"字段清单,,,\n导出人:张三,,,\n{LIST}".encode(), "a.csv"
    )


def test_a_field_listed_twice_is_there_once() -> None:
    assert 1 == len(listed(b"API Name,Label\na,b\na,b\n\n", "a.csv"))


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
        listed(data, "a.csv")

    assert (code, "a.csv") == (caught.value.code, caught.value.path)


def test_the_headings_that_were_found_are_named() -> None:
    with pytest.raises(SourceError) as caught:
        listed("颜色,尺寸\n红,1\n".encode(), "a.csv")

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


def test_a_name_without_gaps_is_the_same() -> None:
    assert {"Lead.created_at": "Lead.createdat"} == matches(
        ForeignField("createdat", object="Lead")
    )


def test_what_fits_nowhere_gets_no_suggestion() -> None:
    assert {} == matches(ForeignField("hobby", "爱好", "客户"), ForeignField("???"))


def test_a_known_object_rules_the_others_out() -> None:
    """A field of a lead is never taken for one of a deal."""
    assert {} == matches(ForeignField("金额", object="线索"))


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("Currency(16, 2)", {"Opportunity.value": "Opportunity.Amount"}),
        ("Formula (Currency)", {"Opportunity.value": "Opportunity.Amount"}),
        ("数字", {"Opportunity.value": "Opportunity.Amount"}),
        ("", {"Opportunity.value": "Opportunity.Amount"}),
        ("no such type", {"Opportunity.value": "Opportunity.Amount"}),
        ("Checkbox", {}),
        ("Picklist", {}),
        ("Date/Time", {}),
        ("Lookup(Account)", {}),
        ("文本", {}),
    ],
)
def test_kinds_of_data_have_to_agree(kind: str, expected: dict[str, str]) -> None:
    """Not even a name that a system is known to have makes a text of an amount."""
    assert expected == matches(ForeignField("Amount", "Amount", "Opportunity", kind))


@pytest.mark.parametrize("name", ["Opportunity", "Opportunities", "商机", "商机对象", "业务机会"])
def test_an_object_goes_by_several_names(name: str) -> None:
    assert {"Opportunity.value": f"{name}.x"} == matches(ForeignField("x", "金额", name))


def test_an_object_that_is_none_of_ours_gets_no_suggestion() -> None:
    assert {} == matches(ForeignField("Amount", object="Asset"), ForeignField("Asset.Amount"))


def test_without_an_object_equal_fields_stay_open_unless_the_list_tells() -> None:
    assert {} == matches(ForeignField("a", "创建时间"))
    assert {"Opportunity.created_at": "a", "Opportunity.value": "b"} == matches(
        ForeignField("a", "创建时间"), ForeignField("b", "金额")
    )


def test_a_known_name_goes_before_a_like_label() -> None:
    found = suggest(
        small(),
        [
            ForeignField("total", "金额", "Opportunity"),
            ForeignField("Amount", "Sum", "Opportunity"),
        ],
    )

    assert [("Amount", 98, "salesforce")] == [
        (s.foreign.api, s.score, s.known.system if s.known else "") for s in found
    ]


@pytest.mark.parametrize(
    ("label", "kind", "home"),
    [
        ("Account Name", "Text", "Account"),
        ("Account Name", "", "Account"),
        ("Reason for rejection", "Text", ""),
        ("Reason for rejection", "", ""),
        ("Deal Size", "Currency", ""),
        ("Deal Size", "Currency", "Opportunity"),
        ("Last Modified Date", "Date/Time", "Opportunity"),
        ("客户名称", "文本", "客户"),
        ("合同编号", "文本", "联系人"),
    ],
)
def test_far_off_names_are_left_open(glossary: Glossary, label: str, kind: str, home: str) -> None:
    assert () == suggest(glossary, [ForeignField("x1__c", label, home, kind)])


def test_a_system_left_out_is_found_again_by_the_others(glossary: Glossary) -> None:
    """Nothing is wrong of what is suggested for one system from the names of the rest."""
    truth: dict[str, set[str]] = {}
    listed: dict[str, ForeignField] = {}
    rest = {}
    for iri, field in glossary.fields.items():
        rest[iri] = replace(field, names=tuple(n for n in field.names if n.system != "salesforce"))
        for name in set(field.names) - set(rest[iri].names):
            home, _, api = name.name.rpartition(".")
            truth.setdefault(name.name, set()).add(iri)
            listed[name.name] = ForeignField(api, object=home)
    found = suggest(replace(glossary, fields=rest), listed.values())
    wrong = [s for s in found if s.field not in truth[s.foreign.name]]

    assert [] == wrong
    assert len(found) >= len(listed) // 3


def test_an_object_without_open_fields_is_still_known() -> None:
    """Once all of a deal is mapped, a field of a deal is no field of a lead that has its name."""
    glossary = small()
    known = FieldName("old", "Opportunity.CreatedOn")
    lead = glossary.fields[v.FIELD + "Lead.created_at"]
    fields = {**glossary.fields, lead.iri: replace(lead, names=(known,))}
    foreign = [ForeignField("CreatedOn", "创建时间", "Opportunity")]

    found = suggest(replace(glossary, fields=fields), foreign, open_fields={lead.iri})

    assert () == found


def test_a_mapped_field_still_makes_a_name_ambiguous() -> None:
    """Of two fields that a label fits equally well, the open one is no better than the other."""
    foreign = [ForeignField("a", "创建时间")]

    assert () == suggest(small(), foreign, open_fields={v.FIELD + "Lead.created_at"})


def test_only_open_fields_are_suggested() -> None:
    foreign = [ForeignField("a", "创建时间", "商机"), ForeignField("b", "创建时间", "线索")]
    open_ = {v.FIELD + "Lead.created_at"}

    assert ["b"] == [s.foreign.api for s in suggest(small(), foreign, open_fields=open_)]


def test_a_name_that_is_no_close_match_is_not_known_by() -> None:
    """A store may hold broader matches: they are no reason to be sure, and no fault."""
    glossary = small()
    deal = glossary.fields[v.FIELD + "Opportunity.value"]
    loose = replace(deal, names=(FieldName("x", "Deal.Volume", match="broadMatch"),))
    fields = {**glossary.fields, deal.iri: loose}

    found = suggest(replace(glossary, fields=fields), [ForeignField("Volume", object="商机")])

    assert [None] == [s.known for s in found]


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
    assert {SUGGESTED} == {row["relation"] for row in by_field.values()}
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
    found = rows(written(store, syntax="csv", crm=fields))

    assert {OWN_SYSTEM} == {row["system"] for row in found}


def test_an_unmarked_suggestion_is_no_row_of_the_table(store: Store, fields: Path) -> None:
    assert [] == rows(written(store, syntax="csv", crm=fields, plain=True))


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

    assert ["Opportunity.amount"] == list(mine)
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


@pytest.mark.parametrize(
    ("relation", "verified", "expected"),
    [
        ("suggested", "no", SUGGESTED),
        ("Suggested", "", SUGGESTED),
        ("suggested", "yes", "closeMatch"),
        ("closeMatch", "no", "closeMatch"),
        ("exactMatch", "no", "exactMatch"),
        ("EXACTMATCH", "no", "exactMatch"),
        ("exactmatch", "yes", "exactMatch"),
        ("CloseMatch", "no", "closeMatch"),
        ("", "", "closeMatch"),
    ],
)
def test_a_mark_makes_a_match_of_a_suggestion(relation: str, verified: str, expected: str) -> None:
    found = came_back(f"{','.join(ALIGNMENT)}\na,x,n,,,{relation},{verified}\n".encode(), "a.csv")

    assert found
    assert expected == found[0][1].match


def test_a_workbook_comes_back_as_it_was_written(
    store: Store, fields: Path, tmp_path: Path
) -> None:
    """The workbook that suggests says the same read again, and one mark makes one plain row."""
    path = tmp_path / "sheet.xlsx"
    path.write_bytes(written(store, crm=fields, system="mycrm"))
    again = rows(written(store, syntax="csv", crm=path, system="mycrm"))
    first = rows(written(store, syntax="csv", crm=fields, system="mycrm"))
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[1]
    heads = [cell.value for cell in sheet[1]]
    row = next(r for r in sheet.iter_rows(min_row=2) if r[7].value == "Lead.source")
    row[heads.index("relation")].value = "exactMatch"
    book.save(path)
    plain = rows(written(store, syntax="csv", crm=path, system="mycrm", plain=True))

    assert [[r[name] for name in ALIGNMENT] for r in first if r["field"]] == [
        [r[name] for name in ALIGNMENT] for r in again
    ]
    assert [("Lead.source", "exactMatch", "no")] == [
        (r["field"], r["relation"], r["verified"]) for r in plain
    ]


def workbook(*sheets: Sequence[Sequence[object]]) -> bytes:
    book = openpyxl.Workbook()
    for at, content in enumerate(sheets):
        sheet = book.worksheets[0] if at == 0 else book.create_sheet()
        for line in content:
            sheet.append(list(line))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def packed(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def test_a_list_of_fields_may_be_a_workbook() -> None:
    data = workbook([["About"], [1]], [line.split(",") for line in LIST.splitlines()])

    assert listed(LIST.encode(), "a.csv") == listed(data, "a.xlsx")
    assert None is came_back(data, "a.xlsx")


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04",
        workbook([["API Name"], ["a"]])[:-200],
        packed("other.txt", b"API Name"),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
    ],
)
def test_a_workbook_that_cannot_be_read_is_told_with_the_way_out(data: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        came_back(data, "a.xlsx")

    assert "save the sheet as CSV" in str(caught.value)
    assert "另存为 CSV" in caught.value.text("zh")


def test_a_workbook_that_unpacks_too_far_is_refused() -> None:
    data = packed("xl/workbook.xml", bytes(257 * 1024 * 1024))
    with pytest.raises(SourceError) as caught:
        listed(data, "a.xlsx")

    assert "too large" in str(caught.value)


def test_empty_labels_are_filled_from_what_is_known(store: Store, tmp_path: Path) -> None:
    """The list of the system itself names a known field; another system names a suggested one."""
    path = tmp_path / "a.csv"
    path.write_text("Object,API Name,Label\nOpportunity,StageName,Stage\n", encoding="utf-8")
    known = rows(written(store, syntax="csv", crm=path, system="salesforce", lang="en"))
    other = rows(written(store, syntax="csv", crm=path, system="mycrm", lang="en"))
    one, two = (
        next(row for row in found if row["name"] == "Opportunity.StageName")
        for found in (known, other)
    )

    assert ("known", "阶段", "Stage") == (one["Note"], one["label_zh"], one["label_en"])
    assert (SUGGESTED, "阶段", "Stage") == (two["relation"], two["label_zh"], two["label_en"])
    assert ("销售阶段", "Stage") == (one["Neutral field (Chinese)"], one["Neutral field (English)"])


def test_what_became_of_the_fields_is_counted(store: Store, fields: Path, tmp_path: Path) -> None:
    back = tmp_path / "back.csv"
    head = ",".join(ALIGNMENT)
    back.write_text(
        f"{head}\nLead.source,x,a,,,,no\nLead.status,x,b,,,suggested,no\n", encoding="utf-8"
    )
    total = len(read_glossary(store).fields)
    sink = io.BytesIO()

    assert FieldTally(0, 5, 1) == export(store, "field-mapping", sink, crm=fields, system="mycrm")
    assert FieldTally(1, 1, total - 2) == export(store, "field-mapping", sink, crm=back)
    assert None is export(store, "ntriples", sink)


BACK = f"""\
{",".join(ALIGNMENT)}
Lead.scource,x,Lead.src,来源,Source,suggested,no
Lead.source,x,Lead.origin,,,exactMatch,yes
Deal.size,y,Deal.Size,,Size,exactMatch,yes
Deal.size,x,=Size,,,,no
Deal.size,z,,,,,no
"""
UNKNOWN = [
    ["Deal.size", "x", "=Size", "", "", "closeMatch", "no"],
    ["Deal.size", "y", "Deal.Size", "", "Size", "exactMatch", "yes"],
    ["Lead.scource", "x", "Lead.src", "来源", "Source", SUGGESTED, "no"],
]


@pytest.fixture
def back(tmp_path: Path) -> Path:
    path = tmp_path / "back.csv"
    path.write_text(BACK, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("lang", "note"),
    [("zh", "图谱没有这个字段，此行已保留"), ("en", "the graph has no such field, row kept")],
)
def test_rows_of_unknown_fields_are_kept_at_the_end(
    store: Store, back: Path, lang: str, note: str
) -> None:
    text = written(store, syntax="csv", crm=back, lang=lang).decode("utf-8-sig")
    *_, one, two, three = csv.reader(io.StringIO(text, newline=""))
    first = ["Deal.size", "x", "'=Size", "", "", "closeMatch", "no"]  # guarded as a formula

    assert [first, *UNKNOWN[1:]] == [row[-7:] for row in (one, two, three)]
    assert [["", "", "", "", "", "", note]] * 3 == [row[:7] for row in (one, two, three)]
    assert 3 == text.count(note)


def test_rows_of_unknown_fields_are_of_the_asked_system(store: Store, back: Path) -> None:
    found = rows(written(store, syntax="csv", crm=back, system="y"))

    assert ["Deal.size"] == [row["field"] for row in found if row["name"]]


@pytest.mark.parametrize("syntax", ["csv", "xlsx"])
def test_a_sheet_with_unknown_fields_comes_back_with_the_same_bytes(
    store: Store, back: Path, tmp_path: Path, syntax: str
) -> None:
    once = written(store, syntax=syntax, crm=back)
    path = tmp_path / f"once.{syntax}"
    path.write_bytes(once)
    sheet = came_back(once, "a") or ()

    assert once == written(store, syntax=syntax, crm=path)
    assert {row[2] for row in UNKNOWN} <= {name.name for _, name in sheet}


def test_rows_of_unknown_fields_are_no_rows_of_the_table(store: Store, back: Path) -> None:
    found = rows(written(store, syntax="csv", crm=back, plain=True))

    assert ["Lead.origin"] == [row["name"] for row in found if row["system"] in "xyz"]


def test_rows_of_unknown_fields_are_counted(store: Store, back: Path) -> None:
    total = len(read_glossary(store).fields)
    tally = export(store, "field-mapping", io.BytesIO(), crm=back)

    assert FieldTally(1, 0, total - 1, unknown=3) == tally


def test_a_list_of_fields_is_parsed_once(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "list.xlsx"
    path.write_bytes(workbook([line.split(",") for line in LIST.splitlines()]))
    real, times = openpyxl.load_workbook, []

    def counted(*arguments: object, **options: object) -> openpyxl.Workbook:
        times.append(1)
        return real(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(openpyxl, "load_workbook", counted)
    written(store, crm=path)

    assert [1] == times


def test_any_other_table_is_no_sheet() -> None:
    assert None is came_back(LIST.encode(), "a.csv")


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
    found = came_back(f"{head}\nDeal.amount,x,'=a,'quoted,,,no\n".encode(), "a.csv")

    assert found is not None
    assert ("=a", "'quoted") == (found[0][1].name, found[0][1].labels[0].value)


def test_characters_that_no_cell_can_hold_are_not_read() -> None:
    """They would not be written again either: a sheet would say something else the second time."""
    head = ",".join(ALIGNMENT)
    found = came_back(f"{head}\n\x01Deal.amount,x,'\x02=a,,,,no\n".encode(), "a.csv")

    assert found is not None
    assert [("Deal.amount", "=a")] == [(about, name.name) for about, name in found]


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
