"""Owns what holds for every command: where the store is and which language to speak."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from kg.model import Lang

__all__ = ["Settings"]


class Settings:
    """The store asked for, if any, and the language of labels and messages."""

    __slots__ = ("lang", "store")

    def __init__(self, store: str | None, lang: Lang) -> None:
        """Keep both for the command that follows."""
        self.store = store
        self.lang = lang

    def say(self, zh: str, en: str) -> None:
        """Say something on stderr in the chosen language."""
        click.echo(zh if self.lang == "zh" else en, err=True)
