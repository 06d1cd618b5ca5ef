"""Owns every error that the package raises, and the words for each in Chinese and English.

KgError(Exception)
|- SourceError(ValueError)          a file or table cannot be read
|- TermError(LookupError)           a term is unknown or means several things
|- StoreError(OSError)              a store is missing, locked, damaged or stale
|- QueryError(ValueError)           a SPARQL query is wrong or refused
|- ValidationFailed(ValueError)     findings at or above the asked level
|- InconsistentOntology(ValueError) the ontology contradicts itself
|- AnalysisError(ValueError)        a graph question has no answer
|- ExportError(ValueError)          a file cannot be written
|- EndpointError(OSError)           a remote engine failed

Beside the tree stands BilingualError(ValueError): a text in a cell is wrong. Whoever reads the cell
makes a finding of it.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "MESSAGES",
    "AnalysisError",
    "BilingualError",
    "EndpointError",
    "ExportError",
    "InconsistentOntology",
    "KgError",
    "Message",
    "QueryError",
    "SourceError",
    "StoreError",
    "TermError",
    "ValidationFailed",
]


@dataclass(frozen=True, slots=True)
class Message:
    """The words of one error code: what happened, and what to do, per language.

    `{name}` stands for a detail of the error; `{name_zh}` for its Chinese words where it has some,
    else for `{name}`. The `alone` hints serve where the error knows neither candidates nor the
    folder that was asked for (`out`).
    """

    en: str
    zh: str
    hint_en: str
    hint_zh: str
    alone_en: str = ""
    alone_zh: str = ""
    example: str = ""  # what leads to it


MESSAGES: dict[str, Message] = {
    # -- sources
    "source-missing": Message(
        "{path}: no such file or folder",
        "{path}:没有这个文件或文件夹",
        "check the path; a source folder holds ontology/ and data/",
        "请检查路径;源文件夹应包含 ontology/ 和 data/",
        example="kg build --from nowhere",
    ),
    "source-syntax": Message(
        "{path}:{line}:{column}: not valid {format}: {reason}",
        "{path} 第 {line} 行第 {column} 列:不是有效的 {format}:{reason_zh}",
        "mend the text at that place, then build again",
        "请修正该处文本后重新构建",
        example="store.load('terms.ttl')  (a '.' is missing in line 7)",
    ),
    "source-unreadable": Message(
        "{path}: cannot be read: {reason}",
        "{path}:无法读取:{reason}",
        "check that it is a file and that you may read it",
        "请确认它是文件,并且您有读取权限",
        example="store.load('folder.ttl')  (a folder of that name)",
    ),
    "source-encoding": Message(
        "{path}:{line}:{column}: not UTF-8 text",
        "{path} 第 {line} 行第 {column} 列:不是 UTF-8 文本",
        "save the file as UTF-8",
        "请将文件另存为 UTF-8",
        example="store.load('terms.ttl')  (saved as GB18030)",
    ),
    "source-nesting": Message(
        "{path}: nested deeper than {limit}",
        "{path}:嵌套超过 {limit} 层",
        "write it flat: one object, or one statement, after the other",
        "请改为平铺的写法,逐个对象或逐条语句书写",
        example="store.load('deep.jsonld')",
    ),
    "source-findings": Message(
        "{count} error(s) in the sources; nothing was built",
        "源数据中有 {count} 处错误,未生成任何内容",
        "mend the places listed above, then build again; the previous build is untouched",
        "请修正上面列出的位置后重新构建;之前的构建保持不变",
        example="kg build  (a relation names a term that is not there)",
    ),
    "release-cell": Message(
        "'{value}' is no {column} of a release",
        "“{value}”不是有效的{column_zh}",
        "write it like this: --release 1.2.0 --date 2026-01-31",
        "请这样书写:--release 1.2.0 --date 2026-01-31",
        example="kg build --release 1.2.0 --date tomorrow",
    ),
    "source-format": Message(
        "{path}: unknown format {format}",
        "{path}:未知格式 {format}",
        "use one of: {known}",
        "可用格式:{known}",
        example="store.load('terms.docx')",
    ),
    # -- terms
    "term-unknown": Message(
        "no term '{term}'",
        "找不到术语“{term}”",
        "did you mean: {candidates}? Or try: kg search '{term}'",
        "您是否要找:{candidates}?也可以试试:kg search '{term}'",
        "try: kg search '{term}'",
        "可以试试:kg search '{term}'",
        example="kg show funel",
    ),
    "term-ambiguous": Message(
        "'{term}' may mean: {candidates}",
        "“{term}”有多种含义:{candidates}",
        "use one of these ids instead",
        "请改用其中一个 id",
        example="kg show 客户分类",
    ),
    # -- stores
    "store-missing": Message(
        "{path}: no store here",
        "{path}:这里没有知识图谱",
        "run: kg build -o {out}",
        "请运行:kg build -o {out}",
        "run: kg build",
        "请运行:kg build",
        example="kg --store empty show crm",
    ),
    "store-locked": Message(
        "{path}: the store is in use by {holder}",
        "{path}:存储正被{holder_zh}占用",
        "wait until it ends, or work on a copy",
        "请等待其结束,或在副本上操作",
        example="kg build  (while another build of the same folder runs)",
    ),
    "store-damaged": Message(
        "{path}: the store cannot be read: {reason}",
        "{path}:存储无法读取:{reason_zh}",
        "build it again: kg build -o {out}",
        "请重新构建:kg build -o {out}",
        "build it again: kg build",
        "请重新构建:kg build",
        example="kg info  (a file of the store was cut short)",
    ),
    "store-foreign": Message(
        "{path}: the folder holds other things and is no store",
        "{path}:该文件夹中有其他文件,不是图谱存储",
        "name an empty or a new folder",
        "请指定一个空的或新的文件夹",
        example="kg.open('Documents')",
    ),
    "store-unwritable": Message(
        "{path}: the store cannot be written: {reason}",
        "{path}:存储无法写入:{reason}",
        "free some space or check the permissions, then try again; nothing was changed",
        "请释放磁盘空间或检查权限后重试;原有内容未改动",
        example="store.load('big.nt')  (the disk fills up)",
    ),
    "store-closed": Message(
        "{path}: the store was closed",
        "{path}:存储已关闭",
        "open it again: kg.open(path)",
        "请重新打开:kg.open(path)",
        example="store.close(); store.query('ASK {}')",
    ),
    "store-read-only": Message(
        "{path}: this store was opened for reading only",
        "{path}:该存储以只读方式打开",
        "open it for writing: kg.open(path)",
        "请以可写方式打开:kg.open(path)",
        example="kg.open('build/store', read_only=True).update(...)",
    ),
    "store-format": Message(
        "{path}: unknown RDF format {format}",
        "{path}:未知的 RDF 格式 {format}",
        "use one of: {known}",
        "可用格式:{known}",
        example="store.dump(out, format='word')",
    ),
    # -- queries
    "query-syntax": Message(
        "line {line}, column {column}: {reason}",
        "第 {line} 行第 {column} 列:{reason_zh}",
        "mend the query at that place",
        "请修正该处的查询",
        example="kg query 'SELEC * { ?s ?p ?o }'",
    ),
    "query-form": Message(
        "{word} begins a text of the other kind: queries read, updates write",
        "{word} 不能用在这里:查询(query)只读,更新(update)才写入",
        "SELECT, ASK, CONSTRUCT, DESCRIBE: kg query; all others: store.update() in Python",
        "SELECT、ASK、CONSTRUCT、DESCRIBE 用 kg query;其余在 Python 中用 store.update()",
        example="kg query 'CLEAR ALL'",
    ),
    "query-graph": Message(
        "{graph}: no such graph in this store",
        "本图谱中没有名为 {graph} 的图",
        "leave FROM out to read everything, or use one of: {known}",
        "省略 FROM 即读取全部,或使用:{known}",
        example="kg query 'SELECT * FROM <urn:x> { ?s ?p ?o }'",
    ),
    "query-no-graph": Message(
        "line {line}, column {column}: the update does not say which graph it writes",
        "第 {line} 行第 {column} 列:更新没有说明写入哪个图",
        "put the triples into GRAPH <urn:kg:asserted/local> {{ ... }}",
        "请把三元组写在 GRAPH <urn:kg:asserted/local> {{ ... }} 中",
        example="store.update('INSERT DATA { term:a so:measures term:b }')",
    ),
    "query-binding": Message(
        "a value was given for ?{name}, which the query does not select",
        "为 ?{name} 给了值,但查询没有选出这个变量",
        "name the variable after SELECT",
        "请在 SELECT 之后写上该变量",
        example="store.query('SELECT ?s { ?s ?p ?o }', bindings={'o': value})",
    ),
    "query-parameter": Message(
        "?{name} cannot be given a value in this query",
        "本查询中不能为 ?{name} 指定值",
        "it must stand in the query, and not after SELECT, AS, VALUES, GROUP BY or ORDER BY",
        "该变量须出现在查询中,且不在 SELECT、AS、VALUES、GROUP BY、ORDER BY 之后",
        example="Query.parse('SELECT ?s { ?s ?p ?o }').bind({'s': value})",
    ),
    "query-failed": Message(
        "the query cannot be carried out: {reason}",
        "查询无法执行:{reason}",
        "check the functions and values that it uses",
        "请检查查询中使用的函数和取值",
        example="kg query 'SELECT (<urn:f>(1) AS ?x) {}'",
    ),
    "query-limit": Message(
        "the query is too {what}: {found}, allowed {limit}",
        "查询的{what_zh}超出限制:{found},上限 {limit}",
        "make the query simpler, or split it into several",
        "请简化查询,或拆成几条",
        example="kg query -f 10000-brackets.rq",
    ),
    "query-time": Message(
        "the query was ended after {limit} seconds",
        "查询超过 {limit} 秒,已中止",
        "narrow it down, add LIMIT, or allow more time: kg query --timeout 300",
        "请缩小范围、加上 LIMIT,或延长时限:kg query --timeout 300",
        example="kg query --timeout 1 -f count-of-a-product.rq",
    ),
    "query-memory": Message(
        "the query needs more than {limit} MiB of memory and was ended",
        "查询所需内存超过 {limit} MiB,已中止",
        "narrow it down, or leave out ORDER BY and DISTINCT over many rows",
        "请缩小范围,或不要对大量结果使用 ORDER BY、DISTINCT",
        example="kg query -f order-of-a-product.rq",
    ),
    "query-result-size": Message(
        "the result is larger than {limit} bytes",
        "查询结果超过 {limit} 字节",
        "ask for fewer rows with LIMIT and OFFSET, or fewer variables",
        "请用 LIMIT、OFFSET 减少行数,或少选几个变量",
        example="store.evaluate('SELECT * { ?s ?p ?o }', limits=Limits(size=1000))",
    ),
    "query-crash": Message(
        "the engine broke down on this query (exit {status})",
        "执行该查询时引擎意外中止(退出码 {status})",
        "the store is unharmed; simplify the query, and please report it",
        "图谱未受影响;请简化查询,并向我们报告",
        example="(no query is known that does this)",
    ),
    "query-refused": Message(
        "{what} is not allowed here",
        "此处不允许使用 {what}",
        "queries read this store only; load the data first",
        "查询只能读取本图谱;请先载入数据",
        example="kg query 'SELECT * { SERVICE <https://example.org/> { ?s ?p ?o } }'",
    ),
    "query-format": Message(
        "a {form} query has no result in format {format}",
        "{form} 查询不能输出为 {format} 格式",
        "use one of: {known}",
        "可用格式:{known}",
        example="kg query 'ASK {}' --format csv",
    ),
    # -- questions in words
    "ask-unsure": Message(
        "not sure what is asked: {question}",
        "不确定问的是什么:{question}",
        "ask one of these, or see all questions with: kg ask{offers}",
        "可以这样问,或用 kg ask 查看全部问题:{offers_zh}",
        "no question comes near it; see all questions with: kg ask",
        "没有相近的问题;可用 kg ask 查看全部问题",
        example="kg ask '今天天气怎么样'",
    ),
    "ask-kind": Message(
        "not modelled: this question is about {wanted}; {label} ({term}) is: {kind}",
        "图谱没有收录:这个问题只适用于{wanted_zh},而“{label_zh}”({term})属于{kind_zh}",
        "ask about another term, or see what is said of this one: kg show {term}",
        "请换一个术语,或查看它的全部内容:kg show {term}",
        example="kg ask formula metric=sales-forecast",
    ),
    "ask-ambiguous": Message(
        "'{term}' has {count} meanings here",
        "“{term}”在这里有 {count} 种含义",
        "choose the one that is meant:{offers}",
        "请选择所指的一个:{offers_zh}",
        example="kg ask 转化率怎么算",
    ),
    "ask-same": Message(
        "'{one}' and '{other}' are names of one and the same term: {label} ({term})",
        "“{one}”和“{other}”是同一个术语的名称:{label_zh}({term})",
        "if another meaning is meant, choose it:{offers}",
        "如果指的是别的含义,请选择:{offers_zh}",
        "see all names of it: kg ask names term={term}",
        "查看它的全部名称:kg ask names term={term}",
        example="kg ask CAC和客户获取成本有什么区别",
    ),
    "ask-template": Message(
        "no question template '{name}'",
        "没有名为“{name}”的问题模板",
        "did you mean: {candidates}? kg ask lists all",
        "您是否要找:{candidates}?kg ask 可列出全部",
        "kg ask lists all templates",
        "kg ask 可列出全部模板",
        example="kg ask driver metric=win-rate",
    ),
    "ask-slot": Message(
        "the template {name} has no slot '{slot}'",
        "模板 {name} 没有“{slot}”这一项",
        "its slots: {known}",
        "可填的项:{known}",
        example="kg ask drivers term=win-rate",
    ),
    "ask-missing": Message(
        "the template {name} needs a value for {slot}",
        "模板 {name} 需要填写 {slot}",
        "for example: kg ask {name} {example}",
        "例如:kg ask {name} {example}",
        example="kg ask drivers",
    ),
    "ask-value": Message(
        "'{value}' does not name what is asked for here: {slot}",
        "“{value}”不是此处要填的{slot_zh}",
        "use for example: {candidates}",
        "可填,例如:{candidates}",
        example="kg ask field-names field=nonsense",
    ),
    # -- validation
    "validation-failed": Message(
        "{count} finding(s) at level '{level}' or above",
        "有 {count} 处达到“{level}”或更高级别的问题",
        "mend them, or run kg validate to see each with its remedy",
        "请逐一修正,或运行 kg validate 查看每处的处理办法",
        example="kg validate --fail-on warning",
    ),
    "ontology-inconsistent": Message(
        "the ontology contradicts itself: {reason}",
        "本体自相矛盾:{reason}",
        "mend ontology/sales-ops.ttl",
        "请修正 ontology/sales-ops.ttl",
        example="kg build  (a class is declared disjoint with itself)",
    ),
    # -- analysis
    "path-none": Message(
        "no path from {start} to {end}",
        "{start} 与 {end} 之间没有路径",
        "try it without --directed and without filters, or with --navigation",
        "可去掉 --directed 和筛选条件,或加上 --navigation 再试",
        example="kg path 开票 销售赛马机制 --directed",
    ),
    "triple-unknown": Message(
        "the graph does not hold: {triple}",
        "图谱中没有这条陈述:{triple}",
        "see what it holds: kg neighbors {subject}",
        "查看已有关系:kg neighbors {subject}",
        example="kg explain crm so:measures win-rate",
    ),
    "measure-uncompiled": Message(
        "the base measure '{measure}' is a constant, or lacks or does not know an object it reads",
        "基础度量“{measure}”是常数,或没有写明、不认识它要读取的对象,无法生成查询",
        "give it object, aggregate and basis in data/measures.csv",
        "请在 data/measures.csv 中填写 object、aggregate 和 basis",
        example="compile_measure(glossary, glossary.measures[MEASURE + 'months_per_year'])",
    ),
    "measure-unknown": Message(
        "unknown measure '{measure}'",
        "未知的中心性指标“{measure}”",
        "use one of: {known}",
        "可用指标:{known}",
        example="kg rank --by fame",
    ),
    # -- output
    "output-unwritable": Message(
        "{path}: cannot be written: {reason}",
        "{path}:无法写入:{reason_zh}",
        "close it in other programs, or choose another place with -o; what stood there is kept",
        "请关闭占用它的其他程序,或用 -o 指定其他位置;原有文件保持不变",
        example="kg explore -o /",
    ),
    "export-format": Message(
        "unknown export format '{format}'",
        "未知的导出格式“{format}”",
        "use one of: {known}",
        "可用格式:{known}",
        example="kg export word -o out.docx",
    ),
    "extra-missing": Message(
        "this needs the package {package}",
        "此功能需要安装 {package}",
        "pip install 'salesops-kg[{extra}]'",
        "请运行:pip install 'salesops-kg[{extra}]'",
        example="kg export xlsx -o terms.xlsx  (without openpyxl)",
    ),
    "library-unexpected": Message(
        "{path}: not the file this version was checked with",
        "{path}:与本版本核对过的文件不一致",
        "install the locked version of {package}",
        "请安装锁定版本的 {package}",
        example="kg explore -o page.html  (with another pyvis)",
    ),
    "internal": Message(
        "an unexpected fault: {reason}",
        "程序内部出错:{reason}",
        "please report it; KG_DEBUG=1 shows where it happened",
        "请反馈给维护者;设置 KG_DEBUG=1 可显示出错位置",
        example="a fault of the program itself",
    ),
    # -- endpoints
    "endpoint-unsupported": Message(
        "{url}: remote stores are not supported by this version",
        "{url}:本版本尚不支持远程存储",
        "use a folder: --store build",
        "请使用本地文件夹:--store build",
        example="kg --store https://example.org/sparql info",
    ),
}


class KgError(Exception):
    """Say what went wrong, where, and what to do, in Chinese or English.

    `code` names a row of MESSAGES; `details` fill its words and stay readable as attributes.

    >>> error = TermError("term-unknown", term="funel", candidates=("term:sales-funnel",))
    >>> str(error)
    "no term 'funel'"
    >>> error.text("zh")
    '找不到术语“funel”'
    >>> error.candidates
    ('term:sales-funnel',)
    """

    def __init__(self, code: str, **details: object) -> None:
        """Keep the code and the details; unknown codes are a programming fault (KeyError)."""
        self.code = code
        self.message = MESSAGES[code]
        self.details = details
        super().__init__(self.text("en"))

    def __getattr__(self, name: str) -> object:
        """Return the detail of that name, else raise AttributeError."""
        details: dict[str, object] = self.__dict__.get("details", {})
        if name in details:
            return details[name]
        raise AttributeError(name)

    def __reduce__(self) -> tuple[object, ...]:
        """Return how to make the error again: it crosses processes whole."""
        return _again, (type(self), self.code, self.details)

    def __str__(self) -> str:
        """Return the English message (OSError would print its arguments otherwise)."""
        return self.text("en")

    def text(self, lang: str) -> str:
        """Return what happened and where, in `lang` ("zh" or "en")."""
        return _fill(self.message.zh if lang == "zh" else self.message.en, self.details)

    def hint_in(self, lang: str) -> str:
        """Return what to do, in `lang` ("zh" or "en")."""
        words = self.message
        hint, alone = (
            (words.hint_zh, words.alone_zh) if lang == "zh" else (words.hint_en, words.alone_en)
        )
        known = self.details.get("candidates") or self.details.get("out")
        return _fill(hint if known else alone or hint, self.details)

    @property
    def hint(self) -> str:
        """Return what to do, in English."""
        return self.hint_in("en")


def _fill(template: str, details: dict[str, object]) -> str:
    words = {
        key: ", ".join(str(item) for item in value) if isinstance(value, (tuple, list)) else value
        for key, value in details.items()
    }
    return template.format_map(_Blank(words))


class _Blank(dict[str, object]):
    def __missing__(self, key: str) -> object:
        return self.get(key.removesuffix("_zh"), "-")


def _again(class_: type[KgError], code: str, details: dict[str, object]) -> KgError:
    return class_(code, **details)


class SourceError(KgError, ValueError):
    """A file or table cannot be read."""


class TermError(KgError, LookupError):
    """A term is unknown or means several things."""


class StoreError(KgError, OSError):
    """A store is missing, locked, damaged or stale."""


class QueryError(KgError, ValueError):
    """A SPARQL query is wrong or refused."""


class ValidationFailed(KgError, ValueError):  # noqa: N818 - the name is part of the contract
    """There are findings at or above the asked level."""


class InconsistentOntology(KgError, ValueError):  # noqa: N818 - the name is part of the contract
    """The ontology contradicts itself."""


class AnalysisError(KgError, ValueError):
    """A graph question has no answer."""


class ExportError(KgError, ValueError):
    """A file cannot be written."""


class EndpointError(KgError, OSError):
    """A remote engine failed."""


class BilingualError(ValueError):
    """A text breaks the grammar of its cell; the message says how in English, `zh` in Chinese."""

    def __init__(self, en: str, zh: str) -> None:
        """Keep what is wrong in both languages."""
        super().__init__(en)
        self.zh = zh
