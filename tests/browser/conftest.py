"""Owns a Chromium without a network, and the explorer page opened in it from a file."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

from kg.explorer import explore
from kg.exports import export
from kg.lookup import build_index
from kg.model import (
    LANGS,
    Lookalike,
    LookalikeSet,
    Measure,
    Metric,
    Passage,
    Stewardship,
    Text,
    Variant,
    Version,
)
from kg.vocab import FIELD, MEASURE
from tests.conftest import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.model import Glossary
    from kg.store import Store

ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ("chromium", "chromium-browser", "google-chrome")
LOCAL = ("file:", "data:", "blob:")
AXE = next(Path(axe_playwright_python.__file__).parent.rglob("axe.min.js")).read_text("utf-8")
AXE_RUN = """() => axe.run(document, {runOnly: {type: 'tag', values:
  ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}})
  .then(r => r.violations.map(v => [v.id, v.nodes[0].html.slice(0, 120)]))"""
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
}


@dataclass
class Opened:
    """An open page with the requests it made beyond its own file and the errors it reported."""

    page: Page
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


class Open(Protocol):
    """Opens the page of the whole graph, or another file, in a fresh browser context."""

    def __call__(
        self,
        fragment: str = "",
        *,
        file: Path | None = None,
        ready: str = "html[data-ready]",
        **context: Any,
    ) -> Opened:
        """Return the page once it has drawn for the first time: when `ready` is there."""


def violations(opened: Opened) -> list[Any]:
    """Return what axe finds against WCAG 2.2 AA and good practice: rule and first place."""
    opened.page.evaluate(AXE)
    found: list[Any] = opened.page.evaluate(AXE_RUN)
    return found


def attack(hostile: Glossary) -> Glossary:
    """Return a hostile glossary whose cards, versions, keepers and look-alikes attack as well."""
    payload = " ".join(HOSTILE)
    texts = tuple(Text(payload, lang) for lang in LANGS)
    names = sorted(hostile.concepts)
    card = Metric(
        payload,
        payload,
        payload,
        payload,
        measures=(MEASURE + "bad",),
        fields=(FIELD + "bad",),
        date_basis=payload,
        filters=texts,
        grain=(payload,),
        currency=payload,
        tax=payload,
        additivity=payload,
        variants=(Variant(names[0], texts, texts, names[0], payload, default=True),),
    )
    concepts = {
        iri: replace(
            concept,
            metric=card,
            versions=(Version(Passage("1", 1, payload, 1), texts),),
            stewardship=Stewardship(payload, payload, payload, payload, payload),
        )
        for iri, concept in hostile.concepts.items()
    }
    relations = tuple(
        replace(r, claims=tuple(replace(claim, reasons=texts) for claim in r.claims))
        for r in hostile.relations
    )
    members = tuple(Lookalike(iri, texts, texts) for iri in (*names[:4], payload))
    measure = Measure(MEASURE + "bad", texts, texts, payload, payload)
    return replace(
        hostile,
        concepts=concepts,
        relations=relations,
        names={**hostile.names, MEASURE + "bad": texts, FIELD + "bad": texts},
        measures={measure.iri: measure},
        lookalikes=(LookalikeSet(payload, texts, texts, members),),
    )


@pytest.fixture(scope="session")
def ontology_file(store: Store, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the documentation of the ontology as a file."""
    path = tmp_path_factory.mktemp("ontology") / "本体 ontology.html"
    with path.open("wb") as out:
        export(store, "ontology-docs", out, ontology=root / "ontology")
    return path


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Return a headless Chromium of the system."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def page_file(glossary: Glossary, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the page of the whole graph, in a folder with spaces and Chinese in its name."""
    path = tmp_path_factory.mktemp("page") / "销售 运营 (test)" / "图谱 explorer.html"
    layout = root / "data" / "layout.csv"
    explore(glossary, path, index=build_index(glossary), layout=layout)
    return path


@pytest.fixture
def open_page(chromium: Browser, page_file: Path) -> Iterator[Open]:
    """Return a function that opens a page; all are closed after the test."""
    contexts = []

    def open_(
        fragment: str = "",
        *,
        file: Path | None = None,
        ready: str = "html[data-ready]",
        **context: Any,
    ) -> Opened:
        context.setdefault("viewport", {"width": 1280, "height": 800})
        contexts.append(chromium.new_context(**context))
        opened = Opened(contexts[-1].new_page())

        def gate(route: Route) -> None:
            if route.request.url.startswith(LOCAL):
                route.continue_()
            else:
                opened.requests.append(route.request.url)
                route.abort()

        opened.page.route("**/*", gate)
        opened.page.on("pageerror", lambda error: opened.errors.append(str(error)))
        opened.page.on(
            "console",
            lambda said: opened.errors.append(said.text) if said.type == "error" else None,
        )
        opened.page.goto((file or page_file).as_uri() + fragment)
        opened.page.wait_for_selector(ready, state="attached")
        return opened

    yield open_
    for context in contexts:
        context.close()
