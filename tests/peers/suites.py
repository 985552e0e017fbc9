"""Every suite that runs on our sessions, and every difference from the framework's own."""

from __future__ import annotations

import shutil
from pathlib import Path

from .runner import Suite

HERE = Path(__file__).parent

DELETION = "the text of the deletion: ours has HttpOnly and a date"
RIGHT_KEY = "the helper that makes the cookie signs with the right key"
SAME_BYTES = "equal contents make an equal cookie"
PRIVATE = "a private name, or an option, of Pyramid's own class"
EXPIRES = "the lifetime of the cookie is a date, not Max-Age"
DOT = "a leading dot of the domain is dropped"
REFUSED_AGE = "a max_age of 0 or less is refused"


def _add(folder: Path, ours: str, place: str) -> None:
    """Add a file of ours to an unpacked distribution."""
    shutil.copy(HERE / ours, folder / place)


SUITES = [
    Suite(
        name="Pyramid 2.1",
        source="pyramid==2.1",
        packages=("pyramid==2.1", "setuptools<82", "pytest"),
        tests=("tests/test_session.py", "-k", "TestSignedCookieSession"),
        folder="pyramid",
        ours=(),
        tests_on_ours=("tests/test_ours.py",),
        prepare=lambda folder: _add(folder, "pyramid/ours_in_pyramid.py", "tests/test_ours.py"),
        differences={
            "::test_changed": PRIVATE,
            "::test__set_cookie_cookieval_too_long": PRIVATE,
            "::test__set_cookie_on_exception": PRIVATE,
            "::test__set_cookie_on_exception_no_request_exception": PRIVATE,
            "::test__set_cookie_options": PRIVATE,
            "::test__set_cookie_real_webob_response": PRIVATE,
            "::test_no_set_cookie_with_exception": PRIVATE,
        },
        is_short=True,
    ),
    Suite(
        name="aiohttp-session 2.12.1",
        source="aiohttp-session==2.12.1",
        packages=(
            *("aiohttp==3.14.5", "aiohttp-session==2.12.1", "cryptography", "pynacl", "pyjwt"),
            *("pytest", "pytest-aiohttp"),
        ),
        tests=(
            *("-o", "asyncio_mode=auto"),
            "--noconftest",  # it starts containers of Redis and memcached
            "--ignore=tests/test_redis_storage.py",
            "--ignore=tests/test_memcached_storage.py",
            "tests",
        ),
        folder="aiohttp_session",
        ours=("-p", "ours_in_aiohttp_session"),
        differences={
            "test_response_types.py::test_stream_response": "a stream carries the session",
            "::test_max_age_also_returns_expires": "the date has spaces",
            "::test_max_age_session_reset": "it reads the private _mapping",
            "test_encrypted_cookie_storage.py::test_clear_cookie_on_session_invalidation": DELETION,
            "::test_del_cookie_on_session_invalidation": DELETION,
            "::test_create_new_session_broken_by_format": RIGHT_KEY,
            "::test_load_session_different_key": RIGHT_KEY,
            "::test_encrypted_cookie_session_fixation": SAME_BYTES,
            "::test_nacl_session_fixation": SAME_BYTES,
        },
    ),
    Suite(
        name="aiohttp-security 0.5.0",
        source="aiohttp-security==0.5.0",
        packages=(
            *("aiohttp==3.14.5", "aiohttp-session==2.12.1", "aiohttp-security==0.5.0", "pyjwt"),
            *("cryptography", "pytest", "pytest-aiohttp"),
        ),
        tests=("-o", "asyncio_mode=auto", "tests"),
        folder="aiohttp_session",
        ours=("-p", "ours_in_aiohttp_session"),
        is_short=True,
    ),
    Suite(
        name="Starlette 1.10.0",
        source="starlette==1.10.0",
        packages=("starlette==1.10.0", "itsdangerous", "httpx2", "pytest", "anyio", "trio"),
        tests=("tests/middleware/test_session.py",),
        folder="starlette",
        ours=("-p", "ours_in_starlette"),
        differences={
            "::test_session[asyncio]": EXPIRES,
            "::test_session[trio]": EXPIRES,
            "::test_domain_cookie[asyncio]": DOT,
            "::test_domain_cookie[trio]": DOT,
            "::test_session_expires[asyncio]": REFUSED_AGE,
            "::test_session_expires[trio]": REFUSED_AGE,
            "::test_session_zero_max_age[asyncio]": REFUSED_AGE,
            "::test_session_zero_max_age[trio]": REFUSED_AGE,
        },
        is_short=True,
    ),
]
