"""Owns reading a list of fields that a CRM exported, and finding the neutral fields they match.

Every CRM names the columns of such a list in its own way, so they are guessed from their headings.
A match is a suggestion with a score: a person has to look at it. Better none than a wrong one:
types and objects have to agree, and names have to share a word that tells something.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import warnings
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

from kg.errors import ExportError, SourceError
from kg.exports.selection import ForeignField
from kg.exports.spreadsheets import starts_formula
from kg.model import LANGS, FieldName, Place, Text
from kg.sources.tables import decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kg.model import CrmField, Glossary

__all__ = ["ALIGNMENT", "SUGGESTED", "Suggestion", "read_fields", "read_sheet", "suggest"]

# The columns of data/field_alignments.csv, by the names they have there.
ALIGNMENT = ("field", "system", "name", "label_zh", "label_en", "relation", "verified")

# What stands under `relation` until a person has chosen how close a suggested match is.
SUGGESTED = "suggested"

LEAST = 75.0  # score from which on a match is worth a look
_MAX_BYTES, _MAX_FIELDS, _MAX_TEXT = 16 * 1024 * 1024, 20_000, 500
_MAX_UNPACKED, _MAX_ROWS, _MAX_COLUMNS = 256 * 1024 * 1024, 50_000, 200
_HEAD_LINES = 10  # some exports put titles above the headings
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"  # how a workbook begins, and an old one

# What of ours stands under which heading; the earlier a heading, the better it fits.
_HEADINGS: dict[str, tuple[str, ...]] = {
    part: tuple(words.split())
    for part, words in {
        "api": """
            apiname fieldapiname qualifiedapiname 字段api名 字段api名称 api名称 api名 字段标识
            字段标识符 字段编码 字段代码 logicalname schemaname internalname developername
            technicalname fieldname 字段名 fieldid 字段id field name column columnname 列名 标识
            编码
        """,
        "label": """
            fieldlabel label masterlabel displayname 字段标签 标签 显示名 显示名称 字段显示名
            字段名称 中文名 中文名称 字段中文名 名称 字段 caption title fieldname 字段名
        """,
        "object": """
            objectapiname object objectname entity entityname entitylogicalname 对象 对象api名
            对象api名称 对象名 对象名称 对象标识 所属对象 实体 实体名称 模块 模块名称 module
            table tablename 表名 sobject model 模型
        """,
        "type": "type datatype fieldtype 字段类型 数据类型 类型",
    }.items()
}
_SEPARATORS = ",\t;|"
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_CUSTOM = re.compile(r"(__c|__r|_c|__pc)$", re.IGNORECASE)
_SIGNS = re.compile(r"[\W_]+")
_BROKEN = (  # what a damaged workbook makes its readers raise
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    OSError,
    EOFError,
    RuntimeError,
)

# Which kinds of neutral fields a data type may be; the first that is found in its name holds.
_TYPES: tuple[tuple[str, str], ...] = (
    ("list", r"one2many|many2many"),
    ("reference text", r"many2one|uuid|guid|uniqueidentifier|\bid\b|主键"),
    ("reference", r"lookup|master.?detail|reference|hierarchy|\b(owner|customer|user)\b"),
    ("reference", r"查找|关联|主从|引用|人员|员工|用户|成员|部门"),
    ("text", r"multiple checkbox|auto.?number|phone|e-?mail|url|自动编号|电话|手机|邮|网址"),
    ("boolean", r"check.?box|bool|\bbit\b|two.?options|yes.?no|布尔|复选框|是否|开关|勾选"),
    ("text", r"text|string|char|memo|html|pick.?list|select|enum|option|choice|radio"),
    ("text", r"\bstat(e|us)\b|文本|字符|单选|多选|下拉|选项|选择|枚举"),
    ("date", r"date|time|日期|时间"),
    ("number", r"currency|money|monetary|number|numeric|decimal|double|float|percent|roll.?up"),
    ("number", r"\b(big|small)?int(eger)?\d*\b|\blong\b|货币|金额|数字|数值|百分|整数|小数|数量"),
)
# The same by the name of the field, where the list tells no type.
_NAMED: tuple[tuple[str, str], ...] = (
    ("boolean", r"^(is|has) |^是否"),
    ("date", r" (date|time|at|on)$|(日期|时间)$"),
    ("number", r"(金额|数量|单价)$"),
    ("reference text", r"(^| )id$|编号$"),
)
_KINDS = {
    "datetime": "date",
    "decimal": "number",
    "integer": "number",
    "string": "text",
}  # of neutral types; any other is its own kind
_FILLERS = set(
    [
        "a",
        "an",
        "and",
        "at",
        "by",
        "date",
        "for",
        "has",
        "id",
        "in",
        "is",
        "of",
        "on",
        "the",
        "time",
        "to",
    ]
)
_FAINT = set(
    [
        "code",
        "name",
        "number",
        "status",
        "type",
        "value",
        "名称",
        "类型",
        "状态",
        "金额",
        "数量",
        "编码",
        "代码",
    ]
)
_FAINT_ENDS = re.compile(r"(日期|时间|编号|id)$|^(是否|已)")
_ENDINGS = re.compile(r"(?<=\w{3})(ed|es|e|s)$")
_OBJECT_ENDS = re.compile(r"(对象|记录|信息|表)$")
_KNOWN_SCORES = {"exactMatch": 100.0, "closeMatch": 98.0}
_WORTH_A_LOOK, _SECOND_CHOICE = 65.0, 10.0
_BATCH = 500  # foreign fields compared at once, which bounds the memory
_HIGHEST = 97.0  # of a match that only names speak for


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A foreign field that a neutral field (IRI) may be; `score` goes up to 100.

    `known` is the name in some system that it was recognised by, if any.
    """

    field: str
    foreign: ForeignField
    score: int
    known: FieldName | None = None


def read_fields(data: bytes, path: str) -> tuple[ForeignField, ...]:
    r"""Return the fields in an export of a CRM: a workbook (xlsx), or CSV with any separator.

    CSV is in UTF-8, UTF-16 or GB18030. A field listed twice is there once. Raises SourceError where
    the text cannot be decoded, is too long, or has no column for names.

    >>> read_fields("对象,字段标识,字段标签\n商机,amount__c,金额\n".encode("gb18030"), "a.csv")
    (ForeignField(api='amount__c', label='金额', object='商机', type=''),)
    """
    rows, at, columns = _listed(_tables(data, path), path)
    found = dict.fromkeys(
        ForeignField(**{part: _cell(row, column) for part, column in columns.items()})
        for row in rows[at + 1 :]
    )
    named = [field for field in found if field.api or field.label]
    if len(named) > _MAX_FIELDS:
        raise _fault(path, f"more than {_MAX_FIELDS} fields", f"超过 {_MAX_FIELDS} 个字段")
    return tuple(named)


def read_sheet(data: bytes, path: str) -> tuple[tuple[str, FieldName], ...] | None:
    r"""Return what a mapping sheet that came back says, by id of field; None for any other file.

    Rows without a field or a name are left out. A suggestion that nobody has marked keeps the match
    SUGGESTED. Raises SourceError as `read_fields`.

    >>> head = "field,system,name,label_zh,label_en,relation,verified"
    >>> read_sheet(f"{head}\nDeal.amount,x,Deal.Sum,,Sum,,yes\n".encode(), "a.csv")[0][1].name
    'Deal.Sum'
    """
    for rows in _tables(data, path):
        heads = [cell.strip().lstrip("\ufeff") for cell in next(iter(rows), ())]
        if set(ALIGNMENT) <= set(heads):
            cells = ([_bare(_cell(row, heads.index(name))) for name in ALIGNMENT] for row in rows)
            return tuple(_filled(dict(zip(ALIGNMENT, row, strict=True)) for row in cells))
    return None


def _filled(rows: Iterable[dict[str, str]]) -> Iterator[tuple[str, FieldName]]:
    for row in list(rows)[1:]:
        if row["field"] and row["name"]:
            labels = [(row[f"label_{lang}"], lang) for lang in LANGS]
            verified = row["verified"].casefold() == "yes"
            match = "exactMatch" if row["relation"] == "exactMatch" else "closeMatch"
            if row["relation"].casefold() == SUGGESTED and not verified:
                match = SUGGESTED
            texts = tuple(Text(text, lang) for text, lang in labels if text)
            yield row["field"], FieldName(row["system"], row["name"], texts, match, verified)


def _bare(cell: str) -> str:
    """Return a cell without the apostrophe that keeps it from being a formula."""
    return cell[1:] if cell[:1] == "'" and starts_formula(cell[1:]) else cell


def _tables(data: bytes, path: str) -> list[list[list[str]]]:
    """Return the rows of each sheet of a workbook, or those of a CSV text."""
    if len(data) > _MAX_BYTES:
        raise _fault(path, f"longer than {_MAX_BYTES} bytes", f"超过 {_MAX_BYTES} 字节")
    if data.startswith(_ZIP):
        return _sheets(data, path)
    if data.startswith(_OLE):
        raise _no_workbook(path, "old or protected", "旧版或加密的")
    return [list(_rows(_decoded(data, path), path))]


def _sheets(data: bytes, path: str) -> list[list[list[str]]]:
    """Return the rows of each sheet of a workbook, every cell as text."""
    try:
        from openpyxl import load_workbook
    except ImportError as error:
        raise ExportError("extra-missing", package="openpyxl", extra="tables") from error
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            size = sum(part.file_size for part in packed.infolist())
        if size > _MAX_UNPACKED:
            raise _no_workbook(path, "too large", "过大的")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions, which are not read
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            return [
                [
                    ["" if cell is None else str(cell) for cell in row]
                    for row in sheet.iter_rows(
                        max_row=_MAX_ROWS, max_col=_MAX_COLUMNS, values_only=True
                    )
                ]
                for sheet in book.worksheets
            ]
    except _BROKEN as error:
        raise _no_workbook(path, "damaged", "损坏的") from error


def _no_workbook(path: str, en: str, zh: str) -> SourceError:
    return _fault(
        path,
        f"{en} Excel file; save the sheet as CSV (UTF-8) and read that",
        f"{zh} Excel 文件;请将该工作表另存为 CSV(UTF-8)后再读入",
        format="Excel",
    )


def _decoded(data: bytes, path: str) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError as error:
            raise SourceError("source-encoding", path=path, line=1, column=1) from error
    text, _ = decode(data, Place(path))
    if text is None:
        raise SourceError("source-encoding", path=path, line=1, column=1)
    return text


def _rows(text: str, path: str) -> Iterator[list[str]]:
    head = text[:4000]
    separator = max(_SEPARATORS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        yield from reader
    except csv.Error as error:
        raise _fault(path, str(error), str(error), line=reader.line_num) from error


def _listed(
    tables: Sequence[list[list[str]]], path: str
) -> tuple[list[list[str]], int, dict[str, int]]:
    """Return the table that lists fields, the row of its headings, and the column of each part."""
    found = [(rows, *_columns(rows)) for rows in tables]
    rows, at, columns = max(found, key=lambda table: len(table[2]), default=([], 0, {}))
    if not {"api", "label"} & columns.keys():
        heads = ", ".join(next(iter(rows), ()))[:200]
        raise _fault(
            path,
            f"no heading such as API Name, Field Name or Label; found: {heads}",
            f"没有“字段标识”“字段名”或“字段标签”之类的列名;找到的是:{heads}",
        )
    return rows, at, {"api": -1, **columns}


def _columns(rows: Sequence[Sequence[str]]) -> tuple[int, dict[str, int]]:
    """Return the row of the headings, and the column of each part that they name."""
    best: tuple[int, dict[str, int]] = (0, {})
    for at, row in enumerate(rows[:_HEAD_LINES]):
        found = _guess(row)
        if len(found) > len(best[1]):
            best = at, found
    return best


def _guess(row: Sequence[str]) -> dict[str, int]:
    """Return the column of each part that a row of headings names; no column serves twice."""
    heads = {_SIGNS.sub("", _folded(cell)): at for at, cell in reversed(list(enumerate(row)))}
    out: dict[str, int] = {}
    for part, names in _HEADINGS.items():
        free = (heads[name] for name in names if name in heads and heads[name] not in out.values())
        if (at := next(free, None)) is not None:
            out[part] = at
    return out


def _cell(row: Sequence[str], at: int) -> str:
    text = row[at].strip() if 0 <= at < len(row) else ""
    return " ".join(text.split())[:_MAX_TEXT]


def _fault(path: str, en: str, zh: str, *, line: int = 1, format: str = "CSV") -> SourceError:  # noqa: A002 - a detail of the message
    return SourceError(
        "source-syntax", path=path, line=line, column=1, format=format, reason=en, reason_zh=zh
    )


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().lstrip("\ufeff").casefold()


# ------------------------------------------------------------------ matching


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A neutral field that a foreign one, by its place in the list, may be."""

    score: float
    field: CrmField
    number: int
    known: FieldName | None = None


@dataclass(frozen=True, slots=True)
class _Spelling:
    """A name as words: all of them, the stems of those that tell something, and without gaps."""

    words: str
    core: str
    telling: frozenset[str]  # words, or pairs of Chinese signs, that two names have to share
    compact: str


def suggest(
    glossary: Glossary, foreign: Iterable[ForeignField], *, least: float = LEAST
) -> tuple[Suggestion, ...]:
    """Return the best match of each foreign field, sorted by neutral field; each serves once.

    Objects and kinds of data have to agree where the list names them. An API name that some system
    has for a neutral field goes first; else labels and names of both are compared word by word.
    """
    found = list(foreign)
    groups: dict[str, list[int]] = {}
    for number, field in enumerate(found):
        groups.setdefault(_home(field), []).append(number)
    out: list[_Candidate] = []
    for home, numbers in groups.items():
        near = _near(glossary, home) if home else None
        fields = [f for _, f in sorted(glossary.fields.items()) if near is None or f.object in near]
        phrases = (*_phrases(glossary, near), tuple(home.split())) if near else ()
        some: list[_Candidate] = []
        for at in range(0, len(numbers), _BATCH):
            batch = {number: found[number] for number in numbers[at : at + _BATCH]}
            some += _candidates(fields, batch, phrases, least)
        out += some if home else _of_one_object(some)
    return tuple(
        Suggestion(c.field.iri, found[c.number], round(c.score), c.known) for c in _each_once(out)
    )


def _each_once(candidates: Iterable[_Candidate]) -> list[_Candidate]:
    """Return the best candidates, sorted by neutral field; a far second choice is none."""
    ranked = sorted(candidates, key=lambda c: (-c.score, c.field.iri, c.number))
    best: dict[int, float] = {}
    chosen: dict[str, _Candidate] = {}
    taken: set[int] = set()
    for one in ranked:
        first = best.setdefault(one.number, one.score)
        near = one.score >= first - _SECOND_CHOICE
        if near and one.field.iri not in chosen and one.number not in taken:
            chosen[one.field.iri] = one
            taken.add(one.number)
    return [one for _, one in sorted(chosen.items())]


def _of_one_object(candidates: Iterable[_Candidate]) -> list[_Candidate]:
    """Return the candidates that stay where a list names no object.

    What fits fields of several objects equally well goes to the one that most of the list fits; it
    is left out where none stands out.
    """
    by_number: dict[int, list[_Candidate]] = {}
    for one in candidates:
        by_number.setdefault(one.number, []).append(one)
    homes: dict[int, set[str]] = {}
    for number, some in by_number.items():
        top = max(one.score for one in some)
        homes[number] = {one.field.object for one in some if one.score > top - 1}
    votes = Counter(home for found in homes.values() for home in found)
    out: list[_Candidate] = []
    for number, some in by_number.items():
        most = max(votes[home] for home in homes[number])
        first = [home for home in homes[number] if votes[home] == most]
        out += [one for one in some if [one.field.object] == first]
    return out


def _candidates(
    fields: Sequence[CrmField],
    foreign: Mapping[int, ForeignField],
    phrases: Sequence[tuple[str, ...]],
    least: float,
) -> list[_Candidate]:
    """Return every neutral field whose kind and names fit a foreign one."""
    ours = [(n, _spelling(s, phrases)) for n, f in foreign.items() for s in _foreign_names(f)]
    theirs = [(f, _spelling(s, phrases)) for f in fields for s in _field_names(f)]
    kinds = {number: _kinds(field) for number, field in foreign.items()}
    best: dict[tuple[int, str], _Candidate] = {}
    for at, to in _close_pairs([s.core for _, s in ours], [s.core for _, s in theirs]):
        (number, own), (field, other) = ours[at], theirs[to]
        if kinds[number] and _KINDS.get(field.type, field.type) not in kinds[number]:
            continue
        score = _likeness(own, other)
        key = number, field.iri
        if score >= least and (key not in best or best[key].score < score):
            best[key] = _Candidate(score, field, number)
    for number, one in foreign.items():
        for field in fields if _home(one) else ():
            known = _known_by(field, one)
            kind = _KINDS.get(field.type, field.type)
            if known and (not kinds[number] or kind in kinds[number]):
                score = _KNOWN_SCORES[known.match]
                best[number, field.iri] = _Candidate(score, field, number, known)
    return list(best.values())


def _known_by(field: CrmField, foreign: ForeignField) -> FieldName | None:
    """Return the name in some system that is the API name of a foreign field, the closest first."""
    api = _compact(foreign.api.rpartition(".")[2])
    found = (n for n in field.names if api and api == _compact(n.name.rpartition(".")[2]))
    return min(found, key=lambda n: (n.match != "exactMatch", n.system), default=None)


def _close_pairs(left: Sequence[str], right: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the pairs of names that share enough words to be looked at."""
    import numpy as np
    from rapidfuzz import fuzz, process

    if left and right:
        near = process.cdist(left, right, scorer=fuzz.token_set_ratio, score_cutoff=_WORTH_A_LOOK)
        for at, to in zip(*np.nonzero(near), strict=True):
            yield int(at), int(to)


def _likeness(one: _Spelling, other: _Spelling) -> float:
    """Return how like two names are: 0 where they share no word that tells something."""
    from rapidfuzz import fuzz

    if one.compact == other.compact:
        return _HIGHEST
    if not one.telling & other.telling:
        return 0.0
    within = fuzz.token_set_ratio(one.core, other.core)
    whole = fuzz.token_sort_ratio(one.core, other.core)
    label = fuzz.token_sort_ratio(one.words, other.words)
    return _HIGHEST * (0.3 * within + 0.3 * whole + 0.4 * label) / 100


def _kinds(field: ForeignField) -> tuple[str, ...]:
    """Return the kinds of data that a field may hold; empty where nothing tells.

    >>> _kinds(ForeignField("a", type="Lookup(Account)")), _kinds(ForeignField("IsWon"))
    (('reference',), ('boolean',))
    """
    told = _folded(field.type)
    found = next((kinds for kinds, words in _TYPES if told and re.search(words, told)), "")
    for name in _foreign_names(field):
        found = found or next((kinds for kinds, words in _NAMED if re.search(words, name)), "")
    return tuple(found.split())


def _foreign_names(field: ForeignField) -> list[str]:
    return _distinct((field.label, field.api.rpartition(".")[2] or field.api))


def _field_names(field: CrmField) -> list[str]:
    names = [field.id.rpartition(".")[2], *(label.value for label in field.labels)]
    for known in field.names:
        names += [known.name.rpartition(".")[2], *(label.value for label in known.labels)]
    return _distinct(names)


def _home(field: ForeignField) -> str:
    """Return the object of a foreign field as stems, or an empty text.

    >>> _home(ForeignField("Opportunities.Amount")), _home(ForeignField("a", object="商机对象"))
    ('opportuniti', '商机')
    """
    return _object_key(field.object or field.api.rpartition(".")[0])


def _object_key(name: str) -> str:
    return " ".join(map(_stem, _OBJECT_ENDS.sub("", _spelt(name)).split()))


def _near(glossary: Glossary, home: str) -> set[str]:
    """Return the objects of a name: by their own names, else by those that systems have."""
    own = {iri: set(map(_object_key, _own_names(glossary, iri))) for iri in _objects(glossary)}
    if found := {iri for iri, names in own.items() if home in names}:
        return found
    short = home.removeprefix("sal ").removeprefix("销售")
    if found := {iri for iri, names in own.items() if short in names}:
        return found
    return {
        field.object
        for field in glossary.fields.values()
        for known in field.names
        if home == _object_key(known.name.rpartition(".")[0])
    }


def _objects(glossary: Glossary) -> set[str]:
    return {field.object for field in glossary.fields.values()}


def _own_names(glossary: Glossary, iri: str) -> list[str]:
    """Return what an object is called: by id, by label, and as the term that it records."""
    known = glossary.objects.get(iri)
    names = [iri.rpartition("/")[2], *(label.value for label in (known.labels if known else ()))]
    term = glossary.concepts.get(known.records or "") if known else None
    names += [label.value for label in (term.labels if term else ())]
    return _distinct(names)


def _phrases(glossary: Glossary, objects: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Return the names of objects as stems, the longest first."""
    names = {name for iri in objects for name in map(_object_key, _own_names(glossary, iri))}
    return tuple(tuple(name.split()) for name in sorted(names - {""}, key=lambda n: (-len(n), n)))


def _distinct(names: Iterable[str]) -> list[str]:
    return [name for name in dict.fromkeys(map(_spelt, names)) if name]


@lru_cache(maxsize=65_536)
def _spelt(name: str) -> str:
    """Return a name as words: humps and underscores parted, no custom mark, small letters."""
    parted = _HUMP.sub(" ", _CUSTOM.sub("", unicodedata.normalize("NFKC", name).strip()))
    return " ".join(_SIGNS.sub(" ", parted).casefold().split())


def _compact(name: str) -> str:
    return _spelt(name).replace(" ", "")


def _stem(word: str) -> str:
    """Return a word without its ending, so that closed is close, and companies company."""
    return re.sub(r"(?<=\w{3})y$", "i", _ENDINGS.sub("", word))


def _spelling(name: str, phrases: Sequence[tuple[str, ...]]) -> _Spelling:
    """Return a name as words, without that of its object: a lead's lead source is its source."""
    words = _without(name.split(), phrases)
    told = [_FAINT_ENDS.sub("", word) if _chinese(word) else word for word in words]
    core = [_stem(word) for word in told if word and word not in _FILLERS] or words
    telling: set[str] = set()
    for word in core:
        pairs = [word[at : at + 2] for at in range(max(len(word) - 1, 1))]
        telling.update(pairs if _chinese(word) else [word])
    faint = _FAINT | set(map(_stem, _FAINT))
    return _Spelling(" ".join(words), " ".join(core), frozenset(telling - faint), "".join(words))


def _without(words: list[str], phrases: Iterable[tuple[str, ...]]) -> list[str]:
    stems = list(map(_stem, words))
    for phrase in phrases:
        size = len(phrase)
        for at in range(len(words) - size + 1):
            if tuple(stems[at : at + size]) == phrase and len(words) > size:
                return words[:at] + words[at + size :]
        if (
            size == 1
            and _chinese(phrase[0])
            and words[0].startswith(phrase[0])
            and (rest := words[0].removeprefix(phrase[0]))
        ):
            return [rest, *words[1:]]
    return words


def _chinese(word: str) -> bool:
    return any("\u4e00" <= sign <= "\u9fff" for sign in word)
