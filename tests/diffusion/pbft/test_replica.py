"""A replica and a client of PBFT, rule by rule."""

from typing import Any

from attrs import evolve

from coterie.model.diffusion.pbft.client import Client, PbftClient, Retransmit
from coterie.model.diffusion.pbft.group import Group
from coterie.model.diffusion.pbft.messages import (
    Agreed,
    Call,
    Certificate,
    Checkpoint,
    Commit,
    Executed,
    Leaving,
    NewView,
    Prepare,
    PrePrepare,
    Proposed,
    Reached,
    Reply,
    Request,
    ViewChange,
)
from coterie.model.diffusion.pbft.replica import PbftReplica, Suspect
from coterie.model.diffusion.pbft.service import Answer, Service
from coterie.model.diffusion.pbft.state import Committed, Member, Replica
from coterie.model.machine import Deliver, Effect, Invoke, Node, Outcome, Receive, Return, Send
from coterie.model.signature import Signature

NAMES = tuple(Node("replica", index) for index in range(4))
ZERO, ONE, TWO, THREE = NAMES
GROUP = Group(1, NAMES)
CLIENT = Node("client")
CALL = Call(CLIENT, 1, "a")
OTHER = Call(CLIENT, 1, "b")
SIGNED = Signature(CLIENT, CALL)
START = Replica()


def replica(name: Node, **fields: Any) -> PbftReplica:
    return PbftReplica(Member(name, GROUP, **{"views": 3, "period": 1, **fields}))


def fed(machine: PbftReplica, *received: tuple[Node, Any], state: Replica = START) -> Outcome[Any]:
    """Return what becomes of `state` by these messages, and the effects of the last."""
    outcome: Outcome[Any] = Outcome(state)
    for sender, message in received:
        after = machine.step(outcome.state, Receive(sender, message))
        assert after is not None
        outcome = after
    return outcome


def sent(outcome: Outcome[Any], kind: type) -> list[Any]:
    return [
        e.message for e in outcome.effects if isinstance(e, Send) and isinstance(e.message, kind)
    ]


def proposed(view: int = 0, number: int = 1, digest: Call | None = CALL) -> Signature:
    return Signature(GROUP.primary(view), Proposed(view, number, digest))


def pre_prepare(number: int = 1, call: Call = CALL) -> PrePrepare:
    return PrePrepare(proposed(0, number, call), Signature(call.client, call))


def vote(name: Node, view: int = 0, digest: Call | None = CALL) -> Signature:
    return Signature(name, Agreed(view, 1, digest))


def certificate(*backups: Node, view: int = 0, digest: Call | None = CALL) -> Certificate:
    votes = frozenset(vote(name, view, digest) for name in backups)
    return Certificate(proposed(view, 1, digest), votes)


def change(name: Node, view: int, *shown: Certificate) -> Signature:
    return Signature(name, Leaving(view, 0, frozenset(), frozenset(shown)))


def new_view(view: int, *changes: Signature) -> NewView:
    shown = frozenset(changes)
    return NewView(view, shown, GROUP.continued(view, shown))


EXECUTED_AT_TWO = (
    (ZERO, pre_prepare()),
    (ONE, Prepare(vote(ONE))),
    (ZERO, Commit(0, 1, CALL)),
    (ONE, Commit(0, 1, CALL)),
)


def test_the_primary_numbers_what_it_is_asked_for() -> None:
    outcome = fed(replica(ZERO), (CLIENT, Request(SIGNED)))

    assert sent(outcome, PrePrepare) == [pre_prepare()] * 3


def test_a_backup_tells_the_primary_of_what_it_is_asked_for() -> None:
    outcome = fed(replica(TWO), (CLIENT, Request(SIGNED)))

    assert outcome.effects == (Send(ZERO, Request(SIGNED)),)
    assert outcome.state.waiting == (SIGNED,)


def test_a_request_in_another_name_is_not_taken() -> None:
    forged = Request(Signature(THREE, CALL))

    assert fed(replica(ZERO), (CLIENT, forged)) == Outcome(START)


def test_a_primary_keeps_between_the_water_marks() -> None:
    calls = [Call(Node("client", index), 1, "a") for index in range(6)]
    asked = [(call.client, Request(Signature(call.client, call))) for call in calls]

    outcome = fed(replica(ZERO), *asked)

    assert len(outcome.state.proposals(0)) == GROUP.window == 4


def test_a_backup_agrees_to_the_first_proposal_for_a_number() -> None:
    outcome = fed(replica(TWO), (ZERO, pre_prepare()))

    assert sent(outcome, Prepare) == [Prepare(vote(TWO))] * 3
    assert not fed(replica(TWO), (ZERO, pre_prepare(call=OTHER)), state=outcome.state).effects


def test_a_backup_agrees_to_no_proposal_that_is_not_one() -> None:
    wrong = [
        (ONE, pre_prepare()),
        (ZERO, PrePrepare(evolve(proposed(), signer=ONE), SIGNED)),
        (ZERO, PrePrepare(proposed(), Signature(CLIENT, OTHER))),
        (ZERO, PrePrepare(proposed(), Signature(ZERO, CALL))),
        (ZERO, pre_prepare(number=0)),
        (ZERO, pre_prepare(number=5)),
    ]

    assert all(fed(replica(TWO), each) == Outcome(START) for each in wrong)


def test_a_backup_commits_with_2f_prepares_of_backups() -> None:
    one = fed(replica(TWO), (ZERO, pre_prepare()), (ZERO, Prepare(vote(ZERO))))
    two = fed(replica(TWO), (ONE, Prepare(vote(ONE))), state=one.state)

    assert not sent(one, Commit)
    assert sent(two, Commit) == [Commit(0, 1, CALL)] * 3


def test_prepares_that_come_before_the_proposal_count() -> None:
    outcome = fed(replica(TWO), (ONE, Prepare(vote(ONE))), (ZERO, pre_prepare()))

    assert sent(outcome, Commit)


def test_a_prepare_counts_for_who_has_signed_it() -> None:
    assert fed(replica(TWO), (THREE, Prepare(vote(ONE)))) == Outcome(START)


def test_2f_plus_1_commits_are_executed_and_replied_to() -> None:
    three = fed(replica(TWO, period=2), *EXECUTED_AT_TWO[:-1])
    four = fed(replica(TWO, period=2), EXECUTED_AT_TWO[-1], state=three.state)

    assert three.state.executed == 0
    assert four.effects == (Deliver(Executed(1, CALL)), Send(CLIENT, Reply(0, 1, 0)))
    assert four.state.service == Service(("a",), (Answer(CLIENT, 1, 0),))


def test_what_is_executed_is_answered_again_and_not_executed_again() -> None:
    done = fed(replica(TWO), *EXECUTED_AT_TWO)

    outcome = fed(replica(TWO), (CLIENT, Request(SIGNED)), state=done.state)

    assert outcome == Outcome(done.state, (Send(CLIENT, Reply(0, 1, 0)),))


def test_a_checkpoint_is_stable_with_2f_plus_1_votes_and_cuts_the_log() -> None:
    reached = Reached(1, Service(("a",), (Answer(CLIENT, 1, 0),)))
    votes = [(name, Checkpoint(Signature(name, reached))) for name in (ZERO, ONE)]
    done = fed(replica(TWO), *EXECUTED_AT_TWO)

    one = fed(replica(TWO), votes[0], state=done.state)
    two = fed(replica(TWO), *votes, state=done.state)

    assert one.state.stable.number == 0
    assert two.state.stable.number == 1
    assert not two.state.log


def test_who_has_missed_requests_takes_the_service_over_from_a_stable_checkpoint() -> None:
    reached = Reached(1, Service(("a",), (Answer(CLIENT, 1, 0),)))
    votes = [(name, Checkpoint(Signature(name, reached))) for name in (ZERO, ONE, TWO)]

    outcome = fed(replica(THREE), (CLIENT, Request(SIGNED)), *votes)

    assert outcome.state.executed == 1
    assert outcome.state.service == reached.service
    assert not outcome.state.waiting


def test_a_backup_that_waits_may_suspect_and_a_primary_may_not() -> None:
    for name, expected in ((ZERO, []), (ONE, [Suspect(0)])):
        machine = replica(name)
        waiting = fed(machine, (CLIENT, Request(SIGNED))).state

        assert list(machine.options(waiting)) == expected
        assert not list(machine.options(START))


def test_a_view_change_shows_what_is_prepared() -> None:
    machine = replica(TWO)
    prepared = fed(machine, (CLIENT, Request(SIGNED)), *EXECUTED_AT_TWO[:2])

    outcome = machine.step(prepared.state, Suspect(0))

    assert outcome is not None
    assert sent(outcome, ViewChange) == [ViewChange(change(TWO, 1, certificate(ONE, TWO)))] * 3
    assert not outcome.state.is_active


def test_who_has_left_a_view_takes_no_part_in_it() -> None:
    machine = replica(TWO)
    gone = Replica(view=1, is_active=False)

    assert fed(machine, (ZERO, pre_prepare()), state=gone) == Outcome(gone)


def test_f_plus_1_others_take_a_replica_along_to_the_lowest_view_that_they_want() -> None:
    one = fed(replica(THREE), (ONE, ViewChange(change(ONE, 2))))
    two = fed(replica(THREE), (ZERO, ViewChange(change(ZERO, 1))), state=one.state)

    assert one.state.view == 0
    assert sent(two, ViewChange) == [ViewChange(change(THREE, 1))] * 3


def test_a_primary_starts_its_view_with_2f_plus_1_view_changes() -> None:
    shown = (change(ZERO, 1), change(TWO, 1, certificate(TWO, THREE)))

    outcome = fed(replica(ONE), *((one.signer, ViewChange(one)) for one in shown))

    assert sent(outcome, NewView) == [new_view(1, change(ONE, 1), *shown)] * 3
    assert [one.content for one in outcome.state.proposals(1)] == [Proposed(1, 1, CALL)]


def test_a_new_view_repeats_the_highest_certificate_and_fills_gaps_with_null() -> None:
    low = certificate(TWO, THREE, view=0, digest=OTHER)
    high = certificate(TWO, THREE, view=1)
    second = Certificate(
        Signature(ZERO, Proposed(0, 3, OTHER)),
        frozenset(Signature(name, Agreed(0, 3, OTHER)) for name in (ONE, TWO)),
    )
    shown = frozenset({change(ZERO, 2, low), change(ONE, 2, high), change(THREE, 2, second)})

    started = [one.content for one in GROUP.continued(2, shown)]

    assert started == [Proposed(2, 1, CALL), Proposed(2, 2, None), Proposed(2, 3, OTHER)]


def test_a_backup_begins_a_view_that_follows_from_what_is_shown() -> None:
    message = new_view(1, change(ZERO, 1), change(ONE, 1), change(TWO, 1, certificate(ONE, TWO)))

    outcome = fed(replica(THREE), (ONE, message))

    assert outcome.state.view == 1
    assert sent(outcome, Prepare) == [Prepare(vote(THREE, 1))] * 3


def test_a_backup_begins_no_view_that_does_not() -> None:
    shown = (change(ZERO, 1), change(ONE, 1), change(TWO, 1, certificate(ONE, TWO)))
    right = new_view(1, *shown)
    wrong = [
        (TWO, right),
        (ONE, evolve(right, proposals=())),
        (ONE, evolve(right, proposals=(proposed(1, 1, OTHER),))),
        (ONE, new_view(1, *shown[:2])),
        (ONE, new_view(1, *shown[:2], change(TWO, 2))),
        (ONE, new_view(1, *shown[:2], change(TWO, 1, certificate(TWO)))),
        (ONE, new_view(1, *shown[:2], change(ONE, 1, certificate(ONE, TWO)))),
    ]

    assert all(fed(replica(THREE), each) == Outcome(START) for each in wrong)


def test_what_comes_before_its_view_is_kept_until_it_begins() -> None:
    early = PrePrepare(proposed(1), SIGNED)
    kept = fed(replica(THREE), (ONE, early))
    start = new_view(1, *(change(name, 1) for name in (ZERO, ONE, TWO)))

    outcome = fed(replica(THREE), (ONE, start), state=kept.state)

    assert not kept.effects
    assert sent(outcome, Prepare) == [Prepare(vote(THREE, 1))] * 3
    assert not outcome.state.early


def test_a_null_request_does_nothing() -> None:
    log = frozenset(Committed(name, Commit(0, 1, None)) for name in (ZERO, ONE, TWO))
    state = Replica(log=log)

    outcome = fed(replica(TWO, period=2), (CLIENT, None), state=state)

    assert outcome.effects == (Deliver(Executed(1, None)),)
    assert outcome.state.service == Service()


# The client.


ASKING = Client(timestamp=1, asking=CALL)


def asked(
    *replies: tuple[Node, Reply], state: Client = ASKING
) -> tuple[Client, tuple[Effect, ...]]:
    effects: tuple[Effect, ...] = ()
    for sender, reply in replies:
        outcome = PbftClient(CLIENT, GROUP).step(state, Receive(sender, reply))
        assert outcome is not None
        state, effects = outcome.state, outcome.effects
    return state, effects


def test_a_client_asks_the_primary_and_then_everybody() -> None:
    client = PbftClient(CLIENT, GROUP)

    first = client.step(Client(), Invoke("a"))
    assert first == Outcome(ASKING, (Send(ZERO, Request(SIGNED)),))
    assert first is not None
    second = client.step(first.state, Retransmit())

    assert second is not None
    assert second.effects == tuple(Send(name, Request(SIGNED)) for name in NAMES)
    assert list(client.options(first.state)) == [Retransmit()]
    assert not list(client.options(second.state))
    assert client.step(first.state, Invoke("b")) is None


def test_a_client_believes_f_plus_1_equal_replies() -> None:
    state, effects = asked((ONE, Reply(2, 1, 0)), (TWO, Reply(1, 1, 0)))

    assert effects == (Return(0),)
    assert state == Client(timestamp=1, view=1, results=(0,))


def test_a_client_counts_each_replica_once_and_only_replies_to_its_call() -> None:
    same = Reply(0, 1, 0)

    for second in (
        (ONE, same),
        (ONE, Reply(0, 1, 1)),
        (TWO, Reply(0, 1, 1)),
        (TWO, Reply(0, 0, 0)),
    ):
        assert not asked((ONE, same), second)[1]
    assert asked((CLIENT, same)) == (ASKING, ())
