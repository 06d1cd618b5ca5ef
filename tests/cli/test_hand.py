"""What the command says and writes when it hands the graph out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.exports import FORMATS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run


def test_the_formats_are_listed_in_both_languages(kg: Run) -> None:
    zh, en = kg("export"), kg("--lang", "en", "export")
    first = [line.split()[0] for line in zh.out.splitlines()]

    assert (0, 0) == (zh.code, en.code)
    assert list(FORMATS) == first
    assert all(row.zh in zh.out and row.en in en.out for row in FORMATS.values())


def test_the_ending_of_the_file_chooses_the_writing(kg: Run, tmp_path: Path) -> None:
    done = [
        kg("export", "skos", "-o", "a.ttl"),
        kg("export", "skos", "-o", "a.rdf"),
        kg("export", "skos", "--syntax", "rdfxml", "-o", "a.xml"),
        kg("export", "field-mapping", "-o", "a.csv", "--plain"),
        kg("export", "field-mapping", "-o", "a.xlsx"),
    ]

    assert [0] * 5 == [result.code for result in done]
    assert (tmp_path / "a.ttl").read_bytes().startswith(b"@prefix ")
    assert (tmp_path / "a.rdf").read_bytes() == (tmp_path / "a.xml").read_bytes()
    assert (tmp_path / "a.csv").read_bytes().startswith(b"field,system,name,")
    assert (tmp_path / "a.xlsx").read_bytes().startswith(b"PK")


def test_the_documentation_holds_the_rules(kg: Run, tmp_path: Path) -> None:
    done = kg("export", "ontology-docs", "-o", "a.html")

    assert 0 == done.code
    assert 'id="rule-skos-s27"' in (tmp_path / "a.html").read_text(encoding="utf-8")


def test_a_list_of_fields_becomes_a_mapping_sheet(kg: Run, tmp_path: Path) -> None:
    (tmp_path / "fields.csv").write_bytes(
        "对象,字段标识,字段标签\n商机,amt__c,预计金额\n".encode("gb18030")
    )
    done = kg(
        "export",
        "field-mapping",
        "--from",
        "fields.csv",
        "--system",
        "MyCRM",
        "-o",
        "a.csv",
    )
    row = "Opportunity.amount,mycrm,商机.amt__c,预计金额,,suggested,no"
    found = (tmp_path / "a.csv").read_text(encoding="utf-8").splitlines()

    assert 0 == done.code
    assert 1 == sum(line.endswith(row) for line in found)


def test_what_became_of_the_fields_is_told(kg: Run, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text(
        "Object,API Name,Label,Type\n"
        "Opportunity,Amount,Amount,Currency\n"
        "Opportunity,Loss_Reason__c,Loss Reason,Picklist\n"
        "Account,Name,Account Name,Text\n",
        encoding="utf-8",
    )
    words = ("export", "field-mapping", "--from", "f.csv", "--system", "salesforce", "-o")
    zh, en = kg(*words, "a.xlsx"), kg("--lang", "en", *words, "a.csv", "--plain")
    again = kg("--lang", "en", "export", "field-mapping", "--from", "a.xlsx", "-o", "b.csv")

    assert "字段:已对应 1,建议 1(请核对),待定 1" in zh.err
    assert "fields: 1 matched, 1 suggested (unmarked, left out), 1 open" in en.err
    assert 0 == again.code
    assert " matched, 1 suggested (please check), " in again.err


def test_rows_of_unknown_fields_are_told(kg: Run, tmp_path: Path) -> None:
    (tmp_path / "back.csv").write_text(
        "field,system,name,label_zh,label_en,relation,verified\n"
        "Deal.size,x,Deal.Size,,,exactMatch,yes\n"
        "Opportunity.amount,x,Deal.Sum,,,suggested,no\n",
        encoding="utf-8",
    )
    words = ("export", "field-mapping", "--from", "back.csv", "-o")
    zh, en = kg(*words, "a.xlsx"), kg("--lang", "en", *words, "a.csv", "--plain")
    book = kg("--lang", "en", *words, "b.xlsx", "--plain")
    table_zh = kg(*words, "a.csv", "--plain")

    assert ",图谱没有的字段 1 行(已保留)" in zh.err
    assert ",图谱没有的字段 1 行(不写入结果)" in table_zh.err
    assert ", 1 with a field that the graph has not (left out)" in en.err
    assert "1 suggested (please check), " in book.err
    assert ", 1 with a field that the graph has not (kept)" in book.err
    assert "Deal.Size" not in (tmp_path / "a.csv").read_text(encoding="utf-8")


def test_the_ending_of_another_format_is_warned_of(kg: Run, tmp_path: Path) -> None:
    zh, en = (
        kg("export", "xlsx", "-o", "t.csv"),
        kg("--lang", "en", "export", "xlsx", "-o", "t.CSV"),
    )
    fine = [
        kg("export", "csv", "-o", "t.csv"),
        kg("export", "skos", "-o", "a.rdf"),
        kg("export", "skos", "--syntax", "rdfxml", "-o", "a.xml"),
        kg("export", "jsonld", "-o", "a.json"),
        kg("export", "csv", "-o", "-"),
    ]
    syntax = kg("--lang", "en", "export", "skos", "--syntax", "rdfxml", "-o", "a.ttl")

    assert (0, 0, 0) == (zh.code, en.code, syntax.code)
    assert "注意:t.csv 的内容是 xlsx" in zh.err
    assert "warning: t.CSV holds xlsx" in en.err
    assert "files of this format end in .xlsx" in en.err
    assert "warning: a.ttl holds rdfxml" in syntax.err
    assert [] == [result.err for result in fine if "注意" in result.err]
    assert (tmp_path / "t.CSV").read_bytes().startswith(b"PK")


def test_what_is_no_list_or_no_name_is_told(kg: Run, tmp_path: Path) -> None:
    (tmp_path / "odd.csv").write_text("颜色,尺寸\n红,1\n", encoding="utf-8")
    odd = kg("export", "field-mapping", "--from", "odd.csv", "--system", "x", "-o", "a.csv")
    name = kg("export", "field-mapping", "--system", "纷享销客", "-o", "a.csv")
    absent = kg("export", "field-mapping", "--from", "absent.csv", "-o", "a.csv")
    wrong = kg("export", "skos", "--syntax", "csv", "-o", "a.csv")

    assert (3, 2, 2, 3) == (odd.code, name.code, absent.code, wrong.code)
    assert "颜色, 尺寸" in odd.err
    assert "salesforce" in name.err
    assert "rdfxml" in wrong.err
    assert not (tmp_path / "a.csv").exists()
