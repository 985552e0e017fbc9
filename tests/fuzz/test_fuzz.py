from __future__ import annotations

import base64
import io
import json
import logging
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cookiesession_core import JSONCodec, Keygrip, Session, signed_pair
from cookiesession_core.lifetime import Lifetime
from tests.conftest import REQUIRED
from tests.fuzz import Target, __main__, codec, corpus, header
from tests.support.keys import NEWEST
from tests.support.leaks import watch

TARGETS: dict[str, Target] = {"header": header.run, "codec": codec.run}
LIVE_LIMIT = 5
"""Seconds of fuzzing; a mistake in every execution is found in the first one."""


@pytest.mark.parametrize(
    ("target", "file"),
    [
        pytest.param(target, file, id=f"{target}-{file.name}")
        for target in TARGETS
        for file in corpus(target)
    ],
)
def test_no_input_of_the_corpus_breaks_a_promise(target: str, file: Path) -> None:
    TARGETS[target](file.read_bytes())


def forged(*_: object) -> int:
    return 0


def never(*_: object) -> bool:
    return False


def with_spaces(_: JSONCodec, contents: dict[str, Any]) -> str:
    return base64.b64encode(json.dumps(contents).encode()).decode()


def crashing(*_: object) -> None:
    raise KeyError


def as_it_came(text: str) -> str:
    return text


def beside_others(session: Session, existing: list[str] | tuple[()] = ()) -> list[str]:
    return [*existing, *COMMIT(session)]


def without_others(session: Session, existing: list[str] | tuple[()] = ()) -> list[str]:
    return COMMIT(session, [each for each in existing if "session" in each])


def telling_the_key(session: Session, existing: list[str] | tuple[()] = ()) -> list[str]:
    logging.getLogger("cookiesession").info("signed by %s", NEWEST)
    return COMMIT(session, existing)


COMMIT = Session.commit


@pytest.mark.parametrize(
    ("target", "owner", "name", "mistake"),
    [
        ("header", Keygrip, "index", forged),
        ("header", Lifetime, "is_over", never),
        ("header", signed_pair, "_percent_decoded", as_it_came),
        ("header", Session, "commit", beside_others),
        ("header", Session, "commit", without_others),
        ("header", Session, "commit", telling_the_key),
        ("codec", JSONCodec, "encode", with_spaces),
        ("codec", JSONCodec, "decode", crashing),
    ],
)
def test_the_corpus_shows_a_mistake(
    target: str,
    owner: object,
    name: str,
    mistake: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(owner, name, mistake)

    with pytest.raises((AssertionError, KeyError)):
        __main__.replay(target, corpus(target), io.StringIO())
    watch.close()  # the secrets here were shown on purpose


@pytest.fixture(scope="module")
def atheris() -> None:
    if not __main__.has_atheris():
        if __main__.HAS_WHEELS and os.environ.get(REQUIRED) == "1":
            pytest.fail(f"{__main__.NO_ATHERIS} ({REQUIRED}=1 forbids to skip these tests)")
        pytest.skip(__main__.NO_ATHERIS)


@pytest.mark.usefixtures("atheris")
def test_fuzzing_starts_with_the_kept_inputs_and_reports_its_figures(tmp_path: Path) -> None:
    out = io.StringIO()

    assert __main__.fuzz(2, out, tmp_path)

    for target in TARGETS:
        line = re.search(rf"fuzz {target}: ([\d,]+) executions; (\d+) edges", out.getvalue())
        assert line is not None
        assert int(line[1].replace(",", "")) > len(corpus(target))


@pytest.mark.usefixtures("atheris")
def test_a_crash_is_printed_with_how_to_reproduce_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crashing = (
        "import runpy; from cookiesession_core import JSONCodec;"
        "JSONCodec.decode = lambda *_: {}['a bug'];"
        "runpy.run_module('tests.fuzz.libfuzzer', run_name='__main__')"
    )
    monkeypatch.setattr(__main__, "FUZZER", ("-c", crashing))
    out = io.StringIO()

    assert not __main__.Run.start("codec", LIVE_LIMIT, tmp_path).finish(out)

    assert "KeyError: 'a bug'" in out.getvalue()
    command = re.search(r"to reproduce: .* -m tests.fuzz codec (\S+)", out.getvalue())
    assert command is not None
    codec.run(Path(command[1]).read_bytes())


def test_an_input_is_replayed_without_atheris(tmp_path: Path) -> None:
    file = tmp_path / "input"
    file.write_bytes(b"te30=")
    out = io.StringIO()

    __main__.replay("codec", [file], out)

    assert f"codec {file}: b'te30='\n" == out.getvalue()


@pytest.mark.parametrize("has_wheels", [True, False])
@pytest.mark.parametrize("required", ["1", "0"])
def test_fuzzing_without_atheris_fails_only_if_atheris_exists_and_is_required(
    required: str,
    has_wheels: bool,  # noqa: FBT001 - a parameter of the test
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(__main__, "has_atheris", lambda: False)
    monkeypatch.setattr(__main__, "HAS_WHEELS", has_wheels)
    monkeypatch.setenv(REQUIRED, required)

    assert (has_wheels and required == "1") == bool(__main__.main(["1"]))
    assert "no fuzzing" in capsys.readouterr().out
