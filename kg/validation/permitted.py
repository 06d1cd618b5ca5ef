"""Owns the findings that may stay: each is listed with its reason, and no longer counted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kg.model import Report, Text
from kg.sources.faults import fault

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.model import Finding
    from kg.sources.rows import Row

__all__ = ["permit"]

_ANY = "*"


def permit(report: Report, rows: Iterable[Row]) -> Report:
    """Return a report with the reasons of `rows` (data/permitted.csv) put to what they name.

    A row names a rule and a focus ("term:win-rate"), or "*" for every finding of the rule. Errors
    stay: a wrong graph cannot be permitted. A row that fits nothing is a finding itself.
    """
    wanted = list(rows)
    used: set[int] = set()
    findings: list[Finding] = []
    for finding in report.findings:
        row = next((x for x in wanted if _fits(x, finding)), None)
        if row is None:
            findings.append(finding)
        else:
            used.add(row.number)
            reasons = tuple(Text(row[f"reason_{lang}"], lang) for lang in ("zh", "en"))
            findings.append(replace(finding, reasons=reasons))
    idle = [row for row in wanted if row.number not in used]
    for row in idle:
        place = row.place("rule")
        findings.append(fault("permitted-idle", place, value=row["rule"], id=row["focus"]))
    return Report.of(findings)


def _fits(row: Row, finding: Finding) -> bool:
    named = row["focus"] in (_ANY, finding.focus)
    return named and row["rule"] == finding.rule and finding.level != "error"
