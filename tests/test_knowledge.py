"""What the graph knows: complete in both languages, traceable, woven together, in own words."""

from __future__ import annotations

import csv
import re
import statistics
import unicodedata
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import pytest

from kg import vocab as v
from kg.formula import evaluate, formula_names
from kg.model import LANGS, TIERS, said_in
from kg.phrasing import WORDS, formula_text

if TYPE_CHECKING:
    from pathlib import Path

    from kg.model import Concept, Glossary, Relation

RUN = 16  # characters of the source that no text of ours may share in a run
SIGNED = ("increases", "reduces", "improves")
FILING = ("topicOf", "measures")


def _typed(glossary: Glossary) -> dict[str, list[Relation]]:
    """Return the curated relations of each concept: no parent, no `measures`, no formula."""
    parents = {
        frozenset((r.subject, r.object)) for r in glossary.relations if r.id.startswith("parent-")
    }
    out: dict[str, list[Relation]] = defaultdict(list)
    for relation in glossary.relations:
        name = v.local_name(relation.predicate)
        ends = frozenset((relation.subject, relation.object))
        if relation.id.startswith("parent-") or name in FILING or not relation.asserted:
            continue
        if name in ("hasPart", "hasStep", "partOf", "broader") and ends in parents:
            continue
        for end in ends:
            out[end].append(relation)
    return out


def _core(glossary: Glossary, kind: str | None = None) -> list[Concept]:
    found = (c for c in glossary.concepts.values() if c.tier == "core")
    return [concept for concept in found if kind is None or concept.kind == kind]


# ------------------------------------------------------------------ definitions


@pytest.mark.parametrize("lang", LANGS)
def test_every_concept_has_a_definition_of_its_own(glossary: Glossary, lang: str) -> None:
    texts = {c.id: c.definition(lang) for c in glossary.concepts.values()}
    counts = Counter(_bare(text) for text in texts.values() if text)

    assert [] == sorted(name for name, text in texts.items() if not text)
    assert [] == [text for text, count in counts.items() if count > 1]
    assert len(texts) >= 1000


@pytest.mark.parametrize("lang", LANGS)
def test_no_definition_begins_with_its_own_name(glossary: Glossary, lang: str) -> None:
    wrong = [
        concept.id
        for concept in glossary.concepts.values()
        if _bare(concept.definition(lang) or "").startswith(_bare(concept.pref_label(lang)))
    ]

    assert [] == wrong


def test_chinese_definitions_are_one_or_two_sentences(glossary: Glossary) -> None:
    lengths = [len(c.definition("zh") or "") for c in glossary.concepts.values()]

    assert 20 <= statistics.median(lengths) <= 80
    assert max(lengths) <= 130


def _bare(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\W_]", "", folded)


@pytest.mark.domain
def test_no_text_shares_a_run_of_the_source(glossary: Glossary, domain: Path) -> None:
    source = (domain / "source" / "sales-operations-terms.zh.txt").read_text(encoding="utf-8")
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", source))
    runs = {plain[i : i + RUN] for i in range(len(plain) - RUN + 1)}
    shared = []
    for concept in glossary.concepts.values():
        texts = [*concept.definitions, *concept.scope_notes, *concept.editorial_notes]
        texts += [text for version in concept.versions for text in version.texts]
        for text in texts:
            line = re.sub(r"\s", "", unicodedata.normalize("NFKC", text.value))
            found = {line[i : i + RUN] for i in range(len(line) - RUN + 1)} & runs
            shared += [(concept.id, run) for run in found]
    for relation in glossary.relations:
        line = re.sub(r"\s", "", unicodedata.normalize("NFKC", relation.reason("zh")))
        found = {line[i : i + RUN] for i in range(len(line) - RUN + 1)} & runs
        shared += [(relation.id, run) for run in found]

    assert [] == shared


def test_versions_stand_side_by_side_from_different_answers(glossary: Glossary) -> None:
    versions = {c.id: c.versions for c in glossary.concepts.values() if c.versions}

    assert {"sales-funnel", "sales-target", "sales-forecast", "sales-channel"} <= set(versions)
    for name, found in versions.items():
        assert len({version.passage.code for version in found}) == len(found), name
        assert all(version.passage.answer for version in found), name
        for lang in LANGS:
            texts = [said_in(version.texts, lang) for version in found]

            assert len(set(texts)) == len(texts), name
            assert all(texts), name


def test_every_note_is_in_both_languages(glossary: Glossary) -> None:
    half = [
        concept.id
        for concept in glossary.concepts.values()
        for notes in (concept.scope_notes, concept.editorial_notes)
        if notes and {note.lang for note in notes} != set(LANGS)
    ]

    assert [] == half


def test_every_concept_has_a_keeper(glossary: Glossary) -> None:
    for concept in glossary.concepts.values():
        keeper = concept.stewardship

        assert keeper.owner in glossary.concepts, concept.id
        assert "Role" == glossary.concepts[keeper.owner or ""].kind, concept.id
        assert keeper.status in ("draft", "approved", "deprecated"), concept.id
        assert keeper.reviewed, concept.id
        assert keeper.effective, concept.id


# ------------------------------------------------------------------ relations


def test_every_relation_has_a_claim_and_what_is_not_stated_a_reason(glossary: Glossary) -> None:
    without = [relation.id for relation in glossary.relations if not relation.claims]
    unreasoned = [
        claim.iri
        for relation in glossary.relations
        if not relation.id.startswith("measures-")
        for claim in relation.claims
        if claim.strength == "implied" and {r.lang for r in claim.reasons} != set(LANGS)
    ]
    unsure = [
        claim.iri
        for relation in glossary.relations
        for claim in relation.claims
        if claim.strength == "implied" and claim.confidence not in ("normal", "low")
    ]

    assert [] == without
    assert [] == unreasoned
    assert [] == unsure


def test_every_curated_relation_of_ours_says_why(glossary: Glossary) -> None:
    silent = [
        relation.id
        for relation in glossary.relations
        if not relation.id.startswith(("parent-", "measures-"))
        for claim in relation.claims
        if claim.strength == "product" and "/parent-" not in claim.iri
        if {reason.lang for reason in claim.reasons} != set(LANGS)
    ]

    assert [] == silent


def test_core_concepts_are_woven_in(glossary: Glossary) -> None:
    typed = _typed(glossary)
    thin = [c.id for c in _core(glossary) if len(typed[c.iri]) < 3]

    assert [] == thin
    assert len(_core(glossary)) > 300


def test_core_metrics_have_drivers_a_lever_and_a_counter_metric(glossary: Glossary) -> None:
    incoming: dict[tuple[str, str], set[str]] = defaultdict(set)
    for relation in glossary.relations:
        name = v.local_name(relation.predicate)
        incoming[relation.object, name].add(relation.subject)
        if name == "balancedBy":
            incoming[relation.subject, "balanced"].add(relation.object)
    lacking = {}
    for metric in _core(glossary, "Metric"):
        drivers = set().union(*(incoming[metric.iri, name] for name in SIGNED))
        lacks = [
            word
            for word, found, least in (
                ("drivers", drivers, 2),
                ("lever", incoming[metric.iri, "leverFor"], 1),
                ("counter-metric", incoming[metric.iri, "balanced"], 1),
            )
            if len(found) < least
        ]
        if lacks:
            lacking[metric.id] = lacks

    assert {} == lacking
    assert len(_core(glossary, "Metric")) > 60


def test_few_terms_of_ours_stand_alone(glossary: Glossary) -> None:
    typed = _typed(glossary)
    ours = [c for c in glossary.concepts.values() if not c.passages]
    alone = [c.id for c in ours if not typed[c.iri]]

    assert len(alone) / len(ours) <= 0.25


def test_nothing_is_said_to_rise_and_to_fall_by_the_same_cause(glossary: Glossary) -> None:
    signs: dict[tuple[str, str], set[str]] = defaultdict(set)
    for relation in glossary.relations:
        predicate = glossary.predicates[relation.predicate]
        if predicate.sign in ("+", "-"):
            signs[relation.subject, relation.object].add(predicate.sign)

    assert [] == [pair for pair, found in signs.items() if len(found) > 1]


# ------------------------------------------------------------------ predicates


def test_every_relation_reads_as_a_sentence_both_ways(glossary: Glossary) -> None:
    """No hole is left, both names stand in it, and it is not the fallback of label and names."""
    for relation in glossary.relations:
        names = [relation.subject, relation.object]
        for lang in LANGS:
            said = [glossary.sentence(relation, lang, about=iri) for iri in names]

            assert all(glossary.name(iri, lang) in text for iri in names for text in said)
            assert not any("{" in text or "}" in text for text in said), relation.id


def test_every_predicate_in_use_is_described(glossary: Glossary) -> None:
    for iri in {relation.predicate for relation in glossary.relations}:
        predicate = glossary.predicates[iri]

        assert {"zh", "en"} == {text.lang for text in predicate.labels}, iri
        assert 4 == len(predicate.phrases), iri
        assert predicate.sign in (None, "+", "-", "0", "?"), iri


# ------------------------------------------------------------------ what is measured


def test_every_metric_with_a_formula_has_a_whole_card(glossary: Glossary) -> None:
    bare = {}
    for concept in glossary.concepts.values():
        if metric := concept.metric:
            parts = {
                "date_basis": metric.date_basis,
                "grain": metric.grain,
                "currency": metric.currency,
                "tax": metric.tax,
                "additivity": metric.additivity,
                "filter zh": said_in(metric.filters, "zh"),
                "filter en": said_in(metric.filters, "en"),
            }
            if lacks := [name for name, value in parts.items() if not value]:
                bare[concept.id] = lacks

    assert {} == bare


def test_every_word_of_a_card_has_words_in_both_languages(glossary: Glossary) -> None:
    used = set()
    for concept in glossary.concepts.values():
        if metric := concept.metric:
            used |= {("date-basis", metric.date_basis), ("additivity", metric.additivity)}
            used |= {("currency-basis", metric.currency), ("tax-basis", metric.tax)}
            used |= {("grain", grain) for grain in metric.grain}
            used |= {("direction", metric.direction)}
            used |= {("display", metric.display)} if metric.display else set()
    for measure in glossary.measures.values():
        used |= {("aggregate", measure.aggregate), ("time-basis", measure.basis)}

    assert set() == used - set(WORDS)


@pytest.mark.parametrize("lang", LANGS)
def test_formulas_read_in_words(glossary: Glossary, lang: str) -> None:
    """No name of a program is left in them."""
    for concept in glossary.concepts.values():
        if concept.metric:
            text = formula_text(glossary, concept.metric.expression, lang)

            assert [] == re.findall(r"\b[a-z]+_[a-z_]+\b", text), concept.id


def test_names_of_what_is_measured_are_in_both_languages_and_their_own(
    glossary: Glossary,
) -> None:
    for things in (glossary.measures, glossary.objects):
        for lang in LANGS:
            labels = Counter(thing.label(lang).casefold() for thing in things.values())

            assert [] == [label for label, count in labels.items() if count > 1]
    for thing in (
        *glossary.measures.values(),
        *glossary.objects.values(),
        *glossary.fields.values(),
    ):
        assert all(thing.definition(lang) for lang in LANGS), thing.iri
        assert all(said_in(thing.labels, lang) for lang in LANGS), thing.iri


def test_variants_have_one_default_each_and_come_to_other_numbers(glossary: Glossary) -> None:
    """On made-up inputs at least one variant differs from the default: else it is none."""
    metrics = [c for c in glossary.concepts.values() if c.metric and c.metric.variants]
    for concept in metrics:
        assert concept.metric is not None
        variants = concept.metric.variants

        assert 1 == sum(variant.default for variant in variants), concept.id
        assert variants[0].default, concept.id
        assert len(variants) > 1, concept.id
        assert variants[0].expression == concept.metric.expression, concept.id
        assert len({variant.expression for variant in variants}) == len(variants), concept.id
    assert len(metrics) >= 40


def test_every_formula_comes_to_a_number(glossary: Glossary) -> None:
    """On unlike inputs, no two of which add up to another: nothing is malformed."""
    lists = {m.id for m in glossary.measures.values() if m.shape == "list"}
    odd = []
    for concept in glossary.concepts.values():
        if concept.metric:
            names = formula_names(concept.metric.expression)
            sizes = [float((i + 2) ** 1.5) for i in range(len(names))]
            values = {
                name: (size, size * size) if name in lists else size
                for name, size in zip(names, sizes, strict=True)
            }
            if evaluate(concept.metric.expression, values.get) is None:
                odd.append(concept.id)

    assert [] == odd


def test_look_alikes_are_told_apart(glossary: Glossary) -> None:
    assert len(glossary.lookalikes) >= 30
    for group in glossary.lookalikes:
        assert len(group.members) >= 2, group.id
        for lang in LANGS:
            answers = [member.answer(lang) for member in group.members]

            assert group.question(lang), group.id
            assert len(set(answers)) == len(answers), group.id
            assert all(member.distinction(lang) for member in group.members), group.id


def test_fields_decide_others_without_a_circle(glossary: Glossary) -> None:
    after = {iri: set(crm_field.determines) for iri, crm_field in glossary.fields.items()}

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        todo = list(after[start])
        while todo:
            iri = todo.pop()
            if iri not in seen:
                seen.add(iri)
                todo += after.get(iri, ())
        return seen

    assert [] == [iri for iri in after if iri in reached(iri)]
    stage = v.FIELD + "Opportunity.stage"

    assert {v.FIELD + f"Opportunity.{name}" for name in ("is_won", "is_closed", "probability")} <= (
        reached(stage)
    )


def test_tiers_are_known(glossary: Glossary) -> None:
    assert set(TIERS) == {concept.tier for concept in glossary.concepts.values()}


# ------------------------------------------------------------------ what people type


def test_what_people_type_is_found(glossary: Glossary, root: Path) -> None:
    """Each line of tests/lookups.csv finds its term, or offers the terms that it may mean."""
    from kg.errors import TermError
    from kg.lookup import build_index, resolve

    index = build_index(glossary)
    with (root / "tests" / "lookups.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    missed = []
    for row in rows:
        expected = set(row["expect"].split(" | "))
        try:
            found = resolve(index, row["text"], lang=row["lang"])
        except TermError as error:
            near = error.candidates
            assert isinstance(near, tuple)
            candidates = {name.split(" ")[0].removeprefix("term:") for name in near}
            good = error.code == "term-ambiguous" and expected <= candidates
        else:
            ids = {v.local_name(iri) for iri in (found.iri, *found.others)}
            good = expected <= ids if len(expected) > 1 else {v.local_name(found.iri)} == expected
        if not good:
            missed.append((row["text"], row["expect"]))

    assert [] == missed
    assert len(rows) >= 300
    assert {"zh", "en"} == {row["lang"] for row in rows}
