"""What a protocol promises, on its page: each property with its evidence, and the lemmas."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from coterie.commands.book.claims import Claim
from coterie.commands.book.formulas import mathml
from coterie.commands.book.lemmas import Support
from coterie.commands.book.marks import Style, begun, code, prose, table, warned
from coterie.commands.book.verdicts import Judgement, Verdicts
from coterie.spec.property import Property


def promises(found: Sequence[Claim], verdicts: Verdicts, style: Style) -> Iterator[str]:
    """Yield each property: what it says, how far it was checked, what happens without it."""
    yield "## What it promises"
    places = anchors(found)
    for claim in found:
        yield f"### {code(claim.name)}"
        yield f"**{prose(claim.statement)}**"
        if claim.formula:
            yield f'<p class="formula">{mathml(claim.formula)}</p>'
        if claim.why:
            yield f"*Why it holds.* {prose(begun(claim.why))}"
        for title, words in claim.notes:
            yield f"*{prose(title)}.* {prose(begun(words))}" if title else prose(words)
        if claim.source:
            yield f"*Source.* {prose(begun(claim.source))}"
        yield "\n".join(f"- {fact}" for fact in _facts(claim, style, places))
        yield _verdicts(claim, verdicts)
        yield from _picture(claim, verdicts, style)


def _facts(claim: Claim, style: Style, places: Mapping[Property, str]) -> Iterator[str]:
    yield (
        f"It {claim.kind}."
        if claim.kind.startswith("must")
        else f"{claim.kind[:1].upper()}{claim.kind[1:]}."
    )
    if claim.witnesses:
        names = ", ".join(
            f"[{code(each.name)}](#{places[each]})" if each in places else code(each.name)
            for each in claim.witnesses
        )
        yield f"That something happens is shown by {names}."
    if claim.kills:
        kills = ", ".join(_kills(claim))
        yield (
            f"It catches the mutants {kills}."
            if "," in kills
            else f"It catches the mutant {kills}."
        )
    if claim.elsewhere:
        names = ", ".join(f"[{code(name)}]({style.chapter(name)})" for name in claim.elsewhere)
        yield f"It is claimed of {names}, too."
    yield f"In the source: {style.link(claim.place)}."


def _kills(claim: Claim) -> Iterator[str]:
    """Yield each mutant once, with the lengths in its checks."""
    lengths: dict[str, dict[int | None, None]] = {}
    for kill in claim.kills:
        lengths.setdefault(kill.mutant, {}).setdefault(kill.steps)
    for name, some in lengths.items():
        known = sorted(each for each in some if each is not None)
        words = f" in {' or '.join(map(str, known))} steps" if known else ""
        yield f"{code(name)}{words.replace(' 1 steps', ' 1 step')}"


def anchors(found: Iterable[Claim]) -> dict[Property, str]:
    """Return the anchor of each property's heading on its chapter's page."""
    places: dict[Property, str] = {}
    for claim in found:
        name = claim.name.lower()
        again = sum(each == name or each.startswith(f"{name}-") for each in places.values())
        places[claim.origin] = f"{name}-{again}" if again else name
    return places


def _verdicts(claim: Claim, verdicts: Verdicts) -> str:
    """Return the verdicts: a row for each check, a column for each size."""
    rows: dict[str, dict[str, str]] = {}
    for each in verdicts.judgements(claim):
        rows.setdefault(each.check.name, {})[each.size] = _judged(each)
    cells = [(code(name), words["small"], words.get("full", "")) for name, words in rows.items()]
    return table(("check", "at size small", "at size full"), cells)


def _judged(found: Judgement) -> str:
    words = warned(found.words) if not (found.is_found and found.is_expected) else found.words
    expected = ", as expected" if found.is_expected and "refuted" in found.words else ""
    note = f"; vacuous: {prose(found.vacuous)}" if found.vacuous else ""
    return f"{words}{expected}{note}"


def _picture(claim: Claim, verdicts: Verdicts, style: Style) -> Iterator[str]:
    if style.draw is None:
        return
    run = verdicts.picture(claim)
    if run is not None:
        yield prose(run.caption)
        yield style.draw(run)


def lemmas(based: Sequence[Support], style: Style) -> Iterator[str]:
    """Yield the lemmas, with their proofs."""
    if not based:
        return
    yield "## For all sizes"
    yield "Its machines use these guards, of which a solver has shown what is true of every size:"
    for each in based:
        yield f"### {code(each.lemma.name.rpartition('.')[2])}"
        yield f"**{prose(each.lemma.statement)}**"
        yield "\n".join(f"- {fact}" for fact in _proof(each, style))


def _proof(based: Support, style: Style) -> Iterator[str]:
    yield f"About {', '.join(map(code, based.guards))}."
    yield based.words if based.proof else f"**{based.words}**"
    yield f"In the source: {style.link(based.place)}."
