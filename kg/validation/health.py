"""Owns how well a graph is kept: a score for each area, and the rules that lower it most."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from kg.validation.areas import AREAS, Area, area_of_fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pyoxigraph as ox

    from kg.model import Finding, Level, Report
    from kg.store import Store
    from kg.validation.catalogue import Entry

__all__ = ["WEIGHTS", "AreaHealth", "Health", "assess"]

# How much of a thing is lost where it has a finding: what is wrong counts whole.
WEIGHTS: dict[Level, float] = {"error": 1.0, "warning": 0.5, "info": 0.1}
_TOP = 3


@dataclass(frozen=True, slots=True)
class AreaHealth:
    """The health of one area: 0 to 100, of how many things, and the rules that lower it most.

    There is no score where there was nothing to check.
    """

    id: str
    area: Area
    checked: int
    found: int
    score: float | None
    reasons: tuple[tuple[str, int], ...]  # (rule, how many things), the heaviest first


@dataclass(frozen=True, slots=True)
class Health:
    """The health of a graph: of each area, and the mean of all that have something to check."""

    areas: tuple[AreaHealth, ...]

    @property
    def score(self) -> float | None:
        """Return the mean of the areas that have a score, 0 to 100; None where none has."""
        scores = [area.score for area in self.areas if area.score is not None]
        return round(sum(scores) / len(scores), 1) if scores else None


def assess(store: Store, report: Report, catalogue: Mapping[str, Entry]) -> Health:
    """Return the health of a graph: the share of its things without a finding, by area.

    A thing counts once, with its worst finding: an error takes all of it, a warning half, an info
    a tenth. What is listed with a reason takes nothing. An area without things has no score; none
    has one where faults of the tables kept the graph from being made.
    """
    by_area: dict[str, list[Finding]] = {name: [] for name in AREAS}
    for finding in report.at_least("info"):
        entry = catalogue.get(finding.rule)
        by_area[entry.area if entry else area_of_fault(finding.rule)].append(finding)
    return Health(tuple(_area(name, store, found) for name, found in by_area.items()))


def _area(name: str, store: Store, findings: list[Finding]) -> AreaHealth:
    checked = _count(store, AREAS[name].query)
    lost, things = _lost(findings)
    score = round(max(0.0, 100.0 * (1 - lost / checked)), 1) if checked else None
    counts: Counter[str] = Counter()
    heavy: Counter[str] = Counter()
    for finding in findings:
        counts[finding.rule] += finding.count
        heavy[finding.rule] += round(finding.count * WEIGHTS[finding.level] * 10)
    order = sorted(heavy, key=lambda rule: (-heavy[rule], rule))[:_TOP]
    reasons = tuple((rule, counts[rule]) for rule in order)
    return AreaHealth(name, AREAS[name], checked, things, score, reasons)


def _lost(findings: Iterable[Finding]) -> tuple[float, int]:
    """Return the weight of what has findings, and how many things that are."""
    worst: dict[object, float] = {}
    lost, things = 0.0, 0
    for finding in findings:
        weight = WEIGHTS[finding.level]
        if finding.count > 1:  # a summary names no thing
            lost, things = lost + weight * finding.count, things + finding.count
        else:
            key = finding.focus or finding.place or finding
            worst[key] = max(worst.get(key, 0.0), weight)
    return lost + sum(worst.values()), things + len(worst)


def _count(store: Store, query: str) -> int:
    rows = cast("ox.QuerySolutions", store.query(query, asserted=True))
    return int(cast("ox.Literal", next(iter(rows))[0]).value)
