"""Streams, encodings and terminals: one clear line and the right code, whatever is around."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Run

ROOT = Path(__file__).resolve().parents[2]
POSIX = pytest.mark.skipif(
    sys.platform == "win32", reason="files have no POSIX permissions, links or devices here"
)
HOSTILE = "a\x1b]0;pwn\x07\x9b\u202e"


def shell(built: Path, line: str) -> subprocess.CompletedProcess[bytes]:
    """Run a line of the shell in which KG stands for the command."""
    words = {**os.environ, "PYTHONPATH": str(ROOT), "KG_STORE": str(built)}
    command = line.replace("KG", f'"{sys.executable}" -m kg')
    return subprocess.run(  # noqa: S602 - our own lines
        f"set -o pipefail; {command}",
        shell=True,
        executable="/bin/bash",
        env=words,
        capture_output=True,
        timeout=120,
        check=False,
    )


@POSIX
@pytest.mark.parametrize(
    "line",
    ["KG ask | true", "KG export turtle | head -1", "KG query 'SELECT * {?s ?p ?o}' | head -c 9"],
)
def test_a_reader_that_leaves_is_no_fault(built: Path, line: str) -> None:
    done = shell(built, line)

    assert (0, b"") == (done.returncode, done.stderr)


@POSIX
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-"])
def test_a_closed_stream_is_no_fault(built: Path, closed: str) -> None:
    done = shell(built, f"KG info --format json {closed}")

    assert (0, b"") == (done.returncode, done.stderr)
    if closed != ">&-":
        assert json.loads(done.stdout)["tier"]


@POSIX
@pytest.mark.parametrize("command", ["KG show crm", "KG query 'ASK {}'", "KG export turtle"])
def test_a_full_disk_behind_stdout_is_told(built: Path, command: str) -> None:
    done = shell(built, f"{command} > /dev/full")

    assert 3 == done.returncode
    assert "[output-unwritable]" in done.stderr.decode()


@POSIX
def test_an_argument_that_is_no_text_is_refused(built: Path) -> None:
    done = shell(built, r"KG show $'\xff'")

    assert 2 == done.returncode
    assert "not UTF-8: \\udcff" in done.stderr.decode()
    assert "不是 UTF-8" in done.stderr.decode()


@pytest.mark.parametrize(
    "words",
    [
        ("show", HOSTILE),
        ("rank", "--kind", HOSTILE),
        ("rank", "--predicate", HOSTILE),
        ("search", "crm", "--limit", HOSTILE),
        ("query", f"SELECT '{HOSTILE}' nonsense"),
        ("explain", HOSTILE, "measures", HOSTILE),
    ],
)
def test_no_foreign_sign_reaches_the_terminal_in_a_complaint(
    kg: Run, words: tuple[str, ...]
) -> None:
    done = kg(*words)

    assert done.code in (2, 3)
    assert "pwn" in done.err
    assert [] == [sign for sign in "\x1b\x07\x9b\u202e" if sign in done.err]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show",), "缺少参数"),
        (("show", "crm", "--nope"), "没有这个选项"),
        (("search", "crm", "--limit", "x"), "参数值无效"),
        (("rank", "--kind", "metric"), "没有类别“metric” (Metric"),
    ],
)
def test_faults_of_usage_are_told_in_both_languages(
    kg: Run, words: tuple[str, ...], said: str
) -> None:
    done = kg(*words)

    assert 2 == done.code
    assert said in done.err
    assert "Error: " in done.err


@POSIX
@pytest.mark.parametrize("format_", ["json", "csv", "turtle", "table"])
def test_a_terminal_gets_no_sign_that_it_would_obey(built: Path, format_: str) -> None:
    """On a real pseudo-terminal; a pipe gets the bytes as they are."""
    import pty

    query = "CONSTRUCT { <x:s> <x:p> ?a }" if format_ == "turtle" else "SELECT ?a"
    text = f"{query} {{ BIND('{HOSTILE.encode('unicode_escape').decode()}\\u3000全' AS ?a) }}"
    text = text.replace("\\x", "\\u00")
    words = [sys.executable, "-m", "kg", "query", text, "--format", format_]
    master, slave = pty.openpty()
    done = subprocess.Popen(
        words,
        stdout=slave,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT), "KG_STORE": str(built), "NO_COLOR": "1"},
    )
    os.close(slave)
    shown = b""
    try:
        while piece := os.read(master, 4096):
            shown += piece
    except OSError:  # Linux says so at the end
        pass
    os.close(master)

    assert 0 == done.wait(60)
    assert "pwn" in shown.decode()
    assert "\u3000全" in shown.decode()
    assert [] == [sign for sign in "\x07\x9b\u202e" if sign in shown.decode()]
    assert b"\x1b]" not in shown


def test_a_pipe_gets_what_is_there(kg: Run) -> None:
    done = kg("query", "SELECT ?a { BIND('a\\u001B[1m' AS ?a) }", "--format", "csv")

    assert "a\x1b[1m" in done.out


def test_nested_results_come_as_rows(kg: Run) -> None:
    """Nothing of a tree, a path or a proof is lost in CSV."""
    tree = kg("tree", "销售速度", "--by", "driver", "--format", "csv").out.splitlines()
    path = kg("path", "CRM系统", "销售预测", "--format", "csv").out
    proof = kg("explain", "销售预测", "so:fedBy", "CRM系统", "--format", "csv").out.splitlines()
    field = kg("show", "Opportunity.StageName", "--format", "csv").out

    assert "depth,below,id,iri,zh,en" == tree[0]
    assert "1,term:sales-velocity,term:average-deal-size" in "\n".join(tree)
    assert "2,term:average-deal-size,measure:won_amount" in "\n".join(tree)
    assert "so:feeds" in path
    assert ["0,term:sales-forecast,so:fedBy,term:crm-system,inverse"] == proof[1:2]
    assert "1,term:crm-system,so:feeds,term:sales-forecast,asserted" == proof[2]
    assert "lost | needs" in field
    assert "object:Opportunity" in field


def test_a_file_is_what_its_name_says(kg: Run, tmp_path: Path) -> None:
    """CSV for Excel under .csv in any case; what is JSON in spite of its name is told."""
    done = [kg("search", "漏斗", "-o", name) for name in ("a.CSV", "b.json", "c.xlsx")]

    assert ["", "", "c.xlsx 的内容是 JSON\n"] == [one.err for one in done]
    assert (tmp_path / "a.CSV").read_bytes().startswith(b"\xef\xbb\xbfid,zh,en")
    assert json.loads((tmp_path / "b.json").read_bytes())


@pytest.mark.parametrize(
    ("data", "code", "place"),
    [(None, "source-unreadable", ""), ("中".encode("gb18030"), "source-encoding", ":1:1")],
)
def test_a_query_file_that_cannot_be_read_says_why(
    kg: Run, tmp_path: Path, data: bytes | None, code: str, place: str
) -> None:
    file = tmp_path / "q.rq"
    file.mkdir() if data is None else file.write_bytes(data)
    done = kg("--lang", "en", "query", "-f", "q.rq")

    assert 3 == done.code
    assert f"[{code}]: q.rq{place}: " in done.err
