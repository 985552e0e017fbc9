from __future__ import annotations

from typing import Any

from typing_extensions import assert_type

from cookiesession_adapters.formats.authjs import AuthJSReader, read_session
from cookiesession_core import CookieOptions, CookieSession, LegacyReader, request_cookies


def a_login_of_authjs_is_a_dict(header: str | None) -> None:
    claims = read_session(header, ["newest", b"older"])
    assert_type(claims, dict[str, Any] | None)
    read_session(b"a=b", ["secret"], name="mine", version=4, clock=lambda: 0)
    read_session({"a": "b"}, ("secret",))
    read_session([(b"cookie", b"a=b")], ["secret"])
    read_session(request_cookies(header), ["secret"])

    read_session(5, ["secret"])  # type: ignore[arg-type]
    read_session(header, [5])  # type: ignore[list-item]
    read_session(header, ["secret"], version=3)  # type: ignore[arg-type]


def a_reader_of_authjs_is_a_legacy_reader() -> None:
    reader = AuthJSReader(["secret"], name="mine", options=CookieOptions(domain="example.com"))
    assert_type(reader.names, tuple[str, ...])
    assert_type(reader.read(request_cookies({})), dict[str, Any] | None)
    legacy: list[LegacyReader] = [reader]
    CookieSession(secret="a key", legacy=legacy)

    AuthJSReader(["secret"], name=7)  # type: ignore[arg-type]
