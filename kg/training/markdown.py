"""Owns turning texts into Markdown that no label can break: escapes, code, links, anchors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["anchor", "code", "escape", "guard", "link", "slugs"]

# Control characters, and marks that turn the direction of the text around them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_MARKUP = re.compile(r"[\\`*_\[\]{}|~$^@#]")
_ADDRESS = re.compile(r":(?=//)|(?<=www)\.", re.IGNORECASE)
_START = re.compile(r"(\d*)([-+=:.)!])")
_UNFIT = re.compile(r"[^A-Za-z0-9_-]+")


def escape(text: str) -> str:
    r"""Return a text for use inside a line: no markup, no HTML, no automatic link, one line.

    >>> escape("[a](b) <b> *c*")
    '\\[a\\](b) &lt;b&gt; \\*c\\*'
    """
    flat = " ".join(_UNSEEN.sub("", text).split())
    safe = _ADDRESS.sub(r"\\\g<0>", _MARKUP.sub(r"\\\g<0>", flat))
    return safe.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def guard(line: str) -> str:
    r"""Return an escaped line that cannot begin a list or a heading.

    >>> guard(escape("1. first")), guard(escape("- second"))
    ('1\\. first', '\\- second')
    """
    return _START.sub(r"\1\\\2", line, count=1) if _START.match(line) else line


def code(text: str) -> str:
    """Return a text as inline code, whatever backticks it holds.

    >>> code("a / b"), code("a`b")
    ('`a / b`', '`` a`b ``')
    """
    flat = " ".join(_UNSEEN.sub("", text).split())
    longest = max((len(run) for run in re.findall("`+", flat)), default=0)
    if not longest:
        return f"`{flat}`"
    fence = "`" * (longest + 1)
    return f"{fence} {flat} {fence}"


def link(text: str, slug: str) -> str:
    """Return a text as a link to an anchor of the same document.

    >>> link("Win rate", "term-win-rate")
    '[Win rate](#term-win-rate)'
    """
    return f"[{escape(text)}](#{slug})"


def anchor(slug: str) -> str:
    """Return the place that links to `slug` lead to."""
    return f'<a id="{slug}"></a>'


def slugs(names: Iterable[str], *, prefix: str) -> dict[str, str]:
    """Return an anchor for each name: letters, digits and hyphens only, none twice.

    >>> slugs(["win-rate", "a b", "a/b"], prefix="term-")
    {'a b': 'term-a-b', 'a/b': 'term-a-b-2', 'win-rate': 'term-win-rate'}
    """
    out: dict[str, str] = {}
    taken: set[str] = set()
    for name in sorted(set(names)):
        base = prefix + (_UNFIT.sub("-", name).strip("-") or "x")
        slug, number = base, 2
        while slug in taken:
            slug, number = f"{base}-{number}", number + 1
        taken.add(slug)
        out[name] = slug
    return out
