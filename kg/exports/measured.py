"""Owns the tables of what is measured: metrics and their variants, measures, fields, objects."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from kg import vocab as v
from kg.exports.content import SEPARATOR, Column, Content, Table, lines, local, said
from kg.phrasing import display_words, formula_text, unit_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.model import Concept, Metric

__all__ = ["MEASURED"]


def _metric_rows(content: Content) -> Iterator[tuple[str, ...]]:
    lang = content.lang
    for concept in content.concepts():
        metric = concept.metric
        if metric is None:
            continue
        notes = [text.value for text in concept.editorial_notes if text.lang == lang]
        yield (
            concept.id,
            concept.pref_label("zh"),
            concept.pref_label("en"),
            concept.definition(lang) or "",
            SEPARATOR.join(_measured(content, concept)),
            metric.expression,
            formula_text(content.glossary, metric.expression, lang),
            _unit(content, metric.unit),
            display_words(metric.display, lang),
            content.word("direction", metric.direction),
            content.word("date-basis", metric.date_basis or ""),
            said(metric.filters, lang),
            content.words("grain", metric.grain),
            content.word("currency-basis", metric.currency or ""),
            content.word("tax-basis", metric.tax or ""),
            content.word("additivity", metric.additivity or ""),
            content.reference(concept.stewardship.owner),
            next((x.label(lang) for x in metric.variants if x.default), ""),
            lines(_inputs(content, metric)),
            lines(_fields(content, metric.fields)),
            "\n".join(notes or [text.value for text in concept.editorial_notes]),
        )


def _unit(content: Content, unit: str) -> str:
    if content.selection.plain:
        return unit
    return unit_words(content.glossary, unit, content.lang)


def _measured(content: Content, concept: Concept) -> Iterator[str]:
    for relation in content.glossary.by_concept.get(concept.iri, ()):
        if relation.predicate == v.SO + "measures" and relation.subject == concept.iri:
            yield content.name(relation.object)


def _inputs(content: Content, metric: Metric) -> Iterator[str]:
    for iri in metric.metrics:
        yield f"{v.local_name(iri)}: {content.name(iri)}"
    for iri in metric.measures:
        measure = content.glossary.measures.get(iri)
        about = measure.definition(content.lang) if measure else None
        parts = [content.name(iri), about or ""]
        yield f"{v.local_name(iri)}: {' — '.join(filter(None, parts))}"


def _fields(content: Content, fields: tuple[str, ...]) -> Iterator[str]:
    """Yield fields one a line, each with its label behind its id."""
    for iri in fields:
        name, bare = content.name(iri), v.local_name(iri)
        yield bare if name == bare else f"{bare}: {name}"


def _variant_rows(content: Content) -> Iterator[tuple[str, ...]]:
    for concept in content.concepts():
        for variant in concept.metric.variants if concept.metric else ():
            yield (
                variant.id,
                concept.id,
                content.name(concept.iri),
                variant.label("zh"),
                variant.label("en"),
                content.word("yes", "true") if variant.default else "",
                variant.definition("zh") or "",
                variant.definition("en") or "",
                variant.expression,
                formula_text(content.glossary, variant.expression, content.lang),
            )


def _measure_rows(content: Content) -> Iterator[tuple[str, ...]]:
    readers: dict[str, list[str]] = defaultdict(list)
    for concept in content.concepts():
        for iri in concept.metric.measures if concept.metric else ():
            readers[iri].append(content.name(concept.iri))
    for iri, measure in sorted(content.glossary.measures.items()):
        yield (
            measure.id,
            measure.label("zh"),
            measure.label("en"),
            measure.definition("zh") or "",
            measure.definition("en") or "",
            _unit(content, measure.unit),
            measure.shape,
            content.name(measure.object) if measure.object else measure.constant or "",
            content.word("aggregate", measure.aggregate or ""),
            measure.column or "",
            measure.filter or "",
            SEPARATOR.join(measure.via),
            local(measure.time),
            content.word("time-basis", measure.basis or ""),
            local(measure.distinct),
            measure.per or "",
            lines(_fields(content, measure.fields)),
            lines(readers[iri]),
        )


def _field_rows(content: Content) -> Iterator[tuple[str, ...]]:
    metrics: dict[str, list[str]] = defaultdict(list)
    for concept in content.concepts():
        for iri in concept.metric.fields if concept.metric else ():
            metrics[iri].append(content.name(concept.iri))
    measures: dict[str, list[str]] = defaultdict(list)
    for measure in sorted(content.glossary.measures.values(), key=lambda m: m.iri):
        for iri in measure.fields:
            measures[iri].append(content.name(measure.iri))
    names: dict[str, list[str]] = defaultdict(list)
    doubt = {"zh": " (未核实)", "en": " (unverified)"}[content.lang]
    for found in content.mappings:
        if found.system:
            mark = "" if found.verified else doubt
            names[found.subject].append(f"{found.target}: {found.object}{mark}")
    for iri, field in sorted(content.glossary.fields.items()):
        yield (
            field.id,
            content.name(field.object),
            field.label("zh"),
            field.label("en"),
            field.type,
            field.definition("zh") or "",
            field.definition("en") or "",
            local(field.refers),
            SEPARATOR.join(field.values),
            lines(_fields(content, field.determines)),
            lines(names[iri]),
            lines(measures[iri]),
            lines(metrics[iri]),
        )


def _object_rows(content: Content) -> Iterator[tuple[str, ...]]:
    fields: dict[str, list[str]] = defaultdict(list)
    for field in sorted(content.glossary.fields.values(), key=lambda f: f.iri):
        fields[field.object].append(field.iri)
    for iri, object_ in sorted(content.glossary.objects.items()):
        yield (
            object_.id,
            object_.label("zh"),
            object_.label("en"),
            object_.definition("zh") or "",
            object_.definition("en") or "",
            local(object_.key),
            content.name(object_.records) if object_.records else "",
            lines(_fields(content, tuple(fields[iri]))),
        )


_NAMES = (
    Column("label_zh", "中文名", "Chinese name", 22),
    Column("label_en", "英文名", "English name", 28),
)
_DEFINITIONS = (
    Column("definition_zh", "中文定义", "Chinese definition", 44),
    Column("definition_en", "英文定义", "English definition", 44),
)

MEASURED = (
    Table(
        "metrics",
        "指标",
        "Metrics",
        "每行一个可计算的指标及其口径卡。公式均为本图谱补充。",
        "One computable metric a row, with its card. All formulas are added by this graph.",
        (
            Column("id", "编号", "Id", 24),
            *_NAMES,
            Column("definition", "定义", "Definition", 40),
            Column("measures", "衡量", "Measures", 22),
            Column("formula", "公式", "Formula", 44),
            Column("formula_words", "公式(文字)", "Formula in words", 44),
            Column("unit", "单位", "Unit", 14),
            Column("display", "显示方式", "Shown as", 18),
            Column("direction", "方向", "Direction", 16),
            Column("date_basis", "计入日期", "Date that counts", 16),
            Column("filter", "包含与排除", "In and out", 36),
            Column("grain", "统计粒度", "Grain", 20),
            Column("currency", "币种", "Currency", 18),
            Column("tax", "含税", "Tax", 16),
            Column("additivity", "可加性", "Additivity", 18),
            Column("owner", "负责人", "Owner", 16),
            Column("default_variant", "默认口径", "Default variant", 24),
            Column("inputs", "输入", "Inputs", 56),
            Column("fields", "CRM 字段", "CRM fields", 40),
            Column("note", "说明", "Note", 44),
        ),
        _metric_rows,
    ),
    Table(
        "variants",
        "指标口径",
        "Variants",
        "每行一种算法：从业者对同一指标的不同口径，默认口径有标记。",
        "One way to compute a metric a row; the default is marked.",
        (
            Column("id", "编号", "Id", 30),
            Column("metric", "指标编号", "Metric id", 24),
            Column("metric_label", "指标", "Metric", 22),
            *_NAMES,
            Column("default", "默认", "Default", 8),
            *_DEFINITIONS,
            Column("formula", "公式", "Formula", 44),
            Column("formula_words", "公式(文字)", "Formula in words", 44),
        ),
        _variant_rows,
    ),
    Table(
        "measures",
        "基础度量",
        "Base measures",
        "每行一个直接取自 CRM 数据的数：从哪个对象、按什么条件和时间口径汇总。",
        "One number taken from CRM data a row: from which object, by which filter and time basis.",
        (
            Column("id", "编号", "Id", 24),
            *_NAMES,
            *_DEFINITIONS,
            Column("unit", "单位", "Unit", 14),
            Column("shape", "取值形态", "Shape", 10),
            Column("object", "统计对象", "Object counted", 18),
            Column("aggregate", "汇总", "Aggregate", 14),
            Column("column", "取值", "Column", 30),
            Column("filter", "条件", "Filter", 44),
            Column("via", "关联", "Reached over", 24),
            Column("time", "时间字段", "Time field", 24),
            Column("basis", "时间口径", "Time basis", 20),
            Column("distinct", "去重键", "Distinct key", 20),
            Column("per", "分组", "Grouped by", 24),
            Column("fields", "CRM 字段", "CRM fields", 40),
            Column("metrics", "相关指标", "Metrics", 36),
        ),
        _measure_rows,
    ),
    Table(
        "fields",
        "字段",
        "Fields",
        "每行一个 CRM 字段：所属对象、类型、含义、在其他系统中的名称，以及用到它的指标。",
        "One CRM field a row: object, type, meaning, names in other systems, metrics that need it.",
        (
            Column("id", "编号", "Id", 28),
            Column("object", "对象", "Object", 18),
            *_NAMES,
            Column("type", "数据类型", "Type", 12),
            *_DEFINITIONS,
            Column("refers", "引用对象", "Refers to", 16),
            Column("values", "可取的值", "Values", 24),
            Column("determines", "决定", "Determines", 30),
            Column("aligned", "其他系统中的名称", "Names in other systems", 44),
            Column("measures", "基础度量", "Base measures", 44),
            Column("metrics", "相关指标", "Metrics", 36),
        ),
        _field_rows,
    ),
    Table(
        "objects",
        "对象",
        "Objects",
        "每行一个 CRM 对象：一条记录代表什么、主键，以及它的全部字段。",
        "One CRM object a row: what a record is, its key, and all its fields.",
        (
            Column("id", "编号", "Id", 20),
            *_NAMES,
            *_DEFINITIONS,
            Column("key", "主键字段", "Key field", 22),
            Column("records", "记录的术语", "Records", 20),
            Column("fields", "CRM 字段", "CRM fields", 44),
        ),
        _object_rows,
    ),
)
