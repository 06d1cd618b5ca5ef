"""Owns the words of questions: which of them mean the same, which say nothing, how they are cut.

A table of synonyms, one row a meaning, serves both languages: "谁", "who" and "whose" are one
symbol. So a way of asking that is written down in one language helps the other, too.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

__all__ = ["SLOT", "Token", "cut", "is_cjk", "singular", "split_tokens"]

SLOT = "{}"
_CJK = "\u2e80"
_TOKENS = re.compile(r"[\u2e80-\U0010ffff]|[0-9]+|[^\W\d_\u2e80-\U0010ffff]+|\{\}")
_SHORTEST_STEM = 3

# symbol: Chinese words, then after "/" English ones (base forms; endings are cut, "_" is a blank)
_SYNONYMS = """
who: 谁 哪位 什么人 哪个人 哪些人 哪个岗位 哪个部门 哪些岗位 哪个角色 哪些角色 何人 找谁 归谁 / who whom whose which_role which_person nobody somebody which_team which_department
what: 什么 啥 哪些 哪几个 哪几种 哪几类 哪几 哪个 哪种 哪类 哪一类 哪一个 哪 何种 哪一种 什么样 有何 / what which
how: 怎么 怎样 如何 咋 怎么样 怎么才能 怎么去 / how
why: 为什么 为何 为啥 怎么会 / why how_come
number: 多少 几个 几种 几类 几步 几 / how_many how_much number
where: 哪里 哪儿 何处 在哪 哪里面 什么地方 哪些地方 什么位置 / where
list: 列出 列举 列一下 清单 列表 罗列 给我看看 展示 一览 盘点 / list show give enumerate overview catalogue name_all tell
all: 所有 全部 一切 完整 每个 各个 都有 整个 每种 / all every each entire complete everything full
affect: 影响 驱动 驱动因素 影响因素 推动 带动 决定 左右 牵动 波及 作用于 冲击 改变 变动 / affect influence drive driver impact determine move shape sway govern
factor: 因素 因子 变量 / factor variable
improve: 提高 提升 改善 改进 优化 增加 拉高 提振 做高 搞上去 上升 增长 增强 变好 拉升 促进 有助于 / improve raise increase boost lift better enhance grow up optimise optimize strengthen help promote higher good
lower: 降低 减少 降下来 压缩 缩短 控制 降 / lower reduce decrease cut shrink shorten down
lever: 抓手 杠杆 手段 措施 着力点 办法 怎么办 动作 发力 招 做法 举措 对策 / lever action measure_to practice what_can_we_do what_can_be_done what_should_we_do what_can_i_do
counter: 制衡 反向 护栏 牵制 对冲 平衡 副作用 被刷 作弊 搭配 配对 一起看 同时看 同时关注 还要看 还应该看 兼顾 / counter balance guardrail offset gaming game cheat side_effect together suffer honest counterbalance pair alongside check
variant: 变体 版本 口径 变种 不同算法 几种算法 不同口径 / variant version variation alternative flavour flavor
formula: 公式 计算 算法 算出来 算 怎么算 计算方法 得出 得来 求 算式 计算公式 计算方式 / formula compute calculate calculation computation equation work_out derive formulae
input: 输入 分子 分母 分子分母 拆解 分解 构成量 数据来源 / input numerator denominator break_down decompose ingredient
need: 需要 要用 用到 需 必须 必备 依赖 要填 得有 应该 应当 该 须 / need require necessary must should have_to has_to required
use: 使用 采用 利用 引用 读取 读 用在 用于 用 应用 取自 / use read apply employ utilise utilize
field: 字段 数据项 栏位 列 / field column attribute
owner: 负责 负责人 归口 主管 责任人 责任 归 管 谁管 牵头 维护 承担 / owner own responsible charge in_charge accountable responsibility accountability look_after take_care
manage: 管理 / manage run
perform: 执行 做 来做 干 实施 完成 / perform do_the carry_out execute conduct
duty: 职责 工作内容 任务 岗位职责 日常工作 分内 / duty task job role_description
know: 知道 了解 掌握 懂 学 学习 学会 熟悉 明白 精通 上手 必修 / know learn understand master knowledge familiar study teach train
train: 培训 新人 新来 入职 / training newcomer new_hire onboard onboarding
confuse: 混淆 易混 易混淆 容易混 搞混 弄混 误认为 相似 类似 相近 分不清 分不开 像 混为一谈 混同 近似 / confuse similar look-alike look_alike lookalike mix_up mistake mistaken resemble taken_for close_to alike mixed_up
disagree: 不一致 矛盾 分歧 冲突 说法不一 打架 不同说法 出入 争议 相左 不统一 各说各话 / disagree conflict contradict contradiction disagreement inconsistent inconsistency dispute differ_about
difference: 区别 差别 差异 不同 异同 对比 比较 区分 有别 分别 不一样 一样 一回事 相同 两码事 / difference differ distinguish versus vs compare comparison distinction different same differentiate tell_apart apart
contrast: 对照 相对 相反 对立 有别于 / contrast counterpart opposite set_apart
relate: 关系 联系 关联 相关 有关 挂钩 相连 关联到 牵连 扯上 / relate relation relationship connection connect link tie hang_together associated linked do_with
respective: 各自 各 / respective respectively
basis: 依据 基于 根据 基础 建立在 靠 依靠 参考 凭 以什么为 立足 / base basis rest rely depend foundation ground founded built
feed: 提供 供给 流向 喂给 下游 输送 供应 / feed supply flow downstream
produce: 产出 输出 生成 形成 产生 成果 得到 结果 / produce output result deliverable yield deliver create outcome
aim: 目的 目标 旨在 为了 意义 宗旨 / aim purpose goal objective
stage: 阶段 时期 / stage phase
step: 步骤 环节 步 流程 工序 操作 程序 分几步 / step procedure workflow proceed sequence process
order: 顺序 依次 先后 次序 先 / order ordered
part: 组成 构成 部分 包含 包括 组成部分 组件 要素 内容 涵盖 含有 组成要素 里面 囊括 / part component consist comprise include contain element constituent make_up made_of makes_up composed
whole: 整体 一环 归属 / whole
module: 模块 功能 功能模块 / module feature functional
form: 形式 体现 表现形式 / form
criterion: 标准 准则 维度 原则 划分 / criterion criteria standard dimension principle
define: 定义 含义 意思 指 是什么 什么是 何谓 解释 释义 是指 叫做 理解 讲讲 介绍 介绍一下 是啥 啥是 概念是 / define definition mean meaning explain describe stand_for what's meant
kind: 种类 类型 类别 分类 下位 种 类 分为 分成 细分成 品类 / kind type category sort subtype narrower class
above: 上位 上级 上层 归在 归为 归类 归入 属于 算 / above broader parent superordinate fall_under belong fall belongs
concept: 概念 术语 词条 词 名词 词汇 / concept term word vocabulary notion entry
metric: 指标 度量指标 考核指标 / metric indicator kpi kpis
measure: 衡量 度量 测量 评估 评价 量化 考核 反映 说明 体现出 / measure gauge track assess evaluate measurement quantify
quantify: 计量 计 表示 表达 设定 / express state expressed stated
basemeasure: 基础度量 取数 统计 / base_measure counted
example: 例子 举例 例如 实例 举几个 比如 范例 案例 / example instance e.g for_example for_instance
source: 来源 源文档 原文 出处 文档 资料 原始资料 / source text page document original
answer: 回答 答案 / answer
passage: 段落 段 句子 / passage paragraph
mention: 提到 出现 提及 讲到 讲 涉及 说到 谈到 写到 出自 / mention appear occur talk come_up found discuss say
only: 只 仅 只有 独有 特有 唯一 仅有 只在 仅在 除了 别处没有 / only unique exclusive exclusively solely no_other alone
shared: 共同 共有 一致 都提到 公认 共识 认同 都认可 都说 都 共同认为 / share shared common agree agreement consensus several undisputed both
low: 置信度低 低置信 低置信度 不可靠 不太可靠 把握不大 存疑 可信度低 不确定 不太确定 依据不足 靠不住 拿不准 可信度 置信度 没把握 / low-confidence confidence uncertain doubtful weak shaky least_sure unsure unreliable questionable
unit: 单位 / unit
grain: 粒度 口径卡 统计口径 统计范围 计数规则 日期 按什么日期 以哪个日期 含税 不含税 币种 不包含 排除 / grain date_basis tax currency filter exclude excluded counting_rule metric_card rule
alias: 别名 同义词 别称 叫法 又叫 也叫 还叫 另一个名字 别的名字 叫什么 缩写 简称 俗称 / alias synonym call called other_name known_as abbreviation acronym also_known
english: 英文 英语 中文 翻译 / english chinese translate translation
name: 名称 名字 名 标签 叫 / name label named
none: 没有 无 缺 缺少 尚未 还没 还没有 没人 找不到 未 无主 没 不存在 / without lack no missing none absent unowned not un
deprecated: 停用 废弃 弃用 作废 过时 不用的 已经不用 淘汰 下线 替代 替换 被替换 替代词 / deprecated retired obsolete replace replacement outdated no_longer discontinued
change: 变更 更新 修改 改动 变化 变了 调整 新增 / change update modify new revise added edit
since: 以来 自 之后起 起 到现在 / since
after: 之后 下一步 接下来 后面 以后 然后 下一个 后 / after next follow subsequent then
before: 之前 上一步 前面 以前 前 上一个 前一步 先做 / before previous precede prior preceding earlier
convert: 转化 转化成 变成 转为 / turn_into convert become
cause: 原因 导致 造成 缘由 为什么会 起因 引起 由于 / cause reason lead_to behind due explain_why
collect: 收集 采集 获取 搜集 / collect gather obtain
instrument: 方式 工具 渠道 方法 途径 技术 / instrument tool way method technique means
topic: 主题 领域 方面 板块 专题 / topic area subject about
role: 角色 岗位 / role position
object: 对象 实体 表 / object entity table
record: 记录 存在 记在 存 存放 / record store kept hold held
map: 对应 映射 对照表 对上 匹配 等同 / map mapping correspond counterpart_of equivalent mapped
system: 系统 外部 / system external
wrong: 填错 不准 错了 错 出错 改了 错误 填不准 / wrong incorrect break broken fail bad error
passive: 受 被 由 / by
status: 状态 / status
ambiguous: 歧义 一词多义 重名 多义 同名 一名多义 / ambiguous ambiguity several_meaning
confusable: 容易 易 / easily easy commonly
benefit: 好处 作用 益处 价值 帮助 用处 / benefit advantage
issue: 太低 偏低 上不去 太高 偏高 低于 / too_low too_high
together: 之间 / between
"""

_FILLERS = """
的 了 吗 呢 啊 吧 呀 哦 嘛 嗯 么 请 请问 请教 请教一下 麻烦 麻烦问一下 麻烦你 帮我 帮忙 帮我查一下 帮我看看 帮我看一下 查一下 查查 查询 查找 看看 看一下 我 我们 你 您 你好 您好 咱们 咱 他 它 他们 它们
想 想问 想问一下 想问下 想知道 我想知道 我想了解 想了解 想了解一下 告诉我 能告诉我 能不能告诉我 说说 说一下 一下 可以 能 能够 能否 能不能 会 会不会 是 是不是 有 有没有 在 和 与 跟 及 以及 或 把 将 对 对于 给 从 到 以 为 上 中
里 里的 下 这 这个 那 那个 该怎么 一个 一共 一般 通常 究竟 到底 具体 大概 主要 目前 现在 我们公司 公司里 需要知道 的话 如果 关于 来 去 要 得 也 还 就 才 又 比较好 比较常见 常见 常 平时 平常 时候 时 东西 事 事情 个 些 之 其 所 而 且 并 等 请列出 说明一下
别 麻烦帮我 谢谢 多谢 感谢 问一下 问下 请帮我 讲一下 直接 分 存在哪些 咨询 咨询一下
/ a an the of to in on at for from with and or as is are was be been being am do does did can could would will shall may might please kindly hi hello hey thanks thank you your me my i we us our it its this that these those there their they them
so just actually really exactly usually typically generally directly some any such also else into onto out if when about_the want like know_about wonder could_you can_you i'd i_would_like i_want_to_know would_like_to_know let tell_me show_me give_me do_you_know quick question here mainly main one ones get go it's has have had having make
different_kinds_of please_tell_me im s t re ve ll d
"""


class Token(NamedTuple):
    """A piece of a normalised text: a Chinese sign, a word, a number, or a slot, and its place."""

    text: str
    start: int
    end: int


def is_cjk(text: str) -> bool:
    """Return whether a text begins with a Chinese sign."""
    return text[:1] >= _CJK


def split_tokens(text: str) -> list[Token]:
    """Return the tokens of a normalised text.

    >>> [token.text for token in split_tokens("crm系统 win rate")]
    ['crm', '系', '统', 'win', 'rate']
    """
    return [Token(match[0], match.start(), match.end()) for match in _TOKENS.finditer(text)]


def cut(tokens: list[str]) -> list[str]:
    """Return the meanings of a list of tokens in order, fillers left out.

    Chinese is cut by the longest row entry; what stands in no row stays as it is written.

    >>> cut(["请", "问", "谁", "负", "责", "{}"])
    ['who', 'owner', '{}']
    >>> cut(["who", "owns", "the", "{}"])
    ['who', 'owner', '{}']
    """
    table, reach = _table(), _reach()
    out, at = [], 0
    while at < len(tokens):
        word = tokens[at]
        longest = max(reach.get(form, 1) for form in _forms(word))
        for length in range(min(longest, len(tokens) - at), 0, -1):
            symbol = _symbol(tokens[at : at + length], table)
            if symbol is not None:
                break
        else:
            length, symbol = 1, singular(word)
        at += length
        if symbol:
            out.append(symbol)
    return out


def _symbol(piece: list[str], table: dict[str, str]) -> str | None:
    """Return the meaning of some tokens taken together, "" for a filler, None for no row."""
    if SLOT in piece:
        return SLOT if len(piece) == 1 else None
    if len(piece) == 1:
        return next((table[form] for form in _forms(piece[0]) if form in table), None)
    if is_cjk(piece[0]):
        return table.get("".join(piece)) if all(is_cjk(sign) for sign in piece) else None
    written = "_".join(piece)
    return table[written] if written in table else table.get("_".join(map(_base, piece)))


@cache
def _reach() -> dict[str, int]:
    """Return how many tokens the longest row entry has that begins with a token."""
    out: dict[str, int] = {}
    for entry in _table():
        pieces = list(entry) if is_cjk(entry) else entry.split("_")
        out[pieces[0]] = max(out.get(pieces[0], 1), len(pieces))
    return out


def _base(word: str) -> str:
    table = _table()
    return next((form for form in _forms(word) if form in table), singular(word))


def singular(word: str) -> str:
    """Return an English word without the ending of the plural; other words as they are.

    >>> [singular(word) for word in ("rates", "territories", "losses", "status", "漏")]
    ['rate', 'territory', 'loss', 'status', '漏']
    """
    if is_cjk(word) or len(word) <= _SHORTEST_STEM or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word.removesuffix("s")


@cache
def _forms(word: str) -> tuple[str, ...]:
    """Return a word and what it may be an inflected form of, nearest first."""
    if is_cjk(word):
        return (word,)
    out = [word, singular(word)]
    for ending in ("ing", "ed", "d", "er", "es", "ly"):
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= _SHORTEST_STEM:
            out += [stem, stem + "e"]
            if stem[-1] == stem[-2]:
                out.append(stem[:-1])
            if ending == "ed" and stem.endswith("i"):
                out.append(stem[:-1] + "y")
    return tuple(dict.fromkeys(out))


@cache
def _table() -> dict[str, str]:
    """Return word -> meaning; fillers mean nothing ("")."""
    rows = [line.partition(":") for line in _SYNONYMS.strip().splitlines()]
    table = {word: symbol for symbol, _, words in rows for word in words.replace("/", " ").split()}
    return dict.fromkeys(_FILLERS.replace("/", " ").split(), "") | table
