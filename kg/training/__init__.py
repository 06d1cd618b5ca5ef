"""Owns writing training material from a glossary: one table of formats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Protocol

from kg.errors import ExportError
from kg.training.handbook import write_handbook

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg.model import Glossary, Lang

__all__ = ["FORMATS", "Format", "teach"]


class _Writer(Protocol):
    def __call__(
        self, glossary: Glossary, out: BinaryIO, *, lang: Lang, tiers: Sequence[str]
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of training material: its name, the ending of its files, what it is, its writer."""

    name: str
    suffix: str
    zh: str
    en: str
    write: _Writer

    def about(self, lang: str) -> str:
        """Return what the material is, in `lang`."""
        return self.zh if lang == "zh" else self.en


FORMATS: dict[str, Format] = {
    row.name: row
    for row in (
        Format(
            "handbook",
            ".md",
            "术语手册：按主题排列，含定义、公式、关系和出处（Markdown）",
            "handbook of terms by topic, with definitions, formulas, relations, sources (Markdown)",
            write_handbook,
        ),
    )
}


def teach(
    glossary: Glossary,
    format: str,  # noqa: A002 - the word of the command line
    out: BinaryIO,
    *,
    lang: Lang = "zh",
    tiers: Sequence[str] = ("core", "supporting"),
) -> None:
    """Write training material in one of FORMATS; raise ExportError for any other format.

    Only the terms of `tiers` are in it.

    >>> from io import BytesIO
    >>> from kg.model import Glossary
    >>> out = BytesIO()
    >>> teach(Glossary({}, (), {}, ()), "handbook", out, lang="en")
    >>> out.getvalue().decode().splitlines()[0]
    '# Sales operations handbook'
    """
    row = FORMATS.get(format)
    if row is None:
        raise ExportError("export-format", format=format, known=tuple(FORMATS))
    row.write(glossary, out, lang=lang, tiers=tiers)
