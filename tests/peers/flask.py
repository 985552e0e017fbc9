"""The own tests of Flask and its packages, from their source distributions: on both sessions."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent / "flask"

PACKAGES = (
    *("flask[async,dotenv]==3.1.3", "werkzeug==3.1.9", "pytest==8.4.2", "asgiref", "requests"),
    *("flask-login==0.6.3", "flask-wtf==1.3.0", "flask-dance==7.1.0", "semantic-version"),
    *("freezegun", "betamax", "responses", "flask-sqlalchemy", "flask-caching"),
    *("flask-babel", "email-validator"),
)
"""What the environment of the tests needs, beside this library."""

OWN = ("tests", "-p", "no:warnings")
SOURCES = {
    "flask==3.1.3": ("tests",),
    "flask-login==0.6.3": OWN,
    "flask-wtf==1.3.0": OWN,
    "flask-dance==7.1.0": OWN,
}
"""A source distribution, and the arguments of pytest that run its tests as they are."""

WITH_OURS = {source: ("-p", "ours_in_flask", *arguments) for source, arguments in SOURCES.items()}
"""The arguments that run these tests on our sessions, with ``HERE`` in ``PYTHONPATH``."""

REFRESH = "a permanent session is sent with every response"
TYPES = "types beyond JSON"
LATE = "flashes are read after the response; passes with COOKIESESSION_LATE_WRITES=log"
DIFFERENCES = {
    "test_session_using_samesite_attribute": "an equal value is sent again",
    "test_session_special_types": TYPES,
    "test_extended_flashing": TYPES,
    "test_session_cookie_setting": REFRESH,
    "test_session_refresh_vary": REFRESH,
    "test_needs_refresh_fires_flash_when_redirect_to_refresh_view": LATE,
    "test_needs_refresh_flash_message_localized": LATE,
    "test_unauthorized_flash_message_localized": LATE,
    "test_unauthorized_flashes_message_with_login_view": LATE,
}
"""The tests that fail on ours, and why."""
