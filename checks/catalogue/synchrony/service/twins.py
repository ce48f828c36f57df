"""Servers, clients and rules that are wrong on purpose."""

from collections.abc import Iterable
from typing import Any

from attrs import evolve

from coterie.checks.catalogue.synchrony.service.worlds import Rover
from coterie.model.call import Call
from coterie.model.machine import Event, Node, Outcome, Send
from coterie.model.synchrony.durable import Keeping
from coterie.model.synchrony.service.client import Calling
from coterie.model.synchrony.service.messages import Batch, Command, Done, Submit
from coterie.model.synchrony.service.server import Server, Serving
from coterie.model.synchrony.service.store import ALL, Application, Contents, executed


class Hasty(Server):
    """Mutant: a command is answered at once, by what the server has applied by then."""

    def _submitted(self, state: Serving, client: Node, submit: Submit) -> Outcome[Serving]:
        outcome = super()._submitted(state, client, submit)
        _, result = executed(state.contents.values.get(submit.call.key), submit.call)
        done = Send(client, Done(submit.session, submit.number, result, 0))
        return evolve(outcome, effects=(done, *outcome.effects))


class Backwards(Application):
    """Mutant: the commands of a batch are done from the last one to the first."""

    def after(self, contents: Contents, batches: Iterable[Batch]) -> Contents:
        """Return the state after these batches."""
        turned = (Batch(batch.commands[::-1]) for batch in batches)
        return super().after(contents, turned)


class OnlyTheFirst(Application):
    """Mutant: of each batch only the first command is done."""

    def after(self, contents: Contents, batches: Iterable[Batch]) -> Contents:
        """Return the state after these batches."""
        return super().after(contents, (Batch(batch.commands[:1]) for batch in batches))


class OnlyAPart(Application):
    """Mutant: of several writes made as one only the first is done."""

    def after(self, contents: Contents, batches: Iterable[Batch]) -> Contents:
        """Return the state after these batches."""
        return super().after(contents, (Batch(tuple(map(_cut, b.commands))) for b in batches))


def _cut(command: Command) -> Command:
    call = command.call
    if call.f != ALL or call.value[0].f == "read":
        return command
    return evolve(command, call=evolve(call, value=call.value[:1]))


class Forgetful(Rover):
    """Mutant: a session does not say what it has seen."""

    def step(self, state: Calling, event: Event) -> Outcome[Calling] | None:
        """Forget it, as soon as it has seen it."""
        outcome = super().step(state, event)
        return outcome and evolve(outcome, state=evolve(outcome.state, seen=0))


def always_new(number: int, last: int) -> bool:
    """Mutant: take every repetition for a new command."""
    return number + last >= 0


def all_for_one(command: Command) -> tuple[Node, int]:
    """Mutant: all clients' sessions of one number are taken for one."""
    return Node("client"), command.session


def by_local_clock(value: Any, call: Call) -> tuple[Any, Any]:
    """Mutant: where the clock is ahead, a swap seems to have come too late."""
    return (value, False) if call.f == "cas" else executed(value, call)


def nothing(keeping: Keeping) -> int:
    """Mutant: a stable look waits for nothing."""
    return 0 * len(keeping.inside.application)
