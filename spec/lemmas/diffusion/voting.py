"""What can happen to one number in PBFT, over any number of views.

Any number of replicas, of views in a total order, and of digests. A Byzantine replica sends
whatever it likes, but a certificate is a quorum's prepares, and a proposal in a new view is taken
only with the view changes that permit it: those cannot be forged. So it does not matter who is the
primary, nor that a correct replica prepares nothing in a view that it left.

Three kinds of quorums are told apart, to see what is needed of each: those of prepares, of commits
and of view changes. That they meet in correct replicas are axioms; their arithmetic is that of
`two_certificates_share_a_correct_replica` and `a_new_view_hears_of_every_commit` in `pbft`.

Source: Castro and Liskov, Practical Byzantine Fault Tolerance, OSDI 1999, sections 4.2 and 4.4.
"""

from typing import Any

from attrs import evolve, frozen

from coterie.spec.lemmas.given import NOTHING, Given, Relation, Sort
from coterie.spec.lemmas.induction import Action
from coterie.spec.lemmas.symbols import Said, implies, no

REPLICA, VIEW, DIGEST = "replica", "view", "digest"
PREPARERS, COMMITTERS, LEAVERS = "prepare quorum", "commit quorum", "leaving quorum"


@frozen
class Votes:
    """What has been sent so far.

    Attributes:
        proposed: in which view which digest was proposed, and permitted.
        prepared: which replica has prepared in which view which digest; a primary by proposing it.
        certified: for which view and digest a quorum has prepared.
        committed: which replica has sent a commit in which view for which digest.
        decided: in which view which digest is committed by a quorum.
        left: which replica has left which view, for a higher one.
        bounded: which replica's view change for which view has no certificate above which view.
        blank: which replica's view change for which view has no certificate at all.
    """

    proposed: Relation
    prepared: Relation
    certified: Relation
    committed: Relation
    decided: Relation
    left: Relation
    bounded: Relation
    blank: Relation


SILENCE = Votes(*(NOTHING,) * 8)


def any_votes(given: Given) -> Votes:
    """Return votes of which nothing is known."""
    columns: dict[str, tuple[Sort, ...]] = {
        "proposed": (VIEW, DIGEST),
        "prepared": (REPLICA, VIEW, DIGEST),
        "certified": (VIEW, DIGEST),
        "committed": (REPLICA, VIEW, DIGEST),
        "decided": (VIEW, DIGEST),
        "left": (REPLICA, VIEW),
        "bounded": (REPLICA, VIEW, VIEW),
        "blank": (REPLICA, VIEW),
    }
    return Votes(**{name: given.relation(name, *sorts) for name, sorts in columns.items()})


@frozen
class Voting:
    """The replicas, their quorums and views, and what may happen.

    Attributes:
        given: where the things are from.
        correct: which replicas are correct.
        preparers: which replica is in which quorum of prepares.
        committers: which replica is in which quorum of commits.
        leavers: which replica is in which quorum of view changes.
        below: which view is before which.
    """

    given: Given
    correct: Relation
    preparers: Relation
    committers: Relation
    leavers: Relation
    below: Relation

    @property
    def axioms(self) -> dict[str, Said]:
        """What is needed of quorums."""
        return {
            "two certificates share a correct replica": self.given.every(
                PREPARERS,
                PREPARERS,
                have=lambda p, q: self.someone(
                    lambda r: self.preparers(r, p) & self.preparers(r, q)
                ),
            ),
            "a new view hears of every commit": self.given.every(
                COMMITTERS,
                LEAVERS,
                have=lambda c, q: self.someone(
                    lambda r: self.committers(r, c) & self.leavers(r, q)
                ),
            ),
        }

    def someone(self, does: Any) -> Said:
        """Return whether some correct replica does that."""
        return self.given.some(REPLICA, have=lambda r: self.correct(r) & does(r))

    def all_of(self, inside: Relation, quorum: Any, do: Any) -> Said:
        """Return whether all replicas of a quorum do that."""
        return self.given.every(REPLICA, have=lambda r: implies(inside(r, quorum), do(r)))

    def up_to(self, one: Any, other: Any) -> Said:
        """Return whether a view is the other, or before it."""
        return no(self.below(other, one))

    def actions(self, votes: Votes) -> list[Action[Votes]]:
        """Return what may happen: of any replica, in any view, to any digest."""
        r, v = self.given.element("the replica", REPLICA), self.given.element("the view", VIEW)
        d, u = self.given.element("the digest", DIGEST), self.given.element("the older view", VIEW)
        return [
            self._first(votes, v, d),
            self._free(votes, v, d),
            self._bound(votes, v, d, u),
            self._prepare(votes, r, v, d),
            self._certify(votes, v, d),
            self._commit(votes, r, v, d),
            self._decide(votes, v, d),
            self._report(votes, r, v, u),
            self._report_nothing(votes, r, v),
        ]

    def _first(self, votes: Votes, v: Any, d: Any) -> Action[Votes]:
        first = self.given.every(VIEW, have=lambda u: self.up_to(v, u))
        after = evolve(votes, proposed=votes.proposed.adding(v, d))
        return Action("a proposal in the first view", {"it is the first view": first}, after)

    def _free(self, votes: Votes, v: Any, d: Any) -> Action[Votes]:
        q = self.given.element("the view changes", LEAVERS)
        return Action(
            "a free proposal",
            {
                "a quorum changes to it without a certificate": self.all_of(
                    self.leavers, q, lambda r: votes.blank(r, v)
                ),
            },
            evolve(votes, proposed=votes.proposed.adding(v, d)),
        )

    def _bound(self, votes: Votes, v: Any, d: Any, u: Any) -> Action[Votes]:
        q = self.given.element("the view changes", LEAVERS)
        return Action(
            "a bound proposal",
            {
                "a certificate has that digest": votes.certified(u, d) & self.below(u, v),
                "a quorum changes to it without a newer one": self.all_of(
                    self.leavers, q, lambda r: votes.bounded(r, v, u)
                ),
            },
            evolve(votes, proposed=votes.proposed.adding(v, d)),
        )

    def _enters(self, votes: Votes, r: Any, v: Any) -> Relation:
        """Return who has left which view, once a replica acts in one."""
        return votes.left.adding_where(lambda s, u: (s == r) & self.below(u, v))

    def _prepare(self, votes: Votes, r: Any, v: Any, d: Any) -> Action[Votes]:
        fresh = self.given.every(DIGEST, have=lambda e: no(votes.prepared(r, v, e)))
        return Action(
            "a prepare",
            {
                "correct replicas prepare what is permitted": implies(
                    self.correct(r), votes.proposed(v, d)
                ),
                "correct replicas prepare once a view": implies(self.correct(r), fresh),
            },
            evolve(
                votes,
                prepared=votes.prepared.adding(r, v, d),
                left=self._enters(votes, r, v),
            ),
        )

    def _certify(self, votes: Votes, v: Any, d: Any) -> Action[Votes]:
        q = self.given.element("the prepares", PREPARERS)
        prepared = self.all_of(self.preparers, q, lambda r: votes.prepared(r, v, d))
        after = evolve(votes, certified=votes.certified.adding(v, d))
        return Action("a certificate", {"a quorum has prepared": prepared}, after)

    def _commit(self, votes: Votes, r: Any, v: Any, d: Any) -> Action[Votes]:
        return Action(
            "a commit",
            {
                "correct replicas commit with a certificate": implies(
                    self.correct(r), votes.certified(v, d)
                ),
                "correct replicas do not act in views that they left": implies(
                    self.correct(r), no(votes.left(r, v))
                ),
            },
            evolve(
                votes,
                committed=votes.committed.adding(r, v, d),
                left=self._enters(votes, r, v),
            ),
        )

    def _decide(self, votes: Votes, v: Any, d: Any) -> Action[Votes]:
        q = self.given.element("the commits", COMMITTERS)
        committed = self.all_of(self.committers, q, lambda r: votes.committed(r, v, d))
        after = evolve(votes, decided=votes.decided.adding(v, d))
        return Action("a decision", {"a quorum has committed": committed}, after)

    def _report(self, votes: Votes, r: Any, v: Any, u: Any) -> Action[Votes]:
        newest = self.given.every(
            VIEW,
            DIGEST,
            have=lambda x, d: implies(
                votes.committed(r, x, d) & self.below(x, v), self.up_to(x, u)
            ),
        )
        return Action(
            "a view change with a certificate",
            {
                "correct replicas report their newest certificate": implies(
                    self.correct(r), newest
                ),
            },
            evolve(
                votes,
                bounded=votes.bounded.adding_where(
                    lambda s, w, x: (s == r) & (w == v) & self.up_to(u, x)
                ),
                left=self._enters(votes, r, v),
            ),
        )

    def _report_nothing(self, votes: Votes, r: Any, v: Any) -> Action[Votes]:
        nothing = self.given.every(
            VIEW, DIGEST, have=lambda x, d: implies(self.below(x, v), no(votes.committed(r, x, d)))
        )
        return Action(
            "a view change without a certificate",
            {
                "correct replicas report nothing only after no commit": implies(
                    self.correct(r), nothing
                ),
            },
            evolve(
                votes,
                blank=votes.blank.adding(r, v),
                bounded=votes.bounded.adding_where(lambda s, w, _: (s == r) & (w == v)),
                left=self._enters(votes, r, v),
            ),
        )


def voting(given: Given) -> Voting:
    """Return replicas and quorums of which nothing is known but the axioms."""
    return Voting(
        given,
        correct=given.relation("correct", REPLICA),
        preparers=given.relation("preparers", REPLICA, PREPARERS),
        committers=given.relation("committers", REPLICA, COMMITTERS),
        leavers=given.relation("leavers", REPLICA, LEAVERS),
        below=given.order("below", VIEW),
    )
