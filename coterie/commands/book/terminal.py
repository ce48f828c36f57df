"""A chapter as the terminal shows it, in lines that are no wider than it is."""

from collections.abc import Iterable, Iterator

from coterie.checks.errors import ModelError
from coterie.commands.book.anatomy import Anatomy, Role, anatomy
from coterie.commands.book.chapters import Chapter
from coterie.commands.book.claims import KINDS, Claim, claims
from coterie.commands.book.classes import Description
from coterie.commands.book.lemmas import Support, supports
from coterie.commands.book.verdicts import Verdicts, steps
from coterie.commands.listing import sizes
from coterie.commands.page import BLANK, Line, documented, line, wrapped
from coterie.spec.property import Kind

_KINDS = {
    Kind.ALWAYS: "in every reachable state",
    Kind.REACHABLE: "in some reachable state",
    Kind.AT_REST: "in every reachable state that only faults can change",
    Kind.RECOVERABLE: "from every reachable state, on some path without faults",
    Kind.STEP_ALWAYS: "of every reachable step",
}
SHOWN = 6


def contents(chapters: Iterable[Chapter], width: int) -> list[Line]:
    """Return the chapters, each with what it is about."""
    found = list(chapters)
    longest = max(len(each.name) for each in found)
    lines: list[Line] = []
    for each in found:
        column = f"{each.name:<{longest}}  "
        folded = wrapped(each.title, width, first=column, later=" " * (longest + 2))
        first = folded[0][0][0]
        lines.append(((first[:longest], "bold"), (first[longest:], "")))
        lines += folded[1:]
    return lines


def shown(chapter: Chapter, verdicts: Verdicts, width: int) -> Iterator[Line]:
    """Yield a chapter: what it is for, what it is made of, and what it promises."""
    yield from _head(chapter, width)
    yield from _purpose(chapter, width)
    try:
        made = anatomy(chapter)
    except ModelError as error:
        yield from _heading("What it is made of")
        yield from _prose(f"Its machines cannot be asked: {error.problem}.", width, "  ")
    else:
        yield from _anatomy(made, width)
    yield from _heading("What it promises")
    for claim in claims(chapter):
        yield from promised(claim, verdicts, width)
    yield from _lemmas(supports(chapter, verdicts.proofs), width)


def briefly(chapter: Chapter, verdicts: Verdicts, width: int) -> Iterator[Line]:
    """Yield what a part of a chapter promises: one check, or some of its properties."""
    yield line(chapter.name, "bold")
    for check in chapter.checks:
        for each in (check.about, sizes(check)):
            yield from _prose(each, width, "  ")
    yield BLANK
    for claim in claims(chapter):
        yield from promised(claim, verdicts, width)


def _head(chapter: Chapter, width: int) -> Iterator[Line]:
    yield line(chapter.name, "bold")
    yield from _prose(f"{chapter.title}.", width, "  ")
    for check in chapter.checks if len(chapter.checks) <= SHOWN else ():
        words = [check.name] if len(chapter.checks) > 1 else []
        words += [sizes(check)] if sizes(check) else []
        yield from _prose("  ".join(words), width, "  ")
    if len(chapter.checks) > SHOWN:
        yield from _prose(f"{len(chapter.checks)} checks: coterie list {chapter.name}", width, "  ")
    yield BLANK


def _heading(words: str) -> Iterator[Line]:
    yield line(words, "bold")
    yield BLANK


def _purpose(chapter: Chapter, width: int) -> Iterator[Line]:
    if not chapter.purpose:
        return
    yield from _heading("What it is for")
    for _, words in chapter.purpose:
        for paragraph in words:
            yield from documented(paragraph, width, "  ")
        yield BLANK


def _anatomy(made: Anatomy, width: int) -> Iterator[Line]:
    yield from _heading("Who takes part")
    for role in made.roles:
        yield from _role(role, width)
    if made.state:
        yield from _heading("What they remember")
        for kind in made.state:
            yield from _kind(kind, width, signature=False)
    for title, kinds in made.vocabulary:
        yield from _heading(title)
        for kind in kinds:
            yield from _kind(kind, width, signature=True)
    yield from _heading("What may happen")
    for role in made.roles:
        yield from _transitions(role, width)


def _role(role: Role, width: int) -> Iterator[Line]:
    yield from _named(f"{role.name}, a {role.machine.name}", width)
    for each in role.machine.about:
        yield from _prose(each, width, "    ")
    yield from _fields(role.machine, width)
    for inner in role.within:
        yield from _prose(f"within it {inner.name}: {' '.join(inner.about)}", width, "    ")
    if role.step:
        yield from _prose(f"its transitions: {role.step}", width, "    ")
    yield BLANK


def _kind(kind: Description, width: int, *, signature: bool) -> Iterator[Line]:
    yield from _named(kind.signature if signature else kind.name, width)
    for each in kind.about:
        yield from _prose(each, width, "    ")
    if not signature or any(each.meaning for each in kind.fields):
        yield from _fields(kind, width)
    yield BLANK


def _fields(kind: Description, width: int) -> Iterator[Line]:
    for each in kind.fields:
        meaning = each.meaning or each.type
        yield from wrapped(f"{each.name}: {meaning}", width, first="      ", later=" " * 8)


def _transitions(role: Role, width: int) -> Iterator[Line]:
    yield from _named(f"{role.name}, a {role.machine.name}", width)
    for each in role.transitions:
        yield from wrapped(each.event, width, first="    ", later=" " * 6, style="bold")
        if each.changes:
            yield from _prose(f"changes {', '.join(each.changes)}", width, "      ")
        for effect in each.effects:
            yield from _prose(effect, width, "      ")
        also = [*(["nothing"] if each.idle else []), *(["not now"] if each.refused else [])]
        if also:
            yield from _prose(f"or {' or '.join(also)}", width, "      ")
    yield BLANK


def promised(claim: Claim, verdicts: Verdicts, width: int) -> Iterator[Line]:
    """Yield a property: its documentation, and what the checker knows about it."""
    yield line(f"  {claim.name}", "bold cyan")
    yield from documented(claim.origin.documentation, width, "    ")
    for title, words in _facts(claim, verdicts):
        yield from documented(f"{title}: {words}", width, "    ")
    yield BLANK


def _facts(claim: Claim, verdicts: Verdicts) -> Iterator[tuple[str, str]]:
    """Yield what the checker knows about a property, each under its heading."""
    yield "Must be true", _KINDS.get(claim.origin.kind, KINDS[claim.origin.kind])
    for check in claim.refuted:
        where = f" of {check.name}" if len(claim.checks) > 1 else ""
        yield (
            "Expected",
            f"refuted{_in_steps(check.refuted[claim.name])}, for the protocol{where} is broken",
        )
    broken = _broken(claim)
    if broken:
        yield "Broken by", "; ".join(broken)
    witnesses = [each.name for each in claim.witnesses if claim.is_named_by(each)]
    if witnesses:
        yield "What happens at all", f"see {', '.join(witnesses)}"
    found = list(_found(claim, verdicts))
    if found:
        yield "Found", "; ".join(found)
    place = f" ({claim.place})" if claim.place else ""
    yield "Defined in", f"{claim.origin.function.__module__}{place}"


def _broken(claim: Claim) -> list[str]:
    """Return the mutants that it names, with the length of what they do."""
    kills = {kill.mutant: kill.steps for kill in reversed(claim.kills)}
    return [name + _in_steps(kills[name]) for name in claim.origin.broken_by if name in kills]


def _found(claim: Claim, verdicts: Verdicts) -> Iterator[str]:
    """Yield what is recorded of the present code, in as few words as do."""
    where: dict[str, dict[str, list[str]]] = {}
    for each in verdicts.judgements(claim):
        if each.is_found:
            where.setdefault(each.words, {}).setdefault(each.check.name, []).append(each.size)
    for words, checks in where.items():
        if len(claim.checks) == 1:
            yield f"{words} at size {' and '.join(*checks.values())}"
        else:
            places = (f"{name} ({', '.join(sizes)})" for name, sizes in checks.items())
            yield f"{words} in {', '.join(places)}"


def _in_steps(length: int | None) -> str:
    return "" if length is None else f", in {steps(length)}"


def _lemmas(based: Iterable[Support], width: int) -> Iterator[Line]:
    found = list(based)
    if not found:
        return
    yield from _heading("For all sizes")
    for each in found:
        yield line(f"  {each.lemma.name}", "bold cyan")
        yield from documented(each.lemma.statement, width, "    ")
        if each.proof:
            yield from _prose(f"{each.words}.", width, "    ")
        yield BLANK


def _named(words: str, width: int) -> Iterator[Line]:
    yield from wrapped(words, width, first="  ", later=" " * 6, style="bold")


def _prose(text: str, width: int, indent: str) -> list[Line]:
    return wrapped(text, width, first=indent, later=f"{indent}  ") if text else []
