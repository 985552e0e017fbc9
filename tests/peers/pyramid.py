"""Pyramid's own tests of sessions, from its source distribution: on its sessions and on ours."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent / "pyramid"

PACKAGES = ("pyramid==2.1", "setuptools<82", "pytest")
"""What the environment of the tests needs, beside this library."""

SOURCES = {"pyramid==2.1": ("tests/test_session.py", "-k", "TestSignedCookieSession")}
"""A source distribution, and the arguments of pytest that run its tests as they are."""

WITH_OURS = {"pyramid==2.1": ("--noconftest", str(HERE / "ours_in_pyramid.py"))}
"""The arguments that run these tests on our sessions, in the unpacked distribution."""

PRIVATE = "a private name, or an option, of Pyramid's own class"
DIFFERENCES = {
    "test_changed": PRIVATE,
    "test__set_cookie_cookieval_too_long": PRIVATE,
    "test__set_cookie_on_exception": PRIVATE,
    "test__set_cookie_on_exception_no_request_exception": PRIVATE,
    "test__set_cookie_options": PRIVATE,
    "test__set_cookie_real_webob_response": PRIVATE,
    "test_no_set_cookie_with_exception": PRIVATE,
}
"""The tests that fail on ours, and why. Those that need Pyramid's serialisation are skipped."""


def command(python: str, *arguments: str) -> list[str]:
    """Return the command that runs tests in the folder of a distribution."""
    return [python, "-m", "pytest", "-q", "-c", "/dev/null", "--rootdir=.", *arguments]
