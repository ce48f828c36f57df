"""What a certificate proves of the checks that are here."""

from collections.abc import Callable, Iterable, Mapping

from attrs import frozen

from coterie.checks.canonical import canonical
from coterie.checks.certificate.format import Header, Said
from coterie.checks.certificate.read import Reader
from coterie.checks.certificate.run import NoRunError, replayed
from coterie.checks.certificate.witness import shows
from coterie.checks.certify import PROVED, Claimed, WrongError, certify
from coterie.checks.check import Check
from coterie.checks.errors import ModelError
from coterie.checks.result import Verdict
from coterie.checks.world import World
from coterie.commands.answering import Job
from coterie.commands.errors import UsageMistake
from coterie.commands.running import world_of
from coterie.commands.selecting import Selection
from coterie.commands.setting import parameters
from coterie.spec.property import Property

Progress = Callable[[str], Callable[[int], None]]
_ANEW = "It is of another version of the check: make it anew."


@frozen
class Proof:
    """What is proved of one property.

    Attributes:
        name: the property.
        verdict: what the certificate says of it.
        why: what proves that; empty where nothing does.
    """

    name: str
    verdict: Verdict
    why: str


def job_of(header: Header, checks: Iterable[Check]) -> Job:
    """Return the check that a certificate is about, with its parameters and properties.

    Raises: UsageMistake where it is not here, or is another one.
    """
    subject = header.subject
    check = next((each for each in checks if each.name == subject.check), None)
    if check is None:
        raise UsageMistake(
            f"the certificate is about {subject.check}, and no such check is here",
            "Name the file that defines it: coterie certify FILE PYTHON_FILE. When it was made,"
            f" that was {' or '.join(subject.files) or 'in the catalogue'}.",
        )
    chosen = parameters(check, "full" if subject.size == "full" else "small", subject.settings)
    if canonical(chosen) != subject.parameters:
        now = f"now it has {canonical(chosen)}"
        raise UsageMistake(f"{check.name} was checked with {subject.parameters}; {now}", _ANEW)
    return Job(Selection(check, tuple(_claims(check, header.claims))), chosen)


def _claims(check: Check, claims: Iterable[Said]) -> Iterable[Property]:
    known = {(claim.name, claim.kind.value): claim for claim in check.properties}
    for said in claims:
        if (said.name, said.kind) not in known:
            problem = f"{check.name} has no such property (any more, or twice): {said.name}"
            raise UsageMistake(f"{problem}, {said.kind}", _ANEW)
        yield known.pop((said.name, said.kind))


def world_in(job: Job, header: Header) -> World:
    """Return the world that a certificate is about.

    Raises: UsageMistake where it cannot be made, or has other components.
    """
    try:
        world = world_of(job)
    except ModelError as problem:
        raise UsageMistake(f"the world of {job.name} cannot be made: {problem}", "") from problem
    if tuple(map(str, world.slots)) != header.slots:
        raise UsageMistake(f"the world of {job.name} has other components", _ANEW)
    return world


def proofs(
    world: World, job: Job, header: Header, reader: Reader, progress: Progress
) -> list[Proof]:
    """Return what is proved of each property that the certificate names.

    Raises: WrongError where a proof is none; UnreadableError where the file is broken.
    """
    body = reader.body(header, progress("reading"))
    pairs = list(zip(job.selection.claims, header.claims, strict=True))
    found = {said.name: _by_run(world, claim, said) for claim, said in pairs if said.run}
    by_set = {
        said.name: claimed
        for claim, said in pairs
        if said.name not in found
        if (claimed := _claimed(claim, said, body.ranks)).case in PROVED
    }
    if body.states is not None:
        certify(world, list(by_set.values()), body.states, progress("checking"))
        found |= {name: PROVED[claimed.case] for name, claimed in by_set.items()}
    return [Proof(said.name, said.verdict, found.get(said.name, "")) for said in header.claims]


def _claimed(claim: Property, said: Said, ranks: Mapping[str, list[list[int]]]) -> Claimed:
    return Claimed(claim, said.verdict, ranks.get(said.name, ()))


def _by_run(world: World, claim: Property, said: Said) -> str:
    assert said.run is not None
    try:
        trace = replayed(world, said.run)
        shown = shows(world, claim, said.verdict, trace)
    except NoRunError as problem:
        raise WrongError(f"{claim.name}: {problem}", ()) from problem
    if not shown:
        words = f"the run does not show that {claim.name} {said.verdict.value}: it ends here"
        raise WrongError(words, trace.states[-1])
    return f"a run of {len(trace)} step{'' if len(trace) == 1 else 's'} shows it"
