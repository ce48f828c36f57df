"""How a process that is back asks to be let in, and what members make of that."""

from typing import Any

from coterie.checks.catalogue.synchrony.worlds import members, once
from coterie.model.detector import Suspect
from coterie.model.machine import Machine, Node, Outcome, Receive, Send
from coterie.model.synchrony.disk import Ending, Memory
from coterie.model.synchrony.durable import DurableMember
from coterie.model.synchrony.member import Join, Member
from coterie.model.synchrony.restart import Commit, Refuse
from coterie.model.synchrony.table import Push, Row
from coterie.model.synchrony.transfer import Ask, Welcome
from coterie.model.synchrony.view import View, first_view

ZERO, ONE, TWO = members(3)
FIRST = first_view(ZERO, ONE, TWO)


def keeper(name: Node, **fields: Any) -> DurableMember:
    return DurableMember(Member(name, FIRST), **fields)


def stepped(machine: Machine[Any, Any], state: Any, event: Any) -> Outcome[Any]:
    outcome = machine.step(state, event)
    assert outcome is not None
    return outcome


def test_who_asks_says_up_to_which_view_it_stays_outside() -> None:
    machine = keeper(ZERO)

    new = stepped(keeper(Node("joiner")), keeper(Node("joiner")).start(None).state, Join(ONE))
    ended = Memory(FIRST, (), Ending(View(1, (ONE, TWO))))

    assert new.effects == (Send(ONE, Ask(None)),)
    for memory, bound in ((Memory(FIRST), 0), (Memory(FIRST, promised=4), 4), (ended, 1)):
        asked = stepped(machine, machine.start(memory).state, Join(ONE))
        assert asked.effects == (Send(ONE, Ask(bound)),)


def test_who_asks_once_has_asked_and_who_asks_again_may_do_so_for_ever() -> None:
    for again in (False, True):
        machine = keeper(ZERO, asks_again=again)
        asked = stepped(machine, machine.start(Memory(FIRST)).state, Join(ONE)).state

        assert (Join(ONE) in machine.options(asked)) == again
        assert (machine.step(asked, Join(ONE)) is not None) == again
        assert Join(ZERO) not in machine.options(asked)


def test_who_asks_although_it_knows_of_this_view_is_taken_for_failed() -> None:
    machine = keeper(ZERO)
    state = machine.start(None).state

    asked = stepped(machine, state, Receive(TWO, Ask(0)))

    assert asked == stepped(machine, state, Suspect(TWO))
    assert stepped(machine, state, Receive(TWO, Ask(None))) == Outcome(state)
    assert stepped(machine, state, Receive(ZERO, Ask(0))) == Outcome(state)


def test_a_joiner_that_still_asks_is_told_again_by_who_was_there_before() -> None:
    last = View(1, (ZERO, ONE, TWO), (TWO,))
    for again in (False, True):
        machine = DurableMember(Member(ZERO, first_view(ZERO, ONE)), tells_again=again)
        state = machine.start(None).state
        asked = stepped(machine, state, Receive(TWO, Ask(None))).state
        while asked.inside.view.number == 0:
            own = asked.inside.rows[0]
            asked = stepped(machine, asked, Receive(ONE, Push(0, ONE, own))).state

        told = stepped(machine, asked, Receive(TWO, Ask(None)))

        assert asked.inside.view == last
        assert told == Outcome(asked, (Send(TWO, Welcome(last, ())),) if again else ())
        gone = stepped(machine, asked, Receive(TWO, Ask(1)))
        assert gone == stepped(machine, asked, Suspect(TWO))


def test_who_has_been_let_in_itself_tells_no_other_joiner() -> None:
    machine = keeper(ZERO, tells_again=True)
    view = View(3, (ONE, ZERO, TWO), (ZERO, TWO))
    state = stepped(
        machine, machine.start(Memory(FIRST)).state, Receive(ONE, Welcome(view, ()))
    ).state

    assert stepped(machine, state, Receive(TWO, Ask(2))) == Outcome(state)


def test_a_question_that_follows_the_same_question_is_one_with_it() -> None:
    assert once(Ask(1), Ask(1)) == Ask(1)
    assert once(Ask(1), Ask(2)) is None
    assert once(Push(0, ZERO, Row((0,))), Push(0, ZERO, Row((1,)))) == Push(0, ZERO, Row((1,)))


def test_a_commit_that_comes_too_late_is_refused() -> None:
    machine = keeper(ZERO)
    promised = machine.start(Memory(FIRST, promised=4)).state

    late = stepped(machine, promised, Receive(ONE, Commit(3)))

    assert late == Outcome(promised, (Send(ONE, Refuse(4)),))
    assert stepped(machine, promised, Receive(ONE, Commit(5))) == Outcome(promised)
    member = machine.start(None).state
    assert stepped(machine, member, Receive(ONE, Commit(-1))).effects == (Send(ONE, Refuse(0)),)


def test_who_is_bound_above_this_view_will_never_be_in_it() -> None:
    machine = keeper(ZERO)
    state = machine.start(None).state

    refused = stepped(machine, state, Receive(TWO, Refuse(1)))

    assert refused == stepped(machine, state, Suspect(TWO))
    assert stepped(machine, state, Receive(TWO, Refuse(0))) == Outcome(state)
