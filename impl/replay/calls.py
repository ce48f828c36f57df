"""What clients have called and been answered, as the journals of the servers tell.

Clients keep no journals. A call begins when a server receives it for the first time, and is over
when a server sends its result for the first time; both are somewhere between the call and its
return as the client sees them, and whatever the call does it does in between. Times are places in
the one order of the run. That is an order of a run of the model whatever the clocks say, so that
its history must be consistent as well. A call that no server has answered may have been done.

Only calls that go through the group's log are in the history: a look is answered by one server,
which may be stale, and is consistent in a weaker sense.
"""

from typing import Any

from attrs import define, evolve, field, frozen

from coterie.impl.replay.differences import words
from coterie.impl.replay.divergence import (
    ANSWERS,
    Divergence,
    DivergenceError,
    Place,
    Side,
)
from coterie.impl.replay.stepping import Happened, Taken
from coterie.model.call import Call
from coterie.model.machine import Node, Receive, Send
from coterie.model.session import Parcel
from coterie.model.synchrony.service.messages import Done, Submit
from coterie.model.synchrony.service.store import is_known
from coterie.spec.history.operation import Operation

Name = tuple[Node, int, int]
"""The client, its session and the number of the request: no two requests have the same."""

KINDS = {"read": "get", "write": "put", "delete": "delete", "cas": "cas"}
"""What a key-value store of a history calls what the group's store does."""


def submitted(message: Any) -> tuple[int, int, tuple[Call, ...]] | None:
    """Return the session, the number and the calls of a request; None if it is none."""
    if not isinstance(message, Submit):
        return None
    calls = getattr(message, "calls", None) or (getattr(message, "call", None),)
    return message.session, message.number, calls


def answered(message: Any) -> tuple[int, int, tuple[Any, ...]] | None:
    """Return the session, the number and the results of an answer; None if it is none."""
    if not isinstance(message, Done):
        return None
    if hasattr(message, "results"):
        return message.session, message.number, message.results
    return message.session, message.number, (message.result,)


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

    def operations(self) -> tuple[Operation, ...]:
        """Return the history of the clients: every call as an operation of its own."""
        return tuple(
            operation for name, request in self.made.items() for operation in _ops(name, request)
        )

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


def _ops(name: Name, request: Request) -> list[Operation]:
    client, session, number = name
    source = str(request.received) + (f"-{request.sent}" if request.sent else "")
    found = []
    for place, call in enumerate(request.calls):
        if not is_known(call):
            continue  # no server does it
        result = request.results[place] if request.over is not None else None
        process = f"{client} {session}" if len(request.calls) == 1 else f"{client} {session}.{place}"
        found.append(
            Operation(
                f"{process} #{number}", _call(call), request.begun, request.over, _result(call, result), source
            )
        )
    return found


def _call(call: Call) -> Call:
    """Return the call of a key-value store; values are texts, for 1 and True are two values."""
    old_and_new = isinstance(call.value, tuple)
    value = tuple(map(_text, call.value)) if old_and_new else _text(call.value)
    return Call(KINDS[call.f], value, call.key)


def _result(call: Call, result: Any) -> Any:
    return result if call.f == "cas" else _text(result)


def _text(value: Any) -> str | None:
    return None if value is None else repr(value)


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
