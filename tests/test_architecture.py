"""The floors of the house: who may import whom, how long things may be."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "kg"

FLOORS = {
    "errors": 0,
    "vocab": 1,
    "files": 1,
    "model": 2,
    "formula": 1,
    "units": 2,
    "expressions": 2,
    "sparql": 2,
    "sources": 3,
    "store": 3,
    "validation": 4,
    "inference": 4,
    "lookup": 4,
    "changes": 5,
    "crm": 5,
    "asking": 6,
    "phrasing": 4,
    "analysis": 5,
    "explorer": 6,
    "exports": 6,
    "training": 6,
    "workspace": 7,
    "api": 8,
    "cli": 9,
    "__init__": 9,
    "__main__": 10,
}
# sources come before store on their floor: a store is filled from sources, sources know no store
SAME_FLOOR = {("store", "sources")}
MODULES = sorted(PACKAGE.rglob("*.py"))
HEAVY = {
    "jinja2",
    "networkx",
    "numpy",
    "opencc",
    "openpyxl",
    "pypinyin",
    "pyshacl",
    "pyvis",
    "rapidfuzz",
    "rdflib",
    "rich",
    "sqlglot",
    "scipy",
}


def _part(path: Path) -> str:
    """Return the floor name of a module: its folder below kg/, or its own name."""
    relative = path.relative_to(PACKAGE)
    return relative.parts[0] if len(relative.parts) > 1 else relative.stem


def _imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Yield (module, top of file) of every import, inside functions too."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    top = {id(node) for node in tree.body}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, id(node) in top
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                nested = PACKAGE.parent / Path(*node.module.split(".")) / f"{alias.name}.py"
                name = f"{node.module}.{alias.name}" if nested.is_file() else node.module
                yield name, id(node) in top


def _typing_only(path: Path) -> set[int]:
    """Return the lines below `if TYPE_CHECKING:`, which import nothing when the program runs."""
    lines: set[int] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            lines |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return lines


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_a_module_imports_only_from_floors_below(path: Path) -> None:
    """Function bodies and type-only imports count too: a hidden cycle is still a cycle."""
    here = _part(path)

    above = [
        name
        for name, _ in _imports(path)
        if name.startswith("kg.")
        and (there := name.split(".")[1]) != here
        and FLOORS[there] >= FLOORS[here]
        and (here, there) not in SAME_FLOOR
    ]

    assert above == []


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_inside_the_package_names_come_from_the_module_that_owns_them(path: Path) -> None:
    from_top = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        and node.module == "kg"
        and any(not _is_module(alias.name) for alias in node.names)
    ]

    assert from_top == []


def _is_module(name: str) -> bool:
    return (PACKAGE / f"{name}.py").is_file() or (PACKAGE / name).is_dir()


def test_there_is_no_cycle_between_modules() -> None:
    """Walk the import graph, function bodies included, and find no way back."""
    names = {".".join(p.relative_to(ROOT).with_suffix("").parts): p for p in MODULES}
    names |= {name.removesuffix(".__init__"): p for name, p in names.items()}
    graph = {
        name: {m for m, _ in _imports(p) if m in names and names[m] != p and m != "kg"}
        for name, p in names.items()
        if not name.endswith("__init__")
    }
    state: dict[str, int] = {}
    cycles: list[list[str]] = []

    def visit(name: str, trail: list[str]) -> None:
        state[name] = 1
        for other in sorted(graph.get(name, ())):
            if state.get(other) == 1:
                cycles.append([*trail[trail.index(other) :], other])
            elif other not in state:
                visit(other, [*trail, other])
        state[name] = 2

    for name in sorted(graph):
        if name not in state:
            visit(name, [name])

    assert cycles == []


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_dear_libraries_are_imported_where_they_are_needed(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    quiet = _typing_only(path)

    dear = [
        name.split(".")[0]
        for node in tree.body
        if isinstance(node, (ast.Import, ast.ImportFrom)) and node.lineno not in quiet
        for name in (
            [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""]
        )
        if name.split(".")[0] in HEAVY
    ]

    assert dear == []


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_a_module_says_what_it_owns_and_stays_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    code = [line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
    functions = [
        n for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    long = [f.name for f in functions if (f.end_lineno or 0) - f.lineno + 1 > 60]
    wide = [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        and sum(isinstance(m, ast.FunctionDef) and m.name[0] != "_" for m in node.body) > 20
    ]

    assert ast.get_docstring(tree)
    assert len(code) <= 600
    assert long == []
    assert wide == []


def test_most_functions_are_short() -> None:
    lengths = sorted(
        (node.end_lineno or 0) - node.lineno + 1
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    )

    assert lengths[len(lengths) * 9 // 10] <= 30
