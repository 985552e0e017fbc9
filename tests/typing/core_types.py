from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from typing_extensions import TypedDict, assert_type

import cookiesession
from cookiesession_core import (
    MAX_COOKIE_SIZE,
    SESSION_KEY,
    BoundFormat,
    Codec,
    ConfigurationError,
    ConfigurationWarning,
    Contents,
    CookieFormat,
    CookieLifetimeWarning,
    CookieNameWarning,
    CookieOptions,
    CookieSession,
    CookieSessionError,
    CookieSessionOptions,
    CookieTooLargeError,
    Hidden,
    HoldsKeys,
    JSONCodec,
    JSONFormat,
    Keygrip,
    Outcome,
    Payload,
    Reading,
    RequestCookies,
    Session,
    SessionCommittedError,
    SessionEncodeError,
    SessionView,
    SignedPair,
    Signer,
    TimedFormat,
    Timestamps,
    Typed,
    WeakKeyWarning,
    Written,
    began_at,
    commit_end,
    commit_headers,
    commit_raw_headers,
    end_emptied,
    end_request,
    find_cookie,
    find_session,
    format_set_cookie,
    log_late_writes,
    parse_keys,
    report_late_setting,
    report_replaced,
    report_uncommitted,
    report_unsent,
    request_cookies,
    session_key,
    shared_session,
    split_timestamps,
)


def the_short_name_has_the_same_names(session: cookiesession.Session) -> None:
    assert_type(session, Session)
    assert_type(cookiesession.CookieSession(secret="a key"), CookieSession)
    assert_type(cookiesession.__version__, str)

    cookiesession.Sessions()  # type: ignore[attr-defined]


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


class BoundJSON(JSONFormat):
    """A format by the base of formats of JSON."""

    def read(self, cookies: RequestCookies, clock: Callable[[], float], /) -> Reading:
        return self.loaded(cookies["json"].encode(), int(clock()))

    def seal(self, payload: Payload, timestamps: Timestamps | None, /) -> tuple[str, ...]:
        return (self.with_timestamps(payload, timestamps).decode(),)


class BoundText:
    """A format that is bound to a name, without a base class."""

    names: tuple[str, ...]
    is_signed: bool = True
    keeps_end: bool = False
    leftovers: tuple[str, ...] = ("old",)

    def __init__(self, name: str) -> None:
        self.names = (name,)

    def read(self, cookies: RequestCookies, clock: Callable[[], float], /) -> Reading:
        text = cookies.first(self.names[0])
        if text is None or clock() < 0:
            return Reading(Outcome.ABSENT)
        return Reading(Outcome.LOADED, contents={"text": text}, payload=text)

    def payload(self, contents: Contents, /) -> Payload:
        return Payload(str(contents.contents["text"]), contents.contents)

    def unchanged(self, reading: Reading, payload: Payload, /) -> bool:
        return bool(reading.payload == payload.text)

    def seal(self, payload: Payload, timestamps: Timestamps | None, /) -> tuple[str, ...]:
        return (f"{payload.text!s}{timestamps}",)

    def expired(self) -> tuple[str, ...]:
        return ("",)


class Text:
    """A format without a base class."""

    @property
    def defaults(self) -> Mapping[str, Any]:
        return {"same_site": "lax"}

    def bound(self, name: str, /) -> BoundText:
        return BoundText(name)


class TimedText(Text):
    """A format that notes the end of each session."""

    ttl: float | None = 3600

    def with_idle_timeout(self, seconds: float, /) -> TimedText:
        self.ttl = seconds
        return self


class Login(TypedDict, total=False):
    """The contents of a session."""

    user: int
    cart: list[str]


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

    CookieSession(["newest"])  # type: ignore[arg-type]
    CookieSession(maxAge=3600)  # type: ignore[call-arg]
    CookieSession(keys=[7])  # type: ignore[list-item]
    CookieSession(max_age="1h")  # type: ignore[arg-type]
    CookieSession(same_site="Relaxed")  # type: ignore[arg-type]
    CookieSession(priority="highest")  # type: ignore[arg-type]
    CookieSession(codec=grip)  # type: ignore[arg-type]
    CookieSession(keys=JSONCodec())  # type: ignore[arg-type]
    CookieSession(validate=lambda: True)  # type: ignore[misc, arg-type]


def a_format_configures_sessions(own: Text) -> None:
    formats: Sequence[CookieFormat] = [SignedPair(["newest", b"older"]), SignedPair(None), own]
    CookieSession(format=own, name="sid", idle_timeout=60)
    CookieSession(format=SignedPair(["newest"], JSONCodec()))
    CookieSession(format=None, secret="a key")
    timed: TimedFormat = TimedText()
    assert_type(timed.ttl, float | None)
    CookieSession(format=timed.with_idle_timeout(60), legacy=[CookieSession(secret="a key")])
    assert_type(formats[0].defaults, Mapping[str, Any])
    bound: BoundFormat = own.bound("sid")
    bound = BoundJSON("json")
    assert_type(SignedPair(None).bound("sid"), BoundFormat)

    CookieSession(format=bound)  # type: ignore[arg-type]
    CookieSession(format=Text)  # type: ignore[arg-type]
    CookieSession(format="signed")  # type: ignore[arg-type]
    SignedPair("newest", 7)  # type: ignore[arg-type]
    SignedPair([7])  # type: ignore[list-item]
    own.bound(7)  # type: ignore[arg-type]


def a_format_reads_and_seals(own: Text, clock: Callable[[], float]) -> None:
    formats: Sequence[BoundFormat] = [own.bound("sid"), SignedPair(["newest"]).bound("sid")]
    bound = formats[0]
    reading = bound.read(request_cookies("sid=a; sid.sig=b"), clock)
    assert_type(reading, Reading)
    assert_type(reading.outcome, Outcome)
    assert_type(reading.reason, str)
    assert_type(reading.contents, dict[str, Any])
    assert_type(reading.key_index, int | None)
    assert_type(reading.is_stale, bool)
    assert_type(reading.timestamps, Timestamps | None)
    assert_type(bound.names, tuple[str, ...])
    payload = bound.payload(Contents(reading.contents))
    assert_type(payload, Payload)
    assert_type(payload.contents, dict[str, Any])
    assert_type(payload.text, str | bytes)
    assert_type(bound.unchanged(reading, payload), bool)
    assert_type(bound.seal(payload, None), tuple[str, ...])
    assert_type(bound.seal(payload, Timestamps(end=0.5)), tuple[str, ...])
    assert_type(bound.expired(), tuple[str, ...])

    bound.read("sid=a", clock)  # type: ignore[arg-type]
    bound.read(request_cookies("sid=a"), 0)  # type: ignore[arg-type]
    bound.payload({"user": 7})  # type: ignore[arg-type]
    bound.seal(payload)  # type: ignore[call-arg]
    Reading("loaded")  # type: ignore[arg-type]
    Timestamps("now")  # type: ignore[arg-type]


def cookies_of_a_request_in_every_form(headers: Iterable[tuple[bytes, bytes]]) -> None:
    assert_type(request_cookies("a=1"), RequestCookies)
    request_cookies(None)
    request_cookies(["a=1", b"b=2"])
    request_cookies({"a": "1"})
    cookies = request_cookies(headers)
    assert_type(cookies.first("a"), str | None)
    assert_type(cookies.candidates("a"), list[str])
    assert_type(cookies["a"], str)
    assert_type("a" in cookies, bool)
    for name in cookies:
        assert_type(name, str)
    assert_type(dict(cookies), dict[str, str])

    request_cookies(7)  # type: ignore[arg-type]
    cookies.first(b"a")  # type: ignore[arg-type]


def what_a_configuration_gives(
    sessions: CookieSession, headers: Iterable[tuple[bytes, bytes]]
) -> None:
    assert_type(sessions.name, str)
    assert_type(sessions.cookie_names, tuple[str, ...])
    assert_type(sessions.options, CookieOptions)
    assert_type(sessions.assume_https, bool)
    assert_type(sessions.open(), Session)
    assert_type(sessions.open(None, https=True), Session)
    sessions.open("session=")
    sessions.open(b"session=")
    sessions.open(["session=", b"session.sig="])
    sessions.open(headers)
    sessions.open({"session": "value", "session.sig": "signature"})
    assert_type(sessions.encode({"user": 7}), dict[str, str])
    assert_type(sessions.cookie_header({"user": 7}), str)
    assert_type(sessions.decode("session="), dict[str, Any] | None)
    sessions.decode(sessions.encode({}))
    assert_type(sessions.encode_one({"user": 7}), str)
    assert_type(sessions.open_one("text", https=True), Session)
    sessions.decode(["session=", "session.sig="])

    sessions.open("session=", https="yes")  # type: ignore[arg-type]
    sessions.open(7)  # type: ignore[arg-type]
    sessions.encode([7])  # type: ignore[arg-type]
    sessions.cookie_header("user")  # type: ignore[arg-type]
    sessions.cookie_names = ("other",)  # type: ignore[misc]
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


def a_session_can_be_typed(session: Session, view: SessionView) -> None:
    login = session.typed(Login)
    assert_type(login, Login)
    assert_type(login.get("user"), int | None)
    assert_type(view.typed(Login), Login)
    login["user"] = 7
    login.setdefault("cart", []).append("tea")

    login["user"] = "seven"  # type: ignore[typeddict-item]
    login["usr"] = 7  # type: ignore[typeddict-unknown-key]
    session.typed(login)  # type: ignore[arg-type]
    session.typed("Login")  # type: ignore[arg-type]


class FrameworkSession(SessionView):
    """The interface of a session that a framework expects."""

    modified = False

    @property
    def is_mine(self) -> bool:
        return self.core.key_index == 0


def a_view_has_the_interface_of_a_session(session: Session) -> None:
    view = FrameworkSession(session)
    mapping: MutableMapping[str, Any] = view
    view["user"] = mapping["user"]
    view |= {"user": 7}
    view.accessed = True
    view.modified = True
    view.replace({"user": 7})
    view.destroy(only_if_sent=True)
    view.resend()
    assert_type(view, FrameworkSession)
    assert_type(view.core, Session)
    assert_type(view.is_mine, bool)
    assert_type(view["user"], Any)
    assert_type(view.copy(), dict[str, Any])
    assert_type(view | {"user": 7}, dict[str, Any])
    assert_type(view.popitem(), tuple[str, Any])
    assert_type(view.outcome, Outcome)
    assert_type(view.written, Written | None)
    assert_type(view.options, CookieOptions)

    SessionView({"user": 7})  # type: ignore[arg-type]
    view[7] = "user"  # type: ignore[index]
    view.outcome = Outcome.LOADED  # type: ignore[misc]
    view.commit()  # type: ignore[attr-defined]


def what_a_session_tells(session: Session) -> None:
    assert_type(session.accessed, bool)
    assert_type(session.is_new, bool)
    assert_type(session.is_changed, bool)
    assert_type(session.is_populated, bool)
    assert_type(began_at(session), float | None)
    assert_type(session.outcome, Outcome)
    assert_type(session.key_index, int | None)
    assert_type(session.written, Written | None)
    assert_type(session.commit(), list[str])
    assert_type(session.commit(("theme=dark",)), list[str])
    assert_type(session.options, CookieOptions)
    session.replace({"user": 7})
    session.destroy()
    session.destroy(only_if_sent=True)
    session.resend()

    session.destroy(True)  # type: ignore[call-arg]
    session.name = "other"  # type: ignore[attr-defined]
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


def a_secret_is_hidden() -> None:
    assert_type(Hidden("a key").value, str)
    hidden: Hidden[Sequence[str]] = Hidden(["a key"])
    holder: HoldsKeys = copy.copy(Keygrip(hidden.value))
    assert_type(copy.copy(Keygrip(hidden.value)), Keygrip)
    copy.deepcopy(holder)
    hidden.value = ("a key", "older")

    hidden.value = 7  # type: ignore[assignment]


def signers_and_codecs_are_protocols(own: UpperCase, grip: Keygrip) -> None:
    signers: Sequence[Signer] = [grip, own]
    codecs: Sequence[Codec] = [JSONCodec(), own]
    assert_type(signers[0].sign(b"data"), str)
    assert_type(codecs[0].decode("text"), dict[str, Any])
    assert_type(parse_keys("newest,older"), list[str])
    assert_type(Keygrip(["newest", b"older"], "sha256", encoding="hex").sign("data"), str)
    assert_type(grip.verify("data", "digest"), bool)
    assert_type(grip.index(b"data", "digest"), int)

    Keygrip("newest", 7)  # type: ignore[arg-type]
    grip.verify("data", b"digest")  # type: ignore[arg-type]
    parse_keys(b"newest")  # type: ignore[arg-type]


def seen_as(session: Session, of: type[Typed]) -> Typed:
    return session.typed(of)


def what_adapters_use(session: Session, sessions: CookieSession, environ: dict[str, Any]) -> None:
    assert_type(shared_session(environ, sessions), Session | None)
    assert_type(find_session(environ, None, remedy="wrap it"), Session)
    assert_type(session_key("session"), str)
    innermost: str = SESSION_KEY
    limit: int = MAX_COOKIE_SIZE
    assert_type(commit_headers(session, [("Vary", "Cookie")]), list[tuple[str, str]])
    assert_type(commit_raw_headers(session, [(b"vary", b"Cookie")]), Iterable[tuple[bytes, bytes]])
    assert_type(split_timestamps({"user": 7}), tuple[dict[str, Any], Timestamps])
    report_uncommitted(session, f"no headers, hence no {innermost} of {limit} bytes")

    report_replaced(session, environ, "session")
    report_late_setting("SESSION_COOKIE_NAME")
    report_unsent(session, "the server is gone")
    log_late_writes(session)
    commit_end(session, "the rule of a framework")
    assert_type(seen_as(session, Login), Login)
    end_emptied(session)
    end_request(session, "no response")

    shared_session(environ, session)  # type: ignore[arg-type]
    end_request(session)  # type: ignore[call-arg]
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
    warnings: list[UserWarning] = [
        *(WeakKeyWarning("short"), CookieLifetimeWarning("long"), CookieNameWarning("odd")),
        ConfigurationWarning("no effect"),
    ]
    value_error: ValueError = ConfigurationError("wrong")
    if isinstance(failure, CookieTooLargeError):
        assert_type(failure.size, int)
        assert_type(failure.limit, int)
    elif isinstance(failure, SessionEncodeError):
        assert_type(failure.path, str)
    raise (value_error if warnings else errors[0])
