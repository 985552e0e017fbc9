from __future__ import annotations

from typing import Any

from typing_extensions import assert_type

from cookiesession_adapters.codecs.fast import FastJSONCodec
from cookiesession_adapters.codecs.fernet import FernetCodec
from cookiesession_adapters.codecs.tagged import TaggedCodec
from cookiesession_core import Codec, CookieSession


def the_codecs_are_codecs() -> None:
    codecs: list[Codec] = [FastJSONCodec(), FernetCodec(["newest", b"older"]), TaggedCodec()]
    assert_type(codecs[0].decode("text"), dict[str, Any])
    assert_type(FastJSONCodec().encode({"user": 7}), str)
    assert_type(FernetCodec(["newest"]).decode("text"), dict[str, Any])
    assert_type(TaggedCodec().decode("text"), dict[str, Any])
    CookieSession(secret="a key", codec=FernetCodec(["newest"]))
    CookieSession(secret="a key", codec=TaggedCodec())

    FernetCodec([7])  # type: ignore[list-item]
    FastJSONCodec().encode([7])  # type: ignore[arg-type]
    TaggedCodec("t")  # type: ignore[call-arg]
    CookieSession(secret="a key", codec=FastJSONCodec)  # type: ignore[arg-type]
