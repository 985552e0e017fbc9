"""Kinds of sessions that must behave alike: in signed pairs, and in other formats."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from cookiesession_adapters.formats.iron_session import IronSession
from cookiesession_core import CookieSession
from tests.support.cookies import set_cookies
from tests.support.keys import KEYS, OLDER, OTHER
from tests.support.toy_format import ToyFormat


@attrs.frozen
class Kind:
    """How a test makes sessions, and the cookies of a client, without knowing their format."""

    name: str

    def sessions(self, keys: Sequence[str] = KEYS, **options: Any) -> CookieSession:
        """Return a configuration of this kind."""
        if self.name == "toy":
            return CookieSession(format=ToyFormat(keys), **options)
        if self.name == "iron-session":
            passwords = dict(enumerate(reversed(keys), 1))
            ttl = 0 if options.get("idle_timeout") is None else None
            # The attributes of the other kinds.
            plain = {"secure": None, "same_site": None, "max_age": None}
            return CookieSession(format=IronSession(passwords, ttl=ttl), **plain | options)
        return CookieSession(keys=keys, **options)

    def header(self, contents: Mapping[str, Any], keys: Sequence[str] = KEYS) -> str:
        """Return the Cookie header of a client with these contents."""
        return self.sessions(keys).cookie_header(contents)

    def old_header(self, contents: Mapping[str, Any]) -> str:
        """Return the Cookie header of a client whose session an older key has signed."""
        return self.header(contents, [OLDER])

    def forged_header(self, contents: Mapping[str, Any]) -> str:
        """Return the Cookie header of a client whose session none of our keys has signed."""
        return self.header(contents, [OTHER])

    def saves(
        self,
        values: Iterable[str],
        contents: Mapping[str, Any],
        attributes: str = "; path=/; httponly",
    ) -> bool:
        """Whether Set-Cookie values save exactly these contents, with these attributes.

        The signed pair is compared by its text; a seal may be random, so it is opened.
        """
        values = list(values)
        if self.name == "signed pair":
            return values == set_cookies(contents, attributes)
        sessions = self.sessions()
        loaded = sessions.decode(values)
        assert [*sessions.cookie_names] == [value.partition("=")[0] for value in values]
        assert [attributes] == [value[value.index(";") :] for value in values]
        return json.dumps(loaded) == json.dumps(contents)  # by type and order of keys, too

    def expires(self, values: Iterable[str], attributes: str = "; path=/; httponly") -> bool:
        """Whether Set-Cookie values expire all cookies of the session, with these attributes."""
        path, _, rest = attributes.removeprefix("; ").partition("; ")
        gone = f"; {path}; expires=Thu, 01 Jan 1970 00:00:00 GMT; {rest}"
        pairs = [value.partition("=") for value in values]
        return (
            [name for name, _, _ in pairs] == [*self.sessions().cookie_names]
            and all(value.endswith(gone) for _, _, value in pairs)
            and pairs[0][2] == gone
        )


KINDS = [Kind("signed pair"), Kind("toy"), Kind("iron-session")]
