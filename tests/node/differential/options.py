"""Which options the library refuses that Node takes, and by which row of the deviations.

Written from the documentation and not from the code: a second opinion.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from tests.node.differential import table
from tests.node.vectors.replay import NOW, PYTHON_NAMES, Case, is_undefined

FIRST_MILLISECOND, LAST_MILLISECOND = -62_135_596_800_000, 253_402_300_799_999
"""The years 1 to 9999."""
ATTRIBUTES = {
    *("maxAge", "expires", "path", "domain", "secure", "httpOnly", "sameSite", "partitioned"),
    *("priority", "overwrite"),
}
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"


def is_nothing(value: Any) -> bool:
    return value is None or is_undefined(value)


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_text(value: Any, pattern: str) -> bool:
    return isinstance(value, str) and re.fullmatch(pattern, value, re.IGNORECASE) is not None


def refused_attribute(name: str, value: Any) -> str | None:
    """Return the row by which one cookie attribute is refused, if it is."""
    if is_nothing(value):
        return None
    if name in ("secure", "httpOnly", "overwrite", "partitioned"):
        return None if isinstance(value, bool) else table.TYPE
    if name in ("sameSite", "priority"):
        words = "|lax|strict|none" if name == "sameSite" else "|low|medium|high"
        if isinstance(value, str):
            return None if is_text(value, words) else table.WRONG_VALUE
        return None if name == "sameSite" and isinstance(value, bool) else table.TYPE
    if name in ("path", "domain"):
        if not isinstance(value, str):
            return table.TYPE
        allowed = r"[ -:<-~]{0,1024}" if name == "path" else rf"(?:\.?{LABEL}(?:\.{LABEL})*)?"
        return None if is_text(value, allowed) and len(value) <= 1024 else table.SCOPE
    if name == "maxAge":
        is_age = is_number(value) and math.isfinite(value) and 0 < value <= LAST_MILLISECOND
        return None if is_age else table.TIME
    if name == "expires":
        moment = value.get("$date") if isinstance(value, dict) else None
        is_date = moment is not None and FIRST_MILLISECOND <= moment <= LAST_MILLISECOND
        return None if is_date else table.TIME
    return table.UNKNOWN


def refused_together(name: str, options: Case, *, https: bool) -> str | None:
    """Return the row by which attributes are refused that browsers refuse together, if so."""
    secure = options.get("secure", {"$undefined": True})
    is_secure = https if is_undefined(secure) else secure is True
    is_here_only = options.get("path", "/") == "/" and not options.get("domain")
    is_hidden = options.get("httpOnly", True) is True
    asked_for = [
        is_secure or not is_text(options.get("sameSite"), "none"),
        is_secure or options.get("partitioned") is not True,
        is_secure or not is_text(name, "__(?:Secure|Host|Http|Host-Http)-.*"),
        is_here_only or not is_text(name, "__Host-.*"),
        is_hidden or not is_text(name, "__(?:Host-)?Http-.*"),
    ]
    return None if all(asked_for) else table.TOGETHER


def without_defaults(options: Case) -> Case:
    """Return options without those that ``cookieSession()`` takes for its own defaults."""
    return {
        name: value
        for name, value in options.items()
        if not (name in ("httpOnly", "overwrite") and is_nothing(value))
    }


def refused_attributes(name: str, options: Case, *, https: bool) -> Iterator[str]:
    """Yield every row by which cookie attributes are refused."""
    rows = [refused_attribute(option, value) for option, value in options.items()]
    yield from filter(None, [*rows, refused_together(name, options, https=https)])


def refused_name(name: Any) -> str | None:
    is_name = is_text(name, r"(?! )[ -:<>-~]+(?<! )")
    return None if is_name else table.NAME


def refused_keys(keys: Any) -> str | None:
    if isinstance(keys, dict) and "$keygrip" in keys:
        grip = keys["$keygrip"]
        return refused_keygrip(grip["keys"], grip.get("algorithm"), grip.get("encoding"))
    if isinstance(keys, str) or (isinstance(keys, list) and (not keys or "" in keys)):
        return table.KEYS
    is_list = isinstance(keys, list) and all(
        isinstance(key, str) or (isinstance(key, dict) and "$buffer" in key) for key in keys
    )
    return None if is_list else table.WRONG_VALUE


def refused_keygrip(keys: Any, algorithm: Any, encoding: Any) -> str | None:
    row = refused_keys(keys)
    if row is not None:
        return row
    if (algorithm or "sha1") not in ("sha1", "sha256", "sha384", "sha512", "md5"):
        return table.WRONG_VALUE
    return None if (encoding or "base64") in ("base64", "base64url", "hex") else table.ENCODING


def refused_by_session(options: Case) -> list[str]:
    """Return every row by which ``CookieSession`` refuses options; Node refuses more loudly."""
    rows: list[str | None] = []
    attributes = {
        name: value for name, value in without_defaults(options).items() if name in ATTRIBUTES
    }
    name = options.get("name", "session")
    rows += [refused_name(name), table.NAME if is_text(name, r".*\.sig") else None]
    signed = options.get("signed")
    rows.append(None if is_nothing(signed) or isinstance(signed, bool) else table.TYPE)
    if not is_nothing(options.get("keys")):
        rows.append(refused_keys(options["keys"]))
    elif signed is not False and not is_text(options.get("secret"), "(?s:.+)"):
        rows.append(table.WRONG_VALUE)
    rows += [None if option in PYTHON_NAMES else table.UNKNOWN for option in options]
    rows += refused_attributes(name if isinstance(name, str) else "", attributes, https=False)
    rows.append(refused_end(attributes))
    return [row for row in rows if row is not None]


def refused_end(attributes: Case) -> str | None:
    """Return the row by which an end of a session is refused at which a browser drops it."""
    age: Any = attributes.get("maxAge")
    if not is_nothing(age):
        return table.SUB_SECOND if is_number(age) and 0 < age < 1000 else None
    expires = attributes.get("expires")
    moment = expires.get("$date") if isinstance(expires, dict) else None
    is_past = moment is not None and moment // 1000 <= NOW
    return table.PAST if is_past else None


def refused_by_set(case: Case) -> list[str]:
    """Return every row by which a cookie is refused that ``cookies.set`` writes."""
    options = {name: value for name, value in (case["options"] or {}).items() if name != "signed"}
    https = bool(case["https"]) if case["ctor_secure"] is None else case["ctor_secure"]
    value = case["value"]
    return [
        *filter(None, [refused_name(case["name"])]),
        *([] if is_nothing(value) or isinstance(value, str) else [table.VALUE]),
        *refused_attributes(str(case["name"]), options, https=https),
    ]


def is_over_the_years(options: Case) -> bool:
    """Whether an allowed maxAge ends after the year 9999, the last one of ours."""
    age: Any = options.get("maxAge")
    return is_number(age) and age > 0 and NOW * 1000 + age > LAST_MILLISECOND
