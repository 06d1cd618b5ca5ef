"""Owns the tables that spreadsheets show: which there are, their columns, and their rows.

Every cell is a text. Passage codes are written a1.2.1, since Excel takes 1.2.1 for a date.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg import vocab as v
from kg.exports.selection import select_glossary
from kg.model import TIERS
from kg.phrasing import display_words, evidence, locator, phrase, statement, unit_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kg.exports.selection import Selection
    from kg.model import Claim, Concept, Glossary, Metric, Relation
    from kg.store import Store

__all__ = ["MAX_CELL", "TABLES", "Column", "Content", "Table", "read_content"]

MAX_CELL = 32_767  # characters that a cell of Excel holds
SEPARATOR = " | "


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name for programs, its heading per language, its width in characters."""

    id: str
    zh: str
    en: str
    width: int = 16

    def heading(self, lang: str) -> str:
        """Return the heading in `lang`."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its name for programs, its title per language, its columns and its rows."""

    id: str
    zh: str
    en: str
    about_zh: str
    about_en: str
    columns: tuple[Column, ...]
    rows: Callable[[Content], Iterator[tuple[str, ...]]]

    def title(self, lang: str) -> str:
        """Return the title in `lang`."""
        return self.zh if lang == "zh" else self.en

    def about(self, lang: str) -> str:
        """Return in one sentence of `lang` what a row is."""
        return self.about_zh if lang == "zh" else self.about_en


@dataclass(frozen=True, slots=True)
class Content:
    """What the tables are made from: the selected glossary, and what it leaves out."""

    glossary: Glossary
    selection: Selection
    definitions: dict[str, str] = field(default_factory=dict)  # of base measures, by IRI
    fields: dict[str, tuple[str, str]] = field(default_factory=dict)  # CRM field -> object, type
    aligned: dict[str, tuple[str, ...]] = field(default_factory=dict)  # CRM field -> other names

    @property
    def lang(self) -> str:
        """Return the language of words and headings."""
        return self.selection.lang

    def word(self, group: str, value: str) -> str:
        """Return the word for a value, or the value itself in plain tables."""
        return value if self.selection.plain else phrase(group, value, self.lang)

    def name(self, iri: str) -> str:
        """Return the label of a concept or unit in the language of the tables."""
        return self.glossary.name(iri, self.lang)

    def concepts(self) -> list[Concept]:
        """Return the concepts by topic, tier and id."""
        topics = {topic.id: topic.order for topic in self.glossary.topics}
        tiers = {tier: at for at, tier in enumerate(TIERS)}
        return sorted(
            self.glossary.concepts.values(),
            key=lambda c: (topics.get(c.topic, len(topics) + 1), tiers.get(c.tier, 3), c.iri),
        )


def read_content(store: Store, selection: Selection) -> Content:
    """Return what the tables are made from; raise ExportError for an unknown filter value."""
    shapes: dict[str, tuple[str, str]] = {}
    for triple in store.triples(None, v.RDF + "type", v.SO + "DataField"):
        iri = _text(triple.subject)
        found = [_values(store, iri, v.SO + name) for name in ("object", "fieldType")]
        shapes[iri] = found[0], found[1]
    measures = {_text(t.subject) for t in store.triples(None, v.RDF + "type", v.SO + "BaseMeasure")}
    return Content(
        select_glossary(store, selection),
        selection,
        definitions={iri: _definition(store, iri, selection.lang) for iri in sorted(measures)},
        fields=shapes,
        aligned=_alignments(store, selection.lang),
    )


def _text(term: object) -> str:
    return term.value if isinstance(term, (ox.NamedNode, ox.Literal)) else str(term)


def _values(store: Store, subject: str, predicate: str) -> str:
    return SEPARATOR.join(sorted(_text(t.object) for t in store.triples(subject, predicate)))


def _definition(store: Store, iri: str, lang: str) -> str:
    """Return a definition in `lang`, else in another language, else an empty text."""
    found = [t.object for t in store.triples(iri, v.SKOS + "definition")]
    texts = sorted((x.language != lang, x.value) for x in found if isinstance(x, ox.Literal))
    return texts[0][1] if texts else ""


def _alignments(store: Store, lang: str) -> dict[str, tuple[str, ...]]:
    """Return the names of CRM fields in other systems; unverified ones say so."""
    doubt = " (未核实)" if lang == "zh" else " (unverified)"
    out: dict[str, list[str]] = defaultdict(list)
    for triple in store.triples(None, v.SO + "alignsField"):
        name = [_values(store, _text(triple.subject), v.SO + x) for x in ("system", "externalName")]
        sure = _values(store, _text(triple.subject), v.SO + "verified") == "true"
        out[_text(triple.object)].append(": ".join(name) + ("" if sure else doubt))
    return {iri: tuple(sorted(names)) for iri, names in out.items()}


def _lines(items: Iterable[str]) -> str:
    """Return items one a line, as many as a cell holds; what is left out is counted."""
    found = list(items)
    size = 0
    for at, item in enumerate(found):
        size += len(item) + 1
        if size > MAX_CELL - 20:
            return "\n".join([*found[:at], f"… (+{len(found) - at})"])
    return "\n".join(found)


def _code(code: str) -> str:
    return "title" if code == "0" else f"a{code}"


# ------------------------------------------------------------------ rows


def _concept_rows(content: Content) -> Iterator[tuple[str, ...]]:
    glossary, lang = content.glossary, content.lang
    topics = {topic.id: topic.label(lang) for topic in glossary.topics}
    for concept in content.concepts():
        relations = glossary.by_concept.get(concept.iri, ())
        plain = content.selection.plain
        yield (
            concept.id,
            concept.pref_label("zh"),
            concept.pref_label("en"),
            SEPARATOR.join(concept.alt_labels("zh")),
            SEPARATOR.join(concept.alt_labels("en")),
            concept.kind if plain else glossary.kind_label(concept.kind, lang),
            concept.topic if plain else topics.get(concept.topic, concept.topic),
            content.word("tier", concept.tier),
            concept.definition("zh") or "",
            concept.definition("en") or "",
            _note(concept, "zh"),
            _note(concept, "en"),
            _lines(statement(glossary, r, lang, about=concept.iri) for r in relations),
            SEPARATOR.join(_code(code) for code in concept.passages),
            concept.iri,
        )


def _note(concept: Concept, lang: str) -> str:
    return "\n".join(text.value for text in concept.scope_notes if text.lang == lang)


def _relation_rows(content: Content) -> Iterator[tuple[str, ...]]:
    glossary, lang = content.glossary, content.lang
    for relation in glossary.relations:
        predicate = glossary.predicates[relation.predicate]
        yield (
            relation.id,
            v.local_name(relation.subject),
            content.name(relation.subject),
            predicate.id,
            predicate.label(lang),
            v.local_name(relation.object),
            content.name(relation.object),
            glossary.sentence(relation, "zh"),
            glossary.sentence(relation, "en"),
            content.word("strength", relation.strength),
            content.word("confidence", _confidence(relation)),
            SEPARATOR.join(content.word("source", source) for source in relation.sources),
            evidence(relation, lang, glossary=glossary),
        )


def _confidence(relation: Relation) -> str:
    """Return how sure a relation is, or nothing where no claim had to be inferred."""
    return relation.confidence if any(claim.confidence for claim in relation.claims) else ""


def _claim_rows(content: Content) -> Iterator[tuple[str, ...]]:
    glossary, lang = content.glossary, content.lang
    for relation in glossary.relations:
        for claim in relation.claims:
            yield (
                v.local_name(claim.iri),
                relation.id,
                glossary.sentence(relation, lang),
                content.word("strength", claim.strength),
                content.word("confidence", claim.confidence or ""),
                content.word("inference", claim.inference or ""),
                content.word("modality", claim.modality or ""),
                SEPARATOR.join(content.name(model) for model in claim.scope),
                content.word("source", claim.source),
                *_passage(claim, lang),
                claim.contradicts or "",
            )


def _passage(claim: Claim, lang: str) -> tuple[str, str, str]:
    """Return the code, the place in words, and the number of the sentence."""
    if claim.passage is None:
        return "", "", ""
    sentence = str(claim.sentence) if claim.sentence else ""
    return _code(claim.passage.code), locator(claim.passage, lang), sentence


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
            metric.unit
            if content.selection.plain
            else unit_words(content.glossary, metric.unit, lang),
            display_words(metric.display, lang),
            content.word("direction", metric.direction),
            _lines(_inputs(content, metric)),
            SEPARATOR.join(v.local_name(iri) for iri in metric.fields),
            "\n".join(notes or [text.value for text in concept.editorial_notes]),
        )


def _measured(content: Content, concept: Concept) -> Iterator[str]:
    for relation in content.glossary.by_concept.get(concept.iri, ()):
        if relation.predicate == v.SO + "measures" and relation.subject == concept.iri:
            yield content.name(relation.object)


def _inputs(content: Content, metric: Metric) -> Iterator[str]:
    for iri in metric.metrics:
        yield f"{v.local_name(iri)}: {content.name(iri)}"
    for iri in metric.measures:
        about = content.definitions.get(iri)
        yield f"{v.local_name(iri)}: {about}" if about else v.local_name(iri)


def _field_rows(content: Content) -> Iterator[tuple[str, ...]]:
    metrics: dict[str, list[str]] = defaultdict(list)
    for concept in content.concepts():
        for iri in concept.metric.fields if concept.metric else ():
            metrics[iri].append(concept.pref_label(content.lang))
    measures: dict[str, list[str]] = defaultdict(list)
    for measure, fields in sorted((m.iri, m.fields) for m in content.glossary.measures.values()):
        for iri in fields:
            measures[iri].append(v.local_name(measure))
    for iri, (object_, type_) in sorted(content.fields.items()):
        yield (
            v.local_name(iri),
            object_,
            type_,
            _lines(content.aligned.get(iri, ())),
            SEPARATOR.join(measures[iri]),
            _lines(metrics[iri]),
        )


TABLES: dict[str, Table] = {
    table.id: table
    for table in (
        Table(
            "concepts",
            "概念",
            "Concepts",
            "每行一个术语：名称、别名、类型、主题、定义，以及它的全部关系。",
            "One term a row: names, aliases, kind, topic, definition and all its relations.",
            (
                Column("id", "编号", "Id", 24),
                Column("label_zh", "中文名", "Chinese name", 22),
                Column("label_en", "英文名", "English name", 28),
                Column("alt_zh", "中文别名", "Chinese aliases", 20),
                Column("alt_en", "英文别名", "English aliases", 20),
                Column("kind", "类型", "Kind", 12),
                Column("topic", "主题", "Topic", 20),
                Column("tier", "层级", "Tier", 8),
                Column("definition_zh", "中文定义", "Chinese definition", 44),
                Column("definition_en", "英文定义", "English definition", 44),
                Column("scope_note_zh", "中文用法说明", "Chinese scope note", 36),
                Column("scope_note_en", "英文用法说明", "English scope note", 36),
                Column("relations", "关系", "Relations", 60),
                Column("passages", "来源段落", "Passages", 18),
                Column("iri", "IRI", "IRI", 30),
            ),
            _concept_rows,
        ),
        Table(
            "relations",
            "关系",
            "Relations",
            "每行一条关系：两端的术语、关系类型、双语句子和依据。",
            "One relation a row: its two ends, its kind, the sentence in both languages, evidence.",
            (
                Column("id", "编号", "Id", 16),
                Column("subject", "主体编号", "Subject id", 22),
                Column("subject_label", "主体", "Subject", 22),
                Column("predicate", "关系类型编号", "Relation type id", 14),
                Column("predicate_label", "关系类型", "Relation type", 14),
                Column("object", "客体编号", "Object id", 22),
                Column("object_label", "客体", "Object", 22),
                Column("sentence_zh", "中文句子", "Chinese sentence", 40),
                Column("sentence_en", "英文句子", "English sentence", 46),
                Column("strength", "强度", "Strength", 12),
                Column("confidence", "置信度", "Confidence", 12),
                Column("sources", "来源", "Sources", 18),
                Column("evidence", "依据", "Evidence", 44),
            ),
            _relation_rows,
        ),
        Table(
            "claims",
            "依据",
            "Evidence",
            "每行一条依据：哪条关系、怎么说的、出自来源页面的哪一段。",
            "One claim a row: which relation, how it is said, and in which passage of the page.",
            (
                Column("id", "编号", "Id", 22),
                Column("relation", "关系编号", "Relation id", 16),
                Column("sentence", "关系", "Relation", 44),
                Column("strength", "强度", "Strength", 12),
                Column("confidence", "置信度", "Confidence", 12),
                Column("inference", "推断方式", "Inferred from", 16),
                Column("modality", "语气", "Modality", 10),
                Column("scope", "适用模型", "Within model", 30),
                Column("source", "来源", "Source", 12),
                Column("passage", "段落", "Passage", 10),
                Column("locator", "位置", "Place", 24),
                Column("sentence_number", "第几句", "Sentence no.", 8),
                Column("contradicts", "与之矛盾", "Contradicts", 12),
            ),
            _claim_rows,
        ),
        Table(
            "metrics",
            "指标",
            "Metrics",
            "每行一个可计算的指标：公式、单位、方向、输入和 CRM 字段。公式均为本图谱补充。",
            "One computable metric a row: formula, unit, direction, inputs and CRM fields. "
            "All formulas are added by this graph.",
            (
                Column("id", "编号", "Id", 24),
                Column("label_zh", "中文名", "Chinese name", 22),
                Column("label_en", "英文名", "English name", 28),
                Column("definition", "定义", "Definition", 40),
                Column("measures", "衡量", "Measures", 22),
                Column("formula", "公式", "Formula", 44),
                Column("unit", "单位", "Unit", 14),
                Column("display", "显示方式", "Shown as", 18),
                Column("direction", "方向", "Direction", 16),
                Column("inputs", "输入", "Inputs", 56),
                Column("fields", "CRM 字段", "CRM fields", 40),
                Column("note", "说明", "Note", 44),
            ),
            _metric_rows,
        ),
        Table(
            "fields",
            "字段",
            "Fields",
            "每行一个 CRM 字段：所属对象、类型、在其他系统中的名称，以及用到它的指标。",
            "One CRM field a row: object, type, names in other systems, and metrics that need it.",
            (
                Column("id", "编号", "Id", 28),
                Column("object", "对象", "Object", 18),
                Column("type", "数据类型", "Type", 12),
                Column("aligned", "其他系统中的名称", "Names in other systems", 44),
                Column("measures", "基础度量", "Base measures", 44),
                Column("metrics", "相关指标", "Metrics", 36),
            ),
            _field_rows,
        ),
    )
}
