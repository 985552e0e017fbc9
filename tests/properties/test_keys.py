from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiesession_core import ConfigurationError, Keygrip, parse_keys

BREAKS = st.sampled_from(["\n", "\r\n", "\r"])
SPACES = st.text(" \t\x0b\x0c\x1f\x85\xa0\u2028", max_size=3)
TEXTS = st.text(st.sampled_from("ab\u00e9\ud800 ,\t\r\n") | st.characters(), max_size=30)
LINES = st.text(st.characters(exclude_characters="\r\n"), min_size=1).map(str.strip).filter(bool)
WORDS = LINES.map(lambda line: line.replace(",", "-"))


@given(st.lists(WORDS, min_size=1), st.data())
def test_keys_between_commas_are_read_back(keys: list[str], data: st.DataObject) -> None:
    padded = [f"{data.draw(SPACES)}{key}{data.draw(SPACES)}" for key in keys]

    assert keys == parse_keys(",".join(padded) + data.draw(BREAKS | SPACES))


@given(st.lists(LINES, min_size=2), BREAKS, st.data())
def test_keys_on_lines_are_read_back_with_their_commas(
    keys: list[str], line_break: str, data: st.DataObject
) -> None:
    padded = [f"{data.draw(SPACES)}{key}{data.draw(SPACES)}" for key in keys]

    assert keys == parse_keys(line_break.join(padded) + data.draw(BREAKS | SPACES))


@given(TEXTS)
def test_any_text_lists_keys_or_is_refused_by_the_number_of_a_key(text: str) -> None:
    try:
        keys = parse_keys(text)
    except ConfigurationError as error:
        numbers = re.findall(r"\(key (\d+) of (\d+)\)", str(error))
        assert bool(numbers) is bool(text.strip())  # an empty text has no key to name
        assert all(1 <= int(number) <= int(count) for number, count in numbers)
    else:
        assert all(key and key == key.strip() for key in keys)
        assert [] == [key for key in keys if re.search(r"[\r\n]", key)]
        assert keys == parse_keys("\n".join(keys)) or len(keys) == 1


@pytest.mark.filterwarnings("ignore:a signing key")
@given(TEXTS)
def test_the_keys_of_any_text_can_sign(text: str) -> None:
    try:
        keys = parse_keys(text)
    except ConfigurationError:
        return

    assert all(Keygrip([key]).verify("data", Keygrip(keys).sign("data")) for key in keys[:1])
