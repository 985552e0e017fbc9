"""Strategies for the contents of sessions and headers."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

ANY_TEXT = st.text(st.characters())
"""Also lone surrogates."""

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | ANY_TEXT,
    lambda children: (
        st.lists(children, max_size=4)
        | st.dictionaries(ANY_TEXT | st.integers(0, 2**33).map(str), children, max_size=4)
    ),
    max_leaves=12,
)
CONTENTS: st.SearchStrategy[dict[str, Any]] = st.dictionaries(ANY_TEXT, JSON_VALUES, max_size=6)
"""Anything that a session can hold."""

ANY_BYTES = st.binary(max_size=300)


@st.composite
def cookie_headers(draw: st.DrawFn) -> bytes:
    """Headers that are almost right: our names, separators and quotes among any bytes."""
    parts = st.sampled_from(
        [b"session=", b"session.sig=", b"; ", b";", b" ", b"\t", b'"', b"=", b"eyJhIjoxfQ=="]
    )
    return b"".join(draw(st.lists(parts | st.binary(max_size=8), max_size=20)))
