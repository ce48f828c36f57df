"""Views form one chain: by induction over everything that can end a view.

Any number of processes, and of views with any members. That two majorities of a view meet is the
axiom; its arithmetic is `two_sides_of_a_view_share_a_member` in `majorities`. A member says how its
view ends by writing a batch and a trim into its row, which it does once; whoever installs the next
view has read the same in the rows of a majority.

Source: Jha et al., Derecho, ACM TOCS 2019, section 3.4; Birman and Joseph, SOSP 1987.
"""

from typing import Any

from attrs import evolve, frozen

from coterie.spec.lemmas.given import NOTHING, Given, Relation
from coterie.spec.lemmas.induction import Action, Claim, induction
from coterie.spec.lemmas.lemma import Goal, lemma
from coterie.spec.lemmas.symbols import Said, implies, no

PROCESS, VIEW, NUMBER, QUORUM = "process", "view", "number", "quorum"


@frozen
class Group:
    """What has happened so far.

    Attributes:
        said: which process has said of which view that which one follows it.
        agreed: of which view a majority has said that which one follows it.
        installed: which view was installed, under which number.
        reached: which numbers have a view.
    """

    said: Relation
    agreed: Relation
    installed: Relation
    reached: Relation


@frozen
class Views:
    """The views, their majorities and their numbers.

    Attributes:
        given: where the things are from.
        inside: which process is in which quorum.
        majority: which quorum is a majority of which view.
        follows: which number comes right before which.
    """

    given: Given
    inside: Relation
    majority: Relation
    follows: Relation

    @property
    def axioms(self) -> dict[str, Said]:
        """What is needed of majorities and numbers."""
        every, some = self.given.every, self.given.some
        meet = every(
            VIEW,
            QUORUM,
            QUORUM,
            have=lambda v, p, q: implies(
                self.majority(p, v) & self.majority(q, v),
                some(PROCESS, have=lambda x: self.inside(x, p) & self.inside(x, q)),
            ),
        )
        one_before = every(
            NUMBER,
            NUMBER,
            NUMBER,
            have=lambda a, b, n: implies(self.follows(a, n) & self.follows(b, n), a == b),
        )
        first = every(NUMBER, have=lambda n: no(self.follows(n, self._first[1])))
        return {
            "majorities of a view meet": meet,
            "a number has one before it": one_before,
            "the first number has none": first,
        }

    @property
    def _first(self) -> tuple[Any, Any]:
        """The first view, and its number."""
        return self.given.element("the first view", VIEW), self.given.element("0", NUMBER)

    @property
    def start(self) -> Group:
        """The first view is installed, and nothing is said."""
        view, number = self._first
        return Group(NOTHING, NOTHING, NOTHING.adding(view, number), NOTHING.adding(number))

    def a_member_says_one_thing(self, group: Group) -> Said:
        """Return whether no process has named two views that follow the same one."""
        return self.given.every(
            PROCESS,
            VIEW,
            VIEW,
            VIEW,
            have=lambda x, v, w, u: implies(group.said(x, v, w) & group.said(x, v, u), w == u),
        )

    def what_is_agreed_a_majority_has_said(self, group: Group) -> Said:
        """Return whether a majority stands behind what is agreed."""
        return self.given.every(
            VIEW,
            VIEW,
            have=lambda v, w: implies(
                group.agreed(v, w),
                self.given.some(
                    QUORUM,
                    have=lambda q: self.majority(q, v) & self._all_of(group, q, v, w),
                ),
            ),
        )

    def views_of_consecutive_numbers_are_agreed_on(self, group: Group) -> Said:
        """Return whether each installed view is what a majority of the one before has said."""
        return self.given.every(
            VIEW,
            VIEW,
            NUMBER,
            NUMBER,
            have=lambda v, w, n, m: implies(
                group.installed(v, n) & group.installed(w, m) & self.follows(n, m),
                group.agreed(v, w),
            ),
        )

    def an_installed_view_reaches_its_number(self, group: Group) -> Said:
        """Return whether the numbers of installed views are reached."""
        return self.given.every(
            VIEW,
            NUMBER,
            have=lambda v, n: implies(group.installed(v, n), group.reached(n)),
        )

    def no_number_is_left_out(self, group: Group) -> Said:
        """Return whether the number before one that is reached is reached too."""
        return self.given.every(
            NUMBER,
            NUMBER,
            have=lambda n, m: implies(group.reached(m) & self.follows(n, m), group.reached(n)),
        )

    def a_number_that_is_reached_has_a_view(self, group: Group) -> Said:
        """Return whether numbers that are reached have a view."""
        return self.given.every(
            NUMBER,
            have=lambda n: implies(
                group.reached(n), self.given.some(VIEW, have=lambda v: group.installed(v, n))
            ),
        )

    def a_number_has_one_view(self, group: Group) -> Said:
        """Return whether no two installed views have the same number."""
        return self.given.every(
            VIEW,
            VIEW,
            NUMBER,
            have=lambda v, w, n: implies(group.installed(v, n) & group.installed(w, n), v == w),
        )

    def a_view_has_one_successor(self, group: Group) -> Said:
        """Return whether on no view two different ones are agreed to follow."""
        return self.given.every(
            VIEW,
            VIEW,
            VIEW,
            have=lambda v, w, u: implies(group.agreed(v, w) & group.agreed(v, u), w == u),
        )

    @property
    def invariant(self) -> tuple[Claim[Group], ...]:
        """The conjuncts."""
        return (
            self.a_member_says_one_thing,
            self.what_is_agreed_a_majority_has_said,
            self.views_of_consecutive_numbers_are_agreed_on,
            self.an_installed_view_reaches_its_number,
            self.no_number_is_left_out,
            self.a_number_that_is_reached_has_a_view,
            self.a_number_has_one_view,
        )

    def actions(self, group: Group) -> list[Action[Group]]:
        """Return what may happen: to any process, in any view."""
        x, q = self.given.element("the process", PROCESS), self.given.element("they", QUORUM)
        v, w = self.given.element("the view", VIEW), self.given.element("the next", VIEW)
        n, m = self.given.element("its number", NUMBER), self.given.element("one more", NUMBER)
        silent = self.given.every(VIEW, have=lambda u: no(group.said(x, v, u)))
        return [
            Action(
                "a word",
                {"a member ends a view once": silent},
                evolve(group, said=group.said.adding(x, v, w)),
            ),
            Action(
                "an agreement",
                {"a majority has said so": self.majority(q, v) & self._all_of(group, q, v, w)},
                evolve(group, agreed=group.agreed.adding(v, w)),
            ),
            Action(
                "an installation",
                {
                    "the view is agreed on": group.agreed(v, w),
                    "the one before it is installed": group.installed(v, n),
                    "its number is the next": self.follows(n, m),
                },
                evolve(
                    group,
                    installed=group.installed.adding(w, m),
                    reached=group.reached.adding(m),
                ),
            ),
        ]

    def _all_of(self, group: Group, quorum: Any, view: Any, after: Any) -> Said:
        return self.given.every(
            PROCESS, have=lambda x: implies(self.inside(x, quorum), group.said(x, view, after))
        )


@lemma()
def views_form_a_chain(given: Given) -> list[Goal]:
    """Each view has at most one successor, and each number at most one view.

    In symbols: installed(v, n) and installed(w, n) implies v = w, in every state of every run.
    Why: by induction over the numbers. Two views that follow the same one have each a majority of
    it behind them, so a member of both; and that one has said one thing.
    Source: Jha et al., Derecho, 2019, section 3.4; Jha, recitation of CS 5412, section 5.
    """
    views = Views(
        given,
        inside=given.relation("inside", PROCESS, QUORUM),
        majority=given.relation("majority", QUORUM, VIEW),
        follows=given.relation("follows", NUMBER, NUMBER),
    )
    group = Group(
        said=given.relation("said", PROCESS, VIEW, VIEW),
        agreed=given.relation("agreed", VIEW, VIEW),
        installed=given.relation("installed", VIEW, NUMBER),
        reached=given.relation("reached", NUMBER),
    )
    safety = [views.a_view_has_one_successor, views.a_number_has_one_view]
    return induction(
        views.axioms, views.start, group, views.invariant, views.actions(group), safety
    )
