"""The values: names by language, sentences from either end, reports in order."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg import vocab as v
from kg.errors import ValidationFailed
from kg.model import (
    LEVELS,
    Claim,
    Concept,
    Finding,
    Glossary,
    Label,
    Passage,
    Place,
    Predicate,
    Relation,
    Report,
    Text,
    Topic,
)

if TYPE_CHECKING:
    from collections.abc import Callable

PASSAGE = Passage("1.2.1", 1, "answer 1 §二 ¶1", 18)


def _claim(strength: str, source: str = "answer1", confidence: str | None = None) -> Claim:
    passage = None if source == "product" else dataclasses.replace(PASSAGE, answer=int(source[-1]))
    return Claim("urn:c", strength, source, passage, confidence=confidence)


def _finding(rule: str, level: str = "error", row: int | None = 1) -> Finding:
    texts = (Text(f"bad {rule}", "en"), Text(f"{rule}有误", "zh"))
    return Finding(rule, level, texts, (Text("mend it", "en"),), place=Place("data/x.csv", row))  # type: ignore[arg-type]


PREDICATE = Predicate(
    v.SO + "measures",
    (Text("衡量", "zh"), Text("measures", "en")),
    {
        ("zh", "forward"): "{s}衡量{o}",
        ("zh", "inverse"): "{o}由{s}衡量",
        ("en", "forward"): "{s} measures {o}",
        ("en", "inverse"): "{o} is measured by {s}",
    },
)

# -- sentences
names = st.text(st.sampled_from("ab 销售{}so%\\"), max_size=8)


@given(names, names, st.sampled_from(["zh", "en"]), st.booleans())
def test_a_sentence_holds_both_names_as_they_are(
    subject: str,
    object_: str,
    lang: str,
    inverse: bool,  # noqa: FBT001 - hypothesis gives it
) -> None:
    """Also where a name looks like a place in the template."""
    sentence = PREDICATE.sentence(subject, object_, lang, inverse=inverse)

    assert subject.strip() in sentence
    assert object_.strip() in sentence


def test_a_sentence_is_read_from_either_end() -> None:
    assert "销售转化率 衡量 阶段转化" == PREDICATE.sentence("销售转化率", "阶段转化", "zh")
    assert "阶段转化 由 销售转化率 衡量" == PREDICATE.sentence(
        "销售转化率", "阶段转化", "zh", inverse=True
    )
    assert "B is measured by A" == PREDICATE.sentence("A", "B", "en", inverse=True)


def test_without_a_template_the_label_stands_between_the_names() -> None:
    bare = Predicate(v.SO + "x", (Text("衡量", "zh"),), {})

    assert "甲 衡量 乙" == bare.sentence("甲", "乙", "zh")
    assert "A x B" == bare.sentence("A", "B", "en")


def test_every_relation_of_the_graph_is_a_sentence_from_either_end(glossary: Glossary) -> None:
    for relation in glossary.relations:
        for lang in ("zh", "en"):
            for about in (None, relation.subject, relation.object):
                sentence = glossary.sentence(relation, lang, about=about)

                assert glossary.name(relation.subject, lang) in sentence
                assert glossary.name(relation.object, lang) in sentence
                assert "{" not in sentence


# -- names
def test_names_fall_back_to_another_language_and_to_the_id() -> None:
    concept = Concept(v.TERM + "x", "Metric", "core", "kpi", (Label("甲", "zh", "pref"),))
    nameless = dataclasses.replace(concept, labels=())

    assert ("甲", "甲", "x") == (
        concept.pref_label("zh"),
        concept.pref_label("en"),
        nameless.pref_label("zh"),
    )
    assert "x" == concept.id
    assert None is concept.definition("zh")


def test_labels_are_told_apart_by_role_and_language(glossary: Glossary) -> None:
    concept = glossary.concepts[v.TERM + "horse-race-incentive"]
    told = (
        concept.pref_label("zh"),
        *concept.alt_labels("zh"),
        *concept.hidden_labels("zh"),
        concept.pref_label("en"),
        *concept.alt_labels("en"),
        *concept.hidden_labels("en"),
    )

    assert sorted(told) == sorted(label.value for label in concept.labels)


def test_a_topic_and_a_kind_without_words_show_their_id() -> None:
    topic = Topic(v.TOPIC + "forecasting", 1, (), ())
    empty = Glossary({}, (), {}, ())

    assert ("forecasting", "") == (topic.label("zh"), topic.scope("zh"))
    assert "Metric" == empty.kind_label("Metric", "zh")
    assert "won_deals" == empty.name(v.MEASURE + "won_deals", "zh")


# -- evidence
@pytest.mark.parametrize(
    ("strengths", "best"),
    [
        ((), "inferred"),
        (("implied",), "implied"),
        (("implied", "product"), "product"),
        (("product", "implied", "stated"), "stated"),
    ],
)
def test_the_strength_of_a_relation_is_its_best_claim(
    strengths: tuple[str, ...], best: str
) -> None:
    relation = Relation("r", "urn:a", "urn:p", "urn:b", tuple(map(_claim, strengths)))

    assert best == relation.strength


@given(st.lists(st.sampled_from([None, "normal", "low"]), max_size=4))
def test_a_relation_is_doubtful_only_where_every_claim_is(confidences: list[str | None]) -> None:
    claims = tuple(_claim("implied", confidence=c) for c in confidences)
    relation = Relation("r", "urn:a", "urn:p", "urn:b", claims)

    assert ("low" if confidences and set(confidences) == {"low"} else "normal") == (
        relation.confidence
    )


def test_sources_and_answers_are_named_once_in_order() -> None:
    claims = tuple(_claim("stated", s) for s in ("answer4", "product", "answer1", "answer4"))
    relation = Relation("r", "urn:a", "urn:p", "urn:b", claims)

    assert ("answer1", "answer4", "product") == relation.sources
    assert (1, 4) == relation.answers


def test_each_asserted_relation_hangs_on_both_its_ends(glossary: Glossary) -> None:
    hung = [(iri, r.id) for iri, found in glossary.by_concept.items() for r in found]
    expected = [(e, r.id) for r in glossary.relations if r.asserted for e in {r.subject, r.object}]

    assert sorted(expected) == sorted(hung)
    assert set(glossary.concepts) == set(glossary.by_concept)


def test_a_relation_to_a_term_that_is_not_there_hangs_on_the_other_alone() -> None:
    concept = Concept("urn:a", "Metric", "core", "kpi", ())
    relation = Relation("r", "urn:a", "urn:p", "urn:gone")

    assert {"urn:a": (relation,)} == Glossary({"urn:a": concept}, (relation,), {}, ()).by_concept


# -- places
def test_every_place_of_the_page_reads_well_in_chinese(glossary: Glossary) -> None:
    """No English word is left over, whatever part of the page it is."""
    passages = {
        claim.passage
        for relation in glossary.relations
        for claim in relation.claims
        if claim.passage
    }

    assert len(passages) > 70
    for passage in sorted(passages, key=lambda p: p.code):
        chinese = passage.locator_in("zh")

        assert not re.search(r"[A-Za-z]{2,}|¶|#", chinese), chinese
        assert chinese.startswith(f"回答{passage.answer}")
        assert passage.locator == passage.locator_in("en")


@pytest.mark.parametrize(
    ("place", "english", "chinese"),
    [
        (Place("data/x.csv"), "data/x.csv", "data/x.csv"),
        (Place("data/x.csv", 3), "data/x.csv:3", "data/x.csv 第 3 行"),
        (
            Place("data/x.csv", 3, "zh"),
            "data/x.csv:3, column 'zh'",
            "data/x.csv 第 3 行“zh”列",
        ),
    ],
)
def test_a_place_is_written_in_both_languages(place: Place, english: str, chinese: str) -> None:
    assert (english, english, chinese) == (str(place), place.text("en"), place.text("zh"))


# -- reports
@given(
    st.lists(
        st.builds(
            _finding,
            st.sampled_from(["a", "b"]),
            st.sampled_from(LEVELS),
            st.sampled_from([None, 1, 2, 10]),
        )
    )
)
def test_a_report_is_sorted_and_holds_each_finding_once(findings: list[Finding]) -> None:
    """The worst first, whatever order they were found in; a report of a report is the same."""
    report = Report.of(findings)
    levels = [LEVELS.index(finding.level) for finding in report.findings]

    assert levels == sorted(levels, reverse=True)
    assert set(findings) == set(report.findings)
    assert len(set(findings)) == len(report.findings)
    assert report == Report.of(reversed(findings)) == Report.of(report.findings)


@pytest.mark.parametrize(("level", "count"), [("info", 3), ("warning", 2), ("error", 1)])
def test_findings_are_told_from_a_level_up(level: str, count: int) -> None:
    report = Report.of([_finding("a", "info"), _finding("b", "warning"), _finding("c", "error")])

    assert count == len(report.at_least(level))  # type: ignore[arg-type]
    with pytest.raises(ValidationFailed) as caught:
        report.raise_for_errors(level)  # type: ignore[arg-type]
    assert (count, level) == (caught.value.count, caught.value.level)


def test_a_report_without_errors_raises_nothing() -> None:
    Report.of([_finding("a", "warning")]).raise_for_errors()


def test_a_finding_without_words_in_a_language_shows_others() -> None:
    finding = _finding("a")

    assert ("bad a", "a有误", "mend it", "") == (
        finding.message("en"),
        finding.message("zh"),
        finding.remedy("en"),
        finding.remedy("zh"),
    )


# -- all of them
VALUES: list[Callable[[], object]] = [
    lambda: PASSAGE,
    lambda: _claim("stated"),
    lambda: _finding("a"),
    lambda: Report.of([_finding("a")]),
    lambda: Relation("r", "urn:a", "urn:p", "urn:b", (_claim("stated"),)),
    lambda: Concept("urn:a", "Metric", "core", "kpi", (Label("甲", "zh", "pref"),)),
    lambda: Place("x", 1, "y"),
]


@pytest.mark.parametrize("make", VALUES)
def test_values_are_frozen_equal_by_content_and_hashable(make: Callable[[], object]) -> None:
    value = make()
    name = dataclasses.fields(value)[0].name  # type: ignore[arg-type]

    assert make() == value
    assert hash(make()) == hash(value)
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, name, "other")
