"""What is typed behind the command, and what ``--help`` says."""

from __future__ import annotations

import re
import sys
from argparse import Action, ArgumentParser, ArgumentTypeError, Namespace, RawTextHelpFormatter
from collections.abc import Sequence
from importlib import metadata
from typing import Any, NoReturn

from .inspection import USAGE_ERROR
from .settings import KEYS_VARIABLE

_LEAST_BYTES, _MOST_BYTES, _MOST_KEYS = 32, 1024, 1000

_KEYS = f"""\
Keys come from the environment variable {KEYS_VARIABLE}, newest first,
separated by commas or white space. Or, in its place, from --keys-file FILE:
one key a line, newest first; a key that holds a comma or white space needs
the file. Keys are never arguments, and only keygen prints any."""

_STATUSES = """\
exit status:
  0  done; for inspect and decode: the session verifies
  1  it does not verify: a server with these keys and options starts afresh
  2  wrong usage, configuration or input, or an error of the system
  3  nothing found: no cookie of that name, or one that is being deleted
  4  inspect only: not verified, for no keys were given"""

_ABOUT = f"""\
Signed, client-side cookie sessions as Node's cookie-session has them: make
keys, and look into the cookies of one visitor, given on standard input.

{_KEYS}"""

_EXAMPLES = f"""\
examples:
  export {KEYS_VARIABLE}="$(cookiesession keygen)"
  curl -sv https://example.com/ 2>&1 | cookiesession inspect
  curl -b "$(echo '{{"user": 7}}' | cookiesession encode)" https://example.com/
  echo 'session=...; session.sig=...' | cookiesession decode

{_STATUSES}

cookiesession COMMAND --help tells more."""

_KEYGEN = """\
Print fresh signing keys, one a line: random octets in URL-safe base64."""

_KEYGEN_EXAMPLES = f"""\
examples:
  export {KEYS_VARIABLE}="$(cookiesession keygen)"
  {{ cookiesession keygen; cat keys.txt; }} > rotated.txt    # the newest first"""

_INSPECT = f"""\
Say what is in a session cookie, whether it verifies and by which key, or why
it does not; how large it is, when it ends, and what a browser does with it.

Standard input is one of these, told apart by their look:
  a Cookie header     session=...; session.sig=...
  Set-Cookie lines    session=...; path=/; httponly
  a bare value        eyJ1c2VyIjo3fQ==
  any text            of which the lines count that begin with "Cookie:" or
                      "Set-Cookie:", also behind the "> " and "< " of curl -v

{_KEYS}
Without keys the contents are shown, marked as not verified."""

_INSPECT_EXAMPLES = f"""\
examples:
  curl -sv https://example.com/ 2>&1 | cookiesession inspect
  echo 'sid=...; sid.sig=...' | cookiesession inspect --name sid
  cookiesession inspect --keys-file keys.txt --json < header | jq .contents

{_STATUSES}"""

_ENCODE = f"""\
Read a JSON object, and print the Cookie header of a visitor whose session it
is: for tests and for curl. Whoever has that header is logged in.

{_KEYS}"""

_ENCODE_EXAMPLES = f"""\
examples:
  curl -b "$(echo '{{"user": 7}}' | cookiesession encode)" https://example.com/
  echo '{{"user": 7}}' | cookiesession encode --json | jq -r '.["session.sig"]'

{_STATUSES}"""

_DECODE = f"""\
Read a Cookie header, or whatever inspect takes, and print its session as one
line of JSON; of several the last. Nothing is printed unless it verifies.

{_KEYS}"""

_DECODE_EXAMPLES = f"""\
example:
  echo 'session=...; session.sig=...' | cookiesession decode | jq .user

{_STATUSES}"""


class _Parser(ArgumentParser):
    """Reports an error in one line, and takes no abbreviations."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(formatter_class=RawTextHelpFormatter, allow_abbrev=False, **settings)

    def error(self, message: str) -> NoReturn:
        """End with the status for wrong usage."""
        self.exit(USAGE_ERROR, f"{self.prog}: error: {message} (see {self.prog} --help)\n")


class _Version(Action):
    """Prints the version; looked up only then."""

    def __call__(self, parser: ArgumentParser, *_: object) -> None:
        sys.stdout.write(f"cookiesession {metadata.version('cookiesession')}\n")
        parser.exit()


def parse(argv: Sequence[str] | None) -> Namespace:
    """Return the arguments; ``command`` is the command's name.

    Raises:
        SystemExit: after help, the version or an error was printed.
    """
    parser = _Parser(prog="cookiesession", description=_ABOUT, epilog=_EXAMPLES)
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    commands = parser.add_subparsers(
        title="commands", dest="command", metavar="COMMAND", required=True
    )
    keygen = commands.add_parser(
        "keygen", help="print fresh signing keys", description=_KEYGEN, epilog=_KEYGEN_EXAMPLES
    )
    keygen.add_argument(
        "--count", type=_number(1, _MOST_KEYS), default=1, metavar="N", help="how many (1)"
    )
    keygen.add_argument(
        "--bytes",
        type=_number(_LEAST_BYTES, _MOST_BYTES),
        default=_LEAST_BYTES,
        metavar="N",
        help=f"random octets of each, {_LEAST_BYTES} or more ({_LEAST_BYTES})",
    )
    inspect = commands.add_parser(
        "inspect",
        help="say what is in a cookie, and why it does not verify",
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
        parser.add_argument(flag, type=float, metavar="SECONDS", help=text)


def _number(least: int, most: int) -> Any:
    def number(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = -1
        if not least <= value <= most:
            message = f"must be a number from {least} to {most}"
            raise ArgumentTypeError(message)
        return value

    return number


def _unexpected(argument: str) -> str:
    # Never repeated as it is: it may be a key or a cookie that was put in the wrong place.
    option = re.match(r"--[a-z-]{2,20}(?=$|=)", argument)
    if option:
        return f"unknown option {option[0]}"
    return "unexpected argument; cookies are read from standard input, keys from elsewhere"
