"""Owns the phrasebook over the asserted graph, which all tests of questions share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kg.asking.matching import Phrasebook, read_phrasebook
from kg.lookup import build_index

if TYPE_CHECKING:
    from pathlib import Path

    from kg.model import Glossary


@pytest.fixture(scope="session")
def queries(root: Path) -> Path:
    """Return the folder of the question templates."""
    return root / "ontology" / "queries"


@pytest.fixture(scope="session")
def book(queries: Path, glossary: Glossary) -> Phrasebook:
    """Return the templates and words, ready to be asked about the asserted graph."""
    return read_phrasebook(queries, glossary=glossary, index=build_index(glossary))
