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
        "names = {m.split('.')[0] for m in sys.modules}; print(sorted(names & "
        "{'rdflib', 'pyoxigraph', 'networkx', 'numpy', 'pyvis', 'rich'}), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stderr.strip() == "[]"


def test_the_calls_say_what_the_command_line_says(tmp_path: Path) -> None:
    """One walk through the public names on the shipped graph."""
    built = kg.build(tmp_path / "build")
    with kg.open(built.path / "store", read_only=True) as store:
        view = kg.project(store)
        steps = kg.path(view, "销售转化率", "stage-conversion")
        found = kg.search(store, "赢单率", limit=1)
        reached = kg.impact(view, "Opportunity.actual_amount")
        proof = kg.explain(
            store,
            "https://w3id.org/salesops/concept/sales-forecast",
            "https://w3id.org/salesops/ontology#fedBy",
            "https://w3id.org/salesops/concept/crm-system",
        )
        kg.explore(view, tmp_path / "page.html", focus="win-rate")
        kg.export(store, "turtle", tmp_path / "graph.ttl")
        kg.teach(store, "handbook", tmp_path / "handbook.md")

        assert "r010" == steps[0].relations[0].id
        assert found[0].iri.endswith("/win-rate")
        assert any(effect.iri.endswith("/sales-velocity") for effect in reached)
        assert "inverse" == proof.rule
        assert () == kg.validate(store).at_least("error")
        assert 949 < len(kg.rank(view, by="degree")) == len(view)
        assert kg.communities(view)[0].edges > 10
        assert 5 == len(kg.tree(view, "SMART原则", by="part").children)
        assert kg.neighbors(view, "term:crm")
        assert 0 == len(kg.diff(store, store))
        assert len(kg.infer(store).facts) > 10_000
    assert all(
        (tmp_path / name).stat().st_size > 100_000
        for name in ("page.html", "graph.ttl", "handbook.md")
    )
