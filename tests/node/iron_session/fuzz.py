"""Seals by somebody who knows the password, with wrong parts: Node and the library open them.

Half of the seals are changed again after their MAC was made. Nothing may raise, and nothing may
open here whose MAC Node refuses. Each difference from Node must follow from a rule.
"""

from __future__ import annotations

import json
import random
import re
from base64 import urlsafe_b64encode
from collections import Counter
from hashlib import pbkdf2_hmac
from hmac import digest
from typing import Any

import attrs
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from cookiesession_adapters.formats.iron_session import IronSession, unseal_data
from cookiesession_core import CookieSession
from tests.node.iron_session import Oracle

PASSWORDS = {"1": "the 1st password, of 32 characters", "2": "the 2nd password, of 32 characters"}
FAR, LONG_AGO = "4102444800000", "1000000000000"
BATCH = 500


def base64(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


@attrs.define
class Tally:
    """How the cases were answered."""

    counts: Counter[str] = attrs.field(factory=Counter)
    unexplained: list[str] = attrs.field(factory=list)

    def __str__(self) -> str:
        lines = [f"{count:8} {what}" for what, count in sorted(self.counts.items())]
        return "\n".join([*lines, f"{len(self.unexplained):8} unexplained"])


TEXTS = [
    *(b'{"user":7}', b'{"a":[1,{"b":null}],"c":"\xc3\xa9"}', b"{}", b'{"a":1.0}', b'{"a":1e3}'),
    *(b"[1]", b"null", b'"x"', b"5", b"", b"{", b'{"a":NaN}', b'{"a":1}x', b'{"a":1,"a":2}'),
    *(b'\xef\xbb\xbf{"a":1}', b'{"a":"\xff"}', b'{"persistent":{"a":1}}', b'{"save":1}'),
    *(b' {"a" : 1} ', b'{"__proto__":{"a":1}}', b'{"a":"\\ud800"}', b"[" * 600 + b"]" * 600),
    b'{"a":123456789012345678}',
]


def made(chance: random.Random) -> tuple[str, bytes]:
    """Return a seal, most often with a right MAC, and the text that was encrypted."""
    name = chance.choice(["1", "2"])
    salt, mac_salt = (chance.randbytes(32).hex() for _ in range(2))
    iv = chance.randbytes(16)
    text = chance.choice(TEXTS)
    padding = 16 - len(text) % 16
    if chance.random() < 0.05:
        padding += 16 * chance.randrange(3)
    filled = text + bytes([padding]) * padding
    if chance.random() < 0.05:
        filled = filled[:-1] + chance.randbytes(1)
    key = pbkdf2_hmac("sha1", PASSWORDS[name].encode(), salt.encode(), 1, 32)
    encryptor = Cipher(AES(key), CBC(iv)).encryptor()
    encrypted = encryptor.update(filled) + encryptor.finalize()
    end = chance.choice([FAR, FAR, FAR, "", LONG_AGO])
    parts = ["Fe26.2", name, salt, base64(iv), base64(encrypted), end]
    if chance.random() < 0.4:
        place = chance.randrange(6)
        parts[place] = mutated(parts[place], chance)
    if chance.random() < 0.05:
        mac_salt = mutated(mac_salt, chance)
    sealed = "*".join(parts)
    password = PASSWORDS.get(parts[1], PASSWORDS[name])
    mac_key = pbkdf2_hmac("sha1", password.encode(), mac_salt.encode(), 1, 32)
    seal = f"{sealed}*{mac_salt}*{base64(digest(mac_key, sealed.encode(), 'sha256'))}"
    seal += "~2" if chance.random() < 0.9 else chance.choice(["", "~", "~1", "~3", "~2~", "~x"])
    return (mutated(seal, chance) if chance.random() < 0.5 else seal), text


def mutated(text: str, chance: random.Random) -> str:
    """Return a text with one change."""
    place = chance.randrange(len(text) + 1)
    letters = "*~=+/-_ .aA0\té漢"
    letter = chance.choice(letters)
    way = chance.randrange(6)
    if way == 0:
        return text[:place] + letter + text[place:]
    if way == 1:
        return text[:place] + letter + text[place + 1 :]
    if way == 2:
        return text[:place] + text[place + 1 :]
    if way == 3:
        return text[:place]
    if way == 4:
        return text + chance.choice([letter, letter * 3, text])
    return text.swapcase() if chance.random() < 0.5 else "0" + text


WRITTEN = re.compile(
    r"Fe26\.2\*[12]\*[0-9a-f]{64}\*[\w-]{22}\*[\w-]+\*[0-9]*\*[0-9a-f]{64}"
    r"\*[\w-]{42}[AEIMQUYcgkosw048](~.*)?",
    re.ASCII | re.DOTALL,
)
"""How a writer spells a seal."""
LEADING_ZERO = re.compile(r"\*0[0-9]+\*")


@attrs.frozen
class Case:
    """A seal, and the answers to it."""

    seal: str
    text: bytes
    ours: dict[str, Any] | None
    by8: dict[str, Any]
    by9: dict[str, Any]

    def rule(self, version: str) -> str | None:
        """Return why the answer is right beside that of a version of Node."""
        ours, node = self.ours, self.by8 if version == "8" else self.by9
        data = node.get("data")
        if ours is None:
            if "error" in node or (version == "8" and data == {}):
                return "both refuse"
            if not isinstance(data, dict) or (data == {} and self.text == b"null"):
                return "JSON that is not an object"
            return None if WRITTEN.fullmatch(self.seal) else "a part in another spelling"
        if same(ours, data):
            return "both open"
        has_zero = "error" in self.by9 and LEADING_ZERO.search(self.seal) is not None
        if version == "9":
            return "an end with a leading zero is a number" if has_zero else None
        if self.seal.partition("~")[2] != "2" and (has_zero or same(ours, self.by9.get("data"))):
            return "the mark ~2 is ignored"
        return None


def same(left: Any, right: Any) -> bool:
    """Whether two sessions are equal, with the precision of JavaScript."""
    return bool(floats(left) == floats(right))


def floats(data: Any) -> Any:
    return json.loads(json.dumps(data), parse_int=float)


SESSIONS = CookieSession(format=IronSession(PASSWORDS), name="sid")


def answered(seal: str) -> dict[str, Any] | None:
    """Return what is in a seal, asked in both ways. Neither may raise."""
    session = SESSIONS.open({"sid": seal})
    session.get("user")
    session.commit()
    return unseal_data(seal, PASSWORDS)


def run(oracle: Oracle, cases: int, seed: int) -> Tally:
    """Compare the answers to random seals."""
    chance = random.Random(seed)
    tally = Tally()
    for start in range(0, cases, BATCH):
        seals = [made(chance) for _ in range(min(BATCH, cases - start))]
        answers = oracle.ask([(seal, PASSWORDS) for seal, _ in seals])
        for (seal, text), (by8, by9) in zip(seals, answers, strict=True):
            case = Case(seal, text, answered(seal), by8, by9)
            for version in ("8", "9"):
                rule = case.rule(version)
                tally.counts[f"version {version}: {rule}"] += 1
                if rule is None:
                    tally.unexplained.append(f"version {version}: {case}")
    return tally
