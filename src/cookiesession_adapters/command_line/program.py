"""The four commands, and the streams of the process."""

from __future__ import annotations

import contextlib
import io
import json
import os
import secrets
import sys
import time
import warnings
from argparse import Namespace
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import BinaryIO, TextIO

import attrs

from cookiesession_core import (
    MAX_COOKIE_SIZE,
    ConfigurationWarning,
    CookieNameWarning,
    CookieSession,
    CookieSessionError,
    Hidden,
    WeakKeyWarning,
)

from .arguments import parse
from .encodings import as_utf_8
from .inspection import NOTHING_FOUND, USAGE_ERROR, VERIFIED, Inspection, inspect
from .paste import pastes
from .report import as_json, as_text, in_colour, one_line
from .settings import Environ, Settings, UsageError

_INTERRUPTED, _BROKEN_PIPE = 130, 141
"""128 and the number of the signal, as shells report it."""


@attrs.frozen
class World:
    """The surroundings of a command: its streams, its environment and its clock."""

    stdin: BinaryIO
    stdout: TextIO
    stderr: TextIO
    environ: Environ
    clock: Callable[[], float]

    def read(self) -> bytes:
        """Return all of standard input. At a terminal, say first how to end the input."""
        if self.stdin.isatty():
            self.complain("reading from the terminal; end with Ctrl-D (Windows: Ctrl-Z, Enter)")
        return as_utf_8(self.stdin.read())

    def write(self, text: str) -> None:
        """Write results."""
        self.stdout.write(printable(text, self.stdout.encoding))

    def write_report(self, inspection: Inspection) -> None:
        """Write a report; on a terminal, its verdict has a colour."""
        text = printable(as_text(inspection), self.stdout.encoding)
        self.stdout.write(in_colour(text, inspection) if self._shows_colours() else text)

    def _shows_colours(self) -> bool:
        variables = self.environ.value
        is_plain = bool(variables.get("NO_COLOR")) or variables.get("TERM") == "dumb"
        # Older consoles of Windows print the codes of colours.
        is_known = sys.platform != "win32" or "WT_SESSION" in variables
        return self.stdout.isatty() and is_known and not is_plain

    def complain(self, message: str) -> None:
        """Write one line that is not a result."""
        line = f"cookiesession: {message}".replace("\n", " ")
        self.stderr.write(printable(f"{line}\n", self.stderr.encoding))
        self.stderr.flush()

    def settings(self, arguments: Namespace) -> Settings:
        """Return the keys and options; warnings become lines."""
        with self._complaining():
            return Settings.of(arguments, self.environ)

    def sessions(self, settings: Settings) -> CookieSession:
        """Return the configuration of a server; warnings become lines."""
        with self._complaining():
            return settings.sessions(self.clock)

    @contextlib.contextmanager
    def _complaining(self) -> Generator[None, None, None]:
        with warnings.catch_warnings(record=True) as caught:
            for category in (WeakKeyWarning, CookieNameWarning, ConfigurationWarning):
                warnings.simplefilter("always", category)
            yield
        for each in caught:
            self.complain(f"warning: {each.message}")


def main(
    argv: Sequence[str] | None = None,
    *,
    stdin: BinaryIO | None = None,
    stdout: TextIO | None = None,
    stderr: TextIO | None = None,
    environ: Mapping[str, str] | None = None,
    clock: Callable[[], float] = time.time,
) -> int:
    """Run the command and return its exit status. The defaults are those of the process.

    Args:
        argv: the arguments, without the program's name.
        stdin: where input is read from.
        stdout: where results go.
        stderr: where errors and warnings go.
        environ: where the keys are looked up.
        clock: returns the time in seconds since the epoch.
    """
    hidden_environ = Hidden(os.environ if environ is None else environ)
    del environ
    # Python has None for a stream that was closed when it started.
    world = World(
        stdin or (sys.stdin.buffer if sys.stdin else io.BytesIO()),
        stdout or sys.stdout or io.StringIO(),
        stderr or sys.stderr or io.StringIO(),
        hidden_environ,
        clock,
    )
    try:
        return _run(argv, world)
    except BrokenPipeError:
        _silence(world.stdout)
        return _BROKEN_PIPE
    except KeyboardInterrupt:
        return _INTERRUPTED
    except (UsageError, CookieSessionError) as error:
        world.complain(f"error: {error}")
    except OSError as error:
        world.complain(f"error: {error.strerror or type(error).__name__}")
        _silence(world.stdout)
    return USAGE_ERROR


def _run(argv: Sequence[str] | None, world: World) -> int:
    try:
        with contextlib.redirect_stdout(world.stdout), contextlib.redirect_stderr(world.stderr):
            arguments = parse(argv)
    except SystemExit as stop:  # after --help, --version and wrong arguments
        status = int(stop.code or 0)
    else:
        status = COMMANDS[arguments.command](arguments, world)
    world.stdout.flush()
    return status


def _silence(stream: TextIO) -> None:
    """Throw away what is still in the buffer; else the interpreter complains when it ends."""
    with contextlib.suppress(OSError):
        number = stream.fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, number)
        os.close(nowhere)


def printable(text: str, encoding: str | None) -> str:
    """Return ``text`` with JSON escapes for characters that must not be shown as they are.

    These are the characters that the stream cannot encode, and those that a terminal would take
    for a command.
    """
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return "".join(each if _is_showable(each, encoding) else _escaped(each) for each in text)


def _is_showable(character: str, encoding: str | None) -> bool:
    if character == "\n":
        return True
    if not character.isprintable():
        return False
    try:
        character.encode(encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _escaped(character: str) -> str:
    # json escapes all others: printable ASCII does not come here.
    return "\\u007f" if character == "\x7f" else json.dumps(character)[1:-1]


# --- the commands ----------------------------------------------------------------------------


def _keygen(arguments: Namespace, world: World) -> int:
    for _ in range(arguments.count):
        world.write(f"{secrets.token_urlsafe(arguments.bytes)}\n")
    return 0


def _inspect(arguments: Namespace, world: World) -> int:
    found = _inspections(arguments, world)
    if not found:
        return _nothing_in(world)
    for number, each in enumerate(found):
        if arguments.json:
            world.write(as_json(each))
            continue
        world.write("\n" if number else "")
        world.write_report(each)
    return max(each.status for each in found)


def _encode(arguments: Namespace, world: World) -> int:
    settings = world.settings(arguments)
    settings.require_keys()
    sessions = world.sessions(settings)
    cookies = sessions.encode(_json_object(world.read()))
    size = max(len(f"{name}={value}") for name, value in cookies.items())
    if size > MAX_COOKIE_SIZE:
        world.complain(
            f"warning: the cookie has {size} bytes, a Set-Cookie value may have {MAX_COOKIE_SIZE}"
        )
    pairs = "; ".join(f"{name}={value}" for name, value in cookies.items())
    world.write(f"{one_line(cookies) if arguments.json else pairs}\n")
    return 0


def _decode(arguments: Namespace, world: World) -> int:
    world.settings(arguments).require_keys()
    found = _inspections(arguments, world)
    if not found:
        return _nothing_in(world)
    last = found[-1]
    if last.status != VERIFIED:
        world.complain(last.explanation)
        return last.status
    sessions = last.settings.sessions_at(last.now)
    try:
        world.write(f"{one_line(sessions.decode(last.header))}\n")
    except RecursionError:
        message = "the session is nested too deeply to be written"
        raise UsageError(message) from None
    return VERIFIED


def _inspections(arguments: Namespace, world: World) -> list[Inspection]:
    """Inspect standard input; leave out the headers that do not have the session."""
    settings = world.settings(arguments)
    world.sessions(settings)  # errors and warnings come before the input
    now = world.clock()
    found = [inspect(each, settings, now) for each in pastes(world.read(), settings.name)]
    sessions = [each for each in found if each.status != NOTHING_FOUND or each.is_deletion]
    return sessions or found[-1:]


def _nothing_in(world: World) -> int:
    world.complain("nothing found: standard input is empty")
    return NOTHING_FOUND


def _json_object(text: bytes) -> dict[str, object]:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        message = f"standard input is not JSON: line {error.lineno}, column {error.colno}"
        raise UsageError(message) from None
    except (ValueError, RecursionError):  # not text, numbers too long, nested too deeply
        message = "standard input is not JSON that can be read"
        raise UsageError(message) from None
    if not isinstance(value, dict):
        message = "standard input is not a JSON object: a session is one, {...}"
        raise UsageError(message)
    return value


COMMANDS: Mapping[str, Callable[[Namespace, World], int]] = {
    "keygen": _keygen,
    "inspect": _inspect,
    "encode": _encode,
    "decode": _decode,
}
