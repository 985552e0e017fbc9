"""The arguments of the command, and the text of ``--help``."""

from __future__ import annotations

import re
import sys
from argparse import Action, ArgumentParser, ArgumentTypeError, Namespace, RawTextHelpFormatter
from collections.abc import Callable, Sequence
from importlib import metadata
from typing import Any, NoReturn

from .inspection import USAGE_ERROR
from .settings import KEYS_VARIABLE

_MIN_BYTES, _MAX_BYTES, _MAX_KEYS = 32, 1024, 1000

_KEYS = f"""\
Keys come from the environment variable {KEYS_VARIABLE}, newest first,
separated by commas; or, if it has several lines, one key a line. With
--keys-file FILE they come from a file in the same form instead.
Keys are never arguments, and only keygen prints keys."""

_STATUSES = """\
exit status:
  0  done; for inspect and decode: the session verifies
  1  it does not verify: a server with these keys and options starts a new one
  2  wrong usage, configuration or input, or an error of the system
  3  nothing found: no cookie of that name, or it is empty or being deleted
  4  inspect only: not verified, because no keys were given"""

_ABOUT = f"""\
Signed, client-side cookie sessions in the format of Node's cookie-session:
make keys, and look into the cookies of one visitor, given on standard input.

{_KEYS}"""

_EXAMPLES = f"""\
examples:
  export {KEYS_VARIABLE}="$(cat keys.txt)"
  curl -sv https://example.com/ 2>&1 | cookiesession inspect
  echo '{{"user": 7}}' | cookiesession encode | sed 's/^/Cookie: /' |
    curl -H @- https://example.com/
  echo 'session=...; session.sig=...' | cookiesession decode

{_STATUSES}

cookiesession COMMAND --help describes one command."""

_KEYGEN = """\
Print new signing keys, one a line: random bytes in URL-safe base64."""

_KEYGEN_EXAMPLES = f"""\
examples:
  (umask 077; cookiesession keygen > keys.txt)
  export {KEYS_VARIABLE}="$(cat keys.txt)"
  cookiesession keygen >> keys.txt    # move it up once every server knows it"""

_INSPECT = f"""\
Show what is in a session cookie, whether it verifies and with which key, or
why not; how large it is, when it ends, and what a browser does with it.

Standard input is one of these; its look tells which:
  a Cookie header     session=...; session.sig=...
  Set-Cookie values   session=...; path=/; httponly
  a bare value        eyJ1c2VyIjo3fQ==
  any text            with lines that begin with "Cookie:" or "Set-Cookie:",
                      also after the "> " and "< " of curl -v; only these count

{_KEYS}
Without keys, the contents are shown and marked as not verified."""

_INSPECT_EXAMPLES = f"""\
examples:
  curl -sv https://example.com/ 2>&1 | cookiesession inspect
  echo 'sid=...; sid.sig=...' | cookiesession inspect --name sid
  cookiesession inspect --keys-file keys.txt --json < header | jq .contents

{_STATUSES}"""

_ENCODE = f"""\
Read a JSON object, and print the Cookie header of a visitor with this
session, for tests and for curl. Whoever has this header is logged in.

{_KEYS}"""

_ENCODE_EXAMPLES = f"""\
examples:
  echo '{{"user": 7}}' | cookiesession encode | sed 's/^/Cookie: /' |
    curl -H @- https://example.com/
  echo '{{"user": 7}}' | cookiesession encode --json | jq -r '.["session.sig"]'

{_STATUSES}"""

_DECODE = f"""\
Read a Cookie header, or any text that inspect accepts, and print its session
as one line of JSON; of several sessions the last. If it does not verify, print
nothing.

{_KEYS}"""

_DECODE_EXAMPLES = f"""\
example:
  echo 'session=...; session.sig=...' | cookiesession decode | jq .user

{_STATUSES}"""


class _Parser(ArgumentParser):
    """Reports an error in one line without the value, and accepts no abbreviations."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(formatter_class=RawTextHelpFormatter, allow_abbrev=False, **settings)

    def error(self, message: str) -> NoReturn:
        """End with the status for wrong usage."""
        # The value may be a key or a cookie that was put in the wrong place.
        shown = _VALUE.sub("", message)
        self.exit(USAGE_ERROR, f"{self.prog}: error: {shown} (see {self.prog} --help)\n")


_VALUE = re.compile(
    r"(?<=invalid choice): .*(?= \(choose from )|(?<=explicit argument) .*", re.DOTALL
)
"""A value that a message of argparse shows."""


class _Version(Action):
    """Prints the version, which is looked up only here."""

    def __call__(self, parser: ArgumentParser, *_: object) -> None:
        sys.stdout.write(f"cookiesession {metadata.version('cookiesession')}\n")
        parser.exit()


def parse(argv: Sequence[str] | None) -> Namespace:
    """Return the arguments; ``command`` is the name of the command.

    Raises:
        SystemExit: after it has printed help, the version or an error.
    """
    parser = _Parser(prog="cookiesession", description=_ABOUT, epilog=_EXAMPLES)
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    commands = parser.add_subparsers(
        title="commands", dest="command", metavar="COMMAND", required=True
    )
    keygen = commands.add_parser(
        "keygen", help="print new signing keys", description=_KEYGEN, epilog=_KEYGEN_EXAMPLES
    )
    keygen.add_argument(
        "--count", type=_number(1, _MAX_KEYS), default=1, metavar="N", help="how many (1)"
    )
    keygen.add_argument(
        "--bytes",
        type=_number(_MIN_BYTES, _MAX_BYTES),
        default=_MIN_BYTES,
        metavar="N",
        help=f"random bytes of each, {_MIN_BYTES} or more ({_MIN_BYTES})",
    )
    inspect = commands.add_parser(
        "inspect",
        help="show what is in a cookie, and why it does not verify",
        description=_INSPECT,
        epilog=_INSPECT_EXAMPLES,
    )
    encode = commands.add_parser(
        "encode",
        help="turn a JSON object into a Cookie header",
        description=_ENCODE,
        epilog=_ENCODE_EXAMPLES,
    )
    decode = commands.add_parser(
        "decode",
        help="turn a Cookie header into JSON, if it verifies",
        description=_DECODE,
        epilog=_DECODE_EXAMPLES,
    )
    for command in (inspect, encode, decode):
        _add_settings(command)
    inspect.add_argument(
        "--json", action="store_true", help="print one line of JSON for each session found"
    )
    encode.add_argument("--json", action="store_true", help="print the cookies as a JSON object")
    arguments, unknown = parser.parse_known_args(argv)
    if unknown:
        commands.choices[arguments.command].error(_unexpected(unknown[0]))
    return arguments


def _add_settings(parser: ArgumentParser) -> None:
    for flag, value, default, text in (
        ("--keys-file", "FILE", None, "the keys, one a line, newest first"),
        ("--name", "NAME", "session", "the session cookie's name (session)"),
        ("--algorithm", "HASH", "sha1", "the hash that signs, as hashlib names it (sha1)"),
    ):
        parser.add_argument(flag, metavar=value, default=default, help=text)
    parser.add_argument(
        "--encoding",
        choices=("base64", "hex"),
        default="base64",
        help="how the signature is written (base64)",
    )
    for flag in ("--idle-timeout", "--absolute-timeout"):
        text = f"the {flag[2:].replace('-', '_')} of the servers"
        parser.add_argument(flag, type=_seconds, metavar="SECONDS", help=text)


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        message = "must be a number of seconds"
        raise ArgumentTypeError(message) from None


def _number(minimum: int, maximum: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = -1
        if not minimum <= value <= maximum:
            message = f"must be a number from {minimum} to {maximum}"
            raise ArgumentTypeError(message)
        return value

    return number


def _unexpected(argument: str) -> str:
    # The argument may be a key or a cookie that was put in the wrong place. It is not shown.
    option = re.match(r"--[a-z-]{2,20}(?=$|=)", argument)
    if option:
        return f"unknown option {option[0]}"
    return (
        "unexpected argument; cookies are read from standard input, keys from a variable or a file"
    )
