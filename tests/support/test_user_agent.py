"""The tests' own cookie jar follows RFC 6265bis section 5."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from .user_agent import (
    MAX_LIFETIME,
    Cookie,
    CookieJar,
    Site,
    UserAgent,
    default_path,
    domain_match,
    parse_date,
    path_match,
)

NOW = 1_700_000_000.0
HTTP = "http://shop.example.org/cart/items"
HTTPS = "https://shop.example.org/cart/items"
LONG_AGO = "Thu, 01 Jan 1970 00:00:00 GMT"


def stored(set_cookie: str, url: str = HTTPS, site: Site = Site.SAME) -> Cookie:
    cookie = CookieJar().store(set_cookie, url, now=NOW, site=site)
    assert cookie is not None
    return cookie


def sent(
    *set_cookies: str, to: str, by: str = HTTPS, site: Site = Site.SAME, later: float = 0
) -> str | None:
    jar = CookieJar()
    for set_cookie in set_cookies:
        assert jar.store(set_cookie, by, now=NOW) is not None
    return jar.header(to, now=NOW + later, site=site)


@pytest.mark.parametrize(
    ("set_cookie", "pair"),
    [
        ("a=b", ("a", "b")),
        ("a=b; Path=/", ("a", "b")),
        ("\t a \t=\t b \t; Path=/", ("a", "b")),
        ("a=b=c==", ("a", "b=c==")),
        ("a=", ("a", "")),
        ("=b", ("", "b")),
        ("b", ("", "b")),
        ('a="b"', ("a", '"b"')),
        ("a=b\tc", ("a", "b\tc")),
        ("a=\xe9", ("a", "\xe9")),
        ("a=b;;; ;", ("a", "b")),
    ],
)
def test_the_pair_ends_at_the_first_semicolon_and_is_split_at_the_first_equals_sign(
    set_cookie: str, pair: tuple[str, str]
) -> None:
    cookie = stored(set_cookie)
    assert pair == (cookie.name, cookie.value)


@pytest.mark.parametrize(
    "set_cookie",
    ["", "=", " ; Path=/", "a=\x00", "a=b; Path=/\x1f", "a\x7f=b", "a=b\r", "a=b\n; Path=/"],
)
def test_an_empty_pair_or_a_control_character_anywhere_is_refused(set_cookie: str) -> None:
    assert CookieJar().store(set_cookie, HTTPS, now=NOW) is None


def test_name_and_value_together_take_4096_bytes_and_no_more() -> None:
    jar = CookieJar()
    assert jar.store(f"name={'x' * 4092}; Path=/", HTTPS, now=NOW) is not None
    assert jar.store(f"name={'y' * 4093}", HTTPS, now=NOW) is None
    assert f"name={'x' * 4092}" == jar.header(HTTPS, now=NOW)


def test_attributes_do_not_count_towards_the_size_of_the_pair() -> None:
    assert "x" * 4092 == stored(f"name={'x' * 4092}; Path=/{'p' * 1000}; Secure").value


def test_an_attribute_value_beyond_1024_bytes_is_ignored_and_the_cookie_kept() -> None:
    assert "/" + "p" * 1023 == stored(f"a=b; Path=/{'p' * 1023}").path
    assert "/cart" == stored(f"a=b; Path=/{'p' * 1024}").path
    assert "/first" == stored(f"a=b; Path=/first; Path=/{'p' * 1024}").path


def test_attribute_names_and_samesite_are_read_in_any_letter_case() -> None:
    cookie = stored("a=b; SECURE; hTTPoNLY; pAtH=/X; dOMAIN=Example.ORG; SAMESITE=StRict")
    expected = Cookie(
        name="a",
        value="b",
        domain="example.org",
        host_only=False,
        path="/X",
        expires=None,
        secure=True,
        http_only=True,
        same_site="strict",
        partitioned=False,
        created=cookie.created,
    )
    assert expected == cookie


@pytest.mark.parametrize(
    ("attributes", "same_site"),
    [
        ("", "default"),
        ("SameSite", "default"),
        ("SameSite=bogus", "default"),
        ("SameSite=lax", "lax"),
    ],
)
def test_an_unknown_samesite_is_the_default(attributes: str, same_site: str) -> None:
    assert same_site == stored(f"a=b; {attributes}").same_site


def test_unknown_attributes_are_ignored() -> None:
    assert stored("a=b").identity == stored("a=b; Priority=High; Version=1; x").identity


@pytest.mark.parametrize(
    ("attributes", "path"),
    [
        ("Path=/x", "/x"),
        ("Path=/x/", "/x/"),
        ("Path=/x; Path=/y", "/y"),
        ("", "/cart"),
        ("Path", "/cart"),
        ("Path=", "/cart"),
        ("Path=relative", "/cart"),
        ("Path=/x; Path=", "/cart"),
    ],
)
def test_the_last_path_counts_and_one_without_a_slash_is_the_default(
    attributes: str, path: str
) -> None:
    assert path == stored(f"a=b; {attributes}").path


@pytest.mark.parametrize(
    ("request_path", "expected"),
    [
        ("", "/"),
        ("/", "/"),
        ("/a", "/"),
        ("/a/", "/a"),
        ("/a/b", "/a"),
        ("/a/b/c", "/a/b"),
        ("no-slash", "/"),
    ],
)
def test_the_default_path_is_the_folder_of_the_request(request_path: str, expected: str) -> None:
    assert expected == default_path(request_path)


@pytest.mark.parametrize(
    ("path", "cookie_path", "matches"),
    [
        ("/", "/", True),
        ("/a", "/", True),
        ("/a", "/a", True),
        ("/a/b", "/a", True),
        ("/a/b", "/a/", True),
        ("/ab", "/a", False),
        ("/a", "/a/", False),
        ("/", "/a", False),
        ("/A", "/a", False),
    ],
)
def test_a_path_matches_itself_and_the_paths_below_it(
    path: str,
    cookie_path: str,
    matches: bool,  # noqa: FBT001
) -> None:
    assert matches is path_match(path, cookie_path)


@pytest.mark.parametrize(
    ("host", "domain", "matches"),
    [
        ("example.org", "example.org", True),
        ("shop.example.org", "example.org", True),
        ("a.b.example.org", "example.org", True),
        ("badexample.org", "example.org", False),
        ("example.org", "shop.example.org", False),
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "0.0.1", False),
        ("::1", "::1", True),
    ],
)
def test_a_domain_matches_itself_and_its_subdomains(host: str, domain: str, matches: bool) -> None:  # noqa: FBT001
    assert matches is domain_match(host, domain)


@pytest.mark.parametrize(
    ("attribute", "url", "domain", "host_only"),
    [
        ("", HTTPS, "shop.example.org", True),
        ("Domain=", HTTPS, "shop.example.org", True),
        ("Domain=example.org", HTTPS, "example.org", False),
        ("Domain=.example.org", HTTPS, "example.org", False),
        ("Domain=shop.example.org", HTTPS, "shop.example.org", False),
        ("Domain=x.org; Domain=example.org", HTTPS, "example.org", False),
        ("Domain=localhost", "http://localhost:8000/", "localhost", True),
        ("Domain=127.0.0.1", "http://127.0.0.1:8000/", "127.0.0.1", False),
    ],
)
def test_the_domain_attribute_decides_the_hosts_of_a_cookie(
    attribute: str,
    url: str,
    domain: str,
    host_only: bool,  # noqa: FBT001
) -> None:
    cookie = stored(f"a=b; {attribute}", url)
    assert (domain, host_only) == (cookie.domain, cookie.host_only)


@pytest.mark.parametrize(
    "domain", ["other.org", "a.shop.example.org", "org", "..example.org", "ex\xe4mple.org"]
)
def test_a_domain_must_be_the_host_or_a_suffix_of_its_labels(domain: str) -> None:
    assert CookieJar().store(f"a=b; Domain={domain}", HTTPS, now=NOW) is None


def test_a_host_only_cookie_stays_with_its_host_and_a_domain_cookie_goes_to_subdomains() -> None:
    assert sent("a=b", to="https://a.shop.example.org/cart") is None
    assert sent("a=b; Domain=example.org", to="https://blog.example.org/cart") == "a=b"
    assert sent("a=b", to="https://SHOP.example.org/cart") == "a=b"


def test_ports_do_not_separate_cookies() -> None:
    assert "a=b" == sent("a=b", by="http://127.0.0.1:8001/", to="http://127.0.0.1:8002/")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (LONG_AGO, 0),
        ("Tue, 14 Nov 2023 22:13:20 GMT", NOW),
        ("Tuesday, 14-Nov-23 22:13:20 GMT", NOW),
        ("Tue Nov 14 22:13:20 2023", NOW),
        ("14 november 2023 22:13:20 utc", NOW),
        ("2023 22:13:20 Nov 14", NOW),
        ("14 Nov 69 00:00:00", 3_151_612_800),
        ("14 Nov 70 00:00:00", 27_388_800),
        ("1 Jan 1601 0:0:0", -11_644_473_600),
        ("1 Jan 1600 0:0:0", None),
        ("31 Feb 2024 00:00:00", None),
        ("32 Jan 2024 00:00:00", None),
        ("1 Jan 2024 24:00:00", None),
        ("1 Jan 2024 00:60:00", None),
        ("1 Jan 2024", None),
        ("Jan 2024 00:00:00", None),
        ("1 2024 00:00:00", None),
        ("1 Jan 00:00:00", None),
        ("Invalid Date", None),
        ("", None),
    ],
)
def test_cookie_dates_are_read_as_in_the_rfc(text: str, expected: float | None) -> None:
    assert expected == parse_date(text)


@pytest.mark.parametrize(
    ("attributes", "expires"),
    [
        ("", None),
        ("Max-Age=60", NOW + 60),
        ("Max-Age=60; Max-Age=90", NOW + 90),
        (f"Max-Age=60; Expires={LONG_AGO}", NOW + 60),
        (f"Expires={LONG_AGO}; Max-Age=60", NOW + 60),
        ("Max-Age=0", float("-inf")),
        ("Max-Age=-5", float("-inf")),
        ("Max-Age=", None),
        ("Max-Age=-", None),
        ("Max-Age=6.5", None),
        ("Max-Age=+6", None),
        ("Max-Age=60; Max-Age=x", NOW + 60),
        ("Expires=Tue, 14 Nov 2023 22:13:50 GMT", NOW + 30),
        ("Expires=Invalid Date", None),
        ("Expires=Tue, 14 Nov 2023 22:13:50 GMT; Expires=never", NOW + 30),
        ("Expires=Fri, 31 Dec 9999 23:59:59 GMT", NOW + MAX_LIFETIME),
        ("Max-Age=99999999999", NOW + MAX_LIFETIME),
    ],
)
def test_max_age_goes_before_expires_and_unreadable_values_are_ignored(
    attributes: str, expires: float | None
) -> None:
    assert expires == stored(f"a=b; {attributes}").expires


def test_a_cookie_is_sent_until_the_moment_it_expires() -> None:
    assert sent("a=b; Max-Age=60", to=HTTPS, later=59.9) == "a=b"
    assert sent("a=b; Max-Age=60", to=HTTPS, later=60) is None
    assert sent("a=b", to=HTTPS, later=1e9) == "a=b"


@pytest.mark.parametrize("past", [f"Expires={LONG_AGO}", "Max-Age=0"])
def test_a_date_in_the_past_deletes_the_cookie_of_the_same_name_domain_and_path(past: str) -> None:
    assert sent("a=b; Path=/", f"a=; Path=/; {past}", to=HTTPS) is None
    assert sent("a=b; Path=/", f"a=; Path=/cart; {past}", to=HTTPS) == "a=b"
    assert sent("a=b; Path=/", f"a=; Path=/; Domain=example.org; {past}", to=HTTPS) == "a=b"
    assert sent("a=b; Path=/", f"A=; Path=/; {past}", to=HTTPS) == "a=b"


@pytest.mark.parametrize(
    ("set_cookie", "url", "accepted"),
    [
        ("a=b; Secure", HTTPS, True),
        ("a=b; Secure", HTTP, False),
        ("a=b; SameSite=None; Secure", HTTPS, True),
        ("a=b; SameSite=None", HTTPS, False),
        ("a=b; Partitioned; Secure", HTTPS, True),
        ("a=b; Partitioned", HTTPS, False),
        ("__Secure-a=b; Secure", HTTPS, True),
        ("__Secure-a=b", HTTPS, False),
        ("__SECURE-a=b", HTTPS, False),
        ("__Secure-a=b; Secure", HTTP, False),
        ("__Host-a=b; Secure; Path=/", HTTPS, True),
        ("__Host-a=b; Path=/", HTTPS, False),
        ("__Host-a=b; Secure", HTTPS, False),
        ("__Host-a=b; Secure", "https://shop.example.org/", False),
        ("__Host-a=b; Secure; Path=/cart", HTTPS, False),
        ("__host-a=b; Secure; Path=/; Domain=shop.example.org", HTTPS, False),
        ("__Host-a", HTTPS, False),
        ("__Http-a=b; Secure; HttpOnly", HTTPS, True),
        ("__Http-a=b; Secure", HTTPS, False),
        ("__Http-a=b; HttpOnly", HTTPS, False),
        ("__Host-Http-a=b; Secure; HttpOnly; Path=/", HTTPS, True),
        ("__Host-Http-a=b; Secure; Path=/", HTTPS, False),
        ("__Host-Http-a=b; Secure; HttpOnly", HTTPS, False),
        ("=__Secure-a=b; Secure", HTTPS, False),
        ("__Other-a=b", HTTP, True),
    ],
)
def test_secure_and_the_prefixes_have_their_conditions(
    set_cookie: str,
    url: str,
    accepted: bool,  # noqa: FBT001
) -> None:
    assert accepted is (CookieJar().store(set_cookie, url, now=NOW) is not None)


def test_a_secure_cookie_is_not_sent_over_plain_http() -> None:
    assert sent("a=b; Secure", to=HTTP) is None
    assert sent("a=b; Secure", to=HTTPS) == "a=b"
    assert sent("a=b", to=HTTP) == "a=b"


@pytest.mark.parametrize(
    ("set_cookie", "accepted"),
    [
        ("a=evil; Path=/", True),  # does not lie below the secure cookie's path
        ("a=evil; Path=/cart", False),
        ("a=evil; Path=/cart/items", False),
        ("a=evil; Path=/cart; Domain=example.org", False),
        ("a=; Path=/cart; Max-Age=0", False),
        ("b=other; Path=/cart", True),
    ],
)
def test_plain_http_leaves_secure_cookies_alone(
    set_cookie: str,
    accepted: bool,  # noqa: FBT001
) -> None:
    jar = CookieJar()
    good = jar.store("a=good; Secure; Path=/cart", HTTPS, now=NOW)
    assert accepted is (jar.store(set_cookie, HTTP, now=NOW) is not None)
    assert good in jar.cookies(NOW)


@pytest.mark.parametrize(
    ("attributes", "site", "is_sent"),
    [
        ("SameSite=Strict", Site.SAME, True),
        ("SameSite=Strict", Site.NAVIGATION, False),
        ("SameSite=Strict", Site.CROSS, False),
        ("SameSite=Lax", Site.NAVIGATION, True),
        ("SameSite=Lax", Site.CROSS, False),
        ("", Site.NAVIGATION, True),
        ("", Site.CROSS, False),
        ("SameSite=None; Secure", Site.NAVIGATION, True),
        ("SameSite=None; Secure", Site.CROSS, True),
    ],
)
def test_samesite_decides_about_the_cookies_of_cross_site_requests(
    attributes: str,
    site: Site,
    is_sent: bool,  # noqa: FBT001
) -> None:
    assert ("a=b" if is_sent else None) == sent(f"a=b; {attributes}", to=HTTPS, site=site)


def test_a_cross_site_subresource_sets_only_samesite_none_cookies() -> None:
    jar = CookieJar()
    for attributes in ("", "SameSite=Lax", "SameSite=Strict"):
        assert jar.store(f"a=b; {attributes}", HTTPS, now=NOW, site=Site.CROSS) is None
    assert jar.store("a=b; SameSite=Lax", HTTPS, now=NOW, site=Site.NAVIGATION) is not None
    assert jar.store("c=d; SameSite=None; Secure", HTTPS, now=NOW, site=Site.CROSS) is not None


def test_longer_paths_go_first_and_older_cookies_before_newer_ones() -> None:
    header = sent("a=1; Path=/", "b=2; Path=/cart", "c=3; Path=/", "d=4; Path=/cart", to=HTTPS)
    assert "b=2; d=4; a=1; c=3" == header


def test_a_replaced_cookie_keeps_its_age_and_a_deleted_one_does_not() -> None:
    assert sent("a=1", "b=2", "a=3", to=HTTPS) == "a=3; b=2"
    assert sent("a=1", "b=2", "a=; Max-Age=0", "a=3", to=HTTPS) == "b=2; a=3"


def test_cookies_of_one_name_with_different_paths_live_side_by_side() -> None:
    assert "a=2; a=1" == sent("a=1; Path=/", "a=2; Path=/cart", to=HTTPS)


def test_a_cookie_without_a_name_is_sent_as_its_bare_value() -> None:
    assert "b" == sent("=b", to=HTTPS)


def test_a_copied_jar_is_independent_and_keeps_the_order() -> None:
    jar = CookieJar()
    jar.store("a=1", HTTPS, now=NOW)
    twin = jar.copy()
    twin.store("a=2", HTTPS, now=NOW)
    twin.store("b=3", HTTPS, now=NOW)
    assert "a=1" == jar.header(HTTPS, now=NOW)
    assert "a=2; b=3" == twin.header(HTTPS, now=NOW)


def test_tampering_changes_or_removes_one_cookie() -> None:
    jar = CookieJar()
    jar.store("a=1", HTTPS, now=NOW)
    jar.store("b=2", HTTPS, now=NOW)
    jar.tamper("a", "forged")
    assert "a=forged; b=2" == jar.header(HTTPS, now=NOW)
    jar.tamper("a", None)
    assert "b=2" == jar.header(HTTPS, now=NOW)


class Echo(BaseHTTPRequestHandler):
    """Sends the request back, and sets two cookies."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.send_header("X-Method", self.command)
        self.send_header("X-Path", self.path)
        self.send_header("X-Cookie", self.headers.get("Cookie", "none"))
        self.send_header("Set-Cookie", "a=\xe9; Path=/")
        self.send_header("Set-Cookie", "b=2; Path=/; Max-Age=60")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def echo() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_the_user_agent_sends_its_cookies_back(echo: str) -> None:
    now = [NOW]
    agent = UserAgent(clock=lambda: now[0])
    first = agent.post(f"{echo}/path?query=1", {"key": [1, None]})
    assert 201 == first.status
    assert {"key": [1, None]} == first.json()
    assert ["a=\xe9; Path=/", "b=2; Path=/; Max-Age=60"] == first.set_cookie
    assert ("X-Path", "/path?query=1") in first.headers
    assert ["none"] == first.all("x-cookie")

    second = agent.post(echo, '{"raw": 1.0}')
    assert b'{"raw": 1.0}' == second.body
    assert ["a=\xe9; b=2"] == second.all("X-Cookie")
    twin = agent.copy()
    now[0] += 60
    third = twin.post(echo)
    assert ["a=\xe9"] == third.all("X-Cookie")
    assert b"" == third.body


def test_the_user_agent_refuses_requests_that_it_cannot_send() -> None:
    with pytest.raises(ValueError, match="not a URL of HTTP"):
        UserAgent().get("ftp://127.0.0.1/")
