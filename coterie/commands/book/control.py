"""Where a machine's state is a word, how it goes from word to word: as a small picture.

Each form that the state may have is a column, each move a row with an arrow: nothing overlaps,
however many there are, and it reads like the pictures of runs.
"""

from collections.abc import Iterable, Iterator
from html import escape

from attrs import frozen

from coterie.commands.book.anatomy import Role, changed, event_name

STATES_MOST, MOVES_MOST = 7, 16
_LOOK = 'fill="currentColor" font-size="12" font-family="inherit" text-anchor="middle"'
COLUMN, ROW, HEAD, LETTER = 132, 34, 44, 7.2


@frozen
class Move:
    """One way from a form of the state to another.

    Attributes:
        origin: from which.
        target: to which.
        event: what makes it go there, in words.
    """

    origin: str
    target: str
    event: str


@frozen
class Control:
    """How a part of the state goes from word to word.

    Attributes:
        path: which part: the path of a field, or `state` for the whole.
        states: the words, first those that it begins with.
        moves: the ways between them.
    """

    path: str
    states: tuple[str, ...]
    moves: tuple[Move, ...]


def controls(role: Role) -> tuple[Control, ...]:
    """Return the parts of a role's state that are words, where these are few, by their paths."""
    found: dict[str, dict[Move, None]] = {}
    wordless: set[str] = set()
    for (state, event), outcome in role.notes.answers.items():
        for path, words in changed(state, outcome.state) if outcome else ():
            if words:
                origin, _, target = words.partition(" → ")
                found.setdefault(path, {}).setdefault(Move(origin, target, event_name(event)))
            else:
                wordless.add(path)
    made = (_control(path, moves) for path, moves in sorted(found.items()) if path not in wordless)
    return tuple(
        each
        for each in made
        if len(each.states) <= STATES_MOST and 1 < len(each.moves) <= MOVES_MOST
    )


def _control(path: str, moves: Iterable[Move]) -> Control:
    """Return the moves, those from where it begins first."""
    left = sorted(moves, key=lambda move: (move.origin, move.target, move.event))
    targets = {move.target for move in left}
    begins = [move.origin for move in left if move.origin not in targets]
    states = dict.fromkeys(begins or [left[0].origin])
    for state in (found := list(states)):  # which grows
        after = [move.target for move in left if move.origin == state and move.target not in states]
        found += dict.fromkeys(after)
        states |= dict.fromkeys(after)
    rest = dict.fromkeys(name for move in left for name in (move.origin, move.target))
    every = tuple({**states, **rest})
    order = sorted(left, key=lambda move: (every.index(move.origin), every.index(move.target)))
    return Control(path, every, tuple(order))


def svg(control: Control, title: str) -> str:
    """Return the picture, in the colours of the page around it."""
    widest = max(len(each) for each in (*control.states, *(m.event for m in control.moves)))
    column = max(COLUMN, round(widest * LETTER) + 16)
    width = column * len(control.states)
    height = HEAD + ROW * len(control.moves) + 12
    told = "; ".join(f"{m.origin} to {m.target}: {m.event}" for m in control.moves)
    return "".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="control" role="img" {_LOOK}',
            f' aria-label="{escape(f"{title}. {told}.")}"',
            f' width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
            *_columns(control.states, column, height),
            *_rows(control, column),
            "</svg>",
        )
    )


def _columns(states: Iterable[str], column: int, height: int) -> Iterator[str]:
    for place, name in enumerate(states):
        x = column * place + column // 2
        yield (
            f'<path d="M{x} 34V{height - 4}" stroke="currentColor" stroke-opacity="0.35"/>'
            f'<rect x="{x - column // 2 + 6}" y="6" width="{column - 12}" height="28" rx="6"'
            ' fill="none" stroke="currentColor"/>'
            f'<text x="{x}" y="24" font-weight="600">{escape(name)}</text>'
        )


def _rows(control: Control, column: int) -> Iterator[str]:
    for place, move in enumerate(control.moves):
        start, end = (
            column * control.states.index(name) + column // 2 for name in (move.origin, move.target)
        )
        y = HEAD + ROW * place + 24
        way = 1 if end > start else -1
        yield (
            f'<text x="{(start + end) // 2}" y="{y - 6}">{escape(move.event)}</text>'
            f'<circle cx="{start}" cy="{y}" r="3"/>'
            f'<path d="M{start} {y}H{end - 7 * way}" stroke="currentColor" fill="none"/>'
            f'<path d="M{end} {y}l{-9 * way} -4v8Z"/>'
        )
