"""The site, built once for all tests, strictly and as a reader gets it."""

import fcntl
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.browser import browser, open_page

__all__ = ["browser", "open_page"]

DOCS = Path(__file__).parents[2] / "docs"


def built(out: Path) -> None:
    """Build the site strictly: a warning is an error."""
    ended = subprocess.run(
        (
            *(sys.executable, "-m", "sphinx", "-W", "-n", "--keep-going", "-q", "-j", "2"),
            *("-d", str(out / "doctrees"), str(DOCS), str(out / "html")),
        ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        text=True,
    )
    assert ended.returncode == 0, ended.stdout
    assert ended.stdout == ""


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built site; processes that test side by side share one build."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if own.name.startswith("popen-") else own
    out = shared / "site"
    with (shared / "site.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (out / "complete").exists():
            built(out)
            (out / "complete").touch()
    return out / "html"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """Where a server on loopback serves the site."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(site)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
