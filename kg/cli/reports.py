"""Owns showing what the checks find: the findings, the health by area, and what a rule is about."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kg.cli.output import Listing, finding_lines, plain
from kg.phrasing import phrase

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from kg.model import Finding, Report
    from kg.validation.catalogue import Entry
    from kg.validation.health import Health

__all__ = ["explanation_listing", "finding_json", "health_listing", "report_text"]

_BAR = 20
_NONE = "—"  # for a score of what could not be checked
_COUNTED = "… "
_EXAMPLES = re.compile(r"[,,] ?(?:for example|例如)")
_MARK = re.compile(r"\*\*(问题|Problem)\*\*\s*(.*)")


def finding_json(finding: Finding, lang: str) -> dict[str, object]:
    """Return a finding as JSON results hold it."""
    place = finding.place
    return {
        "rule": finding.rule,
        "level": finding.level,
        "file": place.path if place else None,
        "row": place.row if place else None,
        "column": place.column if place else None,
        "focus": finding.focus,
        "message": finding.message(lang),
        "remedy": finding.remedy(lang),
        "count": finding.count,
        "reason": finding.reason(lang) or None,
    }


def report_text(
    report: Report, catalogue: Mapping[str, Entry], *, format_: str | None, lang: str
) -> Listing:
    """Return a report as a listing; sarif and junit are its text."""
    from kg.validation.formats import to_junit, to_sarif

    data = [finding_json(finding, lang) for finding in report.findings]
    if format_ == "sarif":
        from importlib.metadata import version

        return Listing(data, text=to_sarif(report, catalogue, lang=lang, version=version(_PACKAGE)))
    if format_ == "junit":
        return Listing(data, text=to_junit(report, catalogue, lang=lang))
    return Listing(data, text="".join(f"{line}\n" for line in finding_lines(report, lang)))


_PACKAGE = "salesops-kg"


def health_listing(health: Health, catalogue: Mapping[str, Entry], lang: str) -> Listing:
    """Return the health of a graph as a listing: one row an area, the reasons beside it."""
    rows = tuple(
        {
            "area": area.id,
            "label": area.area.label(lang),
            "score": _NONE if area.score is None else area.score,
            "bar": "█" * round((area.score or 0) * _BAR / 100),
            "checked": area.checked,
            "found": area.found,
            "reasons": _reasons(area.reasons, catalogue, lang),
        }
        for area in health.areas
    )
    data = {
        "score": health.score,
        "areas": [
            {
                "area": area.id,
                "zh": area.area.zh,
                "en": area.area.en,
                "score": area.score,
                "checked": area.checked,
                "found": area.found,
                "reasons": [
                    {
                        "rule": rule,
                        "count": count,
                        "zh": catalogue[rule].text("zh") if rule in catalogue else rule,
                        "en": catalogue[rule].text("en") if rule in catalogue else rule,
                    }
                    for rule, count in area.reasons
                ],
            }
            for area in health.areas
        ],
    }
    columns = (
        ("label", "方面", "area"),
        ("score", "得分", "score"),
        ("bar", "", ""),
        ("checked", "检查数", "checked"),
        ("found", "有问题", "with findings"),
        ("reasons", "主要原因", "main reasons"),
    )
    whole = _NONE if health.score is None else health.score
    total = {"area": "total", "label": {"zh": "合计"}.get(lang, "total"), "score": whole}
    return Listing(data, columns, (*rows, total))


def _reasons(reasons: Iterable[tuple[str, int]], catalogue: Mapping[str, Entry], lang: str) -> str:
    parts = []
    for rule, count in reasons:
        entry = catalogue.get(rule)
        text = entry.text(lang) if entry else rule
        if entry and entry.summary:  # its words count themselves
            text = _EXAMPLES.split(text.removeprefix(_COUNTED))[0]
            parts.append(f"{count} {text}")
        else:
            parts.append(f"{count} × {text}")
    return (";" if lang == "zh" else "; ").join(parts)


def explanation_listing(entries: Iterable[Entry], pages: Path, lang: str) -> Listing:
    """Return what rules are about, from their pages below `pages` where these are at hand."""
    data, lines = [], []
    for entry in entries:
        problem = _problem(pages / f"{entry.code}.md", lang) or entry.text(lang)
        data.append(
            {
                "rule": entry.code,
                "level": entry.level,
                "area": entry.area,
                "origin": entry.origin,
                "message": entry.text(lang),
                "problem": problem,
                "remedy": entry.remedy(lang),
                "page": f"docs/rules/{entry.code}.md",
            }
        )
        words = {"zh": ("说法", "办法", "详见"), "en": ("says", "remedy", "more")}
        says, fix, more = words["zh" if lang == "zh" else "en"]
        lines += [
            f"{entry.code} [{phrase('level', entry.level, lang)}] {problem}",
            f"    {says}: {entry.text(lang)}",
            f"    {fix}: {entry.remedy(lang)}",
            f"    {more}: docs/rules/{entry.code}.md",
        ]
    return Listing(data, text="".join(f"{plain(line)}\n" for line in lines))


def _problem(page: Path, lang: str) -> str:
    """Return the problem that a page tells in `lang`; "" where there is no page."""
    if not page.is_file():
        return ""
    found: dict[str, str] = dict(_MARK.findall(page.read_text(encoding="utf-8")))
    return found.get("问题" if lang == "zh" else "Problem", "")
