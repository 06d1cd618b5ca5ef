"""Owns the rules that tables are checked against while they are read, and the words of each."""

from __future__ import annotations

from dataclasses import dataclass

from kg.model import Finding, Level, Place, Text

__all__ = ["FAULTS", "Fault", "fault"]


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule on tables: level, and what to say and do in both languages."""

    level: Level
    en: str
    zh: str
    remedy_en: str
    remedy_zh: str


FAULTS: dict[str, Fault] = {
    "table-missing": Fault(
        "error",
        "the table is missing",
        "缺少这张表",
        "restore it, or point --from at a folder with ontology/ and data/",
        "请恢复该文件,或用 --from 指定包含 ontology/ 和 data/ 的文件夹",
    ),
    "table-encoding": Fault(
        "warning",
        "the file is GB18030 text, not UTF-8; it was read as GB18030",
        "文件编码是 GB18030 而不是 UTF-8,已按 GB18030 读取",
        "save it as UTF-8 (in Excel: CSV UTF-8)",
        "请另存为 UTF-8(Excel 中选“CSV UTF-8”)",
    ),
    "table-bytes": Fault(
        "error",
        "the file is neither UTF-8 nor GB18030 text",
        "文件既不是 UTF-8 也不是 GB18030 文本",
        "save it as UTF-8 (in Excel: CSV UTF-8)",
        "请另存为 UTF-8(Excel 中选“CSV UTF-8”)",
    ),
    "table-bom": Fault(
        "info",
        "the file begins with a byte order mark; it was skipped",
        "文件开头有 BOM 标记,已跳过",
        "nothing to do; saving without it keeps the next difference small",
        "无需处理;不带 BOM 保存可使改动更清晰",
    ),
    "table-column": Fault(
        "error",
        "unknown column '{value}'; known: {known}",
        "未知的列“{value}”;已知的列:{known}",
        "rename the column; data/README.md lists all of them",
        "请改列名;data/README.md 列出了全部列",
    ),
    "table-column-missing": Fault(
        "error",
        "the column '{value}' is missing",
        "缺少列“{value}”",
        "add it; data/README.md lists all columns",
        "请补上该列;data/README.md 列出了全部列",
    ),
    "table-row": Fault(
        "error",
        "the row has {value} cells, the header has {known}",
        "该行有 {value} 个单元格,表头有 {known} 个",
        'put quotes ("...") around a cell that holds a comma',
        '含逗号的单元格请加引号("...")',
    ),
    "table-syntax": Fault(
        "error",
        "not valid CSV: {value}",
        "不是有效的 CSV:{value}",
        "open the file in a spreadsheet and save it as CSV UTF-8",
        "请用表格软件打开后另存为“CSV UTF-8”",
    ),
    "cell-required": Fault(
        "error",
        "'{column}' of {id} is empty",
        "{id} 的“{column}”为空",
        "fill the cell",
        "请填写该单元格",
    ),
    "label-missing": Fault(
        "error",
        "{id} has no {value} label",
        "{id} 缺少{value}标签",
        "give every term one preferred label in Chinese and one in English",
        "每个术语都要有一个中文和一个英文首选标签",
    ),
    "cell-value": Fault(
        "error",
        "'{value}' is not allowed here; allowed: {known}",
        "此处不能填“{value}”;可填:{known}",
        "use one of the allowed values",
        "请改为允许的值",
    ),
    "cell-id": Fault(
        "error",
        "'{value}' is not an id",
        "“{value}”不是有效的 id",
        "use lower-case letters, digits and hyphens",
        "请使用小写字母、数字和连字符",
    ),
    "cell-integer": Fault(
        "error",
        "'{value}' is not a whole number",
        "“{value}”不是整数",
        "write digits only; a spreadsheet may have turned the cell into a date",
        "请只写数字;表格软件可能把它改成了日期",
    ),
    "cell-invisible": Fault(
        "warning",
        "'{column}' of {id} holds an invisible character (U+{value})",
        "{id} 的“{column}”含不可见字符(U+{value})",
        "delete it; it hides the term from search",
        "请删除;它会使搜索找不到该术语",
    ),
    "duplicate-id": Fault(
        "error",
        "the id '{value}' is used twice, first at {known}",
        "id“{value}”重复,首次出现在 {known}",
        "give the new row an id of its own; never rename an old one",
        "请为新行换一个 id;不要改动旧 id",
    ),
    "duplicate-label": Fault(
        "error",
        "the preferred label '{value}' is used twice, first at {known}",
        "首选标签“{value}”重复,首次出现在 {known}",
        "qualify one of them, and keep the plain form as alt label",
        "请给其中一个加限定词,原样保留为别名",
    ),
    "dangling-term": Fault(
        "error",
        "there is no {known} '{value}'",
        "没有这个{known}:“{value}”",
        "did you mean: {candidates}? Otherwise add it first",
        "您是否要写:{candidates}?否则请先添加",
    ),
    "predicate-unknown": Fault(
        "error",
        "there is no predicate '{value}'",
        "没有这个谓词:“{value}”",
        "did you mean: {candidates}? ontology/sales-ops.ttl lists all",
        "您是否要写:{candidates}?全部谓词见 ontology/sales-ops.ttl",
    ),
    "kind-unknown": Fault(
        "error",
        "there is no class '{value}'",
        "没有这个类:“{value}”",
        "did you mean: {candidates}? ontology/sales-ops.ttl lists all",
        "您是否要写:{candidates}?全部类见 ontology/sales-ops.ttl",
    ),
    "relation-self": Fault(
        "error",
        "{id} relates '{value}' to itself",
        "{id} 把“{value}”与自身相关联",
        "name the other concept",
        "请写明另一个概念",
    ),
    "relation-twice": Fault(
        "error",
        "the relation stands twice, first at {known}",
        "该关系重复,首次出现在 {known}",
        "keep one row and give it both claims",
        "请保留一行,并把两条依据都挂在其下",
    ),
    "relation-rejected": Fault(
        "error",
        "this relation was checked and is not to be asserted: {value}",
        "该关系已核对,不应断言:{value}",
        "remove the row, or take it out of data/rejected.csv with a reason",
        "请删除该行;若确有依据,请先从 data/rejected.csv 中移除并说明",
    ),
    "relation-unclaimed": Fault(
        "error",
        "{id} has no claim",
        "{id} 没有任何依据",
        "add a row to data/claims.csv: passage and strength",
        "请在 data/claims.csv 中补一行:段落与强度",
    ),
    "formula-syntax": Fault(
        "error",
        "the formula of {id} is wrong: {value}",
        "{id} 的公式有误:{value}",
        "use names, numbers, + - * /, sum() mean() abs() sqrt()",
        "只能使用名称、数字、+ - * /、sum() mean() abs() sqrt()",
    ),
    "formula-name": Fault(
        "error",
        "the formula of {id} reads '{value}', which is neither a base measure nor a metric",
        "{id} 的公式用到“{value}”,它既不是基础度量也不是指标",
        "did you mean: {candidates}?",
        "您是否要写:{candidates}?",
    ),
    "release-unrecorded": Fault(
        "info",
        "{id} changed since its last release",
        "{id} 自上次发布以来有改动",
        "record it when you publish: kg build --release VERSION --date YYYY-MM-DD",
        "发布时请登记:kg build --release 版本 --date 年-月-日",
    ),
}


def fault(
    rule: str,
    place: Place,
    *,
    focus: str | None = None,
    candidates: tuple[str, ...] = (),
    **words: str,
) -> Finding:
    """Return the finding of `rule` at `place`, with `words` filled in."""
    row = FAULTS[rule]
    fill = {"column": place.column or "", "candidates": ", ".join(candidates) or "-", **words}
    chinese = {**fill, "known": _CHINESE.get(fill.get("known", ""), fill.get("known", ""))}
    if rule == "label-missing":
        chinese["value"] = {"zh": "中文", "en": "英文"}[words["value"]]
        fill["value"] = {"zh": "Chinese", "en": "English"}[words["value"]]
    return Finding(
        rule=rule,
        level=row.level,
        messages=(Text(row.en.format(**fill), "en"), Text(row.zh.format(**chinese), "zh")),
        remedies=(
            Text(row.remedy_en.format(**fill), "en"),
            Text(row.remedy_zh.format(**chinese), "zh"),
        ),
        focus=focus,
        place=place,
    )


_CHINESE = {
    "concept": "概念",
    "relation": "关系",
    "passage": "段落",
    "base measure": "基础度量",
    "CRM field": "CRM 字段",
    "unit": "单位",
    "stage model": "阶段模型",
}
