"""A small table of operations, with a bar for the time of each."""

from collections.abc import Iterator, Sequence

from coterie.spec.history.operation import Operation

Row = tuple[str, str, str, str]
_HEAD: Row = ("line", "process", "operation", "")
_ROWS = 20
_LONGEST = 34


def cut(text: str, width: int) -> str:
    """Return `text`, shortened to `width` where it is longer."""
    return text if len(text) <= width else f"{text[: width - 1]}…"


def table(rows: Sequence[Row], width: int, times: Sequence[Operation] = ()) -> Iterator[str]:
    """Yield the rows below a heading, none wider than `width`.

    Attributes:
        times: the operations of the rows; each row then ends with a bar, from the call to the
            answer, on a scale of nothing but the order of these events.
    """
    shown = [_HEAD, *((*row[:2], cut(row[2], _LONGEST), row[3]) for row in rows[:_ROWS])]
    widths = [max(len(row[column]) for row in shown) for column in range(3)]
    bars = _bars(times[:_ROWS]) if times else [row[3] for row in shown[1:]]
    for row, bar in zip(shown, ["", *bars], strict=True):
        cells = (cell.ljust(size) for cell, size in zip(row, widths, strict=False))
        yield cut(f"      {'  '.join(cells)}  {bar}".rstrip(), width)
    if len(rows) > _ROWS:
        yield f"      and {len(rows) - _ROWS:,} more"


def _bars(operations: Sequence[Operation]) -> list[str]:
    """Return a bar for each answered operation; two overlap where the operations do."""
    events = sorted(
        {(op.invoked, 0) for op in operations} | {(op.returned or 0, 1) for op in operations}
    )
    column = {event: place for place, event in enumerate(events)}
    bars = []
    for op in operations:
        begin, end = column[op.invoked, 0], column[op.returned or 0, 1]
        bars.append(f"{' ' * begin}├{'─' * (end - begin - 1)}┤")
    return bars
