"""What may be wrong with a session that does not verify, and what to try."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from urllib.parse import unquote

import attrs

from cookiesession_core import MAX_COOKIE_SIZE, Keygrip, Outcome

from .evidence import Source
from .inspection import Inspection, sessions_for, values_of

_ALGORITHMS = ("sha1", "sha256", "sha384", "sha512")
_ENCODINGS = ("base64", "hex")
_SCOPE = ("domain", "path", "secure", "samesite", "partitioned")
_MOST_NAMES = 8
_MOST_OF_A_NAME = 40


def hints(inspection: Inspection) -> Iterator[str]:
    """Return what is worth knowing or trying, the likeliest first."""
    outcome, has_keys = inspection.outcome, bool(inspection.settings.keys)
    yield from _on_the_size(inspection)
    yield from _on_the_pair(inspection)
    if inspection.is_deletion:
        return
    if outcome is Outcome.ABSENT:
        yield from _on_names(inspection)
        return
    count = len(values_of(inspection.header, inspection.name))
    if count > 1:
        yield (
            f"{count} cookies have this name, of different paths or domains: the first that "
            "verifies counts, in Node the very first"
        )
    if inspection.contents is None and inspection.text:
        yield "the value is no base64 of a JSON object: was it written by another library or codec?"
    if not has_keys:
        return
    if outcome is Outcome.UNSIGNED:
        yield _on_the_missing_signature(inspection)
    elif outcome is Outcome.BAD_SIGNATURE:
        yield from _on_the_signature(inspection)
    elif outcome is Outcome.LOADED:
        yield from _on_the_lifetime(inspection)


def _on_the_size(inspection: Inspection) -> Iterator[str]:
    sizes = [inspection.octets or 0, *(each.octets for each in inspection.rulings)]
    if max(sizes) > MAX_COOKIE_SIZE:
        yield (
            f"a Set-Cookie line of more than {MAX_COOKIE_SIZE} octets is dropped on many a way, "
            "and not sent by CookieSession unless max_cookie_size allows it"
        )


def _on_the_pair(inspection: Inspection) -> Iterator[str]:
    pair = {each.name: each for each in inspection.rulings}
    if len(pair) < 2:  # noqa: PLR2004 - the session and its signature
        return
    one, other = pair.values()
    different = [name for name in _SCOPE if one.attributes.get(name) != other.attributes.get(name)]
    if one.action != other.action:
        different.append("what the browser does with it")
    if different:
        yield f"the session and its signature differ in {', '.join(different)}: they may part"


def _on_names(inspection: Inspection) -> Iterator[str]:
    # Only what stands before a "=": the rest may be anything.
    pairs = [part.lstrip(" ") for part in inspection.header.split(";") if "=" in part]
    names = list(dict.fromkeys(pair.partition("=")[0] for pair in pairs))
    if inspection.signature_name in names:
        yield (
            f"{inspection.signature_name} is there alone: Node's cookie-session sends it so, when "
            "it signs again by a new key or drops a signature that does not verify"
        )
        return
    signed = [name for name in names if f"{name}.sig" in names]
    for name in signed[:_MOST_NAMES]:
        yield f"{_shown(name)} has a signature: try --name {_shown(name)}"
    if names and not signed:
        listed = ", ".join(_shown(name) for name in names[:_MOST_NAMES])
        more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
        yield f"there are {listed}{more}"


def _on_the_missing_signature(inspection: Inspection) -> str:
    if inspection.source is Source.VALUE:
        return (
            "a value alone cannot be verified: give the whole Cookie header, with "
            f"{inspection.signature_name} in it"
        )
    return (
        "was it written with signed=False, or did a gateway on the way drop one of two Set-Cookie "
        "fields?"
    )


def _on_the_signature(inspection: Inspection) -> Iterator[str]:
    settings, header = inspection.settings, inspection.header
    for algorithm, encoding in product(_ALGORITHMS, _ENCODINGS):
        other = attrs.evolve(settings, algorithm=algorithm, encoding=encoding)
        if sessions_for(other, inspection.now).open(header).key_index is not None:
            yield f"it verifies with --algorithm {algorithm} --encoding {encoding}"
            return
    if sessions_for(settings, inspection.now).open(unquote(header)).key_index is not None:
        yield (
            "it verifies once its percent-encoding is undone: a program on the way has encoded "
            "it, or a script in the page"
        )
        return
    length = len(Keygrip([bytes(64)], settings.algorithm, settings.encoding).sign(""))
    lengths = {len(each) for each in values_of(header, inspection.signature_name)} - {0}
    if length not in lengths:
        yield (
            f"the signature has {min(lengths)} characters where {settings.algorithm} in "
            f"{settings.encoding} has {length}: it was cut, or made in another way"
        )
        return
    yield "other keys? They must be the server's to the octet; their order does not matter here"
    yield (
        "or the value and the signature are of different responses, or were changed, or the "
        "cookie was renamed: its name is signed, too"
    )


def _on_the_lifetime(inspection: Inspection) -> Iterator[str]:
    settings, end = inspection.settings, inspection.stamp.end
    enforced = settings.idle_timeout is not None or settings.absolute_timeout is not None
    if end is not None and end < inspection.now * 1000 and not enforced:
        yield (
            "its lifetime is over: Koa and servers with a timeout refuse it, others take it; "
            "--idle-timeout or --absolute-timeout make this command refuse it, too"
        )


def _shown(name: str) -> str:
    """Return a cookie's name, which may be anything, as it can be shown."""
    return name if len(name) <= _MOST_OF_A_NAME else f"{name[:_MOST_OF_A_NAME]}..."
