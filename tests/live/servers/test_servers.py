"""Each server that the ordinary environment has behaves as the table says."""

from __future__ import annotations

import pytest

from tests.support.servers import ROOT

from .measure import measure
from .table import SERVERS, Server, table

ORDINARY = [server for server in SERVERS if not server.is_extra]


@pytest.mark.parametrize("server", ORDINARY, ids=lambda server: server.name)
def test_a_server_behaves_as_the_table_says(server: Server) -> None:
    assert server.behaviour == measure(server)


def test_the_documentation_shows_the_table() -> None:
    page = (ROOT / "docs" / "servers.md").read_text(encoding="utf-8")

    assert table() in page
