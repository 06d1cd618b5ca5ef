"""Owns the tables that spreadsheets show: which there are, their columns, and their rows.

Every cell is a text. Passage codes are written a1.2.1, since Excel takes 1.2.1 for a date.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg import vocab as v
from kg.exports.content import (
    SEPARATOR,
    Column,
    Content,
    Table,
    lines,
    passage_code,
    said,
)
from kg.exports.measured import MEASURED
from kg.phrasing import evidence, lag_words, locator, statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.model import Claim, Concept, Relation

__all__ = ["TABLES"]


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
            *_keeping(content, concept),
            lines(statement(glossary, r, lang, about=concept.iri) for r in relations),
            SEPARATOR.join(passage_code(code) for code in concept.passages),
            concept.iri,
        )


def _keeping(content: Content, concept: Concept) -> tuple[str, ...]:
    """Return status, owner, days of review and effect, and what to use instead."""
    keeper = concept.stewardship
    return (
        content.word("status", keeper.status or ""),
        content.reference(keeper.owner),
        keeper.reviewed or "",
        keeper.effective or "",
        content.reference(keeper.replaced_by),
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
            _lag(content, relation),
            relation.reason("zh"),
            relation.reason("en"),
        )


def _lag(content: Content, relation: Relation) -> str:
    """Return the usual time from cause to effect, as ISO 8601 in plain tables."""
    if not relation.lag:
        return ""
    return relation.lag if content.selection.plain else lag_words(relation.lag, content.lang)


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
    return passage_code(claim.passage.code), locator(claim.passage, lang), sentence


def _version_rows(content: Content) -> Iterator[tuple[str, ...]]:
    for concept in content.concepts():
        for version in concept.versions:
            passage = version.passage
            code = passage_code(passage.code)
            source = f"answer{passage.answer}" if passage.answer else ""
            yield (
                f"{concept.id}-{code}",
                concept.id,
                content.name(concept.iri),
                content.word("source", source),
                code,
                locator(passage, content.lang),
                said(version.texts, "zh"),
                said(version.texts, "en"),
            )


def _lookalike_rows(content: Content) -> Iterator[tuple[str, ...]]:
    for group in content.glossary.lookalikes:
        for member in group.members:
            yield (
                f"{group.id}/{v.local_name(member.concept)}",
                group.label("zh"),
                group.label("en"),
                group.question("zh"),
                group.question("en"),
                v.local_name(member.concept),
                content.name(member.concept),
                member.answer("zh"),
                member.answer("en"),
                member.distinction("zh"),
                member.distinction("en"),
            )


def _mapping_rows(content: Content) -> Iterator[tuple[str, ...]]:
    for found in content.mappings:
        subject = v.contract(found.subject)
        yield (
            f"{subject} {found.relation} {found.target} {found.object}",
            subject,
            content.name(found.subject),
            content.word("match", found.relation),
            found.target,
            found.object,
            found.label(content.lang),
            content.word("yes", "true" if found.verified else "false"),
            found.comment(content.lang),
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
                Column("status", "状态", "Status", 10),
                Column("owner", "负责人", "Owner", 16),
                Column("reviewed", "审阅于", "Reviewed", 12),
                Column("effective", "生效于", "In effect from", 12),
                Column("replaced_by", "请改用", "Use instead", 18),
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
                Column("lag", "通常滞后", "Usual lag", 16),
                Column("reason_zh", "中文理由", "Reason in Chinese", 40),
                Column("reason_en", "英文理由", "Reason in English", 44),
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
            "definitions",
            "各回答的说法",
            "Definitions by answer",
            "每行一种说法：来源的某一段怎样解释一个术语，用本图谱自己的话。",
            "What one passage of the source makes of a term a row, in our own words.",
            (
                Column("id", "编号", "Id", 28),
                Column("concept", "术语编号", "Term id", 22),
                Column("concept_label", "术语", "Term", 22),
                Column("source", "来源", "Source", 12),
                Column("passage", "段落", "Passage", 10),
                Column("locator", "位置", "Place", 24),
                Column("zh", "中文说法", "In Chinese", 50),
                Column("en", "英文说法", "In English", 56),
            ),
            _version_rows,
        ),
        Table(
            "lookalikes",
            "易混术语",
            "Look-alikes",
            "每行易混术语组中的一个术语：判断问题、对应的回答、怎样区分。",
            "One term of a set of look-alikes a row: the question that decides, its answer, "
            "what sets it apart.",
            (
                Column("id", "编号", "Id", 32),
                Column("set_zh", "中文组名", "Set in Chinese", 22),
                Column("set_en", "英文组名", "Set in English", 26),
                Column("question_zh", "中文判断问题", "Question in Chinese", 36),
                Column("question_en", "英文判断问题", "Question in English", 40),
                Column("concept", "术语编号", "Term id", 22),
                Column("concept_label", "术语", "Term", 22),
                Column("answer_zh", "中文回答", "Answer in Chinese", 28),
                Column("answer_en", "英文回答", "Answer in English", 32),
                Column("distinction_zh", "中文区别", "Distinction in Chinese", 44),
                Column("distinction_en", "英文区别", "Distinction in English", 48),
            ),
            _lookalike_rows,
        ),
        *MEASURED,
        Table(
            "mappings",
            "对照",
            "Mappings",
            "每行一条对照：与其他词汇或 CRM 系统中的哪一项对应、有多接近、是否查证过。",
            "One match with another vocabulary or CRM system a row: how close, and whether seen.",
            (
                Column("id", "编号", "Id", 36),
                Column("subject", "本图谱编号", "Our id", 26),
                Column("subject_label", "本图谱名称", "Our name", 22),
                Column("relation", "对应程度", "Match", 14),
                Column("target", "对方", "Other vocabulary or system", 16),
                Column("object", "对方标识", "Their identifier", 40),
                Column("object_label", "对方名称", "Their name", 24),
                Column("verified", "已查证", "Verified", 8),
                Column("comment", "说明", "Remark", 44),
            ),
            _mapping_rows,
        ),
    )
}
