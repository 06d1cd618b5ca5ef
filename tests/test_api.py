"""The public names: few, sorted, bound on first use, never named like a module."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import kg

PACKAGE = Path(kg.__file__).parent


def test_public_names_are_few_sorted_and_bound() -> None:
    assert sorted(kg.__all__) == kg.__all__
    assert len(kg.__all__) <= 24
    assert all(callable(getattr(kg, name)) for name in kg.__all__)
    assert set(kg.__all__) <= set(dir(kg))


def test_no_public_name_is_the_name_of_a_module() -> None:
    """After `import kg.x`, `kg.x(...)` would be a module and no function."""
    modules = {path.stem for path in PACKAGE.glob("*.py")}
    modules |= {path.name for path in PACKAGE.iterdir() if path.is_dir()}

    assert set() == set(kg.__all__) & modules


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(kg, "no_such_name")


def test_importing_the_package_loads_no_third_party_module() -> None:
    code = (
        "import sys; before = set(sys.modules); import kg; "
        "names = {m.split('.')[0] for m in set(sys.modules) - before}; "
        "print(sorted(names - set(sys.stdlib_module_names)))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert loaded.stdout.strip() == "['kg']"


def test_help_imports_no_graph_library() -> None:
    code = (
        "import sys; sys.argv = ['kg', '--help']\n"
        "from kg.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(sorted({m.split('.')[0] for m in sys.modules} & "
        "{'rdflib', 'pyoxigraph', 'networkx', 'numpy', 'pyvis', 'rich', 'pypinyin'}), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stderr.strip() == "[]"
