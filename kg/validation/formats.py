"""Owns a report in the formats of other tools: SARIF 2.1.0 for code hosts, JUnit XML for CI."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kg.model import Finding, Level, Place, Report
    from kg.validation.catalogue import Entry

__all__ = ["to_junit", "to_sarif"]

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: dict[Level, str] = {"error": "error", "warning": "warning", "info": "note"}


def to_sarif(report: Report, catalogue: Mapping[str, Entry], *, lang: str, version: str) -> str:
    """Return a report as SARIF 2.1.0: rules with help, results with place; no time, no machine.

    A row of a table is a line of its file as long as no cell holds a line break. The column of a
    table goes by its name: startColumn counts characters of a line.
    """
    rules = [_sarif_rule(entry, lang) for entry in catalogue.values()]
    places = {code: number for number, code in enumerate(catalogue)}
    driver = {"name": "kg validate", "version": version, "rules": rules}
    results = [_sarif_result(finding, places, lang) for finding in report.findings]
    run = {
        "tool": {"driver": driver},
        "language": {"zh": "zh-CN", "en": "en"}.get(lang, lang),
        "results": results,
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=1) + "\n"


def _sarif_rule(entry: Entry, lang: str) -> dict[str, object]:
    other = "en" if lang == "zh" else "zh"
    return {
        "id": entry.code,
        "shortDescription": {"text": entry.text(lang)},
        "fullDescription": {"text": f"{entry.text(lang)} · {entry.text(other)}"},
        "help": {"text": f"{entry.remedy(lang)} · {entry.remedy(other)}"},
        "helpUri": f"docs/rules/{entry.code}.md",
        "defaultConfiguration": {"level": _LEVELS[entry.level]},
        "properties": {"area": entry.area, "tags": [entry.area, entry.origin]},
    }


def _sarif_result(finding: Finding, rules: Mapping[str, int], lang: str) -> dict[str, object]:
    text = f"{finding.message(lang)} ({finding.remedy(lang)})"
    out: dict[str, object] = {"ruleId": finding.rule}
    if finding.rule in rules:
        out["ruleIndex"] = rules[finding.rule]
    out |= {"level": _LEVELS[finding.level], "message": {"text": text}}
    if finding.place:
        column = finding.place.column
        named = {"logicalLocations": [{"name": column, "kind": "member"}]} if column else {}
        out["locations"] = [{"physicalLocation": _location(finding.place), **named}]
    elif finding.focus:
        out["locations"] = [{"logicalLocations": [{"fullyQualifiedName": finding.focus}]}]
    if finding.reasons:
        out["suppressions"] = [{"kind": "external", "justification": finding.reason(lang)}]
    return out


def _location(place: Place) -> dict[str, object]:
    location: dict[str, object] = {"artifactLocation": {"uri": place.path}}
    if place.row is not None:
        location["region"] = {"startLine": place.row}
    return location


def to_junit(report: Report, catalogue: Mapping[str, Entry], *, lang: str) -> str:
    """Return a report as JUnit XML: a test case for each rule, which fails by its errors.

    Warnings, reminders and what is listed with a reason go into the output of their case. Nothing
    in it tells when or where it was made.
    """
    found: dict[str, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        found[finding.rule].append(finding)
    codes = sorted({*catalogue, *found})
    cases = [_junit_case(code, catalogue.get(code), found[code], lang) for code in codes]
    failed = sum(case.find("failure") is not None for case in cases)
    counts = {"tests": str(len(cases)), "failures": str(failed), "errors": "0", "skipped": "0"}
    suite = ET.Element("testsuite", {"name": "kg validate", **counts})
    suite.extend(cases)
    root = ET.Element("testsuites", {"name": "kg validate", **counts})
    root.append(suite)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _junit_case(
    code: str, entry: Entry | None, findings: list[Finding], lang: str
) -> ET.Element[str]:
    area = entry.area if entry else "stewardship"
    case = ET.Element("testcase", {"classname": f"kg.{area}", "name": code})
    errors = [finding for finding in findings if finding.level == "error"]
    if errors:
        first = _visible(errors[0].message(lang))
        failure = ET.SubElement(case, "failure", {"message": first, "type": code})
        failure.text = "\n".join(_line(finding, lang) for finding in errors)
    others = [finding for finding in findings if finding.level != "error"]
    if others:
        out = ET.SubElement(case, "system-out")
        out.text = "\n".join(_line(finding, lang) for finding in others)
    return case


def _line(finding: Finding, lang: str) -> str:
    place = f"{finding.place.text(lang)}: " if finding.place else ""
    reason = f" [{finding.reason(lang)}]" if finding.reasons else ""
    text = f"{finding.level}: {place}{finding.message(lang)} -> {finding.remedy(lang)}{reason}"
    return _visible(text)


def _visible(text: str) -> str:
    """Return a text without the characters that XML cannot hold."""
    return "".join(char if char.isprintable() else " " for char in text)
