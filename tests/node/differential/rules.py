"""Explain a difference: Node is asked the case as the library understands it.

Each rule stands for one row of ``docs/deviations.md``. Where the row applies, the rule
rewrites the case so that Node does what the library does by itself (a forged cookie is taken
out, a session that is to be sent again is marked so), or predicts what becomes of Node's
answer. A difference is explained when Node's answer to the rewritten case, so amended, equals
ours, octet for octet. So no rule can hide a difference that it does not predict.
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
from tests.fuzz.codec import octets_as_node, read_by_other_means
from tests.fuzz.header import cookies_named
from tests.node.differential import table
from tests.node.differential.cases import DROPPED, UNDEFINED, keys_of, signature_of
from tests.node.differential.options import (
    ATTRIBUTES,
    is_nothing,
    is_over_the_years,
    is_text,
    refused_attribute,
    refused_by_session,
    refused_by_set,
    refused_keygrip,
    refused_together,
    without_defaults,
)
from tests.node.vectors.replay import REFUSED, Answer, Case

LIMIT = 4093
LONG_AGO = "; expires=Thu, 01 Jan 1970 00:00:00 GMT"
LAST_YEAR = "expires=Fri, 31 Dec 9999 23:59:59 GMT"
THROWS = {"throws": True}
EMPTY = {"session": "{}", "isNew": True, "isChanged": True, "isPopulated": False, "keys": []}
READING = {"read", "touch", "set", "delete", "push", "incr", "clear"}
PROBE, AGAIN = -1, -2
"""In the place of the index of an operation: what we ask for besides."""
# Code points that no case holds: they carry through Node what Node would change.
KEPT_NAME, EXACT = "\ue000", "\ue001"

codec = JSONCodec()


@attrs.frozen
class Explanation:
    """What is left to ask of a case that the two answered differently."""

    rows: list[str]
    question: Case | None
    """What to ask Node; ``None`` where the library refuses the whole case."""
    predicted: Callable[[Answer], Answer]
    """What our answer has to be, by Node's."""


def explanation_of(suite: str, case: Case, ours: Answer) -> Explanation:
    """Return how a difference may be explained; without rows it cannot be."""
    if suite == "session":
        rows = refused_by_session(case["options"])
        if rows:
            return Explanation(rows, None, lambda _: {"construct_error": True})
        return Understanding(case, ours).explanation()
    if suite == "cookies_set":
        rows = refused_by_set(case)
        if not rows and is_over_the_years(case["options"] or {}):
            return Explanation([table.FIVE_DIGITS], case, with_last_year)
    elif suite == "keygrip":
        row = refused_keygrip(case["keys"], case["algorithm"], case["encoding"])
        rows = [] if row is None else [row]
    else:
        rows = []
    return Explanation(rows, None, lambda _: REFUSED)


def with_last_year(answer: Answer) -> Answer:
    lines = [re.sub(r"expires=\w+, \d\d \w+ \d{5} [\d:]+ GMT", LAST_YEAR, line)
             for line in answer["set_cookie"]]  # fmt: skip
    return {**answer, "set_cookie": lines}


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
        # With each operation, the index of the one that it stands for.
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
        self.sends_again: str | None = None
        """The text that an older key has signed."""
        self.is_destroyed = self.is_sent = self.is_replaced = False

    def explanation(self) -> Explanation:
        self.rewrite_cookies()
        self.rewrite_operations()
        # Over HTTPS, so that Node shows what there would be to send.
        https = self.case["https"] or ("protocol" if self.is_secure_over_http() else False)
        question = {**self.case, "ops": [op for _, op in self.steps], "https": https}
        return Explanation(self.rows, question, self.predicted)

    def apply(self, row: str) -> None:
        if row not in self.rows:
            self.rows.append(row)

    # --- the cookies ---------------------------------------------------------------------

    def rewrite_cookies(self) -> None:
        """Leave one pair of cookies, signed by the newest key, written as Node would."""
        cookie = self.case["cookie"]
        header = "; ".join(cookie) if isinstance(cookie, list) else cookie or ""
        values = cookies_named(self.name, header)
        signatures = cookies_named(f"{self.name}.sig", header)
        if not values:
            return
        index: int | None = 0
        value = values[0]
        if self.keys is not None:
            value, index = self.verified(values, signatures)
        if index is None:
            if any(signatures) and self.is_first_read_late():
                self.apply(table.AT_ONCE)
                self.case["cookie"] = None
                return
            # Node looks at the first signature only, and does not repair an empty one.
            signature = next(filter(None, signatures), "")
            if signature and not signatures[0]:
                self.apply(table.TOSSED)
                self.set_cookies(values[0], signature)
            return
        contents = read_by_other_means(value)
        if contents is None:
            if is_json(value):
                self.apply(table.NO_OBJECT)
            elif index > 0:
                self.apply(table.UNREADABLE)
            self.set_cookies("!")
            return
        if index > 0:
            self.apply(table.RESIGNED)
            self.sends_again = value
        if value != codec.encode(contents):
            self.apply(table.TEXT)
        self.set_cookies(codec.encode(self.carried(self.renamed(contents))))

    def verified(self, values: list[str], signatures: list[str]) -> tuple[str, int | None]:
        """Return the first value that a key has signed, and the key's index."""
        count = len(self.keys["$keygrip"]["keys"] if isinstance(self.keys, dict) else self.keys)
        for value in values:
            data = f"{self.name}={value}"
            right = [signature_of(self.keys, index, data) for index in range(count)]
            for signature in signatures:
                if signature in right:
                    if (value, signature) != (values[0], signatures[0]):
                        self.apply(table.TOSSED)
                    return value, right.index(signature)
        return values[0], None

    def is_first_read_late(self) -> bool:
        """Whether the headers go out before anybody reads; a repair is then an error in Node."""
        kinds = [op["op"] for op in self.case["ops"]]
        early = kinds[: kinds.index("send_headers")] if "send_headers" in kinds else kinds
        return early != kinds and not {*early} & READING

    def set_cookies(self, value: str, signature: str | None = None) -> None:
        # In quotes, for a value may begin with one.
        header = f'{self.name}="{value}"'
        if self.keys is not None:
            signature = signature or signature_of(self.keys, 0, f"{self.name}={value}")
            header += f'; {self.name}.sig="{signature}"'
        self.case["cookie"] = header

    # --- what Node would change ----------------------------------------------------------

    def renamed(self, contents: Case) -> Case:
        """Return contents whose top-level names Node keeps."""
        return {self.renamed_key(key): value for key, value in contents.items()}

    def renamed_key(self, key: str) -> str:
        if key not in DROPPED:
            return key
        self.apply(table.DROPS)
        return KEPT_NAME + key

    def carried(self, value: Any) -> Any:
        """Return a value in which numbers are text that doubles cannot hold, for a while."""
        if isinstance(value, list):
            return [self.carried(item) for item in value]
        if isinstance(value, dict):
            ((tag, content),) = value.items() if len(value) == 1 else (("", None),)
            if tag == "$bigint":
                self.apply(table.INTEGERS)
                return f"{EXACT}{content}{EXACT}"
            if tag in ("$num", "$date", "$fn", "$buffer"):
                # BigInt cannot be written by Node; this cannot be written by us.
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
        if self.sends_again is not None:
            self.steps.append((AGAIN, {"op": "send_again"}))
        if self.is_replaced:
            self.steps.append((None, {"op": "drop_if_empty"}))

    def rewritten(self, index: int, op: Case) -> Iterator[tuple[int | None, Case]]:
        kind = op["op"]
        if kind in ("option", "delete_option"):
            row = self.refused_option(op)
            if row is not None:
                self.refuse(index, row)
                return
        elif kind == "assign":
            if self.is_refused_assignment(index, op):
                return
            value = op["value"]
            if isinstance(value, dict) and not is_nothing(value):
                op = {**op, "value": self.carried(self.renamed(value))}
        elif "path" in op:
            path = op["path"]
            op = {**op, "path": [self.renamed_key(path[0]), *path[1:]]}
            if "value" in op:
                op["value"] = self.carried(op["value"])
        is_delete = kind == "delete" and len(op["path"]) == 1
        is_write = kind == "clear" or (kind in ("set", "incr") and len(op["path"]) == 1)
        if self.is_sent and is_write:
            self.refuse(index, table.LATE)
            return
        if self.is_destroyed and (is_delete or kind == "read"):
            self.apply(table.NULL)
            self.observed[index] = lambda _: EMPTY if kind == "read" else None
        elif self.is_sent and is_delete:
            op = self.late_delete(index, op)
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
        self.is_replaced |= not self.is_destroyed
        return False

    def late_delete(self, index: int, op: Case) -> Case:
        """Return what tells whether the key is there: deleting it would come too late."""
        key = op["path"][0]

        def observed(reading: Any) -> Any:
            if key not in reading.get("keys", []):
                return None
            self.apply(table.LATE)
            return THROWS

        self.observed[index] = observed
        return {"op": "read"}

    # --- the answer ----------------------------------------------------------------------

    def predicted(self, answer: Answer) -> Answer:
        """Return what our answer has to be if this is Node's, to the rewritten case."""
        seen = {index: item for (index, _), item in zip(self.steps, answer["observed"], strict=True)
                if index is not None}  # fmt: skip
        observed = []
        for index in range(len(self.case["ops"])):
            item = self.restored_reading(seen.get(index))
            item = self.observed.get(index, lambda item: item)(item)
            observed.append(self.in_our_order(index, item))
        only_again = seen.get(AGAIN) is True
        lines = self.restored_lines(answer["set_cookie"], self.sends_again if only_again else None)
        result: Answer = {"construct_error": None, "observed": observed}
        fails = seen.get(PROBE, {}).get("session") == {"$throws": True}
        if fails:
            return {**result, "set_cookie": self.existing, "commit_error": "SessionEncodeError"}
        own = [line for line in lines if line not in self.existing]
        if any(line.startswith(f"{self.name}=;") for line in own) and self.is_replaced:
            self.apply(table.EMPTIED)
        if any(len(line) > LIMIT for line in own):
            self.apply(table.LARGE)
            result["set_cookie"] = self.existing
            if not only_again:
                result["commit_error"] = "CookieTooLargeError"
            return result
        if own and self.is_secure_over_http():
            self.apply(table.SECURE)
            lines = self.existing
        lines = [self.in_scope(line) for line in lines]
        if is_over_the_years(self.at_the_end):
            self.apply(table.FIVE_DIGITS)
            return with_last_year({**result, "set_cookie": lines})
        return {**result, "set_cookie": lines}

    def is_secure_over_http(self) -> bool:
        return self.at_the_end.get("secure") is True and not self.https

    def in_scope(self, line: str) -> str:
        """Return a repair of the signature cookie with the attributes that it needs."""
        secure = "; secure" if self.https else ""
        repair = f"{self.name}.sig=; path=/{LONG_AGO}{secure}; httponly"
        if line != repair or line in self.existing:
            return line
        options = self.at_the_end
        path, domain = options.get("path", "/"), options.get("domain")
        own = (
            f"{self.name}.sig="
            + (f"; path={path}" if isinstance(path, str) and path else "")
            + LONG_AGO
            + (f"; domain={domain}" if isinstance(domain, str) and domain else "")
            + ("; samesite=none" if is_text(options.get("sameSite"), "none") else "")
            + f"{secure}; httponly"
            + ("; partitioned" if options.get("partitioned") is True else "")
        )
        if own != line:
            self.apply(table.REPAIR)
        return own

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

    def restored_lines(self, lines: list[str], again: str | None) -> list[str]:
        """Return Set-Cookie values with all that Node was not shown.

        Unchanged contents are sent ``again`` in the words of whoever wrote them.
        """
        result: list[str] = []
        value = changed = ""
        for line in lines:
            name, _, rest = line.partition("=")
            text, _, attributes = rest.partition(";")
            if line not in self.existing and name == self.name and text:
                value, changed = text, again or restored_value(text)
                line = f"{name}={changed};{attributes}" if attributes else f"{name}={changed}"  # noqa: PLW2901
            elif line not in self.existing and name == f"{self.name}.sig" and changed != value:
                signature = signature_of(self.keys, 0, f"{self.name}={changed}")
                line = f"{name}={signature};{attributes}" if attributes else f"{name}={signature}"  # noqa: PLW2901
            result.append(line)
        return result


def is_json(value: str) -> bool:
    try:
        json.loads(bytes(octets_as_node(value)).decode("utf-8", "replace"))
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
