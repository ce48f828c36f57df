"""What the checker has refuted: the sentence, the run as a picture and in words, and the repair."""

from collections.abc import Iterator
from html import escape
from typing import Any

import attrs

from coterie.checks.catalogue import catalogue
from coterie.checks.check import Check
from coterie.checks.result import Finding, Verdict
from coterie.checks.world import World
from coterie.commands.book.chapters import Chapter, chapters
from coterie.commands.book.claims import Claim, claims
from coterie.commands.book.markdown import code, counted, drawn, heading, prose, table
from coterie.commands.book.verdicts import MISSING, STALE, Shown, Verdicts, steps
from coterie.commands.page import plain
from coterie.commands.trace import shown
from coterie.model.machine import Machine, Node
from coterie.spec.property import Property

WIDTH = 90
DIFFERENCES = 8
_ABOUT = """Each is meant to be there: a protocol as it was published, a design that looks right, or
an assumption taken away. Every run is a shortest one, and was taken again in the present model when
this page was made. Each stands beside a version in which the same claim holds."""


def refuted(chapter: Chapter) -> Iterator[tuple[Check, Claim]]:
    """Yield each check of a chapter with each of its claims that is refuted, by check."""
    found = claims(chapter)
    for check in chapter.checks:
        for claim in found:
            if check in claim.refuted:
                yield check, claim


def index(found: Verdicts) -> str:
    """Return the page that leads to every refuted claim."""
    pages = [each for each in chapters() if any(refuted(each))]
    count = sum(1 for each in pages for _ in refuted(each))
    blocks = [
        "# Bugs found",
        f"The checker refutes {count} claims of the protocols in the catalogue. {_ABOUT}",
    ]
    for each in pages:
        title, _ = heading(each)
        blocks += [f"## [{prose(title)}](bugs-{each.name}.md)", table(*_listed(each, found))]
    names = "\n".join(f"{heading(each)[0]} <bugs-{each.name}>" for each in pages)
    return "\n\n".join([*blocks, f"```{{toctree}}\n:hidden:\n\n{names}\n```"]) + "\n"


def _listed(chapter: Chapter, found: Verdicts) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    rows = []
    for check, claim in refuted(chapter):
        words = f"[{prose(claim.statement)}](bugs-{chapter.name}.md#{anchor(check, claim)})"
        rows.append((code(check.name), words, _steps(check, claim, found)))
    return ("check", "it is not true that", "steps"), rows


def _steps(check: Check, claim: Claim, found: Verdicts) -> str:
    recorded = found.evidence.of(check.name) if found.evidence else None
    if recorded is None or recorded.is_stale:
        return MISSING if recorded is None else STALE
    length = recorded.entry[claim.name].steps
    return "–" if length is None else str(length)


def anchor(check: Check, claim: Claim) -> str:
    """Return where a refuted claim stands on its page."""
    return f"{check.name}-{claim.name}".replace(".", "-").replace("_", "-")


def page(chapter: Chapter, found: Verdicts) -> str:
    """Return the page of what was refuted in a chapter; nothing where nothing was."""
    bugs = list(refuted(chapter))
    if not bugs:
        return ""
    title, _ = heading(chapter)
    blocks = [
        f"# Bugs found: {prose(title)}",
        f"What was refuted of [{chapter.name}]({chapter.name}.md): {counted(len(bugs), 'claim')}.",
    ]
    before = None
    for check, claim in bugs:
        if check is not before:
            blocks += [f"## {code(check.name)}", prose(check.about)]
            blocks.append(f"```sh\ncoterie check {check.name}\n```")
        before = check
        blocks += _told(chapter, check, claim, found)
    return "\n\n".join(blocks) + "\n"


def _told(chapter: Chapter, check: Check, claim: Claim, found: Verdicts) -> Iterator[str]:
    yield f"({anchor(check, claim)})=\n### Not so: {prose(claim.statement)}"
    here = f"{chapter.name}.md#{claim.name.lower()}"
    yield f"The claim is [{code(claim.name)}]({here}), which {_kind(claim)}."
    recorded = found.evidence.of(check.name) if found.evidence else None
    if recorded is None or recorded.is_stale:
        yield f"The run is {MISSING if recorded is None else STALE}."
    else:
        yield from _run(check, recorded.finding(claim.name), recorded.world())
    yield from _repair(check, claim)


def _kind(claim: Claim) -> str:
    return claim.kind if claim.kind.startswith("must") else f"is: {claim.kind}"


def _run(check: Check, finding: Finding, world: World) -> Iterator[str]:
    if finding.trace is not None:
        name = f"bug-{check.name}.{finding.claim.name}"
        caption = f"Refuted in {check.name}: {steps(len(finding.trace))}."
        yield f"It takes {steps(len(finding.trace))}:"
        yield drawn(Shown(name, caption, world, finding.trace))
    lines = [plain(each) for each in shown(world, finding, WIDTH)]
    yield "<details><summary>The run in words</summary>"
    yield f'<pre tabindex="0">{escape(chr(10).join(lines))}</pre></details>'


# Repairs.


def repairs(check: Check, claim: Claim) -> list[Check]:
    """Return the checks in which the same claim holds, those that are called repaired first."""
    own = claim.origin.function
    holding = [
        each
        for each in catalogue()
        for other in each.properties
        if other.function is own and each.expected(other) is Verdict.HOLDS
    ]
    if not holding:
        holding = [each for each in catalogue() if _holds_by_name(each, claim.origin)]
    return sorted(holding, key=lambda each: _distance(check, each))


def _holds_by_name(check: Check, claim: Property) -> bool:
    return any(
        each.name == claim.name and check.expected(each) is Verdict.HOLDS
        for each in check.properties
    )


def _distance(check: Check, other: Check) -> tuple[bool, bool, int, str]:
    """Return how far a repair is: a repaired version of the same world is the nearest."""
    wanted = check.name.replace("published", "repaired")
    same = sum(a == b for a, b in zip(check.name.split("."), other.name.split("."), strict=False))
    return other.name != wanted, "repaired" not in other.name, -same, other.name


def _repair(check: Check, claim: Claim) -> Iterator[str]:
    found = repairs(check, claim)
    if not found:
        return
    best, *more = found
    yield f"**The repair.** It holds in {code(best.name)}: {prose(best.about)}"
    world, other = (each.world(**each.parameters()) for each in (check, best))
    lines = list(dict.fromkeys(differences(world, other)))
    if lines:
        yield "What is different there:"
        yield "\n".join(f"- {line}" for line in lines[:DIFFERENCES])
    if more:
        names = ", ".join(code(each.name) for each in more[:DIFFERENCES])
        yield f"It holds in {names}, too."


def differences(one: World, other: World) -> Iterator[str]:
    """Yield in which parameters of machines and bounds two worlds differ, in words."""
    machines = {node.role: machine for node, machine in other.machines.items()}
    for node, machine in one.machines.items():
        if node.role in machines:
            yield from _of(node.role, machine, machines[node.role])
    said, also = one.statement(), other.statement()
    for name in dict.fromkeys([*said, *also]):
        if said.get(name) != also.get(name):
            before, after = said.get(name, "none"), also.get(name, "none")
            yield f"{name}: {prose(after)} (here {prose(before)})"


def _of(where: str, one: Any, other: Any) -> Iterator[str]:
    if type(one) is not type(other):
        yield f"{code(where)} runs {code(type(other).__name__)} (here {code(type(one).__name__)})"
        return
    for field in attrs.fields(type(one)) if attrs.has(type(one)) else ():
        before, after = getattr(one, field.name), getattr(other, field.name)
        if before == after or _is_about_names(before) or _is_about_names(after):
            continue
        if isinstance(before, Machine) and isinstance(after, Machine):
            yield from _of(f"{where}.{field.name}", before, after)
        else:
            yield f"{code(f'{where}.{field.name}')} is {_value(after)} (here {_value(before)})"


def _is_about_names(value: Any) -> bool:
    if isinstance(value, tuple | frozenset | list):
        return bool(value) and all(isinstance(each, Node) for each in value)
    return isinstance(value, Node)


def _value(value: Any) -> str:
    """Return a parameter in a few words; a guard by its name."""
    name = getattr(value, "__name__", None)
    words = (
        name or type(value).__name__ if callable(value) and not attrs.has(type(value)) else value
    )
    text = str(words)
    return code(text if len(text) <= WIDTH else f"{text[:WIDTH]}…")
