"""Every way to spoil a table: a finding that names file, row and column, in plain words."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kg.workspace import Sources, check, find_sources

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
TOPIC = "data/concepts/forecasting.csv"


@pytest.fixture
def copy(tmp_path: Path) -> Sources:
    """Return a copy of the shipped sources to spoil."""
    for name in ("ontology", "data"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return find_sources(tmp_path)


def _replace(path: str, old: str, new: str) -> Callable[[Path], None]:
    def spoil(root: Path) -> None:
        file = root / path
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8", newline="")

    return spoil


def _append(path: str, line: str) -> Callable[[Path], None]:
    def spoil(root: Path) -> None:
        file = root / path
        file.write_text(
            file.read_text(encoding="utf-8") + line + "\n", encoding="utf-8", newline=""
        )

    return spoil


def _row(**cells: str) -> str:
    header = (ROOT / TOPIC).read_text(encoding="utf-8").splitlines()[0].split(",")
    default = {"id": "new-term", "kind": "Metric", "tier": "core", "zh": "新词", "en": "New term"}
    return ",".join({**default, **cells}.get(name, "") for name in header)


END = len((ROOT / TOPIC).read_text(encoding="utf-8").splitlines()) + 1
RELATIONS = len((ROOT / "data" / "relations.csv").read_text(encoding="utf-8").splitlines()) + 1

CASES: dict[str, tuple[Callable[[Path], None], str, str, int | None, str | None]] = {
    "wrong column": (
        _replace("data/relations.csv", "predicate", "predikat"),
        "table-column",
        "data/relations.csv",
        1,
        None,
    ),
    "missing column": (
        _replace("data/relations.csv", "id,subject,predicate,object", "id,subject,object,object2"),
        "table-column-missing",
        "data/relations.csv",
        1,
        None,
    ),
    "unknown predicate": (
        _append("data/relations.csv", "r999,crm,mesures,kpi"),
        "predicate-unknown",
        "data/relations.csv",
        RELATIONS,
        "predicate",
    ),
    "dangling term": (
        _append("data/relations.csv", "r999,crm,measures,sales-funel"),
        "dangling-term",
        "data/relations.csv",
        RELATIONS,
        "object",
    ),
    "duplicate id": (
        _append(TOPIC, _row(id="sales-forecast")),
        "duplicate-id",
        TOPIC,
        END,
        "id",
    ),
    "duplicate label": (
        _append(TOPIC, _row(zh="销售预测")),
        "duplicate-label",
        TOPIC,
        END,
        "zh",
    ),
    "missing zh label": (_append(TOPIC, _row(zh="")), "label-missing", TOPIC, END, "zh"),
    "ragged row": (
        _append("data/relations.csv", "r999,crm,measures"),
        "table-row",
        "data/relations.csv",
        RELATIONS,
        None,
    ),
    "wrong formula": (
        _replace("data/metrics.csv", "lead-volume,leads_created,", "lead-volume,__import__('os'),"),
        "formula-syntax",
        "data/metrics.csv",
        2,
        "formula",
    ),
    "unknown input": (
        _replace("data/metrics.csv", "lead-volume,leads_created,", "lead-volume,leads_creatd,"),
        "formula-name",
        "data/metrics.csv",
        2,
        "formula",
    ),
    "rejected relation": (
        _append("data/relations.csv", "r999,sales-operations,hasPart,kpi"),
        "relation-rejected",
        "data/relations.csv",
        RELATIONS,
        None,
    ),
    "wrong tier": (_append(TOPIC, _row(tier="kern")), "dangling-term", TOPIC, END, "tier"),
    "wrong kind": (_append(TOPIC, _row(kind="Metrik")), "kind-unknown", TOPIC, END, "kind"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_fault_is_one_finding_with_place_and_remedy(copy: Sources, case: str) -> None:
    spoil, rule, path, row, column = CASES[case]
    if case == "rejected relation":
        _append("data/claims.csv", "r999,a1.2.1,1,stated,,,,,")(copy.root)
    spoil(copy.root)

    store, report = check(copy)
    found = [finding for finding in report.at_least("error") if finding.rule == rule]

    assert 1 <= len(found)
    place = found[0].place
    assert place is not None
    assert (path, row) == (place.path, place.row)
    assert column in (None, place.column)
    assert all(found[0].message(lang) and found[0].remedy(lang) for lang in ("zh", "en"))
    assert found[0].message("zh") != found[0].message("en")
    assert 0 == len(store)


@pytest.mark.parametrize(
    ("encode", "rule", "level"),
    [
        (lambda text: text.encode("gb18030"), "table-encoding", "warning"),
        (lambda text: text.encode("utf-8-sig"), "table-bom", "info"),
        (lambda text: text.encode("utf-8-sig").replace(b"\n", b"\r\n"), "table-bom", "info"),
    ],
)
def test_other_encodings_are_read_and_said(
    copy: Sources, encode: Callable[[str], bytes], rule: str, level: str
) -> None:
    """The graph is the same; the finding tells what was odd about the file."""
    file = copy.root / TOPIC
    clean, _ = check(copy)
    file.write_bytes(encode(file.read_text(encoding="utf-8")))

    store, report = check(copy)

    assert () == report.at_least("error")
    assert [(rule, level, TOPIC)] == [
        (f.rule, f.level, f.place.path)
        for f in report.findings
        if f.place and f.rule.startswith("table-")
    ]
    assert set(clean.triples()) == set(store.triples())


def test_bytes_that_are_no_text_are_an_error(copy: Sources) -> None:
    (copy.root / TOPIC).write_bytes(b"\xff\xff\xff id,\x00\xff\xfe")

    _, report = check(copy)

    assert "table-bytes" in {finding.rule for finding in report.at_least("error")}
