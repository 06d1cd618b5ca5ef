"""Owns one built store and a way to run the command as its user would: in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from kg.workspace import build, find_sources

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Result:
    """What a run of the command left: exit code, stdout, stderr."""

    code: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with one build of the shipped sources; read it only."""
    out = tmp_path_factory.mktemp("cli-built")
    build(find_sources(ROOT), out)
    return out


@pytest.fixture
def kg(built: Path, tmp_path: Path) -> Run:
    """Return a function that runs `kg` on the built store in an empty folder."""

    def run(
        *words: str | Path, store: Path | str | None = built, stdin: str = "", **env: str
    ) -> Result:
        variables = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", **env}
        variables.pop("KG_LANG", None) if "KG_LANG" not in env else None
        if store is not None:
            variables["KG_STORE"] = str(store)
        done = subprocess.run(
            [sys.executable, "-m", "kg", *map(str, words)],
            cwd=tmp_path,
            env=variables,
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    return run
