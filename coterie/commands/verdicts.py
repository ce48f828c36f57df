"""What `coterie history` says: a row an object, and why a history is broken, at 80 columns."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import click
from attrs import evolve, frozen

from coterie.checks.history.core import core, until
from coterie.checks.history.judging import Condition, Judgement, Patience
from coterie.commands.chart import Row, cut, table
from coterie.model.call import Call
from coterie.spec.history.conditions import linearization, serialization
from coterie.spec.history.objects import SequentialObject
from coterie.spec.history.operation import DONE, Operation, agrees
from coterie.spec.history.search import Answer, Search

_SHOWN = 24
_WIDTH = 80
_CORE_SECONDS = 3.0
_CORE_STEPS = 100_000
_LAST = 3
_NAMES = {Condition.SEQUENTIAL: "sequentially consistent"}


@frozen
class Text:
    """How the judgements of one history are worded.

    Attributes:
        of: the object.
        condition: what was asked.
        max_seconds: the time that was allowed.
    """

    of: SequentialObject
    condition: Condition
    max_seconds: float

    def heading(self, history: Sequence[Operation]) -> Iterator[str]:
        """Say what was read."""
        processes = len({op.process for op in history})
        keys = {self.of.key(op.call) for op in history}
        unanswered = sum(not op.is_known for op in history)
        yield (
            f"{_count(len(history), 'operation')} of {_count(processes, 'process', 'processes')} on"
            f" {_count(len(keys), self.of.name)}, {unanswered:,} without a known outcome"
        )

    def row(self, judged: Judgement, number: int) -> Iterator[str]:
        """Say what came of one object; of those in order only the first ones."""
        if judged.answer is Answer.YES and number > _SHOWN:
            return
        name = self._name(judged)
        size = _count(len(judged.part), "operation")
        yield f"  {cut(name, 24):<24} {size:>18}  {judged.seconds:>6.2f} s  {self._answer(judged)}"
        if judged.answer is Answer.NO:
            yield from self._reads(judged) if judged.wrong else self._broken(judged)

    def ending(self, results: Sequence[Judgement]) -> Iterator[str]:
        """Say what came of everything."""
        good = [each for each in results if each.answer is Answer.YES]
        bad = sum(each.answer is Answer.NO for each in results)
        unknown = len(results) - len(good) - bad
        if hidden := sum(each.answer is Answer.YES for each in results[_SHOWN:]):
            yield f"  and {hidden:,} more, {self._words}"
        counts = [
            f"{len(good):,} {self._words}" if good else "",
            f"{bad:,} NOT {self._words}" if bad else "",
            f"{unknown:,} unknown" if unknown else "",
        ]
        yield ", ".join(filter(None, counts))
        if unknown:
            yield "Unknown is no verdict: give it more time with --max-seconds."

    def as_data(self, results: Sequence[Judgement]) -> dict[str, Any]:
        """Return the judgements for machines."""
        words = {Answer.YES: self.condition.value, Answer.NO: f"not {self.condition.value}"}
        entries = [
            {
                "key": judged.key,
                "verdict": words.get(judged.answer, "unknown"),
                "why": judged.why,
                "operations": len(judged.part),
                "without_outcome": sum(not op.is_known for op in judged.part),
                "seconds": round(judged.seconds, 6),
                "core": [_as_data(op) for op in judged.core],
            }
            for judged in results
        ]
        return {
            "consistency": self.condition.value,
            "max_seconds": self.max_seconds,
            "results": entries,
        }

    @property
    def _words(self) -> str:
        return _NAMES.get(self.condition, self.condition.value)

    def _name(self, judged: Judgement) -> str:
        if judged.key is not None:
            return f"key {judged.key}"
        return "all keys" if self.condition is Condition.SEQUENTIAL else f"the {self.of}"

    def _answer(self, judged: Judgement) -> str:
        match judged.answer:
            case Answer.YES:
                return click.style(self._words, fg="green")
            case Answer.NO:
                return click.style(f"NOT {self._words}", fg="red", bold=True)
        return click.style(f"unknown ({judged.why})", fg="yellow", bold=True)

    def explained(self, judged: Judgement) -> Judgement:
        """Return the judgement with the operations that suffice to break the history.

        An interrupt ends the search for fewer of them, and no more.
        """
        try:
            return evolve(judged, core=self._core(judged))
        except KeyboardInterrupt:
            return evolve(judged, core=tuple(op for op in judged.part if op.is_known))

    def _core(self, judged: Judgement) -> tuple[Operation, ...]:
        if judged.wrong:
            return tuple(wrong.read for wrong in judged.wrong)
        if judged.answer is not Answer.NO or judged.search is None:
            return ()
        patience = Patience.lasting(_CORE_SECONDS)

        def decide(fewer: Sequence[Operation]) -> Search:
            steps = patience.steps(_CORE_STEPS)
            if self.condition is Condition.LINEARIZABLE:
                return linearization(fewer, self.of, steps)
            return serialization(fewer, self.of, steps)

        part, end = judged.part, judged.search.stuck[0].returned
        if self.condition is Condition.LINEARIZABLE and end is not None:
            part = until(part, end)
        return core(part, self.of, decide)

    def _broken(self, judged: Judgement) -> Iterator[str]:
        """Say which operations cannot be put in order."""
        assert judged.search is not None
        stuck = judged.search.stuck
        if self.condition is Condition.LINEARIZABLE:
            line = stuck[0].source.rpartition("-")[2]
            yield f"    Up to the answer in line {line} it is; with that answer it is not."
        found = judged.core
        known = sum(op.is_known for op in judged.part)
        yield f"    {_suffice(len(found), known)}"
        yield from table([self._row(op) for op in found], _WIDTH, times=found)
        yield from self._order(judged.search)

    def _order(self, search: Search) -> Iterator[str]:
        """Say how far the search came, and what stopped it."""
        order, stuck = search.order, search.stuck
        if order:
            first = f"The longest order found, of {_count(len(order), 'operation')},"
            yield f"    {first} {'ends' if len(order) > _LAST else 'is'}"
            yield from table([self._row(op) for op in order[-_LAST:]], _WIDTH)
        states = self._states(order)
        yield "    and then none of these can be next:" if order else "    None can be first:"
        reasons = [(*self._row(op)[:3], self._reason(states, op)) for op in stuck]
        yield from table(reasons, _WIDTH)

    def _row(self, op: Operation) -> Row:
        return _row(op, with_key=self.condition is Condition.SEQUENTIAL)

    def _states(self, order: Iterable[Operation]) -> dict[Any, Any]:
        states: dict[Any, Any] = {}
        for op in order:
            key = self.of.key(op.call)
            states[key] = self.of.step(states.get(key, self.of.initial), op.call)[0]
        return states

    def _reason(self, states: dict[Any, Any], op: Operation) -> str:
        state = states.get(self.of.key(op.call), self.of.initial)
        result = self.of.step(state, op.call)[1]
        if agrees(result, op.result):
            return "it fits, but then what must follow does not"
        return f"it would answer {_written(result)}"

    def _reads(self, judged: Judgement) -> Iterator[str]:
        """Say what the wrong reads might have returned."""
        for wrong in judged.wrong[:_LAST]:
            yield from table([_row(wrong.read)], _WIDTH)
            values = [_written(self.of.initial)] if wrong.initial else []
            values += [f"{_operation(op.call)} (line {op.source})" for op in wrong.allowed]
            yield cut(f"      it may return {', or '.join(values)}", _WIDTH)
        if len(judged.wrong) > _LAST:
            yield f"    and {len(judged.wrong) - _LAST:,} more reads"


def _suffice(few: int, all_: int) -> str:
    if few == all_:
        return f"Its {_count(few, 'operation')} cannot be put in order:"
    return f"These {few:,} of its {all_:,} answered operations suffice to break it:"


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _row(op: Operation, *, with_key: bool = False) -> Row:
    shown = _operation(op.call, with_key=with_key)
    telling = op.is_known and op.call.f not in {"write", "put", "delete", "enqueue", "append"}
    return (
        op.source,
        str(op.process),
        f"{shown} → {_written(op.result)}" if telling else shown,
        "",
    )


def _operation(call: Call, *, with_key: bool = False) -> str:
    has_value = call.value is not None or call.f in {"write", "put", "append"}
    key = f" {call.key}" if with_key and call.key is not None else ""
    return f"{call.f}{key} {_written(call.value)}" if has_value else f"{call.f}{key}"


def _written(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else "done" if value is DONE else str(value)


def _as_data(op: Operation) -> dict[str, Any]:
    return {
        "lines": [int(line) for line in op.source.split("-")],
        "process": op.process,
        "operation": _row(op, with_key=True)[2],
    }
