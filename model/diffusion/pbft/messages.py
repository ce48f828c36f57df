"""What clients and replicas of PBFT say to one another.

A digest stands for what it is the digest of, for two things never have the same: so a request's
digest is the call itself, and a state's is the state. Who has a digest can look the thing up; that
it has to be fetched from another replica is left out.

What goes into certificates is signed, so that others can show it: `Proposed`, `Agreed`, `Reached`
and `Leaving` are what stands under the signatures. The rest needs no more than true channels.

Source: Castro and Liskov, Practical Byzantine Fault Tolerance, OSDI 1999, section 4.
"""

from typing import Any

from attrs import frozen

from coterie.model.diffusion.pbft.service import Service
from coterie.model.machine import Node
from coterie.model.signature import Signature


@frozen(cache_hash=True)
class Call:
    """An operation that a client asks for.

    Attributes:
        client: who asks.
        timestamp: the client's own count, so that the call is executed once.
        operation: what the service is to do.
    """

    client: Node
    timestamp: int
    operation: Any


Digest = Call | None
"""The digest of a request; None is the null request, whose execution does nothing."""


@frozen(cache_hash=True)
class Request:
    """REQUEST: a call, signed by its client."""

    call: Signature


@frozen(cache_hash=True)
class Proposed:
    """What a primary signs in a PRE-PREPARE: in `view` the request with that number is this.

    Attributes:
        view: the primary's view.
        number: the sequence number.
        digest: what stands for the request.
    """

    view: int
    number: int
    digest: Digest


@frozen(cache_hash=True)
class PrePrepare:
    """PRE-PREPARE: a `Proposed`, signed by the primary, and the client's signed call.

    Attributes:
        proposal: the signed `Proposed`.
        request: the call as its client has signed it.
    """

    proposal: Signature
    request: Signature


@frozen(cache_hash=True)
class Agreed:
    """What a backup signs in a PREPARE: it has accepted that proposal.

    Attributes:
        view: the proposal's view.
        number: its sequence number.
        digest: what it proposes.
    """

    view: int
    number: int
    digest: Digest


@frozen(cache_hash=True)
class Prepare:
    """PREPARE: an `Agreed`, signed by a backup.

    Attributes:
        vote: the signed `Agreed`.
    """

    vote: Signature


@frozen(cache_hash=True)
class Commit:
    """COMMIT: the sender has a certificate for that proposal.

    Attributes:
        view: the proposal's view.
        number: its sequence number.
        digest: what it proposes.
    """

    view: int
    number: int
    digest: Digest


@frozen(cache_hash=True)
class Reached:
    """What a replica signs in a CHECKPOINT: the service after the request of that number."""

    number: int
    service: Service


@frozen(cache_hash=True)
class Checkpoint:
    """CHECKPOINT: a `Reached`, signed.

    Attributes:
        vote: the signed `Reached`.
    """

    vote: Signature


@frozen(cache_hash=True)
class Certificate:
    """That a request is prepared: the primary's `Proposed`, and the `Agreed` of 2f backups."""

    proposal: Signature
    votes: frozenset[Signature]


@frozen(cache_hash=True)
class Leaving:
    """What a replica signs in a VIEW-CHANGE.

    Attributes:
        view: the view that it wants to start.
        stable: the number of its last stable checkpoint.
        proof: the 2f + 1 signed `Reached` that make it stable; none for the start, number 0.
        certificates: for each later number that is prepared, the one of the highest view.
    """

    view: int
    stable: int
    proof: frozenset[Signature]
    certificates: frozenset[Certificate]


@frozen(cache_hash=True)
class ViewChange:
    """VIEW-CHANGE: a `Leaving`, signed."""

    change: Signature


@frozen(cache_hash=True)
class NewView:
    """NEW-VIEW: the primary starts its view.

    Attributes:
        view: the view.
        changes: the signed `Leaving` of 2f + 1 replicas.
        proposals: what follows from them: a signed `Proposed` for each number, in order.
    """

    view: int
    changes: frozenset[Signature]
    proposals: tuple[Signature, ...]


@frozen(cache_hash=True)
class Reply:
    """REPLY: the result of the client's call with that timestamp.

    Attributes:
        view: the view that the sender is in, by which the client learns the primary.
        timestamp: the call's timestamp.
        result: what came of it.
    """

    view: int
    timestamp: int
    result: Any


@frozen(cache_hash=True)
class Executed:
    """What a replica tells whoever watches it: the request of that number is executed.

    Attributes:
        number: the number; a replica executes each once, in ascending order.
        digest: the request.
    """

    number: int
    digest: Digest


Message = Request | PrePrepare | Prepare | Commit | Checkpoint | ViewChange | NewView | Reply
