"""What clients have called and been answered, as the journals of the servers tell.

Clients keep no journals. A call begins when a server receives it for the first time, and is over
when a server sends its result for the first time; both are somewhere between the call and its
return as the client sees them, and whatever the call does it does in between. Times are places in
the one order of the run. That is an order of a run of the model whatever the clocks say, so that
its history must be consistent as well. A call that no server has answered may have been done.

Only calls that go through the group's log are in the history: a look is answered by one server,
which may be stale, and is consistent in a weaker sense.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
from attrs import define, evolve, field, frozen

from coterie.impl.replay.differences import words
from coterie.impl.replay.divergence import (
    ANSWERS,
    Divergence,
    DivergenceError,
    Place,
    Side,
)
from coterie.impl.replay.happening import Happened, Taken
from coterie.model.call import Call
from coterie.model.machine import Node, Receive, Send
from coterie.model.session import Parcel
from coterie.model.synchrony.service.messages import Done, Submit
from coterie.model.synchrony.service.store import is_known, parts

Name = tuple[Node, int, int]
"""The client, its session and the number of the request: no two requests have the same."""

KINDS = {"read": "get", "write": "put", "delete": "delete", "cas": "cas"}
"""What a key-value store of a history calls what the group's store does."""


def submitted(message: Any) -> tuple[int, int, tuple[Call, ...]] | None:
    """Return the session, the number and the calls of a request; None if it is none."""
    if not isinstance(message, Submit):
        return None
    calls = parts(message.call) if is_known(message.call) else ()  # else no server does it
    return message.session, message.number, calls


def answered(message: Any) -> tuple[int, int, tuple[Any, ...]] | None:
    """Return the session, the number and the results of an answer; None if it is none."""
    if not isinstance(message, Done):
        return None
    result = message.result
    return message.session, message.number, result if isinstance(result, tuple) else (result,)


@frozen
class Request:
    """A request, as far as servers know of it.

    Attributes:
        calls: what it asks for, all of it done at once.
        begun: when a server first received it, as a place in the order of the run.
        received: the line that tells of that.
        over: when a server first sent the results; None before.
        sent: the line that tells of that.
        results: of its calls, in order.
    """

    calls: tuple[Call, ...]
    begun: int
    received: Place
    over: int | None = None
    sent: Place | None = None
    results: tuple[Any, ...] = ()


@define
class Requests:
    """Collects the requests of clients along a run.

    Attributes:
        made: by name.
    """

    made: dict[Name, Request] = field(factory=dict)
    _time: int = 0

    def happened(self, now: Happened) -> None:
        """Take note of what a step has received and sent.

        Raises: DivergenceError where a request is answered for the second time, and otherwise.
        """
        if not isinstance(now, Taken):
            return
        self._time += 1
        cause = now.step.cause
        if isinstance(cause, Receive):
            self._received(now, cause)
        if now.counts:
            for effect in now.step.effects:
                if isinstance(effect, Send):
                    self._sent(now, effect)

    def history(self) -> list[tuple[str, Place]]:
        """Return the history, as lines that `coterie history --model kv` reads, and from where.

        A call is a process of its own: by its client, the client's session, and its number.
        """
        events: list[tuple[int, bool, str, Place]] = []
        sessions: dict[tuple[Node, int], int] = {}
        for (client, session, number), request in self.made.items():
            short = sessions.setdefault((client, session), len(sessions) + 1)
            for place, call in enumerate(request.calls):
                last = f".{place}" if len(request.calls) > 1 else ""
                events += _events(f"{client}.{short}.{number}{last}", place, call, request)
        events.sort(key=lambda event: event[:2])  # calls of one step before its answers
        return [(line, place) for _, _, line, place in events]

    def _received(self, now: Taken, cause: Receive) -> None:
        asked = submitted(_inside(cause.message))
        if asked is not None:
            session, number, calls = asked
            name = (cause.sender, session, number)
            self.made.setdefault(name, Request(calls, self._time, now.place))

    def _sent(self, now: Taken, effect: Send) -> None:
        told = answered(_inside(effect.message))
        if told is None:
            return
        session, number, results = told
        request = self.made.get(name := (effect.to, session, number))
        if request is None:
            return  # received by a server without a journal
        if request.over is None:
            self.made[name] = evolve(request, over=self._time, sent=now.place, results=results)
        elif words(request.results) != words(results):
            raise _differently(now, effect, request, results)


def _inside(message: Any) -> Any:
    return message.message if isinstance(message, Parcel) else message


def _events(
    process: str, place: int, call: Call, request: Request
) -> Iterator[tuple[int, bool, str, Place]]:
    """Yield when a call began and when it was over, with what a history's line says of that."""
    f, value = KINDS[call.f], _plain(call.value)
    line = {"process": process, "f": f, "key": call.key, "value": value}
    yield request.begun, False, _json({**line, "type": "invoke"}), request.received
    if request.over is not None and request.sent is not None:
        if call.f in {"read", "cas"}:
            line["value"] = _plain(request.results[place])
        yield request.over, True, _json({**line, "type": "ok"}), request.sent


def _plain(value: Any) -> Any:
    """Return a value as JSON has it; bytes are like no other value."""
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return {"bytes": value.hex()} if isinstance(value, bytes) else value


def _json(line: dict[str, Any]) -> str:
    return msgspec.json.encode(line).decode()


def _differently(
    now: Taken, effect: Send, request: Request, results: tuple[Any, ...]
) -> DivergenceError:
    sides = (
        Side(f"sent first, at {request.sent}", (words(request.results),)),
        Side("sent now", (words(results),)),
    )
    return DivergenceError(
        Divergence(ANSWERS, str(now.node), now.place, words(effect), None, sides)
    )
