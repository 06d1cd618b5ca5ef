"""Owns how a concept, a path, a tree and an effect look as text and as JSON on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kg import vocab
from kg.cli.cards import lookalike_lines, lookalikes_json, metric_json, metric_lines
from kg.cli.output import plain, relation_json, term_json
from kg.model import by_language
from kg.phrasing import (
    evidence,
    locator,
    phrase,
    statement,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kg.analysis.measures import Branch, Effect, Step
    from kg.inference import Proof
    from kg.model import Concept, Glossary, Relation

__all__ = [
    "branch_json",
    "branch_lines",
    "branch_rows",
    "concept_json",
    "concept_text",
    "effect_line",
    "path_text",
    "proof_json",
    "proof_lines",
    "proof_rows",
]


def concept_json(glossary: Glossary, iri: str, lang: str) -> dict[str, object]:
    """Return a concept with all that is said of it, for programs."""
    concept = glossary.concepts[iri]
    metric, keeper = concept.metric, concept.stewardship
    return {
        **term_json(glossary, iri),
        "kind": concept.kind,
        "tier": concept.tier,
        "topic": concept.topic,
        "labels": [{"role": x.role, "lang": x.lang, "text": x.value} for x in concept.labels],
        "definitions": by_language(concept.definitions),
        "scope_notes": by_language(concept.scope_notes),
        "notes": by_language(concept.editorial_notes),
        "versions": [
            {"passage": version.passage.code, **by_language(version.texts)}
            for version in concept.versions
        ],
        "stewardship": {
            "owner": keeper.owner and vocab.contract(keeper.owner),
            "status": keeper.status,
            "reviewed": keeper.reviewed,
            "effective": keeper.effective,
            "replaced_by": keeper.replaced_by and vocab.contract(keeper.replaced_by),
        },
        "lookalikes": [lookalikes_json(group) for group in glossary.lookalikes],
        "passages": list(concept.passages),
        "metric": metric and metric_json(glossary, metric),
        "relations": [relation_json(glossary, r, lang) for r in glossary.relations],
    }


def concept_text(glossary: Glossary, iri: str, lang: str) -> str:
    """Return a concept as a card to read in a terminal."""
    concept = glossary.concepts[iri]
    other = "en" if lang == "zh" else "zh"
    names = [f"{concept.pref_label(lang)}  ({concept.pref_label(other)})"]
    names.append(
        "  ".join(
            (
                vocab.contract(iri),
                glossary.kind_label(concept.kind, lang),
                phrase("tier", concept.tier, lang),
                glossary.topics[0].label(lang),
            )
        )
    )
    blocks = [names, [*_names(concept, lang)], [*_texts(concept, lang)]]
    blocks += [[*_versions(concept, lang)], [*_kept(glossary, concept, lang)]]
    if concept.metric:
        blocks.append([*metric_lines(glossary, concept.metric, lang)])
    blocks += [[*lookalike_lines(glossary, group, lang)] for group in glossary.lookalikes]
    told = [relation for relation in glossary.relations if not glossary.repeats(relation)]
    told.sort(key=lambda r: (r.subject != iri, r.predicate, glossary.sentence(r, lang, about=iri)))
    title = {"zh": f"关系({len(told)})", "en": f"Relations ({len(told)})"}[lang]
    blocks.append([title, *(line for r in told for line in _said(glossary, r, iri, lang))])
    return plain("\n\n".join("\n".join(block) for block in blocks if block)) + "\n"


def _names(concept: Concept, lang: str) -> Iterator[str]:
    words = {"zh": "又名", "en": "Also"}[lang]
    others = dict.fromkeys((*concept.alt_labels("zh"), *concept.alt_labels("en")))
    if others:
        yield f"{words}: {', '.join(others)}"


def _texts(concept: Concept, lang: str) -> Iterator[str]:
    words = {"zh": ("定义", "范围说明"), "en": ("Definition", "Scope note")}[lang]
    other = "en" if lang == "zh" else "zh"
    if definition := concept.definition(lang) or concept.definition(other):
        yield f"{words[0]}: {definition}"
    notes = by_language(concept.scope_notes)
    if note := notes.get(lang) or notes.get(other):
        yield f"{words[1]}: {note}"


def _versions(concept: Concept, lang: str) -> Iterator[str]:
    if concept.versions:
        yield {"zh": "来源中的不同说法", "en": "What the source makes of it"}[lang]
    for version in concept.versions:
        yield f"  {locator(version.passage, lang)}: {version.text(lang)}"


def _kept(glossary: Glossary, concept: Concept, lang: str) -> Iterator[str]:
    """Yield one line on who keeps the term, and one where it is no longer to be used."""
    keeper = concept.stewardship
    words = {
        "zh": ("负责人", "审阅于", "生效于", "请改用"),
        "en": ("Owner", "reviewed", "in effect from", "Use instead"),
    }[lang]
    parts = [f"{words[0]}: {glossary.name(keeper.owner, lang)}"] if keeper.owner else []
    parts += [phrase("status", keeper.status, lang)] if keeper.status else []
    for word, date in ((words[1], keeper.reviewed), (words[2], keeper.effective)):
        parts += [f"{word} {date}"] if date else []
    if parts:
        yield "  ".join(parts)
    if keeper.replaced_by:
        yield f"{words[3]}: {glossary.name(keeper.replaced_by, lang)}"


def _said(glossary: Glossary, relation: Relation, iri: str, lang: str) -> Iterator[str]:
    """Yield a relation as a sentence, and below it why it holds."""
    yield f"  {statement(glossary, relation, lang, about=iri)}"
    if reason := relation.reason(lang):
        yield f"    {reason}"


def path_text(glossary: Glossary, steps: Sequence[Step], lang: str) -> str:
    """Return a path as numbered sentences with their evidence; parallel relations are indented."""
    lines = []
    for number, step in enumerate(steps, 1):
        for at, relation in enumerate(step.relations):
            lead = f"{number}. " if at == 0 else "   "
            sentence = glossary.sentence(relation, lang, about=step.start)
            proof = evidence(relation, lang, glossary=glossary)
            lines.append(f"{lead}{sentence} ({proof}) [{relation.id}]")
    if not steps:
        lines.append(
            {"zh": "起点与终点是同一个术语", "en": "start and end are the same term"}[lang]
        )
    return plain("".join(f"{line}\n" for line in lines))


def branch_json(glossary: Glossary, branch: Branch) -> dict[str, object]:
    """Return a tree as nested objects."""
    children = [branch_json(glossary, child) for child in branch.children]
    return {**term_json(glossary, branch.iri), "children": children}


def branch_rows(glossary: Glossary, branch: Branch, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Yield a tree as rows: each term with its depth and what it hangs below."""
    for child in branch.children:
        above = vocab.contract(branch.iri)
        yield {"depth": depth + 1, "below": above, **term_json(glossary, child.iri)}
        yield from branch_rows(glossary, child, depth + 1)


def branch_lines(glossary: Glossary, branch: Branch, lang: str, lead: str = "") -> Iterator[str]:
    """Yield a tree as lines with guides."""
    if not lead:
        yield plain(f"{glossary.name(branch.iri, lang)}  {vocab.contract(branch.iri)}")
    for at, child in enumerate(branch.children):
        last = at == len(branch.children) - 1
        name = plain(f"{glossary.name(child.iri, lang)}  {vocab.contract(child.iri)}")
        yield f"{lead}{'└─ ' if last else '├─ '}{name}"
        deeper = lead + ("   " if last else "│  ")
        if child.children:
            yield from branch_lines(glossary, child, lang, deeper)


def effect_line(glossary: Glossary, effect: Effect, lang: str) -> str:
    """Return one effect as a line: sign, name, and the relation or formula it comes through."""
    name, origin = glossary.name(effect.iri, lang), glossary.name(effect.origin, lang)
    sign = f"[{effect.sign}] " if effect.sign else "[ ] "
    if effect.via:
        how = statement(glossary, effect.via, lang)
    else:
        how = {"zh": f"公式或字段依赖:{origin}", "en": f"formula or field: {origin}"}[lang]
    return plain(f"{'  ' * (effect.depth - 1)}{sign}{name} — {how}")


def proof_json(proof: Proof) -> dict[str, object]:
    """Return a proof as nested objects."""
    return {
        "triple": [vocab.contract(part) for part in proof.fact],
        "rule": proof.rule,
        "premises": [proof_json(premise) for premise in proof.premises],
    }


def proof_rows(proof: Proof, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Yield a proof as rows: each triple with its depth and the rule it follows by."""
    subject, predicate, object_ = map(vocab.contract, proof.fact)
    triple = {"subject": subject, "predicate": predicate, "object": object_}
    yield {"depth": depth, **triple, "rule": proof.rule}
    for premise in proof.premises:
        yield from proof_rows(premise, depth + 1)


def proof_lines(glossary: Glossary, proof: Proof, lang: str, depth: int = 0) -> Iterator[str]:
    """Yield a proof as indented lines: each triple with its rule or its evidence."""
    from kg.inference import RULES

    subject, predicate, object_ = proof.fact
    left, right = (glossary.name(end, lang) for end in (subject, object_))
    known = glossary.predicates.get(predicate)
    said = f"{left} {vocab.contract(predicate)} {right}"
    if known:
        said = known.sentence(left, right, lang)
    why = RULES[proof.rule][lang]
    if proof.rule == "asserted":
        behind = [
            r
            for r in glossary.relations
            if (r.subject, r.predicate, r.object) == (subject, predicate, object_)
        ]
        why = evidence(behind[0], lang, glossary=glossary) if behind else why
    yield plain(f"{'  ' * depth}{said} ({why})")
    for premise in proof.premises:
        yield from proof_lines(glossary, premise, lang, depth + 1)
