"""Owns the words for what is not a label: evidence, strength, tier, direction, unit, passage.

Every word stands in one table, in Chinese and English; sentences come from the glossary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.vocab import UNIT, local_name

if TYPE_CHECKING:
    from kg.model import Claim, Glossary, Passage, Relation

__all__ = [
    "WORDS",
    "display_words",
    "evidence",
    "lag_words",
    "locator",
    "phrase",
    "section",
    "statement",
    "unit_words",
]

# (group, value) -> (zh, en)
WORDS: dict[tuple[str, str], tuple[str, str]] = {
    ("strength", "stated"): ("明说", "stated"),
    ("strength", "implied"): ("隐含", "implied"),
    ("strength", "product"): ("本图谱补充", "added by this graph"),
    ("strength", "inferred"): ("推理得出", "inferred"),
    ("confidence", "low"): ("低置信", "low confidence"),
    ("confidence", "normal"): ("一般置信", "normal confidence"),
    ("modality", "possible"): ("可能", "possible"),
    ("asserted", "no"): ("来源说法不一", "the source disagrees with itself"),
    ("status", "draft"): ("草稿", "draft"),
    ("status", "approved"): ("已审定", "approved"),
    ("status", "deprecated"): ("已停用", "deprecated"),
    ("tier", "core"): ("核心", "core"),
    ("tier", "supporting"): ("支撑", "supporting"),
    ("tier", "context"): ("语境", "context"),
    ("direction", "higher-better"): ("越高越好", "higher is better"),
    ("direction", "lower-better"): ("越低越好", "lower is better"),
    ("direction", "closer-to-zero"): ("越接近 0 越好", "the closer to 0 the better"),
    ("direction", "closer-to-one"): ("越接近 1 越好", "the closer to 1 the better"),
    ("direction", "context"): ("好坏视情况而定", "good or bad depending on the case"),
    ("inference", "list-order"): ("依列举顺序", "from the order of a list"),
    ("inference", "heading"): ("依标题", "from a heading"),
    ("inference", "mapping"): ("依上下对应", "from a correspondence in the text"),
    ("inference", "meaning"): ("依文意", "from the meaning"),
    ("source", "answer1"): ("回答1", "answer 1"),
    ("source", "answer2"): ("回答2", "answer 2"),
    ("source", "answer3"): ("回答3", "answer 3"),
    ("source", "answer4"): ("回答4", "answer 4"),
    ("source", "product"): ("本图谱补充", "added by this graph"),
    ("display", "dimensionless (show as %)"): ("以 % 显示", "shown as %"),
    ("display", "multiple (x)"): ("以倍数显示", "shown as a multiple (x)"),
    ("display", "percentage points when both inputs are in %"): (
        "两项均为 % 时以百分点显示",
        "in percentage points when both inputs are in %",
    ),
    ("display", "turns per period"): ("每期周转次数", "turns per period"),
    ("display", "periods (the period of ARPA)"): (
        "期数(以 ARPA 的周期为准)",
        "in periods (those of ARPA)",
    ),
    ("display", "money per 1,000 impressions"): ("每千次展示的金额", "money per 1,000 impressions"),
    ("display", "days"): ("以天显示", "in days"),
    ("display", "% (positive = over-forecast)"): (
        "以 % 显示, 正值表示预测偏高",
        "shown as %, positive means over-forecast",
    ),
    ("display", "points, -100..100"): ("分值, -100 至 100", "points, -100 to 100"),
    ("display", "elasticity"): ("弹性", "an elasticity"),
    ("display", "index (1 = mean)"): ("指数, 1 为平均", "an index, 1 is the mean"),
}
_SCOPE = {"zh": "仅在“{model}”中", "en": "within “{model}”"}
_SECTIONS = str.maketrans("一二三四五六七八九", "123456789")
_LOCATOR_EN = (
    ("intro ¶1", "intro"),
    ("¶intro", "intro"),
    ("¶closing", "closing"),
    ("定义", "definition"),
    ("操作流程", "process"),
    ("内容", "content"),
    ("步骤", "steps"),
    ("title", "page title"),
)
_SPANS = {"D": ("天", "day"), "W": ("周", "week"), "M": ("个月", "month"), "Y": ("年", "year")}
_STRENGTHS = ("stated", "product", "implied")


def phrase(group: str, value: str, lang: str) -> str:
    """Return the word for a value of a group ("tier", "strength" ...), else the value itself.

    >>> phrase("direction", "lower-better", "zh")
    '越低越好'
    """
    words = WORDS.get((group, value))
    return value if words is None else words[0 if lang == "zh" else 1]


def locator(passage: Passage, lang: str) -> str:
    """Return where a passage stands in the source page, in words of `lang`.

    >>> from kg.model import Passage
    >>> locator(Passage("1.0.1", 1, "answer 1 intro ¶1", 8), "en")
    'answer 1 intro'
    """
    if lang == "zh":
        return passage.locator_in("zh")
    out = passage.locator.translate(_SECTIONS)
    for raw, word in _LOCATOR_EN:
        out = out.replace(raw, word)
    return out


def section(passage: Passage, lang: str) -> str:
    """Return the part of the source page that a passage lies in: its place without paragraph.

    >>> from kg.model import Passage
    >>> passage = Passage("1.2.1", 1, "answer 1 §二 ¶1", 18)
    >>> section(passage, "zh"), section(passage, "en")
    ('回答1 §二', 'answer 1 §2')
    """
    words = locator(passage, lang).split(" ")
    if lang == "zh":
        return " ".join(words[:2])
    return " ".join(words[: 4 if "item" in words else 3])


def evidence(relation: Relation, lang: str, *, glossary: Glossary | None = None) -> str:
    """Return what stands behind a relation: how it is said, how surely, and where.

    Claims said in the same way share one opening; a relation without claims was inferred. The
    models of a scope are named by their labels where a glossary is given, else by their ids.

    >>> from kg.model import Claim, Passage, Relation
    >>> passage = Passage("1.0.1", 1, "answer 1 intro ¶1", 8)
    >>> claim = Claim("claim:r010-1.0.1", "implied", "answer1", passage)
    >>> relation = Relation("r010", "term:a", "so:measures", "term:b", (claim,))
    >>> evidence(relation, "zh"), evidence(relation, "en")
    ('隐含, 回答1 引言', 'implied, answer 1 intro')
    """
    places: dict[str, list[str]] = {}
    told: set[tuple[str, tuple[str, ...]]] = set()  # a passage that states it need not imply it
    for claim in sorted(relation.claims, key=_claim_order):
        place = locator(claim.passage, lang) if claim.passage else ""
        if (place, claim.scope) in told:
            continue
        told.add((place, claim.scope))
        places.setdefault(_manner(claim, lang, glossary), []).append(place)
    parts = [f"{manner}, {'; '.join(found)}".rstrip(", ") for manner, found in places.items()]
    if not relation.asserted:
        parts.insert(0, phrase("asserted", "no", lang))
    if relation.lag:
        parts.append(lag_words(relation.lag, lang))
    return "; ".join(parts) or phrase("strength", "inferred", lang)


def lag_words(lag: str, lang: str) -> str:
    """Return the usual time from cause to effect in words of `lang`, from an ISO 8601 duration.

    >>> lag_words("P1M", "zh"), lag_words("P2W", "en")
    ('通常滞后 1 个月', 'usually after 2 weeks')
    """
    count, (zh, en) = lag[1:-1], _SPANS[lag[-1:]]
    if lang == "zh":
        return f"通常滞后 {count} {zh}"
    return f"usually after {count} {en}{'' if count == '1' else 's'}"


def statement(glossary: Glossary, relation: Relation, lang: str, about: str | None = None) -> str:
    """Return a relation as a sentence with its evidence in brackets, read from the end `about`."""
    sentence = glossary.sentence(relation, lang, about=about)
    return f"{sentence} ({evidence(relation, lang, glossary=glossary)})"


def unit_words(glossary: Glossary, unit: str, lang: str) -> str:
    """Return a unit such as "money/customer" in words of `lang`.

    >>> from kg.model import Glossary
    >>> unit_words(Glossary({}, (), {}, ()), "visit/rep/day", "en")
    'visit per rep per day'
    """
    parts = [part for part in unit.split("/") if part]
    names = [glossary.name(UNIT + x, lang).removeprefix(UNIT) for x in parts]
    return ("/" if lang == "zh" else " per ").join(names)


def display_words(display: str | None, lang: str) -> str:
    """Return how a metric is shown ("shown as %"), in words of `lang`, or an empty text."""
    return phrase("display", display, lang) if display else ""


def _claim_order(claim: Claim) -> tuple[int, int, int, str]:
    rank = _STRENGTHS.index(claim.strength) if claim.strength in _STRENGTHS else len(_STRENGTHS)
    passage = claim.passage
    return (
        rank,
        (passage.answer or 0 if passage else 0),
        (passage.line if passage else 0),
        claim.iri,
    )


def _manner(claim: Claim, lang: str, glossary: Glossary | None) -> str:
    parts = [phrase("strength", claim.strength, lang)]
    if claim.modality:
        parts.append(phrase("modality", claim.modality, lang))
    if claim.confidence == "low":
        parts.append(phrase("confidence", "low", lang))
    for model in claim.scope:
        name = glossary.name(model, lang) if glossary else local_name(model)
        parts.append(_SCOPE[lang].format(model=name.partition("(")[0].strip() or name))
    return ", ".join(parts)
