from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from typing_extensions import assert_type

from cookiesession_core import (
    MAX_COOKIE_SIZE,
    SESSION_KEY,
    Codec,
    ConfigurationError,
    CookieLifetimeWarning,
    CookieOptions,
    CookieSession,
    CookieSessionError,
    CookieSessionOptions,
    CookieTooLargeError,
    JSONCodec,
    Keygrip,
    Outcome,
    Session,
    SessionCommittedError,
    SessionEncodeError,
    Signer,
    Stamp,
    WeakKeyWarning,
    Written,
    commit_headers,
    commit_nowhere,
    commit_raw_headers,
    find_cookie,
    find_session,
    format_set_cookie,
    session_key,
    unstamped,
)


class UpperCase:
    """A signer and a codec without a base class."""

    def sign(self, data: str | bytes, /) -> str:
        return str(data)

    def index(self, _data: str | bytes, _digest: str, /) -> int:
        return 0

    def encode(self, contents: Mapping[str, Any], /) -> str:
        return str(contents)

    def decode(self, text: str, /) -> dict[str, Any]:
        return {text: 1}


def what_configures_sessions(grip: Keygrip, own: UpperCase) -> None:
    CookieSession(secret="a key")
    CookieSession(secret=b"a key")
    CookieSession(keys=["newest", b"older"])
    CookieSession(keys=("newest", "older"))
    CookieSession(keys=grip, codec=JSONCodec())
    CookieSession(keys=own, codec=own)
    CookieSession(max_age=3600, idle_timeout=0.5, absolute_timeout=timedelta(days=1))
    CookieSession(expires=datetime.now(timezone.utc), path=None, domain=None, secure=None)
    CookieSession(same_site="lax", priority="high", max_cookie_size=None, partitioned=True)
    CookieSession(same_site=True, validate=lambda contents: "user" in contents, clock=lambda: 0)

    CookieSession(["newest"])  # type: ignore[call-arg]
    CookieSession(maxAge=3600)  # type: ignore[call-arg]
    CookieSession(keys=[7])  # type: ignore[list-item]
    CookieSession(max_age="1h")  # type: ignore[arg-type]
    CookieSession(same_site="Relaxed")  # type: ignore[arg-type]
    CookieSession(priority="highest")  # type: ignore[arg-type]
    CookieSession(codec=grip)  # type: ignore[arg-type]
    CookieSession(keys=JSONCodec())  # type: ignore[arg-type]
    CookieSession(validate=lambda: True)  # type: ignore[misc, arg-type]


def what_a_configuration_gives(
    sessions: CookieSession, headers: Iterable[tuple[bytes, bytes]]
) -> None:
    assert_type(sessions.name, str)
    assert_type(sessions.open(), Session)
    assert_type(sessions.open(None, https=True), Session)
    sessions.open("session=")
    sessions.open(b"session=")
    sessions.open(["session=", b"session.sig="])
    sessions.open(headers)
    assert_type(sessions.encode({"user": 7}), dict[str, str])
    assert_type(sessions.decode("session="), dict[str, Any] | None)
    sessions.decode(sessions.encode({}))
    sessions.decode(["session=", "session.sig="])

    sessions.open("session=", https="yes")  # type: ignore[arg-type]
    sessions.open(7)  # type: ignore[arg-type]
    sessions.encode([7])  # type: ignore[arg-type]
    sessions.name = "other"  # type: ignore[misc]


def a_session_is_a_dict_with_text_for_keys(session: Session) -> None:
    mapping: MutableMapping[str, Any] = session
    session["cart"] = [1, {"nested": None}]
    session.update(mapping, user=7)
    session |= {"user": 7}
    del session["user"]
    assert_type(session["user"], Any)
    assert_type(session.get("user"), Any)
    assert_type(session.copy(), dict[str, Any])
    assert_type(session | {"user": 7}, dict[str, Any])
    assert_type({"user": 7} | session, dict[str, Any])
    assert_type(session.popitem(), tuple[str, Any])
    assert_type(list(session), list[str])
    assert_type(list(reversed(session)), list[str])
    assert_type("user" in session, bool)

    session[7] = "user"  # type: ignore[index]
    session.user = 7  # type: ignore[attr-defined]


def what_a_session_tells(session: Session) -> None:
    assert_type(session.name, str)
    assert_type(session.accessed, bool)
    assert_type(session.is_new, bool)
    assert_type(session.is_changed, bool)
    assert_type(session.is_populated, bool)
    assert_type(session.outcome, Outcome)
    assert_type(session.key_index, int | None)
    assert_type(session.written, Written | None)
    assert_type(session.commit(), list[str])
    assert_type(session.commit(("theme=dark",)), list[str])
    assert_type(session.options, CookieOptions)
    session.replace({"user": 7})
    session.destroy()

    session.is_new = True  # type: ignore[misc]
    session.replace(None)  # type: ignore[arg-type]
    session.commit([b"theme=dark"])  # type: ignore[list-item]


def options_are_typed_when_set(options: CookieOptions) -> None:
    options.max_age = 3600
    options.max_age = timedelta(hours=1)
    options.same_site = "none"
    options.overwrite = False

    options.max_age = "1h"  # type: ignore[assignment]
    options.same_site = "Relaxed"  # type: ignore[assignment]
    options.maxAge = 3600  # type: ignore[attr-defined]
    CookieOptions(max_age="1h")  # type: ignore[arg-type]


def keywords_can_be_kept_in_a_dict() -> None:
    options: CookieSessionOptions = {"keys": ["newest"], "max_age": timedelta(days=1)}
    assert_type(CookieSession(**options), CookieSession)

    options["secure"] = "yes"  # type: ignore[typeddict-item]
    options["maxAge"] = 3600  # type: ignore[typeddict-unknown-key]


def signers_and_codecs_are_protocols(own: UpperCase, grip: Keygrip) -> None:
    signers: Sequence[Signer] = [grip, own]
    codecs: Sequence[Codec] = [JSONCodec(), own]
    assert_type(signers[0].sign(b"data"), str)
    assert_type(codecs[0].decode("text"), dict[str, Any])
    assert_type(Keygrip(["newest", b"older"], "sha256", encoding="hex").sign("data"), str)
    assert_type(grip.verify("data", "digest"), bool)
    assert_type(grip.index(b"data", "digest"), int)

    Keygrip("newest", 7)  # type: ignore[arg-type]
    grip.verify("data", b"digest")  # type: ignore[arg-type]


def what_adapters_use(session: Session, environ: dict[str, Any]) -> None:
    assert_type(find_session(environ, None, remedy="wrap it"), Session)
    assert_type(session_key("session"), str)
    innermost: str = SESSION_KEY
    limit: int = MAX_COOKIE_SIZE
    assert_type(commit_headers(session, [("Vary", "Cookie")]), list[tuple[str, str]])
    assert_type(commit_raw_headers(session, [(b"vary", b"Cookie")]), Iterable[tuple[bytes, bytes]])
    assert_type(unstamped({"user": 7}), tuple[dict[str, Any], Stamp])
    commit_nowhere(session, f"no headers, hence no {innermost} of {limit} octets")

    commit_headers(session, [(b"vary", b"Cookie")])  # type: ignore[list-item]
    commit_raw_headers(session, [("Vary", "Cookie")])  # type: ignore[list-item]


def cookies_by_hand() -> None:
    assert_type(find_cookie("a=1", "a"), str | None)
    assert_type(find_cookie(b"a=1", "a"), str | None)
    assert_type(format_set_cookie("a", "1", CookieOptions(), https=False, now=0), str)
    assert_type(format_set_cookie("a", None, CookieOptions(), https=True, now=0.5), str)


def what_is_raised(
    failure: CookieTooLargeError | SessionEncodeError | SessionCommittedError,
) -> None:
    errors: list[CookieSessionError] = [failure, ConfigurationError("wrong")]
    warnings: list[UserWarning] = [WeakKeyWarning("short"), CookieLifetimeWarning("long")]
    value_error: ValueError = ConfigurationError("wrong")
    if isinstance(failure, CookieTooLargeError):
        assert_type(failure.size, int)
        assert_type(failure.limit, int)
    elif isinstance(failure, SessionEncodeError):
        assert_type(failure.path, str)
    raise (value_error if warnings else errors[0])
