"""Writing a file: whole or not at all, at the place that was asked for, as it was before."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import ExportError, StoreError
from kg.files import _REASONS, open_output, unwritable, write_atomic

if TYPE_CHECKING:
    from collections.abc import Callable

posix = pytest.mark.skipif(
    os.name != "posix", reason="files have no POSIX permissions, links or devices here"
)


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _refusal(write: Callable[[], object]) -> ExportError:
    with pytest.raises(ExportError) as caught:
        write()
    return caught.value


def _break_off(target: Path, fault: BaseException) -> None:
    with open_output(target) as out:
        out.write(b"half")
        raise fault


# -- laws
@given(st.lists(st.binary(max_size=200), max_size=4))
def test_the_last_bytes_written_are_the_bytes_read(
    tmp_path_factory: pytest.TempPathFactory, versions: list[bytes]
) -> None:
    """Also over an old file, and with no other file left beside it."""
    folder = tmp_path_factory.mktemp("files")
    for data in versions:
        write_atomic(folder / "out.bin", data)

    assert versions[-1:] == [path.read_bytes() for path in folder.iterdir()]


@pytest.mark.parametrize("before", [None, b"old"])
@pytest.mark.parametrize(
    "fault",
    [ValueError("no"), KeyboardInterrupt(), SystemExit(1), StoreError("store-closed", path="x")],
    ids=lambda fault: type(fault).__name__,
)
def test_what_stood_there_stays_whatever_goes_wrong(
    tmp_path: Path, before: bytes | None, fault: BaseException
) -> None:
    target = tmp_path / "out.txt"
    if before is not None:
        target.write_bytes(before)
    with pytest.raises(type(fault)) as caught:
        _break_off(target, fault)

    assert caught.value is fault
    assert ([] if before is None else ["out.txt"]) == _names(tmp_path)
    assert before is None or before == target.read_bytes()


# -- the place
def test_missing_folders_are_made(tmp_path: Path) -> None:
    write_atomic(tmp_path / "a" / "b" / "out.txt", b"x")

    assert b"x" == (tmp_path / "a" / "b" / "out.txt").read_bytes()


def test_a_name_may_be_as_long_as_the_system_allows(tmp_path: Path) -> None:
    name = "销" * 80 + ".html"  # 245 bytes
    write_atomic(tmp_path / name, b"x")

    assert [name] == _names(tmp_path)


@posix
def test_a_new_file_has_the_permissions_of_a_plain_one(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"")
    write_atomic(tmp_path / "ours", b"")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}

    assert 1 == len(modes)


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755])
def test_an_old_file_keeps_its_permissions(tmp_path: Path, mode: int) -> None:
    target = tmp_path / "out.txt"
    target.write_bytes(b"old")
    target.chmod(mode)
    write_atomic(target, b"new")

    assert (mode, b"new") == (stat.S_IMODE(target.stat().st_mode), target.read_bytes())


@posix
def test_the_umask_is_never_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It belongs to the whole process: another thread would write with it."""
    monkeypatch.setattr(os, "umask", lambda _: pytest.fail("touched"))
    write_atomic(tmp_path / "out.txt", b"x")

    assert ["out.txt"] == _names(tmp_path)


@posix
def test_a_link_stays_a_link_and_its_target_is_written(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    target, link = tmp_path / "there" / "real.txt", tmp_path / "link.txt"
    target.write_bytes(b"old")
    link.symlink_to(target)
    write_atomic(link, b"new")

    assert link.is_symlink()
    assert b"new" == target.read_bytes()
    assert ["real.txt"] == _names(target.parent)


@posix
def test_a_link_to_nothing_makes_its_target(tmp_path: Path) -> None:
    link = tmp_path / "link.txt"
    link.symlink_to(tmp_path / "new.txt")
    write_atomic(link, b"new")

    assert (True, b"new") == (link.is_symlink(), (tmp_path / "new.txt").read_bytes())


@posix
def test_a_device_is_written_and_not_replaced() -> None:
    """`-o /dev/null` must not leave a file where the device was."""
    write_atomic("/dev/null", b"x")

    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


@posix
def test_a_pipe_is_written_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(pipe.read_bytes()))
    reader.start()
    write_atomic(pipe, b"through")
    reader.join()

    assert [b"through"] == found
    assert ["pipe"] == _names(tmp_path)


# -- stdout
def test_a_dash_is_stdout(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    write_atomic("-", "赢单率\n".encode())

    assert "赢单率\n".encode() == capsysbinary.readouterr().out
    assert not Path("-").exists()


@posix
def test_a_reader_that_went_away_is_no_export_error(root: Path) -> None:
    """`kg dump | head` ends as every other program does: the command line deals with it."""
    code = (
        "import os\n"
        "from kg.files import write_atomic\n"
        "read, write = os.pipe(); os.close(read); os.dup2(write, 1)\n"
        "try: write_atomic('-', b'x' * 1000000)\n"
        "except BaseException as error: os.write(2, type(error).__name__.encode()); os._exit(0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, encoding="utf-8", check=False
    )

    assert "BrokenPipeError" == done.stderr


# -- what cannot be written
@posix
@pytest.mark.parametrize("place", ["/dev/full", "-"])
def test_a_full_disk_is_told_in_both_languages(root: Path, place: str) -> None:
    code = (
        "import os, sys\n"
        "from kg.errors import ExportError\n"
        "from kg.files import write_atomic\n"
        "os.dup2(os.open('/dev/full', os.O_WRONLY), 1)\n"
        "try: write_atomic(sys.argv[1], b'x' * 100000)\n"
        "except ExportError as e: os.write(2, f'{e}|{e.text(\"zh\")}'.encode())\n"
        "os._exit(0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, place],
        cwd=root,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert f"{place}: cannot be written: the disk is full|{place}:无法写入:磁盘已满" == done.stderr


def test_a_disk_that_fills_up_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out.txt"
    target.write_bytes(b"old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    error = _refusal(lambda: write_atomic(target, b"new"))

    assert ("output-unwritable", "磁盘已满") == (error.code, error.reason_zh)
    assert (["out.txt"], b"old") == (_names(tmp_path), target.read_bytes())


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    error = _refusal(lambda: write_atomic(tmp_path, b"x"))

    assert "it is a folder" in str(error)
    assert "这是一个文件夹" in error.text("zh")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    error = _refusal(lambda: write_atomic(tmp_path / "file" / "out.txt", b"x"))

    assert "output-unwritable" == error.code
    assert "a file stands where a folder is needed" == error.reason
    assert "路径中有一段是文件而不是文件夹" == error.reason_zh
    assert b"old" == (tmp_path / "file").read_bytes()


@pytest.mark.skipif(
    not Path("/proc").is_dir(), reason="files have no POSIX permissions, links or devices here"
)
def test_a_folder_of_the_system_takes_no_new_file() -> None:
    error = _refusal(lambda: write_atomic("/proc/x", b"x"))

    assert ("no file can be made there", "该处无法新建文件") == (error.reason, error.reason_zh)


@posix
def test_a_folder_without_permission_is_told_so(tmp_path: Path, root: Path) -> None:
    """Run as a user without rights where the tests run as root."""
    shut = tmp_path / "shut"
    shut.mkdir(mode=0o555)
    code = (
        "import os, sys\n"
        "from kg.errors import ExportError\n"
        "from kg.files import write_atomic\n"
        "if os.geteuid() == 0: os.setuid(65534)\n"
        "try: write_atomic(sys.argv[1], b'x')\n"
        "except ExportError as error: print(error.reason, error.reason_zh)\n"
    )
    tmp_path.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-c", code, shut / "out.txt"],
        cwd=root,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert "no permission 没有写入权限" == done.stdout.strip(), done.stderr
    assert [] == _names(shut)


def test_every_reason_is_told_in_both_languages() -> None:
    """And what nobody foresaw in the words of the system."""
    for code in _REASONS:
        error = unwritable("x", OSError(code, os.strerror(code)))

        assert os.strerror(code) not in str(error) + error.text("zh")
        assert str(error).isascii()
        assert not error.text("zh").isascii()
    assert "odd" in unwritable("x", OSError("odd")).text("zh")


def test_a_name_that_is_too_long_is_told_so(tmp_path: Path) -> None:
    error = _refusal(lambda: write_atomic(tmp_path / ("x" * 300), b"x"))

    assert "文件名过长" in error.text("zh")
    assert [] == _names(tmp_path)


def test_a_fault_with_another_file_is_not_blamed_on_this_one(tmp_path: Path) -> None:
    missing = tmp_path / "missing.txt"
    with pytest.raises(FileNotFoundError), open_output(tmp_path / "out.txt") as out:
        out.write(missing.read_bytes())

    assert [] == _names(tmp_path)


def test_names_of_temporary_files_that_are_taken_are_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A killed program of the same number may have left one."""
    monkeypatch.setattr("kg.files._NAMES", iter((1, 2)))
    left = tmp_path / f".kg-{os.getpid()}-1.tmp"
    left.write_bytes(b"left")
    write_atomic(tmp_path / "out.txt", b"x")

    assert {left.name: b"left", "out.txt": b"x"} == {
        path.name: path.read_bytes() for path in tmp_path.iterdir()
    }
