"""Sign with the first key, verify with any: the port of Node's ``keygrip`` 1.1.

A signature is ``base64url(HMAC(key, data))`` without padding. Signatures are compared as
text and in constant time, so another spelling of a signature is refused.

:func:`parse_keys` reads a list of keys from one text.
"""

from __future__ import annotations

import hashlib
import re
from binascii import b2a_base64
from collections.abc import Sequence
from hmac import compare_digest
from typing import TYPE_CHECKING, Any, Protocol

from .errors import ConfigurationError, WeakKeyWarning, check_methods, got_secret, warn
from .hidden import Hidden, HoldsKeys, with_total_repr

if TYPE_CHECKING:
    from hashlib import _Hash

PUBLISHED_KEYS = frozenset(
    {
        *(b"key1", b"key2", b"secret", b"secret1", b"secret2", b"keyboard cat"),
        *(b"SEKRIT1", b"SEKRIT2", b"SEKRIT3", b"your-secret-key", b"change me", b"changeme"),
    }
)
"""Keys from README files; attackers' tools try them."""
_NOT_READ = re.compile(
    # A placeholder of a shell or of CloudFormation, an address, a path, JSON, text in quotes.
    rb"""\$[({].*|\$[A-Z_]+|\{\{.*|(arn|op|vault|file):.*|projects/.*|@Microsoft\..*|(/[a-z0-9._-]+){2,}"""
    rb"""|[\[{]\s*["'].*|".*"|'.*'""",
    re.DOTALL,
)
"""Settings that say where a key is, or hold it in something else."""

_INNER_PAD = bytes(byte ^ 0x36 for byte in range(256))
_OUTER_PAD = bytes(byte ^ 0x5C for byte in range(256))
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_NO_KEYS = (
    "there are no keys: set the environment variable that the application reads, such as "
    "COOKIESESSION_KEYS, to a key from `cookiesession keygen`. Keep the key: with another one, "
    "all visitors are logged out"
)
_LIKELY_KEY = 32
"""Characters of a text that is probably a key of its own."""
_LINE_BREAK, _COMMA = re.compile(r"\r\n|\r|\n"), re.compile(",")


def parse_keys(text: str | None) -> list[str]:
    """Return the keys that a text lists, newest first.

    The text is the value of an environment variable, or the contents of a file::

        sessions = CookieSession(keys=parse_keys(os.environ.get("COOKIESESSION_KEYS")))

    White space at both ends of the text is dropped. If there is still a line break, each line is a
    key, and a comma is a part of its key. Otherwise commas separate the keys. White space at both
    ends of each key is dropped.

    Raises:
        ConfigurationError: for ``None``, which is a variable that is not set; for an empty key,
            which it names by its number; or for another type.

    Warns:
        WeakKeyWarning: for a line that looks like a list of keys, beside other lines.
    """
    given = Hidden(text)
    del text
    if given.value is None:
        raise ConfigurationError(_NO_KEYS)
    if not isinstance(given.value, str):
        message = f"keys must be listed in one str, got {got_secret(type(given.value))}"
        raise ConfigurationError(message)
    given.value = given.value.strip()
    if not given.value:
        raise ConfigurationError(_NO_KEYS)
    separator = _LINE_BREAK if _LINE_BREAK.search(given.value) else _COMMA
    keys = Hidden([key.strip() for key in separator.split(given.value)])
    if separator is _LINE_BREAK:
        _warn_of_lists(keys)
    if "" in keys.value:
        index, count = keys.value.index(""), len(keys.value)
        message = (
            f"keys[{index}] is empty (key {index + 1} of {count}): "
            "is there a comma or an empty line too many?"
        )
        raise ConfigurationError(message)
    return keys.value


def _warn_of_lists(lines: Hidden[list[str]]) -> None:
    for index, parts in enumerate(map(_COMMA.split, lines.value)):
        if len(parts) > 1 and min(map(len, parts)) >= _LIKELY_KEY:
            del parts
            message = (
                f"keys[{index}] has a comma in it: if it is a list of keys, give each of them a "
                "line of its own, because a comma separates keys only if there is one line"
            )
            warn(message, WeakKeyWarning)
            return


class Signer(Protocol):
    """The methods that a session needs of a signer; :class:`Keygrip` is ours."""

    def sign(self, data: str | bytes, /) -> str:
        """Return the signature of ``data`` by the key that signs."""
        ...

    def index(self, data: str | bytes, digest: str, /) -> int:
        """Return the index of the key that made ``digest`` over ``data``, or -1."""
        ...


@with_total_repr
class Keygrip(HoldsKeys):
    """Rotating keys for signing text, as Node's ``new Keygrip(keys, algorithm, encoding)``.

    The order is newest first: ``keys[0]`` signs, every key verifies. (``itsdangerous`` and
    Flask use the reverse order.)

    Args:
        keys: the keys, each ``str`` (used as UTF-8) or ``bytes``; at least one.
        algorithm: any fixed-length hash that ``hashlib`` knows, by default ``"sha1"`` as in
            Node. HMAC-SHA1 is secure, although SHA-1 alone is not; ``"sha256"`` is as fast.
        encoding: ``"base64"`` (URL-safe, no padding; ``"base64url"`` is the same) or ``"hex"``.

    Raises:
        ConfigurationError: for no keys, an empty key, or an unknown algorithm or encoding.

    Warns:
        WeakKeyWarning: for a key shorter than the hash, one printed in a README, or one that looks
            like the place of a key, such as a path.
    """

    __slots__ = ("_keys", "algorithm")

    def __init__(
        self,
        keys: Sequence[str | bytes],
        algorithm: str | None = None,
        encoding: str | None = None,
    ) -> None:
        # With Keygrip(*keys) all three arguments are keys, so no error shows any of them.
        given: Hidden[Any] = Hidden((keys, algorithm, encoding))
        del keys, algorithm, encoding
        self.algorithm: str
        self._keys: list[PreparedKey]
        self.algorithm, self._keys = _checked_keys(given)

    def __repr__(self) -> str:
        """Show everything but the keys."""
        return f"<Keygrip {self.algorithm}, {len(self._keys)} keys>"

    def __eq__(self, other: object) -> bool:
        """Whether the same keys sign in the same way. Takes the same time for all other keys."""
        if not isinstance(other, Keygrip):
            return NotImplemented
        mine, others = self._probes(), other._probes()
        return len(mine) == len(others) and all([*map(compare_digest, mine, others)])

    def __hash__(self) -> int:
        return hash((self.algorithm, len(self._keys)))

    def _probes(self) -> list[str]:
        return [key.sign(self.algorithm.encode()) for key in self._keys]

    @property
    def newest(self) -> PreparedKey:
        """The key that signs."""
        return self._keys[0]

    def sign(self, data: str | bytes) -> str:
        """Return the signature of ``data`` by the first key.

        ``str`` is signed as UTF-8; a lone surrogate counts as U+FFFD, as in Node.

        Raises:
            TypeError: when ``data`` is neither ``str`` nor ``bytes``.
        """
        try:
            return self._keys[0].sign(_to_bytes(data))
        finally:
            del data

    def verify(self, data: str | bytes, digest: str) -> bool:
        """Whether any of the keys made ``digest`` over ``data``; raises as :meth:`index`."""
        try:
            return self.index(data, digest) >= 0
        finally:
            del data, digest

    def index(self, data: str | bytes, digest: str) -> int:
        """Return the lowest index of a key that made ``digest`` over ``data``, or -1.

        No ``digest`` raises: one of another length, alphabet or type does not match.

        Raises:
            TypeError: when ``data`` is neither ``str`` nor ``bytes``.
        """
        try:
            message = data.encode() if type(data) is str and data.isascii() else _to_bytes(data)
        except TypeError:
            del data, digest
            raise
        try:
            for index, key in enumerate(self._keys):
                if compare_digest(key.sign(message), digest):
                    return index
        except TypeError:  # compare_digest refuses text beyond ASCII; a signature is ASCII
            pass
        return -1


class PreparedKey:
    """One key, prepared for HMAC, that signs in base64.

    Both pads of RFC 2104 are hashed beforehand, which takes half the time of ``hmac.new()``.
    """

    __slots__ = ("_inner", "_length", "_outer")

    def __init__(self, key: bytes, plain: _Hash) -> None:
        if len(key) > plain.block_size:
            digest = plain.copy()
            digest.update(key)
            key = digest.digest()
        block = key.ljust(plain.block_size, b"\0")
        self._inner, self._outer = plain.copy(), plain.copy()
        self._inner.update(block.translate(_INNER_PAD))
        self._outer.update(block.translate(_OUTER_PAD))
        self._length = -(-plain.digest_size * 8 // 6)
        """The length of a signature without its padding."""

    def sign(self, data: bytes) -> str:
        """Return the signature of ``data``."""
        inner = self._inner.copy()
        inner.update(data)
        outer = self._outer.copy()
        outer.update(inner.digest())
        return b2a_base64(outer.digest())[: self._length].translate(_URL_SAFE).decode()


class HexKey(PreparedKey):
    """One key, prepared for HMAC, that signs in hexadecimal digits."""

    __slots__ = ()

    def sign(self, data: bytes) -> str:
        """Return the signature of ``data``."""
        inner = self._inner.copy()
        inner.update(data)
        outer = self._outer.copy()
        outer.update(inner.digest())
        return outer.hexdigest()


def _to_bytes(data: str | bytes) -> bytes:
    if isinstance(data, bytes):
        return data
    if not isinstance(data, str):
        message = f"the signed data must be str or bytes, got {type(data).__name__}"
        del data
        raise TypeError(message)
    try:
        return data.encode()
    except UnicodeEncodeError:
        # Through UTF-16, so that the two halves of a split pair join, as in Node.
        units = data.encode("utf-16-le", "surrogatepass")
        return units.decode("utf-16-le", "replace").encode()


def _checked_keys(given: Hidden[Any]) -> tuple[str, list[PreparedKey]]:
    """Return the algorithm and the prepared keys.

    The arguments stay in ``given`` until nothing can raise: no frame shows a key.
    """
    if isinstance(given.value[0], (str, bytes)) or not isinstance(given.value[0], Sequence):
        message = (
            f"keys must be a list of keys, newest first, got {type(given.value[0]).__name__}"
            " (a single key goes into a list, or to CookieSession as secret=...)"
        )
        raise ConfigurationError(message)
    for index, kind in enumerate(map(type, given.value[0])):
        if not issubclass(kind, (str, bytes)):
            message = f"keys[{index}] must be str or bytes, got {got_secret(kind)}"
            raise ConfigurationError(message)
    if not given.value[0]:
        message = "keys must hold at least one key, got an empty list"
        raise ConfigurationError(message)
    if not all(given.value[0]):
        index = [bool(key) for key in given.value[0]].index(False)
        message = f"keys[{index}] is empty: anyone could sign with it"
        raise ConfigurationError(message)
    if (given.value[2] or "base64") not in ("base64", "base64url", "hex"):
        message = (
            "encoding must be 'base64' or 'hex', got something else "
            f"({type(given.value[2]).__name__})"
        )
        raise ConfigurationError(message)
    plain = _new_hash(given)
    algorithm = given.value[1] or "sha1"
    for sized in [Hidden(_to_bytes(key)) for key in given.value[0]]:
        _warn_if_weak(sized, plain.digest_size, algorithm)
    prepared = HexKey if given.value[2] == "hex" else PreparedKey
    return algorithm, [prepared(_to_bytes(key), plain) for key in given.value[0]]


def _new_hash(given: Hidden[Any]) -> _Hash:
    try:
        plain = hashlib.new(given.value[1] or "sha1")
        if plain.digest_size:  # 0 for SHAKE, whose length is not fixed
            return plain
    except (TypeError, ValueError):
        pass
    # The value is not shown: with Keygrip(*keys) it is the second key.
    message = (
        "algorithm must be the name of a fixed-length hash that hashlib knows, such as 'sha256'; "
        f"got {type(given.value[1]).__name__} that is something else"
    )
    raise ConfigurationError(message)


def _warn_if_weak(key: Hidden[bytes], digest_size: int, algorithm: str) -> None:
    if key.value in PUBLISHED_KEYS:
        reason = "is printed in public documentation, so attackers try it first"
    elif len(key.value) < digest_size:
        reason = f"has {len(key.value)} bytes, {digest_size} are the minimum for {algorithm}"
    elif _NOT_READ.fullmatch(key.value):
        message = (
            "a signing key looks like a variable, an address, a path, JSON or text in quotes, and "
            "is used as it stands: give the value of the key alone"
        )
        warn(message, WeakKeyWarning)
        return
    else:
        return
    warn(f"a signing key {reason}; make one with: cookiesession keygen", WeakKeyWarning)


def signer_of(keys: Hidden[Any]) -> Signer:
    """Return a signer for keys, or the signer that was given.

    Raises:
        ConfigurationError: for an object that is neither keys nor a signer.
    """
    if isinstance(keys.value, (str, bytes)):
        message = f"keys must be a list, newest first, got {type(keys.value).__name__}: use secret="
        raise ConfigurationError(message)
    is_list = isinstance(keys.value, Sequence)
    if not is_list:
        also = "a list of keys, newest first, or "
        check_methods("keys", keys.value, "sign", "index", otherwise=also)
    signer: Signer = Keygrip(keys.value) if is_list else keys.value
    return signer
