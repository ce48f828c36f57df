"""What a protocol promises: each property once, with all that is known of it."""

import re
from collections.abc import Iterable
from typing import Any

from attrs import frozen

from coterie.checks.check import Check
from coterie.checks.result import Verdict
from coterie.commands.book.chapters import Chapter, chapters
from coterie.commands.book.places import Place, place_of
from coterie.commands.page import paragraphs
from coterie.spec.property import Kind, Property

_HEADING = re.compile(r"([A-Z][\w -]{1,24}): ?")
FORMULA, WHY, SOURCE = "In symbols", "Why", "Source"
KINDS = {
    Kind.ALWAYS: "must be true in every reachable state",
    Kind.REACHABLE: "must be true in some reachable state, so that nothing holds vacuously",
    Kind.AT_REST: (
        "must be true in every reachable state that only faults and the adversary can change"
    ),
    Kind.RECOVERABLE: (
        "from every reachable state, some path without faults must lead to a state that makes it"
        " true"
    ),
    Kind.STEP_ALWAYS: "must be true of every reachable step",
    Kind.REFINES: "every step must be one that the abstract machine allows",
    Kind.LEADS_TO: "in every fair run, whenever the premise is true, it must come true",
    Kind.EVENTUALLY: "must come true in every fair run",
    Kind.EVENTUALLY_ALWAYS: "must be true for ever from some time on, in every fair run",
}


@frozen
class Kill:
    """A mutant that a property catches.

    Attributes:
        mutant: its name.
        check: the check that has it.
        steps: how long the shortest counterexample is; None where there is none to show.
    """

    mutant: str
    check: Check
    steps: int | None


@frozen
class Claim:
    """A property, as one chapter shows it.

    Attributes:
        origin: the property, as its file defines it.
        checks: the checks of the chapter that claim it.
        statement: the claim in one sentence.
        formula: the same in symbols; empty where the sentence says it all.
        why: why it holds.
        source: where it is from, with the section.
        notes: what else its documentation says: each a heading, or none, and its words.
        place: where it is defined.
        kills: the mutants that it catches: those that it names first, then by name and check.
        witnesses: the properties that show that it does not hold vacuously.
        elsewhere: the names of other chapters that claim it too.
    """

    origin: Property
    checks: tuple[Check, ...]
    statement: str
    formula: str
    why: str
    source: str
    notes: tuple[tuple[str, str], ...]
    place: Place | None
    kills: tuple[Kill, ...]
    witnesses: tuple[Property, ...]
    elsewhere: tuple[str, ...]

    @property
    def name(self) -> str:
        """The property's name."""
        return self.origin.name

    @property
    def kind(self) -> str:
        """When it must hold, in words."""
        return KINDS[self.origin.kind]

    def expected(self, check: Check) -> Verdict:
        """Return the verdict that it should have in a check."""
        return check.expected(self.origin)

    def is_named_by(self, witness: Property) -> bool:
        """Return whether a witness says that it is one to this property."""
        return f"`{self.name}`" in witness.documentation

    @property
    def refuted(self) -> tuple[Check, ...]:
        """The checks in which it is refuted, as expected."""
        return tuple(each for each in self.checks if self.name in each.refuted)


def claims(chapter: Chapter) -> tuple[Claim, ...]:
    """Return what a chapter's protocol promises, in the order of the files and of their lines."""
    return tuple(_claim(chapter, each) for each in chapter.properties)


def _claim(chapter: Chapter, claim: Property) -> Claim:
    checks = tuple(each for each in chapter.checks if claim in each.properties)
    first, *rest = paragraphs(claim.documentation)
    notes = [_headed(each) for each in rest]
    said = dict(reversed(notes))
    known = {FORMULA, WHY, SOURCE}
    return Claim(
        origin=claim,
        checks=checks,
        statement=first,
        formula=said.get(FORMULA, ""),
        why=said.get(WHY, ""),
        source=said.get(SOURCE, ""),
        notes=tuple(note for note in notes if note[0] not in known),
        place=place_of(claim.function),
        kills=_kills(claim, checks),
        witnesses=_witnesses(claim, checks),
        elsewhere=_elsewhere(chapter, claim),
    )


def _headed(paragraph: str) -> tuple[str, str]:
    match = _HEADING.match(paragraph)
    return (match[1], paragraph[match.end() :]) if match else ("", paragraph)


def _kills(claim: Property, checks: Iterable[Check]) -> tuple[Kill, ...]:
    found = [
        Kill(name, check, mutant.kills[claim.name])
        for check in checks
        for name, mutant in check.mutants.items()
        if claim.name in mutant.kills
    ]
    main = claim.broken_by

    def rank(kill: Kill) -> tuple[Any, ...]:
        named = main.index(kill.mutant) if kill.mutant in main else len(main)
        return named, kill.mutant, kill.steps is None, kill.steps or 0, kill.check.name

    return tuple(sorted(found, key=rank))


def _witnesses(claim: Property, checks: Iterable[Check]) -> tuple[Property, ...]:
    """Return the witnesses that name the claim; where none does, all that every check has.

    A claim that something is reachable is a witness itself.
    """
    if claim.kind is Kind.REACHABLE:
        return ()
    each = [[p for p in check.properties if p.kind is Kind.REACHABLE] for check in checks]
    every = dict.fromkeys(one for some in each for one in some)
    naming = [one for one in every if f"`{claim.name}`" in one.documentation]
    return tuple(naming or every)


def _elsewhere(chapter: Chapter, claim: Property) -> tuple[str, ...]:
    if chapter not in chapters():
        return ()
    others = (each for each in chapters() if each is not chapter)
    return tuple(each.name for each in others if claim in each.properties)
