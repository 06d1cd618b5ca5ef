"""Errors: every code has its words in both languages, and every error carries what it knows."""

from __future__ import annotations

import copy
import pickle
import re
import shlex
import string
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kg.errors
from kg.errors import (
    MESSAGES,
    AnalysisError,
    BilingualError,
    EndpointError,
    ExportError,
    InconsistentOntology,
    KgError,
    Message,
    QueryError,
    SourceError,
    StoreError,
    TermError,
    ValidationFailed,
)

if TYPE_CHECKING:
    from pathlib import Path

    from kg.store import Store

BUILTINS: dict[type[KgError], type[Exception]] = {
    SourceError: ValueError,
    TermError: LookupError,
    StoreError: OSError,
    QueryError: ValueError,
    ValidationFailed: ValueError,
    InconsistentOntology: ValueError,
    AnalysisError: ValueError,
    ExportError: ValueError,
    EndpointError: OSError,
}
CODES = sorted(MESSAGES)


def _words(template: str) -> set[str]:
    """Return the names of the details that a template fills in, without the language."""
    found = {name for _, name, _, _ in string.Formatter().parse(template) if name}
    return {name.removesuffix("_zh") for name in found}


def _is_chinese(text: str) -> bool:
    return any("\u4e00" <= sign <= "\u9fff" for sign in text)


# -- the table
@pytest.mark.parametrize("code", CODES)
def test_a_code_says_the_same_in_both_languages(code: str) -> None:
    """The same details in both, Chinese in the Chinese, none in the English."""
    row = MESSAGES[code]
    pairs = [(row.en, row.zh), (row.hint_en, row.hint_zh), (row.alone_en, row.alone_zh)]

    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code)
    for english, chinese in pairs:
        assert _words(english) == _words(chinese)
        assert bool(english) == bool(chinese)
        assert not _is_chinese(english)
        assert _is_chinese(chinese) or not chinese
    assert row.en
    assert row.hint_en
    assert row.example


@pytest.mark.parametrize("code", CODES)
def test_a_message_is_one_line_without_a_full_stop(code: str) -> None:
    row = MESSAGES[code]
    texts = (row.en, row.zh, row.hint_en, row.hint_zh)

    assert all("\n" not in text and not text.endswith((".", "。")) for text in texts)


def test_every_code_is_raised_somewhere_and_every_raised_code_has_words(root: Path) -> None:
    """But for the one that waits for the consistency check of the ontology."""
    pattern = r"(?:Error|Failed|Ontology)\(\s*(?:code|\"([a-z-]+)\")"
    texts = [path.read_text(encoding="utf-8") for path in (root / "kg").rglob("*.py")]
    raised = {code for text in texts for code in re.findall(pattern, text) if code}
    quoted = {code for code in CODES for text in texts if f'"{code}"' in text.split("MESSAGES")[-1]}

    assert set() == raised - set(CODES)
    assert set(CODES) - {"ontology-inconsistent"} <= raised | quoted


def test_every_code_has_its_place_in_the_error_reference(root: Path) -> None:
    """In both languages, so that whoever reads a message finds more."""
    text = (root / "docs" / "errors.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## ([a-z-]+)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))

    assert CODES == sorted(sections)
    for code, section in sections.items():
        row = MESSAGES[code]

        assert [] == [t for t in (row.en, row.zh, row.hint_en, row.hint_zh) if t not in section]


@pytest.mark.parametrize("code", [code for code in CODES if "kg query '" in MESSAGES[code].example])
def test_the_example_of_a_query_error_leads_to_it(code: str, store: Store) -> None:
    words = shlex.split(MESSAGES[code].example)
    if "--format" in words:  # the writer of results says it, not the store
        return
    with pytest.raises(QueryError) as caught:
        store.query(words[2])

    assert code == caught.value.code


# -- the tree
def test_the_tree_in_the_docstring_is_the_tree() -> None:
    drawn = dict(re.findall(r"^\|- (\w+)\((\w+)\)", kg.errors.__doc__ or "", re.MULTILINE))

    assert {c.__name__: b.__name__ for c, b in BUILTINS.items()} == drawn
    assert {*BUILTINS, BilingualError, KgError, Message} | {"MESSAGES"} == {
        getattr(kg.errors, name) if name != "MESSAGES" else name for name in kg.errors.__all__
    }


@pytest.mark.parametrize("class_", BUILTINS, ids=lambda c: c.__name__)
def test_a_class_is_ours_and_the_builtin_that_a_caller_expects(class_: type[KgError]) -> None:
    error = class_("term-unknown", term="x", candidates=("a", "b"))

    assert isinstance(error, KgError)
    assert isinstance(error, BUILTINS[class_])
    assert set(BUILTINS) == set(KgError.__subclasses__())
    assert "no term 'x'" == str(error)


# -- one error
@given(st.sampled_from(CODES), st.text(max_size=30), st.sampled_from(list(BUILTINS)))
def test_any_detail_is_shown_as_it_is(code: str, text: str, class_: type[KgError]) -> None:
    """Braces, percent signs and line ends in a detail are text, never a template."""
    words = _words(MESSAGES[code].en)
    error = class_(code, **dict.fromkeys(words, text))

    assert text in str(error) or not words
    assert text in error.text("zh") or not words
    assert {text} >= {getattr(error, word) for word in words}


@given(st.sampled_from(CODES), st.sampled_from(list(BUILTINS)))
def test_an_error_crosses_processes_whole(code: str, class_: type[KgError]) -> None:
    """Pickled, copied and deep-copied, as a pool of workers does it."""
    error = class_(code, path="data/x.csv", line=3, candidates=("a",))
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):  # noqa: S301 - our own bytes
        assert (type(error), str(error), error.hint, error.details) == (
            type(again),
            str(again),
            again.hint,
            again.details,
        )


def test_details_are_attributes_and_others_are_not() -> None:
    error = SourceError("source-syntax", path="x.ttl", line=2, column=7)

    assert ("x.ttl", 2, 7) == (error.path, error.line, error.column)
    with pytest.raises(AttributeError):
        error.candidates  # noqa: B018 - the access is the test


def test_several_values_are_listed() -> None:
    error = TermError("term-ambiguous", term="CRM", candidates=("term:crm", "term:crm-system"))

    assert "'CRM' may mean: term:crm, term:crm-system" == str(error)
    assert "“CRM”有多种含义:term:crm, term:crm-system" == error.text("zh")


def test_without_candidates_the_hint_asks_no_empty_question() -> None:
    some = TermError("term-unknown", term="funel", candidates=("term:sales-funnel",))
    none = TermError("term-unknown", term="funel", candidates=())

    assert some.hint.startswith("did you mean: term:sales-funnel?")
    assert "try: kg search 'funel'" == none.hint
    assert "可以试试:kg search 'funel'" == none.hint_in("zh")


@pytest.mark.parametrize("code", ["store-missing", "store-damaged"])
def test_a_hint_to_build_names_the_folder_where_one_was_asked_for(code: str) -> None:
    named, alone = StoreError(code, path="x", out="my-build"), StoreError(code, path="x")
    for lang in ("en", "zh"):
        assert named.hint_in(lang).endswith("kg build -o my-build")
        assert alone.hint_in(lang).endswith("kg build")


def test_chinese_words_of_a_detail_are_used_where_there_are_some() -> None:
    both = ExportError("output-unwritable", path="x", reason="disk full", reason_zh="磁盘已满")
    one = ExportError("output-unwritable", path="x", reason="odd")

    assert ("x:无法写入:磁盘已满", "x:无法写入:odd") == (both.text("zh"), one.text("zh"))


def test_a_missing_detail_is_a_dash_and_an_unknown_code_a_programming_fault() -> None:
    assert "-: no such file or folder" == str(SourceError("source-missing"))
    with pytest.raises(KeyError):
        KgError("no-such-code")
