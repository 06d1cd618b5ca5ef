"""Owns reading a list of fields that a CRM exported, and finding the neutral fields they match.

Every CRM names the columns of such a list in its own way, so they are guessed from their headings.
A match is a suggestion with a score: a person has to look at it.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.errors import SourceError
from kg.exports.selection import ForeignField
from kg.exports.spreadsheets import starts_formula
from kg.model import LANGS, FieldName, Place, Text
from kg.sources.tables import decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kg.model import CrmField, Glossary

__all__ = ["ALIGNMENT", "Suggestion", "read_fields", "read_sheet", "suggest"]

# The columns of data/field_alignments.csv, by the names they have there.
ALIGNMENT = ("field", "system", "name", "label_zh", "label_en", "relation", "verified")

LEAST = 66.0  # score from which on a match is worth a look
_MAX_BYTES, _MAX_FIELDS, _MAX_TEXT = 16 * 1024 * 1024, 20_000, 500
_HEAD_LINES = 10  # some exports put titles above the headings
_SAME_OBJECT, _OTHER_OBJECT = 80.0, 75.0  # likeness of objects that are one, or two
_OWN_SHARE = 0.72  # of a score that the names of the fields decide, the rest those of the objects

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


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A foreign field that a neutral field (IRI) may be; `score` goes up to 100."""

    field: str
    foreign: ForeignField
    score: int


def read_fields(data: bytes, path: str) -> tuple[ForeignField, ...]:
    r"""Return the fields in an export of a CRM: CSV in UTF-8, UTF-16 or GB18030, any separator.

    A field listed twice is there once. Raises SourceError where the text cannot be decoded, is too
    long, or has no column for names.

    >>> read_fields("对象,字段标识,字段标签\n商机,amount__c,金额\n".encode("gb18030"), "a.csv")
    (ForeignField(api='amount__c', label='金额', object='商机', type=''),)
    """
    if len(data) > _MAX_BYTES:
        raise _fault(path, f"longer than {_MAX_BYTES} bytes", f"超过 {_MAX_BYTES} 字节")
    rows = list(_rows(_decoded(data, path), path))
    at, columns = _columns(rows, path)
    found = dict.fromkeys(
        ForeignField(**{part: _cell(row, column) for part, column in columns.items()})
        for row in rows[at + 1 :]
    )
    named = [field for field in found if field.api or field.label]
    if len(named) > _MAX_FIELDS:
        raise _fault(path, f"more than {_MAX_FIELDS} fields", f"超过 {_MAX_FIELDS} 个字段")
    return tuple(named)


def read_sheet(data: bytes, path: str) -> tuple[tuple[str, FieldName], ...] | None:
    r"""Return what a mapping sheet that came back says, by id of field; None for any other text.

    Rows without a field or a name are left out. Raises SourceError as `read_fields`.

    >>> head = "field,system,name,label_zh,label_en,relation,verified"
    >>> read_sheet(f"{head}\nDeal.amount,x,Deal.Sum,,Sum,,yes\n".encode(), "a.csv")[0][1].name
    'Deal.Sum'
    """
    rows = _rows(_decoded(data, path), path)
    heads = [cell.strip().lstrip("\ufeff") for cell in next(rows, [])]
    if not set(ALIGNMENT) <= set(heads):
        return None
    out = []
    for row in rows:
        found = {name: _bare(_cell(row, heads.index(name))) for name in ALIGNMENT}
        if found["field"] and found["name"]:
            labels = [(found[f"label_{lang}"], lang) for lang in LANGS]
            name = FieldName(
                system=found["system"],
                name=found["name"],
                labels=tuple(Text(text, lang) for text, lang in labels if text),
                match="exactMatch" if found["relation"] == "exactMatch" else "closeMatch",
                verified=found["verified"].casefold() == "yes",
            )
            out.append((found["field"], name))
    return tuple(out)


def _bare(cell: str) -> str:
    """Return a cell without the apostrophe that keeps it from being a formula."""
    return cell[1:] if cell[:1] == "'" and starts_formula(cell[1:]) else cell


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


def _columns(rows: Sequence[Sequence[str]], path: str) -> tuple[int, dict[str, int]]:
    """Return the row of the headings, and the column of each part; raise where there is none."""
    best: tuple[int, dict[str, int]] = (0, {})
    for at, row in enumerate(rows[:_HEAD_LINES]):
        found = _guess(row)
        if len(found) > len(best[1]):
            best = at, found
    if not {"api", "label"} & best[1].keys():
        heads = ", ".join(next(iter(rows), ()))[:200]
        raise _fault(
            path,
            f"no heading such as API Name, Field Name or Label; found: {heads}",
            f"没有“字段标识”“字段名”或“字段标签”之类的列名;找到的是:{heads}",
        )
    return best[0], {"api": -1, **best[1]}


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


def _fault(path: str, en: str, zh: str, *, line: int = 1) -> SourceError:
    return SourceError(
        "source-syntax", path=path, line=line, column=1, format="CSV", reason=en, reason_zh=zh
    )


# ------------------------------------------------------------------ matching


def suggest(
    glossary: Glossary, foreign: Iterable[ForeignField], *, least: float = LEAST
) -> tuple[Suggestion, ...]:
    """Return the best match of each foreign field, sorted by neutral field; each serves once.

    What tells: the API name and the label against the labels, the id and all known names of a
    neutral field, and the object of the one against that of the other.
    """
    found = list(foreign)
    fields = [field for _, field in sorted(glossary.fields.items())]
    if not found or not fields:
        return ()
    scores = _scores(glossary, fields, found)
    pairs = sorted(
        (-score, fields[at].iri, number)
        for number, row in enumerate(scores)
        for at, score in enumerate(row)
        if score >= least
    )
    taken_fields: set[str] = set()
    taken_foreign: set[int] = set()
    out = []
    for score, iri, number in pairs:
        if iri not in taken_fields and number not in taken_foreign:
            taken_fields.add(iri)
            taken_foreign.add(number)
            out.append(Suggestion(iri, found[number], round(-score)))
    return tuple(sorted(out, key=lambda s: s.field))


def _scores(
    glossary: Glossary, fields: Sequence[CrmField], foreign: Sequence[ForeignField]
) -> list[list[float]]:
    """Return how well each foreign field (row) fits each neutral field (column), up to 100."""
    own = _best([_foreign_names(f) for f in foreign], [_field_names(f) for f in fields])
    homes = sorted({field.object for field in foreign})
    objects = sorted({field.object for field in fields})
    names = [_object_names(glossary, iri) for iri in objects]
    near = _best([[_spelt(home)] if home else [] for home in homes], names)
    rows = []
    for row, field in zip(own, foreign, strict=True):
        home = near[homes.index(field.object)]
        sure = max(home) >= _SAME_OBJECT
        rows.append(
            [
                _joined(score, home[objects.index(neutral.object)], sure=sure)
                if field.object
                else score
                for score, neutral in zip(row, fields, strict=True)
            ]
        )
    return rows


def _joined(own: float, home: float, *, sure: bool) -> float:
    """Return the score of a field from its own and that of its object.

    Where an object is surely known, a field of quite another one is no candidate at all.
    """
    if sure and home < _OTHER_OBJECT:
        return 0.0
    return _OWN_SHARE * own + (1 - _OWN_SHARE) * home


def _best(left: Sequence[Sequence[str]], right: Sequence[Sequence[str]]) -> list[list[float]]:
    """Return, for each group of names on the left and on the right, their best likeness."""
    import numpy as np
    from rapidfuzz import fuzz, process

    ours = [name for group in left for name in group]
    theirs = [name for group in right for name in group]
    if not ours or not theirs:
        return [[0.0] * len(right) for _ in left]
    # Words may come in another order, and what two names lack of each other counts.
    likeness = process.cdist(ours, theirs, scorer=fuzz.token_sort_ratio, dtype=np.float32)
    starts = np.cumsum([0, *(len(group) for group in right)])[:-1]
    full = [at for at, group in enumerate(right) if group]
    columns = np.zeros((len(ours), len(right)), dtype=np.float32)
    columns[:, full] = np.maximum.reduceat(likeness, starts[full], axis=1)
    out, at = [], 0
    for group in left:
        rows = columns[at : at + len(group)]
        out.append([float(x) for x in rows.max(axis=0)] if len(group) else [0.0] * len(right))
        at += len(group)
    return out


def _foreign_names(field: ForeignField) -> list[str]:
    return _distinct((field.label, field.api.rpartition(".")[2] or field.api))


def _field_names(field: CrmField) -> list[str]:
    names = [field.id.rpartition(".")[2], *(label.value for label in field.labels)]
    for known in field.names:
        names += [known.name.rpartition(".")[2], *(label.value for label in known.labels)]
    return _distinct(names)


def _object_names(glossary: Glossary, iri: str) -> list[str]:
    """Return what an object is called: by id, label, the term it records, and in systems."""
    known = glossary.objects.get(iri)
    names = [iri.rpartition("/")[2], *(label.value for label in (known.labels if known else ()))]
    term = glossary.concepts.get(known.records or "") if known else None
    names += [label.value for label in (term.labels if term else ())]
    fields = (field for field in glossary.fields.values() if field.object == iri)
    names += [name.name.rpartition(".")[0] for field in fields for name in field.names]
    return _distinct(names)


def _distinct(names: Iterable[str]) -> list[str]:
    return [name for name in dict.fromkeys(map(_spelt, names)) if name]


def _spelt(name: str) -> str:
    """Return a name as words: humps and underscores parted, no custom mark, small letters."""
    parted = _HUMP.sub(" ", _CUSTOM.sub("", unicodedata.normalize("NFKC", name).strip()))
    return " ".join(_SIGNS.sub(" ", parted).casefold().split())


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().lstrip("\ufeff").casefold()
