"""A list of keys: read it from one text, and find out what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from .errors import ConfigurationError, WeakKeyWarning, got_secret, warn
from .hidden import Hidden

PUBLISHED_KEYS = frozenset(
    {
        *(b"key1", b"key2", b"secret", b"secret1", b"secret2", b"keyboard cat"),
        *(b"SEKRIT1", b"SEKRIT2", b"SEKRIT3", b"your-secret-key", b"change me", b"changeme"),
    }
)
"""Keys from README files; attackers' tools try them."""
_NOT_READ = re.compile(
    # A placeholder of a shell or of CloudFormation, an address, a path, JSON, text in quotes.
    rb"""\$[({].*|\$[A-Z_]+|\{\{.*|(arn|op|vault|file):.*|projects/.*|@Microsoft\..*|(/[a-z0-9._-]+){2,}"""
    rb"""|[\[{]\s*["'].*|".*"|'.*'""",
    re.DOTALL,
)
"""Settings that say where a key is, or hold it in something else."""

_NO_KEYS = (
    "there are no keys: set the environment variable that the application reads, such as "
    "COOKIESESSION_KEYS, to a key from `cookiesession keygen`. Keep the key: with another one, "
    "all visitors are logged out"
)
_LIKELY_KEY = 32
"""Characters of a text that is probably a key of its own."""
_LINE_BREAK, _COMMA = re.compile(r"\r\n|\r|\n"), re.compile(",")


def parse_keys(text: str | None) -> list[str]:
    """Return the keys that a text lists, newest first.

    The text is the value of an environment variable, or the contents of a file::

        sessions = CookieSession(keys=parse_keys(os.environ.get("COOKIESESSION_KEYS")))

    White space at both ends of the text is dropped. If there is still a line break, each line is a
    key, and a comma is a part of its key. Otherwise commas separate the keys. White space at both
    ends of each key is dropped.

    Raises:
        ConfigurationError: for ``None``, which is a variable that is not set; for an empty key,
            which it names by its number; or for another type.

    Warns:
        WeakKeyWarning: for a line that looks like a list of keys, beside other lines.
    """
    given = Hidden(text)
    del text
    if given.value is None:
        raise ConfigurationError(_NO_KEYS)
    if not isinstance(given.value, str):
        message = f"keys must be listed in one str, got {got_secret(type(given.value))}"
        raise ConfigurationError(message)
    given.value = given.value.strip()
    if not given.value:
        raise ConfigurationError(_NO_KEYS)
    separator = _LINE_BREAK if _LINE_BREAK.search(given.value) else _COMMA
    keys = Hidden([key.strip() for key in separator.split(given.value)])
    if separator is _LINE_BREAK:
        _warn_of_lists(keys)
    if "" in keys.value:
        index, count = keys.value.index(""), len(keys.value)
        message = (
            f"keys[{index}] is empty (key {index + 1} of {count}): "
            "is there a comma or an empty line too many?"
        )
        raise ConfigurationError(message)
    return keys.value


def _warn_of_lists(lines: Hidden[list[str]]) -> None:
    for index, parts in enumerate(map(_COMMA.split, lines.value)):
        if len(parts) > 1 and min(map(len, parts)) >= _LIKELY_KEY:
            del parts
            message = (
                f"keys[{index}] has a comma in it: if it is a list of keys, give each of them a "
                "line of its own, because a comma separates keys only if there is one line"
            )
            warn(message, WeakKeyWarning)
            return


def check_keys(given: Hidden[Any]) -> None:
    """Refuse what is not a list of keys.

    Raises:
        ConfigurationError: says what is wrong, and shows no key.
    """
    own: type = type(given.value)
    if issubclass(own, (str, bytes)) or not issubclass(own, Sequence):
        message = (
            f"keys must be a list of keys, newest first, got {own.__name__}"
            " (a single key goes into a list, or to CookieSession as secret=...)"
        )
        raise ConfigurationError(message)
    for index, kind in enumerate(map(type, given.value)):
        if not issubclass(kind, (str, bytes)):
            message = f"keys[{index}] must be str or bytes, got {got_secret(kind)}"
            raise ConfigurationError(message)
    if not given.value:
        message = "keys must hold at least one key, got an empty list"
        raise ConfigurationError(message)
    if not all(given.value):
        index = [bool(key) for key in given.value].index(False)
        message = f"keys[{index}] is empty: anyone could sign with it"
        raise ConfigurationError(message)


def warn_if_weak(key: Hidden[bytes], digest_size: int, algorithm: str) -> None:
    """Warn of a key that attackers may guess, or that is only the place of a key.

    Warns:
        WeakKeyWarning: says why, and does not show the key.
    """
    if key.value in PUBLISHED_KEYS:
        reason = "is printed in public documentation, so attackers try it first"
    elif len(key.value) < digest_size:
        reason = f"has {len(key.value)} bytes, {digest_size} are the minimum for {algorithm}"
    elif _NOT_READ.fullmatch(key.value):
        message = (
            "a signing key looks like a variable, an address, a path, JSON or text in quotes, and "
            "is used as it stands: give the value of the key alone"
        )
        warn(message, WeakKeyWarning)
        return
    else:
        return
    warn(f"a signing key {reason}; make one with: cookiesession keygen", WeakKeyWarning)
