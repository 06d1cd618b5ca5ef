"""Owns evaluating queries in a process of their own, with a clock: ended when time or memory is up.

The process opens the store for reading, so it must see a folder that nobody writes to: the store
itself where it is read-only, else a copy of it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Any, BinaryIO, Self, cast

from kg.errors import QueryError
from kg.store.messages import ASK, END, FAULT, READY, read_message, unpack_fault, write_message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kg.sparql.limits import Limits

__all__ = ["Evaluator", "Outcome"]

_OPENING = 60  # seconds in which the process must have opened the store
_IN_MEMORY = 8 << 20  # bytes of a result kept out of a file
_PACKAGES = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a query gave: its form, the result as bytes, and after how many rows it was cut, if so.

    Whoever gets it closes the `body`.
    """

    form: str
    body: BinaryIO
    truncated: int | None


class _Clock:
    """Ends a process when its time is up, unless the block is left before."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        self.process = process
        self.rang = False
        self.timer = threading.Timer(seconds, self._ring)
        self.timer.daemon = True

    def __enter__(self) -> Self:
        self.timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.timer.cancel()

    def _ring(self) -> None:
        self.rang = True
        self.process.kill()


class Evaluator:
    """A process that evaluates one query at a time on the store in a folder, started when needed.

    Threads take turns. After a query that had to be ended, the next one gets a new process.
    """

    def __init__(self, folder: Path) -> None:
        """Keep the folder; nobody may write to the store in it."""
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._memory = 0
        self._turn = threading.Lock()

    def close(self) -> None:
        """End the process, if there is one."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    pipe.close()

    def ask(
        self,
        text: str,
        *,
        format: str | None,  # noqa: A002 - the CLI's word
        limits: Limits,
        bindings: Mapping[str, object] | None = None,
        asserted: bool = False,
    ) -> Outcome:
        """Return the result of a query in a format, the engine's own words where it is None.

        Raises QueryError as `Store.query`, and query-time, query-memory, query-result-size where a
        limit is reached.
        """
        request = {
            "text": text,
            "format": format,
            "limits": asdict(limits),
            "bindings": {name: str(term) for name, term in (bindings or {}).items()},
            "asserted": asserted,
        }
        body = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - handed to the caller
        try:
            with self._turn:
                process = self._started(limits.memory)
                said = self._exchange(process, json.dumps(request).encode(), body, limits)
        except BaseException:
            body.close()
            raise
        body.seek(0)
        return Outcome(str(said["form"]), cast("BinaryIO", body), said["truncated"])

    def _exchange(
        self,
        process: subprocess.Popen[bytes],
        request: bytes,
        body: SpooledTemporaryFile[bytes],
        limits: Limits,
    ) -> dict[str, Any]:
        """Send a request and keep what comes back; end the process where it takes too long."""
        source, out = cast("BinaryIO", process.stdout), cast("BinaryIO", process.stdin)
        with _Clock(process, limits.seconds) as clock:
            try:
                write_message(out, ASK, request)
                while message := read_message(source):
                    sign, data = message
                    if sign == END:
                        return cast("dict[str, Any]", json.loads(data))
                    if sign == FAULT:
                        raise unpack_fault(data)
                    body.write(data)
            except BrokenPipeError:
                pass  # it has ended: below is told why
            except (KeyboardInterrupt, OSError):
                self.close()  # its answer is still under way
                raise
        status = process.wait()
        self.close()
        if clock.rang:
            raise QueryError("query-time", limit=limits.seconds)
        if status == -signal.SIGABRT:
            raise QueryError("query-memory", limit=limits.memory >> 20)
        raise QueryError("query-crash", status=status)

    def _started(self, memory: int) -> subprocess.Popen[bytes]:
        """Return a process that is ready for a query within that memory."""
        if self._process is not None and (
            self._process.poll() is not None or self._memory != memory
        ):
            self.close()
        if self._process is None:
            # -P: a file of our name in the working folder is not ours.
            words = [sys.executable, "-P", "-m", "kg.store.worker", str(self.folder), str(memory)]
            path = os.pathsep.join(filter(None, [str(_PACKAGES), os.environ.get("PYTHONPATH")]))
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": path},
            )
            self._memory = memory
            self._wait_ready(self._process)
        return self._process

    def _wait_ready(self, process: subprocess.Popen[bytes]) -> None:
        with _Clock(process, _OPENING):
            message = read_message(cast("BinaryIO", process.stdout))
        if message is None or message[0] != READY:
            self.close()
            raise unpack_fault(message[1]) if message else QueryError("query-crash", status="-")
