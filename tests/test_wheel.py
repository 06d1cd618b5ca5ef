"""The built wheel in an empty environment and an empty folder: it must bring everything."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDER = "Scripts" if os.name == "nt" else "bin"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel, built from the checkout."""
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT],
        check=True,
        capture_output=True,
    )
    return next(out.glob("*.whl"))


def test_the_wheel_carries_ontology_and_data_and_no_tests(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        f"kg/{path.relative_to(ROOT).as_posix()}"
        for folder in ("ontology", "data")
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
    }

    assert set() == wanted - names
    assert {"kg/py.typed", "kg/explorer/assets/app.js", "kg/explorer/assets/explorer.html"} <= names
    assert not any(name.startswith(("tests/", "scripts/")) for name in names)


def test_two_wheels_are_the_same_bytes(wheel: Path, tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, ROOT],
        check=True,
        capture_output=True,
    )

    assert wheel.read_bytes() == next(tmp_path.glob("*.whl")).read_bytes()


@pytest.mark.slow
def test_the_wheel_works_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    """Install from the lock, then build, show and explore, all without a checkout."""
    home, work = tmp_path / "home", tmp_path / "empty folder"
    work.mkdir()
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    binaries = tmp_path / "venv" / FOLDER
    pip: list[str | Path] = [
        binaries / "python",
        "-m",
        "pip",
        "install",
        "-q",
        "--disable-pip-version-check",
    ]
    subprocess.run([*pip, "--require-hashes", "-r", ROOT / "requirements.lock"], check=True)
    subprocess.run([*pip, "--no-deps", wheel], check=True)
    env = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PYTHONPATH", "KG_STORE", "KG_LANG")
    } | {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")}

    def kg(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [binaries / "kg", *words],
            cwd=work,
            env=env,
            capture_output=True,
            encoding="utf-8",
            check=True,
        )

    first = kg("show", "客户关系管理")
    again = kg("show", "客户关系管理")
    built = kg("build")
    kg("explore", "-o", "graph.html")
    kg("build", "-o", "here")

    assert "首次使用" in first.stderr
    assert '"id": "term:crm"' in first.stdout
    assert (first.stdout, "") == (again.stdout, again.stderr)
    assert "1007" in built.stdout
    assert (work / "graph.html").stat().st_size > 500_000
    assert (work / "here" / "sales-ops.ttl").is_file()
    assert not list((tmp_path / "venv").rglob("search.json"))
