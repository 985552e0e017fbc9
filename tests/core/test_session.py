from __future__ import annotations

import base64
import logging
from collections.abc import Mapping
from itertools import count
from typing import Any

import pytest

from cookiesession_core import (
    ConfigurationError,
    CookieSession,
    CookieTooLargeError,
    JSONCodec,
    Keygrip,
    Outcome,
    SessionCommittedError,
    SessionEncodeError,
    Written,
)
from tests.support.keys import KEYS, NEWEST, OLDER, OTHER
from tests.support.user_agent import CookieJar

GONE = "expires=Thu, 01 Jan 1970 00:00:00 GMT"
sessions = CookieSession(keys=KEYS)


def header(cookies: Mapping[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def sent_by_a_client(contents: dict[str, Any], keys: list[str] = KEYS, **options: Any) -> str:
    return header(CookieSession(keys=keys, **options).encode(contents))


def lines(contents: dict[str, Any], attributes: str = "; path=/; httponly") -> list[str]:
    return [f"{name}={value}{attributes}" for name, value in sessions.encode(contents).items()]


# --- reading ---------------------------------------------------------------------------------


def test_an_untouched_session_reads_nothing_and_sends_nothing() -> None:
    class Untouchable(str):
        __slots__ = ()

        def find(self, *_: Any) -> int:
            raise AssertionError

    session = sessions.open(Untouchable("session=x"))

    assert ["a=1"] == session.commit(["a=1"])
    assert Written.NOTHING is session.written
    assert not session.accessed


@pytest.mark.parametrize(
    "cookies",
    [
        sent_by_a_client({"user": 7}),
        sent_by_a_client({"user": 7}).encode(),
        sent_by_a_client({"user": 7}).split("; "),
        [part.encode() for part in sent_by_a_client({"user": 7}).split("; ")],
    ],
)
def test_a_header_may_be_text_octets_or_several_of_either(cookies: Any) -> None:
    session = sessions.open(cookies)

    assert {"user": 7} == dict(session)
    assert {"user": 7} == sessions.decode(cookies)
    assert (Outcome.LOADED, 0) == (session.outcome, session.key_index)
    assert (False, False, True) == (session.is_new, session.is_changed, session.is_populated)
    assert [] == session.commit()
    assert session.accessed


@pytest.mark.parametrize("kind", [tuple, list])
@pytest.mark.parametrize("split", [False, True])
def test_all_header_fields_of_a_request_serve_as_well(kind: Any, split: bool) -> None:  # noqa: FBT001
    octets = sent_by_a_client({"user": 7}).encode()
    cookies = [b"theme=\xff", *(octets.split(b"; ") if split else [octets])]
    fields = [kind((b"host", b"session=x")), *(kind((b"cookie", each)) for each in cookies)]

    assert {"user": 7} == dict(sessions.open(fields))
    assert {"user": 7} == dict(sessions.open(iter(fields)))
    assert Outcome.ABSENT is sessions.open(fields[:1]).outcome


VALUE, SIGNATURE = sessions.encode({"user": 7}).values()
EMPTY_SIGNED = header({"session": "", "session.sig": Keygrip(KEYS).sign("session=")})
NOT_JSON = header({"session": "bogus", "session.sig": Keygrip(KEYS).sign("session=bogus")})


@pytest.mark.parametrize(
    ("cookies", "outcome"),
    [
        (None, Outcome.ABSENT),
        ("", Outcome.ABSENT),
        ("other=1", Outcome.ABSENT),
        (f"session.sig={SIGNATURE}", Outcome.ABSENT),
        (f"session={VALUE}", Outcome.UNSIGNED),
        (f"session={VALUE}; session.sig=", Outcome.UNSIGNED),
        (f'session={VALUE}; session.sig=""', Outcome.UNSIGNED),
        (f"session={VALUE}; session.sig=; session.sig=", Outcome.UNSIGNED),
        (EMPTY_SIGNED, Outcome.MALFORMED),
        (NOT_JSON, Outcome.MALFORMED),
    ],
)
def test_what_cannot_be_used_is_a_new_session_and_leaves_the_cookies_alone(
    cookies: str | None, outcome: Outcome
) -> None:
    session = sessions.open(cookies)

    assert outcome is session.outcome
    assert (True, True, False) == (session.is_new, session.is_changed, session.is_populated)
    assert [] == session.commit()
    assert Written.NOTHING is session.written
    assert sessions.decode(cookies) is None


def test_a_signed_cookie_that_holds_no_session_is_noted(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "cookiesession"):
        assert sessions.open(NOT_JSON).is_new

    noted = "session cookie 'session' is malformed: JSONDecodeError"
    assert [("cookiesession", logging.INFO, noted)] == caplog.record_tuples


@pytest.mark.parametrize(
    "signature",
    [
        SIGNATURE + "A",
        SIGNATURE + "=",
        SIGNATURE[:-1],
        SIGNATURE.swapcase(),
        Keygrip([OTHER]).sign(f"session={VALUE}"),
        Keygrip(KEYS).sign(f"other={VALUE}"),
        "é",
    ],
)
def test_a_signature_that_no_key_made_is_expired(signature: str) -> None:
    session = sessions.open(f"session={VALUE}; session.sig={signature}")

    assert {} == dict(session)
    assert Outcome.BAD_SIGNATURE is session.outcome
    assert [f"session.sig=; path=/; {GONE}; httponly"] == session.commit()
    assert Written.REPAIRED is session.written


def test_a_repair_has_the_configured_scope() -> None:
    scoped = CookieSession(
        keys=KEYS, path="/app", domain="example.com", secure=True, same_site="none",
        partitioned=True, priority="high", max_age=60,
    )  # fmt: skip
    session = scoped.open("session=x; session.sig=bad", https=True)
    session.get("a")

    scope = f"path=/app; {GONE}; domain=example.com; samesite=none; secure; httponly; partitioned"
    assert [f"session.sig=; {scope}"] == session.commit()


def test_a_tossed_cookie_does_not_log_the_visitor_out() -> None:
    tossed = f"session=evil; session.sig=bad; session={VALUE}; session.sig={SIGNATURE}"

    session = sessions.open(tossed)

    assert {"user": 7} == dict(session)
    assert [] == session.commit()


def test_an_unsigned_session_takes_what_the_client_says() -> None:
    unsigned = CookieSession(signed=False)
    session = unsigned.open(f"session={VALUE}; session.sig=whatever")

    session["user"] += 1

    assert 8 == session["user"]
    assert session.key_index is None
    assert ["session=eyJ1c2VyIjo4fQ==; path=/; httponly"] == session.commit()
    assert {"session": VALUE} == unsigned.encode({"user": 7})
    assert {"user": 7} == unsigned.decode({"session": VALUE})


def test_with_keys_an_unsigned_cookie_is_an_absent_one() -> None:
    assert sessions.decode(CookieSession(signed=False).encode({"user": 7})) is None


def test_signatures_bind_the_name_so_cookies_cannot_be_swapped() -> None:
    value, signature = CookieSession(keys=KEYS, name="other").encode({"user": 7}).values()

    assert sessions.decode({"session": value, "session.sig": signature}) is None


# --- rotation --------------------------------------------------------------------------------


def test_an_unchanged_session_signed_by_an_old_key_is_sent_again_with_all_attributes() -> None:
    rotated = CookieSession(keys=KEYS, max_age=60, domain="example.com", clock=lambda: 0)
    session = rotated.open(sent_by_a_client({"user": 7}, [OLDER]))

    assert {"user": 7} == dict(session)
    assert 1 == session.key_index
    attributes = "; path=/; expires=Thu, 01 Jan 1970 00:01:00 GMT; domain=example.com; httponly"
    assert lines({"user": 7}, attributes) == session.commit()
    assert Written.RESIGNED is session.written


def test_an_untouched_session_is_not_signed_again() -> None:
    assert [] == sessions.open(sent_by_a_client({"user": 7}, [OLDER])).commit()


def test_a_changed_session_signed_by_an_old_key_is_saved_once() -> None:
    session = sessions.open(sent_by_a_client({"user": 7}, [OLDER]))

    session["user"] = 8

    assert lines({"user": 8}) == session.commit()
    assert Written.SAVED is session.written


def test_what_cannot_be_sent_again_is_reported_and_does_not_fail_a_reading_request(
    caplog: pytest.LogCaptureFixture,
) -> None:
    small = CookieSession(keys=KEYS, max_cookie_size=100)
    session = small.open(sent_by_a_client({"text": "x" * 100}, [OLDER]))

    session.get("text")

    assert [] == session.commit()
    assert Written.REFUSED is session.written
    assert "'session' was not sent again" in caplog.text
    assert "100 are allowed" in caplog.text


# --- writing ---------------------------------------------------------------------------------


def test_a_new_populated_session_is_saved() -> None:
    session = sessions.open()

    session["user"] = 7

    assert lines({"user": 7}) == session.commit()
    assert Written.SAVED is session.written


@pytest.mark.parametrize(
    "act",
    [
        lambda s: s["user"],
        lambda s: s.update(s),
        lambda s: s.__setitem__("user", 7),
        lambda s: s.setdefault("user", 8),
        lambda s: s["list"].append(1) or s["list"].pop(),
        lambda s: list(s.items()) + list(s.values()) + list(s.keys()),
        lambda s: s.pop("nothing", None),
        lambda s: s.copy().clear(),
    ],
)
def test_a_session_that_is_the_same_in_the_end_sends_nothing(act: Any) -> None:
    session = sessions.open(sent_by_a_client({"user": 7, "list": []}))

    act(session)

    assert not session.is_changed
    assert [] == session.commit()
    assert Written.NOTHING is session.written


@pytest.mark.parametrize(
    ("act", "contents"),
    [
        (lambda s: s["list"].append(1), {"user": 7, "list": [1]}),
        (lambda s: s.get("list").append(1), {"user": 7, "list": [1]}),
        (lambda s: s.copy()["list"].append(1), {"user": 7, "list": [1]}),
        (lambda s: next(reversed(list(s.values()))).append(1), {"user": 7, "list": [1]}),
        (lambda s: s.__delitem__("list"), {"user": 7}),
        (lambda s: s.pop("list"), {"user": 7}),
        (lambda s: s.popitem(), {"user": 7}),
        (lambda s: s.clear(), {}),
        (lambda s: s.__ior__({"b": 1}), {"user": 7, "list": [], "b": 1}),
        (lambda s: s.setdefault("b", []).append(1), {"user": 7, "list": [], "b": [1]}),
        (lambda s: s.update(user=True), {"user": True, "list": []}),
        (lambda s: s.__setitem__("user", s.pop("user")), {"list": [], "user": 7}),
    ],
)
def test_every_change_is_saved(act: Any, contents: dict[str, Any]) -> None:
    session = sessions.open(sent_by_a_client({"user": 7, "list": []}))

    act(session)

    assert session.is_changed
    assert lines(contents) == session.commit()


def test_true_in_the_place_of_one_is_a_change() -> None:
    session = sessions.open(sent_by_a_client({"n": 1}))

    session["n"] = True

    assert lines({"n": True}) == session.commit()


@pytest.mark.parametrize(
    "text", ['{"b": 1.0, "list": []}', '{"list":[],"b":1,"b":1}', '{"b":1,"list":[ ]}']
)
def test_another_writers_spelling_is_no_change(text: str) -> None:
    value = base64.b64encode(text.encode()).decode()
    signature = Keygrip(KEYS).sign(f"session={value}")
    session = sessions.open(f"session={value}; session.sig={signature}")

    session["list"]
    session["b"] = session["b"]

    assert [] == session.commit()


def test_changing_a_list_and_putting_an_equal_one_in_its_place_is_no_change() -> None:
    value = base64.b64encode(b'{"list": []}').decode()
    signature = Keygrip(KEYS).sign(f"session={value}")
    session = sessions.open(f"session={value}; session.sig={signature}")

    session["list"].append(1)
    session["list"] = []

    assert [] == session.commit()


def test_a_key_that_is_no_text_is_an_error_though_it_would_be_written_as_the_same() -> None:
    session = sessions.open(sent_by_a_client({"cart": {"42": 1}}))

    session["cart"] = {int(key): value for key, value in session["cart"].items()}

    with pytest.raises(SessionEncodeError, match=r"session\['cart'\]\[42\]: int is no key"):
        session.commit()
    assert [] == session.commit()
    assert Written.REFUSED is session.written


def test_a_long_list_that_was_lent_and_left_alone_is_not_sent() -> None:
    session = sessions.open(sent_by_a_client({"cart": [{"price": 1.5, "name": "é" * 60}] * 20}))

    assert 20 == len(session["cart"])

    assert [] == session.commit()


def test_it_is_a_mapping_with_the_interface_of_dict() -> None:
    session = sessions.open(sent_by_a_client({"a": 1, "b": 2}))

    assert ["a", "b"] == list(session)
    assert ["b", "a"] == list(reversed(session))
    assert 2 == len(session)
    assert "a" in session
    assert "c" not in session
    assert session
    assert {"a": 1, "b": 2} == session
    assert {"a": 1, "b": 2, "c": 3} == session | {"c": 3}
    assert {"c": 3, "a": 1, "b": 2} == {"c": 3} | session
    assert "default" == session.get("c", "default")
    with pytest.raises(KeyError):
        session["c"]
    with pytest.raises(KeyError):
        del session["c"]
    assert isinstance(session, Mapping)
    assert "session" == session.name


# --- destroy and replace ---------------------------------------------------------------------


def test_destroy_expires_both_cookies_with_the_attributes_of_the_write() -> None:
    scoped = CookieSession(keys=KEYS, path="/app", domain="example.com", max_age=60)
    session = scoped.open()

    session.destroy()

    attributes = f"; path=/app; {GONE}; domain=example.com; httponly"
    signature = Keygrip([NEWEST]).sign("session=")
    assert [f"session={attributes}", f"session.sig={signature}{attributes}"] == session.commit()
    assert Written.EXPIRED is session.written


def test_a_destroyed_session_is_empty_and_a_write_starts_a_fresh_one() -> None:
    session = sessions.open(sent_by_a_client({"user": 7}))

    session.destroy()
    assert {} == dict(session)
    assert session.is_new
    session["flash"] = "bye"

    assert lines({"flash": "bye"}) == session.commit()


def test_destroyed_rewritten_and_emptied_is_still_a_log_out() -> None:
    session = sessions.open(sent_by_a_client({"user": 7}))

    session.destroy()
    session["flash"] = "bye"
    del session["flash"]

    session.commit()
    assert Written.EXPIRED is session.written


def test_replace_drops_everything_that_was_there() -> None:
    session = sessions.open(sent_by_a_client({"user": 7, "cart": [1]}))

    session.replace({"user": 8})

    assert {"user": 8} == dict(session)
    assert session.is_new
    assert lines({"user": 8}) == session.commit()


def test_replace_copies_so_that_the_source_stays_the_applications() -> None:
    source = {"user": 8}
    session = sessions.open()

    session.replace(source)
    source["user"] = 9

    assert 8 == session["user"]


@pytest.mark.parametrize("touch", [True, False])
def test_replacing_by_nothing_destroys_what_the_client_has(touch: bool) -> None:  # noqa: FBT001
    session = sessions.open(sent_by_a_client({"user": 7}))
    if touch:
        session.get("user")

    session.replace({})

    session.commit()
    assert Written.EXPIRED is session.written


def test_replacing_by_nothing_says_nothing_to_a_client_without_a_session() -> None:
    session = sessions.open("other=1")

    session.replace({})

    assert [] == session.commit()
    assert Written.NOTHING is session.written


@pytest.mark.parametrize("contents", [None, [1], "text", 5])
def test_only_a_mapping_replaces_a_session(contents: Any) -> None:
    session = sessions.open(sent_by_a_client({"user": 7}))

    with pytest.raises(TypeError, match=f"replaced by a mapping, got {type(contents).__name__}"):
        session.replace(contents)

    assert {"user": 7} == dict(session)


# --- per-request options ---------------------------------------------------------------------


def test_options_are_the_requests_own() -> None:
    first, second = sessions.open(), sessions.open()

    first.options.path = "/app"
    first["a"] = second["a"] = 1

    assert lines({"a": 1}, "; path=/app; httponly") == first.commit()
    assert lines({"a": 1}) == second.commit()


def test_changing_options_alone_sends_nothing() -> None:
    session = sessions.open(sent_by_a_client({"user": 7}))
    session.get("user")

    session.options.max_age = 60

    assert [] == session.commit()


def test_max_age_is_counted_in_seconds_of_the_configured_clock() -> None:
    session = CookieSession(keys=KEYS, clock=lambda: 1705321845.678).open()
    session["a"] = 1

    session.options.max_age = 1
    session.options.max_age = 60

    assert "expires=Mon, 15 Jan 2024 12:31:45 GMT" in session.commit()[0]


# --- commit ----------------------------------------------------------------------------------


def test_commit_drops_earlier_cookies_of_our_names_and_keeps_all_others() -> None:
    session = sessions.open()
    session["a"] = 1
    existing = ["b=1", "session=old", "sessionx=1", "session.sig=old; path=/", "SESSION=1"]

    assert ["b=1", "sessionx=1", "SESSION=1", *lines({"a": 1})] == session.commit(existing)


def test_without_overwrite_earlier_cookies_stay_and_the_repair_comes_first() -> None:
    keeping = CookieSession(keys=KEYS, overwrite=False)
    session = keeping.open("session=x; session.sig=bad")
    session["a"] = 1

    assert session.commit(["session=old"]) == [
        "session=old",
        f"session.sig=; path=/; {GONE}; httponly",
        *lines({"a": 1}),
    ]


@pytest.mark.parametrize("overwrite", [True, False])
def test_committing_again_applies_the_same_decision_to_any_list(overwrite: bool) -> None:  # noqa: FBT001
    session = CookieSession(keys=KEYS, overwrite=overwrite).open()
    session["a"] = 1

    first = session.commit(["b=1"])

    assert ["b=1", *lines({"a": 1})] == first
    assert first == session.commit(first)
    assert ["c=1", *lines({"a": 1})] == session.commit(["c=1"])
    assert Written.SAVED is session.written


@pytest.mark.parametrize(
    "write",
    [
        lambda s: s.__setitem__("b", 1),
        lambda s: s.__delitem__("a"),
        lambda s: s.pop("a"),
        lambda s: s.clear(),
        lambda s: s.destroy(),
        lambda s: s.replace({"b": 1}),
        lambda s: s.update(b=1),
        lambda s: s.popitem(),
    ],
)
@pytest.mark.parametrize("touch", [True, False])
def test_a_write_after_the_headers_is_an_error_and_reading_goes_on(
    write: Any,
    touch: bool,  # noqa: FBT001
) -> None:
    session = sessions.open(sent_by_a_client({"a": 1}))
    if touch:
        session["a"] = 2
    session.commit()

    with pytest.raises(SessionCommittedError, match="already been sent"):
        write(session)

    assert 2 if touch else session["a"] == 1
    assert not session.is_new
    assert Outcome.LOADED is session.outcome


@pytest.mark.parametrize("https", [True, False])
def test_a_repair_has_the_scope_that_the_request_gave_the_cookie(https: bool) -> None:  # noqa: FBT001
    session = sessions.open("session=x; session.sig=bad", https=https)
    session.options.path = "/admin"

    assert session.is_new
    rest = "secure; httponly" if https else "httponly"
    assert [f"session.sig=; path=/admin; {GONE}; {rest}"] == session.commit()


def test_reading_for_the_first_time_after_the_headers_sends_no_repair() -> None:
    session = sessions.open("session=x; session.sig=bad")
    session.commit()

    assert session.is_new
    assert Outcome.BAD_SIGNATURE is session.outcome
    assert [] == session.commit()


# --- what cannot be sent ---------------------------------------------------------------------


def test_a_too_large_cookie_is_an_error_that_names_the_culprits() -> None:
    session = sessions.open(sent_by_a_client({"user": 7}))
    session.update(address="y" * 100, big="x" * 4000, a=1, b=12)

    with pytest.raises(CookieTooLargeError) as caught:
        session.commit()

    error = caught.value
    assert 4093 == error.limit
    assert error.size > error.limit
    assert ["big", "address"] == list(error.sizes)[:2]
    assert 3 == len(error.sizes)
    assert "'big'" in str(error)
    assert "xxx" not in str(error)
    assert Written.REFUSED is session.written


def test_a_failed_commit_is_logged_besides_with_the_same_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    session = sessions.open()
    session["set"] = {1}
    with pytest.raises(SessionEncodeError) as caught:
        session.commit()

    assert [("cookiesession", logging.ERROR)] == [log[:2] for log in caplog.record_tuples]
    assert f"'session' was not sent: SessionEncodeError: {caught.value}" in caplog.text


def test_after_a_failed_commit_an_error_page_goes_out_without_the_session() -> None:
    session = sessions.open(sent_by_a_client({"user": 7}))
    session["set"] = {1}
    with pytest.raises(SessionEncodeError, match=r"session\['set'\]: set"):
        session.commit()

    assert ["a=1"] == session.commit(["a=1"])
    assert Written.REFUSED is session.written
    with pytest.raises(SessionCommittedError):
        session["late"] = 1


@pytest.mark.parametrize(
    "read",
    [lambda s: s["cart"], lambda s: s.get("set"), dict, lambda s: s.copy()],
)
def test_an_error_page_may_read_the_session_that_cannot_be_sent(
    read: Any, caplog: pytest.LogCaptureFixture
) -> None:
    session = sessions.open(sent_by_a_client({"cart": [1]}))
    session["set"] = {1}
    with pytest.raises(SessionEncodeError):
        session.commit()

    read(session)

    assert [] == session.commit()
    assert ["a=1"] == session.commit(["a=1"])
    assert Written.REFUSED is session.written
    assert 1 == len(caplog.records)


def test_after_a_failed_commit_the_session_still_differs_from_what_the_client_has() -> None:
    session = sessions.open(sent_by_a_client({"user": 7}))
    session["text"] = "x" * 5000
    with pytest.raises(CookieTooLargeError):
        session.commit()

    assert session.is_changed
    assert [] == session.commit()
    assert session.is_changed


def test_after_a_failed_commit_what_was_handed_out_may_be_mended() -> None:
    session = sessions.open(sent_by_a_client({"cart": []}))
    cart = session["cart"]
    cart.append({1})
    with pytest.raises(SessionEncodeError):
        session.commit()

    cart[0] = 1

    assert lines({"cart": [1]}) == session.commit()


def test_after_a_failed_commit_another_wrong_write_is_an_error_again() -> None:
    session = sessions.open()
    for name in ("first", "second"):
        session[name] = {1}
        with pytest.raises(SessionEncodeError):
            session.commit()


def test_after_a_failed_commit_a_mended_session_is_saved() -> None:
    session = sessions.open(sent_by_a_client({"user": 7}))
    session["set"] = {1}
    with pytest.raises(SessionEncodeError):
        session.commit()

    session["set"] = [1]

    assert lines({"user": 7, "set": [1]}) == session.commit()
    assert Written.SAVED is session.written


def test_is_changed_fails_as_the_commit_would() -> None:
    session = sessions.open(sent_by_a_client({"user": 7}))
    session["set"] = {1}

    with pytest.raises(SessionEncodeError):
        session.is_changed  # noqa: B018


@pytest.mark.parametrize(
    "act",
    [
        lambda s: s.__setitem__("a", 1),
        lambda s: s.destroy(),
        lambda s: s.get("a"),
    ],
)
def test_a_secure_cookie_over_plain_http_is_refused_with_a_warning(
    act: Any, caplog: pytest.LogCaptureFixture
) -> None:
    secure = CookieSession(keys=KEYS, secure=True)
    session = secure.open("session=x; session.sig=bad", https=False)
    act(session)

    with caplog.at_level(logging.WARNING, "cookiesession"):
        assert ["b=1"] == session.commit(["b=1"])

    assert Written.REFUSED is session.written
    assert "'session' was not sent: secure=True over plain HTTP" in caplog.text
    assert "X-Forwarded-Proto" in caplog.text
    assert "assume_https=True" in caplog.text


def test_a_secure_cookie_goes_out_where_tls_ends_before_us() -> None:
    session = CookieSession(keys=KEYS, secure=True, assume_https=True).open(https=False)
    session["a"] = 1

    assert lines({"a": 1}, "; path=/; secure; httponly") == session.commit()


# --- codecs and signers of the application's own ---------------------------------------------


class Verbatim:
    """A codec that writes a text as it is."""

    def encode(self, contents: Mapping[str, Any], /) -> str:
        return str(contents["text"])

    def decode(self, text: str, /) -> Any:
        return {"text": text} if text != "list" else ["no", "dict"]


@pytest.mark.parametrize(
    "text", ["a;b", "a\r\nb", "\0", "☃", "", " a", "a ", "\ta", "a\t", '"a"', '"']
)
def test_a_codec_cannot_write_what_breaks_the_header_or_would_not_come_back(text: str) -> None:
    session = CookieSession(keys=KEYS, codec=Verbatim()).open()
    session["text"] = text

    with pytest.raises(ConfigurationError, match=r"cookie value (must be text|that would not)"):
        session.commit()


def test_a_codec_whose_value_would_not_come_back_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"Verbatim\.encode returned .* come back: empty"):
        CookieSession(keys=KEYS, codec=Verbatim()).encode({"text": ""})


@pytest.mark.parametrize("text", ["XX", "a b", 'a"b', "a,b", "é", "a\\b", "%22", "a=b"])
def test_a_codecs_value_that_a_browser_carries_comes_back(text: str) -> None:
    own = CookieSession(keys=KEYS, codec=Verbatim())
    session = own.open()
    session["text"] = text
    jar = CookieJar()
    for line in session.commit():
        jar.store(line, "http://example.com/", now=0)

    assert {"text": text} == dict(own.open(jar.header("http://example.com/", now=0)))


def test_a_codec_that_fails_on_input_makes_a_new_session() -> None:
    class Failing(Verbatim):
        def decode(self, text: str, /) -> Any:
            raise ZeroDivisionError(text)

    cookies = sent_by_a_client({"text": "x"}, codec=Verbatim())

    session = CookieSession(keys=KEYS, codec=Failing()).open(cookies)

    assert Outcome.MALFORMED is session.outcome


class Numbered:
    """A codec that never writes the same text, as one that encrypts."""

    def __init__(self) -> None:
        self._numbers = count()

    def encode(self, contents: Mapping[str, Any], /) -> str:
        return f"{next(self._numbers)}.{self.canonical(contents)}"

    def decode(self, text: str, /) -> dict[str, Any]:
        return JSONCodec().decode(text.partition(".")[2])

    def canonical(self, contents: Mapping[str, Any], /) -> str:
        return JSONCodec().encode(contents)


def test_a_codec_that_never_writes_the_same_text_says_otherwise_what_changed() -> None:
    own = CookieSession(keys=KEYS, codec=Numbered())
    cookies = header(own.encode({"list": []}))
    same, changed = own.open(cookies), own.open(cookies)

    same["list"].extend([])
    changed["list"].append(1)

    assert [] == same.commit()
    assert {"list": [1]} == own.decode(changed.commit())


class FailingToEncode(Verbatim):
    def encode(self, contents: Mapping[str, Any], /) -> str:
        raise TypeError(contents["text"])


class FailingToSign:
    def sign(self, data: str | bytes) -> str:
        raise ConnectionError(data)

    def index(self, data: str | bytes, digest: str) -> int:  # noqa: ARG002 - a Signer's
        return -1


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"keys": KEYS, "codec": FailingToEncode()}, TypeError),
        ({"keys": FailingToSign()}, ConnectionError),
    ],
)
def test_after_a_foreign_failure_to_write_an_error_page_can_go_out(
    options: Any, error: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    session = CookieSession(**options).open()
    session["text"] = "somebody"

    with pytest.raises(error):
        session.commit()

    assert ["a=1"] == session.commit(["a=1"])
    assert Written.REFUSED is session.written
    assert f"'session' was not sent: {error.__name__}: from the codec" in caplog.text
    assert "somebody" not in caplog.text


def test_a_codec_that_returns_no_dict_makes_a_new_session() -> None:
    own = CookieSession(keys=KEYS, codec=Verbatim())

    assert Outcome.MALFORMED is own.open(header(own.encode({"text": "list"}))).outcome


def test_a_value_that_no_codec_of_ours_wrote_is_not_sent_again() -> None:
    own = CookieSession(keys=KEYS, codec=Verbatim())
    value = "tab\there \x01"
    signature = Keygrip([OLDER]).sign(f"session={value}")
    session = own.open(f"session={value}; session.sig={signature}")

    assert value == session["text"]
    assert [] == session.commit()
    assert Written.REFUSED is session.written


class Reversing:
    """A signer that is no Keygrip."""

    def sign(self, data: str | bytes) -> str:
        return "".join(reversed(str(data))).replace("=", "_")

    def index(self, data: str | bytes, digest: str) -> int:
        return 0 if digest == self.sign(data) else -1


def test_any_object_that_signs_and_finds_the_key_will_do() -> None:
    own = CookieSession(keys=Reversing())

    assert {"user": 7} == own.decode(own.encode({"user": 7}))
    assert {"session": "e30=", "session.sig": "_03e_noisses"} == own.encode({})


def test_a_signer_cannot_write_what_breaks_the_header() -> None:
    class Breaking(Reversing):
        def sign(self, data: str | bytes) -> str:
            return f"{super().sign(data)}\r\nSet-Cookie: a=b"

    with pytest.raises(ConfigurationError, match="cookie value"):
        CookieSession(keys=Breaking()).encode({"user": 7})


def test_a_signer_is_asked_once_about_each_signature_and_about_nothing_else() -> None:
    asked: list[str] = []

    class Asked(Reversing):
        def index(self, data: str | bytes, digest: str) -> int:
            asked.append(digest)
            return super().index(data, digest)

    own = CookieSession(keys=Asked())

    assert own.decode({"session": VALUE, "session.sig": ""}) is None
    assert own.decode(f"session={VALUE}") is None
    assert own.decode(f"session={VALUE}; session.sig=a; session.sig=; session.sig=b") is None
    assert own.decode(f"session={VALUE}; session.sig=; session.sig=c") is None
    assert ["a", "b", "c"] == asked


def test_its_representation_shows_no_contents() -> None:
    session = sessions.open(sent_by_a_client({"user": "secret name"}))
    session.get("user")

    assert "<Session 'session' loaded>" == repr(session)
