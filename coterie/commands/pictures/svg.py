"""A diagram as SVG: self-contained, in light and dark, with words for those who do not see it."""

import re
from collections.abc import Iterator
from html import escape
from math import atan2, degrees

from coterie.commands.pictures.diagram import Box, Diagram, Mark, Point, Row, Shape
from coterie.commands.pictures.labels import cut, fitting
from coterie.commands.pictures.layout import (
    BELOW,
    BOX,
    FOLDED,
    GUTTER,
    HEAD,
    LETTER,
    ROW,
    START,
    Layout,
    Place,
)
from coterie.commands.pictures.post import Arrow, Fate
from coterie.commands.pictures.style import STYLE

_MARKS = {
    Mark.RECEIVE: '<circle class="dot" r="4.5"/>',
    Mark.TIMER: '<circle class="ring" r="4.5"/>',
    Mark.CALL: '<path class="dot" d="M-5.5 0L0 -5.5L5.5 0L0 5.5Z"/>',
    Mark.CRASH: '<path class="bolt" d="M2 -11L-6 2H-1L-3 11L6 -3H1L4 -11Z"/>',
    Mark.HALT: '<path class="dot" d="M-4.5 -4.5H4.5V4.5H-4.5Z"/>',
    Mark.RESTART: '<circle class="ring" r="6"/><circle class="dot" r="2.5"/>',
}
_CROSS = '<path class="cross" d="M-5 -5L5 5M-5 5L5 -5"/>'
_SHAPES = {Shape.VIEW: "", Shape.DELIVERY: "▲ ", Shape.RESULT: "↩ "}
_KINDS = {Fate.FORGED: "arrow forged", Fate.UNHEARD: "arrow unheard"}
_TIP = "M-5 0l-9 -4v8Z"
REACH = 0.42
_SPOKEN = 12
_CONTROL = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def svg(diagram: Diagram, name: str = "run", title: str = "A run") -> str:
    """Return the picture of a diagram.

    Attributes:
        name: what the ids in it begin with; different ones where several stand on one page.
        title: what it shows, in a few words.
    """
    layout = Layout(diagram)
    height = HEAD + layout.height
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" class="spacetime" role="img"',
        f' aria-labelledby="{name}-title {name}-desc"',
        f' width="{layout.width}" height="{height}" viewBox="0 0 {layout.width} {height}">',
        f'<title id="{name}-title">{said(title)}</title>',
        f'<desc id="{name}-desc">{said(described(diagram))}</desc>',
        f"<style>{STYLE}</style>",
        f'<rect class="paper" width="{layout.width}" height="{height}" rx="6"/>',
        *heads(layout),
        f'<g transform="translate(0,{HEAD})">',
        *body(layout),
        "</g></svg>",
    ]
    return "".join(parts)


def said(words: str) -> str:
    """Return `words` as they stand in XML, which has no room for control characters."""
    return escape(_CONTROL.sub("\N{REPLACEMENT CHARACTER}", words))


def described(diagram: Diagram) -> str:
    """Return the run in words; a long one by its beginning."""
    steps = [f"{row.number}. {row.words}." for row in diagram.rows[1 : _SPOKEN + 1]]
    more = diagram.steps - len(steps)
    names = ", ".join(line.node for line in diagram.lines)
    parts = [f"Space-time diagram of {diagram.steps} steps of {names}.", *steps]
    if more > 0:
        parts.append(f"And {more} more.")
    if diagram.loop == diagram.steps:
        parts.append("Then nothing more happens, for ever.")
    elif diagram.loop is not None:
        parts.append(f"What follows step {diagram.loop} is repeated for ever.")
    return " ".join(parts)


def heads(layout: Layout) -> Iterator[str]:
    """Yield the names of the nodes, above their lines."""
    wide = layout.column - 14
    for line in layout.diagram.lines:
        at = layout.columns[line.node]
        kind = "head liar" if line.is_byzantine else "head"
        words = said(cut(line.node, int((wide - 8) / 7)))
        told = f"{line.node}, Byzantine" if line.is_byzantine else line.node
        yield (
            f'<g class="{kind}" data-node="{said(line.node)}"><title>{said(told)}</title>'
            f'<rect x="{at - wide / 2:g}" y="8" width="{wide}" height="24" rx="12"/>'
            f'<text x="{at}" y="24" text-anchor="middle">{words}</text></g>'
        )


def body(layout: Layout, *, titles: bool = True) -> Iterator[str]:
    """Yield the loop, the rows and the arrows; the arrows lie under the points.

    Attributes:
        titles: whether a row says what happened where the pointer rests on it.
    """
    yield from _loop(layout)
    for place in layout.places:
        yield _ground(layout, place)
    for arrow in layout.diagram.arrows:
        yield from _arrow(layout, arrow)
    for place in layout.places:
        fold = layout.diagram.fold_of(place.number)
        if fold:
            yield _folded(layout, place, fold.words)
        else:
            row = layout.diagram.rows[place.number]
            yield _row(layout, place, row, f"<title>{said(row.words)}</title>" if titles else "")


def _loop(layout: Layout) -> Iterator[str]:
    loop = layout.diagram.loop
    if loop is None:
        return
    right = layout.width - 8
    end = layout.places[-1].top + layout.places[-1].height
    words = "for ever: nothing more happens"
    if loop < layout.diagram.steps:
        first = layout.place_of(loop + 1).top
        words = "for ever, again and again"
        size = f'width="{right}" height="{end - first}"'
        yield f'<rect class="loop" x="8" y="{first}" {size} rx="8"/>'
        yield (
            f'<path class="round" d="M{GUTTER} {end - 6}H22Q14 {end - 6} 14 {end - 14}'
            f'V{first + 14}Q14 {first + 6} 22 {first + 6}H{GUTTER - 8}"/>'
            f'<path class="tip round" d="M{GUTTER - 2} {first + 6}l-9 -4v8Z"/>'
        )
    yield f'<text class="forever" x="{GUTTER}" y="{end + 19}">∞ {words}</text>'


def _ground(layout: Layout, place: Place) -> str:
    """Return the lines of a row: dashed while a node is down."""
    rows, number = layout.diagram.rows, place.number
    fold = layout.diagram.fold_of(number)
    after = rows[fold.last if fold else number].down
    before = rows[max(0, number - 1)].down
    middle = place.line - place.top
    solid, dashed = "", ""
    for node, x in layout.columns.items():
        was, now = node in before, node in after
        if was == now:
            parts = [(now, 0, place.height)]
        else:
            parts = [(was, 0, middle), (now, middle, place.height - middle)]
        for down, top, length in parts:
            path = f"M{x} {top}v{length}"
            solid, dashed = (solid, dashed + path) if down else (solid + path, dashed)
    lines = f'<path class="life" d="{solid}"/>' if solid else ""
    lines += f'<path class="dead" d="{dashed}"/>' if dashed else ""
    return f'<g class="ground" data-row="{number}" transform="translate(0,{place.top})">{lines}</g>'


def _folded(layout: Layout, place: Place, words: str) -> str:
    wide = layout.width - GUTTER - 8
    return (
        f'<g class="fold" data-row="{place.number}" transform="translate(0,{place.top})">'
        f'<rect x="{GUTTER}" y="3" width="{wide}" height="{FOLDED - 6}" rx="10"/>'
        f'<text x="{GUTTER + 12}" y="{FOLDED - 9}">⋯ {said(words)}</text></g>'
    )


def _row(layout: Layout, place: Place, row: Row, title: str) -> str:
    middle = place.line - place.top
    parts = [f'<text class="number" x="{GUTTER - 12}" y="{middle + 4}">{row.number or ""}</text>']
    for node in row.nodes:
        points = [point for point in row.points if point.node == node]
        parts.append(_points(layout, row, points, middle))
    parts += _under_way(layout, row, middle)
    parts += _boxes(layout, row)
    kind = "row fault" if row.fault else "row"
    return (
        f'<g class="{kind}" data-row="{row.number}" data-height="{place.height}"'
        f' transform="translate(0,{place.top})">{title}{"".join(parts)}</g>'
    )


def _points(layout: Layout, row: Row, points: list[Point], middle: int) -> str:
    """Return what happens to one node: as many words as it takes, and the sign of the last."""
    first, last = points[0], points[-1]
    x, arrow = layout.columns[first.node], layout.arriving.get(row.number)
    words = first.label or first.mark.value
    if first.mark is Mark.RECEIVE and arrow:
        words = arrow.label
    raised = 8 if row.number in layout.sending_right and first.mark is not Mark.RECEIVE else 0
    lower = BELOW if layout.comes_from_the_right(row.number) else -raised
    label = _label(x + 10, middle + 4 + lower, fitting(words, layout.letters))
    return f'<g transform="translate({x},{middle})">{_MARKS[last.mark]}</g>{label}'


def _label(x: float, y: float, words: str, kind: str = "label") -> str:
    return f'<text class="{kind}" x="{x:g}" y="{y:g}">{said(words)}</text>'


def _under_way(layout: Layout, row: Row, middle: int) -> Iterator[str]:
    """Yield what the row has sent that never arrives, because the run ends before."""
    lower = BELOW if layout.comes_from_the_right(row.number) else 0
    for place, (sender, words) in enumerate(layout.below.get(row.number, ())):
        y = middle + 4 + lower + BELOW * (place + 1)
        shown = f"⇢ {fitting(words, layout.letters - 2)}"
        yield _label(layout.columns[sender] + 10, y, shown, "label flight")


def _boxes(layout: Layout, row: Row) -> Iterator[str]:
    lower = BELOW if layout.comes_from_the_right(row.number) else 0
    top = (ROW if row.number else START) - 6 + lower + BELOW * layout.lines_below(row.number)
    used: dict[str, int] = {}
    for box in row.boxes:
        yield _box(layout, box, top + BOX * used.get(box.node, 0))
        used[box.node] = used.get(box.node, 0) + 1


def _box(layout: Layout, box: Box, y: int) -> str:
    most = layout.column - 12
    words = fitting(_SHAPES[box.shape] + box.label, int((most - 10) / LETTER))
    wide = min(most, len(words) * LETTER + 14)
    middle = max(layout.columns[box.node], GUTTER + wide / 2)
    told = said(f"{box.node} {box.shape.value}: {box.whole}")
    return (
        f'<g class="box {box.shape.name.lower()}"><title>{told}</title>'
        f'<rect x="{middle - wide / 2:g}" y="{y}" width="{wide:g}" height="{BOX - 4}" rx="4"/>'
        f'<text x="{middle:g}" y="{y + 13}" text-anchor="middle">{said(words)}</text></g>'
    )


def _arrow(layout: Layout, arrow: Arrow) -> Iterator[str]:
    if arrow.ended is None:
        return
    start, end = layout.place_of(arrow.sent), layout.place_of(arrow.ended)
    if start == end and layout.diagram.fold_of(arrow.sent):
        return
    x1, x2 = layout.columns[arrow.sender], layout.columns[arrow.receiver]
    crossed = arrow.fate.is_crossed_out
    label = _crossed(arrow, x2 - x1) if crossed and start != end else ""
    if crossed:
        x2 = round(x1 + REACH * (x2 - x1))
    told = f"{arrow.sender} → {arrow.receiver}: {arrow.message} {arrow.fate.value}"
    told += f" ({arrow.because})" if arrow.because else ""
    shaft, angle = _shaft(x1, start.line, x2, end.line)
    tip = _CROSS if crossed else f'<path class="tip" transform="rotate({angle})" d="{_TIP}"/>'
    yield (
        f'<g class="{_KINDS.get(arrow.fate, "arrow lost" if crossed else "arrow")}"'
        f' data-from="{arrow.sent}" data-to="{arrow.ended}" data-kind="{said(arrow.kind)}"'
        f' data-x="{x1} {x2}"><title>{said(told)}</title><path class="shaft" d="{shaft}"/>'
        f'<g class="end" transform="translate({x2},{end.line})">'
        f"{tip}{label}</g></g>"
    )


def _crossed(arrow: Arrow, distance: int) -> str:
    """Return the name of a message that never arrives, where it has room behind the cross."""
    letters = int(((1 - REACH) * abs(distance) - 16) / LETTER)
    if len(arrow.kind) > letters:
        return ""
    words = said(fitting(arrow.label, letters))
    if distance < 0:
        return f'<text class="label" x="-9" y="4" text-anchor="end">{words}</text>'
    return _label(9, 4, words)


def _shaft(x1: int, y1: int, x2: int, y2: int) -> tuple[str, int]:
    """Return the path of an arrow, and the direction in which it arrives, in degrees."""
    if x1 == x2:
        return f"M{x1} {y1}C{x1 + 44} {y1} {x2 + 44} {y2} {x2} {y2}", 180
    return f"M{x1} {y1}L{x2} {y2}", round(degrees(atan2(y2 - y1, x2 - x1)))
