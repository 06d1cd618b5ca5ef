"""Owns where concepts stand on the map: each topic in a region of its own, and places that stay.

A topic is a disc of slots on a sunflower spiral (Vogel, "A better way to construct the sunflower
head", 1979): evenly spaced, so that nothing overlaps. Core terms take the inner slots; within a
tier concepts swap slots, and topics swap cells, while that shortens the relations between them.
"""

from __future__ import annotations

import csv
import io
import itertools
import math
from typing import TYPE_CHECKING

from kg.errors import SourceError
from kg.model import TIERS
from kg.vocab import SO, TERM

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from kg.model import Glossary

__all__ = [
    "COLUMNS",
    "EXAMPLES",
    "FILED",
    "PITCH",
    "SPACING",
    "Point",
    "lay_out",
    "layout_csv",
    "read_layout",
]

Point = tuple[float, float]

# The relations that the opening view introduces the graph with: their topics stand side by side.
EXAMPLES = ("r010", "r126")
FILED = SO + "topicOf"  # grouping only: it draws nothing together
SPACING = 62.0  # between neighbouring slots
PITCH = (1160.0, 1180.0)  # between the centres of topics
COLUMNS = 5
_GOLDEN = math.pi * (3.0 - math.sqrt(5.0))
_SWEEPS = 6
_PULL = 40  # of an example between topics, where a plain relation pulls with 1


def read_layout(path: Path) -> dict[str, Point]:
    """Return the positions in a layout table, by concept IRI; an absent file holds none.

    Raises SourceError with the line where a row is wrong.
    """
    if not path.is_file():
        return {}
    out: dict[str, Point] = {}
    rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")))
    for number, row in enumerate(rows, 2):
        try:
            point = (float(row["x"]), float(row["y"]))
            name = row["concept"]
        except (KeyError, TypeError, ValueError):
            point = (math.nan, math.nan)
        if not all(map(math.isfinite, point)):
            reason = "concept,x,y expected"
            raise SourceError(
                "source-syntax", path=path, line=number, column=1, format="CSV", reason=reason
            )
        out[TERM + name] = point
    return out


def layout_csv(positions: Mapping[str, Point]) -> bytes:
    """Return positions as a table: concept, x, y, sorted by concept."""
    lines = ["concept,x,y"]
    for iri, (x, y) in sorted(positions.items()):
        lines.append(f"{iri.removeprefix(TERM)},{x:.1f},{y:.1f}")
    return ("\n".join(lines) + "\n").encode()


def lay_out(glossary: Glossary, previous: Mapping[str, Point] | None = None) -> dict[str, Point]:
    """Return a position for every concept; those in `previous` keep theirs.

    A concept without one takes the innermost free slot of its topic. The same glossary gives the
    same map on every machine: there is no randomness, and sums are rounded before they compare.
    """
    if not previous:
        return _fresh(glossary)
    kept = {iri: previous[iri] for iri in glossary.concepts if iri in previous}
    taken = set(kept.values())
    for concepts in _members(glossary).values():
        old = [kept[iri] for iri in concepts if iri in kept]
        # The first slots surround the centre: their mean is where the topic stands.
        centre = _mean(old) if old else _vacant(len(concepts), taken)
        for iri in concepts:
            if iri not in kept:
                kept[iri] = next(slot for slot in _slots(centre) if _clear(slot, taken))
                taken.add(kept[iri])
    return dict(sorted(kept.items()))


def _fresh(glossary: Glossary) -> dict[str, Point]:
    members = _members(glossary)
    links = _links(glossary)
    between: dict[tuple[str, str], int] = {}
    home = {iri: topic for topic, concepts in members.items() for iri in concepts}
    for iri, others in links.items():
        for other in others:
            if home[iri] < home[other]:
                pair = (home[iri], home[other])
                between[pair] = between.get(pair, 0) + 1
    for relation in glossary.relations:
        if relation.id in EXAMPLES and {relation.subject, relation.object} <= home.keys():
            one, two = sorted((home[relation.subject], home[relation.object]))
            between[one, two] = between.get((one, two), 0) + _PULL
    centres = _cells(list(members), between)
    places: dict[str, Point] = {}
    for topic, concepts in members.items():
        ordered = sorted(
            concepts,
            key=lambda iri: (TIERS.index(glossary.concepts[iri].tier), -len(links[iri]), iri),
        )
        places |= dict(zip(ordered, _slots(centres[topic]), strict=False))
    for _ in range(_SWEEPS):
        for concepts in members.values():
            for tier in TIERS:
                group = [iri for iri in concepts if glossary.concepts[iri].tier == tier]
                _settle(group, links, places)
    return {iri: (round(x, 1), round(y, 1)) for iri, (x, y) in sorted(places.items())}


def _members(glossary: Glossary) -> dict[str, list[str]]:
    """Return the concepts of each topic, in menu order; unknown topics come last."""
    out: dict[str, list[str]] = {topic.id: [] for topic in glossary.topics}
    for iri, concept in sorted(glossary.concepts.items()):
        out.setdefault(concept.topic, []).append(iri)
    return {topic: concepts for topic, concepts in out.items() if concepts}


def _links(glossary: Glossary) -> dict[str, list[str]]:
    """Return the other ends of each concept's relations, filing left out."""
    out: dict[str, set[str]] = {iri: set() for iri in glossary.concepts}
    for relation in glossary.relations:
        ends = {relation.subject, relation.object}
        if relation.asserted and ends <= out.keys() and relation.predicate != FILED:
            out[relation.subject].add(relation.object)
            out[relation.object].add(relation.subject)
    return {iri: sorted(others - {iri}) for iri, others in out.items()}


def _cells(topics: Sequence[str], between: Mapping[tuple[str, str], int]) -> dict[str, Point]:
    """Return a centre for each topic on a staggered grid, related topics close together."""
    points = [_cell(at) for at in range(len(topics))]
    places = dict(zip(topics, points, strict=True))
    links: dict[str, list[str]] = {topic: [] for topic in topics}
    for (left, right), count in between.items():
        links[left] += [right] * count
        links[right] += [left] * count
    for _ in range(_SWEEPS):
        _settle(topics, links, places)
    return places


def _settle(
    group: Sequence[str], links: Mapping[str, Sequence[str]], places: dict[str, Point]
) -> None:
    """Swap members of a group pairwise as long as that shortens their links."""

    def strain(iri: str, at: Point) -> float:
        return sum(math.dist(at, places[other]) for other in links[iri])

    for first, left in enumerate(group):
        for right in group[first + 1 :]:
            a, b = places[left], places[right]
            now = strain(left, a) + strain(right, b)
            then = strain(left, b) + strain(right, a)
            if round(then - now, 3) < 0:
                places[left], places[right] = b, a


def _cell(at: int) -> Point:
    """Return the centre of a cell of the staggered grid, counted row by row."""
    row, column = divmod(at, COLUMNS)
    return (column + 0.5 * (row % 2)) * PITCH[0], row * PITCH[1]


def _vacant(count: int, taken: Iterable[Point]) -> Point:
    """Return the first cell in which a topic of `count` concepts touches none of the points."""
    reach = SPACING * (math.sqrt(count) + 1)
    return next(
        cell
        for cell in map(_cell, itertools.count())
        if all(math.dist(cell, point) > reach for point in taken)
    )


def _slots(centre: Point) -> Iterator[Point]:
    """Yield evenly spaced points around a centre, innermost first, without end."""
    for at in itertools.count():
        radius, angle = SPACING * math.sqrt(at + 0.35), at * _GOLDEN
        yield (
            round(centre[0] + radius * math.cos(angle), 1),
            round(centre[1] + radius * math.sin(angle), 1),
        )


def _clear(point: Point, taken: Iterable[Point]) -> bool:
    return all(math.dist(point, other) > SPACING * 0.7 for other in taken)


def _mean(points: Sequence[Point]) -> Point:
    return sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)
