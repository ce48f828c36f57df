"""Joins and state transfer: what a joiner begins with, and what becomes of messages on the way."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from attrs import asdict, evolve, frozen

from coterie.checks.catalogue.synchrony import worlds
from coterie.checks.catalogue.synchrony.twins import none
from coterie.checks.check import Check, Mutant
from coterie.checks.mutation.named import changed
from coterie.checks.world import World
from coterie.model.machine import Effect, Event, Outcome, Receive, Send
from coterie.model.synchrony import transfer as model
from coterie.model.synchrony.member import Member, State
from coterie.model.synchrony.multicast import undelivered
from coterie.model.synchrony.state import Inside, Outside, rank_of
from coterie.model.synchrony.table import Counts
from coterie.model.synchrony.transfer import Transfer, Welcome
from coterie.spec.synchrony import pasts
from coterie.spec.synchrony import transfer as spec

Resent = tuple[Any, ...]


def group(**parameters: Any) -> World:
    """Return a group whose processes' pasts are kept; the parameters are those of any group."""
    return evolve(worlds.group(**parameters), observers={pasts.NAME: pasts.PASTS})


def ruled(**rules: dict[str, Any]) -> Callable[..., World]:
    """Return a maker of groups with these fields of their rules changed."""
    return partial(group, rules=rules)


def made_of(kind: type[Member]) -> Callable[..., World]:
    """Return a maker of groups whose members are of another kind; no message is dropped there."""

    def made(**parameters: Any) -> World:
        world = group(**parameters)
        machines = {
            node: kind(**asdict(member, recurse=False))
            for node, member in world.machines.items()
            if isinstance(member, Member)
        }
        return evolve(world, machines=machines, closing=())

    return made


def nothing(snapshot: Any, now: Any) -> Any:
    """Mutant: a joiner begins with nothing."""
    del snapshot, now
    return ()


def as_it_is(snapshot: Any, now: Any) -> Any:
    """Mutant: a joiner is given the state of the time at which it is told."""
    del snapshot
    return now


def all_again(inside: Inside, trim: Counts) -> Resent:
    """Mutant: also what the trim names is multicast again, where it was not delivered yet."""
    del trim
    return tuple(payload for payload in inside.held[rank_of(inside)] if payload is not None)


def backwards(inside: Inside, trim: Counts) -> Resent:
    """Mutant: what is above the trim is multicast again from the end."""
    return undelivered(inside, trim)[::-1]


def of_most(frontiers: Iterable[int]) -> int:
    """Mutant: deliver what more than half of the members have received."""
    each = sorted(frontiers)
    return each[(len(each) - 1) // 2]


def all_who_wait(waiting: int, staying: int) -> int:
    """Mutant: everybody who waits is let in, however few there are to tell them."""
    del staying
    return waiting


def nobody(waiting: int, staying: int) -> int:
    """Mutant: nobody is let in."""
    del waiting, staying
    return 0


@frozen
class Hasty(Member):
    """Mutant: the state for the joiners is taken before the end of the old view is delivered."""

    def _finished(self, state: Inside, effects: tuple[Effect, ...]) -> Outcome[State]:
        done = super()._finished(state, effects)
        return evolve(done, effects=[_with(effect, state.application) for effect in done.effects])


def _with(effect: Effect, application: Any) -> Effect:
    match effect:
        case Send(to, Welcome(view)):
            return Send(to, Welcome(view, application))
    return effect


@frozen
class Forgetful(Member):
    """Mutant: a member that is told that it may enter does so, whether it is inside or not."""

    def step(self, state: State, event: Event) -> Outcome[State] | None:
        """Take an event in; enter whenever told to."""
        match event:
            case Receive(_, Welcome()):
                return super().step(Outside(), event)
        return super().step(state, event)


CALM = {"crashes": 0}
LEAVING = {"told": (), "joiners": 2, "contacts": (1,), "leaving": (1,)}

CHECK = Check(
    name="synchrony.transfer",
    about="A group that a process joins, with the application's state at the start of its view.",
    world=group,
    properties=(
        spec.joins_with_the_state_of_its_view,
        spec.one_history,
        spec.nothing_twice,
        spec.nothing_from_before,
        spec.enters_once,
        spec.wishes_are_of_outsiders,
        spec.hosts_take_turns,
        spec.a_host_tells_once,
        spec.senders_keep_their_order,
        spec.nobody_speaks_before_the_joiners_are_in,
        spec.who_stays_is_heard,
        spec.all_are_in_one_view,
        spec.who_asks_is_let_in,
        spec.a_joiner_is_told_twice,
        spec.a_joiner_hears_before_it_is_in,
        spec.a_joiner_delivers,
    ),
    small={
        "size": 2,
        "told": (0, 1),
        "joiners": 1,
        "contacts": (0, 1),
        "crashes": 1,
        "crashing": ("member",),
    },
    full={"size": 3, "told": (0, 1, 0)},
    states=2_699,
    mutants={
        "empty_handed": Mutant(
            ruled(transfer={"given": nothing}),
            {"joins_with_the_state_of_its_view": 9, "one_history": 14},
            {**CALM, "told": (0, 2)},
        ),
        "told_of_now": Mutant(
            ruled(transfer={"given": as_it_is}, multicast={"ordered": False}),
            {"nothing_twice": 10, "nothing_from_before": 10},
        ),
        "before_the_trim": Mutant(made_of(Hasty), {"joins_with_the_state_of_its_view": 9}, CALM),
        "no_resend": Mutant(ruled(transfer={"resent": none}), {"who_stays_is_heard": 8}, CALM),
        "resends_kept": Mutant(
            ruled(transfer={"resent": all_again}),
            {"nothing_twice": 13, "nothing_from_before": 13, "who_stays_is_heard": 16},
            CALM,
        ),
        "new_before_old": Mutant(
            ruled(transfer={"resent": backwards}),
            {"senders_keep_their_order": 13},
            {**CALM, "told": (0, 2)},
        ),
        "one_host": Mutant(
            changed(
                group,
                model._is_host,  # noqa: SLF001
                "if member not in suspected → if True",
            ),
            {
                "who_stays_is_heard": 11,
                "all_are_in_one_view": 11,
                "who_asks_is_let_in": 11,
                "a_joiner_is_told_twice": None,
            },
        ),
        "early_is_dropped": Mutant(
            changed(
                group,
                Member._outside,  # noqa: SLF001
                "evolve(state) without early=_kept(state.early, push)",
            ),
            {"who_stays_is_heard": 15, "a_joiner_hears_before_it_is_in": None},
        ),
        "enters_again": Mutant(made_of(Forgetful), {"enters_once": 10}),
        "wishes_stay": Mutant(
            changed(group, Transfer.installed, "before.joining - members → before.joining"),
            {"wishes_are_of_outsiders": 6},
            CALM,
        ),
        "all_tell": Mutant(
            changed(
                group,
                model._is_host,  # noqa: SLF001
                "member == inside.name and member not in inside.view.joined"
                " → member not in inside.view.joined",
            ),
            {"hosts_take_turns": 5},
            CALM,
        ),
        "tells_again": Mutant(
            changed(group, Transfer.welcomed, "evolve(inside) without welcomed=True"),
            {"a_host_tells_once": 8},
            CALM,
        ),
        "impatient": Mutant(
            ruled(multicast={"stable": of_most}),
            {"nobody_speaks_before_the_joiners_are_in": 9},
            CALM,
        ),
        "forgets_wishes": Mutant(
            changed(
                group, Transfer.installed, "before.joining - members → members - before.joining"
            ),
            {"who_asks_is_let_in": 15},
            {**CALM, "told": (), "joiners": 2},
        ),
        "all_at_once": Mutant(
            ruled(membership={"let_in": all_who_wait}), {"all_are_in_one_view": 15}, LEAVING
        ),
        "nobody_is_let_in": Mutant(
            ruled(membership={"let_in": nobody}),
            {"who_asks_is_let_in": 8, "a_joiner_delivers": None},
            CALM,
        ),
    },
)
