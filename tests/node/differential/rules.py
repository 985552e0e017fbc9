"""Explain a difference: ask Node the case as the library understands it.

Each rule stands for one row of ``docs/deviations.md``. If the row applies, the rule rewrites the
case so that Node does the same as the library: it takes out a forged cookie, or it marks a
session that must be sent again. Or it predicts how Node's answer changes. A difference is
explained if Node's answer to the rewritten case, with these changes, equals ours byte for byte.
So a rule cannot hide a difference that it does not predict.
"""

from __future__ import annotations

import base64
import copy
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import attrs

from cookiesession_core import JSONCodec
from tests.fuzz.codec import bytes_as_node, read_by_other_means
from tests.fuzz.header import cookies_named, tried
from tests.node.differential import table
from tests.node.differential.cases import DROPPED, UNDEFINED, keys_of, signature_of
from tests.node.differential.options import (
    ATTRIBUTES,
    is_nothing,
    is_over_the_years,
    refused_attribute,
    refused_by_session,
    refused_by_set,
    refused_end,
    refused_keygrip,
    refused_together,
    without_defaults,
)
from tests.node.vectors.replay import REFUSED, Answer, Case

LIMIT = 4093
LAST_YEAR = "expires=Fri, 31 Dec 9999 23:59:59 GMT"
THROWS = {"throws": True}
EMPTY = {"session": "{}", "isNew": True, "isChanged": True, "isPopulated": False, "keys": []}
PROBE, AGAIN = -1, -2
"""In the place of the index of an operation: a question of the rules."""
# Code points that no case holds. They carry keys and numbers through Node unchanged.
KEPT_NAME, EXACT = "\ue000", "\ue001"

codec = JSONCodec()


@attrs.frozen
class Explanation:
    """How a difference may be explained, and the question to Node that decides it."""

    rows: list[str]
    question: Case | None
    """The rewritten case; ``None`` if the library refuses the whole case."""
    predicted: Callable[[Answer], Answer]
    """Returns the answer that ours must equal, from Node's."""


def explanation_of(suite: str, case: Case, ours: Answer) -> Explanation:
    """Return how a difference may be explained; without rows there is no explanation."""
    if suite == "session":
        rows = refused_by_session(case["options"])
        if rows:
            return Explanation(rows, None, lambda _: {"construct_error": True})
        return Understanding(case, ours).explanation()
    if suite == "cookies_set":
        rows = refused_by_set(case)
        if not rows and is_over_the_years(case["options"] or {}):
            return Explanation([table.FIVE_DIGITS], case, with_last_year)
    elif suite == "cookies_get":
        return explanation_of_get(case)
    elif suite == "keygrip":
        row = refused_keygrip(case["keys"], case["algorithm"], case["encoding"])
        rows = [] if row is None else [row]
    else:
        rows = []
    return Explanation(rows, None, lambda _: REFUSED)


def explanation_of_get(case: Case) -> Explanation:
    """Explain the answer of ``cookies.get``."""
    name = case["name"]
    pair = Pair.of(name, case["cookie"], case["keys"])
    if pair.value is None:
        return Explanation(list(pair.rows), {**case, "cookie": None}, lambda answer: answer)
    question = {**case, "cookie": newest_pair(name, pair.value, case["keys"])}
    if pair.index == 0:
        return Explanation(list(pair.rows), question, lambda answer: answer)
    signature = signature_of(case["keys"], 0, f"{name}={pair.value}")
    attributes = "; path=/; secure; httponly" if case["https"] else "; path=/; httponly"
    renewed = [f"{name}={pair.value}{attributes}", f"{name}.sig={signature}{attributes}"]
    rows = [*pair.rows, table.RESIGNED]
    return Explanation(rows, question, lambda answer: {**answer, "set_cookie": renewed})


def with_last_year(answer: Answer) -> Answer:
    five_digits = r"expires=\w+, \d\d \w+ \d{5} [\d:]+ GMT"
    set_cookies = [re.sub(five_digits, LAST_YEAR, each) for each in answer["set_cookie"]]
    return {**answer, "set_cookie": set_cookies}


class Understanding:
    """A request as the library understands it."""

    def __init__(self, case: Case, ours: Answer) -> None:
        self.case = copy.deepcopy(case)
        self.ours = ours
        self.options: Case = self.case["options"]
        self.name: str = self.options.get("name", "session")
        self.keys = keys_of(self.options)
        self.https = bool(case["https"])
        self.rows: list[str] = []
        # Each operation, with the index of the one that it stands for.
        self.steps: list[tuple[int | None, Case]] = []
        self.observed: dict[int, Callable[[Any], Any]] = {}
        self.configured = without_defaults(self.options)
        self.effective = {
            name: value for name, value in self.configured.items() if name in ATTRIBUTES
        }
        self.at_the_end: Case = {}
        """The attributes in force when the headers go out."""
        self.existing: list[str] = []
        self.is_probed = False
        self.sealed = ("", "")
        """The value that Node sends, and the one that the library sends."""
        self.pair = Pair(None)
        self.is_destroyed = self.is_sent = self.is_replaced = False
        self.is_ended = False
        """Whether the session was destroyed at any time, written to afterwards or not."""

    def explanation(self) -> Explanation:
        self.rewrite_cookies()
        self.rewrite_operations()
        # Over HTTPS, so that Node sends the cookies.
        https = self.case["https"] or ("protocol" if self.is_secure_over_http() else False)
        question = {**self.case, "ops": [op for _, op in self.steps], "https": https}
        return Explanation(self.rows, question, self.predicted)

    def apply(self, row: str) -> None:
        if row not in self.rows:
            self.rows.append(row)

    # --- the cookies ---------------------------------------------------------------------

    def rewrite_cookies(self) -> None:
        """Leave one pair of cookies, signed by the newest key, written as Node would."""
        pair = self.pair = Pair.of(self.name, self.case["cookie"], self.keys)
        for row in pair.rows:
            self.apply(row)
        value = pair.value
        if value is None:
            if pair.rows:
                # Node would read, sign or expire something that the library does not look at.
                self.case["cookie"] = None
            return
        contents = read_by_other_means(value)
        if contents is None:
            if is_json(value):
                self.apply(table.NO_OBJECT)
            elif pair.index > 0:
                self.apply(table.UNREADABLE)
            self.set_cookies("!")
            return
        if pair.index > 0:
            self.apply(table.RESIGNED)
        if value != codec.encode(contents):
            self.apply(table.TEXT)
        self.set_cookies(codec.encode(self.carried(self.renamed(contents))))

    def set_cookies(self, value: str) -> None:
        self.case["cookie"] = newest_pair(self.name, value, self.keys)

    # --- contents that Node would change ----------------------------------------------------------

    def renamed(self, contents: Case) -> Case:
        """Return contents whose top-level names Node keeps."""
        return {self.renamed_key(key): value for key, value in contents.items()}

    def renamed_key(self, key: str) -> str:
        if key not in DROPPED:
            return key
        self.apply(table.DROPS)
        return KEPT_NAME + key

    def carried(self, value: Any) -> Any:
        """Return a value in which numbers that doubles cannot hold are text, for a while."""
        if isinstance(value, list):
            return [self.carried(item) for item in value]
        if isinstance(value, dict):
            ((tag, content),) = value.items() if len(value) == 1 else (("", None),)
            if tag == "$bigint":
                self.apply(table.INTEGERS)
                return f"{EXACT}{content}{EXACT}"
            if tag in ("$num", "$date", "$fn", "$buffer"):
                # Node cannot write a BigInt. The library cannot write this.
                self.apply(table.SILENT)
                self.is_probed = True
                return {"$bigint": "1"}
            return {key: self.carried(item) for key, item in value.items()}
        if isinstance(value, int) and abs(value) > 2**53:
            self.apply(table.INTEGERS)
            return f"{EXACT}{value}{EXACT}"
        return value

    # --- the operations ------------------------------------------------------------------

    def rewrite_operations(self) -> None:
        priors: list[tuple[int | None, Case]] = []
        for index, op in enumerate(self.case["ops"]):
            if op["op"] == "prior":
                if self.steps:
                    self.apply(table.AT_ONCE)
                priors.append((index, op))
                headers = op["headers"]
                self.existing = [headers] if isinstance(headers, str) else headers
                continue
            if op["op"] == "send_headers":
                self.before_the_headers()
                self.is_sent = True
            self.steps += self.rewritten(index, op)
        if not self.is_sent:
            self.before_the_headers()
        self.steps = [*priors, *self.steps]

    def before_the_headers(self) -> None:
        self.at_the_end = dict(self.effective)
        if self.is_probed:
            self.steps.append((PROBE, {"op": "read"}))
        if table.RESIGNED in self.rows:
            self.steps.append((AGAIN, {"op": "send_again"}))
        if self.is_replaced:
            self.steps.append((None, {"op": "drop_if_empty", "ended": self.is_ended}))

    def rewritten(self, index: int, op: Case) -> Iterator[tuple[int | None, Case]]:
        kind = op["op"]
        if kind in ("option", "delete_option"):
            row = self.refused_option(op)
            if row is None and self.is_sent:
                row = table.LATE
            if row is not None:
                self.refuse(index, row)
                return
        elif kind == "assign":
            assigned = self.assigned(index, op)
            if assigned is None:
                return
            op = assigned
        elif "path" in op:
            path = op["path"]
            op = {**op, "path": [self.renamed_key(path[0]), *path[1:]]}
            if "value" in op:
                op["value"] = self.carried(op["value"])
        is_one = len(op.get("path", ())) == 1
        is_late_removal = self.is_sent and (kind == "clear" or (kind == "delete" and is_one))
        if self.is_sent and kind in ("set", "incr") and is_one:
            self.refuse(index, table.LATE)
            return
        is_write = kind == "clear" or (kind in ("set", "incr") and is_one)
        if self.is_destroyed and (
            is_late_removal or kind == "read" or (kind == "delete" and is_one)
        ):
            self.apply(table.NULL)
            self.observed[index] = lambda _: EMPTY if kind == "read" else None
        elif is_late_removal:
            op = self.late_removal(index, op)
        elif self.is_destroyed and is_write:
            self.apply(table.NULL)
            self.is_destroyed, self.is_replaced = False, True
            yield None, {"op": "assign", "value": {}}
        yield index, op

    def refuse(self, index: int, row: str) -> None:
        self.apply(row)
        self.observed[index] = lambda _: THROWS

    def refused_option(self, op: Case) -> str | None:
        name = op["name"]
        if name not in ATTRIBUTES:
            return table.FIXED if name in ("name", "keys", "signed", "secret") else table.UNKNOWN
        changed = {key: value for key, value in self.effective.items() if key != name}
        if op["op"] == "option":
            changed[name] = op["value"]
        elif name in self.configured:
            changed[name] = self.configured[name]
        row = refused_attribute(name, changed.get(name, UNDEFINED))
        row = row or refused_together(self.name, changed, https=self.https)
        if name in ("maxAge", "expires"):
            row = row or refused_end(changed)
        if row is None:
            self.effective = changed
        return row

    def is_refused_assignment(self, index: int, op: Case) -> bool:
        value = op["value"]
        is_object = isinstance(value, dict) and not ("$date" in value and len(value) == 1)
        if isinstance(value, list) or (isinstance(value, dict) and not is_object):
            self.refuse(index, table.ARRAY)
            return True
        if not (is_nothing(value) or is_object):
            return False  # both refuse it
        if self.is_sent:
            self.refuse(index, table.LATE)
            return True
        self.is_destroyed = is_nothing(value)
        self.is_ended |= self.is_destroyed
        self.is_replaced |= not self.is_destroyed
        return False

    def assigned(self, index: int, op: Case) -> Case | None:
        """Return the operation in the place of an assignment; ``None`` if it is refused."""
        value = op["value"]
        if self.is_sent and value == {}:
            return self.late_removal(index, op)
        if self.is_refused_assignment(index, op):
            return None
        if isinstance(value, dict) and not is_nothing(value):
            return {**op, "value": self.carried(self.renamed(value))}
        return op

    def late_removal(self, index: int, op: Case) -> Case:
        """Return an operation that shows whether there is something to remove: it is too late."""

        def observed(reading: Any) -> Any:
            keys = reading.get("keys", [])
            if op["op"] == "assign":
                # A new session that holds something has been sent.
                is_nothing_there = reading.get("isNew", True) and not keys
            elif op["op"] == "clear":
                is_nothing_there = not keys
            else:
                is_nothing_there = op["path"][0] not in keys
            if is_nothing_there:
                return None
            self.apply(table.LATE)
            return THROWS

        self.observed[index] = observed
        return {"op": "read"}

    # --- the answer ----------------------------------------------------------------------

    def predicted(self, answer: Answer) -> Answer:
        """Return the answer that ours must equal, from Node's to the rewritten case."""
        seen = {index: item for (index, _), item in zip(self.steps, answer["observed"], strict=True)
                if index is not None}  # fmt: skip
        observed = []
        for index in range(len(self.case["ops"])):
            item = self.restored_reading(seen.get(index))
            item = self.observed.get(index, lambda item: item)(item)
            observed.append(self.in_our_order(index, item))
        only_again = seen.get(AGAIN) is True
        set_cookies = [self.restored_set_cookie(each) for each in answer["set_cookie"]]
        result: Answer = {"construct_error": None, "observed": observed}
        fails = seen.get(PROBE, {}).get("session") == {"$throws": True}
        if fails:
            return {**result, "set_cookie": self.existing, "commit_error": "SessionEncodeError"}
        own = [each for each in set_cookies if each not in self.existing]
        if any(each.startswith(f"{self.name}=;") for each in own) and self.is_replaced:
            self.apply(table.NULL if self.is_ended else table.EMPTIED)
        if own and self.is_secure_over_http():
            self.apply(table.SECURE)
            return {**result, "set_cookie": self.existing}
        if any(len(each) > LIMIT for each in own):
            self.apply(table.LARGE)
            result["set_cookie"] = self.existing
            if not only_again:
                result["commit_error"] = "CookieTooLargeError"
            return result
        names = (f"{self.name}=", f"{self.name}.sig=")
        if only_again and any(each.startswith(names) for each in self.existing):
            # A renewal gives way.
            set_cookies = self.existing
        if is_over_the_years(self.at_the_end):
            self.apply(table.FIVE_DIGITS)
            return with_last_year({**result, "set_cookie": set_cookies})
        return {**result, "set_cookie": set_cookies}

    def is_secure_over_http(self) -> bool:
        return self.at_the_end.get("secure") is True and not self.https

    def in_our_order(self, index: int, item: Any) -> Any:
        """Return a reading with its keys in the order in which the mapping has them."""
        ours = self.ours["observed"][index] if "observed" in self.ours else None
        if not isinstance(item, dict) or not isinstance(ours, dict) or "keys" not in item:
            return item
        keys = ours.get("keys", [])
        if keys == item["keys"] or in_js_order(keys) != item["keys"]:
            return item
        self.apply(table.ORDER)
        return {**item, "keys": keys}

    def restored_reading(self, item: Any) -> Any:
        if not isinstance(item, dict) or "keys" not in item:
            return item
        text = restored(item["session"]) if isinstance(item["session"], str) else item["session"]
        return {**item, "session": text, "keys": [restored(key) for key in item["keys"]]}

    def restored_set_cookie(self, set_cookie: str) -> str:
        """Return a Set-Cookie value with the keys and numbers that Node did not see."""
        name, _, rest = set_cookie.partition("=")
        if set_cookie in self.existing or name not in (self.name, f"{self.name}.sig"):
            return set_cookie
        text, semicolon, attributes = rest.partition(";")
        if name == self.name and text:
            self.sealed = text, restored_value(text)
            text = self.sealed[1]
        elif name != self.name and self.sealed[0] != self.sealed[1]:
            text = signature_of(self.keys, 0, f"{self.name}={self.sealed[1]}")
        return f"{name}={text}{semicolon}{attributes}"


@attrs.frozen
class Pair:
    """The pair of value and signature that the library takes from a request."""

    value: str | None
    """The value that a key has signed, or the only one; ``None``: there is none."""
    index: int = 0
    """The index of the key."""
    rows: tuple[str, ...] = ()

    @classmethod
    def of(cls, name: str, cookie: Any, keys: Any) -> Pair:
        header = "; ".join(cookie) if isinstance(cookie, list) else cookie or ""
        values = cookies_named(name, header)
        if keys is None:
            # Node, too, ignores an empty value.
            return cls(values[0] if values and values[0] else None)
        signatures = cookies_named(f"{name}.sig", header)
        count = len(keys["$keygrip"]["keys"] if isinstance(keys, dict) else keys)
        pairs = tried([value for value in values if value], [text for text in signatures if text])
        for place, (value, signature) in enumerate(pairs):
            right = [signature_of(keys, index, f"{name}={value}") for index in range(count)]
            if signature in right:
                rows = [] if (value, signature) == (values[0], signatures[0]) else [table.TOSSED]
                if place >= len(pairs) // 2 and "%" in "".join([*values, *signatures]):
                    rows = [table.PERCENT]
                return cls(value, right.index(signature), tuple(rows))
        # Node reads no session either. But it may sign or expire the first pair.
        is_signed = bool(values) and any(signatures)
        return cls(None, 0, (table.BAD if any(values) else table.EMPTY,) if is_signed else ())


def newest_pair(name: str, value: str, keys: Any) -> str:
    """Return the Cookie header of a value, signed by the newest key if there are keys."""
    # In quotes, because a value may begin with a quote.
    header = f'{name}="{value}"'
    if keys is None:
        return header
    signature = signature_of(keys, 0, f"{name}={value}")
    return f'{header}; {name}.sig="{signature}"'


def is_json(value: str) -> bool:
    try:
        json.loads(bytes(bytes_as_node(value)).decode("utf-8", "replace"))
    except ValueError:
        return False
    return True


def restored(text: str) -> str:
    return re.sub(f'"?{EXACT}"?', "", text).replace(KEPT_NAME, "")


def restored_value(value: str) -> str:
    text = base64.b64decode(value).decode()
    return base64.b64encode(restored(text).encode()).decode()


def in_js_order(keys: list[str]) -> list[str]:
    indexes = [
        key for key in keys if re.fullmatch("0|[1-9][0-9]{0,9}", key) and int(key) < 2**32 - 1
    ]
    return [*sorted(indexes, key=int), *(key for key in keys if key not in indexes)]
