"""Owns the catalogue of all that can be found: rule files, groups of shapes, table faults."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kg.sources.faults import FAULTS
from kg.validation.areas import area_of_fault
from kg.validation.rules import read_rules
from kg.validation.shapes import read_groups
from kg.validation.wording import HOLE

if TYPE_CHECKING:
    from pathlib import Path

    from kg.model import Level

__all__ = ["Entry", "read_catalogue"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be found: what it says and what to do, with … for what differs."""

    code: str
    level: Level
    area: str
    origin: str  # where it is written down: "rule", "shape" or "table"
    says: tuple[str, str]  # in Chinese, in English
    remedies: tuple[str, str]
    summary: bool = False
    why: str = ""  # the remark of a rule file, in English

    def text(self, lang: str) -> str:
        """Return what a finding says, in `lang`."""
        return self.says[lang != "zh"]

    def remedy(self, lang: str) -> str:
        """Return what to do, in `lang`."""
        return self.remedies[lang != "zh"]


def read_catalogue(rules: Path, shapes: Path) -> dict[str, Entry]:
    """Return every code that a finding may bear, sorted; a rule file speaks before a shape.

    >>> from kg.workspace import find_sources
    >>> folder = find_sources().ontology
    >>> read_catalogue(folder / "rules", folder / "shapes.ttl")["owner-missing"].text("en")
    "nobody keeps the definition of '…'"
    """
    found = {}
    for code, row in FAULTS.items():
        says, remedies = (row.zh, row.en), (row.remedy_zh, row.remedy_en)
        found[code] = _entry(code, row.level, area_of_fault(code), "table", (says, remedies))
    for origin, read in (("shape", read_groups(shapes)), ("rule", read_rules(rules))):
        for rule in read:
            words = rule.words
            texts = (words["zh"], words["en"]), (words["fix-zh"], words["fix-en"])
            area = rule.area or area_of_fault(rule.code)
            entry = _entry(rule.code, rule.level, area, origin, texts)
            found[rule.code] = replace(entry, summary=rule.summary, why=rule.why)
    return dict(sorted(found.items()))


def _entry(
    code: str, level: Level, area: str, origin: str, texts: tuple[tuple[str, str], tuple[str, str]]
) -> Entry:
    says, remedies = ((_plain(zh), _plain(en)) for zh, en in texts)
    return Entry(code, level, area, origin, says, remedies)


def _plain(template: str) -> str:
    return HOLE.sub("…", template)
