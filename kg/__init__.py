"""A bilingual knowledge graph of sales operations: explore it, query it, hand it out.

The public names are bound on first use; importing this package loads no third-party module.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.api import (
        ask,
        build,
        communities,
        explore,
        export,
        impact,
        neighbors,
        path,
        project,
        rank,
        search,
        teach,
        tree,
        validate,
    )
    from kg.changes import diff
    from kg.errors import KgError
    from kg.inference import explain, infer
    from kg.store import open_store as open  # noqa: A004 - the contract's name

_HOMES = {
    "KgError": "kg.errors",
    "ask": "kg.api",
    "build": "kg.api",
    "communities": "kg.api",
    "diff": "kg.changes",
    "explain": "kg.inference",
    "explore": "kg.api",
    "export": "kg.api",
    "impact": "kg.api",
    "infer": "kg.inference",
    "neighbors": "kg.api",
    "open": "kg.store",
    "path": "kg.api",
    "project": "kg.api",
    "rank": "kg.api",
    "search": "kg.api",
    "teach": "kg.api",
    "tree": "kg.api",
    "validate": "kg.api",
}

__all__ = [
    "KgError",
    "ask",
    "build",
    "communities",
    "diff",
    "explain",
    "explore",
    "export",
    "impact",
    "infer",
    "neighbors",
    "open",
    "path",
    "project",
    "rank",
    "search",
    "teach",
    "tree",
    "validate",
]
__version__ = "0.2.0"


def __getattr__(name: str) -> object:
    """Bind a public name on first use (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'kg' has no attribute {name!r}")
    attribute = "open_store" if name == "open" else name
    value = getattr(importlib.import_module(_HOMES[name]), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names."""
    return list(__all__)
