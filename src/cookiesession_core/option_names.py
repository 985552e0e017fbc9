"""Names of options and attributes that are not ours, and what was meant.

Most wrong names are those of another library: Express and Koa, Flask, Django, Starlette, Pyramid,
aiohttp-session, iron-session and itsdangerous are in the tables. Only a very similar name is taken
for a slip of the keyboard, because a wrong hint misleads.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING, NoReturn

_MEANT = {
    **dict.fromkeys(("secretkey", "signingkey"), "secret"),
    **dict.fromkeys(("key", "secretkeyfallbacks", "fallbacks", "keygrip", "signer"), "keys"),
    **dict.fromkeys(("algorithm", "hashalg", "digestmethod"), "keys=Keygrip(keys, algorithm)"),
    "encoding": "keys=Keygrip(keys, algorithm, encoding)",
    **dict.fromkeys(("serializer", "encode", "decode", "encoder", "decoder"), "codec"),
    "sessioncookie": "name",
    **dict.fromkeys(("httpsonly", "secureonly"), "secure"),
    **dict.fromkeys(("secureproxy", "proxy", "trustproxy"), "assume_https"),
    **dict.fromkeys(("age", "expiry", "lifetime", "permanent"), "max_age"),
    "permanentsessionlifetime": "max_age",
    **dict.fromkeys(("timeout", "rolling", "renew", "reissuetime"), "idle_timeout"),
    **dict.fromkeys(("refresheachrequest", "saveeveryrequest"), "idle_timeout"),
    "valid": "validate",
}
"""Options elsewhere, in lower case and without ``_``."""

_EXPLAINED = {
    "salt": "the cookie's name takes its place: a signature is valid for one name only",
    "password": "a password of iron-session goes into format=IronSession(password)",
    "ttl": "it is max_age, or IronSession(password, ttl=...) for iron-session, both in seconds",
    **dict.fromkeys(
        ("store", "backend", "engine", "genid"),
        "the session is in the cookie and needs no store",
    ),
    **dict.fromkeys(("resave", "autocommit"), "a session is sent only if it has changed"),
    "expireatbrowserclose": "without max_age, the cookie is kept until the browser closes",
    "prefix": "name=... is the whole name of the cookie",
    "saveuninitialized": "a new session is sent only if it holds something",
    "cookie": "the attributes of the cookie are options, such as max_age and same_site",
    "cookieoptions": "the attributes of the cookie are options, such as max_age and same_site",
}
"""Options elsewhere that have no counterpart here."""

_PREFIXES = ("sessioncookie", "cookie", "session")
_IN_SECONDS = frozenset({"max_age", "idle_timeout", "absolute_timeout"})
_SIMILAR = 0.75
"""How similar a name must be to be taken for a misspelt option, from 0 to 1."""


def unknown_options(names: Iterable[str], owner: str, known: Iterable[str]) -> str:
    """Return what an error says of the names that are not options of ``owner``, a line for each.

    The text is empty if all are known.
    """
    known = [*known]
    return "\n".join(unknown_option(name, owner, known) for name in names if name not in known)


def unknown_option(name: str, owner: str, known: Iterable[str]) -> str:
    """Return what an error says of ``name``, which is not an option of ``owner``.

    Args:
        name: the wrong name.
        owner: what it was given to.
        known: the options of ``owner``.
    """
    meant = _meant(_simple(name), {_simple(each): each for each in known})
    hint = f"; did you mean {meant}?" if meant else ""
    explained = [_EXPLAINED[each] for each in _candidates(_simple(name)) if each in _EXPLAINED]
    if meant in _IN_SECONDS:
        hint = f"; did you mean {meant} (in seconds)?"
    elif not meant and explained:
        hint = f": {explained[0]}"
    return f"{name} is not an option of {owner}{hint}"


class _NotHere:
    """Raises the error of an attribute that is missing, with a hint."""

    __slots__ = ("_message",)

    def __init__(self, name: str, hint: str) -> None:
        self._message = f"{name} is not an attribute of a session{hint}"

    def __get__(self, session: object, owner: object = None) -> NoReturn:
        raise AttributeError(self._message)

    def __set__(self, session: object, value: object) -> NoReturn:
        del value
        raise AttributeError(self._message)


class WithoutNodeNames:
    """A session that says which of its attributes stands for one of a session in Node.

    These are no aliases: getting or setting one raises, and ``hasattr`` says that it is missing.
    ``__getattr__`` would not do, because it hides an ``AttributeError`` that a property raises.
    """

    __slots__ = ()

    if not TYPE_CHECKING:  # type checkers refuse these names by themselves
        isNew = _NotHere("isNew", "; did you mean is_new?")  # noqa: N815
        isChanged = _NotHere("isChanged", "; did you mean is_changed?")  # noqa: N815
        isPopulated = _NotHere("isPopulated", "; did you mean is_populated?")  # noqa: N815
        sessionOptions = _NotHere("sessionOptions", "; did you mean options?")  # noqa: N815
        toJSON = _NotHere("toJSON", "; did you mean dict(session)?")  # noqa: N815
        regenerate = _NotHere("regenerate", "; did you mean replace(contents)?")
        touch = _NotHere("touch", "; did you mean resend()?")
        save = _NotHere("save", ": a session is saved by itself, with the response")


def _simple(name: str) -> str:
    return name.lower().replace("_", "")


def _candidates(name: str) -> list[str]:
    return [name, *(name.removeprefix(prefix) for prefix in _PREFIXES)]


def _meant(name: str, known: dict[str, str]) -> str | None:
    for candidate in _candidates(name):
        if candidate in known:
            return known[candidate]
        meant = _MEANT.get(candidate)
        if meant is not None and meant.partition("=")[0] in known.values():
            return meant
    alike = get_close_matches(name, known, cutoff=_SIMILAR)
    return known[alike[0]] if alike and name not in _EXPLAINED else None
