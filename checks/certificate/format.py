"""What a certificate says, before its states.

A certificate is a part of a gzip file of JSON lines; one file may have several, one for a check:

    {"certificate": 1, "check": ..., ..., "states": 56, "claims": [...]}   the header
    {"slot": "client0", "values": [...]}           the values of one component, slot after slot
    [0, 3, 1]                                      a state: the place of each slot's value
    {"ranks": "released", "of": 0, "values": [...]}
    {"end": "lock"}
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import asdict, field, frozen

from coterie.checks.certificate.run import Run
from coterie.checks.result import Verdict

VERSION = 1
T = TypeVar("T")


class UnreadableError(ValueError):
    """A file that is no certificate, or not a whole one."""


@frozen
class Subject:
    """What a certificate is about.

    Attributes:
        check: the check's name.
        files: the user's Python files among which it stands, as they were named; for people.
        size: the size of its world.
        settings: the parameters that were set, as they were typed.
        parameters: all parameters, for people to read and for comparison.
        coterie: the version that made the certificate.
        sources: the fingerprint of all source files at that time.
    """

    check: str
    files: tuple[str, ...]
    size: str
    settings: Mapping[str, str]
    parameters: str
    coterie: str
    sources: str


@frozen
class Said:
    """What is said of one property.

    Attributes:
        name: the property's name.
        kind: its kind.
        verdict: the verdict.
        run: the run that shows it, where one does.
    """

    name: str
    kind: str
    verdict: Verdict
    run: Run | None = None


@frozen
class Header:
    """The first line of a certificate.

    Attributes:
        subject: what it is about.
        slots: what each slot of a state is called.
        states: how many states follow; None where nothing rests on a set of states.
        claims: what it says of each property.
    """

    subject: Subject
    slots: tuple[str, ...]
    states: int | None
    claims: tuple[Said, ...] = field(default=())

    def as_data(self) -> dict[str, Any]:
        """Return the line as JSON data."""
        claims = [
            {
                "property": said.name,
                "kind": said.kind,
                "verdict": said.verdict.value,
                "run": said.run.as_data() if said.run else None,
            }
            for said in self.claims
        ]
        subject = {**asdict(self.subject), "settings": dict(self.subject.settings)}
        own = {"slots": self.slots, "states": self.states, "claims": claims}
        return {"certificate": VERSION, **subject, **own}


def header(line: Any) -> Header:
    """Return the header that a line's JSON data stand for.

    Raises: UnreadableError where they stand for none.
    """
    if not isinstance(line, dict) or line.get("certificate") != VERSION:
        raise UnreadableError(f"it does not begin as a certificate of version {VERSION} does")
    subject = Subject(
        check=_of(str, line, "check"),
        files=tuple(map(str, _of(list, line, "files"))),
        size=_of(str, line, "size"),
        settings={str(k): str(v) for k, v in _of(dict, line, "settings").items()},
        parameters=_of(str, line, "parameters"),
        coterie=_of(str, line, "coterie"),
        sources=_of(str, line, "sources"),
    )
    states = None if line.get("states", 0) is None else _of(int, line, "states")
    slots = tuple(map(str, _of(list, line, "slots")))
    return Header(subject, slots, states, tuple(map(_said, _of(list, line, "claims"))))


def _said(data: Any) -> Said:
    if not isinstance(data, dict):
        raise UnreadableError("a claim is not an object")
    run = None if data.get("run") is None else Run(**_of(dict, data, "run"))
    verdict = Verdict(_of(str, data, "verdict"))
    return Said(_of(str, data, "property"), _of(str, data, "kind"), verdict, run)


def _of(kind: type[T], line: Mapping[str, Any], name: str) -> T:
    value = line.get(name)
    if type(value) is not kind:
        raise UnreadableError(f"its {name} is not a {kind.__name__}")
    return value
