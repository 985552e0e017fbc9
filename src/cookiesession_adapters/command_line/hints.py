"""What may be wrong with a session that does not verify, and what to try."""

from __future__ import annotations

import re
from binascii import a2b_base64
from collections.abc import Iterator, Mapping
from itertools import product
from urllib.parse import unquote

import attrs

from cookiesession_core import MAX_COOKIE_SIZE, Keygrip, Outcome, request_cookies

from .foreign import foreign, with_chunks_joined
from .formats import IRON_SESSION
from .inspection import Inspection, is_verified
from .paste import Source

_ALGORITHMS = ("sha1", "sha256", "sha384", "sha512")
_ENCODINGS = ("base64", "hex")
_OTHER_KEYS = (
    "other keys? They must be the server's, byte for byte; their order does not matter here"
)
_REQUEST = re.compile(r"\bfetch\(|\bcurl\b|Invoke-WebRequest|\"entries\"|\bHTTP/[123]\b")
"""What only a request has that somebody has copied from a browser or a program."""
_PARAMETERS = ("q", "v", "charset", "boundary")
"""Parts of the values of other header fields, as in ``Accept: text/html;q=0.9``."""
_SCOPE = ("domain", "path", "secure", "samesite", "partitioned")
_MAX_NAMES = 8
_MAX_NAME_LENGTH = 40


def hints(inspection: Inspection) -> Iterator[str]:
    """Return what to know or to try, the likeliest first."""
    outcome, has_keys = inspection.outcome, bool(inspection.settings.keys)
    yield from _on_the_size(inspection)
    yield from _on_the_pair(inspection)
    if inspection.is_deletion:
        return
    if _is_joined(inspection):
        yield _on_joined_lines(inspection)
        return
    pairs = _pairs(inspection)
    yield from _on_the_chunks(inspection)
    if outcome is Outcome.ABSENT:
        yield from _on_names(inspection, dict(pairs))
        return
    count = [name for name, _ in pairs].count(inspection.name)
    if count > 1:
        yield (
            f"{count} cookies have this name, with other paths or domains: the first that "
            "verifies counts, in Node the very first"
        )
    if inspection.foreign is not None:
        yield f"this looks like {inspection.foreign.what}: {inspection.foreign.advice}"
        return
    if inspection.contents is None and inspection.has_pairs:
        if _begins_like_a_session(inspection.value or ""):
            yield (
                "the value begins like a session, and its end is missing or damaged: it was cut "
                "when it was copied, or by a program on the way"
            )
            return
        yield ("the value is not base64 of a JSON object: did another library or codec write it?")
    if not has_keys:
        if inspection.settings.format_name == IRON_SESSION:
            yield "a seal is encrypted: give the password of iron-session in the place of the keys"
        return
    if outcome is Outcome.UNSIGNED:
        yield _on_the_missing_signature(inspection)
    elif outcome is Outcome.BAD_SIGNATURE:
        yield from _on_the_signature(inspection)
    elif outcome is Outcome.LOADED:
        yield from _on_percent_encoding(inspection)
        yield from _on_the_lifetime(inspection)


def _on_the_size(inspection: Inspection) -> Iterator[str]:
    sizes = [inspection.size or 0, *(each.size for each in inspection.verdicts)]
    if max(sizes) > MAX_COOKIE_SIZE:
        yield (
            f"many browsers and proxies drop a Set-Cookie value of more than {MAX_COOKIE_SIZE} "
            "bytes, and CookieSession does not send it unless max_cookie_size allows it"
        )


def _on_the_pair(inspection: Inspection) -> Iterator[str]:
    pair = {each.name: each for each in inspection.verdicts}
    if not inspection.has_pairs or len(pair) < 2:  # noqa: PLR2004 - the session, its signature
        return
    one, other = pair.values()
    different = [name for name in _SCOPE if one.attributes.get(name) != other.attributes.get(name)]
    if one.action != other.action:
        different.append("what the browser does with them")
    if different:
        yield (
            f"the session and its signature differ in {', '.join(different)}: "
            "a request may carry one without the other"
        )


def _on_the_chunks(inspection: Inspection) -> Iterator[str]:
    names = [] if inspection.value else inspection.settings.format().leftovers
    present = [index for index, name in enumerate(names) if inspection.cookies.first(name)]
    missing = next(
        (index for index in range(max(present, default=0)) if index not in present), None
    )
    if missing is not None:
        yield (
            f"{_shown(names[missing])} is missing: the session is in several chunks, up to "
            f"{_shown(names[present[-1]])}, and it needs all of them"
        )


def _is_joined(inspection: Inspection) -> bool:
    """Whether a comma stands between one of our cookies and another cookie."""
    if inspection.source is not Source.COOKIE or inspection.outcome is Outcome.LOADED:
        return False
    ours = inspection.name, inspection.signature_name
    values = [value for name in ours for value in inspection.cookies.candidates(name)]
    after_commas = [part.lstrip(" ") for part in inspection.header.split(",")[1:]]
    # No value and no signature of ours has a comma.
    return any("," in value for value in values) or any(
        part.startswith(f"{name}=") for part in after_commas for name in ours
    )


def _on_joined_lines(inspection: Inspection) -> str:
    joined = (
        "a comma stands between two cookies: most WSGI servers join two Cookie lines "
        "in this way, and the session is lost. The client, or a proxy, must send one line"
    )
    if not inspection.settings.keys:
        return joined
    apart = request_cookies(inspection.header.replace(",", "; "))
    does = "verifies" if is_verified(inspection.settings, apart) else "does not verify either"
    return f"{joined}. With a semicolon in the place of the comma, it {does}"


def _pairs(inspection: Inspection) -> list[tuple[str, str]]:
    """Return names and values of all cookies, without text that has no ``=``."""
    parts = [part.lstrip(" ").partition("=") for part in inspection.header.split(";")]
    return [(name, value) for name, equals, value in parts if equals]


def _on_names(inspection: Inspection, names: Mapping[str, str]) -> Iterator[str]:
    if inspection.name in names:
        return
    if inspection.signature_name in names:
        yield _on_the_missing_session(inspection)
        return
    if _REQUEST.search(inspection.header) and not any(map(_is_a_cookie, names)):
        yield (
            "this is a request without a Cookie header: the browser sent none, or left it out of "
            'the copy. "Copy as fetch" never has it, and a HAR file of Chrome only with sensitive '
            'data. "Copy as cURL" has it'
        )
        return
    signed = [name for name in names if f"{name}.sig" in names]
    for name in signed[:_MAX_NAMES]:
        yield f"{_shown(name)} has a signature: try --name {_shown(name)}"
    joined = with_chunks_joined(names)
    others = [(name, foreign(value, inspection.now)) for name, value in joined.items()]
    found = [(name, each) for name, each in others if each is not None]
    for name, each in found[:_MAX_NAMES]:
        advice = f"try --name {_shown(name)}" if each.format else each.advice
        yield f"{_shown(name)} looks like {each.what}: {advice}"
    if names and not signed and not found:
        listed = ", ".join(_shown(name) for name in [*names][:_MAX_NAMES])
        more = f" and {len(names) - _MAX_NAMES} more" if len(names) > _MAX_NAMES else ""
        yield f"there are {listed}{more}"


def _on_the_missing_session(inspection: Inspection) -> str:
    alone = f"{inspection.signature_name} is there alone"
    if inspection.source is Source.SET_COOKIE:
        return (
            f"{alone}: Node's cookie-session sends it alone when it signs again with a new key, or "
            "drops a signature that does not verify"
        )
    return (
        f"{alone}: the browser has refused {inspection.name}, perhaps because it is too large, "
        "or a program on the way has dropped it"
    )


def _is_a_cookie(name: str) -> bool:
    """Whether a name in a request without a mark is that of a cookie, and not of a parameter."""
    return name not in _PARAMETERS and re.fullmatch(r"[\w.-]+", name) is not None


def _begins_like_a_session(value: str) -> bool:
    """Whether a value begins with base64 of a JSON object, although the whole cannot be read."""
    text = re.sub(r"[^A-Za-z0-9+/].*", "", unquote(value, "latin-1"), flags=re.DOTALL)
    beginning = a2b_base64(text[: len(text) // 4 * 4])
    return re.match(rb"""\s*\{\s*["}]""", beginning) is not None


def _on_the_missing_signature(inspection: Inspection) -> str:
    if inspection.source is Source.VALUE and inspection.has_pairs:
        return (
            "a value alone cannot be verified: give the whole Cookie header, with "
            f"{inspection.signature_name} in it"
        )
    if not inspection.has_pairs:
        return "did a server write it without secrets?"
    return (
        "did a server write it with signed=False, or did a gateway on the way drop one of two "
        "Set-Cookie fields?"
    )


def _on_the_signature(inspection: Inspection) -> Iterator[str]:
    settings, cookies = inspection.settings, inspection.cookies
    if is_verified(settings, request_cookies(unquote(inspection.header, "latin-1"))):
        yield (
            "it verifies once its percent-encoding is undone twice: two programs on the way have "
            "encoded it, and a server undoes it once"
        )
        return
    if not inspection.has_pairs:
        yield _OTHER_KEYS
        return
    for algorithm, encoding in product(_ALGORITHMS, _ENCODINGS):
        other = attrs.evolve(settings, algorithm=algorithm, encoding=encoding)
        if is_verified(other, cookies):
            yield f"it verifies with --algorithm {algorithm} --encoding {encoding}"
            return
    length = len(Keygrip([bytes(64)], settings.algorithm, settings.encoding).sign(""))
    lengths = set(map(len, cookies.candidates(inspection.signature_name)))
    if length not in lengths:
        yield (
            f"the signature has {min(lengths)} characters, and {settings.algorithm} in "
            f"{settings.encoding} has {length}: it was cut, or made in another way"
        )
        return
    yield _OTHER_KEYS
    yield (
        "or the value and the signature are from different responses, or somebody changed them or "
        "renamed the cookie: its name is signed, too"
    )


def _on_percent_encoding(inspection: Inspection) -> Iterator[str]:
    if "%" in (inspection.value or "") and inspection.has_pairs:
        yield (
            "it verifies once its percent-encoding is undone, and Node's cookie-session does not "
            "undo it: a program on the way has encoded it, or a script in the page"
        )


def _on_the_lifetime(inspection: Inspection) -> Iterator[str]:
    settings, end = inspection.settings, inspection.timestamps.end
    enforced = settings.idle_timeout is not None or settings.absolute_timeout is not None
    if end is not None and end < inspection.now * 1000 and not enforced:
        yield (
            "its lifetime is over: Koa and servers with a timeout refuse it, others accept it; "
            "with --idle-timeout or --absolute-timeout this command refuses it, too"
        )


def _shown(name: str) -> str:
    """Return a cookie's name, which may be anything, as it can be shown."""
    return name if len(name) <= _MAX_NAME_LENGTH else f"{name[:_MAX_NAME_LENGTH]}..."
