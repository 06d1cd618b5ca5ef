"""Owns the words for a query that the engine cannot parse, and the exact place of the fault."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.sparql.tokens import FORMS, KEYWORDS, UPDATES, syntax_error
from kg.vocab import PREFIXES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg.errors import QueryError
    from kg.sparql.tokens import Token

__all__ = ["locate_fault", "words_for"]

_BLANK = " " * 40  # longer than any keyword
_SHOWN = 40  # characters of a token in a message
# -- what the engine says in words, and the same in Chinese
_SAYINGS = {
    "Prefix not found": ("the prefix is not declared", "前缀没有声明"),
    "prefix IRI parsing failed": ("the IRI of the prefix is wrong", "前缀的 IRI 无效"),
    "IRI parsing failed": ("not a whole IRI", "不是完整的 IRI"),
    "language tag parsing failed": ("not a language tag", "语言标签无效"),
    "contains a variable that is unbound": (
        "SELECT names a variable that is neither grouped by nor aggregated",
        "SELECT 中的变量既没有参与分组,也没有聚合",
    ),
    "contains an expression with a variable that is unbound": (
        "SELECT computes with a variable that is neither grouped by nor aggregated",
        "SELECT 的表达式用到的变量既没有参与分组,也没有聚合",
    ),
    "Duplicated variable name in SELECT": (
        "SELECT names a variable twice",
        "SELECT 中的变量名重复",
    ),
    "The SELECT overrides an existing variable": (
        "SELECT gives a new value to a variable that has one",
        "SELECT 给已有值的变量重新赋值",
    ),
    "SELECT * is not authorized with GROUP BY": (
        "SELECT * cannot stand with GROUP BY or an aggregate; name the variables",
        "SELECT * 不能与 GROUP BY 或聚合函数同用,请写出变量名",
    ),
    "BIND is overriding an existing variable": (
        "BIND gives a new value to a variable that has one",
        "BIND 给已有值的变量重新赋值",
    ),
    "Unexpected aggregate": ("an aggregate cannot stand here", "此处不能使用聚合函数"),
    "Already used blank node id": (
        "a blank node label stands in two groups",
        "同一空白节点标签用在了两个组里",
    ),
    "Variables are not allowed in INSERT DATA": (
        "INSERT DATA takes no variables",
        "INSERT DATA 中不能有变量",
    ),
    "not allowed in DELETE WHERE": (
        "DELETE WHERE takes no blank nodes",
        "DELETE WHERE 中不能有空白节点",
    ),
    "not allowed in DELETE DATA": (
        "DELETE DATA takes no variables and no blank nodes",
        "DELETE DATA 中不能有变量和空白节点",
    ),
    "Repeated variables are not allowed in VALUES": (
        "VALUES names a variable twice",
        "VALUES 中的变量名重复",
    ),
    "The VALUES clause rows should have": (
        "a row of VALUES must have one value for each variable",
        "VALUES 每行值的个数须与变量个数相同",
    ),
    "The query limit should be": ("LIMIT takes a whole number", "LIMIT 须为非负整数"),
}


def locate_fault(text: str, tokens: Sequence[Token], message: str, *, update: bool) -> QueryError:
    """Return the error of a text that the engine refused with `message`, with its exact place.

    The parser of the engine looks ahead by the length of a keyword and names the furthest place it
    saw. With each token on a line of its own, followed by more blanks than any keyword is long, the
    line number is the number of the token at fault.
    """
    engine = ox.Store()
    spread = "".join(f"{token.inert}{_BLANK}\n" for token in tokens) + _BLANK
    try:
        if update:
            engine.update(spread, prefixes=PREFIXES)
        else:
            engine.query(spread, prefixes=PREFIXES)
    except SyntaxError as error:
        message = error.msg
    except (ValueError, RuntimeError):  # well formed when spread out: keep the first message
        pass
    place = re.search(r"error at (\d+):", message)
    number = int(place[1]) - 1 if place else 0
    saying = next((words for words in _SAYINGS if words in message), None)
    if number >= len(tokens):
        return _at_end(text, tokens, saying)
    return syntax_error(text, tokens[number].at, *words_for(tokens[number], saying))


def words_for(token: Token, saying: str | None = None) -> tuple[str, str]:
    """Return what is wrong with a token, in English and Chinese."""
    shown = token.text if len(token.text) <= _SHOWN else token.text[:_SHOWN] + "…"
    if saying == "Prefix not found":
        prefix = token.text.partition(":")[0]
        return f"the prefix '{prefix}:' is not declared", f"前缀“{prefix}:”没有声明"
    if saying:
        en, zh = _SAYINGS[saying]
        return f"'{shown}': {en}", f"“{shown}”:{zh}"
    if token.kind == "iri" and re.match(r"<[?$(!0-9\"'+-]", shown):
        en = f"'{shown}' is read as an IRI; to compare, put a space after '<'"
        return en, f"“{shown}”被当作 IRI;若要比较大小,请在“<”后加空格"
    near = difflib.get_close_matches(token.word, sorted(KEYWORDS), 1, 0.7) if token.word else []
    if near and token.word not in KEYWORDS:
        en = f"'{shown}' is no word of SPARQL; did you mean {near[0]}?"
        return en, f"“{shown}”不是 SPARQL 的词,是否要写 {near[0]}?"
    return f"'{shown}' is not expected here", f"此处不应出现“{shown}”"


def _at_end(text: str, tokens: Sequence[Token], saying: str | None) -> QueryError:
    """Return the error of a query whose fault shows at its end only."""
    if saying:  # it concerns the query as a whole: point at the word that begins it
        start = next((t.at for t in tokens if t.word in (*FORMS, *UPDATES)), 0)
        return syntax_error(text, start, *_SAYINGS[saying])
    en, zh = "the query ends too early", "查询不完整"
    braces = [token.text for token in tokens if token.text in ("{", "}")]
    if braces.count("{") > braces.count("}"):
        en, zh = f"{en}: '}}' is missing", f"{zh},缺少“}}”"
    last = tokens[-1]
    return syntax_error(text, last.at + len(last.text), en, zh)
