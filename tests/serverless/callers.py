"""AWS on both sides of a function: from a request to an event, and from an answer to a response.

The events are complete documents in the formats that AWS describes. A test changes in them what
its request says, in the place where the format has it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import attrs

from tests.support.user_agent import Response, UserAgent

# Without the comma that separates them in the environment.
NEWEST, OLDER = "the newest key: thirty-two bytes ok", "an older key: thirty-two bytes too"
KEYS = [NEWEST, OLDER]

EVENTS = Path(__file__).parent / "events"
Document = dict[str, Any]


def _format_2(event: Document, path: str, scheme: str, cookies: str | None) -> None:
    event["rawPath"] = event["requestContext"]["http"]["path"] = path
    event["headers"]["x-forwarded-proto"] = scheme
    del event["cookies"]
    if cookies is not None:
        event["cookies"] = cookies.split("; ")


def _with_path(event: Document, path: str, scheme: str, cookies: str | None) -> None:
    event["path"] = path
    for headers in (event.get("headers", {}), event.get("multiValueHeaders", {})):
        for name in list(headers):
            as_list = isinstance(headers[name], list)
            if name.lower() == "x-forwarded-proto":
                headers[name] = [scheme] if as_list else scheme
            elif name.lower() == "cookie":
                del headers[name]
                if cookies is not None:
                    headers[name] = [cookies] if as_list else cookies


def _from_format_2(response: Document) -> list[tuple[str, str]]:
    headers = response.get("headers", {})
    assert "set-cookie" not in map(str.lower, headers)
    return [*headers.items(), *(("set-cookie", each) for each in response.get("cookies", []))]


def _from_lists(response: Document) -> list[tuple[str, str]]:
    lists = response.get("multiValueHeaders", {})
    fields = [(name, value) for name, values in lists.items() for value in values]
    others = response.get("headers", {}).items()
    return fields + [(name, value) for name, value in others if name not in lists]


def _from_single_values(response: Document) -> list[tuple[str, str]]:
    return list(response["headers"].items())


@attrs.frozen
class Caller:
    """One of the services that call functions."""

    name: str
    takes: set[str]
    """The field of an answer that holds the headers."""
    fill: Callable[[Document, str, str, str | None], None]
    fields: Callable[[Document], list[tuple[str, str]]]

    def event(self, url: str, cookies: str | None, body: str | None = None) -> Document:
        """Return the event for a request."""
        event: Document = json.loads((EVENTS / f"{self.name}.json").read_text(encoding="utf-8"))
        parts = urlsplit(url)
        self.fill(event, parts.path, parts.scheme, cookies)
        if body is not None:
            event["body"] = base64.b64encode(body.encode()).decode()
            event["isBase64Encoded"] = True
        return event

    def response(self, answer: Document) -> Response:
        """Return the client's response for a function's answer."""
        answer = json.loads(json.dumps(answer))
        assert {"statusCode", "body", "isBase64Encoded"} <= set(answer)
        assert set(answer) <= {"statusCode", "body", "isBase64Encoded"} | self.takes
        fields = self.fields(answer)
        assert all(isinstance(part, str) for field in fields for part in field)
        body = answer["body"].encode()
        if answer["isBase64Encoded"]:
            body = base64.b64decode(body)
        return Response(answer["statusCode"], fields, body)


FORMAT_2 = {"headers", "cookies"}
LISTS = {"multiValueHeaders"}
BOTH = {"headers", "multiValueHeaders"}

HTTP_API = Caller("http_api", FORMAT_2, _format_2, _from_format_2)
FUNCTION_URL = Caller("function_url", FORMAT_2, _format_2, _from_format_2)
REST_API = Caller("rest_api", BOTH, _with_path, _from_lists)
HTTP_API_FORMAT_1 = Caller("http_api_format_1", BOTH, _with_path, _from_lists)
ALB = Caller("alb_multi_value", LISTS, _with_path, _from_lists)
ALB_WITHOUT_LISTS = Caller("alb", {"headers"}, _with_path, _from_single_values)

WITH_MANY_COOKIES = [HTTP_API, FUNCTION_URL, REST_API, HTTP_API_FORMAT_1, ALB]


@attrs.frozen
class Site:
    """A function behind a caller, as a browser sees it."""

    caller: Caller
    function: Callable[[Document, Any], Any]
    origin: str = "https://shop.example.com"

    def visit(self, agent: UserAgent, path: str = "/", body: str | None = None) -> Response:
        """Invoke the function once with the cookies of ``agent``, which stores the new ones."""
        url = f"{self.origin}{path}"
        cookies = agent.jar.header(url, now=agent.clock())
        response = self.caller.response(self.function(self.caller.event(url, cookies, body), None))
        agent.take(url, response)
        return response
