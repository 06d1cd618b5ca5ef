"""Owns what holds for every command: where the store is and which language to speak."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from kg.model import Lang

__all__ = ["SOURCES", "STRENGTHS", "Settings", "is_plain", "plain"]

# What relations can be filtered by, in the order in which help lists them.
SOURCES = ("answer1", "answer2", "answer3", "answer4", "product")
STRENGTHS = ("stated", "implied", "product")


class Settings:
    """The store asked for, if any, and the language of labels and messages."""

    __slots__ = ("lang", "store")

    def __init__(self, store: str | None, lang: Lang) -> None:
        """Keep both for the command that follows."""
        self.store = store
        self.lang = lang

    def say(self, zh: str, en: str) -> None:
        """Say something on stderr in the chosen language."""
        click.echo(plain(zh if self.lang == "zh" else en), err=True)


def plain(text: str) -> str:
    r"""Return a text without control characters, which a terminal would obey.

    >>> plain("a\x1b[31m b")
    'a\ufffd[31m b'
    """
    return "".join(char if is_plain(char) else "\ufffd" for char in text)


def is_plain(char: str) -> bool:
    """Return whether a terminal shows a character as it is, blanks of any width included."""
    return char.isprintable() or char in "\n\t" or unicodedata.category(char) == "Zs"
