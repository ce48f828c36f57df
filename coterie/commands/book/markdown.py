"""A chapter as MyST Markdown, for the site."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from attrs import field, frozen

from coterie.commands.book.anatomy import Anatomy, Transition, anatomy
from coterie.commands.book.chapters import Chapter
from coterie.commands.book.claims import Claim, claims
from coterie.commands.book.classes import Description
from coterie.commands.book.formulas import mathml
from coterie.commands.book.lemmas import Support, supports
from coterie.commands.book.places import Place, file_of
from coterie.commands.book.verdicts import (
    MISSING,
    NOTHING,
    Count,
    Judgement,
    Shown,
    Verdicts,
    steps,
)
from coterie.spec.property import Property

_SPECIAL = re.compile(r"([\\*_<>|\[\]{}#~&$])")
Draw = Callable[[Shown], str]


def _beside(place: Place) -> str:
    return f"../{place.file}#L{place.line}"


def _page(name: str) -> str:
    return f"{name}.md"


def drawn(run: Shown) -> str:
    """Return a run as an SVG within the page."""
    from coterie.commands.pictures.diagram import diagram  # noqa: PLC0415 (only with pictures)
    from coterie.commands.pictures.svg import svg  # noqa: PLC0415

    name = re.sub(r"[^\w]+", "-", run.name)
    picture = svg(diagram(run.world, run.trace), name=name, title=run.caption.replace("`", ""))
    picture = "\n".join(line for line in picture.splitlines() if line.strip())
    return f'<div class="run" tabindex="0">{picture}</div>'


@frozen
class Style:
    """How a page refers to what stands elsewhere.

    Attributes:
        source: the address of a line of the source.
        chapter: the address of a chapter, by its name.
        draw: a run as a picture, in Markdown or HTML; None where pages have no pictures.
    """

    source: Callable[[Place], str] = field(default=_beside)
    chapter: Callable[[str], str] = field(default=_page)
    draw: Draw | None = None

    def link(self, place: Place | None, words: str = "") -> str:
        """Return a link to a line of the source; just the words where that is not known."""
        if place is None:
            return words
        return f"[{words or f'`{place}`'}]({self.source(place)})"


PLAIN = Style()


def chapter(chapter: Chapter, verdicts: Verdicts = NOTHING, style: Style = PLAIN) -> str:
    """Return a chapter as a page.

    Attributes:
        verdicts: what was found; without any, each verdict is said not to be explored yet.
        style: how the page refers to what stands elsewhere.
    """
    made = anatomy(chapter)
    found = claims(chapter)
    based = supports(chapter, verdicts.proofs)
    blocks = [
        *_head(chapter, found, based),
        *_purpose(chapter, style),
        *_roles(made, style),
        *_state(made, style),
        *_vocabulary(made, style),
        *_transitions(made, style),
        *_checks(chapter, verdicts),
        *_promises(found, verdicts, style),
        *_lemmas(based, style),
    ]
    return "\n\n".join(blocks) + "\n"


def prose(text: str) -> str:
    """Return words of a docstring as Markdown: what stands in backticks is code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return _SPECIAL.sub(r"\\\1", text.replace("`", "'"))
    return "".join(
        code(part) if place % 2 else _SPECIAL.sub(r"\\\1", part)
        for place, part in enumerate(parts)
        if part
    )


def begun(text: str) -> str:
    """Return words with the capital letter that a sentence begins with; a name keeps its own."""
    word = text.split(" ", 1)[0]
    return text[:1].upper() + text[1:] if word == "a" or word[:2].isalpha() else text


def code(text: str) -> str:
    """Return text as code."""
    return f"`{text.replace('|', chr(92) + '|')}`"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell or ' ' for cell in line)} |" for line in lines)


def heading(chapter: Chapter) -> tuple[str, str]:
    """Return the title of a chapter, and what the rest of its line says."""
    title, _, rest = chapter.title.partition(": ")
    return title, rest[:1].upper() + rest[1:]


def _head(chapter: Chapter, found: Sequence[Claim], based: Sequence[Support]) -> Iterator[str]:
    title, rest = heading(chapter)
    yield f"# {prose(title)}"
    if rest:
        yield f"{prose(rest)}."
    mutants = {(check.name, name) for check in chapter.checks for name in check.mutants}
    refuted = {claim.name for claim in found if claim.refuted}
    counts = [
        counted(len(chapter.checks), "check"),
        counted(len(found), "property", "properties"),
        *([f"{len(refuted)} of them refuted somewhere"] if refuted else []),
        counted(len(mutants), "mutant"),
        *([counted(len(based), "lemma")] if based else []),
    ]
    yield f"`{chapter.name}`: {', '.join(counts)}."
    yield f"```sh\ncoterie check {chapter.name}\n```"


def counted(count: int, one: str, many: str = "") -> str:
    """Return so many of them, in words."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def _purpose(chapter: Chapter, style: Style) -> Iterator[str]:
    if not chapter.purpose:
        return
    yield "## What it is for"
    for module, words in chapter.purpose:
        first, *rest = words
        place = place_of_module(module.__name__)
        yield f"**{prose(first)}** {style.link(place)}"
        yield from map(prose, rest)


def place_of_module(name: str) -> Place | None:
    """Return where a file of the repository begins."""
    file = file_of(name)
    return Place(file, 1) if file else None


def _roles(made: Anatomy, style: Style) -> Iterator[str]:
    yield "## Who takes part"
    for role in made.roles:
        yield f"### {code(role.name)} runs {code(role.machine.name)}"
        yield from map(prose, role.machine.about)
        links = [
            style.link(role.machine.place, "the machine"),
            style.link(role.step, "its transition function"),
        ]
        yield f"In the source: {', '.join(links)} ({code(str(role.step))})."
        yield from _fields(role.machine)
        for each in role.within:
            yield f"Within it: **{code(each.name)}** {' '.join(map(prose, each.about))}"
            yield from _fields(each)


def _fields(kind: Description) -> Iterator[str]:
    if kind.fields:
        rows = [(code(f.name), code(f.type), prose(f.meaning)) for f in kind.fields]
        yield table(("field", "type", "meaning"), rows)


def _state(made: Anatomy, style: Style) -> Iterator[str]:
    if not made.state:
        return
    yield "## What they remember"
    for kind in made.state:
        yield f"### {code(kind.name)}"
        yield from map(prose, kind.about)
        yield f"In the source: {style.link(kind.place)}."
        yield from _fields(kind)


def _vocabulary(made: Anatomy, style: Style) -> Iterator[str]:
    if not made.vocabulary:
        return
    yield "## What they say"
    for title, kinds in made.vocabulary:
        yield f"### {title}"
        for kind in kinds:
            about = " ".join(map(prose, kind.about))
            yield f"**{style.link(kind.place, code(kind.signature))}** {about}"
            if any(each.meaning for each in kind.fields):
                yield from _fields(kind)


def _transitions(made: Anatomy, style: Style) -> Iterator[str]:
    yield "## What may happen"
    yield (
        f"Drawn from the code: the machines were asked {made.asked:,} different questions in runs"
        " of the small worlds below, and this is what came of each kind of event."
    )
    for role in made.roles:
        yield f"### {code(role.name)}, a {code(role.machine.name)}"
        yield table(("event", "may change", "may ask for"), map(_row, role.transitions))
        if role.unseen:
            yield f"Provided for, but not met in these runs: {', '.join(map(code, role.unseen))}."
        yield f"Transition function: {style.link(role.step)}."


def _row(transition: Transition) -> tuple[str, str, str]:
    also = [*(["nothing"] if transition.idle else []), *(["not now"] if transition.refused else [])]
    changes = [*map(code, transition.changes)]
    effects = [*map(code, transition.effects), *(f"*{each}*" for each in also)]
    return code(transition.event), "<br>".join(changes), "<br>".join(effects)


def _checks(chapter: Chapter, verdicts: Verdicts) -> Iterator[str]:
    yield "## Where it is checked"
    for check in chapter.checks:
        yield f"### {code(check.name)}"
        yield prose(check.about)
        bounds = chapter.worlds[check.name].statement()
        facts = [
            *map(_counted, verdicts.counts(check)),
            *(f"{name}: {prose(words)}" for name, words in bounds.items()),
        ]
        yield "\n".join(f"- {fact}" for fact in facts)


def _counted(count: Count) -> str:
    size = f"{count.size} ({code(count.parameters)})" if count.parameters else count.size
    if count.states is None:
        return f"{size}: {_warned(count.note)}"
    explored = (
        f"{count.states:,} states, {count.transitions:,} transitions, the farthest state"
        f" {steps(count.depth or 0)} away, in {count.seconds:,.1f} seconds"
    )
    return f"{size}: {explored}{f'; {_warned(count.note)}' if count.note else ''}"


def _warned(note: str) -> str:
    """Return what a reader must not overlook; less loudly where nobody has looked yet."""
    return f"*{note}*" if note == MISSING else f"**{prose(note)}**"


def _promises(found: Sequence[Claim], verdicts: Verdicts, style: Style) -> Iterator[str]:
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
        names = ", ".join(f"[{code(each.name)}](#{places[each]})" for each in claim.witnesses)
        yield f"It does not hold vacuously: {names}."
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
    words = _warned(found.words) if not (found.is_found and found.is_expected) else found.words
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


def _lemmas(based: Sequence[Support], style: Style) -> Iterator[str]:
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
