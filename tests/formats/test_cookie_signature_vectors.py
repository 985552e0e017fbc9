"""Every recorded case of React Router, Remix and the signed values of other packages.

The answers are equal, or as ``vectors/cookie_signature_deviations.json`` says: what Node does, what
the library does, why, the library's exact answer, and which packages answer otherwise.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from cookiesession_adapters.formats.react_router import ReactRouter, flash
from cookiesession_adapters.formats.signed import unsign
from cookiesession_core import CookieSession, CookieSessionError, Session
from tests.node.vectors.replay import NOW, is_undefined, python_option, translated
from tests.support.equality import as_read_back
from tests.support.user_agent import CookieJar

VECTORS = Path(__file__).parent / "vectors"
URL = "https://example.com/app"
REFUSED = {"error": True}

Case = dict[str, Any]
Answer = Any

pytestmark = pytest.mark.filterwarnings(
    "ignore::cookiesession_core.WeakKeyWarning", "ignore::cookiesession_core.CookieNameWarning"
)


def read(name: str) -> Any:
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))


SUITES = {suite: read(suite) for suite in ("react_router", "signed_values")}
DEVIATIONS: list[dict[str, Any]] = read("cookie_signature_deviations")


def kept(line: str) -> dict[str, Any] | None:
    """Return the cookie that a browser keeps of a ``Set-Cookie`` value, and for how long."""
    cookie = CookieJar().store(line, URL, now=int(NOW))
    if cookie is None:
        return None
    seconds = None if cookie.expires is None else int(max(0, cookie.expires - int(NOW)))
    names = ("domain", "host_only", "path", "secure", "http_only", "same_site")
    attributes = {name: getattr(cookie, name) for name in names}
    return {"pair": cookie.pair, "seconds": seconds, **attributes}


# --- sessions of React Router -----------------------------------------------------------------


def sessions_of(case: Case) -> CookieSession:
    """Return the configuration for the options of ``createCookieSessionStorage``."""
    options = {name: value for name, value in case["cookie"].items() if name != "secrets"}
    secrets = case["cookie"].get("secrets")
    own = dict(map(python_option, options.keys(), options.values()))
    # Node counts seconds here.
    own |= {"max_age": translated(options["maxAge"])} if "maxAge" in options else {}
    format_ = ReactRouter(None if is_undefined(secrets) else secrets)
    given = {"http_only": False, "secure": False, **own}
    return CookieSession(format=format_, clock=lambda: NOW, **given)


def replay_request(case: Case) -> Answer:
    """Answer as ``getSession``, calls on the session, and ``commitSession``."""
    try:
        session = sessions_of(case).open(case["header"], https=True)
        answer = {"loaded": as_read_back(dict(session))}
        seen = [step(session, *call) for call in case["steps"]]
        answer |= {"steps": [each for each in seen if each is not NOTHING], "data": dict(session)}
        if "commit" in case:
            for name, value in (case["commit"] or {}).items():
                option, given = python_option(name, value)
                setattr(session.options, option, value if name == "maxAge" else given)
            session.resend()
            answer["set_cookie"] = [kept(line) for line in session.commit()]
    except (CookieSessionError, TypeError):
        return REFUSED
    answer["data"] = as_read_back(answer["data"])
    return answer


NOTHING = object()


def step(session: Session, call: str, name: str, value: Any = None) -> Any:
    if call == "get":
        return flash(session, name)
    if call == "has":
        return name in session or f"__flash_{name}__" in session
    if call == "flash":
        flash(session, name, translated(value))
    else:
        assert call == "set"
        session[name] = session if value == {"$self": True} else translated(value)
    return NOTHING


def node_request(case: Case, package: str) -> Answer:
    """Return the recorded answer of one package in the shape of ours."""
    recorded = case["expect"][package]
    if "error" in recorded:
        return REFUSED
    answer = {name: recorded[name] for name in ("loaded", "steps", "data")}
    if "set_cookie" in recorded:
        answer["set_cookie"] = [kept(recorded["set_cookie"])]
    return answer


# --- single values -----------------------------------------------------------------------------


def replay_unsign(text: str, secrets: Any) -> Answer:
    try:
        return unsign(text, secrets)
    except (CookieSessionError, TypeError):
        return REFUSED


def value_of(line: str) -> str:
    return line.partition("=")[2].partition(";")[0]


def replay_signed(case: Case) -> tuple[Answer, Answer]:
    """Return our answer and Node's for a value that was signed or verified there."""
    expect = case["expect"]
    if case["kind"] == "write":
        text = value_of(expect.get("cookie") or expect["set_cookie"])
        return replay_unsign(text, [case["secret"]]), case["value"]
    if case["kind"] == "sign":
        node = REFUSED if "error" in expect else case["value"]
        return replay_unsign(expect.get("ok", ""), [case["secret"]]), node
    if case["kind"] == "unsign":
        node = REFUSED if "error" in expect else expect["ok"] or None
        return replay_unsign(translated(case["value"]), [case["secret"]]), node
    if isinstance(expect, dict):
        expect = expect["v"] if "v" in expect else expect["value"]
    return replay_unsign(case["text"], case["secrets"]), None if expect is False else expect


CREATE_COOKIE_SECRET = "newest secret: thirty-two octets or more"


def replay_create_cookie(case: Case, package: str) -> tuple[Answer, Answer]:
    """Return what both sides read of a cookie of ``createCookie``, which signs any value."""
    recorded = case["expect"][package]
    text = unsign(value_of(recorded["set_cookie"]), [CREATE_COOKIE_SECRET])
    return None if text is None else json.loads(base64.b64decode(text)), recorded["parsed"]


# --- the comparison ----------------------------------------------------------------------------

PACKAGES = ("rr8", "remix2")


def answers(case: Case) -> tuple[Answer, dict[str, Answer]]:
    """Return our answer to a case, and Node's by package."""
    if case["kind"] == "request":
        return replay_request(case), {each: node_request(case, each) for each in PACKAGES}
    if case["kind"] == "cookie":
        pairs = {each: replay_create_cookie(case, each) for each in PACKAGES}
        return pairs["rr8"][0], {each: node for each, (_, node) in pairs.items()}
    ours, node = replay_signed(case)
    return ours, {"node": node}


ROWS = {case_id: row for row in DEVIATIONS for case_id in row["answers"]}
CASES = [case for suite in SUITES.values() for case in suite["cases"]]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_recorded_case_is_answered_as_node_does_or_as_the_table_says(case: Case) -> None:
    ours, node = answers(case)

    row = ROWS.get(case["id"], {"packages": [], "answers": {}})
    differing = [package for package, answer in node.items() if answer != ours]
    assert row["packages"] == differing
    assert row["answers"].get(case["id"], ours) == ours


def test_the_table_names_recorded_cases_once_each() -> None:
    named = [case_id for row in DEVIATIONS for case_id in row["answers"]]

    assert len(named) == len(set(named))
    assert set() == set(named) - {case["id"] for case in CASES}


def test_no_recorded_case_is_missing() -> None:
    counted = {suite: len(recorded["cases"]) for suite, recorded in SUITES.items()}

    assert {suite: SUITES[suite]["header"]["count"] for suite in SUITES} == counted
