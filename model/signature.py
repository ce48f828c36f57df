"""Digital signatures as abstract tokens: who signed, and what."""

from typing import Any

from attrs import frozen

from coterie.model.machine import Node


@frozen(cache_hash=True)
class Signature:
    """The signature of `signer` under `content`; nobody else can make it, anybody can copy it."""

    signer: Node
    content: Any


def is_signed(signature: Signature, signer: Node, content: Any) -> bool:
    """Return whether `signature` is the one of `signer` under exactly `content`."""
    return signature == Signature(signer, content)
