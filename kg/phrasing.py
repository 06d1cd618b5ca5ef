"""Owns the words for what is not a label: evidence, strength, tier, direction, unit, passage.

Every word stands in one table, in Chinese and English; sentences come from the glossary.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kg.formula import FormulaError, formula_words
from kg.model import STRENGTHS, enumerated, said_in
from kg.vocab import MEASURE, TERM, UNIT, local_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.model import Claim, Glossary, Metric, Passage, Relation

__all__ = [
    "CARD",
    "WORDS",
    "card_facts",
    "display_words",
    "evidence",
    "formula_text",
    "joined",
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
    ("level", "error"): ("错误", "error"),
    ("level", "warning"): ("警告", "warning"),
    ("level", "info"): ("提示", "info"),
    ("label", "pref"): ("首选名称", "preferred name"),
    ("label", "alt"): ("别名", "alias"),
    ("label", "hidden"): ("仅供查找", "for look-up only"),
    ("tier", "core"): ("核心", "core"),
    ("tier", "supporting"): ("支撑", "supporting"),
    ("tier", "context"): ("语境", "context"),
    ("direction", "higher-better"): ("越高越好", "higher is better"),
    ("direction", "lower-better"): ("越低越好", "lower is better"),
    ("direction", "closer-to-zero"): ("越接近 0 越好", "the closer to 0 the better"),
    ("direction", "closer-to-one"): ("越接近 1 越好", "the closer to 1 the better"),
    ("direction", "context"): ("好坏视情况而定", "good or bad depending on the case"),
    ("yes", "true"): ("是", "yes"),
    ("yes", "false"): ("否", "no"),
    ("match", "exactMatch"): ("完全对应", "exact match"),
    ("match", "closeMatch"): ("近似对应", "close match"),
    ("date-basis", "created"): ("创建日期", "date created"),
    ("date-basis", "occurred"): ("发生日期", "date it happened"),
    ("date-basis", "closed"): ("关闭日期", "date closed"),
    ("date-basis", "signed"): ("签约日期", "date signed"),
    ("date-basis", "ordered"): ("下单日期", "date ordered"),
    ("date-basis", "shipped"): ("发货日期", "date shipped"),
    ("date-basis", "invoiced"): ("开票日期", "date invoiced"),
    ("date-basis", "due"): ("到期日", "date due"),
    ("date-basis", "paid"): ("到账日期", "date paid"),
    ("date-basis", "recognised"): ("收入确认日期", "date revenue is recognised"),
    ("date-basis", "renewal-due"): ("续约到期日", "date the renewal is due"),
    ("date-basis", "resolved"): ("解决日期", "date resolved"),
    ("date-basis", "snapshot"): ("时点(截至统计时刻)", "as of the moment of reporting"),
    ("date-basis", "period"): ("所属期间", "period it belongs to"),
    ("grain", "company"): ("公司", "company"),
    ("grain", "team"): ("团队", "team"),
    ("grain", "rep"): ("销售人员", "rep"),
    ("grain", "territory"): ("区域", "territory"),
    ("grain", "customer"): ("客户", "customer"),
    ("grain", "segment"): ("细分市场", "segment"),
    ("grain", "product"): ("产品", "product"),
    ("grain", "channel"): ("渠道", "channel"),
    ("grain", "partner"): ("伙伴", "partner"),
    ("grain", "outlet"): ("网点", "outlet"),
    ("grain", "campaign"): ("营销活动", "campaign"),
    ("grain", "source"): ("线索来源", "lead source"),
    ("grain", "stage"): ("阶段", "stage"),
    ("grain", "contract"): ("合同", "contract"),
    ("grain", "course"): ("课程", "course"),
    ("currency-basis", "reporting"): ("统一折算为报告币种", "converted to the reporting currency"),
    ("currency-basis", "none"): ("不涉及金额", "no money in it"),
    ("tax-basis", "excluded"): ("不含税", "without tax"),
    ("tax-basis", "included"): ("含税", "with tax"),
    ("tax-basis", "same-basis"): (
        "分子分母采用同一含税口径",
        "the same tax basis on both sides",
    ),
    ("tax-basis", "none"): ("不涉及税", "no tax in it"),
    ("additivity", "additive"): ("可加总", "additive"),
    ("additivity", "semi-additive"): (
        "可跨部门加总,不可跨期加总",
        "additive across units, not over time",
    ),
    ("additivity", "non-additive"): ("不可加总,须重新计算", "not additive: compute it anew"),
    ("aggregate", "count"): ("计数", "count"),
    ("aggregate", "count-distinct"): ("去重计数", "distinct count"),
    ("aggregate", "sum"): ("求和", "sum"),
    ("aggregate", "average"): ("平均", "average"),
    ("aggregate", "min"): ("最小值", "minimum"),
    ("aggregate", "max"): ("最大值", "maximum"),
    ("aggregate", "list"): ("逐条取值", "one value a record"),
    ("aggregate", "expression"): ("按表达式计算", "by an expression"),
    ("aggregate", "constant"): ("常数", "constant"),
    ("time-basis", "period"): ("发生在期内", "within the period"),
    ("time-basis", "prior-period"): ("上一等长期间", "within the period before"),
    ("time-basis", "prior-year"): ("上年同期", "within the same period a year before"),
    ("time-basis", "to-date"): ("期初至统计时刻", "from the start of the period to date"),
    ("time-basis", "cohort"): (
        "期内进入,此后结果计至统计时刻",
        "entered in the period, followed to date",
    ),
    ("time-basis", "snapshot"): ("统计时刻的状态", "state at the moment of reporting"),
    ("time-basis", "start"): ("期初状态", "state at the start of the period"),
    ("time-basis", "end"): ("期末状态", "state at the end of the period"),
    ("time-basis", "average"): ("期初与期末的平均", "mean of start and end of the period"),
    ("time-basis", "none"): ("不限时间", "at any time"),
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
    ("display", "minutes or hours"): ("以分钟或小时显示", "shown in minutes or hours"),
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
# fact of a metric card -> its name (zh, en), in the order in which cards give them
CARD: dict[str, tuple[str, str]] = {
    "formula": ("计算公式", "Formula"),
    "expression": ("公式代码", "Formula as code"),
    "unit": ("单位", "Unit"),
    "direction": ("方向", "Direction"),
    "date": ("计入日期", "Date that counts"),
    "filter": ("包含与排除", "In and out"),
    "grain": ("统计粒度", "Grain"),
    "currency": ("币种", "Currency"),
    "tax": ("含税", "Tax"),
    "additivity": ("可加性", "Additivity"),
    "inputs": ("所用指标", "Computed from"),
    "fields": ("CRM 字段", "CRM fields"),
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
_LAG = re.compile(r"P(\d+)([DWMY])")
_SPANS = {"D": ("天", "day"), "W": ("周", "week"), "M": ("个月", "month"), "Y": ("年", "year")}


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

    A duration of several parts, which no table of ours has, stands as it is.

    >>> lag_words("P1M", "zh"), lag_words("P2W", "en")
    ('通常滞后 1 个月', 'usually after 2 weeks')
    """
    found = _LAG.fullmatch(lag)
    if not found:
        return lag
    count, (zh, en) = found[1], _SPANS[found[2]]
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
    names = [glossary.name(UNIT + part, lang) for part in parts]
    return ("/" if lang == "zh" else " per ").join(names)


def display_words(display: str | None, lang: str) -> str:
    """Return how a metric is shown ("shown as %"), in words of `lang`, or an empty text."""
    return phrase("display", display, lang) if display else ""


def formula_text(glossary: Glossary, expression: str, lang: str) -> str:
    """Return a formula in words of `lang`, with the names of measures and metrics.

    What is no formula stands as it is.

    >>> from kg.model import Glossary, Text
    >>> names = {MEASURE + "won": (Text("赢单数", "zh"),), MEASURE + "all": (Text("商机数", "zh"),)}
    >>> formula_text(Glossary({}, (), {}, (), names=names), "won / all", "zh")
    '赢单数 ÷ 商机数'
    """

    def named(name: str) -> str:
        measure = MEASURE + name
        term = TERM + name.replace("_", "-")
        return glossary.name(measure if measure in glossary.names else term, lang)

    try:
        return formula_words(expression, named, lang)
    except FormulaError:
        return expression


def joined(group: str, found: Iterable[str], lang: str) -> str:
    """Return the words for several values of a group, as a list in `lang`."""
    return enumerated((phrase(group, value, lang) for value in found), lang)


def card_facts(glossary: Glossary, metric: Metric, lang: str) -> dict[str, str]:
    """Return what the card of a metric says in words of `lang`, fact by fact, in the order of CARD.

    What is unknown is an empty text. The metrics and fields that it reads are left to the caller,
    who may link to them.

    >>> from kg.model import Glossary, Metric
    >>> metric = Metric("won / all", "deal", "higher-better", None, grain=("team", "rep"))
    >>> facts = card_facts(Glossary({}, (), {}, ()), metric, "en")
    >>> facts["direction"], facts["grain"], facts["tax"]
    ('higher is better', 'team, rep', '')
    """
    shown = display_words(metric.display, lang)
    return {
        "formula": formula_text(glossary, metric.expression, lang),
        "expression": metric.expression,
        "unit": unit_words(glossary, metric.unit, lang) + (f" ({shown})" if shown else ""),
        "direction": phrase("direction", metric.direction, lang),
        "date": phrase("date-basis", metric.date_basis or "", lang),
        "filter": said_in(metric.filters, lang) or "",
        "grain": joined("grain", metric.grain, lang),
        "currency": phrase("currency-basis", metric.currency or "", lang),
        "tax": phrase("tax-basis", metric.tax or "", lang),
        "additivity": phrase("additivity", metric.additivity or "", lang),
    }


def _claim_order(claim: Claim) -> tuple[int, int, int, str]:
    rank = STRENGTHS.index(claim.strength) if claim.strength in STRENGTHS else len(STRENGTHS)
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
