"""Why some mutants may survive: written down in the specification, beside the properties.

A module of the specification may have a mapping `SURVIVORS` from a reason, in a sentence, to the
mutants that it explains: `"link.Link.step: a > b → a >= b"`, or the beginning of that and `…`.
"""

import sys
from collections.abc import Iterable, Mapping

from coterie.checks.check import Check

Reasons = Mapping[str, str]
REST = "…"


def reasons(checks: Iterable[Check]) -> Reasons:
    """Return the reason for each mutant (or beginning of some) that the checks' properties give."""
    modules = {claim.claim.__module__ for check in checks for claim in check.properties}
    found: dict[str, str] = {}
    for module in sorted(modules):
        written: Mapping[str, tuple[str, ...]] = getattr(sys.modules[module], "SURVIVORS", {})
        found |= {mutant: reason for reason, mutants in written.items() for mutant in mutants}
    return found


def reason(mutant: str, given: Reasons) -> str:
    """Return why `mutant` may survive; nothing where no reason is given."""
    return next((why for pattern, why in given.items() if explains(pattern, mutant)), "")


def explains(pattern: str, mutant: str) -> bool:
    """Return whether `pattern` is the mutant's name, or the beginning of it and `…`."""
    if pattern.endswith(REST):
        return mutant.startswith(pattern[: -len(REST)])
    return mutant == pattern
