"""Every suite that runs on our sessions, and every difference from the framework's own."""

from __future__ import annotations

import shutil
from pathlib import Path

from .runner import Suite, by_django

HERE = Path(__file__).parent

DELETION = "the deleting cookie has `httponly` and a date"
RIGHT_KEY = "the helper of our run makes a cookie with the right key"
SAME_BYTES = "equal contents make an equal cookie, because ours is not encrypted"
PRIVATE = "the test needs a private name or an option of Pyramid's own class"
EXPIRES = "the lifetime of the cookie is a date, not `Max-Age`"
DOT = "the plugin drops the leading dot of the domain"
REFUSED_AGE = "a `max_age` of 0 or less is refused"

TYPES = "types beyond JSON; `TaggedCodec` keeps them"
REFRESH = "a permanent session is not sent again with every response"
EQUAL = "an equal value is not sent again"
LATE = 'flashes are read after the response; with `late_writes="log"` this is allowed'
ENGINE = "the test sets another `SESSION_ENGINE`"
CASE = "ours writes `httponly` and the value of `samesite` in lower case, as Node does"
BY_HAND = "the test puts a cookie into `request.COOKIES`; ours reads the header"
LOAD = "after a status of 500, `session.load()` has the changes that no response carried"

ON_TAGS = {
    "::test_session_using_samesite_attribute": EQUAL,
    "::test_session_cookie_setting": REFRESH,
    "::test_session_refresh_vary": REFRESH,
}
ON_JSON = {
    **ON_TAGS,
    "::test_session_special_types": TYPES,
    "::test_extended_flashing": TYPES,
}

ON_DJANGO_4 = {
    "SessionEngineTests.test_login": ENGINE,
    ".test_logout_cookie_sessions": ENGINE,
    ".test_sessions_app_is_not_installed": ENGINE,
    ".test_view_with_login_when_sessions_app_is_not_installed": ENGINE,
    ".test_httponly_session_cookie": CASE,
    ".test_samesite_session_cookie": CASE,
    ".test_session_delete_on_end": BY_HAND,
    ".test_session_delete_on_end_with_custom_domain_and_path": BY_HAND,
    ".test_session_save_on_500": LOAD,
    ".test_session_save_on_5xx": LOAD,
    ".test_session_update_error_redirect": "the test needs Django's sessions in a database",
    "OurSessionTests.test_session_key_valid_string_saved": (
        "`session_key` is a signed cookie, and not any text"
    ),
}
ON_DJANGO = {
    **ON_DJANGO_4,
    ".test_save_every_request_with_non_empty_session_renews_session_cookie": BY_HAND,
}

OPTION = "ours does not have the options of this class"
ENCRYPTED = "the test needs encryption, or a session in several cookies"
STORE = "ours has no store at the server"
ON_LITESTAR = {
    **{
        f"test_{side}_side_backend.py::{test}": OPTION
        for side in ("client", "server")
        for test in (
            "test_key_validation[-True]",
            f"test_key_validation[{'a' * 257}-True]",
            "test_max_age_validation[0-True]",
            "test_max_age_validation[-1-True]",
        )
    },
    **{
        f"test_client_side_backend.py::{test}": ENCRYPTED
        for test in (
            "test_dump_and_load_data[session0]",
            "test_dump_and_load_data[session1]",
            "test_load_data_should_return_empty_if_session_expired",
            "test_set_session_cookies",
            "test_load_session_cookies_and_expire_previous[False]",
            "test_load_session_cookies_and_expire_previous[True]",
            "test_load_data_should_raise_invalid_tag_if_tampered_aad",
            "test_store_in_message_clears_cookies_when_session_grows_gt_chunk_size",
        )
    },
    **{
        f"test_server_side_backend.py::{test}": STORE
        for test in (
            "test_non_default_store",
            "test_set_store_name",
            "test_get_set",
            "test_get_set_multiple_returns_correct_identity",
            "test_delete",
            "test_delete_idempotence",
            "test_max_age_expires",
        )
    },
    "test_middleware.py::test_session_id_correctness[server-side]": STORE,
    "test_middleware.py::test_keep_session_id[server-side]": STORE,
}

FLASK = (
    *("flask[async,dotenv]==3.1.3", "werkzeug==3.1.9", "pytest==8.4.2", "asgiref", "requests"),
    *("flask-login==0.6.3", "flask-wtf==1.3.0", "flask-dance==7.1.0", "semantic-version"),
    *("freezegun", "betamax", "responses", "flask-sqlalchemy", "flask-caching"),
    *("flask-babel", "email-validator"),
)
"""The packages for Flask and the packages on it."""
ON_FLASK = ("tests", "-p", "no:warnings")


def _add(folder: Path, ours: str, place: str) -> None:
    """Add a file of ours to an unpacked distribution."""
    shutil.copy(HERE / ours, folder / place)


def _without_containers(folder: Path) -> None:
    """Let Litestar's tests import the installed package, and start no containers."""
    (folder / "tests" / "docker_service_fixtures.py").write_text("", "utf-8")
    (folder / "litestar").rename(folder / "litestar-of-the-distribution")


def _flask(
    name: str,
    differences: dict[str, str],
    environment: dict[str, str] | None = None,
    version: str = "3.1.3",
    packages: tuple[str, ...] = FLASK,
) -> Suite:
    return Suite(
        name=name,
        source=f"flask=={version}",
        packages=packages,
        tests=("tests",),
        folder="flask",
        ours=("-p", "ours_in_flask"),
        differences=differences,
        environment=environment or {},
    )


def _on_flask(
    name: str,
    source: str,
    differences: dict[str, str] | None = None,
    environment: dict[str, str] | None = None,
    *,
    is_short: bool = False,
) -> Suite:
    return Suite(
        name=name,
        source=source,
        packages=FLASK,
        tests=ON_FLASK,
        folder="flask",
        ours=("-p", "ours_in_flask"),
        differences=differences or {},
        environment=environment or {},
        is_short=is_short,
    )


def _django(version: str, differences: dict[str, str], python: str | None = None) -> Suite:
    labels = (
        *("auth_tests", "messages_tests", "csrf_tests", "test_client", "test_client_regress"),
        "admin_views",
    )
    return Suite(
        name=f"Django {version}",
        source=f"django=={version}",
        packages=(f"django=={version}", "jinja2"),
        tests=(*labels, "sessions_tests.tests"),
        tests_on_ours=(*labels, "sessions_tests"),
        folder="django",
        ours=("ours",),
        differences=differences,
        python=python,
        run=by_django,
        prepare=lambda folder: _add(
            folder, "django/own_store.py", "tests/sessions_tests/test_own_store.py"
        ),
    )


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
            "test_response_types.py::test_stream_response": "a stream carries the session, too",
            "::test_max_age_also_returns_expires": "the date of the cookie has spaces, as in Node",
            "::test_max_age_session_reset": "the test reads the private `_mapping`",
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
    _flask("Flask 3.1.3", ON_JSON),
    _flask("Flask 3.1.3, with `TaggedCodec`", ON_TAGS, {"COOKIESESSION_CODEC": "tagged"}),
    # The newest Flask is 3.1.3, and 3.0 is the oldest that is supported.
    _flask(
        "Flask 3.0.3",
        ON_JSON,
        version="3.0.3",
        packages=("flask[async,dotenv]==3.0.3", "werkzeug==3.0.6", "pytest==8.4.2", "asgiref"),
    ),
    _on_flask(
        "Flask-Login 0.6.3",
        "flask-login==0.6.3",
        {
            "::test_needs_refresh_fires_flash_when_redirect_to_refresh_view": LATE,
            "::test_needs_refresh_flash_message_localized": LATE,
            "::test_unauthorized_flash_message_localized": LATE,
            "::test_unauthorized_flashes_message_with_login_view": LATE,
        },
    ),
    _on_flask(
        'Flask-Login 0.6.3, with `late_writes="log"`',
        "flask-login==0.6.3",
        environment={"COOKIESESSION_LATE_WRITES": "log"},
    ),
    _on_flask("Flask-WTF 1.3.0", "flask-wtf==1.3.0", is_short=True),
    _on_flask("Flask-Dance 7.1.0", "flask-dance==7.1.0"),
    _django("4.2.30", ON_DJANGO_4),
    _django("5.2.19", ON_DJANGO),
    _django("6.1.3", ON_DJANGO, python="3.12"),
    Suite(
        name="Litestar 2.12.1",
        source="litestar==2.12.1",
        packages=(
            *("litestar[full]==2.12.1", "pytest<8", "pytest-asyncio<0.24", "pytest-mock"),
            *("pytest-lazy-fixtures<1.1", "time-machine<3", "fsspec", "starlette", "polyfactory"),
            *("sniffio", "trio"),
        ),
        tests=(
            *("-o", "asyncio_mode=auto", "-k"),
            # The names of the second ones are random.
            "not redis_store and not test_secret_validation",
            "tests/unit/test_middleware/test_session",
            "tests/unit/test_middleware/test_logging_middleware.py",
            "tests/unit/test_security/test_security.py",
            "tests/unit/test_security/test_session_auth.py",
            "tests/unit/test_testing/test_test_client.py",
            "tests/unit/test_testing/test_request_factory.py",
            "tests/unit/test_plugins/test_flash.py",
            "tests/unit/test_connection/test_base.py",
        ),
        folder="litestar",
        ours=("-p", "ours_in_litestar"),
        differences=ON_LITESTAR,
        prepare=_without_containers,
    ),
]
