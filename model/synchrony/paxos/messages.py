"""What the nodes of single-decree Paxos say; the network tells who has said it.

Source: Lamport, "Paxos Made Simple", ACM SIGACT News 2001, section 2.2.
"""

from attrs import frozen


@frozen(cache_hash=True)
class Ask:
    """Prepare request (1a): the proposer of `ballot` asks for a promise."""

    ballot: int


@frozen(cache_hash=True)
class Promise:
    """Answer to it (1b): the sender takes part in no ballot below `ballot` any more.

    Attributes:
        ballot: the one that is promised.
        voted_ballot: the ballot of the sender's last vote; NONE before the first.
        voted_value: the value of that vote; NONE before the first.
    """

    ballot: int
    voted_ballot: int
    voted_value: int


@frozen(cache_hash=True)
class Propose:
    """Accept request (2a): the proposer of `ballot` asks for votes for `value`."""

    ballot: int
    value: int


@frozen(cache_hash=True)
class Vote:
    """Acceptance (2b): the sender has voted for `value` in `ballot`."""

    ballot: int
    value: int


@frozen(cache_hash=True)
class Refused:
    """The sender takes no part in `ballot`, since it has promised a higher one."""

    ballot: int
    promised: int


@frozen(cache_hash=True)
class Decided:
    """The sender has learnt that `value` is chosen."""

    value: int


Message = Ask | Promise | Propose | Vote | Refused | Decided
