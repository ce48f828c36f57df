"""What came of lemmas: for a person a table, for a machine data."""

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from coterie.commands.echo import echo, width
from coterie.commands.page import BLANK, PROSE, Line, documented, line, plain, wrapped
from coterie.spec.lemmas.example import Example
from coterie.spec.lemmas.proof import Finding, Proof, Verdict

AS_EXPECTED, WRONG, NOT_ALL = 0, 1, 3
_OF_LEMMA = MappingProxyType(
    {
        Verdict.PROVED: ("proved", "green"),
        Verdict.REFUTED: ("REFUTED", "bold red"),
        Verdict.VACUOUS: ("VACUOUS", "bold red"),
        Verdict.UNKNOWN: ("unknown", "bold yellow"),
    }
)
_OF_TWIN = MappingProxyType(
    {
        **_OF_LEMMA,
        Verdict.PROVED: ("NOT REFUTED", "bold red"),
        Verdict.REFUTED: ("refuted", "green"),
    }
)
_VERDICT, _TWINS, _SECONDS = 11, 7, 7
_JOINT, _SHORT = "\N{NO-BREAK SPACE}", 48


def exit_code(proofs: Sequence[Proof]) -> int:
    """Return the exit code: 0, 1 where something is not as expected, 3 where it is not known."""
    found = {
        finding.verdict for proof in proofs for finding, expected in proof.findings if not expected
    }
    if found - {Verdict.UNKNOWN}:
        return WRONG
    return NOT_ALL if found else AS_EXPECTED


class Page:
    """The table: a heading for each file, and under it a row for each lemma."""

    def __init__(self, *, to_stderr: bool, full: bool, verbose: bool) -> None:
        self._to_stderr, self._full, self._verbose = to_stderr, full, verbose
        self._width = min(width(), PROSE)
        self._room = max(20, self._width - _VERDICT - _TWINS - _SECONDS - 3 * 2)
        self._path = ""

    def show(self, proof: Proof) -> None:
        """Print what came of a lemma."""
        echo(self._lines(proof), to_stderr=self._to_stderr)

    def end(self, proofs: Sequence[Proof]) -> None:
        """Print what came of all."""
        echo([BLANK, *_summary(proofs, self._width)], to_stderr=self._to_stderr)

    def _lines(self, proof: Proof) -> Iterator[Line]:
        path, _, name = proof.lemma.name.rpartition(".")
        if path != self._path:
            yield from (BLANK,) if self._path else ()
            yield line(path, "bold cyan")
            yield from self._row("lemma", ("verdict", "twins", "seconds"), "bold", "bold")
            self._path = path
        refuted = sum(each.verdict is Verdict.REFUTED for _, each in proof.twins)
        word, style = _OF_LEMMA[proof.finding.verdict]
        twins = f"{refuted}/{len(proof.twins)}"
        yield from self._row(name, (word, twins, f"{proof.finding.seconds:.2f}"), style)
        yield from self._about(proof)
        yield from self._why(proof.finding)
        for twin, finding in proof.twins:
            if self._full or finding.verdict is not Verdict.REFUTED:
                word, style = _OF_TWIN[finding.verdict]
                yield from self._row(f"  {twin.name}", (word, "", f"{finding.seconds:.2f}"), style)
                yield from self._why(finding)

    def _about(self, proof: Proof) -> Iterator[Line]:
        if self._verbose:
            yield from documented(proof.lemma.documentation, self._width, "    ")
            guards = ", ".join(sorted(map(_place, proof.lemma.guards.values())))
            if guards:
                yield from self._prose(f"Guards: {guards}.")
        if proof.needs:
            yield from self._prose(f"needs: {'; '.join(proof.needs)}")
        if proof.parts > 1:
            yield from self._prose(f"by induction, in {proof.parts} parts")

    def _prose(self, text: str, style: str = "dim") -> list[Line]:
        return wrapped(text, self._width, first="    ", later=" " * 6, style=style)

    def _why(self, finding: Finding) -> Iterator[Line]:
        if finding.why:
            yield from self._prose(finding.why, "yellow")
        if finding.goal:
            yield from self._prose(f"  {finding.goal}:")
        if finding.example:
            for each in self._prose(f"  {in_words(finding.example)}"):
                yield line(plain(each).replace(_JOINT, " "), "dim")

    def _row(
        self, name: str, cells: tuple[str, str, str], style: str, head: str = ""
    ) -> list[Line]:
        """Return a row; of a name that is too long, all but the end has lines of its own.

        Attributes:
            cells: the verdict, the twins, and the seconds.
            style: of the verdict.
            head: the style of the name.
        """
        lead = " " * (2 + len(name) - len(name.lstrip()))
        *above, last = textwrap.wrap(
            name.strip(), self._room - len(lead), break_on_hyphens=False, break_long_words=False
        )
        if len(lead) + len(last) > self._room:
            above, last = [*above, last], ""
        verdict, twins, seconds = cells
        numbers = f"  {twins.rjust(_TWINS)}  {seconds.rjust(_SECONDS)}"
        return [
            *(line(lead + each, head) for each in above),
            (
                ((lead + last).ljust(self._room) + "  ", head),
                (verdict.ljust(_VERDICT), style),
                (numbers, "bold" if head == style else ""),
            ),
        ]


def in_words(example: Example) -> str:
    """Return an example, with joints in place of spaces where a line had better not end."""
    facts = (f"{name} = {value}" for name, value in example.facts())
    return ", ".join(_joined(each) if len(each) <= _SHORT else _rows(each) for each in facts)


def _joined(text: str) -> str:
    return text.replace(" ", _JOINT)


def _rows(text: str) -> str:
    """Return a relation with each of its rows kept together."""
    return re.sub(r"\([^)]*\)", lambda row: _joined(row[0]), text)


def _place(function: Any) -> str:
    return f"{function.__module__}.{function.__qualname__}"


def _summary(proofs: Sequence[Proof], room: int) -> Iterator[Line]:
    proved = sum(proof.finding.verdict is Verdict.PROVED for proof in proofs)
    twins = [finding for proof in proofs for _, finding in proof.twins]
    refuted = sum(each.verdict is Verdict.REFUTED for each in twins)
    seconds = sum(proof.seconds for proof in proofs)
    text = f"{counted(len(proofs), 'lemma')}: {proved} proved. "
    text += f"{counted(len(twins), 'broken twin')}: {refuted} refuted as expected. "
    text += f"{seconds:.1f} seconds."
    code = exit_code(proofs)
    style = {AS_EXPECTED: "green", WRONG: "bold red", NOT_ALL: "bold yellow"}[code]
    yield from wrapped(text, room, style=style)
    if code == WRONG:
        advice = (
            "Not as expected: read the example above. A lemma that is refuted is wrong, or its"
            " guard is; a twin that is not refuted shows that something is not needed."
        )
        yield from wrapped(advice, room)
    if code == NOT_ALL:
        yield from wrapped("Unknown: raise --max-seconds.", room)


def counted(count: int, one: str) -> str:
    """Return so many of them, in words."""
    return f"{count} {one if count == 1 else f'{one}s'}"


def as_data(proof: Proof) -> Mapping[str, Any]:
    """Return all that is known of a lemma, for a machine."""
    return {
        "lemma": proof.lemma.name,
        "statement": proof.lemma.statement,
        "guards": {name: _place(guard) for name, guard in proof.lemma.guards.items()},
        "needs": list(proof.needs),
        "parts": proof.parts,
        **_finding(proof.finding, expected=Verdict.PROVED),
        "twins": [
            {"twin": twin.name, **_finding(finding, expected=Verdict.REFUTED)}
            for twin, finding in proof.twins
        ],
    }


def _finding(finding: Finding, *, expected: Verdict) -> dict[str, Any]:
    return {
        "verdict": finding.verdict.value,
        "expected": expected.value,
        "as_expected": finding.verdict is expected,
        "seconds": round(finding.seconds, 6),
        "part": finding.goal or None,
        "example": finding.example.as_data() if finding.example else None,
        "why": finding.why or None,
    }
