"""The arguments of the command, and the text of ``--help``."""

from __future__ import annotations

import re
import sys
from argparse import Action, ArgumentParser, ArgumentTypeError, Namespace, RawTextHelpFormatter
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from importlib import metadata
from typing import Any, NoReturn

from .formats import FORMATS
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
  cookiesession decode < cookie.txt

{_STATUSES}

cookiesession help COMMAND describes one command."""

_KEYGEN = """\
Print new signing keys, one a line: random bytes in URL-safe base64.
Keep a key that you use. Without it, all visitors are logged out."""

_KEYGEN_EXAMPLES = f"""\
examples:
  (umask 077; cookiesession keygen > keys.txt)
  export {KEYS_VARIABLE}="$(cat keys.txt)"

to rotate keys without logging anybody out, finish each step on every server
before the next one:
  1. Add the new key at the END:    cookiesession keygen >> keys.txt
  2. Move the new key to the front: now it signs.
  3. Delete the old key, after the lifetime of a session."""

_INSPECT = f"""\
Show what is in a session cookie, whether it verifies and with which key, or
why not; how large it is, when it ends, and what a browser does with it.

Standard input is what a browser or a program let you copy:
  a Cookie header     session=...; session.sig=...
  Set-Cookie values   session=...; path=/; httponly
  a bare value        eyJ1c2VyIjo3fQ==
  header fields       of the developer tools, or the output of curl -v: only
                      lines that begin with "Cookie:" or "Set-Cookie:" count
  a command           "Copy as cURL", PowerShell or fetch
  JSON                a HAR file, an event, a list of cookies, or a part of it
  a table             of the developer tools, or a cookie jar of curl

Sessions of iron-session and of React Router are read, too. Their passwords
or secrets take the place of the keys. Other cookies are named if their look
tells what they are.

{_KEYS}
Without keys, the contents are shown and marked as not verified."""

_INSPECT_EXAMPLES = f"""\
examples:
  curl -sv https://example.com/ 2>&1 | cookiesession inspect
  cookiesession inspect --name sid < cookie.txt
  cookiesession inspect --keys-file keys.txt --json < cookie.txt | jq .contents

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
  cookiesession decode < cookie.txt | jq .user

{_STATUSES}"""


class _Parser(ArgumentParser):
    """Reports an error in one line without the value, and accepts no abbreviations."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(formatter_class=RawTextHelpFormatter, allow_abbrev=False, **settings)

    def error(self, message: str) -> NoReturn:
        """End with the status for wrong usage."""
        # The value may be a key or a cookie that was put in the wrong place.
        shown = _VALUE.sub("", message)
        wrong = _CHOICE.search(message)
        hint = _meant(wrong[1], re.findall(r"[\w-]+", wrong[2])) if wrong else ""
        self.exit(USAGE_ERROR, f"{self.prog}: error: {shown}{hint} (see {self.prog} --help)\n")


_VALUE = re.compile(
    r"(?<=invalid choice): .*(?= \(choose from )|(?<=explicit argument) .*", re.DOTALL
)
"""A value that a message of argparse shows."""
_CHOICE = re.compile(r"invalid choice: '([\w-]{1,20})' \(choose from (.*)\)")
_OPTIONS = re.compile(r"^  (?:-h, )?(--[a-z-]+)", re.MULTILINE)
_MIN_PREFIX = 4
_KEYS_OPTIONS = frozenset({"--key", "--secret", "--secrets", "--password", "--passwords"})


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
    given = [*(sys.argv[1:] if argv is None else argv)]
    if given[:1] == ["help"]:
        given = [*given[1:], "--help"]
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
    if not given:
        parser.print_help(sys.stderr)
        parser.exit(USAGE_ERROR)
    arguments, unknown = parser.parse_known_args(given)
    if unknown:
        command = commands.choices[arguments.command]
        command.error(_unexpected(unknown[0], _OPTIONS.findall(command.format_help())))
    return arguments


def _add_settings(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--format",
        choices=FORMATS,
        metavar="FORMAT",
        help=f"{', '.join(FORMATS)}\n(what the cookie looks like)",
    )
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


def _meant(name: str, known: Sequence[str]) -> str:
    """Return a question that names the known name which is most similar, or nothing."""
    longer = [each for each in known if each.startswith(name) and len(name) >= _MIN_PREFIX]
    similar = longer or get_close_matches(name, known, 1)
    return f"; did you mean {similar[0]}?" if similar else ""


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


def _unexpected(argument: str, options: Sequence[str]) -> str:
    # The argument may be a key or a cookie that was put in the wrong place. It is not shown.
    option = re.match(r"--([a-z_-]{2,20}|[a-z]{2,10}[A-Z][a-z]{1,10})(?=$|=)", argument)
    if option:
        name = re.sub("[A-Z]", r"-\g<0>", option[0].replace("_", "-")).lower()
        hint = _meant("--keys-file" if name in _KEYS_OPTIONS else name, options)
        return f"unknown option {option[0]}{hint}"
    return (
        "unexpected argument; cookies are read from standard input, keys from a variable or a file"
    )
