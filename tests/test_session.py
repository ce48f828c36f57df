"""Sessions, rule by rule, held to a plain twin, and against a network that forgets nothing."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from immutables import Map

from coterie.checks.catalogue.session import LATE, RIGHT
from coterie.checks.component import Delivered, Restarted
from coterie.checks.engine.explore import explore
from coterie.checks.faults import Faults
from coterie.checks.network import Fifo
from coterie.checks.result import Verdict
from coterie.checks.world import World
from coterie.model.machine import (
    Deliver,
    Effect,
    Event,
    Invoke,
    Node,
    Outcome,
    Receive,
    Record,
    Send,
)
from coterie.model.postbox import Postbox, Say, from_sender
from coterie.model.session import (
    Acknowledge,
    Line,
    Notice,
    Parcel,
    Resend,
    Session,
    Sessions,
    Started,
)
from coterie.model.stacked import Below, stacked
from coterie.spec import link as promise
from coterie.spec import session as spec

SESSION = Session()


def stepped(state: Sessions, event: Event) -> Outcome[Sessions]:
    outcome = SESSION.step(state, event)
    assert outcome is not None
    return outcome


def knowing(line: Line, incarnation: int = 4) -> Sessions:
    """Return the state of the `incarnation`-th start, with one `line`: to the right."""
    return Sessions(incarnation, Map({RIGHT: line}))


def test_each_start_is_counted_in_durable_memory_and_knows_nobody() -> None:
    assert SESSION.start(None) == Outcome(Sessions(1), (Record(Started(1)),))
    assert SESSION.start(6) == Outcome(Sessions(7), (Record(Started(7)),))
    assert SESSION.memory(knowing(Line(2, 1, Map({1: "b"})))) == 4


def test_a_message_to_a_known_peer_is_numbered_kept_and_sent_without_a_record() -> None:
    outcome = stepped(knowing(Line(2, 3, Map({3: "d"}), 5)), Invoke(Send(RIGHT, "e")))

    assert outcome.state == knowing(Line(2, 3, Map({3: "d", 4: "e"}), 5))
    assert outcome.effects == (Send(RIGHT, Parcel(4, 2, 5, 4, "e")),)


def test_to_an_unknown_peer_the_first_message_sends_a_notice_and_all_wait() -> None:
    first = stepped(Sessions(4), Invoke(Send(RIGHT, "a")))
    second = stepped(first.state, Invoke(Send(RIGHT, "b")))

    assert first.effects == (Send(RIGHT, Notice(4, 0, 0)),)
    assert second == Outcome(knowing(Line(0, 0, Map({0: "a", 1: "b"}))))


def test_whoever_is_heard_the_first_time_is_sent_all_that_waits_at_once() -> None:
    waiting = knowing(Line(0, 0, Map({0: "a", 1: "b"})))

    outcome = stepped(waiting, Receive(RIGHT, Notice(2, 4, 0)))

    assert outcome.state == knowing(Line(2, 0, Map({0: "a", 1: "b"})))
    assert outcome.effects == (
        Send(RIGHT, Parcel(4, 2, 0, 0, "a")),
        Send(RIGHT, Parcel(4, 2, 0, 1, "b")),
    )


def test_a_peer_that_started_again_is_sent_the_rest_under_new_numbers() -> None:
    before = knowing(Line(2, 3, Map({3: "d", 4: "e"}), 5))

    outcome = stepped(before, Receive(RIGHT, Notice(3, 0, 0)))

    assert outcome.state == knowing(Line(3, 0, Map({0: "d", 1: "e"})))
    assert outcome.effects == (
        Send(RIGHT, Parcel(4, 3, 0, 0, "d")),
        Send(RIGHT, Parcel(4, 3, 0, 1, "e")),
    )


def test_the_next_message_is_handed_up_and_an_acknowledgement_is_owed() -> None:
    outcome = stepped(knowing(Line(2, received=1)), Receive(RIGHT, Parcel(2, 4, 0, 1, "b")))

    assert outcome == Outcome(
        knowing(Line(2, received=2, owes=True)), (Deliver(Receive(RIGHT, "b")),)
    )


@pytest.mark.parametrize("number", [0, 2])
def test_an_old_message_and_one_that_is_too_early_are_only_acknowledged(number: int) -> None:
    outcome = stepped(knowing(Line(2, received=1)), Receive(RIGHT, Parcel(2, 4, 0, number, "?")))

    assert outcome == Outcome(knowing(Line(2, received=1, owes=True)))


def test_what_is_owed_travels_on_whatever_goes_the_other_way() -> None:
    owing = knowing(Line(2, received=1, owes=True))

    outcome = stepped(owing, Invoke(Send(RIGHT, "x")))

    assert outcome == Outcome(
        knowing(Line(2, 0, Map({0: "x"}), 1)), (Send(RIGHT, Parcel(4, 2, 1, 0, "x")),)
    )


def test_or_on_a_notice_when_nothing_else_goes_there() -> None:
    owing = knowing(Line(2, received=1, owes=True))

    outcome = stepped(owing, Acknowledge(RIGHT))

    assert list(SESSION.options(owing)) == [Acknowledge(RIGHT)]
    assert outcome == Outcome(knowing(Line(2, received=1)), (Send(RIGHT, Notice(4, 2, 1)),))
    assert SESSION.step(outcome.state, Acknowledge(RIGHT)) is None


def test_an_acknowledgement_is_of_everything_before_it_also_on_a_parcel() -> None:
    line = Line(2, 3, Map({3: "d", 4: "e", 5: "f"}))

    alone = stepped(knowing(line), Receive(RIGHT, Notice(2, 4, 5)))
    along = stepped(knowing(line), Receive(RIGHT, Parcel(2, 4, 5, 0, "x")))

    assert alone == Outcome(knowing(Line(2, 5, Map({5: "f"}))))
    assert along.state == knowing(Line(2, 5, Map({5: "f"}), 1, owes=True))


@pytest.mark.parametrize("count", [0, 3, 5])
def test_an_old_acknowledgement_and_one_of_what_was_never_sent_change_nothing(count: int) -> None:
    state = knowing(Line(2, 3, Map({3: "d"})))

    assert stepped(state, Receive(RIGHT, Notice(2, 4, count))) == Outcome(state)


@pytest.mark.parametrize("arrived", [Parcel(1, 4, 1, 0, "old"), Notice(1, 4, 1)])
def test_an_incarnation_that_is_gone_is_not_listened_to(arrived: Parcel | Notice) -> None:
    state = knowing(Line(2, 0, Map({0: "a"})))

    assert stepped(state, Receive(RIGHT, arrived)) == Outcome(state)


@pytest.mark.parametrize("yours", [0, 3])
def test_what_is_for_another_incarnation_is_not_taken_in_but_answered(yours: int) -> None:
    state = knowing(Line(2, 0, Map({0: "a"})))

    outcome = stepped(state, Receive(RIGHT, Parcel(2, yours, 1, 0, "b")))

    assert outcome == Outcome(knowing(Line(2, 0, Map({0: "a"}), owes=True)))


def test_what_is_not_acknowledged_is_sent_again_under_the_same_numbers() -> None:
    state = knowing(Line(2, 3, Map({3: "d", 4: "e"}), 1))

    outcome = stepped(state, Resend(RIGHT, 3))

    assert list(SESSION.options(state)) == [Resend(RIGHT, 3)]
    assert outcome == Outcome(
        state, (Send(RIGHT, Parcel(4, 2, 1, 3, "d")), Send(RIGHT, Parcel(4, 2, 1, 4, "e")))
    )
    assert SESSION.step(state, Resend(RIGHT, 2)) is None


def test_an_unknown_peer_is_asked_again_who_is_there() -> None:
    state = knowing(Line(0, 0, Map({0: "a", 1: "b"})))

    assert stepped(state, Resend(RIGHT, 0)) == Outcome(state, (Send(RIGHT, Notice(4, 0, 0)),))


def test_nothing_is_sent_again_when_all_is_acknowledged() -> None:
    state = knowing(Line(2, 3))

    assert list(SESSION.options(state)) == []
    assert SESSION.step(state, Resend(RIGHT, 3)) is None


def test_a_stranger_to_the_protocol_changes_nothing() -> None:
    assert stepped(Sessions(1), Receive(RIGHT, "hello")) == Outcome(Sessions(1))
    assert SESSION.step(Sessions(1), Invoke("hello")) is None


class Plain:
    """The plain twin of one end and one peer: it keeps lists, and counts what is in them."""

    def __init__(self, incarnation: int) -> None:
        self.incarnation, self.peer = incarnation, 0
        self.asked: list[str] = []  # since the peer's incarnation is known, or left over from then
        self.through, self.owes = 0, False
        self.heard: list[str] = []  # from the peer's incarnation

    def parcel(self, number: int) -> Parcel:
        return Parcel(self.incarnation, self.peer, len(self.heard), number, self.asked[number])

    def paid(self, *numbers: int) -> list[Parcel | Notice]:
        self.owes = False
        if self.peer and numbers:
            return [self.parcel(number) for number in numbers]
        return [Notice(self.incarnation, self.peer, len(self.heard))]

    def carry(self, word: str) -> list[Parcel | Notice]:
        self.asked.append(word)
        alone = len(self.asked) == 1
        return self.paid(len(self.asked) - 1) if self.peer or alone else []

    def again(self) -> list[Parcel | Notice]:
        return self.paid(*range(self.through, len(self.asked)))

    def arrived(self, what: Parcel | Notice) -> list[Any]:
        if what.own < self.peer:
            return []
        is_new = what.own > self.peer
        if is_new:
            self.peer, self.asked, self.through = what.own, self.asked[self.through :], 0
            self.heard, self.owes = [], False
        up = self.taken(what) if what.yours == self.incarnation else []
        self.owes |= isinstance(what, Parcel) or what.yours != self.incarnation
        return [*up, *(self.again() if is_new and self.asked[self.through :] else ())]

    def taken(self, what: Parcel | Notice) -> list[str]:
        if what.received in range(len(self.asked) + 1):
            self.through = max(self.through, what.received)
        if isinstance(what, Parcel) and what.number == len(self.heard):
            self.heard.append(what.message)
            return [what.message]
        return []

    def on(self, event: Event) -> list[Any] | None:
        match event:
            case Invoke(Send(_, word)):
                return self.carry(word)
            case Receive(_, what):
                return self.arrived(what)
            case Acknowledge():
                return self.paid() if self.owes else None
            case Resend(_, first):
                due = first == self.through and self.through < len(self.asked)
                return self.again() if due else None
        return None


def shown(effects: Sequence[Effect]) -> list[Any]:
    """Return what was handed up and what was sent, in order."""
    return [
        effect.item.message if isinstance(effect, Deliver) else effect.message
        for effect in effects
        if isinstance(effect, Deliver | Send)
    ]


FEW = st.integers(0, 3)
WORDS = st.sampled_from("abc")
EVENTS = st.one_of(
    st.builds(lambda word: Invoke(Send(RIGHT, word)), WORDS),
    st.builds(lambda *a: Receive(RIGHT, Parcel(*a)), st.integers(1, 3), FEW, FEW, FEW, WORDS),
    st.builds(lambda *a: Receive(RIGHT, Notice(*a)), st.integers(1, 3), FEW, FEW),
    st.just(Acknowledge(RIGHT)),
    st.builds(Resend, st.just(RIGHT), FEW),
)


@given(st.integers(1, 3), st.lists(EVENTS, max_size=20))
def test_a_session_does_what_its_plain_twin_does(incarnation: int, events: list[Event]) -> None:
    state, twin = Sessions(incarnation), Plain(incarnation)
    for event in events:
        outcome = SESSION.step(state, event)

        assert (None if outcome is None else shown(outcome.effects)) == twin.on(event)
        state = state if outcome is None else outcome.state
        assert all(SESSION.step(state, option) for option in SESSION.options(state))


def test_without_a_handshake_a_parcel_from_before_a_crash_is_taken_for_a_new_one() -> None:
    mutant = LATE.mutants["no_handshake"]

    found = explore(mutant.world(**LATE.parameters(crashes=1)), [spec.dropped_only_when_heard])

    (finding,) = found.findings
    assert finding.trace is not None
    happened = [each for step in finding.trace.steps for each in step.happenings]
    early, late = (
        place
        for place, each in enumerate(happened)
        if isinstance(each, Delivered) and isinstance(each.message, Parcel)
    )
    assert happened[early] == happened[late]
    assert early < happened.index(Restarted(RIGHT)) < late


Word = tuple[int, int]  # the incarnation that said it, and how many were said before it


class Hoarders:
    """Three nodes over sessions, and a network in which whatever was ever sent may still arrive."""

    NODES = (Node("end", 0), Node("end", 1), Node("end", 2))

    def __init__(self) -> None:
        self.states: dict[Node, Sessions] = {}
        self.memories: dict[Node, int | None] = dict.fromkeys(self.NODES)
        self.ever: list[tuple[Node, Node, Any]] = []
        self.said: dict[tuple[Node, Node], list[Word]] = {}
        self.heard: dict[tuple[Node, Node], list[tuple[int, Word]]] = {}
        for node in self.NODES:
            self.restart(node)

    def restart(self, node: Node) -> None:
        outcome = SESSION.start(self.memories[node])
        self.memories[node], self.states[node] = outcome.state.incarnation, outcome.state

    def happen(self, node: Node, event: Event) -> None:
        outcome = SESSION.step(self.states[node], event)
        if outcome is None:
            return
        self.states[node] = outcome.state
        for effect in outcome.effects:
            match effect:
                case Send(to, message):
                    self.ever.append((node, to, message))
                case Deliver(Receive(sender, message)):
                    read = (outcome.state.incarnation, message)
                    self.heard.setdefault((sender, node), []).append(read)

    def say(self, node: Node, to: Node) -> None:
        said = self.said.setdefault((node, to), [])
        said.append((self.states[node].incarnation, len(said)))
        self.happen(node, Invoke(Send(to, said[-1])))

    def options(self, node: Node) -> list[Event]:
        return list(SESSION.options(self.states[node]))

    def act(self, kind: str, chance: int) -> None:
        node, to = self.NODES[chance % 3], self.NODES[(chance + 1 + chance // 3 % 2) % 3]
        options = self.options(node)
        match kind:
            case "say":
                self.say(node, to)
            case "restart":
                self.restart(node)
            case "fire" if options:
                self.happen(node, options[chance % len(options)])
            case "arrive" if self.ever:
                sender, receiver, message = self.ever[-1 - chance % len(self.ever)]
                self.happen(receiver, Receive(sender, message))

    def settle(self) -> int:
        """Let all that is sent from now on arrive, once and in order; return in how many rounds."""
        for count in range(20):
            start = len(self.ever)
            for node in self.NODES:
                for option in self.options(node):
                    self.happen(node, option)
            while start < len(self.ever):
                sender, receiver, message = self.ever[start]
                self.happen(receiver, Receive(sender, message))
                start += 1
            if not any(self.options(node) for node in self.NODES):
                return count
        return 20


ACTS = st.tuples(
    st.sampled_from(("say", "say", "fire", "fire", "arrive", "arrive", "arrive", "restart")),
    st.integers(0, 60),
)


@settings(deadline=None)
@given(st.lists(ACTS, max_size=50))
def test_whatever_the_network_does_and_whoever_restarts_the_promise_is_kept(
    acts: list[tuple[str, int]],
) -> None:
    world = Hoarders()
    for act in acts:
        world.act(*act)
    rounds = world.settle()

    assert rounds < 20
    for (sender, receiver), said in world.said.items():
        heard = world.heard.get((sender, receiver), [])
        living = {word for word in said if word[0] == world.states[sender].incarnation}
        assert living <= {word for _, word in heard}
        for by, own in product({by for by, _ in heard}, {own for own, _ in said}):
            run = [word for reader, word in heard if (reader, word[0]) == (by, own)]
            whole = [word for word in said if word[0] == own]
            first = whole.index(run[0]) if run else 0
            assert run == whole[first : first + len(run)]
        for by in {by for by, _ in heard}:
            starts = [word[0] for reader, word in heard if reader == by]
            assert starts == sorted(starts)


POST, HOME = Node("post"), Node("home")


def posting(crashes: int) -> World:
    """Return two postboxes over sessions, of which the one at home may crash."""
    said = {POST: (Say(HOME, "a"), Say(HOME, "b")), HOME: (Say(POST, "x"),)}
    return World(
        machines={node: stacked(Postbox(), Session()) for node in said},
        network=Fifo(1, "drop"),
        faults=Faults(crashes=crashes, crashing=("home",), losses="any"),
        workload=said,
        observers={"asked": promise.ASKED},
    )


def test_between_postboxes_that_stay_up_a_session_keeps_the_promise_of_a_link() -> None:
    claims = [promise.in_order_and_once, promise.everything_can_be_heard]

    found = explore(posting(crashes=0), claims)

    assert [finding.verdict for finding in found.findings] == [Verdict.HOLDS] * 2


def test_a_crash_can_make_a_postbox_hear_twice_what_it_has_not_acknowledged() -> None:
    claims = [promise.in_order_and_once, promise.everything_can_be_heard]

    (order, everything) = explore(posting(crashes=1), claims).findings

    assert order.trace is not None
    assert (order.verdict, everything.verdict) == (Verdict.VIOLATED, Verdict.VIOLATED)
    letters = from_sender(order.trace.steps[-1].values[1].state.above, POST)
    assert letters == ("a", "a")


def test_the_stack_keeps_the_letters_and_the_count_of_starts() -> None:
    post = stacked(Postbox(), Session())

    first = post.start(None)
    again = post.start(post.memory(first.state))

    assert first.effects == (Record(Below(Started(1))),)
    assert again.effects == (Record(Below(Started(2))),)
