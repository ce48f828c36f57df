"""Mutated frames, by the million: `python -m tests.impl.fuzz_frames COUNT SEED`.

Real messages are framed, a few bytes of the frame are changed, and what comes of it goes through a
splitter and a codec as if a peer had sent it. All that may happen is that it is refused, or that it
is the one way to write some value. The process gives itself little more memory than it has when it
begins, so that whoever believed a claimed length would not survive.
"""

import os
import resource
import sys
from collections import Counter
from pathlib import Path
from random import Random

from immutables import Map

from coterie.impl.codec import Malformed
from coterie.impl.frames import FrameError, Splitter, framed
from coterie.model.call import Call
from coterie.model.diffusion.register.messages import Copy, Ticket, Update
from coterie.model.gossip.gdp.graph import Second
from coterie.model.gossip.gdp.log import Begin, Digest
from coterie.model.gossip.gdp.record import written
from coterie.model.gossip.store.reads import Answer, Found
from coterie.model.gossip.store.recovery import Inventory, Request, Rows
from coterie.model.link import Acknowledged, Numbered
from coterie.model.machine import Node
from coterie.model.synchrony.replica import Command
from coterie.model.synchrony.table import Push, Row
from coterie.model.synchrony.view import Changes
from tests.impl.values import CODEC

LIMIT = 4096
ROOM = 256 << 20  # how much memory the process may take on, at most
GROWTH = 32 << 20  # how much of it may ever be in use

ONE, TWO = Node("member", 1), Node("member", 2)
ROW = Row((3, 4, 300), 9, 8, frozenset({ONE}), frozenset({ONE, TWO}), False, Changes(), (1, 2))
COPY = Copy(Ticket(ONE, 1, 70000), Update(3, 1, 1, ("value", b"\x00\xff", None)))
DIGEST = Digest(frozenset({Begin("a()", ("b",))}), frozenset({"c", "d"}))
MESSAGES = (
    Acknowledged(7),
    Numbered(300, Call("write", "x" * 40, "key")),
    Answer(1, Found(-5)),
    Request(Inventory(Map({1: 2, 300: 4, 70000: 2**40})), 3),
    Rows(((1, 2), (3, 4)), 2, 1),
    Push(3, ONE, ROW, 2, (Command("client", 1, Call("cas", (1, 2))), b"\x00\xff", None)),
    COPY,
    Second(frozenset({written(ONE, "one", "a()"), written(TWO, "two")}), DIGEST),
    Map({COPY: frozenset({True, 2, "three"})}),
)
FRAMES = [framed(CODEC.encode(message)) for message in MESSAGES]
CLAIMS = [bytes([kind]) + b"\xff" * 4 for kind in (0xC6, 0xC9, 0xDB, 0xDD, 0xDF)]
PIECES = [b"\x91\xa1(", b"\x92\xa1{\x01", b"\xc0", b"\xcd\x00\x01", b"\x81\x01\x02", *CLAIMS]


def mutated(random: Random) -> bytes:
    """Return a frame with one to three changes; half of them leave the length as it should be."""
    data = bytearray(FRAMES[below(random, len(FRAMES))])
    for _ in range(1 + below(random, 3)):
        at, what = below(random, len(data) or 1), random.random()
        if what < 0.5:
            data[at : at + 1] = bytes((below(random, 256),))
        elif what < 0.65:
            data[at:at] = PIECES[below(random, len(PIECES))]
        elif what < 0.8:
            del data[at : at + 1 + below(random, 4)]
        elif what < 0.9:
            del data[at:]
        else:
            data += FRAMES[below(random, len(FRAMES))][at:]
    return framed(bytes(data[4:])) if len(data) > 4 and random.random() < 0.5 else bytes(data)


def below(random: Random, bound: int) -> int:
    """Return a number from 0, faster than `Random.randrange` and even enough."""
    return int(random.random() * bound)


def outcome(stream: bytes, cut: int) -> str:
    """Say what becomes of a stream that arrives in two chunks; anything else is raised."""
    splitter, said = Splitter(LIMIT), "incomplete"
    try:
        for chunk in (stream[:cut], stream[cut:]):
            for frame in splitter.feed(chunk):
                value = CODEC.decode(frame)
                if CODEC.encode(value) != frame:
                    raise AssertionError(f"{frame!r} is not how {value!r} is written")
                said = "a value"
    except (FrameError, Malformed) as error:
        said = type(error).__name__
    if splitter.held > len(stream):
        raise AssertionError(f"{splitter.held} bytes are held of {stream!r}")
    return said


def fuzzed(count: int, seed: int) -> Counter[str]:
    """Return how often mutated frames had which outcome."""
    random = Random(seed)
    streams = (mutated(random) for _ in range(count))
    return Counter(outcome(stream, below(random, len(stream) + 1)) for stream in streams)


def main(count: int, seed: int) -> None:
    """Fuzz with little memory, and print what came of it."""
    fuzzed(1000, seed)
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    most = pages * os.sysconf("SC_PAGE_SIZE") + ROOM
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = fuzzed(count, seed)
    growth = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) << 10
    if growth > GROWTH:
        raise AssertionError(f"{growth} bytes more are in use")
    sys.stdout.write(f"{dict(sorted(found.items()))}, {growth} bytes more in use\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
