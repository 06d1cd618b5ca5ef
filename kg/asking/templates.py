"""Owns the question templates: a SPARQL SELECT each, below a header that says how people ask it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.errors import SourceError
from kg.sources.rdf import read_utf8

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["GROUPS", "HOLE", "Column", "Slot", "Template", "read_templates"]

# group -> its heading in Chinese and English, in the order of the list
GROUPS: dict[str, tuple[str, str]] = {
    "term": ("术语", "terms"),
    "metric": ("指标", "metrics"),
    "process": ("流程", "processes"),
    "people": ("角色", "roles"),
    "crm": ("CRM 字段", "CRM fields"),
    "evidence": ("来源与依据", "sources"),
    "curation": ("维护", "curation"),
}
HOLE = re.compile(r"\{([a-z]+)\}")
_HEADER = re.compile(r"#\s?(?P<key>[a-z]+(?:-[a-z]+)?):\s*(?P<text>.*)")
_ONCE = ("name", "group", "title-zh", "title-en", "question-zh", "question-en")
_OFTEN = ("slot", "ask-zh", "ask-en", "column")
_SLOT_PARTS = 5
_COLUMN_PARTS = (3, 4)


@dataclass(frozen=True, slots=True)
class Slot:
    """What a template leaves open: `type` is a word such as "term", or kinds of concepts."""

    name: str
    type: str
    example: str
    zh: str
    en: str

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return the kinds of concepts that fit, none where the type is no list of kinds."""
        return tuple(self.type.split("/")) if self.type[:1].isupper() else ()

    def label(self, lang: str) -> str:
        """Return what the slot stands for, in `lang`."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the result: a variable of the query, its heading, and whose words it holds.

    `words` names a group of `kg.phrasing`, or is empty.
    """

    name: str
    zh: str
    en: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """A question with slots: how it is asked in both languages, and the query that answers it."""

    name: str
    group: str
    titles: tuple[str, str]
    questions: tuple[str, str]
    phrasings: tuple[tuple[str, ...], tuple[str, ...]]
    slots: tuple[Slot, ...]
    columns: tuple[Column, ...]
    body: str

    def title(self, lang: str) -> str:
        """Return what it answers, in a few words of `lang`."""
        return self.titles[lang != "zh"]

    def question(self, lang: str) -> str:
        """Return the question in `lang`, its slots in braces."""
        return self.questions[lang != "zh"]

    def spoken(self, lang: str) -> str:
        """Return the question in `lang` with what its slots stand for in the braces."""
        labels = {slot.name: slot.label(lang) for slot in self.slots}
        return HOLE.sub(lambda hole: f"{{{labels[hole[1]]}}}", self.question(lang))

    def ways(self, lang: str) -> tuple[str, ...]:
        """Return the ways of asking it in `lang`, the question itself first."""
        return self.question(lang), *self.phrasings[lang != "zh"]

    def slot(self, name: str) -> Slot | None:
        """Return the slot of that name, if there is one."""
        return next((slot for slot in self.slots if slot.name == name), None)


def read_templates(folder: Path) -> tuple[Template, ...]:
    """Return the templates of a folder by group and name; raise SourceError for a malformed one."""
    if not folder.is_dir():
        raise SourceError("source-missing", path=folder)
    found = [_read(path) for path in folder.glob("*.rq")]
    order = list(GROUPS)
    return tuple(sorted(found, key=lambda x: (order.index(x.group), x.name)))


def _read(path: Path) -> Template:
    lines, rows = read_utf8(path).decode().splitlines(), dict[str, list[tuple[int, str]]]()
    for number, key, value in _header(lines):
        if key in _ONCE and key in rows:
            raise _malformed(path, f"'{key}' stands twice", f"“{key}”出现了两次", number)
        rows.setdefault(key, []).append((number, value))
    for key in _ONCE:
        if key not in rows or not rows[key][0][1]:
            raise _lacking(path, key)
    once = {key: rows[key][0][1] for key in _ONCE}
    if once["name"] != path.stem:
        name = once["name"]
        reason = f"the name '{name}' is not the name of the file"
        raise _malformed(path, reason, f"名称“{name}”与文件名不同")
    if once["group"] not in GROUPS:
        group, known = once["group"], ", ".join(GROUPS)
        reason = f"the group '{group}' is none of {known}"
        raise _malformed(path, reason, f"类别“{group}”不在以下之列:{known}")
    template = Template(
        name=once["name"],
        group=once["group"],
        titles=(once["title-zh"], once["title-en"]),
        questions=(once["question-zh"], once["question-en"]),
        phrasings=(_texts(rows, "ask-zh"), _texts(rows, "ask-en")),
        slots=tuple(Slot(*_parts(path, row, (_SLOT_PARTS,))) for row in rows.get("slot", ())),
        columns=tuple(Column(*_parts(path, row, _COLUMN_PARTS)) for row in rows.get("column", ())),
        body="\n".join(line for line in lines if not line.startswith("#")).strip() + "\n",
    )
    _check_holes(path, template)
    return template


def _texts(rows: Mapping[str, list[tuple[int, str]]], key: str) -> tuple[str, ...]:
    return tuple(text for _, text in rows.get(key, ()))


def _header(lines: list[str]) -> Iterator[tuple[int, str, str]]:
    """Yield (line number, key, text) of the lines "# key: text" above the query."""
    for number, line in enumerate(lines, 1):
        if not line.startswith("#"):
            return
        match = _HEADER.fullmatch(line.rstrip())
        if match and match["key"] in (*_ONCE, *_OFTEN):  # anything else is a remark
            yield number, match["key"], match["text"]


def _parts(path: Path, row: tuple[int, str], counts: tuple[int, ...]) -> list[str]:
    number, text = row
    parts = [part.strip() for part in text.split("|")]
    if len(parts) not in counts or not all(parts):
        reason = f"'{text}' has not {counts[0]} parts between bars"
        raise _malformed(path, reason, f"“{text}”用竖线分开后不是 {counts[0]} 项", number)
    return parts


def _check_holes(path: Path, template: Template) -> None:
    """Raise SourceError where a way of asking does not name every slot once, or another thing."""
    names = sorted(slot.name for slot in template.slots)
    for lang in ("zh", "en"):
        for way in template.ways(lang):
            if sorted(HOLE.findall(way)) != names:
                reason = f"'{way}' does not name each slot once"
                raise _malformed(path, reason, f"“{way}”没有把每个可填项各写一次")
    if not template.columns:
        raise _lacking(path, "column")


def _lacking(path: Path, key: str) -> SourceError:
    line = f"# {key}: ..."
    return _malformed(path, f"the header has no '{line}'", f"文件头没有“{line}”一行")


def _malformed(path: Path, reason: str, reason_zh: str, line: int = 1) -> SourceError:
    words = {"reason": reason, "reason_zh": reason_zh, "format": "question template"}
    return SourceError("source-syntax", path=path, line=line, column=1, **words)
