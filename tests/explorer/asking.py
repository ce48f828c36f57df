"""How the tests talk to an explorer: to its pages in one process, or to a real one on a socket."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from starlette.testclient import TestClient

from coterie.checks.check import Check
from coterie.commands.answering import Job
from coterie.commands.explorer.pages import application
from coterie.commands.explorer.path import Path as Steps
from coterie.commands.explorer.path import parsed
from coterie.commands.explorer.search import Bounds
from coterie.commands.explorer.session import Session
from coterie.commands.selecting import Selection, selections

TOKEN = "a-token-that-nobody-guesses"
ORIGIN = "http://127.0.0.1"
BASE = f"/{TOKEN}"
BOUNDS = Bounds(max_states=1_000_000, max_seconds=60)
ENDLESS = "all(True for _ in __import__('itertools').repeat(1))"


COUNTING = """
import coterie as c

class Act(c.Timeout):
    "It goes on."

class Counter(c.Machine):
    def start(self, memory):
        return c.Outcome(0)

    def options(self, state):
        return [Act()]

    def step(self, state, event):
        return c.Outcome(state + 1)

@c.always
def small(world):
    "Nobody counts beyond a million."
    return world[c.Node("counter")] < 1_000_000

def world(nodes):
    return c.World({c.Node("counter"): Counter()})

def check(name, nodes, *claims):
    return c.Check(
        name=name, about="It counts.", world=world, properties=claims, small={"nodes": nodes}
    )

CHECK = check("counting", 1, small)
OTHER = check("counting.again", 2)
"""


def session_of(check: Check | str, bounds: Bounds = BOUNDS, **parameters: Any) -> Session:
    """Return a session with a check, of the catalogue when it is a name."""
    if isinstance(check, str):
        (selection,) = selections((check,))
    else:
        selection = Selection(check, check.properties)
    chosen = selection.check.parameters("small", **parameters)
    return Session(Job(selection, chosen), "coterie explore it", bounds)


def client_of(session: Session) -> TestClient:
    """Return what asks for its pages, without following to others by itself."""
    client = TestClient(application(session, TOKEN), base_url=ORIGIN, follow_redirects=False)
    client.headers["Origin"] = ORIGIN
    return client


def search(client: TestClient, **form: str) -> Any:
    """Send a form, and follow until the search is over; return the last answer."""
    answer = client.post(f"{BASE}/search", data=form)
    while answer.status_code == 303 or "data-refresh" in answer.text:
        address = answer.headers.get("location", str(answer.url))
        if "found=" in address:
            return client.get(address)
        answer = client.get(address)
        time.sleep(0.02)
    return answer


def path_of(address: str) -> Steps:
    """Return the path in the address of a page."""
    return parsed(dict(parse_qsl(urlsplit(str(address)).query)))


class Explorer:
    """A running `coterie explore`.

    Attributes:
        address: what it has printed.
    """

    def __init__(self, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "coterie", "explore", "--no-browser", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.address = ""
        self.said = ""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.said += line
            if found := re.search(r"http://\S+", line):
                self.address = found.group()
                break

    def stop(self) -> int:
        """Stop it as Ctrl-C does, and return its exit code."""
        self._process.send_signal(signal.SIGINT)
        assert self._process.stdout is not None
        self.said += self._process.stdout.read()
        return self._process.wait(60)

    def kill(self) -> None:
        """End it, if it is still there."""
        self._process.kill()
        self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()


@contextmanager
def explorer(*arguments: str) -> Iterator[Explorer]:
    """Run `coterie explore` with these arguments, and end it whatever happens."""
    running = Explorer(*arguments)
    try:
        yield running
    finally:
        running.kill()
