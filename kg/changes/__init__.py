"""Owns the comparison of two graphs: what was added, renamed, moved, redefined, deprecated."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from kg import vocab as v
from kg.changes.blanks import name_blanks
from kg.changes.facets import Facet, Graph, facet_of
from kg.model import CHANGES, Change, Changeset

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

    import pyoxigraph as ox

    from kg.changes.facets import Side
    from kg.model import Text
    from kg.store import Store

__all__ = ["diff", "trig"]

_ORDER = {kind: at for at, kind in enumerate(CHANGES)}


class _Gathered:
    """The triples and values of one facet while they are gathered."""

    __slots__ = ("triples", "values")

    def __init__(self) -> None:
        self.triples: dict[Side, list[str]] = {"removed": [], "added": []}
        self.values: dict[Side, set[Text]] = {"removed": set(), "added": set()}


def diff(old: Store, new: Store, *, inferred: bool = False) -> Changeset:
    """Return what differs between two graphs, each triple in exactly one change, sorted.

    Compared is the union of the named graphs: which source a triple stands in is left aside. Blank
    nodes are the same where the same is said of them. `inferred` compares what is inferred, too:
    a triple asserted in one graph and inferred in the other is then no difference. Time and memory
    grow with the number of triples.

    >>> from kg.store import open_store
    >>> old, new = open_store(), open_store()
    >>> for store, name in ((old, "赢单率"), (new, "成交率")):
    ...     store.update(
    ...         "INSERT DATA { GRAPH <urn:kg:asserted/x> { term:win-rate a skos:Concept ;"
    ...         f" skos:prefLabel '{name}'@zh }} }}"
    ...     )
    >>> change, = diff(old, new).changes
    >>> change.kind, change.before[0].value, change.after[0].value
    ('term-renamed', '赢单率', '成交率')
    """
    (before, implied_before), (after, implied_after) = (_read(x, inferred) for x in (old, new))
    found: dict[Facet, _Gathered] = defaultdict(_Gathered)
    for facet, side, triple, value in (
        *_placed(before, implied_before, after, implied_after, "removed"),
        *_placed(after, implied_after, before, implied_before, "added"),
    ):
        found[facet].triples[side].append(str(triple))
        if value is not None:
            found[facet].values[side].add(value)
    order = sorted(found, key=lambda facet: (_ORDER[facet.kind], *facet[1:]))
    return Changeset(tuple(_change(facet, found[facet]) for facet in order))


def trig(changes: Changeset) -> str:
    """Return the triples of a comparison as TriG: one graph of those removed, one of those added.

    >>> print(trig(Changeset()), end="")
    <urn:kg:removed> {
    }
    <urn:kg:added> {
    }
    """
    parts = []
    for graph, triples in ((v.REMOVED, changes.removed), (v.ADDED, changes.added)):
        parts.append(f"<{graph}> {{\n{''.join(f'{line} .{chr(10)}' for line in triples)}}}\n")
    return "".join(parts)


def _read(store: Store, inferred: bool) -> tuple[Graph, AbstractSet[ox.Triple]]:  # noqa: FBT001
    """Return the asserted graph, and where asked for what is inferred beside it."""
    asserted = set(store.triples())
    graph = Graph(name_blanks(asserted))
    if not inferred:
        return graph, frozenset()
    implied = (triple for triple in store.triples(asserted=False) if triple not in asserted)
    return graph, name_blanks(implied) - graph.triples


def _placed(
    here: Graph,
    implied: AbstractSet[ox.Triple],
    there: Graph,
    others: AbstractSet[ox.Triple],
    side: Side,
) -> Iterator[tuple[Facet, Side, ox.Triple, Text | None]]:
    """Yield what only one side holds, with the facet that it belongs to and the value it bears."""
    for triple in here.triples - there.triples - others:
        facet, value = facet_of(triple, here, there, side)
        yield facet, side, triple, value
    for triple in implied - there.triples - others:
        yield Facet("inferred", triple.predicate.value), side, triple, None


def _change(facet: Facet, found: _Gathered) -> Change:
    return Change(
        *facet,
        before=tuple(sorted(found.values["removed"])),
        after=tuple(sorted(found.values["added"])),
        removed=tuple(sorted(found.triples["removed"])),
        added=tuple(sorted(found.triples["added"])),
    )
