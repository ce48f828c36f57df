"""Who is in a group of PBFT, and what it takes for a proof: certificates, and new views.

Everything here is a question about signed words, which any replica answers alike.

Source: Castro and Liskov, Practical Byzantine Fault Tolerance, OSDI 1999, sections 4.3 and 4.4.
"""

from collections.abc import Callable, Iterable

from attrs import frozen

from coterie.model.diffusion.pbft.core import must_repeat
from coterie.model.diffusion.pbft.messages import (
    Agreed,
    Certificate,
    Digest,
    Leaving,
    Proposed,
    Reached,
)
from coterie.model.diffusion.pbft.quorums import (
    is_checkpoint_quorum,
    is_committed,
    is_prepared,
    is_reply_certain,
    is_view_change_joined,
    is_view_change_quorum,
)
from coterie.model.machine import Node
from coterie.model.signature import Signature, is_signed

Guard = Callable[[int, int], bool]


@frozen
class Group:
    """The replicas, and their quorums.

    Attributes:
        f: how many of them may be Byzantine.
        replicas: all of them, in the order in which they become primary.
        window: how many numbers above the last stable checkpoint may be in use.
        is_prepared: the guard of a certificate, over the prepares beside the pre-prepare, and f.
        is_committed: the guard of the local commit, over the commits, and f.
        is_checkpoint_quorum: the guard of a stable checkpoint, over its votes, and f.
        is_view_change_quorum: the guard of a new view, over the view changes, and f.
        is_view_change_joined: the guard of joining, over the others' view changes, and f.
        is_reply_certain: the guard of a client's result, over the equal replies, and f.
        must_repeat: which certificate binds a new view, by its view and the highest one.
    """

    f: int
    replicas: tuple[Node, ...]
    window: int = 4
    is_prepared: Guard = is_prepared
    is_committed: Guard = is_committed
    is_checkpoint_quorum: Guard = is_checkpoint_quorum
    is_view_change_quorum: Guard = is_view_change_quorum
    is_view_change_joined: Guard = is_view_change_joined
    is_reply_certain: Guard = is_reply_certain
    must_repeat: Guard = must_repeat

    def primary(self, view: int) -> Node:
        """Return who is the primary of `view`: each replica in its turn."""
        return self.replicas[view % len(self.replicas)]

    def is_within(self, number: int, stable: int) -> bool:
        """Return whether `number` is between the water marks."""
        return stable < number <= stable + self.window

    def is_certificate(self, certificate: Certificate) -> bool:
        """Return whether it shows that its proposal is prepared."""
        said = certificate.proposal.content
        return (
            isinstance(said, Proposed)
            and is_signed(certificate.proposal, self.primary(said.view), said)
            and self.has_votes(said, certificate.votes)
        )

    def has_votes(self, said: Proposed, votes: Iterable[Signature]) -> bool:
        """Return whether enough backups have signed that they agree to what is proposed."""
        agreed = Agreed(said.view, said.number, said.digest)
        backups = set(self.replicas) - {self.primary(said.view)}
        agreeing = {vote.signer for vote in votes if vote.content == agreed}
        return self.is_prepared(len(agreeing & backups), self.f)

    def is_stable(self, number: int, proof: frozenset[Signature]) -> bool:
        """Return whether `proof` shows a stable checkpoint; the start needs none."""
        said = {vote.content for vote in proof}
        signers = {vote.signer for vote in proof} & set(self.replicas)
        return number == 0 or (
            len(said) == 1
            and all(isinstance(one, Reached) and one.number == number for one in said)
            and self.is_checkpoint_quorum(len(signers), self.f)
        )

    def is_view_change(self, change: Signature) -> bool:
        """Return whether it is one that a correct replica could have sent, by all that it shows."""
        said = change.content
        return (
            isinstance(said, Leaving)
            and change.signer in self.replicas
            and self.is_stable(said.stable, said.proof)
            and all(self._belongs(one, said) for one in said.certificates)
        )

    def _belongs(self, certificate: Certificate, said: Leaving) -> bool:
        if not self.is_certificate(certificate):
            return False
        proposed: Proposed = certificate.proposal.content
        return proposed.view < said.view and self.is_within(proposed.number, said.stable)

    def starts_view(self, view: int, changes: frozenset[Signature]) -> bool:
        """Return whether these view changes are enough to start `view`."""
        signers = {change.signer for change in changes}
        return (
            len(signers) == len(changes)
            and all(map(self.is_view_change, changes))
            and all(change.content.view == view for change in changes)
            and self.is_view_change_quorum(len(signers), self.f)
        )

    def continued(self, view: int, changes: frozenset[Signature]) -> tuple[Signature, ...]:
        """Return the proposals with which `view` starts, signed by its primary.

        From the newest stable checkpoint to the newest certificate, each number gets the digest
        whose certificate is of the highest view, or the null request.
        """
        certificates = [one.proposal.content for it in changes for one in it.content.certificates]
        first = max(change.content.stable for change in changes)
        last = max((proposed.number for proposed in certificates), default=first)
        return tuple(
            Signature(self.primary(view), Proposed(view, number, self._bound(number, certificates)))
            for number in range(first + 1, last + 1)
        )

    def _bound(self, number: int, certificates: list[Proposed]) -> Digest:
        own = [proposed for proposed in certificates if proposed.number == number]
        highest = max((proposed.view for proposed in own), default=0)
        binding = [one.digest for one in own if self.must_repeat(one.view, highest)]
        return min(binding, key=repr) if binding else None
