"""Start a real server process on loopback for one test, and stop it afterwards."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import attrs

ROOT = Path(__file__).resolve().parents[2]
START_LIMIT = 30.0
"""Seconds that a server may take until it accepts connections."""
LOG_LIMIT = 10.0
"""Seconds that a line of its log may take."""


ended: list[Callable[[str, Mapping[str, str]], None]] = []
"""Called with the output of each server that has ended, and with the variables it was given."""


@attrs.frozen
class Server:
    """A running server: its address and its output."""

    port: int
    log: Path
    pid: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def output(self) -> str:
        """Everything the process has written to stdout and stderr."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def writes(self, text: str) -> bool:
        """Whether the process writes ``text``: some servers log from a thread, a little later."""
        deadline = time.monotonic() + LOG_LIMIT
        while text not in self.output() and time.monotonic() < deadline:
            time.sleep(0.02)
        return text in self.output()


def find_program(name: str) -> str | None:
    """Return where a program is; some are kept where only the administrator's shell looks."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def free_port() -> int:
    """A loopback port that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def running(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path = ROOT,
    port: int | None = None,
) -> Iterator[Server]:
    """Run ``command`` until the block ends; ``{port}`` in it becomes the port to listen on.

    Without ``port`` that is a free one.
    """
    port = port or free_port()
    argv = [str(part).replace("{port}", str(port)) for part in command]
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "output.txt"
        with log.open("wb") as sink:
            process = subprocess.Popen(
                argv,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})},
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
            )
        server = Server(port, log, process.pid)
        try:
            _wait_until_it_accepts(server, process)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for check in ended:
            check(server.output(), env or {})


def _wait_until_it_accepts(server: Server, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline:
        if process.poll() is not None:
            message = f"the server ended with {process.returncode}:\n{server.output()}"
            raise RuntimeError(message)
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", server.port), 1):
            return
        time.sleep(0.02)
    message = f"no connection within {START_LIMIT} s:\n{server.output()}"
    raise RuntimeError(message)


PYTHON = sys.executable
