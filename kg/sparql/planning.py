"""Owns what the engine plans badly, and the query with the same answers that it plans well.

Each rewrite holds only under conditions that the tokens can prove; where one is not met, or
something is met that is not known here, the query stays as it is. Decision record 0009 has the
reasons.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from kg.sparql.groups import find_where, pair_brackets, read_group, variables
from kg.sparql.tokens import Token
from kg.vocab import RDF

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kg.sparql.groups import Group, Part, Pattern

    Edit = tuple[int, int, list[Token]]  # from, to, and what stands there instead

__all__ = ["rewrite"]

_CHANGING = frozenset(("BNODE", "RAND", "STRUUID", "UUID"))  # another value at each call
_TYPE = ("a", "rdf:type", f"<{RDF}type>")
_LOCAL = frozenset(("", ".", "FILTER", "MINUS"))
_COMPARED = ({"var", "iri"}, {"var", "name"})
_JOINED = frozenset(("", ".", "FILTER"))
_SIMPLE = _JOINED.union(("BIND", "MINUS", "OPTIONAL"))
_ZERO = frozenset("*?")


def rewrite(tokens: Sequence[Token]) -> Sequence[Token]:
    """Return tokens with the same answers, each as often, that the engine plans better.

    >>> from kg.sparql.tokens import read_tokens, render
    >>> text = "SELECT ?a { ?a a so:Term FILTER NOT EXISTS { ?b so:of ?a ; so:in so:Group } }"
    >>> render(rewrite(tuple(read_tokens(text))))
    ' SELECT ?a { ?a a so:Term FILTER ( true ) MINUS { ?b so:of ?a ; so:in so:Group } }'
    """
    if not _is_worth_reading(tokens):
        return tokens
    pairs = pair_brackets(tokens)
    start = find_where(tokens, pairs, 0)
    if start is None:
        return tokens
    joins = not _counts_by_order(tokens)
    edits: list[Edit] = []
    for group, root in _groups(tokens, pairs, start):
        edits += _without_exists(tokens, pairs, group, joins=joins)
        if root and joins:
            edits += _with_values(tokens, group)
    return _edited(tokens, edits) if edits else tokens


def _is_worth_reading(tokens: Sequence[Token]) -> bool:
    """Return whether it may hold EXISTS or a filter with an IRI: most queries hold neither."""
    words = {token.text.upper() for token in tokens if token.kind == "word"}
    if "FILTER" not in words or "EXISTS" in words:
        return "FILTER" in words
    return "IN" in words or any(
        token.text == "=" and {before.kind, after.kind} in _COMPARED
        for before, token, after in zip(tokens, tokens[1:], tokens[2:], strict=False)
    )


def _counts_by_order(tokens: Sequence[Token]) -> bool:
    """Return whether the number of answers may hang on the order of joins.

    Where both ends of a path !p have a value, the engine counts it once, elsewhere as often as it
    matches.
    """
    return any(
        token.text == "!" and (after.text == "a" or after.kind in ("iri", "name", "mark"))
        for token, after in itertools.pairwise(tokens)
    )


def _edited(tokens: Sequence[Token], edits: Iterable[Edit]) -> list[Token]:
    found = list(tokens)
    for start, end, instead in sorted(edits, key=lambda edit: edit[:2], reverse=True):
        found[start:end] = instead
    return found


def _groups(
    tokens: Sequence[Token], pairs: Mapping[int, int], start: int, *, root: bool = True
) -> Iterator[tuple[Group, bool]]:
    """Yield the groups that see no solution from outside, and whether a SELECT owns them.

    A group in OPTIONAL, EXISTS, GRAPH or LATERAL does see some.
    """
    if start in pairs and tokens[start + 1].word == "SELECT":
        inner = find_where(tokens, pairs, start + 1)
        if inner is not None:
            yield from _groups(tokens, pairs, inner)
        return
    group = read_group(tokens, pairs, start)
    if group is None:
        return
    yield group, root
    for part in group.parts:
        if part.word in ("{", "MINUS"):
            inner = part.start + (part.word == "MINUS")
            yield from _groups(tokens, pairs, inner, root=False)


# -- EXISTS with several patterns: the engine reads each of them anew for every outer solution
def _without_exists(
    tokens: Sequence[Token], pairs: Mapping[int, int], group: Group, *, joins: bool
) -> Iterator[Edit]:
    """Yield the edits that make MINUS of NOT EXISTS, and a join with distinct rows of EXISTS.

    Both go to the end of the group: a filter holds for the whole of it, wherever it stands.
    """
    if _is_small(tokens, group):
        return
    bound = group.bound
    others = [part for part in group.parts if part.word not in _LOCAL]
    maybe = variables(t for part in others for t in tokens[part.start : part.end]) - bound
    for part in group.parts:
        opening = _exists(tokens, pairs, part)
        inner = read_group(tokens, pairs, opening) if opening is not None else None
        if inner is None or not _stands_alone(tokens, inner):
            continue
        shared = sorted(inner.bound & bound)
        body = list(tokens[inner.start : inner.end + 1])
        if shared and tokens[inner.start - 2].word == "NOT":
            added = [_made("word", "MINUS"), *body]
        elif shared and joins and not inner.bound & maybe:
            added = _distinct([_made("var", f"?{name}") for name in shared], body)
        else:
            continue
        yield part.start, part.end, _TRUE
        yield group.end, group.end, added


def _is_small(tokens: Sequence[Token], group: Group) -> bool:
    """Return whether few solutions are likely: then EXISTS costs less than all its solutions."""
    pinned = {name for part in group.parts if (found := _pinned(tokens, part)) for name in found}
    return any(part.word == "VALUES" for part in group.parts) or any(
        pattern.subject is None or pattern.subject in pinned for pattern in group.patterns
    )


def _exists(tokens: Sequence[Token], pairs: Mapping[int, int], part: Part) -> int | None:
    """Return where the group opens if the part is FILTER [NOT] EXISTS, in brackets or not."""
    if part.word != "FILTER":
        return None
    words = [token.word or token.text for token in tokens[part.start + 1 : part.start + 5]]
    bracket = words[0] == "("
    at = bracket + (words[bracket] == "NOT")
    opening = part.start + at + 2
    whole = words[at] == "EXISTS" and pairs.get(opening) == part.end - 1 - bracket
    return opening if whole else None


def _stands_alone(tokens: Sequence[Token], inner: Group) -> bool:
    """Return whether its solutions, found once and for all, say what those found for each row do.

    And whether they are few enough: no more than a constant times the patterns match.
    """
    patterns = inner.patterns
    if len(patterns) < 2:  # noqa: PLR2004 - the engine plans one pattern well
        return False
    filters = [
        t for part in inner.parts if not part.patterns for t in tokens[part.start : part.end]
    ]
    return (
        all(part.word in _JOINED for part in inner.parts)
        and variables(filters) <= inner.bound
        and not any(token.word in _CHANGING for token in filters)
        and not any(map(_reaches_itself, patterns))
        and _is_tree(patterns)
    )


def _reaches_itself(pattern: Pattern) -> bool:
    """Return whether a path of no steps may join any term with itself: the engine lists them all.

    The standard even joins what is in no triple, if it has a value before.
    """
    both = pattern.subject is not None and pattern.object is not None
    return both and any(token.text in _ZERO for token in pattern.path)


def _is_tree(patterns: Sequence[Pattern]) -> bool:
    """Return whether the patterns hang together, and no two of them meet in their objects.

    Else all pairs of what points at one node would be listed.
    """
    targets = [p.object for p in patterns if p.subject is not None and p.object is not None]
    if len(targets) > len(set(targets)):
        return False
    reached = patterns[0].variables
    for _ in patterns:
        near = (p.variables for p in patterns if not reached.isdisjoint(p.variables))
        reached = reached.union(*near)
    return all(p.variables and p.variables <= reached for p in patterns)


# -- FILTER(?x = <iri>): the engine scans where it could look up
def _with_values(tokens: Sequence[Token], group: Group) -> Iterator[Edit]:
    """Yield the edits that name the IRIs of a filter before the triples that bind its variable.

    The filter stays. One look-up a group is enough, and only where no better start is at hand.
    """
    if any(part.word not in _SIMPLE for part in group.parts):
        return
    for part in group.parts:
        for name, iris in (_pinned(tokens, part) or {}).items():
            if not _is_best_start(name, group.patterns):
                continue
            rows = [_made("mark", "{"), *iris, _made("mark", "}")]
            variable = _made("var", f"?{name}")
            added = [_made("word", "VALUES"), variable, *rows]
            if len(iris) > 1:  # the same IRI may be written in two ways
                added = _distinct([variable], [_made("mark", "{"), *added, _made("mark", "}")])
            at = _start_of_run(group, name)
            yield at, at, added
            return


def _pinned(tokens: Sequence[Token], part: Part) -> dict[str, list[Token]] | None:
    """Return the variable and the IRIs of a filter that is `?x = iri` or `?x IN (iri, ...)`."""
    inside = tokens[part.start + 2 : part.end - 1]
    if part.word != "FILTER" or tokens[part.start + 1].text != "(" or len(inside) < 3:  # noqa: PLR2004
        return None
    first, sign, last = inside[0], inside[1], inside[2]
    if first.kind != "var":
        first, last = last, first
    if first.kind != "var":
        return None
    if sign.text == "=" and len(inside) == 3 and _is_iri(last):  # noqa: PLR2004 - ?x = iri
        return {first.text[1:]: [last]}
    listed, commas = inside[3:-1:2], inside[4:-1:2]
    whole = sign.word == "IN" and last.text == "(" and len(inside) == 4 + 2 * len(listed) - 1
    if whole and listed and all(map(_is_iri, listed)) and all(t.text == "," for t in commas):
        return {first.text[1:]: list(listed)}
    return None


def _is_iri(token: Token) -> bool:
    return token.kind == "iri" or (token.kind == "name" and not token.text.startswith("_:"))


def _is_best_start(name: str, patterns: Sequence[Pattern]) -> bool:
    """Return whether the engine would start there if the IRI stood in the pattern itself."""
    starts = any(pattern.subject is None for pattern in patterns)
    if any(pattern.subject == name for pattern in patterns):
        return not starts
    typed = [p for p in patterns if p.object is None and p.path[0].text in _TYPE]
    ends = sum(pattern.object is None for pattern in patterns)
    if any(pattern.object == name for pattern in patterns):
        return not starts and ends == len(typed)
    used = any(name in pattern.variables for pattern in patterns)
    return used and not starts and not ends


def _start_of_run(group: Group, name: str) -> int:
    """Return where the triples begin that bind a variable; filters do not part them."""
    start = group.start + 1
    for part in group.parts:
        if part.word not in _JOINED:
            start = part.end
        elif any(name in pattern.variables for pattern in part.patterns):
            break
    return start


def _distinct(names: Sequence[Token], body: Sequence[Token]) -> list[Token]:
    """Return a subquery for the different values of the names in a group."""
    select = [_made("word", "SELECT"), _made("word", "DISTINCT")]
    return [_made("mark", "{"), *select, *names, *body, _made("mark", "}")]


def _made(kind: str, text: str) -> Token:
    return Token(kind, text, 0, glued=False)


_TRUE = [
    _made("word", "FILTER"),
    _made("mark", "("),
    _made("word", "true"),
    _made("mark", ")"),
]
