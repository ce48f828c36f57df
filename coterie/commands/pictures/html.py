"""A counterexample as one file that opens anywhere: the diagram, every step, every state.

It needs nothing but a browser: no network, no other file. Without scripts the diagram and the
property still stand there; with them one steps through the run by the arrow keys.
"""

import json
import re
from html import escape
from pathlib import Path
from typing import Any

from attrs import frozen

from coterie.checks.result import Finding, Trace, Verdict
from coterie.checks.world import World
from coterie.commands import trace
from coterie.commands.page import paragraphs
from coterie.commands.pictures.diagram import Diagram, Mark, Row, diagram
from coterie.commands.pictures.folding import readable
from coterie.commands.pictures.labels import cut, fitting
from coterie.commands.pictures.layout import FOLDED, GUTTER, HEAD, Layout
from coterie.commands.pictures.post import Arrow, Fate
from coterie.commands.pictures.states import states
from coterie.commands.pictures.style import DARK, LIGHT, SHAPES
from coterie.commands.pictures.svg import body, described, heads
from coterie.spec.property import Kind, Property

Facts = tuple[tuple[str, str], ...]
_HERE = Path(__file__).parent
_HEADED = re.compile(r"([A-Z][\w -]{1,24}): +(.*)", re.DOTALL)
_CODE = re.compile(r"`([^`]+)`")
_KINDS = {Verdict.VIOLATED: "bad", Verdict.HOLDS: "good", Verdict.UNDETERMINED: "open"}
_LONGEST = 240
_SYMBOLS = "In symbols"
_COLOURS = f":root{{{LIGHT}}}@media(prefers-color-scheme:dark){{:root{{{DARK}}}}}"


@frozen
class Paragraph:
    """A part of a property's documentation.

    Attributes:
        heading: as `Why`; empty where there is none.
        html: what it says.
        is_formula: whether it says it in symbols.
    """

    heading: str
    html: str
    is_formula: bool


def page(check: str, world: World, finding: Finding, facts: Facts = ()) -> str:
    """Return the page of a finding that has a run to show.

    Attributes:
        check: the name of the check.
        facts: what else is known, each with its name: parameters, where the run comes from.
    """
    assert finding.trace is not None
    drawing = diagram(world, finding.trace)
    layout = Layout(drawing)
    rendered: str = _template().render(
        check=check,
        claim=finding.claim,
        answer=answer(finding),
        kind=_KINDS[finding.verdict],
        documentation=documentation(finding.claim),
        conclusions=[cut(words, 800) for words in trace.conclusions(world, finding)],
        facts=(*facts, *world.statement().items()),
        style=_COLOURS + SHAPES + _file("page.css"),
        script=_file("page.js"),
        data=_embedded(_data(check, world, finding, drawing)),
        described=described(drawing),
        drawing=drawing,
        layout=layout,
        head=HEAD,
        heads="".join(heads(layout)),
        body="".join(body(layout, titles=False)),
    )
    return rendered


def _template() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 (only here)

    found = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return found.get_template("page.html")


def _file(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def answer(finding: Finding) -> str:
    """Return what the run shows, in a few words."""
    assert finding.trace is not None
    count = len(finding.trace)
    steps = f"{count} step{'' if count == 1 else 's'}"
    if finding.claim.kind is Kind.REACHABLE:
        return f"reached in {steps}"
    if finding.verdict is not Verdict.VIOLATED:
        return f"a run of {steps}"
    return f"violated in {steps}"


def documentation(claim: Property) -> list[Paragraph]:
    """Return what is written of a property, after the sentence that it is."""
    return [_paragraph(words) for words in paragraphs(claim.documentation)[1:]]


def _paragraph(words: str) -> Paragraph:
    headed = _HEADED.fullmatch(words)
    heading, text = (headed[1], headed[2]) if headed else ("", words)
    if heading == _SYMBOLS:
        from coterie.commands.book.formulas import mathml  # noqa: PLC0415 (only for formulas)

        return Paragraph(heading, mathml(text), is_formula=True)
    html = _CODE.sub(r"<code>\1</code>", escape(text[:1].upper() + text[1:]))
    return Paragraph(heading, html, is_formula=False)


def _embedded(data: Any) -> str:
    """Return data as it stands in a script element, which no text in it may close."""
    words = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return words.replace("<", "\\u003c").encode(errors="backslashreplace").decode()


def _data(check: str, world: World, finding: Finding, drawing: Diagram) -> dict[str, Any]:
    run = finding.trace
    assert run is not None
    shown = states(world, run)
    folds = readable(drawing, world, finding).folds
    strings: dict[str | None, int] = {}
    told = trace.as_data(world, run)
    return {
        "about": {
            "check": check,
            "property": finding.claim.name,
            "kind": finding.claim.kind.value,
            "statement": finding.claim.statement,
            "answer": answer(finding),
            **{key: each for key, each in told.items() if key != "steps"},
        },
        "steps": [_interned(step, strings) for step in told["steps"]],
        "strings": list(strings),
        "components": [[each.name, each.is_node] for each in shown.components],
        "texts": shown.texts,
        "start": shown.start,
        "changed": shown.changed,
        "news": _news(world, run),
        "rows": [_row(drawing, row) for row in drawing.rows],
        "folds": [[fold.first, fold.last, fold.words] for fold in folds],
        "loop": drawing.loop,
        "sizes": {"fold": FOLDED, "gutter": GUTTER, "width": Layout(drawing).width},
    }


def _interned(step: dict[str, Any], strings: dict[str | None, int]) -> dict[str, Any]:
    """Return a step of `trace.as_data` in which each text is the number of one of the strings."""

    def number(words: str | None) -> int:
        return strings.setdefault(words, len(strings))

    changes = {
        where: [[each["field"], number(each["old"]), number(each["new"])] for each in found]
        for where, found in step["changes"].items()
    }
    return {**step, "changes": changes}


def _news(world: World, run: Trace) -> list[list[str]]:
    pairs = zip(run.states, run.steps, strict=False)
    return [
        [cut(str(each), _LONGEST) for each in trace.news(world, before, step)]
        for before, step in pairs
    ]


def _row(drawing: Diagram, row: Row) -> list[Any]:
    """Return what a row is called in short, and its nodes and kinds of messages."""
    ended = [arrow for arrow in drawing.arrows if arrow.ended == row.number]
    ends = [node for arrow in ended if not row.nodes for node in (arrow.sender, arrow.receiver)]
    kinds = sorted({arrow.kind for arrow in ended if arrow.fate.arrives or not row.nodes})
    return [_headline(row, ended), list(dict.fromkeys((*row.nodes, *ends))), kinds]


def _headline(row: Row, ended: list[Arrow]) -> str:
    """Return what happened, in short."""
    acts = (point for point in row.points if point.mark is not Mark.RECEIVE)
    told = [f"{each.node} {each.mark.value}{each.label and ': '}{each.label}" for each in acts]
    for arrow in ended:
        if arrow.fate.arrives or not row.nodes:
            fate = "" if arrow.fate is Fate.DELIVERED else f" {arrow.fate.value}"
            label = fitting(arrow.label, 48)
            told.insert(0, f"{arrow.sender} → {arrow.receiver}: {label}{fate}")
    return "; ".join(told)
