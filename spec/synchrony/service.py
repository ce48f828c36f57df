"""What the replicated store promises its clients."""

from collections.abc import Iterable, Iterator
from typing import Any

from attrs import frozen
from immutables import Map

from coterie.model.call import Call
from coterie.model.machine import Invoke, Node
from coterie.model.synchrony.disk import Log, Memory
from coterie.model.synchrony.durable import Keeping
from coterie.model.synchrony.service.client import Calling, Query
from coterie.model.synchrony.service.messages import Command, Done, NotNow, Read
from coterie.model.synchrony.service.server import Serving
from coterie.model.synchrony.service.store import ALL, Contents, parts
from coterie.model.synchrony.view import View as Group
from coterie.spec.history.conditions import is_linearizable, is_sequential
from coterie.spec.history.objects import SequentialObject, key_of, unknown_call
from coterie.spec.history.observer import Recorded, operations, recorded
from coterie.spec.history.operation import DONE
from coterie.spec.observer import Observer, Seen
from coterie.spec.property import View, always, each, leads_to, pairs, reachable
from coterie.spec.synchrony.deliveries import is_prefix
from coterie.spec.synchrony.durable import is_awaited, log_of

SERVER = "server"
CLIENT = "client"
HISTORY = "history"


def _cell(value: Any, call: Call) -> tuple[Any, Any]:
    match call:
        case Call("read"):
            return value, value
        case Call("write", new):
            return new, DONE
        case Call("delete"):
            return None, DONE
        case Call("cas", (old, new)):
            return (new, True) if value == old else (value, False)
    raise unknown_call("store", call, "read, write value, delete, cas (old, new)")


def _only_reads(call: Call, result: Any) -> bool:
    return call.f == "read" or (call.f == "cas" and result is False)


STORE = SequentialObject("store", None, _cell, _only_reads, key_of)
"""What clients are to see: a key is a cell, and holds None when it is not there."""


def called(history: Recorded, node: Node, seen: Seen) -> Recorded:
    """Return the history after what clients see; a look is a read."""
    if node.role != CLIENT:
        return history
    match seen:
        case Invoke(Query(key, _)):
            return recorded(history, node, Invoke(Call("read", None, key)))
    return recorded(history, node, seen)


CALLED = Observer(Map(), called)


@frozen(cache_hash=True)
class Known:
    """What a server has applied.

    Attributes:
        position: how much of its log.
        contents: what that has come to.
        log: all of the log that it has, be it applied or not; None outside of a view.
        group: the view that it is in; None outside.
    """

    position: int
    contents: Contents
    log: Log | None = None
    group: Group | None = None


def known(state: Serving) -> Known:
    """Return what a server has applied, in a view or outside."""
    if not isinstance(state.member, Keeping):
        return Known(0, state.contents)
    inside = state.member.inside
    return Known(state.member.reported, state.contents, inside.application, inside.view)


def commands(log: Log) -> Iterable[Command]:
    """Return the commands of a log, each as often as it stands there."""
    return (command for item in log for command in item.payload.commands)


def replayed(log: Log) -> Contents:
    """Return what a log comes to when its commands are done one at a time, each session's in order.

    A command whose number its session has reached already is the repetition of one before it.
    """
    values: dict[Any, Any] = {}
    answers: dict[tuple[Node, int], tuple[int, Any]] = {}
    for command, changed, result in _played(log):
        values |= changed
        answers[command.client, command.session] = (command.number, result)
    held = {key: value for key, value in values.items() if value is not None}
    return Contents(Map(held), Map(answers))


def results(log: Log, client: Node) -> set[tuple[int, Any]]:
    """Return the numbers of the commands of a client in a log, with their results."""
    return {(each.number, result) for each, _, result in _played(log) if each.client == client}


def _played(log: Log) -> Iterator[tuple[Command, dict[Any, Any], Any]]:
    """Yield each command that is done, with what its keys hold then, and its result."""
    values: dict[Any, Any] = {}
    reached: dict[tuple[Node, int], int] = {}
    for command in commands(log):
        caller = (command.client, command.session)
        if command.number <= reached.get(caller, 0):
            continue
        reached[caller] = command.number
        several, results = parts(command.call), []
        for call in several:
            values[call.key], result = _cell(values.get(call.key), call)
            results.append(None if result is DONE else result)
        changed = {call.key: values[call.key] for call in several}
        yield command, changed, tuple(results) if command.call.f == ALL else results[0]


@always(broken_by=("answers_early", "no_dedupe", "waits_for_nothing"))
def linearizable(world: View) -> bool:
    """Clients of the store cannot tell it from one that does each call at an instant.

    In symbols: some order of the calls, in which whatever was answered before another call comes
    first, gives the answers when one store does them one at a time.
    Why: a command is answered after its turn in the one log, when that is durable everywhere; and a
    stable look waits for all that is in its server's log, where whatever was answered is. That
    needs a server that is in the newest view; and a stale look does not wait.
    Source: Herlihy and Wing, Linearizability, TOPLAS 1990; Schneider, The State Machine Approach,
    1990.
    """
    return is_linearizable(operations(world.observed(HISTORY)), STORE)


@always(broken_by="forgets_what_it_saw")
def sequential(world: View) -> bool:
    """Every client sees all calls in one order in which its own stand as it has made them.

    In symbols: some order of the calls, in which those of each client are in the order in which it
    has made them, gives the answers when one store does them one at a time.
    Why: each answer is the state after some beginning of the one log; and a session says how long
    that was the last time, so that the next is not shorter. No view need be the newest for that.
    Source: Lamport, How to Make a Multiprocessor Computer That Correctly Executes, 1979; Terry et
    al., Session Guarantees for Weakly Consistent Replicated Data, PDIS 1994.
    """
    return is_sequential(operations(world.observed(HISTORY)), STORE)


@always(
    broken_by=("no_dedupe", "takes_all_for_one", "backwards", "only_the_first"), each=each(SERVER)
)
def contents_are_the_log(world: View, server: Node) -> bool:
    """A server's store is what the beginning of its log says that it has applied.

    In symbols: contents(s) = replay(log(s)[: position(s)]), where a command that stands there twice
    is done once, and batches are done wholly and in their order.
    Why: what a command does hangs on the log before it alone.
    Source: Schneider, The State Machine Approach, 1990; at-most-once: Birrell and Nelson,
    Implementing Remote Procedure Calls, TOCS 1984.
    """
    if not world.up(server):
        return True
    found = world.see(server, known)
    return found.contents == replayed((found.log or ())[: found.position])


@always(broken_by="local_rules", each=pairs(SERVER))
def same_position_same_contents(world: View, one: Node, other: Node) -> bool:
    """Two servers that have applied as much have the same store, whatever has become of them since.

    In symbols: position(s) = position(t) implies contents(s) = contents(t).
    Why: their logs are one log, also after a restart, and where one has been let in again; and what
    is done hangs on the log alone.
    Source: Schneider, The State Machine Approach, 1990.
    """
    if not (world.up(one) and world.up(other)):
        return True
    first, second = world.see(one, known), world.see(other, known)
    return first.position != second.position or first.contents == second.contents


@always(broken_by=("reports_what_some_have", "lets_in_with_nothing"), each=each(SERVER))
def what_is_applied_is_on_every_disk(world: View, server: Node) -> bool:
    """What a server has applied is on the disk of every member of its view.

    In symbols: log(s)[: position(s)] is a prefix of disk(t) for all t in view(s), but for those who
    join and have not been let in.
    Why: it applies what is reported as durable, and nothing else.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3: globally persisted.
    """
    found = world.see(server, known) if world.up(server) else None
    if found is None or found.log is None or found.group is None or not found.position:
        return True
    beginning = found.log[: found.position]
    disks = [(node, world.memory(node)) for node in found.group.members]
    group = found.group
    return all(is_prefix(beginning, log_of(m)) for n, m in disks if not is_awaited(group, n, m))


@always(broken_by=("answers_early", "reports_what_some_have"), each=each(CLIENT))
def what_is_answered_is_on_most_disks(world: View, client: Node) -> bool:
    """A change that a client was answered is on the disks of more than half of all servers.

    In symbols: answered(c, n) implies that more than half of the disks have command n of c.
    Why: it is on every disk of the view in which it was answered; and a view has more than half of
    those before it, in a group of no more than three that lets no strangers in.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.
    """
    history: Recorded = world.observed(HISTORY)
    done = {
        number + 1
        for (node, number), every in history.items()
        if node == client and every.returned is not None and every.call.f != "read"
    }
    if not done:
        return True
    disks = [world.memory(server) for server in world.nodes(SERVER)]
    return all(2 * sum(_has(disk, client, n) for disk in disks) > len(disks) for n in done)


def _has(disk: Memory | None, client: Node, number: int) -> bool:
    return any((c.client, c.number) == (client, number) for c in commands(log_of(disk)))


def _channels(world: View) -> list[tuple[Node, Node]]:
    return [(server, client) for server in world.nodes(SERVER) for client in world.nodes(CLIENT)]


@always(broken_by=("no_dedupe", "answers_early"), each=_channels)
def an_answer_is_what_the_log_says(world: View, server: Node, client: Node) -> bool:
    """Every answer on its way is what the beginning of the server's log says that it names.

    In symbols: Read(k, v, p) implies v = values(replay(log(s)[: p]))[k]; Done(n, r, p) implies that
    command n is in log(s)[: p], and its result there is r.
    Why: so a stale look is stale, but shows a state that there was, and that will never be undone.
    Source: Schneider, The State Machine Approach, 1990; Terry et al., Session Guarantees, 1994.
    """
    answers = [m for m in world.in_flight(server, client) if not isinstance(m, NotNow)]
    return all(_is_true(world, server, client, answer) for answer in answers)


def _is_true(world: View, server: Node, client: Node, answer: Done | Read) -> bool:
    """Return whether the log says so; a look's key is known while its client waits for it."""
    log = log_of(world.memory(server))
    if len(log) < answer.position:
        return False
    contents = replayed(log[: answer.position])
    if isinstance(answer, Done):
        return (answer.number, answer.result) in results(log[: answer.position], client)
    number, doing = world.see(client, _doing) if world.up(client) else (0, None)
    if number != answer.number or not isinstance(doing, Query):
        return True
    return bool(contents.values.get(doing.key) == answer.value)


def _doing(state: Calling) -> tuple[int, Any]:
    return state.number, state.doing


def _counted(state: Serving) -> tuple[int, int]:
    """Return how many batches a server counts as under way, and how many there are."""
    if not isinstance(state.member, Keeping):
        return state.in_flight, 0
    inside, since = state.member.inside, max(state.since, state.member.reported)
    own = inside.held[inside.view.members.index(inside.name)]
    logged = [item for item in inside.application[since:] if item.sender == inside.name]
    unheard = len(inside.queue) + sum(payload is not None for payload in own)
    return state.in_flight, unheard + len(logged)


@always(broken_by=("counts_up_alone", "counts_an_earlier_life"), each=each(SERVER))
def batches_under_way_are_counted(world: View, server: Node) -> bool:
    """A server counts each batch as under way that it has told its group, until it has applied it.

    In symbols: in_flight(s) = number of the batches of this life of s that are queued, held, or in
    the log after position(s).
    Why: what is multicast in vain in one view is multicast again in the next; and what an earlier
    life has told stands in the log before this one came in.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.2.1 (flow control).
    """
    if not world.up(server):
        return True
    counted, there = world.see(server, _counted)
    return counted == there


def _waits(world: View, client: Node) -> bool:
    return world.up(client) and world.see(client, _doing)[1] is not None


@leads_to(_waits, broken_by=("counts_up_alone", "never_asks_elsewhere"), each=each(CLIENT))
def every_call_is_answered(world: View, client: Node) -> bool:
    """Every client that calls is answered, as long as most servers stay up.

    In symbols: doing(c) != None ~> doing(c) = None.
    Why: a client that waits asks the next server in the end; one of those that are up has taken the
    call in; its batch leaves when one before it is durable, and is durable in this view, or in a
    later one.
    Source: Schneider, The State Machine Approach, 1990.
    """
    return not _waits(world, client)


def _log(state: Serving) -> Log:
    found = known(state)
    return (found.log or ())[: found.position]


@always(broken_by=("only_a_part",))
def several_are_done_as_one(world: View) -> bool:
    """Several calls that are made as one are done with nothing of anybody else's in between.

    In symbols: answered(all(read(k1), ..., read(kn))) = (v1, ..., vn) implies v1 = ... = vn.
    Guard: all keys are written together, with one value, and read together.
    Why: a client puts into one request whatever it has to ask; and a user can rely on it.
    Source: Schneider, The State Machine Approach, 1990, section 2: a command is one deterministic
        change of the state.
    """
    return all(len(set(every.result)) == 1 for every in _read_together(world))


@reachable(broken_by="mute")
def several_are_read(world: View) -> bool:
    """A client can read together what another has written together.

    Why: else nothing would be said of it.
    Source: the witness to `several_are_done_as_one`.
    """
    return any(None not in every.result for every in _read_together(world))


def _read_together(world: View) -> list[Any]:
    """Return the answered calls that are several reads."""
    history: Recorded = world.observed(HISTORY)
    return [
        every
        for every in history.values()
        if every.returned is not None and every.call.f == ALL and every.call.value[0].f == "read"
    ]


@reachable(broken_by="mute")
def a_write_is_read(world: View) -> bool:
    """A client can read what another has written.

    Why: the witness that anything is replicated.
    Source: the witness to the claims above.
    """
    history: Recorded = world.observed(HISTORY)
    return any(every.call.f == "read" and every.result is not None for every in history.values())


@reachable(broken_by="one_at_a_time")
def a_batch_has_two(world: View) -> bool:
    """A batch of several commands can be applied.

    Why: else nothing would be said of batches.
    Source: the witness to `contents_are_the_log`.
    """
    logs = [world.see(node, _log) for node in world.nodes(SERVER) if world.up(node)]
    return any(len(item.payload.commands) > 1 for log in logs for item in log)


@reachable(broken_by="mute", each=each(CLIENT))
def a_client_is_answered_elsewhere(world: View, client: Node) -> bool:
    """A client can be answered after it has turned to another server.

    Why: else nothing would be said of retries.
    Source: the witness to `linearizable`.
    """
    return world.up(client) and world.see(client, _was_answered_elsewhere)


def _was_answered_elsewhere(state: Calling) -> bool:
    return state.seen > 0 and state.at > 0


@reachable(broken_by="stays_out", each=each(SERVER))
def somebody_serves_again(world: View, server: Node) -> bool:
    """A server that was down can be back in a view, with a store that is not empty.

    Why: else nothing would be said of what it knows then.
    Source: the witness to `same_position_same_contents`.
    """
    return world.up(server) and world.see(server, _serves_again)


def _serves_again(state: Serving) -> bool:
    return state.since > 0 and bool(state.contents.answers)
