"""Owns the rules that tables are checked against while they are read, and the words of each."""

from __future__ import annotations

from dataclasses import dataclass

from kg.model import Finding, Level, Place, Text

__all__ = ["FAULTS", "Fault", "fault"]


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule on tables: level, and what to say and do in both languages.

    `{name_zh}` falls back to `{name}`. The `alone` remedies serve where nothing similar is known.
    """

    level: Level
    en: str
    zh: str
    remedy_en: str
    remedy_zh: str
    alone_en: str = ""
    alone_zh: str = ""


FAULTS: dict[str, Fault] = {
    # -- the file
    "table-missing": Fault(
        "error",
        "the table is missing",
        "缺少这张表",
        "restore it, or point --from at a folder with ontology/ and data/",
        "请恢复该文件,或用 --from 指定包含 ontology/ 和 data/ 的文件夹",
    ),
    "table-absent": Fault(
        "warning",
        "the table is not there; it was taken to have no rows",
        "没有这张表,已按没有内容处理",
        "restore it where it was lost; a workbook has to be saved as CSV UTF-8 under this name",
        "若是丢失请恢复;Excel 工作簿须另存为同名的“CSV UTF-8”文件",
    ),
    "table-unreadable": Fault(
        "error",
        "the file cannot be read: {value}",
        "无法读取该文件:{value}",
        "close it in other programs and check that you may read it",
        "请先在其他程序中关闭它,并确认您有读取权限",
    ),
    "table-empty": Fault(
        "error",
        "the file is empty",
        "该文件是空的",
        "restore it; even a table without rows has its line of column names",
        "请恢复该文件;没有数据的表也要保留第一行列名",
    ),
    "table-encoding": Fault(
        "warning",
        "the file is GB18030 text, not UTF-8; it was read as GB18030",
        "文件编码是 GB18030 而不是 UTF-8,已按 GB18030 读取",
        "save it as UTF-8 (in Excel: Save As, CSV UTF-8)",
        "请另存为 UTF-8(Excel:另存为,选“CSV UTF-8”)",
    ),
    "table-bytes": Fault(
        "error",
        "the file is neither UTF-8 nor GB18030 text",
        "文件既不是 UTF-8 也不是 GB18030 文本",
        "save it as CSV UTF-8 (an Excel workbook or a picture is no CSV file)",
        "请另存为“CSV UTF-8”(Excel 工作簿不能直接改名为 .csv)",
    ),
    "table-bom": Fault(
        "info",
        "the file begins with the mark that Excel writes (BOM); it was skipped",
        "文件开头有 Excel 写入的标记(BOM),已跳过",
        "nothing to do",
        "无需处理",
    ),
    "table-delimiter": Fault(
        "error",
        "the columns are separated by '{value}', not by commas",
        "各列之间用的是“{value}”,而不是逗号",
        "save it as CSV with commas (in Excel: Save As, CSV UTF-8)",
        "请另存为逗号分隔的 CSV(Excel:另存为,选“CSV UTF-8”)",
    ),
    "table-column": Fault(
        "error",
        "there is no column '{value}' in this table; it has: {known}",
        "此表没有名为“{value}”的列;应有的列:{known}",
        "did you mean: {candidates}? data/README.md explains every column",
        "您是否要写:{candidates}?data/README.md 说明了每一列",
        "rename or remove the column; data/README.md explains every column",
        "请改名或删除该列;data/README.md 说明了每一列",
    ),
    "table-column-missing": Fault(
        "error",
        "the column '{value}' is missing",
        "缺少“{value}”这一列",
        "add it to the first line; data/README.md explains every column",
        "请在第一行补上该列;data/README.md 说明了每一列",
    ),
    "table-column-twice": Fault(
        "error",
        "the column '{value}' stands twice",
        "“{value}”这一列出现了两次",
        "remove one of them",
        "请删除其中一列",
    ),
    "table-row": Fault(
        "error",
        "the row has {value} cells, the first line has {known}",
        "这一行有 {value} 个单元格,而表头有 {known} 个",
        'a cell that holds a comma needs quotes around it ("...")',
        '含有逗号的单元格要用英文双引号括起来("...")',
    ),
    "table-syntax": Fault(
        "error",
        "the row cannot be read: {value}",
        "这一行无法读取:{value_zh}",
        "mend the quotes, or open the file in a spreadsheet and save it as CSV UTF-8",
        "请修正引号,或用表格软件打开后另存为“CSV UTF-8”",
    ),
    # -- a cell
    "cell-required": Fault(
        "error",
        "'{column}' of {id} is empty",
        "{id} 的“{column}”没有填写",
        "fill the cell",
        "请填写该单元格",
    ),
    "label-missing": Fault(
        "error",
        "{id} has no {value} name",
        "{id} 缺少{value_zh}名称",
        "give every term one name in Chinese (zh) and one in English (en)",
        "每个术语都要有一个中文名称(zh)和一个英文名称(en)",
    ),
    "cell-value": Fault(
        "error",
        "'{value}' is not allowed here; allowed: {known}",
        "此处不能填“{value}”;可以填:{known}",
        "use one of the allowed values",
        "请改为可以填的值",
    ),
    "cell-id": Fault(
        "error",
        "'{value}' is not an id",
        "“{value}”不是有效的 id",
        "write it like this: {known}",
        "请参照这个样子书写:{known}",
    ),
    "cell-integer": Fault(
        "error",
        "'{value}' is not a whole number",
        "“{value}”不是整数",
        "write digits only; a spreadsheet may have turned the cell into a date",
        "请只写数字;表格软件可能把它改成了日期",
    ),
    "cell-iri": Fault(
        "error",
        "'{value}' is not a web address",
        "“{value}”不是网址",
        "write it whole, from https:// on, without blanks",
        "请写完整的网址,以 https:// 开头,中间没有空格",
    ),
    "cell-invisible": Fault(
        "warning",
        "'{column}' of {id} holds a character that nobody sees (U+{value})",
        "{id} 的“{column}”含有看不见的字符(U+{value})",
        "type the cell anew; the character hides the term from search",
        "请重新输入该单元格;这个字符会使搜索找不到该术语",
    ),
    # -- rows that do not go together
    "duplicate-id": Fault(
        "error",
        "the id '{value}' is used twice, first at {known}",
        "id“{value}”重复,第一次出现在 {known_zh}",
        "give the new row an id of its own; never rename an old one",
        "请为新行换一个 id;不要改动旧行的 id",
    ),
    "duplicate-label": Fault(
        "error",
        "the name '{value}' is used twice, first at {known}",
        "名称“{value}”重复,第一次出现在 {known_zh}",
        "add a few words in brackets to one of them, and keep the plain form as alt label",
        "请给其中一个加上括号说明,原来的写法放到别名列(alt)",
    ),
    "dangling-term": Fault(
        "error",
        "there is no {known} '{value}'",
        "没有这个{known_zh}:“{value}”",
        "did you mean: {candidates}? Otherwise add it first",
        "您是否要写:{candidates}?如果都不是,请先添加它",
        "check the spelling, or add it first",
        "请检查拼写,或先添加它",
    ),
    "topic-unknown": Fault(
        "error",
        "there is no topic '{value}'; the name of the file must be one of data/topics.csv",
        "没有主题“{value}”;文件名必须是 data/topics.csv 中的主题 id",
        "did you mean: {candidates}? Otherwise add the topic first",
        "您是否要写:{candidates}?如果都不是,请先添加该主题",
        "rename the file, or add the topic first",
        "请修改文件名,或先添加该主题",
    ),
    "predicate-unknown": Fault(
        "error",
        "there is no kind of relation '{value}'",
        "没有这种关系(谓词):“{value}”",
        "did you mean: {candidates}? ontology/sales-ops.ttl lists all",
        "您是否要写:{candidates}?全部关系见 ontology/sales-ops.ttl",
        "ontology/sales-ops.ttl lists all kinds of relations",
        "全部关系见 ontology/sales-ops.ttl",
    ),
    "kind-unknown": Fault(
        "error",
        "there is no kind of term '{value}'",
        "没有这种术语类别:“{value}”",
        "did you mean: {candidates}? ontology/sales-ops.ttl lists all",
        "您是否要写:{candidates}?全部类别见 ontology/sales-ops.ttl",
        "ontology/sales-ops.ttl lists all kinds of terms",
        "全部类别见 ontology/sales-ops.ttl",
    ),
    "parent-half": Fault(
        "error",
        "{id} must have both parent and parent_relation, or neither",
        "{id} 的 parent 和 parent_relation 要么都填,要么都不填",
        "fill the empty one: broader (is a), partOf (is part of) or topicOf (belongs under)",
        "请补上空着的一项:broader(属于一种)、partOf(组成部分)或 topicOf(归入主题)",
    ),
    "passage-code": Fault(
        "error",
        "the passage '{value}' does not begin with its answer, 'a{known}'",
        "段落“{value}”应以它所在的回答“a{known}”开头",
        "write it as a, number of the answer, point, place: a1.2.1; the title has no answer",
        "编码写作 a + 回答编号 + 点 + 位置,例如 a1.2.1;标题不填回答编号",
    ),
    "claim-source": Fault(
        "error",
        "the passage '{value}' and the strength '{known}' do not go together",
        "段落“{value}”与强度“{known}”不匹配",
        "passage product goes with strength product, all others with stated or implied",
        "段落为 product 时强度也是 product;来源段落的强度是 stated 或 implied",
    ),
    "row-twice": Fault(
        "error",
        "the row says again what stands at {known}",
        "这一行与 {known_zh} 重复",
        "keep one of them",
        "请保留其中一行",
    ),
    "relation-self": Fault(
        "error",
        "{id} relates '{value}' to itself",
        "{id} 把“{value}”与它自己相关联",
        "name the other term",
        "请写明另一个术语",
    ),
    "relation-twice": Fault(
        "error",
        "the relation stands twice, first at {known}",
        "该关系重复,第一次出现在 {known_zh}",
        "keep one row, and give it the evidence of both in data/claims.csv",
        "请保留一行,并在 data/claims.csv 中把两处依据都挂在它下面",
    ),
    "relation-rejected": Fault(
        "error",
        "this relation was checked against the source and does not hold: {value}",
        "该关系已与来源核对,不成立:{value}",
        "remove the row, or take it off data/rejected.csv and say why",
        "请删除该行;若确有依据,请从 data/rejected.csv 中移除并说明理由",
    ),
    "relation-unclaimed": Fault(
        "error",
        "{id} has no evidence",
        "{id} 没有任何依据",
        "add a row to data/claims.csv: its passage and strength",
        "请在 data/claims.csv 中补一行:段落与强度",
    ),
    # -- formulas
    "formula-syntax": Fault(
        "error",
        "the formula of {id} is wrong: {value}",
        "{id} 的公式有误:{value_zh}",
        "use names, numbers, + - * /, ** 2, brackets, sum() mean() abs() sqrt()",
        "只能使用名称、数字、+ - * /、** 2、括号、sum() mean() abs() sqrt()",
    ),
    "formula-name": Fault(
        "error",
        "the formula of {id} reads '{value}', which is neither a base measure nor a metric",
        "{id} 的公式用到“{value}”,它既不是基础度量也不是指标",
        "did you mean: {candidates}?",
        "您是否要写:{candidates}?",
        "add it to data/measures.csv, or name a metric with _ in place of -",
        "请在 data/measures.csv 中添加,或写指标 id(把 - 换成 _)",
    ),
    "formula-circle": Fault(
        "error",
        "the formula of {id} needs its own result: {value}",
        "{id} 的公式循环引用了自身:{value}",
        "compute one of them from base measures",
        "请让其中一个指标改用基础度量计算",
    ),
    # -- what is measured
    "formula-unit": Fault(
        "error",
        "the unit of {id} is wrong: {value}",
        "{id} 的单位有误:{value_zh}",
        "correct the unit, or the formula; units multiply and divide, and only like ones are added",
        "请改正单位或公式;单位可以相乘相除,只有相同单位才能相加减",
    ),
    "unit-definition": Fault(
        "error",
        "the unit cannot be read: {value}",
        "无法识别该单位:{value_zh}",
        "name units of data/units.csv, joined by * and /; a derived one is base unit * or / number",
        "请使用 data/units.csv 中的单位,用 * 或 / 连接;导出单位写成“基本单位 * 或 / 数字”",
    ),
    "measure-expression": Fault(
        "error",
        "an SQL part of {id} cannot be used: {value}",
        "{id} 的 SQL 内容无法使用:{value_zh}",
        "write fields as Object.field, parameters as $name; see data/README.md for what may stand",
        "字段写成“对象.字段”,参数写成“$名称”;可用的写法见 data/README.md",
    ),
    "measure-parameter": Fault(
        "error",
        "{id} uses the parameter {value}, which is not declared",
        "{id} 使用了未声明的参数 {value}",
        "add it to data/parameters.csv; $start, $end and $at are given by the period",
        "请在 data/parameters.csv 中添加;$start、$end、$at 由统计期给出",
    ),
    "measure-fields": Fault(
        "error",
        "{id} reads '{value}', which its list of fields lacks",
        "{id} 读取了“{value}”,但字段列表中没有它",
        "add it to the column fields: impact and lineage follow that list",
        "请把它加到 fields 列:影响分析和血缘都以此为准",
    ),
    "measure-fields-idle": Fault(
        "error",
        "{id} lists the field '{value}', which nothing of it reads",
        "{id} 的字段列表中有“{value}”,但没有任何部分读取它",
        "remove it from the column fields, or use it in column, filter, time, via or distinct",
        "请从 fields 列删除,或在 column、filter、time、via、distinct 中用到它",
    ),
    "measure-object": Fault(
        "error",
        "{id} reads '{value}', which is no CRM object",
        "{id} 读取“{value}”,但没有这个 CRM 对象",
        "name an object of data/objects.csv, or add it there",
        "请改用 data/objects.csv 中的对象,或在其中补上它",
    ),
    "measure-join": Fault(
        "error",
        "{id} names '{value}', which its object does not reach",
        "{id} 用到“{value}”,但统计对象关联不到它",
        "list in via the reference fields that lead there, in order",
        "请在 via 列按顺序写出通向它的引用字段",
    ),
    "measure-shape-parts": Fault(
        "error",
        "'{value}' of {id} is empty, but its aggregate and basis need it",
        "{id} 的“{value}”没有填写,但它的聚合方式和时间口径需要这一项",
        "fill it, or choose another aggregate or basis",
        "请填写,或改用其他聚合方式、时间口径",
    ),
    "measure-list": Fault(
        "error",
        "{id} is of shape {value}, and its aggregate does not fit that",
        "{id} 的形状是 {value},与聚合方式不符",
        "shape list goes with aggregate list, and only with that",
        "形状 list 与聚合方式 list 同时使用",
    ),
    "field-object": Fault(
        "error",
        "the field {id} does not belong to the object {value}",
        "字段 {id} 不属于对象 {value}",
        "the part before the point names the object",
        "点号前面的部分就是对象名",
    ),
    "field-reference": Fault(
        "error",
        "{id} is of type {value}; refers names an object for references, and for nothing else",
        "{id} 的类型是 {value};引用字段要在 refers 列写明对象,其他类型不填",
        "fill or clear the cell refers",
        "请填写或清空 refers 单元格",
    ),
    "variant-default": Fault(
        "error",
        "{id} has {value} default variants, and needs one",
        "{id} 有 {value} 个默认口径,应当恰好一个",
        "write yes in the column default of the variant that is meant when nobody says which",
        "请在默认口径的 default 列写 yes,其余留空",
    ),
    "variant-formula": Fault(
        "error",
        "{id} is the default, and its formula is not that of the metric: {value}",
        "{id} 是默认口径,但公式与指标不一致:{value}",
        "make both formulas the same, here or in data/metrics.csv",
        "请让两处公式一致(此处或 data/metrics.csv)",
    ),
    # -- comparisons, alignments, translations
    "lookalike-members": Fault(
        "error",
        "the set {id} compares {value} term, and needs two or more",
        "易混术语组 {id} 只有 {value} 个术语,至少需要两个",
        "add its terms to data/lookalike_members.csv, or remove the set",
        "请在 data/lookalike_members.csv 中补上术语,或删除该组",
    ),
    "alignment-subject": Fault(
        "error",
        "'{value}' names nothing of this graph",
        "“{value}”不是本图谱中的内容",
        "write term:, so:, measure:, field: or object: and an id",
        "请写 term:、so:、measure:、field: 或 object: 加 id",
    ),
    "translation-stale": Fault(
        "warning",
        "the Chinese definition of {id} changed after its English was last read against it",
        "{id} 的中文定义改过之后,英文定义还没有对照核对",
        "read both; when they say the same again: kg build --translated",
        "请对照两种语言;确认一致后运行:kg build --translated",
    ),
    "translation-unread": Fault(
        "warning",
        "nobody has recorded that both definitions of {id} say the same",
        "{id} 的中英文定义还没有对照登记",
        "read both; when they say the same: kg build --translated",
        "请对照两种语言;确认一致后运行:kg build --translated",
    ),
    "permitted-idle": Fault(
        "warning",
        "no finding of the rule '{value}' about '{id}' is left to permit",
        "规则“{value}”没有关于“{id}”的发现可供豁免",
        "remove the row; errors cannot be permitted, and a misspelt rule or focus fits nothing",
        "请删除该行;错误级别的发现不能豁免,规则或对象写错也会匹配不到",
    ),
    "release-unrecorded": Fault(
        "info",
        "changed since the last release: {id}",
        "自上次发布以来有改动:{id}",
        "record it when you publish: kg build --release VERSION --date YYYY-MM-DD",
        "发布时请登记:kg build --release 版本 --date 年-月-日",
    ),
}

# The nouns that `known` may be, in Chinese.
_NOUNS = {
    "term": "术语",
    "relation": "关系",
    "passage": "段落",
    "base measure": "基础度量",
    "CRM field": "CRM 字段",
    "unit": "单位",
    "CRM object": "CRM 对象",
    "metric": "指标",
    "set of look-alikes": "易混术语组",
    "tier": "层级",
}


def fault(
    rule: str,
    place: Place,
    *,
    focus: str | None = None,
    candidates: tuple[str, ...] = (),
    **words: object,
) -> Finding:
    """Return the finding of `rule` at `place`, with `words` filled in.

    >>> fault("cell-integer", Place("data/passages.csv", 3, "line"), value="x").message("en")
    "'x' is not a whole number"
    """
    row = FAULTS[rule]
    fill = _Words({"column": place.column or "", "candidates": ", ".join(candidates), **words})
    if isinstance(known := words.get("known"), Place):
        fill["known_zh"] = known.text("zh")
    elif known in _NOUNS:
        fill["known_zh"] = _NOUNS[str(known)]
    remedies = (row.remedy_en, row.remedy_zh)
    if not candidates and row.alone_en:
        remedies = (row.alone_en, row.alone_zh)
    return Finding(
        rule=rule,
        level=row.level,
        messages=(Text(row.en.format_map(fill), "en"), Text(row.zh.format_map(fill), "zh")),
        remedies=tuple(
            Text(words.format_map(fill), lang)
            for words, lang in zip(remedies, ("en", "zh"), strict=True)
        ),
        focus=focus,
        place=place,
    )


class _Words(dict[str, object]):
    def __missing__(self, key: str) -> object:
        return self[key.removesuffix("_zh")] if key.endswith("_zh") else ""
