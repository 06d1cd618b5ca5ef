"""Owns the commands that read: search, show, neighbors, tree, path, impact, rank, communities."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

import click

from kg import vocab
from kg.cli.cards import named_json, named_text
from kg.cli.output import (
    Listing,
    emit,
    glossary_of,
    open_workspace,
    output_options,
    relation_json,
    resolve_term,
    resolve_thing,
    settings,
    term_json,
)
from kg.cli.rendering import (
    branch_json,
    branch_lines,
    branch_rows,
    concept_json,
    concept_text,
    effect_line,
    path_text,
)
from kg.cli.settings import SOURCES, STRENGTHS
from kg.model import TIERS

if TYPE_CHECKING:
    from kg.analysis.projection import View
    from kg.model import Glossary
    from kg.workspace import Workspace

__all__ = ["communities", "impact", "neighbors", "path", "rank", "search", "show", "tree"]

_NAMES = (("id", "id", "id"), ("zh", "中文", "Chinese"), ("en", "英文", "English"))


def _view_options(command: Any) -> Any:
    """Add the filters that every question about the graph takes."""
    for option in (
        click.option(
            "--navigation",
            is_flag=True,
            help="也用“归入”这类导航关系 · follow filing relations too.",
        ),
        click.option(
            "--source",
            "sources",
            multiple=True,
            type=click.Choice(SOURCES),
            help="只用这些来源的关系 · only relations of these sources.",
        ),
        click.option(
            "--strength",
            "strengths",
            multiple=True,
            type=click.Choice(STRENGTHS),
            help="只用这种依据的关系 · only relations of this strength.",
        ),
        click.option(
            "--predicate",
            "predicates",
            multiple=True,
            metavar="NAME",
            help="只用这些谓词 · only these predicates, such as measures.",
        ),
    ):
        command = option(command)
    return command


def _view(glossary: Glossary, filters: dict[str, Any]) -> View:
    from kg.analysis.projection import project

    known = {vocab.local_name(iri) for iri in glossary.predicates} | {"isA"}
    for name in filters["predicates"] or ():
        if name.rpartition(":")[2].rpartition("#")[2] not in known:
            near = ", ".join(difflib.get_close_matches(name, sorted(known), 3, 0.5))
            hint = f" ({near}?)" if near else ""
            raise click.UsageError(f"no predicate '{name}'{hint} · 没有谓词“{name}”{hint}")
    chosen: dict[str, Any] = {name: value or None for name, value in filters.items()}
    return project(glossary, **{**chosen, "navigation": filters["navigation"]})


@click.command(epilog="例 · examples:  kg search 转化率    kg search xszhl    kg search 'win rate'")
@click.argument("text")
@click.option(
    "--limit", default=20, show_default=True, type=click.IntRange(1, 1000), help="条数 · how many."
)
@output_options
def search(text: str, limit: int, format_: str | None, output: str) -> None:
    """查找术语:中文、英文、别名、全拼、首字母、繁体、错字。

    Find terms by Chinese or English name, alias, pinyin, initials, or a near miss.
    """
    from kg.lookup import search as find
    from kg.phrasing import phrase

    workspace = open_workspace()
    names = {entry.iri: entry for entry in workspace.index.entries}
    rows: list[dict[str, Any]] = []
    for hit in find(workspace.index, text, limit=limit):
        prefs = {lang: t for role, lang, t, _ in names[hit.iri].labels if role == "pref"}
        tier = TIERS[names[hit.iri].tier]
        rows.append({"id": vocab.contract(hit.iri), **prefs, "tier": tier, "iri": hit.iri})
    if not rows:
        rows = _things_found(workspace, text)
    if not rows:
        settings().say(
            "没有匹配的术语、字段或度量;换个说法,或用 kg ask 提问",
            "no term, field or measure found; try other words, or ask with kg ask",
        )
    lang = settings().lang
    shown = tuple({**row, "tier": phrase("tier", str(row["tier"]), lang)} for row in rows)
    columns = (*_NAMES, ("tier", "层级", "tier"))
    text_only = None if rows else ""
    emit(Listing(rows, columns, shown, text=text_only), format_=format_, output=output)


def _things_found(workspace: Workspace, text: str) -> list[dict[str, Any]]:
    """Return the CRM fields, objects and measures of that name, where no term was found."""
    from kg.crm import find_named

    glossary = glossary_of(workspace)
    found = (term_json(glossary, iri) for iri in find_named(glossary, text))
    return [{**row, "tier": "", "iri": row["iri"]} for row in found]


@click.command(
    epilog="例 · examples:  kg show 销售漏斗    kg show CAC    kg show Opportunity.StageName"
)
@click.argument("term")
@output_options
def show(term: str, format_: str | None, output: str) -> None:
    """查看一个术语:名称、定义、口径、关系与来源;也可以是 CRM 字段、对象或基础度量。

    Show one term: names, definition, card, relations and where they come from. A CRM field, an
    object or a base measure may be named too, also as your CRM system calls it.
    """
    from kg.store.reading import read_surroundings

    workspace, lang = open_workspace(), settings().lang
    iri = resolve_thing(workspace, term)
    if not iri.startswith(vocab.TERM):
        whole = glossary_of(workspace)
        card = Listing(named_json(whole, iri), text=named_text(whole, iri, lang))
        emit(card, format_=format_, output=output)
        return
    glossary = read_surroundings(workspace.store, iri)
    listing = Listing(concept_json(glossary, iri, lang), text=concept_text(glossary, iri, lang))
    emit(listing, format_=format_, output=output)


@click.command(epilog="例 · example:  kg neighbors 销售漏斗 --depth 2 --strength stated")
@click.argument("term")
@click.option(
    "--depth", default=1, show_default=True, type=click.IntRange(1, 5), help="层数 · hops."
)
@_view_options
@output_options
def neighbors(term: str, depth: int, format_: str | None, output: str, **filters: Any) -> None:
    """列出一个术语的关系,写成句子并注明来源。

    List the relations of a term as sentences with their sources.
    """
    from kg.analysis.measures import neighbours
    from kg.phrasing import statement

    workspace = open_workspace()
    iri, glossary, lang = resolve_term(workspace, term), glossary_of(workspace), settings().lang
    found = neighbours(_view(glossary, filters), iri, depth=depth)
    data = [{"depth": d, **relation_json(glossary, r, lang)} for d, r in found]
    lines = [f"{'  ' * (d - 1)}{statement(glossary, r, lang)}" for d, r in found]
    emit(Listing(data, text="".join(f"{x}\n" for x in lines)), format_=format_, output=output)


@click.command(epilog="例 · examples:  kg tree 关键绩效指标    kg tree 销售速度 --by driver")
@click.argument("term")
@click.option(
    "--by",
    type=click.Choice(["broader", "part", "driver"]),
    default="broader",
    show_default=True,
    help="下位、组成或公式来源 · kinds, parts, or formula inputs.",
)
@click.option(
    "--depth", default=6, show_default=True, type=click.IntRange(1, 20), help="层数 · levels."
)
@output_options
def tree(term: str, by: str, depth: int, format_: str | None, output: str) -> None:
    """把一个术语的下位、组成或计算来源画成树。

    Draw what hangs below a term: kinds, parts, or what a metric is computed from.
    """
    from kg.analysis.measures import tree as grow

    workspace = open_workspace()
    iri, glossary, lang = resolve_term(workspace, term), glossary_of(workspace), settings().lang
    root = grow(glossary, iri, by=by, depth=depth)  # type: ignore[arg-type]
    lines = branch_lines(glossary, root, lang)
    rows = ({"depth": 0, "below": "", **term_json(glossary, iri)}, *branch_rows(glossary, root))
    text = "".join(f"{x}\n" for x in lines)
    listing = Listing(branch_json(glossary, root), rows=rows, text=text)
    emit(listing, format_=format_, output=output)


@click.command(epilog="例 · examples:  kg path 销售转化率 阶段转化    kg path CRM系统 销售预测")
@click.argument("start")
@click.argument("end")
@click.option(
    "--directed", is_flag=True, help="只顺着关系方向 · follow the direction of relations."
)
@_view_options
@output_options
def path(
    start: str,
    end: str,
    directed: bool,
    format_: str | None,
    output: str,
    **filters: Any,
) -> None:
    """两个术语之间最短、依据最强的联系。

    Tell how two terms hang together, along the shortest well-evidenced path.
    """
    from kg.analysis.measures import shortest_path

    workspace = open_workspace()
    ends = [resolve_term(workspace, text) for text in (start, end)]
    glossary, lang = glossary_of(workspace), settings().lang
    steps = shortest_path(_view(glossary, filters), *ends, directed=directed)
    data = [
        {
            "from": term_json(glossary, step.start),
            "to": term_json(glossary, step.end),
            "relations": [relation_json(glossary, r, lang) for r in step.relations],
        }
        for step in steps
    ]
    rows = tuple(
        {"step": n, **relation_json(glossary, relation, lang)}
        for n, step in enumerate(steps, 1)
        for relation in step.relations
    )
    listing = Listing(data, rows=rows, text=path_text(glossary, steps, lang))
    emit(listing, format_=format_, output=output)


@click.command(epilog="例 · examples:  kg impact Opportunity.amount    kg impact 赢单率 --upstream")
@click.argument("thing", metavar="TERM|FIELD")
@click.option("--upstream", is_flag=True, help="反向:什么会影响它 · what reaches it instead.")
@click.option(
    "--depth", default=3, show_default=True, type=click.IntRange(1, 8), help="层数 · hops."
)
@_view_options
@output_options
def impact(
    thing: str,
    upstream: bool,
    depth: int,
    format_: str | None,
    output: str,
    **filters: Any,
) -> None:
    """改动一个术语、度量或 CRM 字段会影响什么,影响方向如何。

    Tell what a change of a term, measure or CRM field reaches, with the sign of the influence.
    """
    from kg.analysis.measures import effects

    workspace = open_workspace()
    glossary, lang = glossary_of(workspace), settings().lang
    iri = resolve_thing(workspace, thing)
    found = effects(_view(glossary, filters), iri, upstream=upstream, depth=depth)
    data = [
        {
            "depth": effect.depth,
            "sign": effect.sign,
            **term_json(glossary, effect.iri),
            "from": vocab.contract(effect.origin),
            "via": relation_json(glossary, effect.via, lang) if effect.via else None,
        }
        for effect in found
    ]
    if not found:
        settings().say("没有找到影响", "nothing is reached")
        _tell_namesake(glossary, iri)
    else:
        settings().say(
            "图例: [+] 同向 [-] 反向 [±] [?] 方向不定 [ ] 公式或字段依赖",
            "legend: [+] same way [-] opposite way [±] [?] undecided [ ] formula or field",
        )
    text = "".join(f"{effect_line(glossary, e, lang)}\n" for e in found)
    emit(Listing(data, text=text), format_=format_, output=output)


def _tell_namesake(glossary: Glossary, iri: str) -> None:
    """Say on stderr that a measure of the same name may be meant."""
    from kg.crm import find_named

    lang = settings().lang
    for other in find_named(glossary, glossary.name(iri, lang)):
        if other != iri:
            name = vocab.contract(other)
            settings().say(f"同名的还有 {name}:kg impact {name}", f"or: kg impact {name}")


@click.command(epilog="例 · example:  kg rank --by betweenness --kind Metric --limit 10")
@click.option(
    "--by",
    type=click.Choice(["pagerank", "betweenness", "closeness", "degree", "eigenvector"]),
    default="pagerank",
    show_default=True,
    help="中心性指标 · measure of centrality.",
)
@click.option(
    "--kind", "kinds", multiple=True, metavar="KIND", help="只列这些类别 · only these kinds."
)
@click.option(
    "--limit",
    default=20,
    show_default=True,
    type=click.IntRange(1, 100_000),
    help="条数 · how many.",
)
@_view_options
@output_options
def rank(
    by: str, kinds: tuple[str, ...], limit: int, format_: str | None, output: str, **filters: Any
) -> None:
    """按中心性排出最重要的术语。

    List the most central terms. --kind filters what is listed, not what is counted.
    """
    from kg.analysis.measures import rank as order

    glossary = glossary_of(open_workspace())
    _check_kinds(glossary, kinds)
    ranked = order(_view(glossary, filters), by=by)
    chosen = [r for r in ranked if not kinds or glossary.concepts[r.iri].kind in kinds][:limit]
    rows = [
        {
            "rank": n,
            **term_json(glossary, r.iri),
            "kind": glossary.concepts[r.iri].kind,
            by: r.score,
        }
        for n, r in enumerate(chosen, 1)
    ]
    shown = tuple({**row, by: f"{row[by]:.6g}"} for row in rows)
    columns = (("rank", "名次", "rank"), *_NAMES, ("kind", "类别", "kind"), (by, by, by))
    emit(Listing(rows, columns, shown), format_=format_, output=output)


def _check_kinds(glossary: Glossary, kinds: tuple[str, ...]) -> None:
    """Refuse a kind that no term has, with those most like it."""
    known = {concept.kind for concept in glossary.concepts.values()}
    for kind in kinds:
        if kind not in known:
            folded = {name.casefold(): name for name in sorted(known)}
            near = difflib.get_close_matches(kind.casefold(), folded, 3, 0.5)
            hint = f" ({', '.join(folded[name] for name in near)}?)" if near else ""
            raise click.UsageError(f"no kind '{kind}'{hint} · 没有类别“{kind}”{hint}")


@click.command(name="communities", epilog="例 · example:  kg communities --min-size 10")
@click.option(
    "--min-size",
    default=3,
    show_default=True,
    type=click.IntRange(1, 100_000),
    help="最少成员 · least members.",
)
@_view_options
@output_options
def communities(min_size: int, format_: str | None, output: str, **filters: Any) -> None:
    """找出联系紧密的术语群(Louvain,固定种子)。

    Find the groups of terms that hang together (Louvain, seeded).
    """
    from kg.analysis.measures import communities as find

    glossary, lang = glossary_of(open_workspace()), settings().lang
    found = find(_view(glossary, filters))
    groups = [group for group in found if len(group.members) >= min_size]
    data = [
        {"group": n, "edges": g.edges, "members": [term_json(glossary, m) for m in g.members]}
        for n, g in enumerate(groups, 1)
    ]
    rows = tuple(
        {
            "group": n,
            "size": len(g.members),
            "members": "、".join(glossary.name(m, lang) for m in g.members[:6]),
        }
        for n, g in enumerate(groups, 1)
    )
    if rest := len(found) - len(groups):
        settings().say(f"另有 {rest} 个更小的群未列出", f"{rest} smaller groups not listed")
    columns = (
        ("group", "群", "group"),
        ("size", "术语数", "terms"),
        ("members", "代表术语", "leading terms"),
    )
    emit(Listing(data, columns, rows), format_=format_, output=output)
