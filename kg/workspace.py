"""Owns a working place: where the sources lie, how they become a build, and which build is current.

A build is a folder named by the hash of what it was made from. It is written beside the others and
becomes current by replacing one small file, so that a build that fails or is broken off leaves the
one before in use.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

import pyoxigraph as ox

from kg import vocab
from kg.errors import SourceError, StoreError, ValidationFailed
from kg.files import open_output, unwritable, write_atomic
from kg.lookup import SearchIndex
from kg.model import Finding, Place, Report
from kg.store import Store, open_store

if TYPE_CHECKING:
    from kg.sources.graph import Compiled

__all__ = [
    "STEPS",
    "Build",
    "Sources",
    "Workspace",
    "build",
    "check",
    "check_release",
    "default_output",
    "find_sources",
    "locate",
    "read_graph",
    "record_release",
    "record_translations",
]

POINTER = "current"
STORE, TURTLE, JSONLD, SEARCH, MANIFEST = (
    "store",
    "sales-ops.ttl",
    "sales-ops.jsonld",
    "search.json",
    "manifest.json",
)
STEPS = ("read", "store", "validate", "infer", "write")
_IDLE = "permitted-idle"
MANY_CHANGES = 5  # changed terms told one by one; more are told together
KEEP = 2  # builds left in place: the current one and the one before, which may still be read

_PACKAGE = Path(__file__).resolve().parent
_NAME = re.compile(r"[0-9a-f]{16}(?:-[0-9]+)?")  # of the folder of a build
Progress = Callable[[str], None]
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Sources:
    """The folder that holds ontology/ and data/."""

    root: Path

    @property
    def ontology(self) -> Path:
        """Return the folder of the ontology, the shapes and the rules."""
        return self.root / "ontology"

    @property
    def data(self) -> Path:
        """Return the folder of the tables."""
        return self.root / "data"

    def files(self) -> Iterator[Path]:
        """Yield every file that a build reads, sorted."""
        for folder, endings in (
            (self.ontology, (".csv", ".ttl", ".rq", ".jsonld")),
            (self.data, (".csv",)),
        ):
            yield from sorted(p for p in folder.rglob("*") if p.suffix in endings)

    def digest(self) -> str:
        """Return the hash of all that a build is made from: the files and the program."""
        digest = hashlib.sha256()
        code = sorted(_PACKAGE.rglob("*.py"))
        for base, paths in ((self.root, self.files()), (_PACKAGE, iter(code))):
            for path in paths:
                digest.update(path.relative_to(base).as_posix().encode() + b"\0")
                digest.update(path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
        return digest.hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Build:
    """A finished build: its folder, what it holds (counts by name), and what the checks found."""

    path: Path
    counts: dict[str, int]
    report: Report = field(default_factory=Report)
    fresh: bool = True


class Workspace:
    """A build opened for reading: its store and its search index, each opened on first use."""

    def __init__(self, path: Path, *, stale: bool = False, out: Path | None = None) -> None:
        """Point at the folder of a build, or at a bare store folder.

        `out` is the folder that was asked for: errors say how to build it again.
        """
        self.path = path
        self.stale = stale
        self._out = out
        self._store: Store | None = None
        self._index: SearchIndex | None = None

    @property
    def store(self) -> Store:
        """Return the store, open for reading; raise StoreError where there is none."""
        if self._store is None:
            inner = self.path / STORE
            folder = inner if inner.is_dir() else self.path
            with _naming(self._out):
                self._store = open_store(folder, read_only=True)
        return self._store

    @property
    def index(self) -> SearchIndex:
        """Return the search index, read from the build or made anew for a bare store.

        Raises StoreError where the file is broken.
        """
        if self._index is None:
            saved = self.path / SEARCH
            with _naming(self._out):
                self._index = (
                    _read(saved, SearchIndex.from_json) if saved.is_file() else _index(self.store)
                )
        return self._index

    def manifest(self) -> dict[str, object]:
        """Return what the build says of itself, or nothing for a bare store.

        Raises StoreError where the file is broken.
        """
        saved = self.path / MANIFEST
        with _naming(self._out):
            return _read(saved, _manifest) if saved.is_file() else {}


def find_sources(root: Path | str | None = None) -> Sources:
    """Return the sources in `root`, else of the checkout, else those that came with the package.

    Raises SourceError where there is no ontology/sales-ops.ttl.
    """
    candidates = [Path(root)] if root else [_PACKAGE.parent, _PACKAGE]
    for candidate in candidates:
        if (candidate / "ontology" / "sales-ops.ttl").is_file() and (candidate / "data").is_dir():
            return Sources(candidate)
    raise SourceError("source-missing", path=candidates[0])


def default_output() -> Path:
    """Return where builds go: build/ of the checkout, else the user's cache folder."""
    if find_sources().root == _PACKAGE:
        import platformdirs

        return Path(platformdirs.user_cache_dir("salesops-kg", appauthor=False)) / "build"
    return _PACKAGE.parent / "build"


def locate(path: Path | str | None = None) -> Workspace:
    """Return the build in `path`, which may be a builds folder, a build, or a bare store folder.

    Without `path`: the current build of the default place. Raises StoreError where there is none.
    """
    out = Path(path) if path else None
    folder = out or default_output()
    pointer = folder / POINTER
    with _naming(out):
        if not pointer.is_file():
            if (folder / STORE).is_dir():
                return Workspace(folder, out=out)
            if (folder / "CURRENT").is_file():  # a bare store is no place to build in
                return Workspace(folder)
            raise StoreError("store-missing", path=folder)
        target = folder / _read(pointer, _pointed)
        if not (target / MANIFEST).is_file():
            raise _damaged(folder, f"{target.name} is missing", f"缺少 {target.name}")
    stale = path is None and not target.name.startswith(find_sources().digest())
    return Workspace(target, stale=stale, out=out)


def read_graph(place: Path | str, *, inferred: bool = False) -> Store:
    """Return the graph in a build, a bare store, a folder of sources, or an RDF file.

    A build and a store are open for reading; files are read into memory, and of sources the
    inferred triples are made where `inferred` asks for them. Raises SourceError, StoreError.
    """
    path = Path(place)
    if str(place).startswith(("http://", "https://")):
        return open_store(str(place))
    if not path.exists():
        raise SourceError("source-missing", path=path)
    if path.is_dir():
        sources = Sources(path)
        known = (sources.ontology / "sales-ops.ttl").is_file() and sources.data.is_dir()
        return _read_sources(sources, inferred=inferred) if known else locate(path).store
    store = open_store()
    store.load(path)
    return store


def _read_sources(sources: Sources, *, inferred: bool) -> Store:
    """Return the graph of sources in memory, unchecked; raise SourceError for wrong tables."""
    compiled, report = _compile(sources)
    if found := report.at_least("error"):
        raise SourceError("source-findings", count=len(found), report=report)
    store = open_store()
    store.extend(compiled.quads)
    if inferred:
        _infer(store)
    return store


def check(
    sources: Sources, *, only: Collection[str] = (), inferred: bool = True
) -> tuple[Store, Report]:
    """Return a store in memory made from the sources, inferred, and all findings; write nothing.

    Faults of the tables stop the graph from being made: the store is then empty. `only` names the
    rules to look at, all without it.
    """
    store = open_store()
    compiled, report = _compile(sources)
    if not report.at_least("error"):
        store.extend(compiled.quads)
        asked = () if _IDLE in only else only  # whether a row is idle, every rule has to tell
        found = _validate(store, sources, compiled, asked).findings
        report = _permitted(sources, [*report.findings, *found])
        if inferred:
            _infer(store)
    if only:
        report = Report.of(finding for finding in report.findings if finding.rule in only)
    return store, report


def build(
    sources: Sources,
    out: Path,
    *,
    force: bool = False,
    progress: Progress = lambda _: None,
) -> Build:
    """Make a build of `sources` in the folder `out` and make it current.

    Nothing is done where the current build already fits, unless `force`. Raises ValidationFailed
    (with the `report`) where a check finds an error, SourceError, ExportError; the build before
    then stays current and untouched.
    """
    digest = sources.digest()
    if not force and (done := _finished(out, digest)):
        return done
    try:
        out.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(dir=out, prefix=f".building-{os.getpid()}-"))
    except OSError as error:
        raise unwritable(out, error) from error
    try:
        result = _fill(sources, scratch, digest, progress)
        target = _free_name(out, digest)
        scratch.chmod(out.stat().st_mode & 0o777)
        scratch.rename(target)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    write_atomic(out / POINTER, target.name.encode() + b"\n")
    for name in (TURTLE, JSONLD):
        write_atomic(out / name, (target / name).read_bytes())
    _sweep(out, target)
    return Build(target, result.counts, result.report)


def check_release(version: str, date: str) -> None:
    """Raise SourceError for a version or date that data/release.csv must not hold.

    >>> check_release("1.2.0", "2026-01-31")
    """
    from kg.sources.checks import check_cells
    from kg.sources.grammar import TABLES
    from kg.sources.rows import Row

    for column, zh, value in (("version", "版本号", version), ("date", "发布日期", date)):
        row = Row("data/release.csv", 0, {column: value.strip()})
        if any(check_cells(TABLES["release"], [row], {})):
            raise SourceError("release-cell", value=value, column=column, column_zh=zh)


def record_release(sources: Sources, version: str, date: str) -> int:
    """Append the concepts changed since their last release to data/release.csv; return how many.

    `date` is YYYY-MM-DD: nothing reads the clock. Raises SourceError for a version or date that
    the table must not hold, ValidationFailed for wrong tables; nothing is written then.
    """
    check_release(version, date)
    compiled, report = _compile(sources)
    _refuse(report)
    path = sources.data / "release.csv"
    recorded = _recorded(sources)
    current = _concept_hashes(compiled)
    changed = [(name, mark) for name, mark in current.items() if recorded.get(name) != mark]
    rows = _csv((name, mark, version.strip(), date.strip()) for name, mark in changed)
    old = path.read_bytes()
    write_atomic(path, old + (b"" if old.endswith(b"\n") else b"\n") + rows)
    return len(changed)


def record_translations(sources: Sources) -> int:
    """Record that the two definitions of every term say the same; return how many are new.

    What is kept is a fingerprint of the Chinese definition: when that changes, the English one is
    reported as not read against it. Raises ValidationFailed for wrong tables.
    """
    from kg.sources.checks import text_hash
    from kg.sources.tables import read_rows

    _, report = _compile(sources)
    _refuse(report)
    known = {row["concept"]: row["hash"] for row in read_rows(sources.data, "translations")}
    found = {
        row["id"]: text_hash(row["definition_zh"])
        for row in read_rows(sources.data, "concepts")
        if row["definition_zh"] and row["definition_en"]
    }
    table = _csv([("concept", "hash"), *sorted(found.items())])
    write_atomic(sources.data / "translations.csv", table)
    return sum(known.get(name) != mark for name, mark in found.items())


def _csv(rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _fill(sources: Sources, folder: Path, digest: str, progress: Progress) -> Build:
    """Write all files of a build into `folder`, in the five steps."""
    from kg.exports.graphs import write_jsonld, write_turtle

    progress("read")
    compiled, report = _compile(sources)
    _refuse(report)
    progress("store")
    with open_store(folder / STORE) as store:
        store.extend(compiled.quads)
        progress("validate")
        found = _validate(store, sources, compiled).findings
        report = _permitted(sources, [*report.findings, *found])
        _refuse(report)
        progress("infer")
        _infer(store)
        progress("write")
        index = _index(store)
        write_atomic(folder / SEARCH, index.to_json())
        for name, write in ((TURTLE, write_turtle), (JSONLD, write_jsonld)):
            with open_output(folder / name) as out:
                write(store, out)
        counts = _count(store)
        store.engine.optimize()
    levels = {
        level: len([f for f in report.at_least(level) if f.level == level])
        for level in ("warning", "info")
    }
    manifest = {"digest": digest, "counts": counts, "findings": levels}
    write_atomic(folder / MANIFEST, json.dumps(manifest, indent=1, sort_keys=True).encode() + b"\n")
    return Build(folder, counts, report)


def _compile(sources: Sources) -> tuple[Compiled, Report]:
    """Read ontology and tables; an empty graph comes back where the tables hold errors."""
    from kg.sources.graph import Compiled, compile_tables, read_vocabulary
    from kg.sources.rdf import read_rdf
    from kg.sources.tables import read_tables

    ontology = list(read_rdf(sources.ontology / "sales-ops.ttl"))
    words = read_vocabulary(ontology)
    tables = read_tables(sources.data, predicates=words.predicates, kinds=words.classes)
    report = Report.of(tables.findings)
    if report.at_least("error"):
        return Compiled((), {}), report
    compiled = compile_tables(tables, words)
    graph = ox.NamedNode(vocab.ONTOLOGY_GRAPH)
    quads = [ox.Quad(q.subject, q.predicate, q.object, graph) for q in ontology]
    whole = Compiled((*compiled.quads, *quads), compiled.origins)
    released = _check_release(whole, _recorded(sources))
    return whole, Report.of([*report.findings, *released])


def _check_release(compiled: Compiled, recorded: dict[str, str]) -> Iterator[Finding]:
    from kg.sources.faults import fault

    hashes = _concept_hashes(compiled)
    changed = [name for name, mark in hashes.items() if recorded and recorded.get(name) != mark]
    if len(changed) > MANY_CHANGES:
        shown = f"{len(changed)} ({', '.join(changed[:MANY_CHANGES])} ...)"
        yield fault("release-unrecorded", Place("data/release.csv"), id=shown)
        return
    for name in changed:
        place = compiled.origins.get(vocab.TERM + name, Place("data/release.csv"))
        yield fault("release-unrecorded", place, focus=f"term:{name}", id=name)


def _recorded(sources: Sources) -> dict[str, str]:
    """Return the hash of each concept at its last release; a later row replaces an earlier one."""
    from kg.sources.tables import read_rows

    return {row["concept"]: row["hash"] for row in read_rows(sources.data, "release")}


def _concept_hashes(compiled: Compiled) -> dict[str, str]:
    from kg.sources.graph import concept_hash, described

    lines: dict[str, list[str]] = {}
    for name, line in described(compiled.quads):
        lines.setdefault(name, []).append(line)
    return {name: concept_hash(found) for name, found in sorted(lines.items())}


def _refuse(report: Report) -> None:
    errors = report.at_least("error")
    if errors:
        raise ValidationFailed("source-findings", count=len(errors), report=report)


def _permitted(sources: Sources, findings: Iterable[Finding]) -> Report:
    """Return a report in which what data/permitted.csv lists bears its reason."""
    from kg.sources.tables import read_rows
    from kg.validation.permitted import permit

    return permit(Report.of(findings), read_rows(sources.data, "permitted"))


def _validate(
    store: Store, sources: Sources, compiled: Compiled, only: Collection[str] = ()
) -> Report:
    from kg.validation import validate

    return validate(
        store,
        origins=compiled.origins,
        rules=sources.ontology / "rules",
        shapes=sources.ontology / "shapes.ttl",
        only=only,
    )


def _infer(store: Store) -> None:
    from kg.inference import infer

    store.replace(vocab.INFERRED, infer(store).triples())


def _index(store: Store) -> SearchIndex:
    from kg.lookup import build_index
    from kg.store.reading import read_glossary

    return build_index(read_glossary(store))


def _count(store: Store) -> dict[str, int]:
    from kg.store.reading import read_glossary

    glossary = read_glossary(store)
    by_source = [any(c.source != "product" for c in r.claims) for r in glossary.relations]
    curated = [not r.id.startswith(("parent-", "measures-")) for r in glossary.relations]
    metrics = [c for c in glossary.concepts.values() if c.metric]
    measures = sum(1 for iri in glossary.names if iri.startswith(vocab.MEASURE))
    return {
        "concepts": len(glossary.concepts),
        "concepts_source": sum(1 for c in glossary.concepts.values() if c.passages),
        "topics": len(glossary.topics),
        "relations_source": sum(1 for s, c in zip(by_source, curated, strict=True) if s and c),
        "relations_product": sum(1 for s, c in zip(by_source, curated, strict=True) if not s and c),
        "relations": len(glossary.relations),
        "claims": sum(len(r.claims) for r in glossary.relations),
        "metrics": len(metrics),
        "measures": measures,
        "triples": sum(1 for _ in store.triples()),
        "inferred": sum(1 for _ in store.triples(asserted=False)) - sum(1 for _ in store.triples()),
    }


def _finished(out: Path, digest: str) -> Build | None:
    """Return the current build where it was made from `digest` and is whole."""
    try:
        current = locate(out)
        manifest = current.manifest()
        counts = cast("dict[str, int]", manifest.get("counts", {}))
        if manifest.get("digest") != digest or not _is_whole(current, counts):
            return None
    except StoreError:
        return None
    return Build(current.path, counts, fresh=False)


def _is_whole(found: Workspace, counts: dict[str, int]) -> bool:
    """Return whether a build has its files and all its triples; raise StoreError for broken ones.

    A store that a program writes to is let be: it is in use, and nobody else can look into it.
    """
    names = (SEARCH, TURTLE, JSONLD)
    if not all((found.path / name).is_file() for name in names) or not found.index.entries:
        return False
    try:
        return len(found.store) >= counts["triples"] + counts["inferred"]
    except StoreError as error:
        if error.code == "store-locked":
            return True
        raise


def _read(path: Path, decode: Callable[[bytes], Value]) -> Value:
    """Return what a file of a build holds; raise StoreError where it cannot be read."""
    try:
        return decode(path.read_bytes())
    except OSError as error:
        raise _damaged(path, *(error.strerror or str(error),) * 2) from error
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise _damaged(path, "its content is broken", "内容已损坏") from error


def _manifest(data: bytes) -> dict[str, object]:
    found = json.loads(data)
    if not isinstance(found["counts"], dict):
        raise TypeError
    return cast("dict[str, object]", found)


def _pointed(data: bytes) -> str:
    """Return the name of a build that the pointer holds."""
    name = data.decode().strip()
    if not _NAME.fullmatch(name):
        raise ValueError(name)
    return name


def _damaged(path: Path, reason: str, reason_zh: str) -> StoreError:
    return StoreError("store-damaged", path=path, reason=reason, reason_zh=reason_zh)


@contextlib.contextmanager
def _naming(out: Path | None) -> Iterator[None]:
    """Let a StoreError name the folder to build again: the one that was asked for, if any."""
    try:
        yield
    except StoreError as error:
        if out is not None:
            error.details["out"] = f'"{out}"' if " " in str(out) else out
        raise


def _free_name(out: Path, digest: str) -> Path:
    names = (out / (f"{digest}-{n}" if n else digest) for n in range(10_000))
    return next(path for path in names if not path.exists())


def _sweep(out: Path, current: Path) -> None:
    """Remove builds nobody needs and what broken-off builds left; what is in use stays."""
    others = [p for p in out.iterdir() if (p / MANIFEST).is_file() and p != current]
    others.sort(key=lambda p: (p.stat().st_mtime_ns, p.name), reverse=True)
    dead = [p for p in out.glob(".building-*") if not _alive(p)]
    for path in (*others[KEEP - 1 :], *dead):
        shutil.rmtree(path, ignore_errors=True)


def _alive(path: Path) -> bool:
    """Return whether the process that builds in the folder still runs, or may run."""
    if os.name == "nt":
        return True
    try:
        os.kill(int(path.name.split("-")[1]), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, ValueError, IndexError):
        return True
    return True
