"""The overview that stands in the repository: every protocol, and a line for each property."""

from collections.abc import Iterable, Iterator

from coterie.checks.result import Verdict
from coterie.commands.book.chapters import Chapter
from coterie.commands.book.claims import Claim, claims
from coterie.commands.book.markdown import heading
from coterie.commands.book.marks import code, counted, prose, table
from coterie.commands.book.places import Place, place_of, step_of
from coterie.commands.book.verdicts import steps

_INTRODUCTION = """# What is claimed

Every protocol of the catalogue, and every property that is claimed of it: when it must hold, where
it does, and where it is refuted; how many of the deliberately wrong versions it catches. Made by
`coterie spec --format readme` from the objects that the checker runs; a test fails where it is
stale. `coterie spec NAME` shows a protocol in full: its roles, state, messages and transitions, and
of each property the formula, why it holds, and the source."""


def overview(chapters: Iterable[Chapter]) -> str:
    """Return the overview, in Markdown."""
    found = list(chapters)
    properties = sum(len(each.properties) for each in found)
    checks = sum(len(each.checks) for each in found)
    counts = (
        counted(len(found), "protocol"),
        counted(checks, "check"),
        counted(properties, "property", "properties"),
    )
    words = (
        f"{counts[0]}, {counts[1]}, {counts[2]}, of which some are claimed of several protocols."
    )
    blocks = [_INTRODUCTION, words, *(block for each in found for block in _chapter(each))]
    return "\n\n".join(blocks) + "\n"


def _chapter(chapter: Chapter) -> Iterator[str]:
    title, rest = heading(chapter)
    yield f"## {chapter.name}"
    yield f"**{prose(title)}.**{f' {prose(rest)}.' if rest else ''}"
    machines = ", ".join(
        _link(place_of(step_of(kind)), code(kind.__name__)) for kind in chapter.machines
    )
    states = sum(check.states or 0 for check in chapter.checks)
    size = f"{counted(len(chapter.checks), 'check')}, {states:,} states at size small"
    yield f"{size}. Transition functions: {machines}."
    yield table(("property", "must be true", "found", "mutants"), map(_row, claims(chapter)))


def _row(claim: Claim) -> tuple[str, str, str, str]:
    name = _link(claim.place, code(claim.name))
    caught = len({(kill.check.name, kill.mutant) for kill in claim.kills})
    return (
        f"{name} {prose(claim.statement)}",
        claim.origin.kind.value,
        _found(claim),
        str(caught or ""),
    )


def _found(claim: Claim) -> str:
    """Return in how many checks it holds, and in which it is refuted, as the tests pin it."""
    holding = [each for each in claim.checks if claim.expected(each) is Verdict.HOLDS]
    lengths = [check.refuted[claim.name] for check in claim.refuted]
    known = [each for each in lengths if each is not None]
    words = [f"holds in {len(holding)}"] if holding else []
    if claim.refuted:
        length = f", in {steps(min(known))}" if known else ""
        words.append(f"refuted in {len(claim.refuted)}{length}")
    return "; ".join(words)


def _link(place: Place | None, words: str) -> str:
    return words if place is None else f"[{words}](../{place.file}#L{place.line})"
