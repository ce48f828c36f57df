"""The key of a verdict: everything that it hangs on, said in one text, and the hash of that."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import frozen

from coterie.checks.cache.sources import (
    Source,
    UnknownCodeError,
    environment,
    fingerprint,
    first_party,
)
from coterie.checks.canonical import canonical
from coterie.checks.check import Check
from coterie.spec.property import Property

FORMAT = 1


@frozen
class Key:
    """What is asked, of which code.

    Attributes:
        text: all of it, for people and for comparison.
    """

    text: str

    @property
    def name(self) -> str:
        """The hash of it: 64 hexadecimal digits."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def code_of(files: Iterable[Source]) -> dict[str, str]:
    """Return the fingerprint of these sources, and all else that runs with them."""
    return {"sources": fingerprint(files), **environment()}


def key(
    check: Check,
    claims: Sequence[Property],
    parameters: Mapping[str, Any],
    options: Mapping[str, str],
    code: Mapping[str, str],
) -> Key:
    """Return the key of what is asked of `check`.

    Attributes:
        options: what else was asked for: the size, the settings, and whatever changes an answer.
        code: what `code_of` says of the sources.
    Raises: UnknownCodeError where the check stands in no module under a name, so that one cannot
        tell which it is; TypeError where a parameter cannot be written down.
    """
    parts = {
        "format": FORMAT,
        "check": check.name,
        "defined": _places(check),
        "properties": [claim.name for claim in claims],
        "parameters": canonical(dict(parameters)),
        "options": dict(options),
        **code,
    }
    return Key(json.dumps(parts, sort_keys=True))


def _places(check: Check) -> list[str]:
    """Return under which names the check stands, since two may have the same one."""
    places = [
        f"{name}:{variable}"
        for name, module in first_party()
        for variable, value in vars(module).copy().items()
        if value is check
    ]
    if not places:
        raise UnknownCodeError(f"the check {check.name} stands in no module")
    return sorted(places)
