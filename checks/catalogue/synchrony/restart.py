"""Restarts of a group, from what may be on the disks of its processes."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from attrs import evolve

from coterie.checks.catalogue.synchrony.durable import nothing, one_is_enough, world
from coterie.checks.catalogue.synchrony.worlds import members
from coterie.checks.check import Check, Mutant
from coterie.checks.mutation.named import changed
from coterie.checks.world import World
from coterie.model.machine import Node
from coterie.model.synchrony.disk import Ending, Memory
from coterie.model.synchrony.durable import DurableMember
from coterie.model.synchrony.restart import Reports, Restart, longest, may_promise, to_follow
from coterie.model.synchrony.state import Item
from coterie.model.synchrony.view import Changes, View, first_view, successor
from coterie.spec.synchrony import durable as spec

Disks = Mapping[Node, Memory]


def disks() -> tuple[Disks, ...]:
    """Return what three processes may find on their disks when all of them are back.

    In the first, one of them has written more than the others. In the second, one was removed from
    the group, which went on. In the third, one knows how its view ends, one has gone on, and the
    last was removed. In the fourth, two have restarted without the third, which has more on its
    disk, and gone on.
    """
    zero, one, two = members(3)
    first = first_view(zero, one, two)
    old, older, new = Item(0, one, "member1.0"), Item(0, two, "older"), Item(1, one, "new")
    without_zero = successor(first, Changes(frozenset({zero})))
    without_two = successor(first, Changes(frozenset({two})))
    alive, restarted = Memory(without_zero, (old,)), Memory(View(1, (zero, one)), (new,))
    ending = Memory(first, (), Ending(without_two, (0, 1, 0)))
    return (
        {zero: Memory(first), one: Memory(first, (old,)), two: Memory(first)},
        {zero: Memory(first), one: alive, two: alive},
        {zero: ending, one: Memory(without_two, (old,)), two: Memory(first)},
        {zero: restarted, one: restarted, two: Memory(first, (old, older))},
    )


def back(**parameters: Any) -> World:
    """Return three processes that are back, with any of the `disks`."""
    return evolve(world(size=3, **parameters), starts=disks())


def parted() -> Disks:
    """Return what five processes may find, two of which have missed that others were let in.

    The first three were members. The view with the other two was installed by the first alone,
    which has let them in; then those three have gone on without the rest, and multicast.
    """
    zero, one, two, three, four = members(5)
    first = first_view(zero, one, two)
    joined = successor(first, Changes(frozenset(), (three, four)))
    later = successor(joined, Changes(frozenset({one, two})))
    ahead = Memory(later, (Item(2, three, "old"),))
    behind = Memory(first, (), Ending(joined, (0, 0, 0)))
    return {zero: ahead, one: behind, two: behind, three: ahead, four: ahead}


def both(calling: tuple[tuple[int, ...], ...], **parameters: Any) -> World:
    """Return five processes that are back, with the disks of `parted`.

    Attributes:
        calling: the ranks of those whom each calls, by rank; all where none are named.
    """
    names = members(5)
    within = world(size=5, **parameters)
    machines = dict(within.machines)
    for node, ranks in zip(names, calling, strict=False):
        machine, company = machines[node], tuple(names[rank] for rank in ranks)
        assert isinstance(machine, DurableMember)
        machines[node] = evolve(machine, company=company)
    return evolve(within, machines=machines, starts=(parted(),))


def never(present: int, members: int) -> bool:
    """Mutant: no number of processes is enough."""
    return present > members


def nothing_follows(reports: Reports) -> tuple[View, ...]:
    """Mutant: forget what may have come after the newest view that somebody was in."""
    return to_follow(reports)[:0]


RESTART = Check(
    name="synchrony.durable.restart",
    about="Three processes that are back begin again with what is on their disks.",
    world=back,
    properties=(
        spec.all_reports_are_of_one_log,
        spec.what_is_reported_is_on_every_disk,
        spec.later_views_have_what_was_reported,
        spec.one_view_a_number,
        spec.a_majority_knows_of_every_view,
        spec.a_log_is_not_cut_in_its_view,
        spec.something_is_reported_later,
        spec.a_tail_is_cut_off,
    ),
    small={"leads": (1, 0, 1), "later": (1,)},
    full={"crashes": 1, "restarts": 1},
    states=15_695,
    mutants={
        "anyone_restarts": Mutant(
            partial(back, restart={"has_majority": one_is_enough}),
            {"all_reports_are_of_one_log": 4, "later_views_have_what_was_reported": 4},
        ),
        "counts_strangers": Mutant(
            changed(
                back,
                Restart._may_speak_for,  # noqa: SLF001
                "set(view.members) & set(present) → set(present)",
            ),
            {"all_reports_are_of_one_log": 13, "later_views_have_what_was_reported": 10},
            {"leads": (0, 1, 1), "later": (0, 1, 1)},
        ),
        "takes_the_shortest": Mutant(
            changed(back, longest, "max(lengths) → min(lengths)"),
            {"a_log_is_not_cut_in_its_view": 5},
            {"leads": (1,)},
        ),
        "takes_any_log": Mutant(
            changed(back, Restart._log, "for … in reports without if memory.view == last"),  # noqa: SLF001
            {"a_log_is_not_cut_in_its_view": 6},
            {"leads": (1,)},
        ),
        "commits_at_once": Mutant(
            partial(back, restart={"all_ready": one_is_enough}),
            {"a_majority_knows_of_every_view": 4},
            {"leads": (1,)},
        ),
        "promises_twice": Mutant(
            changed(back, may_promise, "number > bound → number >= bound"),
            {"one_view_a_number": 12},
        ),
        "reports_nothing": Mutant(
            partial(back, everywhere=nothing),
            {"something_is_reported_later": None},
            {"leads": (1,)},
        ),
        "never_restarts": Mutant(
            partial(back, restart={"has_majority": never}),
            {"something_is_reported_later": None, "a_tail_is_cut_off": None},
        ),
    },
)

PARTED = Check(
    name="synchrony.durable.parted",
    about="Those who have missed the end of their view do not begin again without the others.",
    world=both,
    properties=(
        spec.all_reports_are_of_one_log,
        spec.later_views_have_what_was_reported,
        spec.one_view_a_number,
        spec.something_is_reported_later,
    ),
    small={"calling": ((3, 4), (2,)), "leads": (1, 1), "later": (0, 1)},
    full={"calling": ()},
    states=564,
    mutants={
        "forgets_what_follows": Mutant(
            partial(both, restart={"to_follow": nothing_follows}),
            {"all_reports_are_of_one_log": 20, "later_views_have_what_was_reported": 18},
        ),
    },
)
