"""The outermost layer of the web: behind it nobody can see, so nobody can store, from where a person came.

The address becomes a pseudonym: keyed, the key only in the server's memory, another one each day. It is a valid
inet of the private range, so every limit that counts by address goes on working. Headers that tell the address again
are dropped; the browser's name and the page the person came from are dropped too, unless the operator's profile
declares such data.
"""

import hmac
import ipaddress
import os
import secrets
import time
from collections.abc import Callable, Iterable
from typing import Final
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

KEY_VARIABLE: Final = "CLIENT_ADDRESS_KEY"
SECONDS_A_DAY: Final = 86_400
PRIVATE_RANGE: Final = b"\xfd"  # fd00::/8
SUBNET_OF_ONE_CLIENT: Final = 64  # bits of an IPv6 address that a household keeps

FORWARDING: Final = frozenset(
    {"HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_REAL_IP", "HTTP_FROM", "REMOTE_HOST", "REMOTE_PORT"}
)
FORWARDING_PREFIXES: Final = ("HTTP_X_FORWARDED_", "HTTP_CF_", "HTTP_TRUE_CLIENT_", "HTTP_X_CLIENT_", "HTTP_X_CLUSTER_")
NEEDED: Final = frozenset({"HTTP_X_FORWARDED_PROTO", "HTTP_HOST", "HTTP_ORIGIN"})
SERVER_OBJECTS: Final = frozenset({"gunicorn.socket", "werkzeug.socket"})  # their repr names the peer
BROWSER: Final = frozenset({"HTTP_USER_AGENT", "HTTP_X_WAP_PROFILE", "HTTP_DEVICE_MEMORY", "HTTP_DPR"})
BROWSER_PREFIXES: Final = ("HTTP_SEC_CH_",)


class HiddenClient:
    """`trusted_proxies` is the number of our own proxies in front: the address is the one that the outermost of them
    wrote, whatever the client claims further left."""

    def __init__(
        self, application: WSGIApplication, *, trusted_proxies: int, keeps_visit_data: Callable[[], bool]
    ) -> None:
        self._application = application
        self._trusted_proxies = trusted_proxies
        self._keeps_visit_data = keeps_visit_data
        self._key = bytes.fromhex(os.environ.get(KEY_VARIABLE, "")) or secrets.token_bytes(32)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        pseudonym = self._pseudonym(self._client(environ))
        for name in [name for name in environ if _tells_the_address(name, environ[name])]:
            del environ[name]
        environ["REMOTE_ADDR"] = pseudonym
        if not self._keeps_visit_data():
            _forget_browser(environ)
        return self._application(environ, start_response)

    def _client(self, environ: WSGIEnvironment) -> str:
        if self._trusted_proxies:
            chain = [hop.strip() for hop in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
            if len(chain) >= self._trusted_proxies:
                return str(chain[-self._trusted_proxies])
        return str(environ.get("REMOTE_ADDR", ""))

    def _pseudonym(self, address: str) -> str:
        today = int(time.time() // SECONDS_A_DAY)
        digest = hmac.digest(self._key, f"{today}|{_one_client(address)}".encode(), "sha256")
        return str(ipaddress.IPv6Address(PRIVATE_RANGE + digest[:15]))


def _one_client(address: str) -> str:
    """Limits count households: of an IPv6 address only the network is the client's for longer than a page."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((parsed, SUBNET_OF_ONE_CLIENT), strict=False))


def _tells_the_address(name: str, value: object) -> bool:
    """By name, and any other header that holds nothing but an address: each proxy vendor has a name of its own."""
    if name in NEEDED:
        return False
    if name in FORWARDING or name in SERVER_OBJECTS or name.startswith(FORWARDING_PREFIXES):
        return True
    return name.startswith("HTTP_") and _one_client(str(value).partition(",")[0].strip(' "[]')) != ""


def _forget_browser(environ: WSGIEnvironment) -> None:
    for name in [name for name in environ if name in BROWSER or name.startswith(BROWSER_PREFIXES)]:
        del environ[name]
    came_from = urlsplit(environ.pop("HTTP_REFERER", ""))
    if came_from.netloc and came_from.netloc == environ.get("HTTP_HOST"):
        # Over HTTPS Django asks a form without an Origin header for a referrer of ours. Which page it was stays untold.
        environ["HTTP_REFERER"] = f"{came_from.scheme}://{came_from.netloc}/"
