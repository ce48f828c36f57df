"""One value is chosen: by induction over everything that can happen in Paxos.

Any number of acceptors, of ballots in a total order, and of values. What an acceptor reports with a
promise are its votes below that ballot; it casts no more of them, so a leader may as well look at
its votes themselves. That any two quorums meet is the axiom; its arithmetic is that of
`majorities_meet` in `paxos`.

Source: Lamport, Paxos Made Simple, 2001, section 2.
"""

from typing import Any

from attrs import evolve, frozen

from coterie.spec.lemmas.given import NOTHING, Given, Relation
from coterie.spec.lemmas.induction import Action, Claim, induction
from coterie.spec.lemmas.lemma import Goal, lemma
from coterie.spec.lemmas.symbols import Said, implies, no

ACCEPTOR, BALLOT, VALUE, QUORUM = "acceptor", "ballot", "value", "quorum"


@frozen
class Synod:
    """What has happened so far.

    Attributes:
        joined: which acceptor has made a promise for which ballot.
        left: which acceptor has promised, or voted in, a higher ballot than which.
        proposed: in which ballot which value was proposed.
        voted: which acceptor has voted in which ballot for which value.
        chosen: in which ballot for which value a quorum has voted.
    """

    joined: Relation
    left: Relation
    proposed: Relation
    voted: Relation
    chosen: Relation


@frozen
class Paxos:
    """The acceptors, their quorums, and the ballots.

    Attributes:
        given: where the things are from.
        inside: which acceptor is in which quorum.
        below: which ballot is before which.
    """

    given: Given
    inside: Relation
    below: Relation

    @property
    def axioms(self) -> dict[str, Said]:
        """What is needed of quorums."""
        meet = self.given.every(
            QUORUM,
            QUORUM,
            have=lambda p, q: self.given.some(
                ACCEPTOR, have=lambda a: self.inside(a, p) & self.inside(a, q)
            ),
        )
        return {"majorities meet": meet}

    def _all_of(self, quorum: Any, do: Any) -> Said:
        return self.given.every(ACCEPTOR, have=lambda a: implies(self.inside(a, quorum), do(a)))

    def a_ballot_has_one_proposal(self, synod: Synod) -> Said:
        """Return whether in each ballot one value is proposed."""
        return self.given.every(
            BALLOT,
            VALUE,
            VALUE,
            have=lambda b, v, w: implies(synod.proposed(b, v) & synod.proposed(b, w), v == w),
        )

    def what_is_voted_for_was_proposed(self, synod: Synod) -> Said:
        """Return whether votes are for proposals."""
        return self.given.every(
            ACCEPTOR,
            BALLOT,
            VALUE,
            have=lambda a, b, v: implies(synod.voted(a, b, v), synod.proposed(b, v)),
        )

    def a_promise_leaves_all_ballots_below(self, synod: Synod) -> Said:
        """Return whether an acceptor has left what is below its promises."""
        return self.given.every(
            ACCEPTOR,
            BALLOT,
            BALLOT,
            have=lambda a, b, c: implies(synod.joined(a, b) & self.below(c, b), synod.left(a, c)),
        )

    def a_proposal_is_safe(self, synod: Synod) -> Said:
        """Return whether below a proposal no quorum has voted, or will, for another value."""
        return self.given.every(
            BALLOT,
            VALUE,
            BALLOT,
            VALUE,
            QUORUM,
            have=lambda b, v, c, w, q: implies(
                synod.proposed(b, v) & self.below(c, b) & no(v == w),
                self.given.some(
                    ACCEPTOR,
                    have=lambda a: self.inside(a, q) & synod.left(a, c) & no(synod.voted(a, c, w)),
                ),
            ),
        )

    def what_is_chosen_has_a_quorum(self, synod: Synod) -> Said:
        """Return whether a quorum has voted for what is chosen."""
        return self.given.every(
            BALLOT,
            VALUE,
            have=lambda b, v: implies(
                synod.chosen(b, v),
                self.given.some(
                    QUORUM, have=lambda q: self._all_of(q, lambda a: synod.voted(a, b, v))
                ),
            ),
        )

    def choices_agree(self, synod: Synod) -> Said:
        """Return whether all that is chosen is the same."""
        return self.given.every(
            BALLOT,
            BALLOT,
            VALUE,
            VALUE,
            have=lambda b, c, v, w: implies(synod.chosen(b, v) & synod.chosen(c, w), v == w),
        )

    @property
    def invariant(self) -> tuple[Claim[Synod], ...]:
        """The conjuncts."""
        return (
            self.a_ballot_has_one_proposal,
            self.what_is_voted_for_was_proposed,
            self.a_promise_leaves_all_ballots_below,
            self.a_proposal_is_safe,
            self.what_is_chosen_has_a_quorum,
        )

    def actions(self, synod: Synod) -> list[Action[Synod]]:
        """Return what may happen: of any acceptor, in any ballot, to any value."""
        a, b = (
            self.given.element("the acceptor", ACCEPTOR),
            self.given.element("the ballot", BALLOT),
        )
        v, q = self.given.element("the value", VALUE), self.given.element("they", QUORUM)
        left = synod.left.adding_where(lambda one, c: (one == a) & self.below(c, b))
        voted = self._all_of(q, lambda a: synod.voted(a, b, v))
        return [
            Action("a promise", {}, evolve(synod, joined=synod.joined.adding(a, b), left=left)),
            *self._proposals(synod, b, v, q),
            Action(
                "a vote",
                {
                    "acceptors vote for proposals": synod.proposed(b, v),
                    "acceptors vote in no ballot below their promise": no(synod.left(a, b)),
                },
                evolve(synod, voted=synod.voted.adding(a, b, v), left=left),
            ),
            Action(
                "a choice",
                {"a quorum has voted": voted},
                evolve(synod, chosen=synod.chosen.adding(b, v)),
            ),
        ]

    def _proposals(self, synod: Synod, b: Any, v: Any, q: Any) -> list[Action[Synod]]:
        """Return the two ways to propose: freely, and bound by the highest vote reported."""
        a, c = self.given.element("the voter", ACCEPTOR), self.given.element("the older", BALLOT)
        promised = {
            "a leader proposes once": self.given.every(
                VALUE, have=lambda w: no(synod.proposed(b, w))
            ),
            "a quorum has promised": self._all_of(q, lambda a: synod.joined(a, b)),
        }
        after = evolve(synod, proposed=synod.proposed.adding(b, v))
        bound = self.inside(a, q) & synod.voted(a, c, v) & self.below(c, b)
        return [
            Action(
                "a free proposal",
                {**promised, "none of them has voted": self._votes_only_up_to(synod, q, b, None)},
                after,
            ),
            Action(
                "a bound proposal",
                {
                    **promised,
                    "one of them has voted for it": bound,
                    "none of them has voted later": self._votes_only_up_to(synod, q, b, c),
                },
                after,
            ),
        ]

    def _votes_only_up_to(self, synod: Synod, quorum: Any, ballot: Any, last: Any) -> Said:
        """Return whether no vote of a quorum below a ballot is after the last one, if any."""
        return self._all_of(
            quorum,
            lambda a: self.given.every(
                BALLOT,
                VALUE,
                have=lambda c, w: implies(
                    synod.voted(a, c, w) & self.below(c, ballot),
                    False if last is None else no(self.below(last, c)),
                ),
            ),
        )


@lemma()
def one_value_is_chosen(given: Given) -> list[Goal]:
    """No two values are chosen, in one ballot or in several.

    In symbols: chosen(b, v) and chosen(c, w) implies v = w, in every state of every run.
    Why: by induction. Whatever quorum could have chosen another value below a proposal, it shares
    an acceptor with the quorum that promised; that one has left the ballots below without such a
    vote, or reported it, and then the leader proposed the same.
    Source: Lamport 2001, section 2.2, P2c.
    """
    paxos = Paxos(given, given.relation("inside", ACCEPTOR, QUORUM), given.order("below", BALLOT))
    synod = Synod(
        joined=given.relation("joined", ACCEPTOR, BALLOT),
        left=given.relation("left", ACCEPTOR, BALLOT),
        proposed=given.relation("proposed", BALLOT, VALUE),
        voted=given.relation("voted", ACCEPTOR, BALLOT, VALUE),
        chosen=given.relation("chosen", BALLOT, VALUE),
    )
    start = Synod(*(NOTHING,) * 5)
    safety = [paxos.choices_agree]
    return induction(paxos.axioms, start, synod, paxos.invariant, paxos.actions(synod), safety)
