"""The session's cookies, in the forms that Django has for cookies."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Iterator
from http.cookies import Morsel
from typing import Any

from django.utils.cache import patch_vary_headers

from cookiesession_core import CookieSession, Hidden, Session, find_cookie

from .configuration import configured


def cookie_lines(sessions: CookieSession, header: Hidden[str]) -> Iterator[str]:
    """Yield a request's ``Cookie`` header, when the session is touched.

    Before it, as a pair, a session that Django's test client has put into one cookie.
    """
    names = sessions.cookie_names
    one = Hidden((find_cookie(header.value, names[0]) or "").rsplit(".", len(names) - 1))
    pair = Hidden(dict(zip(names, one.value, strict=False)))
    if 1 < len(names) == len(pair.value) and sessions.decode(pair.value) is not None:
        yield "; ".join(f"{name}={value}" for name, value in pair.value.items())
    yield header.value


def commit_cookies(core: Session, response: Any) -> None:
    """Put the session's cookies into ``response.cookies``; all others keep text and place."""
    if not core.accessed:
        core.commit()  # sends nothing; later writes are noticed
        return
    kept = Hidden({cookie.OutputString(): cookie for cookie in response.cookies.values()})
    lines = Hidden(core.commit(kept.value))
    patch_vary_headers(response, ("Cookie",))
    cookies = [kept.value.get(line) or SetCookie(line) for line in lines.value]
    last = {cookie.key: cookie for cookie in cookies}
    ours = [last[name] for name in configured().cookie_names if name in last]
    if all(isinstance(cookie, SetCookie) and cookie.value for cookie in ours):
        for cookie in ours[:1]:
            cookie.stands_for(".".join(cookie.value for cookie in ours))
    response.cookies.clear()
    for cookie in cookies:
        is_last = cookie is last[cookie.key]
        response.cookies[cookie.key if is_last else cookie.OutputString()] = cookie


class SetCookie(Morsel[str]):
    """A cookie that is sent as the line that it was made from, until somebody changes it.

    The ``value`` of the session's own cookie is the ``session_key``, as everywhere in Django.
    """

    def __init__(self, line: str) -> None:
        super().__init__()
        pair, *attributes = line.split("; ")
        name, _, value = pair.partition("=")
        for attribute in attributes:
            key, _, text = attribute.partition("=")
            if self.isReservedKey(key):
                self[key] = text or True
        # The line, and what a change changes.
        made = line, value, {**self}
        vars(self).update(_key=name, _value=value, _coded_value=value, _made=made)

    def stands_for(self, session_key: str) -> None:
        """Show this text as the value, and send the line as before."""
        vars(self).update(_value=session_key)

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)

    def OutputString(self, attrs: Any = None) -> str:  # noqa: N802 - a name of Morsel
        """Return the ``Set-Cookie`` value."""
        line, *made = vars(self)["_made"]
        return line if made == [self.coded_value, {**self}] else super().OutputString(attrs)

    def output(self, attrs: Any = None, header: str = "Set-Cookie:") -> str:
        """Return the ``Set-Cookie`` value behind the name of the field."""
        return f"{header} {self.OutputString(attrs)}".lstrip()
