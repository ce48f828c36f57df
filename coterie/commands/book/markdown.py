"""A chapter as MyST Markdown, for the site."""

import re
from collections.abc import Iterator, Sequence

from coterie.commands.book.anatomy import Anatomy, Transition, anatomy
from coterie.commands.book.chapters import Chapter
from coterie.commands.book.claims import Claim, claims
from coterie.commands.book.classes import Description
from coterie.commands.book.control import controls, svg
from coterie.commands.book.lemmas import Support, supports
from coterie.commands.book.marks import (
    PLAIN,
    Style,
    code,
    counted,
    prose,
    table,
    warned,
)
from coterie.commands.book.places import Place, file_of
from coterie.commands.book.promises import lemmas, promises
from coterie.commands.book.verdicts import (
    NOTHING,
    Count,
    Shown,
    Verdicts,
    steps,
)


def drawn(run: Shown) -> str:
    """Return a run as an SVG within the page."""
    from coterie.commands.pictures import svg as pictures  # noqa: PLC0415
    from coterie.commands.pictures.diagram import diagram  # noqa: PLC0415 (only with pictures)

    name = re.sub(r"[^\w]+", "-", run.name)
    made = diagram(run.world, run.trace)
    picture = pictures.svg(made, name=name, title=run.caption.replace("`", ""))
    picture = "\n".join(line for line in picture.splitlines() if line.strip())
    return f'<div class="run" tabindex="0">{picture}</div>'


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
        *promises(found, verdicts, style),
        *lemmas(based, style),
    ]
    return "\n\n".join(blocks) + "\n"


def heading(chapter: Chapter) -> tuple[str, str]:
    """Return the title of a chapter, and what the rest of its line says."""
    title, _, rest = chapter.title.partition(": ")
    words = rest[:1].upper() + rest[1:]
    brief = title.partition(", ")[0]
    return (title, words) if brief == title else (brief, f"{title}. {words}" if words else title)


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
        if style.draw is not None:
            for each in controls(role):
                picture = svg(each, f"How {each.path} of a {role.machine.name} changes")
                yield f"How {code(each.path)} goes from one form to another:"
                yield f'<div class="run" tabindex="0">{picture}</div>'
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
        return f"{size}: {warned(count.note)}"
    explored = (
        f"{count.states:,} states, {count.transitions:,} transitions, the farthest state"
        f" {steps(count.depth or 0)} away, in {count.seconds:,.1f} seconds"
    )
    return f"{size}: {explored}{f'; {warned(count.note)}' if count.note else ''}"
