"""Agreement across views: by induction over everything that can happen to one number in PBFT.

Source: Castro and Liskov, Practical Byzantine Fault Tolerance, OSDI 1999, sections 4.2 and 4.4. The
shape of the invariant is that of proofs of Paxos: a proposal is safe when in every quorum somebody
correct has left each lower view without a commit to another digest.
"""

from attrs import frozen

from coterie.spec.lemmas.diffusion.voting import (
    COMMITTERS,
    DIGEST,
    PREPARERS,
    REPLICA,
    SILENCE,
    VIEW,
    Votes,
    Voting,
    any_votes,
    voting,
)
from coterie.spec.lemmas.given import Given
from coterie.spec.lemmas.induction import Claim, induction
from coterie.spec.lemmas.lemma import Goal, lemma
from coterie.spec.lemmas.symbols import Said, implies, no


@frozen
class Invariant:
    """What is true of all votes, from what a replica sends to what a quorum has decided.

    Attributes:
        of: the replicas, their quorums and views.
    """

    of: Voting

    def a_replica_prepares_what_is_permitted(self, votes: Votes) -> Said:
        """Return whether every correct replica prepares only permitted proposals."""
        return self.of.given.every(
            REPLICA,
            VIEW,
            DIGEST,
            have=lambda r, v, d: implies(
                self.of.correct(r) & votes.prepared(r, v, d), votes.proposed(v, d)
            ),
        )

    def a_replica_prepares_once_a_view(self, votes: Votes) -> Said:
        """Return whether every correct replica prepares one digest a view."""
        return self.of.given.every(
            REPLICA,
            VIEW,
            DIGEST,
            DIGEST,
            have=lambda r, v, d, e: implies(
                self.of.correct(r) & votes.prepared(r, v, d) & votes.prepared(r, v, e), d == e
            ),
        )

    def a_certificate_is_known_to_every_quorum(self, votes: Votes) -> Said:
        """Return whether in every quorum a correct replica has prepared what is certified."""
        return self.of.given.every(
            VIEW,
            DIGEST,
            PREPARERS,
            have=lambda v, d, q: implies(
                votes.certified(v, d),
                self.of.someone(lambda r: self.of.preparers(r, q) & votes.prepared(r, v, d)),
            ),
        )

    def a_view_certifies_one_digest(self, votes: Votes) -> Said:
        """Return whether all that is certified in one view is the same."""
        return self.of.given.every(
            VIEW,
            DIGEST,
            DIGEST,
            have=lambda v, d, e: implies(votes.certified(v, d) & votes.certified(v, e), d == e),
        )

    def a_replica_commits_what_is_certified(self, votes: Votes) -> Said:
        """Return whether every correct replica commits only to what is certified."""
        return self.of.given.every(
            REPLICA,
            VIEW,
            DIGEST,
            have=lambda r, v, d: implies(
                self.of.correct(r) & votes.committed(r, v, d), votes.certified(v, d)
            ),
        )

    def a_view_change_leaves_all_views_below(self, votes: Votes) -> Said:
        """Return whether every correct replica has left what is below its view changes."""
        return self.of.given.every(
            REPLICA,
            VIEW,
            VIEW,
            VIEW,
            have=lambda r, v, u, x: implies(
                self.of.correct(r)
                & (votes.bounded(r, v, u) | votes.blank(r, v))
                & self.of.below(x, v),
                votes.left(r, x),
            ),
        )

    def a_view_change_reports_the_newest_commit(self, votes: Votes) -> Said:
        """Return whether nothing above what a correct replica reports is committed by it."""
        return self.of.given.every(
            REPLICA,
            VIEW,
            VIEW,
            VIEW,
            DIGEST,
            have=lambda r, v, u, x, d: implies(
                self.of.correct(r)
                & votes.bounded(r, v, u)
                & self.of.below(u, x)
                & self.of.below(x, v),
                no(votes.committed(r, x, d)),
            ),
        )

    def a_blank_view_change_follows_no_commit(self, votes: Votes) -> Said:
        """Return whether a correct replica that reports nothing has committed to nothing."""
        return self.of.given.every(
            REPLICA,
            VIEW,
            VIEW,
            DIGEST,
            have=lambda r, v, x, d: implies(
                self.of.correct(r) & votes.blank(r, v) & self.of.below(x, v),
                no(votes.committed(r, x, d)),
            ),
        )

    def a_proposal_is_safe(self, votes: Votes) -> Said:
        """Return whether below a proposal no quorum has committed, or will, to another digest."""
        return self.of.given.every(
            VIEW,
            DIGEST,
            VIEW,
            DIGEST,
            COMMITTERS,
            have=lambda v, d, u, e, q: implies(
                votes.proposed(v, d) & self.of.below(u, v) & no(d == e),
                self.of.someone(
                    lambda r: (
                        self.of.committers(r, q) & votes.left(r, u) & no(votes.committed(r, u, e))
                    )
                ),
            ),
        )

    def what_is_decided_was_committed_by_a_quorum(self, votes: Votes) -> Said:
        """Return whether all correct replicas of a quorum have committed to what is decided."""
        return self.of.given.every(
            VIEW,
            DIGEST,
            have=lambda v, d: implies(
                votes.decided(v, d),
                self.of.given.some(
                    COMMITTERS,
                    have=lambda q: self.of.all_of(
                        self.of.committers,
                        q,
                        lambda r: implies(self.of.correct(r), votes.committed(r, v, d)),
                    ),
                ),
            ),
        )

    def decisions_agree(self, votes: Votes) -> Said:
        """Return whether all that is decided is the same."""
        return self.of.given.every(
            VIEW,
            VIEW,
            DIGEST,
            DIGEST,
            have=lambda v, u, d, e: implies(votes.decided(v, d) & votes.decided(u, e), d == e),
        )

    @property
    def conjuncts(self) -> tuple[Claim[Votes], ...]:
        """All of it but the claim itself."""
        return (
            self.a_replica_prepares_what_is_permitted,
            self.a_replica_prepares_once_a_view,
            self.a_certificate_is_known_to_every_quorum,
            self.a_view_certifies_one_digest,
            self.a_replica_commits_what_is_certified,
            self.a_view_change_leaves_all_views_below,
            self.a_view_change_reports_the_newest_commit,
            self.a_blank_view_change_follows_no_commit,
            self.a_proposal_is_safe,
            self.what_is_decided_was_committed_by_a_quorum,
        )


@lemma()
def no_two_digests_are_decided(given: Given) -> list[Goal]:
    """No two digests are committed for one number, in one view or in several.

    In symbols: decided(v, d) and decided(u, e) implies d = e, in every state of every run.
    Why: by induction. A correct replica prepares once a view, and two certificates share a correct
    replica; so a view certifies one digest. A new view hears of every commit, and builds on the
    newest certificate that it hears of; so what was, or may yet be, decided is proposed again.
    Source: Castro and Liskov 1999, sections 4.2 and 4.4.
    """
    of, votes = voting(given), any_votes(given)
    invariant = Invariant(of)
    actions, safety = of.actions(votes), [invariant.decisions_agree]
    return induction(of.axioms, SILENCE, votes, invariant.conjuncts, actions, safety)
