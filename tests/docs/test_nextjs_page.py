"""The code for Next.js in the documentation is that of the application that ``make next`` runs."""

from __future__ import annotations

import re

import pytest

from tests.support.servers import ROOT

NEXT = ROOT / "tests" / "node" / "next"
BLOCK = re.compile(r"^```.*?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(
    ("page", "file"),
    [
        ("docs/how-to/share-with-nextjs.md", "lib/session.js"),
        ("docs/how-to/share-with-nextjs.md", "lib/pass-on.mjs"),
        ("README.md", "app/route.js"),
    ],
)
def test_a_page_shows_a_file_of_the_application(page: str, file: str) -> None:
    text = (ROOT / page).read_text("utf-8")

    assert (NEXT / file).read_text("utf-8") in BLOCK.findall(text)
