"""Owns the commands on the graph as a whole: build, validate, info, explain."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg import vocab
from kg.cli.output import (
    Listing,
    emit,
    glossary_of,
    open_workspace,
    output_options,
    output_options_with,
    resolve_term,
    settings,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kg.model import Report
    from kg.validation.catalogue import Entry

__all__ = ["build", "explain", "info", "validate"]

_STEPS = {
    "read": ("读取源数据", "reading the sources"),
    "store": ("写入存储", "filling the store"),
    "validate": ("检查", "checking"),
    "infer": ("推理", "inferring"),
    "write": ("写出文件", "writing the files"),
}


@click.command(epilog="例 · examples:  kg build    kg build --from my-folder -o my-build")
@click.option(
    "--from",
    "origin",
    metavar="DIR",
    help="含 ontology/ 与 data/ 的文件夹 · folder with ontology/ and data/.",
)
@click.option(
    "-o", "--output", metavar="DIR", help="生成到此文件夹 · where the build goes (default: build/)."
)
@click.option(
    "--force", is_flag=True, help="即使没有变化也重新生成 · build even if nothing changed."
)
@click.option(
    "--release", metavar="VERSION", help="登记改动过的术语 · record changed terms as VERSION."
)
@click.option(
    "--date", metavar="YYYY-MM-DD", help="发布日期,与 --release 同用 · date of the release."
)
@click.option(
    "--translated",
    is_flag=True,
    help="登记中英文定义已对照核对 · record that both definitions of each term say the same.",
)
def build(
    origin: str | None,
    output: str | None,
    force: bool,
    release: str | None,
    date: str | None,
    translated: bool,
) -> None:
    """由源数据生成图谱:读取、入库、检查、推理、写出。失败时原图谱不变。

    Make the graph: read, store, check, infer, write. A failed build leaves the last one in use.
    """
    from kg.workspace import build as make
    from kg.workspace import (
        check_release,
        default_output,
        find_sources,
        record_release,
        record_translations,
    )

    here, sources = settings(), find_sources(origin)
    if (release is None) != (date is None):
        raise click.UsageError("--release and --date go together · 两个选项须同时给出")
    if release is not None and date is not None:
        check_release(release, date)
    if translated:
        count = record_translations(sources)
        here.say(f"已登记 {count} 条译文", f"{count} translations recorded")
    if release is not None and date is not None:
        count = record_release(sources, release, date)
        here.say(f"已登记 {count} 个改动的术语", f"{count} changed terms recorded")
    started, number = time.monotonic(), iter(range(1, len(_STEPS) + 1))

    def progress(step: str) -> None:
        zh, en = _STEPS[step]
        at = f"[{next(number)}/{len(_STEPS)}]"
        here.say(f"{at} {zh} …", f"{at} {en} ...")

    place = Path(output) if output else Path(here.store) if here.store else default_output()
    done = make(sources, place, force=force, progress=progress)
    _summary(done.path, done.counts, fresh=done.fresh, seconds=time.monotonic() - started)


def _summary(path: Path, counts: dict[str, int], *, fresh: bool, seconds: float) -> None:
    """Print the five lines that sum up a build."""
    lines = {
        "zh": (
            "术语    {concepts} 个:来源 {source},补充 {product};主题 {topics} 个",
            "关系    来源 {relations_source} 条,补充 {relations_product} 条,归属 {filed} 条",
            "依据    {claims} 条;指标 {metrics} 个带公式,基础度量 {measures} 个",
            "陈述    断言 {triples} 条,推理 {inferred} 条",
            "图谱    {path}({state})",
        ),
        "en": (
            "terms      {concepts}: {source} of the source, {product} added; {topics} topics",
            "relations  {relations_source} of source, {relations_product} added, {filed} filing",
            "claims     {claims}; {metrics} metrics with a formula, {measures} base measures",
            "triples    {triples} asserted, {inferred} inferred",
            "graph      {path} ({state})",
        ),
    }[settings().lang]
    states = {
        "zh": f"用时 {seconds:.1f} 秒" if fresh else "没有变化,无需重新生成",
        "en": f"{seconds:.1f} s" if fresh else "nothing changed, nothing to do",
    }
    words = {
        **counts,
        "source": counts["concepts_source"],
        "product": counts["concepts"] - counts["concepts_source"],
        "filed": counts["relations"] - counts["relations_source"] - counts["relations_product"],
        "path": path,
        "state": states[settings().lang],
    }
    click.echo("\n".join(line.format(**words) for line in lines))


@click.command(
    epilog="例 · examples:  kg validate --fail-on warning    kg validate --format sarif -o kg.sarif"
    "    kg validate --score    kg validate --explain claim-reason"
)
@click.argument("rules", nargs=-1, metavar="[RULE]...")
@click.option("--from", "origin", metavar="DIR", help="要检查的源文件夹 · folder to check.")
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "info", "never"]),
    default="error",
    show_default=True,
    help="达到此级别即返回 1 · exit 1 from this level on.",
)
@click.option("--score", is_flag=True, help="各方面的得分与原因 · a score for each area, and why.")
@click.option(
    "--explain",
    "about",
    is_flag=True,
    help="说明这些规则,不作检查 · tell what the RULEs are about, and check nothing.",
)
@output_options_with("sarif", "junit")
def validate(
    rules: tuple[str, ...],
    origin: str | None,
    fail_on: str,
    score: bool,
    about: bool,
    format_: str | None,
    output: str,
) -> None:
    """检查源数据:形状、SKOS 完整性与本图谱规则;给出位置与办法。写明 RULE 时只看这些规则。

    Check the sources: shapes, SKOS integrity and house rules; say where and what to do. With
    RULEs, only these are looked at.
    """
    from kg.cli.reports import explanation_listing, health_listing, report_text
    from kg.validation.catalogue import read_catalogue
    from kg.validation.health import assess
    from kg.workspace import check, find_sources

    here, sources = settings(), find_sources(origin)
    if (score or about) and format_ in ("sarif", "junit"):
        raise click.UsageError("sarif and junit hold findings only · 这两种格式只用于检查结果")
    if score and (rules or about):
        raise click.UsageError(
            "--score judges the whole graph: leave out RULEs and --explain"
            " · --score 针对整个图谱,不能与 RULE 或 --explain 同用"
        )
    catalogue = read_catalogue(sources.ontology / "rules", sources.ontology / "shapes.ttl")
    _known(rules, catalogue)
    if about:
        chosen = [catalogue[code] for code in rules or catalogue]
        listing = explanation_listing(chosen, sources.root / "docs" / "rules", here.lang)
        emit(listing, format_=format_, output=output)
        return
    store, report = check(sources, only=rules, inferred=False)
    if score:
        health = assess(store, report, catalogue)
        emit(health_listing(health, catalogue, here.lang), format_=format_, output=output)
        if health.score is None:
            here.say(
                "没有得分:没有检查到任何内容;若表格有错误,请运行 kg validate 查看并修正",
                "no score: nothing could be checked; kg validate shows the faults of the tables",
            )
    else:
        emit(
            report_text(report, catalogue, format_=format_, lang=here.lang),
            format_=format_,
            output=output,
        )
    _say_counts(report)
    if fail_on != "never" and report.at_least(fail_on):  # type: ignore[arg-type]
        sys.exit(1)


def _known(rules: tuple[str, ...], catalogue: Mapping[str, Entry]) -> None:
    """Refuse a rule that is not there, with those that are most like it, or how to list all."""
    from difflib import get_close_matches

    for rule in rules:
        if rule not in catalogue:
            near = ", ".join(get_close_matches(rule, catalogue, 3, 0.5))
            en = f"did you mean: {near}?" if near else "all rules: kg validate --explain"
            zh = f"您是否要写:{near}?" if near else "查看全部规则:kg validate --explain"
            raise click.BadParameter(f"no rule '{rule}'; {en} · 没有规则“{rule}”;{zh}")


def _say_counts(report: Report) -> None:
    """Say how many findings there are of each level, and how many are listed with a reason."""
    counts = [
        sum(f.level == level for f in report.at_least("info"))
        for level in ("error", "warning", "info")
    ]
    kept = len(report.permitted)
    settings().say(
        "错误 {}、警告 {}、提示 {}".format(*counts)
        + (f";另有 {kept} 项已说明理由" if kept else ""),
        "{} errors, {} warnings, {} infos".format(*counts)
        + (f"; {kept} more listed with a reason" if kept else ""),
    )


@click.command(epilog="例 · example:  kg info --format json")
@output_options
def info(format_: str | None, output: str) -> None:
    """图谱里有什么:主题、类别、关系、来源的数量。

    Tell what the graph holds: counts of topics, kinds, relations and sources.
    """
    from collections import Counter

    workspace = open_workspace()
    glossary, lang = glossary_of(workspace), settings().lang
    concepts = glossary.concepts.values()
    counts: dict[str, Counter[str]] = {
        "tier": Counter(c.tier for c in concepts),
        "topic": Counter(c.topic for c in concepts),
        "kind": Counter(c.kind for c in concepts),
        "predicate": Counter(vocab.contract(r.predicate) for r in glossary.relations),
        "source": Counter(s for r in glossary.relations for s in r.sources),
    }
    words = {topic.id: topic.label(lang) for topic in glossary.topics}
    words |= {kind: glossary.kind_label(kind, lang) for kind in counts["kind"]}
    words |= {vocab.contract(iri): p.label(lang) for iri, p in glossary.predicates.items()}
    rows = tuple(
        {"what": what, "name": name, "label": words.get(name, name), "count": count}
        for what, found in counts.items()
        for name, count in sorted(found.items(), key=lambda item: (-item[1], item[0]))
    )
    columns = (("what", "项", "what"), ("label", "名称", "name"), ("count", "数量", "count"))
    data = {"path": str(workspace.path), **workspace.manifest(), **counts}
    emit(Listing(data, columns, rows), format_=format_, output=output)


@click.command(
    epilog="例 · examples:  kg explain 销售预测 so:fedBy CRM系统    kg explain win-rate isA kpi"
)
@click.argument("subject")
@click.argument("predicate")
@click.argument("object_", metavar="OBJECT")
@output_options
def explain(subject: str, predicate: str, object_: str, format_: str | None, output: str) -> None:
    """说明一条陈述为何成立:来自哪段来源,或由哪条规则从哪些前提推出。

    Say why a statement holds: its source, or the rule and the premises it follows from.
    """
    from kg.cli.rendering import proof_json, proof_lines, proof_rows
    from kg.inference import explain as prove

    workspace, lang = open_workspace(), settings().lang
    ends = [resolve_term(workspace, text) for text in (subject, object_)]
    iri = predicate if "://" in predicate else _predicate(predicate)
    proof = prove(workspace.store, ends[0], iri, ends[1])
    lines = proof_lines(glossary_of(workspace), proof, lang)
    text = "".join(f"{line}\n" for line in lines)
    listing = Listing(proof_json(proof), rows=tuple(proof_rows(proof)), text=text)
    emit(listing, format_=format_, output=output)


def _predicate(name: str) -> str:
    """Return the IRI of a predicate given as CURIE or bare name ("measures", "isA")."""
    if name == "isA":
        return vocab.SKOS + "broader"
    return vocab.expand(name) if ":" in name else vocab.SO + name
