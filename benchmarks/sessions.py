"""Our calls: the two functions, and a session from ``open`` to the fields of the response."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from cookiesession_core import CookieSession, commit_raw_headers

from . import floor
from .apps import set_cookies
from .contenders import Library
from .payloads import KEY, Fields, Payload, as_request, cookie_header
from .question import Call, checked

TITLE = "cookiesession"
SESSIONS = CookieSession(keys=[KEY])


def save(contents: Mapping[str, Any]) -> list[str]:
    """Encode and sign; put the fixed attributes behind."""
    return [f"{name}={value}{floor.TAIL}" for name, value in SESSIONS.encode(contents).items()]


FUNCTIONS = Library(f"{TITLE}, encode and decode", SESSIONS.decode, save)


def visitor(sessions: CookieSession, contents: Mapping[str, Any]) -> str:
    """Return the ``Cookie`` header of a client with these contents."""
    session = sessions.open(None, https=True)
    session.replace(contents)
    return as_request(session.commit())


def session_calls(sessions: CookieSession, payload: Payload, fields: Fields) -> dict[str, Call]:
    """Return one call for each operation of a session."""
    cookie = visitor(sessions, payload.contents)
    crowded = cookie_header(cookie, foreign=10)

    def load() -> Any:
        session = sessions.open(cookie, https=True)
        len(session)  # the first touch
        return session

    def save() -> list[str]:
        session = sessions.open(None, https=True)
        session.replace(payload.contents)
        return session.commit()

    def round_trip() -> Any:
        session = sessions.open(cookie, https=True)
        session["views"] = session.get("views", 0) + 1
        return commit_raw_headers(session, [*fields])

    def read(key: str) -> Any:
        session = sessions.open(cookie, https=True)
        value = session[key]
        return value, commit_raw_headers(session, [*fields])

    def untouched() -> Any:
        return commit_raw_headers(sessions.open(crowded, https=True), [*fields])

    calls = {
        "load": load,
        "save": save,
        "round trip": round_trip,
        "read": lambda: read("views"),
        "read a list": lambda: read(payload.list_key),
        "untouched": untouched,
    }
    return checked_calls(calls, payload, sessions.decode)


def library_calls(library: Library, payload: Payload) -> dict[str, Call]:
    """Return calls that load, save, and do both with one more view between."""
    cookie = as_request(library.save(payload.contents))

    def round_trip() -> list[str]:
        contents = library.load(cookie)
        contents["views"] = contents.get("views", 0) + 1
        return library.save(contents)

    load = partial(library.load, cookie)
    calls = {"load": load, "save": partial(library.save, payload.contents)}
    return checked_calls({**calls, "round trip": round_trip}, payload, library.load)


def floor_calls(payload: Payload, fields: Fields) -> dict[str, Call]:
    """Return the floor's call for each operation."""
    cookie = as_request(floor.save(payload.contents))
    calls: dict[str, Call] = {
        "load": lambda: floor.load(cookie),
        "save": lambda: floor.save(payload.contents),
        "round trip": lambda: floor.round_trip(cookie, fields),
        "read": lambda: floor.read(cookie, fields),
        "read a list": lambda: floor.read_list(cookie, fields, payload.list_key),
    }
    return checked_calls(calls, payload, floor.load)


def checked_calls(
    calls: dict[str, Call], payload: Payload, load: Callable[[str], Any]
) -> dict[str, Call]:
    """Return the calls that the payload allows, after a check of their results."""
    contents, key = payload.contents, payload.list_key

    def saved(result: Any) -> Any:
        values = set_cookies(result) if isinstance(result[0], tuple) else result
        return dict(load(as_request(values)))

    def read(result: Any) -> Any:
        return result[0], set_cookies(result[1])

    if not key:
        calls.pop("read a list", None)
    outcomes: dict[str, tuple[Callable[[Any], Any], Any]] = {
        "load": (dict, contents),
        "save": (saved, contents),
        "round trip": (saved, payload.bumped),
        "read": (read, (contents["views"], [])),
        "read a list": (read, (contents.get(key), [])),
    }
    for name in calls.keys() & outcomes:
        checked(calls[name], *outcomes[name])
    return calls
