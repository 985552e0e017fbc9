"""Random cases in the shape of the recorded ones, most of them nearly right.

Each case depends only on a seed and its number, so that one can be made again without the
others.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from random import Random
from typing import Any
from urllib.parse import quote

from tests.node.vectors.replay import Case, is_undefined
from tests.support.keys import KEYS, OTHER

UNDEFINED = {"$undefined": True}
DROPPED = (
    *("_ctx", "isNew", "isChanged", "isPopulated", "constructor", "toString", "valueOf"),
    *("toLocaleString", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "__proto__"),
    *("__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__"),
)
"""Top-level keys that Node drops."""
CORNERS = "aZ09_-.,:!%é\u00ff\u0100\u2028\u007f\x00\x1f\t\n\"\\/'<漢😀\ud800\udfff"
INDEXES = ("0", "1", "7", "10", "4294967294", "4294967295", "01", "-1", "1.5", "1e3", "true")
INTEGERS = (0, 1, -1, 7, 2**31, 2**53 - 1, 2**53, 2**53 + 1, -(2**63) - 1, 10**21, 10**30)
DOUBLES = (0.1, -0.0, 1.5, 1e16, 1e20, 1e21, 1.5e21, 1e-6, 1e-7, 1.25e-7, 5e-324, 1.7e308, 1e300)


def case_of(seed: int, number: int) -> tuple[str, Case]:
    """Return the suite and the case of that number."""
    random = Random(f"{seed}/{number}")
    suite = random.choices(
        ["session", "keygrip", "cookies_get", "cookies_set"], [70, 10, 8, 12]
    ).pop()
    return suite, Maker(random).make(suite)


def signature_of(keys: Any, index: int, data: str) -> str:
    """Sign as Keygrip does, with the standard library alone."""
    grip = keys["$keygrip"] if isinstance(keys, dict) else {"keys": keys}
    key = bytes_of(grip["keys"][index])
    digest = hmac.new(key, well_formed(data), grip.get("algorithm") or "sha1")
    if grip.get("encoding") == "hex":
        return digest.hexdigest()
    return base64.urlsafe_b64encode(digest.digest()).decode().rstrip("=")


def bytes_of(key: Any) -> bytes:
    return bytes.fromhex(key["$buffer"]) if isinstance(key, dict) else well_formed(key)


def well_formed(text: str) -> bytes:
    """Return UTF-8, lone surrogates replaced."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


def keys_of(options: Case) -> Any:
    """Return the keys of options, ``None`` if nothing is signed."""
    if options.get("signed") is False:
        return None
    keys = options.get("keys")
    return [options["secret"]] if keys is None or is_undefined(keys) else keys


class Maker:
    """Makes cases out of random numbers."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def make(self, suite: str) -> Case:
        case: Case = getattr(self, suite)()
        return case

    def seldom(self, percent: float = 10) -> bool:
        return self.random.random() * 100 < percent

    def one(self, *choices: Any) -> Any:
        return self.random.choice(choices)

    # --- values --------------------------------------------------------------------------

    def text(self, most: int = 8) -> str:
        alphabet = "abcdefgh" if self.seldom(60) else CORNERS
        return "".join(self.random.choices(alphabet, k=self.random.randrange(most + 1)))

    def key(self, *, top: bool = False) -> str:
        if top and self.seldom(5):
            return str(self.one(*DROPPED))
        return str(self.one(*INDEXES)) if self.seldom(20) else self.text()

    def scalar(self) -> Any:
        random = self.random
        return self.one(
            None,
            random.random() < 0.5,
            self.one(*INTEGERS),
            random.randrange(-1000, 1000),
            self.one(*DOUBLES),
            random.uniform(-10, 10) * 10 ** random.randrange(-25, 25),
            self.text(20),
            self.text(),
        )

    def value(self, depth: int = 0) -> Any:
        if depth > 3 or self.seldom(60):
            return self.scalar()
        if self.seldom(50):
            return [self.value(depth + 1) for _ in range(self.random.randrange(4))]
        return self.inner(depth + 1)

    def inner(self, depth: int = 0) -> dict[str, Any]:
        # For JavaScript's assignments, an inner `__proto__` is a setter and not a key.
        return {self.key(): self.value(depth) for _ in range(self.random.randrange(4))}

    def contents(self) -> dict[str, Any]:
        """A session; the operations know the values of four of its keys."""
        keys = [self.key(top=True) for _ in range(self.random.randrange(4))]
        contents = {key: self.value() for key in keys if key not in ("n", "l", "d")}
        known: dict[str, Callable[[], Any]] = {
            "n": lambda: self.random.randrange(-2, 1000),
            "l": lambda: [self.value() for _ in range(self.random.randrange(3))],
            "d": self.inner,
            "message": lambda: "hi",
        }
        contents.update({key: make() for key, make in known.items() if self.seldom(40)})
        items = list(contents.items())
        self.random.shuffle(items)
        return dict(items)

    def odd_value(self) -> Any:
        """A JavaScript value that JSON lacks."""
        return self.one(
            {"$num": "NaN"},
            {"$num": "-Infinity"},
            {"$date": 0},
            {"$fn": True},
            {"$bigint": "18446744073709551617"},
            {"$buffer": "00ff"},
        )

    # --- JSON, as somebody may have spelled it ------------------------------------------

    def spelled(self, value: Any) -> str:
        """Return JSON text, mostly as JSON.stringify writes it, except for order and numbers."""
        if self.seldom(75):
            return json.dumps(value, ensure_ascii=self.seldom(20), separators=(",", ":"))
        return self.spelled_oddly(value)

    def spelled_oddly(self, value: Any) -> str:
        space = self.one("", "", "", " ", "\n", "\t ")
        if isinstance(value, dict):
            members = [
                f"{space}{json.dumps(key, ensure_ascii=self.seldom(50))}:{self.spelled_oddly(item)}"
                for key, item in value.items()
            ]
            if members and self.seldom(5):
                members.append(members[0])
            return f"{{{','.join(members)}{space}}}"
        if isinstance(value, list):
            return f"[{','.join(self.spelled_oddly(item) + space for item in value)}]"
        text = json.dumps(value, ensure_ascii=self.seldom(50))
        if type(value) is int and self.seldom(20):
            text = f"{value}{self.one('.0', 'e0', 'E+0')}" if abs(value) < 2**53 else "1e400"
        return f"{space}{text}"

    def payload(self) -> bytes:
        if self.seldom(8):
            text = self.one(
                *("null", "true", "0", "[]", "[1]", '"str"', '"😀"', "1e1000", "{", "", "{}x"),
                *('{"a":NaN}', "{'a':1}", '{"a":1,}', '{"a":01}', '\ufeff{"a":1}', "[{}]"),
            )
        else:
            text = self.spelled(self.contents())
        data: bytes = text.encode("utf-8", "replace" if self.seldom(50) else "surrogatepass")
        if self.seldom(3):
            position = self.random.randrange(len(data) + 1)
            data = data[:position] + self.random.randbytes(2) + data[position:]
        return data

    def spelled_base64(self, data: bytes) -> str:
        text = base64.b64encode(data).decode()
        if self.seldom(75):
            return text
        for _ in range(self.random.randrange(1, 3)):
            text = self.one(
                text.rstrip("="),
                text.replace("+", "-").replace("/", "_"),
                text + self.one("=", "AAAA", "!", " "),
                self.inserted(text, self.one(" ", "!", "%3D", ".", "\u00e9", "\t", "=", "A")),
                text[: self.random.randrange(len(text) + 1)],
            )
        return text

    def inserted(self, text: str, part: str) -> str:
        position = self.random.randrange(len(text) + 1)
        return text[:position] + part + text[position:]

    # --- headers -------------------------------------------------------------------------

    def header(self, name: str, keys: Any, *values: str) -> str:
        """A Cookie header; the pair is right in most cases."""
        pairs = self.pairs(name, keys, *values)
        if self.seldom(15):
            pairs += self.pairs(name, keys, *values)
        if self.seldom(20):
            pairs += [self.one("theme=dark", f"x{name}=1", f"{name}", f"{name} =1", "", "a=b=c")]
        if self.seldom(20):
            self.random.shuffle(pairs)
        separator = (
            self.one("; ", "; ", "; ", ";", ";  ", " ; ", ";\t", ",") if self.seldom() else "; "
        )
        header = str(separator).join(pairs)
        return self.inserted(header, self.text(3)) if self.seldom(3) else header

    def pairs(self, name: str, keys: Any, value: str | None = None) -> list[str]:
        if value is None:
            value = "" if self.seldom(2) else self.spelled_base64(self.payload())
        if keys is None:
            return [f"{name}={self.quoted(value)}"]
        count = len(keys["$keygrip"]["keys"] if isinstance(keys, dict) else keys)
        index = self.random.randrange(count)
        signature = signature_of(keys, index, f"{name}={value}")
        if self.seldom(20):
            foreign = signature_of([OTHER], 0, f"{name}={value}")
            signature = self.one(
                *("", "x", '""', foreign, signature + "=", signature[:-1], signature.lower())
            )
        if self.seldom(4):
            value, signature = self.percent_encoded(value), self.percent_encoded(signature)
        pairs = [f"{name}={self.quoted(value)}", f"{name}.sig={self.quoted(signature)}"]
        return pairs if self.seldom(95) else [self.one(*pairs)]

    def percent_encoded(self, text: str) -> str:
        """Encode as other cookie libraries do, or nearly so."""
        if self.seldom():
            return f"{text}{self.one('%', '%4', '%zz', '%%41')}"
        safe = self.one("", "-_.~", "=", "+/")
        encoded: str = quote(text, safe=safe, encoding="latin-1")
        if self.seldom(20):
            encoded = quote(encoded, safe=safe)
        return encoded.lower() if self.seldom() else encoded

    def quoted(self, value: str) -> str:
        return self.one(f'"{value}"', f'"{value}', f'"{value}" ') if self.seldom(5) else value

    # --- options -------------------------------------------------------------------------

    def attribute(self) -> tuple[str, Any]:
        """One cookie attribute, valid in most cases."""
        valid: dict[str, tuple[Any, ...]] = {
            "maxAge": (
                60000,
                1,
                0.5,
                1500.5,
                322,
                321.9,
                1e9,
                31536000000,
                2.52e14,
                None,
                UNDEFINED,
            ),
            "expires": ({"$date": 0}, {"$date": 4102444800123}, {"$date": -1}, None),
            "path": ("/", "/app", "", "/a b,c", None, UNDEFINED, "/long" * 204 + "path"),
            "domain": ("example.com", ".a.b", "localhost", "", None, "A-1.x"),
            "secure": (True, False, None, UNDEFINED),
            "httpOnly": (True, False, None, UNDEFINED),
            "sameSite": (True, False, "lax", "Strict", "", None, UNDEFINED, "none"),
            "partitioned": (True, False, None, UNDEFINED),
            "priority": ("low", "Medium", "HIGH", "", None, UNDEFINED),
            "overwrite": (True, False),
        }
        odd: dict[str, tuple[Any, ...]] = {
            "maxAge": (0, -1, "1000", True, {"$num": "NaN"}, {"$num": "Infinity"}, 9e15, 2.6e14),
            "expires": ({"$date": None}, "tomorrow", 0, {"$date": 253402300800000}),
            "path": ("/;x", "/\u00e9", "/\n", False, 1, "/long" * 205),
            "domain": ("a;b", "a:80", "a.", "_a", "\u00e9.com", 7),
            "secure": (0, 1, ""),
            "httpOnly": (0, 1, ""),
            "sameSite": ("foo", 1, 0),
            "partitioned": (0, 1),
            "priority": ("foo", 1, True),
            "overwrite": (0, 1),
        }
        name = self.one(*valid)
        return name, self.one(*(odd if self.seldom() else valid)[name])

    def attributes(self) -> Case:
        return dict(self.attribute() for _ in range(self.random.choice((0, 0, 0, 1, 1, 2, 3))))

    def keys(self) -> Any:
        """Keys, of which most are right."""
        if self.seldom(3):
            return self.one([], "abc", [""], [7], 5, {"a": 1}, {"$keygrip": {"keys": []}})
        keys: list[Any] = list(KEYS)
        if self.seldom(40):
            keys = [f"{self.text()}k" for _ in range(self.random.randrange(1, 4))]
        if self.seldom(5):
            keys.append({"$buffer": self.random.randbytes(8).hex()})
        if self.seldom():
            grip = {"algorithm": self.one("sha256", "sha512", None), "encoding": None}
            return {"$keygrip": {"keys": keys, **grip, **self.one({}, {"encoding": "hex"})}}
        return keys

    # --- the suites ----------------------------------------------------------------------

    def session(self) -> Case:
        options: Case = {"keys": self.keys()}
        if self.seldom(5):
            options = {"secret": self.one(KEYS[0], "s", "")}
        if self.seldom():
            options["signed"] = self.one(True, False, False, None, UNDEFINED, 0)
        if self.seldom(15):
            right = ("app", "sid", "my.session", "a*(b)|$", "s s")
            wrong = ("é", "", " s", "x.sig", "a=b", None)
            options["name"] = self.one(*right, *wrong, "__Host-s", "__Secure-s", "__Http-s")
        options.update(self.attributes())
        if self.seldom(2):
            options[self.one("maxage", "httponly", "value", "secureProxy", "codec", "")] = True
        name = options.get("name") or "session"
        keys = keys_of(options)
        is_usable = (
            isinstance(keys, list) and keys and all(isinstance(k, (str, dict)) for k in keys)
        )
        is_grip = isinstance(keys, dict) and "$keygrip" in keys and keys["$keygrip"]["keys"]
        if keys is not None and not is_usable and not is_grip:
            keys = [OTHER]
        cookie: Any = None if self.seldom() else self.header(name, keys)
        if cookie and self.seldom(5):
            cookie = cookie.split("; ")
        https = self.one("protocol", "encrypted") if self.seldom(25) else False
        return {"options": options, "cookie": cookie, "https": https, "ops": self.operations()}

    def operations(self) -> list[Case]:
        ops = [self.operation() for _ in range(self.random.choice((0, 1, 1, 2, 2, 3, 4, 6)))]
        if self.seldom(15):
            ops.insert(0, {"op": "prior", "headers": self.prior()})
        if self.seldom(3):
            # Contents that cannot be sent come only at the end: a second try is tested elsewhere.
            ops.append({"op": "set", "path": ["odd"], "value": self.odd_value()})
        elif self.seldom(3):
            ops.append(
                {"op": "set", "path": ["large"], "value": "x" * self.random.randrange(2900, 3200)}
            )
        elif self.seldom(5):
            position = self.random.randrange(len(ops) + 1)
            late = [op for op in ops[position:] if op["op"] != "prior"]
            return [*ops[:position], {"op": "send_headers"}, *late]
        return ops

    def prior(self) -> Any:
        lines = [
            *("theme=dark; path=/", "session=old; path=/", "session.sig=old", "sessionx=1"),
            *("Session=1", "session =1", "my.session=1; httponly", "app=1", "app.sig=1"),
            *(" session=1", "session", "session=; expires=Thu, 01 Jan 1970 00:00:00 GMT"),
        ]
        return self.one(self.one(*lines), self.random.sample(lines, self.random.randrange(4)))

    def operation(self) -> Case:
        kinds = {
            "read": 30,
            "touch": 10,
            "set": 20,
            "set_known": 10,
            "delete": 8,
            "push": 5,
            "incr": 6,
            "clear": 2,
            "assign": 6,
            "destroy": 4,
            "option": 5,
            "prior": 2,
        }
        kind = self.random.choices(list(kinds), list(kinds.values())).pop()
        made: Case = getattr(self, f"operation_{kind}", lambda: {"op": kind})()
        return made

    def operation_set(self) -> Case:
        if self.seldom(30):
            return {"op": "set", "path": ["d", self.key()], "value": self.value()}
        name = self.key(top=True)
        if name in DROPPED:
            # JavaScript refuses every write to some of these.
            return {"op": "set", "path": [name], "value": "hi"}
        return {"op": "set", "path": [f"{name}x"], "value": self.value()}

    def operation_set_known(self) -> Case:
        known: Case = {"message": "hi", "n": 1, "l": [], "d": {}}
        name = self.one(*known)
        return {"op": "set", "path": [name], "value": known[name]}

    def operation_delete(self) -> Case:
        return {"op": "delete", "path": self.one(["n"], ["l"], ["message"], ["d", "a"], ["no"])}

    def operation_push(self) -> Case:
        return {"op": "push", "path": ["l"], "value": self.value()}

    def operation_incr(self) -> Case:
        return {"op": "incr", "path": ["n"]}

    def operation_assign(self) -> Case:
        if self.seldom(20):
            odd = self.one(False, 0, "x", True, [1], [], {"$date": 0})
            return {"op": "assign", "value": odd}
        return {"op": "assign", "value": {} if self.seldom(25) else self.contents()}

    def operation_destroy(self) -> Case:
        return {"op": "assign", "value": self.one(None, UNDEFINED)}

    def operation_option(self) -> Case:
        name, value = self.attribute()
        if self.seldom(20):
            return {"op": "delete_option", "name": name}
        if self.seldom(5):
            name, value = self.one("name", "keys", "signed", "secret"), self.one("x", [OTHER])
        return {"op": "option", "name": name, "value": value}

    def operation_prior(self) -> Case:
        return {"op": "prior", "headers": self.prior()}

    def keygrip(self) -> Case:
        keys = self.keys()
        if isinstance(keys, dict):
            keys = keys.get("$keygrip", {"keys": keys})["keys"]
        algorithms = ("sha256", "sha384", "sha512", "md5", "sha1", "", None)
        encodings = ("hex", "base64url", "base64", "", None)
        algorithm = "sha999" if self.seldom(3) else self.one(*algorithms)
        encoding = self.one("latin1", "binary", "utf8") if self.seldom(5) else self.one(*encodings)
        data: Any = f"session={self.text(30)}"
        if self.seldom():
            data = {"$buffer": self.random.randbytes(9).hex()}
        case: Case = {"keys": keys, "algorithm": algorithm, "encoding": encoding, "data": data}
        if self.seldom(40):
            return {**case, "op": "sign"}
        digest: Any = self.digest(keys, algorithm, encoding, data)
        if self.seldom(30):
            digest = self.one(digest + "=", digest[:-1], digest.upper(), "", "\u00e9", 5, None)
        return {**case, "op": "index", "digest": digest}

    def digest(self, keys: Any, algorithm: Any, encoding: Any, data: Any) -> str:
        if not isinstance(keys, list) or not keys or algorithm == "sha999":
            return "x"
        key = self.one(*keys)
        if not isinstance(key, (str, dict)):
            return "x"
        data = bytes_of(data) if isinstance(data, dict) else well_formed(data)
        digest = hmac.new(bytes_of(key), data, getattr(hashlib, algorithm or "sha1"))
        if encoding == "hex":
            return digest.hexdigest()
        return base64.urlsafe_b64encode(digest.digest()).decode().rstrip("=")

    def cookies_get(self) -> Case:
        if self.seldom(50):
            return self.cookies_get_signed()
        name = self.one("session", "foo", "f.o", "foo*(#bar)?.|$", "a b", "é", "a\\b", "[x]")
        words = (
            f"{name}=",
            f"{name}=",
            f"{name}.sig=",
            "; ",
            ";",
            " ",
            "\t",
            '"',
            "=",
            "bar",
            "\n",
        )
        parts = [
            self.one(*words) if self.seldom(80) else self.random.randbytes(3).decode("latin-1")
            for _ in range(self.random.randrange(10))
        ]
        header = None if self.seldom(2) else "".join(parts)
        return {"cookie": header, "name": name, "opts": None, "keys": None, "https": False}

    def cookies_get_signed(self) -> Case:
        name = self.one("session", "foo", "f.o", "foo*(#bar)?.|$", "a b", "a\\b", "[x]")
        grip = {"algorithm": self.one("sha256", None), "encoding": self.one("hex", None)}
        keys = self.one(list(KEYS), [KEYS[0]], {"$keygrip": {"keys": list(KEYS), **grip}})
        value = self.one("bar", "a b", "a%41", "%", "a=b", "eyJhIjoxfQ==", "\u00e9", "", "x" * 50)
        return {
            "cookie": self.header(name, keys, value),
            "name": name,
            "opts": self.one({}, {"signed": True}, {"signed": UNDEFINED}, {"signed": False}, None),
            "keys": keys,
            "https": self.one("protocol", "encrypted") if self.seldom(25) else False,
        }

    def cookies_set(self) -> Case:
        names = ("session", "a b", "é", " a", "", "a=b", "a;b", "a\tb", "__Host-Http-x", "a.sig")
        values = ("v", "", "a b", "é", "a;b", "a\nb", "Ā", None, UNDEFINED, 0, 7, True, '"q"')
        options: Case | None = self.attributes()
        if options is not None and self.seldom(20):
            options["signed"] = self.one(True, False, UNDEFINED)
        if self.seldom(5):
            options = None
        return {
            "name": self.one(*names) if self.seldom(30) else "session",
            "value": self.one(*values) if self.seldom(40) else self.text(),
            "options": options,
            "keys": self.one(None, list(KEYS)),
            "https": self.one("protocol", "encrypted") if self.seldom(40) else False,
            "ctor_secure": self.one(True, False) if self.seldom() else None,
            "prior": self.prior() if self.seldom(20) else None,
        }
