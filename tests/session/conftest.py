"""Each test that asks for `kind` or `sessions` runs for signed pairs and for another format."""

from __future__ import annotations

import pytest

from cookiesession_core import CookieSession
from tests.support.kinds import KINDS, Kind


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Kind:
    """A kind of sessions: signed pairs, or the toy format."""
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def sessions(kind: Kind) -> CookieSession:
    """A configuration of the kind, with all defaults."""
    return kind.sessions()
