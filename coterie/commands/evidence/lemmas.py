"""What is recorded of lemmas: `coterie prove --evidence FILE` writes it, and pages show it."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import asdict, evolve, field, frozen

from coterie.checks.cache.sources import UnknownCodeError
from coterie.checks.evidence.code import Codes
from coterie.checks.evidence.entry import amount, count, laid_out, text
from coterie.commands.errors import UsageMistake
from coterie.commands.evidence import putting
from coterie.commands.evidence.recorded import FOLDER, EvidenceError
from coterie.commands.outputs import files
from coterie.commands.outputs.json import own_version
from coterie.spec.lemmas.lemma import Lemma, lemmas

if TYPE_CHECKING:
    from coterie.spec.lemmas.proof import Proof  # and with it the solver

_FOUND = "What `coterie prove --evidence` has found"
_ABOUT = f"{_FOUND}: lemmas, and the hash of the code they are about."


@frozen
class Refuted:
    """What is recorded of a broken twin.

    Attributes:
        twin: its name.
        verdict: `refuted`, as it should be, or another one.
        seconds: how long that took.
    """

    twin: str = field(validator=text)
    verdict: str = field(validator=text)
    seconds: float = field(validator=amount)


def _twins(data: Any) -> tuple[Refuted, ...]:
    return tuple(each if isinstance(each, Refuted) else Refuted(**each) for each in data)


@frozen
class Proved:
    """What is recorded of a lemma.

    Attributes:
        lemma: its name.
        code: the hash of the code that it is about.
        coterie: the version that has proved it.
        verdict: `proved`, as it should be, or another one.
        parts: how many goals it has.
        seconds: how long the proof took.
        twins: what is recorded of its broken twins.
    """

    lemma: str = field(validator=text)
    code: str = field(validator=text)
    coterie: str = field(validator=text)
    verdict: str = field(validator=text)
    parts: int = field(validator=count)
    seconds: float = field(validator=amount)
    twins: tuple[Refuted, ...] = field(converter=_twins)

    def without_time(self) -> "Proved":
        """Return the same, as if it had taken no time."""
        return evolve(self, seconds=0.0, twins=[evolve(each, seconds=0.0) for each in self.twins])


class Proofs:
    """The lemmas that some files are about."""

    def __init__(self, proved: Mapping[str, Proved]) -> None:
        self._proved = proved
        self._codes = Codes()
        self._lemmas = {each.name: each for each in lemmas()}

    @classmethod
    def read(cls, *names: Path | str) -> "Proofs":
        """Read files that `coterie prove --evidence` has written.

        Attributes:
            names: where none is given, those that are committed with coterie, as far as they exist.
        Raises: EvidenceError where a file cannot be read.
        """
        chosen = [*map(Path, names)] or sorted(FOLDER.glob("*.json"))
        return cls({each.lemma: each for file in chosen for each in _read(file)})

    def of(self, name: str) -> Proved | None:
        """Return what is recorded of the lemma of that name; None where nothing is."""
        return self._proved.get(name)

    def is_stale(self, name: str) -> bool:
        """Return whether what is recorded of a lemma is about other code than there is now."""
        lemma, proved = self._lemmas.get(name), self.of(name)
        if lemma is None or proved is None:
            return True
        now = _code(lemma, self._codes)
        return not now or now != proved.code


class Record:
    """The file that one command writes."""

    def __init__(self, file: str, *, is_whole: bool) -> None:
        """Read what is there.

        Attributes:
            is_whole: whether every lemma is proved, so that what stands there of any other is out
                of date.
        Raises: UsageMistake where the file cannot be read, or not be written, or is of something
            else than lemmas.
        """
        if file == files.STANDARD:
            raise UsageMistake("--evidence - is no file", "Give a file: --evidence FILE.json")
        self._file, self._is_whole = putting.target("--evidence", file), is_whole
        self._known()

    def _known(self) -> dict[str, Proved]:
        """Return what is recorded by now."""
        if not (self._file.exists() and self._file.stat().st_size > 0):
            return {}
        putting.check_content(self._file, "lemmas", _FOUND)
        return {each.lemma: each for each in _read(self._file)}

    def write(self, proofs: Sequence["Proof"]) -> None:
        """Write what was found; where that was known, the time that it took stays as it was.

        Raises: UsageMistake where the file cannot be written.
        """
        codes = Codes()
        found = {each.lemma.name: _proved(each, codes) for each in proofs}
        with putting.locked(self._file):
            for name, before in self._known().items():
                if name not in found and self._is_whole:
                    continue
                if name not in found or found[name].without_time() == before.without_time():
                    found[name] = before
            entries = [asdict(found[name]) for name in sorted(found)]
            putting.put(self._file, laid_out({"about": _ABOUT, "lemmas": entries}) + "\n")


def _proved(proof: "Proof", codes: Codes) -> Proved:
    return Proved(
        proof.lemma.name,
        _code(proof.lemma, codes),
        own_version(),
        proof.finding.verdict.value,
        proof.parts,
        round(proof.finding.seconds, 2),
        [
            Refuted(twin.name, finding.verdict.value, round(finding.seconds, 2))
            for twin, finding in proof.twins
        ],
    )


def _code(lemma: Lemma, codes: Codes) -> str:
    """Return the hash of the code that a lemma is about; empty where that is not known."""
    try:
        return codes.of_module(lemma.function.__module__)
    except UnknownCodeError:
        return ""


def _read(file: Path) -> list[Proved]:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        return [Proved(**each) for each in data.get("lemmas", ())]
    except OSError as cause:
        problem = f"{file} cannot be read: {cause.strerror}"
    except (ValueError, TypeError, AttributeError) as cause:
        problem = f"{file} is no evidence of lemmas: {cause}"
    raise EvidenceError(problem, "Make it anew: coterie prove --evidence FILE")
