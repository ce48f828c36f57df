"""What has been acknowledged is known along the whole way: by induction over all that can happen.

One update, and the way from its origin to any node of the tree: any number of nodes in a total
order, each with any number of replicas. A Byzantine replica acknowledges whenever it likes. A
correct one does so when it has the update, and, unless its node is the last, has been told so by
enough replicas of the next one. A client ends its write when it has heard enough of the first.

What enough means are two axioms, whose arithmetic is that of
`a_read_meets_every_completed_write` in `register` and
`an_acknowledgement_is_about_the_next_node` in `acknowledgements`.

Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 4.
"""

from typing import Any

from attrs import evolve, frozen

from coterie.spec.lemmas.given import NOTHING, Given, Relation
from coterie.spec.lemmas.induction import Action, Claim, induction
from coterie.spec.lemmas.lemma import Goal, lemma
from coterie.spec.lemmas.symbols import Said, implies, no

REPLICA, NODE, ACKS, READERS = "replica", "node", "ack set", "sample"


@frozen
class Progress:
    """How far the update has come.

    Attributes:
        held: the replicas that have it, or something newer.
        acked: the replicas that have acknowledged it.
        acknowledged: the nodes of which enough replicas have done so.
    """

    held: Relation
    acked: Relation
    acknowledged: Relation


@frozen
class _Way:
    """The nodes from the origin on, and their replicas.

    Attributes:
        given: where the things are from.
        correct: which replicas are correct.
        inside: which replica is in which node.
        acking: which replica is in which set of acknowledgements.
        answering: which replica is in which set of answers to a read.
        acks_of: which set of acknowledgements is one of which node.
        answers_of: which set of answers is one of which node.
        before: which node is nearer to the origin than which.
    """

    given: Given
    correct: Relation
    inside: Relation
    acking: Relation
    answering: Relation
    acks_of: Relation
    answers_of: Relation
    before: Relation

    @property
    def axioms(self) -> dict[str, Said]:
        """What is needed of nodes and quorums."""
        return {
            "a read meets every completed write": self.given.every(
                NODE,
                ACKS,
                READERS,
                have=lambda n, a, q: implies(
                    self.acks_of(a, n) & self.answers_of(q, n),
                    self._someone(lambda r: self.acking(r, a) & self.answering(r, q)),
                ),
            ),
            "an acknowledgement is about the next node": self.given.every(
                ACKS, have=lambda a: self._someone(lambda r: self.acking(r, a))
            ),
            "a replica is in one node": self.given.every(
                REPLICA,
                NODE,
                NODE,
                have=lambda r, n, m: implies(self.inside(r, n) & self.inside(r, m), n == m),
            ),
        }

    def _someone(self, does: Any) -> Said:
        return self.given.some(REPLICA, have=lambda r: self.correct(r) & does(r))

    def _is_known(self, progress: Progress, node: Any) -> Said:
        """Return whether every read there hears a correct replica that has the update."""
        return self.given.every(
            READERS,
            have=lambda q: implies(
                self.answers_of(q, node),
                self._someone(lambda r: self.answering(r, q) & progress.held(r)),
            ),
        )

    def replicas_have_what_they_acknowledge(self, progress: Progress) -> Said:
        """Return whether every correct replica that has acknowledged has the update."""
        return self.given.every(
            REPLICA,
            have=lambda r: implies(self.correct(r) & progress.acked(r), progress.held(r)),
        )

    def an_acknowledged_node_knows(self, progress: Progress) -> Said:
        """Return whether reads hear of the update wherever it is acknowledged."""
        return self.given.every(
            NODE, have=lambda n: implies(progress.acknowledged(n), self._is_known(progress, n))
        )

    def a_replica_acknowledges_for_all_beyond(self, progress: Progress) -> Said:
        """Return whether all nodes beyond a correct replica that acknowledged have done so."""
        return self.given.every(
            REPLICA,
            NODE,
            NODE,
            have=lambda r, n, m: implies(
                self.correct(r) & progress.acked(r) & self.inside(r, n) & self.before(n, m),
                progress.acknowledged(m),
            ),
        )

    def a_node_acknowledges_for_all_beyond(self, progress: Progress) -> Said:
        """Return whether all nodes beyond an acknowledged one have acknowledged."""
        return self.given.every(
            NODE,
            NODE,
            have=lambda n, m: implies(
                progress.acknowledged(n) & self.before(n, m), progress.acknowledged(m)
            ),
        )

    def every_node_from_an_acknowledged_one_on_knows(self, progress: Progress) -> Said:
        """Return whether reads hear of the update there, and everywhere beyond."""
        return self.given.every(
            NODE,
            NODE,
            have=lambda n, m: implies(
                progress.acknowledged(n) & no(self.before(m, n)), self._is_known(progress, m)
            ),
        )

    @property
    def invariant(self) -> tuple[Claim[Progress], ...]:
        """The conjuncts."""
        return (
            self.replicas_have_what_they_acknowledge,
            self.an_acknowledged_node_knows,
            self.a_replica_acknowledges_for_all_beyond,
            self.a_node_acknowledges_for_all_beyond,
        )

    def actions(self, progress: Progress) -> list[Action[Progress]]:
        """Return what may happen: to any replica of any node, and the one that comes next."""
        r, n = self.given.element("the replica", REPLICA), self.given.element("the node", NODE)
        m, a = self.given.element("the next node", NODE), self.given.element("the acks", ACKS)
        acked = evolve(progress, acked=progress.acked.adding(r))
        has_it = {
            "correct replicas acknowledge what they have": implies(
                self.correct(r), progress.held(r)
            ),
        }
        is_last = self.given.every(NODE, have=lambda x: no(self.before(n, x)))
        is_next = self.given.every(
            NODE, have=lambda x: implies(self.before(n, x), no(self.before(x, m)))
        )
        told = self.before(n, m) & is_next & progress.acknowledged(m)
        return [
            Action("a replica gets it", {}, evolve(progress, held=progress.held.adding(r))),
            Action(
                "a replica of the last node acknowledges",
                {
                    **has_it,
                    "its node is the last": implies(self.correct(r), self.inside(r, n) & is_last),
                },
                acked,
            ),
            Action(
                "a replica acknowledges",
                {
                    **has_it,
                    "the next node has told it": implies(self.correct(r), self.inside(r, n) & told),
                },
                acked,
            ),
            Action(
                "a node has acknowledged",
                {
                    "enough of its replicas have": self._all_of(a, progress.acked),
                    "they are in it": self.acks_of(a, n) & self._all_in(a, n),
                },
                evolve(progress, acknowledged=progress.acknowledged.adding(n)),
            ),
        ]

    def _all_of(self, acks: Any, did: Relation) -> Said:
        return self.given.every(REPLICA, have=lambda r: implies(self.acking(r, acks), did(r)))

    def _all_in(self, acks: Any, node: Any) -> Said:
        return self.given.every(
            REPLICA, have=lambda r: implies(self.acking(r, acks), self.inside(r, node))
        )


@lemma()
def a_completed_write_is_known_at_every_node(given: Given) -> list[Goal]:
    """Once the origin has acknowledged an update, every read at any node hears of it.

    In symbols: acknowledged(origin) implies that each set of answers, at each node of the way, has
    a correct replica that holds the update, in every state of every run.
    Why: by induction. A correct replica acknowledges for all that is beyond it, since it has heard
    the next node, where a correct replica has done so before; so what the client hears is about the
    whole tree, however deep.
    Source: Malkhi and Sella 2001, section 4, rules 4 to 7.
    """
    way = _Way(
        given,
        correct=given.relation("correct", REPLICA),
        inside=given.relation("inside", REPLICA, NODE),
        acking=given.relation("acking", REPLICA, ACKS),
        answering=given.relation("answering", REPLICA, READERS),
        acks_of=given.relation("acks of", ACKS, NODE),
        answers_of=given.relation("answers of", READERS, NODE),
        before=given.order("before", NODE),
    )
    progress = Progress(
        held=given.relation("held", REPLICA),
        acked=given.relation("acked", REPLICA),
        acknowledged=given.relation("acknowledged", NODE),
    )
    start = Progress(NOTHING, NOTHING, NOTHING)
    safety = [way.every_node_from_an_acknowledged_one_on_knows]
    return induction(way.axioms, start, progress, way.invariant, way.actions(progress), safety)
