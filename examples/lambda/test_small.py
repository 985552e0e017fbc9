from __future__ import annotations

from typing import Any

from small import handler, sessions


def invoke(method: str, path: str, cookies: str = "") -> dict[str, Any]:
    """Invoke the function with the parts of an event that it reads."""
    http = {"method": method, "path": path}
    event = {"version": "2.0", "rawPath": path, "requestContext": {"http": http}}
    return handler({**event, "cookies": cookies.split("; ")} if cookies else event, None)


def test_a_log_in_is_sent_as_two_cookies() -> None:
    answer = invoke("POST", "/log-in")

    assert len(answer["cookies"]) == 2
    assert sessions.decode(answer["cookies"]) == {"user": "ada"}


def test_a_logged_in_visitor_is_known() -> None:
    answer = invoke("GET", "/", sessions.cookie_header({"user": "grace"}))

    assert answer["body"] == "Hello grace."


def test_a_log_out_ends_the_session() -> None:
    answer = invoke("POST", "/log-out", sessions.cookie_header({"user": "grace"}))

    assert sessions.decode(answer["cookies"]) is None


def test_others_are_asked_to_log_in() -> None:
    assert invoke("GET", "/")["statusCode"] == 401
