"""Owns the handbook: the glossary as one Markdown document, by topic, with words and sources."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from string import ascii_lowercase
from typing import TYPE_CHECKING, BinaryIO

from kg import vocab as v
from kg.model import LANGS, Predicate, enumerated
from kg.phrasing import (
    CARD,
    card_facts,
    evidence,
    formula_text,
    locator,
    phrase,
    section,
)
from kg.training.lesson import arrange, sort_key
from kg.training.markdown import anchor, code, escape, guard, link, slugs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kg.model import Concept, Glossary, Lang, Relation, Variant
    from kg.training.lesson import Chapter, Entry

__all__ = ["write_handbook"]

_HAS_PART, _PART_OF = v.SO + "hasPart", v.SO + "partOf"
_FILING = v.SO + "topicOf"  # where a term is filed in menus
_OTHER: dict[Lang, Lang] = {"zh": "en", "en": "zh"}

# The families of relations that a reader looks for first, in this order; the others follow.
_FAMILIES = (
    v.SKOS + "broader",
    v.SO + "closeMatch",
    v.SO + "contrastsWith",
    _HAS_PART,
    v.SO + "hasVariant",
    v.SO + "hasForm",
    v.SO + "hasExample",
    v.SO + "precedes",
    v.SO + "measures",
    v.SO + "computedFrom",
    v.SO + "affects",
)

_WORDS: dict[str, tuple[str, str]] = {
    "title": ("销售运营术语手册", "Sales operations handbook"),
    "how": ("如何使用", "How to use it"),
    "contents": ("目录", "Contents"),
    "other": ("其他术语", "Other terms"),
    "sources": ("来源说明", "Sources"),
    "index_zh": ("拼音索引", "Index of Chinese terms (by pinyin)"),
    "index_en": ("英文索引", "Index of English terms"),
    "also": ("又称", "also"),
    "note": ("用法", "Usage"),
    "remark": ("注意", "Note"),
    "versions": ("来源中的不同说法", "What the source makes of it"),
    "confused": ("容易混淆", "Easily confused"),
    **CARD,
    "measures": ("基础度量", "Base measures"),
    "variants": ("不同口径", "Variants"),
    "default": ("默认", "default"),
    "owner": ("负责人", "Owner"),
    "reviewed": ("审阅于", "Reviewed"),
    "effective": ("生效于", "In effect from"),
    "instead": ("请改用", "Use instead"),
    "source": ("出处", "Source"),
    "core": ("核心术语", "Core terms"),
    "supporting": ("支撑术语", "Supporting terms"),
    "context": ("语境术语", "Context terms"),
    "page": ("页面标题", "page title"),
    "own": ("本图谱补充", "added by this graph"),
}
_HOW = {
    "zh": """\
- 全书分 {topics} 个主题，共 {terms} 个术语；每个主题先列核心术语，再列支撑术语，各按拼音排序。
- 术语名后的括号里是英文名；名称下一行是类型、层级和别名。
- 每条关系写成一句话，括号里是依据：
  - **明说**：来源直接说出；
  - **隐含**：可由来源推知，**低置信**表示证据较弱；
  - **本图谱补充**：来源之外由本图谱加入。
- 关系下面缩进的一行是它成立的理由。
- 来源没有给出任何公式：书中的公式、单位和方向均为本图谱补充。
- 句中的术语可以点击跳转；书末有拼音索引和英文索引，别名也收在其中。
""",
    "en": """\
- {terms} terms stand under {topics} topics; each topic gives its core terms first, then its
  supporting terms, both in alphabetical order.
- The Chinese name stands in brackets after the English one; the line below it gives kind, tier
  and aliases.
- Each relation is a sentence with its evidence in brackets:
  - **stated**: the source says it;
  - **implied**: it follows from the source; **low confidence** marks weak evidence;
  - **added by this graph**: it is not in the source.
- The indented line below a relation says why it holds.
- The source gives no formula: formulas, units and directions are added by this graph.
- Terms inside sentences are links; the two indexes at the end, English and Chinese, hold the
  aliases too.
""",
}
_SOURCES = {
    "zh": """\
- “回答1”至“回答4”是来源页面（一份中文问答）的四个回答；其后的 § 与段、条指回答中的位置。
- 标明“本图谱补充”的内容不出自该页面。
- 数据按 CC BY 4.0 许可使用。
""",
    "en": """\
- “answer 1” to “answer 4” are the four answers of the source page, a Chinese page of questions
  and answers; what follows them is the place: § section, ¶ paragraph, or numbered item.
- What is “added by this graph” is not on that page.
- The data may be used under CC BY 4.0.
""",
}

_NEAR, _FAR = "\ue000", "\ue001"  # stand for the two ends while a sentence is escaped
_ENDS = re.compile(f"[{_NEAR}{_FAR}]")


def write_handbook(
    glossary: Glossary,
    out: BinaryIO,
    *,
    lang: Lang = "zh",
    tiers: Sequence[str] = ("core", "supporting"),
) -> None:
    """Write the glossary as a Markdown handbook in `lang`, the same bytes each time.

    Topics stand in their order, in each the terms of `tiers` in turn, by name. A source term whose
    formula is carried by a metric of its own is shown with that metric under one heading. Labels
    and texts are escaped: none of them can bring markup or a link into the document.
    """
    book = _Book(glossary, lang, tiers)
    out.write("\n".join(book.lines()).encode() + b"\n")


class _Book:
    """The handbook of one glossary in one language."""

    def __init__(self, glossary: Glossary, lang: Lang, tiers: Sequence[str]) -> None:
        self.glossary = glossary
        self.lang = lang
        self.tiers = tuple(tiers)
        self.chapters = arrange(glossary, lang, tiers=self.tiers)
        self.shown = [c for chapter in self.chapters for e in chapter.entries for c in e.concepts]
        names = slugs((v.contract(concept.iri) for concept in self.shown), prefix="")
        self.anchors = {c.iri: names[v.contract(c.iri)] for c in self.shown}
        self.topics = slugs((chapter.topic for chapter in self.chapters), prefix="topic-")
        self.vocabularies = {
            iri for iri, concept in glossary.concepts.items() if concept.kind == "Vocabulary"
        }
        self.disputed = [r for r in glossary.relations if not r.asserted]
        self.passages = {
            claim.passage.code: claim.passage
            for relation in glossary.relations
            for claim in relation.claims
            if claim.passage
        }

    def word(self, name: str) -> str:
        return _WORDS[name][LANGS.index(self.lang)]

    def named(self, name: str, text: str, *, bold: bool = False) -> str:
        """Return a text with its name before it, as each language sets the colon."""
        return self.between(f"**{self.word(name)}**" if bold else self.word(name), text)

    def between(self, name: str, text: str) -> str:
        """Return a text behind its name, as each language sets the colon."""
        return f"{name}：{text}" if self.lang == "zh" else f"{name}: {text}"

    def lines(self) -> Iterator[str]:
        """Yield the document in pieces of one or more lines."""
        counts = {"topics": len(self.chapters), "terms": len(self.shown)}
        yield from (f"# {self.word('title')}", "", f"## {self.word('how')}", "")
        yield from (_HOW[self.lang].format(**counts), f"## {self.word('contents')}", "")
        for number, chapter in enumerate(self.chapters, start=1):
            title = link(self._title(chapter), self.topics[chapter.topic])
            yield f"{number}. {title}  \n   {guard(escape(chapter.scope))}".rstrip()
        for number, chapter in enumerate(self.chapters, start=1):
            yield from ("", anchor(self.topics[chapter.topic]), "")
            yield from (f"## {number}. {escape(self._title(chapter))}", "")
            yield from self._overview(chapter)
            for entry in chapter.entries:
                yield from self._entry(entry)
        yield from (f"## {self.word('sources')}", "", _SOURCES[self.lang])
        for lang in sorted(LANGS, key=lambda name: name != self.lang):
            yield from (f"## {self.word(f'index_{lang}')}", "")
            yield from self._index(lang)

    def _title(self, chapter: Chapter) -> str:
        return chapter.title or self.word("other")

    def _overview(self, chapter: Chapter) -> Iterator[str]:
        """Yield the scope of a topic and links to its terms, tier by tier."""
        if chapter.scope:
            yield from (guard(escape(chapter.scope)), "")
        for tier in self.tiers:
            found = [e.concept.iri for e in chapter.entries if e.tier(self.tiers) == tier]
            if found:
                links = " · ".join(map(self._link, found))
                yield from (self.named(tier, links, bold=True), "")

    def _entry(self, entry: Entry) -> Iterator[str]:
        """Yield a term and, below it, the metrics that carry its formula."""
        concept = entry.concept
        yield from (anchor(self.anchors[concept.iri]), "", f"### {self._heading(concept)}", "")
        yield from self._body(concept, entry)
        for metric in entry.metrics:
            yield from (anchor(self.anchors[metric.iri]), "")
            yield from (f"#### {self.named('formula', self._heading(metric))}", "")
            yield from self._body(metric, entry)

    def _body(self, concept: Concept, entry: Entry) -> Iterator[str]:
        yield from self._card(concept)
        yield from self._versions(concept)
        yield from self._formula(concept)
        yield from self._confused(concept)
        yield from self._relations(concept, entry)
        yield from self._source(concept)

    def _heading(self, concept: Concept) -> str:
        own, other = (concept.pref_label(lang) for lang in (self.lang, _OTHER[self.lang]))
        return escape(own) if own == other else f"{escape(own)} ({escape(other)})"

    def _card(self, concept: Concept) -> Iterator[str]:
        """Yield kind, tier, aliases, definition, scope note and remark, as far as they exist."""
        kind = self.glossary.kind_label(concept.kind, self.lang)
        parts = [escape(kind), escape(phrase("tier", concept.tier, self.lang))]
        other = _OTHER[self.lang]
        aliases = dict.fromkeys((*concept.alt_labels(self.lang), *concept.alt_labels(other)))
        if aliases:
            parts.append(self.named("also", enumerated(map(escape, aliases), self.lang)))
        yield from (guard(" · ".join(parts)), "")
        definition = concept.definition(self.lang)
        if definition:
            yield from (guard(escape(definition)), "")
        notes = [("note", text) for text in concept.scope_notes]
        if concept.metric:  # the editorial notes of other terms speak to editors
            notes += [("remark", text) for text in concept.editorial_notes]
        for name, text in notes:
            if text.lang == self.lang:
                yield from (f"> {self.named(name, escape(text.value), bold=True)}", "")

    def _versions(self, concept: Concept) -> Iterator[str]:
        """Yield what single passages of the source make of a term, one below the other."""
        if not concept.versions:
            return
        yield from (f"**{self.word('versions')}**", "")
        for version in concept.versions:
            place = escape(locator(version.passage, self.lang))
            yield f"- {guard(self.between(place, escape(version.text(self.lang))))}"
        yield ""

    def _formula(self, concept: Concept) -> Iterator[str]:
        """Yield the card of a metric: what it is computed from, and what decides a count."""
        metric = concept.metric
        if metric is None:
            return
        facts = {
            name: code(fact) if name == "expression" else escape(fact)
            for name, fact in card_facts(self.glossary, metric, self.lang).items()
        }
        facts["inputs"] = enumerated(map(self._link, metric.metrics), self.lang)
        facts["fields"] = enumerated(map(self._coded, metric.fields), self.lang)
        lines = (self.named(name, fact, bold=True) for name, fact in facts.items() if fact)
        yield from ("  \n".join(lines), "")
        measures = [self._measure(iri) for iri in metric.measures]
        yield from self._list("measures", measures)
        yield from self._list("variants", [self._variant(variant) for variant in metric.variants])

    def _measure(self, iri: str) -> str:
        """Return a base measure with its definition."""
        measure = self.glossary.measures.get(iri)
        about = measure.definition(self.lang) if measure else None
        return self.between(self._coded(iri), escape(about)) if about else self._coded(iri)

    def _variant(self, variant: Variant) -> str:
        """Return a variant of a metric: name, formula, and when it is used."""
        name = f"**{escape(variant.label(self.lang))}**"
        if variant.default:
            name += f" ({self.word('default')})"
        formula = escape(formula_text(self.glossary, variant.expression, self.lang))
        about = escape(variant.definition(self.lang) or "")
        return f"{self.between(name, formula)}" + (f"  \n  {guard(about)}" if about else "")

    def _coded(self, iri: str) -> str:
        """Return a measure or a field by its name, with its id as code behind it."""
        name, bare = self.glossary.name(iri, self.lang), v.local_name(iri)
        return code(bare) if name == bare else f"{escape(name)} ({code(bare)})"

    def _list(self, name: str, items: Sequence[str]) -> Iterator[str]:
        if items:
            yield from (f"**{self.word(name)}**", "")
            yield from (f"- {guard(item)}" for item in items)
            yield ""

    def _confused(self, concept: Concept) -> Iterator[str]:
        """Yield the sets of look-alikes of a term: the deciding question and its answers."""
        for group in self.glossary.lookalikes_of.get(concept.iri, ()):
            yield from (
                self.named("confused", escape(group.question(self.lang)), bold=True),
                "",
            )
            for member in group.members:
                own = member.concept == concept.iri
                name = self.glossary.name(member.concept, self.lang)
                shown = f"**{escape(name)}**" if own else self._link(member.concept)
                answer = escape(member.answer(self.lang))
                distinction = escape(member.distinction(self.lang))
                yield f"- {guard(self.between(f'{answer} → {shown}', distinction))}"
            yield ""

    def _relations(self, concept: Concept, entry: Entry) -> Iterator[str]:
        """Yield what a term has to do with others; relations that read alike share a sentence."""
        frames: dict[str, dict[str, Relation]] = defaultdict(dict)
        for relation in self._telling(concept, {other.iri for other in entry.concepts}):
            inverse = relation.subject != concept.iri
            other = relation.subject if inverse else relation.object
            frame = self._frame(relation.predicate, inverse=inverse)
            same = frames[frame].get(other)
            claims = (*same.claims, *relation.claims) if same else relation.claims
            frames[frame][other] = replace(relation, claims=claims)
        for frame, found in frames.items():
            yield from self._sentences(concept, frame, found)
        if frames:
            yield ""

    def _telling(self, concept: Concept, inside: set[str]) -> Iterator[Relation]:
        """Yield the relations of a term that say something to a reader.

        Left out: what stands under the same heading, the vocabulary that lists the terms, a bare
        partOf where a closer relation says as much, and filing between terms that any other
        relation names together.
        """
        parts: set[tuple[str, str]] = set()
        named: set[str] = set()
        for relation in self._ordered(concept):
            ends = relation.subject, relation.object
            other = ends[ends[0] == concept.iri]
            said = (relation.predicate == _FILING and other in named) or (
                relation.predicate == _PART_OF and ends[::-1] in parts
            )
            if not said and other not in inside and other not in self.vocabularies:
                named.add(other)
                if self._family(relation) == _HAS_PART:
                    parts.add(ends)
                yield relation

    def _ordered(self, concept: Concept) -> list[Relation]:
        """Return the relations of a term, disputed ones too, in the order of their families."""
        own = self.glossary.by_concept.get(concept.iri, ())
        disputed = [r for r in self.disputed if concept.iri in (r.subject, r.object)]

        def order(relation: Relation) -> tuple[int, str, bool]:
            predicate = relation.predicate
            family = self._family(relation)
            rank = (*_FAMILIES, family).index(family) + (predicate == _FILING)
            return rank, predicate, relation.subject != concept.iri

        return sorted((*own, *disputed), key=order)

    def _family(self, relation: Relation) -> str:
        known = self.glossary.predicates.get(relation.predicate)
        return (known.family if known else None) or relation.predicate

    def _frame(self, name: str, *, inverse: bool) -> str:
        """Return the sentence of a predicate with _NEAR for the term itself, _FAR for others."""
        ends = (_FAR, _NEAR) if inverse else (_NEAR, _FAR)
        predicate = self.glossary.predicates.get(name) or Predicate(name, (), {})
        return escape(predicate.sentence(*ends, self.lang, inverse=inverse))

    def _sentences(self, concept: Concept, frame: str, found: dict[str, Relation]) -> Iterator[str]:
        """Yield one sentence where the words allow: evidence must come right after its terms."""
        groups: dict[str, list[str]] = defaultdict(list)
        for other, relation in found.items():
            groups[evidence(relation, self.lang, glossary=self.glossary)].append(other)
        pieces = []
        for words, others in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
            ordered = sorted(others, key=self._name_order)
            links = _joined([self._link(iri) for iri in ordered], self.lang)
            reasons = list(self._reasons([found[iri] for iri in ordered], ordered))
            pieces.append((links, f" ({escape(words)})", reasons))
        near = escape(concept.pref_label(self.lang))
        if frame.endswith(_FAR):
            line = _put(frame, near, "; ".join(f"{links}{words}" for links, words, _ in pieces))
            yield f"- {guard(line)}"
            yield from (reason for _, _, reasons in pieces for reason in reasons)
        else:
            for links, words, reasons in pieces:
                yield f"- {guard(_put(frame, near, links))}{words}"
                yield from reasons

    def _reasons(self, relations: Sequence[Relation], others: Sequence[str]) -> Iterator[str]:
        """Yield why relations hold, indented below their sentence; filing needs no reason."""
        for relation, other in zip(relations, others, strict=True):
            reason = escape(relation.reason(self.lang))
            if reason and relation.predicate != _FILING:
                name = escape(self.glossary.name(other, self.lang))
                yield f"  - {guard(self.between(name, reason))}"

    def _source(self, concept: Concept) -> Iterator[str]:
        """Yield where the source page names a term: sections, each once."""
        found = [self.passages.get(name) for name in concept.passages]
        sections = [section(passage, self.lang) for passage in found if passage]
        for name in concept.passages:  # a passage that no claim rests on: its answer alone
            answer = phrase("source", f"answer{name.partition('.')[0]}", self.lang)
            if name not in self.passages and not any(s.startswith(answer) for s in sections):
                sections.append(self.word("page") if name == "0" else answer)
        words = "; ".join(map(escape, dict.fromkeys(sections))) or self.word("own")
        yield from ("  \n".join([self.named("source", words), *self._kept(concept)]), "")

    def _kept(self, concept: Concept) -> Iterator[str]:
        """Yield one line on who keeps a term, and one where it is no longer to be used."""
        keeper = concept.stewardship
        parts = [self.named("owner", self._link(keeper.owner))] if keeper.owner else []
        parts += [escape(phrase("status", keeper.status, self.lang))] if keeper.status else []
        for name, date in (("reviewed", keeper.reviewed), ("effective", keeper.effective)):
            parts += [self.named(name, escape(date))] if date else []
        if parts:
            yield guard(" · ".join(parts))
        if keeper.replaced_by:
            yield self.named("instead", self._link(keeper.replaced_by), bold=True)

    def _index(self, lang: str) -> Iterator[str]:
        """Yield all names in `lang` in order, a paragraph a letter; an alias leads to its term."""
        rows: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for concept in self.shown:
            pref, slug = concept.pref_label(lang), self.anchors[concept.iri]
            for name in (pref, *concept.alt_labels(lang)):
                key = sort_key(name, lang)
                letter = key[0].upper() if key and key[0] in ascii_lowercase else "#"
                words = link(pref, slug) if name == pref else f"{escape(name)} → {link(pref, slug)}"
                rows[letter].append((key, words))
        for letter, names in sorted(rows.items()):
            yield from (f"**{letter}** {' · '.join(words for _, words in sorted(names))}", "")

    def _link(self, iri: str) -> str:
        name = self.glossary.name(iri, self.lang)
        return link(name, self.anchors[iri]) if iri in self.anchors else escape(name)

    def _name_order(self, iri: str) -> tuple[str, str]:
        return sort_key(self.glossary.name(iri, self.lang), self.lang), iri


def _put(frame: str, near: str, far: str) -> str:
    ends = {_NEAR: near, _FAR: far}
    return _ENDS.sub(lambda found: ends[found.group()], frame)


def _joined(links: list[str], lang: str) -> str:
    """Return a list in words: commas, in English with "and" before the last."""
    if lang == "zh" or len(links) == 1:
        return "、".join(links)
    return f"{', '.join(links[:-1])} and {links[-1]}"
