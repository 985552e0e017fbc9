"""Python types that JSON lacks, by the tags of Flask's sessions; needs ``cookiesession[tagged]``.

A tagged value is an object with one key: ``Markup("<b>")`` is written as ``{" m": "<b>"}``. The
cookie stays the JSON of Node, so Node carries the tagged values unharmed.

Why not ``flask.json.tag``: it reads some broken tags as other values, an error would name the
place of a value among the tags, and other frameworks would need Flask. The tests compare both.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timezone
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from uuid import UUID

from cookiesession_adapters._extras import NeedsExtra
from cookiesession_core import JSONCodec, SessionEncodeError

with NeedsExtra("tagged"):
    from markupsafe import Markup

_json = JSONCodec()
_ROOT = "session"
"""Where the path of an error begins."""


class TaggedCodec(JSONCodec):
    """Keeps ``tuple``, ``datetime``, ``bytes``, ``UUID`` and ``Markup`` in the JSON of Node.

    ``CookieSession(codec=TaggedCodec(), ...)``. All other values are written and read as by
    :class:`~cookiesession_core.JSONCodec`. The tags are those of Flask:

    - ``" t"``: a ``tuple``, as a list.
    - ``" d"``: a ``datetime``, as an HTTP date: whole seconds in UTC. A ``datetime`` without a
      time zone counts as UTC.
    - ``" b"``: ``bytes``, in base64.
    - ``" u"``: a ``UUID``, in hex.
    - ``" m"``: an object with a method ``__html__``, such as ``Markup``. It is read as ``Markup``.
    - ``" di"``: a ``dict`` whose only key is one of these tags.

    The session itself never gets a tag, because Node or a lifetime may add keys to it.
    """

    __slots__ = ()

    def to_json(self, contents: dict[str, Any], /) -> bytes:
        """Return the text that ``JSON.stringify`` would write for the tagged contents.

        Raises:
            SessionEncodeError: as :meth:`JSONCodec.encode` does. Also for a ``datetime`` before
                the year 100, which would be read as another year.
        """
        try:
            return super().to_json({key: _tagged(value) for key, value in contents.items()})
        except RecursionError:
            reason = f"is nested more than {self.MAX_DEPTH} levels deep, or contains itself"
            raise SessionEncodeError(_ROOT, "dict", reason) from None
        except SessionEncodeError as error:
            # It names the place among the tags.
            with suppress(RecursionError):
                error = _first_error(contents, []) or error
            raise error from None

    def from_json(self, json_bytes: bytes, /) -> dict[str, Any]:
        """Return the contents of the JSON that :meth:`from_base64` has returned."""
        return _untagged_session(super().from_json(json_bytes))

    def from_base64(self, text: str, /) -> tuple[dict[str, Any], bytes]:
        """Return the contents, and the JSON that holds them.

        Raises:
            ValueError: as :meth:`JSONCodec.decode` does. Also for a tag with a value that it
                cannot have, such as ``{" u": "x"}``.
        """
        contents, json_bytes = super().from_base64(text)
        return _untagged_session(contents), json_bytes


# --- writing ----------------------------------------------------------------------------------

_PLAIN = frozenset({str, int, float, bool, type(None)})


def _tagged(value: Any) -> Any:
    """Return a value as JSON holds it. A value without a tag is returned as it is."""
    if type(value) in _PLAIN:
        return value
    # Plain loops: a comprehension may take a second frame for each level, and reach half as deep.
    if isinstance(value, dict):
        members: dict[Any, Any] = {}
        for key, member in value.items():
            members[key] = _tagged(member)
        only = next(iter(members)) if len(members) == 1 else None
        return {" di": {f"{only}__": members[only]}} if only in _READERS else members
    if isinstance(value, (list, tuple)):
        items: list[Any] = []
        for item in value:
            items.append(_tagged(item))  # noqa: PERF401 - as above
        return {" t": items} if isinstance(value, tuple) else items
    try:
        return _tagged_scalar(value)
    except OverflowError:
        reason = "is not between the years 100 and 9999 in UTC"
    except Exception as error:  # noqa: BLE001 - a method of the application may fail
        reason = f"cannot be written: {type(error).__name__} in one of its methods"
    raise SessionEncodeError(_ROOT, type(value).__name__, reason)


def _tagged_scalar(value: Any) -> Any:
    if isinstance(value, bytes):
        return {" b": b64encode(value).decode()}
    if callable(html := getattr(value, "__html__", None)):
        return {" m": str(html())}
    if isinstance(value, UUID):
        return {" u": value.hex}
    if isinstance(value, datetime):
        return {" d": format_datetime(_in_utc(value), usegmt=True)}
    return value


def _in_utc(value: datetime) -> datetime:
    """Return a datetime in UTC. One without a time zone counts as UTC, as in Flask.

    Raises:
        OverflowError: the year in UTC is below 100 or above 9999. Parsers move an HTTP date of
            the first century to the 20th or 21st.
    """
    is_naive = value.tzinfo is None
    utc = value.replace(tzinfo=timezone.utc) if is_naive else value.astimezone(timezone.utc)
    if utc.year < 100:  # noqa: PLR2004
        raise OverflowError
    return utc


def _first_error(container: Any, keys: list[Any]) -> SessionEncodeError | None:
    """Return the error for the first value that cannot be written. It names the value's place.

    Args:
        container: a dict, list or tuple.
        keys: the keys and indexes that lead to the container. They are changed.
    """
    is_dict = isinstance(container, dict)
    for key, value in container.items() if is_dict else enumerate(container):
        keys.append(key)
        is_container = isinstance(value, (dict, list, tuple))
        member: dict[Any, Any] = {key if is_dict else "": None if is_container else value}
        try:
            _json.to_json({name: _tagged(each) for name, each in member.items()})
        except SessionEncodeError as error:
            path = "".join([_ROOT, *(f"[{each!r}]" for each in keys)])
            return SessionEncodeError(path, error.type_name, error.reason)
        if is_container and (found := _first_error(value, keys)):
            return found
        keys.pop()
    return None


# --- reading ----------------------------------------------------------------------------------


def _untagged_session(contents: dict[str, Any]) -> dict[str, Any]:
    try:
        for key, value in contents.items():
            contents[key] = _untagged(value)
    except Exception:  # noqa: BLE001 - the parsers raise various errors
        message = "a tag with a value that it cannot have"
        raise ValueError(message) from None
    return contents


def _untagged(value: Any) -> Any:
    """Return the value that a tag stands for, also within lists and dicts, which it changes."""
    if type(value) is list:
        for index, item in enumerate(value):
            value[index] = _untagged(item)
    elif type(value) is dict:
        for key, member in value.items():
            value[key] = _untagged(member)
        if len(value) == 1:
            [(tag, member)] = value.items()
            if tag in _READERS:
                kind, read = _READERS[tag]
                if type(member) is not kind:
                    raise TypeError
                return read(member)
    return value


def _read_dict(value: dict[str, Any]) -> dict[str, Any]:
    [(key, member)] = value.items()
    tag = key.removesuffix("__")
    if tag == key or tag not in _READERS:
        raise ValueError
    return {tag: member}


def _read_bytes(text: str) -> bytes:
    return b64decode(text, validate=True)


def _read_date(text: str) -> datetime:
    return _in_utc(parsedate_to_datetime(text))


_READERS: dict[Any, tuple[type, Callable[[Any], Any]]] = {
    " di": (dict, _read_dict),
    " t": (list, tuple),
    " b": (str, _read_bytes),
    " m": (str, Markup),
    " u": (str, UUID),
    " d": (str, _read_date),
}
"""For each tag the type of its value in JSON, and what makes the Python value of it."""
