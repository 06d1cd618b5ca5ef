"""What is committed: locks, scripts, documents, and nothing that belongs to one machine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from kg.cli import COMMANDS
from kg.errors import MESSAGES
from kg.sources.faults import FAULTS

ROOT = Path(__file__).resolve().parent.parent
LOCKS = sorted(ROOT.glob("requirements*.lock"))


def _tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607 - git is how the checkout came here
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda p: p.name)
def test_locks_pin_by_hash_and_name_no_index(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    pins = re.findall(r"^[a-z0-9][^\s=]*==\S+.*?(?=^[a-z0-9]|\Z)", text, re.MULTILINE | re.DOTALL)

    assert "://" not in text
    assert len(pins) > 30
    assert all("--hash=sha256:" in pin for pin in pins)


def test_the_lock_covers_every_dependency_and_the_build_backend() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    locked = set(
        re.findall(r"^([a-z0-9-]+)==", LOCKS[-1].read_text(encoding="utf-8"), re.MULTILINE)
    )
    wanted = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    for name, needed in project["project"]["optional-dependencies"].items():
        wanted += needed if name != "spark" else []
    names = {re.split(r"[<>=!\[]", need)[0].lower() for need in wanted}

    assert set() == names - locked


def test_the_runtime_lock_agrees_with_the_development_lock() -> None:
    pins = [
        set(re.findall(r"^([a-z0-9-]+==[^\s\\;]+)", lock.read_text(encoding="utf-8"), re.MULTILINE))
        for lock in (ROOT / "requirements.lock", ROOT / "requirements-dev.lock")
    ]

    assert pins[0] <= pins[1]


def test_scripts_can_be_run_and_ci_runs_the_same_ones() -> None:
    scripts = ["scripts/start", "scripts/test", "scripts/check", ".ci/run"]

    assert all(os.access(ROOT / name, os.X_OK) for name in scripts)
    assert "scripts/test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "sudo" not in (ROOT / "scripts" / "start").read_text(encoding="utf-8")


def test_the_first_screen_of_the_readme_is_two_commands_and_a_picture() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:10]
    commands = [line.split()[0] for line in lines if line.startswith("scripts/")]
    pictures = [m[1] for line in lines if (m := re.match(r"!\[[^]]+\]\(([^)]+)\)", line))]

    assert ["scripts/start", "scripts/test"] == commands
    assert 1 == len(pictures)
    assert (ROOT / pictures[0]).is_file()


def test_links_of_the_documents_lead_somewhere() -> None:
    broken = [
        f"{path.name}: {target}"
        for path in [
            *ROOT.glob("*.md"),
            *(ROOT / "docs").rglob("*.md"),
            ROOT / "data" / "README.md",
        ]
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
        if not (path.parent / target).exists()
    ]

    assert [] == broken


def test_the_command_reference_is_true() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "docs", "--check"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )

    assert 0 == done.returncode, "run scripts/docs"


def test_every_error_code_rule_and_command_has_a_page() -> None:
    errors = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    commands = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    pages = {path.stem for path in (ROOT / "docs" / "rules").glob("*.md")}
    rules = {path.stem for path in (ROOT / "ontology" / "rules").glob("*.rq")}

    assert [] == [code for code in MESSAGES if code not in errors]
    assert set() == (set(FAULTS) | rules) - pages
    assert [] == [name for name in COMMANDS if f"## kg {name}\n" not in commands]


def test_nothing_committed_belongs_to_one_machine() -> None:
    """No path of a home or work folder, no host of a package registry."""
    hosts = r"(p[y]pi|pythonhosted|npm[j]s|crates)\.(org|com|io)"
    pattern = re.compile(rf"{hosts}|/(w[o]rk|r[o]ot|h[o]me)/[a-z]")
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in _tracked()
        if path.suffix != ".png"
        and (match := pattern.search(path.read_text(encoding="utf-8", errors="replace")))
    ]

    assert [] == found


def test_no_third_party_script_is_committed() -> None:
    scripts = [p for p in _tracked() if p.suffix in (".js", ".mjs", ".cjs", ".min.js")]

    assert {"kg/explorer/assets", "kg/exports/assets"} == {
        p.parent.relative_to(ROOT).as_posix() for p in scripts
    }
    assert all(p.stat().st_size < 60_000 for p in scripts)
