"""Clients that create objects, and stewards that tell them who takes part."""

from typing import Any

from attrs import evolve

from coterie.model.diffusion.service.naming import (
    Change,
    Client,
    Create,
    Knowing,
    Named,
    Seen,
    Steward,
    Watching,
)
from coterie.model.diffusion.service.objects import Sname
from coterie.model.diffusion.service.world_view import WorldView
from coterie.model.machine import Event, Invoke, Node, Outcome, Receive, Send

ONE, TWO, STEWARD = Node("client", 0), Node("client", 1), Node("steward")
VIEW = WorldView(last=28)
CLIENT = Client(ONE, VIEW, b=1, degree=2, level=20, origins=(1, 5), others=(TWO,))


def stepped(state: Knowing, event: Event, client: Client = CLIENT) -> Outcome[Any]:
    outcome = client.step(state, event)
    assert outcome is not None
    return outcome


def test_a_client_tells_the_others_the_system_name_of_what_it_creates() -> None:
    outcome = stepped(Knowing(VIEW), Create(1))
    sname = Sname(b=1, level=20, origin=1, uname="client0/1", view=VIEW)

    assert outcome.effects == (Send(TWO, Named(str(sname))),)
    assert [one.sname for one in outcome.state.made] == [sname]


def test_whoever_hears_a_system_name_knows_the_same_tree_and_its_replicas() -> None:
    made = stepped(Knowing(VIEW), Create(1))
    (sent,) = (effect for effect in made.effects if isinstance(effect, Send))
    other = evolve(CLIENT, name=TWO, others=(ONE,))
    heard = stepped(Knowing(WorldView(last=40)), Receive(ONE, sent.message), other)

    assert heard.state.heard == made.state.made
    (known,) = heard.state.heard
    assert known.nodes == (0, 1, 3, 4)
    assert known.replicas[1] == ("PSYS_006", "PSYS_007", "PSYS_008", "PSYS_009", "PSYS_010")


def test_a_view_spreads_with_the_names_of_objects() -> None:
    newer = WorldView(last=30, changed=((16, 2),))
    sname = Sname(b=1, level=20, origin=1, uname="x", view=newer)

    assert stepped(Knowing(VIEW), Receive(TWO, Named(str(sname)))).state.view == newer


def test_a_client_creates_only_where_there_is_room_and_once() -> None:
    joined = WorldView(last=29)
    created = stepped(Knowing(VIEW), Create(1)).state

    assert list(CLIENT.options(Knowing(VIEW))) == [Create(1)]
    assert list(CLIENT.options(Knowing(joined))) == [Create(1), Create(5)]
    assert CLIENT.step(Knowing(VIEW), Create(5)) is None
    assert CLIENT.step(created, Create(1)) is None


def test_a_client_merges_what_stewards_say() -> None:
    left, joined = WorldView(28, ((16, 2),)), WorldView(29)
    heard = stepped(stepped(Knowing(VIEW), Receive(STEWARD, Seen(left))).state, seen(joined))

    assert heard.state == Knowing(WorldView(29, ((16, 2),)))
    assert stepped(heard.state, seen(VIEW)) == Outcome(heard.state)


def seen(view: WorldView) -> Receive:
    return Receive(STEWARD, Seen(view))


def test_a_system_name_for_which_there_is_no_room_is_no_object() -> None:
    sname = Sname(b=1, level=500, origin=1, uname="x", view=VIEW)

    assert stepped(Knowing(VIEW), Receive(TWO, Named(str(sname)))).state == Knowing(VIEW)


def test_a_steward_tells_every_client_of_a_change() -> None:
    steward = Steward(VIEW, moving=(16, 29), changes=1, clients=(ONE, TWO))
    begun, left = Watching(VIEW, 1), WorldView(28, ((16, 2),))
    outcome = steward.step(begun, Change(16))

    assert steward.start(None) == Outcome(begun)
    assert list(steward.options(begun)) == [Change(16), Change(29)]
    assert outcome == Outcome(Watching(left, 0), (Send(ONE, Seen(left)), Send(TWO, Seen(left))))
    assert list(steward.options(Watching(left, 0))) == []


def test_other_messages_and_calls_change_nothing() -> None:
    steward = Steward(VIEW, moving=(16,), changes=1, clients=(ONE,))

    assert steward.step(Watching(VIEW, 1), Receive(ONE, "hello")) == Outcome(Watching(VIEW, 1))
    assert steward.step(Watching(VIEW, 1), Invoke("hello")) is None
    assert CLIENT.step(Knowing(VIEW), Receive(TWO, Named("1/2/3"))) == Outcome(Knowing(VIEW))
    assert CLIENT.step(Knowing(VIEW), Receive(TWO, "hello")) == Outcome(Knowing(VIEW))
    assert CLIENT.step(Knowing(VIEW), Invoke("hello")) is None
