"""The quorums of the two-phase lookup, as guards over plain numbers.

Of 3f + 1 servers at most f are Byzantine, and nothing is signed. A client asks all of them and
cannot wait for more than 2f + 1, since f may stay silent for ever.

`coterie.spec.lemmas` proves what they are for, for every f: so each is written with + − × and
comparisons alone, which a solver's numbers understand as well.

Source: Shadmon and Srivastav, "Replicated and Consistent Distributed Data Storage", section V-B.
"""


def server_count(f: int) -> int:
    """Return how many servers there are: 3f + 1."""
    return 3 * f + 1


def is_vouched(answers: int, f: int) -> bool:
    """Return whether so many servers that say the same outvote all others: 2f + 1 or more.

    Why: f + 1 of them are correct, so at most 2f servers are left to say anything else.
    """
    return answers >= 2 * f + 1


def is_witnessed(answers: int, f: int) -> bool:
    """Return whether so many servers that say the same include a correct one: f + 1 or more."""
    return answers >= f + 1
