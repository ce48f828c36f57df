"""Membership on its own: nothing is multicast, and views come and go."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from attrs import evolve, fields_dict, frozen

from coterie.checks.catalogue.synchrony.twins import TakesOverAlone, anybody, anything, never
from coterie.checks.catalogue.synchrony.worlds import group, members
from coterie.checks.check import Check, Mutant
from coterie.checks.mutation.named import changed
from coterie.checks.world import World
from coterie.model.synchrony.member import Member
from coterie.model.synchrony.membership import Membership, _who_want_to_leave
from coterie.model.synchrony.state import Inside, leader, rank_of, row_of, writing
from coterie.model.synchrony.transfer import Transfer, _is_host
from coterie.model.synchrony.trim import Trim
from coterie.model.synchrony.view import Changes, View, first_view
from coterie.spec.synchrony import membership as spec
from coterie.spec.synchrony import views

Rules = Mapping[str, Mapping[str, Any]]


def world(founders: int = 3, **parameters: Any) -> World:
    """Return a group of so many, as `group` makes it, with a ghost of the views that there were."""
    ghost = views.views_from(first_view(*members(founders)))
    return evolve(group(founders, **parameters), observers={views.NAME: ghost})


def half(alive: int, members: int) -> bool:
    """Mutant: half of the members may go on."""
    return 2 * alive >= members


def nothing(proposals: tuple[Changes, ...]) -> None:
    """Mutant: a new leader forgets what the one before has proposed."""
    del proposals


def nobody(echoing: int, asked: int) -> bool:
    """Mutant: no view ever ends."""
    return echoing > asked


class JoinersFirst(Transfer):
    """Mutant: joiners come before those who were there already."""

    def next_view(self, inside: Inside) -> View:
        """Return the next view with the joiners in front."""
        view = super().next_view(inside)
        staying = tuple(node for node in view.members if node not in view.joined)
        return evolve(view, members=(*view.joined, *staying))


class InvitesBack(Transfer):
    """Mutant: who has been removed is asked for again."""

    def installed(self, inside: Inside, view: View, queue: tuple[Any, ...]) -> Inside:
        """Return the member in `view`, with a wish to have those back who are gone."""
        gone = frozenset(inside.view.members) - frozenset(view.members)
        return writing(super().installed(inside, view, queue), joining=gone)


class NoNewLeader(Membership):
    """Mutant: nobody leads after the first in rank."""

    def leads(self, inside: Inside) -> bool:
        """Return whether this member leads."""
        return rank_of(inside) == 0 and super().leads(inside)


class LeavesAtOnce(Membership):
    """Mutant: who wants to leave does not wait for its view to end."""

    def must_stop(self, inside: Inside) -> bool:
        """Return whether this member stops."""
        return row_of(inside).leaving or super().must_stop(inside)


@frozen(cache_hash=True)
class Follower(Inside):
    """A member that was led when it saw all wedged: it takes itself for led in all this view."""


class LeaderOnce(Trim):
    """Mutant: who leads the end of a view is settled once, when all are wedged.

    A follower then waits for its leader's trim. When the leader is gone, and the follower itself is
    the next one, it waits for its own. So an implementation that people use reads, in C++ (Derecho,
    as published); it was read, and not run, so that this is an apparent behaviour of it.
    """

    def decided(self, inside: Inside, membership: Membership) -> Inside:
        """Return `inside` with a trim decided; or, of who was led when all were wedged, as such."""
        if isinstance(inside, Follower):
            return inside
        if membership.all_wedged(inside) and leader(inside) != rank_of(inside):
            return Follower(**{name: getattr(inside, name) for name in fields_dict(Inside)})
        return super().decided(inside, membership)


FORGETS: Rules = {"membership": {"found": nothing}}
HEEDS_ANY_TRIM: Rules = {"trim": {"repeats": anything}}
TAKES_OVER_ALONE: Rules = {"member": {"membership": TakesOverAlone()}}
NO_NEW_LEADER: Rules = {"member": {"membership": NoNewLeader()}}
LAYOUT: Rules = {"membership": {"is_adequate": spec.is_provisioned}}

provisioned = partial(world, rules=LAYOUT)
leader_once = partial(world, rules={"member": {"trim": LeaderOnce()}})


JOINING = Check(
    name="synchrony.membership.joining",
    about="A process joins a group of three while one of the members may crash.",
    world=world,
    properties=(
        spec.views_form_one_chain,
        spec.a_majority_goes_on,
        spec.who_stays_keeps_its_place,
        spec.only_the_failed_are_removed,
        spec.one_batch_a_view,
        spec.the_wedged_stay_wedged,
        spec.no_view_change_is_stuck,
        spec.the_living_are_in_one_view,
        spec.who_asks_is_let_in,
        spec.a_batch_outlives_its_leader,
    ),
    small={"joiners": 1, "contacts": (1,), "crashes": 1, "crashing": ("member",)},
    full={"founders": 4, "crashing": ()},
    states=3_531,
    mutants={
        "takes_over_alone": Mutant(
            partial(world, rules=TAKES_OVER_ALONE),
            {"one_batch_a_view": 7, "no_view_change_is_stuck": 9},
        ),
        "takes_over_alone_and_heeds_any_trim": Mutant(
            partial(world, rules={**TAKES_OVER_ALONE, **HEEDS_ANY_TRIM}),
            {"views_form_one_chain": 9},
        ),
        "forgets": Mutant(
            partial(world, rules=FORGETS), {"one_batch_a_view": 7, "no_view_change_is_stuck": 9}
        ),
        "forgets_and_heeds_any_trim": Mutant(
            partial(world, rules={**FORGETS, **HEEDS_ANY_TRIM}), {"views_form_one_chain": 9}
        ),
        "no_new_leader": Mutant(
            partial(world, rules=NO_NEW_LEADER),
            {
                "no_view_change_is_stuck": 6,
                "the_living_are_in_one_view": 6,
                "a_batch_outlives_its_leader": None,
            },
        ),
        "joiners_first": Mutant(
            partial(world, rules={"member": {"transfer": JoinersFirst()}}),
            {"who_stays_keeps_its_place": 8},
        ),
        "blames_the_living": Mutant(world, {"only_the_failed_are_removed": 4}, {"suspicions": 1}),
        "leader_once": Mutant(
            leader_once, {"no_view_change_is_stuck": 10, "the_living_are_in_one_view": 10}
        ),
        "deaf": Mutant(
            changed(world, Transfer.asked, "joining | {process} → joining"),
            {"who_asks_is_let_in": 2},
        ),
        "first_host_only": Mutant(
            changed(world, _is_host, "if member not in suspected → if True"),
            {"who_asks_is_let_in": 14},
        ),
    },
)

SUSPICION = Check(
    name="synchrony.membership.suspicion",
    about="Members of a group of three are taken for failed, rightly or wrongly.",
    world=world,
    properties=(
        spec.views_form_one_chain,
        spec.a_majority_goes_on,
        spec.who_is_removed_never_returns,
        spec.who_is_told_that_it_failed_has_halted,
        spec.a_minority_has_halted,
        spec.one_batch_a_view,
        spec.the_wedged_stay_wedged,
        spec.no_view_change_is_stuck,
        spec.the_living_are_in_one_view,
        spec.a_view_follows,
    ),
    small={"suspicions": 2, "crashes": 1},
    full={"founders": 4},
    states=1_558,
    mutants={
        "split_brain": Mutant(
            partial(world, rules={"membership": {"has_majority": anybody}}),
            {"views_form_one_chain": 4, "a_majority_goes_on": 2},
            {"suspicions": 3, "crashes": 0},
        ),
        "half_is_enough": Mutant(
            partial(world, rules={"membership": {"has_majority": half}}),
            {"views_form_one_chain": 2, "a_majority_goes_on": 1},
            {"founders": 2, "crashes": 0},
        ),
        "half_of_four_is_enough": Mutant(
            partial(world, rules={"membership": {"has_majority": half}}),
            {"a_minority_has_halted": 2},
            {"founders": 4, "crashes": 0},
        ),
        "runs_on": Mutant(
            partial(world, rules={"membership": {"is_told": never}}),
            {"who_is_told_that_it_failed_has_halted": 2, "one_batch_a_view": 4},
        ),
        "unwedges": Mutant(
            changed(
                world,
                Membership.suspecting,
                "known | frozenset(suspected) & frozenset(inside.view.members)"
                " → frozenset(suspected) & frozenset(inside.view.members)",
            ),
            {"the_wedged_stay_wedged": 4, "no_view_change_is_stuck": 6},
        ),
        "takes_over_alone": Mutant(partial(world, rules=TAKES_OVER_ALONE), {"one_batch_a_view": 4}),
        "invites_back": Mutant(
            partial(world, rules={"member": {"transfer": InvitesBack()}}),
            {"who_is_removed_never_returns": 8},
        ),
        "no_new_leader": Mutant(
            partial(world, rules=NO_NEW_LEADER),
            {"no_view_change_is_stuck": 4, "the_living_are_in_one_view": 4},
        ),
        "never_ends": Mutant(
            partial(world, rules={"trim": {"all_echo": nobody}}), {"a_view_follows": None}
        ),
    },
)

LEAVING = Check(
    name="synchrony.membership.leaving",
    about="A member leaves a group of three by itself.",
    world=world,
    properties=(
        spec.views_form_one_chain,
        spec.only_the_failed_are_removed,
        spec.a_leaver_stays_to_the_end,
        spec.who_leaves_is_out,
        spec.no_view_change_is_stuck,
        spec.the_living_are_in_one_view,
        spec.a_view_follows,
    ),
    small={"leaving": (1,)},
    full={"leaving": (0, 1)},
    states=178,
    mutants={
        "never_leaves": Mutant(
            changed(world, _who_want_to_leave, "without yield member"),
            {"who_leaves_is_out": 3, "a_view_follows": None},
        ),
        "stays_on": Mutant(
            changed(world, Member._finished, "without Halt()"),  # noqa: SLF001
            {"who_leaves_is_out": 12, "the_living_are_in_one_view": 12},
        ),
        "leaves_at_once": Mutant(
            partial(world, rules={"member": {"membership": LeavesAtOnce()}}),
            {"a_leaver_stays_to_the_end": 1},
        ),
    },
)

PROVISIONED = Check(
    name="synchrony.membership.provisioned",
    about="A group that needs three members loses one, and waits for another.",
    world=provisioned,
    properties=(
        spec.views_form_one_chain,
        spec.every_view_is_adequate,
        spec.no_view_change_is_stuck,
        spec.the_living_are_in_one_view,
        spec.who_asks_is_let_in,
        spec.a_view_change_waits_for_a_joiner,
    ),
    small={"joiners": 1, "contacts": (1, 2), "crashes": 1, "crashing": ("member",)},
    full={"contacts": ()},
    states=15_091,
    mutants={
        "goes_on_too_small": Mutant(
            partial(
                changed(
                    world,
                    Membership._wanted,  # noqa: SLF001
                    "if self.is_adequate(successor(inside.view, changes)) → if True",
                ),
                rules=LAYOUT,
            ),
            {"every_view_is_adequate": 5, "a_view_change_waits_for_a_joiner": None},
            {"joiners": 0, "contacts": ()},
        ),
    },
)
