"""Who may ask: hosts, origins, a token; and how much may be sent. Knows no route.

A page of another site may send requests to this machine from a visitor's browser. It cannot forge
``Origin``, so foreign ones are refused. With a name of its own that resolves to this machine (DNS
rebinding) its origin would be ours; so names that are not ours are refused, too. Addresses in
numbers resolve to nothing else, so they may stand in ``Host``.
"""

import ipaddress
import secrets
import socket
from collections.abc import Collection
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pixelization.limits import STUDIO_PICTURE_BYTES

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' blob: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
}
"""Of every answer: the page loads nothing from elsewhere, and nobody frames it."""
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Policy:
    """Who may ask.

    Attributes:
        hosts: names that ``Host`` may have, lower case, beside addresses in numbers.
        numbers: whether any address in numbers may stand there; else only those in ``hosts``.
        token: what requests of the API have to bring; None: nothing.
    """

    hosts: Collection[str] = field(default=LOOPBACK_NAMES)
    numbers: bool = False
    token: str | None = None


def policy_for(host: str, token: str | None) -> Policy:
    """The policy of a server that listens at ``host``; elsewhere than on loopback with a token.

    Args:
        host: a name or an address.
        token: as given; None: made where it is needed.
    """
    if is_loopback(host):
        return Policy((*LOOPBACK_NAMES, host.lower()), token=token)
    own = (*LOOPBACK_NAMES, host.lower(), socket.gethostname().lower())
    return Policy(own, numbers=True, token=token or secrets.token_urlsafe(24))


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach what listens at a host."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


class Guard:
    """ASGI middleware that refuses what a policy does not allow.

    Args:
        app: what is guarded.
        policy: who may ask.
    """

    def __init__(self, app: ASGIApp, policy: Policy) -> None:
        self.app, self.policy = app, policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 403, 401 or 413, or hand on."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(
                        (name.encode(), text.encode())
                        for name, text in HEADERS.items()
                        if name.encode() not in given
                    ),
                ]
            await send(message)

        refused = self._refused(scope)
        if refused is not None:
            status, problem = refused
            await JSONResponse({"error": problem}, status)(scope, receive, send_with_headers)
            return
        await self.app(scope, _limited(receive), send_with_headers)

    def _refused(self, scope: Scope) -> tuple[int, str] | None:
        """Status and reason if a request is refused."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if len(headers.getlist("host")) != 1 or not self._known(host):
            return 403, "this host is not ours: open the address that the studio printed"
        origin = headers.get("origin")
        if origin is not None and origin.lower() != f"{scope['scheme']}://{host}".lower():
            return 403, "requests of other sites are refused"
        api = scope["path"].startswith("/api/")
        if api and headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            return 403, "requests of other sites are refused"
        if api and self.policy.token is not None:
            given = headers.get("authorization", "")
            wanted = f"Bearer {self.policy.token}"
            if not secrets.compare_digest(given.encode(), wanted.encode()):
                return 401, "give the token that the studio printed, as 'Authorization: Bearer ...'"
        length = headers.get("content-length", "0")
        if (
            not (length.isascii() and length.isdecimal())
            or int(length[:20]) > STUDIO_PICTURE_BYTES.value
        ):
            return 413, STUDIO_PICTURE_BYTES.exceeded()
        return None

    def _known(self, host: str) -> bool:
        try:
            name = (urlsplit(f"//{host}").hostname or "").lower()
        except ValueError:
            return False
        if name in self.policy.hosts:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return self.policy.numbers


def _limited(receive: Receive) -> Receive:
    """``receive`` that gives at most as many bytes as are taken, also where no length was
    announced.
    """
    got = 0

    async def receive_limited() -> Message:
        nonlocal got
        message = await receive()
        got += len(message.get("body", b""))
        if got > STUDIO_PICTURE_BYTES.value:
            raise HTTPException(413, STUDIO_PICTURE_BYTES.exceeded())
        return message

    return receive_limited
