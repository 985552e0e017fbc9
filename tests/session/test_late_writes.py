"""Changes after the response headers, where they do not raise: they are logged."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from cookiesession_core import (
    ConfigurationError,
    CookieSession,
    Session,
    SessionCommittedError,
    SessionEncodeError,
    SessionView,
    Written,
    end_request,
    log_late_writes,
)
from tests.support.keys import KEYS
from tests.support.kinds import Kind

NO_RESPONSE = "the application ended without a response"
TOO_LATE = "the session cookie 'session' was not sent: it was written to after the response headers"


def set_item(session: Session) -> None:
    session["user"] = 8


def delete_item(session: Session) -> None:
    del session["user"]


def update(session: Session) -> None:
    session.update(user=8)


def clear(session: Session) -> None:
    session.clear()


def replace(session: Session) -> None:
    session.replace({"user": 8})


def destroy(session: Session) -> None:
    session.destroy()


def resend(session: Session) -> None:
    session.resend()


def set_option(session: Session) -> None:
    session.options.max_age = 60


WRITES = (set_item, delete_item, update, clear, replace, destroy, resend, set_option)


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the lines of level ERROR."""
    return [each.getMessage() for each in caplog.records if each.levelno == logging.ERROR]


@pytest.mark.parametrize("write", WRITES)
def test_a_late_write_can_be_logged_instead(
    kind: Kind, write: Callable[[Session], None], caplog: pytest.LogCaptureFixture
) -> None:
    session = kind.sessions(late_writes="log").open(kind.header({"user": 7}))
    assert 7 == session["user"]
    session.commit()

    write(session)
    end_request(session, NO_RESPONSE)

    assert [TOO_LATE] == errors(caplog)
    assert Written.NOTHING is session.written
    assert [] == session.commit()


@pytest.mark.parametrize("write", WRITES)
def test_after_a_request_has_failed_a_late_write_is_logged(
    kind: Kind, write: Callable[[Session], None], caplog: pytest.LogCaptureFixture
) -> None:
    session = kind.sessions().open(kind.header({"user": 7}))
    session.commit()
    log_late_writes(session)

    write(session)

    assert [TOO_LATE] == errors(caplog)


# --- nothing is lost -------------------------------------------------------------------------


def missing(act: Callable[[Any], object]) -> Callable[[Any], object]:
    def fails(session: Any) -> None:
        with pytest.raises(KeyError):
            act(session)

    return fails


ON_A_MISSING_KEY: dict[str, Callable[[Any], object]] = {
    "del": missing(lambda session: session.__delitem__("missing")),
    "pop": missing(lambda session: session.pop("missing")),
    "pop with a default": lambda session: session.pop("missing", None),
    "setdefault of a key that is there": lambda session: session.setdefault("user", 8),
    "update": lambda session: session.update(),
    "update with an empty dict": lambda session: session.update({}),
    "update with no pairs": lambda session: session.update([]),
    "merging nothing": lambda session: session.__ior__({}),
    "typed": lambda session: session.typed(dict),
}
ON_AN_EMPTY_SESSION: dict[str, Callable[[Any], object]] = {
    **{what: ON_A_MISSING_KEY[what] for what in ON_A_MISSING_KEY if "is there" not in what},
    "popitem": missing(lambda session: session.popitem()),
    "clear": lambda session: session.clear(),
    "destroy(only_if_sent=True)": lambda session: session.destroy(only_if_sent=True),
    "replace": lambda session: session.replace({}),
    "resend": lambda session: session.resend(),
}
NO_WRITES = [
    *[({"user": 7}, act) for act in ON_A_MISSING_KEY.values()],
    *[(None, act) for act in ON_AN_EMPTY_SESSION.values()],
]
IDS = [*(f"loaded, {what}" for what in ON_A_MISSING_KEY), *ON_AN_EMPTY_SESSION]


@pytest.mark.parametrize("late_writes", ["raise", "log"])
@pytest.mark.parametrize("touch", [True, False])
@pytest.mark.parametrize("case", NO_WRITES, ids=IDS)
def test_nothing_raises_or_is_logged_late_if_nothing_is_lost(
    kind: Kind,
    case: tuple[dict[str, Any] | None, Callable[[Any], object]],
    touch: bool,  # noqa: FBT001
    late_writes: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    contents, act = case
    cookies = None if contents is None else kind.header(contents)
    session = kind.sessions(late_writes=late_writes).open(cookies)
    if touch:
        assert contents is None or 7 == session["user"]
    session.commit()

    act(session)
    act(SessionView(session))
    end_request(session, NO_RESPONSE)

    assert [] == errors(caplog)
    assert Written.NOTHING is session.written
    assert (contents or {}) == dict(session)


ENDS: dict[str, Callable[[Session], None]] = {
    "destroy": lambda session: session.destroy(),
    "destroy(only_if_sent=True)": lambda session: session.destroy(only_if_sent=True),
    "replace": lambda session: session.replace({}),
    "clear": lambda session: session.clear(),
    "popitem": lambda session: session.popitem() and None,
}


@pytest.mark.parametrize("loaded", [True, False])
@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_an_end_that_comes_too_late_for_a_session_of_the_client_raises(
    kind: Kind,
    end: Callable[[Session], None],
    loaded: bool,  # noqa: FBT001
) -> None:
    session = kind.sessions().open(kind.header({"user": 7}) if loaded else None)
    if not loaded:
        session["user"] = 7  # this response brings it
    session.commit()

    with pytest.raises(SessionCommittedError):
        end(session)

    assert {"user": 7} == dict(session)


@pytest.mark.parametrize("write", [set_item, update, replace])
def test_contents_that_come_too_late_for_a_new_session_raise(
    kind: Kind, write: Callable[[Session], None]
) -> None:
    session = kind.sessions().open()
    session.commit()

    with pytest.raises(SessionCommittedError):
        write(session)

    assert {} == dict(session)


def test_a_late_end_of_cookies_that_do_not_verify_raises_only_if_they_are_to_be_ended(
    kind: Kind,
) -> None:
    session = kind.sessions().open(kind.forged_header({"user": 7}))
    session.commit()

    session.replace({})
    with pytest.raises(SessionCommittedError):
        session.destroy(only_if_sent=True)


def test_contents_that_cannot_be_written_can_still_be_read_after_the_headers(kind: Kind) -> None:
    session = kind.sessions().open()
    session.update({"cart": ["tea"], "wrong": {1}})
    with pytest.raises(SessionEncodeError):
        session.commit()
    assert [] == session.commit()

    assert ["tea"] == session["cart"]


def test_options_that_were_taken_before_the_headers_are_read_only_after_them() -> None:
    session = CookieSession(keys=KEYS).open()
    options = session.options
    options.max_age = 60
    session["user"] = 7
    session.commit()

    with pytest.raises(SessionCommittedError):
        options.max_age = 30

    assert 60 == options.max_age


@pytest.mark.parametrize("value", ["Raise", True, None])
def test_late_writes_has_two_values(value: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"^late_writes must be 'raise' or 'log', got "):
        CookieSession(keys=KEYS, late_writes=value)


# --- changes inside the contents -------------------------------------------------------------


def handed_out_before(session: Session) -> Any:
    cart = session["cart"]
    session.commit()
    return cart


def handed_out_after_a_read(session: Session) -> Any:
    assert 7 == session["user"]
    session.commit()
    return session["cart"]


def handed_out_after_all(session: Session) -> Any:
    session.commit()
    return session["cart"]


def written_before(session: Session) -> Any:
    session["cart"] = cart = [1, [2]]
    session.commit()
    return cart


def replaced_before(session: Session) -> Any:
    cart = [1, [2]]
    session.replace({"user": 7, "cart": cart})
    session.commit()
    return cart


def updated_before(session: Session) -> Any:
    cart = [1, [2]]
    session.update(cart=cart)
    session.commit()
    return cart


def copied_before(session: Session) -> Any:
    cart = session.copy()["cart"]
    session.commit()
    return cart


HAND_OUTS = (
    handed_out_before,
    handed_out_after_a_read,
    handed_out_after_all,
    written_before,
    replaced_before,
    updated_before,
    copied_before,
)


@pytest.mark.parametrize("options", [{}, {"idle_timeout": 3600}])
@pytest.mark.parametrize("hand_out", HAND_OUTS)
def test_a_late_change_inside_the_contents_is_logged_with_its_key(
    kind: Kind,
    hand_out: Callable[[Session], Any],
    options: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    sessions = kind.sessions(**options)
    session = sessions.open(sessions.cookie_header({"user": 7, "cart": [1, [2]]}))
    cart = hand_out(session)

    cart[1].append(3)
    end_request(session, NO_RESPONSE)

    said = (
        "the contents of the session cookie 'session' changed under 'cart' after the response "
        "headers: this change does not reach the client"
    )
    assert [said] == errors(caplog)


@pytest.mark.parametrize("options", [{}, {"idle_timeout": 3600}])
@pytest.mark.parametrize("hand_out", HAND_OUTS)
def test_nothing_is_logged_if_nothing_has_changed(
    kind: Kind,
    hand_out: Callable[[Session], Any],
    options: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    sessions = kind.sessions(**options)
    session = sessions.open(sessions.cookie_header({"user": 7, "cart": [1, [2]]}))

    hand_out(session).reverse()
    session["cart"].reverse()
    end_request(session, NO_RESPONSE)

    assert [] == errors(caplog)


@pytest.mark.parametrize("hand_out", HAND_OUTS)
def test_a_late_change_to_something_that_cannot_be_written_is_logged(
    kind: Kind, hand_out: Callable[[Session], Any], caplog: pytest.LogCaptureFixture
) -> None:
    session = kind.sessions().open(kind.header({"user": 7, "cart": [1, [2]]}))

    hand_out(session).append({1, 2})
    end_request(session, NO_RESPONSE)

    (line,) = errors(caplog)
    assert "changed under 'cart' after the response headers" in line


def test_a_codec_that_encrypts_gives_no_false_alarm(caplog: pytest.LogCaptureFixture) -> None:
    fernet = pytest.importorskip("cookiesession_adapters.codecs.fernet")
    codec = fernet.FernetCodec(["A" * 43 + "="])
    session = CookieSession(keys=KEYS, codec=codec).open()
    session["cart"] = cart = [1]
    session["price"] = 1.0
    session.commit()

    end_request(session, NO_RESPONSE)
    assert [] == errors(caplog)

    cart.append(2)
    end_request(session, NO_RESPONSE)
    (line,) = errors(caplog)
    assert "changed under 'cart' after the response headers" in line


def test_a_session_that_holds_no_list_is_not_encoded_again() -> None:
    encoded: list[Any] = []

    class Codec:
        def encode(self, contents: Any) -> str:
            encoded.append(contents)
            return f"views{contents['views']}"

        def decode(self, text: str) -> dict[str, Any]:
            return {"views": int(text.removeprefix("views"))}

    session = CookieSession(keys=KEYS, codec=Codec()).open()
    session["views"] = 1
    session.commit()

    end_request(session, NO_RESPONSE)

    assert 1 == len(encoded)
