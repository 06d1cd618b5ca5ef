"""Owns what holds for every command: where the store is and which language to speak."""

from __future__ import annotations

from dataclasses import dataclass

import click

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.model import Lang

__all__ = ["Settings"]


@dataclass(slots=True)
class Settings:
    """The store asked for, if any, and the language of labels and messages."""

    store: str | None
    lang: Lang

    def say(self, zh: str, en: str) -> None:
        """Say something on stderr in the chosen language."""
        click.echo(zh if self.lang == "zh" else en, err=True)
