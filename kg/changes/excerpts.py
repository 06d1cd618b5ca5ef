"""Owns how a changed text is shown: the words that went and came, with a little around them."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

__all__ = ["clip", "excerpt"]

# A number or a word of letters is one token, a Chinese character is one, and so is any other sign.
_TOKEN = re.compile(
    r"[0-9A-Za-z\u00c0-\u024f]+(?:[.'’-][0-9A-Za-z\u00c0-\u024f]+)*|\s+|.", re.DOTALL
)
_AROUND = 12  # tokens kept on either side of a change
_JOIN = 2  # unchanged stretches of so few characters are told with the changes around them
_COMPARED = 400  # tokens; of longer changes the two texts are shown instead
_ALIKE = 0.4  # less alike texts are shown one after the other
_SHOWN = 240  # characters of an excerpt


def clip(text: str, limit: int = 80) -> str:
    """Return a text in one line, cut at `limit` characters.

    >>> clip("won  deals divided by lost", 9)
    'won deals…'
    """
    line = " ".join(text.split())
    return line if len(line) <= limit else line[:limit].rstrip() + "…"


def excerpt(before: str, after: str) -> str | None:
    """Return what changed as "[-gone-]" and "{+new+}" with the words around it, or None.

    None stands for texts too different, or too long, to be told in one.

    >>> excerpt("赢单数除以商机数", "成交数除以商机数")
    '[-赢单-]{+成交+}数除以商机数'
    """
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    head = _same(old, new)
    tail = _same(old[head:][::-1], new[head:][::-1])
    left, right = old[head : len(old) - tail], new[head : len(new) - tail]
    if len(left) + len(right) > _COMPARED:
        return None
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    blocks = matcher.get_matching_blocks()
    kept = head + tail + sum(block.size for block in blocks)
    if 2 * kept < _ALIKE * (len(old) + len(new)):
        return None
    parts = [_around(old[:head], last=True)] if head else []
    at = (0, 0)
    for start, other, size in blocks:
        final = start == len(left) and other == len(right)
        if len("".join(left[start : start + size])) <= _JOIN and not final:
            continue
        parts.append(_marked(left[at[0] : start], right[at[1] : other]))
        parts.append(_around(left[start : start + size], last=True, first=True))
        at = (start + size, other + size)
    parts += [_around(old[len(old) - tail :], first=True)] if tail else []
    text = "".join(parts)
    return text if len(text) <= _SHOWN else None


def _same(left: list[str], right: list[str]) -> int:
    """Return how many tokens two lists share at the start."""
    pairs = zip(left, right, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(left), len(right)))


def _marked(gone: list[str], come: list[str]) -> str:
    words = (" ".join("".join(tokens).split("\n")) for tokens in (gone, come))
    left, right = words
    return (f"[-{left}-]" if left else "") + (f"{{+{right}+}}" if right else "")


def _around(tokens: list[str], *, first: bool = False, last: bool = False) -> str:
    """Return unchanged tokens, of many only those next to a change, which stands first or last."""
    kept = (_AROUND if first else 0) + (_AROUND if last else 0)
    if len(tokens) <= kept + 1:
        return " ".join("".join(tokens).split("\n"))
    head = "".join(tokens[:_AROUND]) if first else ""
    tail = "".join(tokens[-_AROUND:]) if last else ""
    return " ".join(f"{head}…{tail}".split("\n"))
