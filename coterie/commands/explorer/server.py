"""The server: one port on loopback, open until Ctrl-C."""

import contextlib
import logging
import os
import socket
import sys
import threading
import webbrowser
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from coterie.commands.errors import UsageMistake

LOOPBACK = "127.0.0.1"
GRACE_SECONDS = 1


@contextlib.contextmanager
def listening(port: int) -> Iterator[socket.socket]:
    """Yield a socket that listens on loopback; on a free port where `port` is 0.

    Raises: UsageMistake where the port cannot be had.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind((LOOPBACK, port))
            server.listen()
        except OSError as error:
            raise UsageMistake(
                f"port {port} cannot be had: {(error.strerror or str(error)).lower()}",
                "Give another --port, or none for a free one.",
            ) from None
        yield server


def serve(app: ASGIApp, server: socket.socket) -> None:
    """Answer until Ctrl-C, or until the process is asked to end; pages under way have a moment."""
    config = uvicorn.Config(
        app,
        log_level="error",
        access_log=False,
        server_header=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    with contextlib.suppress(KeyboardInterrupt):
        _Server(config).run(sockets=[server])


class _Server(uvicorn.Server):
    """A server that is silent about what it gives up at its end: that is no error of anybody's."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finish, or give up after the grace, what is under way."""
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        await super().shutdown(sockets)


def has_display() -> bool:
    """Return whether there is a screen on which a browser could open."""
    if sys.platform in {"darwin", "win32"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def open_browser(address: str) -> None:
    """Open the address in the browser, without waiting for it."""
    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
