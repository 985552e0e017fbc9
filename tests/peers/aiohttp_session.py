"""The own tests of aiohttp-session and aiohttp-security, on its storages and on our session."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent / "aiohttp_session"

PACKAGES = (
    *("aiohttp==3.14.5", "aiohttp-session==2.12.1", "aiohttp-security==0.5.0", "cryptography"),
    *("pynacl", "pyjwt", "pytest", "pytest-aiohttp"),
)
"""What the environment of the tests needs, beside this library."""

SOURCES = {
    "aiohttp-session==2.12.1": (
        "--noconftest",  # it starts containers of Redis and memcached
        "--ignore=tests/test_redis_storage.py",
        "--ignore=tests/test_memcached_storage.py",
        "tests",
    ),
    "aiohttp-security==0.5.0": ("tests",),
}
"""Each source distribution, and the arguments of pytest that run its tests as they are."""

WITH_OURS = {
    source: ("-p", "ours_in_aiohttp_session", *arguments) for source, arguments in SOURCES.items()
}
"""The arguments that run these tests on our session. ``HERE`` stands in ``PYTHONPATH`` then."""

RIGHT_KEY = "the helper that makes the cookie signs with the right key"
SAME_BYTES = "equal contents make an equal cookie"
DELETION = "the text of the deletion: ours has HttpOnly and a date"
DIFFERENCES = {
    "test_response_types.py::test_stream_response": "a stream carries the session",
    "test_abstract_storage.py::test_max_age_also_returns_expires": "the date has spaces",
    "test_abstract_storage.py::test_max_age_session_reset": "it reads the private _mapping",
    "test_cookie_storage.py::test_clear_cookie_on_session_invalidation": DELETION,
    "test_encrypted_cookie_storage.py::test_clear_cookie_on_session_invalidation": DELETION,
    "test_nacl_storage.py::test_del_cookie_on_session_invalidation": DELETION,
    "test_encrypted_cookie_storage.py::test_create_new_session_broken_by_format": RIGHT_KEY,
    "test_nacl_storage.py::test_load_session_different_key": RIGHT_KEY,
    "test_encrypted_cookie_storage.py::test_encrypted_cookie_session_fixation": SAME_BYTES,
    "test_nacl_storage.py::test_nacl_session_fixation": SAME_BYTES,
}
"""The tests that fail on ours, and why. The first of ``DELETION`` fails as it is, too."""


def command(python: str, *arguments: str) -> list[str]:
    """Return the command that runs tests in the folder of a distribution."""
    options = ["-c", "/dev/null", "--rootdir=.", "-o", "asyncio_mode=auto"]
    return [python, "-m", "pytest", "-q", *options, *arguments]
