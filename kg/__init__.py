"""A bilingual knowledge graph of sales operations: explore it, query it, hand it out.

The public names are bound on first use; importing this package loads no third-party module.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.errors import KgError as KgError
    from kg.store import open_store as open  # noqa: A004 - the contract's name

_HOMES = {
    "KgError": ("kg.errors", "KgError"),
    "open": ("kg.store", "open_store"),
}

__all__ = sorted(_HOMES)  # noqa: PLE0605 - a list of the names above
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """Bind a public name on first use (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'kg' has no attribute {name!r}")
    module, attribute = _HOMES[name]
    value = getattr(importlib.import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names."""
    return list(__all__)
