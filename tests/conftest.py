"""Owns what every test may ask for: the compiled sources, a filled store, the glossary."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from hypothesis import settings

from kg import vocab
from kg.model import Glossary, Label, Text
from kg.sources.graph import Compiled, compile_tables, read_vocabulary
from kg.sources.rdf import read_rdf
from kg.sources.tables import read_tables
from kg.store import Store, open_store
from kg.store.reading import read_glossary

if TYPE_CHECKING:
    from collections.abc import Generator

ROOT = Path(__file__).resolve().parent.parent
PERMITTED = tomllib.loads((ROOT / "tests" / "skips.toml").read_text(encoding="utf-8"))["skip"]
REASONS = {entry["reason"] for entry in PERMITTED}
EVERYWHERE = {entry["reason"] for entry in PERMITTED if entry["on_debian"]}

# The same examples on every run and machine, however slow it is.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")

# Texts that must never run, break out of their place, or be taken for a formula.
HOSTILE = [
    "</script><script>window.__pwn='script'</script>",
    "</SCRIPT ><script >window.__pwn='upper'</script >",
    '<img src=x onerror="window.__pwn=1">',
    '"><svg onload="window.__pwn=1">',
    "' autofocus onfocus='window.__pwn=1' x='",
    '<a href="javascript:window.__pwn=1">x</a>',
    "javascript:window.__pwn=1",
    "<!--<script>window.__pwn=1</script>-->",
    "--><script>window.__pwn=1</script>",
    "]]><script>window.__pwn=1</script>",
    "{{ 7 * 7 }}{% raw %}",
    "${window.__pwn=1}`",
    '\\";window.__pwn=1;//',
    "\u2028window.__pwn=1\u2029",
    "&lt;img src=x onerror=window.__pwn=1&gt;",
    "</style><img src=x onerror=window.__pwn=1>",
    "</title><img src=x onerror=window.__pwn=1>",
    '</textarea><iframe srcdoc="<script>parent.__pwn=1</script>">',
    "<math><mtext><style><img src=x onerror=window.__pwn=1></style></mtext></math>",
    "__proto__ constructor toString",
    '=HYPERLINK("x")',
    "\u202egnp.exe\u202c \u200b",
    "<b>bold</b>\n\ttab \U0001f600",
]


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the folder that holds ontology/, data/ and kg/."""
    return ROOT


@pytest.fixture(scope="session")
def sources() -> Compiled:
    """Return the tables and the ontology as quads, with the row behind each subject."""
    ontology = list(read_rdf(ROOT / "ontology" / "sales-ops.ttl"))
    words = read_vocabulary(ontology)
    tables = read_tables(ROOT / "data", predicates=words.predicates, kinds=words.classes)
    compiled = compile_tables(tables, words)
    graph = ox.NamedNode(vocab.ONTOLOGY_GRAPH)
    named = (ox.Quad(q.subject, q.predicate, q.object, graph) for q in ontology)
    return Compiled((*compiled.quads, *named), compiled.origins)


@pytest.fixture(scope="session")
def store(sources: Compiled) -> Store:
    """Return the asserted graph in memory; read it only, all tests share it."""
    filled = open_store()
    filled.extend(sources.quads)
    return filled


@pytest.fixture(scope="session")
def glossary(store: Store) -> Glossary:
    """Return everything a reader sees of the asserted graph."""
    return read_glossary(store)


@pytest.fixture(scope="session")
def domain() -> Path:
    """Return the folder of the shared domain data, which the graph is checked against."""
    folder = ROOT.parent / "shared" / "domain"
    if not folder.is_dir():
        pytest.skip("shared domain data is not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def hostile(glossary: Glossary) -> Glossary:
    """Return the glossary with every payload in every text that a user can write."""
    payload = " ".join(HOSTILE)
    concepts = {
        iri: replace(
            concept,
            labels=tuple(Label(f"{x.value} {payload}", x.lang, x.role) for x in concept.labels),
            definitions=tuple(Text(payload, lang) for lang in ("en", "zh")),
            scope_notes=tuple(Text(payload, lang) for lang in ("en", "zh")),
            metric=concept.metric
            and replace(concept.metric, expression=payload, unit=payload, display=payload),
        )
        for iri, concept in list(glossary.concepts.items())[:40]
    }
    kept = [r for r in glossary.relations if {r.subject, r.object} <= set(concepts)]
    predicates = {
        iri: replace(
            predicate,
            labels=tuple(Text(payload, text.lang) for text in predicate.labels),
            phrases=dict.fromkeys(predicate.phrases, f"{{s}} {payload} {{o}}"),
        )
        for iri, predicate in glossary.predicates.items()
    }
    topics = tuple(
        replace(topic, labels=tuple(Text(payload, t.lang) for t in topic.labels))
        for topic in glossary.topics
    )
    return Glossary(concepts, tuple(kept), predicates, topics, glossary.kinds, glossary.names)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --full: soak, size and cluster tests too."""
    parser.addoption("--full", action="store_true", help="run the tests marked full, too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the tests marked `full` out unless asked for; they are deselected, not skipped."""
    if config.getoption("--full"):
        return
    full = [item for item in items if item.get_closest_marker("full")]
    if full:
        config.hook.pytest_deselected(items=full)
        items[:] = [item for item in items if item not in full]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip that tests/skips.toml does not permit here into a failure."""
    report = yield
    if report.skipped and isinstance(report.longrepr, tuple):
        reason = report.longrepr[2].removeprefix("Skipped: ")
        allowed = EVERYWHERE if Path("/etc/debian_version").exists() else REASONS
        if reason not in allowed:
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid}: the skip '{reason}' is not in tests/skips.toml"
    return report
