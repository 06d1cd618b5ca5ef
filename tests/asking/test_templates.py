"""Question templates: the example has an answer, each way of asking leads to the template."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from kg import vocab as v
from kg.asking.answers import Request, answer, example_of, interpret, make_query, spell
from kg.asking.templates import GROUPS, HOLE, Slot, Template, read_templates
from kg.errors import SourceError
from kg.phrasing import WORDS, phrase, unit_words
from kg.sparql import Query
from kg.store import Store, open_store

if TYPE_CHECKING:
    from kg.asking.matching import Phrasebook
    from kg.model import Glossary
    from kg.sparql import Value

FOLDER = Path(__file__).resolve().parents[2] / "ontology" / "queries"
TEMPLATES = read_templates(FOLDER)
NAMES = {template.name: template for template in TEMPLATES}
WORKING = ("metric", "people", "crm")  # groups of questions from work
SPECIAL = {"answer", "formula", "lag", "locator", "source", "terms", "unit"}
# What a graph in good order has no row for, and what makes one.
GAPS = {
    "without-definition": "term:x a skos:Concept",
    "without-owner": 'term:x so:kind "Metric" ; so:tier "core"',
    "deprecated-terms": 'term:x so:status "deprecated" ; dcterms:isReplacedBy term:y',
}
GOOD = """
# name: {name}
# group: term
# title-zh: 标题
# title-en: title
# question-zh: {{term}}是什么?
# question-en: What is {{term}}?
# slot: term | term | crm | 术语 | term
# column: x | 甲 | x

SELECT ?x {{ $term skos:broader ?x }}
"""


@pytest.fixture(params=TEMPLATES, ids=lambda template: template.name)
def template(request: pytest.FixtureRequest) -> Template:
    """Return each template in turn."""
    found: Template = request.param
    return found


def _said(slot: Slot, value: Value, glossary: Glossary, lang: str) -> str:
    """Return the label of an example as people say it."""
    if slot.type == "field":
        field = glossary.fields[value.value]
        return f"{glossary.objects[field.object].label(lang)} {field.label(lang)}"
    if slot.type == "object":
        return glossary.objects[value.value].label(lang)
    if slot.type == "unit":
        return unit_words(glossary, value.value, lang)
    if not isinstance(value, ox.NamedNode):
        return phrase(slot.type, value.value, lang)
    name = v.local_name(value.value)
    return (
        glossary.kind_label(name, lang) if slot.type == "kind" else glossary.name(value.value, lang)
    )


def test_there_are_enough_and_half_come_from_work() -> None:
    assert len(TEMPLATES) >= 60
    assert sum(template.group in WORKING for template in TEMPLATES) >= 30
    assert set(GROUPS) == {template.group for template in TEMPLATES}


def test_the_columns_are_what_the_query_selects_and_the_slots_what_it_needs(
    template: Template, book: Phrasebook
) -> None:
    query = Query.parse(template.body)
    result = make_query(example_of(book, template)).run(ox.Store(), graphs=[ox.DefaultGraph()])
    given = {slot.name for slot in template.slots}

    assert isinstance(result, ox.QuerySolutions)
    assert [column.name for column in template.columns] == [x.value for x in result.variables]
    assert given <= query.variables
    assert {column.words for column in template.columns} - {""} <= SPECIAL | {g for g, _ in WORDS}


def test_the_example_has_an_answer_with_something_in_every_column(
    store: Store, book: Phrasebook, template: Template
) -> None:
    if template.name in GAPS:
        store = open_store()
        triple = f"GRAPH <urn:kg:asserted/x> {{ {GAPS[template.name]} }}"
        store.update(f"INSERT DATA {{ {triple} }}")
    empty = {column.name for column in template.columns}
    for lang in ("zh", "en"):
        found = answer(store, book, example_of(book, template), lang=lang, asserted=True)
        for row in found.rows:
            cells = zip(template.columns, row, strict=True)
            empty -= {c.name for c, x in cells if x is not None and spell(x)}

        assert found.rows, lang
    assert set() == empty


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_each_way_of_asking_leads_to_the_template(
    book: Phrasebook, glossary: Glossary, template: Template, lang: str
) -> None:
    example = example_of(book, template)
    said = {
        slot.name: _said(slot, example.values[slot.name], glossary, lang) for slot in template.slots
    }
    missed = {}
    for way in template.ways(lang):
        question = HOLE.sub(lambda hole: said[hole[1]], way)
        found = interpret(book, question, lang=lang)
        if Request(template, dict(example.values)) != Request(found.template, dict(found.values)):
            missed[question] = (found.template.name, found.values)

    assert {} == missed


def test_there_are_many_ways_of_asking_in_both_languages(template: Template) -> None:
    for lang in ("zh", "en"):
        ways = template.ways(lang)

        assert len(ways) >= 4
        assert len(set(ways)) == len(ways)
        assert template.title(lang)


def test_slots_have_names_that_python_may_pass_and_labels(template: Template) -> None:
    for slot in template.slots:
        assert slot.name.isidentifier()
        assert slot.name not in {"store", "question", "lang", "asserted"}
        assert slot.label("zh") != slot.label("en")
        assert template.slot(slot.name) == slot
    assert template.slot("nothing") is None


@pytest.mark.parametrize("name", sorted(GAPS))
def test_a_list_of_gaps_names_what_makes_one(book: Phrasebook, name: str) -> None:
    store = open_store()
    store.update(f"INSERT DATA {{ GRAPH <urn:kg:asserted/x> {{ {GAPS[name]} }} }}")

    assert ("term:x",) == answer(store, book, Request(NAMES[name], {})).ids


def test_the_guide_lists_every_template_with_its_questions(root: Path, template: Template) -> None:
    guide = (root / "docs" / "ask.md").read_text(encoding="utf-8")

    assert f"| `{template.name}` | {template.spoken('zh')} | {template.spoken('en')} |" in guide


# -- malformed files


def _read(folder: Path, text: str) -> tuple[Template, ...]:
    (folder / "good.rq").write_text(text.strip() + "\n", encoding="utf-8")
    return read_templates(folder)


def test_a_template_is_read_as_it_is_written(tmp_path: Path) -> None:
    (read,) = _read(tmp_path, GOOD.format(name="good"))

    assert ("good", "term", "SELECT ?x { $term skos:broader ?x }\n") == (
        read.name,
        read.group,
        read.body,
    )
    assert (Slot("term", "term", "crm", "术语", "term"),) == read.slots
    assert ("What is {term}?",) == read.ways("en")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# group: term", "# group: nowhere"),
        ("# group: term\n", ""),
        ("# name: good", "# name: other"),
        ("# name: good", "# name: good\n# name: good"),
        ("# column: x | 甲 | x\n", ""),
        ("# slot: term | term | crm | 术语 | term", "# slot: term | term"),
        ("What is {term}?", "What is it?"),
        ("What is {term}?", "What is {term} and {term}?"),
        ("What is {term}?", "What is {other}?"),
    ],
)
def test_a_malformed_template_is_told_where(tmp_path: Path, old: str, new: str) -> None:
    text = GOOD.format(name="good")

    assert old in text
    with pytest.raises(SourceError) as caught:
        _read(tmp_path, text.replace(old, new))

    assert "source-syntax" == caught.value.code
    assert tmp_path / "good.rq" == caught.value.path
    assert caught.value.reason_zh != caught.value.reason


def test_a_folder_that_is_not_there_or_not_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "bad.rq").write_bytes(b"\xff\xfe\xff")

    with pytest.raises(SourceError) as missing:
        read_templates(tmp_path / "none")
    with pytest.raises(SourceError) as binary:
        read_templates(tmp_path)

    assert ("source-missing", "source-encoding") == (missing.value.code, binary.value.code)
    assert 1 == binary.value.line


def test_a_folder_called_like_a_template_is_told(tmp_path: Path) -> None:
    (tmp_path / "folder.rq").mkdir()

    with pytest.raises(SourceError) as caught:
        read_templates(tmp_path)

    assert ("source-unreadable", tmp_path / "folder.rq") == (caught.value.code, caught.value.path)
