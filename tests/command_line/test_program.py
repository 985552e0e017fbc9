"""The command as a program: help, errors, streams, and the installed command."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import runpy
import stat
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path

import pytest

from cookiesession_adapters.command_line import main
from cookiesession_adapters.command_line.program import COMMANDS, World, printable
from cookiesession_core import Keygrip, WeakKeyWarning
from tests.command_line.terminal import NOW, VARIABLE, header, run
from tests.support.keys import OTHER

USAGE_ERROR = 2
SECRET = "key-in-the-wrong-place"
LONG_AGO = "; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT"
PROGRAM = Path(sys.executable).parent / "cookiesession"


def clock() -> float:
    return NOW


# --- help ------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_fits_a_terminal_and_has_examples(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    result = run(*command.split(), "--help")

    assert (0, "") == (result.status, result.err)
    assert [] == [line for line in result.out.splitlines() if len(line) > 79]
    assert "example" in result.out
    assert "COOKIESESSION_KEYS" in result.out


@pytest.mark.parametrize("command", ["", "inspect", "encode", "decode"])
def test_help_names_where_keys_come_from_and_every_exit_status(command: str) -> None:
    text = run(*command.split(), "--help").words

    assert "environment variable COOKIESESSION_KEYS, newest first" in text
    assert "separated by commas; or, if it has several lines, one key a line" in text
    assert "With --keys-file FILE they come from a file in the same form" in text
    assert re.findall(r"(\d) (?:done|it does|wrong|nothing|inspect only)", text) == list("01234")


def test_help_names_every_command() -> None:
    text = run("--help").out

    assert [] == [name for name in COMMANDS if f"\n    {name} " not in text]


@pytest.mark.parametrize("argv", [["help"], ["help", "inspect"], ["help", "keygen"]])
def test_help_is_a_command_too(argv: list[str]) -> None:
    assert run(*argv[1:], "--help") == run(*argv)


def test_without_a_command_the_commands_are_listed_as_an_error() -> None:
    result = run()

    assert (USAGE_ERROR, "", run("--help").out) == (result.status, result.out, result.err)


def test_the_version_is_that_of_the_distribution() -> None:
    result = run("--version")

    assert (0, f"cookiesession {metadata.version('cookiesession')}\n") == (
        result.status,
        result.out,
    )


# --- keygen ----------------------------------------------------------------------------------


def test_keygen_prints_keys_that_are_good_for_signing() -> None:
    keys = run("keygen", "--count", "3").out.split()

    assert 3 == len(set(keys))
    assert all(re.fullmatch(r"[\w-]{43}", key) for key in keys)
    Keygrip(keys, "sha256")  # and no warning of a weak key


def test_keygen_makes_longer_keys() -> None:
    assert 86 == len(run("keygen", "--bytes", "64").out.strip())


def test_the_output_of_keygen_is_a_file_of_keys(tmp_path: Path) -> None:
    file = tmp_path / "keys.txt"
    file.write_text(run("keygen", "--count", "2").out)
    flags = ("--keys-file", str(file))
    encoded = run("encode", *flags, stdin="{}", environ={})

    assert {} == run("decode", *flags, stdin=encoded.out, environ=VARIABLE).report


def test_the_examples_of_keygen_keep_keys_in_a_file_that_only_its_owner_can_read(
    tmp_path: Path,
) -> None:
    examples, rotation = run("keygen", "--help").out.partition("examples:")[2].split("\n\n")
    (add,) = re.findall(r"1\. Add the new key at the END: +(.*)", rotation)
    result = installed(f"cd {tmp_path}; {examples}\n{add}\necho {{}} | cookiesession encode")
    file = tmp_path / "keys.txt"

    assert (0, b"") == (result.returncode, result.stderr)
    assert 0o600 == stat.S_IMODE(file.stat().st_mode)
    assert 2 == len(file.read_text().split())
    decoded = run("decode", "--keys-file", str(file), stdin=result.stdout, environ={})
    assert {} == decoded.report


# --- wrong usage -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argv", "reason"),
    [
        (["--"], "the following arguments are required: COMMAND"),
        (["nope"], "argument COMMAND: invalid choice (choose from"),
        (["keygen", "--count", "0"], "must be a number from 1 to 1000"),
        (["keygen", "--bytes", "16"], "must be a number from 32 to 1024"),
        (["keygen", "--count", "many"], "must be a number from 1 to 1000"),
        (["inspct"], "); did you mean inspect? (see"),
        (["inspect", "--xyzzy=sesame"], "unknown option --xyzzy (see"),
        (["inspect", "--keys", "sesame"], "unknown option --keys; did you mean --keys-file?"),
        (["decode", "--secret", "sesame"], "unknown option --secret; did you mean --keys-file?"),
        (["keygen", "--secret", "sesame"], "unknown option --secret (see"),
        (["inspect", "--idle_timeout=1"], "--idle_timeout; did you mean --idle-timeout?"),
        (["inspect", "--keysFile=a"], "unknown option --keysFile; did you mean --keys-file?"),
        (["encode", "--maxAge", "sesame"], "unknown option --maxAge (see"),
        (["keygen", "--byte", "64"], "unknown option --byte; did you mean --bytes?"),
        (["inspect", "sesame"], "unexpected argument; cookies are read from standard input"),
        (["encode", "--Sesame-2"], "unexpected argument"),
        (["inspect", "--encoding", "binary"], "argument --encoding: invalid choice (choose"),
        (["inspect", "--format", "iron"], "; did you mean iron-session?"),
        (["encode", "--format", "iron-session", "--algorithm", "sha256"], "--algorithm and --enc"),
        (["encode", "--format", "react-router", "--encoding", "hex"], "--algorithm and --encoding"),
        (["inspect", "--algorithm", "sha0"], "algorithm must be the name of a fixed-length hash"),
        (["inspect", "--name", "a;b"], "a cookie name must be printable ASCII"),
        (["inspect", "--name", "a.sig"], "name must not end in '.sig'"),
        (["decode", "--idle-timeout", "-1"], "idle_timeout must be None or a positive number"),
        (
            ["decode", "--idle-timeout", "soon"],
            "argument --idle-timeout: must be a number of seconds",
        ),
        (["encode", "--absolute-timeout", "nan"], "absolute_timeout must be None or a positive"),
        (
            ["inspect", "--keys-file", "/nonexistent"],
            "cannot read the file of --keys-file: No such",
        ),
        (["inspect", "--keys-file", "a\0b"], "cannot read the file of --keys-file: embedded null"),
        (["inspect", "--keys-file", os.devnull], "no keys in the file of --keys-file: one a line"),
    ],
)
def test_wrong_usage_is_reported_in_one_line(argv: Sequence[str], reason: str) -> None:
    result = run(*argv, stdin="session=x")

    assert (USAGE_ERROR, "") == (result.status, result.out)
    assert re.match(r"cookiesession( \w+)?: error: ", result.err)
    assert 1 == result.err.count("\n")
    assert reason in result.err
    assert "sesame" not in result.err.lower()


@pytest.mark.parametrize(
    "argv",
    [
        [SECRET],
        ["inspect", SECRET],
        ["inspect", f"-x{SECRET}"],
        ["inspect", f"--{SECRET}"],
        ["inspect", f"--json={SECRET}"],
        ["inspect", "--keys-file", SECRET],
        ["inspect", "--name", f"session={SECRET}"],
        ["inspect", "--name", f"{SECRET};"],
        ["inspect", "--name", f"{SECRET}.sig"],
        ["encode", "--name", f"{SECRET}'.sig"],
        ["inspect", "--name", f"session={SECRET}.sig"],
        ["inspect", "--keys-file", f"{SECRET}/"],
        ["inspect", f"--keys-file={SECRET}\0"],
        ["inspect", f"--keys-file={SECRET * 99}"],
        ["decode", "--absolute-timeout", SECRET],
        ["inspect", "--algorithm", SECRET],
        ["inspect", "--encoding", SECRET],
        ["inspect", "--encoding", f"{SECRET} (choose from {SECRET}\n"],
        ["inspect", "--idle-timeout", SECRET],
        ["keygen", "--count", SECRET],
    ],
)
def test_no_error_shows_a_secret_in_the_wrong_place(argv: Sequence[str]) -> None:
    result = run(*argv, stdin="session=x")

    assert (USAGE_ERROR, "") == (result.status, result.out)
    assert 1 == result.err.count("\n")
    assert SECRET not in result.err


@pytest.mark.parametrize("is_file", [True, False])
@pytest.mark.parametrize(
    "flags",
    [
        *(("--algorithm", "sha0"), ("--name", "a=b"), ("--name", "a.sig")),
        *(("--idle-timeout", "-1"), ("--format", "iron-session")),
    ],
)
def test_no_frame_that_an_error_passes_shows_a_key(
    flags: tuple[str, str],
    is_file: bool,  # noqa: FBT001
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = tmp_path / "keys.txt"
    file.write_text(SECRET)
    given = ("--keys-file", str(file)) if is_file else ()
    shown: list[str] = []
    monkeypatch.setattr(World, "complain", lambda *_: shown.extend(locals_of_the_error()))

    environ = {"COOKIESESSION_KEYS": SECRET}
    assert USAGE_ERROR == main(["inspect", *given, *flags], stdin=io.BytesIO(), environ=environ)
    assert len(shown) > 5
    assert [] == [local for local in shown if SECRET in local]


@pytest.mark.parametrize("is_file", [True, False])
@pytest.mark.parametrize("text", [f"{SECRET},", f"{SECRET}\n\n{SECRET}"])
def test_an_empty_key_is_refused_and_no_frame_shows_the_others(
    text: str,
    is_file: bool,  # noqa: FBT001
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = tmp_path / "keys.txt"
    file.write_text(text)
    given = ("--keys-file", str(file)) if is_file else ()
    said: list[str] = []
    shown: list[str] = []

    def complain(_: World, message: str) -> None:
        said.append(message)
        shown.extend(locals_of_the_error())

    monkeypatch.setattr(World, "complain", complain)

    environ = {"COOKIESESSION_KEYS": text}
    assert USAGE_ERROR == main(["inspect", *given], stdin=io.BytesIO(), environ=environ)
    assert ["error: keys[1] is empty"] == [each.partition(" (")[0] for each in said]
    assert len(shown) > 5
    assert [] == [local for local in shown if SECRET in local]


def locals_of_the_error() -> Iterator[str]:
    """Return the locals of every frame that the current error has passed, as they are shown."""
    traceback = sys.exc_info()[2]
    while traceback is not None:
        for value in traceback.tb_frame.f_locals.values():
            with contextlib.suppress(AttributeError):  # an object that is not yet complete
                yield repr(value)
        traceback = traceback.tb_next


def test_weak_keys_are_warned_of_and_used() -> None:
    with pytest.warns(WeakKeyWarning):
        cookie = header({}, "hunter2")
    result = run("inspect", stdin=cookie, environ={"COOKIESESSION_KEYS": "hunter2, keyboard"})

    assert 0 == result.status
    assert 2 == result.err.count("\n")
    assert "cookiesession: warning: a signing key has 7 bytes, 20 are the minimum" in result.err
    assert "hunter2" not in result.out + result.err


def test_a_line_that_looks_like_a_list_of_keys_is_warned_of_once() -> None:
    keys = f"{'a' * 43}\n{'b' * 43},{'c' * 43}"
    result = run("inspect", stdin=header({}, "a" * 43), environ={"COOKIESESSION_KEYS": keys})

    assert 0 == result.status
    assert result.err.startswith("cookiesession: warning: keys[1] has a comma in it")
    assert 1 == result.err.count("\n")


def test_a_name_that_is_no_token_is_warned_of_and_used() -> None:
    result = run("encode", "--name", "a(b)", stdin=b"{}")

    assert 0 == result.status
    assert "cookiesession: warning: the cookie name is not a token of RFC 6265" in result.err
    assert "a(b)=e30=" in result.out


def test_timeouts_that_do_not_fit_together_are_warned_of_once() -> None:
    flags = ("--idle-timeout", "60", "--absolute-timeout", "30")
    result = run("inspect", *flags, stdin=header({}))

    assert result.err.startswith("cookiesession: warning: idle_timeout (60 seconds) is longer ")
    assert 1 == result.err.count("longer")


# --- streams ---------------------------------------------------------------------------------


class Keyboard(io.BytesIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


class Impatient(io.BytesIO):
    """A terminal at which somebody presses Ctrl-C."""

    def read(self, _: int | None = -1) -> bytes:
        raise KeyboardInterrupt


class Full(io.StringIO):
    """A stream that fails."""

    error: OSError

    def flush(self) -> None:
        raise self.error


def test_a_user_at_a_terminal_is_told_how_to_end_the_input() -> None:
    out, err = io.StringIO(), io.StringIO()

    assert 3 == main(["inspect"], stdin=Keyboard(), stdout=out, stderr=err, environ={})
    assert "reading from the terminal; end with Ctrl-D" in err.getvalue()


class Screen(io.StringIO):
    """The output at a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("text", "environ", "verdict"),
    [
        (header({"user": 7}), VARIABLE, "\x1b[32mverified\x1b[0m with the newest of 2 keys"),
        (header({}, OTHER), VARIABLE, "\x1b[31mDOES NOT VERIFY\x1b[0m: none of the 2 keys"),
        ("session=e30=", VARIABLE, "\x1b[31mDOES NOT VERIFY\x1b[0m: there is no signature"),
        (header({}), {}, "\x1b[33mNOT VERIFIED\x1b[0m: no keys were given"),
        ("a=1", VARIABLE, "\x1b[33mNOTHING FOUND\x1b[0m: there is no cookie of this name"),
        (f"session={LONG_AGO}\nsession.sig={LONG_AGO}", VARIABLE, "\x1b[33mdeleted\x1b[0m: these"),
    ],
)
def test_a_terminal_shows_only_the_verdict_in_colour(
    text: str, environ: dict[str, str], verdict: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    plain, screen = run("inspect", stdin=text, environ=environ), Screen()
    status = main(
        ["inspect"], stdin=io.BytesIO(text.encode()), stdout=screen, environ=environ, clock=clock
    )

    assert plain.status == status
    assert f"\n{verdict}" in screen.getvalue()
    assert plain.out == re.sub(r"\x1b\[\d+m", "", screen.getvalue())
    assert 2 == screen.getvalue().count("\x1b")


@pytest.mark.parametrize(
    ("platform", "variables", "has_colours"),
    [
        ("linux", {}, True),
        ("linux", {"NO_COLOR": ""}, True),
        ("linux", {"NO_COLOR": "1"}, False),
        ("linux", {"TERM": "dumb"}, False),
        ("win32", {}, False),
        ("win32", {"WT_SESSION": "1"}, True),
    ],
)
@pytest.mark.parametrize("stream", [Screen, io.StringIO])
def test_colours_are_only_for_people_who_can_see_them(
    platform: str,
    variables: dict[str, str],
    has_colours: bool,  # noqa: FBT001
    stream: type[io.StringIO],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    out = stream()
    main(["inspect"], stdin=io.BytesIO(b"a=1"), stdout=out, environ=variables, clock=clock)

    assert (has_colours and stream is Screen) == ("\x1b" in out.getvalue())


def test_json_has_no_colours_and_contents_cannot_bring_any() -> None:
    for flags in ([], ["--json"]):
        screen = Screen()
        stdin = io.BytesIO(header({"a": "\n\x1b[31mverified"}).encode())
        main(["inspect", *flags], stdin=stdin, stdout=screen, environ=VARIABLE, clock=clock)
        assert (0 if flags else 2) == screen.getvalue().count("\x1b")


def test_an_interrupt_is_quiet() -> None:
    out, err = io.StringIO(), io.StringIO()

    assert 130 == main(["inspect"], stdin=Impatient(), stdout=out, stderr=err, environ={})
    assert "" == out.getvalue() + err.getvalue()


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (BrokenPipeError(), 141, ""),
        (OSError(28, "No space left on device"), 2, "error: No space left on device"),
        (OSError(), 2, "error: OSError"),
    ],
)
def test_a_failing_stream_gives_no_traceback(error: OSError, status: int, said: str) -> None:
    out, err = Full(), io.StringIO()
    out.error = error

    assert status == main(["keygen"], stdin=io.BytesIO(), stdout=out, stderr=err, environ={})
    assert (f"cookiesession: {said}\n" if said else "") == err.getvalue()


def test_output_without_a_reader_is_thrown_away() -> None:
    reader, writer = os.pipe()
    os.close(reader)

    with os.fdopen(writer, "w") as out:
        assert 141 == main(["keygen"], stdin=io.BytesIO(), stdout=out, stderr=out, environ={})
    # The rest was discarded when the stream was closed.


def test_the_command_works_with_closed_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)

    assert 3 == main(["inspect"])
    assert 0 == main(["--help"])
    assert 2 == main(["nope"])


def test_the_default_streams_are_those_of_the_process(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["cookiesession", "decode"])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(header({"user": 7}).encode())))
    for name, value in VARIABLE.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(SystemExit) as stop:
        runpy.run_module("cookiesession", run_name="__main__")

    assert 0 == stop.value.code
    assert '{"user":7}\n' == capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "encoding", "shown"),
    [
        ("plain\n", None, "plain\n"),
        ("\u00e9\u20ac", None, "\u00e9\u20ac"),
        ("\u00e9\u20ac", "latin-1", "\u00e9\\u20ac"),
        ("\u00e9", "ascii", "\\u00e9"),
        ("\U0001f36a", "ascii", "\\ud83c\\udf6a"),
        ("\t\r\x1b\x7f\x9b\n", "utf-8", "\\t\\r\\u001b\\u007f\\u009b\n"),
        ("\ud800\u2028\u202e", "utf-8", "\\ud800\\u2028\\u202e"),
    ],
)
def test_characters_that_must_not_be_shown_are_escaped(
    text: str, encoding: str | None, shown: str
) -> None:
    assert shown == printable(text, encoding)


# --- the installed command ----------------------------------------------------------------------


def installed(script: str, **environ: str) -> subprocess.CompletedProcess[bytes]:
    """Run a script in a shell that finds the command."""
    path = os.pathsep.join([str(PROGRAM.parent), os.environ["PATH"]])
    return subprocess.run(
        ["/bin/bash", "-c", script],
        env={"PATH": path, **VARIABLE, **environ},
        capture_output=True,
        timeout=60,
        check=False,
    )


def test_the_installed_command_works_in_pipes() -> None:
    result = installed("echo '{\"user\": 7}' | cookiesession encode | cookiesession decode")

    assert (0, b'{"user":7}\n', b"") == (result.returncode, result.stdout, result.stderr)


def test_the_command_is_a_module_too() -> None:
    result = installed(f"{sys.executable} -m cookiesession nope")

    assert (USAGE_ERROR, b"") == (result.returncode, result.stdout)
    assert result.stderr.startswith(b"cookiesession: error: ")


@pytest.mark.parametrize(
    "environ", [{"LC_ALL": "C"}, {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}, {"LC_ALL": "POSIX"}]
)
def test_the_command_works_in_every_locale(environ: dict[str, str]) -> None:
    cookie = header({"name": "Zo\u00eb \U0001f36a \ud800"})
    result = installed(f"echo '{cookie}' | cookiesession decode", **environ)

    assert (0, b"") == (result.returncode, result.stderr)
    assert {"name": "Zo\u00eb \U0001f36a \ud800"} == json.loads(result.stdout)


def test_a_reader_that_goes_away_is_not_an_error() -> None:
    result = installed(
        "for flags in 'keygen --count 1000' --help; do"
        " cookiesession $flags | true; echo ${PIPESTATUS[0]}; done"
    )

    # Help may have been written before its reader had gone.
    first, second = result.stdout.split()
    assert (b"141", b"") == (first, result.stderr)
    assert second in (b"0", b"141")


def test_a_full_disk_is_reported_in_one_line() -> None:
    result = installed("cookiesession keygen > /dev/full")

    assert USAGE_ERROR == result.returncode
    assert b"cookiesession: error: No space left on device\n" == result.stderr


def test_keys_are_the_bytes_that_were_given(tmp_path: Path) -> None:
    file = tmp_path / "keys.txt"
    file.write_bytes(b"a_key_in_latin-1_with_\xe4_and_more")
    script = (
        f'export COOKIESESSION_KEYS="$(cat {file})"; echo {{}} | cookiesession encode |'
        f" env -u COOKIESESSION_KEYS cookiesession decode --keys-file {file}"
    )

    for locale in ("C", "C.UTF-8"):
        result = installed(script, LC_ALL=locale)
        assert (0, b"{}\n", b"") == (result.returncode, result.stdout, result.stderr)


def test_the_default_clock_is_that_of_the_system() -> None:
    cookie = header({"user": 7}, idle_timeout=60)
    result = installed(f"echo '{cookie}' | cookiesession decode --idle-timeout 60")

    assert 1 == result.returncode
    assert b"EXPIRED" in result.stderr
