"""Certificates in memory: written, read, and checked, without the command line."""

import gzip
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from coterie.checks.certificate.format import Header, Subject
from coterie.checks.certificate.read import Reader
from coterie.checks.certificate.run import replayed
from coterie.checks.certificate.witness import shows
from coterie.checks.certificate.write import write
from coterie.checks.certify import PROVED, Claimed, certify
from coterie.checks.result import Exploration
from coterie.checks.world import Values, World
from coterie.spec.property import Property

SUBJECT = Subject("test", (), "small", {}, "{:}", "0", "")
Lines = list[Any]


def reachable(world: World) -> list[Values]:
    """Return every state that `world` can reach, the nearest first."""
    states = dict.fromkeys(world.initial())
    level = list(states)
    while level:
        ends = (step.values for values in level for step in world.successors(values))
        level = [values for values in dict.fromkeys(ends) if values not in states]
        states |= dict.fromkeys(level)
    return list(states)


def lines_of(found: Exploration) -> Lines:
    """Return the certificate of `found`, a line an item."""
    out = io.StringIO()
    write(out, SUBJECT, found, reachable(found.world) if found.complete else None)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def save(lines: Lines, file: Path) -> None:
    """Write the lines as a file."""
    with gzip.open(file, "wt", encoding="utf-8") as out:
        out.writelines(f"{json.dumps(line)}\n" for line in lines)


def proved(world: World, properties: Sequence[Property], file: Path) -> tuple[Header, set[str]]:
    """Return the header in `file`, and the names of the properties that it proves.

    Raises: WrongError, NoRunError, UnreadableError where it is not right; AssertionError where a
        run does not show what it should.
    """
    reader = Reader(file)
    header = reader.header()
    assert header is not None
    body = reader.body(header)
    named = {claim.name: claim for claim in properties}
    by_run = [said for said in header.claims if said.run is not None]
    for said in by_run:
        assert said.run is not None
        assert shows(world, named[said.name], said.verdict, replayed(world, said.run))
    claimed = [
        Claimed(named[said.name], said.verdict, body.ranks.get(said.name, ()))
        for said in header.claims
        if said.run is None
    ]
    by_set = [each for each in claimed if each.case in PROVED]
    if body.states is None:
        return header, {said.name for said in by_run}
    certify(world, by_set, body.states)
    return header, {said.name for said in by_run} | {each.claim.name for each in by_set}
