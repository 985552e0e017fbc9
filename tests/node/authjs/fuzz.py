"""Tokens by somebody who knows the secret, with wrong parts: Node and the reader decrypt them.

Half of the tokens are changed again after they were encrypted. Nothing may raise, and nothing may
be read here that Node refuses.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import time
from base64 import urlsafe_b64decode
from collections import Counter
from typing import Any

from cookiesession_adapters.formats.authjs import read_session
from tests.formats.authjs_tokens import AUTHJS, CBC_HMAC, GCM, NEXT_AUTH, base64url, token
from tests.node.authjs import AUTHJS as FOLDER

SECRETS = ["the newest secret of that site, 32 bytes", "an older secret of the site, 32 bytes"]
NAMES = {5: AUTHJS, 4: NEXT_AUTH}
HOUR = 3600
"""Seconds; no time is so near to the present that a slow run matters."""
TEXTS = [
    *(b"", b"null", b"[1]", b'"x"', b"{", b'{"a":NaN}', b'{"a":1}x', b' {"a":1,"a":2} '),
    *(b'\xef\xbb\xbf{"a":1}', b'{"a":"\xff"}', b'{"a":"\\ud800"}', b'{"__proto__":{"a":1}}'),
]


def made(chance: random.Random, version: Any) -> str:
    """Return a token, most often one that verifies."""
    now = time.time() // HOUR * HOUR
    claims: dict[str, Any] = {"sub": "7", "iat": now, "exp": now + 9 * HOUR}
    values: list[Any] = [
        now - 9 * HOUR,
        now + 9 * HOUR,
        now + 9 * HOUR + 0.5,
        None,
        "1",
        True,
        [],
        1e300,
        -1,
    ]
    for name in chance.sample(["iat", "exp", "nbf", "jti"], chance.randrange(3)):
        claims[name] = chance.choice(values)
    members: dict[str, Any] = {}
    if chance.random() < 0.3:
        names = ["alg", "enc", "zip", "crit", "typ", "cty", "iss", "sub", "aud", "epk"]
        other: list[Any] = ["dir", "DEF", GCM, CBC_HMAC, "A128GCM", 1, None, ["x"], {"a": 1}]
        members[chance.choice(names)] = chance.choice(other)
    made = token(
        chance.choice(TEXTS) if chance.random() < 0.3 else claims,
        chance.choice([*SECRETS, "a secret of somebody else, of 32 bytes"]),
        NAMES[version] if chance.random() < 0.9 else "other",
        version=version,
        encryption=chance.choice([None, None, CBC_HMAC, GCM]),
        kid=chance.choice([True, True, True, None, "x", 5]),
        **members,
    )
    return mutated(made, chance) if chance.random() < 0.5 else made


def mutated(text: str, chance: random.Random) -> str:
    """Return a token with one change."""
    place, letter = chance.randrange(len(text) + 1), chance.choice("aA0-_=.+/ \t")
    way = chance.randrange(5)
    if way == 0:
        return text[:place] + letter + text[place:]
    if way == 1:
        return text[:place] + letter + text[place + 1 :]
    if way == 2:
        return text[:place]
    parts = text.split(".")
    part = chance.randrange(len(parts))
    parts[part] += "=" * (-len(parts[part]) % 4) if way == 3 else chance.choice(["A", "AAAA"])
    return ".".join(parts)


def run(node: str, cases: int, seed: int) -> tuple[Counter[str], list[str]]:
    """Compare the answers to random tokens: how many there are of each kind, and the wrong ones."""
    chance = random.Random(seed)
    versions = [chance.choice([4, 5]) for _ in range(cases)]
    asked = [(made(chance, version), version, NAMES[version]) for version in versions]
    done = subprocess.run(
        [node, FOLDER / "oracle.mjs"],
        input=json.dumps(asked).encode(),
        env={**os.environ, "AUTH_SECRETS": json.dumps(SECRETS)},
        stdout=subprocess.PIPE,
        check=True,
    )
    counts: Counter[str] = Counter()
    wrong = []
    for (text, version, name), theirs in zip(asked, json.loads(done.stdout), strict=True):
        secrets = SECRETS if version == 5 else SECRETS[:1]
        kind = answer(text, read_session({name: text}, secrets, name=name), theirs)
        counts[f"{version}: {kind}"] += 1
        if kind is None:
            wrong.append(f"version {version}: {text}, Node: {theirs}")
    return counts, wrong


def is_written(part: str) -> bool:
    """Whether a part of a token is spelled as a writer spells it."""
    try:
        return base64url(urlsafe_b64decode(f"{part}===")) == part
    except ValueError:
        return False


def answer(text: str, ours: Any, theirs: Any) -> str | None:
    """Return why our answer is right beside that of Node."""
    if ours == theirs:
        return "nobody reads it" if ours is None else "both read it"
    if ours is not None:
        return None
    return None if all(map(is_written, text.split("."))) else "another spelling"
