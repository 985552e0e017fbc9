"""Cookies that other libraries write, recognised by their looks."""

from __future__ import annotations

import re
from binascii import a2b_base64
from collections.abc import Mapping
from itertools import count, takewhile
from urllib.parse import unquote

import attrs

from .dates import date
from .formats import IRON_SESSION, REACT_ROUTER, SEAL

_SEAL_PARTS, _SEAL_ID, _SEAL_END = 8, 1, 5
_JWE_PARTS = 5

_WHOLE_SEAL = re.compile(
    r"Fe26\.2\*\w+\*[0-9a-f]{64}\*[\w-]{22}\*[\w-]+\*[0-9]*\*[0-9a-f]{64}\*[\w-]{43}(~.*)?",
    re.ASCII,
)
_ITSDANGEROUS = re.compile(r"\.?[\w=+/-]+\.[\w-]{4,8}\.[\w-]{27,128}", re.ASCII)
_JOSE = re.compile(r"[\w-]+(?:\.[\w-]*){2,4}", re.ASCII)
_DJANGO = re.compile(r"\.?[\w-]+:\w{4,8}:[\w-]{27,128}", re.ASCII)
_RAILS = re.compile(r"[\w+/=]+--(?:[0-9a-f]{40,128}|[\w+/=]{16,32}--[\w+/=]{16,32})", re.ASCII)
_SIGNED_VALUE = re.compile(r"([^.]+)\.[\w+/-]{43}=?", re.ASCII)
_FERNET = re.compile(r"gAAAA[\w-]{95,}={0,2}", re.ASCII)
_ALGORITHM = re.compile(rb'"alg"\s*:\s*"([\w-]{1,20})"')
_EXPIRY = re.compile(rb'"exp"\s*:\s*([0-9]{1,15})')
_TO_STANDARD = str.maketrans("-_", "+/")


@attrs.frozen
class Foreign:
    """A cookie of another library."""

    what: str
    """What it is, with an article."""
    advice: str
    """What is to know about it, and what to try."""
    format: str | None = None
    """The name of the format by which this command reads it."""


def foreign(value: str, now: float) -> Foreign | None:
    """Return what a value is, if it looks like that of another library. No value raises.

    Args:
        value: the value of a cookie.
        now: the time in seconds since the epoch.
    """
    text = unquote(unquote(value, "latin-1"), "latin-1")
    if text.startswith(SEAL):
        return _seal(text, now)
    if text.startswith("s:"):
        return Foreign(
            "a value that Express has signed",
            "cookie-parser and express-session write it so. With express-session it is only an "
            "id: the contents are in the store of the server",
        )
    if text.startswith("eyJpdiI6") and b'"mac":' in _decoded(text):  # '{"iv":'
        return Foreign(
            "a cookie of Laravel", "it is encrypted, and only an application with its key reads it"
        )
    if _JOSE.fullmatch(text) and (found := _token(text, now)):
        return found
    if _ITSDANGEROUS.fullmatch(text):
        return _of_itsdangerous(text)
    return next((each for pattern, each in _OTHERS if pattern.fullmatch(text)), _signed(text))


def with_chunks_joined(cookies: Mapping[str, str]) -> dict[str, str]:
    """Return cookies by their names. The chunks of a large one, such as ``a.0``, become ``a``."""
    joined = dict(cookies)
    for name in (each[:-2] for each in cookies if each.endswith(".0")):
        if name not in cookies:
            chunks = takewhile(cookies.__contains__, (f"{name}.{number}" for number in count()))
            joined[name] = "".join([joined.pop(chunk) for chunk in chunks])
    return joined


def format_of(value: str) -> str | None:
    """Return the name of the format by which this command reads a value of another library."""
    found = foreign(value, 0)
    return None if found is None else found.format


_OTHERS = (
    (
        _DJANGO,
        Foreign(
            "a session of Django in a signed cookie",
            "DjangoReader in legacy=[...] moves such sessions; this command does not read them",
        ),
    ),
    (_RAILS, Foreign("a cookie of Rails", "only an application with its secret_key_base reads it")),
    (
        _FERNET,
        Foreign(
            "a Fernet token",
            "it is encrypted, as by FernetCodec; this command does not have the encryption key",
        ),
    ),
)


def _seal(text: str, now: float) -> Foreign:
    what, parts = "a seal of iron-session", text.split("*")
    if len(parts) != _SEAL_PARTS:
        advice = (
            f"it has {len(parts)} parts and not {_SEAL_PARTS}: it was cut, or it is one of several "
            "chunks"
        )
        return Foreign(what, advice)
    if not parts[_SEAL_ID]:
        return Foreign(
            "a seal of h3", "Nuxt writes it so. It is encrypted, and this command does not read it"
        )
    if not _WHOLE_SEAL.fullmatch(text):
        return Foreign(what, "iron-session writes no such parts: it was cut, or changed on the way")
    end = parts[_SEAL_END]
    ended = ""
    if re.fullmatch("[0-9]{1,15}", end) and int(end) < now * 1000:
        ended = f". Its end was {date(int(end) / 1000, now)}"
    return Foreign(
        what,
        "it is encrypted. Give the password of iron-session, of 32 characters or more, in the "
        f'place of the keys; this needs: pip install "cookiesession[iron-session]"{ended}',
        IRON_SESSION,
    )


def _token(text: str, now: float) -> Foreign | None:
    parts = text.split(".")
    header = _decoded(parts[0])
    algorithm = _ALGORITHM.search(header)
    if algorithm is None:
        return None
    name = algorithm[1].decode()
    if len(parts) == _JWE_PARTS or b'"enc"' in header:  # or the first of several chunks
        return Foreign(
            f"a JWE ({name})",
            "Auth.js and NextAuth write such tokens. It is encrypted with their secret, and this "
            "command does not read it",
        )
    expiry = _EXPIRY.search(_decoded(parts[1]))
    ended = ""
    if expiry and int(expiry[1]) < now:
        ended = f". It has expired: {date(int(expiry[1]), now)}"
    return Foreign(
        f"a JWT ({name})",
        f"it has its signature in itself, and this command does not verify it{ended}",
    )


def _of_itsdangerous(text: str) -> Foreign:
    contents = text.removeprefix(".").partition(".")[0]
    who = "Flask"
    if any(character in contents for character in "=+/"):
        who = "Starlette"
    elif not text.startswith(".") and len(contents) % 4 == 0:
        who = "Flask or Starlette"
    readers = " or ".join(f"{each}Reader" for each in who.split(" or "))
    return Foreign(
        f"a session of {who}",
        f"{readers} in legacy=[...] moves such sessions; this command does not read them",
    )


def _signed(text: str) -> Foreign | None:
    match = _SIGNED_VALUE.fullmatch(text)
    if match is None:
        return None
    if _decoded(match[1]).startswith(b"{"):
        return Foreign(
            "a session of React Router or Remix",
            "give its secrets in the place of the keys",
            REACT_ROUTER,
        )
    return Foreign(
        "a signed value",
        "Fastify, Hono and Better Auth write it so. Often it is only an id: the contents are in a "
        "store of the server",
    )


def _decoded(text: str) -> bytes:
    """Return the bytes of base64 in any alphabet."""
    try:
        return a2b_base64(f"{text.translate(_TO_STANDARD).rstrip('=')}==")
    except ValueError:  # not base64
        return b""
