"""The grammar of formulas: what it takes, what it refuses, and that nothing is ever evaluated."""

from __future__ import annotations

import ast
import json
import math
import string
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.formula import (
    FUNCTIONS,
    MAX_DEPTH,
    MAX_LENGTH,
    FormulaError,
    Value,
    evaluate,
    formula_names,
    formula_words,
)
from kg.sources.tables import read_rows

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("won_deals", "lost_deals", "x", "a1", "sum_of_all")
leaves = st.one_of(
    st.sampled_from(NAMES), st.integers(1, 10**6).map(str), st.sampled_from(["0.5", "12.50"])
)
formulas = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(" ".join),
        inner.map(lambda x: f"({x})"),
        inner.map(lambda x: f"-({x})"),
        st.tuples(inner, st.sampled_from("23")).map(lambda x: f"({x[0]}) ** {x[1]}"),
        st.tuples(st.sampled_from(["abs", "sqrt"]), inner).map(lambda x: f"{x[0]}({x[1]})"),
    ),
    max_leaves=8,
)


def _refusal(text: str) -> FormulaError:
    with pytest.raises(FormulaError) as caught:
        formula_names(text)
    return caught.value


# -- laws
@given(formulas)
def test_every_formula_of_the_grammar_is_taken_with_its_names(text: str) -> None:
    """In order of first use, each once, as Python's own parser sees them."""
    tree = ast.walk(ast.parse(text, mode="eval"))
    names = [n for n in tree if isinstance(n, ast.Name) and n.id not in ("abs", "sqrt")]
    ordered = sorted(names, key=lambda n: n.col_offset)

    assert tuple(dict.fromkeys(n.id for n in ordered)) == formula_names(text)


@given(formulas)
def test_an_aggregate_takes_a_formula_and_no_other_aggregate(text: str) -> None:
    assert formula_names(text) == formula_names(f"sum({text})") == formula_names(f"mean({text})")
    assert "inside sum() or mean()" in str(_refusal(f"sum(mean({text}))"))


@given(st.text(st.sampled_from(string.printable + "销²①ｗ\u200b\x00"), max_size=MAX_LENGTH + 20))
def test_any_text_gives_names_or_a_formula_error(text: str) -> None:
    """Whatever is typed into the cell; the reason comes in both languages."""
    try:
        names = formula_names(text)
    except FormulaError as error:
        assert str(error)  # noqa: PT017 - both ways are fine, and this is the law of one
        assert error.zh  # noqa: PT017 - as above
    else:
        assert all(name.isidentifier() for name in names)


def test_every_formula_of_the_data_is_taken(root: Path) -> None:
    lines = (root / "data" / "metrics.csv").read_text(encoding="utf-8").splitlines()

    assert len(lines) > 200
    assert all(formula_names(line.split(",")[1]) for line in lines[1:])


# -- examples
@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("won_deals / (won_deals + lost_deals)", ("won_deals", "lost_deals")),
        ("sum(a ** 2) / 100", ("a",)),
        ("-a * - b", ("a", "b")),
        ("sqrt(abs(a))**3", ("a",)),
        ("  a  ", ("a",)),
        ("1.5", ()),
        ("(" * 90 + "a" + ")" * 90, ("a",)),
    ],
)
def test_names_come_in_order_of_first_use(text: str, names: tuple[str, ...]) -> None:
    assert names == formula_names(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "(a", "a b", "a +", "a,b", "a // b", "a % b", "a ** 4", "a ** b", "a ** -1"),
        *(
            "a ** 2 ** 2",
            "2 ** a",
            "+a",
            "~a",
            "not a",
            "a.b",
            "a[0]",
            "[a]",
            "{a}",
            "a if b else c",
        ),
        *("f(a)", "sum()", "sum(a, b)", "sum(*a)", "sum(x=a)", "sum(a)(b)", "(sum)(a) . x"),
        *(
            "lambda: a",
            "a := 1",
            "a == b",
            "a and b",
            "'a'",
            "f'{a}'",
            "1e5",
            "1_000",
            "0x1F",
            "1j",
        ),
        *("1.", ".5", "007", "1e999", "True", "None", "__import__('os')", "A", "_a", "Won", "销售"),
        *("ｗon", "a\nb", "a\n+ b", "a # b", "a\x00", "1if 2else 3", "a\\b", "9" * 5000),
        *("a.b" * 100, "[" * 190 + "]" * 190, "-" * 390 + "a", "a*" * 150 + "a", "(" * 300),
    ],
)
def test_what_is_not_of_the_grammar_is_refused(text: str) -> None:
    error = _refusal(text)

    assert len(str(error)) < 80
    assert "\n" not in str(error)
    assert any("\u4e00" <= sign <= "\u9fff" for sign in error.zh)


def test_limits_are_exact() -> None:
    longest = "a+" * 9 + "1" * (MAX_LENGTH - 18)

    assert ("a",) == formula_names(longest)
    assert f"{MAX_LENGTH} characters" in str(_refusal(longest + "1"))
    assert ("a",) == formula_names("-" * MAX_DEPTH + "a")
    assert f"deeper than {MAX_DEPTH}" in str(_refusal("-" * (MAX_DEPTH + 1) + "a"))


def test_nothing_is_evaluated(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("eval", "exec", "compile"):
        monkeypatch.setattr(f"builtins.{name}", lambda *_, **__: pytest.fail("evaluated"))
    monkeypatch.setattr(ast, "parse", _parse)

    assert ("a",) == formula_names("sum(a) / 0")


_compile = compile


def _parse(source: str, mode: str) -> ast.AST:
    tree = _compile(source, "formula", mode, ast.PyCF_ONLY_AST)
    assert isinstance(tree, ast.Expression)
    return tree


# -- what a formula comes to
@given(formulas)
def test_a_value_is_what_python_computes_or_unknown(text: str) -> None:
    """The oracle is Python itself; whatever it cannot compute is unknown, never zero."""
    values = {name: float(place) for place, name in enumerate(NAMES, 2)}
    try:
        expected = _oracle(text, {**values, "sqrt": math.sqrt, "abs": abs})
    except (ArithmeticError, ValueError):
        expected = None
    result = evaluate(text, values.__getitem__)

    if isinstance(expected, complex) or (expected is not None and not math.isfinite(expected)):
        expected = None
    assert expected == pytest.approx(result, rel=1e-9) if expected is not None else result is None


def _oracle(text: str, names: dict[str, object]) -> float | complex:
    return eval(text, {"__builtins__": {}}, names)  # type: ignore[no-any-return]  # noqa: S307 - our own formulas


@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=8))
def test_lists_go_element_by_element_and_sums_add_them_up(numbers: list[int]) -> None:
    values: dict[str, Value] = {"x": tuple(map(float, numbers)), "a1": 2.0}

    assert tuple(n * 2.0 for n in numbers) == evaluate("x * a1", values.__getitem__)
    assert math.fsum(numbers) == evaluate("sum(x)", values.__getitem__)
    assert math.fsum(numbers) / len(numbers) == evaluate("mean(x)", values.__getitem__)
    assert evaluate("sum(x * a1)", values.__getitem__) == evaluate(
        "sum(x) * a1", values.__getitem__
    )


@pytest.mark.parametrize(
    ("text", "values", "result"),
    [
        ("a / b", {"a": 1.0, "b": 0.0}, None),
        ("a / b + 1", {"a": 1.0, "b": 0.0}, None),
        ("a * b", {"a": None, "b": 0.0}, None),
        ("sqrt(a)", {"a": -1.0}, None),
        ("mean(a)", {"a": ()}, None),
        ("sum(a)", {"a": ()}, 0.0),
        ("sum(a)", {"a": (1.0, None)}, None),
        ("sum(a)", {"a": 3.0}, 3.0),
        ("a / b", {"a": (1.0, 2.0), "b": (2.0, 0.0)}, (0.5, None)),
        ("-a ** 2", {"a": 3.0}, -9.0),
        ("(-a) ** 2", {"a": 3.0}, 9.0),
        ("abs(a - 5)", {"a": 3.0}, 2.0),
        ("2 * a ** 3", {"a": 2.0}, 16.0),
        ("a ** 3", {"a": 1e200}, None),
    ],
)
def test_what_is_unknown_stays_unknown(text: str, values: dict[str, Value], result: Value) -> None:
    assert result == evaluate(text, values.__getitem__)


def test_lists_of_different_length_are_refused() -> None:
    with pytest.raises(FormulaError) as caught:
        evaluate("a + b", {"a": (1.0,), "b": (1.0, 2.0)}.__getitem__)

    assert ("lists of different length", "列表长度不一致") == (str(caught.value), caught.value.zh)


# -- what a formula says
@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("a / (a + b)", "甲 ÷ (甲 + 乙)", "A ÷ (A + B)"),
        ("(a / a) + b", "甲 ÷ 甲 + 乙", "A ÷ A + B"),
        ("a - (b - a)", "甲 - (乙 - 甲)", "A - (B - A)"),
        ("(a - b) - a", "甲 - 乙 - 甲", "A - B - A"),
        ("a * (b / a)", "甲 × (乙 ÷ 甲)", "A × (B ÷ A)"),
        ("sum(a ** 2) / 100", "合计(甲²) ÷ 100", "sum(A²) ÷ 100"),
        ("(a + b) ** 3", "(甲 + 乙)³", "(A + B)³"),
        ("mean(a)", "平均值(甲)", "mean(A)"),
        ("abs(-a)", "绝对值(-甲)", "absolute value of (-A)"),
        ("-(a + b)", "-(甲 + 乙)", "-(A + B)"),
        ("sqrt(a)", "平方根(甲)", "square root of (A)"),
        ("1.50 * a", "1.5 × 甲", "1.5 × A"),
    ],
)
def test_a_formula_is_said_in_words_of_both_languages(text: str, zh: str, en: str) -> None:
    chinese = {"a": "甲", "b": "乙"}

    assert zh == formula_words(text, chinese.__getitem__, "zh")
    assert en == formula_words(text, str.upper, "en")


@given(formulas)
def test_the_words_of_a_formula_are_the_formula_again(text: str) -> None:
    """Put the signs back, and the words come to the same: no bracket is lost."""
    said = formula_words(text, str, "en")
    for mark, sign in (("×", "*"), ("÷", "/"), ("²", "**2"), ("³", "**3")):
        said = said.replace(mark, sign)
    said = said.replace("absolute value of ", "abs").replace("square root of ", "sqrt")
    values = {name: float(place) + 0.5 for place, name in enumerate(NAMES, 2)}
    first, again = (evaluate(x, values.__getitem__) for x in (text, said))

    assert first == pytest.approx(again, rel=1e-9) if first is not None else again is None


def test_every_formula_of_the_data_can_be_said(root: Path) -> None:
    for name in ("metrics", "variants"):
        for row in read_rows(root / "data", name):
            words = formula_words(row["formula"], lambda name: f"[{name}]", "zh")

            assert all(f"[{name}]" in words for name in formula_names(row["formula"])), row["id"]


@pytest.mark.domain
def test_inputs_of_every_domain_formula_are_the_stated_ones(domain: Path) -> None:
    text = (domain / "product_concepts.json").read_text(encoding="utf-8")
    metrics = [c for c in json.loads(text)["concepts"] if "formula" in c]

    assert 213 == len(metrics)
    for metric in metrics:
        stated = {*metric["base_inputs"], *(m.replace("-", "_") for m in metric["metric_inputs"])}

        assert stated == set(formula_names(metric["formula"]))


def test_functions_are_the_four_of_the_grammar() -> None:
    assert {"sum", "mean", "abs", "sqrt"} == FUNCTIONS
