"""SQL expressions of measures: what they name, and that they can do nothing but read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.expressions import BUILT_IN, MAX_LENGTH, ExpressionError, read_expression
from kg.sources.tables import read_rows

if TYPE_CHECKING:
    from pathlib import Path


def _refusal(text: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        read_expression(text)
    return caught.value


# -- laws
@given(st.text(st.sampled_from("Opportunity.amount $at()'\"-;/*,=<>\n销\x00"), max_size=60))
def test_any_text_gives_an_expression_or_a_reason_in_both_languages(text: str) -> None:
    try:
        found = read_expression(text)
    except ExpressionError as error:
        assert str(error)  # noqa: PT017 - both ways are fine, and this is the law of one
        assert any("\u4e00" <= sign <= "\u9fff" for sign in error.zh)  # noqa: PT017 - as above
    else:
        assert list(found.fields) == sorted(set(found.fields))


@pytest.mark.parametrize(
    ("text", "objects", "outer"),
    [
        ("EXISTS (SELECT 1 FROM '/etc/passwd')", ("/etc/passwd",), ()),
        (
            "Quote.a = 1 AND EXISTS (SELECT 1 FROM Quote WHERE Quote.b = 2)",
            ("Quote",),
            ("Quote",),
        ),
        (
            "Deal.id IN (SELECT Old.id FROM Deal AS Old WHERE Old.owner = Deal.owner)",
            ("Deal",),
            ("Deal",),
        ),
    ],
)
def test_what_a_subquery_reads_is_an_object_too(
    text: str, objects: tuple[str, ...], outer: tuple[str, ...]
) -> None:
    """DuckDB takes a table that it does not know for a file: callers must see every name."""
    found = read_expression(text)

    assert (objects, outer) == (found.objects, found.outer)


# -- what it names
@pytest.mark.parametrize(
    ("text", "fields", "parameters", "outer"),
    [
        ("Opportunity.is_won", ("Opportunity.is_won",), (), ("Opportunity",)),
        (
            "Lead.created_at >= $start AND Lead.created_at < $end",
            ("Lead.created_at",),
            ("end", "start"),
            ("Lead",),
        ),
        (
            "Opportunity.amount * Opportunity.probability",
            ("Opportunity.amount", "Opportunity.probability"),
            (),
            ("Opportunity",),
        ),
        (
            "EXISTS (SELECT 1 FROM Activity WHERE Activity.lead_id = Lead.id)",
            ("Activity.lead_id", "Lead.id"),
            (),
            ("Lead",),
        ),
        (
            "Order.id = (SELECT min(Earlier.id) FROM Order AS Earlier)".replace("Order", "Invoice"),
            ("Invoice.id",),
            (),
            ("Invoice",),
        ),
        ("coalesce(nullif(Lead.score, 0), 1)", ("Lead.score",), (), ("Lead",)),
        ("date_trunc('month', Lead.created_at)", ("Lead.created_at",), (), ("Lead",)),
        ("(epoch(Lead.b) - epoch(Lead.a)) / 86400.0", ("Lead.a", "Lead.b"), (), ("Lead",)),
        ("count(*) > 1", (), (), ()),
    ],
)
def test_fields_parameters_and_outer_objects_are_named(
    text: str, fields: tuple[str, ...], parameters: tuple[str, ...], outer: tuple[str, ...]
) -> None:
    found = read_expression(text)

    assert (fields, parameters, outer) == (found.fields, found.parameters, found.outer)


def test_every_expression_of_the_data_is_read(root: Path) -> None:
    declared = {row["id"] for row in read_rows(root / "data", "parameters")} | BUILT_IN
    fields = {row["id"] for row in read_rows(root / "data", "fields")}
    count = 0
    for row in read_rows(root / "data", "measures"):
        for column in ("column", "filter", "per"):
            if row[column]:
                found = read_expression(row[column])
                count += 1

                assert set(found.parameters) <= declared, row["id"]
                assert set(found.fields) <= fields, row["id"]
    assert count > 200


# -- what it may not do
@pytest.mark.parametrize(
    "text",
    [
        "read_csv('/etc/passwd')",
        "read_text('x')",
        "getenv('HOME')",
        "system('ls')",
        "DROP TABLE Lead",
        "INSERT INTO Lead VALUES (1)",
        "COPY Lead TO 'x'",
        "ATTACH 'x.db'",
        "PRAGMA database_list",
        "CREATE TABLE x AS SELECT 1",
        "Lead.id; DROP TABLE Lead",
        "(SELECT Lead.id FROM Lead UNION SELECT Lead.id FROM Lead)",
        "random()",
        "Lead.name LIKE '%x%'",
        "unnest([1, 2])",
        "x -> x + 1",
        "Lead.payload['key']",
        "EXISTS (SELECT 1 FROM information_schema.tables)",
    ],
)
def test_what_is_not_on_the_list_is_refused(text: str) -> None:
    error = _refusal(text)

    assert str(error)
    assert len(str(error)) < 120


@pytest.mark.parametrize("text", ["is_won", "other.Lead.id"])
def test_a_column_is_written_with_its_object_and_no_more(text: str) -> None:
    error = _refusal(text)

    assert f"write '{text}' as Object.field" == str(error)
    assert "对象.字段" in error.zh


@pytest.mark.parametrize("text", ["Lead.id =", "(Lead.id", "SELECT FROM WHERE"])
def test_what_is_no_sql_is_told_with_its_column(text: str) -> None:
    assert "is not valid SQL" in str(_refusal(text))


def test_the_limit_of_length_is_exact() -> None:
    pad = " " * (MAX_LENGTH - len("Lead.id"))

    assert ("Lead.id",) == read_expression(f"Lead.id{pad}").fields
    assert f"{MAX_LENGTH} characters" in str(_refusal(f"Lead.id {pad}"))
