"""Who may talk to the explorer: the browser of the person who has started it, and nobody else.

Every program of this machine, and every page in the browser, can reach a port on loopback. So each
address begins with a token that only the terminal shows; the host must be named as loopback, so
that no name of somebody else's can be made to point here; and whatever makes something run comes
from a page of the explorer itself.
"""

import re
from hmac import compare_digest

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost)(:[0-9]{1,5})?")
READING = frozenset({"GET", "HEAD"})
STRANGER = (
    "This is an explorer of coterie, and the address lacks its token, or has that of another one."
    " Take the address that `coterie explore` has printed.\n"
)
NOT_LOOPBACK = "An explorer is only to be called by the name 127.0.0.1, or localhost.\n"
NOT_OURS = "This would make something run, and does not come from a page of the explorer.\n"


def policy(styles: tuple[str, ...] = ()) -> str:
    """Return what a page may load: files of the explorer, and the styles with these digests."""
    allowed = " ".join(["'self'", *(f"'{each}'" for each in styles)])
    return (
        f"default-src 'none'; style-src {allowed}; script-src 'self'; img-src 'self';"
        " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


class Guard:
    """Lets in what may come in, and sends every answer with the headers that keep it at home."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app, self._token = app, token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        app = self._app if refusal is None else PlainTextResponse(refusal, status_code=403)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                _harden(MutableHeaders(scope=message))
            await send(message)

        await app(scope, receive, guarded)

    def _refusal(self, scope: Scope) -> str | None:
        """Return why this request is refused, if it is."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not LOOPBACK.fullmatch(host):
            return NOT_LOOPBACK
        token = scope["path"].split("/")[1] if "/" in scope["path"] else ""
        if not compare_digest(token.encode(errors="replace"), self._token):
            return STRANGER
        if scope["method"] not in READING and headers.get("origin") != f"http://{host}":
            return NOT_OURS
        return None


def _harden(headers: MutableHeaders) -> None:
    headers.setdefault("Content-Security-Policy", policy())
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Cache-Control"] = "no-store"
